"""Conditions of a law, answered with yes, no or unknown (``None``): what is not known never becomes a yes or a no.

A condition is asked of a question: its act, body, technology and purpose are what is asked, and so are always known; a
fact is true, false, a number or not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeAlias

Truth: TypeAlias = bool | None
"""``None`` is *unknown*."""
FactValue: TypeAlias = bool | float | str


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of something: its value, since when, and the evidence that shows it."""

    value: FactValue
    on: date | None = None
    evidence: str = ""


class Asked(Protocol):
    """What a condition is asked of: ``because.Question``."""

    @property
    def act(self) -> str:
        """The act."""
        ...

    @property
    def body(self) -> str:
        """The kind of body, or a named agency."""
        ...

    @property
    def technology(self) -> str:
        """The technology, or a kind of one."""
        ...

    @property
    def purpose(self) -> str | None:
        """The purpose, where one is claimed."""
        ...

    @property
    def on(self) -> date:
        """The day."""
        ...

    @property
    def facts(self) -> Mapping[str, Fact]:
        """What is known; a fact that is not here is unknown."""
        ...


class Terms(Protocol):
    """How the words of laws stand to one another: ``vocabulary.Vocabulary``."""

    def body_is(self, body: str, listed: str) -> bool:
        """Whether a body is the listed one or stands inside it."""
        ...

    def technology_is(self, technology: str, listed: str) -> Truth:
        """Whether a technology is the listed one or a kind of it; ``None`` where it may be."""
        ...

    def fact_says(self, fact: str) -> str:
        """A fact in words, true or not."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a condition, in words, with the answers it is made of; ``fact`` names the fact of a leaf."""

    truth: Truth
    says: str
    parts: tuple[Found, ...] = ()
    fact: str | None = None
    evidence: str = ""

    def leaves(self) -> Iterator[Found]:
        """The answers at the ends."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()

    def open_facts(self) -> Iterator[str]:
        """The facts that could still settle it."""
        if self.truth is None:
            if self.fact and not self.parts:
                yield self.fact
            for part in self.parts:
                yield from part.open_facts()


def both(truths: Iterable[Truth]) -> Truth:
    """All of them: no as soon as one is no.

    >>> both([True, None]), both([None, False]), both([])
    (None, False, True)
    """
    found: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            found = None
    return found


def either(truths: Iterable[Truth]) -> Truth:
    """One of them: yes as soon as one is yes.

    >>> either([False, None]), either([None, True]), either([])
    (None, True, False)
    """
    return opposite(both(opposite(truth) for truth in truths))


def opposite(truth: Truth) -> Truth:
    """No for yes; unknown stays unknown."""
    return None if truth is None else not truth


@dataclass(frozen=True, slots=True)
class All:
    """Every one of them."""

    of: tuple[Condition, ...]

    def ask(self, asked: Asked, terms: Terms) -> Found:
        """The answer, with its parts."""
        parts = tuple(one.ask(asked, terms) for one in self.of)
        return Found(both(part.truth for part in parts), " and ".join(part.says for part in parts), parts)


@dataclass(frozen=True, slots=True)
class Any:
    """One of them at least."""

    of: tuple[Condition, ...]

    def ask(self, asked: Asked, terms: Terms) -> Found:
        """The answer, with its parts."""
        parts = tuple(one.ask(asked, terms) for one in self.of)
        says = " or ".join(part.says for part in parts)
        return Found(either(part.truth for part in parts), f"({says})" if len(parts) > 1 else says, parts)


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    of: Condition

    def ask(self, asked: Asked, terms: Terms) -> Found:
        """The answer, with its part."""
        part = self.of.ask(asked, terms)
        return Found(opposite(part.truth), f"not ({part.says})", (part,))


@dataclass(frozen=True, slots=True)
class FactIs:
    """A fact has a value, or lies within bounds; ``says`` is the fact in words."""

    fact: str
    is_: FactValue = True
    at_least: float | None = None
    at_most: float | None = None
    says: str = ""

    def ask(self, asked: Asked, terms: Terms) -> Found:
        """The answer: unknown where the fact is, and where it is only known of a later day."""
        known = asked.facts.get(self.fact)
        truth: Truth = None
        if known is not None and (known.on is None or known.on <= asked.on):
            truth = self._holds(known.value)
        return Found(truth, self.words(terms), (), self.fact, known.evidence if known else "")

    def words(self, terms: Terms) -> str:
        """What it asks, in words."""
        what = self.says or terms.fact_says(self.fact)
        if self.at_least is not None or self.at_most is not None:
            bounds = [f"at least {self.at_least:g}"] if self.at_least is not None else []
            bounds += [f"at most {self.at_most:g}"] if self.at_most is not None else []
            return f"{what} is {' and '.join(bounds)}"
        if isinstance(self.is_, bool):
            return what if self.is_ else f"not so: {what}"
        return f"{what} is {self.is_}"

    def _holds(self, value: FactValue) -> Truth:
        if self.at_least is None and self.at_most is None:
            # A word where yes or no is asked ("unknown", "perhaps") answers neither.
            return value == self.is_ if _kind(value) is _kind(self.is_) else None
        if _kind(value) is not float or value != value:
            return None
        assert not isinstance(value, str)  # noqa: S101 - said above
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)


def _kind(value: FactValue) -> type:
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)


@dataclass(frozen=True, slots=True)
class PurposeIs:
    """The purpose asked about is one of these. Where none is asked about, it is not: a purpose must be claimed."""

    of: tuple[str, ...]

    def ask(self, asked: Asked, terms: Terms) -> Found:  # noqa: ARG002
        """The answer, always known."""
        says = f"the purpose is {' or '.join(name.replace('_', ' ') for name in self.of)}"
        return Found(asked.purpose in self.of, says)


@dataclass(frozen=True, slots=True)
class ActIs:
    """The act asked about is one of these."""

    of: tuple[str, ...]

    def ask(self, asked: Asked, terms: Terms) -> Found:  # noqa: ARG002
        """The answer, always known."""
        return Found(asked.act in self.of, f"the act is {' or '.join(name.replace('_', ' ') for name in self.of)}")


@dataclass(frozen=True, slots=True)
class BodyIs:
    """The body asked about is one of these, or stands inside one."""

    of: tuple[str, ...]

    def ask(self, asked: Asked, terms: Terms) -> Found:
        """The answer, always known."""
        found = any(terms.body_is(asked.body, listed) for listed in self.of)
        return Found(found, f"the body is {' or '.join(name.replace('_', ' ') for name in self.of)}")


@dataclass(frozen=True, slots=True)
class TechnologyIs:
    """The technology asked about is one of these, or a kind of one; unknown where one of these is a kind of it."""

    of: tuple[str, ...]

    def ask(self, asked: Asked, terms: Terms) -> Found:
        """The answer; unknown where the question does not say which kind."""
        truth = either(terms.technology_is(asked.technology, listed) for listed in self.of)
        says = f"the technology is {' or '.join(name.replace('_', ' ') for name in self.of)}"
        return Found(truth, says, (), f"kind of {asked.technology}")


@dataclass(frozen=True, slots=True)
class Unseen:
    """A condition that the law has and nobody here has read: always unknown."""

    what: str

    def ask(self, asked: Asked, terms: Terms) -> Found:  # noqa: ARG002
        """Unknown."""
        return Found(None, f"{self.what} (not seen)", (), f"text not seen: {self.what}")


Condition: TypeAlias = All | Any | Not | FactIs | PurposeIs | ActIs | BodyIs | TechnologyIs | Unseen


@dataclass(frozen=True, slots=True)
class Names:
    """Everything that a condition names, for those who check a law file."""

    facts: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()
    acts: frozenset[str] = frozenset()
    bodies: frozenset[str] = frozenset()
    technologies: frozenset[str] = frozenset()

    @classmethod
    def of(cls, condition: Condition) -> Names:
        """The names in a condition and in all inside it.

        >>> sorted(Names.of(All((FactIs("warrant"), Not(PurposeIs(("parking",)))))).purposes)
        ['parking']
        """
        if isinstance(condition, All | Any):
            inside = [cls.of(one) for one in condition.of]
            return cls(*(frozenset().union(*(getattr(one, kind) for one in inside)) for kind in cls.__slots__))
        if isinstance(condition, Not):
            return cls.of(condition.of)
        if isinstance(condition, FactIs):
            return cls(facts=frozenset((condition.fact,)))
        if isinstance(condition, PurposeIs):
            return cls(purposes=frozenset(condition.of))
        if isinstance(condition, ActIs):
            return cls(acts=frozenset(condition.of))
        if isinstance(condition, BodyIs):
            return cls(bodies=frozenset(condition.of))
        return cls(technologies=frozenset(condition.of)) if isinstance(condition, TechnologyIs) else cls()
