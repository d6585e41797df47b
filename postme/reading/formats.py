"""The table of formats: what is read and by which file, what is refused and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from postme.errors import ReadingError
from postme.reading.content import Content
from postme.reading.kinds import ending, nature
from postme.reading.unpacking import Budget

Reader = Callable[[bytes, str, bool], Content]
Opener = Callable[[bytes, str, Budget], Iterator[tuple[str, bytes | ReadingError]]]


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
    def late(data: bytes, name: str, budget: Budget) -> Iterator[tuple[str, bytes | ReadingError]]:
        opened = import_module(f"postme.reading.{module}").members(data, name, budget)
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
        "picture other than PNG, JPEG or TIFF",
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
        "compressed file other than ZIP",
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
    by_name = ended(name)
    return _NAMED[nature(data, by_name.name if by_name else "")]


def ended(name: str) -> Format | None:
    """The format whose endings include the name's; ``None`` where no format claims it.

    >>> ended("agenda.vtt").media_type
    'text/vtt'
    """
    return _ENDED.get(ending(name))
