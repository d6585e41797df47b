"""Templates with labels: ``.npy`` or Parquet, read where they lie, and the table that says who is in each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from postme.errors import WrongUse
from postme.reading.bias import tables
from postme.reading.bias.scores import UNLABELLED

_SUBJECT = ("subject_id", "subject", "person", "person_id", "identity", "id")
_ROW = ("row", "index", "image", "image_id", "path", "file")


@dataclass(frozen=True)
class Labels:
    """Of each row of the templates the person and the labels; ``notes`` of what was taken together."""

    subjects: list[str]
    attributes: dict[str, list[str | None]]
    notes: tuple[str, ...] = ()


def read(path: Path) -> NDArray[np.floating]:
    """Templates (N, d): a ``.npy`` file is mapped, not copied; of Parquet a list column or all numeric columns.

    Errors: ``WrongUse`` when it is neither, holds objects (which would run code), or is no table of numbers.
    """
    if not path.is_file():
        raise WrongUse(
            "There is no such file.", where=str(path), why="The audit rests on it.", do="Check the name and the folder."
        )
    if path.suffix.lower() == ".parquet":
        return _parquet(path)
    try:
        made = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise WrongUse(
            "The file is no array of numbers.",
            where=str(path),
            why=f"{str(error).splitlines()[0][:120] if str(error) else type(error).__name__}. Arrays of objects are not opened: they can run code.",
            do="Save the templates with numpy.save as float32, one row a picture.",
        ) from error
    if not isinstance(made, np.ndarray) or made.ndim != 2 or not np.issubdtype(made.dtype, np.floating):
        shape = getattr(made, "shape", "an archive")
        raise WrongUse(
            f"The file holds {shape} of {getattr(made, 'dtype', 'arrays')}.",
            where=str(path),
            why="Templates are rows of floating-point numbers, one row a picture.",
            do="Save one array (pictures, numbers) as .npy.",
        )
    return _of_some_size(path, made)


def _parquet(path: Path) -> NDArray[np.floating]:
    table = tables.opened(path)
    frame = tables.collected(path, table)
    lists = [name for name in frame.columns if frame[name].dtype.is_nested()]
    if len(lists) == 1:
        column = frame[lists[0]]
        sizes = column.list.len() if column.dtype == pl.List else None
        if sizes is not None and sizes.n_unique() != 1:
            raise WrongUse(
                f"The templates in {lists[0]} differ in length.",
                where=str(path),
                why="They cannot be compared.",
                do="Export those of one system only.",
            )
        made = np.stack([np.asarray(one, np.float32) for one in column])
    else:
        numeric = [name for name in frame.columns if frame[name].dtype.is_float()]
        if not numeric:
            raise WrongUse(
                "No templates were found.",
                where=str(path),
                why=f"Columns: {', '.join(frame.columns)}.",
                do="Give one list column, or one column of numbers for each dimension.",
            )
        made = frame.select(numeric).to_numpy().astype(np.float32)
    return _of_some_size(path, made)


def _of_some_size(path: Path, made: NDArray[np.floating]) -> NDArray[np.floating]:
    if made.shape[0] < 2 or made.shape[1] < 2:
        raise WrongUse(
            f"There are {made.shape[0]} templates of {made.shape[1]} numbers.",
            where=str(path),
            why="Nothing can be compared.",
            do="Give at least two rows, one a picture.",
        )
    return made


def paths(path: Path) -> list[str]:
    """The pictures that a table names in its column ``path`` (or ``file``, ``image``), in order."""
    table = tables.opened(path)
    there = tables.columns(path, table)
    column = next((name for name in ("path", "file", "image") if name in there), "")
    if not column:
        raise WrongUse(
            "The table names no pictures.",
            where=str(path),
            why=f"Columns: {', '.join(there)}.",
            do="Add a column path, beside the subject and the labels.",
        )
    return [one or "" for one in tables.word(tables.collected(path, table)[column]).to_list()]


def labels(
    path: Path, rows: int, *, subject: str = "", wanted: Sequence[str] = (), same: Mapping[str, str] | None = None,
    accept: Sequence[str] = (),
) -> Labels:  # fmt: skip
    """The labels of ``rows`` templates, in their order (a ``row`` column, if any, counts from 0 and is heeded).

    Errors: ``WrongUse`` when there are more or fewer, no subject column, or most people have no label.
    """
    table = tables.opened(path)
    there = tables.columns(path, table)
    who = subject or next((name for name in _SUBJECT if name in there), "")
    if not who:
        raise WrongUse(
            "It is not clear which column names the person.",
            where=str(path),
            why=f"Columns: {', '.join(there)}.",
            do="Name it with --subject.",
        )
    tables.wanted(path, there, who)
    names = list(wanted) or [name for name in there if name not in (who, *_SUBJECT, *_ROW)]
    for name in names:
        tables.wanted(path, there, name)
    if not names:
        raise WrongUse(
            "There is no label beside the subject.",
            where=str(path),
            why="Rates by group need one.",
            do="Add a column such as sex.",
        )
    frame = tables.collected(path, table)
    if frame.height != rows:
        raise WrongUse(
            f"There are {frame.height} labels and {rows} templates.",
            where=str(path),
            why="Each row of one belongs to the same row of the other.",
            do="Export both from the same list.",
        )
    if "row" in there:
        order = tables.number(path, frame, "row")
        if sorted(order.to_list(), key=lambda one: (one is None, one)) != list(range(rows)):
            raise WrongUse(
                "The column row does not count every template once, from 0.",
                where=str(path),
                why="A label would belong to nobody, or to two.",
                do="Number the rows 0, 1, 2 …, or leave the column out.",
            )
        frame = frame.sort(order)
    people = tables.word(frame[who])
    if people.is_null().any():
        row = int(people.is_null().arg_true()[0])
        raise WrongUse(
            "A row does not say who is in the picture.",
            where=f"{path}:{row + 2}",
            why="Intervals rest on knowing which pictures are of one person.",
            do="Give every person a code; any code will do.",
        )
    notes: list[str] = []
    attributes: dict[str, list[str | None]] = {}
    for name in names:
        values, said = tables.one_spelling(path, name, frame[name], same or {})
        notes += said
        attributes[name] = values.to_list()
        without = int(pl.DataFrame({"who": people, "value": values}).group_by("who").agg(pl.col("value").drop_nulls().len())["value"].eq(0).sum())  # fmt: skip
        everybody = people.n_unique()
        if 2 * without > everybody and UNLABELLED not in accept:
            raise WrongUse(
                f"{without} of {everybody} people have no {name}.",
                where=str(path),
                why="Whoever is left may differ from those left out, and nobody could tell.",
                do="Complete the labels, choose another with --group, or answer for it with --accept unlabelled.",
            )
        if without:
            notes.append(f"{without} of {everybody} people have no {name} and are in no group by it.")
    return Labels(people.to_list(), attributes, tuple(notes))
