"""Letters on their way out: taken from the outbox, handed to the mail server, tried again, given up, told.

Where no mail server is named and ``POSTME_MAIL_FILES`` is set, a letter becomes a file in the folder ``outbox``, so that
the whole way can be tried on one machine.
"""

from __future__ import annotations

import datetime
import email.utils
import hashlib
import logging
import os
import re
import smtplib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from postme.keeping.store.outbox import Letter, Outbox, Taken, file_of
from postme.office.signing import Signers
from postme.office.voices import Voices

_LOG = logging.getLogger(__name__)
# Chosen: at most so many at a time that all of them are through before the lease ends, however slow the server.
_AT_ONCE = 10
# Source: RFC 5321, 4.2.1: answers that begin with 5 are for good.
_FOR_GOOD = range(500, 600)


def voices() -> Voices:
    """What is said on this site."""
    return Voices(settings.DATA, settings.LOG_ORIGIN, settings.MAIL_KEY)


def signers() -> Signers:
    """Who signs the letters of this site."""
    return Signers(settings.DATA, settings.LOG_ORIGIN, settings.MAIL_KEY)


def possible() -> bool:
    """Whether letters go anywhere: to a mail server, or into files."""
    return bool(settings.MAIL or settings.MAIL_FILES)


def sent_round(outbox: Outbox, clock: Callable[[], datetime.datetime] | None = None) -> int:
    """Send what is due: how many letters were taken by the mail server. Nothing is taken out where nothing can be sent."""
    now = clock or (lambda: datetime.datetime.now(datetime.UTC))
    if not possible():
        return 0
    done = 0
    while some := outbox.take(now(), _AT_ONCE):
        done += _sent(outbox, some, now)
    return done


def _sent(outbox: Outbox, some: list[Taken], now: Callable[[], datetime.datetime]) -> int:
    done, door, shut = 0, get_connection() if settings.MAIL else None, ""
    try:
        for taken in some:
            trouble, final = (shut, False) if shut else ("", False)
            if not shut:
                try:
                    if door is None:
                        _as_file(taken)
                    else:
                        door.open()
                        door.send_messages([_message(taken, door)])
                except (smtplib.SMTPException, OSError, ValueError) as error:
                    trouble, final = _said(error)
                    if _no_server(error):
                        shut = trouble  # the others would only wait as long for the same answer
                    if door is not None:
                        _closed(door)
            if trouble:
                waits = outbox.failed(taken, now(), trouble, final=final)
                _LOG.log(
                    logging.WARNING if waits else logging.ERROR, "letter", extra={"job": "letter", "result": trouble}
                )
            else:
                outbox.sent(taken, now())
                done += 1
    finally:
        if door is not None:
            _closed(door)
    return done


def _closed(door: Any) -> None:
    try:
        door.close()
    except (smtplib.SMTPException, OSError):
        door.connection = None  # it was gone already


def _message(taken: Taken, door: Any) -> EmailMessage:
    letter = taken.letter
    return EmailMessage(
        subject=" ".join(letter.subject.split()), body=letter.body, to=[letter.to], connection=door, headers={**_headers(taken), **letter.headers}
    )  # fmt: skip


def _headers(taken: Taken) -> dict[str, str]:
    """The usual ones. A letter that is sent twice after a crash has the same Message-ID, by which mail programs know it."""
    name = hashlib.sha256(f"{settings.SECRET_KEY}\0{taken.once}".encode()).hexdigest()[:40]
    return {"Auto-Submitted": "auto-generated", "Message-ID": f"<{name}@{urlsplit(settings.SITE).hostname or 'localhost'}>"}  # fmt: skip


def _said(error: Exception) -> tuple[str, bool]:
    """What went wrong, without the address, and whether it is for good."""
    kind = type(error).__name__
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = sorted({code for code, _ in error.recipients.values()})
        return f"{kind} {' '.join(map(str, codes))}", all(code in _FOR_GOOD for code in codes)
    if isinstance(error, smtplib.SMTPResponseException):
        mailbox = isinstance(error, smtplib.SMTPDataError)
        return f"{kind} {error.smtp_code}", mailbox and error.smtp_code in _FOR_GOOD
    if isinstance(error, OSError) and error.errno:
        return f"{kind} {os.strerror(error.errno)}", False
    return kind, isinstance(error, ValueError)


def _no_server(error: Exception) -> bool:
    return isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError | smtplib.SMTPAuthenticationError) or (
        isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException)
    )


# --- letters as files, to try things out -----------------------------------------------------------------------------


def folder() -> Path:
    """Where letters lie that became files."""
    return Path(settings.DATA) / "outbox"


def _as_file(taken: Taken) -> None:
    folder().mkdir(mode=0o700, exist_ok=True)
    letter = taken.letter
    head = {"From": settings.DEFAULT_FROM_EMAIL, "To": letter.to, "Subject": letter.subject, "Date": email.utils.formatdate(), **_headers(taken), **letter.headers}  # fmt: skip
    text = "\n".join(f"{name}: {value}" for name, value in head.items()) + f"\n\n{letter.body}\n"
    file = file_of(Path(settings.DATA), taken.id)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)


def files(most: int = 100) -> list[dict[str, str]]:
    """The letters that became files, the newest first."""
    place = folder()
    found = sorted(place.glob("*.txt"), reverse=True)[:most] if place.is_dir() else []
    return [_read(path) for path in found]


def _read(path: Path) -> dict[str, str]:
    head, _, body = path.read_text("utf-8").partition("\n\n")
    told = dict(re.findall(r"^([A-Za-z-]+): (.*)$", head, re.M))
    return {"name": path.name, "to": told.get("To", ""), "subject": told.get("Subject", ""), "body": body}


# --- how a letter reads ----------------------------------------------------------------------------------------------


def signed(*parts: str) -> str:
    """The words of a letter: short paragraphs, and who writes."""
    who = settings.OPERATOR or urlsplit(settings.SITE).hostname or "postme"
    return "\n\n".join([*parts, f"-- \n{who}\n{settings.SITE}/"]) + "\n"


__all__ = ("Letter", "files", "folder", "possible", "sent_round", "signed", "signers", "voices")
