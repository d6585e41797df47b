"""Salted hashes of what people said or signed, put into the log in batches: each row is in one batch, whatever stopped in the middle."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from postme.keeping.store.ledger import Drafted, Leaf, Ledger, Publishing
from postme.office import sealing
from postme.publication import What

# Chosen: 130 KB of hashes in one entry; more go into the next.
A_BATCH = 2_000
_WHO = "the site"


@dataclass(frozen=True, slots=True)
class Batch:
    """What batches of one thing are: the beginning of their addresses, their kind, and from a number to the facts that each begins with."""

    base: str
    kind: str
    facts: Callable[[int], Mapping[str, Any]]
    reason: str


class Salted:
    """The batches of a data folder. ``origin`` is the log's name."""

    def __init__(self, folder: Path, origin: str, ledger: Ledger) -> None:
        self._folder, self._origin, self._ledger = folder, origin, ledger

    def seal(self, batch: Batch, unsealed: Callable[[], Sequence[Any]]) -> list[Leaf]:
        """Put what is unsealed now into the log; nothing where there is nothing. Rows have ``hash``, ``salt`` and ``leaf``."""
        found: list[Leaf] = []
        while rows := unsealed():
            log = sealing.Log(self._folder, self._origin, self._ledger)
            found += log.publish(partial(self._published, batch, unsealed))
            if len(rows) < A_BATCH:
                break
        return found

    def _published(self, batch: Batch, unsealed: Callable[[], Sequence[Any]], seal: Callable[[Sequence[Leaf]], None]) -> list[Leaf]:  # fmt: skip
        rows: list[Any] = []

        def sealed(leaves: Sequence[Leaf]) -> None:
            for leaf in leaves:
                _marked(rows, leaf.index)
            seal(leaves)

        now = datetime.datetime.now(datetime.UTC)
        return self._ledger.publish(partial(_drawn, batch, unsealed, rows), who=_WHO, at=now, salt=partial(secrets.token_hex, 16), seal=sealed)  # fmt: skip


def _drawn(batch: Batch, unsealed: Callable[[], Sequence[Any]], kept: list[Any], _: Drafted | None) -> list[Publishing]:
    """Asked inside the transaction: what is unsealed now, as an entry of hashes."""
    from postme.keeping.store import models

    rows = unsealed()
    # What was sealed before the machine stopped stands in the newest entry already.
    newest = models.Entry.objects.filter(address__startswith=batch.base).order_by("-leaf").first()
    known = newest.twin if newest else ""
    left = [row for row in rows if row.hash not in known]
    if newest:
        _marked([row for row in rows if row.hash in known], newest.leaf)
    if not left:
        return []
    kept += left
    number = models.Entry.objects.filter(address__startswith=batch.base).count() + 1
    facts = {**batch.facts(number), "number": number, "count": len(left), "sealed": sorted(row.hash for row in left)}
    return [Publishing(f"{batch.base}{number}/", batch.kind, What.PUBLISHED, facts, batch.reason)]


def _marked(rows: Iterable[Any], leaf: int) -> None:
    """Write down where rows were sealed, unless they changed meanwhile: what changed has another salt."""
    for row in rows:
        type(row).objects.filter(pk=row.pk, salt=row.salt).update(leaf=leaf)
