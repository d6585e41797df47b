"""``/decisions/…``: what is put before the councils, where each stands by the town's own law, and what comes next."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils.translation import gettext

from postme.keeping.store.docket import Docket, TownRow
from postme.keeping.store.ledger import Ledger
from postme.keeping.store.models import Entry
from postme.office import agenda, council, figures, onepage, progress
from postme.proposal import PAPERS, Step
from postme.website.pages import Facts, Page, audits, letters, of_entry, on, page_asked, pages_of, voices

# Chosen: what a page of a list carries.
_SHOWN = 50
# What a reader looks for, and the steps that belong to it.
GROUPS: dict[str, tuple[Step, ...]] = {
    "open": (Step.OPEN,),
    "coming": (Step.SUBMITTED, Step.ADVISORY_REVIEW, Step.NOTICED, Step.HEARD, Step.POSTPONED),
    "in-use": (Step.APPROVED, Step.APPROVED_WITH_CONDITIONS, Step.IN_USE, Step.REPORTED, Step.REVIEWED, Step.RENEWED, Step.EXIGENT, Step.EXISTING),
    "late": (Step.REPORT_DUE, Step.GATE_MISSING),
    "over": (Step.REJECTED, Step.WITHDRAWN, Step.SUSPENDED, Step.ENDED),
}  # fmt: skip


def entries(place: str | None = None) -> list[Entry]:
    """The published proposals, of a place or of all, the last changed first."""
    rows = Entry.objects.visible().filter(kind="decision").select_related("place").order_by("-changed")
    return list((rows.filter(place_id=place) if place else rows)[:500])


def row(entry: Entry, day: datetime.date, towns: Mapping[str, TownRow]) -> dict[str, Any]:
    """A proposal in a list: what, whose, where it stands, and what comes next."""
    facts, now = read(entry, day, towns)
    coming = [each for each in facts["meetings"] if each["on"] >= day.isoformat() and not each["called_off"]]
    return {
        "address": entry.address, "slug": facts["slug"], "title": entry.title, "summary": facts["summary"], "place": facts["place"], "agency": facts["agency"],
        "technologies": facts["technologies"], "fiction": entry.fiction, "step": now["step"], "since": now["since"], "comments_until": now["comments_until"],
        "group": next((name for name, steps in GROUPS.items() if now["step"] in steps), "coming"), "late": _late(now), "meeting": coming[0] if coming else None, "next": _next(now),
    }  # fmt: skip


def _next(now: dict[str, Any]) -> dict[str, Any] | None:
    """The duty that falls due first, of those that are not late."""
    days = [(day.isoformat(), each) for each in now["due"] if not each["days_late"] and (day := agenda.falls(each))]
    if not days:
        return None
    on_, first = min(days, key=lambda one: (one[0], one[1]["law"], one[1]["provision"]))
    return {"on": on_, **{key: first[key] for key in ("what", "law", "name", "provision", "clause")}}


def _late(now: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in now["due"] if each["days_late"]]


def read(entry: Entry, day: datetime.date, towns: Mapping[str, TownRow]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A published proposal's facts, and how they read on a day; ``towns`` are those that run their process here."""
    facts = json.loads(entry.twin)["facts"]
    return facts, progress.kept(entry.twin, day, towns[facts["place"]["id"]])


def towns() -> dict[str, TownRow]:
    """Every town that runs its process here, by its id: one question for a page, however many proposals it shows."""
    return {one.id: one for one in Docket(Ledger(settings.DATA).file).towns()}


def _every(request: HttpRequest) -> Facts:
    day = on(request)
    place, group = request.GET.get("place", ""), request.GET.get("which", "")
    if group and group not in GROUPS:
        raise Http404("There is no such list of decisions. Leave ?which= out.")
    known = towns()
    every = [row(entry, day, known) for entry in entries(place or None)]
    counts = {name: sum(each["group"] == name for each in every) for name in GROUPS}
    shown = [each for each in every if not group or each["group"] == group]
    order = list(GROUPS)
    shown.sort(key=lambda each: (order.index(each["group"]), each["comments_until"] or "", each["title"]))
    page = page_asked(request)
    numbers = pages_of(len(shown), _SHOWN, page)
    return {
        "title": gettext("Have your say"), "description": gettext("What is put before councils, where it stands, and how you can take part."),
        "address": "/decisions/", "on": day.isoformat(), "decisions": shown[(page - 1) * _SHOWN : page * _SHOWN], "count": len(shown), "counts": counts,
        "which": group, "place": place, "page": page, "pages": numbers, "fiction": False,
    }  # fmt: skip


def _one(request: HttpRequest, slug: str) -> Facts:
    address = f"/decisions/{slug}/"
    entry = Entry.objects.filter(address=address, kind="decision").first()
    if entry is None:
        raise Http404("Nothing was ever published at this address.")
    shared, told = of_entry(entry)
    if told is None:
        return shared
    day = on(request)
    facts, now = read(entry, day, towns())
    # From its notice on, what the council has to read is public.
    noticed = any(each["kind"] == "give_notice" and not each["replaced"] for each in facts["deeds"])
    # Where people are heard; a meeting that only votes takes no speakers.
    hears = any("hear" in each["for"] and each["on"] >= day.isoformat() and not each["called_off"] for each in facts["meetings"])  # fmt: skip
    said = voices.tally(slug, [progress.deed_of(each) for each in facts["deeds"] if not each["replaced"]])
    return {
        **facts, **shared, **now, "voices": said, "can_speak": hears and not said["decided"], "letters": letters.about(facts["place"]["id"], address), "papers": onepage.one_page(settings.DATA, slug), "why": figures.why_now(settings.DATA, facts["place"]["id"], gettext), "on": day.isoformat(), "late": _late(now), "later": [each for each in now["due"] if not each["due"] and not each["next_due"] and each["verdict"] != "met"], "steps": [_step(each) for each in facts["deeds"]], "elsewhere": _elsewhere(facts), "coming": [{**each, "packet": noticed and not each["called_off"]} for each in facts["meetings"] if each["on"] >= day.isoformat()],
        "audits": audits.listed(proposal=slug), "votes": [_vote(each) for each in facts["deeds"] if each["votes"] and not each["replaced"]],
        "description": gettext("{body}, {place}: {title}. Where it stands, what the law asks for, and how to take part.").format(
            body=facts["agency"]["name"], place=facts["place"]["name"], title=entry.title
        ),
    }  # fmt: skip


def _step(deed: dict[str, Any]) -> dict[str, Any]:
    """A step of what happened; ``unbacked`` where it says that a paper was published, and nothing says where."""
    return {**deed, "unbacked": not progress.deed_of(deed).backed}


def _elsewhere(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The papers that were published, by the record of the steps, at an address that is none of this decision's own."""
    own = f"/decisions/{facts['slug']}/"
    told = [each for each in facts["deeds"] if each["kind"] in PAPERS and each["evidence"] and not each["replaced"]]
    return [{"name": PAPERS[each["kind"]], "on": each["on"], "at": each["evidence"]} for each in told if not each["evidence"].startswith(own)]  # fmt: skip


def _vote(deed: dict[str, Any]) -> dict[str, Any]:
    return {**deed, "tally": council.tally(each["vote"] for each in deed["votes"])}


EVERY = Page("decisions.html", _every)
ONE = Page("decision.html", _one)
