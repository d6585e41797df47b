"""What a letter's claims rest on, as it is now: it stands, was corrected since, was withdrawn, or is not known here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any

from postme.errors import WrongUse
from postme.keeping import laws
from postme.keeping.store.register import whole
from postme.letter import Claim, Text
from postme.publication import What


class Ground(StrEnum):
    """How that stands on which a claim rests."""

    STANDS = "stands"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


HOLDS = (Ground.STANDS.value, Ground.CORRECTED.value)
"""Those on which a claim still rests."""


def claim(file: Path, passage: str, address: str) -> Claim:
    """A claim on what stands at an address of this site now. Raises WrongUse where nothing stands there that a letter can rest on."""
    found = _standing(file, [address]).get(address)
    if found is None:
        raise WrongUse(
            f"Nothing is published at {address or 'this address'} that a letter can rest on.", where="claims", why="A reader who opens the passage would find nothing.",
            do="Copy the address of a record’s quote, a holding, a decision, a law or a search from this site.",
        )  # fmt: skip
    return Claim(passage, plain(address), found[1])


def told(file: Path, text: Text) -> list[dict[str, Any]]:
    """The claims of a text, each with the title of what it rests on and how that stands (``Ground``)."""
    addresses = [one.address for one in text.claims]
    there, once = _standing(file, addresses), _published(file, addresses)
    corrected = _corrected(file, {one.leaf for one in text.claims if one.leaf is not None and one.address in there and there[one.address][1] != one.leaf})  # fmt: skip
    return [
        {**one.printed(), "title": there[one.address][0] if one.address in there else "", "state": _ground(one, there, once, corrected).value}
        for one in text.claims
    ]  # fmt: skip


def _ground(one: Claim, there: Collection[str], once: Collection[str], corrected: Collection[int | None]) -> Ground:
    if one.address in there:
        return Ground.CORRECTED if one.leaf in corrected else Ground.STANDS
    # Only what was public here can have been withdrawn here; of anything else, this site knows nothing.
    return Ground.WITHDRAWN if one.address in once else Ground.UNKNOWN


def _entries(addresses: Iterable[str]) -> dict[str, str]:
    """The address of the entry that each lies in: a quote or a page of a record is a part of its record."""
    paths = {one: plain(one).partition("#")[0].partition("?")[0] for one in addresses}
    return {one: found[1] if (found := re.match(r"(/records/[0-9a-f]{64}/)", path)) else path for one, path in paths.items()}  # fmt: skip


def _standing(file: Path, addresses: Iterable[str]) -> dict[str, tuple[str, int | None]]:
    """The title of what stands at each address, and its entry's leaf (None for a law); nothing for one where nothing stands."""
    from postme.keeping.store import models

    entries = _entries(addresses)
    with whole(file, atomic=False):
        rows = models.Entry.objects.visible().filter(address__in={*entries.values()})
        there: dict[str, tuple[str, int | None]] = {address: (title, leaf) for address, title, leaf in rows.values_list("address", "title", "leaf")}  # fmt: skip
    for path in entries.values():
        if (found := re.fullmatch(r"/laws/([a-z0-9][a-z0-9.-]*)/", path)) and (law := laws.book().laws.get(found[1])):
            there[path] = (law.name, None)
    return {one: there[path] for one, path in entries.items() if path in there}


def _published(file: Path, addresses: Iterable[str]) -> set[str]:
    """Those at which something was published here, whatever became of it."""
    from postme.keeping.store import models

    entries = _entries(addresses)
    with whole(file, atomic=False):
        known = set(models.Entry.objects.filter(address__in={*entries.values()}).values_list("address", flat=True))
    return {one for one, path in entries.items() if path in known}


def _corrected(file: Path, leaves: Collection[int]) -> set[int]:
    """Those of some entries of the log after which what they tell of was corrected or blacked out."""
    from postme.keeping.store import models

    if not leaves:
        return set()
    with whole(file, atomic=False):
        of = dict(models.Version.objects.filter(leaf__in=leaves).values_list("leaf", "entry_id"))
        newest: dict[int, int] = {}
        for entry, leaf in models.Version.objects.filter(entry__in={*of.values()}, what__in=[What.CORRECTED.value, What.REDACTED.value]).values_list("entry_id", "leaf"):  # fmt: skip
            newest[entry] = max(leaf, newest.get(entry, leaf))
    return {leaf for leaf, entry in of.items() if newest.get(entry, leaf) > leaf}


def plain(address: str) -> str:
    """An address of this site without its host and its language.

    >>> plain("https://example.org/es/laws/us-mn/#a")
    '/laws/us-mn/#a'
    """
    path = re.sub(r"^https?://[^/]+", "", address.strip())
    return re.sub(r"^/[a-z]{2}(?=/)", "", path)[:400]
