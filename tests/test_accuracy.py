"""Findings held against labels: figures by hand, and against oracles from outside."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postme.accuracy import Figure, Label, evaluated
from postme.bias.intervals import wilson

Found = Callable[[str], tuple[Iterable[str], str]]


def label(id_: str, *technologies: str, disputed: Iterable[str] = (), act: str = "") -> Label:
    return Label(id_, f"text of {id_}", frozenset(technologies), frozenset(disputed), act)


def found(answers: dict[str, Iterable[str]], act: str = "") -> Found:
    """A scanner that answers from a table, by the label's id."""
    return lambda text: (answers.get(text.removeprefix("text of "), ()), act)


# Worked by hand: any: a hit, b miss, c false alarm, d silent and right, e hit (for another technology than it speaks of).
LABELS = [label("a", "drone", "alpr"), label("b", "drone"), label("c"), label("d"), label("e", "alpr")]
ANSWERS = {"a": ["drone"], "c": ["drone"], "e": ["drone", "alpr"]}


def test_the_figures_of_five_passages_are_those_worked_out_by_hand() -> None:
    result = evaluated(LABELS, found(ANSWERS))
    assert result.any == Figure(tp=2, fp=1, fn=1)
    assert result.micro == Figure(tp=2, fp=2, fn=2)
    assert result.by_technology == {"alpr": Figure(tp=1, fp=0, fn=1), "drone": Figure(tp=1, fp=2, fn=1)}
    assert (result.any.precision, result.any.recall, result.any.f1) == (2 / 3, 2 / 3, 2 / 3)
    assert (result.micro.precision, result.micro.recall, result.micro.f1) == (0.5, 0.5, 0.5)


def test_what_went_wrong_is_listed_with_what_was_missed_and_what_was_a_false_alarm() -> None:
    wrong = {w.label.id: (set(w.missed), set(w.alarms)) for w in evaluated(LABELS, found(ANSWERS)).wrong}
    assert wrong == {
        "a": ({"alpr"}, set()), "b": ({"drone"}, set()), "c": (set(), {"drone"}), "e": (set(), {"drone"}),
    }  # fmt: skip


def test_a_scanner_that_is_always_right_has_ones_and_nothing_wrong() -> None:
    result = evaluated(LABELS, found({item.id: item.technologies for item in LABELS}))
    assert (result.any.f1, result.micro.f1, result.wrong) == (1.0, 1.0, ())
    assert result.intervals == {"any": (1.0, 1.0), "micro": (1.0, 1.0)}


def test_a_scanner_that_finds_nothing_has_no_precision_and_a_recall_of_zero() -> None:
    result = evaluated(LABELS, found({}))
    assert (result.any.precision, result.any.recall, result.any.f1) == (None, 0.0, 0.0)


def test_where_there_is_nothing_to_find_and_nothing_found_the_figures_are_unknown() -> None:
    result = evaluated([label("c")], found({}))
    assert (result.any.precision, result.any.recall, result.any.f1) == (None, None, None)


def test_no_labels_give_no_figures_and_the_widest_interval() -> None:
    result = evaluated([], found({}))
    assert (result.any, result.intervals) == (Figure(0, 0, 0), {"any": (0.0, 1.0), "micro": (0.0, 1.0)})


def test_what_is_disputed_counts_neither_as_a_hit_nor_as_a_false_alarm() -> None:
    result = evaluated([label("a", disputed=["drone"])], found({"a": ["drone"]}))
    assert (result.any, result.wrong) == (Figure(0, 0, 0), ())
    undisputed = evaluated([label("a")], found({"a": ["drone"]}))
    assert undisputed.any == Figure(0, 1, 0)


def test_what_is_both_true_and_disputed_counts_as_true() -> None:
    result = evaluated([label("a", "drone", disputed=["drone"])], found({"a": ["drone"]}))
    assert result.any == Figure(1, 0, 0)


def test_acts_are_held_only_where_the_passage_was_found() -> None:
    labels = [label("a", "drone", act="use"), label("b", "drone", act="use"), label("c", "drone", act="report")]
    result = evaluated(labels, found({"a": ["drone"], "c": ["drone"]}, act="use"))
    assert (result.acts_right, result.acts) == (1, 2)


# --- oracles ---------------------------------------------------------------------------------------------------------


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_f1_is_the_harmonic_mean_of_precision_and_recall(tp: int, fp: int, fn: int) -> None:
    figure = Figure(tp, fp, fn)
    precision, recall = figure.precision, figure.recall
    if precision and recall:
        assert figure.f1 == pytest.approx(2 / (1 / precision + 1 / recall))
    else:
        assert not figure.f1


@pytest.mark.parametrize(
    ("tp", "fp", "fn", "f1"),
    # C. D. Manning, P. Raghavan, H. Schuetze, Introduction to Information Retrieval (2008), section 8.3 and exercise
    # 8.1 (8 relevant and 10 other documents retrieved, 12 relevant ones not): precision 8/18, recall 8/20.
    [(8, 10, 12, 2 * (8 / 18) * (8 / 20) / (8 / 18 + 8 / 20)), (1, 0, 0, 1.0), (1, 1, 1, 0.5)],
)
def test_f1_agrees_with_a_textbooks_example(tp: int, fp: int, fn: int, f1: float) -> None:
    assert Figure(tp, fp, fn).f1 == pytest.approx(f1)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3 (score, no correction).
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_agrees_with_the_table_that_newcombe_published(
    successes: int, trials: int, low: float, high: float
) -> None:
    found_low, found_high = wilson(successes, trials)
    assert (round(found_low, 4), round(found_high, 4)) == (low, high)


@given(st.integers(1, 2000), st.data())
def test_wilsons_ends_are_where_the_score_test_just_rejects(trials: int, data: st.DataObject) -> None:
    # The definition: the shares p whose normal score |x/n - p| / sqrt(p (1 - p) / n) is 1.96.
    successes = data.draw(st.integers(0, trials))
    share = successes / trials
    for end in wilson(successes, trials):
        if 1e-6 < end < 1 - 1e-6:  # nearer than that to 0 or 1 it is cut off there
            assert abs(share - end) / math.sqrt(end * (1 - end) / trials) == pytest.approx(1.959964, rel=1e-4)
    low, high = wilson(successes, trials)
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1


def test_without_trials_any_share_is_possible() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


# --- intervals of F1 -------------------------------------------------------------------------------------------------


def labelled(count: int, right: float) -> tuple[list[Label], dict[str, Iterable[str]]]:
    chance = random.Random(3)
    labels = [label(str(i), *(["drone"] if i % 2 else [])) for i in range(count)]
    return labels, {item.id: item.technologies if chance.random() < right else {"alpr"} for item in labels}


def test_the_interval_holds_the_figure_narrows_with_more_passages_and_is_the_same_each_time() -> None:
    widths = []
    for count in (40, 640):
        labels, answers = labelled(count, 0.8)
        result = evaluated(labels, found(answers))
        low, high = result.intervals["micro"]
        assert result.micro.f1 is not None
        assert low < result.micro.f1 < high
        assert evaluated(labels, found(answers)).intervals == result.intervals
        widths.append(high - low)
    assert widths[0] > 2 * widths[1]


def test_the_interval_agrees_with_another_way_to_draw_it() -> None:
    # An independent bootstrap: whole passages drawn by another generator, 4,000 times, F1 from the drawn counts.
    labels, answers = labelled(200, 0.85)
    low, high = evaluated(labels, found(answers)).intervals["micro"]
    counts = []
    for item in labels:
        guess = frozenset(answers[item.id])
        counts.append((len(guess & item.technologies), len(guess - item.technologies), len(item.technologies - guess)))
    chance = random.Random(99)
    drawn = []
    for _ in range(4000):
        tp, fp, fn = (sum(column) for column in zip(*(chance.choice(counts) for _ in counts), strict=True))
        drawn.append(2 * tp / (2 * tp + fp + fn))
    drawn.sort()
    assert low == pytest.approx(drawn[100], abs=0.02)
    assert high == pytest.approx(drawn[3899], abs=0.02)
