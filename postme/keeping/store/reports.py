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


class Reports:
    """The reports of a store; ``file`` is the ledger's."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def receive(self, sent: Sent, *, token: str, at: datetime.datetime, due: datetime.date) -> Reported:
        """Keep a report. The same words about the same page, sent again while the first wait, are the first."""
        from postme.keeping.store import models

        with whole(self.file):
            known = models.Report.objects.filter(
                about=sent.about, text=sent.text, kind=sent.kind.value, state="open"
            ).first()
            row = known or models.Report.objects.create(
                token=token, about=sent.about, kind=sent.kind.value, text=sent.text, name=sent.name, contact=sent.contact, received=at, due=due, state="open"
            )  # fmt: skip
        return _reported(row)

    def of_token(self, token: str) -> Reported | None:
        """The report that a receipt names."""
        from postme.keeping.store import models

        with whole(self.file):
            row = models.Report.objects.filter(token=token).first()
        return _reported(row) if row else None

    def one(self, number: int) -> Reported:
        """A report by its number. Raises WrongUse where there is none."""
        from postme.keeping.store import models

        with whole(self.file):
            row = models.Report.objects.filter(pk=number).first()
        if row is None:
            raise WrongUse(f"There is no report {number}.", where="report", why="Nothing can be answered.", do="Choose one from the list of reports.")  # fmt: skip
        return _reported(row)

    def waiting(self) -> list[Reported]:
        """Those without an answer, the most overdue first."""
        from postme.keeping.store import models

        with whole(self.file):
            return [_reported(row) for row in models.Report.objects.filter(state="open").order_by("due", "pk")[:500]]

    def every(self, page: int = 1) -> tuple[list[Reported], int]:
        """A page of all, the newest first, and how many there are."""
        from postme.keeping.store import models

        with whole(self.file):
            rows = models.Report.objects.order_by("-received", "-pk")
            start = (page - 1) * PAGE
            return [_reported(row) for row in rows[start : start + PAGE]], rows.count()

    def replies(self, about: str) -> list[Reported]:
        """The published replies of bodies to one page."""
        from postme.keeping.store import models

        with whole(self.file):
            rows = models.Report.objects.filter(about=about, kind="reply", state="published", shown=True).order_by(
                "closed"
            )
            return [_reported(row) for row in rows[:20]]

    def close(self, number: int, outcome: str, why: str, *, shown: bool, who: str, at: datetime.datetime) -> Reported:
        """Answer a report: its outcome and why are public from now on, and the sender's address is gone. Raises WrongUse."""
        from postme.keeping.store import models

        with whole(self.file):
            row = models.Report.objects.select_for_update().filter(pk=number).first()
            if row is None or row.state != "open":
                raise WrongUse(f"Report {number} is not waiting.", where="report", why="Somebody may have answered it meanwhile.", do="Open the list of reports again.")  # fmt: skip
            answer = moderation.answered(row.kind, outcome, why)
            row.state, row.outcome, row.closed, row.contact = answer.value, why.strip(), at, ""
            row.shown = answer is moderation.Outcome.PUBLISHED or (shown and answer is not moderation.Outcome.REFUSED)
            row.save()
            models.DeskAct.objects.create(
                who=who, at=at, what=f"report {answer}", target=row.about[:400], why=why.strip(), detail={"report": number, "shown": row.shown}
            )  # fmt: skip
        return _reported(row)

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Redactions by state and reason, for the public."""
        from django.db.models import Count

        from postme.keeping.store import models

        found: dict[str, dict[str, int]] = {}
        with whole(self.file):
            for state, reason, number in (
                models.Redaction.objects.filter(state="in force")
                .order_by()
                .values_list("state", "reason")
                .annotate(Count("pk"))
            ):
                found.setdefault(state, {})[reason] = number
        return found


def _reported(row: Any) -> Reported:
    return Reported(
        row.pk, row.token, row.about, row.kind, row.text, row.name, row.contact, row.received, row.due, row.state, row.outcome, row.closed, row.shown
    )  # fmt: skip
