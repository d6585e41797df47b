"""Where a page's words stand in its picture, for highlighting a quote in the page it comes from."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pypdfium2.raw as pdfium
from pypdfium2 import PdfDocument

from postme.errors import Damaged
from postme.reading import hyphens, ocr, pdf, scanned
from postme.record import PageState

_WORD = re.compile(r"\S+")
# Chosen: PDFium turns points into whole pixels; a thousandth of a point is finer than any printer.
_FINE = 1000


@dataclass(frozen=True, slots=True)
class WordBox:
    """A word's place: ``text[start:end]`` of the page's text, and its box in points from the page's top left.

    A word broken over two lines has two boxes, each with its part of the text.

    >>> WordBox(0, 6, 72.0, 60.0, 110.5, 74.0).bottom
    74.0
    """

    start: int
    end: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A page's text as it is read now, its size as shown in points, and its words' places.

    >>> Placed("", 612.0, 792.0).words
    ()
    """

    text: str
    wide: float
    high: float
    words: tuple[WordBox, ...] = ()


def words(data: bytes, page_number: int) -> tuple[WordBox, ...]:
    """The words of one page of a PDF, with offsets into exactly the text that ``read`` gives for it.

    ``page_number`` counts from 1. A page that was recognized is recognized again (some seconds). Raises
    ``ReadingError`` where the PDF or the page cannot be opened.
    """
    return placed(data, page_number).words


def placed(data: bytes, page_number: int, *, by_eye: bool = True) -> Placed:
    """One page of a PDF with its words' places; without ``by_eye`` only those of its text layer."""
    with page_opened(data, page_number) as page:
        wide, high = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
        # Asked without recognition, a page says by being unreadable that it would be recognized: it is so only once.
        made = pdf.page_of(page, page_number, by_eye=False)
        textpage = pdfium.FPDFText_LoadPage(page)
        if not textpage:
            return Placed(made.text, wide, high)
        try:
            if by_eye and made.state is PageState.UNREADABLE and ocr.engine():
                found = ocr.recognized(scanned.drawn(page, ocr.DPI))
                if not found.failure:
                    scale = 72 / scanned.dots(page, ocr.DPI)
                    seen = tuple(
                        WordBox(w.start, w.end, w.left * scale, w.top * scale, w.right * scale, w.bottom * scale)
                        for w in found.words
                    )
                    return Placed(found.text, wide, high, seen)
            return Placed(made.text, wide, high, tuple(_boxes(page, textpage, made.text)))
        finally:
            pdfium.FPDFText_ClosePage(textpage)


@contextmanager
def page_opened(data: bytes, number: int) -> Iterator[object]:
    """PDFium's page, let go of at the end. Raises ``ReadingError`` where the PDF or the page cannot be opened."""
    document, page = _page(data, number)
    try:
        yield page
    finally:
        pdfium.FPDF_ClosePage(page)
        document.close()


def _page(data: bytes, number: int) -> tuple[PdfDocument, object]:
    where = f"page {number}"
    document = pdf.opened(data, where)
    page = pdf.load(document, number, pdf.has_form(document)) if 1 <= number <= len(document) else None
    if page is None:
        count = len(document)
        document.close()
        raise Damaged(
            f"The PDF has no such page that opens; it has {count}.",
            where=where,
            why="There is nothing to show.",
            do="Ask for a page that the record lists.",
        )
    return document, page


def _boxes(page: object, textpage: object, text: str) -> Iterator[WordBox]:
    """Each word's letters, joined into one box as the page is shown: turned and cropped."""
    raw = pdf.text_of(textpage)
    characters = list(_characters(textpage, raw))
    # For each code point of the mended text, where it stood in the text as PDFium gave it.
    origin: list[int] = []
    breaks = set()
    for begin, piece in hyphens.pieces(raw):
        if piece and origin:
            breaks.add(len(origin))
        origin.extend(range(begin, begin + len(piece)))
    if len(origin) != len(text):
        return  # the page was not read from its text layer: nothing here would be at its place
    for word in _WORD.finditer(text):
        for start, end in _parts(word.start(), word.end(), breaks, text):
            edges = [
                box for at in range(start, end) for index in (characters[origin[at]],) if (box := _box(textpage, index))
            ]
            if edges:
                left, bottom = min(e[0] for e in edges), min(e[1] for e in edges)
                right, top = max(e[2] for e in edges), max(e[3] for e in edges)
                (x1, y1), (x2, y2) = _shown(page, left, top), _shown(page, right, bottom)
                yield WordBox(start, end, min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))


def _parts(start: int, end: int, breaks: set[int], text: str) -> Iterator[tuple[int, int]]:
    """A word's parts, cut where a line ended inside it; a hyphen that was kept stays with its first part."""
    at = start
    for cut in range(start + 1, end):
        if cut in breaks and text[cut] != "-":
            yield at, cut
            at = cut
    yield at, end


def _characters(textpage: object, raw: str) -> Iterator[int]:
    """For each code point of the text as PDFium gave it, its place in PDFium's list of characters (or -1)."""
    count = pdfium.FPDFText_CountChars(textpage)
    units: dict[int, int] = {}
    for index in range(count):
        place = pdfium.FPDFText_GetTextIndexFromCharIndex(textpage, index)
        if place >= 0:
            units.setdefault(place, index)
    unit = 0
    for letter in raw:
        yield units.get(unit, -1)
        unit += 2 if ord(letter) > 0xFFFF else 1


def _box(textpage: object, index: int) -> tuple[float, float, float, float] | None:
    """Left, bottom, right, top of a character: its font's height where the font tells it, else its ink's."""
    if index < 0:
        return None
    rect = pdfium.FS_RECTF()
    if pdfium.FPDFText_GetLooseCharBox(textpage, index, rect) and rect.top > rect.bottom and rect.right > rect.left:
        return rect.left, rect.bottom, rect.right, rect.top
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if pdfium.FPDFText_GetCharBox(textpage, index, left, right, bottom, top) and right.value > left.value:
        return left.value, bottom.value, right.value, top.value
    return None


def _shown(page: object, x: float, y: float) -> tuple[float, float]:
    """A point of the page's own system as points from the top left of the page as it is shown."""
    wide, high = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page, 0, 0, round(wide * _FINE), round(high * _FINE), 0, x, y, across, down)
    return across.value / _FINE, down.value / _FINE
