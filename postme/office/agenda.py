"""What is coming up, for a place or for all: hearings, the ends of times for comments, duties that fall due; also as iCalendar (RFC 5545)."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from icalendar import Calendar, Event


@dataclass(frozen=True, slots=True)
class Coming:
    """Something with a day: what, of which proposal, at which address; ``begins`` is ``HH:MM`` in ``zone`` where it is known.

    ``clauses`` are those of the laws that ask for it, each with *law*, *name*, *provision* and *clause*.
    """

    on: datetime.date
    kind: str
    what: str
    address: str
    place: str
    begins: str = ""
    zone: str = ""
    where: str = ""
    called_off: bool = False
    late: bool = False
    fiction: bool = False
    id: str = ""
    """What it stays the same by when its day moves: a meeting's number, a duty's provision."""
    clauses: tuple[Mapping[str, str], ...] = ()

    def printed(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "on": self.on.isoformat(), "kind": self.kind, "what": self.what, "address": self.address, "place": self.place, "begins": self.begins, "zone": self.zone,
            "where": self.where, "called_off": self.called_off, "late": self.late, "fiction": self.fiction,
            "clauses": [dict(one) for one in self.clauses],
        }  # fmt: skip


def coming(read: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]], on: datetime.date, *, back: datetime.timedelta = datetime.timedelta()) -> list[Coming]:  # fmt: skip
    """What published proposals have ahead of them, the earliest first: pairs of their facts and how they read on the day (``progress.seen``).

    One meeting on many agendas is told once for each proposal. What is overdue is there with the day it was due.
    """
    found = []
    for facts, now in read:
        shared = {
            "place": facts["place"]["name"],
            "address": f"/decisions/{facts['slug']}/",
            "fiction": facts["fiction"],
        }
        for each in facts["meetings"]:
            day = datetime.date.fromisoformat(each["on"])
            if day >= on - back:
                what = f"{facts['title']}: {each['body']}"
                found.append(Coming(day, "meeting", what, begins=each["begins"], zone=each["zone"], where=each["where"], called_off=each["called_off"], id=str(each["number"]), **shared))  # fmt: skip
        if now["comments_until"]:
            found.append(
                Coming(datetime.date.fromisoformat(now["comments_until"]), "comments", facts["title"], **shared)
            )
        for day, duties in _acts(now["due"]):
            first = duties[0]
            clauses = tuple({key: duty[key] for key in ("law", "name", "provision", "clause")} for duty in duties)
            found.append(Coming(day, "duty", f"{facts['title']}: {first['what']}", late=bool(first["days_late"]), id=f"{first['law']}-{first['provision']}", clauses=clauses, **shared))  # fmt: skip
    return sorted(found, key=lambda one: (one.on, one.what))


def falls(duty: Mapping[str, Any]) -> datetime.date | None:
    """The day that a duty (as ``progress.seen`` tells it) is about now: of a late one the day it was due, else the next on which it falls due."""
    due = duty["due"] if duty["days_late"] or duty["verdict"] == "not_yet_due" else None
    said = due if duty["days_late"] else duty["next_due"] or due
    return datetime.date.fromisoformat(said) if said else None


def _acts(due: Iterable[Mapping[str, Any]]) -> Iterator[tuple[datetime.date, list[Mapping[str, Any]]]]:
    """Acts with their day: what several clauses ask for by one day is one act where one fact shows it, or where they call it the same."""
    found: list[tuple[datetime.date, list[Mapping[str, Any]]]] = []
    for duty in sorted(due, key=lambda one: (one["law"], one["provision"])):
        day = falls(duty)
        if day is None:
            continue
        same = next((group for on, group in found if on == day and any(_same(duty, one) for one in group)), None)
        if same is None:
            found.append((day, [duty]))
        else:
            same.append(duty)
    yield from found


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    alike = one["fact"] == other["fact"] or one["what"] == other["what"]
    return alike and bool(one["days_late"]) == bool(other["days_late"])


def ics(found: Sequence[Coming], site: str, name: str, stamp: datetime.datetime) -> bytes:
    """An iCalendar file; an event's id stays the same as long as it is the same thing, so that a subscriber sees it move.

    ``site`` is the address that events lead to; ``stamp`` the moment that they are as of.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//postme//decisions//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for one in found:
        calendar.add_component(_event(one, site, stamp))
    return bytes(calendar.to_ical())


def _event(one: Coming, site: str, stamp: datetime.datetime) -> Event:
    event = Event()
    start = _start(one)
    event.add("uid", f"{one.kind}-{one.id}-{one.address.strip('/').replace('/', '-')}@{site.partition('://')[2]}")
    event.add("dtstamp", stamp)
    event.add("dtstart", start)
    if not isinstance(start, datetime.datetime):
        event.add("dtend", one.on + datetime.timedelta(1))
    said = {"comments": "Last day to comment: ", "duty": "Overdue: " if one.late else "Due: "}.get(one.kind, "")
    event.add("summary", f"{said}{one.what} ({one.place}{', fiction' if one.fiction else ''})")
    if one.clauses:
        event.add(
            "description", "\n".join(", ".join(filter(None, (each["name"], each["clause"]))) for each in one.clauses)
        )
    event.add("url", site + one.address)
    if one.where:
        event.add("location", one.where)
    event.add("status", "CANCELLED" if one.called_off else "CONFIRMED")
    return event


def _start(one: Coming) -> datetime.date | datetime.datetime:
    """The moment where hour and zone are known, else the day."""
    try:
        at = datetime.time.fromisoformat(one.begins)
        return datetime.datetime.combine(one.on, at, zoneinfo.ZoneInfo(one.zone))
    except (ValueError, zoneinfo.ZoneInfoNotFoundError, OSError):
        return one.on
