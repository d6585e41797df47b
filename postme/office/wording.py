"""Laws and answers in words: names for ids, what a clause does, whether a law stands, the one reason a reader asks for first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from postme.because import Because, Permission, Question
from postme.condition import Fact
from postme.day import Day
from postme.keeping import laws, places
from postme.law import Law
from postme.place import Level, placed
from postme.rule import Allow, Approve, Clock, Define, Duty, Except, Hidden, Preempt, Prohibit, Remedy, Rule, Status
from postme.vocabulary import Vocabulary

FICTION = "zz"
"""No state has this code: what stands in it is made up."""
_MARK, _MADE_UP = "fiction", "A made-up state"
MESSAGES = (_MARK, _MADE_UP)
"""What goes through ``say``."""
_KINDS = {
    "surveillance": "surveillance technology of every kind",
    "military": "military equipment of every kind",
    "any": "surveillance technology and military equipment of every kind",
    "law_enforcement": "law enforcement: police, sheriff, state police, campus police",
    "local_law_enforcement": "local law enforcement: police and sheriff",
    "local_agencies": "local agencies: of cities, counties and special districts",
    "state_and_local_agencies": "state and local agencies, and police of colleges",
}
_NO_QUESTION = Question("us", "", "", "", date.min, None, dict[str, Fact]())


def named(id_: str) -> str:
    """A body, agency, group, technology, act or purpose in words; an unknown id with its underscores as spaces.

    >>> named("city_department"), named("surveillance"), named("hennepin_county_sheriff")
    ('a department of the city', 'surveillance technology of every kind', "the Hennepin County Sheriff's Office")
    """
    words = laws.words()
    if id_ in words.agencies or id_ in words.bodies:
        return words.body_says(id_)
    said = _KINDS.get(id_) or words.technologies.get(id_) or words.acts.get(id_) or words.purposes.get(id_)
    return said or id_.replace("_", " ").replace("/", ": ")


def spoken() -> tuple[str, ...]:
    """Words of ours that pages show beside a law's own: groups of bodies and of things, and what starts a clock."""
    return (*_KINDS.values(), *laws.words().events.values())


def place(short: str, say: Callable[[str], str] = str) -> str:
    """A place with its state; what is made up says so, in the language that ``say`` gives it in.

    >>> place("us/mn"), place("us/mn/minneapolis"), place("us/zz/mill_falls")
    ('Minnesota', 'Minneapolis, Minnesota', 'Mill Falls (fiction)')
    """
    name = unmarked(short, say)
    return f"{name} ({say(_MARK)})" if placed(short).state == FICTION else name


def unmarked(short: str, say: Callable[[str], str] = str) -> str:
    """A place with its state, where the mark of fiction stands elsewhere; a made-up town has no real state to name.

    >>> unmarked("us/ny/new_york"), unmarked("us/zz/mill_falls"), unmarked("us/zz")
    ('New York, New York', 'Mill Falls', 'A made-up state')
    """
    one = placed(short)
    if one.state == FICTION:
        return say(_MADE_UP) if one.level is Level.STATE else places.name_of(short)
    name = places.name_of(short)
    return name if one.level in (Level.COUNTRY, Level.STATE) else f"{name}, {places.name_of(f'us/{one.state}')}"


def force(law: Law, on: date) -> str:
    """How a law stands on a day: ``model``, ``in_force``, ``not_yet``, ``not_adopted`` (as far as seen), ``ended`` or ``unknown``."""
    if law.instrument == "model":
        return "model"
    stands = law.stands(on)
    if stands is None:
        return "unknown"
    if stands:
        return "in_force"
    if law.starts.reached(on) is False:
        return "not_yet" if law.adopted.on.reached(on) else "not_adopted"
    return "ended"


def turns(law: Law) -> frozenset[date]:
    """The days on which what a law says may become another: it starts, it ends, or one of its clauses does."""
    days = [law.starts, law.ends, *(day for one in law.provisions for day in (one.start, one.end))]
    return frozenset(end for day in days if isinstance(day, Day) for end in (day.first, day.last) if end)


def reason(found: Permission) -> Because | None:
    """The one step that decides: of the laws that give the answer the narrowest's first rule, or the exception that lifts it.

    ``None`` where nothing decides, because no law says anything.
    """
    if not found.conditions and found.answer.value == "no_law_found":
        return next((one for one in found.because if one.outcome in ("preempted", "lifted")), None)
    # Laws stand in the order of their places, the widest first: the town's own is the one that its people know.
    for law in reversed([one for one in found.because if one.outcome == found.answer.value]):
        for rule in law.parts:
            lifting = [one for one in rule.parts if one.kind == "exception" and one.outcome == "shown"]
            if rule.outcome in ("lifted", "lifted if"):
                return lifting[0] if lifting else next((one for one in rule.parts if one.outcome == "unknown"), rule)
            return rule
    return None


def _clock(one: Clock | None, words: Vocabulary) -> dict[str, Any] | None:
    if one is None:
        return None
    start = words.events.get(one.start) or words.facts.get(one.start) or one.start.replace("_", " ").replace("-", " ")
    return {
        "from": start, "count": one.count, "unit": one.unit, "before": one.before, "fixed": one.fixed, "every": one.every,
        "extension": one.extension, "date": one.date.isoformat() if one.date else None,
    }  # fmt: skip


def vocabulary(law: Law) -> Vocabulary:
    """The words of all laws, and the facts that only this one asks for."""
    every = laws.book().vocabulary
    return replace(every, facts={**every.facts, **law.facts})


def does(rule: Rule | None, words: Vocabulary) -> dict[str, Any]:
    """What a clause does besides speaking, as JSON has it: the parts that its kind of rule has; empty parts left out.

    Ids stand under ``acts``, ``technologies``, ``outside``, ``bodies``, ``lifts``; everything else is in words. ``clock`` says when
    something is due: so many units from (or before) an event, on a fixed ``MM-DD``, again every so many years.
    """
    found = _parts(rule, words)
    if isinstance(rule, Prohibit | Approve | Allow | Except | Hidden | Status | Preempt):
        scope = rule.scope
        found |= {
            "acts": scope.acts,
            "technologies": scope.technologies,
            "outside": scope.outside,
            "bodies": scope.bodies,
        }
    if isinstance(rule, Prohibit | Approve | Allow | Except | Hidden | Status | Duty):
        found["if"] = rule.if_.ask(_NO_QUESTION, words).says if rule.if_ else ""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in found.items() if value}


def _parts(rule: Rule | None, words: Vocabulary) -> dict[str, Any]:
    if isinstance(rule, Approve):
        steps = tuple(words.fact_says(step) for step in rule.steps)
        return {
            "by": rule.by.replace("_", " "), "instrument": rule.instrument.replace("_", " "), "advisory": rule.advisory, "steps": steps,
            "findings": tuple(one.replace("_", " ") for one in rule.findings),
        }  # fmt: skip
    if isinstance(rule, Except):
        return {"lifts": rule.of, "then": rule.then, "outside_the_law": rule.outside}
    if isinstance(rule, Hidden):
        return {"not_seen": rule.what}
    if isinstance(rule, Duty):
        return {
            "duty": rule.what, "bodies": rule.bodies, "technologies": rule.technologies, "to": rule.to, "per": rule.per, "fields": tuple(one.replace("_", " ") for one in rule.fields),
            "late": rule.late, "clock": _clock(rule.clock, words), "no_clock": rule.unclocked, "shown_by": words.fact_says(rule.met_by),
        }  # fmt: skip
    if isinstance(rule, Remedy):
        return {
            "remedies": tuple(one.replace("_", " ") for one in rule.kinds), "who": rule.who, "amount": rule.amount, "cure_days": rule.cure_days,
            "ruled_out": tuple(one.replace("_", " ") for one in rule.not_),
        }  # fmt: skip
    if isinstance(rule, Preempt):
        return {"effect": "void" if rule.void else "in doubt", "laws": rule.laws, "places": rule.places}
    if isinstance(rule, Define):
        return {"word": rule.word}
    return {"status": rule.name.replace("_", " ")} if isinstance(rule, Status) else {}


def names(law: Law) -> Mapping[str, str]:
    """Every id of bodies, acts and technologies that a law uses, with its words."""
    words = vocabulary(law)
    used = [*law.binds, *law.not_bound, *law.technologies, *law.outside]
    for one in law.provisions:
        told = does(one.rule, words)
        used += [id_ for kind in ("acts", "technologies", "outside", "bodies") for id_ in told.get(kind, ())]
    return {id_: named(id_) for id_ in dict.fromkeys(used)}
