"""Bytes in, record out: one file for each format, one table of formats, refusals with their reasons in it.

>>> read(b"The council discussed drones.", "minutes.txt").pages[0].text
'The council discussed drones.'
>>> kind(b"%PDF-1.7", "minutes.txt").name
'PDF'
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from postme.errors import Damaged, ReadingError, Refused
from postme.reading.content import FLAWS, Content
from postme.reading.kinds import ending, litter, nature
from postme.record import Record

if TYPE_CHECKING:
    READER_VERSION: str

__all__ = ["FORMATS", "READER_VERSION", "Format", "is_container", "is_litter", "kind", "members", "read"]

Reader = Callable[[bytes, str, bool], Content]
Opener = Callable[[bytes, str], Iterator[tuple[str, bytes | ReadingError]]]

# Chosen: counts up whenever the same bytes would give other text, so that caches of text know.
_EDITION = "1"
# The libraries whose version changes what is extracted.
_LIBRARIES = ("pypdfium2", "lxml", "selectolax", "polars")


@dataclass(frozen=True, slots=True)
class Format:
    """One line of the table of formats.

    ``reader`` makes the record; where it is ``None``, ``refused`` says why in one sentence and what to do in the
    next. ``opener`` lists what lies inside, where the format holds further records.

    >>> FORMATS[0].endings
    ('.pdf',)
    """

    name: str
    endings: tuple[str, ...]
    media_type: str
    reader: Reader | None = None
    refused: str = ""
    opener: Opener | None = None


def _reader(module: str) -> Reader:
    """The reader of a module that is imported when the first such file comes: starting stays quick."""

    def late(data: bytes, name: str, ocr: bool) -> Content:
        return cast(Content, import_module(f"postme.reading.{module}").read(data, name, ocr))

    return late


def _opener(module: str) -> Opener:
    def late(data: bytes, name: str) -> Iterator[tuple[str, bytes | ReadingError]]:
        opened = import_module(f"postme.reading.{module}").members(data, name)
        return cast("Iterator[tuple[str, bytes | ReadingError]]", opened)

    return late


_WORDS = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_AS_PDF = "Save it as PDF or DOCX and read that."

FORMATS: tuple[Format, ...] = (
    Format("PDF", (".pdf",), "application/pdf", _reader("pdf")),
    Format("Word document", (".docx", ".docm", ".dotx"), _WORDS, _reader("docx")),
    Format("web page", (".html", ".htm", ".xhtml", ".aspx"), "text/html", _reader("html")),
    Format(
        "plain text file",
        (".txt", ".text", ".md", ".markdown", ".csv", ".tsv", ".json", ".jsonl", ".log", ".xml", ".yaml", ".yml"),
        "text/plain",
        _reader("text"),
    ),
    Format("caption file", (".vtt", ".srt"), "text/vtt", _reader("captions")),
    Format("email message", (".eml",), "message/rfc822", _reader("mail"), opener=_opener("mail")),
    Format("image", (".png", ".jpg", ".jpeg", ".tif", ".tiff"), "image/*", _reader("image")),
    Format(
        "ZIP archive",
        (".zip",),
        "application/zip",
        refused="An archive is not one record but a folder of them. Have its members read one by one.",
        opener=_opener("archive"),
    ),
    Format(
        "Parquet table",
        (".parquet",),
        "application/vnd.apache.parquet",
        refused="A table is not one record but many, one a row. Have its members read one by one.",
        opener=_opener("tables"),
    ),
    Format(
        "Excel workbook",
        (".xlsx", ".xlsm", ".xls"),
        _SHEETS,
        refused="A workbook's cells are rows of a ledger, not the pages of a record. Save the sheet as CSV or PDF.",
    ),
    Format(
        "PowerPoint presentation",
        (".pptx", ".ppt"),
        _SLIDES,
        refused="Words on slides have no order that could be quoted. Save the slides as PDF and read that.",
    ),
    Format(
        "OpenDocument file",
        (".odt", ".ods", ".odp"),
        "application/vnd.oasis.opendocument.text",
        refused=f"OpenDocument is not read yet. {_AS_PDF}",
    ),
    Format("rich text document", (".rtf",), "application/rtf", refused=f"Rich text is not read yet. {_AS_PDF}"),
    Format(
        "old Word document",
        (".doc", ".dot"),
        "application/msword",
        refused=f"The Word format of before 2007 has no reader that can be trusted with every word. {_AS_PDF}",
    ),
    Format(
        "Outlook message",
        (".msg",),
        "application/vnd.ms-outlook",
        refused="Outlook's own message format is not read. Save the message as .eml and read that.",
    ),
    Format(
        "WordPerfect document", (".wpd",), "application/vnd.wordperfect", refused=f"WordPerfect is not read. {_AS_PDF}"
    ),
    Format(
        "picture of a kind that is not read",
        (".gif", ".bmp", ".webp", ".heic", ".svg"),
        "image/*",
        refused="Only PNG, JPEG and TIFF pictures go through text recognition. Save it as PNG and read that.",
    ),
    Format(
        "sound or video recording",
        (".mp3", ".mp4", ".m4a", ".m4v", ".wav", ".ogg", ".flac", ".mov", ".avi", ".mkv", ".webm", ".wma", ".wmv"),
        "video/*",
        refused="Speech is not recognized here. Download the recording's captions (.vtt or .srt) and read those.",
    ),
    Format(
        "compressed file of a kind that is not opened",
        (".7z", ".rar", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".zst", ".mbox", ".pst"),
        "application/octet-stream",
        refused="Only ZIP archives are opened. Unpack it into a folder, or pack it again as ZIP.",
    ),
    Format(
        "binary file",
        (),
        "application/octet-stream",
        refused="Its bytes are neither text nor any format that is known here. Open it in the program that made it "
        "and save it as PDF, DOCX or plain text.",
    ),
)
_NAMED = {form.name: form for form in FORMATS}
_ENDED = {end: form for form in FORMATS for end in form.endings}


def kind(data: bytes, name: str) -> Format:
    """What the file is: by its content first, by its ending where the content does not say.

    >>> kind(b"<!doctype html><p>Agenda", "agenda.pdf").name
    'web page'
    """
    by_name = _ENDED.get(ending(name))
    return _NAMED[nature(data, name, by_name.name if by_name else "")]


def read(data: bytes, name: str, *, ocr: bool = True) -> Record:
    """The record in a file's bytes; ``name`` serves for its ending, its date and for messages, never as a path.

    Raises ``Refused``, ``Damaged``, ``Locked`` or ``TooLarge``, each with ``where=name``. With ``ocr``, pages that
    are pictures go through tesseract where it is installed; else they are unreadable, with a note that says so.

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
        content = form.reader(data, name, ocr)
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
        notes=(*_about_name(name, form), *content.notes),
    )


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
    opener = kind(data, name).opener if data else None
    if opener is None:
        return
    try:
        yield from opener(data, name)
    except ReadingError as failure:
        yield name, failure
    except FLAWS as flaw:
        yield (
            name,
            Damaged(
                f"The list of what is inside does not hold together ({type(flaw).__name__}).",
                where=name,
                why="What lies behind the fault cannot be searched.",
                do="Download it again, or unpack it by hand and scan the folder.",
            ),
        )


def is_litter(name: str) -> bool:
    """Whether the file is what a computer leaves lying about, no record: lock files, thumbnails, folder settings.

    >>> is_litter("~$ll Council Minutes.docx"), is_litter("__MACOSX/._a.pdf"), is_litter("minutes.pdf")
    (True, True, False)
    """
    return litter(name)


def _a(form: Format) -> str:
    return ("an " if form.name[0].lower() in "aeiou" else "a ") + form.name


def _media_type(form: Format, data: bytes) -> str:
    if form.media_type != "image/*":
        return form.media_type
    return {b"\x89P": "image/png", b"\xff\xd8": "image/jpeg"}.get(data[:2], "image/tiff")


def _about_name(name: str, form: Format) -> Iterator[str]:
    end = ending(name)
    by_name = _ENDED.get(end)
    if by_name is not None and by_name is not form:
        yield f"The name ends in {end}, but the file is {_a(form)}; read as that."
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
