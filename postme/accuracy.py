"""Findings held against labels: precision, recall and F1 with intervals, misses and false alarms."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

# Chosen: enough resamples that the second decimal of an interval's end stands still.
_RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Label:
    """A passage and the technologies it truly speaks of; those under ``disputed`` count neither way."""

    id: str
    text: str
    technologies: frozenset[str]
    disputed: frozenset[str] = frozenset()
    act: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """Hits (``tp``), false alarms (``fp``) and misses (``fn``), and the rates they make; ``None`` where nothing was there.

    >>> Figure(8, 2, 0).precision, Figure(8, 2, 0).recall, Figure(0, 0, 0).f1
    (0.8, 1.0, None)
    """

    tp: int
    fp: int
    fn: int

    @property
    def precision(self) -> float | None:
        """Of what was found, the share that is true."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else None

    @property
    def recall(self) -> float | None:
        """Of what is true, the share that was found."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of the two."""
        total = 2 * self.tp + self.fp + self.fn
        return 2 * self.tp / total if total else None


@dataclass(frozen=True, slots=True)
class Wrong:
    """A passage that was judged otherwise than labelled."""

    label: Label
    missed: frozenset[str]
    alarms: frozenset[str]


@dataclass(frozen=True, slots=True)
class Result:
    """Figures for *speaks of any*, micro over technologies and each technology, with what went wrong.

    ``intervals`` hold, for ``any`` and ``micro``, the 95 % interval of F1 over resampled passages.
    """

    any: Figure
    micro: Figure
    by_technology: Mapping[str, Figure]
    wrong: tuple[Wrong, ...]
    intervals: Mapping[str, tuple[float, float]]
    acts_right: int
    acts: int


def evaluated(labels: Sequence[Label], found: Callable[[str], tuple[Iterable[str], str]]) -> Result:
    """Hold ``found(text)`` (technologies that count, and the act) against labels.

    >>> labels = [Label("a", "drones", frozenset({"drone"})), Label("b", "bees", frozenset())]
    >>> evaluated(labels, lambda text: (["drone"], "")).any
    Figure(tp=1, fp=1, fn=0)
    """
    rows: list[tuple[frozenset[str], frozenset[str]]] = []
    wrong: list[Wrong] = []
    acts_right = acts = 0
    for label in labels:
        technologies, act = found(label.text)
        guess = frozenset(technologies) - (label.disputed - label.technologies)
        rows.append((label.technologies, guess))
        if guess != label.technologies:
            wrong.append(Wrong(label, label.technologies - guess, guess - label.technologies))
        if label.act and guess & label.technologies:
            acts += 1
            acts_right += act == label.act
    names = sorted({name for true, guess in rows for name in true | guess})
    by_technology = {
        name: Figure(
            sum(name in true and name in guess for true, guess in rows),
            sum(name not in true and name in guess for true, guess in rows),
            sum(name in true and name not in guess for true, guess in rows),
        )
        for name in names
    }
    return Result(
        _any(rows), _micro(rows), by_technology, tuple(wrong),
        {"any": _interval(rows, _any), "micro": _interval(rows, _micro)}, acts_right, acts,
    )  # fmt: skip


def _any(rows: Sequence[tuple[frozenset[str], frozenset[str]]]) -> Figure:
    return Figure(
        sum(bool(true) and bool(guess) for true, guess in rows), sum(not true and bool(guess) for true, guess in rows),
        sum(bool(true) and not guess for true, guess in rows),
    )  # fmt: skip


def _micro(rows: Sequence[tuple[frozenset[str], frozenset[str]]]) -> Figure:
    return Figure(
        sum(len(true & guess) for true, guess in rows), sum(len(guess - true) for true, guess in rows),
        sum(len(true - guess) for true, guess in rows),
    )  # fmt: skip


def _interval(
    rows: Sequence[tuple[frozenset[str], frozenset[str]]],
    figure: Callable[[Sequence[tuple[frozenset[str], frozenset[str]]]], Figure],
) -> tuple[float, float]:
    """The middle 95 % of F1 over passages drawn anew with replacement; the same every time it is asked."""
    if not rows:
        return (0.0, 1.0)
    chance = random.Random(20210212)  # noqa: S311  (resampling, no secret)
    drawn = sorted(figure(chance.choices(rows, k=len(rows))).f1 or 0.0 for _ in range(_RESAMPLES))
    return drawn[int(0.025 * _RESAMPLES)], drawn[int(0.975 * _RESAMPLES) - 1]
