"""A small sum for a form that very many send at once: asked of a device and not of a person, without a third party and without keeping anything.

The server signs a puzzle: for what it is, how hard, until when, and a number drawn by chance. Whoever solves it finds a
number that, hashed with the puzzle, begins with so many zero bits. Nothing is kept of a puzzle: its signature says that
it came from here, and what it was used for has a number that follows from it, so that it serves once.

Nobody is turned away by it. Who solves none is served all the same, by a slower way.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from datetime import time as hour
from enum import StrEnum

# Chosen: long enough that one family at one table is not a rush, short enough that the rush is over soon after it is over.
WITHIN = timedelta(minutes=10)
# Chosen: no letter of a town has thirty signatures by mail in ten minutes without a call on the radio or a machine. A phone of
# 2014 that hashes 60,000 times a second is done with 16 bits in about a second and with 18 in four, while its owner types for thirty.
STEPS: Sequence[tuple[int, int]] = ((30, 16), (300, 18))
"""From so many signatures within that time on, so many bits."""
# Chosen: whoever reads a letter of eight pages before they sign has it still.
LASTS = timedelta(hours=2)
# Chosen: the slow way takes 1,200 mails an hour, and nobody waits for longer than half a working day.
APART, LONGEST = timedelta(seconds=3), timedelta(hours=6)
# Chosen: no browser needs more signs than this for a number that it counts up to.
_PROOF = re.compile(r"\d{1,16}", re.ASCII)
_PUZZLE = re.compile(r"1\.(\d{1,2})\.(\d{1,12})\.([0-9a-f]{32})\.([0-9a-f]{64})", re.ASCII)


class Answer(StrEnum):
    """What came back with a form."""

    SOLVED = "solved"
    NONE = "none"
    FORGED = "forged"
    EXPIRED = "expired"
    WRONG = "wrong"


def asked(recent: int) -> int:
    """The bits that are asked for after so many signatures; 0 for nothing.

    >>> asked(29), asked(30), asked(299), asked(5_000)
    (0, 16, 16, 18)
    """
    return max((bits for least, bits in STEPS if recent >= least), default=0)


def posed(key: bytes, about: str, bits: int, drawn: str, now: datetime) -> str:
    """A puzzle for a form: ``about`` says which, ``drawn`` is 32 hexadecimal digits drawn by chance.

    >>> posed(b"k", "/letters/a/", 16, "0" * 32, datetime.fromisoformat("2026-01-01T00:00:00+00:00"))[:48]
    '1.16.1767232800.00000000000000000000000000000000'
    """
    told = f"1.{bits}.{int((now + LASTS).timestamp())}.{drawn}"
    return f"{told}.{_mac(key, about, told)}"


def judged(key: bytes, about: str, puzzle: str, proof: str, now: datetime) -> Answer:
    """Whether a proof solves a puzzle that was posed for this form: one HMAC and one hash."""
    if not puzzle:
        return Answer.NONE
    found = _PUZZLE.fullmatch(puzzle)
    if not found or not hmac.compare_digest(found[4], _mac(key, about, puzzle.rpartition(".")[0])):
        return Answer.FORGED
    if int(found[2]) < now.timestamp():
        return Answer.EXPIRED
    if not proof:
        return Answer.NONE
    return Answer.SOLVED if _PROOF.fullmatch(proof) and zeros(puzzle, proof) >= int(found[1]) else Answer.WRONG


def zeros(puzzle: str, proof: str) -> int:
    """With how many zero bits the hash of a puzzle and a proof begins.

    >>> zeros("a", "3") == 256 - int(hashlib.sha256(b"a.3").hexdigest(), 16).bit_length()
    True
    """
    return 256 - int.from_bytes(hashlib.sha256(f"{puzzle}.{proof}".encode()).digest(), "big").bit_length()


def sign(puzzle: str) -> str:
    """The number drawn by chance of a puzzle, by which one that was used is known again."""
    found = _PUZZLE.fullmatch(puzzle)
    return found[3] if found else ""


def turn(now: datetime, last: datetime | None, last_day: date | None) -> datetime:
    """When a mail of the slow way leaves: a moment after the last one that waits there, and never so late that the letter would be closed.

    >>> noon = datetime.fromisoformat("2026-01-01T12:00:00+00:00")
    >>> [str(turn(noon, last, None).time()) for last in (None, noon, noon + timedelta(hours=9))]
    ['12:00:00', '12:00:03', '18:00:00']
    """
    longest = LONGEST
    if last_day:
        ends = datetime.combine(last_day, hour.max, now.tzinfo)
        # Half of what is left, so that there is as much again to open the mail in.
        longest = min(longest, max(timedelta(), (ends - now) / 2))
    return min(max(now, last + APART) if last else now, now + longest)


def _mac(key: bytes, about: str, told: str) -> str:
    return hmac.new(key, f"turnstile\0{about}\0{told}".encode(), hashlib.sha256).hexdigest()
