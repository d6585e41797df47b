"""What is drawn by chance for whoever says or signs something: a receipt's number and a salt; and the day by which they are in time."""

from __future__ import annotations

import datetime
import secrets
from dataclasses import replace

from postme import flood, voices
from postme.keeping.envelope import Envelope
from postme.keeping.store.comments import Fresh

_DIGITS = 9
# Chosen: while it is still the last day in Hawaii, it is the last day.
_LATEST = datetime.timedelta(hours=10)


def fresh(text: str = "", secret: str = "") -> Fresh:
    """A number that nobody can foretell, and a salt; ``text`` is what was said, for telling copies of it; ``secret`` that of the link in the mail."""
    number = voices.receipt([secrets.randbelow(len(voices.SIGNS)) for _ in range(_DIGITS)])
    return Fresh(number, secret, secrets.token_hex(16), flood.folded(text) if text else "")


def of_form(drawn: Fresh, envelope: Envelope, form: str, *typed: str) -> Fresh:
    """The same with the number that follows from a form's sign and what was typed into it, so that one form sent twice is one receipt; as it was drawn where there is no sign."""
    if not form:
        return drawn
    mark = int(envelope.mark("\0".join((form, *typed)), "receipt"), 16)
    signs = len(voices.SIGNS)
    return replace(drawn, number=voices.receipt([mark // signs**place % signs for place in range(_DIGITS)]))


def still(now: datetime.datetime | None = None) -> datetime.date:
    """The day where it is earliest in the country: nobody is turned away on the last day because of a clock elsewhere.

    >>> still(datetime.datetime(2021, 2, 13, 9, tzinfo=datetime.UTC))
    datetime.date(2021, 2, 12)
    """
    return ((now or datetime.datetime.now(datetime.UTC)) - _LATEST).date()
