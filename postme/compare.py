"""One law held against another, or against a model, provision by provision; and what would change under an amended one.

What a law is not known to say is *not known*, never *lacks*: only a law whose text was read can be said to lack something.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from postme.because import Answer, Question
from postme.condition import Fact, Names
from postme.law import Law, Provision
from postme.lawshape import TOPICS
from postme.rule import Allow, Approve, Clock, Duty, Except, Hidden, Prohibit, Remedy
from postme.verdict import Lawbook, permission


class Standing(StrEnum):
    """How the second law stands to the first in one topic."""

    STRONGER = "stronger"
    SAME = "has it"
    DIFFERENT = "has it, differently"
    WEAKER = "weaker"
    LACKS = "lacks it"
    ADDS = "adds it"
    NOT_KNOWN = "not known"


# In these topics a longer list or a longer time leaves more room, and so is weaker.
_ROOM = frozenset(("exceptions", "exigent_use", "exemption_process", "existing_technology"))
_DAYS = {"days": 1.0, "business_days": 1.4, "weeks": 7.0, "months": 30.4, "years": 365.25}


@dataclass(frozen=True, slots=True)
class Side:
    """What one law has under a topic: its provisions, what can be counted of them, and times in days."""

    provisions: tuple[Provision, ...]
    items: frozenset[str]
    days: float | None
    hidden: bool

    @property
    def has(self) -> bool:
        """Whether anything of it was seen; whom a law binds is seen without a clause of its own."""
        return bool(self.items) or any(not isinstance(one.rule, Hidden) for one in self.provisions)


@dataclass(frozen=True, slots=True)
class Row:
    """One topic of a comparison: both sides, how the second stands to the first, and why."""

    topic: str
    first: Side
    second: Side
    standing: Standing
    why: str


def compared(first: Law, second: Law, on: date | None = None) -> tuple[Row, ...]:
    """Topic by topic, in the order of ``TOPICS``; topics that neither law has are left out.

    ``on`` leaves out provisions that did not stand that day.
    """
    rows = []
    for topic in TOPICS:
        one, other = _side(first, topic, on), _side(second, topic, on)
        if one.provisions or other.provisions:
            rows.append(Row(topic, one, other, *_standing(topic, one, other, first, second)))
    return tuple(rows)


def _side(law: Law, topic: str, on: date | None) -> Side:
    found = tuple(one for one in law.provisions if one.topic == topic and (on is None or one.stands(on) is not False))
    items = frozenset(item for one in found for item in _items(one))
    if topic == "who_is_bound":
        items |= frozenset(law.binds)
    times = [time for one in found if (time := _days(one)) is not None]
    return Side(found, items, max(times) if times else None, any(isinstance(one.rule, Hidden) for one in found))


def _items(provision: Provision) -> Iterator[str]:
    rule = provision.rule
    if isinstance(rule, Prohibit | Allow | Approve):
        yield from rule.scope.acts
    if isinstance(rule, Approve):
        yield from (f"first: {step}" for step in rule.steps)
        yield from (f"finding: {one}" for one in rule.findings)
        yield from (f"advice of: {name}" for name in (rule.advisory,) if name)
    if isinstance(rule, Except):
        names = Names.of(rule.if_) if rule.if_ else Names()
        yield from sorted(names.purposes) or (provision.id,)
    if isinstance(rule, Duty):
        yield from rule.fields or (rule.what,)
    if isinstance(rule, Remedy):
        yield from rule.kinds


def _days(provision: Provision) -> float | None:
    timer: Clock | None = provision.rule.clock if isinstance(provision.rule, Duty) else None
    return timer.count * _DAYS[timer.unit] if timer and timer.count else None


def _read(law: Law) -> bool:
    """Whether its text was read, all of it."""
    return law.text_seen and not law.unseen


def _standing(topic: str, first: Side, second: Side, one: Law, other: Law) -> tuple[Standing, str]:
    if first.has and not second.has:
        if second.hidden or not _read(other):
            return Standing.NOT_KNOWN, f"what {other.name} says of it was not seen"
        return Standing.LACKS, f"{other.name} says nothing of it"
    if second.has and not first.has:
        if first.hidden or not _read(one):
            return Standing.NOT_KNOWN, f"what {one.name} says of it was not seen"
        return Standing.ADDS, f"{one.name} says nothing of it"
    if not first.has:
        return Standing.NOT_KNOWN, "neither was seen"
    verdict, why = _by_items(first, second)
    if (
        verdict is Standing.SAME
        and first.days is not None
        and second.days is not None
        and round(first.days) != round(second.days)
    ):
        longer = second.days > first.days
        better = longer if topic == "notice" else not longer
        why = f"{_told(second.days)} instead of {_told(first.days)}"
        return (Standing.STRONGER if better else Standing.WEAKER), why
    if topic in _ROOM and verdict in (Standing.STRONGER, Standing.WEAKER):
        verdict = Standing.WEAKER if verdict is Standing.STRONGER else Standing.STRONGER
    unread = [law.name for law, side in ((one, first), (other, second)) if side.hidden or not _read(law)]
    return verdict, why + (
        f" (as far as seen: the text of {' and '.join(unread)} was not read in full)" if unread else ""
    )


def _by_items(first: Side, second: Side) -> tuple[Standing, str]:
    more, less = second.items - first.items, first.items - second.items
    if not more and not less:
        return Standing.SAME, "the same things are named" if first.items else "both have a clause"
    if not less:
        return Standing.STRONGER, f"it also names {_list(more)}"
    if not more:
        return Standing.WEAKER, f"it does not name {_list(less)}"
    return Standing.DIFFERENT, f"it names {_list(more)}, and not {_list(less)}"


def _list(items: Iterable[str]) -> str:
    return ", ".join(item.replace("_", " ") for item in sorted(items))


def _told(days: float) -> str:
    return f"{days:.0f} days"


# --- what if ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose answer would be another under the proposal."""

    question: Question
    before: Answer
    after: Answer
    why: str


def what_if(
    before: Lawbook, after: Lawbook, law: str, on: date, facts: Mapping[str, Fact] | None = None
) -> tuple[Change, ...]:
    """Every question about a law's place, bodies, acts, technologies and purposes that would be answered otherwise.

    ``law`` is the id that stands in ``after``, and perhaps in ``before``; both are asked with the same facts on the same day.
    """
    ours = [book.laws[law] for book in (before, after) if law in book.laws]
    place = ours[-1].place.short
    changes = []
    for question in _questions(ours, before, place, on, facts or {}):
        first, second = permission(question, before), permission(question, after)
        if first.answer is not second.answer:
            changes.append(
                Change(question, first.answer, second.answer, second.because[0].says if second.because else "")
            )
    return tuple(changes)


def _questions(
    laws: Sequence[Law], book: Lawbook, place: str, on: date, facts: Mapping[str, Fact]
) -> Iterator[Question]:
    words = book.vocabulary
    rules = [one.rule for law in laws for one in law.provisions if not isinstance(one.rule, Duty)]
    scopes = [scope for rule in rules if (scope := getattr(rule, "scope", None))]
    bound = {name for one in (*laws, *scopes) for name in (one.binds if isinstance(one, Law) else one.bodies)}
    bodies = [body for body in words.bodies if any(words.body_is(body, listed) for listed in bound)]
    named = {name for one in (*laws, *scopes) for name in one.technologies}
    technologies = sorted(
        t for t in words.technologies if any(words.technology_is(t, name) is not False for name in named)
    )
    # A purpose that another law here excepts can show a change that stays hidden behind that law without it.
    purposes = sorted(
        {
            purpose
            for law in (*book.reaching(place), *laws)
            for one in law.provisions
            for name in ("if_", "proof")
            if (condition := getattr(one.rule, name, None))
            for purpose in Names.of(condition).purposes
        }
    )
    for body in bodies:
        for act in words.acts:
            for technology in technologies:
                for purpose in (None, *purposes):
                    yield Question(place, body, act, technology, on, purpose, facts)
