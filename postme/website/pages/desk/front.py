"""``/desk/``: what waits, for each role what is theirs."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from postme import roles
from postme.keeping.store.queue import Queue
from postme.keeping.store.reports import Reports
from postme.office import counsel
from postme.office.batches import Batches
from postme.office.press import Press
from postme.website.pages import desk
from postme.website.pages.desk.obligations import owed
from postme.website.pages.desk.process import work

# Chosen: what a first page shows of each kind.
_SHOWN, _ITEMS = 5, 10
# Chosen: of more proposals than these, what is due is worked out on its own page alone.
_JUDGED = 100


def front(request: HttpRequest) -> HttpResponseBase:
    """What waits for whom; whoever acts for a coalition alone is led to its letters."""
    own = desk.roles_of(request)
    if roles.may(own, "see letters") and not roles.may(own, "see desk"):
        return redirect("desk-openletters")
    return _waiting(request)


@desk.opened()
def _waiting(request: HttpRequest) -> HttpResponse:
    press, me, own = desk.press(), desk.who(request), desk.roles_of(request)
    today = datetime.datetime.now(datetime.UTC).date()
    facts: dict[str, Any] = {"today": today, "own": [one for one in press.ledger.drafts("submitted", "returned", "draft") if one.author == me]}  # fmt: skip
    facts["reads"] = any(roles.may(own, act) for act in ("rule", "redact", "give roles"))
    facts["processes"] = any(roles.may(own, act) for act in ("propose", "accept proposal"))
    # Everybody of a town's process; whoever reads for all of them has the pages of their own.
    facts["meets"] = facts["processes"] or "advisory" in own or "council" in own
    if facts["reads"]:
        facts |= _read(press, me, today)
    if facts["processes"] or facts["meets"]:
        facts |= _town(work(), me, own, today, due=facts["processes"])
    return desk.page(request, "front.html", "The desk", **facts)


def _read(press: Press, me: str, today: datetime.date) -> dict[str, Any]:
    """What records say and what the public reports."""
    queue = Queue(settings.DATA)
    reports = Reports(queue.file).waiting()
    return {
        "mentions": [{"place": place, "name": counsel.place_name(place) if place else "", "count": count} for place, count in queue.waiting_by_place()],
        "places": [{"id": one, "name": counsel.place_name(one)} for one in queue.places()], "second": [one for one in press.ledger.drafts("submitted") if one.author != me],
        "redactions": press.redactions.of("", "asked"), "reports": reports, "overdue": sum(one.due < today for one in reports),
    }  # fmt: skip


def _town(office: Batches, me: str, own: tuple[str, ...], today: datetime.date, *, due: bool) -> dict[str, Any]:
    """What was handed in and waits, what is due next, and the meetings ahead."""
    ahead = [one for one in office.meetings.several(since=today) if not one.called_off][:_SHOWN]
    asked = {slug for one in ahead for slug, _kind in one.items}
    on_it = {row["slug"]: row for row in office.docket.laid(None, public=True, slug__in=asked)} if asked else {}
    told: dict[str, Any] = {
        "meetings": [
            {"meeting": one, "packet": any("give_notice" in row["done"] for row in rows), "items": rows[:_ITEMS], "more": len(rows) > _ITEMS}
            for one in ahead
            if (rows := [on_it[slug] for slug in dict.fromkeys(slug for slug, _kind in one.items) if slug in on_it]) or due
        ]
    }  # fmt: skip
    if due:
        clerk = roles.may(own, "accept proposal")
        told["handed"] = [row for row in office.docket.laid(None, public=False) if "submit" in row["done"] and (clerk or row["author"] == me)]  # fmt: skip
        few = len(office.docket.laid(None, public=True)) <= _JUDGED
        told["due"] = owed(office, today)[:_SHOWN] if few else None
    return told
