"""What the public may know of letters in lists: which there are, how many signed each, who was handed it. A draft is none of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Exists, OuterRef, Subquery, Value
from django.db.models.functions import Concat

from postme import letter
from postme.keeping.store.lettering import Delivery, LetterVersion, OpenLetter, Signed
from postme.keeping.store.letters import came_back, text_of
from postme.keeping.store.published import Entry
from postme.letter import Change, State, Text, Version


def listed(*, town: str = "", about: str = "", start: int = 0, most: int = 50) -> list[dict[str, Any]]:
    """Letters in a list, the newest first, without their words: those that the public may see, of a town, about an address."""
    newest = LetterVersion.objects.filter(letter=OuterRef("letter")).order_by("-number").values("number")[:1]
    rows = LetterVersion.objects.filter(letter__in=_public(town), number=Subquery(newest)).select_related("letter__coalition__town")  # fmt: skip
    rows = rows.filter(text__about=about) if about else rows
    return [_listed(row.letter, row) for row in rows.order_by("-letter__opened", "-letter")[start : start + most]]


def how_many(town: str = "") -> int:
    """How many letters the public may see."""
    return int(_public(town).count())


def _public(town: str) -> Any:
    entry = Entry.objects.visible().filter(address=Concat(Value("/letters/"), OuterRef("slug"), Value("/")))
    rows = OpenLetter.objects.exclude(state=State.DRAFT.value).filter(Exists(entry)).select_related("coalition__town")
    return rows.filter(coalition__town=town) if town else rows


def _listed(row: OpenLetter, version: LetterVersion) -> dict[str, Any]:
    text, town = version.text, row.coalition.town
    return {
        "id": row.pk, "address": row.address, "slug": row.slug, "title": text["title"], "to": text["to"], "ask": text["ask"], "deadline": text.get("deadline"), "coalition": row.coalition.name,
        "place": {"id": town.id, "name": town.name}, "fiction": town.fiction, "state": row.state, "last_day": row.last_day.isoformat() if row.last_day else None,
        "opened": row.opened.date().isoformat() if row.opened else None, "closed": row.closed.date().isoformat() if row.closed else None,
    }  # fmt: skip


def counted(ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Of some letters the signatures level by level, as ``letter.tally`` has them."""
    some = list(ids)
    versions: dict[int, list[Version]] = {one: [] for one in some}
    for own, number, sha256, change in LetterVersion.objects.filter(letter__in=some).order_by("number").values_list("letter", "number", "sha256", "change"):  # fmt: skip
        versions[own].append(Version(number, sha256, Change(change)))
    rows: dict[int, list[tuple[str, int, int]]] = {one: [] for one in some}
    counting = Signed.objects.filter(letter__in=some, state__in=letter.COUNTED).order_by()  # fmt: skip
    for own, level, number, n in counting.values_list("letter", "level", "version__number").annotate(n=Count("pk")):
        rows[own].append((level, number, n))
    return {one: letter.tally(rows[one], versions[one]) for one in some}


def handed(ids: Iterable[int]) -> dict[int, list[letter.Handed]]:
    """Of some letters to whom they were handed, and what those did; who got no mail was handed nothing."""
    told: dict[int, list[letter.Handed]] = {}
    rows = list(Delivery.objects.filter(letter__in=list(ids)).order_by("on", "pk"))
    lost = came_back(row.outgoing for row in rows)
    for row in (one for one in rows if one.outgoing not in lost):
        told.setdefault(row.letter_id, []).append(letter.Handed(row.to, row.on, letter.Outcome(row.outcome) if row.outcome else None, row.answered))  # fmt: skip
    return told


def open_texts(town: str, most: int = 10) -> list[Text]:
    """The words of the letters of a town's coalitions that are open for signing, the newest first."""
    ids = list(_public(town).filter(state=State.OPEN.value).order_by("-opened", "-pk").values_list("pk", flat=True)[:most])  # fmt: skip
    newest = {row.letter_id: row.text for row in LetterVersion.objects.filter(letter__in=ids).order_by("number")}
    return [text_of(newest[one]) for one in ids if one in newest]
