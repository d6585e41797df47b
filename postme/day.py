"""Days as sources tell them: exactly, to the month or the year, not before, not after, or not at all."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

_DAY = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Day:
    """A day that lies somewhere between two days, both included; ``None`` is an open end.

    >>> told("2019-12").reached(date(2019, 12, 15)), told("2019-12").reached(date(2020, 1, 1))
    (None, True)
    """

    first: date | None = None
    last: date | None = None

    @property
    def exact(self) -> date | None:
        """The day itself, where it is known."""
        return self.first if self.first == self.last else None

    @property
    def known(self) -> bool:
        """Whether anything is known of it."""
        return self.first is not None or self.last is not None

    def reached(self, on: date) -> bool | None:
        """Whether it had come by ``on``; ``None`` where that cannot be told."""
        if self.last is not None and self.last <= on:
            return True
        if self.first is not None and self.first > on:
            return False
        return None

    def __str__(self) -> str:
        if self.first == self.last:
            return self.first.isoformat() if self.first else "a day not seen"
        if self.first is None:
            return f"by {self.last}"
        if self.last is None:
            return f"on or after {self.first}"
        whole = self.first.day == 1 and self.last.day == calendar.monthrange(self.last.year, self.last.month)[1]
        if whole and (self.first.year, self.first.month) == (self.last.year, self.last.month):
            return f"in {self.first:%Y-%m}"
        if whole and (self.first.month, self.last.month) == (1, 12) and self.first.year == self.last.year:
            return f"in {self.first.year}"
        return f"between {self.first} and {self.last}"


UNSEEN = Day()
"""A day that no source told."""


def told(value: Any) -> Day:
    """The day that a file states: ``2021-02-12``, ``2019-12``, ``2022``, ``{after: …, by: …}`` or ``unknown``. Raises ValueError.

    >>> str(told("2022")), str(told({"after": "2020-06-23", "by": "2020-12-31"})), str(told("unknown"))
    ('in 2022', 'between 2020-06-23 and 2020-12-31', 'a day not seen')
    """
    if value == "unknown":
        return UNSEEN
    if isinstance(value, datetime):  # a date to Python, and yet never equal to one
        raise ValueError(f"'{value}' has an hour; a day has none")
    if isinstance(value, date):
        return Day(value, value)
    if isinstance(value, dict) and value and set(value) <= {"after", "by"}:
        after, by = (told(value[key]) if key in value else UNSEEN for key in ("after", "by"))
        if after.first and by.last and by.last < after.first:
            raise ValueError(f"the day would lie after {after.first} and by {by.last}")
        return Day(after.first, by.last)
    found = _DAY.fullmatch(str(value))
    if not found:
        raise ValueError(f"'{value}' is no day")
    year = int(found[1])
    if found[3]:
        exact = date(year, int(found[2]), int(found[3]))
        return Day(exact, exact)
    first, last = (int(found[2]),) * 2 if found[2] else (1, 12)
    return Day(date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1]))
