"""``/decisions/<proposal>/<paper>/``: a published paper, first on one page, then whole; its versions compared; promised beside told."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.urls.converters import StringConverter
from django.utils.translation import gettext

from postme import paper
from postme.keeping.store.ledger import Ledger
from postme.keeping.store.models import Entry
from postme.keeping.store.papers import PaperStore
from postme.office import onepage, questions
from postme.website.pages import Facts, Page, of_entry


class PaperPart(StringConverter):
    """The last part of a paper's address, with the year of a yearly report."""

    regex = "[a-z]+(?:-[a-z]+)*-(?:report|policy)(?:-[0-9]{4})?"


def _one(request: HttpRequest, slug: str, part: str) -> Facts:
    address = f"/decisions/{slug}/{part}/"
    entry = Entry.objects.filter(address=address, kind="paper").first() if questions.named(part) else None
    if entry is None:
        raise Http404("No paper was ever published at this address.")
    shared, facts = of_entry(entry)
    if facts is None:
        return shared
    store = PaperStore(Ledger(settings.DATA).file)
    versions = store.versions(address)
    shown = {
        **facts, **shared, **onepage.shown(facts), "description": gettext("{title}: on one page, then each answer in full.").format(title=entry.title),
        "versions": [{"edition": each["edition"], "leaf": leaf, "at": at, "reason": why, "sha256": each["sha256"]} for _, leaf, at, why, each in versions],
        "rests_on": store.evidence(one for answer in facts["answers"].values() for one in answer.get("evidence", ())),
        "promises": _promises(slug, facts),
    }  # fmt: skip
    against = request.GET.get("against", "")
    if against:
        shown["compared"] = _compared(against, facts, [each for *_, each in versions])
        del shown["raw"]  # the twin is of the version that stands; this is of two
    return shown


def _promises(slug: str, facts: Facts) -> list[dict[str, Any]]:
    """What was promised and told, as far as this paper is one of the two."""
    every = onepage.promises(settings.DATA, slug)
    year = facts["paper"]["year"]
    own = f"/decisions/{slug}/{questions.segment(facts['paper']['kind'], year or 0)}/#"
    return [
        {**one, **{f"{key}_words": _words(one[key]) for key in ("promised", "told")}}
        for one in every
        if one["told_at"].startswith(own) or one["promised_at"].startswith(own)
    ]


def _words(answer: Facts) -> str:
    return str(answer.get("text") or answer.get("because") or "")


def _compared(against: str, facts: Facts, versions: list[Facts]) -> dict[str, Any]:
    old = next((each for each in versions if str(each["edition"]) == against), None)
    if old is None:
        raise Http404("No version of this number is public. The list of versions stands on the page without ?against=.")
    asked = {each["id"]: each["question"] for each in (*old["fields"], *facts["fields"])}
    changes = paper.changes(old["answers"], facts["answers"], [each["id"] for each in facts["fields"]])
    return {
        "old": old["edition"], "new": facts["edition"],
        "changes": [
            {
                "field": one.field, "question": asked.get(one.field, one.field.replace("_", " ")), "old": dict(one.old), "new": dict(one.new),
                "pieces": [{"what": what, "text": text} for what, text in one.pieces],
            }
            for one in changes
        ],
    }  # fmt: skip


ONE = Page("paper.html", _one)
