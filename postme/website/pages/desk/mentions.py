"""``/desk/mentions/``: mentions waiting for a ruling, one at a time, the page beside the quote; one key a ruling."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from postme import roles
from postme.errors import PostmeError, WrongUse
from postme.keeping.store.queue import AT_ONCE, Queue, Wanted
from postme.office import counsel, deskwork
from postme.record import Quote
from postme.website.pages import desk

_FILTERS = ("place", "technology", "vendor", "certainty", "record", "ruled")
_RULED = ("waiting", "ruled", "yes", "no", "unsure", "all")
# Chosen: what a person needs to rule, mostly; the whole page stands beside it.
_AROUND = 240
_CERTAIN = ("sure", "likely", "unsure")


@desk.opened()
def mentions(request: HttpRequest) -> HttpResponse:
    """The mention at hand with its page; a POST rules on it, on those in the same words too, or takes the last ruling back."""
    queue, wanted = Queue(settings.DATA), _wanted(request)
    if request.method == "POST":
        return _ruled(request, queue, wanted)
    ids, total = queue.matching(wanted)
    at = request.GET.get("at", "")[:16]
    now = at or (ids[0] if ids else "")
    place = ids.index(now) if now in ids else -1
    facts: dict[str, Any] = {
        "wanted": wanted, "query": urlencode(wanted.said()), "total": total, "position": place + 1,
        "before": ids[place - 1] if place > 0 else None, "after": ids[place + 1] if 0 <= place < len(ids) - 1 else (ids[0] if place < 0 and ids else None),
        "places": queue.places(), "vendors": queue.vendors(), "technologies": sorted(counsel.vocabulary()["technologies"]), "ruled": _RULED, "certainties": _CERTAIN,
    }  # fmt: skip
    if not now:
        return desk.page(request, "mentions.html", _("Mentions"), one=None, **facts)
    one = queue.mention(now)
    quote = Quote(one.sha256, one.page, one.start, one.end, one.quote)
    view = None
    try:
        view = deskwork.view(settings.DATA, one.sha256, one.page, (), {one.id: quote})
        trouble = view.note
    except PostmeError as error:
        trouble = error.what
    boxes = []
    if view and view.size:
        wide, high = view.size
        boxes = [
            [f"{part:.1f}" for part in (b.x * wide, b.y * high, b.w * wide, b.h * high)]
            for b in view.boxes.get(one.id, ())
        ]
    text = "".join(part.text for part in view.segments) if view else ""
    around = (text[max(0, one.start - _AROUND) : one.start], text[one.end : one.end + _AROUND])
    standing = next((row for row in one.rulings if row["undone_at"] is None), None)
    return desk.page(
        request, "mentions.html", _("Mentions"), one=one, name=one.name.rsplit("/", 1)[-1], around=around, view=view, trouble=trouble, boxes=boxes, standing=standing, same=queue.same(one), **facts
    )  # fmt: skip


def _wanted(request: HttpRequest) -> Wanted:
    said = {key: request.GET.get(key, "").strip()[:200].replace("\0", "") for key in _FILTERS}
    if said["ruled"] not in _RULED:
        said["ruled"] = "waiting"
    return Wanted(**said)


def _ruled(request: HttpRequest, queue: Queue, wanted: Wanted) -> HttpResponse:
    roles.asked(desk.roles_of(request), "rule")
    now, me = datetime.datetime.now(datetime.UTC), desk.who(request)
    there, said = reverse("desk-mentions"), wanted.said()
    if request.POST.get("answer") == "undo":
        back = queue.undo_last(me, now)
        if not back:
            raise WrongUse("There is no ruling of yours to take back.", where="undo", why="Each person takes back their own.", do="Rule on the mention anew instead.")  # fmt: skip
        messages.success(
            request, ngettext("%(n)s ruling taken back.", "%(n)s rulings taken back.", len(back)) % {"n": len(back)}
        )
        return redirect(f"{there}?{urlencode({**said, 'at': back[0]})}")
    one, after = request.POST.get("mention", "")[:16], request.POST.get("after", "")[:16]
    ids = [one]
    if request.POST.get("batch"):
        ids += [other for other in request.POST.get("same", "")[: 17 * AT_ONCE].split(",") if other and other != one]
    count = queue.rule(
        ids, request.POST.get("answer", ""), why=request.POST.get("why", "").strip()[:2000], who=me, at=now
    )
    messages.success(request, ngettext("%(n)s mention ruled.", "%(n)s mentions ruled.", count) % {"n": count})
    if after and after not in ids:
        said["at"] = after
    return redirect(f"{there}?{urlencode(said)}")
