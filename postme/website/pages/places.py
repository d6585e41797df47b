"""``/places/…``: a place's laws on a day, its inventory with verdicts, what was searched and what could not be read."""

from __future__ import annotations

import datetime
import json
from typing import Any

from django.http import Http404, HttpRequest

from postme.errors import WrongUse
from postme.keeping.store.models import Entry, Place
from postme.office import counsel, standing
from postme.place import placed
from postme.website.pages import Facts, Page, on

# Chosen: what a page can carry; the rest is one page further.
_SHOWN = 100


def _every(request: HttpRequest) -> Facts:
    published = Place.objects.order_by("name").values("id", "name", "fiction")
    with_laws = {law.place.short: law.place for law in counsel.every()}
    known = {row["id"]: {**row, "laws": 0} for row in published}
    for short in with_laws:
        known.setdefault(short, {"id": short, "name": counsel.place_name(short), "fiction": False, "laws": 0})
    for law in counsel.every():
        known[law.place.short]["laws"] += 1
    rows = sorted(known.values(), key=lambda row: (not row["fiction"], row["name"]))
    return {
        "title": "Places",
        "description": "Every place whose laws or holdings are known here.",
        "address": "/places/",
        "places": rows,
    }


def _one(request: HttpRequest, place: str) -> Facts:
    try:
        short = placed(place).short
        row = Place.objects.filter(pk=short).first()
        if row is None:
            counsel.checked_place(short)
    except (ValueError, WrongUse) as error:
        raise Http404(str(error)) from error
    day = on(request)
    name = row.name if row else counsel.place_name(short)
    published = {"place_id": short, "state": "published"}
    entries = Entry.objects.filter(kind="holding", **published).order_by("technology", "title")[: _SHOWN + 1]
    searches = Entry.objects.filter(kind="search", **published).order_by("-changed")[:10]
    holdings = [holding_row(entry, day) for entry in entries[:_SHOWN]]
    return {
        "title": name, "description": f"What surveillance technology and military equipment records show in {name}, and what the law says of it.",
        "address": f"/places/{short}/", "id": short, "name": name, "state": placed(short).state, "fiction": bool(row and row.fiction),
        "on": day.isoformat(), "laws": [law_row(law, day) for law in counsel.every(short, any_place=True)], "holdings": holdings, "more": len(entries) > _SHOWN,
        "searches": [_search(entry) for entry in searches],
        "records": Entry.objects.filter(kind="record", **published).count(),
    }  # fmt: skip


def law_row(law: Any, day: datetime.date) -> dict[str, Any]:
    """A law in a list: whether it stands on a day, and since when."""
    return {
        "id": law.id, "name": law.name, "place": law.place.short, "subject": law.subject, "starts": str(law.starts), "ends": str(law.ends) if law.ends else None,
        "stands": law.stands(day), "binds": list(law.binds), "not_bound": list(law.not_bound), "adopted": str(law.adopted.on), "vote": law.adopted.vote,
        "what": law.what, "citation": law.citation,
    }  # fmt: skip


def holding_row(entry: Entry, day: datetime.date) -> dict[str, Any]:
    """A published holding in a list, with what the law says of it on a day."""
    facts = json.loads(entry.twin)["facts"]
    best = facts["evidence"][0] if facts["evidence"] else None
    earliest = next((claim["value"] for claim in facts["claims"] if claim["part"] == "earliest date"), None)
    return {
        "address": entry.address, "leaf": entry.leaf, "technology": facts["technology"], "agency": facts["agency"], "status": facts["status"], "note": facts["note"],
        "since": earliest, "makers": list(facts["makers"].values()), "best": best, "evidence": len(facts["evidence"]),
        "standing": standing.of_holding(facts, day),
    }  # fmt: skip


def _search(entry: Entry) -> dict[str, Any]:
    facts = json.loads(entry.twin)["facts"]
    return {
        "address": entry.address,
        **{key: facts[key] for key in ("number", "ended", "files", "refused", "pages", "unreadable", "catalogue")},
    }


EVERY = Page("places.html", _every)
ONE = Page("place.html", _one)
