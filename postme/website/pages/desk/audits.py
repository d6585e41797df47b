"""``/desk/audit/``: bring an audit's file, say of which technology and maker it is, look at its page, lay it before a second person."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from postme.errors import WrongUse
from postme.keeping.store.models import Entry
from postme.office import auditfile, glossary
from postme.office.press import slug
from postme.publication import What
from postme.website.pages import desk

# Chosen: what an address can carry.
_LONGEST = 60


@desk.opened("draft")
def one(request: HttpRequest) -> HttpResponse:
    """The form; a good file becomes a draft, which its author hands to a second person as any other."""
    press, post = desk.press(), request.POST
    correct = (post.get("correct") or request.GET.get("correct") or "")[:200]
    before = press.ledger.facts_at(correct) if correct else None
    if correct and (before is None or "audit" not in before):
        raise WrongUse("There is no audit at this address.", where="correct", why="There is nothing to correct.", do="Open its page, and follow the link from there.")  # fmt: skip
    if request.method == "POST":
        facts = _facts(request, before)
        what = What.CORRECTED if before else What.PUBLISHED
        reason = post.get("reason", "").strip()[:2000]
        number = press.draft(facts, what, who=desk.who(request), roles_=desk.roles_of(request), reason=reason)
        return redirect("desk-draft", number=number)
    catalogue = glossary.catalogue()
    return desk.page(
        request, "audit.html", _("Publish an audit"), correct=correct, before=before,
        technologies=sorted(catalogue.technologies.values(), key=lambda one: one.name.lower()),
        makers=sorted(catalogue.vendors.values(), key=lambda one: one.name.lower()), proposals=_proposals(), conditions=_conditions(),
    )  # fmt: skip


def _facts(request: HttpRequest, before: Any) -> dict[str, Any]:
    post, catalogue = request.POST, glossary.catalogue()
    file = request.FILES.get("file")
    if file is None:
        raise WrongUse("No file was chosen.", where="file", why="There is nothing to read.", do="Choose the audit.json that postme bias wrote.")  # fmt: skip
    audit = auditfile.checked(file.read(auditfile.LARGEST + 1))
    technology = catalogue.technologies.get(post.get("technology", ""))
    if technology is None:
        raise WrongUse("A technology is missing.", where="technology", why="Its page leads to the audit.", do="Choose what was audited.")  # fmt: skip
    maker = catalogue.vendors.get(post.get("maker", ""))
    proposal = post.get("proposal", "")
    if proposal and proposal not in dict(_proposals()):
        raise WrongUse("There is no such proposal.", where="proposal", why="The audit would be attached to nothing.", do="Choose one of the list, or none.")  # fmt: skip
    condition = post.get("condition", "").strip()
    if condition and not any(condition in one["conditions"] for one in _conditions() if one["slug"] == proposal):
        raise WrongUse("The condition is none of this proposal's.", where="condition", why="The audit would answer what nobody asked for.", do="Choose the proposal whose vote set it, or no condition.")  # fmt: skip
    name = before["slug"] if before else slug(audit["title"])[:_LONGEST].strip("-")
    return auditfile.entry(
        audit, slug=name, technology=(technology.id, technology.name), maker=(maker.id, maker.name) if maker else None, proposal=proposal, condition=condition,
        place=before["place"] if before else _place_of(proposal),
    )  # fmt: skip


def _proposals() -> list[tuple[str, str]]:
    """The public proposals, by name: the part of their address that is their own, and their title."""
    rows = Entry.objects.visible().filter(kind="decision").order_by("title").values_list("address", "title")
    return [(address.removeprefix("/decisions/").rstrip("/"), title) for address, title in rows[:500]]


def _conditions() -> list[dict[str, Any]]:
    """Of each public proposal that was approved with conditions its title and the words of those in force."""
    made = []
    for entry in Entry.objects.visible().filter(kind="decision").order_by("title")[:500]:
        deeds = json.loads(entry.twin)["facts"]["deeds"]
        words = [one for deed in deeds if deed["votes"] and not deed["replaced"] for one in deed["conditions"]]
        if words:
            slug_ = entry.address.removeprefix("/decisions/").rstrip("/")
            made.append({"slug": slug_, "title": entry.title, "conditions": list(dict.fromkeys(words))})
    return made


def _place_of(proposal: str) -> dict[str, str] | None:
    """The place whose council an audit is laid before."""
    entry = Entry.objects.visible().filter(address=f"/decisions/{proposal}/").select_related("place").first()
    return {"id": entry.place.id, "name": entry.place.name} if entry and entry.place else None
