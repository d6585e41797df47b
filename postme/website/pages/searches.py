"""``/searches/…``: what was looked through, when, with which catalogue, and what could not be read."""

from __future__ import annotations

import json

from django.http import Http404, HttpRequest
from django.utils.translation import gettext

from postme import publication
from postme.keeping.store.models import Entry, PublicRecord
from postme.website.pages import Facts, Page, logged


def _every(request: HttpRequest) -> Facts:
    rows = Entry.objects.visible().filter(kind="search").select_related("place").order_by("-changed")[:200]
    shown = [(entry, json.loads(entry.twin)["facts"]) for entry in rows]
    return {
        "title": gettext("Searches"), "description": gettext("Every search that was published: what was looked through, and what could not be read."), "address": "/searches/",
        "searches": [
            {"address": entry.address, "title": entry.title, "fiction": entry.fiction, **{key: facts[key] for key in ("place", "number", "ended", "files", "refused", "pages", "unreadable")}}
            for entry, facts in shown
        ],
    }  # fmt: skip


def _one(request: HttpRequest, number: int) -> Facts:
    entry = Entry.objects.filter(address=f"/searches/{number}/", kind="search").first()
    if entry is None:
        raise Http404("No search of this number was ever published.")
    told = json.loads(entry.twin)
    shared = {
        "address": entry.address,
        "title": entry.title,
        **logged(entry),
        "fiction": entry.fiction,
        "history": told["history"],
    }
    if not publication.visible(entry.state):
        return {
            **shared,
            "description": gettext("Withdrawn"),
            "template": "withdrawn.html",
            "told": told,
            "status_code": 410,
        }
    facts = told["facts"]
    hashes = [row["sha256"] for row in facts["records"] if row["sha256"]]
    public = set(PublicRecord.objects.visible().filter(sha256__in=hashes[:5000]).values_list("sha256", flat=True))
    holdings = Entry.objects.visible().filter(kind="holding", place_id=facts["place"]["id"]).order_by("title")[:100]
    return {
        **shared, **facts, "description": gettext("What was looked through in {place}, and what could not be read.").format(place=facts["place"]["name"]),
        "public": sorted(public), "read": [row for row in facts["records"] if not row["error"]], "unread": [row for row in facts["records"] if row["error"]],
        "partly": [row for row in facts["records"] if row["unreadable"]],
        "holdings": [{"address": one.address, "title": one.title} for one in holdings],
    }  # fmt: skip


EVERY = Page("searches.html", _every, still=True)
ONE = Page("search_done.html", _one, still=True)
