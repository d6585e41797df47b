"""How many times as often one group is wronged as another, and which of four fixed words that bears.

The words are fixed so that nobody can choose kinder or harsher ones afterwards, and none of them says that a system
treats people alike: a test can only say how large a difference it would have seen.

>>> a, b = Rate(400, 100_000, 900, 4e-8, 800.0), Rate(100, 100_000, 900, 1e-8, 800.0)
>>> one, = compared({"a": a}, b)
>>> one.word, round(one.ratio, 2), round(one.low, 1), round(one.high, 1)
('clear difference', 4.0, 3.2, 5.0)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from postme.bias.intervals import LEVEL, t_beyond, t_of
from postme.bias.planning import ENOUGH, detectable_by
from postme.bias.rates import Rate

CLEAR, SIGN, CANNOT_TELL, NO_LARGER = (
    "clear difference",
    "sign of difference",
    "cannot tell",
    "no difference larger than",
)
WORDS = (CLEAR, SIGN, CANNOT_TELL, NO_LARGER)
# Chosen: an interval that stays within a half more or a third less is narrow enough to say that nothing larger is there.
MARGIN = 1.5
# Chosen: what rests on fewer people than this is a sign at most, however many comparisons they were in.
PEOPLE = 30


@dataclass(frozen=True)
class Ratio:
    """The error rate of ``group`` over that of the reference.

    ``ratio`` is None when the reference (or both) showed no error; then ``low`` is still a bound, "at least".
    ``p`` two-sided, ``holm`` the same after Holm's correction for all comparisons made; ``detectable`` the smallest
    ratio that this test would have found in four of five cases.
    """

    group: str
    ratio: float | None
    low: float
    high: float
    p: float
    holm: float
    detectable: float
    errors: tuple[int, int]
    word: str

    @property
    def words(self) -> str:
        """The fixed words with their number: "cannot tell: could detect only 4.2 times or more"."""
        if self.word == CANNOT_TELL:
            known = math.isfinite(self.detectable)
            return f"{CANNOT_TELL}: could detect only {self.detectable:.2g} times or more" if known else CANNOT_TELL
        if self.word == NO_LARGER:
            return f"{NO_LARGER} {max(self.high, 1 / self.low):.2g} times"
        return self.word


def compared(groups: Mapping[str, Rate], reference: Rate) -> list[Ratio]:
    """Each group's rate over the reference's, with 95 % intervals and Holm's correction over all of them.

    Source of the correction: S. Holm, Scandinavian Journal of Statistics 6 (1979), 65-70.
    """
    rough = {name: _one(rate, reference) for name, rate in groups.items()}
    corrected = holm({name: p for name, (_, _, _, p, _) in rough.items()})
    made = []
    for name, (ratio, low, high, p, least) in rough.items():
        worse = groups[name].errors if (ratio or math.inf) >= 1 else reference.errors
        excludes = low > 1 or high < 1
        people = min(groups[name].people, reference.people)
        if excludes and corrected[name] < 1 - LEVEL and worse >= ENOUGH and people >= PEOPLE:
            word = CLEAR
        elif excludes:
            word = SIGN
        elif low > 1 / MARGIN and high < MARGIN:
            word = NO_LARGER
        else:
            word = CANNOT_TELL
        made.append(
            Ratio(name, ratio, low, high, p, corrected[name], least, (groups[name].errors, reference.errors), word)
        )
    return made


def _one(group: Rate, reference: Rate) -> tuple[float | None, float, float, float, float]:
    """Ratio, its interval, its two-sided p, and the ratio that could have been found."""
    if not group.comparisons or not reference.comparisons:
        return None, 0.0, math.inf, 1.0, math.inf
    if group.errors and reference.errors:
        spread = math.hypot(group.log_spread, reference.log_spread)
        # Welch and Satterthwaite: each side brings its own degrees, by its share of the variance.
        one, other = group.log_spread**2, reference.log_spread**2
        freedom = (one + other) ** 2 / (one**2 / group.freedom + other**2 / reference.freedom) if spread else 1.0
        middle = math.log((group.value or 0) / (reference.value or 1))
        reach = t_of(freedom) * spread
        low, high = (math.exp(min(700.0, max(-700.0, middle + side * reach))) for side in (-1, 1))
        p = t_beyond(middle / spread, freedom) if spread else 1.0
        return math.exp(middle), low, high, p, detectable_by(spread)
    if not group.errors and not reference.errors:
        return None, 0.0, math.inf, 1.0, math.inf
    # One has none: what the other's errors say, if they were shared by exposure. Errors count as their effective number.
    worse, better = (group, reference) if group.errors else (reference, group)
    found = worse.errors / worse.deff
    share = better.effective / (better.effective + worse.effective)
    p = min(1.0, 2 * math.exp(found * math.log1p(-share)))
    kept = math.exp(math.log((1 - LEVEL) / 2) / found)
    least = better.effective * kept / ((1 - kept) * worse.effective)
    if worse is group:
        return None, least, math.inf, p, math.inf
    return 0.0, 0.0, 1 / least if least else math.inf, p, math.inf


def holm(chances: Mapping[str, float]) -> dict[str, float]:
    """Holm's step-down correction: the smallest p times their number, the next times one fewer, never falling.

    >>> holm({"a": 0.01, "b": 0.04, "c": 0.03})
    {'a': 0.03, 'c': 0.06, 'b': 0.06}
    """
    made: dict[str, float] = {}
    highest = 0.0
    for place, (name, p) in enumerate(sorted(chances.items(), key=lambda one: one[1])):
        highest = max(highest, min(1.0, (len(chances) - place) * p))
        made[name] = highest
    return made
