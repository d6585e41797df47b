"""Before a test is bought: how many people it needs, and what difference it could show at all.

>>> people_needed(1e-4), round(detectable(30, 30), 2)
(776, 2.06)
"""

from __future__ import annotations

import math
from statistics import NormalDist

from postme.errors import WrongUse

# Doddington's rule: with 30 errors a rate is known to within 30 %, with 90 % confidence.
ENOUGH = 30
POWER = 0.80


def detectable(errors_a: float, errors_b: float, deff: float = 1.0, *, power: float = POWER) -> float:
    """The smallest ratio of two error rates that a test would find, at 95 % and with ``power`` 80 %.

    ``errors_a`` and ``errors_b``: errors counted (or expected) in the two groups; ``deff``: how many times fewer
    independent comparisons there are than counted ones. Infinite when a group has none.
    Source: the normal approximation of a log ratio of two Poisson counts.

    >>> [round(detectable(x, x), 2) for x in (7, 10, 100, 300)]
    [4.47, 3.5, 1.49, 1.26]
    """
    if errors_a <= 0 or errors_b <= 0:
        return math.inf
    return detectable_by(math.sqrt(deff / errors_a + deff / errors_b), power=power)


def detectable_by(spread: float, *, power: float = POWER) -> float:
    """The same, from the standard error of the logarithm of the ratio."""
    if not 0 < power < 1:
        raise WrongUse(
            f"The power is {power}.", why="It is the chance to find a difference that is there.", do="Give 0.8."
        )
    exponent = (NormalDist().inv_cdf(0.975) + NormalDist().inv_cdf(power)) * spread
    return math.exp(exponent) if exponent < 700 else math.inf


def errors_needed(ratio: float, deff: float = 1.0, *, power: float = POWER) -> int:
    """Errors each of two groups must show so that a difference of ``ratio`` (above 1) is found.

    >>> errors_needed(2.0)
    33
    """
    if ratio <= 1:
        raise WrongUse(
            f"A ratio of {ratio} is no difference.", why="1 is equality.", do="Give a ratio above 1, such as 2."
        )
    z = NormalDist().inv_cdf(0.975) + NormalDist().inv_cdf(power)
    return math.ceil(2 * deff * (z / math.log(ratio)) ** 2)


def people_needed(rate: float, errors: float = ENOUGH, deff: float = 1.0) -> int:
    """People (one picture each) a group needs so that comparing all of them makes ``errors`` false matches.

    ``rate``: the false match rate within the group. n people make n(n-1)/2 comparisons; ``deff`` makes them fewer.

    >>> [people_needed(f) for f in (1e-3, 1e-4, 1e-5, 1e-6)]
    [246, 776, 2450, 7747]
    """
    if not 0 < rate <= 1:
        raise WrongUse(
            f"{rate} is no false match rate.", why="It is a share above 0, at most 1.", do="Give 1e-5 for 1 in 100,000."
        )
    comparisons = errors * deff / rate
    return math.ceil((1 + math.sqrt(1 + 8 * comparisons)) / 2)
