"""``/wrong/``: *something wrong here?* and the right of reply, without an account; and the receipt by which it is followed."""

from __future__ import annotations

import datetime
import hashlib
import re
import secrets
import time
from collections import OrderedDict
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from postme import moderation, publication
from postme.errors import WrongUse
from postme.keeping.store.ledger import Ledger
from postme.keeping.store.models import Agency, Entry, Place
from postme.keeping.store.reports import Reports
from postme.moderation import Sent
from postme.office import counsel
from postme.place import placed
from postme.website import pace

# Chosen: a person corrects a slip or two; a machine would send hundreds.
_TRIES, _SPAN = 6, 600
# Addresses are known here only as a hash with a salt of this process, in memory, and for ten minutes.
_SALT = secrets.token_bytes(16)
# The sign of one form, as this page makes it: 128 random bits, so that no two people have the same.
_FORM = re.compile(r"[0-9a-f]{32}")
_seen: OrderedDict[bytes, list[float]] = OrderedDict()


# Nobody is signed in by this form, so there is no authority that a foreign site could misuse, and readers get no cookie.
@csrf_exempt
def wrong(request: HttpRequest) -> HttpResponse:
    """The form, a preview of what becomes public, and the sending."""
    post = request.POST
    about = (post if request.method == "POST" else request.GET).get("about", "").strip()
    known = subject(about)
    if known is None:
        raise Http404(
            "Reports are about a page of a place, an agency, a holding, a record, a decision or a letter. Open that page, and follow the link at its foot."
        )
    typed = (
        {key: post.get(key, "") for key in ("kind", "text", "name", "contact")}
        if request.method == "POST"
        else {"kind": request.GET.get("kind", "error")}
    )
    facts: dict[str, Any] = {
        "title": _("Something wrong here?"), "description": "", "about": about, "subject": known, "typed": typed, "days": moderation.DAYS, "longest": moderation.LONGEST,
        "rules": moderation.RULES,
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "wrong.html", facts)
    sent, faults = moderation.checked(
        about=about, kind=typed["kind"], text=typed["text"], name=typed["name"], contact=typed["contact"]
    )
    if sent is None:
        return render(request, "wrong.html", {**facts, "faults": faults}, status=400)
    now = datetime.datetime.now(datetime.UTC)
    due = moderation.due(now.date(), known["state"])
    if post.get("step") != "send":
        return render(request, "wrong.html", {**facts, "preview": sent, "due": due, "form": secrets.token_hex(16)})
    # A field that nobody sees is filled in by machines only; they are told what everybody is told, and nothing is kept.
    if post.get("website"):
        return redirect("wrong-receipt", token=secrets.token_hex(16))
    if _too_often(request):
        again = {"preview": sent, "due": due, "form": post.get("form", ""), "often": True}
        refused = render(request, "wrong.html", {**facts, **again}, status=429)
        refused.headers["Retry-After"] = str(_SPAN)
        return refused
    kept = Reports(Ledger(settings.DATA).file).receive(
        sent, token=_token(post.get("form", ""), sent), at=now, due=due.day
    )
    return redirect("wrong-receipt", token=kept.token)


def _token(form: str, sent: Sent) -> str:
    """The receipt's token: its own for each report, and the same for one form that was sent twice with the same words.

    It is made with the site's secret, so that nobody who chooses a form's sign chooses a receipt's address.
    """
    if not _FORM.fullmatch(form):
        return secrets.token_hex(16)
    words = "\0".join((form, sent.about, sent.kind.value, sent.text, sent.name, sent.contact))
    return salted_hmac("postme.wrong.receipt", words, algorithm="sha256").hexdigest()[:32]


def receipt(request: HttpRequest, token: str) -> HttpResponse:
    """``/wrong/<token>/``: how a report stands, for whoever has its address."""
    found = Reports(Ledger(settings.DATA).file).of_token(token)
    if found is None:
        raise Http404("There is no report at this address. Copy the address whole.")
    day = found.received.date()
    known = subject(found.about)
    working = moderation.due(day, known["state"] if known else None).working
    facts = {"title": _("Your report"), "description": "", "report": found, "working": working, "subject": known}
    answer = render(request, "receipt.html", facts)
    # Whoever has this address reads the report: it is not to be told to another site, nor found by a search.
    answer.headers["Referrer-Policy"], answer.headers["X-Robots-Tag"], answer.headers["Cache-Control"] = (
        "no-referrer",
        "noindex",
        "no-store",
    )
    return answer


def subject(about: str) -> dict[str, Any] | None:
    """What a report may be about: a public page of a place, an agency, or anything that was published, by its own address."""
    if len(about) > moderation.LONGEST_ABOUT or "\0" in about or not about.startswith("/") or not about.endswith("/"):
        return None
    entry = Entry.objects.select_related("place").filter(address=about).first()
    if entry is not None:
        return {
            "title": entry.title if publication.visible(entry.state) else about,
            "state": entry.place.state[3:] if entry.place else None,
            "fiction": entry.fiction,
        }
    kind, _sign, rest = about.strip("/").partition("/")
    if kind == "agencies" and (body := Agency.objects.visible().select_related("place").filter(pk=rest).first()):
        return {
            "title": f"{body.name}, {body.place.name}",
            "state": body.place.state[3:],
            "fiction": body.place.fiction,
        }
    if kind == "places" and rest:
        try:
            short = placed(rest).short
            row = Place.objects.visible().filter(pk=short).first()
            name = row.name if row else counsel.place_name(counsel.checked_place(short))
        except (ValueError, WrongUse):
            return None
        return {"title": name, "state": placed(short).state, "fiction": bool(row and row.fiction)}
    return None


def _too_often(request: HttpRequest) -> bool:
    """Whether one address sends too often; known for ten minutes, in memory, as a salted hash."""
    now = time.monotonic()
    key = hashlib.blake2b(pace.visitor(request).encode("utf-8", "replace"), key=_SALT, digest_size=12).digest()
    tries = [one for one in _seen.pop(key, []) if now - one < _SPAN]
    _seen[key] = [*tries, now][-_TRIES - 1 :]
    while len(_seen) > 10_000:
        _seen.popitem(last=False)
    return len(tries) >= _TRIES
