"""The audit against brute force, closed forms, other people's libraries, and a world whose rates are known."""

from __future__ import annotations

import itertools
import json
import math
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postme.bias import BiasAudit, kernel
from postme.bias.clusters import bootstrap, dyadic
from postme.bias.comparisons import AllPairs, Listed
from postme.bias.evidence import Shortfall, threshold_at
from postme.bias.rates import Rate
from postme.bias.ratios import CANNOT_TELL, CLEAR, NO_LARGER, SIGN, WORDS, compared, holm
from postme.bias.result import Result
from postme.bias.searching import measured
from postme.errors import WrongUse

DATA = os.environ.get("POSTME_TEST_DATA")


def faces(people: int, images: int, seed: int = 3, d: int = 24) -> tuple[np.ndarray, list[str], dict[str, list[str]]]:
    """Synthetic templates: person centres drawn nearer to each other in the first of two groups."""
    chance = np.random.default_rng(seed)
    sex = ["f" if at % 2 else "m" for at in range(people)]
    cone = chance.normal(size=d)
    centres = chance.normal(size=(people, d)) + np.where(np.array(sex) == "f", 1.2, 0.4)[:, None] * cone
    rows = np.repeat(centres, images, axis=0) + 0.7 * chance.normal(size=(people * images, d))
    who = [f"p{at}" for at in range(people) for _ in range(images)]
    return rows.astype(np.float32), who, {"sex": [sex[at] for at in range(people) for _ in range(images)]}


def brute(rows: np.ndarray, who: list[str], group: list[str]) -> tuple[dict[tuple[str, str], np.ndarray], dict[str, np.ndarray]]:  # fmt: skip
    """Every score, in float64, by cell and by kind."""
    x = rows.astype(np.float64)
    x /= np.linalg.norm(x, axis=1)[:, None]
    scores = x @ x.T
    impostor: dict[tuple[str, str], list[float]] = {}
    genuine: dict[str, list[float]] = {}
    for i, j in itertools.combinations(range(len(who)), 2):
        if who[i] == who[j]:
            genuine.setdefault(group[i], []).append(scores[i, j])
        else:
            impostor.setdefault(tuple(sorted((group[i], group[j]))), []).append(scores[i, j])  # type: ignore[arg-type]
    return {k: np.array(v) for k, v in impostor.items()}, {k: np.array(v) for k, v in genuine.items()}


def cell(result: Result, a: str, b: str) -> Rate:
    one, two = sorted((result.names.index(a), result.names.index(b)))
    return result.pairs[one, two]


@pytest.mark.parametrize("images", [1, 3])
def test_every_count_of_every_cell_is_that_of_brute_force(images: int) -> None:
    rows, who, labels = faces(120, images)
    impostor, genuine = brute(rows, who, labels["sex"])
    every = np.sort(np.concatenate(list(impostor.values())))[::-1]
    for result in BiasAudit.from_templates(rows, who, labels).run(fmr_targets=[0.01, 0.001], replicates=10):
        wanted = math.floor((result.asked or 0) * len(every))
        assert result.threshold == pytest.approx(every[wanted - 1], abs=2e-6)
        middle = (every[wanted - 1] + every[wanted]) / 2
        for (a, b), scores in impostor.items():
            assert cell(result, a, b).errors == np.count_nonzero(scores >= middle)
            assert cell(result, a, b).comparisons == len(scores)
        for g, name in enumerate(result.names):
            own = genuine.get(name, np.empty(0))
            assert result.false_non_match[g].errors == np.count_nonzero(own < middle)
            assert result.false_non_match[g].comparisons == len(own)


def test_tiles_of_any_size_hold_every_pair_exactly_once() -> None:
    rows = kernel.unit(faces(90, 1)[0])
    for number, tall, wide in ((90, 7, 13), (90, 32, 64), (90, 90, 90), (1, 4, 4), (0, 4, 4)):
        parts = [kernel.tail(rows[:number], tile, -2.0) for tile in kernel.tiles(number, tall, wide)]
        pairs = [(int(i), int(j)) for part in parts for i, j in zip(part.i, part.j, strict=True)]
        assert sorted(pairs) == list(itertools.combinations(range(number), 2))
        assert sum(tile.pairs for tile in kernel.tiles(number, tall, wide)) == len(pairs)


def test_a_guess_of_the_floor_that_was_too_high_is_made_again_from_lower(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, who, labels = faces(80, 2)
    sound = BiasAudit.from_templates(rows, who, labels).run(fmr_targets=[0.05], replicates=10)[0]
    monkeypatch.setattr(kernel, "floor_for", lambda *_: 0.999)
    again = BiasAudit.from_templates(rows, who, labels).run(fmr_targets=[0.05], replicates=10)[0]
    assert again.threshold == sound.threshold
    assert [one.errors for one in again.false_match] == [one.errors for one in sound.false_match]


def test_labels_can_be_taken_together_or_one_by_one_from_the_same_tail() -> None:
    rows, who, labels = faces(100, 2)
    labels["age"] = ["old" if int(name[1:]) % 3 else "young" for name in who]
    audit = BiasAudit.from_templates(rows, who, labels)
    floor = audit.floor([0.02])
    counted = audit.counted(floor)
    whole = counted.run(fmr_targets=[0.01], by=["sex"], replicates=5)[0]
    both = counted.run(fmr_targets=[0.01], by=["sex", "age"], replicates=5)[0]
    assert both.names == ("f, old", "f, young", "m, old", "m, young")
    for name in ("f", "m"):
        parts = [rate for (a, b), rate in both.pairs.items() if both.names[a][0] == name == both.names[b][0]]
        assert sum(one.errors for one in parts) == cell(whole, name, name).errors
        assert sum(one.comparisons for one in parts) == cell(whole, name, name).comparisons


@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(0, 2)), min_size=2, max_size=12),
)
def test_pair_counts_in_closed_form_are_those_of_the_list(people: list[tuple[int, int]]) -> None:
    images, group = np.array([one for one, _ in people]), np.array([two for _, two in people])
    person = np.repeat(np.arange(len(people)), images)
    i, j = np.triu_indices(len(person), 1)
    other = person[i] != person[j]
    closed, listed = AllPairs(images, group), Listed(person[i][other], person[j][other], group)
    weights = np.random.default_rng(0).integers(0, 3, (4, len(people))).astype(float)
    for a in range(closed.groups):
        for b in range(a, closed.groups):
            assert closed.total(a, b) == listed.total(a, b)
            assert closed.squares(a, b) == pytest.approx(listed.squares(a, b))
            one, two = (dict(zip(*(part.tolist() for part in x.made(a, b)), strict=True)) for x in (closed, listed))
            assert {who: made for who, made in one.items() if made} == two
        own = weights[:, closed.people(a)]
        assert closed.weighted(a, own) == pytest.approx(listed.weighted(a, own))


def test_a_score_file_with_every_pair_gives_what_the_templates_give() -> None:
    rows, who, labels = faces(60, 2)
    one = BiasAudit.from_templates(rows, who, labels).run(fmr_targets=[0.02], replicates=50)[0]
    x = kernel.unit(rows)
    i, j = np.triu_indices(len(who), 1)
    number = np.array([int(name[1:]) for name in who])
    sex = ["f" if at % 2 else "m" for at in range(60)]
    other = BiasAudit.from_scores(np.einsum("nd,nd->n", x[i], x[j]), number[i], number[j], {"sex": sex})
    two = other.run(fmr_targets=[0.02], replicates=50)[0]
    for g in (0, 1):
        assert (one.false_match[g].errors, one.false_match[g].comparisons) == (two.false_match[g].errors, two.false_match[g].comparisons)  # fmt: skip
        assert one.false_match[g].variance == pytest.approx(two.false_match[g].variance)
        assert one.false_non_match[g] == two.false_non_match[g]
    assert one.resampled.false_match.mean() == pytest.approx(two.resampled.false_match.mean(), rel=0.2)


def test_the_clustered_variance_is_the_double_sum_over_pairs_of_pairs() -> None:
    chance = np.random.default_rng(5)
    images = chance.integers(1, 4, 14)
    for cross in (False, True):
        group = (np.arange(14) % 2) if cross else np.zeros(14, int)
        population = AllPairs(images, group)
        a, b = (0, 1) if cross else (0, 0)
        pairs = [(i, j) for i, j in itertools.combinations(range(14), 2) if not cross or group[i] != group[j]]
        errors = {pair: int(chance.integers(0, images[pair[0]] * images[pair[1]] + 1)) for pair in pairs}
        i = np.repeat([one for one, _ in pairs], [errors[pair] for pair in pairs])
        j = np.repeat([two for _, two in pairs], [errors[pair] for pair in pairs])
        total = population.total(a, b)
        rate = len(i) / total
        rest = {pair: errors[pair] - rate * images[pair[0]] * images[pair[1]] for pair in pairs}
        double = sum(rest[p] * rest[q] for p in pairs for q in pairs if set(p) & set(q)) / total**2
        assert dyadic(population, a, b, i, j).variance == pytest.approx(max(double, rate * (1 - rate) / total))


def test_the_bootstrap_is_the_loop_over_people_drawn_anew() -> None:
    rows, who, labels = faces(40, 2)
    result = BiasAudit.from_templates(rows, who, labels).run(fmr_targets=[0.05], replicates=1)[0]
    evidence, g = result.evidence, 0
    people = evidence.population.people(g)
    again = bootstrap(
        evidence.population, {h: evidence.hits(result.threshold, h, h) for h in (0, 1)},
        {h: evidence.missed(result.threshold, h) for h in (0, 1)}, 3, seed=9,
    )  # fmt: skip
    chance = np.random.default_rng(9)
    weights = np.array([np.bincount(row, minlength=len(people)) for row in chance.integers(0, len(people), (3, len(people)))])  # fmt: skip
    i, j = evidence.hits(result.threshold, g, g)
    for at, row in enumerate(weights):
        weight = dict(zip(people.tolist(), row.tolist(), strict=True))
        wrong = sum(weight[one] * weight[two] for one, two in zip(i.tolist(), j.tolist(), strict=True))
        made = sum(4 * weight[one] * weight[two] for one, two in itertools.combinations(people.tolist(), 2))
        assert again.false_match[at, g] == pytest.approx(wrong / made)


# --- thresholds ------------------------------------------------------------------------------------------------------


@settings(max_examples=200)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=40), st.floats(0.001, 1.0))
def test_a_threshold_never_exceeds_the_rate_asked_and_no_lower_one_would_do(scores: list[int], rate: float) -> None:
    falling = np.sort(np.array(scores, np.float32))[::-1]
    t = threshold_at(falling, len(falling), rate)
    share = float(np.mean(falling >= t))
    assert share <= rate + 1e-9
    lower = [one for one in falling.tolist() if one < t]
    assert not lower or float(np.mean(falling >= max(lower))) > rate


def test_a_tail_that_ends_too_early_says_so() -> None:
    with pytest.raises(Shortfall):
        threshold_at(np.array([3.0, 2.0]), 100, 0.05, floor=1.5)
    with pytest.raises(WrongUse):
        threshold_at(np.array([3.0]), 100, 0.0)


@pytest.mark.skipif(not DATA, reason="the example scores are not here")
def test_thresholds_are_those_of_bob_measure_on_published_scores() -> None:
    folder = Path(str(DATA)) / "bias" / "pyeer_example"
    impostor = np.sort(np.loadtxt(folder / "exp1_false.txt", usecols=-1))[::-1]
    mate = np.loadtxt(folder / "exp1_true.txt", usecols=-1)
    assert (len(mate), len(impostor)) == (2793, 4950)
    # As bob.measure 6.1.1 gives them for these two files.
    for rate, t, missed in (
        (0.1, 0.0160639629006551, 0.0748299320), (0.05, 0.0328321938191498, 0.0966702470), (0.01, 0.0666600128721806, 0.1306838525),
        (0.001, 0.21510509182816, 0.2982456140), (1e-4, 0.23200771465649603, 0.3190118125),
    ):  # fmt: skip
        found = threshold_at(impostor, len(impostor), rate)
        assert found == pytest.approx(t, rel=1e-12)
        assert float(np.mean(mate < found)) == pytest.approx(missed, rel=1e-8)


_BOB = os.environ.get("POSTME_BOB", "")
_ASKED_OF_BOB = """
import json, sys
import numpy as np
import bob.measure as bob
impostor, genuine, rates = json.load(sys.stdin)
impostor, genuine = np.array(impostor), np.array(genuine)
found = []
for rate in rates:
    t = bob.far_threshold(impostor, genuine, rate)
    found.append([t, *bob.farfrr(impostor, genuine, t)])
print(json.dumps(found))
"""


@pytest.mark.skipif(not _BOB, reason="POSTME_BOB names no Python that has bob.measure")
@pytest.mark.parametrize("seed", range(5))
def test_thresholds_and_rates_are_those_bob_measure_finds_in_its_own_environment(seed: int) -> None:
    chance = np.random.default_rng(seed)
    impostor = chance.normal(0, 1, 4000).astype(np.float32)
    genuine = chance.normal(2.5, 1, 1500).astype(np.float32)
    rates = [0.1, 0.05, 0.01, 0.001]
    asked = json.dumps([impostor.astype(float).tolist(), genuine.astype(float).tolist(), rates])
    theirs = json.loads(subprocess.run([_BOB, "-c", _ASKED_OF_BOB], input=asked, capture_output=True, text=True, check=True).stdout)  # fmt: skip
    people = {"sex": ["f", "m"] * 50}
    first = np.concatenate([np.arange(4000) % 100, np.arange(1500) % 100])
    second = np.concatenate([(np.arange(4000) + 1 + np.arange(4000) // 100) % 100, np.arange(1500) % 100])
    second = np.where((first == second) & (np.arange(5500) < 4000), (first + 1) % 100, second)
    audit = BiasAudit.from_scores(np.concatenate([impostor, genuine]), first, second, people)
    for (threshold, fmr, fnmr), ours in zip(theirs, audit.run(fmr_targets=rates, replicates=2), strict=True):
        assert ours.threshold == pytest.approx(threshold, abs=1e-6)
        assert ours.overall == pytest.approx(fmr, abs=1e-9)
        missed = sum(one.errors for one in ours.false_non_match)
        assert missed / 1500 == pytest.approx(fnmr, abs=1e-9)


# --- what is said ----------------------------------------------------------------------------------------------------


def rate(errors: int, comparisons: int = 100_000, deff: float = 1.0, people: int = 500) -> Rate:
    p = errors / comparisons
    return Rate(errors, comparisons, people, deff * p * (1 - p) / comparisons, 400.0)


def test_the_words_follow_the_errors_and_nothing_else() -> None:
    def word(a: Rate, b: Rate) -> Any:
        return compared({"a": a}, b)[0]

    assert word(rate(400), rate(100)).word == CLEAR
    assert word(rate(100), rate(400)).word == CLEAR, "whichever way round"
    assert word(rate(25), rate(5)).word == SIGN, "fewer than thirty errors are never clear"
    assert word(rate(400, people=11), rate(100)).word == SIGN, "eleven people are never clear"
    assert word(rate(400, deff=60), rate(100, deff=60)).word == CANNOT_TELL, "the same few people, again and again"
    assert word(rate(2000), rate(2000)).word == NO_LARGER
    assert word(rate(0), rate(0)).words == CANNOT_TELL
    none = word(rate(400), Rate(0, 100_000, 500, 0.0, 1.0, deff_zero=1.0))
    assert none.ratio is None and none.low > 50 and math.isinf(none.high) and none.word == CLEAR
    assert "could detect only" in word(rate(8), rate(7)).words
    assert all(("fair" not in one and "unbiased" not in one) for one in WORDS)


def test_holm_s_correction_makes_many_comparisons_dearer() -> None:
    alone = compared({"a": rate(130)}, rate(98))[0]
    among = next(one for one in compared({"a": rate(130), **{f"g{at}": rate(100) for at in range(9)}}, rate(98)) if one.group == "a")  # fmt: skip
    assert (alone.p, alone.word) == (pytest.approx(among.p), CLEAR)
    assert among.holm > alone.holm and among.word == SIGN
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "c": 0.06, "b": 0.06})


def test_no_error_is_a_bound_and_never_a_zero() -> None:
    found = Rate(0, 100_000, 400, 0.0, 1.0, deff_zero=10.0)
    assert found.low == 0 and found.high == pytest.approx(3e-4, rel=0.01)
    assert found.safest == pytest.approx(1 - 0.05 ** (1 / 200))
    assert Rate(0, 100_000, 400, 0.0, 1.0).high == pytest.approx(found.safest), "nothing to borrow: the safest"


def world(people: int, images: int, base: float, sd: float, seed: int) -> tuple[AllPairs, np.ndarray, np.ndarray]:
    """False matches where some people look like many: rate base x u_i x u_j with a mean of 1."""
    chance = np.random.default_rng(seed)
    u = np.exp(chance.normal(-sd * sd / 2, sd, people))
    i, j = np.triu_indices(people, 1)
    often = chance.binomial(images * images, np.minimum(1, base * u[i] * u[j]))
    return AllPairs(np.full(people, images), np.zeros(people, int)), np.repeat(i, often), np.repeat(j, often)


def coverage(people: int, images: int, base: float, sd: float, runs: int) -> tuple[float, float]:
    """How often the interval, and the naive one, hold the true rate."""
    held = naive = 0
    for seed in range(runs):
        population, i, j = world(people, images, base, sd, seed)
        spread, total = dyadic(population, 0, 0, i, j), population.total(0, 0)
        own = Rate(len(i), total, people, spread.variance, spread.freedom)
        plain = Rate(len(i), total, people, len(i) / total**2, 1e9)
        held += own.low <= base <= own.high
        naive += plain.low <= base <= plain.high
    return held / runs, naive / runs


def test_intervals_cover_the_truth_where_people_repeat_and_naive_ones_do_not() -> None:
    held, naive = coverage(100, 3, 1e-2, 0.6, 300)
    assert 0.93 <= held <= 0.98
    assert naive < 0.6


@pytest.mark.soak
@pytest.mark.parametrize(("people", "images", "base", "sd"), [(100, 3, 1e-3, 0.8), (200, 3, 1e-3, 0.7), (400, 2, 1e-3, 0.8), (60, 5, 1e-3, 0.7), (100, 3, 1e-2, 0.6), (500, 1, 3e-4, 0.7)])  # fmt: skip
def test_intervals_cover_the_truth_in_many_worlds(people: int, images: int, base: float, sd: float) -> None:
    held, _ = coverage(people, images, base, sd, 1000)
    assert 0.93 <= held <= 0.98


def test_the_null_reference_lies_above_what_equal_treatment_shows() -> None:
    below = 0
    for seed in range(20):
        rows, who, _ = faces(160, 1, seed)
        chance = np.random.default_rng(seed)
        lot = chance.permutation(np.repeat(["a", "b", "c", "d"], 40)).tolist()
        result = BiasAudit.from_templates(rows, who, {"lot": lot}).run(fmr_targets=[0.02], replicates=200)[0]
        most = next(one for one in result.measures if (one.id, one.of) == ("max_geomean", "false matches"))
        below += (most.value or 9) <= (most.null or 0)
    assert below >= 16


# --- one face against a list -----------------------------------------------------------------------------------------


def test_searches_counted_from_the_tail_are_those_of_brute_force() -> None:
    rows, who, labels = faces(60, 3)
    result = BiasAudit.from_templates(rows, who, labels).run(fmr_targets=[0.02], replicates=5)[0]
    evidence = result.evidence
    found = measured(evidence, result.threshold, {0: 10, 1: 5}, draws=3, seed=4)
    assert sum(one.strangers for one in found.values()) == 3 * (60 - 15) * 3
    assert sum(one.mated for one in found.values()) == 3 * 15 * 2
    alone = measured(evidence, result.threshold, {0: 10, 1: 5}, rank=1, draws=3, seed=4)
    assert all(alone[g].missed >= found[g].missed and alone[g].alarms == found[g].alarms for g in (0, 1))
    with pytest.raises(WrongUse):
        measured(evidence, result.threshold, {0: 30})


def test_measured_alarms_come_near_the_formula_where_people_are_independent() -> None:
    chance = np.random.default_rng(2)
    rows = chance.normal(size=(1500, 32)).astype(np.float32)
    audit = BiasAudit.from_templates(rows, range(1500), {"lot": ["a", "b"] * 750})
    result = audit.run(fmr_targets=[1e-3], replicates=5)[0]
    found = measured(result.evidence, result.threshold, {0: 100, 1: 100}, draws=20)
    share = sum(one.alarms for one in found.values()) / sum(one.strangers for one in found.values())
    assert share == pytest.approx(1 - (1 - 1e-3) ** 200, rel=0.1)


# --- what can be wrong with what is given ----------------------------------------------------------------------------


def scores(n: int = 400, people: int = 30) -> dict[str, Any]:
    chance = np.random.default_rng(0)
    return {
        "score": chance.normal(size=n), "first": chance.integers(0, people, n), "second": chance.integers(0, people, n),
        "attributes": {"sex": ["f", "m"] * (people // 2)},
    }  # fmt: skip


def test_a_failure_to_acquire_is_counted_and_not_dropped() -> None:
    rows, who, labels = faces(50, 2)
    rows[3] = np.nan
    rows[8] = 0
    rows[11] = np.inf
    result = BiasAudit.from_templates(rows, who, labels).run(fmr_targets=[0.05], replicates=5)[0]
    assert sum(one.errors for one in result.not_acquired) == 3
    assert sum(one.comparisons for one in result.not_acquired) == 100
    given = scores()
    given["score"][:7] = np.nan
    result = BiasAudit.from_scores(**given).run(fmr_targets=[0.05], replicates=5)[0]
    assert sum(one.errors for one in result.not_acquired) == 14


def test_bad_numbers_are_refused_with_what_to_do() -> None:
    equal, endless = scores(), scores()
    equal["score"][:] = 1.0
    endless["score"][3] = np.inf
    good = BiasAudit.from_scores(**scores())
    one = scores()
    one["attributes"] = {"sex": ["f"] * 30}
    alone = scores()
    alone["first"][:] = alone["second"][:] = 0
    rows, who, labels = faces(10, 2)
    torn = {"sex": ["m", "f", *labels["sex"][2:]]}
    for wrong in (
        lambda: BiasAudit.from_scores(**equal), lambda: BiasAudit.from_scores(**endless), lambda: good.run(thresholds=[99.0]),
        lambda: good.run(thresholds=[-99.0]), lambda: good.run(thresholds=[float("nan")]), lambda: good.run(fmr_targets=[0]),
        lambda: good.run(fmr_targets=[2.0]), lambda: good.run(), lambda: good.run(fmr_targets=[0.1], reference="x"),
        lambda: good.run(fmr_targets=[0.1], by=["age"]), lambda: BiasAudit.from_scores(**one).run(fmr_targets=[0.1]),
        lambda: BiasAudit.from_scores(**alone).run(fmr_targets=[0.1]), lambda: BiasAudit.from_templates(rows, who, torn),
        lambda: BiasAudit.from_templates(rows, who[1:], labels), lambda: BiasAudit.from_templates(rows, who, {"sex": [None] * 20}).run(fmr_targets=[0.1]),
    ):  # fmt: skip
        with pytest.raises(WrongUse) as refused:
            wrong()
        assert refused.value.what and refused.value.why and refused.value.do


def test_people_without_a_label_are_left_out_of_every_count() -> None:
    rows, who, labels = faces(60, 2)
    some = {"sex": [None if int(name[1:]) >= 40 else one for name, one in zip(who, labels["sex"], strict=True)]}
    kept = [at for at, name in enumerate(who) if int(name[1:]) < 40]
    one = BiasAudit.from_templates(rows, who, some).run(thresholds=[0.8], replicates=5)[0]
    two = BiasAudit.from_templates(rows[kept], [who[at] for at in kept], {"sex": [labels["sex"][at] for at in kept]}).run(thresholds=[0.8], replicates=5)[0]  # fmt: skip
    assert [(x.errors, x.comparisons) for x in one.false_match] == [(x.errors, x.comparisons) for x in two.false_match]
    assert sum(one.evidence.totals.values()) == sum(two.evidence.totals.values())


def test_two_names_for_one_picture_are_shown_as_likely_label_errors() -> None:
    rows, who, labels = faces(20, 1)
    rows[5] = rows[6]
    audit = BiasAudit.from_templates(rows, who, labels)
    counted = audit.counted(audit.floor([0.1]))
    assert len(counted.alike) == 1


@pytest.mark.skipif(not DATA, reason="the speaker scores are not here")
def test_the_speaker_scores_show_women_matched_wrongly_more_often_and_say_how_sure() -> None:
    pl = pytest.importorskip("polars")
    table = pl.read_parquet(Path(str(DATA)) / "bias/speaker_scores/vox1H_scores_demographics.parquet")
    table = table.filter(pl.col("model") == "resnetse34v2").with_columns(pl.col("^id.|sex.$").cast(pl.String))
    sex = {**dict(zip(table["id1"], table["sex1"], strict=True)), **dict(zip(table["id2"], table["sex2"], strict=True))}
    number = {name: at for at, name in enumerate(sorted(sex))}
    first, second = (np.array([number[name] for name in table[column]]) for column in ("id1", "id2"))
    audit = BiasAudit.from_scores(table["sc"].to_numpy(), first, second, {"sex": [sex[name] for name in sorted(sex)]})
    strict, stricter = audit.run(fmr_targets=[0.01, 0.001])
    women, men = strict.false_match
    assert strict.threshold == pytest.approx(-1.0646412, abs=1e-6)
    assert (women.errors, women.comparisons, men.errors, men.comparisons) == (1496, 113_324, 1258, 162_082)
    assert (women.deff, men.deff) == (pytest.approx(14.9, abs=0.05), pytest.approx(12.8, abs=0.05))
    said = strict.headline
    assert said is not None and said.group == "f" and said.word == CLEAR
    assert said.ratio == pytest.approx(1.70, abs=0.005)
    assert said.low == pytest.approx(1.29, abs=0.04) and said.high == pytest.approx(2.24, abs=0.06)
    assert [one.errors for one in stricter.false_match] == [161, 114]
    assert stricter.headline is not None and stricter.headline.ratio == pytest.approx(2.02, abs=0.005)


def test_rates_by_group_are_those_of_fairlearn_and_scikit_learn() -> None:
    fairlearn = pytest.importorskip("fairlearn.metrics")
    sklearn = pytest.importorskip("sklearn.metrics")
    given = scores(3000, 40)
    result = BiasAudit.from_scores(**given).run(thresholds=[0.5], replicates=5)[0]
    sex = np.array(given["attributes"]["sex"])
    within = sex[given["first"]] == sex[given["second"]]
    truth, said = given["first"] == given["second"], np.float32(given["score"]) >= 0.5
    frame = fairlearn.MetricFrame(
        metrics={"fmr": fairlearn.false_positive_rate, "fnmr": fairlearn.false_negative_rate},
        y_true=truth[within], y_pred=said[within], sensitive_features=sex[given["first"]][within],
    ).by_group  # fmt: skip
    for g, name in enumerate(result.names):
        assert result.false_match[g].value == pytest.approx(frame.loc[name, "fmr"])
        assert result.false_non_match[g].value == pytest.approx(frame.loc[name, "fnmr"])
        here = within & (sex[given["first"]] == name)
        _, wrong, missed, _ = sklearn.confusion_matrix(truth[here], said[here]).ravel()
        assert (result.false_match[g].errors, result.false_non_match[g].errors) == (wrong, missed)
