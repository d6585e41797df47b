"""What a clause of a law decides: one kind of rule each, made of the keys that a law file states.

A rule knows nothing of who is judged; ``verdict`` and ``obligation`` ask it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from postme import condition
from postme.condition import Condition

# Chosen: within these years calendars and laws mean something, and no sum of days leaves what a date can hold.
YEARS = range(1800, 3000)
# Chosen: in years; no law here counts so far, a slip of the keyboard does.
FARTHEST = 200
# Chosen: in years; what came more often than monthly would be no duty with a day.
OFTENEST = 1 / 12


@dataclass(frozen=True, slots=True)
class Scope:
    """What a rule is about: acts, technologies (and those outside), bodies. Empty means the law's own, or any."""

    acts: tuple[str, ...] = ()
    technologies: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prohibit:
    """These acts are forbidden."""

    scope: Scope
    if_: Condition | None = None


@dataclass(frozen=True, slots=True)
class Approve:
    """These acts need approval first, by a body, through an instrument; ``proof`` is the condition that shows it was given."""

    scope: Scope
    by: str
    proof: Condition
    instrument: str = ""
    advisory: str = ""
    steps: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    if_: Condition | None = None


@dataclass(frozen=True, slots=True)
class Allow:
    """These acts are allowed only if a condition holds."""

    scope: Scope
    if_: Condition


@dataclass(frozen=True, slots=True)
class Except:
    """Lifts other provisions where its condition holds; ``then`` says what must be done by whoever relies on it.

    With ``outside`` the law does not reach such a case at all: it then says nothing of it, which is less than allowing it.
    """

    of: tuple[str, ...]
    scope: Scope
    if_: Condition | None = None
    then: str = ""
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Hidden:
    """What the law says of these acts and technologies was not seen: the answer is unknown, not no."""

    scope: Scope
    what: str
    if_: Condition | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """When something must be done: so long after (or before) an event, on a fixed day, again every so often.

    ``start`` names an event (of the vocabulary) or another provision's duty. ``unit`` is days, business_days, weeks, months
    or years. ``fixed`` is ``MM-DD``: the first such day once the period is over. ``every`` is in years, 0 for once.
    """

    start: str
    count: int = 0
    unit: str = "days"
    before: bool = False
    fixed: str = ""
    every: float = 0
    extension: int = 0
    date: date | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """What must be done, by whom and when; ``met_by`` is the fact that shows it was."""

    what: str
    bodies: tuple[str, ...]
    technologies: tuple[str, ...]
    met_by: str
    clock: Clock | None
    if_: Condition | None = None
    to: str = ""
    per: str = ""
    fields: tuple[str, ...] = ()
    late: str = ""
    unclocked: str = ""
    """Why it has no clock, where it has none."""
    gate: str = ""
    """The event that may not come before it is met; a clock that counts back from an event makes that its gate."""
    runs_before: str = ""
    """The event that may not come before its clock has run out, as the end of a time for comments."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What follows a breach: who may sue and for what, what is excluded, who is disciplined or punished."""

    kinds: tuple[str, ...]
    who: str = ""
    amount: str = ""
    cure_days: int | None = None
    not_: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """A property computed from facts, such as *controlled* under the 1033 programme."""

    name: str
    if_: Condition
    scope: Scope


@dataclass(frozen=True, slots=True)
class Preempt:
    """A law of a wider place that takes power from narrower ones over a scope: they are void there, or in doubt."""

    scope: Scope
    void: bool
    laws: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Define:
    """What a word of the law means: definitions decide the scopes of the other provisions."""

    word: str


Rule: TypeAlias = Prohibit | Approve | Allow | Except | Hidden | Duty | Remedy | Status | Preempt | Define


def _scope(entry: Mapping[str, Any]) -> Scope:
    return Scope(*(tuple(entry.get(key, ())) for key in ("acts", "technologies", "outside", "bodies")))


def _if(entry: Mapping[str, Any]) -> Condition | None:
    return conditioned(entry["if"]) if "if" in entry else None


def conditioned(entry: Any) -> Condition:
    """The condition that a file states: ``{fact: warrant}``, ``{any: [...]}``, ``{purpose: [...]}``, ``{unseen: words}`` …

    >>> conditioned({"all": [{"purpose": ["emergency"]}, {"fact": "warrant", "is": False}]}).of[1].is_
    False
    """
    if "all" in entry:
        return condition.All(tuple(map(conditioned, entry["all"])))
    if "any" in entry:
        return condition.Any(tuple(map(conditioned, entry["any"])))
    if "not" in entry:
        return condition.Not(conditioned(entry["not"]))
    if "purpose" in entry:
        return condition.PurposeIs(tuple(entry["purpose"]))
    if "act" in entry:
        return condition.ActIs(tuple(entry["act"]))
    if "body" in entry:
        return condition.BodyIs(tuple(entry["body"]))
    if "technology" in entry:
        return condition.TechnologyIs(tuple(entry["technology"]))
    if "unseen" in entry:
        return condition.Unseen(entry["unseen"])
    return condition.FactIs(
        entry["fact"], entry.get("is", True), entry.get("at_least"), entry.get("at_most"), entry.get("says", "")
    )


def _approve(entry: Mapping[str, Any]) -> Approve:
    findings = tuple(entry.get("findings", ()))
    shown: list[Condition] = (
        [conditioned(entry["proof"])] if "proof" in entry else [condition.FactIs("council_approved")]
    )
    if entry.get("findings_lift"):
        shown += [condition.FactIs(f"finding:{one}") for one in findings]
    return Approve(
        _scope(entry), entry["by"], shown[0] if len(shown) == 1 else condition.All(tuple(shown)), entry.get("instrument", ""),
        entry.get("advisory", ""), tuple(entry.get("steps", ())), findings, _if(entry),
    )  # fmt: skip


def _clock(entry: Mapping[str, Any]) -> Clock:
    units = ("days", "business_days", "weeks", "months", "years")
    unit = next((unit for unit in units if unit in entry), "days")
    return Clock(
        entry.get("from", entry.get("before", "")), entry.get(unit, 0), unit, "before" in entry, entry.get("fixed", ""), entry.get("every", 0),
        entry.get("extension_days", 0), entry.get("date"),
    )  # fmt: skip


def _duty(entry: Mapping[str, Any]) -> Duty:
    return Duty(
        entry["what"], tuple(entry.get("bodies", ())), tuple(entry.get("technologies", ())), entry["met_by"],
        _clock(entry["clock"]) if "clock" in entry else None, _if(entry), entry.get("to", ""), entry.get("per", ""),
        tuple(entry.get("fields", ())), entry.get("late", ""), entry.get("no_clock", ""),
        entry.get("gate", ""), entry.get("runs_before", ""),
    )  # fmt: skip


RULES: Mapping[str, Any] = {
    "prohibit": lambda entry: Prohibit(_scope(entry), _if(entry)),
    "approve": _approve,
    "allow": lambda entry: Allow(_scope(entry), conditioned(entry["if"])),
    "except": lambda entry: Except(
        tuple(entry["of"]), _scope(entry), _if(entry), entry.get("then", ""), bool(entry.get("outside_the_law"))
    ),
    "hidden": lambda entry: Hidden(_scope(entry), entry["what"], _if(entry)),
    "duty": _duty,
    "remedy": lambda entry: Remedy(
        tuple(entry["kinds"]), entry.get("who", ""), entry.get("amount", ""), entry.get("cure_days"), tuple(entry.get("not", ()))
    ),
    "status": lambda entry: Status(entry["name"], conditioned(entry["if"]), _scope(entry)),
    "preempt": lambda entry: Preempt(_scope(entry), entry["effect"] == "void", tuple(entry.get("laws", ())), tuple(entry.get("places", ()))),
    "define": lambda entry: Define(entry["word"]),
}  # fmt: skip
"""The kinds of rule, by the key that states one."""
