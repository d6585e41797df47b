"""What the desk hides of a record, a resident's private data, and why; and places that a person may want to hide.

A redaction never moves an offset: hidden characters become blocks, one for one, so quotes still stand where they stood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from postme.errors import WrongUse

BLOCK = "\u2588"
# What ends a line in any reader's text: these stay, so that hidden text keeps its lines.
_BREAKS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")


class Reason(StrEnum):
    """Why something is hidden; the list is fixed, so that nothing else can be.

    >>> Reason.HOME_ADDRESS.said
    'home address'
    """

    HOME_ADDRESS = "home-address"
    PHONE_NUMBER = "phone-number"
    EMAIL_ADDRESS = "email-address"
    MINOR = "minor"
    LICENSE_PLATE = "license-plate"
    MEDICAL = "medical"
    OTHER = "other"

    @property
    def said(self) -> str:
        """The reason as a reader is told it."""
        return _SAID[self]


_SAID: Mapping[Reason, str] = {
    Reason.HOME_ADDRESS: "home address",
    Reason.PHONE_NUMBER: "phone number",
    Reason.EMAIL_ADDRESS: "email address",
    Reason.MINOR: "a minor's name",
    Reason.LICENSE_PLATE: "license plate of a private person",
    Reason.MEDICAL: "medical",
    Reason.OTHER: "other private data",
}


@dataclass(frozen=True, slots=True, order=True)
class Redaction:
    """A part of a page's text that is hidden: ``text[start:end]`` of page ``page`` (from 1), and why.

    Raises WrongUse for an empty span, a page before the first, or a reason that is not on the list.

    >>> Redaction(2, 10, 22, "phone-number").reason
    <Reason.PHONE_NUMBER: 'phone-number'>
    """

    page: int
    start: int
    end: int
    reason: Reason

    def __post_init__(self) -> None:
        if self.page < 1 or not 0 <= self.start < self.end:
            raise WrongUse(
                f"A redaction from {self.start} to {self.end} on page {self.page} hides nothing.",
                where="redaction",
                why="What is to be hidden must be marked, or it would stay in the open.",
                do="Mark the words again.",
            )
        if self.reason not in set(Reason):
            raise WrongUse(
                f"“{self.reason}” is no reason to hide words of a public record.",
                where="redaction",
                why="Only private data of residents is hidden here.",
                do=f"Choose one of: {', '.join(one.value for one in Reason)}.",
            )
        object.__setattr__(self, "reason", Reason(self.reason))

    def touches(self, start: int, end: int) -> bool:
        """Whether any character of ``start`` to ``end`` is hidden.

        >>> Redaction(1, 4, 8, Reason.OTHER).touches(8, 9)
        False
        """
        return max(self.start, start) < min(self.end, end)


def of_page(redactions: Iterable[Redaction], page: int) -> tuple[Redaction, ...]:
    """The redactions of one page, in the order of its text."""
    return tuple(sorted(one for one in redactions if one.page == page))


def hidden_text(text: str, redactions: Iterable[Redaction]) -> str:
    """A page's text with its redactions (all taken to be of this page) as blocks; it is as long, and breaks lines, as before.

    Spaces are hidden with their words, so that nobody counts letters by word. What lies past the end is not there.

    >>> hidden_text("Call Ann at 555-0100.", [Redaction(1, 12, 20, Reason.PHONE_NUMBER)])
    'Call Ann at ████████.'
    """
    letters = list(text)
    for one in redactions:
        for at in range(one.start, min(one.end, len(letters))):
            if letters[at] not in _BREAKS:
                letters[at] = BLOCK
    return "".join(letters)


# --- suggestions

_PHONE = re.compile(
    # Source: North American Numbering Plan: area and exchange codes do not begin with 0 or 1.
    r"(?<![\w.-])(?:\+?1[ .-]?)?(?:\([2-9]\d\d\)[ ]?|[2-9]\d\d[ .-])[2-9]\d\d[ .-]\d{4}(?![\w-]|\.\d)"
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@((?:[\w-]{1,63}\.){1,6}[A-Za-z]{2,24})(?![\w-])")
# Bodies' own mail is public. Source: the .gov and .mil domains, and RFC 1480 for localities under .us.
_OFFICIAL = re.compile(r"(?:^|\.)(?:gov|mil|(?:ci|co|city|county|town|village|state|k12)\.(?:[\w-]+\.){0,3}us)$", re.I)
_SSN = re.compile(r"(?<![\w-])(?!000|666|9\d\d)\d{3}[- ](?!00)\d\d[- ](?!0000)\d{4}(?![\w-])")
_STREETS = (
    "street|st|avenue|ave|road|rd|drive|dr|lane|ln|court|ct|boulevard|blvd|place|pl|terrace|ter|way|circle|cir|trail|trl|"
    "parkway|pkwy|highway|hwy|alley|aly|loop|square|sq"
)
_NAME = r"[A-Z][\w'’.-]{0,30}(?:[ ][A-Z][\w'’.-]{0,30}){1,3}"
_ADDRESS = (
    r"\d{1,6}(?:[ ]?[A-Z])?(?:[ ](?:[NSEW]|[NS][EW])\.?)?(?:[ ][\w'’.-]{1,30}){1,4}?[ ]"
    rf"(?i:{_STREETS})\b\.?(?:[ ](?:[NSEW]|[NS][EW]|North|South|East|West)\b\.?)?"
    r"(?:,?[ ](?i:apt|apartment|unit|suite|no)\b\.?[ ]?[\w-]{1,8}|,?[ ]?#[ ]?[\w-]{1,8})?"
)
_RESIDENT = re.compile(
    rf"(?:\b{_NAME},?\s{{1,2}}(?:(?:of|at|from|living\sat|residing\sat|resident\sof|who\slives\sat|who\sresides\sat)\s)?"
    rf"|\b(?i:lives\sat|living\sat|resides\sat|residing\sat|home\sat|home\saddress:?|residence\sat)\s)({_ADDRESS})"
)
_PLATE = re.compile(
    r"(?i:\b(?:licen[sc]e\s)?plates?(?:\s(?:number|no\.?|#))?|\btag\s(?:number|no\.?|#))\s?[:#]?\s?"
    r"((?=[A-Z-]{0,7} ?[A-Z-]{0,7}\d)(?=[\d-]{0,7} ?[\d-]{0,7}[A-Z])[A-Z0-9]{1,7}(?:[- ]?(?=[A-Z0-9]*\d|[A-Z]{2,3}\b)[A-Z0-9]{2,5})?)\b"
)


def suggested(text: str, page: int = 1) -> list[Redaction]:
    """Places of a page that look like a resident's private data, in the order of the text: for a person to take or leave.

    US phone numbers, mail addresses that are no public body's, a street address after a name or "lives at", what has
    the form of a Social Security number, a plate after the word. Names, minors and health are for a person to see.

    >>> [(one.reason.said, one.start) for one in suggested("Ann Doe, 12 Elm Street, called 612-555-0142.")]
    [('home address', 9), ('phone number', 31)]
    """
    return sorted(
        Redaction(page, start, end, reason) for reason, found in _looked(text) for start, end in found if start < end
    )


def _looked(text: str) -> Iterator[tuple[Reason, Iterator[tuple[int, int]]]]:
    yield Reason.PHONE_NUMBER, (match.span() for match in _PHONE.finditer(text))
    yield Reason.EMAIL_ADDRESS, (match.span() for match in _EMAIL.finditer(text) if not _OFFICIAL.search(match[1]))
    yield Reason.OTHER, (match.span() for match in _SSN.finditer(text))
    yield Reason.HOME_ADDRESS, (match.span(1) for match in _RESIDENT.finditer(text))
    yield Reason.LICENSE_PLATE, (match.span(1) for match in _PLATE.finditer(text))
