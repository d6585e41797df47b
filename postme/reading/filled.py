"""What was filled into a form: the rows of a table (CSV), or the rows and lines of a document (DOCX), cell by cell."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from postme.errors import Damaged, Refused, TooLarge
from postme.reading import docx
from postme.reading.content import FLAWS
from postme.reading.formats import kind
from postme.reading.kinds import ending
from postme.reading.paragraphs import TAGS, Pages, Walk

# Chosen: a form with every answer as long as it may be has some 4 MB; its pictures are nobody's answer.
LARGEST = 8_000_000
# Chosen: the XML of such a form; one that unpacks to more was built to fill a computer.
LARGEST_PART = 30_000_000
# Chosen: more than the longest answer, in characters.
_LONGEST_CELL = 131_072
# Chosen: a form with fifty long answers, edited for a year, has a tenth of that; empty ones cost time without end.
MOST_ELEMENTS = 500_000
# What a table is taken for where its answers hold tags or headings of messages.
_WRITTEN = ("plain text file", "email message", "web page", "caption file")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled form as it was read: ``table`` where it is one, else rows of a document's tables and the lines between; notes for whoever fills it."""

    table: bool
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read(data: bytes, name: str) -> Filled:
    """The cells of a filled form. Raises ``ReadingError`` for another kind of file, a damaged one and one that is too large."""
    if len(data) > LARGEST:
        raise TooLarge(
            f"The file has {len(data) / 1e6:,.0f} MB; a filled form has at most {LARGEST / 1e6:.0f}.", where=name, why="No form with its answers is that large.",
            do="Take pictures out of it. Attach long documents to the proposal as files.",
        )  # fmt: skip
    if not data.strip():
        raise Damaged("The file is empty.", where=name, why="There is no answer in it.", do="Fill in the blank form from this page, and upload that.")  # fmt: skip
    form = kind(data, name)
    try:
        if form.name == "Word document":
            return _document(data, name)
        if form.name in _WRITTEN and (form.name == "plain text file" or ending(name) in (".csv", ".tsv")):
            return _table(data, name)
    except FLAWS as flaw:
        raise Damaged(
            f"The form is cut off or damaged ({type(flaw).__name__}).", where=name, why="Its answers could not be told apart.",
            do="Open it in the program that made it, save it anew, and upload that.",
        ) from flaw  # fmt: skip
    raise Refused(
        f"This is {'an' if form.name[0].lower() in 'aeiou' else 'a'} {form.name}, not a filled form.", where=name, why="A form comes back as a Word document (DOCX) or as a table (CSV).",
        do="Save it as one of these, or attach it to the proposal as a file.",
    )  # fmt: skip


class _Rows(Walk):
    """A pass that keeps the outermost tables cell by cell; a table inside a cell becomes lines of that cell."""

    def __init__(self, pages: Pages) -> None:
        super().__init__(pages, paged=False)
        self.rows: list[tuple[str, ...]] = []

    def _end_row(self) -> None:
        if len(self._tables) > 1:
            super()._end_row()
            return
        self.rows.append(tuple("\n".join(cell) for cell in self._tables[-1]))
        self._tables[-1].clear()


def _document(data: bytes, name: str) -> Filled:
    with docx.opened(data, name) as archive:
        parts = docx.Parts(archive, name, LARGEST_PART)
        pages = Pages()
        walk = _Rows(pages)
        walk.through(_some(parts.events(parts.main(), TAGS), name))
    lines = tuple(line for text in pages.texts for line in text.split("\n") if line.strip())
    return Filled(False, tuple(walk.rows), lines)


def _some(events: Iterator[tuple[str, Any]], name: str) -> Iterator[tuple[str, Any]]:
    for number, one in enumerate(events):
        if number > MOST_ELEMENTS:
            raise TooLarge(
                f"The document unpacks to more than {MOST_ELEMENTS:,} parts of text.", where=name, why="No filled form is that long: the file was built to fill a computer, or is damaged.",
                do="Do not open it. Take the blank form from this page anew.",
            )  # fmt: skip
        yield one


def _table(data: bytes, name: str) -> Filled:
    text, notes = _decoded(data)
    head = text.split("\n", 1)[0]
    sign = max(",;\t", key=head.count)
    try:
        rows = tuple(tuple(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True))
    except csv.Error as flaw:
        raise _torn("A quotation mark is not closed", name) from flaw
    # The reader's own limit is one for the whole process, and others raise it.
    if any(len(cell) > _LONGEST_CELL for row in rows for cell in row):
        raise _torn("A cell is longer than any answer may be", name)
    return Filled(True, rows, notes=notes)


def _torn(what: str, name: str) -> Damaged:
    return Damaged(
        f"The table could not be read: {what}.", where=name, why="Its answers could not be told apart.",
        do="Open it in the program that made it and save it as CSV anew, or use the form as a Word document.",
    )  # fmt: skip


def _decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace"), ()
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), (
            "The table is not in UTF-8; it was read as Windows text. Look at letters with accents.",
        )
