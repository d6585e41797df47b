"""What the report's page shows, as values: quotes under claims, claims in blocks, blocks in chapters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from markupsafe import Markup

from postme.catalogue import Kind, Technology
from postme.inventory import Answer, Holding


class Looked(Protocol):
    """What became of one record, as ``postme.office.sweep.Outcome`` says it."""

    @property
    def path(self) -> str:
        """The file's path, or ``archive!/member``."""

    @property
    def sha256(self) -> str | None:
        """The hash of its bytes, where it could be opened."""

    @property
    def facts(self) -> Mapping[str, Any]:
        """What it says of itself."""

    @property
    def error(self) -> tuple[str, ...] | None:
        """Why it was not read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A mention as it stands on a page: where it can be reached, what was ruled of it and why, and what dates it."""

    mention: Mapping[str, Any]
    anchor: str
    file: str
    answer: Answer
    why: str
    date: str | None
    dated_by: str

    @property
    def href(self) -> str:
        """Where it stands, as seen from any page of the report."""
        return f"{self.file}#{self.anchor}"


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote under a claim, the claim's own words marked too where they stand in it; ``note`` says so where they do not."""

    words: Markup
    entry: Entry
    note: str


@dataclass(frozen=True, slots=True)
class Row:
    """One value of one part of a claim; ``None`` is *unknown*. ``count`` mentions say it, of which some are quoted."""

    value: str | None
    note: str
    count: int
    quotes: tuple[Quoted, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A holding and the mentions it rests on, or some of them; ``parts`` are the files where the others stand."""

    holding: Holding
    entries: tuple[Entry, ...]
    claimed: bool = True
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chapter:
    """All that the records say of one technology; ``about`` counts what its passages are about, ``lead`` is one of those."""

    id: str
    technology: Technology | None
    about: tuple[tuple[str, int], ...]
    lead: Entry
    blocks: tuple[Block, ...]
    answers: Mapping[Answer, int]

    @property
    def name(self) -> str:
        """Its name; the id where the catalogue no longer knows it."""
        return self.technology.name if self.technology else self.id

    @property
    def kind(self) -> Kind:
        """What oversight it belongs to."""
        return self.technology.kind if self.technology else Kind.SURVEILLANCE

    @property
    def count(self) -> int:
        """How many mentions it rests on."""
        return sum(self.answers.values())


@dataclass(frozen=True, slots=True)
class Seen:
    """A record in the table of records."""

    outcome: Looked
    anchor: str
    file: str
    mentions: int


@dataclass(frozen=True, slots=True)
class FurtherPart:
    """A further file of the report: ``shows`` says of what ``kind`` it is (evidence, mentions or records)."""

    name: str
    title: str
    kind: str
    shows: tuple[Any, ...]
