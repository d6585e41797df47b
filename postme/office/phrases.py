"""What stands in a place, in a reader's words: sentences whole enough to be translated, with days written out.

Every sentence goes through ``say``, which gives it in the page's language; ``MESSAGES`` lists them all for translators.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from postme.day import Day
from postme.regime import FOCUS, Kind, Part, Regime

Say = Callable[[str], str]

BANNED: Mapping[str, str] = {
    "face_recognition": "face recognition banned",
    "community_control": "surveillance technology banned",
    "military_equipment": "some military equipment banned",
    "drone": "drones banned",
    "alpr": "license plate readers banned",
    "body_worn_camera": "body cameras banned",
    "location_data": "location tracking banned",
    "biometrics": "collecting body data banned",
}
GATED: Mapping[str, str] = {
    "face_recognition": "face recognition only if the council approves",
    "community_control": "surveillance technology only if the council approves",
    "military_equipment": "military equipment only if the council approves",
    "drone": "drones only if the council approves",
    "alpr": "license plate readers only if the council approves",
    "body_worn_camera": "body cameras only if the council approves",
    "location_data": "location tracking only if the council approves",
    "biometrics": "collecting body data only if the council approves",
}
LIMITED: Mapping[str, str] = {
    "face_recognition": "conditions on face recognition",
    "community_control": "conditions on surveillance technology",
    "military_equipment": "conditions on military equipment",
    "drone": "conditions on drones",
    "alpr": "conditions on license plate readers",
    "body_worn_camera": "conditions on body cameras",
    "location_data": "conditions on location tracking",
    "biometrics": "conditions on collecting body data",
}
SUBJECTS: Mapping[str, str] = {
    "face_recognition": "Face recognition",
    "community_control": "Surveillance technology",
    "military_equipment": "Military equipment",
    "drone": "Drones",
    "alpr": "License plate readers",
    "body_worn_camera": "Body cameras",
    "location_data": "Location tracking",
    "biometrics": "Body data",
}
KINDS: Mapping[Kind, str] = {
    Kind.GATE: "Council must approve",
    Kind.CONDITIONS: "Law sets conditions",
    Kind.UNKNOWN: "Not known whether a law stands",
    Kind.COMING: "Adopted, not yet in force",
    Kind.LAPSED: "Ended",
}
KINDS_BANNED: Mapping[str, str] = {subject: says[0].upper() + says[1:] for subject, says in BANNED.items()}
BOTH = "Banned, and council must approve the rest"
WEAKENED = "Weakened since it began"

_FOR = "{what} for {whom}"
_SINCE = "{what} since {day}"
_FROM = "{what} from {day} on"
_ENDED = "{what} from {day} until {end}"
_UNKNOWN = "not known whether this stands: {what} since {day}"
_PERHAPS = "not known whether this had begun: {what} since {day}"
_UNREAD = "what the law says since {day} is not known; before it: {what}"
_OPENED = "{what}, with exceptions for some police work"
_CUT = "{what}, weakened {day}"
_CUT_ON = "{what}, weakened on {day}"
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DATE = "{day} {month} {year}"
_MONTH = "a day in {month} {year}"
_YEAR = "a day in {year}"
_BETWEEN = "a day between {first} and {last}"
_BY = "{last} at the latest"
_AFTER = "{first} at the earliest"
_NEVER = "a day not seen"
_ADOPTION = "its effective date was not seen, so the day of adoption counts"
_DOUBT = "a wider law may void it"
_DOT = "{one}; {other}"

MESSAGES: tuple[str, ...] = (
    *BANNED.values(), *GATED.values(), *LIMITED.values(), *SUBJECTS.values(), *KINDS.values(), *KINDS_BANNED.values(), BOTH, WEAKENED,
    _FOR, _SINCE, _FROM, _ENDED, _UNKNOWN, _PERHAPS, _UNREAD, _OPENED, _CUT, _CUT_ON, *_MONTHS, _DATE, _MONTH, _YEAR, _BETWEEN, _BY, _AFTER, _NEVER, _ADOPTION,
    _DOUBT, _DOT,
)  # fmt: skip
"""Every sentence of this file, as it goes through ``say``."""


def written(day: date, say: Say) -> str:
    """A day written out.

    >>> written(date(2021, 2, 12), str)
    '12 February 2021'
    """
    return say(_DATE).format(day=day.day, month=say(_MONTHS[day.month - 1]), year=day.year)


def when(day: Day, say: Say) -> str:
    """A day as far as it is known.

    >>> when(Day(date(2018, 1, 1), date(2018, 12, 31)), str), when(Day(None, date(2024, 11, 30)), str), when(Day(), str)
    ('a day in 2018', '30 November 2024 at the latest', 'a day not seen')
    """
    said = str(day)
    if day.first is None or day.last is None:
        if day.last:
            return say(_BY).format(last=written(day.last, say))
        return say(_AFTER).format(first=written(day.first, say)) if day.first else say(_NEVER)
    if day.exact:
        return written(day.exact, say)
    if said.startswith("in ") and len(said) == len("in 2018"):
        return say(_YEAR).format(year=day.first.year)
    if said.startswith("in "):
        return say(_MONTH).format(month=say(_MONTHS[day.first.month - 1]), year=day.first.year)
    return say(_BETWEEN).format(first=written(day.first, say), last=written(day.last, say))


def kind(regime: Regime, subject: str | None, say: Say) -> str:
    """What stands in a place in a few words, as the key has it."""
    return say(BOTH) if regime.both else kind_of(regime.kind, subject, say)


def kind_of(which: Kind, subject: str | None, say: Say) -> str:
    """A kind in a few words."""
    return say(KINDS_BANNED[_of(subject)] if which is Kind.BAN else KINDS[which])


def _of(subject: str | None) -> str:
    return FOCUS if subject in (None, "community_control") else str(subject)


def part(one: Part, whom: str, say: Say, *, dated: bool = True) -> str:
    """What one law does, with its days where ``dated``."""
    what = say(_what(one))
    if whom:
        what = say(_FOR).format(what=what, whom=whom)
    if one.opened:
        what = say(_OPENED).format(what=what)
    if one.weakened and one.stands:
        what = say(_CUT_ON if one.weakened.exact else _CUT).format(what=what, day=when(one.weakened, say))
    if not dated:
        return what
    since = when(one.since, say)
    if one.shown is Kind.UNKNOWN:
        template = _UNREAD if one.unread else (_UNKNOWN if one.until else _PERHAPS)
    elif one.shown is Kind.LAPSED and one.until:
        return say(_ENDED).format(what=what, day=since, end=when(one.until, say))
    else:
        template = _FROM if one.shown is Kind.COMING else _SINCE
    return say(template).format(what=what, day=since)


def _what(one: Part) -> str:
    if one.banned or one.kind is Kind.BAN:
        return BANNED[one.subject if one.banned and one.subject != "community_control" else FOCUS]
    return (GATED if one.kind is Kind.GATE else LIMITED)[one.subject]


def sure(one: Part, say: Say) -> str:
    """How sure that is, and what a reader must know of its day."""
    said = say(one.sure.value)
    for more in (_ADOPTION * one.by_adoption, _DOUBT * bool(one.doubts)):
        if more:
            said = say(_DOT).format(one=said, other=say(more))
    return said


def joined(texts: list[str], say: Say) -> str:
    """Several statements as one line."""
    found = texts[0] if texts else ""
    for more in texts[1:]:
        found = say(_DOT).format(one=found, other=more)
    return found
