"""``/places/<place>/address/``: from a street address or a pin to the ward, the member who speaks for it, and the next meeting.

What is asked is sent by POST, so that it stands in no address, no log and no history of the site. It is used for the
answer and kept nowhere.
"""

from __future__ import annotations

import math
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from postme.office import figures, plotting, wards
from postme.office.wards import Candidates, Found
from postme.website.pages import Facts, Page, on
from postme.website.pages.council import meeting_of, place_of, told_seat

# Chosen: nobody's address is longer, and no number of a pin.
_LONGEST, _DIGITS = 200, 30


class Asked(Page):
    """A page that also answers a form; the answer is this reader's own and is kept by nobody."""

    def html(self, request: HttpRequest, **address: Any) -> HttpResponse:
        """The form, and the answer to what was sent."""
        response = Page.html(self, request, **address)
        if request.method == "POST":
            response.headers["Cache-Control"], response.headers["X-Robots-Tag"] = "no-store", "noindex"
        return response

    # Nobody is signed in by this form, so there is no authority that a foreign site could misuse, and readers get no cookie.
    html.csrf_exempt = True  # type: ignore[attr-defined]


def _one(request: HttpRequest, place: str) -> Facts:
    (short, name, fiction), day = place_of(place), on(request)
    kept = wards.kept(settings.DATA, short)
    facts: Facts = {
        "title": gettext("Who speaks for your address in {place}").format(place=name), "description": gettext("Find your ward in {place}, the council member who speaks for it, and the next meeting.").format(place=name),
        "address": f"/places/{short}/address/", "id": short, "name": name, "fiction": fiction, "wards": list(kept.wards), "source": kept.source or None,
        "loaded": kept.loaded.isoformat() if kept.loaded else None, "addresses": kept.addresses, "meeting": meeting_of(short, day),
        "map": _map(short, "", name) if kept.wards else "", "typed": {}, "faults": {}, "answer": None,
    }  # fmt: skip
    return facts | answered(request, short, name) if request.method == "POST" else facts


def _map(short: str, here: str, name: str) -> str:
    every = wards.of_town(settings.DATA, short)
    return plotting.wards(every, here, gettext("The wards of {place}").format(place=name)) if every else ""


def answered(request: HttpRequest, short: str, name: str) -> Facts:
    """What was typed, what is wrong with it, and the answer; nothing of it is kept."""
    typed = {key: request.POST.get(key, "").strip() for key in ("street", "longitude", "latitude")}
    faults: dict[str, str] = {}
    found: wards.Answer | None = None
    if typed["longitude"] or typed["latitude"]:
        spot = _spot(typed, faults)
        if spot:
            found = wards.ward_at(settings.DATA, short, *spot)
    elif not typed["street"]:
        faults["street"] = gettext("Write your street address, with its number.")
    elif len(typed["street"]) > _LONGEST or "\0" in typed["street"]:
        faults["street"] = gettext("That is no street address.")
    else:
        found = wards.ward_of(settings.DATA, short, typed["street"])
    told = {"typed": {key: value[:_LONGEST] for key, value in typed.items()}, "faults": faults, "answer": _told(found, short), "status_code": 400 if faults else 200}  # fmt: skip
    return told | ({"map": _map(short, found.ward, name)} if isinstance(found, Found) else {})


def _spot(typed: dict[str, str], faults: dict[str, str]) -> tuple[float, float] | None:
    found = []
    for key, most in (("longitude", 180.0), ("latitude", 90.0)):
        said = typed[key].replace("−", "-").replace(",", ".")
        try:
            value = float(said[:_DIGITS])
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or abs(value) > most:
            faults[key] = gettext("Write it as a number of degrees, such as {example}.").format(example="-93.2638" if key == "longitude" else "44.9800")  # fmt: skip
        else:
            found.append(value)
    return (found[0], found[1]) if len(found) == 2 else None


def _told(found: wards.Answer | None, short: str) -> Facts | None:
    if found is None:
        return None
    if isinstance(found, Found):
        return {
            "kind": "found", "ward": found.ward, "seat": told_seat(found.seat), "at_large": [told_seat(one) for one in found.at_large],
            "devices": _devices(short, found.ward),
        }  # fmt: skip
    if isinstance(found, Candidates):
        return {"kind": "candidates", "near": list(found.near)}
    return {"kind": "nothing", "why": found.why}


def _devices(short: str, ward: str) -> Facts | None:
    """What the town's own figures say stands in the ward."""
    why = figures.why_now(settings.DATA, short)
    own = why["standing"] if why else None
    return next((one for one in own["wards"] if one["ward"] == ward), None) if own else None


ONE = Asked("address.html", _one, ("map", "typed", "faults", "answer"))
