"""Error rates of a group, or of a pair of groups, each with the people behind it and an interval that counts people.

>>> import numpy as np
>>> made = Rate(3, 100, 20, variance=0.03 * 0.97 / 100, freedom=1e9)
>>> round(made.low, 4), round(made.high, 4), made.enough
(0.0103, 0.0845, False)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from postme.bias.clusters import by_person, dyadic
from postme.bias.evidence import Evidence
from postme.bias.intervals import t_of, upper_bound, wilson
from postme.bias.planning import ENOUGH

# A cell of fewer people is not shown: somebody could be recognised in it, and it says nothing.
FEWEST_PEOPLE = 10


@dataclass(frozen=True)
class Rate:
    """``errors`` in ``comparisons`` by ``people``; ``variance`` and ``freedom`` as clusters gives them.

    ``deff_zero``: how many times fewer comparisons count, borrowed from a lower threshold, when there is no error.
    """

    errors: int
    comparisons: int
    people: int
    variance: float
    freedom: float
    deff_zero: float | None = None

    @property
    def value(self) -> float | None:
        """Errors over comparisons; None when nothing was compared."""
        return self.errors / self.comparisons if self.comparisons else None

    @property
    def enough(self) -> bool:
        """Whether there are the 30 errors that a rate can be told from (Doddington's rule)."""
        return self.errors >= ENOUGH

    @property
    def shown(self) -> bool:
        """Whether enough people are in it to be shown at all."""
        return self.people >= FEWEST_PEOPLE

    @cached_property
    def effective(self) -> float:
        """The number of independent comparisons that would tell as much."""
        rate = self.value
        if rate and rate < 1 and self.variance > 0:
            return min(self.comparisons, rate * (1 - rate) / self.variance)
        if not self.errors and self.deff_zero:
            return self.comparisons / self.deff_zero
        return min(float(self.comparisons), float(max(1, self.people // 2)))

    @property
    def deff(self) -> float:
        """The design effect: comparisons for each independent one, 1 or more."""
        return self.comparisons / self.effective if self.comparisons else 1.0

    @cached_property
    def interval(self) -> tuple[float, float]:
        """95 %: Wilson's with the effective number and Student's t; for no error 0 and the exact one-sided bound."""
        if not self.comparisons:
            return (0.0, 1.0)
        if not self.errors:
            return 0.0, upper_bound(0, self.effective)
        return wilson(self.errors / self.deff, self.effective, t_of(self.freedom))

    @property
    def low(self) -> float:
        """The lower end of the interval."""
        return self.interval[0]

    @property
    def high(self) -> float:
        """The upper end of the interval."""
        return self.interval[1]

    @property
    def safest(self) -> float:
        """The upper bound that assumes least: as if only people // 2 pairs, who share nobody, had been compared."""
        return upper_bound(min(self.errors, self.people // 2), max(1, self.people // 2))

    @property
    def log_spread(self) -> float:
        """The standard error of the rate's logarithm; infinite without an error."""
        rate = self.value
        return math.sqrt(self.variance) / rate if rate else math.inf


def false_match(evidence: Evidence, threshold: float, a: int, b: int) -> Rate:
    """How often two different people of groups ``a`` and ``b`` are taken for one."""
    population = evidence.population
    i, j = evidence.hits(threshold, a, b)
    people = len(population.people(a)) + (len(population.people(b)) if a != b else 0)
    total = evidence.totals[min(a, b), max(a, b)]
    if len(i):
        spread = dyadic(population, a, b, i, j)
        return Rate(len(i), total, people, spread.variance, spread.freedom)
    return Rate(0, total, people, 0.0, 1.0, _borrowed(evidence, a, b) if total else None)


def _borrowed(evidence: Evidence, a: int, b: int) -> float | None:
    """The design effect where the cell first shows 30 errors (or 10), lower down."""
    for number in (ENOUGH, 10):
        lower = evidence.highest(a, b, number)
        if lower is not None:
            i, j = evidence.hits(lower, a, b)
            total = evidence.totals[min(a, b), max(a, b)]
            rate = len(i) / total
            return max(1.0, dyadic(evidence.population, a, b, i, j).variance * total / (rate * (1 - rate))) if rate < 1 else None  # fmt: skip
    return None


def false_non_match(evidence: Evidence, threshold: float, group: int) -> Rate:
    """How often one person of a group is not recognised in another picture of the same person."""
    errors, made = evidence.missed(threshold, group)
    tried = made > 0
    spread = by_person(errors[tried], made[tried])
    people = int(tried.sum())
    total = int(made.sum())
    # Without an error, a person counts once however many pictures there are: the cautious end.
    zero = total / people if people and not errors.any() else None
    return Rate(int(errors.sum()), total, people, spread.variance, spread.freedom, zero)


def not_acquired(evidence: Evidence, group: int) -> Rate:
    """How often no template could be made of a picture: such a person cannot be recognised at all."""
    who = evidence.population.people(group)
    errors, made = evidence.lost[who].astype(float), evidence.offered[who].astype(float)
    spread = by_person(errors, made)
    total = int(made.sum())
    zero = total / len(who) if len(who) and not errors.any() else None
    return Rate(int(errors.sum()), total, len(who), spread.variance, spread.freedom, zero)
