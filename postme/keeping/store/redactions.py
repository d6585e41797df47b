"""Redactions as rows: asked for by one person, in force once another agreed."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from postme.errors import WrongUse
from postme.keeping.store.register import whole


@dataclass(frozen=True, slots=True)
class Asked:
    """A redaction as it lies on the desk; ``state`` is ``asked``, ``in force`` or ``refused``."""

    number: int
    sha256: str
    page: int
    start: int
    end: int
    reason: str
    who: str
    state: str
    text: str = ""
    """The digest of the page's text that it was marked on."""


class Redactions:
    """The redactions of a store; ``file`` is the ledger's."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def ask(
        self, sha256: str, page: int, start: int, end: int, reason: str, *, text: str, who: str, at: datetime.datetime
    ) -> int:
        """Ask for one: its number."""
        from postme.keeping.store import models

        with whole(self.file):
            row = models.Redaction.objects.create(
                sha256=sha256, page=page, start=start, end=end, reason=reason, text=text, state="asked", who=who, at=at
            )
            models.DeskAct.objects.create(
                who=who, at=at, what="redaction asked", target=f"/records/{sha256}/", why=reason, detail={"page": page}
            )
        return int(row.pk)

    def of(self, sha256: str, *states: str) -> list[Asked]:
        """Those of a record (of every record, where it is empty) in those states, by page."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = models.Redaction.objects.filter(state__in=states, **({"sha256": sha256} if sha256 else {}))
            return [_asked(row) for row in rows.order_by("sha256", "page", "start", "pk")]

    def waiting(self, number: int, who: str) -> Asked:
        """One that waits for a second person. Raises WrongUse for another, or one's own."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            row = models.Redaction.objects.filter(pk=number, state="asked").first()
        if row is None:
            raise WrongUse(f"Redaction {number} is not waiting.", where="redaction", why="Somebody may have decided on it meanwhile.", do="Open the list of redactions again.")  # fmt: skip
        if row.who == who:
            raise WrongUse("Nobody decides on what they asked for.", where="redaction", why="What is hidden from the public must have been seen by two people.", do="Ask a colleague.")  # fmt: skip
        return _asked(row)

    def decide(self, number: int, state: str, *, who: str, at: datetime.datetime, why: str = "") -> None:
        """Put one in force, or refuse it."""
        from postme.keeping.store import models

        with whole(self.file):
            waiting = models.Redaction.objects.filter(pk=number, state="asked")
            if not waiting.update(state=state, decided_by=who, decided=at):
                raise WrongUse(f"Redaction {number} is not waiting.", where="redaction", why="Somebody decided on it meanwhile.", do="Open the list of redactions again.")  # fmt: skip
            models.DeskAct.objects.create(
                who=who, at=at, what=f"redaction {state}", target=f"redaction {number}", why=why
            )


def _asked(row: Any) -> Asked:
    return Asked(row.pk, row.sha256, row.page, row.start, row.end, row.reason, row.who, row.state, row.text)
