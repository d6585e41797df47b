"""``/desk/process/due/``: every duty of every proposal on one page: overdue, due, next; as CSV too."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from postme.keeping.store.docket import Docketed
from postme.obligation import Verdict
from postme.office.batches import Batches
from postme.proposal import DEEDS
from postme.website.pages import desk
from postme.website.pages.desk.process import today, work

# Chosen: what the page shows of each kind; the CSV has all.
_SHOWN = 300
_STEP_OF = {kind.fact: name for name, kind in DEEDS.items() if kind.fact}
_GROUPS = ("overdue", "due", "next")
# Chosen: what falls due within this many days counts as due.
_SOON = 30


def owed(office: Batches, day: datetime.date, slug: str = "") -> list[dict[str, Any]]:
    """Every duty with a day, of public proposals, the earliest first; of each proposal judged once for each of its turns and each day."""
    turns = {row["slug"]: row["turn"] for row in office.docket.laid(None, public=True) if not slug or row["slug"] == slug}  # fmt: skip
    base = str(office.folder)
    plans = office.plans(day, slug or None)
    # A meeting that is moved changes what is due before it, and is no turn of the proposal.
    keys = {own: (base, own, turn, day, tuple(sorted(plans.get(own, {}).items()))) for own, turn in turns.items()}
    for one in office.many([own for own, key in keys.items() if key not in _known]).values():
        if len(_known) > _MOST:
            _known.clear()
        _known[keys[one.slug]] = tuple(_of(office, one, day, plans.get(one.slug, {})))
    rows = [row for key in keys.values() for row in _known.get(key, ())]
    return sorted(rows, key=lambda row: (row["due"], row["title"]))


# Chosen: every duty of a thousand proposals, twice over.
_MOST = 2_000
_Plans = tuple[tuple[str, datetime.date], ...]
_known: dict[tuple[str, str, int, datetime.date, _Plans], tuple[dict[str, Any], ...]] = {}


def _of(office: Batches, one: Docketed, day: datetime.date, plans: Mapping[str, datetime.date]) -> list[dict[str, Any]]:
    found = []
    for duty in office.duties(one, day, plans):
        late = duty.due is not None and duty.due < day and duty.verdict in (Verdict.BROKEN, Verdict.UNKNOWN)
        due = duty.due if late else (duty.next_due or duty.due)
        if due is None or duty.verdict is Verdict.DOES_NOT_APPLY or (duty.verdict is Verdict.MET and not duty.next_due):
            continue
        days = (due - day).days
        found.append({
            "slug": one.slug, "title": one.title, "agency": one.agency_name, "town": one.town.id, "what": duty.what, "due": due, "days": days, "group": "overdue" if days < 0 else "due" if days <= _SOON else "next",
            "law": duty.law, "provision": duty.provision, "fact": duty.met_by, "step": _STEP_OF.get(duty.met_by, ""), "working": duty.working,
        })  # fmt: skip
    return found


def _chosen(request: HttpRequest) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    every = owed(work(), today())
    body, town, words = (request.GET.get(key, "").strip()[:200] for key in ("body", "town", "q"))
    rows = [row for row in every if (not body or row["agency"] == body) and (not town or row["town"] == town) and (not words or words.casefold() in row["title"].casefold())]  # fmt: skip
    return every, rows


@desk.opened()
def page(request: HttpRequest) -> HttpResponse:
    """What is overdue, due within thirty days, and next; each leads to the form of its step."""
    every, rows = _chosen(request)
    groups = [(name, [row for row in rows if row["group"] == name]) for name in _GROUPS]
    return desk.page(
        request, "obligations.html", _("What is due"), groups=[(name, some[:_SHOWN], len(some)) for name, some in groups], bodies=sorted({row["agency"] for row in every}),
        body=request.GET.get("body", ""), q=request.GET.get("q", ""), query=request.META.get("QUERY_STRING", ""), today=today(),
    )  # fmt: skip


@desk.opened()
def file(request: HttpRequest) -> HttpResponse:
    """The same as CSV."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["due", "days", "state", "proposal", "title", "body", "town", "what", "law", "provision"])
    for row in _chosen(request)[1]:
        writer.writerow([row["due"].isoformat(), row["days"], row["group"], f"/decisions/{row['slug']}/", _plain(row["title"]), _plain(row["agency"]), row["town"], row["what"], row["law"], row["provision"]])  # fmt: skip
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="due.csv"'
    return response


def _plain(cell: str) -> str:
    return f"'{cell}" if cell[:1] in "=+-@" else cell
