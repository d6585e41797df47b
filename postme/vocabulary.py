"""The words of laws, questions and facts: which body stands inside which, which technology is a kind of which."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from postme.condition import Truth
from postme.errors import WrongUse


@dataclass(frozen=True, slots=True)
class Agency:
    """A body that a law names: which kind it is and where."""

    id: str
    name: str
    kind: str
    place: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every word, with what people read for it. ``technologies`` are the catalogue's ids and the kinds within them."""

    bodies: Mapping[str, str]
    inside: Mapping[str, frozenset[str]]
    """For each body every name a law may list it under: its own, what it stands in, the groups of those."""
    acts: Mapping[str, str]
    purposes: Mapping[str, str]
    facts: Mapping[str, str]
    events: Mapping[str, str]
    technologies: Mapping[str, str]
    surveillance: frozenset[str]
    military: frozenset[str]
    agencies: Mapping[str, Agency]
    groups: frozenset[str] = frozenset()

    def body_is(self, body: str, listed: str) -> bool:
        """Whether a body is the listed one, or stands inside it, or belongs to the listed group.

        An agency is also what its kind is; a kind is not an agency.
        """
        if body == listed:
            return True
        agency = self.agencies.get(body)
        return listed in self.inside.get(agency.kind if agency else body, ())

    def technology_is(self, technology: str, listed: str) -> Truth:
        """Whether a technology is the listed one or a kind of it; unknown where the listed one is only a kind of it."""
        if technology == listed or technology.startswith(f"{listed}/"):
            return True
        if listed.startswith(f"{technology}/"):
            return None
        return self.family(technology) in self._listed(listed)

    def fact_says(self, fact: str) -> str:
        """A fact in words; a finding's own name where it is one.

        >>> Vocabulary({}, {}, {}, {}, {"warrant": "there is a warrant"}, {}, {}, frozenset(), frozenset(), {}).fact_says("warrant")
        'there is a warrant'
        """
        return self.facts.get(fact) or fact.replace("_", " ").replace(":", ": ")

    def body_says(self, body: str) -> str:
        """A body in words: an agency's name, or its kind."""
        agency = self.agencies.get(body)
        return f"the {agency.name}" if agency else self.bodies.get(body, body.replace("_", " "))

    def family(self, technology: str) -> str:
        """The catalogue's category that a kind belongs to."""
        return technology.partition("/")[0]

    def _listed(self, listed: str) -> frozenset[str]:
        return {"surveillance": self.surveillance, "military": self.military, "any": self.surveillance | self.military}.get(listed, frozenset())  # fmt: skip

    def agency_of(self, kind: str, place: str) -> str:
        """The one agency of that kind in that place that a law names, else the kind itself."""
        found = [agency.id for agency in self.agencies.values() if agency.kind == kind and agency.place == place]
        return found[0] if len(found) == 1 else kind

    def checked(self, what: str, word: str, known: Iterable[str]) -> str:
        """The word, if it is known. Raises WrongUse that names the nearest ones."""
        words = list(known)
        if word in words:
            return word
        near = difflib.get_close_matches(word, words, 3, 0.5)
        raise WrongUse(
            f"'{word}' is no {what} that this program knows.", where=f"--{what}", why="A guess would be answered as if it were what you meant.",
            do=f"Did you mean {' or '.join(near)}? " * bool(near) + "All words: postme law words.",
        )  # fmt: skip


def made(
    document: Mapping[str, Any], agencies: Mapping[str, Any], technologies: Mapping[str, tuple[str, str]]
) -> Vocabulary:
    """The vocabulary of its files; ``technologies`` are the catalogue's: id to (name, kind)."""
    bodies = document["bodies"]
    inside = {}
    for body in bodies:
        names, at = [], body
        while at:
            names.append(at)
            at = bodies[at].get("in", "")
        names += [group for group, members in document["groups"].items() if set(members) & set(names)]
        inside[body] = frozenset(names)
    return Vocabulary(
        {id_: entry["name"] for id_, entry in bodies.items()}, inside, document["acts"], document["purposes"], document["facts"], document["events"],
        {id_: name for id_, (name, _) in technologies.items()} | document["technologies"],
        frozenset(id_ for id_, (_, kind) in technologies.items() if kind == "surveillance"),
        frozenset(id_ for id_, (_, kind) in technologies.items() if kind == "military"),
        {id_: Agency(id_, entry["name"], entry["kind"], entry["place"]) for id_, entry in agencies.items()}, frozenset(document["groups"]),
    )  # fmt: skip
