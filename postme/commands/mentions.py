"""Mentions on their way out: JSON lines, CSV or Parquet, to standard output or a file that is whole or not there."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from postme.errors import KeepingError

COLUMNS = (
    "path", "sha256", "page", "start", "end", "quote", "context", "technologies", "vendor", "act", "amount", "certainty", "why",
    "product", "step", "amount_text", "date", "file_number", "body", "seconds", "id",
)  # fmt: skip
"""One a column, in this order; docs/commands.md says what each means."""
# Chosen: rows of a Parquet table that are held in memory at once.
_ROWS = 20_000


class Writer:
    """Writes mentions one by one; use it as a context, so that a file appears only when it is whole."""

    def __init__(self, form: str, output: Path | None) -> None:
        self._form, self._output = form, output
        self._draft = output.with_name(f".{output.name}.{os.getpid()}") if output else None
        self._file: BinaryIO | None = None
        self._rows: list[Mapping[str, Any]] = []
        self._frames: list[Any] = []

    def __enter__(self) -> Writer:
        if self._form != "none":
            try:
                self._file = self._draft.open("wb") if self._draft else sys.stdout.buffer
            except OSError as error:
                raise self._trouble(error) from error
            if self._form == "csv":
                self._line(COLUMNS)
        return self

    def write(self, mention: Mapping[str, Any]) -> None:
        """Write one mention."""
        if self._file is None:
            return
        if self._form == "jsonl":
            self._put(
                json.dumps({column: mention[column] for column in COLUMNS}, ensure_ascii=False).encode(
                    "utf-8", "backslashreplace"
                )
                + b"\n"
            )
        elif self._form == "csv":
            self._line([self._cell(mention[column]) for column in COLUMNS])
        else:
            self._rows.append(mention)
            if len(self._rows) >= _ROWS:
                self._gather()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is None:
            return
        if kind is not None:
            if self._draft:
                self._file.close()
                self._draft.unlink(missing_ok=True)
            return
        if self._form == "parquet":
            self._gather()
            import polars

            table = io.BytesIO()
            polars.concat(self._frames).write_parquet(table)
            self._put(table.getvalue())
        try:
            self._file.flush()
            if self._draft and self._output:
                self._file.close()
                self._draft.replace(self._output)
        except BrokenPipeError:
            raise
        except OSError as late:
            raise self._trouble(late) from late

    def _gather(self) -> None:
        import polars

        text: dict[str, Any] = dict.fromkeys(COLUMNS, polars.String)
        schema: dict[str, Any] = {
            **text, "page": polars.Int64, "start": polars.Int64, "end": polars.Int64, "technologies": polars.List(polars.String),
            "amount": polars.Float64, "seconds": polars.Float64,
        }  # fmt: skip
        self._frames.append(
            polars.DataFrame([{column: row[column] for column in COLUMNS} for row in self._rows], schema=schema)
        )
        self._rows = []

    def _line(self, cells: Any) -> None:
        line = io.StringIO()
        csv.writer(line).writerow(cells)
        self._put(line.getvalue().encode("utf-8", "backslashreplace"))

    @staticmethod
    def _cell(value: Any) -> Any:
        if isinstance(value, list):
            return ";".join(value)
        if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
            return "'" + value  # a record's words must not run as a formula in somebody's spreadsheet
        return value

    def _sink(self) -> BinaryIO:
        if self._file is None:
            raise RuntimeError("a Writer writes inside its context")
        return self._file

    def _put(self, data: bytes) -> None:
        try:
            self._sink().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise self._trouble(error) from error

    def _trouble(self, error: OSError) -> KeepingError:
        return KeepingError(
            f"The mentions could not be written ({error.strerror}).", where=str(self._output or "standard output"),
            why="What was found is kept in the data folder, but you do not have it here.", do="Free some space or choose another file, and run the same command again.",
        )  # fmt: skip
