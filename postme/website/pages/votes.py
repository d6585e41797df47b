"""The advisory vote on a decision, and the sheet of those who want to speak at its hearing."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from postme import voices
from postme.errors import WrongUse
from postme.keeping.store import heard
from postme.keeping.store.comments import About
from postme.office import wards
from postme.office.receipts import still
from postme.voices import LONGEST_NAME, Position
from postme.website import letters, mailing, sending
from postme.website.pages import Facts, Page
from postme.website.pages.voices import asked_about, frame, said, ward_stated

# Chosen: a line on the clerk's sheet.
_LONGEST_NEEDS = 300


def _vote(request: HttpRequest, slug: str) -> Facts:
    about = asked_about(slug)
    vote = heard.vote(slug)
    if vote is None:
        raise Http404("No question was put to the people on this decision.")
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return {
        "title": _("Advisory vote: {title}").format(title=about.title), "description": _("The exact question, and the answers level by level. It binds nobody."), "address": f"/decisions/{slug}/vote/",
        **frame(about), **vote, "open": vote["opens"] <= today and vote["closes"] >= still().isoformat(), "levels": {one.value: says for one, says in voices.LEVELS.items()},
        "positions": [one.value for one in Position], "possible": mailing.possible(), "typed": {}, "streets": bool(wards.kept(settings.DATA, about.town).addresses),
    }  # fmt: skip


VOTE = Page(
    "advisory_vote.html", _vote, aside=("contact", "possible", "typed", "streets", "faults", "preview", "form", "often")
)


# Nobody is signed in by this form, so there is no authority that a foreign site could misuse, and readers get no cookie.
@csrf_exempt
def cast(request: HttpRequest, slug: str) -> HttpResponse:
    """What the form of an advisory vote is sent to: first a look, then the mail that confirms it."""
    if request.method != "POST":
        return redirect("advisory-vote", slug=slug)
    facts = _vote(request, slug)
    typed = sending.typed(request, "choice", "mail", "street")
    mail, fault = voices.addressed(typed["mail"])
    faults = {"mail": fault} if fault else {}
    if typed["choice"] not in set(Position):
        faults["choice"] = "Choose one of the three."
    about = asked_about(slug)
    ward, wrong = ward_stated(about, typed["street"])
    if wrong:
        faults["street"] = wrong
    facts = {**facts, "typed": typed}
    if faults:
        return render(request, "advisory_vote.html", {**facts, "faults": faults}, status=400)
    if request.POST.get("step") != "send":
        return render(request, "advisory_vote.html", {**facts, "preview": {"choice": typed["choice"], "mail": mail, "ward": ward}, "form": sending.form_sign()})  # fmt: skip
    if sending.machine(request):
        return redirect("receipts")
    if seconds := sending.wait(request):
        return sending.refused(request, "advisory_vote.html", facts, seconds)
    try:
        number = said().cast(
            about, facts["id"], Position(typed["choice"]), mail, request.POST.get("sha256", ""), lambda key, number: letters.confirm_ballot(about.title, key, number),
            form=request.POST.get("form", ""), ward=ward,
        )  # fmt: skip
    except WrongUse as error:
        return render(request, "advisory_vote.html", {**facts, "trouble": error}, status=409)
    return redirect("receipt", number=number)


@csrf_exempt
def speak(request: HttpRequest, slug: str) -> HttpResponse:
    """The sheet of those who want to speak at a hearing: the form, a look at it, and the sending."""
    about = asked_about(slug)
    meetings = said().hearings(about)
    typed = sending.typed(request, "meeting", "name", "position", "needs") if request.method == "POST" else {}
    facts: dict[str, Any] = {
        "title": _("Speak at the hearing"), "description": "", **frame(about), "meetings": meetings, "typed": typed, "most": LONGEST_NAME, "most_needs": _LONGEST_NEEDS,
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "speak.html", facts)
    if not meetings:  # the form was open when the last one was moved, called off or begun
        return render(request, "speak.html", {**facts, "refused": _no_meeting(about, typed["meeting"])}, status=409)
    name, needs = (" ".join(voices.plain(typed[key]).split()) for key in ("name", "needs"))
    chosen = next((one for one in meetings if str(one["id"]) == typed["meeting"]), None)
    faults = {
        **({} if chosen else {"meeting": _no_meeting(about, typed["meeting"])}),
        **({} if typed["position"] in set(Position) else {"position": "Choose one of the three."}),
        **({} if 0 < len(name) <= LONGEST_NAME else {"name": "Write the name by which you are called up."}),
        **({} if len(needs) <= _LONGEST_NEEDS else {"needs": f"Write at most {_LONGEST_NEEDS} characters."}),
    }
    if faults or chosen is None:
        return render(request, "speak.html", {**facts, "faults": faults}, status=400)
    if request.POST.get("step") != "send":
        return render(request, "speak.html", {**facts, "preview": {"name": name, "needs": needs, "position": typed["position"], "meeting": chosen}})  # fmt: skip
    if sending.machine(request):
        return redirect("receipts")
    if seconds := sending.wait(request):
        return sending.refused(request, "speak.html", facts, seconds)
    try:
        key = said().speak(
            chosen["id"], about, name=name, position=Position(typed["position"]), needs=needs, language=get_language() or "en"
        )  # fmt: skip
    except WrongUse as error:
        return render(request, "speak.html", {**facts, "faults": {"meeting": error.what}}, status=409)
    return redirect("spoke", key=key)


def _no_meeting(about: About, said_: str) -> str:
    """Why nobody can be put on the sheet of the meeting that a form names."""
    number = int(said_) if said_.isascii() and said_.isdigit() and len(said_) < 10 else 0
    return said().no_speaking(about, number) if number else "Choose a meeting."
