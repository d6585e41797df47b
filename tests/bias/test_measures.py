"""Every summary measure against worked numbers, its closed form, and what must not change it."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postme.bias import measures
from postme.bias.intervals import beta_below, beta_quantile, clopper_pearson, t_beyond, t_of, upper_bound, wilson
from postme.bias.planning import detectable, errors_needed, people_needed
from postme.bias.searching import fpir, fpir_of, precision, street
from postme.errors import WrongUse

X, Y = (0.001, 0.002, 0.004, 0.001), (0.01, 0.02, 0.02, 0.03)

WORKED = {
    "fdr": (measures.fdr(X, Y), 0.9885),
    "fdr 0.99": (measures.fdr(X, Y, 0.99), 0.99683),
    "inequity rate": (measures.inequity_rate(X, Y), math.sqrt(12)),
    "gini x": (measures.gini(X), float(Fraction(5, 16))),
    "gini x corrected": (measures.gini(X, corrected=True), float(Fraction(5, 12))),
    "gini y corrected": (measures.gini(Y, corrected=True), 0.25),
    "garbe": (measures.garbe(X, Y), 1 / 3),
    "max/min": (measures.max_min(X), 4.0),
    "spread": (measures.spread(X), 0.003),
    "max/mean": (measures.max_mean(X), 2.0),
    "max/geomean": (measures.max_geomean(X), 2**1.25),
    "vary_geomean": (measures.vary_geomean(X), 0.2257724967479859),
    "mape": (measures.mape(X, 1e-3), 100.0),
    "werm": (measures.werm(X, Y), 1.9507132979456945),
    "wilson low": (wilson(3, 100)[0], 0.010254524),
    "wilson high": (wilson(3, 100)[1], 0.084519364),
    "wilson 0": (wilson(0, 1000)[1], 0.003826758),
    "clopper-pearson low": (clopper_pearson(3, 100)[0], 0.006229972),
    "clopper-pearson high": (clopper_pearson(3, 100)[1], 0.085176053),
    "upper bound": (upper_bound(0, 1000), 0.00299124955),
    "fpir": (fpir(1e-6, 10_000), 0.009950171201),
    "alerts": (street(1 / 6000, 100_000).day, 16.6666667),
    "precision": (precision(1e-4, 0.89, 1 / 6000), 0.34813221),
    "detectable": (detectable(30, 30, 4), 4.25),
}


@pytest.mark.parametrize("name", WORKED)
def test_a_measure_gives_the_number_worked_by_hand(name: str) -> None:
    found, worked = WORKED[name]
    assert found == pytest.approx(worked, rel=2e-3 if name == "detectable" else 2e-7)


def test_quantiles_are_those_of_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    for freedom in (1, 2.5, 10, 300):
        assert t_of(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=1e-9)
        assert t_beyond(1.7, freedom) == pytest.approx(2 * stats.t.sf(1.7, freedom), rel=1e-9)
    for a, b in ((0.5, 0.5), (3, 98), (2000, 1e6), (1, 1e9)):
        assert beta_quantile(0.05, a, b) == pytest.approx(stats.beta.ppf(0.05, a, b), rel=1e-6)
        assert beta_below(a / (a + b), a, b) == pytest.approx(
            stats.beta.cdf(a / (a + b), a, b), rel=1e-6 if b > 1e8 else 1e-9
        )


rates = st.lists(st.floats(1e-9, 1.0), min_size=2, max_size=12)


@given(rates, st.floats(0.01, 1.0), st.randoms())
def test_ratios_and_gini_do_not_care_about_order_or_scale(x: list[float], scale: float, chance: object) -> None:
    shuffled = sorted(x, key=lambda _: chance.random())  # type: ignore[attr-defined]
    smaller = [one * scale for one in shuffled]
    for measure in (measures.max_min, measures.max_mean, measures.max_geomean, measures.vary_geomean, measures.gini):
        assert measure(smaller) == pytest.approx(measure(x), rel=1e-6, abs=1e-9)


@given(rates)
def test_the_sorted_gini_is_the_double_sum_and_stays_in_its_range(x: list[float]) -> None:
    number, mean = len(x), sum(x) / len(x)
    double = sum(abs(a - b) for a in x for b in x) / (2 * number**2 * mean)
    assert measures.gini(x) == pytest.approx(double, rel=1e-6, abs=1e-9)
    assert -1e-12 <= measures.gini(x, corrected=True) <= 1 + 1e-12
    assert (measures.max_geomean(x) or 0) >= 1 - 1e-12


@given(st.integers(0, 200), st.integers(1, 2000))
def test_an_interval_holds_its_rate_and_the_exact_one_is_the_beta_quantile(errors: int, trials: int) -> None:
    errors = min(errors, trials)
    for low, high in (wilson(errors, trials), clopper_pearson(errors, trials)):
        assert 0 <= low <= errors / trials + 1e-12 and errors / trials - 1e-12 <= high <= 1


def test_what_cannot_be_had_is_none_and_not_a_number() -> None:
    assert measures.max_min((0.0, 0.1)) is None
    assert measures.max_geomean((0.0, 0.1)) is None
    assert measures.inequity_rate((0.0, 0.1), Y[:2]) is None
    assert measures.werm((0.0, 0.0), Y[:2]) is None
    assert measures.gini((0.0, 0.0)) == 0
    assert measures.mape(X, 0) is None
    assert precision(0, 0.9, 0) is None


def test_bfw_s_published_matrix_gives_its_published_sums() -> None:
    # Rank-1 errors in percent of 2,500 faces a group, J. Robinson and others (2020), figure of the confusion matrix.
    percent = (8.28, 7.60, 4.32, 5.36, 5.12, 6.20, 3.12, 1.92)
    assert [round(one * 25) for one in percent] == [207, 190, 108, 134, 128, 155, 78, 48]
    assert measures.max_min(percent) == pytest.approx(4.3125)
    assert measures.max_geomean(percent) == pytest.approx(1.7286382)
    assert measures.gini(percent) == pytest.approx(0.21708015)
    assert measures.gini(percent, corrected=True) == pytest.approx(0.24809161)
    assert measures.vary_geomean(percent) == pytest.approx(0.15700979)


def test_a_plan_says_how_many_people_and_errors_it_takes() -> None:
    assert [people_needed(f, 3) for f in (1e-3, 1e-4, 1e-5, 1e-6)] == [78, 246, 776, 2450]
    assert errors_needed(2) == 33
    assert detectable(33, 33) <= 2 < detectable(32, 32)
    assert math.isinf(detectable(0, 30))


def test_a_watchlist_of_one_group_wrongs_that_group_twice() -> None:
    even = fpir_of([1e-4, 1e-6], [5000, 5000])
    skew = fpir_of([1e-4, 1e-6], [9000, 1000])
    assert skew > even > fpir(1e-6, 10_000)
    assert fpir_of([1e-5, 1e-5], [400, 600]) == pytest.approx(fpir(1e-5, 1000))


WRONG = {
    "one group": lambda: measures.gini((0.1,)),
    "a negative rate": lambda: measures.max_min((0.1, -0.1)),
    "not a number": lambda: measures.max_min((0.1, math.nan)),
    "alpha": lambda: measures.fdr(X, Y, 1.5),
    "level": lambda: upper_bound(0, 10, 95),
    "rate": lambda: fpir(1.5, 10),
    "list": lambda: fpir(0.1, -1),
    "scans": lambda: street(0.1, -5),
    "ratio": lambda: errors_needed(1),
    "people": lambda: people_needed(0),
    "power": lambda: detectable(30, 30, power=1),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_number_that_is_none_is_refused_with_what_to_do(name: str) -> None:
    with pytest.raises(WrongUse) as refused:
        WRONG[name]()
    assert refused.value.what and refused.value.why and refused.value.do
