"""What a file is, told from its bytes: magic numbers, the parts of a ZIP, the first lines of a text."""

from __future__ import annotations

import io
import re
import zipfile

from postme.reading import text

# Chosen: browsers and PDF viewers look for their marks within the first 1,024 bytes, and so do we.
_HEAD = 1024

_PDF, _DOCX, _HTML, _TEXT, _ZIP = "PDF", "Word document", "web page", "plain text file", "ZIP archive"
_CAPTIONS, _MAIL, _IMAGE, _TABLE = "caption file", "email message", "image", "Parquet table"
_SHEETS, _SLIDES, _OPEN = "Excel workbook", "PowerPoint presentation", "OpenDocument file"
_OLD_WORD, _OUTLOOK = "old Word document", "Outlook message"
_PICTURE, _RECORDING = "picture other than PNG, JPEG or TIFF", "sound or video recording"
_PACKED, _BINARY = "compressed file other than ZIP", "binary file"

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"{\\rtf", "rich text document"),
    (b"\x89PNG\r\n\x1a\n", _IMAGE),
    (b"\xff\xd8\xff", _IMAGE),
    (b"II*\0", _IMAGE),
    (b"MM\0*", _IMAGE),
    (b"PAR1", _TABLE),
    (b"\xffWPC", "WordPerfect document"),
    (b"GIF8", _PICTURE),
    (b"OggS", _RECORDING),
    (b"fLaC", _RECORDING),
    (b"ID3", _RECORDING),
    (b"\x1a\x45\xdf\xa3", _RECORDING),
    (b"7z\xbc\xaf\x27\x1c", _PACKED),
    (b"Rar!\x1a\x07", _PACKED),
    (b"\x1f\x8b", _PACKED),
    (b"BZh", _PACKED),
    (b"\xfd7zXZ\0", _PACKED),
    (b"\x28\xb5\x2f\xfd", _PACKED),
    (b"!BDN", _PACKED),
)
# The directory of an OLE file holds its streams' names in UTF-16.
_OLE: tuple[tuple[str, str], ...] = (
    ("WordDocument", _OLD_WORD),
    ("Workbook", _SHEETS),
    ("PowerPoint Document", _SLIDES),
    ("__substg1.0_", _OUTLOOK),
)
_PARTS: tuple[tuple[str, str], ...] = (("word/", _DOCX), ("xl/", _SHEETS), ("ppt/", _SLIDES))
_MARKUP = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)[\s>]", re.I | re.S
)
_TAG = re.compile(rb"<(?:p|div|br|table|h[1-6]|span|a|title|meta|ul|li)\b[^>]*>", re.I)
_CUE = re.compile(r"\d{1,3}:\d\d(?::\d\d)?[.,]\d{1,3}[ \t]*-->[ \t]*\d")
_FIELD = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:(?:[ \t]|\r?\n)")
# A memorandum has From, To and Subject as well; only a message that was sent carries one of these.
_SENT = re.compile(rb"^(?:Received|Message-ID|MIME-Version|Return-Path|Delivered-To|DKIM-Signature):", re.I | re.M)
_LITTER = re.compile(
    r"(?:^|/)(?:__MACOSX/|\._|~\$|\.~lock\.|\.DS_Store$|Thumbs\.db$|desktop\.ini$|ehthumbs\.db$)", re.I
)


def nature(data: bytes, by_name: str) -> str:
    """The name, in the table of formats, of what the file is; ``by_name`` is what its ending says (or empty).

    >>> nature(b"WEBVTT\\n\\n00:01.000 --> 00:02.000\\nHello", "plain text file")
    'caption file'
    """
    if not data:
        return by_name or _TEXT
    head = data[:_HEAD]
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _zipped(data, by_name)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _compound(data, by_name)
    for magic, found in _MAGIC:
        if data.startswith(magic) and not (magic in (b"ID3", b"BZh") and by_name == _TEXT):
            return found
    if b"%PDF-" in head and not (by_name == _TEXT and not head.lstrip().startswith(b"%PDF-")):
        return _PDF
    if data[4:8] == b"ftyp" or (data.startswith(b"RIFF") and data[8:12] in (b"WAVE", b"AVI ")):
        return _RECORDING
    if (data.startswith(b"RIFF") and data[8:12] == b"WEBP") or (data.startswith(b"BM") and by_name == _PICTURE):
        return _PICTURE
    if data[:2] in (b"\xff\xfb", b"\xff\xf3") and by_name == _RECORDING:
        return _RECORDING
    if data[257:262] == b"ustar":
        return _PACKED
    if text.is_binary(data):
        return by_name if by_name in (_PDF, _DOCX, _TABLE, _IMAGE) and _cut(data, by_name) else _BINARY
    return _written(data, by_name)


def ending(name: str) -> str:
    """The ending of a name in lower case, with its dot; empty where there is none.

    >>> ending("packet.zip!/Minutes 3.24.2022.PDF"), ending("v1.0/README")
    ('.pdf', '')
    """
    stem, dot, end = name.rpartition("/")[2].rpartition(".")
    return f".{end.lower()}" if dot and stem.strip(".") and end.isalnum() else ""


def litter(name: str) -> bool:
    """Whether a file of this name is no record but what a computer leaves lying about.

    >>> litter("2023/Thumbs.db"), litter("2023/._Minutes.pdf"), litter("2023/Minutes.pdf")
    (True, True, False)
    """
    return _LITTER.search(name.replace("\\", "/")) is not None


def _cut(data: bytes, by_name: str) -> bool:
    """Whether a file without its mark is worth saying that it is damaged, by its ending and by its end."""
    return (by_name == _PDF and b"%%EOF" in data[-_HEAD:]) or (by_name == _TABLE and data.endswith(b"PAR1"))


def _zipped(data: bytes, by_name: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, LookupError, NotImplementedError):
        # Its list of parts is gone: what it was is told by its ending, else by the first part's name.
        return by_name if by_name in (_DOCX, _SHEETS, _SLIDES, _OPEN) else _DOCX if b"word/" in data[:4096] else _ZIP
    if "mimetype" in names and "content.xml" in names:
        return _OPEN
    if "[Content_Types].xml" in names:
        for folder, found in _PARTS:
            if any(part.startswith(folder) for part in names):
                return found
    return _ZIP


def _compound(data: bytes, by_name: str) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return _DOCX if by_name not in (_SHEETS, _SLIDES) else by_name
    for stream, found in _OLE:
        if stream.encode("utf-16-le") in data:
            return found
    return by_name if by_name in (_OLD_WORD, _SHEETS, _SLIDES, _OUTLOOK) else _BINARY


def _written(data: bytes, by_name: str) -> str:
    """Which kind of text it is."""
    start = _narrow(data[:8192])
    opening = start.decode("utf-8", "replace").lstrip("\ufeff \r\n\t")
    if opening.startswith("WEBVTT") or (by_name == _CAPTIONS and _CUE.search(opening)):
        return _CAPTIONS
    if re.match(rf"\d+[ \t]*\r?\n{_CUE.pattern}", opening):
        return _CAPTIONS
    if _MARKUP.match(start) or (by_name == _HTML and _TAG.search(start)):
        return _HTML
    if _FIELD.match(start) or start.startswith(b"From "):
        block = re.split(rb"\r?\n\r?\n", start, maxsplit=1)[0]
        if by_name == _MAIL or (by_name != _TEXT and _SENT.search(block)) or len(_SENT.findall(block)) > 1:
            return _MAIL
    return by_name if by_name == _TEXT else _TEXT


def _narrow(head: bytes) -> bytes:
    """The first bytes with the zeros and the mark of UTF-16 taken out, so that tags can be looked for."""
    return head.replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
