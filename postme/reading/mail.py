"""Email messages (EML): head and text as a record, attachments as further ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import parsedate_to_datetime
from mimetypes import guess_extension
from typing import cast

from postme.errors import Damaged, ReadingError
from postme.reading import heading
from postme.reading.content import FLAWS, Content
from postme.reading.unpacking import Budget
from postme.record import Page, PageState

# Source: RFC 5322, 3.6; what a reader of the message sees above it.
_HEAD = ("From", "To", "Cc", "Date", "Subject")


def read(data: bytes, name: str, ocr: bool) -> Content:
    """The message as one page: its head, then its plain text, else the text of its web page."""
    message = _message(data)
    head = {field: value for field in _HEAD if (value := _field(message, field))}
    body, notes = _body(message, name, ocr)
    lines = [f"{field}: {value}" for field, value in head.items()]
    if not lines and not body.strip():
        raise Damaged(
            "The message holds neither head nor text.",
            where=name,
            why="Nothing in it can be searched.",
            do="Save it again from the mail program as .eml.",
        )
    text = "\n".join((*lines, "", body)) if lines else body
    count = sum(1 for _ in _attachments(message))
    if count:
        notes = (*notes, f"{count} attachment(s) are records of their own.")
    told = heading.told(name, "")
    return Content(
        (Page(1, text, PageState.TEXT),),
        reader="email",
        title=heading.title(head.get("Subject")),
        date=_day(head.get("Date", "")) or told.date,
        body=told.body,
        notes=notes,
    )


def members(data: bytes, name: str, budget: Budget) -> Iterator[tuple[str, bytes | ReadingError]]:  # noqa: ARG001 - one shape for all
    """The message's attachments under the names they were sent with."""
    taken: set[str] = set()
    for number, part in enumerate(_attachments(_message(data)), 1):
        own = _file_name(part, number)
        if own in taken:
            own = f"{number} {own}"
        taken.add(own)
        label = f"{name}!/{own}"
        try:
            yield label, _bytes(part)
        except FLAWS as flaw:
            yield label, Damaged(
                f"The attachment's encoding does not hold together ({type(flaw).__name__}).",
                where=label,
                why="None of its words could be read.",
                do="Save it from the mail program and read that file.",
            )  # fmt: skip


def _message(data: bytes) -> EmailMessage:
    # A mailbox's separator line may stand before the head.
    start = data.index(b"\n") + 1 if data.startswith(b"From ") and b"\n" in data else 0
    return message_from_bytes(data[start:].lstrip(b"\xef\xbb\xbf"), policy=policy.default)


def _field(message: EmailMessage, field: str) -> str:
    try:
        value = str(message[field] or "")
    except FLAWS:
        # The standard library's parser of addresses fails on some broken heads; the words themselves are still there.
        value = next((str(raw) for key, raw in message._headers if key.lower() == field.lower()), "")  # type: ignore[attr-defined]
    return " ".join(value.encode("utf-8", "replace").decode("utf-8").split())


def _walk(message: Message) -> Iterator[Message]:
    """The leaves of a message; a message inside it is a leaf."""
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for part in cast("list[Message]", message.get_payload()):
            yield from _walk(part)
    else:
        yield message


def _is_attachment(part: Message) -> bool:
    if part.get_content_disposition() == "attachment" or part.get_content_maintype() in ("message",):
        return True
    return part.get_filename() is not None or part.get_content_maintype() != "text"


def _attachments(message: EmailMessage) -> Iterator[Message]:
    return (part for part in _walk(message) if part is not message and _is_attachment(part))


def _body(message: EmailMessage, name: str, ocr: bool) -> tuple[str, tuple[str, ...]]:
    leaves = [part for part in _walk(message) if part is message or not _is_attachment(part)]
    plain = [_text(part) for part in leaves if part.get_content_subtype() == "plain"]
    if any(text.strip() for text in plain):
        return "\n".join(plain), ()
    from postme.reading import html

    pages = [html.read(_bytes(part), name, ocr) for part in leaves if part.get_content_subtype() == "html"]
    notes = ("The message has no plain text; its web page was read.",) if pages else ()
    return "\n".join(page.text for content in pages for page in content.pages), notes


def _text(part: Message) -> str:
    raw = _bytes(part)
    for charset in (part.get_content_charset() or "utf-8", "utf-8", "cp1252"):
        try:
            return raw.decode(charset).replace("\r\n", "\n").replace("\0", "\ufffd")
        except (LookupError, UnicodeError):
            continue
    return raw.decode("latin-1").replace("\r\n", "\n").replace("\0", "\ufffd")


def _bytes(part: Message) -> bytes:
    if part.get_content_maintype() == "message" and part.is_multipart():
        return cast("list[Message]", part.get_payload())[0].as_bytes()
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _file_name(part: Message, number: int) -> str:
    if part.get_content_type() == "message/rfc822":
        return part.get_filename() or f"message-{number}.eml"
    own = re.sub(r"[\0-\x1f]", "", part.get_filename() or "")
    return own or f"attachment-{number}{guess_extension(part.get_content_type()) or '.bin'}"


def _day(said: str) -> str | None:
    try:
        sent: datetime = parsedate_to_datetime(said)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return sent.date().isoformat()
