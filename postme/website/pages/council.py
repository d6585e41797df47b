"""``/places/<place>/council/…``: who decides in a town, and how each of them voted on surveillance over time."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils.translation import gettext

from postme.errors import WrongUse
from postme.keeping.store.council import SeatRow
from postme.keeping.store.meetings import MeetingRow
from postme.keeping.store.models import Entry, Place
from postme.office import council, counsel, glossary, progress, wards
from postme.office.council import Record
from postme.place import placed
from postme.proposal import Step
from postme.website.pages import Facts, Page, decisions, on


def place_of(place: str) -> tuple[str, str, bool]:
    """A place's id, its name and whether it is made up. Raises Http404 for what is no place."""
    try:
        short = placed(place).short
        row = Place.objects.visible().filter(pk=short).first()
        if row is None and not wards.fiction(short):
            counsel.checked_place(short)
    except (ValueError, WrongUse) as error:
        raise Http404(str(error)) from error
    return short, row.name if row else counsel.place_name(short), bool(row and row.fiction) or wards.fiction(short)


def told_seat(one: SeatRow | None) -> Facts | None:
    """A seat as pages and twins tell it: who, for which ward, since when, verified when and where."""
    if one is None:
        return None
    return {
        "number": one.number, "body": one.body, "ward": one.ward or None, "holder": one.holder, "since": _iso(one.since), "until": _iso(one.until),
        "verified": one.verified.isoformat(), "source": one.source, "contact": one.contact or None,
    }  # fmt: skip


def meeting_of(place: str, day: datetime.date) -> Facts | None:
    """The next meeting of a town with a public proposal on its agenda: when, where, how to speak, what on."""
    found = council.next_meeting(settings.DATA, place, day)
    return told_meeting(*found) if found else None


def told_meeting(one: MeetingRow, proposals: tuple[tuple[str, str], ...]) -> Facts:
    """A meeting as pages tell it."""
    return {
        "body": one.body, "on": one.on.isoformat(), "begins": one.begins or None, "zone": one.zone or None, "where": one.where or None, "how_to_speak": one.how_to_speak or None,
        "proposals": [{"address": address, "title": title} for address, title in proposals],
    }  # fmt: skip


def _iso(day: datetime.date | None) -> str | None:
    return day.isoformat() if day else None


def _every(request: HttpRequest, place: str) -> Facts:
    (short, name, fiction), day = place_of(place), on(request)
    sitting, gone = council.seated(settings.DATA, short, day)
    told = {one.seat.number: one for one in council.records(settings.DATA, short, (*sitting, *gone))}
    bodies = dict.fromkeys(one.body for one in sitting)
    return {
        "title": gettext("The council of {place}").format(place=name), "description": gettext("Who decides in {place}, and how each member voted on surveillance.").format(place=name),
        "address": f"/places/{short}/council/", "id": short, "name": name, "fiction": fiction, "on": day.isoformat(),
        "bodies": [{"body": body, "seats": [_seat(one, told) for one in sitting if one.body == body]} for body in bodies],
        "former": [_seat(one, told) for one in gone], "meeting": meeting_of(short, day), "wards": [one.name for one in wards.of_town(settings.DATA, short)],
    }  # fmt: skip


def _seat(one: SeatRow, told: dict[int, Record]) -> Facts:
    record = told[one.number]
    return {**(told_seat(one) or {}), "votes": dict(record.counts), "dissent": _dissent(record)}


def _dissent(record: Record) -> int:
    """How often a member stood against what was decided."""
    against = {"approved": "no", "approved with conditions": "no", "renewed": "no", "rejected": "yes", "postponed": "no", "suspended": "no"}  # fmt: skip
    return sum(one.vote == against.get(one.outcome, "") for one in record.votes)


def _one(request: HttpRequest, place: str, seat: int) -> Facts:
    (short, name, fiction), day = place_of(place), on(request)
    record = council.record_of(settings.DATA, short, seat) if seat < 2**53 else None
    if record is None:
        raise Http404("There is no such seat; the page of the council lists them.")
    names = {one.id: one.name for one in glossary.catalogue().technologies.values()}
    shut = _shut(short, record)
    votes: list[dict[str, Any]] = [
        {
            "on": one.on.isoformat(), "address": f"/decisions/{one.slug}/", "title": one.title, "technologies": [{"id": each, "name": names.get(each, each)} for each in one.technologies],
            "motion": one.motion or None, "outcome": Step.GATE_MISSING.value if (one.slug, one.on) in shut else one.outcome, "vote": one.vote, "said": one.said or None,
        }
        for one in record.votes
        if one.on <= day
    ]  # fmt: skip
    held = record.seat
    return {
        "title": held.holder, "description": gettext("How {holder} voted on surveillance in {place}.").format(holder=held.holder, place=name),
        "address": f"/places/{short}/council/{seat}/", "id": short, "name": name, "fiction": fiction, "on": day.isoformat(),
        "seat": told_seat(held), "sits": held.sits(day), "votes": votes, "counts": council.tally(one["vote"] for one in votes),
        "by_technology": _by_technology(votes),
    }  # fmt: skip


def _shut(place: str, record: Record) -> set[tuple[str, datetime.date]]:
    """The votes for a proposal that are no approval, because a gate was missing that day."""
    passed = {(one.slug, one.on) for one in record.votes if one.outcome.startswith("approved")}
    town = decisions.towns().get(place) if passed else None
    if town is None:
        return set()
    rows = Entry.objects.visible().filter(kind="decision", address__in={f"/decisions/{slug}/" for slug, _ in passed})
    told = {row.address: row.twin for row in rows}
    return {(slug, day) for slug, day in passed if (twin := told.get(f"/decisions/{slug}/")) and progress.kept(twin, day, town)["shut"]}  # fmt: skip


def _by_technology(votes: list[dict[str, Any]]) -> list[Facts]:
    found: dict[str, dict[str, Any]] = {}
    for one in votes:
        for each in one["technologies"]:
            found.setdefault(each["id"], {**each, "votes": []})["votes"].append(one["vote"])
    return [{**one, "votes": council.tally(one["votes"])} for one in sorted(found.values(), key=lambda one: one["name"])]  # fmt: skip


EVERY = Page("council.html", _every, hashed=True)
ONE = Page("member.html", _one, hashed=True)
