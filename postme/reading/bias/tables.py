"""A table of an audit, CSV or Parquet, by the columns that are wanted; what is wrong with it said in words.

A CSV may begin with a byte order mark and may use tabs or semicolons. Values keep their spelling here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import polars as pl

from postme.errors import WrongUse

_T = TypeVar("_T")

# The kinds of a table, by the ends of its name.
KINDS = (".csv", ".tsv", ".txt", ".parquet")
# What stands for "not known" in a cell, whatever its case.
UNKNOWN = ("", "na", "n/a", "nan", "null", "none", "unknown", "not recorded", "-")


def opened(path: Path) -> pl.LazyFrame:
    """The table, not read yet. Errors: ``WrongUse`` when it is missing, empty, or not what its name says."""
    if not path.is_file():
        raise WrongUse(
            "There is no such file.", where=str(path), why="The audit rests on it.", do="Check the name and the folder."
        )
    if path.stat().st_size == 0:
        raise WrongUse(
            "The file is empty.", where=str(path), why="There is nothing to count.", do="Ask for the file again."
        )
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise WrongUse(
            f"A file named {kind or 'without an ending'} is not read as a table.",
            where=str(path),
            why=f"Tables are {', '.join(KINDS)}.",
            do="Export it as CSV.",
        )
    with path.open("rb") as file:
        head = file.read(4096)
    if (kind == ".parquet") != head.startswith(b"PAR1"):
        raise WrongUse(
            "The file is not what its name says.",
            where=str(path),
            why=f"It is named {kind}, and its first bytes are not of that kind.",
            do="Give it the right ending, or ask for it again.",
        )
    if kind == ".parquet":
        return pl.scan_parquet(path)
    if b"\0" in head:
        raise WrongUse(
            "The file is not text.",
            where=str(path),
            why="It holds bytes that no CSV has; it may be a spreadsheet under another name.",
            do="Export it as CSV.",
        )
    line = head.split(b"\n", 1)[0]
    separator = max((b",", b";", b"\t"), key=line.count).decode()
    return pl.scan_csv(
        path, separator=separator, infer_schema=False, null_values=None, encoding="utf8", truncate_ragged_lines=False
    )


def columns(path: Path, table: pl.LazyFrame) -> list[str]:
    """The names of its columns."""
    return list(_tried(path, lambda: table.collect_schema().names()))


def kinds(path: Path, table: pl.LazyFrame) -> dict[str, pl.DataType]:
    """What each column holds."""
    return dict(_tried(path, table.collect_schema))


def collected(path: Path, table: pl.LazyFrame) -> pl.DataFrame:
    """The rows that were asked for, streamed from the file."""
    return _tried(path, lambda: table.collect(engine="streaming"))


def kept(path: Path, table: pl.LazyFrame, where: Mapping[str, str]) -> pl.LazyFrame:
    """Only the rows in which the columns named in ``where`` hold those values."""
    there = columns(path, table)
    for column, value in where.items():
        wanted(path, there, column)
        table = table.filter(pl.col(column).cast(pl.String) == value)
    return table


def wanted(path: Path, there: Sequence[str], column: str) -> str:
    """The column, if it is there. Errors: ``WrongUse`` with the names there are."""
    if column not in there:
        raise WrongUse(
            f"There is no column {column}.",
            where=str(path),
            why="It was asked for.",
            do=f"Its columns are: {', '.join(there)}.",
        )
    return column


def number(path: Path, frame: pl.DataFrame, column: str) -> pl.Series:
    """A column of numbers as float64, empty cells and words for "unknown" as null.

    Errors: ``WrongUse`` with the first cell that is no number and its row.
    """
    given = frame[column]
    if given.dtype.is_numeric():
        return given.cast(pl.Float64)
    text = given.cast(pl.String).str.strip_chars()
    text = text.set(text.str.to_lowercase().is_in(UNKNOWN), None)
    made = text.cast(pl.Float64, strict=False)
    wrong = made.is_null() & text.is_not_null()
    if wrong.any():
        row = int(wrong.arg_true()[0])
        raise WrongUse(
            f"{text[row]!r} in the column {column} is no number; there are {int(wrong.sum())} such cells.",
            where=f"{path}:{row + 2}",
            why="It can neither be counted nor left out silently.",
            do="Correct it, or leave the cell empty.",
        )
    return made


def word(given: pl.Series) -> pl.Series:
    """A column of words: trimmed, and null where the cell says that it is not known."""
    text = given.cast(pl.String).str.strip_chars()
    return text.set(text.str.to_lowercase().is_in(UNKNOWN), None)


# Of one attribute, words that people use for one thing.
_ONE = (
    {"f", "female", "woman", "women", "w", "fem"},
    {"m", "male", "man", "men", "masc"},
    {"b", "black", "african american", "black or african american"},
    {"w", "white", "caucasian"},
    {"a", "asian"},
    {"h", "hispanic", "latino", "latina", "hispanic or latino"},
)


def one_spelling(
    path: Path, label: str, values: pl.Series, same: Mapping[str, str]
) -> tuple[pl.Series, tuple[str, ...]]:
    """A label's values in one spelling: what differs only by case or spaces is one, and ``same`` says what else is.

    Returns the values and notes of what was taken together. Errors: ``WrongUse`` when two spellings look like one
    group ("f", "Female"): that is for the auditor to say, with ``--same f=female``.
    """
    text = word(values).str.replace_all(r"\s+", " ")
    seen = [one for one in text.unique().to_list() if one is not None]
    folded: dict[str, list[str]] = {}
    for one in sorted(seen):
        folded.setdefault(one.casefold(), []).append(one)
    meant = {name.casefold(): other for name, other in same.items()}
    target: dict[str, str] = {}
    notes: list[str] = []
    for low, spellings in folded.items():
        into = meant.get(low, spellings[0])
        canonical = folded.get(into.casefold(), [into])[0]
        for one in spellings:
            target[one] = canonical
        if len(spellings) > 1:
            notes.append(f"{label}: {', '.join(spellings)} were taken as one.")
        if low in meant:
            notes.append(f"{label}: {', '.join(spellings)} counted as {canonical}, as was asked.")
    left = {one.casefold() for one in target.values()}
    for family in _ONE:
        together = sorted(left & family)
        # "w" is a woman in one table and white in another: only what can be nothing else is complained of.
        if len(together) > 1 and not {"w"} & set(together):
            raise WrongUse(
                f"{label} is spelt {len(together)} ways: {', '.join(together)}.",
                where=str(path),
                why="They look like one group, and would be counted as several.",
                do=f"Say so with --same {together[0]}={together[-1]}, or correct the file.",
            )
    return text.replace(target), tuple(notes)


def _tried(path: Path, read: Callable[[], _T]) -> _T:
    try:
        return read()
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        first = str(error).strip().splitlines()[0][:160] if str(error).strip() else type(error).__name__
        raise WrongUse(
            "The table could not be read.",
            where=str(path),
            why=f"{first}.",
            do="Open it and look at that place, or ask for it again.",
        ) from error


def unlike(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Columns that come in twos, one for each side of a comparison, by what they are of.

    ``sex1`` and ``sex2``, ``probe_sex`` and ``ref_sex``, ``sex_a`` and ``sex_b`` …

    >>> unlike(["id1", "id2", "score", "probe_sex", "ref_sex"])
    {'id': ('id1', 'id2'), 'sex': ('probe_sex', 'ref_sex')}
    """
    there = list(names)
    found: dict[str, tuple[str, str]] = {}
    for one in there:
        for left, right in (("{}1", "{}2"), ("{}_1", "{}_2"), ("{}_a", "{}_b"), ("probe_{}", "ref_{}"), ("probe_{}", "reference_{}"), ("first_{}", "second_{}")):  # fmt: skip
            front, back = left.split("{}")
            if one.startswith(front) and one.endswith(back) and len(one) > len(front + back):
                stem = one[len(front) : len(one) - len(back)]
                other = right.format(stem)
                if other in there and stem.rstrip("_") not in found:
                    found[stem.rstrip("_")] = (one, other)
    return found
