"""What a record says of itself at its head: the day of the meeting and the body that met, else unknown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

# Chosen: a head ends here; further down stand other meetings' dates ("the minutes of March 7 were approved").
HEAD = 2500

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_DAY = r"(?P<weekday>(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,?\s+(?:the\s+)?)?"
_LONG = re.compile(rf"\b{_DAY}{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s*,?\s+(?P<year>(?:19|20)\d\d)\Z", re.I)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
# Chosen: "Wednesday, the September 22nd, 2021" is no longer.
_LONGEST_DATE = 45
_NUMERIC = re.compile(r"(?<![\d.-])(?P<month>\d{1,2})[-._](?P<day>\d{1,2})[-._](?P<year>(?:19|20)\d\d)(?!\d)")
_ISO = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)[-_.](?P<month>\d\d)[-_.](?P<day>\d\d)(?!\d)")
_PACKED = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)(?!\d)")

_NAMES = r"(?:[A-Z][\w'’.-]*|and|of|the|on|for|&)"
_COUNCIL = r"(?:City|Town|County|Village|Borough|Township|Common|Metro|Metropolitan|District|Municipal)\s+Council"
_BOARD = (
    r"Board\s+of\s+(?:Supervisors|Commissioners|Aldermen|Alders|Selectmen|Trustees|Education|Directors|Estimates?|"
    r"Police\s+Commissioners|County\s+Commissioners|Freeholders|Chosen\s+Freeholders|Legislators|Control)"
)
_GROUP = (
    rf"(?:[A-Z][\w'’.-]*,?\s+(?:{_NAMES},?\s+){{0,6}})(?:Committee|Commission|Board|Council|Task\s+Force|Authority)"
)
_BODY = re.compile(rf"\b(?:{_GROUP}|{_COUNCIL}|{_BOARD}|Select\s?board|Board\s+of\s+\w+)\b", re.I)
_NAMED = re.compile("council|board|committee|commission|task force|authority", re.I)
# A heading stands alone in its line; a sentence that names a committee is no heading.
_ALONE = re.compile(rf"(?:the\s+)?(?P<body>{_BODY.pattern})(?:\s+(?:meeting|agenda|minutes)\b.*)?\s*\Z", re.I)
_KIND = re.compile(r"\A(?:(?:the|regular|special|full|emergency|virtual|meeting|minutes|agenda|draft|of)\s+)+", re.I)
_PLAIN = re.compile(r"\A(?:the\s+)?(?:council|board|committee|commission|authority)\Z", re.I)

_FILLED_IN = re.compile(
    r"microsoft \w+ - .*|untitled.*|document\d*|(?:power)?point presentation|word document|.*\.(?:docx?|pdf|xlsx?)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Told:
    """What the head tells; ``None`` is unknown.

    >>> Told("2022-03-24", "City Council").date
    '2022-03-24'
    """

    date: str | None
    body: str | None


def told(name: str, text: str) -> Told:
    """The meeting's day and body, from the file's name, then from the first page's head.

    Print dates ("12/4/23, 7:37 PM") and metadata are left alone: they tell of the file, not of the meeting.

    >>> told("Regular City Council Minutes 3-24-2022.pdf", "")
    Told(date='2022-03-24', body='City Council')
    >>> told("scan.pdf", "CRIMINAL JUSTICE COMMITTEE\\nTUESDAY, MARCH 7, 2023\\nminutes of March 1, 2023")
    Told(date='2023-03-07', body='CRIMINAL JUSTICE COMMITTEE')
    """
    own = name.rpartition("/")[2]
    head = text[:HEAD]
    return Told(_date_in_name(own) or _date_in_text(head), _body_in_text(head) or _body_in_name(own))


def title(said: str | None) -> str | None:
    """A title as a file states it, or ``None`` where a program filled it in.

    >>> title("Microsoft Word - Document1"), title(" Surveillance  Use Policy ")
    (None, 'Surveillance Use Policy')
    """
    neat = " ".join((said or "").replace("\0", " ").split())
    if not re.search(r"[^\W\d_]{2}", neat) or _FILLED_IN.fullmatch(neat):
        return None
    return neat[:300]


def iso(year: str, month: str, day: str) -> str | None:
    """The day in ISO 8601, or ``None`` where there is no such day.

    >>> iso("2021", "Feb", "12"), iso("2021", "13", "1")
    ('2021-02-12', None)
    """
    number = int(month) if month.isdecimal() else 1 + _MONTHS.index(month[:3].lower())
    try:
        return date(int(year), number, int(day)).isoformat()
    except ValueError:
        return None


def _date_in_name(name: str) -> str | None:
    found = {iso(m["year"], m["month"], m["day"]) for p in (_ISO, _NUMERIC, _PACKED) for m in p.finditer(name)} | {
        day for day, _ in _long_dates(name.replace("_", " "))
    }
    found.discard(None)
    return found.pop() if len(found) == 1 else None


def _date_in_text(head: str) -> str | None:
    dated = list(_long_dates(head))
    for chosen in ({day for day, weekday in dated if weekday}, {day for day, _ in dated}):
        if len(chosen) == 1:
            return chosen.pop()
    return None


def _long_dates(text: str) -> Iterator[tuple[str | None, bool]]:
    """Each date with its month in letters, and whether its weekday stands with it; looked for back from each year."""
    for year in _YEAR.finditer(text):
        found = _LONG.search(text[max(0, year.start() - _LONGEST_DATE) : year.end()])
        if found:
            yield iso(found["year"], found["month"], found["day"]), bool(found["weekday"])


def _body_in_text(head: str) -> str | None:
    for line in head.splitlines()[:60]:
        if (
            len(line) < 90
            and _NAMED.search(line)
            and (alone := _ALONE.match(line.strip()))
            and (body := _neat(alone["body"]))
        ):
            return body
    return None


def _body_in_name(name: str) -> str | None:
    found = _BODY.search(name.replace("_", " "))
    return _neat(found[0]) if found else None


def _neat(body: str) -> str | None:
    """The body's name without the kind of meeting before it; no name at all where only "the Council" is left."""
    name = _KIND.sub("", " ".join(body.split()))
    return None if not name or _PLAIN.match(name) or len(name) > 80 else name
