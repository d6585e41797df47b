"""Rows as files: CSV and JSON lines as they are read, and Parquet, each with the same rows in the same order."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from postme.keeping.shelf import kept_safe

Row = Mapping[str, Any]
# Chosen: enough rows at once to be fast, few enough to stay small in memory.
_BATCH = 2_000
_GROUP = 20_000


def comma_separated(columns: Sequence[tuple[str, str]], rows: Iterable[Row]) -> Iterator[bytes]:
    """CSV (RFC 4180, UTF-8), some rows at a time. ``columns`` are names and kinds.

    A list is JSON text, what has no value is empty. A text that a spreadsheet would run as a formula gets an apostrophe
    in front, and so does a text that begins with an apostrophe: taking the first one off gives the words back.

    >>> b"".join(comma_separated([("quote", "string"), ("page", "integer")], [{"quote": "=1+1", "page": 4}]))
    b"quote,page\\r\\n'=1+1,4\\r\\n"
    """
    every = iter(rows)
    first = [[name for name, _ in columns]]
    while some := [*first, *([_cell(row[name], kind) for name, kind in columns] for row in islice(every, _BATCH))]:
        first = []
        text = io.StringIO()
        csv.writer(text).writerows(some)
        yield text.getvalue().encode("utf-8", "backslashreplace")


def _cell(value: Any, kind: str) -> Any:
    if value is None:
        return ""
    if kind == "boolean":
        return "true" if value else "false"
    if kind == "array":
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r", "'"):
        return "'" + value
    return value


def json_lines(columns: Sequence[tuple[str, str]], rows: Iterable[Row]) -> Iterator[bytes]:
    """JSON lines (UTF-8): an object a row, with every column.

    >>> b"".join(json_lines([("page", "integer")], [{"page": 4}]))
    b'{"page":4}\\n'
    """
    every = iter(rows)
    while some := list(islice(every, _BATCH)):
        told = (
            json.dumps({name: row[name] for name, _ in columns}, ensure_ascii=False, separators=(",", ":"))
            for row in some
        )
        yield "".join(line + "\n" for line in told).encode("utf-8", "backslashreplace")


def parquet(folder: Path, name: str, mark: str, columns: Sequence[tuple[str, str]], rows: Iterable[Row]) -> Path:
    """A Parquet file of the rows, made once for each ``mark`` and kept in ``folder``: where it is.

    Moments are timestamps in UTC, lists are lists; days stay text, since some are known only to the month. Raises
    KeepingError where the disk refuses. The file stands whole under its name, or not at all; those of other marks go.
    """
    kept = folder / f"{name}-{mark}.parquet"
    if kept.is_file():
        return kept
    with kept_safe(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".draft-") as drafts:
            lines, draft = Path(drafts) / "lines", Path(drafts) / "parquet"
            # polars asks for rows on threads of its own, where a database's connection is another's: so by way of a file.
            with lines.open("wb") as file:
                file.writelines(json_lines(columns, rows))
            _converted(lines, draft, columns)
            draft.replace(kept)
        for old in folder.glob(f"{name}-*.parquet"):
            if old != kept:
                old.unlink(missing_ok=True)
    return kept


def _converted(lines: Path, draft: Path, columns: Sequence[tuple[str, str]]) -> None:
    import polars

    kinds: Mapping[str, Any] = {"integer": polars.Int64, "boolean": polars.Boolean, "array": polars.List(polars.String)}
    schema: Any = {name: kinds.get(kind, polars.String) for name, kind in columns}
    empty = lines.stat().st_size == 0
    table = polars.LazyFrame(schema=schema) if empty else polars.scan_ndjson(lines, schema=schema)
    for name in (name for name, kind in columns if kind == "datetime"):
        moment = polars.col(name).str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_zone="UTC", time_unit="ms", strict=True)
        table = table.with_columns(moment)
    table.sink_parquet(draft, row_group_size=_GROUP, maintain_order=True)
