"""The texts of Mill Falls and their small markup; what every record says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

TEXTS = Path(__file__).parent / "texts"
FICTION = "Mill Falls is a fictional town. This record is invented, an example that comes with postme."


def text_of(name: str) -> str:
    return (TEXTS / name).read_text(encoding="utf-8")


def blocks(source: str) -> Iterator[tuple[str, list[str]]]:
    """(kind, lines) of the small markup of texts/: title, under, head, vote, signature, break, table, item, body."""
    kinds = {"# ": "title", "~ ": "under", "## ": "head", "> ": "vote", "@signature ": "signature"}
    table: list[str] = []
    for line in [*source.splitlines(), ""]:
        if line.startswith("|"):
            table.append(line)
            continue
        if table:
            yield "table", table
            table = []
        mark = next((mark for mark in kinds if line.startswith(mark)), None)
        if mark:
            yield kinds[mark], [line[len(mark) :]]
        elif line == "===":
            yield "break", []
        elif re.match(r"\d+\.\d+ ", line):
            yield "item", [line]
        elif line:
            yield "body", [line]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]
