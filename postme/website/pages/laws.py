"""``/laws/``: every law on a day, as a map and a table; one law clause by clause; and the words that laws use."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.utils.translation import gettext

from postme.day import Day
from postme.errors import WrongUse
from postme.law import Event, Law
from postme.lawshape import SUBJECTS, TOPICS
from postme.office import counsel, wording
from postme.rule import YEARS
from postme.website.pages import Facts, Page, maps
from postme.website.pages.ask import address_of_case

FORCES = ("in_force", "not_yet", "ended", "unknown", "not_adopted")
_ORDERS = ("place", "since", "kind")


def today() -> datetime.date:
    """The day on which a page without ``?on=`` is asked."""
    return datetime.datetime.now(datetime.UTC).date()


def day_asked(request: HttpRequest) -> tuple[datetime.date, str, str]:
    """The day of ``?on=``, what was typed, and what is wrong with it; where something is, the day is today."""
    typed = request.GET.get("on", "").strip()[:40]
    if not typed:
        return today(), "", ""
    try:
        day = datetime.date.fromisoformat(typed)
    except ValueError:
        return today(), typed, gettext("This is no day. Write it as 2021-02-12: year, month, day.")
    if day.year not in YEARS:
        return today(), typed, gettext("Choose a day between the years 1800 and 2999.")
    return day, typed, ""


def _every(request: HttpRequest) -> Facts:
    day, typed, error = day_asked(request)
    asked = {key: request.GET.get(key, "") for key in ("by", "subject", "state", "force")}
    every = counsel.every()
    subject = asked["subject"] if asked["subject"] in SUBJECTS else ""
    states = {
        law.place.state or "us": wording.place(f"us/{law.place.state}" if law.place.state else "us", gettext)
        for law in every
    }
    state = asked["state"] if asked["state"] in states else ""
    chosen = [law for law in every if subject in ("", law.subject) and state in ("", law.place.state or "us")]
    rows = [_row(law, day) for law in chosen]
    counts = Counter(row["force"] for row in rows)
    force = asked["force"] if asked["force"] in FORCES else ""
    by = asked["by"] if asked["by"] in _ORDERS else "place"
    shown = sorted(
        (row for row in rows if row["force"] == force or (not force and row["force"] != "not_adopted")),
        key=lambda row: (_rank(row, by), row["name"]),
    )
    country = maps.country(day, subject or None)
    kept = {"by": by if by != "place" else "", "subject": subject, "state": state, "force": force}
    return {
        "title": gettext("What the law says"), "map": country, "on_the_map": [maps.place(row) for row in country.rows], "address": "/laws/", "on": day.isoformat(), "today": today().isoformat(), "typed": typed, "error": error,
        "description": gettext("Every law on surveillance technology and military equipment that is known here, with the day it began and how sure that is."),
        "laws": shown, "counts": {one: counts[one] for one in FORCES}, "known": len(rows), "places": len({row["place"]["id"] for row in rows}),
        "fictional": sum(row["fiction"] for row in rows), "by": by, "filter": kept, "moves": _moves(chosen, day, kept), "dates": _dates(chosen, day, kept),
        "subjects": sorted({law.subject for law in every}), "states": dict(sorted(states.items(), key=lambda pair: pair[1])), "status_code": 400 if error else 200,
        "sorts": {order: _address(kept | {"by": order}, day) for order in _ORDERS}, "forces": {one: _address(kept | {"force": one if one != force else ""}, day) for one in FORCES},
    }  # fmt: skip


def _row(law: Law, day: datetime.date) -> dict[str, Any]:
    state = law.place.state
    return {
        "id": law.id, "name": law.name, "subject": law.subject, "instrument": law.instrument, "what": law.what, "force": wording.force(law, day), "starts": str(law.starts),
        "ends": str(law.ends) if law.ends else None, "vote": law.adopted.vote, "sure": law.adopted.sure.value, "text_seen": law.text_seen,
        "place": {"id": law.place.short, "name": wording.place(law.place.short, gettext), "state": state, "state_name": wording.place(f"us/{state}", gettext) if state else wording.place("us", gettext)},
        "fiction": state == wording.FICTION, "first": (law.starts.first or law.starts.last or datetime.date.max).isoformat(),
    }  # fmt: skip


def _rank(row: dict[str, Any], by: str) -> tuple[Any, ...]:
    where = (row["fiction"], row["place"]["state_name"], row["place"]["name"])
    return {"since": (row["first"], *where), "kind": (SUBJECTS.index(row["subject"]), *where)}.get(by, where)


def _address(kept: dict[str, str], day: datetime.date) -> str:
    """The page's query for a day with the same choices."""
    given = {key: value for key, value in kept.items() if value}
    return "?" + urlencode({"on": day.isoformat(), **given})


def _dates(chosen: Iterable[Law], day: datetime.date, kept: dict[str, str]) -> list[dict[str, Any]]:
    """One day for each year since the first law: its last, or today."""
    now = today()
    first = min((turn.year for law in chosen for turn in wording.turns(law)), default=now.year)
    years = [(year, min(datetime.date(year, 12, 31), now)) for year in range(max(first, now.year - 20), now.year + 1)]
    return [
        {"year": year, "on": end.isoformat(), "address": _address(kept, end), "current": end.year == day.year}
        for year, end in years
    ]


def _moves(chosen: Iterable[Law], day: datetime.date, kept: dict[str, str]) -> dict[str, Any]:
    """The changes before and after a day: when, and where to see the page on that day."""
    turns = sorted(frozenset().union(*(wording.turns(law) for law in chosen)))
    before = [turn for turn in turns if turn < day]
    after = [turn for turn in turns if turn > day]
    return {
        name: {"on": turn.isoformat(), "address": _address(kept, turn)} if turn else None
        for name, turn in (("previous", before[-1] if before else None), ("next", after[0] if after else None))
    }


# --- one law ---------------------------------------------------------------------------------------------------------


def _one(request: HttpRequest, law: str) -> Facts:
    try:
        one = counsel.law(law)
    except WrongUse as error:
        raise Http404(str(error)) from error
    day, typed, error_ = day_asked(request)
    printed = counsel.printed(one)
    stands = {it.id: it.stands(day) for it in one.provisions}
    fiction = one.place.state == wording.FICTION
    return {
        "title": one.name, "description": one.what, "address": f"/laws/{one.id}/", "fiction": fiction, "on": day.isoformat(), "typed": typed, "error": error_,
        "law": printed, "names": dict(wording.names(one)), "place": {"id": one.place.short, "name": wording.place(one.place.short, gettext)},
        "force": wording.force(one, day), "is_model": one.instrument == "model", "stands": stands, "topics": _topics(printed["provisions"]),
        "timeline": timeline(one), "duties": [it for it in printed["provisions"] if "duty" in it["does"]],
        "texts": [source.address for source in one.sources.values() if source.text], "sources": [source.address for source in one.sources.values()],
        "cases": [{"says": case.says, "answer": case.answer, "address": address_of_case(case, one)} for case in one.cases],
        "sha256": hashed(printed), "status_code": 400 if error_ else 200,
    }  # fmt: skip


def hashed(printed: dict[str, Any]) -> str:
    """The SHA-256 of a law as its twin has it under ``law``: keys sorted, no spaces, UTF-8 (``jq -cS .law``, without the last line break)."""
    return hashlib.sha256(
        json.dumps(printed, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    ).hexdigest()


def _topics(provisions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The clauses' ids by topic, in the order in which people ask: what may not be done before what words mean."""
    last = ("purpose", "definitions")
    order = [*(one for one in TOPICS if one not in last), *last]
    found = {topic: [one["id"] for one in provisions if one["topic"] == topic] for topic in order}
    return [{"id": topic, "provisions": ids} for topic, ids in found.items() if ids]


def timeline(law: Law) -> list[dict[str, Any]]:
    """What happened to a law, in order; what has no day stands last."""
    every = [
        *((event.on, _told(law, event, event.what)) for event in law.events),
        (law.adopted.on, _told(law, law.adopted, "published" if law.instrument == "model" else "adopted")),
    ]
    if law.ends:
        ended: dict[str, Any] = {
            "on": str(law.ends),
            "what": "it ends",
            "vote": None,
            "effective": None,
            "sure": None,
            "sources": [],
            "note": "",
        }
        every.append((law.ends, ended))
    return [entry for _, entry in sorted(every, key=lambda pair: _when(pair[0]))]


def _when(day: Day) -> tuple[datetime.date, datetime.date]:
    """Where a day stands among others: by the last that it may be, where that is told."""
    return day.last or day.first or datetime.date.max, day.first or datetime.date.max


def _told(law: Law, event: Event, what: str) -> dict[str, Any]:
    return {
        "on": str(event.on), "what": what, "vote": event.vote, "effective": str(event.effective) if event.effective.known else None,
        "sure": event.sure.value, "sources": [law.sources[key].address for key in event.sources], "note": event.note,
    }  # fmt: skip


# --- words -----------------------------------------------------------------------------------------------------------


def _words(request: HttpRequest) -> Facts:
    every = counsel.vocabulary()
    kinds = [
        {"id": kind, "words": [{"id": id_, "says": says} for id_, says in sorted(entries.items())]}
        for kind, entries in every.items()
    ]
    return {
        "title": gettext("The words that laws and questions use"), "address": "/laws/words/", "kinds": kinds,
        "description": gettext("Bodies, acts, purposes, facts and technologies, each with what it means here."),
    }  # fmt: skip


EVERY = Page("laws.html", _every, ("map",), still=True)
ONE = Page("law.html", _one, ("typed",), still=True, hashed=True)
WORDS = Page("law_words.html", _words, still=True)
