"""How sure a rate is when the same people appear in many comparisons: clustered variance and the subject bootstrap.

One person who looks like many others makes many false matches at once. Whoever counts comparisons as if each came
from new people prints intervals several times too narrow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from postme.bias.comparisons import Floats, Numbers, Population, pair_sums


@dataclass(frozen=True)
class Spread:
    """The variance of a rate, and the degrees of freedom it was estimated with.

    ``variance`` of the rate (0 when there was no error), ``freedom`` the effective number of people less one.
    """

    variance: float
    freedom: float


def dyadic(population: Population, a: int, b: int, i: Numbers, j: Numbers) -> Spread:
    """The variance of a false match rate in a cell, robust to people who are in many comparisons.

    ``i`` and ``j`` (errors,) the two people of each false match. With r = errors - rate x comparisons of a pair of
    people and R the sum over the pairs of one person: Var = (sum R² - sum r²) / M². Where that falls below what
    independent comparisons would give (chance, with few errors), the latter is taken.
    Source: P. Aronow, C. Samii, V. Assenova, Political Analysis 23 (2015); for recognition tests R. Fogliato,
    P. Patil, P. Perona (2024).
    """
    total = population.total(a, b)
    errors = len(i)
    if not total or not errors:
        return Spread(0.0, 1.0)
    rate = errors / total
    who, made = population.made(a, b)
    people = len(population.group)
    hit = np.bincount(np.concatenate([i, j]), minlength=people)[who]
    person = hit - rate * made
    keys, often = np.unique(np.minimum(i, j).astype(np.int64) * people + np.maximum(i, j), return_counts=True)
    between = population.between(keys // people, keys % people).astype(np.float64)
    pairs = float((often.astype(np.float64) ** 2).sum() - 2 * rate * (often * between).sum())
    pairs += rate * rate * population.squares(a, b)
    squares = person * person
    robust = float(squares.sum()) - pairs
    return Spread(max(robust / total**2, rate * (1 - rate) / total), _freedom(squares))


def by_person(errors: Floats, made: Floats) -> Spread:
    """The variance of a ratio of sums over people: false non-matches, failures to acquire.

    ``errors`` and ``made`` (n,): of each person. Var = sum (e - rate m)² / (sum m)² x n / (n - 1).
    Source: the linearised ratio estimator, W. Cochran, Sampling Techniques (1977), chapter 6.
    """
    total, number = float(made.sum()), len(made)
    if total <= 0 or not errors.any():
        return Spread(0.0, max(1.0, number - 1.0))
    rate = float(errors.sum()) / total
    squares = (errors - rate * made) ** 2
    robust = float(squares.sum()) / total**2 * (number / (number - 1) if number > 1 else 1)
    return Spread(max(robust, rate * (1 - rate) / total), _freedom(squares))


def _freedom(squares: Floats) -> float:
    """Effective number of people less one (Satterthwaite): where two people make all the errors, it is about one."""
    whole = float(squares.sum())
    return max(1.0, whole * whole / float((squares * squares).sum()) - 1) if whole > 0 else 1.0


@dataclass(frozen=True)
class Replicates:
    """Rates of every group when its people are drawn anew with replacement: the subject bootstrap.

    ``false_match`` and ``false_non_match`` (B, G); nan where a group has no comparisons.
    """

    false_match: Floats
    false_non_match: Floats


def drawn(number: int, people: int, chance: np.random.Generator) -> Floats:
    """How often each of ``people`` is drawn, in ``number`` draws of as many people: (number, people)."""
    picks = chance.integers(0, people, (number, people))
    picks += np.arange(number)[:, None] * people
    return np.bincount(picks.ravel(), minlength=number * people).reshape(number, people).astype(np.float64)


def bootstrap(
    population: Population,
    hits: dict[int, tuple[Numbers, Numbers]],
    genuine: dict[int, tuple[Floats, Floats]],
    number: int,
    seed: int,
) -> Replicates:
    """The subject bootstrap of all groups' rates at one threshold.

    ``hits``: of each group the two people of each false match within it; ``genuine``: of each group the false
    non-matches and the genuine comparisons of each person, in the order of ``population.people``. ``number`` of
    replicates; the same ``seed`` gives the same numbers. Groups share nobody, so a row's rates can be set against
    each other. Source: R. Bolle, N. Ratha, S. Pankanti (2004); P. Bickel, and for graphs S. Bhattacharyya (2015).
    """
    chance = np.random.default_rng(seed)
    groups = population.groups
    match, miss = np.full((number, groups), np.nan), np.full((number, groups), np.nan)
    for group in range(groups):
        who = population.people(group)
        if not len(who):
            continue
        weights = drawn(number, len(who), chance)
        total = population.weighted(group, weights)
        i, j = hits[group]
        wrong = pair_sums(who, i, j, np.ones(len(i), np.int64), weights) if len(i) else np.zeros(number)
        np.divide(wrong, total, out=match[:, group], where=total > 0)
        errors, made = genuine[group]
        tried = weights @ made
        np.divide(weights @ errors, tried, out=miss[:, group], where=tried > 0)
    return Replicates(match, miss)
