"""Single numbers for how unequal error rates are, each with its formula, its range, its paper and its weakness.

``rates`` is a sequence of the groups' error rates at one threshold, none below zero, at least two. A measure that
cannot be had (a division by a rate of zero) is ``None``, never a guess. None of them says *who* is worse off: they
are never shown without the rates themselves.

>>> false_match = (0.001, 0.002, 0.004, 0.001)
>>> max_min(false_match), round(max_geomean(false_match), 4), gini(false_match)
(4.0, 2.3784, 0.3125)
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from postme.errors import WrongUse

Rates = Sequence[float]

# The zero rule of WERM's authors: so small that it vanishes beside any rate that a test can measure.
_EPSILON = 1e-5


def max_min(rates: Rates) -> float | None:
    """Worst over best: max x / min x, from 1 (equal) up; None when the best is 0. Also called skewed error ratio.

    Weakness: rests on the two extreme groups alone, and grows with every group that is added, by noise only.
    Source: P. Grother, NIST Interagency Report 8429 (draft, 2022).
    """
    low, high = min(_checked(rates)), max(rates)
    return high / low if low > 0 else None


def spread(rates: Rates) -> float:
    """Worst less best: max x - min x, from 0 (equal) to 1.

    Weakness: a difference of small rates looks like nothing: 1 in 10,000 against 1 in a million is 0.0001.
    """
    return max(_checked(rates)) - min(rates)


def max_mean(rates: Rates) -> float | None:
    """Worst over the plain mean: max x / mean x, from 1 (equal) to the number of groups; None when all are 0.

    Weakness: the worst group is in the mean itself, so it hides part of its own distance.
    Source: P. Grother, NIST Interagency Report 8429 (draft, 2022).
    """
    mean = sum(_checked(rates)) / len(rates)
    return max(rates) / mean if mean > 0 else None


def max_geomean(rates: Rates) -> float | None:
    """Worst over the typical: max x / (x1 ... xn)^(1/n), from 1 (equal) up; None when a rate is 0.

    NIST prints it on its page of demographic effects. Weakness: as with every measure that begins with the worst,
    noise alone lifts it, the more the more groups there are.
    Source: P. Grother, NIST Interagency Report 8429 (draft, 2022).
    """
    typical = _geomean(_checked(rates))
    return max(rates) / typical if typical else None


def vary_geomean(rates: Rates) -> float | None:
    """How far from the typical on average: mean of abs(log10(x / geometric mean)), from 0 (equal) up.

    0.3 is a factor of two. None when a rate is 0. Source: NIST, FRTE demographics page (column of that name).
    """
    typical = _geomean(_checked(rates))
    return sum(abs(math.log10(x / typical)) for x in rates) / len(rates) if typical else None


def gini(rates: Rates, *, corrected: bool = False) -> float:
    """Gini's coefficient: sum of abs(xi - xj) over all i, j, over 2 n² mean. From 0 (equal) to (n-1)/n.

    ``corrected`` multiplies by n/(n-1), so that 1 can be reached. All rates zero give 0. Weakness: the same for one
    group that is worse off and one that is better off. Source: C. Gini (1912); as NIST uses it, IR 8429.

    >>> round(gini((0.001, 0.002, 0.004, 0.001), corrected=True), 6)
    0.416667
    """
    number, total = len(_checked(rates)), sum(rates)
    if total <= 0:
        return 0.0
    raw = sum((2 * rank - number - 1) * x for rank, x in enumerate(sorted(rates), 1)) / (number * total)
    return raw * number / (number - 1) if corrected else raw


def fdr(false_match: Rates, false_non_match: Rates, alpha: float = 0.5) -> float:
    """Fairness discrepancy rate: 1 - (alpha A + (1 - alpha) B), A and B the spreads. 1 = equal, 0 = as far as can be.

    Weakness: false matches of 0.00001 vanish beside false non-matches of 0.01 unless alpha is nearly 1, and then
    alpha decides the answer. Source: T. de Freitas Pereira and S. Marcel, IEEE TBIOM 4 (2022).

    >>> round(fdr((.001, .002, .004, .001), (.01, .02, .02, .03)), 4)
    0.9885
    """
    return 1 - (_weight(alpha) * spread(false_match) + (1 - alpha) * spread(false_non_match))


def inequity_rate(false_match: Rates, false_non_match: Rates, alpha: float = 0.5) -> float | None:
    """Inequity rate: (max/min of false match)^alpha x (max/min of false non-match)^(1 - alpha). From 1 (equal) up.

    None when a best rate is 0: this happens to good systems and small tests, which is its weakness.
    Source: P. Grother, NIST (2021), as discussed in IR 8429.

    >>> round(inequity_rate((.001, .002, .004, .001), (.01, .02, .02, .03)), 6)
    3.464102
    """
    first, second = max_min(false_match), max_min(false_non_match)
    return None if first is None or second is None else first ** _weight(alpha) * second ** (1 - alpha)


def garbe(false_match: Rates, false_non_match: Rates, alpha: float = 0.5) -> float:
    """Gini aggregation rate: alpha G(false match) + (1 - alpha) G(false non-match), G corrected. 0 = equal, up to 1.

    Weakness: hides who is worse off, and whether it is the false matches or the false non-matches.
    Source: J. Howard, E. Laird, R. Rubin, Y. Sirotin, J. Tipton, A. Vemury, ICPR workshops (2022).

    >>> round(garbe((.001, .002, .004, .001), (.01, .02, .02, .03)), 6)
    0.333333
    """
    return _weight(alpha) * gini(false_match, corrected=True) + (1 - alpha) * gini(false_non_match, corrected=True)


def werm(false_match: Rates, false_non_match: Rates, alpha: float = 0.5, epsilon: float = _EPSILON) -> float | None:
    """Worst-case error over the geometric mean, of both errors: from 1 (equal) up; None when a worst rate is 0.

    (max / geomean(x + epsilon))^alpha of the false matches times the same of the false non-matches^(1 - alpha).
    Weakness: with rates near ``epsilon`` the answer is epsilon's. Give rates in which zeros are replaced by their
    upper bound, as the authors do. Source: K. Linghu, T. Pereira, S. Marcel, M. Guenther (2024).

    >>> round(werm((.001, .002, .004, .001), (.01, .02, .02, .03)), 6)
    1.950713
    """
    parts = []
    for rates in (false_match, false_non_match):
        typical = _geomean([x + epsilon for x in _checked(rates)])
        if not max(rates) or not typical:
            return None
        parts.append(max(rates) / typical)
    return float(parts[0] ** _weight(alpha) * parts[1] ** (1 - alpha))


def mape(rates: Rates, intended: float) -> float | None:
    """How far the groups lie from the rate the threshold was meant to give: 100/n x sum abs(x - f)/f, in percent.

    From 0 up; None when nothing was intended. Weakness: twice too many and none at all count the same.

    >>> round(mape((.001, .002, .004, .001), 0.001), 6)
    100.0
    """
    return 100 / len(_checked(rates)) * sum(abs(x - intended) for x in rates) / intended if intended > 0 else None


def _geomean(rates: Rates) -> float | None:
    if min(rates) <= 0:
        return None
    return math.exp(sum(map(math.log, rates)) / len(rates))


def _checked(rates: Rates) -> Rates:
    if len(rates) < 2:
        raise WrongUse(
            "A measure of difference needs two groups.",
            why=f"{len(rates)} was given.",
            do="Give the rate of each group.",
        )
    for x in rates:
        if not 0 <= x < math.inf:
            raise WrongUse(
                f"{x} is no error rate.", why="A rate is a number from 0 up.", do="Leave unknown groups out."
            )
    return rates


def _weight(alpha: float) -> float:
    if not 0 <= alpha <= 1:
        raise WrongUse(
            f"The weight alpha is {alpha}.", why="It shares 1 between the two errors.", do="Give 0 to 1; 0.5 is even."
        )
    return alpha
