"""``/audits/…``: bias audits that were published, each on one page for a council member, then every number."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext

from postme import publication
from postme.keeping.store.models import Entry
from postme.office import auditreport, counsel, yardstick
from postme.website.pages import Facts, Page, logged

# Chosen: what a page can carry.
_SHOWN = 200
# The fact by which a law asks for a share of right matches in NIST's own test, in percent.
_ASKED_BY_LAW = "nist_true_positive_rate"


def listed(technology: str = "", proposal: str = "") -> list[dict[str, Any]]:
    """The published audits of a technology, or for a proposal (as a finding, or by one of its conditions), the newest first."""
    rows = Entry.objects.visible().filter(kind="audit").order_by("-changed", "pk")
    if technology:
        rows = rows.filter(technology=technology)
    made = []
    for one in rows[:_SHOWN]:
        facts = json.loads(one.twin)["facts"]
        if proposal and facts["proposal"] != proposal:
            continue
        level = facts["audit"]["levels"][0]
        head = level["headline"] or {}
        made.append({
            "address": one.address, "title": one.title, "synthetic": facts["audit"]["synthetic"], "changed": one.changed.date().isoformat(),
            "technology": facts["technology"], "makers": list(facts["makers"].values()), "maker_ids": list(facts["makers"]), "condition": facts["condition"], "sentence": head.get("sentence", ""), "words": head.get("words", ""), "people": level["people"],
        })  # fmt: skip
    return made


def _every(request: HttpRequest) -> Facts:
    return {
        "title": gettext("Bias audits"), "description": gettext("Does a recognition system wrong some people more often than others? Audits that were published, with every number."),
        "address": "/audits/", "audits": listed(),
    }  # fmt: skip


def _one(request: HttpRequest, slug: str) -> Facts:
    entry = Entry.objects.filter(address=f"/audits/{slug}/", kind="audit").first()
    if entry is None:
        raise Http404("No audit of this name was ever published. All of them: /audits/")
    told = json.loads(entry.twin)
    shared = {"address": entry.address, "title": entry.title, **logged(entry), "fiction": entry.fiction, "history": told["history"]}  # fmt: skip
    if not publication.visible(entry.state):
        return {**shared, "description": gettext("Withdrawn"), "template": "withdrawn.html", "told": told, "status_code": 410}  # fmt: skip
    return {**shared, **shown(told["facts"])}


def shown(facts: Facts) -> Facts:
    """An audit's facts with what only its page needs: drawings, and what stands where in its tables."""
    audit = facts["audit"]
    levels = [auditreport.level(one, audit) for one in audit["levels"]]
    head = audit["levels"][0]["headline"]
    return {
        **facts, "technology_address": f"/technologies/{facts['technology']['id'].replace('_', '-')}/", "description": head["sentence"] if head else gettext("Too little data to compare any two groups."), "levels": levels, "first": levels[0],
        "measure_names": auditreport.MEASURES, "caution": yardstick.CAUTION, "before": _before(facts["proposal"]), "found_true": _found(facts), "law_asks": _law_asks(audit["levels"][0]),
    }  # fmt: skip


def _before(proposal: str) -> dict[str, str] | None:
    """The public proposal an audit was laid before."""
    entry = (
        Entry.objects.visible().filter(kind="decision", address=f"/decisions/{proposal}/").first() if proposal else None
    )
    return {"address": entry.address, "title": entry.title} if entry else None


def _found(facts: Facts) -> list[dict[str, Any]]:
    """Of a synthetic system the rates it was made with beside those that were found."""
    groups = {one["name"]: one["false_match"] for one in facts["audit"]["levels"][0]["groups"] if one["shown"]}
    return [
        {"group": name, "true": true, **groups[name], "holds": groups[name]["low"] <= true <= groups[name]["high"]}
        for name, true in facts["true"].items()
        if name in groups
    ]


def _law_asks(level: Facts) -> dict[str, Any] | None:
    """The lowest share of right matches here, and the laws that ask for one in NIST's test; None without either."""
    laws = [law for law in counsel.every() if _ASKED_BY_LAW in law.facts]
    rates = [(1 - one["false_non_match"]["rate"], one["name"]) for one in level["groups"] if one["shown"] and one["false_non_match"] and one["false_non_match"]["rate"] is not None]  # fmt: skip
    if not laws or not rates:
        return None
    lowest, group = min(rates)
    return {"lowest": lowest, "group": group, "laws": [{"id": law.id, "name": law.name} for law in laws]}


_ASIDE = ("levels", "first", "measure_names", "found_true", "caution", "law_asks", "before")
EVERY = Page("audits.html", _every, still=True)
ONE = Page("audit.html", _one, aside=_ASIDE, still=True)
