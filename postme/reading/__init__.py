"""Bytes in, record out: one file for each format, one table of formats, refusals with their reasons in it.

>>> read(b"The council discussed drones.", "minutes.txt").pages[0].text
'The council discussed drones.'
>>> kind(b"%PDF-1.7", "minutes.txt").name
'PDF'
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from postme.errors import Damaged, ReadingError, Refused
from postme.reading import heading
from postme.reading.content import FLAWS
from postme.reading.formats import FORMATS, Format, ended, kind
from postme.reading.kinds import ending, litter
from postme.record import Record

if TYPE_CHECKING:
    from postme.reading.boxes import WordBox

    READER_VERSION: str

__all__ = [
    "FORMATS",
    "READER_VERSION",
    "Format",
    "is_container",
    "is_litter",
    "kind",
    "kind_by_name",
    "members",
    "named",
    "ocr_engine",
    "read",
    "words",
]

# Chosen: counts up whenever the same bytes would give other text, so that caches of text know.
_EDITION = "1"
# The libraries whose version changes what is extracted.
_MESSAGE = "message/rfc822"
_LIBRARIES = ("pypdfium2", "lxml", "selectolax", "polars")


def read(data: bytes, name: str, *, ocr: bool = True, unnamed: bool = False) -> Record:
    """The record in a file's bytes; ``name`` serves for its ending, its date and for messages, never as a path.

    Raises ``Refused``, ``Damaged``, ``Locked`` or ``TooLarge``, each with ``where=name``. With ``ocr``, pages that
    are pictures go through tesseract where it is installed; else they are unreadable, with a note that says so.
    With ``unnamed`` the record is only what the bytes say; ``named`` adds what its name says.

    >>> read(b"Gunshot detection\\fpage two", "a.txt").pages[1].number
    2
    """
    if not data:
        raise Damaged(
            "The file is empty.",
            where=name,
            why="Nothing in it can be searched.",
            do="Download it again, or ask the clerk for it.",
        )
    form = kind(data, name)
    if form.reader is None:
        why, _, do = form.refused.partition(". ")
        raise Refused(f"This is {_a(form)}, which is not read as a record.", where=name, why=f"{why}.", do=do)
    try:
        content = form.reader(data, _nameless(name) if unnamed else name, ocr)
    except FLAWS as flaw:
        raise Damaged(
            f"This is {_a(form)}, but its bytes do not hold together ({type(flaw).__name__}).",
            where=name,
            why="None of its words could be read.",
            do="Download it again, or open it in the program that made it and save it anew.",
        ) from flaw
    return Record(
        sha256=hashlib.sha256(data).hexdigest(),
        media_type=_media_type(form, data),
        pages=content.pages,
        title=content.title,
        date=content.date,
        body=content.body,
        reader=content.reader,
        notes=(*_about_name(_nameless(name) if unnamed else name, form), *content.notes),
    )


def _nameless(name: str) -> str:
    """The name of a file without what it says of the record: only its ending, which says what kind of file it is.

    >>> _nameless("packet.zip!/Council Minutes 2024-01-05.PDF")
    'record.pdf'
    """
    return f"record{ending(name)}"


def kind_by_name(name: str) -> str:
    """What a file would be by its ending alone; empty where that says nothing.

    >>> kind_by_name("a.htm") == kind_by_name("b.HTML")
    True
    """
    form = ended(name)
    return form.name if form else ""


def named(facts: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A nameless record's facts (date, body, media_type, notes) with what the file's name adds to them.

    >>> facts = {"date": None, "body": None, "media_type": "text/plain", "notes": []}
    >>> named(facts, "City Council 2024-01-05.txt")["date"]
    '2024-01-05'
    """
    told = heading.told(name, "")
    # A message says itself on which day it was sent; of other records the name is the better witness.
    sent = facts["date"] if facts["media_type"] == _MESSAGE else None
    return {
        **facts, "date": sent or told.date or facts["date"], "body": facts["body"] or told.body,
        "notes": [*_outside(name), *facts["notes"]],
    }  # fmt: skip


def is_container(data: bytes, name: str) -> bool:
    """Whether further records may lie inside (``members`` lists them).

    >>> is_container(b"PK\\x05\\x06" + bytes(18), "packet.zip")
    True
    """
    return kind(data, name).opener is not None


def members(data: bytes, name: str) -> Iterator[tuple[str, bytes | ReadingError]]:
    """Every record inside a container, however deep, as (label, bytes), or why that one cannot be had.

    Labels are ``packet.zip!/inner.zip!/minutes.pdf``. Containers inside are opened here, so what comes out is only
    to be read; an email message comes out itself and then its attachments. A file that is no container has none.
    A container that cannot be opened at all comes out as one error under its own name.

    >>> list(members(b"no archive", "minutes.txt"))
    []
    """
    from postme.reading.nesting import inside
    from postme.reading.unpacking import Budget

    yield from inside(data, name, Budget())


def is_litter(name: str) -> bool:
    """Whether the file is what a computer leaves lying about, no record: lock files, thumbnails, folder settings.

    >>> is_litter("~$ll Council Minutes.docx"), is_litter("__MACOSX/._a.pdf"), is_litter("minutes.pdf")
    (True, True, False)
    """
    return litter(name)


def words(data: bytes, page_number: int) -> tuple[WordBox, ...]:
    """The boxes of a PDF page's words (``page_number`` from 1), with offsets into exactly its text as read.

    Raises ``ReadingError`` where the PDF or the page cannot be opened.
    """
    from postme.reading import boxes

    return boxes.words(data, page_number)


def ocr_engine() -> str:
    """The engine of text recognition with its version, empty where none is installed.

    It is not part of ``READER_VERSION``: only records with unreadable pages need reading again when it changes.
    """
    from postme.reading import ocr

    return ocr.engine()


def _a(form: Format) -> str:
    return ("an " if form.name[0].lower() in "aeiou" else "a ") + form.name


def _media_type(form: Format, data: bytes) -> str:
    if form.media_type != "image/*":
        return form.media_type
    return {b"\x89P": "image/png", b"\xff\xd8": "image/jpeg"}.get(data[:2], "image/tiff")


def _about_name(name: str, form: Format) -> Iterator[str]:
    end = ending(name)
    by_name = ended(name)
    if by_name is not None and by_name is not form:
        yield f"The name ends in {end}, but the file is {_a(form)}; read as that."
    yield from _outside(name)


def _outside(name: str) -> Iterator[str]:
    inside = name.partition("!/")[2].replace("\\", "/")
    if ".." in inside.split("/") or "!//" in name or inside.startswith("/") or inside[1:3] == ":/":
        yield "Its name inside the archive points outside the archive; the name was never used as a path."


def __getattr__(attribute: str) -> str:
    # Worked out when first asked for: looking the libraries' versions up takes longer than importing all this.
    if attribute != "READER_VERSION":
        raise AttributeError(attribute)
    from importlib.metadata import PackageNotFoundError, version

    found = [_EDITION]
    for library in _LIBRARIES:
        try:
            found.append(f"{library}-{version(library)}")
        except PackageNotFoundError:
            found.append(f"{library}-none")
    globals()["READER_VERSION"] = " ".join(found)
    return " ".join(found)
