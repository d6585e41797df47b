"""``/log/`` and ``/verify/``: the public log, its checkpoint and tiles as files, each entry, and how to check a page without trusting us."""

from __future__ import annotations

import datetime
import re

from django.conf import settings
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext

from postme import publication
from postme.errors import WrongUse
from postme.keeping.store.models import Entry, Version
from postme.office import sealing
from postme.website.pages import Facts, Page, page_asked, pages_of

# C2SP tlog-tiles; more than six groups of thousands no log has.
_TILE = re.compile(r"[0-9]{1,2}/(?:x[0-9]{3}/){0,6}[0-9]{3}(?:\.p/[0-9]{1,3})?")
# Chosen: what a reader looks through at once.
_A_PAGE = 50


def _log() -> sealing.Log:
    return sealing.log(settings.DATA, settings.LOG_ORIGIN)


def _every(request: HttpRequest) -> Facts:
    # The log has no gaps, so its newest entry tells its length and where each page begins: nothing is counted or skipped over.
    last = Version.objects.order_by("-leaf").values_list("leaf", flat=True).first()
    count = 0 if last is None else last + 1
    number = page_asked(request)
    numbers = pages_of(count, _A_PAGE, number)
    newest = count - (number - 1) * _A_PAGE
    rows = Version.objects.filter(leaf__lt=newest, leaf__gte=newest - _A_PAGE).select_related("entry").order_by("-leaf")
    rows = rows.defer("twin", "entry__twin").annotate(kept=ExpressionWrapper(Q(twin__isnull=False), BooleanField()))
    log = _log()
    return {
        "title": gettext("The public log"), "description": gettext("Everything that was ever published, corrected, withdrawn or blacked out here, in order, signed."), "address": "/log/",
        "count": count, "number": number, "numbers": numbers, "checkpoint": log.checkpoint(), "key": log.verifier, "origin": log.origin,
        "entries": [_told(row, kept=row.kept) for row in rows],
    }  # fmt: skip


def _told(row: Version, *, kept: bool) -> Facts:
    entry = row.entry
    # The name of what was withdrawn may be what it was withdrawn for.
    named = entry.title if publication.visible(entry.state) else f"Withdrawn {entry.kind}"
    return {
        "index": row.leaf, "what": row.what, "at": row.at.isoformat(), "reason": row.reason, "hash": row.hash, "version": row.number,
        "of": entry.address, "of_title": named, "fiction": entry.fiction, "kept": kept,
    }  # fmt: skip


def _one(request: HttpRequest, leaf: int) -> Facts:
    row = Version.objects.select_related("entry").filter(pk=leaf).first() if leaf < 2**63 else None
    if row is None:
        raise Http404("The log has no entry of this number yet.")
    told = _told(row, kept=row.twin is not None)
    return {
        **told, "title": gettext("Entry {leaf} of the public log").format(leaf=leaf), "description": f"{told['of_title']}: {gettext(row.what)}.", "address": f"/log/{leaf}/",
        "twin": row.twin, "stands": row.entry.leaf == row.leaf, "leaf": row.leaf,
    }  # fmt: skip


def _verify(request: HttpRequest) -> Facts:
    log = _log()
    return {
        "title": gettext("Check it yourself"), "description": gettext("How to check a page of this site without trusting the site."), "address": "/verify/",
        "key": log.verifier, "origin": log.origin, "site": settings.SITE, "day": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }  # fmt: skip


def _text(words: str) -> HttpResponse:
    return HttpResponse(
        words,
        content_type="text/plain; charset=utf-8",
        headers={"Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*"},
    )


def checkpoint(request: HttpRequest) -> HttpResponse:
    """``/log/checkpoint``: the newest checkpoint, signed (C2SP tlog-checkpoint)."""
    return _text(_log().checkpoint())


def key(request: HttpRequest) -> HttpResponse:
    """``/log/key``: the log's public key (C2SP signed-note verifier key)."""
    return _text(_log().verifier + "\n")


def tile(request: HttpRequest, path: str) -> HttpResponseBase:
    """``/log/tile/…``: a tile of hashes (C2SP tlog-tiles); it never changes."""
    place = _log().tile(path) if _TILE.fullmatch(path) else None
    if place is None:
        raise Http404("The log has no such tile.")
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Access-Control-Allow-Origin": "*"}
    return FileResponse(place.open("rb"), content_type="application/octet-stream", headers=headers)


def proof(request: HttpRequest, address: str) -> HttpResponse:
    """``X.proof``: that the page X stands in the log (C2SP tlog-proof), for every page whose ``.json`` is an entry of the log."""
    entry = Entry.objects.filter(address=f"/{address}/").only("leaf").first()
    if entry is None:
        raise Http404(
            "This page is put together from entries of the log and is none itself: check the entries that it lists."
        )
    try:
        return _text(_log().proof(entry.leaf))
    except WrongUse as error:
        raise Http404(error.what) from error


EVERY = Page("log.html", _every, still=True)
ONE = Page("log_entry.html", _one)
VERIFY = Page("verify.html", _verify)
