"""``/``: one search box, the country's laws, the doors, what is due, and what was published last."""

from __future__ import annotations

import datetime
import json
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext

from postme.holding import lead
from postme.keeping.store.models import Entry
from postme.office import counsel, standing
from postme.office.agenda import Coming
from postme.website.pages import Facts, Page, calendar, maps, on

# Chosen: what a first page can carry, how much of it may be late, and how many of the newest holdings are asked what is due.
_NEWEST, _ASKED, _COMING, _LATE = 4, 30, 8, 3


def _facts(request: HttpRequest) -> Facts:
    day = on(request)
    newest = list(Entry.objects.visible().filter(kind="holding").select_related("place").order_by("-changed")[:_ASKED])
    every = counsel.every()
    drawn = maps.country(day)
    return {
        "title": "postme", "description": gettext("Surveillance technology and military equipment in public hands, found in public records, and held against the law."),
        "address": "/", "on": day.isoformat(), "laws": len(every), "law_places": len({law.place.short for law in every}),
        "in_force": sum(law.stands(day) is True for law in every), "newest": [_new(entry) for entry in newest[:_NEWEST]], "coming": _coming(newest, day),
        "map": drawn, "on_the_map": [maps.place(row) for row in drawn.rows],
        "places": Entry.objects.visible().filter(kind="search").values("place").distinct().count(),
    }  # fmt: skip


def _new(entry: Entry) -> dict[str, Any]:
    facts = json.loads(entry.twin)["facts"]
    chosen = lead(facts)
    return {
        "address": entry.address, "title": entry.title, "fiction": entry.fiction, "changed": entry.changed.date().isoformat(),
        "place": {"id": entry.place_id, "name": entry.place.name} if entry.place else None,
        "quote": {key: chosen[key] for key in ("id", "sha256", "page", "seconds", "before", "quote", "after", "record")} if chosen else None,
    }  # fmt: skip


def _coming(entries: list[Entry], day: datetime.date) -> list[dict[str, Any]]:
    """What the calendar has, what is due for the newest holdings, and laws that come into force: some of what is late, then the nearest."""
    found = calendar.found(day)
    found += [one for entry in entries for one in _due(entry.leaf, entry.twin, day)]
    found += [Coming(law.starts.first, "law", law.name, f"/laws/{law.id}/", "") for law in counsel.every() if law.starts.first and law.starts.first > day]  # fmt: skip
    late, ahead = ([one for one in found if one.late is state] for state in (True, False))
    # Late decisions come before late holdings: a sort keeps their order.
    told = [*sorted(late[:_LATE], key=_day), *sorted(ahead, key=_day)]
    return [one.printed() for one in told[:_COMING]]


def _day(one: Coming) -> datetime.date:
    return one.on


@lru_cache(maxsize=2000)
def _due(leaf: int, twin: str, day: datetime.date) -> tuple[Coming, ...]:
    facts = json.loads(twin)["facts"]
    address = json.loads(twin)["address"] + "#law"
    found = []
    for duty in standing.of_holding(facts, day)["duties"]:
        late = duty["verdict"] == "broken" and duty["due"] is not None
        if when := duty["due"] if late else duty["next_due"] or (duty["due"] if duty["verdict"] == "not_yet_due" else None):  # fmt: skip
            what = f"{facts['technology']['name']}: {duty['what']}"
            found.append(Coming(datetime.date.fromisoformat(when), "duty", what, address, facts["place"]["name"], late=late, fiction=facts["fiction"]))  # fmt: skip
    return tuple(found)


HOME = Page("home.html", _facts, ("map",), still=True)
