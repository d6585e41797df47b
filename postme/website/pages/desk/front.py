"""``/desk/``: what waits, in numbers."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from postme import roles
from postme.keeping.store.queue import Queue
from postme.keeping.store.reports import Reports
from postme.office import counsel
from postme.website.pages import desk


def front(request: HttpRequest) -> HttpResponseBase:
    """What waits for whom; whoever acts for a coalition alone is led to its letters."""
    own = desk.roles_of(request)
    if roles.may(own, "see letters") and not roles.may(own, "see desk"):
        return redirect("desk-openletters")
    return _waiting(request)


@desk.opened()
def _waiting(request: HttpRequest) -> HttpResponse:
    press, me = desk.press(), desk.who(request)
    queue = Queue(settings.DATA)
    drafts = press.ledger.drafts("submitted", "returned", "draft")
    reports = Reports(queue.file).waiting()
    today = datetime.datetime.now(datetime.UTC).date()
    return desk.page(
        request, "front.html", "The desk",
        mentions=[{"place": place, "name": counsel.place_name(place) if place else "", "count": count} for place, count in queue.waiting_by_place()],
        places=[{"id": one, "name": counsel.place_name(one)} for one in queue.places()],
        second=[one for one in drafts if one.state == "submitted" and one.author != me],
        own=[one for one in drafts if one.author == me],
        redactions=press.redactions.of("", "asked"), reports=reports, today=today, overdue=sum(one.due < today for one in reports),
    )  # fmt: skip
