"""What a paper asks: its questions in our own words, and for each the laws that ask for it, with the clause.

The questions are data (``knowledge/papers``); which of them a law asks for is in the law's own file, as the ``fields`` of its duty.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from postme.law import Law, Provision
from postme.rule import Duty

MILITARY = "military_equipment"
"""The subject of laws whose policy and report are papers of their own kind."""
OWN = "own"
"""The section of what a law asks for in words that no question of ours answers."""

SLOTS: Mapping[str, str] = {
    "does": "What it does", "cost": "What it costs", "kept": "How long data are kept", "shared": "Who else gets the data",
    "groups": "What it does to groups of people", "rules": "Whether rules are kept",
}  # fmt: skip
"""What somebody with a few minutes needs first, in this order, as the headings of the one-page reading."""
KINDS: Mapping[str, str] = {
    "text": "in words", "amount": "an amount in dollars", "days": "a number of days", "number": "a number",
}  # fmt: skip
"""What kind of answer a question wants."""


@dataclass(frozen=True, slots=True)
class Item:
    """A question of a paper. ``asked_as`` are the names under which laws list it, ``promise`` the question of the policy that it is held against."""

    id: str
    section: str
    question: str
    hint: str = ""
    kind: str = "text"
    asked_as: tuple[str, ...] = ()
    first: str = ""
    promise: str = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A kind of paper: its questions, and the facts by which laws know that it was published."""

    id: str
    name: str
    what: str
    facts: tuple[str, ...]
    common: str
    sections: Mapping[str, str]
    items: tuple[Item, ...]
    yearly: bool = False
    military: bool = False

    def is_asked_by(self, law: Law, duty: Duty) -> bool:
        """Whether a law's duty is met by a paper of this kind."""
        return duty.met_by in self.facts and self.military == (law.subject == MILITARY)


@dataclass(frozen=True, slots=True)
class Asks:
    """A clause that asks for a paper, and what it lists as its contents; an empty list was not seen."""

    law: str
    name: str
    provision: str
    clause: str
    says: str
    sure: str
    fields: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """Where it can be read: law and provision."""
        return f"{self.law}#{self.provision}"

    def printed(self) -> dict[str, str]:
        """As JSON has it, without what it says."""
        return {
            "law": self.law,
            "name": self.name,
            "provision": self.provision,
            "clause": self.clause,
            "sure": self.sure,
        }


@dataclass(frozen=True, slots=True)
class Field:
    """A question as a town asks it: by which clauses of its own laws, and by which elsewhere."""

    id: str
    section: str
    question: str
    hint: str = ""
    kind: str = "text"
    first: str = ""
    promise: str = ""
    asked: tuple[Asks, ...] = ()
    elsewhere: tuple[Asks, ...] = ()

    @property
    def needed(self) -> bool:
        """Whether a law of the place asks for it."""
        return bool(self.asked)


@dataclass(frozen=True, slots=True)
class Form:
    """A paper's questions in one place. ``asked`` are the clauses that ask for the paper; ``listed`` whether any was seen to list its contents."""

    kind: str
    name: str
    what: str
    common: str
    sections: Mapping[str, str]
    fields: tuple[Field, ...]
    asked: tuple[Asks, ...] = ()
    yearly: bool = False
    of: Mapping[str, Field] = field(default_factory=dict)

    @property
    def listed(self) -> bool:
        """Whether a law of the place was seen to list what stands in it."""
        return any(one.fields for one in self.asked)

    @property
    def mark(self) -> str:
        """The same for as long as its questions are the same: a form that was given out before carries another.

        >>> Form("use_policy", "Use policy", "", "", {}, (Field("cost", "money", "What?"),)).mark
        'd0cfe333'
        """
        told = json.dumps([self.kind, [one.id for one in self.fields]])
        return hashlib.sha256(told.encode()).hexdigest()[:8]


def normal(words: str) -> str:
    """A law's own name of a field as an id.

    >>> normal("retention, access and use")
    'retention_access_and_use'
    """
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")


def asks(law: Law, provision: Provision, duty: Duty) -> Asks:
    """A clause that asks for a paper."""
    return Asks(law.id, law.name, provision.id, provision.clause, duty.what, provision.sure.value, duty.fields)


def form(pattern: Pattern, asked: Iterable[Asks], elsewhere: Iterable[Asks] = ()) -> Form:
    """The form of a paper in a place: ``asked`` are the clauses that ask for it there, ``elsewhere`` those of other places.

    What a law lists and none of our questions answers becomes a question in the law's own words.
    """
    here, there = tuple(asked), tuple(elsewhere)
    fields = [
        Field(
            one.id, one.section, one.question, one.hint, one.kind, one.first, one.promise,
            _listing(one, here), _listing(one, there),
        )
        for one in pattern.items
    ]  # fmt: skip
    known = {name for one in pattern.items for name in one.asked_as}
    own: dict[str, list[Asks]] = {}
    words: dict[str, str] = {}
    for clause in here:
        for listed in clause.fields:
            if normal(listed) not in known:
                id_ = f"{OWN}_{normal(listed)}"[:60].rstrip("_")
                own.setdefault(id_, []).append(clause)
                words.setdefault(id_, listed.replace("_", " "))
    fields += [Field(id_, OWN, words[id_], asked=tuple(dict.fromkeys(clauses))) for id_, clauses in own.items()]
    return Form(
        pattern.id, pattern.name, pattern.what, pattern.common, pattern.sections, tuple(fields), here, pattern.yearly,
        {one.id: one for one in fields},
    )  # fmt: skip


def _listing(item: Item, clauses: Iterable[Asks]) -> tuple[Asks, ...]:
    return tuple(one for one in clauses if any(normal(listed) in item.asked_as for listed in one.fields))


def pattern(document: Mapping[str, Any]) -> Pattern:
    """The kind of paper that a well-formed file states (``formfile.faults`` tells which are)."""
    items = tuple(
        Item(
            one["id"], one["section"], one["question"], one.get("hint", ""), one.get("kind", "text"), tuple(one.get("asked_as", ())),
            one.get("first", ""), one.get("promise", ""),
        )
        for one in document["fields"]
    )  # fmt: skip
    return Pattern(
        document["id"], document["name"], document["what"], tuple(document["facts"]), document["common"], dict(document["sections"]), items,
        bool(document.get("yearly")), bool(document.get("military")),
    )  # fmt: skip
