"""``/places/<place>/write/``: a letter of one's own to the member who speaks for one's address, sent by one's own mail program; nothing is kept."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from postme import voices
from postme.keeping.store import lettered
from postme.keeping.store.models import Entry
from postme.letter import Text
from postme.office import council, grounds, wards
from postme.website.pages import Facts, on
from postme.website.pages.address import Asked, answered
from postme.website.pages.council import place_of, told_seat
from postme.website.pages.letters import office
from postme.website.templatetags.words import spoken

# Chosen: what a mail program takes from a link, as far as programs say; a longer one is copied.
_LONGEST, _LONGEST_SUBJECT = 4_000, 120
# Chosen: a reader chooses from what they can see at once.
_POINTS = 24


def _one(request: HttpRequest, place: str) -> Facts:
    (short, name, fiction), day = place_of(place), on(request)
    seats = [told for one in council.members(settings.DATA, short, day) if (told := told_seat(one))]
    asked = request.GET.get("to", "")
    to = next((one for one in seats if str(one["number"]) == asked), None)
    if asked and to is None:
        raise Http404("There is no such seat now; the page of the council lists them.")
    facts: Facts = {
        "title": _("Write to your member in {place}").format(place=name), "description": _("Find the council member who speaks for your address in {place}, and write in your own words.").format(place=name),
        "address": f"/places/{short}/write/", "id": short, "name": name, "fiction": fiction, "wards": list(wards.kept(settings.DATA, short).wards), "seats": seats, "points": points(short),
        "to": to, "mail": mail_of(to["contact"]) if to else "", "typed": {}, "faults": {}, "answer": None, "made": None, "chosen": [],
    }  # fmt: skip
    if request.method != "POST":
        return facts
    return facts | (_made(request, facts) if to else answered(request, short, name))


def _made(request: HttpRequest, facts: Facts) -> Facts:
    typed = {key: voices.plain(request.POST.get(key, "")).strip() for key in ("subject", "text")}
    chosen = [one for one in facts["points"] if one["address"] in request.POST.getlist("point")]
    faults = {}
    for key, most in (("subject", _LONGEST_SUBJECT), ("text", _LONGEST)):
        if not typed[key]:
            faults[key] = _("Write what you want to say.")
        elif len(typed[key]) > most:
            faults[key] = _("Write at most {most} characters; these are {n}.").format(most=f"{most:,}", n=f"{len(typed[key]):,}")  # fmt: skip
    told = {"typed": typed, "faults": faults, "chosen": [one["address"] for one in chosen], "status_code": 400 if faults else 200}  # fmt: skip
    if faults:
        return told
    subject = " ".join(typed["subject"].split())
    body = "\n\n".join([typed["text"], *(f"{one['words']}\n{settings.SITE}{one['address']}" for one in chosen)])
    # RFC 6068: line ends are %0D%0A, and nothing but letters, digits and a few signs stands as it is.
    mailto = f"mailto:{quote(facts['mail'], safe='@')}?subject={quote(subject, safe='')}&body={quote(body, safe='').replace('%0A', '%0D%0A')}"  # fmt: skip
    return told | {"made": {"subject": subject, "body": body, "mailto": mailto if facts["mail"] else ""}}


def mail_of(contact: str | None) -> str:
    """The mail address in how a member is reached; empty where there is none.

    >>> mail_of("Office: ward3@mill-falls.example, 555-0100"), mail_of("Room 12"), mail_of(None)
    ('ward3@mill-falls.example', '', '')
    """
    for word in re.split(r"[\s,;<>()]+", contact or ""):
        address, fault = voices.addressed(word.removeprefix("mailto:"))
        if not fault:
            return address
    return ""


def points(place: str) -> list[Facts]:
    """What a letter could point to: the claims of the place's open letters that still rest on something, and what records show its bodies have."""
    claims = tuple(claim for text in lettered.open_texts(place) for claim in text.claims)
    told = [{"words": one["passage"], "address": one["address"]} for one in office().claims(Text("", "", "", "", claims=claims)) if one["state"] in grounds.HOLDS]  # fmt: skip
    told += [_holding(entry) for entry in Entry.objects.visible().filter(kind="holding", place_id=place).order_by("technology", "title").only("address", "twin")[:_POINTS]]  # fmt: skip
    return list({one["address"]: one for one in reversed(told)}.values())[::-1][:_POINTS]


def _holding(entry: Entry) -> dict[str, Any]:
    facts = json.loads(entry.twin)["facts"]
    return {"words": f"{facts['agency']['name']}: {spoken(facts['technology']['name'])} ({spoken(facts['status'])})", "address": entry.address}  # fmt: skip


ONE = Asked("write.html", _one, ("typed", "faults", "answer", "made", "chosen"))
