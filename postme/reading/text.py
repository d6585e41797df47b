"""Plain text, Markdown, CSV, JSON, logs: the file's own code points, nothing translated."""

from __future__ import annotations

import codecs
import re

from postme.errors import Refused
from postme.reading import heading
from postme.reading.content import Content
from postme.record import Page, PageState

# Chosen: what the start of a file tells of its encoding it tells in this many bytes.
SAMPLE = 65_536
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Text has line breaks, tabs, form feeds, a terminal's escapes and the end-of-file mark of DOS; other controls are data.
_CONTROLS = bytes(set(range(32)) - {8, 9, 10, 11, 12, 13, 26, 27}) + b"\x7f"
_CONTROL_LETTERS = re.compile(f"[{re.escape(_CONTROLS.decode('ascii'))}]")


def read(data: bytes, name: str, ocr: bool) -> Content:  # noqa: ARG001 - every reader is asked the same way
    """The text in pages split at form feeds; a page's offsets count the file's own code points after its mark."""
    text, notes = decoded(data, name)
    if "\0" in text:
        # No database of text holds a zero character; its place is kept, so offsets still count the file's own.
        text, notes = text.replace("\0", "\ufffd"), (*notes, "Zero bytes in the file show as \ufffd.")
    pages = tuple(
        Page(number, part, PageState.BLANK if not part or part.isspace() else PageState.TEXT)
        for number, part in enumerate(text.split("\f") if "\f" in text else (text,), 1)
    )
    told = heading.told(name, pages[0].text[: heading.HEAD])
    return Content(pages, reader="plain text", date=told.date, body=told.body, notes=notes)


def decoded(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """The text and, where the encoding had to be guessed, a note that names it. Raises ``Refused`` on binary.

    >>> decoded(b"caf\\xe9", "menu.txt")
    ('café', ('The file is not UTF-8; it was read as Windows-1252.',))
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            body = data[len(mark) :]
            try:
                return body.decode(encoding), ()
            except UnicodeDecodeError:
                note = f"The file says it is {encoding.upper()}, but parts of it are not; they show as \ufffd."
                return body.decode(encoding, "replace"), (note,)
    if b"\0" in data[:SAMPLE] and (wide := _wide(data)):
        return wide, ("The file does not name its encoding; it was read as UTF-16.",)
    if is_binary(data):
        raise Refused(
            "The file's bytes are no text.",
            where=name,
            why="What they mean depends on the program that made them.",
            do="Open it in that program and save it as PDF, DOCX or plain text.",
        )
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        if _is_utf8(data[:SAMPLE]):
            note = "The file is UTF-8 with damaged bytes in it; they show as \ufffd."
            return data.decode("utf-8", "replace"), (note,)
    try:
        return data.decode("cp1252"), ("The file is not UTF-8; it was read as Windows-1252.",)
    except UnicodeDecodeError:
        return data.decode("latin-1"), ("The file is not UTF-8; it was read as ISO 8859-1.",)


def is_binary(data: bytes) -> bool:
    """Whether the start of the file is no text in any of the encodings read here.

    >>> is_binary(bytes(range(32))), is_binary(b"Agenda\\r\\n"), is_binary("Agenda".encode("utf-16"))
    (True, False, False)
    """
    head = data[:SAMPLE]
    if head.startswith(tuple(mark for mark, _ in _MARKS)):
        return False
    if b"\0" in head and _wide(data):
        return False
    # Chosen: one control character in a hundred is a printer's code or a slip of a terminal; more is data.
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls * 100 > len(head):
        return True
    if _is_utf8(head):
        return False
    # Text in one byte a letter is mostly ASCII; compressed data is half high bytes. Cyrillic and Greek are not, but
    # no record in them was seen, and to call noise a record would hide that it was not read.
    high = len(head) - len(head.translate(None, bytes(range(128, 256))))
    return high * 3 > len(head)


def _is_utf8(head: bytes) -> bool:
    """Whether the bytes outside ASCII form letters of UTF-8, all but a damaged few."""
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(head, final=len(head) < SAMPLE)
    bad = text.count("\ufffd")
    # Chosen: in one-byte encodings hardly one letter outside ASCII happens to be a valid sequence of UTF-8.
    return bad == 0 or bad * 4 < len(text) - len(text.encode("ascii", "ignore")) - bad


def _wide(data: bytes) -> str:
    """The text of UTF-16 without a mark, told by where its zero bytes stand; empty where it is none."""
    head = data[: SAMPLE & ~1]
    # Chosen: in Latin text nearly every second byte is zero, all on one side.
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = max(1, len(head) // 2)
    encoding = "utf-16-le" if odd * 10 > half * 7 and even * 20 < half else "utf-16-be"
    if encoding == "utf-16-be" and not (even * 10 > half * 7 and odd * 20 < half):
        return ""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return ""
    return "" if _CONTROL_LETTERS.search(text, 0, SAMPLE) else text
