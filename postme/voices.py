"""What people say on a proposal: positions, levels that are never added together, states, receipts, and the bytes that are hashed.

A comment is public by what its writer agreed to: how the name is shown is their choice, the mail address never is, and
the log holds salted hashes alone.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from postme.errors import WrongUse
from postme.proposal import Deed
from postme.publication import canonical, tellable


class Position(StrEnum):
    """What somebody says to a proposal."""

    FOR = "for"
    AGAINST = "against"
    NEITHER = "neither"


class Level(StrEnum):
    """How much is known of who speaks. Results are shown level by level; no total over them exists here."""

    MAIL = "mail"
    ADDRESS = "address"
    CLERK = "clerk"


class Channel(StrEnum):
    """How it came."""

    WEB = "web"
    PAPER = "paper"
    PHONE = "phone"
    HEARING = "hearing"


class State(StrEnum):
    """Where a comment stands. ``replaced``: the same address wrote again, and that one counts."""

    WAITING = "waiting"
    PUBLISHED = "published"
    HIDDEN = "hidden"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


class Stage(StrEnum):
    """How far the town has come with a comment."""

    RECEIVED = "received"
    IN_PACKET = "in packet"
    ANSWERED = "answered"


class Shown(StrEnum):
    """How much of the name is public."""

    FULL = "full"
    SHORT = "short"
    NONE = "none"


LEVELS: Mapping[Level, str] = {
    Level.MAIL: "A mail address was confirmed. It shows that somebody reads that mail, and nothing more.",
    Level.ADDRESS: "The person also stated an address in the town. Nobody checked it.",
    Level.CLERK: "The clerk’s desk took it in: on paper, by phone or at the hearing.",
}
# From where to where, and who does it.
LIFE: Mapping[tuple[State, State], str] = {
    (State.WAITING, State.PUBLISHED): "its writer, by the link in the mail",
    (State.PUBLISHED, State.WITHDRAWN): "its writer",
    (State.HIDDEN, State.WITHDRAWN): "its writer",
    (State.PUBLISHED, State.REPLACED): "its writer, who wrote again",
    (State.PUBLISHED, State.HIDDEN): "the desk, by a published rule",
    (State.HIDDEN, State.PUBLISHED): "the desk, who took that back",
}
# The rules of moderation. There is none about opinions.
RULES: Mapping[str, str] = {
    "insult": "It insults or threatens a person.",
    "advertising": "It advertises something.",
    "private": "It tells private data of somebody else, such as a home address or a phone number.",
    "off-subject": "It is not about this proposal.",
    "same-text": "The same text was sent many times.",
    "flood": "It came in a flood that a machine seems to have made.",
}  # fmt: skip

# Chosen: two pages; whoever has more to say sends a paper, and names it.
LONGEST = 4_000
LONGEST_NAME = 120
# Chosen: three days: a weekend without mail does not lose a comment.
WAITS = timedelta(hours=72)
# Chosen: so many confirmations may wait for one address; more would be somebody filling a stranger's mailbox.
MOST_WAITING = 5
# Source: RFC 5321, 4.5.3.1: the longest local part, and the longest path less its brackets.
_LONGEST_LOCAL, _LONGEST_ADDRESS = 64, 254
_LOCAL = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.!#$%&'*+/=?^_`{|}~-")


def moved(state: str, to: State) -> State:
    """The state after a step. Raises WrongUse for a step that there is not.

    >>> moved("waiting", State.PUBLISHED)
    <State.PUBLISHED: 'published'>
    """
    if (State(state), to) not in LIFE:
        raise WrongUse(
            f"A comment that is {state} cannot become {to}.", where="comment", why="Each step has its place, so that nothing counts twice or comes back by accident.",
            do="Open it again: it may have changed meanwhile.",
        )  # fmt: skip
    return to


# --- what is sent ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """A comment as it was checked; ``mail`` is as typed, with its domain made plain."""

    position: Position
    text: str
    name: str
    shown: Shown
    mail: str
    part: str = ""
    language: str = "en"
    level: Level = Level.MAIL
    ward: str = ""
    channel: Channel = Channel.WEB


def checked(
    typed: Mapping[str, str], *, parts: Collection[str] = (), mail: bool = True
) -> tuple[Said | None, Mapping[str, str]]:
    """A comment, or what is wrong with it, by field. ``parts`` are those of the proposal's text that may be named.

    >>> checked({"position": "for", "text": " ", "shown": "none", "mail": "ann@example.org"})
    (None, {'text': 'Write what you want to say.'})
    """
    wrong: dict[str, str] = {}
    text, name, part = (plain(typed.get(key, "")).strip() for key in ("text", "name", "part"))
    name = " ".join(name.split())
    if typed.get("position") not in set(Position):
        wrong["position"] = "Choose one of the three."
    if not text:
        wrong["text"] = "Write what you want to say."
    elif len(text) > LONGEST:
        wrong["text"] = f"Write at most {LONGEST:,} characters; these are {len(text):,}."
    if typed.get("shown") not in set(Shown):
        wrong["shown"] = "Choose how your name is shown."
    elif typed["shown"] != Shown.NONE and not name:
        wrong["name"] = "Write the name that is to be shown, or choose to show none."
    if len(name) > LONGEST_NAME:
        wrong["name"] = f"Write at most {LONGEST_NAME} characters."
    if part and part not in parts:
        wrong["part"] = "Choose a part of the list."
    address, fault = addressed(typed.get("mail", "")) if mail or typed.get("mail", "").strip() else ("", "")
    if fault:
        wrong["mail"] = fault
    if wrong:
        return None, wrong
    return Said(
        Position(typed["position"]), text, name, Shown(typed["shown"]), address, part, typed.get("language", "en")[:12]
    ), {}


def plain(text: str) -> str:
    """Text without control characters that no keyboard types, of any script; line ends as one sign."""
    whole = text.replace("\r\n", "\n").replace("\r", "\n")
    # Signs that join letters or turn the direction of writing (Cf) belong to some scripts; what may reverse a whole page does not.
    kept = "".join(
        one for one in whole if one in "\n\t" or (unicodedata.category(one) not in ("Cc", "Cs", "Co", "Cn") and one not in _TURNING)
    )  # fmt: skip
    return str(tellable(unicodedata.normalize("NFC", kept)))


# Source: Unicode TR 36, bidirectional overrides, embeddings and isolates, which can make words read otherwise than they stand, also in a title, a table or a PDF.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def addressed(typed: str) -> tuple[str, str]:
    """A mail address with its domain made plain (small letters, IDNA), and what is wrong with it.

    >>> addressed(" Ann+news@EXAMPLE.org. ")
    ('Ann+news@example.org', '')
    >>> addressed("ann at example")
    ('', 'Write a mail address such as ann@example.org.')
    """
    local, sign, domain = typed.strip().rpartition("@")
    domain = domain.removesuffix(".").lower()
    try:
        domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        domain = ""
    labels = domain.split(".")
    good = (
        sign and local and set(local) <= _LOCAL and not local.startswith(".") and not local.endswith(".") and ".." not in local
        and len(local) <= _LONGEST_LOCAL and len(local) + 1 + len(domain) <= _LONGEST_ADDRESS and len(labels) > 1 and not labels[-1].isdigit()
        and all(label and len(label) < 64 and label.replace("-", "a").isalnum() and label.isascii() and label[0] != "-" != label[-1] for label in labels)
    )  # fmt: skip
    return (f"{local}@{domain}", "") if good else ("", "Write a mail address such as ann@example.org.")


def counted_as(address: str) -> str:
    """What an address counts as, so that one mailbox is one voice: small letters. What stands after a plus sign stays.

    >>> counted_as("Ann+news@example.org")
    'ann+news@example.org'
    """
    return address.casefold()


def signed(name: str, shown: str) -> str:
    """The name as everybody sees it.

    >>> signed("Ann Marie Doe", "short"), signed("Ann", "short"), signed("Ann Doe", "none")
    ('A. D.', 'A.', '')
    """
    if shown == Shown.FULL:
        return name
    if shown == Shown.NONE:
        return ""
    parts = [part for part in name.split() if part[:1].isalnum()] or name.split()
    ends = parts if len(parts) < 2 else [parts[0], parts[-1]]
    return " ".join(f"{part[0].upper()}." for part in ends)


# --- what is hashed --------------------------------------------------------------------------------------------------


def comment_bytes(
    *, number: str, proposal: str, version: int, position: str, part: str, text: str, name: str, level: str, channel: str, language: str, salt: str,
) -> bytes:  # fmt: skip
    """A version of a comment as bytes, just as it is public, with its salt. ``name`` is as it is shown."""
    return canonical(
        {
            "what": "comment", "number": number, "proposal": proposal, "version": version, "position": position, "part": part, "text": text,
            "name": name, "level": level, "channel": channel, "language": language, "salt": salt,
        }
    )  # fmt: skip


def ballot_bytes(*, number: str, proposal: str, question: str, choice: str, level: str, salt: str) -> bytes:
    """A ballot as bytes; ``question`` is the SHA-256 of the question that was answered."""
    return canonical(
        {"what": "ballot", "number": number, "proposal": proposal, "question": question, "choice": choice, "level": level, "salt": salt}
    )  # fmt: skip


def digest(data: bytes) -> str:
    """SHA-256, in hex: what the log holds. Without the salt nobody can find out by trying what it stands for."""
    return hashlib.sha256(data).hexdigest()


def question_hash(question: str) -> str:
    """The hash that stands on every ballot: SHA-256 of the question's UTF-8 bytes.

    >>> question_hash("Should the town buy it?")[:12]
    '5cc545a67d12'
    """
    return hashlib.sha256(question.encode()).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two secrets are the same, in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


# --- receipts --------------------------------------------------------------------------------------------------------

# Chosen: 31 signs, a prime number, so that the check finds each wrong sign and each two that changed places (as ISBN-10
# does with 11); those that look like another are left out.
SIGNS = "123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 10
_READ_AS = str.maketrans({"I": "1", "L": "1"})


def receipt(drawn: Sequence[int]) -> str:
    """A receipt's number from nine numbers drawn by chance (each below 31), with its check sign.

    >>> receipt([0, 1, 2, 3, 4, 5, 6, 7, 8])
    '12345-67894'
    """
    signs = [SIGNS[one] for one in drawn]
    whole = "".join(signs) + _check(signs)
    return f"{whole[:5]}-{whole[5:]}"


def received(typed: str) -> str:
    """A receipt's number as it was typed, made plain. Raises WrongUse where it cannot be one: mistyped, or made up.

    >>> received("12345 67894")
    '12345-67894'
    """
    whole = "".join(one for one in typed.upper() if one not in " -–\u2010\u2011\t\n").translate(_READ_AS)
    if len(whole) != _LENGTH or not set(whole) <= set(SIGNS):
        raise WrongUse(
            "This is no receipt number.", where="receipt", why="One has ten signs, such as 12345-67894, without the letters O and U and without a zero.",
            do="Copy it from the page or the mail that gave it to you.",
        )  # fmt: skip
    if _check(whole[:-1]) != whole[-1]:
        raise WrongUse(
            "The last sign of this number does not fit the others.", where="receipt", why="It was mistyped, or nobody here gave it out.",
            do="Compare it sign by sign with the page or the mail that gave it to you.",
        )  # fmt: skip
    return f"{whole[:5]}-{whole[5:]}"


def _check(signs: Iterable[str]) -> str:
    return SIGNS[-sum((place + 2) * SIGNS.index(sign) for place, sign in enumerate(signs)) % len(SIGNS)]


# --- counting --------------------------------------------------------------------------------------------------------


def tally(counts: Iterable[tuple[str, str, int]]) -> dict[str, dict[str, int]]:
    """Counts by level and position, with every level and every position; rows are level, position, number.

    >>> tally([("mail", "for", 2)])["mail"]
    {'for': 2, 'against': 0, 'neither': 0}
    """
    table = {level.value: {position.value: 0 for position in Position} for level in Level}
    for level, position, number in counts:
        table[level][position] += number
    return table


def series(moments: Iterable[datetime], *, by: str = "day") -> list[dict[str, Any]]:
    """How many came in each hour or day (UTC) from the first to the last, the empty ones too.

    >>> series([datetime(2026, 1, 1, 9), datetime(2026, 1, 3, 9)])
    [{'at': '2026-01-01', 'count': 1}, {'at': '2026-01-02', 'count': 0}, {'at': '2026-01-03', 'count': 1}]
    """
    hourly = by == "hour"
    found: dict[datetime, int] = {}
    for moment in moments:
        start = moment.replace(minute=0, second=0, microsecond=0, tzinfo=None)
        start = start if hourly else start.replace(hour=0)
        found[start] = found.get(start, 0) + 1
    if not found:
        return []
    step, at, last = timedelta(hours=1) if hourly else timedelta(days=1), min(found), max(found)
    rows = []
    while at <= last:
        rows.append(
            {"at": at.strftime("%Y-%m-%dT%H:00Z") if hourly else at.date().isoformat(), "count": found.get(at, 0)}
        )
        at += step
    return rows


# --- when ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Window:
    """The time for comments: ``state`` is *never*, *not yet*, *open* or *over*; ``until`` the last day, where one was said."""

    state: str
    since: date | None = None
    until: date | None = None

    @property
    def open(self) -> bool:
        """Whether comments are taken."""
        return self.state == "open"


def window(deeds: Iterable[Deed], *, today: date, still: date) -> Window:
    """The time for comments of a proposal, from what happened to it.

    ``today`` is the day where it is latest, by which it opens; ``still`` the day where it is earliest in the country, by which it closes:
    nobody is turned away on the last day because of a clock elsewhere.

    >>> window([Deed("open_comments", date(2026, 11, 6), until=date(2026, 12, 2))], today=date(2026, 12, 3), still=date(2026, 12, 2)).state
    'open'
    """
    found = Window("never")
    for deed in sorted((one for one in deeds), key=lambda one: one.on):
        if deed.kind == "open_comments":
            found = Window("open" if deed.on <= today else "not yet", deed.on, deed.until)
        elif deed.kind in _CLOSES and found.since and deed.on <= today:
            found = Window("over", found.since, min(deed.on, found.until or deed.on))
    if found.state == "open" and found.until and found.until < still:
        return Window("over", found.since, found.until)
    return found


DECIDES = ("approve", "approve_with_conditions", "reject", "withdraw")
"""Steps that end the say of the people on a proposal."""
_CLOSES = ("close_comments", *DECIDES)
