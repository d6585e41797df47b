"""``/technologies/…``: what a technology does, who makes it, where records show it, which laws name it, what a finding cannot show."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest
from django.utils.translation import gettext

from postme.keeping.store.models import Entry
from postme.office import counsel, glossary, yardstick
from postme.website.pages import Facts, Page, audits, on, page_asked, pages_of
from postme.website.pages.places import law_row

# Chosen: what a page can carry.
_A_PAGE = 50
_RECOGNITION = "face_recognition"


def _every(request: HttpRequest) -> Facts:
    counted = Counter(
        {row["technology"]: row["n"] for row in Entry.objects.visible().filter(kind="holding").values("technology").annotate(n=Count("pk"))}
    )  # fmt: skip
    rows = [
        {"id": one.id, "address": f"/technologies/{one.id.replace('_', '-')}/", "name": one.name, "what": one.what, "kind": one.kind.value, "holdings": counted[one.id]}
        for one in sorted(glossary.catalogue().technologies.values(), key=lambda one: one.name.lower())
    ]  # fmt: skip
    return {
        "title": gettext("Technologies"), "description": gettext("Every kind of surveillance technology and military equipment that is looked for here, in plain words."),
        "address": "/technologies/", "technologies": rows,
    }  # fmt: skip


def _one(request: HttpRequest, technology: str) -> Facts:
    known = glossary.named(technology)
    if known is None or "_" in technology:
        raise Http404("No technology of this name is looked for here. All of them: /technologies/")
    own, day = known.technology, on(request)
    # In the order of states, then places. Only what is shown is read whole: a row is long, and a page may be far down.
    order = Entry.objects.visible().filter(kind="holding", technology=own.id).order_by("place_id", "pk")
    pages = Paginator(order.values_list("pk", flat=True), _A_PAGE)
    number = page_asked(request)
    numbers = pages_of(pages.count, _A_PAGE, number)
    shown = pages.get_page(number)
    rows = Entry.objects.defer("twin").select_related("place", "agency").in_bulk(list(shown))
    every = {law.id: law for law in counsel.every()}
    return {
        "title": own.name, "description": own.what, "address": f"/technologies/{technology}/", "id": own.id, "name": own.name, "what": own.what,
        "kind": own.kind.value, "cannot_show": own.cannot_show, "on": day.isoformat(), "makers": [_maker(vendor) for vendor in known.vendors],
        "laws": [law_row(every[id_], day) for id_ in known.laws], "count": pages.count, "number": number, "numbers": numbers,
        "holdings": [_where(rows[key]) for key in shown if key in rows], "crosswalk": own.crosswalk, "audits": audits.listed(own.id),
        **(_measured() if own.id == _RECOGNITION else {}),
    }  # fmt: skip


def _measured() -> Facts:
    """Whom the police took for somebody else, and what NIST measured of many systems."""
    nist = yardstick.published()
    return {
        "misidentified": [asdict(one) for one in yardstick.misidentified()],
        "nist": {"name": nist.name, "what": nist.what, "day": nist.day, "note": nist.note, "threshold": nist.threshold, "source": asdict(nist.source), "measures": [asdict(one) for one in nist.measures]},
    }  # fmt: skip


def _maker(vendor: Any) -> dict[str, Any]:
    return {
        "id": vendor.id,
        "fiction": vendor.fiction,
        "name": vendor.name,
        "names": list(vendor.names),
        "products": list(vendor.products),
        "source": vendor.source,
        "sure": vendor.sure,
    }


def _where(entry: Entry) -> dict[str, Any]:
    return {
        "address": entry.address, "title": entry.title, "fiction": entry.fiction, "changed": entry.changed.date().isoformat(),
        "place": {"id": entry.place_id, "name": entry.place.name} if entry.place else None, "agency": entry.agency.name if entry.agency else None,
    }  # fmt: skip


EVERY = Page("technologies.html", _every, still=True)
ONE = Page("technology.html", _one, still=True)
