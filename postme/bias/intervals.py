"""Intervals and bounds of a rate: Wilson, Clopper-Pearson, Student's t, and the rules of 3 and of 30.

Every function takes plain numbers. ``errors`` and ``trials`` may be fractions: people who are compared many times
count for less than their comparisons say, and an *effective* number of trials is seldom whole.

>>> low, high = wilson(3, 100)
>>> round(low, 6), round(high, 6)
(0.010255, 0.084519)
"""

from __future__ import annotations

import math
from statistics import NormalDist

from postme.errors import WrongUse

# Of the comparisons of a test, how sure an interval is unless somebody asks otherwise.
LEVEL = 0.95


def z_of(level: float = LEVEL) -> float:
    """The two-sided normal quantile of a level between 0 and 1: 1.96 for 95 %.

    >>> round(z_of(), 4)
    1.96
    """
    return NormalDist().inv_cdf(0.5 + _checked(level) / 2)


def t_of(freedom: float, level: float = LEVEL) -> float:
    """The two-sided quantile of Student's t with ``freedom`` > 0 degrees (they may be a fraction).

    >>> round(t_of(10), 4)
    2.2281
    """
    if freedom > 1e7:
        return z_of(level)
    tail = 1 - _checked(level)
    # P(|T| > t) is the regularized incomplete beta function at v/(v+t²): solved for that argument.
    x = beta_quantile(tail, freedom / 2, 0.5)
    return math.sqrt(freedom * (1 - x) / x) if x > 0 else math.inf


def t_beyond(value: float, freedom: float) -> float:
    """The chance that Student's t lies further from 0 than ``value``: a two-sided p.

    >>> round(t_beyond(2.2281, 10), 4)
    0.05
    """
    if math.isinf(value):
        return 0.0
    if freedom > 1e7:
        return 2 * (1 - NormalDist().cdf(abs(value)))
    return beta_below(freedom / (freedom + value * value), freedom / 2, 0.5)


def wilson(errors: float, trials: float, z: float | None = None) -> tuple[float, float]:
    """Wilson's interval for the rate ``errors / trials``; (0, 1) when nothing was tried.

    ``z`` is the quantile: 1.96 unless given. Weakness: the trials are taken as independent; give effective ones.
    Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209-212.

    >>> round(wilson(0, 1000)[1], 6)
    0.003827
    """
    if trials <= 0:
        return (0.0, 1.0)
    z = z_of() if z is None else z
    rate = min(1.0, errors / trials)
    whole = 1 + z * z / trials
    middle = rate + z * z / (2 * trials)
    spread = z * math.sqrt(rate * (1 - rate) / trials + z * z / (4 * trials**2))
    low = 0.0 if errors <= 0 else max(0.0, (middle - spread) / whole)
    return low, min(1.0, (middle + spread) / whole)


def clopper_pearson(errors: float, trials: float, level: float = LEVEL) -> tuple[float, float]:
    """The exact two-sided interval: it never covers less than its level, and often more.

    Source: C. J. Clopper and E. S. Pearson, Biometrika 26 (1934), 404-413.

    >>> low, high = clopper_pearson(3, 100)
    >>> round(low, 6), round(high, 6)
    (0.00623, 0.085176)
    """
    if trials <= 0:
        return (0.0, 1.0)
    tail = (1 - _checked(level)) / 2
    low = 0.0 if errors <= 0 else beta_quantile(tail, errors, trials - errors + 1)
    high = 1.0 if errors >= trials else beta_quantile(1 - tail, errors + 1, trials - errors)
    return low, high


def upper_bound(errors: float, trials: float, level: float = LEVEL) -> float:
    """The exact one-sided upper bound; with no error in n trials about 3/n (the rule of three).

    >>> round(upper_bound(0, 1000), 8)
    0.00299125
    """
    if trials <= 0 or errors >= trials:
        return 1.0
    if errors <= 0:
        return -math.expm1(math.log1p(-_checked(level)) / trials)
    return beta_quantile(level, errors + 1, trials - errors)


def beta_below(x: float, a: float, b: float) -> float:
    """The regularized incomplete beta function: the chance that Beta(a, b) lies below ``x``.

    By Lentz's continued fraction: to twelve digits for counts of people, to six where a or b is a thousand million. Source: NIST Digital Library of Mathematical Functions, 8.17.

    >>> round(beta_below(0.5, 2, 3), 6)
    0.6875
    """
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_below(1 - x, b, a)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x) - math.log(a)
    )
    tiny = 1e-300
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > tiny else tiny)
    value = d
    for m in range(1, 100_000):
        for top in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 + top * d
            d = 1 / (d if abs(d) > tiny else tiny)
            c = 1 + top / c
            c = c if abs(c) > tiny else tiny
            value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return front * value


def beta_quantile(share: float, a: float, b: float) -> float:
    """Where the chance that Beta(a, b) lies below reaches ``share``; by bisection, to the last digit."""
    low, high = 0.0, 1.0
    for _ in range(1100):  # rates of 1e-300 are still found: bisection halves towards zero as far as floats go
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if beta_below(middle, a, b) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _checked(level: float) -> float:
    if not 0 < level < 1:
        raise WrongUse(
            f"{level} is no level of an interval.", why="It is a share between 0 and 1.", do="Give 0.95 for 95 %."
        )
    return level
