"""``/records/…``: a record's page as a picture beside its text, every published quote marked in both, and where it came from."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count, F
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext

from postme import holding
from postme.errors import PostmeError, WrongUse
from postme.keeping.store.models import Entry, Evidence, PublicPage, PublicRecord, Redaction, StoredRecord
from postme.office import viewing
from postme.record import Quote
from postme.redaction import Reason
from postme.redaction import Redaction as Hidden
from postme.website.pages import Facts, Page, logged, page_asked, pages_of

# Chosen: what a reader looks through at once.
_A_PAGE = 50
# Chosen: so many of a page's quotes are listed beside it; every one is marked in the text.
_BESIDE = 40


def _every(request: HttpRequest) -> Facts:
    order = PublicRecord.objects.order_by(F("date").desc(nulls_last=True), "sha256")
    place = request.GET.get("place", "")[:200]
    if place:
        order = order.filter(place_id=place)
    # Only what is shown is read whole, and only its quotes are counted: a page may be far down.
    pages = Paginator(order.values_list("pk", flat=True), _A_PAGE)
    number = page_asked(request)
    numbers = pages_of(pages.count, _A_PAGE, number)
    shown = pages.get_page(number)
    rows = PublicRecord.objects.visible().select_related("place", "entry").defer("entry__twin").in_bulk(list(shown))
    quoted = Evidence.objects.visible().filter(record__in=rows).values("record")
    quotes = dict(quoted.annotate(n=Count("mention", distinct=True)).order_by("record").values_list("record", "n"))
    return {
        "title": gettext("Records"), "description": gettext("Every public record that evidence here was quoted from, with its hash."), "address": "/records/",
        "of_place": place, "count": pages.count, "number": number, "numbers": numbers,
        "records": [{**_told(rows[key]), "quotes": quotes.get(key, 0)} for key in shown if key in rows],
    }  # fmt: skip


def _record(sha256: str) -> tuple[PublicRecord | None, Entry]:
    record = PublicRecord.objects.visible().select_related("place", "entry").filter(pk=sha256).first()
    if record is not None:
        return record, record.entry
    entry = Entry.objects.filter(address=f"/records/{sha256}/", kind="record").first()
    if entry is None:
        raise Http404("No record with this hash was ever published here.")
    return None, entry


def _one(request: HttpRequest, sha256: str) -> Facts:
    record, entry = _record(sha256)
    told = json.loads(entry.twin)
    shared = {
        "address": entry.address,
        "title": entry.title,
        **logged(entry),
        "fiction": entry.fiction,
        "history": told["history"],
    }
    if record is None:
        return {
            **shared,
            "description": gettext("Withdrawn"),
            "template": "withdrawn.html",
            "told": told,
            "status_code": 410,
        }
    counts = list(_by_page(record))
    return {
        **shared, **told["facts"], "description": gettext("{title}: the record, its hash, its pages and what was quoted from it.").format(title=entry.title),
        "by_page": counts, "used": _used(record), "first": counts[0]["page"] if counts else 1,
        "file": not told["facts"]["redacted"],
    }  # fmt: skip


def _page(request: HttpRequest, sha256: str, page: int) -> Facts:
    record, entry = _record(sha256)
    if record is None:
        return _one(request, sha256)
    text = PublicPage.objects.visible().filter(record=record, number=page).first()
    if text is None:
        raise Http404(f"This record has {record.pages} pages; there is no page {page}.")
    rows = (
        Evidence.objects.visible()
        .filter(record=record, page=page)
        .select_related("entry")
        .order_by("start", "mention", "pk")
    )
    quotes: dict[str, dict[str, Any]] = {}
    for row in rows:
        known = quotes.setdefault(
            row.mention,
            {
                "id": row.mention,
                "start": row.start,
                "end": row.end,
                "quote": row.quote,
                "act": row.act,
                "seconds": _seconds(row),
                "in": [],
            },
        )
        known["in"].append({"address": row.entry.address, "title": row.entry.title})
    standing = {key: Quote(sha256, page, one["start"], one["end"], one["quote"]) for key, one in quotes.items()}
    hidden = _hidden(sha256, page)
    segments = viewing.marked_text(text.text, standing, hidden)
    picture, note = _picture(sha256, page, standing, hidden, text.text)
    return {
        "address": f"/records/{sha256}/{page}/", "title": gettext("{title}, page {page}").format(title=entry.title, page=page), "record_title": entry.title,
        "description": gettext("Page {page} of {pages} of {title}, with the words that were quoted from it.").format(page=page, pages=record.pages, title=entry.title), "fiction": entry.fiction,
        "leaf": entry.leaf, "sha256": sha256, "page": page, "pages": record.pages, "date": record.date, "body": record.body, "media_type": record.media_type,
        "place": {"id": record.place_id, "name": record.place.name} if record.place else None, "state": text.state, "note": text.note,
        "text": text.text, "segments": _parts(segments),
        "quotes": list(quotes.values())[:_BESIDE], "more_quotes": max(0, len(quotes) - _BESIDE), "picture": picture, "picture_note": note,
        "by_page": list(_by_page(record)), "previous": _beside(record, page, after=False), "next": _beside(record, page, after=True),
    }  # fmt: skip


def _seconds(row: Evidence) -> float | None:
    """How far into a recording a quote stands, as the holding that it was published with says it."""
    return holding.seconds(_facts(row.entry.twin), row.mention)


# Chosen: a page's quotes are of few holdings, and each of them is read once.
@lru_cache(maxsize=32)
def _facts(twin: str) -> Facts:
    facts: Facts = json.loads(twin)["facts"]
    return facts


def _parts(segments: Iterable[viewing.Segment]) -> list[dict[str, Any]]:
    """Segments as JSON has them; ``begins`` names the quotes whose first words they are, so that an anchor stands once."""
    seen: set[str] = set()
    parts = []
    for one in segments:
        parts.append(
            {
                "text": one.text,
                "quotes": list(one.quotes),
                "begins": [key for key in one.quotes if key not in seen],
                "hidden": one.hidden.said if one.hidden else None,
            }
        )
        seen.update(one.quotes)
    return parts


def _hidden(sha256: str, page: int) -> list[Hidden]:
    rows = Redaction.objects.filter(sha256=sha256, page=page, state="in force").order_by("start")
    return [Hidden(row.page, row.start, row.end, Reason(row.reason)) for row in rows]


def _picture(
    sha256: str, page: int, quotes: dict[str, Quote], hidden: list[Hidden], public: str
) -> tuple[dict[str, Any] | None, str]:
    try:
        view = viewing.page_view(settings.DATA, sha256, page, hidden, quotes, public)
    except PostmeError as error:
        return None, error.what
    if view.picture_key is None or view.size is None:
        return None, view.note
    wide, high = view.size
    boxes = [
        {"id": key, "x": round(box.x * wide, 1), "y": round(box.y * high, 1), "w": round(box.w * wide, 1), "h": round(box.h * high, 1)}
        for key, some in view.boxes.items()
        for box in some
    ]  # fmt: skip
    return {
        "address": f"/records/{sha256}/{page}.webp?{view.picture_key}",
        "wide": wide,
        "high": high,
        "boxes": boxes,
    }, view.note


def _by_page(record: PublicRecord) -> Iterable[dict[str, Any]]:
    counted: Iterable[dict[str, Any]] = (
        Evidence.objects.visible()
        .filter(record=record)
        .values("page")
        .annotate(quotes=Count("mention", distinct=True))
        .order_by("page")
    )
    return counted


def _beside(record: PublicRecord, page: int, *, after: bool) -> dict[str, Any] | None:
    rows = Evidence.objects.visible().filter(record=record)
    near = (
        rows.filter(page__gt=page).order_by("page", "start")
        if after
        else rows.filter(page__lt=page).order_by("-page", "-start")
    )
    return near.values("page", "mention").first()


def _used(record: PublicRecord) -> list[dict[str, str]]:
    return list(
        Entry.objects.visible()
        .filter(evidence__record=record)
        .order_by("title")
        .distinct()
        .values("address", "title")[:100]
    )


def _told(record: PublicRecord) -> dict[str, Any]:
    return {
        "address": record.entry.address, "title": record.entry.title, "sha256": record.sha256, "date": record.date, "body": record.body,
        "pages": record.pages, "unreadable": record.unreadable, "fiction": record.entry.fiction,
        "place": {"id": record.place_id, "name": record.place.name} if record.place else None,
    }  # fmt: skip


def picture(request: HttpRequest, sha256: str, page: int) -> HttpResponse:
    """``/records/<sha256>/<page>.webp``: the page's picture, what is hidden black in its pixels. ``?wide=600`` asks for a smaller one."""
    record, _ = _record(sha256)
    if record is None:
        raise Http404("This record was withdrawn.")
    wide = request.GET.get("wide", "")
    public = PublicPage.objects.visible().filter(record=record, number=page).values_list("text", flat=True).first()
    try:
        data = viewing.page_picture(
            settings.DATA,
            sha256,
            page,
            _hidden(sha256, page),
            int(wide) if wide.isascii() and wide.isdigit() and len(wide) < 5 else viewing.WIDTH,
            "" if public is None else public,
        )
    except WrongUse as error:
        raise Http404(error.what) from error
    except PostmeError as error:
        raise Http404(f"{error.what} {error.do}") from error
    return HttpResponse(data, content_type="image/webp", headers={"Cache-Control": "no-cache"})


def file(request: HttpRequest, sha256: str) -> HttpResponseBase:
    """``/records/<sha256>/file``: the record's own bytes, as a download that no browser runs. Not while anything in it is redacted."""
    record, _ = _record(sha256)
    if record is None or Redaction.objects.filter(sha256__in=[sha256, *_inside(sha256)], state="in force").exists():
        raise Http404("The file itself is not given out: it was withdrawn, or something private in it is blacked out.")
    try:
        path = viewing.original(settings.DATA, sha256)
    except PostmeError as error:
        raise Http404(error.what) from error
    answer = FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=record.name.split("!/")[-1] or sha256,
        content_type="application/octet-stream",
    )
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def _inside(sha256: str) -> list[str]:
    """The records that came out of this one: a message carries its attachments, whole."""
    name = StoredRecord.objects.filter(pk=sha256).values_list("name", flat=True).first()
    return list(StoredRecord.objects.filter(name__startswith=f"{name}!/").values_list("pk", flat=True)) if name else []


def short(request: HttpRequest, start: str) -> HttpResponse:
    """A hash's beginning, of at least 12 digits, leads to its record where it is the only one."""
    found = list(PublicRecord.objects.visible().filter(sha256__startswith=start).values_list("sha256", flat=True)[:2])
    if len(found) != 1:
        raise Http404("No one record begins with this hash." if not found else "Several records begin with this hash.")
    return redirect("record", found[0])


EVERY = Page("records.html", _every, still=True)
ONE = Page("record.html", _one)
PAGE = Page("record_page.html", _page)
