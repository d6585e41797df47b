"""``/agencies/…``: a body's holdings, and one holding claim by claim with its quotes, acts and verdicts."""

from __future__ import annotations

import json

from django.http import Http404, HttpRequest

from postme import publication
from postme.keeping.store.models import Agency, Entry
from postme.office import standing
from postme.website.pages import Facts, Page, on
from postme.website.pages.places import holding_row


def _one(request: HttpRequest, agency: str) -> Facts:
    body = Agency.objects.select_related("place").filter(pk=agency).first()
    return _body(request, body) if body else _entry(request, f"/agencies/{agency}/")


def _body(request: HttpRequest, body: Agency) -> Facts:
    day = on(request)
    entries = Entry.objects.filter(agency=body, kind="holding", state="published").order_by("technology")[:100]
    if not entries:
        raise Http404("Nothing is published of this body.")
    return {
        "title": f"{body.name}, {body.place.name}", "description": f"What records show in the hands of {body.name}, {body.place.name}.",
        "address": f"/agencies/{body.id}/", "id": body.id, "name": body.name, "kind": body.kind, "names": body.names, "fiction": body.place.fiction,
        "place": {"id": body.place_id, "name": body.place.name}, "on": day.isoformat(), "holdings": [holding_row(entry, day) for entry in entries],
    }  # fmt: skip


def _entry(request: HttpRequest, address: str) -> Facts:
    entry = Entry.objects.filter(address=address, kind="holding").first()
    if entry is None:
        raise Http404("Nothing was ever published at this address.")
    told = json.loads(entry.twin)
    day = on(request)
    shared = {
        "address": address,
        "title": entry.title,
        "leaf": entry.leaf,
        "history": told["history"],
        "version": told["version"],
        "fiction": entry.fiction,
    }
    if not publication.visible(entry.state):
        return {
            **shared,
            "description": "Withdrawn.",
            "template": "withdrawn.html",
            "told": told,
            "raw": entry.twin,
            "status_code": 410,
        }
    facts = told["facts"]
    quotes = {quote["id"]: quote for quote in facts["evidence"]}
    return {
        **shared, **facts, "description": f"{facts['title']}: what records say, claim by claim, with the page and the words.", "on": day.isoformat(),
        "standing": standing.of_holding(facts, day), "quotes": quotes, "template": "holding.html", "raw": entry.twin,
    }  # fmt: skip


ONE = Page("agency.html", _one)
