"""Parquet tables of documents: a record for each row that holds text, read in batches."""

from __future__ import annotations

import io
from collections.abc import Iterator

import polars

from postme.errors import Damaged, ReadingError, Refused
from postme.reading.unpacking import Budget

# Chosen: the names under which published tables of documents keep the words, a name for the row, and its head.
TEXTS = ("text", "full_text", "fulltext", "content", "body_text", "body")
NAMES = ("file", "file_name", "filename", "path", "id", "name", "guid")
HEADS = ("title", "subject", "summary")
# Chosen: 2,000 rows of long bills are some 50 MB; memory then does not grow with the table.
BATCH = 2_000


def members(data: bytes, name: str, budget: Budget) -> Iterator[tuple[str, bytes | ReadingError]]:  # noqa: ARG001 - one shape for all
    """One plain text a row: title and summary, then the text, under the row's own name.

    A row without any words comes out as an error under its name: what it said is unknown, not nothing.
    """
    try:
        table = polars.scan_parquet(io.BytesIO(data))
        schema = table.collect_schema()
    except (polars.exceptions.PolarsError, OSError) as flaw:
        raise Damaged(
            "The Parquet table is cut off or damaged.",
            where=name,
            why="None of its rows could be read.",
            do="Download it again.",
        ) from flaw
    strings = {column.lower(): column for column, sort in schema.items() if sort == polars.String}
    text = next((strings[column] for column in TEXTS if column in strings), None)
    if text is None:
        raise Refused(
            "The table has no column of documents' text.",
            where=name,
            why=f"Rows are read as records where a column of strings is named {', '.join(TEXTS)}.",
            do="Rename the column that holds the words, or save the table as CSV to search its rows as one text.",
        )
    named = next((column for wanted in NAMES for column in schema if column.lower() == wanted), None)
    heads = [strings[column] for column in HEADS if column in strings]
    wanted = list(dict.fromkeys([*([named] if named else []), *heads, text]))
    yield from _rows(table.select(wanted), name, named, [*heads, text])


def _rows(
    table: polars.LazyFrame, name: str, named: str | None, parts: list[str]
) -> Iterator[tuple[str, bytes | ReadingError]]:
    taken: set[str] = set()
    number = 0
    while True:
        try:
            batch = table.slice(number, BATCH).collect()
        except polars.exceptions.PolarsError:
            yield name, Damaged(
                f"The table is damaged after row {number}.",
                where=name,
                why="The rows behind it could not be searched.",
                do="Download it again.",
            )  # fmt: skip
            return
        for row in batch.iter_rows(named=True):
            number += 1
            own = str(row[named]) if named and row[named] not in (None, "") else f"row {number}"
            own = f"{own} (row {number})" if own in taken else own
            taken.add(own)
            label = f"{name}!/{own}"
            words = "\n\n".join(said for part in parts if (said := (row[part] or "").strip()))
            if words:
                yield label, words.encode("utf-8")
            else:
                yield label, Damaged(
                    "This row of the table holds no text.",
                    where=label,
                    why="What the document says is unknown.",
                    do="Look the document up where the table comes from.",
                )  # fmt: skip
        if batch.height < BATCH:
            return
