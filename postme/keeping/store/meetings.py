"""Meetings of a town's bodies, and what is on their agendas, as rows."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from postme.errors import WrongUse
from postme.keeping.store.docket import written_down
from postme.keeping.store.register import whole


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """A meeting with what is on its agenda: (slug, kind of deed) in order."""

    number: int
    town: str
    body: str
    on: datetime.date
    begins: str
    zone: str
    where: str
    how_to_speak: str
    called_off: bool
    items: tuple[tuple[str, str], ...] = ()


class Meetings:
    """The meetings of a store; ``file`` is the ledger's."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def call(self, told: Mapping[str, Any], *, who: str, at: datetime.datetime, number: int | None = None) -> int:
        """Call a meeting, or change one: its number."""
        from postme.keeping.store import models

        with whole(self.file):
            if number is None:
                number = int(models.Meeting.objects.create(**told, who=who, at=at).pk)
            elif not models.Meeting.objects.filter(pk=number).update(**told, who=who, at=at):
                raise WrongUse(f"There is no meeting {number}.", where="meeting", why="Nothing was changed.", do="Choose one from the list of meetings.")  # fmt: skip
            written_down(who, at, "meeting", f"meeting {number}")
        return number

    def put_on(self, meeting: int, slugs: Sequence[str], kind: str) -> None:
        """Put proposals on the agenda of a meeting; one that is on it already stays where it is."""
        from postme.keeping.store import models

        with whole(self.file):
            start = models.Item.objects.filter(meeting_id=meeting).count()
            ids = dict(models.Proposal.objects.filter(slug__in=slugs).values_list("slug", "pk"))
            for place, slug in enumerate(slugs):
                models.Item.objects.get_or_create(
                    meeting_id=meeting, proposal_id=ids[slug], kind=kind, defaults={"position": start + place}
                )

    def taken_off(self, meeting: int, slug: str, kind: str) -> None:
        """Take a proposal off an agenda."""
        from postme.keeping.store import models

        with whole(self.file):
            models.Item.objects.filter(meeting_id=meeting, proposal__slug=slug, kind=kind, done=None).delete()

    def one(self, number: int) -> MeetingRow:
        """A meeting by its number. Raises WrongUse where there is none."""
        found = self._found(pk=number)
        if not found:
            raise WrongUse(f"There is no meeting {number}.", where="meeting", why="Nothing can be put on it.", do="Choose one from the list of meetings.")  # fmt: skip
        return found[0]

    def several(
        self, town: str | None = None, *, since: datetime.date | None = None, slug: str | None = None
    ) -> list[MeetingRow]:
        """Meetings, the earliest first: of a town, from a day on, with a proposal on the agenda."""
        asked: dict[str, Any] = {}
        if town is not None:
            asked["town_id"] = town
        if since is not None:
            asked["on__gte"] = since
        if slug is not None:
            asked["items__proposal__slug"] = slug
        return self._found(**asked)

    def _found(self, **asked: Any) -> list[MeetingRow]:
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = (
                models.Meeting.objects.filter(**asked)
                .order_by("on", "begins", "pk")
                .distinct()
                .prefetch_related("items__proposal")[:500]
            )
            return [
                MeetingRow(
                    row.pk, row.town_id, row.body, row.on, row.begins, row.zone, row.where, row.how_to_speak, row.called_off,
                    tuple((item.proposal.slug, item.kind) for item in sorted(row.items.all(), key=lambda item: (item.position, item.pk))),
                )
                for row in rows
            ]  # fmt: skip
