"""A law as data beside its text: whom it binds, what it says, from when to when, by which sources, and how sure that is.

A law knows nothing of who is judged. ``built`` makes one of a well-formed document (``lawfile`` says what is wrong with one).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from postme.condition import Truth, both, opposite
from postme.day import UNSEEN, Day, told
from postme.place import Place, placed
from postme.rule import RULES, Rule


class Sure(StrEnum):
    """How sure we are of a statement about a law, the surest first."""

    TEXT = "seen in the text"
    REPORTING = "seen in reporting"
    MEMORY = "from memory"
    LAWYER = "needs a lawyer"


SURE: Mapping[str, Sure] = {
    "text": Sure.TEXT,
    "reporting": Sure.REPORTING,
    "memory": Sure.MEMORY,
    "lawyer": Sure.LAWYER,
}
"""As a law file writes it."""
_RANK = {sure: rank for rank, sure in enumerate(Sure)}


def least(sures: Iterable[Sure]) -> Sure:
    """The weakest of several; nothing is as sure as the text.

    >>> least([Sure.TEXT, Sure.MEMORY, Sure.REPORTING]).value
    'from memory'
    """
    return max(sures, key=_RANK.__getitem__, default=Sure.TEXT)


@dataclass(frozen=True, slots=True)
class Source:
    """Where something was read: an address, or a description of where to look for it."""

    id: str
    address: str
    text: bool
    """Whether it is the law's own words."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a law: introduced, adopted, signed, amended, withdrawn; with its vote if it had one."""

    id: str
    what: str
    on: Day
    effective: Day
    vote: str | None
    sure: Sure
    sources: tuple[str, ...]
    note: str = ""

    @property
    def starts(self) -> Day:
        """From when it counts: its effective date, else, where that was not seen, the day it was adopted."""
        return self.effective if self.effective.known else self.on


@dataclass(frozen=True, slots=True)
class Provision:
    """One clause: our paraphrase, and the rule beside it (none where it only speaks)."""

    id: str
    topic: str
    says: str
    clause: str
    sure: Sure
    sources: tuple[str, ...]
    start: Day | None
    end: Day | None
    rule: Rule | None

    def stands(self, on: date) -> Truth:
        """Whether it stood on that day, as far as its own days tell."""
        begun = self.start.reached(on) if self.start else True
        ended = self.end.reached(on) if self.end else False
        return both((begun, opposite(ended)))


@dataclass(frozen=True, slots=True)
class Case:
    """A worked case: a sentence, the question it asks, and the answer (or verdict) the law must give."""

    says: str
    ask: Mapping[str, Any]
    answer: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Who read the law for this file, when, and whether a lawyer has signed it off."""

    who: str
    on: date
    lawyer: str | None


@dataclass(frozen=True, slots=True)
class Law:
    """A law. Days, votes and provisions carry their sources; ``unseen`` lists what nobody here has read."""

    id: str
    name: str
    place: Place
    subject: str
    instrument: str
    citation: str
    what: str
    text_seen: bool
    read: Reading
    adopted: Event
    ends: Day | None
    binds: tuple[str, ...]
    not_bound: tuple[str, ...]
    binds_sure: Sure
    technologies: tuple[str, ...]
    outside: tuple[str, ...]
    events: tuple[Event, ...]
    provisions: tuple[Provision, ...]
    sources: Mapping[str, Source]
    conflicts: tuple[str, ...]
    unseen: tuple[str, ...]
    cases: tuple[Case, ...]
    status: str
    facts: Mapping[str, str]
    """Facts that only this law asks for, in words."""

    @property
    def starts(self) -> Day:
        """From when it counts: where its effective date was not seen, the day it was adopted."""
        return self.adopted.starts

    @property
    def start_note(self) -> str:
        """What a reader must know of that day; empty where it is the effective date itself."""
        if self.adopted.effective.known:
            return ""
        if self.adopted.on.known:
            return f"its effective date was not seen; the day of adoption ({self.adopted.on}) counts"
        return "neither its effective date nor its adoption was seen"

    def stands(self, on: date) -> Truth:
        """Whether it was in force on that day; ``None`` where the sources do not tell."""
        ended = self.ends.reached(on) if self.ends else False
        return both((self.starts.reached(on), opposite(ended)))


def built(document: Mapping[str, Any]) -> Law:
    """The law that a well-formed document states."""
    own = SURE[document.get("sure", "reporting")]
    sources = {
        id_: Source(id_, entry["at"], bool(entry.get("text"))) if isinstance(entry, Mapping) else Source(id_, entry, text=False)
        for id_, entry in document["sources"].items()
    }  # fmt: skip
    events = tuple(_event(entry, own) for entry in document.get("events", ()))
    days = {event.id: event.starts for event in events}
    reading = document["read"]
    return Law(
        document["id"], document["name"], placed(document["place"]), document["subject"], document["instrument"], document.get("citation", "not seen"),
        document["what"], bool(document["text_seen"]), Reading(reading["who"], reading["on"], reading.get("lawyer")),
        _event({"id": "adopted", "what": "adopted", **document["adopted"]}, own), told(document["ends"]) if "ends" in document else None,
        tuple(document["binds"]), tuple(document.get("not_bound", ())), SURE[document.get("binds_sure", document.get("sure", "reporting"))],
        tuple(document["technologies"]), tuple(document.get("outside", ())), events,
        tuple(_provision(entry, own, days) for entry in document["provisions"]), sources, tuple(document.get("conflicts", ())),
        tuple(document.get("unseen", ())), tuple(Case(one["says"], one["ask"], one["answer"]) for one in document["cases"]),
        document.get("status", "in force as far as seen"), dict(document.get("facts", {})),
    )  # fmt: skip


def _event(entry: Mapping[str, Any], own: Sure) -> Event:
    return Event(
        entry["id"], entry["what"], told(entry.get("on", "unknown")), told(entry["effective"]) if "effective" in entry else UNSEEN,
        entry.get("vote"), SURE[entry["sure"]] if "sure" in entry else own, tuple(entry.get("source", ())), entry.get("note", ""),
    )  # fmt: skip


def _provision(entry: Mapping[str, Any], own: Sure, days: Mapping[str, Day]) -> Provision:
    def day(key: str) -> Day | None:
        if key not in entry:
            return None
        value = entry[key]
        return days[value] if isinstance(value, str) and value in days else told(value)

    rules = [key for key in RULES if key in entry]
    return Provision(
        entry["id"], entry["topic"], entry["says"], entry.get("clause", ""), SURE[entry["sure"]] if "sure" in entry else own,
        tuple(entry.get("source", ())), day("from"), day("until"), RULES[rules[0]](entry[rules[0]]) if rules else None,
    )  # fmt: skip
