"""A draft as the public would see it: the public page's own template, with the draft's facts."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from postme.keeping.store.docket import Docket
from postme.keeping.store.ledger import Ledger
from postme.office import progress
from postme.website.pages import agencies, audits


def _seen(facts: Mapping[str, Any], day: datetime.date) -> dict[str, Any]:
    return progress.seen(facts, Docket(Ledger(settings.DATA).file).town(facts["place"]["id"]), day)


def preview(request: HttpRequest, kind: str, facts: Mapping[str, Any]) -> SafeString:
    """The main part of the page that would be published, as HTML; it was escaped by its template, as in public."""
    day = datetime.datetime.now(datetime.UTC).date()
    if kind == "holding":
        template, shown = "holding.html", agencies.shown(dict(facts), day)
    elif kind == "record":
        template, shown = "record.html", {**facts, "by_page": [], "used": [], "first": 1, "file": not facts["redacted"]}
    elif kind == "audit":
        template, shown = "audit.html", audits.shown(dict(facts))
    elif kind == "decision":
        template, shown = "decision.html", {**facts, **_seen(facts, day), "on": day.isoformat(), "steps": facts["deeds"], "coming": facts["meetings"], "late": [], "votes": [], "address": f"/decisions/{facts['slug']}/"}  # fmt: skip
    else:
        records = facts["records"]
        parts = {
            "read": [one for one in records if not one["error"]],
            "unread": [one for one in records if one["error"]],
            "partly": [one for one in records if one["unreadable"]],
        }
        template, shown = "search_done.html", {**facts, **parts, "public": [], "holdings": []}
    # Messages are for the page around it, which would find none left.
    page = render_to_string(template, {**shown, "history": [], "messages": ()}, request)
    _, _, rest = page.partition('<main class="wrap" id="main">')
    inner, _, _ = rest.rpartition("</main>")
    return mark_safe(inner)  # noqa: S308
