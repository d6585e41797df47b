"""The scores an audit rests on: the tail of the impostor scores, all genuine scores, and who took part.

Thresholds and every count come from here and nowhere else. A comparison is a *match* when its score is at or above
the threshold; higher is more alike.

>>> import numpy as np
>>> threshold_at(np.array([9.0, 7.0, 7.0, 1.0], np.float32), 100, 0.02)
9.0
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from postme.bias.comparisons import Numbers, Population
from postme.errors import WrongUse

Scores = NDArray[np.float32]
Rows = NDArray[np.int32]
_NOTHING = np.empty(0, np.int32)

# Scores so near to the threshold could fall on either side with another machine's rounding.
NEAR = 1e-6


class Shortfall(Exception):
    """The tail that was kept does not reach down to the rate asked for: it has to be made again from lower."""


def threshold_at(falling: NDArray[np.floating], total: int, rate: float, floor: float = float("-inf")) -> float:
    """The lowest impostor score at which no more than ``rate`` of ``total`` impostor comparisons match.

    ``falling``: the highest impostor scores in falling order, all of them down to ``floor``. With k = floor(rate x
    total) it is the k-th highest, stepped back over ties; with k = 0 the next number above the highest. This is
    bob.measure's convention too; others take the nearest rate, which can be exceeded.
    Errors: ``Shortfall`` when the tail ends above it; ``WrongUse`` for a rate that is none.
    """
    if not 0 < rate <= 1:
        raise WrongUse(
            f"{rate} is no false match rate.",
            why="It is a share of comparisons, above 0 and at most 1.",
            do="Give 1e-4 for 1 in 10,000.",
        )
    if not total:
        raise WrongUse(
            "There are no comparisons of different people.",
            why="A false match rate cannot be set without them.",
            do="Give people with different identifiers.",
        )
    wanted = int(np.floor(rate * total * (1 + 1e-12)))
    if wanted > len(falling) or (wanted == len(falling) < total and floor > float("-inf")):
        raise Shortfall
    if wanted and wanted < len(falling):
        # Ties with the next lower score would all match: go back to before them.
        wanted = int(np.searchsorted(-falling, -falling[wanted], side="left")) if falling[wanted - 1] == falling[wanted] else wanted  # fmt: skip
    if not wanted:
        if not len(falling):
            raise Shortfall
        return float(np.nextafter(falling[0], np.array(np.inf, falling.dtype)))
    return float(falling[wanted - 1])


@dataclass(frozen=True)
class Evidence:
    """What was measured, of people that are numbers.

    ``score`` (H,) in falling order, complete at and above ``floor``, between people ``i`` and ``j`` (H,);
    ``genuine`` (K,) in rising order, of ``person`` (K,). ``offered`` and ``lost`` (P,): images of each person, and
    those no template could be made of. ``rows``: of templates, the rows of each hit, of each genuine pair, and the
    person of each row; empty for score files.
    """

    population: Population
    score: Scores
    i: Numbers
    j: Numbers
    floor: float
    genuine: Scores
    person: Numbers
    offered: Numbers
    lost: Numbers
    hit_rows: tuple[Rows, Rows] = field(default=(_NOTHING, _NOTHING))
    mate_rows: tuple[Rows, Rows] = field(default=(_NOTHING, _NOTHING))
    row_person: Numbers = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return self.population.groups

    @cached_property
    def totals(self) -> dict[tuple[int, int], int]:
        """Impostor comparisons in each cell a <= b."""
        groups = range(self.groups)
        return {(a, b): self.population.total(a, b) for a in groups for b in groups if a <= b}

    @cached_property
    def _cells(self) -> tuple[Numbers, Numbers]:
        a, b = self.population.group[self.i], self.population.group[self.j]
        return np.minimum(a, b), np.maximum(a, b)

    def threshold(self, rate: float, *, scope: str = "all") -> float:
        """The threshold at a false match rate over ``all`` impostor comparisons, or over those ``within`` groups."""
        if scope == "all":
            return threshold_at(self.score, sum(self.totals.values()), rate, self.floor)
        a, b = self._cells
        total = sum(count for (one, two), count in self.totals.items() if one == two)
        return threshold_at(self.score[a == b], total, rate, self.floor)

    def above(self, threshold: float) -> int:
        """How many of the hits are at or above a threshold; they come first."""
        if threshold < self.floor:
            raise Shortfall
        return int(np.searchsorted(-self.score, -np.float64(threshold), side="right"))

    def hits(self, threshold: float, a: int, b: int) -> tuple[Numbers, Numbers]:
        """The two people of each false match in a cell."""
        number = self.above(threshold)
        low, high = self._cells
        here = np.flatnonzero((low[:number] == min(a, b)) & (high[:number] == max(a, b)))
        return self.i[here], self.j[here]

    def counts(self, threshold: float) -> NDArray[np.int64]:
        """False matches in every cell at once: (G, G), filled where a <= b."""
        number = self.above(threshold)
        low, high = self._cells
        flat = np.bincount(low[:number] * self.groups + high[:number], minlength=self.groups**2)
        return flat.reshape(self.groups, self.groups)

    def highest(self, a: int, b: int, number: int) -> float | None:
        """The ``number``-th highest score of a cell, or None when fewer were kept."""
        low, high = self._cells
        here = np.flatnonzero((low == min(a, b)) & (high == max(a, b)))
        return float(self.score[here[number - 1]]) if len(here) >= number else None

    def missed(self, threshold: float, group: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """False non-matches and genuine comparisons of each person of a group, in the order of ``population.people``."""
        who = self.population.people(group)
        people = len(self.population.group)
        below = int(np.searchsorted(self.genuine, np.float64(threshold), side="left"))
        errors = np.bincount(self.person[:below], minlength=people)[who]
        made = np.bincount(self.person, minlength=people)[who]
        return errors.astype(np.float64), made.astype(np.float64)

    def near(self, threshold: float) -> int:
        """Impostor scores within a millionth of the threshold: another machine's rounding could move them across."""
        return int(np.count_nonzero(np.abs(self.score.astype(np.float64) - threshold) <= NEAR))
