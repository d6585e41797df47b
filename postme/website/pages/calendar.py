"""``/calendar/``: hearings, times for comments, and what falls due; every one as a feed for calendars."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext

from postme.keeping.store import readers
from postme.office import agenda
from postme.website.pages import Facts, Page, decisions, on

# Chosen: what a calendar that somebody subscribes to keeps of the past.
_BACK = datetime.timedelta(days=180)


def found(day: datetime.date, place: str = "", slug: str = "", *, back: datetime.timedelta = datetime.timedelta()) -> list[agenda.Coming]:  # fmt: skip
    """What is ahead on a day, and what is late: of all, of one place, or of one decision."""
    entries = [one for one in decisions.entries(place or None) if not slug or one.address == f"/decisions/{slug}/"]
    if slug and not entries:
        raise Http404("No decision at this address is published here.")
    towns = decisions.towns()
    return agenda.coming((decisions.read(one, day, towns) for one in entries), day, back=back)


def _found(request: HttpRequest, *, back: datetime.timedelta = datetime.timedelta()) -> list[agenda.Coming]:
    return found(on(request), request.GET.get("place", ""), request.GET.get("decision", ""), back=back)


def _facts(request: HttpRequest) -> Facts:
    every = [one.printed() for one in _found(request)]
    place = request.GET.get("place", "")
    return {
        "title": gettext("Calendar"), "description": gettext("Hearings, last days for comments, and reports that fall due."), "address": "/calendar/",
        "on": on(request).isoformat(), "place": place, "late": [one for one in every if one["late"]], "coming": [one for one in every if not one["late"]], "fiction": False,
    }  # fmt: skip


def feed(request: HttpRequest) -> HttpResponse:
    """``/calendar.ics``: of all, of one place (``?place=``), or of one decision (``?decision=``)."""
    data = agenda.ics(
        _found(request, back=_BACK),
        settings.SITE,
        "postme",
        readers.as_of().at or datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
    )
    return HttpResponse(data, content_type="text/calendar; charset=utf-8")


PAGE = Page("calendar.html", _facts)
