"""Comparison scores with the people and labels of both sides, from CSV or Parquet, ten million rows and more.

Understood without being told: one score column, two subject columns, and label columns in twos (``sex1``, ``sex2``;
``probe_sex``, ``ref_sex``), which is also how the BFW pair table and speaker trials are laid out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from postme.errors import WrongUse
from postme.reading.bias import tables

_SCORE = ("score", "sc", "similarity", "sim", "cosine")
_DISTANCE = ("distance", "dist")
_SUBJECT = ("subject", "subject_id", "id", "person", "person_id", "identity")
_GENUINE = ("genuine", "label", "lab", "same", "mated", "is_same")
# Columns in twos that say which picture, not what kind of person.
_PICTURE = ("p", "path", "file", "image", "image_id", "template", "fold", "model")
# More missing scores than this are refused until somebody has looked: a matcher that fails is a finding.
_MISSING = 0.05
UNLABELLED, DUPLICATES, MISSING, DISTANCES = "unlabelled", "duplicates", "missing", "distances"
ACCEPT = (UNLABELLED, DUPLICATES, MISSING)


@dataclass(frozen=True)
class Scores:
    """Scores (n,) float32, NaN where none was made; the people of each as numbers; each person's labels.

    ``notes``: what was taken together, left out or accepted.
    """

    score: NDArray[np.float32]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    attributes: dict[str, list[str | None]]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """Which column is what. Empty fields are found by their usual names."""

    score: str = ""
    subjects: tuple[str, str] = ("", "")
    labels: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    genuine: str = ""
    distance: bool = False


def read(
    path: Path, layout: Layout | None = None, *, where: Mapping[str, str] | None = None, same: Mapping[str, str] | None = None,
    wanted: Sequence[str] = (), accept: Sequence[str] = (),
) -> Scores:  # fmt: skip
    """Read a table of scores. ``wanted``: the labels that are asked for (all, unless named).

    Errors: ``WrongUse`` for a column that is not found or ambiguous, a person with two values of one label, rows whose
    label contradicts the subjects, distances where similarities belong, many missing scores, most people unlabelled.
    """
    table = tables.opened(path)
    there = tables.columns(path, table)
    found = found_layout(path, there, layout or Layout(), wanted)
    table = tables.kept(path, table, where or {})
    one, two = found.subjects
    use = [found.score, one, two, *(part for pair in found.labels.values() for part in pair)]
    use += [found.genuine] if found.genuine else []
    # Words become small numbers while the file is read: ten million rows of them would fill the memory.
    words = {one, two, *(part for pair in found.labels.values() for part in pair)}
    kinds = tables.kinds(path, table)
    frame = tables.collected(path, table.select(
        pl.col(name).cast(pl.Categorical) if name in words and not kinds[name].is_integer() else pl.col(name) for name in dict.fromkeys(use)
    ))  # fmt: skip
    if not frame.height:
        raise WrongUse("No row is left.", where=str(path), why="There is nothing to count.", do="Check --where.")
    notes: list[str] = []
    score = tables.number(path, frame, found.score).cast(pl.Float32).to_numpy().copy()
    if found.distance:
        score = -score
        notes.append(f"{found.score} holds distances; their negatives were taken as scores.")
    codes, people = _people(path, frame, found)
    rows = frame.height
    first, second = codes[:rows], codes[rows:]
    attributes: dict[str, list[str | None]] = {}
    for name, (left, right) in found.labels.items():
        told = _told(codes, frame[left], frame[right])
        values, said = tables.one_spelling(path, name, told["value"], same or {})
        notes += said
        attributes[name] = _of_people(path, name, codes, told["who"], values, people)
    _check_genuine(path, frame, found, first, second)
    _check_scores(path, score, first, second, found, accept, notes)
    _check_labelled(path, attributes, accept, notes)
    return Scores(score, first, second, attributes, tuple(notes))


def found_layout(path: Path, there: Sequence[str], given: Layout, wanted: Sequence[str]) -> Layout:
    """The columns, those named and those recognised by their names."""
    twos = tables.unlike(there)
    score, distance = given.score, given.distance
    if score:
        tables.wanted(path, there, score)
    else:
        known = [name for name in there if name.lower() in _SCORE]
        far = [name for name in there if name.lower() in _DISTANCE]
        if not known and len(far) == 1:
            raise WrongUse(
                f"The column {far[0]} holds distances by its name.",
                where=str(path),
                why="In a distance small means alike; read as a score it would turn every result round.",
                do=f"Give --score {far[0]} --distance.",
            )
        if len(known) != 1:
            raise WrongUse(
                "It is not clear which column holds the scores.",
                where=str(path),
                why=f"Columns: {', '.join(there)}.",
                do="Name it with --score.",
            )
        score = known[0]
    subjects = given.subjects
    if not all(subjects):
        stem = next((name for name in _SUBJECT if name in twos), None)
        if stem is None:
            raise WrongUse(
                "It is not clear which columns name the two people.",
                where=str(path),
                why=f"Columns: {', '.join(there)}.",
                do="Name them with --subjects COLUMN,COLUMN.",
            )
        subjects = twos[stem]
    for column in subjects:
        tables.wanted(path, there, column)
    labels = dict(given.labels)
    if not labels:
        taken = {*subjects, score}
        labels = {
            name: pair for name, pair in twos.items() if not taken & set(pair) and name not in (*_PICTURE, *_SUBJECT)
        }
    for pair in labels.values():
        for column in pair:
            tables.wanted(path, there, column)
    missing = [name for name in wanted if name not in labels]
    if missing:
        raise WrongUse(
            f"There is no label {', '.join(missing)} for both people of a comparison.",
            where=str(path),
            why=f"Labels that were found in twos: {', '.join(labels) or 'none'}.",
            do="Name its columns with --label NAME=COLUMN,COLUMN.",
        )
    if wanted:
        labels = {name: labels[name] for name in wanted}
    if not labels:
        raise WrongUse(
            "No labels were found.",
            where=str(path),
            why="Rates by group need a label of both people.",
            do="Name the columns with --label NAME=COLUMN,COLUMN.",
        )
    genuine = given.genuine or next((name for name in there if name.lower() in _GENUINE), "")
    if genuine:
        tables.wanted(path, there, genuine)
    return Layout(score, subjects, labels, genuine, distance)


def _people(path: Path, frame: pl.DataFrame, found: Layout) -> tuple[NDArray[np.int64], int]:
    """Both sides' people as numbers, one side after the other, and how many there are."""
    for column in found.subjects:
        blank = tables.word(frame[column].unique()).is_null()
        given = frame[column]
        if blank.any():
            empty = given.is_null() | given.cast(pl.String).str.strip_chars().str.to_lowercase().is_in(tables.UNKNOWN)
            raise WrongUse(
                "A row does not say who is compared.",
                where=f"{path}:{int(empty.arg_true()[0]) + 2}",
                why="Intervals rest on knowing which comparisons share a person.",
                do="Fill the subject columns; any code will do.",
            )
    sides = [frame[column] for column in found.subjects]
    if sides[0].dtype != sides[1].dtype:
        sides = [side.cast(pl.String) for side in sides]
    names = pl.concat(sides)
    codes = (names if names.dtype.is_integer() else names.cast(pl.Categorical).to_physical()).to_numpy()
    _, where, dense = np.unique(codes, return_index=True, return_inverse=True)
    # In the order of their names as words, so that a table gives the same numbers whatever kind of file it is.
    rank = np.argsort(np.argsort(names[where.tolist()].cast(pl.String).to_numpy()))
    return rank[dense].astype(np.int64), len(where)


def _told(codes: NDArray[np.int64], left: pl.Series, right: pl.Series) -> pl.DataFrame:
    """Who is told to be what, each pair once: few rows, however long the file."""
    half = len(codes) // 2
    sides = [
        pl.DataFrame({"who": codes[part], "value": side}).unique().cast({"value": pl.String})
        for part, side in ((slice(0, half), left), (slice(half, None), right))
    ]
    return pl.concat(sides).unique()


def _of_people(
    path: Path, name: str, codes: NDArray[np.int64], told: pl.Series, values: pl.Series, people: int
) -> list[str | None]:
    pairs = pl.DataFrame({"who": told, "value": values}).drop_nulls().unique(["who", "value"])
    torn = pairs.group_by("who").len().filter(pl.col("len") > 1)
    if torn.height:
        who = int(torn["who"].sort()[0])
        row = int(np.flatnonzero(codes == who)[0]) % (len(codes) // 2)
        raise WrongUse(
            f"{torn.height} people have two values of {name}.",
            where=f"{path}:{row + 2}",
            why="Nobody can be counted in two groups.",
            do="Correct the labels, or leave them empty where they are not known.",
        )
    made: list[str | None] = [None] * people
    for who, value in pairs.iter_rows():
        made[who] = value
    return made


def _check_genuine(path: Path, frame: pl.DataFrame, found: Layout, first: NDArray[np.int64], second: NDArray[np.int64]) -> None:  # fmt: skip
    if not found.genuine:
        return
    said = tables.number(path, frame.with_columns(
        pl.col(found.genuine).cast(pl.String).str.to_lowercase().replace({"true": "1", "false": "0", "yes": "1", "no": "0"})
    ), found.genuine).to_numpy()  # fmt: skip
    wrong = np.flatnonzero((said > 0) != (first == second))
    if len(wrong):
        raise WrongUse(
            f"{len(wrong)} rows say in {found.genuine} the opposite of what their subjects say.",
            where=f"{path}:{int(wrong[0]) + 2}",
            why="A wrong match would be counted as right, or the other way round.",
            do="Correct the rows, or name the right subject columns with --subjects.",
        )


def _check_scores(
    path: Path, score: NDArray[np.float32], first: NDArray[np.int64], second: NDArray[np.int64], found: Layout,
    accept: Sequence[str], notes: list[str],
) -> None:  # fmt: skip
    missing = int(np.isnan(score).sum())
    if missing:
        if missing > _MISSING * len(score) and MISSING not in accept:
            raise WrongUse(
                f"{missing} of {len(score)} scores are missing.",
                where=str(path),
                why="So many failures are a finding of their own, or a mistake of the export.",
                do="If the system truly failed on them, add --accept missing: they are then counted as failures.",
            )
        notes.append(f"{missing} comparisons without a score count as failures to acquire.")
    same = (first == second) & ~np.isnan(score)
    other = (first != second) & ~np.isnan(score)
    if same.any() and other.any() and float(np.median(score[same])) < float(np.median(score[other])):
        raise WrongUse(
            "Pictures of one person score lower than pictures of different people.",
            where=str(path),
            why="These look like distances given as scores, or the labels are turned round.",
            do=f"Give --distance if small means alike{' (it was given: leave it out)' if found.distance else ''}.",
        )


def _check_labelled(path: Path, attributes: Mapping[str, list[str | None]], accept: Sequence[str], notes: list[str]) -> None:  # fmt: skip
    for name, values in attributes.items():
        without = sum(one is None for one in values)
        if not without:
            continue
        if 2 * without > len(values) and UNLABELLED not in accept:
            raise WrongUse(
                f"{without} of {len(values)} people have no {name}.",
                where=str(path),
                why="Whoever is left may differ from those left out, and nobody could tell.",
                do="Complete the labels, choose another with --group, or answer for it with --accept unlabelled.",
            )
        notes.append(f"{without} of {len(values)} people have no {name} and are in no group by it.")
