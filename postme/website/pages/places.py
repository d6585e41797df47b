"""``/places/…``: a place's laws on a day, its inventory with verdicts, what was searched and what could not be read."""

from __future__ import annotations

import datetime
import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import Count
from django.http import Http404, HttpRequest
from django.utils.translation import gettext

from postme.errors import WrongUse
from postme.holding import lead, told
from postme.keeping.store.models import Entry, Place
from postme.law import Law
from postme.lawshape import SUBJECTS
from postme.office import counsel, standing, wording
from postme.place import Level, placed
from postme.website.pages import Facts, Page, decisions, letters
from postme.website.pages.laws import day_asked, timeline, today

# Chosen: what a page can carry; the rest is one page further.
_SHOWN = 100
# Chosen: what is under way; the list of decisions has all of them.
_DECISIONS = 12


def _every(request: HttpRequest) -> Facts:
    published = Place.objects.visible().order_by("name").values("id", "name", "fiction")
    with_laws = {law.place.short: law.place for law in counsel.every()}
    known = {row["id"]: {**row, "laws": 0} for row in published}
    for short in with_laws:
        known.setdefault(
            short,
            {
                "id": short,
                "name": counsel.place_name(short),
                "fiction": with_laws[short].state == wording.FICTION,
                "laws": 0,
            },
        )
    for law in counsel.every():
        known[law.place.short]["laws"] += 1
    whole = {short: _whole(row) for short, row in known.items()}
    said = Counter(whole.values())
    # Two that are called the same are told apart by their ids.
    rows = sorted(
        ({**row, "name": whole[short], "twice": said[whole[short]] > 1} for short, row in known.items()), key=lambda row: (not row["fiction"], row["name"])
    )  # fmt: skip
    return {
        "title": gettext("Places"),
        "description": gettext("Every place whose laws or holdings are known here."),
        "address": "/places/",
        "places": rows,
    }


def _whole(row: dict[str, Any]) -> str:
    """A place's name with its state, as it was published or as the table has it."""
    if row["fiction"]:
        return wording.unmarked(row["id"], gettext) if placed(row["id"]).level is Level.STATE else str(row["name"])
    known = wording.unmarked(row["id"], gettext)
    return known.replace(counsel.place_name(row["id"]), str(row["name"]), 1)


def _one(request: HttpRequest, place: str) -> Facts:
    try:
        where = placed(place)
        row = Place.objects.visible().filter(pk=where.short).first()
        if row is None:
            counsel.checked_place(where.short)
    except (ValueError, WrongUse) as error:
        raise Http404(str(error)) from error
    short, (day, typed, error_) = where.short, day_asked(request)
    name = row.name if row else counsel.place_name(short)
    published = {"place_id": short}
    entries = (
        Entry.objects.visible()
        .filter(kind="holding", **published)
        .order_by("technology", "title")
        .only(*ROW)[: _SHOWN + 1]
    )
    kinds = dict(Entry.objects.visible().filter(**published).values_list("kind").annotate(n=Count("pk")).order_by())
    searches = Entry.objects.visible().filter(kind="search", **published).order_by("-changed")[:10]
    holdings = [holding_row(entry, day) for entry in entries[:_SHOWN]]
    nearest = sorted(counsel.every(short, any_place=True), key=lambda law: -law.place.short.count("/"))
    laws = [law_here(law, day) for law in nearest]
    return {
        "title": wording.place(short, gettext), "description": gettext("What surveillance technology and military equipment records show in {place}, and what the law says of it.").format(place=name),
        "address": f"/places/{short}/", "id": short, "name": name, "state": where.state, "fiction": bool(row and row.fiction) or where.state == wording.FICTION,
        "level": where.level.value, "above": [{"id": one, "name": counsel.place_name(one)} for one in where.above[1:-1]], "within": _within(short),
        "on": day.isoformat(), "today": today().isoformat(), "typed": typed, "error": error_, "status_code": 400 if error_ else 200,
        "own_none": all(law["place"] != short for law in laws), "wider": any(law["place"] != short for law in laws),
        "laws": laws, "silent": _silent(laws),
        "holdings": holdings, "more": len(entries) > _SHOWN, "counts": dict(Counter(status for status, _ in {(one["status"], one["technology"]["id"]) for one in holdings}).most_common()),
        "decisions": _decisions(short, day) if "decision" in kinds else [], "letters": letters.of_town(short) if "letter" in kinds else [],
        "searches": [_search(entry) for entry in searches], "records": kinds.get("record", 0),
    }  # fmt: skip


def _decisions(short: str, day: datetime.date) -> list[dict[str, Any]]:
    """What is before its council, those first that somebody can still have a say in."""
    entries = decisions.entries(short)
    known = decisions.towns() if entries else {}
    order = list(decisions.GROUPS)
    return sorted((decisions.row(entry, day, known) for entry in entries[:_SHOWN]), key=lambda row: (order.index(row["group"]), row["title"]))[:_DECISIONS]  # fmt: skip


def _silent(laws: Iterable[dict[str, Any]]) -> list[str]:
    """The subjects that no law here, as far as it may be in force, is about; a law on all surveillance is about each kind of it."""
    standing_ = [law for law in laws if law["force"] in ("in_force", "unknown")]
    spoken = {law["subject"] for law in standing_}
    if any("surveillance" in law["technologies"] for law in standing_):
        spoken |= {*SUBJECTS} - {"community_control", "military_equipment"}
    return sorted({*SUBJECTS} - spoken)


def _within(short: str) -> list[dict[str, str]]:
    """Places of a state that laws or published holdings are known of."""
    if placed(short).level is not Level.STATE:
        return []
    known = {law.place.short for law in counsel.every()} | set(Place.objects.visible().filter(state=short).values_list("id", flat=True))  # fmt: skip
    found = [{"id": one, "name": counsel.place_name(one)} for one in known if one.startswith(f"{short}/")]
    return sorted(found, key=lambda one: one["name"])


def law_here(law: Law, day: datetime.date) -> dict[str, Any]:
    """A law that reaches a place: how it stands on a day, whom it binds and whom not, what happened when, what is not known."""
    return {
        **law_row(law, day), "force": wording.force(law, day), "start_note": law.start_note, "status": law.status, "instrument": law.instrument,
        "names": {one: wording.named(one) for one in (*law.binds, *law.not_bound, *law.technologies)}, "technologies": list(law.technologies),
        "binds_sure": law.binds_sure.value, "sure": law.adopted.sure.value, "text_seen": law.text_seen, "conflicts": list(law.conflicts), "unseen": list(law.unseen),
        "timeline": timeline(law), "place_name": wording.place(law.place.short, gettext), "level": law.place.level.value,
    }  # fmt: skip


def law_row(law: Law, day: datetime.date) -> dict[str, Any]:
    """A law in a list: whether it stands on a day, and since when."""
    return {
        "id": law.id, "name": law.name, "place": law.place.short, "subject": law.subject, "starts": str(law.starts), "ends": str(law.ends) if law.ends else None,
        "stands": law.stands(day), "binds": list(law.binds), "not_bound": list(law.not_bound), "adopted": str(law.adopted.on), "vote": law.adopted.vote,
        "what": law.what, "citation": law.citation,
    }  # fmt: skip


ROW = ("address", "leaf", "twin")
"""What ``holding_row`` needs of an entry."""


def holding_row(entry: Entry, day: datetime.date) -> dict[str, Any]:
    """A published holding in a list, with what the law says of it on a day."""
    facts = told(json.loads(entry.twin)["facts"])
    earliest = next((claim["value"] for claim in facts["claims"] if claim["part"] == "earliest date"), None)
    return {
        "address": entry.address, "leaf": entry.leaf, "technology": facts["technology"], "agency": facts["agency"], "status": facts["status"], "note": facts["note"],
        "since": earliest, "makers": list(facts["makers"].values()), "best": lead(facts), "evidence": len(facts["evidence"]),
        "standing": standing.in_short(facts, day),
    }  # fmt: skip


def _search(entry: Entry) -> dict[str, Any]:
    facts = json.loads(entry.twin)["facts"]
    return {
        "address": entry.address,
        **{key: facts[key] for key in ("number", "ended", "files", "refused", "pages", "unreadable", "catalogue")},
    }


EVERY = Page("places.html", _every, still=True)
# What was typed and which day it is are no facts of the place: its twin of a day stays the same.
ONE = Page("place.html", _one, ("own_none", "wider", "today", "typed"), still=True, hashed=True)
