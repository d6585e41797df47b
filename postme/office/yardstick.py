"""Where a measure of an audit lies among the systems that NIST published, in words that say what may not be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from postme.keeping import yardsticks
from postme.keeping.yardsticks import Person, Yard, Yardstick

# Labels that say of whom a group is, whatever an audit calls it.
_WOMEN = {"f", "female", "females", "woman", "women"}
_MEN = {"m", "male", "males", "man", "men"}
CAUTION = "NIST compares people of the same sex, age group and region of birth, at one threshold for each system, with border and visa photos. Another test is another measure: the scale shows what is usual, not a rank."


@dataclass(frozen=True, slots=True)
class Lies:
    """A measure beside the published ones, and a sentence that says where it lies."""

    measure: str
    name: str
    value: float
    best: float | None
    median: float
    worst: float | None
    words: str


def published() -> Yardstick:
    """The published figures themselves."""
    return yardsticks.nist()


def misidentified() -> tuple[Person, ...]:
    """The people whom the police took for somebody else, the oldest case first."""
    return yardsticks.misidentified()


def lies(measure: str, value: float) -> Lies | None:
    """Where ``value`` of a measure lies; None for a measure that NIST does not publish.

    >>> lies("women_men", 1.7).words
    'below the median of the systems NIST published (3.37)'
    """
    found = next((one for one in yardsticks.nist().measures if one.id == measure), None)
    if found is None:
        return None
    return Lies(measure, found.name, value, found.best, found.median, found.worst, _words(found, value))


def _words(yard: Yard, value: float) -> str:
    of = "the systems NIST published"
    if yard.worst is not None and value > yard.worst:
        return f"above the worst of {of} ({yard.worst:g})"
    if yard.best is not None and value < yard.best:
        return f"below the best of {of} ({yard.best:g})"
    if value > yard.median:
        return f"above the median of {of} ({yard.median:g})"
    return f"below the median of {of} ({yard.median:g})" if value < yard.median else f"at the median of {of}"


def of_level(level: Mapping[str, Any]) -> list[Lies]:
    """What of one level of an audit can be laid beside NIST's figures: women over men, and measures over many groups."""
    found = []
    rates = {
        str(one["name"]).casefold(): one["false_match"]["rate"]
        for one in level["groups"]
        if one["shown"] and one["false_match"]["errors"]
    }
    women = next((rates[name] for name in rates if name in _WOMEN), None)
    men = next((rates[name] for name in rates if name in _MEN), None)
    if women and men:
        found.append(lies("women_men", women / men))
    values = {one["id"]: one["value"] for one in level["measures"] if one["of"] == "false matches"}
    # A maximum over few groups is smaller by its nature than one over fifty: these need at least eight.
    if sum(1 for one in level["groups"] if one["shown"]) >= 8:
        found += [lies(name, values[name]) for name in ("max_geomean", "gini") if values.get(name) is not None]
    return [one for one in found if one is not None]
