"""The time in which people can comment, and whether it was as long as a law asks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from postme import clock
from postme.clock import Calendar
from postme.proposal import DEEDS, Deed
from postme.rule import Duty

TAKEN = DEEDS["close_comments"].fact
"""The fact that shows that such a time is over."""


@dataclass(frozen=True, slots=True)
class Open:
    """Comments were taken from ``first`` to ``last``, both included; while it runs, ``last`` is the day that was announced."""

    first: date
    last: date


def opened(deeds: Iterable[Deed]) -> tuple[Open, ...]:
    """When comments were taken. What is opened anew before it ended, or on the day after, goes on.

    >>> opened([Deed("open_comments", date(2026, 3, 1), until=date(2026, 3, 20)), Deed("close_comments", date(2026, 3, 9))])[0].last.isoformat()
    '2026-03-09'
    """
    found: list[Open] = []
    for deed in deeds:
        if deed.kind == "open_comments":
            last = max(deed.until or deed.on, deed.on)
            goes_on = bool(found) and deed.on <= found[-1].last + timedelta(1)
            if goes_on:
                found[-1] = Open(found[-1].first, last)
            else:
                found.append(Open(deed.on, last))
        elif deed.kind == "close_comments" and found:
            found[-1] = Open(found[-1].first, min(found[-1].last, deed.on))
    return tuple(found)


def asks(duty: Duty) -> bool:
    """Whether a duty asks for a time in which comments are taken."""
    return bool(duty.runs_before) and duty.met_by == TAKEN and duty.clock is not None and not duty.clock.before


def must_last(duty: Duty, begun: date, time: Open, days: Calendar) -> date:
    """The last day on which comments must be taken, where they are taken in this time and the law counts from ``begun``."""
    if duty.clock is None:
        return time.last
    return clock.counted(max(begun, time.first), duty.clock, days, duty.clock.start).day


def ended(duty: Duty, begun: date, deeds: Iterable[Deed], days: Calendar) -> date | None:
    """The day on which the time that a law asks for ends, of which all was open; ``None`` where none was open so long."""
    times = [one for one in opened(deeds) if one.last >= begun]
    found = [last for one in times if (last := must_last(duty, begun, one, days)) <= one.last]
    return min(found, default=None)
