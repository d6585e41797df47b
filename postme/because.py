"""Questions put to laws, their answers, and the reasons: a tree whose leaves are provisions and facts, each with its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from postme.condition import Fact, Truth
from postme.law import Sure

TRACE = 1
"""The version of the trace's shape; it counts up when a reader of the old shape would misread the new."""


class Answer(StrEnum):
    """What a permission can be, the strictest first; of several laws the strictest counts."""

    PROHIBITED = "prohibited"
    NEEDS_APPROVAL = "needs_approval"
    UNKNOWN = "unknown"
    ALLOWED_IF = "allowed_if"
    ALLOWED = "allowed"
    NO_LAW_FOUND = "no_law_found"


STRICTEST = {answer: rank for rank, answer in enumerate(Answer)}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a kind of body or a named agency, an act, a technology (or a kind of one), a purpose, a place, a day."""

    place: str
    body: str
    act: str
    technology: str
    on: date
    purpose: str | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Because:
    """One step of the reasons: what it says, what came of it, its address (``law#provision`` or a fact), sources, and its own reasons."""

    kind: str
    says: str
    outcome: str
    address: str = ""
    sure: Sure | None = None
    sources: tuple[str, ...] = ()
    parts: tuple[Because, ...] = ()

    def printed(self) -> dict[str, Any]:
        """As JSON has it; empty parts are left out."""
        return {
            "kind": self.kind, "says": self.says, "outcome": self.outcome,
            **({"address": self.address} if self.address else {}), **({"sure": self.sure.value} if self.sure else {}),
            **({"sources": list(self.sources)} if self.sources else {}), **({"parts": [part.printed() for part in self.parts]} if self.parts else {}),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Permission:
    """The answer, what it depends on, why, and what was looked through.

    ``conditions`` must hold for *allowed if* and *needs approval*; ``unless`` are a ban's exceptions that were not shown.
    ``statuses`` are properties computed on the way (``controlled``), ``None`` where a fact for them is missing.
    """

    answer: Answer
    conditions: tuple[str, ...]
    unless: tuple[str, ...]
    because: tuple[Because, ...]
    unknown_facts: tuple[str, ...]
    sure: Sure | None
    looked_through: tuple[str, ...]
    notes: tuple[str, ...]
    statuses: Mapping[str, Truth] = field(default_factory=dict)

    def printed(self, question: Question) -> dict[str, Any]:
        """The versioned trace, as JSON has it."""
        return {
            "version": TRACE, "answer": self.answer.value, "conditions": list(self.conditions), "unless": list(self.unless),
            "because": [node.printed() for node in self.because], "unknown_facts": list(self.unknown_facts),
            "sure": self.sure.value if self.sure else None, "looked_through": list(self.looked_through), "notes": list(self.notes),
            "statuses": dict(self.statuses),
            "question": {"place": question.place, "body": question.body, "act": question.act, "technology": question.technology,
                         "purpose": question.purpose, "on": question.on.isoformat(), "facts": {key: fact.value for key, fact in question.facts.items()}},
        }  # fmt: skip
