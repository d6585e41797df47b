"""What was compared with what: people in groups, and how many comparisons each pair of people stands for.

Groups are numbered 0 to G-1 and people 0 to P-1; nobody has a name here. A *cell* is a pair of groups a <= b; the
cells with a = b hold the comparisons *within* a group. All uncertainty comes from people, not from comparisons.

>>> import numpy as np
>>> every = AllPairs(images=np.array([2, 1, 1]), group=np.array([0, 0, 1]))
>>> every.total(0, 0), every.total(0, 1)
(2, 3)
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]

# Above so many people in a cell a table of all pairs of them no longer fits beside the rest: 4,000² x 4 bytes.
_DENSE = 4000
# Weighted sums over listed pairs are made in pieces of so many numbers.
_PIECE = 4_000_000


class Population(ABC):
    """People in groups, and the impostor comparisons made between them."""

    group: Numbers

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return int(self.group.max(initial=-1)) + 1

    def people(self, group: int) -> Numbers:
        """The numbers of the people of a group."""
        return np.flatnonzero(self.group == group)

    @abstractmethod
    def total(self, a: int, b: int) -> int:
        """Comparisons of different people in a cell."""

    @abstractmethod
    def made(self, a: int, b: int) -> tuple[Numbers, Floats]:
        """The people of a cell and the comparisons that each takes part in."""

    @abstractmethod
    def squares(self, a: int, b: int) -> float:
        """The sum over pairs of people of the square of their comparisons."""

    @abstractmethod
    def between(self, i: Numbers, j: Numbers) -> Numbers:
        """Comparisons between each of the pairs of people (i, j)."""

    @abstractmethod
    def weighted(self, group: int, weights: Floats) -> Floats:
        """Comparisons within a group when its people (in the order of ``people``) count ``weights`` (B, n) times."""


@dataclass(frozen=True)
class AllPairs(Population):
    """Everybody was compared with everybody else: counts in closed form.

    ``images`` (P,) templates of each person, ``group`` (P,).
    """

    images: Numbers
    group: Numbers

    def total(self, a: int, b: int) -> int:
        """T²/2 less the person's own, or T_a T_b."""
        own, other = self.images[self.group == a], self.images[self.group == b]
        if a == b:
            return int((int(own.sum()) ** 2 - int((own * own).sum())) // 2)
        return int(own.sum()) * int(other.sum())

    def made(self, a: int, b: int) -> tuple[Numbers, Floats]:
        """n_i (T - n_i) within a group; n_i T_b across."""
        one, two = self.people(a), self.people(b)
        if a == b:
            count = self.images[one].astype(np.float64)
            return one, count * (count.sum() - count)
        left, right = self.images[one].astype(np.float64), self.images[two].astype(np.float64)
        return np.concatenate([one, two]), np.concatenate([left * right.sum(), right * left.sum()])

    def squares(self, a: int, b: int) -> float:
        """((sum n²)² - sum n⁴) / 2 within; the product of the sums of squares across."""
        own = self.images[self.group == a].astype(np.float64) ** 2
        if a == b:
            return float((own.sum() ** 2 - (own * own).sum()) / 2)
        other = self.images[self.group == b].astype(np.float64) ** 2
        return float(own.sum() * other.sum())

    def between(self, i: Numbers, j: Numbers) -> Numbers:
        """n_i n_j."""
        return self.images[i] * self.images[j]

    def weighted(self, group: int, weights: Floats) -> Floats:
        """The closed form once more, with each person's templates counted as often as the person was drawn."""
        count = weights * self.images[self.people(group)]
        whole = count.sum(axis=1)
        return np.asarray((whole * whole - np.einsum("bi,bi->b", count, count)) / 2)


class Listed(Population):
    """Comparisons as a file lists them: any design, some people compared more often than others.

    ``i`` and ``j`` (n,) the two people of each impostor comparison, ``group`` (P,).
    """

    def __init__(self, i: Numbers, j: Numbers, group: Numbers) -> None:
        self.group = group
        people = len(group)
        low, high = np.minimum(i, j).astype(np.int64), np.maximum(i, j).astype(np.int64)
        keys, counts = np.unique(low * people + high, return_counts=True)
        self._keys, self._counts = keys, counts
        self._i, self._j = keys // people, keys % people
        a, b = group[self._i], group[self._j]
        self._cell = np.minimum(a, b) * (self.groups + 1) + np.maximum(a, b)

    def _of(self, a: int, b: int) -> tuple[Numbers, Numbers, Numbers]:
        here = self._cell == min(a, b) * (self.groups + 1) + max(a, b)
        return self._i[here], self._j[here], self._counts[here]

    def total(self, a: int, b: int) -> int:
        """Rows of the file in the cell."""
        return int(self._of(a, b)[2].sum())

    def made(self, a: int, b: int) -> tuple[Numbers, Floats]:
        """Rows of the file that each person is in."""
        i, j, count = self._of(a, b)
        sums = np.bincount(np.concatenate([i, j]), np.concatenate([count, count]).astype(np.float64), len(self.group))
        who = np.flatnonzero(sums)
        return who.astype(np.int64), sums[who].astype(np.float64)

    def squares(self, a: int, b: int) -> float:
        """From the list."""
        return float((self._of(a, b)[2].astype(np.float64) ** 2).sum())

    def between(self, i: Numbers, j: Numbers) -> Numbers:
        """Looked up; 0 where the file has no such pair."""
        key = np.minimum(i, j).astype(np.int64) * len(self.group) + np.maximum(i, j)
        place = np.minimum(np.searchsorted(self._keys, key), max(0, len(self._keys) - 1))
        return np.where(self._keys[place] == key, self._counts[place], 0) if len(self._keys) else np.zeros_like(key)

    def weighted(self, group: int, weights: Floats) -> Floats:
        """The sum of w_i w_j m over the listed pairs of a group."""
        i, j, count = self._of(group, group)
        return pair_sums(self.people(group), i, j, count, weights)


def pair_sums(who: Numbers, i: Numbers, j: Numbers, count: Numbers, weights: Floats) -> Floats:
    """For each row of ``weights`` (B, n), n people ``who``: the sum over pairs (i, j) of w_i w_j count."""
    left, right = np.searchsorted(who, i), np.searchsorted(who, j)
    size, rows = len(who), len(weights)
    if size <= _DENSE and len(i) > 8 * size:
        table = np.zeros((size, size), np.float32)
        np.add.at(table, (left, right), count)
        light = weights.astype(np.float32)
        return np.asarray(np.einsum("bi,bi->b", light @ table, light, dtype=np.float64))
    turned = np.ascontiguousarray(weights.T)
    sums = np.zeros(rows)
    step = max(1, _PIECE // max(1, rows))
    for at in range(0, len(i), step):
        part = slice(at, at + step)
        sums += count[part].astype(np.float64) @ (turned[left[part]] * turned[right[part]])
    return sums
