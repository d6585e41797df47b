"""A public record: the bytes' hash, the pages' text, and quotes that can be checked against both."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PageState(StrEnum):
    """How a page's text came to be; ``UNREADABLE`` is unknown, never empty."""

    TEXT = "text"
    OCR = "ocr"
    BLANK = "blank"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Page:
    """One page's text, exactly as it was read.

    ``number`` counts from 1. ``note`` says why a page is unreadable, or which engine recognised it and how sure
    it was. ``moments`` are (code point offset, seconds from the start) for a recording's captions, ascending.

    >>> Page(31, "license plate readers").state
    <PageState.TEXT: 'text'>
    """

    number: int
    text: str
    state: PageState = PageState.TEXT
    note: str = ""
    moments: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """A public record as read: ``None`` for title, date or body means *unknown*, never "has none".

    ``sha256`` is of the file's bytes, in lower-case hex. ``date`` is ISO 8601 (``2021-02-12``). ``reader`` names
    what read it, with its version. ``notes`` are sentences for the reader (a wrong ending, a repaired file).

    >>> record = Record("e3" * 32, "text/plain", (Page(1, "a"), Page(2, "", PageState.UNREADABLE)))
    >>> len(record.unreadable)
    1
    """

    sha256: str
    media_type: str
    pages: tuple[Page, ...]
    title: str | None = None
    date: str | None = None
    body: str | None = None
    reader: str = ""
    notes: tuple[str, ...] = ()

    @property
    def unreadable(self) -> tuple[Page, ...]:
        """The pages whose words nobody knows."""
        return tuple(page for page in self.pages if page.state is PageState.UNREADABLE)


@dataclass(frozen=True, slots=True)
class Quote:
    """A source's own words and where they stand: ``text == page.text[start:end]``, offsets in code points.

    ``page`` counts from 1. ``seconds`` is the time in a recording, where the record is one.

    >>> Quote("e3" * 32, 1, 4, 10, "drones").holds("The drones flew.")
    True
    """

    sha256: str
    page: int
    start: int
    end: int
    text: str
    seconds: float | None = None

    def holds(self, page_text: str) -> bool:
        """Whether the page still says, at that place, what the quote says it says."""
        return page_text[self.start : self.end] == self.text
