"""Statutory deadlines, with their working shown: where a period starts, which days are skipped and why, where it ends.

A period in days, weeks, months or years begins to run the day after its event. Business days leave out Saturdays,
Sundays and the holidays of the calendar. A month after the 31st ends on the last day of the month.
"""

from __future__ import annotations

import calendar as months
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

import holidays as observed

from postme.errors import WrongUse
from postme.rule import FARTHEST, OFTENEST, YEARS, Clock


@dataclass(frozen=True, slots=True)
class Calendar:
    """The holidays of a place: the federal ones, a state's (its two letters), and a city's own (day to name).

    >>> Calendar("mn").holiday(date(2024, 7, 4))
    'Independence Day'
    """

    state: str | None = None
    own: Mapping[date, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the working calls it."""
        state = f"the holidays of {self.state.upper()}" if self.state else "the federal holidays"
        return f"{state} and {len(self.own)} of the city's own" if self.own else state

    def holiday(self, day: date) -> str | None:
        """The holiday of a day, if it is one."""
        if day in self.own:
            return self.own[day]
        return _of(self.state, day.year).get(day)

    def rests(self, day: date) -> str | None:
        """Why a day is no business day; ``None`` where it is one."""
        return day.strftime("%A") if day.weekday() >= 5 else self.holiday(day)


@lru_cache(maxsize=512)
def _of(state: str | None, year: int) -> Mapping[date, str]:
    chosen = state.upper() if state and state.upper() in observed.list_supported_countries()["US"] else None
    return {day: str(name) for day, name in observed.country_holidays("US", subdiv=chosen, years=year).items()}


@dataclass(frozen=True, slots=True)
class Deadline:
    """The day something is due, and the steps that led to it."""

    day: date
    working: tuple[str, ...]


def counted(start: date, clock: Clock, calendar: Calendar, event: str = "") -> Deadline:
    """The (first) deadline of a clock that an event of that day starts.

    >>> counted(date(2024, 1, 31), Clock("approved", 1, "months"), Calendar(), "approved").working[-1]
    '1 month after 2024-01-31 is 2024-02-29 (Thursday); February has no day 31, so its last day counts'
    >>> counted(date(2024, 7, 3), Clock("notice", 2, "business_days"), Calendar("mn"), "notice").day.isoformat()
    '2024-07-08'
    """
    _within_reach(start, event)
    working = [f"it starts with {event.replace('_', ' ') or 'the event'} on {_told(start)}"]
    limit = FARTHEST * {"days": 366, "business_days": 366, "weeks": 53, "months": 12, "years": 1}[clock.unit]
    if clock.count > limit or clock.extension > 366 * FARTHEST:
        raise WrongUse(
            f"{max(clock.count, clock.extension)} {clock.unit if clock.count > limit else 'days'} are more than {FARTHEST} years.",
            where=event,
            why="No deadline lies so far off.",
            do="Correct the clock in the law file.",
        )
    sign = -1 if clock.before else 1
    day = start
    if clock.count:
        day = _moved(start, sign, clock, calendar, working)
    if clock.fixed:
        day = _first_fixed(day, clock, working)
    if clock.extension:
        working.append(
            f"it may be extended by up to {clock.extension} days, to {_told(day + timedelta(clock.extension))}"
        )
    return Deadline(day, tuple(working))


def series(first: Deadline, clock: Clock, until: date) -> Iterator[Deadline]:
    """The deadlines of a clock that comes again, from the first, up to and with the first one after ``until``.

    >>> yearly = Clock("in_force", 1, "years", every=1)
    >>> [str(due.day) for due in series(counted(date(2020, 2, 29), yearly, Calendar()), yearly, date(2022, 3, 1))]
    ['2021-02-28', '2022-02-28', '2023-02-28']
    """
    _within_reach(until, "the day that is asked about")
    if clock.every and not OFTENEST <= clock.every <= FARTHEST:
        raise WrongUse(
            f"Nothing comes again every {clock.every:g} years.",
            why="Its days could not be counted.",
            do="Correct the clock in the law file: every is in years, 0.25 for every three months.",
        )
    due, turn = first, 0
    while True:
        yield due
        if due.day > until or not clock.every:
            return
        turn += 1
        step = round(12 * clock.every * turn)
        day, note = _months_on(first.day, step)
        due = Deadline(day, (*first.working, f"again every {_often(clock.every)}: {_told(day)}{note}"))


def _within_reach(day: date, event: str) -> None:
    if day.year not in YEARS:
        raise WrongUse(
            f"A period cannot be counted from (or to) {day}.",
            where=event,
            why="No law here knows that year.",
            do="Write the day as 2021-02-12.",
        )


def _moved(start: date, sign: int, clock: Clock, calendar: Calendar, working: list[str]) -> date:
    way, count = ("before" if sign < 0 else "after"), int(clock.count)
    if clock.unit == "business_days":
        day, left, skipped = start, count, []
        while left:
            day += timedelta(sign)
            if why := calendar.rests(day):
                skipped.append(f"{day} ({why})")
            else:
                left -= 1
        working.append(f"{count} business day{'s' * (count != 1)} {way} {start}, by {calendar.name}, is {_told(day)}")
        if skipped:
            working.append(f"skipped: {', '.join(skipped)}")
        return day
    if clock.unit in ("months", "years"):
        day, note = _months_on(start, sign * count * (12 if clock.unit == "years" else 1))
        unit = clock.unit.removesuffix("s") if count == 1 else clock.unit
        working.append(f"{count} {unit} {way} {start} is {_told(day)}{note}")
        return day
    days = count * (7 if clock.unit == "weeks" else 1)
    day = start + timedelta(sign * days)
    weeks = f" ({count} week{'s' * (count != 1)})" if clock.unit == "weeks" else ""
    working.append(f"{days} day{'s' * (days != 1)}{weeks} {way} {start} is {_told(day)}; every day counts")
    return day


def _months_on(start: date, count: int) -> tuple[date, str]:
    year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
    month += 1
    last = months.monthrange(year, month)[1]
    if start.day <= last:
        return date(year, month, start.day), ""
    return date(year, month, last), f"; {months.month_name[month]} has no day {start.day}, so its last day counts"


def _first_fixed(day: date, clock: Clock, working: list[str]) -> date:
    month, number = (int(part) for part in clock.fixed.split("-"))
    year = day.year
    while True:
        last = months.monthrange(year, month)[1]
        found = date(year, month, min(number, last))
        if found >= day:
            short = f"; {year} has no {months.month_name[month]} {number}, so its last day counts" * (number > last)
            working.append(f"the first {months.month_name[month]} {number} from {day} on is {_told(found)}{short}")
            return found
        year += 1


def _told(day: date) -> str:
    return f"{day} ({day:%A})"


def _often(years: float) -> str:
    """How often, in words.

    >>> _often(1), _often(2), _often(0.25)
    ('year', '2 years', '3 months')
    """
    if years == 1:
        return "year"
    return f"{years:g} years" if years == int(years) else f"{round(years * 12)} months"
