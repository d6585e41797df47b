"""Reports of errors and replies of bodies as rows: received, answered, and never forgotten; the sender's address is."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from postme import moderation
from postme.errors import WrongUse
from postme.keeping.store.register import whole
from postme.moderation import Sent

# Chosen: what one page of a list carries.
PAGE = 50
# What the act of proposing is called.
_PROPOSED = "report: showing proposed"


@dataclass(frozen=True, slots=True)
class Reported:
    """A report as it lies on the desk."""

    number: int
    token: str
    about: str
    kind: str
    text: str
    name: str
    contact: str
    received: datetime.datetime
    due: datetime.date
    state: str
    outcome: str
    closed: datetime.datetime | None
    shown: bool

    def public(self) -> dict[str, Any]:
        """What everybody may know of it: its words only where the desk shows them, its sender's address never."""
        return {
            "number": self.number, "about": self.about, "kind": self.kind, "received": self.received.date().isoformat(), "due": self.due.isoformat(),
            "state": self.state, "outcome": self.outcome, "closed": self.closed.date().isoformat() if self.closed else None,
            "text": self.text if self.shown else None, "name": self.name if self.shown else None,
            "late": (self.closed.date() if self.closed else datetime.date.max) > self.due and self.closed is not None,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proposed:
    """An answer that would show a report's own words, and waits for a second person; ``number`` is that of the act."""

    number: int
    who: str
    outcome: str
    why: str


class Reports:
    """The reports of a store; ``file`` is the ledger's."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def receive(self, sent: Sent, *, token: str, at: datetime.datetime, due: datetime.date) -> Reported:
        """Keep a report under its receipt's token; one that is kept under it already is that one, sent twice."""
        from postme.keeping.store import models

        with whole(self.file):
            told = {
                "about": sent.about,
                "kind": sent.kind.value,
                "text": sent.text,
                "name": sent.name,
                "contact": sent.contact,
            }
            row, _ = models.Report.objects.get_or_create(
                token=token, defaults={**told, "received": at, "due": due, "state": "open"}
            )
        return _reported(row)

    def of_token(self, token: str) -> Reported | None:
        """The report that a receipt names."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            row = models.Report.objects.filter(token=token).first()
        return _reported(row) if row else None

    def one(self, number: int) -> Reported:
        """A report by its number. Raises WrongUse where there is none."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            row = models.Report.objects.filter(pk=number).first()
        if row is None:
            raise WrongUse(f"There is no report {number}.", where="report", why="Nothing can be answered.", do="Choose one from the list of reports.")  # fmt: skip
        return _reported(row)

    def waiting(self) -> list[Reported]:
        """Those without an answer, the most overdue first."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            return [_reported(row) for row in models.Report.objects.filter(state="open").order_by("due", "pk")[:500]]

    def every(self, page: int = 1) -> tuple[list[Reported], int]:
        """A page of all, the newest first, and how many there are."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = models.Report.objects.order_by("-received", "-pk")
            start = (page - 1) * PAGE
            return [_reported(row) for row in rows[start : start + PAGE]], rows.count()

    def replies(self, about: str) -> list[Reported]:
        """The published replies of bodies to one page."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = models.Report.objects.filter(about=about, kind="reply", state="published", shown=True).order_by(
                "closed"
            )
            return [_reported(row) for row in rows[:20]]

    def close(self, number: int, outcome: str, why: str, *, shown: bool, who: str, at: datetime.datetime) -> Reported:
        """Answer a report: its outcome and why are public from now on, and the sender's address is gone. Raises WrongUse.

        Where the answer would show the report's own words, it stays open and the answer is only proposed: a second
        person shows them (``show``), since what stands in public must have been seen by two.
        """
        from postme.keeping.store import models

        with whole(self.file):
            row = _open(number)
            answer = moderation.answered(row.kind, outcome, why)
            words = answer is moderation.Outcome.PUBLISHED or (shown and answer is not moderation.Outcome.REFUSED)
            if words:
                models.DeskAct.objects.create(
                    who=who, at=at, what=_PROPOSED, target=row.about[:400], why=why.strip(), detail={"report": number, "outcome": answer.value}
                )  # fmt: skip
            else:
                _closed(row, answer, why.strip(), shown=False, who=who, at=at)
        return _reported(row)

    def proposed(self, number: int) -> Proposed | None:
        """The answer that waits for a second person, where one does: the last that was proposed."""
        with whole(self.file, atomic=False):
            return _proposed(number)

    def show(self, number: int, proposal: int, *, who: str, at: datetime.datetime) -> Reported:
        """Agree to a proposed answer: it and the report's own words are public from now on.

        ``proposal`` is the one that was looked at. Raises WrongUse for one's own, or where another came since.
        """
        with whole(self.file):
            row = _open(number)
            waits = _proposed(number)
            if waits is None or waits.number != proposal:
                raise WrongUse("This answer has changed since you opened it.", where="report", why="What is shown must be what you looked at.", do="Open the report again.")  # fmt: skip
            if waits.who == who:
                raise WrongUse("Nobody shows what they proposed to show.", where="report", why="What stands in public must have been seen by two people.", do="Ask a colleague.")  # fmt: skip
            _closed(row, moderation.Outcome(waits.outcome), waits.why, shown=True, who=who, at=at)
        return _reported(row)

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Redactions by state and reason, for the public."""
        from django.db.models import Count

        from postme.keeping.store import models

        found: dict[str, dict[str, int]] = {}
        with whole(self.file, atomic=False):
            for state, reason, number in (
                models.Redaction.objects.filter(state="in force")
                .order_by()
                .values_list("state", "reason")
                .annotate(Count("pk"))
            ):
                found.setdefault(state, {})[reason] = number
        return found


def _open(number: int) -> Any:
    """A report's row, held, while it waits. Raises WrongUse for any other."""
    from postme.keeping.store import models

    row = models.Report.objects.select_for_update().filter(pk=number).first()
    if row is None or row.state != "open":
        raise WrongUse(f"Report {number} is not waiting.", where="report", why="Somebody may have answered it meanwhile.", do="Open the list of reports again.")  # fmt: skip
    return row


def _proposed(number: int) -> Proposed | None:
    from postme.keeping.store import models

    row = models.DeskAct.objects.filter(what=_PROPOSED, detail__report=number).order_by("-pk").first()
    return Proposed(row.pk, row.who, row.detail["outcome"], row.why) if row else None


def _closed(row: Any, answer: moderation.Outcome, why: str, *, shown: bool, who: str, at: datetime.datetime) -> None:
    from postme.keeping.store import models

    row.state, row.outcome, row.closed, row.contact, row.shown = answer.value, why, at, "", shown
    row.save()
    models.DeskAct.objects.create(
        who=who, at=at, what=f"report {answer}", target=row.about[:400], why=why, detail={"report": row.pk, "shown": shown}
    )  # fmt: skip


def _reported(row: Any) -> Reported:
    return Reported(
        row.pk, row.token, row.about, row.kind, row.text, row.name, row.contact, row.received, row.due, row.state, row.outcome, row.closed, row.shown
    )  # fmt: skip
