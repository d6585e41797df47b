"""Reminders by mail to those who run the process: what is due in 30 days, in 7, tomorrow; what is overdue, once a week. One letter a person a day."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User

from postme.keeping.store.models import Outgoing
from postme.keeping.store.offices import OfficeRow, Offices
from postme.keeping.store.outbox import Letter
from postme.office.batches import Batches
from postme.website import mailing
from postme.website.pages.desk import obligations

# Chosen: a month to write a report, a week to finish it, a day to send it; after that once a week until it is done.
AHEAD = (30, 7, 1)
_WEEK = 7


def wanted(days: int, since: int = 1) -> bool:
    """Whether somebody is told of a duty so many days before its day; below zero it is overdue. ``since`` is how many days ago they were told last.

    A day on which no letters went out is made up for: whatever came up since then is told now.

    >>> [days for days in (31, 30, 8, 7, 1, 0, -1, -2, -8) if wanted(days)]
    [30, 7, 1, -1, -8]
    >>> [days for days in (31, 29, 28, 6, 5, 0, -2, -3, -10) if wanted(days, since=3)]
    [29, 28, 6, 5, 0, -2, -3, -10]
    """
    missed = range(days, days + max(1, min(since, AHEAD[0])))
    return any(day in AHEAD or (day < 0 and -day % _WEEK == 1) for day in missed)


def letters(office: Batches, day: datetime.date) -> Iterator[tuple[str, Letter]]:
    """The letters of a day: one for each person who holds a role and has an address, under a key that makes a second one of that day impossible."""
    rows = list(obligations.owed(office, day))
    held: dict[str, list[OfficeRow]] = {}
    for one in Offices(office.ledger.file).several(role__in=["clerk", "liaison"]):
        held.setdefault(one.person, []).append(one)
    mails = dict(User.objects.filter(username__in=held, is_active=True).exclude(email="").values_list("username", "email"))  # fmt: skip
    for person, offices in held.items():
        since = _since(person, day)
        own = [row for row in rows if wanted(row["days"], since) and any(_theirs(one, row) for one in offices)]
        if own and person in mails:
            yield f"reminder {day} {person}"[:200], Letter(mails[person], _subject(own), _body(own, offices))


def _since(person: str, day: datetime.date) -> int:
    """How many days before a day somebody was reminded last; 1 where they never were."""
    last = Outgoing.objects.filter(once__startswith="reminder ", once__endswith=f" {person}").order_by("-queued").values_list("once", flat=True).first()  # fmt: skip
    told = datetime.date.fromisoformat(last.split(" ")[1]) if last else day
    return max(1, (day - told).days)


def _theirs(one: OfficeRow, row: dict[str, Any]) -> bool:
    return row["town"] == one.town and (one.role == "clerk" or row["agency"] == one.agency)


def _subject(rows: Sequence[dict[str, Any]]) -> str:
    late = sum(row["days"] < 0 for row in rows)
    ahead = len(rows) - late
    return " and ".join([*([f"{late} overdue"] if late else []), *([f"{ahead} due soon"] if ahead else [])]) + ": the process"  # fmt: skip


def _body(rows: Sequence[dict[str, Any]], offices: Sequence[OfficeRow]) -> str:
    lines = []
    for row in rows:
        when = f"{-row['days']} days overdue" if row["days"] < 0 else "due tomorrow" if row["days"] == 1 else f"due in {row['days']} days"  # fmt: skip
        lines.append(f"- {row['title']} ({row['agency']}): {row['what']}\n  {when}, {row['due'].isoformat()}. {settings.SITE}/desk/process/{row['slug']}/")  # fmt: skip
    roles = "; ".join(dict.fromkeys(f"{one.role} of {one.agency or one.town_name}" for one in offices))
    return mailing.signed(
        "What is due, by the laws as they are written down here:", "\n".join(lines), f"Everything that is due: {settings.SITE}/desk/process/due/", f"You get this as {roles}. It ends when somebody else is named: {settings.SITE}/desk/process/offices/",
    )  # fmt: skip


def queued(day: datetime.date | None = None) -> int:
    """Queue the letters of a day: how many there are. Nothing is queued where nothing can be sent."""
    if not mailing.possible():
        return 0
    now = datetime.datetime.now(datetime.UTC)
    found = list(letters(Batches(settings.DATA, settings.LOG_ORIGIN), day or now.date()))
    if found:
        mailing.voices().outbox.queue(found, at=now)
    return len(found)
