"""``BiasAudit``: from templates or scores with labels to rates, ratios and measures by group.

Nothing here reads a file, starts a thread or writes: arrays come in, numbers go out. ``mapper`` is how the tiles of
the kernel are shared out (``map`` does them one after another).

>>> import numpy as np
>>> chance = np.random.default_rng(7)
>>> scores, first, second = chance.normal(size=1000), chance.integers(0, 40, 1000), chance.integers(0, 40, 1000)
>>> audit = BiasAudit.from_scores(scores, first, second, {"sex": ["f", "m"] * 20})
>>> audit.run(fmr_targets=[0.05], replicates=50)[0].names
('f', 'm')
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from postme.bias import kernel
from postme.bias.comparisons import AllPairs, Listed, Numbers, Population
from postme.bias.evidence import Evidence, Shortfall
from postme.bias.result import Result
from postme.errors import WrongUse

Mapper = Callable[[Callable[[kernel.Tile], kernel.Tail], Iterable[kernel.Tile]], Iterable[kernel.Tail]]
Attributes = Mapping[str, Sequence[str | None]]
# Scores nearer to 1 than this between people who are said to be two are most likely one person under two names.
TWINS = 0.9999
# Chosen: a table of more groups, each with each, nobody reads; and a label with more values is no group but a name.
MOST_GROUPS = 200


@dataclass(frozen=True)
class Order:
    """Rows and people under salted numbers: the order says nothing to whoever has not the salt.

    ``rows`` (N,) the rows of the file in the order used here, those without a template left out; ``person`` (N,) of
    each of them in rising order; ``subject`` (P,) the place of each person in the list of subjects as it was given.
    """

    rows: Numbers
    person: Numbers
    subject: Numbers


def ordered(subjects: Sequence[Any], usable: np.ndarray, salt: bytes = b"") -> Order:
    """Number people by a salted digest of their identifier; a person's rows follow one another as they stood."""
    names, inverse = np.unique(np.asarray([str(one) for one in subjects]), return_inverse=True)
    digests = np.array([_digest(salt, f"person {name}") for name in names.tolist()], np.uint64)
    place = np.empty(len(names), np.int64)
    place[np.argsort(digests, kind="stable")] = np.arange(len(names))
    rows = np.flatnonzero(usable)
    person = place[inverse[rows]] if len(rows) else np.empty(0, np.int64)
    order = np.argsort(person, kind="stable")
    return Order(rows[order], person[order], np.argsort(place))


def _digest(salt: bytes, text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8, key=salt[:64]).digest(), "big")


def grouped(attributes: Attributes, by: Sequence[str] = ()) -> tuple[np.ndarray, tuple[str, ...]]:
    """The group of each entry as a number, -1 where one of its labels is missing, and the groups' names in order.

    >>> grouped({"sex": ["f", "m", None], "age": ["20", "20", "40"]})
    (array([ 0,  1, -1]), ('f, 20', 'm, 20'))
    """
    wanted = list(by or attributes)
    for name in wanted:
        if name not in attributes:
            raise WrongUse(
                f"There is no label called {name}.",
                why="Groups are made of the labels there are.",
                do=f"Choose among: {', '.join(attributes)}.",
            )
    labels = [
        None if any(one is None or one == "" for one in row) else ", ".join(map(str, row))
        for row in zip(*(attributes[name] for name in wanted), strict=True)
    ]
    names = tuple(sorted({one for one in labels if one is not None}))
    if len(names) > MOST_GROUPS:
        raise WrongUse(
            f"{' and '.join(wanted)} make {len(names)} groups.",
            why=f"Nobody reads a table of more than {MOST_GROUPS}, and each would hold few people.",
            do="Choose fewer labels, or one with fewer values, with --group.",
        )
    number = {name: at for at, name in enumerate(names)}
    return np.array([-1 if one is None else number[one] for one in labels], np.int64), names


@dataclass(frozen=True)
class BiasAudit:
    """Comparisons that can be counted again by any label, at any threshold they reach.

    ``attributes``: of each person one label per name, None when unknown. Made by ``from_templates`` or
    ``from_scores``; ``run`` counts.
    """

    attributes: Attributes
    images: Numbers
    lost: Numbers
    tail: kernel.Tail | None = None
    mates: kernel.Tail | None = None
    rows: np.ndarray | None = None
    person: Numbers = field(default_factory=lambda: np.empty(0, np.int64))
    listed: tuple[np.ndarray, Numbers, Numbers] | None = None
    seed: int = 0
    begins: float = float("-inf")
    """Where the tail begins: it is complete at and above this score."""

    @classmethod
    def from_templates(
        cls, templates: np.ndarray, subjects: Sequence[Any], attributes: Attributes, *, salt: bytes = b"", seed: int = 0,
    ) -> BiasAudit:  # fmt: skip
        """From templates (N, d), one row a picture, compared by cosine.

        ``subjects`` (N,) who is in each picture; ``attributes``: of each *row* one label per name. A row with a
        number that is not finite, or of length 0, is a failure to acquire and counted as one. Errors: ``WrongUse``
        when lengths differ or one subject has two values of a label.
        """
        number = len(templates)
        if templates.ndim != 2 or len(subjects) != number or any(len(one) != number for one in attributes.values()):
            raise WrongUse(
                "Templates, subjects and labels differ in number.",
                why="Each row needs its person and labels.",
                do="Give as many subjects and labels as there are rows.",
            )
        usable = usable_rows(templates)
        order = ordered(subjects, usable, salt)
        names = [str(one) for one in subjects]
        own = of_people(names, attributes)
        every = sorted(own)
        who = [every[at] for at in order.subject.tolist()]
        place = {name: at for at, name in enumerate(who)}
        offered = np.bincount([place[name] for name in names], minlength=len(who))
        images = np.bincount(order.person, minlength=len(who))
        return cls(
            {name: [own[one][name] for one in who] for name in attributes}, images, offered - images,
            rows=kernel.unit(templates[order.rows]), person=order.person, seed=seed,
        )  # fmt: skip

    @classmethod
    def from_scores(
        cls, score: np.ndarray, first: np.ndarray, second: np.ndarray, attributes: Attributes, *, seed: int = 0,
    ) -> BiasAudit:  # fmt: skip
        """From scores (n,) of the people ``first`` and ``second`` (n,), numbers into ``attributes``; higher is more alike.

        A row of somebody with themselves is genuine. A score that is not a number is a failure to acquire: it counts
        for both. Errors: ``WrongUse`` for infinite scores, or when all are equal.
        """
        people = len(next(iter(attributes.values()), ()))
        score = np.asarray(score, np.float32)
        first, second = np.asarray(first, np.int64), np.asarray(second, np.int64)
        missing = np.isnan(score)
        if np.isinf(score).any():
            raise WrongUse(
                f"{int(np.isinf(score).sum())} scores are infinite.",
                why="A score that stands for a failure has to be counted as one, not compared.",
                do="Leave failed comparisons empty (NaN).",
            )
        kept = ~missing
        if kept.any() and np.ptp(score[kept]) == 0:
            raise WrongUse(
                "All scores are equal.",
                why="No threshold separates anything.",
                do="Check which column holds the scores.",
            )
        lost = np.bincount(np.concatenate([first[missing], second[missing]]), minlength=people)
        images = np.bincount(np.concatenate([first[kept], second[kept]]), minlength=people)
        return cls(attributes, images, lost, listed=(score[kept], first[kept], second[kept]), seed=seed)

    # --- counting ---------------------------------------------------------------------------------------------------

    def tiles(self) -> list[kernel.Tile]:
        """The tiles the kernel has to make, in order; none for a file of scores."""
        return [] if self.rows is None else list(kernel.tiles(len(self.rows)))

    def floor(self, fmr_targets: Sequence[float] = (), thresholds: Sequence[float] = ()) -> float:
        """Where the tail has to begin for what is asked."""
        if self.rows is None:
            return float("-inf")
        found = [kernel.floor_for(self.rows, self.person, max(fmr_targets), self.seed)] if fmr_targets else []
        return min([*found, *thresholds])

    def counted(self, floor: float, mapper: Mapper = map) -> BiasAudit:
        """The same with its tail: all impostor scores from ``floor`` up, and all genuine ones."""
        rows = self._rows()
        return self.with_tail(list(mapper(lambda tile: kernel.tail(rows, tile, floor), self.tiles())), floor)

    def with_tail(self, parts: list[kernel.Tail], floor: float) -> BiasAudit:
        """The same with the tails of its tiles from ``floor`` up, wherever they were made."""
        tail = kernel.joined(parts, self.person)
        mates = self.mates or kernel.genuine(self._rows(), self.person)
        return replace(self, tail=tail, mates=mates, begins=floor)

    def _rows(self) -> np.ndarray:
        if self.rows is None:
            raise WrongUse("There are no templates here.", why="A file of scores was given.", do="Call run().")
        return self.rows

    @property
    def alike(self) -> list[tuple[int, int, float]]:
        """Pairs of different people whose templates are all but equal: most likely labelled wrongly."""
        if self.tail is None:
            return []
        number = int(np.count_nonzero(self.tail.score > TWINS))
        pairs = zip(self.tail.i[:number].tolist(), self.tail.j[:number].tolist(), self.tail.score[:number].tolist(), strict=True)  # fmt: skip
        return [(int(self.person[i]), int(self.person[j]), score) for i, j, score in pairs]

    def evidence(self, by: Sequence[str] = ()) -> tuple[Evidence, tuple[str, ...]]:
        """The evidence with people grouped ``by`` some of the labels (all unless named), and the groups' names.

        People without one of the labels are left out. Errors: ``WrongUse`` when nobody is left.
        """
        group, names = grouped(self.attributes, by)
        labelled = group >= 0
        if not labelled.any():
            raise WrongUse(
                "Nobody has a label.", why="Rates by group need groups.", do="Check the names of the label columns."
            )
        new = np.cumsum(labelled) - 1
        group = group[labelled]
        offered, lost = (self.images + self.lost)[labelled], self.lost[labelled]
        population: Population
        if self.listed is not None:
            score, first, second = self.listed
            known = labelled[first] & labelled[second]
            score, first, second = score[known], new[first[known]], new[second[known]]
            same = first == second
            population = Listed(first[~same], second[~same], group)
            order = np.argsort(-score[~same], kind="stable")
            up = np.argsort(score[same], kind="stable")
            return Evidence(
                population, score[~same][order], first[~same][order], second[~same][order], float("-inf"),
                score[same][up], first[same][up], offered, lost,
            ), names  # fmt: skip
        if self.tail is None or self.mates is None:
            raise WrongUse("The tiles were not counted yet.", why="There is no tail.", do="Call run(), or counted().")
        tail, mates = self.tail, self.mates
        known = labelled[self.person[tail.i]] & labelled[self.person[tail.j]]
        own = labelled[self.person[mates.i]]
        population = AllPairs(self.images[labelled], group)
        rows = labelled[self.person]
        row = np.cumsum(rows) - 1
        i, j = tail.i[known], tail.j[known]
        return Evidence(
            population, tail.score[known], new[self.person[i]], new[self.person[j]], self.begins,
            mates.score[own], new[self.person[mates.i[own]]], offered, lost,
            (row[i].astype(np.int32), row[j].astype(np.int32)),
            (row[mates.i[own]].astype(np.int32), row[mates.j[own]].astype(np.int32)), new[self.person[rows]],
        ), names  # fmt: skip

    def run(
        self, *, thresholds: Sequence[float] = (), fmr_targets: Sequence[float] = (), by: Sequence[str] = (),
        reference: str | None = None, replicates: int = 1000, alpha: float = 0.5, scope: str = "all", mapper: Mapper = map,
    ) -> list[Result]:  # fmt: skip
        """One result for each threshold given and each false match rate asked for, in that order.

        ``reference``: the group all others are compared with; the one with most people unless named. ``scope``: what
        an asked rate is over, "all" impostor comparisons or those "within" groups. Errors: ``WrongUse`` for a
        threshold beyond all scores, a rate that is none, an unknown reference, a single group.
        """
        if not thresholds and not fmr_targets:
            raise WrongUse(
                "No threshold was given and no false match rate asked for.",
                why="Error rates belong to a threshold.",
                do="Give the threshold in force, or a rate such as 1e-4.",
            )
        found = list(self._tries(thresholds, fmr_targets, by, scope, mapper))
        evidence, names = found[0]
        levels = found[1:]
        made = []
        for threshold, asked in levels:
            made.append(Result(
                evidence, names, float(threshold), asked, _reference(evidence, names, reference), replicates, self.seed, alpha,
            ))  # fmt: skip
        return made

    def _tries(
        self, thresholds: Sequence[float], targets: Sequence[float], by: Sequence[str], scope: str, mapper: Mapper
    ) -> Iterator[Any]:
        audit = self
        if self.rows is not None and self.tail is None:
            audit = self.counted(self.floor(targets, thresholds), mapper)
        for _ in range(8):
            evidence, names = audit.evidence(by)
            try:
                levels = [(value, None) for value in thresholds if evidence.above(value) >= 0] + [
                    (evidence.threshold(rate, scope=scope), rate) for rate in targets
                ]
                break
            except Shortfall:
                if audit.rows is None:
                    raise
                # The guess by lot began too high: again from lower down.
                audit = self.counted(audit.begins - max(0.05, (1 - audit.begins) / 4), mapper)
        _within_reach(evidence, thresholds)
        yield evidence, names
        yield from levels


def _within_reach(evidence: Evidence, thresholds: Sequence[float]) -> None:
    highest = max(float(evidence.score[0]) if len(evidence.score) else -np.inf, float(evidence.genuine[-1]) if len(evidence.genuine) else -np.inf)  # fmt: skip
    for value in thresholds:
        if not np.isfinite(value) or value > highest:
            raise WrongUse(
                f"The threshold {value} lies above every score; the highest is {highest:g}.",
                why="Nothing would ever match.",
                do="Check the scale of the scores, or whether they are distances.",
            )
        lowest = min(float(one[at]) for one, at in ((evidence.score, -1), (evidence.genuine, 0)) if len(one))
        if evidence.floor == float("-inf") and value < lowest:
            raise WrongUse(
                f"The threshold {value} lies below every score; the lowest is {lowest:g}.",
                why="Everything would match.",
                do="Check the scale of the scores, or whether they are distances.",
            )


def _reference(evidence: Evidence, names: tuple[str, ...], wanted: str | None) -> int:
    if len(names) < 2:
        raise WrongUse(
            f"There is one group only: {', '.join(names)}.",
            why="A difference needs two.",
            do="Choose another label with --group.",
        )
    if wanted is not None:
        if wanted not in names:
            raise WrongUse(
                f"There is no group called {wanted}.",
                why="All others would be compared with it.",
                do=f"Choose among: {'; '.join(names)}.",
            )
        return names.index(wanted)
    people = [len(evidence.population.people(g)) if evidence.totals[g, g] else -1 for g in range(evidence.groups)]
    return int(np.argmax(people))


def usable_rows(templates: np.ndarray) -> np.ndarray:
    """Which rows (N, d) are templates at all: finite, and not all zero; (N,) of bool. Read in pieces."""
    usable = np.empty(len(templates), bool)
    for at in range(0, len(templates), 8192):
        part = np.asarray(templates[at : at + 8192], np.float32)
        length = np.einsum("nd,nd->n", part, part)
        usable[at : at + 8192] = np.isfinite(length) & (length > 0)
    return usable


def of_people(names: Sequence[str], attributes: Attributes) -> dict[str, dict[str, str | None]]:
    """Each subject's labels from the rows'; a row may leave one empty that another row of the same person has.

    Errors: ``WrongUse`` naming how many subjects have two values of one label, and the first row that contradicts.
    """
    found: dict[str, dict[str, str | None]] = {}
    torn: dict[str, list[int]] = {}
    for at, name in enumerate(names):
        own = found.setdefault(name, dict.fromkeys(attributes))
        for label, values in attributes.items():
            value = values[at] or None
            if value is None:
                continue
            if own[label] is not None and own[label] != value:
                torn.setdefault(label, []).append(at + 1)
            own[label] = own[label] or value
    for label, rows in torn.items():
        raise WrongUse(
            f"One person has two values of {label}; the first such row is {rows[0]}, and there are {len(rows)}.",
            why="Nobody can be counted in two groups.",
            do="Correct the labels, or leave them empty where they are not known.",
        )
    return found
