"""What a format's reader hands back, before the file's hash makes a record of it."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from zipfile import BadZipFile

from postme.record import Page

# What parsing libraries raise on bytes that do not hold together: their bugs on broken input are the input's fault,
# so the one place that reads (``reading.read``) turns these, and nothing else, into Damaged.
FLAWS: tuple[type[Exception], ...] = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BadZipFile,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RecursionError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Content:
    """A file's pages and what it says of itself; ``None`` means unknown, ``reader`` names library and version.

    >>> Content((Page(1, "a"),), reader="text").title is None
    True
    """

    pages: tuple[Page, ...]
    reader: str
    title: str | None = None
    date: str | None = None
    body: str | None = None
    notes: tuple[str, ...] = ()
