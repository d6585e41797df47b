"""What an audit found at one threshold: every rate, every ratio in fixed words, every measure beside its null reference.

>>> import numpy as np
>>> from postme.bias.audit import BiasAudit
>>> chance = np.random.default_rng(1)
>>> faces = chance.normal(size=(300, 16)).astype(np.float32)
>>> audit = BiasAudit.from_templates(faces, list(range(300)), {"sex": ["f", "m"] * 150})
>>> found = audit.run(fmr_targets=[0.01], replicates=100)[0]
>>> found.names, found.ratios[0].word in {"cannot tell", "no difference larger than", "sign of difference"}
(('f', 'm'), True)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from postme.bias import measures
from postme.bias.clusters import Replicates, bootstrap
from postme.bias.evidence import Evidence
from postme.bias.planning import detectable
from postme.bias.rates import Rate, false_match, false_non_match, not_acquired
from postme.bias.ratios import CLEAR, NO_LARGER, SIGN, Ratio, compared

_LOW, _HIGH, _NULL = 2.5, 97.5, 95.0


@dataclass(frozen=True)
class Measure:
    """One summary number: its value, its 95 % interval by the bootstrap, and what equal treatment would show.

    ``of``: "false matches", "false non-matches" or "both". ``null``: the 95th percentile (5th for FDR, where less is
    worse) of the same measure if all groups shared one true rate and the data were as few. None: cannot be had.
    """

    id: str
    of: str
    value: float | None
    low: float | None
    high: float | None
    null: float | None


@dataclass(frozen=True)
class Point:
    """A threshold on a group's DET curve: the false match rate within the group, and the false non-match rate."""

    threshold: float
    false_match: float | None
    false_non_match: float | None


@dataclass(frozen=True)
class Result:
    """An audit at one threshold, of groups by ``names`` (G,).

    ``asked``: the false match rate the threshold was set for, or None when it was given. ``reference``: the number
    of the group all others are compared with.
    """

    evidence: Evidence
    names: tuple[str, ...]
    threshold: float
    asked: float | None
    reference: int
    replicates: int
    seed: int
    alpha: float

    @cached_property
    def false_match(self) -> tuple[Rate, ...]:
        """Within each group."""
        return tuple(false_match(self.evidence, self.threshold, g, g) for g in range(len(self.names)))

    @cached_property
    def false_non_match(self) -> tuple[Rate, ...]:
        """Of each group."""
        return tuple(false_non_match(self.evidence, self.threshold, g) for g in range(len(self.names)))

    @cached_property
    def not_acquired(self) -> tuple[Rate, ...]:
        """Failures to acquire of each group."""
        return tuple(not_acquired(self.evidence, g) for g in range(len(self.names)))

    @cached_property
    def pairs(self) -> dict[tuple[int, int], Rate]:
        """False matches in every pair of groups a <= b."""
        every = range(len(self.names))
        return {
            (a, b): self.false_match[a] if a == b else false_match(self.evidence, self.threshold, a, b)
            for a in every
            for b in every
            if a <= b
        }

    @property
    def people(self) -> tuple[int, ...]:
        """People in each group."""
        return tuple(len(self.evidence.population.people(g)) for g in range(len(self.names)))

    @property
    def shown(self) -> tuple[int, ...]:
        """The groups that have people enough to be shown, and comparisons within."""
        return tuple(g for g, rate in enumerate(self.false_match) if rate.shown and rate.comparisons)

    @cached_property
    def overall(self) -> float:
        """False matches over comparisons, of all impostor comparisons of the test."""
        total = sum(self.evidence.totals.values())
        return self.evidence.above(self.threshold) / total if total else 0.0

    @cached_property
    def ratios(self) -> list[Ratio]:
        """False match rates over the reference's."""
        return self._compared(self.false_match)

    @cached_property
    def miss_ratios(self) -> list[Ratio]:
        """False non-match rates over the reference's."""
        return self._compared(self.false_non_match)

    def _compared(self, rates: tuple[Rate, ...]) -> list[Ratio]:
        others = {self.names[g]: rates[g] for g in self.shown if g != self.reference}
        return compared(others, rates[self.reference])

    @cached_property
    def headline(self) -> Ratio | None:
        """The comparison to speak of: the clearest word first, then the ratio furthest from 1."""
        order = {CLEAR: 0, SIGN: 1}
        if not self.ratios:
            return None
        return min(self.ratios, key=lambda one: (order.get(one.word, 2), -abs(math.log(one.ratio or 1))))

    @property
    def bears_a_verdict(self) -> bool:
        """Whether at least one comparison says anything but "cannot tell"."""
        return any(one.word in (CLEAR, SIGN, NO_LARGER) for one in self.ratios)

    @property
    def detectable(self) -> float:
        """The smallest ratio that the two best measured groups would have shown, in four of five cases."""
        best = sorted((self.false_match[g] for g in self.shown), key=lambda one: one.log_spread)[:2]
        if len(best) < 2:
            return math.inf
        return detectable(best[0].errors / best[0].deff, best[1].errors / best[1].deff)

    @cached_property
    def resampled(self) -> Replicates:
        """The subject bootstrap at this threshold."""
        evidence, every = self.evidence, range(len(self.names))
        return bootstrap(
            evidence.population,
            {g: evidence.hits(self.threshold, g, g) for g in every},
            {g: evidence.missed(self.threshold, g) for g in every},
            self.replicates,
            self.seed,
        )

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        """Every summary measure of the shown groups, with interval and null reference; () with fewer than two groups."""
        groups = [g for g in self.shown if self.false_non_match[g].comparisons] or list(self.shown)
        if len(groups) < 2:
            return ()
        made = [
            *self._of("false matches", self.false_match, self.resampled.false_match, list(self.shown)),
            *self._both(groups),
        ]
        if all(self.false_non_match[g].comparisons for g in groups):
            made += self._of("false non-matches", self.false_non_match, self.resampled.false_non_match, groups)
        return tuple(made)

    def _of(self, what: str, rates: tuple[Rate, ...], drawn: np.ndarray, groups: list[int]) -> list[Measure]:
        own = [rates[g] for g in groups]
        here = drawn[:, groups]
        equal = _equalised(own, here)
        made = []
        for id_, measure in self._single(what == "false matches").items():
            bounded = id_ in ("max_geomean", "vary_geomean")
            bounds = [one.high for one in own] if bounded else None
            value = measure(_with_bounds([one.value or 0.0 for one in own], bounds))
            again = [measure(_with_bounds(row, bounds)) for row in here.tolist() if not any(map(math.isnan, row))]
            null = [measure(row) for row in equal]
            made.append(_measure(id_, what, value, again, null))
        return made

    def _single(self, false_matches: bool) -> dict[str, Callable[[Sequence[float]], float | None]]:
        found: dict[str, Callable[[Sequence[float]], float | None]] = {
            "max_min": measures.max_min,
            "spread": measures.spread,
            "max_mean": measures.max_mean,
            "max_geomean": measures.max_geomean,
            "vary_geomean": measures.vary_geomean,
            "gini": measures.gini,
            "gini_corrected": lambda x: measures.gini(x, corrected=True),
        }
        if false_matches and self.asked:
            asked = self.asked
            found["mape"] = lambda x: measures.mape(x, asked)
        return found

    def _both(self, groups: list[int]) -> list[Measure]:
        match, miss = [self.false_match[g] for g in groups], [self.false_non_match[g] for g in groups]
        if not all(one.comparisons for one in miss):
            return []
        ones, twos = self.resampled.false_match[:, groups], self.resampled.false_non_match[:, groups]
        x, y = [one.value or 0.0 for one in match], [one.value or 0.0 for one in miss]
        draws = [(a, b) for a, b in zip(ones.tolist(), twos.tolist(), strict=True) if not any(map(math.isnan, a + b))]
        equal = list(zip(_equalised(match, ones), _equalised(miss, twos), strict=False))
        made = []
        pairs: dict[str, Callable[[Sequence[float], Sequence[float], float], float | None]] = {
            "fdr": measures.fdr,
            "inequity_rate": measures.inequity_rate,
            "garbe": measures.garbe,
            "werm": measures.werm,
        }
        for id_, measure in pairs.items():
            again = [measure(a, b, self.alpha) for a, b in draws]
            null = [measure(a, b, self.alpha) for a, b in equal]
            made.append(_measure(id_, "both", measure(x, y, self.alpha), again, null))
        return made

    @cached_property
    def det(self) -> dict[int, tuple[Point, ...]]:
        """For each shown group its rates at common thresholds, from the highest false match rate kept downward."""
        evidence = self.evidence
        total, kept = sum(evidence.totals.values()), len(evidence.score)
        if not kept:
            return {}
        ranks = np.unique(np.geomspace(min(10, kept), kept, 40).astype(int))[::-1]
        thresholds = sorted({float(evidence.score[rank - 1]) for rank in ranks if rank <= total} | {self.threshold})
        counts = {t: evidence.counts(t) for t in thresholds}
        made: dict[int, tuple[Point, ...]] = {}
        for g in self.shown:
            own = evidence.genuine[evidence.population.group[evidence.person] == g]
            compared_ = evidence.totals[g, g]
            made[g] = tuple(
                Point(
                    t,
                    float(counts[t][g, g]) / compared_ if compared_ else None,
                    float(np.searchsorted(own, np.float64(t), side="left")) / len(own) if len(own) else None,
                )
                for t in thresholds
            )
        return made


def _measure(
    id_: str, of: str, value: float | None, again: Sequence[float | None], null: Sequence[float | None]
) -> Measure:
    drawn = [one for one in again if one is not None]
    equal = [one for one in null if one is not None]
    # An interval over the draws that happened to have no zero would be another measure's interval.
    whole = value is not None and drawn and len(drawn) >= 0.95 * len(again)
    low, high = np.percentile(drawn, [_LOW, _HIGH]) if whole else (None, None)
    far = 100 - _NULL if id_ == "fdr" else _NULL
    reference = float(np.percentile(equal, far)) if equal and value is not None else None
    return Measure(
        id_, of, value, None if low is None else float(low), None if high is None else float(high), reference
    )


def _with_bounds(rates: Sequence[float], bounds: Sequence[float] | None) -> Sequence[float]:
    """Rates of zero replaced by their upper bound, but by no more than the worst, where a logarithm is to be taken.

    Source: the zero rule of K. Linghu and others (2024).
    """
    if bounds is None or min(rates) > 0 or max(rates) <= 0:
        return rates
    worst = max(rates)
    return [x if x > 0 else min(bound, worst) for x, bound in zip(rates, bounds, strict=True)]


def _equalised(rates: Sequence[Rate], drawn: np.ndarray) -> list[list[float]]:
    """The replicates as if all groups shared one rate: log p0 = log pooled + (log p* - log p), group by group.

    To shuffle labels would be wrong: it turns comparisons within groups into the easier ones across them. Groups
    without an error cannot be moved so and are left out.
    """
    with_errors = [at for at, one in enumerate(rates) if one.errors]
    if len(with_errors) < 2:
        return []
    pooled = sum(rates[at].errors for at in with_errors) / sum(rates[at].comparisons for at in with_errors)
    own = np.array([rates[at].errors / rates[at].comparisons for at in with_errors])
    least = np.array([0.5 / rates[at].comparisons for at in with_errors])
    here = np.maximum(drawn[:, with_errors], least)
    made = np.minimum(1.0, pooled * here / own)
    return [row for row in made.tolist() if not any(map(math.isnan, row))]
