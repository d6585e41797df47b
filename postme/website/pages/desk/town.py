"""``/desk/town/…``: what a clerk brings of a town: wards and addresses (looked at before they are taken), the council's seats, figures."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from postme.errors import PostmeError, WrongUse
from postme.keeping.store.docket import Docket
from postme.keeping.store.ledger import Ledger
from postme.keeping.store.models import Place
from postme.office import council, counsel, figures, plotting, wards
from postme.website.pages import desk

# Chosen: parts of one shapefile.
_FILES = 6
_TABLES = ("figures", "people", "devices")


@desk.opened("keep town")
def every(request: HttpRequest) -> HttpResponse:
    """The towns that something is known of, to choose from; or one by its id."""
    asked = request.GET.get("place", "").strip()
    if asked:
        return redirect("desk-town", place=_place(asked))
    known = {one.id: one.name for one in Docket(Ledger(settings.DATA).file).towns()}
    known |= {row["id"]: row["name"] for row in Place.objects.visible().values("id", "name")[:500]}
    return desk.page(request, "towns.html", _("Towns"), towns=sorted(known.items(), key=lambda pair: pair[1]))


@desk.opened("keep town")
def town(request: HttpRequest, place: str) -> HttpResponse:
    """What is loaded of a town, and the forms that load it; a POST looks at a file, takes it, or changes a seat."""
    short, more, status = _place(place), {}, 200
    if request.method == "POST":
        step = request.POST.get("step", "")
        try:
            done = desk.step_of(request, _DONE)(request, short)
            if isinstance(done, HttpResponse):
                return done
            more = done
        except PostmeError as error:
            # Said beside the field that it is about, with what was typed: only the file must be chosen again.
            more, status = {"fault": error, "at": step, "typed": request.POST.dict()}, 400
    return _page(request, short, status, **more)


def _page(request: HttpRequest, short: str, status: int = 200, **more: Any) -> HttpResponse:
    today = datetime.datetime.now(datetime.UTC).date()
    kept = wards.kept(settings.DATA, short)
    every_ward = wards.of_town(settings.DATA, short)
    why = figures.why_now(settings.DATA, short)
    shown: dict[str, Any] = {
        "place": short, "name": counsel.place_name(short), "kept": kept, "map": plotting.wards(every_ward) if every_ward else "", "seats": council.members(settings.DATA, short, today), "why": why, "today": today.isoformat(), "limit": settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1000, "typed": {},
    }  # fmt: skip
    return desk.page(request, "town.html", _("The town: {name}").format(name=counsel.place_name(short)), status, **{**shown, **more})  # fmt: skip


def _place(said: str) -> str:
    try:
        known = Place.objects.visible().filter(pk=said).exists()
        return counsel.checked_place(said, any_place=known or wards.fiction(said))
    except (ValueError, WrongUse) as error:
        raise Http404(str(error)) from error


def _brought(request: HttpRequest) -> dict[str, bytes]:
    """The files of a form by their names. Raises WrongUse where none was chosen."""
    sent = request.FILES.getlist("file")
    if not sent:
        raise WrongUse("No file was chosen.", where="file", why="Nothing was loaded.", do="Choose one, then press the button again.")  # fmt: skip
    if len(sent) > _FILES:
        raise WrongUse(f"{len(sent)} files are too many.", where="file", why="A shapefile has at most six parts.", do="Bring the parts of one.")  # fmt: skip
    return {(one.name or "file").replace("\\", "/").rpartition("/")[2][:100]: one.read() for one in sent}


# --- wards and addresses


def _words(request: HttpRequest, key: str) -> str:
    return " ".join(request.POST.get(key, "").split())[:400]


def _look(request: HttpRequest, short: str) -> Mapping[str, Any]:
    """What a file would come to, shown before it is taken; the file waits on the shelf."""
    files = _brought(request)
    name, sha256 = wards.laid_by(settings.DATA, files)
    seen = _seen(request, short, name, sha256)
    keys = ("column", "crs", "source")
    return {"waits": {"name": name, "sha256": sha256, "what": request.POST.get("what", ""), **{key: _words(request, key) for key in keys}}, **seen}  # fmt: skip


def _seen(request: HttpRequest, short: str, name: str, sha256: str) -> dict[str, Any]:
    files = wards.taken_up(settings.DATA, name, sha256)
    column, crs = _words(request, "column"), _words(request, "crs")
    if request.POST.get("what") == "addresses":
        return {"points": wards.looked_at_addresses(settings.DATA, short, files, column, crs)}
    return {"looked": wards.looked(short, files, column, crs)}


def _take(request: HttpRequest, short: str) -> HttpResponse:
    seen = _seen(request, short, request.POST.get("name", ""), request.POST.get("sha256", ""))
    if "points" in seen:
        count = wards.take_addresses(settings.DATA, seen["points"], who=desk.who(request))
        messages.success(request, ngettext("{n} address is loaded.", "{n} addresses are loaded.", count).format(n=count))  # fmt: skip
    else:
        source = _words(request, "source") or request.POST.get("name", "")
        count = wards.take(settings.DATA, seen["looked"], source=source, who=desk.who(request))
        messages.success(request, ngettext("{n} ward is loaded.", "{n} wards are loaded.", count).format(n=count))
    return redirect("desk-town", place=short)


# --- seats


def _enter(request: HttpRequest, short: str) -> HttpResponse:
    council.enter(settings.DATA, short, [council.seat(request.POST.dict())], who=desk.who(request))
    messages.success(request, _("The seat is entered. Everybody can see it."))
    return redirect("desk-town", place=short)


def _seats(request: HttpRequest, short: str) -> HttpResponse:
    new, again = council.enter(settings.DATA, short, council.seats_from(_single(request)), who=desk.who(request))
    messages.success(request, _("{new} seats are new, {again} were verified anew.").format(new=new, again=again))
    return redirect("desk-town", place=short)


def _single(request: HttpRequest) -> dict[str, bytes]:
    files = _brought(request)
    if len(files) != 1:
        raise WrongUse("More than one file was chosen.", where="file", why="One table is loaded at a time.", do="Choose one.")  # fmt: skip
    return files


def _end(request: HttpRequest, short: str) -> HttpResponse:
    council.end(settings.DATA, short, _number(request), request.POST.get("until", ""), who=desk.who(request))
    messages.success(request, _("The seat is ended. The votes of its holder stay."))
    return redirect("desk-town", place=short)


def _verify(request: HttpRequest, short: str) -> HttpResponse:
    council.verify(settings.DATA, short, _number(request), _words(request, "source"), who=desk.who(request))
    messages.success(request, _("It is verified as of today."))
    return redirect("desk-town", place=short)


def _number(request: HttpRequest) -> int:
    said = request.POST.get("seat", "")
    return int(said) if said.isdecimal() and len(said) < 16 else 0


# --- figures


def _figures(request: HttpRequest, short: str) -> HttpResponse:
    what, files = request.POST.get("what", ""), _single(request)
    if what not in _TABLES:
        raise WrongUse("It is not said what this table holds.", where="what", why="It could not be read.", do="Choose one of the three.")  # fmt: skip
    every_ward = wards.of_town(settings.DATA, short)
    if what == "figures":
        rows = figures.yearly(files)
    elif what == "people":
        rows = figures.people(files, [one.name for one in every_ward])
    else:
        rows = figures.devices(files, every_ward, _words(request, "crs"))
    if not rows:
        raise WrongUse("There is no figure in this table.", where="file", why="Nothing was loaded.", do="Check it.")
    figures.take(settings.DATA, short, rows, who=desk.who(request))
    messages.success(request, ngettext("{n} figure is loaded.", "{n} figures are loaded.", len(rows)).format(n=len(rows)))  # fmt: skip
    return redirect("desk-town", place=short)


_DONE: Mapping[str, Any] = {
    "look": _look, "take": _take, "enter": _enter, "seats": _seats, "end": _end, "verify": _verify, "figures": _figures,
}  # fmt: skip
