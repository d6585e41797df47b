"""``/``: one search box, the country's laws, the doors, and what was published last."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from postme.keeping.store.models import Entry, Evidence
from postme.office import counsel
from postme.website.pages import Facts, Page, on


def _facts(request: HttpRequest) -> Facts:
    day = on(request)
    newest = Entry.objects.filter(kind="holding", state="published").order_by("-changed")[:5]
    every = counsel.every()
    return {
        "title": "postme", "description": "Surveillance technology and military equipment in public hands, found in public records, held against the law.",
        "address": "/", "on": day.isoformat(), "laws": len(every), "law_places": len({law.place.short for law in every}),
        "newest": [_new(entry) for entry in newest],
    }  # fmt: skip


def _new(entry: Entry) -> dict[str, Any]:
    quote = Evidence.objects.filter(entry=entry).order_by("-date", "page").first()
    return {
        "address": entry.address, "title": entry.title, "fiction": entry.fiction, "changed": entry.changed.isoformat(),
        "quote": quote.quote if quote else None, "record": quote.record_id if quote else None, "page": quote.page if quote else None,
    }  # fmt: skip


HOME = Page("home.html", _facts)
