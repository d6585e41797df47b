"""Taking part in a decision: the form of a comment, what people said, and the receipts by which anybody can follow it."""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from postme import letter, publication, voices
from postme.errors import WrongUse
from postme.keeping.store import heard
from postme.keeping.store.comments import About
from postme.keeping.store.models import Edition, Entry
from postme.office import exporting, wards
from postme.office.voices import SEALED_EVERY, Voices
from postme.proposal import DEEDS, Deed
from postme.voices import Level, Position, Shown
from postme.website import letters, mailing, sending
from postme.website.pages import Facts, Page, logged, page_asked, pages_of

FIELDS = ("position", "part", "text", "name", "shown", "mail")
# Chosen: as the page that finds a ward takes it.
_LONGEST_STREET = 200
_LOG_WAIT = int(SEALED_EVERY.total_seconds() // 60)


def said() -> Voices:
    """What is said on this site."""
    return mailing.voices()


def asked_about(slug: str, own: Voices | None = None) -> About:
    """The public proposal of an address, or a page not found."""
    about = (own or said()).about(slug)
    if about is None:
        raise Http404("There is no such decision here. The list of decisions has every one that is public.")
    return about


def frame(about: About) -> dict[str, Any]:
    """What every page of a proposal's voices names: the proposal, whether it is fiction, and what ended the say of the people on it, if anything did."""
    return {
        "slug": about.slug, "proposal": about.title, "place": about.town_name, "place_id": about.town, "fiction": about.fiction, "contact": settings.CONTACT,
        "decided": told_decided(said().decided(about)),
    }  # fmt: skip


def told_decided(deed: Deed | None) -> dict[str, str] | None:
    """What ended the say of the people, as pages tell it."""
    return {"kind": deed.kind, "on": deed.on.isoformat(), "says": DEEDS[deed.kind].says} if deed else None


def parts(slug: str) -> list[dict[str, str]]:
    """The parts of a proposal's published papers that a comment can be about, each with its name in words."""
    newest: dict[int, Edition] = {}
    for edition in Edition.objects.filter(paper__proposal__slug=slug).exclude(published=None).select_related("paper").order_by("number"):  # fmt: skip
        newest[edition.paper_id] = edition
    return [
        {"id": f"{edition.paper.kind}.{field}"[:120], "paper": edition.paper.kind.replace("_", " "), "field": str(field).replace("_", " ")}
        for edition in newest.values() for field in edition.answers
    ]  # fmt: skip


def worded(faults: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with a comment, in the page's language, numbers and all."""
    told = {key: _(fault) for key, fault in faults.items()}
    if "text" in faults and (length := len(voices.plain(typed.get("text", "")).strip())) > voices.LONGEST:
        told["text"] = _("Write at most {most} characters; these are {n}.").format(most=f"{voices.LONGEST:,}", n=f"{length:,}")  # fmt: skip
    return told


# Nobody is signed in by this form, so there is no authority that a foreign site could misuse, and readers get no cookie.
@csrf_exempt
def comment(request: HttpRequest, slug: str) -> HttpResponse:
    """The form, a preview of what becomes public, and the sending."""
    own = said()
    about = asked_about(slug, own)
    window, post = own.window(about), request.method == "POST"
    # Whoever sends a comment on the whole need not wait for the list of parts.
    known = [] if request.POST.get("step") == "send" and not request.POST.get("part") else parts(slug)
    typed = sending.typed(request, *FIELDS, "street") if post else {"shown": Shown.FULL.value}
    facts: dict[str, Any] = {
        "title": _("Your comment"), "description": "", **frame(about), "window": window, "possible": mailing.possible(), "typed": typed, "parts": known,
        "longest": voices.LONGEST, "rules": voices.RULES, "streets": bool(wards.kept(settings.DATA, about.town).addresses) if request.POST.get("step") != "send" else False,
    }  # fmt: skip
    if not post or not window.open or not mailing.possible():
        return render(request, "comment.html", facts, status=409 if post else 200)
    ready, faults = voices.checked({**typed, "language": get_language() or "en"}, parts=[one["id"] for one in known])
    ward, fault = ward_stated(about, typed["street"])
    if fault:
        ready, faults = None, {**faults, "street": fault}
    elif ward:
        ready = ready and replace(ready, level=Level.ADDRESS, ward=ward)
    if ready is None:
        return render(request, "comment.html", {**facts, "faults": worded(faults, typed)}, status=400)
    if request.POST.get("step") != "send":
        shown = {"said": ready, "name": voices.signed(ready.name, ready.shown)}
        return render(request, "comment.html", {**facts, "preview": shown, "form": sending.form_sign()})
    if sending.machine(request):
        return redirect("receipts")
    if seconds := sending.wait(request):
        return sending.refused(request, "comment.html", facts, seconds)
    try:
        number = own.receive(about, ready, lambda key, number: letters.confirm_comment(about.title, key, number), form=request.POST.get("form", ""))  # fmt: skip
    except WrongUse as error:
        return render(request, "comment.html", {**facts, "trouble": error}, status=409)
    return redirect("receipt", number=number)


def ward_stated(about: About, street: str) -> tuple[str, str]:
    """The ward of a street address that somebody stated, or what is wrong with it; both empty where none was. Nothing of the address is kept."""
    if not street.strip():
        return "", ""
    found = wards.ward_of(settings.DATA, about.town, street.strip()[:_LONGEST_STREET]) if "\0" not in street else None
    if isinstance(found, wards.Found):
        return found.ward, ""
    return "", gettext_noop("The town’s list has no such address. Write it as the town does, or leave it empty.")


# --- what people said ------------------------------------------------------------------------------------------------


def _comments(request: HttpRequest, slug: str) -> Facts:
    about = asked_about(slug)
    position, level = request.GET.get("position", ""), request.GET.get("level", "")
    number = page_asked(request)
    rows, count = heard.listed(slug, position=position, level=level, page=number)
    numbers = pages_of(count, heard.PAGE, number)
    window = said().window(about)
    return {
        "title": _("What people say: {title}").format(title=about.title), "description": _("Every public comment, counted level by level."), "address": f"/decisions/{slug}/comments/",
        **frame(about), "comments": rows, "count": count, "number": number, "numbers": numbers, "position": position, "level": level,
        "tally": heard.tally(slug), "levels": {one.value: says for one, says in voices.LEVELS.items()}, "positions": [one.value for one in Position], "channels": heard.channels(slug),
        "days": heard.time_series(slug), "hours": heard.time_series(slug, by="hour") if request.path.endswith(".json") else [], "answers": heard.answers(slug),
        "state": window.state, "since": window.since.isoformat() if window.since else None, "until": window.until.isoformat() if window.until else None,
    }  # fmt: skip


COMMENTS = Page("comments.html", _comments, aside=("contact",))


def table(request: HttpRequest, slug: str) -> HttpResponseBase:
    """All visible comments of a proposal as CSV."""
    asked_about(slug)
    columns = [(name, "integer" if name in ("version", "leaf") else "string") for name in heard.COLUMNS]
    answer = StreamingHttpResponse(
        exporting.comma_separated(columns, heard.every(slug)), content_type="text/csv; charset=utf-8"
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="comments-{slug}.csv"'
    return answer


def tally(slug: str, deeds: Sequence[Deed]) -> dict[str, Any]:
    """For the page of a decision to which that happened: comments level by level, whether one can be written now, and what ended the say of the people."""
    own = said()
    return {"tally": heard.tally(slug), "levels": list(Level), "open": own.window_of(deeds).open, "latest": heard.latest(slug), "vote": open_vote(slug), "decided": told_decided(own.decided_of(deeds))}  # fmt: skip


def latest(slug: str, most: int = 3) -> list[dict[str, Any]]:
    """The newest visible comments of a proposal."""
    return heard.latest(slug, most)


def time_series(slug: str, by: str = "day") -> list[dict[str, Any]]:
    """How many comments that are visible now were published in each day or hour."""
    return heard.time_series(slug, by=by)


def open_vote(slug: str) -> dict[str, Any] | None:
    """The newest advisory vote on a proposal with its results, open or over; ``None`` where there is none."""
    return heard.vote(slug)


# --- receipts --------------------------------------------------------------------------------------------------------


def _receipts(request: HttpRequest) -> Facts:
    asked = request.GET.get("number", "")
    facts: Facts = {
        "title": _("Look up a receipt"), "description": _("How a comment, a ballot or a signature stands, by the number that its writer was given."), "address": "/receipts/", "asked": asked[:40],
    }  # fmt: skip
    if not asked.strip():
        return facts
    try:
        number = voices.received(asked)
    except WrongUse as error:
        return {**facts, "wrong": error.what, "why": error.why, "do": error.do, "status_code": 400}
    return _receipt(request, number)


def _receipt(request: HttpRequest, number: str) -> Facts:
    try:
        plain = voices.received(number)
    except WrongUse as error:
        return {"title": _("Look up a receipt"), "description": "", "address": "/receipts/", "asked": number[:40], "wrong": error.what, "why": error.why, "do": error.do, "template": "receipts.html", "status_code": 404}  # fmt: skip
    found = heard.receipt(plain)
    if found is None:
        return _signature(plain)
    entry = found.pop("leaf")
    return {
        **found, "title": _("Receipt {number}").format(number=plain), "description": _("How a comment or a ballot stands, by the number that its writer was given."),
        "address": f"/receipts/{plain}/", "template": "said_receipt.html", "entry": entry, "minutes": _LOG_WAIT, "shown": publication.visible(found["state"]),
    }  # fmt: skip


def _signature(number: str) -> Facts:
    found = mailing.signers().receipt(number)
    if found is None:
        raise Http404(
            "No comment, no ballot and no signature has this number. It was never given out here, or was not confirmed within three days and is deleted."
        )
    # A mail of the slow way is still to leave: in how many minutes.
    mail_by = found.pop("mail_by")
    ahead = (
        (datetime.datetime.fromisoformat(mail_by) - datetime.datetime.now(datetime.UTC)).total_seconds()
        if mail_by
        else 0
    )
    return {
        **found, "mail_minutes": math.ceil(ahead / 60) if ahead > 0 else None, "what": "signature", "letter_title": found["title"], "title": _("Receipt {number}").format(number=number), "description": _("How a signature stands, by the number that its signer was given."),
        "address": f"/receipts/{number}/", "template": "signed_receipt.html", "entry": found["leaf"], "leaf": None, "minutes": _LOG_WAIT, "shown": publication.visible(found["state"]), "rule": letter.RULES.get(found["rule"], ""),
    }  # fmt: skip


RECEIPTS = Page("receipts.html", _receipts)
RECEIPT = Page("said_receipt.html", _receipt)


def sealed(request: HttpRequest, number: str) -> HttpResponse:
    """The bytes of a visible comment or ballot whose SHA-256 the log holds."""
    try:
        data = heard.sealed_bytes(voices.received(number)) or mailing.signers().sealed_bytes(number)
    except WrongUse as error:
        raise Http404(error.what) from error
    if data is None:
        raise Http404("Nothing is public under this number.")
    return HttpResponse(data, content_type="application/json", headers={"Cache-Control": "no-cache"})


def _batch(request: HttpRequest, slug: str, number: int) -> Facts:
    entry = Entry.objects.filter(address=f"/decisions/{slug}/voices/{number}/", kind="voices").first()
    if entry is None:
        raise Http404("There is no such batch. The receipt of a comment names the entry of the log that it is in.")
    facts = json.loads(entry.twin)["facts"]
    return {
        **facts,
        "description": _("Salted hashes of comments and ballots."),
        "address": entry.address,
        "slug": slug,
        **logged(entry),
    }


BATCH = Page("voices.html", _batch)
