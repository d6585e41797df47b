"""``/desk/acts/``: everything that was done here: who, when, what, on what, and why; as a page and as CSV."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from postme.keeping.store.queue import Queue
from postme.website.pages import desk, more_asked, page_asked

_SHOWN = 100
# Chosen: a file that opens in a spreadsheet; earlier acts are reached by filters.
_IN_A_FILE = 50_000
_COLUMNS = ("at", "who", "what", "target", "why")


@desk.opened()
def acts(request: HttpRequest) -> HttpResponse:
    """The acts, the newest first, filtered by who, what and on what."""
    wanted = _wanted(request)
    number = page_asked(request)
    rows = Queue(settings.DATA).acts(**wanted, start=(number - 1) * _SHOWN, limit=_SHOWN + 1)
    more_asked(number, rows)
    query = urlencode({key: value for key, value in wanted.items() if value})
    return desk.page(
        request,
        "acts.html",
        _("What was done"),
        rows=rows[:_SHOWN],
        more=len(rows) > _SHOWN,
        number=number,
        wanted=wanted,
        query=query,
    )


@desk.opened()
def file(request: HttpRequest) -> HttpResponse:
    """The same as CSV; what a spreadsheet would take for a formula stands behind an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for row in Queue(settings.DATA).acts(**_wanted(request), limit=_IN_A_FILE):
        writer.writerow([row["at"].isoformat(), *(_plain(row[key]) for key in _COLUMNS[1:])])
    return HttpResponse(
        out.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="acts.csv"'},
    )


def _wanted(request: HttpRequest) -> dict[str, Any]:
    return {key: request.GET.get(key, "").strip()[:200].replace("\0", "") for key in ("who", "what", "target")}


def _plain(value: object) -> str:
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
