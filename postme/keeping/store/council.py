"""The seats of a town's bodies and how each voted, as rows. What is told of votes is told of published proposals only."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from postme.errors import WrongUse
from postme.keeping.store.register import Register, whole

# Chosen: three hundred technologies, each voted on five times.
_MOST = 2000


@dataclass(frozen=True, slots=True)
class SeatRow:
    """A seat and who holds it. ``number`` is 0 before it is kept; ``verified`` is the day on which somebody looked at ``source``."""

    number: int
    body: str
    ward: str
    holder: str
    since: datetime.date | None
    until: datetime.date | None
    verified: datetime.date
    source: str
    contact: str = ""

    def sits(self, on: datetime.date) -> bool:
        """Whether it is held that day, as far as is known."""
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class VoteRow:
    """One vote of one member: on which proposal, on what step of it, when, how, and what they said."""

    seat: int
    slug: str
    title: str
    technologies: tuple[str, ...]
    deed: int
    kind: str
    on: datetime.date
    motion: str
    vote: str
    said: str


class Council:
    """The seats of a data folder's towns."""

    def __init__(self, folder: Path) -> None:
        self.file = Register(folder).file

    def seats(self, town: str) -> list[SeatRow]:
        """Every seat that was ever entered, as people read a list: by body, ward and day."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            return [_seat(row) for row in models.Seat.objects.filter(town_id=town).order_by("body", "ward", "since", "pk")[:_MOST]]  # fmt: skip

    def sitting(self, town: str, on: datetime.date) -> list[SeatRow]:
        """Those that are held on a day."""
        return [one for one in self.seats(town) if one.sits(on)]

    def one(self, town: str, number: int) -> SeatRow | None:
        """A seat of a town by its number."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            row = models.Seat.objects.filter(town_id=town, pk=number).first()
        return _seat(row) if row else None

    def add(self, town: str, named: str, seats: Iterable[SeatRow], *, fiction: bool) -> tuple[int, int]:
        """Enter seats: how many are new, and how many were there and are verified anew. The same holder of the same seat since the same day is one."""
        from postme.keeping.store import models

        new = again = 0
        with whole(self.file):
            models.Town.objects.get_or_create(id=town, defaults={"name": named, "fiction": fiction})
            for one in seats:
                told = {key: value for key, value in asdict(one).items() if key != "number"}
                same = models.Seat.objects.filter(town_id=town, body=one.body, ward=one.ward, holder=one.holder)
                # A seat whose first day nobody had told is the same, now with its day.
                known = same.filter(since=one.since).first() or same.filter(since=None, until=None).first()
                if known:
                    models.Seat.objects.filter(pk=known.pk).update(**told)
                else:
                    models.Seat.objects.create(town_id=town, **told)
                new, again = new + (known is None), again + (known is not None)
        return new, again

    def change(self, town: str, number: int, **told: Any) -> None:
        """End a seat or verify it anew. Raises WrongUse where there is none."""
        from postme.keeping.store import models

        with whole(self.file):
            if not models.Seat.objects.filter(town_id=town, pk=number).update(**told):
                raise WrongUse("There is no such seat.", where="seat", why="Nothing was changed.", do="Choose one from the list.")  # fmt: skip

    def votes(self, town: str, seat: int | None = None) -> list[VoteRow]:
        """How members voted, the newest first: on proposals that are published now, corrected steps left out."""
        from postme.keeping.store import models

        asked: dict[str, Any] = {"seat__town_id": town, "deed__proposal__public": True, "deed__replaced_by": None}
        if seat is not None:
            asked["seat_id"] = seat
        with whole(self.file, atomic=False):
            rows = list(
                models.Voice.objects.filter(**asked).select_related("deed__proposal").order_by("-deed__on", "-deed__position", "seat_id")[: _MOST * 10]
            )  # fmt: skip
            slugs = {row.deed.proposal.slug for row in rows}
            shown = _shown(slugs)
        return [
            VoteRow(
                row.seat_id, own.slug, own.title, tuple(own.technologies), row.deed_id, row.deed.kind, row.deed.on, row.deed.told.get("motion", ""), row.vote, row.said
            )
            for row in rows
            for own in (row.deed.proposal,)
            if own.slug in shown
        ]  # fmt: skip

    def voted(self, town: str, kinds: Iterable[str]) -> list[tuple[str, str, tuple[str, ...], int, str, datetime.date]]:
        """Every vote that a body took on a published proposal, with or without a roll call: slug, title, technologies, deed, kind, day."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = list(
                models.Deed.objects.filter(proposal__town_id=town, proposal__public=True, kind__in=list(kinds), replaced_by=None)
                .select_related("proposal").order_by("-on", "-position")[:_MOST]
            )  # fmt: skip
            shown = _shown({row.proposal.slug for row in rows})
        return [
            (row.proposal.slug, row.proposal.title, tuple(row.proposal.technologies), row.pk, row.kind, row.on)
            for row in rows
            if row.proposal.slug in shown
        ]

    def titles(self, slugs: Iterable[str]) -> dict[str, str]:
        """Of some proposals those that the public may see now, with their titles."""
        with whole(self.file, atomic=False):
            return _shown(slugs)

    # -- figures of the town

    def figures(self, town: str) -> list[Mapping[str, Any]]:
        """The town's figures, each with its source."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            row = models.Town.objects.filter(pk=town).values_list("figures", flat=True).first()
        return list(row or [])

    def replace_figures(
        self, town: str, named: str, series: Iterable[str], rows: Iterable[Mapping[str, Any]], *, fiction: bool
    ) -> None:
        """Put figures in place of those of the same series."""
        from postme.keeping.store import models

        gone = set(series)
        with whole(self.file):
            models.Town.objects.get_or_create(id=town, defaults={"name": named, "fiction": fiction})
            row = models.Town.objects.select_for_update().get(pk=town)
            row.figures = [*(one for one in row.figures if one.get("series") not in gone), *rows]
            row.turn += 1
            row.save(update_fields=["figures", "turn"])


def _shown(slugs: Iterable[str]) -> dict[str, str]:
    """Of some proposals those whose entry may be seen now, with their titles: the one rule of visibility."""
    from postme.keeping.store import models

    addresses = models.Entry.objects.visible().filter(address__in=[f"/decisions/{one}/" for one in slugs])
    return {str(address).split("/")[2]: str(title) for address, title in addresses.values_list("address", "title")}


def _seat(row: Any) -> SeatRow:
    return SeatRow(row.pk, row.body, row.ward, row.holder, row.since, row.until, row.verified, row.source, row.contact)
