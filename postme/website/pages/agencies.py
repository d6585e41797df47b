"""``/agencies/…``: a body's holdings, and one holding claim by claim with its quotes, acts and verdicts."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext

from postme.holding import lead, told
from postme.keeping.store.models import Agency, Entry
from postme.office import standing
from postme.website.pages import Facts, Page, of_entry, on
from postme.website.pages.places import ROW, holding_row


def _one(request: HttpRequest, agency: str) -> Facts:
    body = Agency.objects.visible().select_related("place").filter(pk=agency).first()
    return _body(request, body) if body else _entry(request, f"/agencies/{agency}/")


def _body(request: HttpRequest, body: Agency) -> Facts:
    day = on(request)
    entries = Entry.objects.visible().filter(agency=body, kind="holding").order_by("technology").only(*ROW)[:100]
    if not entries:
        raise Http404("Nothing is published of this body.")
    return {
        "title": f"{body.name}, {body.place.name}", "description": gettext("What records show in the hands of {body}, {place}.").format(body=body.name, place=body.place.name),
        "address": f"/agencies/{body.id}/", "id": body.id, "name": body.name, "kind": body.kind, "names": body.names, "fiction": body.place.fiction,
        "place": {"id": body.place_id, "name": body.place.name}, "on": day.isoformat(), "holdings": [holding_row(entry, day) for entry in entries],
    }  # fmt: skip


def _entry(request: HttpRequest, address: str) -> Facts:
    entry = Entry.objects.filter(address=address, kind="holding").first()
    if entry is None:
        raise Http404("Nothing was ever published at this address.")
    shared, facts = of_entry(entry)
    if facts is None:
        return shared
    day = on(request)
    return {**shared, **shown(facts, day), "template": "holding.html"}


def shown(facts: Facts, day: datetime.date) -> Facts:
    """A holding's facts as its page shows them on a day; a draft's preview is made of the same."""
    facts = told(facts)
    return {
        **facts, "description": gettext("{title}: what records say, claim by claim, with the page and the words.").format(title=facts["title"]), "on": day.isoformat(),
        "standing": standing.of_holding(facts, day), "rows": _rows(facts), "acts": _acts(facts), "best": lead(facts), "stated": _stated(facts),
    }  # fmt: skip


# Chosen: quotes that stand beside one part of what is said; all of them follow below.
_BESIDE = 3


def _rows(facts: Facts) -> list[dict[str, Any]]:
    """The parts of what is said, each value in words, with a few of the quotes it rests on."""
    quotes = {quote["id"]: quote for quote in facts["evidence"]}
    rows = []
    for claim in facts["claims"]:
        part, value = claim["part"], claim["value"]
        if part == "spoken of":
            value = facts["technology"]["name"]
        elif part == "maker" and value:
            value = facts["makers"].get(value, value)
        different = {
            (quote["quote"].lower(), quote["sha256"]): quote
            for quote in reversed([quotes[one] for one in claim["evidence"] if one in quotes])
        }
        rows.append(
            {
                "part": part,
                "value": value,
                "how": claim["how"],
                "count": len(claim["evidence"]),
                "quotes": list(different.values())[::-1][:_BESIDE],
            }
        )
    return rows


def _acts(facts: Facts) -> list[dict[str, Any]]:
    """What the dated records say, from the first to the last; passages that only name the thing are left out."""
    quotes = {quote["id"]: quote for quote in facts["evidence"]}
    dated = [act for act in facts["acts"] if act["date"] and (act["act"] != "mention" or act["outcome"]) and act["evidence"] in quotes]  # fmt: skip
    once: dict[tuple[Any, ...], dict[str, Any]] = {}
    for act in sorted(dated, key=lambda act: act["outcome"] is None):
        once.setdefault(
            (act["date"], act["act"], quotes[act["evidence"]]["sha256"]), {**act, "quote": quotes[act["evidence"]]}
        )
    return sorted(once.values(), key=lambda act: str(act["date"]))


def _stated(facts: Facts) -> list[dict[str, Any]]:
    """The facts that an editor stated for the law, each with the quote it rests on."""
    quotes = {quote["id"]: quote for quote in facts["evidence"]}
    return [
        {"fact": key, **fact, "quote": quotes.get(fact.get("evidence", ""))} for key, fact in facts["law_facts"].items()
    ]


ONE = Page("agency.html", _one, still=True, entry=lambda agency: f"/agencies/{agency}/")
