"""From one comparison to the street: a face against a watchlist, by the thousand, every day.

A search of one face against N entries is N comparisons. False positive identification rate (FPIR): the share of
searches of people who are *not* on the list that return somebody. False negative (FNIR): of people who are on it,
the share that is not returned.

>>> round(fpir(1e-6, 10_000), 9)
0.009950171
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from postme.bias.evidence import Evidence
from postme.errors import WrongUse

# A day's alerts and a month's: a month is taken as 30 days.
DAYS = 30


def fpir(false_match_rate: float, entries: int) -> float:
    """1 - (1 - FMR)^N: the chance that a search of N entries returns a stranger, if comparisons were independent.

    They are not quite, and some products rescale scores by the list's size: measure it too (``measured``).
    Source: P. Grother, NIST Interagency Report 8429 (draft, 2022), annex B.
    """
    _share(false_match_rate, "A false match rate")
    if entries < 0:
        raise WrongUse(f"A watchlist of {entries} is none.", why="It has 0 entries or more.", do="Count its pictures.")
    return 1.0 if false_match_rate == 1 and entries else -math.expm1(entries * math.log1p(-false_match_rate))


def fpir_of(rates: Sequence[float], entries: Sequence[int]) -> float:
    """The same for a list of several groups: 1 - product of (1 - FMR_gh)^n_h.

    ``rates``: of the searched person's group against each group h on the list; ``entries``: n_h. A list with many of
    one group wrongs that group twice: by their number, and because people of one group are taken for each other.

    >>> fpir_of([1e-4, 1e-6], [1000, 9000]) > fpir(1e-6, 10_000)
    True
    """
    stays = 1.0
    for rate, number in zip(rates, entries, strict=True):
        stays *= 1 - fpir(rate, number)
    return 1 - stays


@dataclass(frozen=True)
class Street:
    """What a false positive identification rate means for the people of a group.

    ``search``: wrong alerts in one search; ``day`` and ``month``: in all searches of people who are not on the list;
    ``day_any``: the chance of at least one a day.
    """

    search: float
    day: float
    month: float
    day_any: float


def street(rate: float, scans: float) -> Street:
    """Expected wrong alerts from ``scans`` searches a day at a false positive identification rate.

    >>> street(1 / 6000, 100_000).day
    16.666666666666668
    """
    _share(rate, "A false positive identification rate")
    if not 0 <= scans < math.inf:
        raise WrongUse(
            f"{scans} searches a day cannot be.", why="It is a number from 0 up.", do="Give the faces scanned a day."
        )
    day = rate * scans
    return Street(rate, day, day * DAYS, -math.expm1(-day))


def precision(prevalence: float, tpir: float, rate: float) -> float | None:
    """Of the alerts, the share that is right: pi TPIR / (pi TPIR + (1 - pi) FPIR).

    ``prevalence``: the share of those scanned who are on the list; ``tpir``: of these, the share found. None when
    there is no alert at all.

    >>> round(precision(10 / 100_000, 0.89, 1 / 6000), 3)
    0.348
    """
    right = _share(prevalence, "A prevalence") * _share(tpir, "A true positive rate")
    wrong = (1 - prevalence) * _share(rate, "A false positive identification rate")
    return right / (right + wrong) if right + wrong > 0 else None


@dataclass(frozen=True)
class Found:
    """Searches of one group against watchlists that were drawn from the test itself, and how they ended.

    ``alarms`` of ``strangers`` searches returned somebody; ``missed`` of ``mated`` did not return the right one.
    """

    alarms: int
    strangers: int
    missed: int
    mated: int

    @property
    def fpir(self) -> float | None:
        """Alarms over searches of strangers."""
        return self.alarms / self.strangers if self.strangers else None

    @property
    def fnir(self) -> float | None:
        """Misses over searches of people on the list."""
        return self.missed / self.mated if self.mated else None


def measured(
    evidence: Evidence,
    threshold: float,
    listed: Mapping[int, int],
    *,
    rank: int | None = None,
    draws: int = 20,
    seed: int = 0,
) -> dict[int, Found]:
    """Searches against watchlists drawn by lot from the test, counted exactly from its tail; nothing is assumed.

    ``listed``: how many people of each group are put on a list, one picture each; everybody else is a stranger, and
    the other pictures of those on the list are searches that ought to end well. ``rank``: the length of the candidate
    list, None for no limit. Errors: ``WrongUse`` when the evidence is a score file, or a group has too few people.
    """
    person = evidence.row_person
    if not len(person):
        raise WrongUse(
            "Searches cannot be measured from a file of scores.",
            why="It does not say every picture's score with every other.",
            do="Give templates, or use the rates by formula.",
        )
    group = evidence.population.group
    number = evidence.above(threshold)
    one, two = evidence.hit_rows[0][:number], evidence.hit_rows[1][:number]
    mate_one, mate_two = evidence.mate_rows
    chance = np.random.default_rng(seed)
    sums = {g: [0, 0, 0, 0] for g in range(evidence.groups)}
    for _ in range(draws):
        on_list = np.zeros(len(group), bool)
        for which, wanted in listed.items():
            people = evidence.population.people(which)
            if wanted > len(people) - 1:
                raise WrongUse(
                    f"A list of {wanted} cannot be drawn from {len(people)} people of a group.",
                    why="Somebody has to be left who is not on it.",
                    do="Draw fewer.",
                )
            on_list[chance.choice(people, wanted, replace=False)] = True
        enrolled = _one_picture_each(person, on_list, chance)
        stranger = ~on_list[person]
        alarmed = np.zeros(len(person), bool)
        alarmed[one[enrolled[two] & stranger[one]]] = True
        alarmed[two[enrolled[one] & stranger[two]]] = True
        probe = on_list[person] & ~enrolled
        mate = np.full(len(person), -np.inf, np.float32)
        for a, b in ((mate_one, mate_two), (mate_two, mate_one)):
            here = enrolled[b]
            mate[a[here]] = evidence.genuine[here]
        ahead = np.zeros(len(person), np.int64)
        if rank is not None:
            for a, b in ((one, two), (two, one)):
                before = enrolled[b] & (evidence.score[:number] > mate[a])
                np.add.at(ahead, a[before], 1)
        missed = probe & ((mate < threshold) | (ahead >= (rank or np.iinfo(np.int64).max)))
        for g, sum_ in sums.items():
            here = group[person] == g
            for at, what in enumerate((alarmed & stranger, stranger, missed, probe)):
                sum_[at] += int(np.count_nonzero(what & here))
    return {g: Found(*sum_) for g, sum_ in sums.items()}


def _one_picture_each(person: np.ndarray, on_list: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """Of everybody on the list one row by lot: (rows,) of bool."""
    order = chance.permutation(len(person))
    _, first = np.unique(person[order], return_index=True)
    chosen = np.zeros(len(person), bool)
    chosen[order[first]] = True
    return np.asarray(chosen & on_list[person])


def _share(value: float, what: str) -> float:
    if not 0 <= value <= 1:
        raise WrongUse(
            f"{what} of {value} cannot be.", why="It is a share from 0 to 1.", do="Divide a percentage by 100."
        )
    return value
