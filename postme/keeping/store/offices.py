"""Who holds which role in a town's process, as rows: since when, until when, handed to whom."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from postme.errors import WrongUse
from postme.keeping.store.register import whole

# Chosen: fifty years of a large city.
_MOST = 2_000


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """Somebody's role in a town; ``agency`` is the name of the body that a liaison acts for, ``until`` is ``None`` while it lasts."""

    number: int
    town: str
    town_name: str
    person: str
    role: str
    agency: str
    since: datetime.datetime
    until: datetime.datetime | None
    handed_to: str
    given_by: str


class Offices:
    """The roles of a store's towns; ``file`` is the ledger's."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def several(self, *, now: bool = True, **asked: Any) -> list[OfficeRow]:
        """Those that last, or those that are over, the newest first."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = models.Office.objects.select_related("town").filter(until__isnull=now, **asked).order_by("town__name", "role", "person", "-since")  # fmt: skip
            return [
                OfficeRow(row.pk, row.town_id, row.town.name, row.person, row.role, row.agency, row.since, row.until, row.handed_to, row.given_by)
                for row in rows[:_MOST]
            ]  # fmt: skip

    def asked(self, town: str, person: str, agency: str) -> None:
        """Raises WrongUse where somebody may not act as a body's liaison.

        Where nobody is named for the body, nor that person for another one, whoever has the role may.
        """
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = list(models.Office.objects.filter(town=town, role="liaison", until=None).order_by("person").values_list("person", "agency"))  # fmt: skip
        named = [one for one, body in rows if body == agency]
        if person in named or not (named or any(one == person for one, _ in rows)):
            return
        raise WrongUse(
            f"You are not named for {agency}.", where="agency", why="A liaison writes and hands in what their own body proposes, so that everybody knows who answers for it.",
            do=f"Leave it to {' or '.join(named[:3])}, or ask a clerk to name you." if named else "Ask a clerk to name you for it.",
        )  # fmt: skip

    def give(self, town: str, person: str, role: str, agency: str, *, by: str, at: datetime.datetime) -> None:
        """Begin a role. Raises WrongUse where that person has it already."""
        from postme.keeping.store import models

        told = {"town_id": town, "person": person, "role": role, "agency": agency}
        with whole(self.file):
            if models.Office.objects.filter(until=None, **told).exists():
                raise WrongUse(f"{person} is named for that already.", where="person", why="They would be told of everything twice.", do="Leave it as it is.")  # fmt: skip
            models.Office.objects.create(**told, since=at, given_by=by)
            _note(by, at, "office given", person, f"{role} {agency} {town}")

    def end(self, number: int, to: str = "", *, by: str, at: datetime.datetime) -> int:
        """End a role; where it is handed ``to`` somebody, theirs begins, and the drafts that the first one wrote are theirs: how many."""
        from postme.keeping.store import models

        with whole(self.file):
            row = models.Office.objects.select_for_update().filter(pk=number, until=None).first()
            if row is None:
                raise WrongUse("That is over already.", where="number", why="Somebody may have ended it meanwhile.", do="Open the page again.")  # fmt: skip
            if to == row.person:
                raise WrongUse("That is the same person.", where="to", why="Nothing would change.", do="Name somebody else.")  # fmt: skip
            row.until, row.handed_to = at, to
            row.save(update_fields=["until", "handed_to"])
            moved = 0
            if to:
                models.Office.objects.get_or_create(
                    town_id=row.town_id, person=to, role=row.role, agency=row.agency, until=None, defaults={"since": at, "given_by": by}
                )  # fmt: skip
                if row.role == "liaison":
                    drafts = models.Proposal.objects.filter(town_id=row.town_id, author=row.person, public=False)
                    drafts = drafts.filter(agency_name=row.agency) if row.agency else drafts
                    for slug in drafts.values_list("slug", flat=True):
                        _note(by, at, "proposal handed over", f"/decisions/{slug}/", f"{row.person} to {to}")
                    moved = drafts.update(author=to)
            _note(by, at, "office handed over" if to else "office ended", row.person, f"{row.role} {row.agency} {row.town_id}{f' to {to}' if to else ''}")  # fmt: skip
            return moved

    def wrote(self, slug: str) -> set[str]:
        """Everybody who ever wrote on a draft, whoever has it now."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            acts = models.DeskAct.objects.filter(target=f"/decisions/{slug}/", what__in=("proposal drafted", "proposal changed"))  # fmt: skip
            return {*acts.values_list("who", flat=True)}


def _note(who: str, at: datetime.datetime, what: str, target: str, why: str) -> None:
    from postme.keeping.store import models

    models.DeskAct.objects.create(who=who, at=at, what=what[:60], target=target[:400], why=why[:1000])
