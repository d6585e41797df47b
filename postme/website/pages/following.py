"""``/follow/``: to be told by mail of a place, a technology, a decision or a search; and the link by which that begins and ends."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from postme import voices
from postme.errors import WrongUse
from postme.website import letters, mailing, noticing, sending
from postme.website.pages.held import linked
from postme.website.pages.voices import said

# Chosen: as long as the table's column.
_LONGEST = 400


# Nobody is signed in by this form, so there is no authority that a foreign site could misuse, and readers get no cookie.
@csrf_exempt
def follow(request: HttpRequest) -> HttpResponse:
    """The form, and the sending of the letter that begins it. What it says does not tell whether an address was known."""
    about = (request.POST if request.method == "POST" else request.GET).get("about", "").strip()
    what = noticing.named(about) if len(about) <= _LONGEST and about.startswith("/") and "\0" not in about else ""
    if not what:
        raise Http404("News can be had of a place, a technology, a decision or a search. Open its page, and follow the link there.")  # fmt: skip
    typed = sending.typed(request, "mail") if request.method == "POST" else {}
    facts: dict[str, Any] = {"title": _("News by mail"), "description": "", "about": about, "what": what, "typed": typed, "possible": mailing.possible()}  # fmt: skip
    if request.method != "POST" or not mailing.possible():
        return render(request, "follow.html", facts)
    mail, fault = voices.addressed(typed["mail"])
    if fault:
        return render(request, "follow.html", {**facts, "faults": {"mail": fault}}, status=400)
    if sending.machine(request):
        return render(request, "follow.html", {**facts, "sent": mail})
    if seconds := sending.wait(request):
        return sending.refused(request, "follow.html", facts, seconds)
    try:
        said().followers.ask(
            about, mail, get_language() or "en", lambda key: letters.confirm_following(what, key), at=datetime.datetime.now(datetime.UTC)
        )  # fmt: skip
    except WrongUse as error:
        return render(request, "follow.html", {**facts, "trouble": error}, status=409)
    return render(request, "follow.html", {**facts, "sent": mail})


@linked
def held(request: HttpRequest, key: str) -> HttpResponse:
    """``/followed/<token>/``: a subscription, for who has it: begin it, end it."""
    followers = said().followers
    step = request.POST.get("step", "") if request.method == "POST" else ""
    if step == "confirm":
        followers.begin(key, at=datetime.datetime.now(datetime.UTC))
    elif step == "end":
        followers.end(key)
    one = followers.of(key)
    return sending.private(request, "held_following.html", {"title": _("News by mail"), "held": one, "what": noticing.named(one.about), "done": step, "key": key})  # fmt: skip


@linked
def end(request: HttpRequest, key: str) -> HttpResponse:
    """``/followed/<token>/end/``: what a mail program sends when somebody presses its button (RFC 8058); opening it only asks."""
    if request.method == "POST":
        said().followers.end(key)
    one = said().followers.of(key)
    return sending.private(request, "held_following.html", {"title": _("News by mail"), "held": one, "what": noticing.named(one.about), "done": "end" if one.state == "ended" else "", "key": key})  # fmt: skip
