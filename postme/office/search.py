"""A search is a record: a sweep whose every result is kept in the store, with what was read and what could not be."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from postme.keeping import shelf
from postme.keeping.store import register
from postme.keeping.store.register import Register
from postme.office import workbench
from postme.office.sweep import Counts, Outcome, Sweep

# Chosen: so many new records are put into the store at once; a kill between loses none, since the shelf has them.
_BATCH = 250


@dataclass(slots=True)
class Search:
    """A sweep of some paths, said to be of a place (a short Open Civic Data id, or ``None``: not said).

    Run it to the end, then ``note`` it: only a search that ended is a record of what was looked through.
    """

    sweep: Sweep
    place: str | None = None
    counts: Counts = field(default_factory=Counts)
    started: datetime.datetime = field(default_factory=lambda: datetime.datetime.now(datetime.UTC))
    ended: datetime.datetime | None = None
    reader: str = ""
    scanner: str = ""
    dates: dict[str, str | None] = field(default_factory=dict)
    """Each record's own date, by its hash; ``None`` is *unknown*."""
    _listing: list[list[Any]] = field(default_factory=list)
    _late: dict[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    _new: list[Outcome] = field(default_factory=list)
    _register: Register | None = None

    @property
    def catalogue(self) -> str:
        """The catalogue's version."""
        return self.scanner.split(" ")[0]

    def run(self, tick: Callable[[], None] = lambda: None) -> Iterator[Outcome]:
        """Every record, in the order of the paths; what is new goes into the store on the way."""
        self.reader, self.scanner = self.sweep.versions()

        def ticking() -> None:
            if self.counts.working and self._register is None:
                self._register = Register(self.sweep.folder)  # takes a while, and the hands are busy anyway
            tick()

        for outcome in self.sweep.run(self.counts, ticking):
            self._listing.append(
                [
                    outcome.path,
                    outcome.sha256,
                    outcome.facts.get("pages", 0),
                    len(outcome.facts.get("unreadable", ())),
                    outcome.failure or None,
                ]
            )
            if outcome.sha256 and not outcome.error:
                self.dates[outcome.sha256] = outcome.facts.get("date")
                if outcome.again:
                    self._late[outcome.sha256] = (outcome.path, outcome.facts)
                else:
                    self._new.append(outcome)
                    if len(self._new) >= _BATCH:
                        self._settle()
            yield outcome
        self.ended = datetime.datetime.now(datetime.UTC)

    def note(self) -> int:
        """Keep the search itself: its number."""
        if self.ended is None:
            raise RuntimeError("a search is noted when it has ended")
        counts = self.counts
        about: dict[str, Any] = {
            "started": self.started, "ended": self.ended, "place": self.place, "paths": [str(path) for path in self.sweep.paths],
            "catalogue": self.catalogue, "reader": self.reader, "listing": self._listing,
            "counts": {"files": counts.files, "refused": counts.refused, "pages": counts.pages, "unreadable": counts.unreadable,
                       "mentions": counts.mentions},
        }  # fmt: skip
        if not self._new and self._register is None:
            number = register.note_again(self.sweep.folder, **about)
            if number is not None:
                return number
        self._settle()
        self._catch_up()
        return self.register.note_search(**about)

    @property
    def register(self) -> Register:
        """The store, opened when it is first needed."""
        if self._register is None:
            self._register = Register(self.sweep.folder)
        return self._register

    def _settle(self) -> None:
        new, self._new = self._new, []
        self.register.note_findings(
            [self._row(outcome.path, outcome.sha256, outcome.facts) for outcome in new if outcome.sha256],
            [mention for outcome in new for mention in outcome.mentions], self.catalogue,
        )  # fmt: skip

    def _catch_up(self) -> None:
        """Put into the store what an earlier run, killed before its end, had only put on the shelf."""
        missing = sorted(set(self._late) - self.register.noted(self._late, self.scanner))
        if not missing:
            return
        kept = shelf.Shelf(self.sweep.folder)
        try:
            for i in range(0, len(missing), _BATCH):
                some = missing[i : i + _BATCH]
                findings = kept.findings(some, self.scanner)
                self.register.note_findings(
                    [self._row(path, sha, facts) for sha in some for path, facts in (self._late[sha],)],
                    [mention for sha in some for mention in workbench.printable(findings[sha], self._late[sha][0])], self.catalogue,
                )  # fmt: skip
        finally:
            kept.close()

    def _row(self, path: str, sha256: str, facts: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "sha256": sha256, "name": path, "media_type": facts["media_type"], "title": facts["title"], "date": facts["date"],
            "body": facts["body"], "pages": facts["pages"], "unreadable": facts["unreadable"], "reader": facts["reader"],
            "notes": facts["notes"], "scanner": self.scanner,
        }  # fmt: skip
