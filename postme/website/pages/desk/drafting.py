"""``/desk/place/…`` and ``/desk/draft/``: what could be drafted, and the form of a holding with its preview."""

from __future__ import annotations

import datetime
import json
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from postme import roles
from postme.errors import PostmeError, WrongUse
from postme.inventory import Answer, Holding
from postme.keeping.store.ledger import Drafted
from postme.keeping.store.queue import Queue
from postme.office import claims, counsel, deskwork
from postme.office.press import STATUSES, Body, Press, address_of
from postme.place import placed
from postme.publication import What
from postme.website.pages import desk
from postme.website.pages.desk import confirming
from postme.website.pages.desk.preview import preview

# What stands for "no record names the body" among the bodies of a form.
UNNAMED = "(unnamed)"
# Chosen: as many quotes as a form can carry boxes for; the rest count as stated.
_BOXES = 300


@desk.opened()
def place(request: HttpRequest, place: str) -> HttpResponse:
    """What the records of a place say, technology by technology, body by body, with how much of it was ruled."""
    short = _short(place)
    press = desk.press()
    groups: dict[str, list[Holding]] = {}
    for one in press.found(short):
        groups.setdefault(one.technology, []).append(one)
    rows = [
        {
            "id": technology, "name": _name(press, technology), "bodies": [{"name": one.body, "says": one.says, **_counts(one)} for one in some],
            "ready": any(one.answers[Answer.YES] for one in some),
        }
        for technology, some in groups.items()
    ]  # fmt: skip
    return desk.page(
        request,
        "place.html",
        counsel.place_name(short),
        place=short,
        rows=sorted(rows, key=lambda row: (not row["ready"], row["name"])),
    )


@desk.opened("draft")
def holding(request: HttpRequest) -> HttpResponse:
    """The form of a holding: new, as a correction of what is published, or of a draft that was returned."""
    press = desk.press()
    if request.method == "POST":
        return _sent(request, press)
    known = _known(request, press)
    return _form(request, press, known)


def _known(request: HttpRequest, press: Press) -> dict[str, Any]:
    """What the form begins with: a draft's, a published holding's, or nothing but place and technology."""
    draft = request.GET.get("draft", "")
    if draft.isdecimal() and len(draft) < 19:
        own = press.ledger.draft_of(int(draft))
        return {**_typed(own.facts), "draft": own.id, "reason": own.reason, "what": own.what}
    address = request.GET.get("correct", "")[:400]
    if address:
        facts = press.ledger.facts_at(address)
        if facts is None or "agency" not in facts:
            raise WrongUse("No holding is published there.", where=address, why="There is nothing to correct.", do="Open its page and follow the link from there.")  # fmt: skip
        return {**_typed(facts), "what": What.CORRECTED.value}
    where, technology = _short(request.GET.get("place", "")), request.GET.get("technology", "")[:60]
    named = [one.body for one in press.found(where) if one.technology == technology and one.answers[Answer.YES]]
    first = next((one for one in named if one), "")
    return {
        "place": where, "technology": technology, "name": first, "kind": "police" if "police" in first.lower() else "", "of": [one or UNNAMED for one in named],
        "status": "spoken of", "note": "", "law_facts": {}, "observed": [], "amounts": [], "outcomes": {}, "fiction": placed(where).state == "zz", "what": What.PUBLISHED.value,
    }  # fmt: skip


def _typed(facts: dict[str, Any]) -> dict[str, Any]:
    observed = [one for claim in facts["claims"] if claim["how"] == "observed" for one in claim["evidence"]]
    return {
        "place": facts["place"]["id"], "technology": facts["technology"]["id"], "name": facts["agency"]["name"], "kind": facts["agency"]["kind"],
        "of": None, "status": facts["status"], "note": facts["note"], "law_facts": facts["law_facts"], "observed": observed, "fiction": facts["fiction"],
        "used": [one["id"] for one in facts["evidence"]], **confirming.of_facts(facts),
    }  # fmt: skip


def _form(
    request: HttpRequest,
    press: Press,
    typed: dict[str, Any],
    error: PostmeError | None = None,
    facts: dict[str, Any] | None = None,
) -> HttpResponse:
    where, technology = typed["place"], typed["technology"]
    found = [one for one in press.found(where) if one.technology == technology]
    if typed["of"] is None:
        used = set(typed.get("used", ()))
        typed["of"] = [one.body or UNNAMED for one in found if any(e.id in used for e in one.claims[0].evidence)]
    try:
        drawn = facts or _facts(press, typed)
    except PostmeError as trouble:
        drawn, error = None, error or trouble
    today = datetime.datetime.now(datetime.UTC).date()
    asked = deskwork.settling(drawn, today) if drawn else []
    asked += [(key, key.replace("_", " ")) for key in typed["law_facts"] if key not in dict(asked)]
    own = {one["id"]: one for one in drawn["evidence"]} if drawn else None
    chosen = [one for one in found if (one.body or UNNAMED) in typed["of"]]
    return desk.page(
        request, "holding.html", _("Draft a holding"), 409 if error and request.method == "POST" else 200, typed=typed, error=error,
        place_name=counsel.place_name(where), technology_name=_name(press, technology), kinds=deskwork.bodies(), statuses=STATUSES, unnamed=UNNAMED,
        bodies=[{"name": one.body or UNNAMED, "says": one.says, **_counts(one), "chosen": (one.body or UNNAMED) in typed["of"]} for one in found],
        quotes=(drawn["evidence"] if drawn else [])[:_BOXES],
        asked=[{"key": key, "says": says, **_fact(typed["law_facts"].get(key))} for key, says in asked],
        **confirming.choices(chosen, typed, own), every_outcome=claims.OUTCOMES, preview=preview(request, "holding", facts) if facts else None,
    )  # fmt: skip


def _fact(told: Any) -> dict[str, Any]:
    if not told:
        return {"said": "", "on": "", "evidence": ""}
    value = told.get("value", "")
    return {
        "said": {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value,
        "on": told.get("on", ""),
        "evidence": told.get("evidence", ""),
    }


def _sent(request: HttpRequest, press: Press) -> HttpResponse:
    post = request.POST
    typed: dict[str, Any] = {
        "place": _short(post.get("place", "")), "technology": post.get("technology", "")[:60], "name": post.get("name", "").strip()[:200], "kind": post.get("kind", ""),
        "of": post.getlist("of"), "status": post.get("status", ""), "note": post.get("note", "").strip()[:2000], "observed": post.getlist("observed"),
        "fiction": bool(post.get("fiction")), "what": post.get("what", ""), "reason": post.get("reason", "").strip()[:1000], "draft": post.get("draft", ""), "law_facts": {},
        **confirming.of_form(post),
    }  # fmt: skip
    given = {key[5:]: str(value) for key, value in post.items() if key.startswith("fact-")}
    # As typed, so that a mistake in one of them loses none.
    typed["law_facts"] = {
        key: {"value": said, "on": post.get(f"on-{key}", ""), "evidence": post.get(f"evidence-{key}", "")} for key, said in given.items() if said.strip()
    }  # fmt: skip
    try:
        typed["law_facts"] = deskwork.law_facts(
            given, {key: post.get(f"evidence-{key}", "") for key in given}, {key: post.get(f"on-{key}", "") for key in given}
        )  # fmt: skip
        facts = _facts(press, typed)
        deskwork.rests(typed["law_facts"], [one["id"] for one in facts["evidence"]])
        if post.get("step") != "save":
            return _form(request, press, typed, facts=facts)
        number = _saved(request, press, typed, facts)
    except PostmeError as error:
        if error.where in roles.PERMISSIONS:
            raise
        return _form(request, press, typed, error=error)
    messages.success(request, _("The draft is saved. Nothing is public yet."))
    return redirect("desk-draft", number=number)


def _saved(request: HttpRequest, press: Press, typed: dict[str, Any], facts: dict[str, Any]) -> int:
    me, own = desk.who(request), desk.roles_of(request)
    if typed["draft"]:
        roles.asked(own, "draft")
        kept = (
            press.ledger.draft_of(int(typed["draft"]))
            if typed["draft"].isdecimal() and len(typed["draft"]) < 19
            else None
        )
        if kept is None or kept.address != address_of(facts)[0]:
            raise WrongUse("This draft is of another body or technology.", where="draft", why="Its history would tell of two things.", do="Discard it and draft anew.")  # fmt: skip
        press.ledger.rewrite(kept.id, facts, reason=typed["reason"], who=me, at=datetime.datetime.now(datetime.UTC))
        return kept.id
    return press.draft(facts, _step(typed["what"]), who=me, roles_=own, reason=typed["reason"])


def _step(said: str) -> What:
    """What this form may draft: withdrawing and blacking out have their own pages, with their own two people."""
    if said not in (What.PUBLISHED, What.CORRECTED):
        raise WrongUse("This form drafts a first publication or a correction.", where="what", why="What is withdrawn or blacked out erases earlier versions.", do="Open the form again from the place or from the published page.")  # fmt: skip
    return What(said)


def _facts(press: Press, typed: dict[str, Any]) -> dict[str, Any]:
    if not typed["name"]:
        raise WrongUse(
            "The body’s name is missing.",
            where="name",
            why="Readers must know whose it is.",
            do="Write it as the body calls itself.",
        )
    if typed["kind"] not in dict(deskwork.bodies()):
        raise WrongUse(
            "What kind of body it is was not chosen.",
            where="kind",
            why="Laws bind bodies by their kind.",
            do="Choose one.",
        )
    body = Body(typed["place"], typed["name"], typed["kind"], fiction=typed["fiction"])
    of = [None if one == UNNAMED else one for one in typed["of"]]
    known = json.loads(json.dumps(typed["law_facts"]))
    return press.holding(
        body, typed["technology"], of=of if typed["of"] else (), status=typed["status"], note=typed["note"], law_facts=known, observed=typed["observed"],
        amounts=confirming.amounts(typed), outcomes=confirming.outcomes(typed),
    )  # fmt: skip


def _short(place: str) -> str:
    try:
        return placed(place).short
    except ValueError as error:
        raise WrongUse(
            f"“{place[:60]}” is no place.",
            where="place",
            why="Nothing can be drafted of it.",
            do="Choose one from the desk.",
        ) from error


def _counts(one: Holding) -> dict[str, int]:
    return {
        "yes": one.answers[Answer.YES],
        "unsure": one.answers[Answer.UNSURE],
        "waiting": one.answers[Answer.WAITING],
    }


def _name(press: Press, technology: str) -> str:
    term = press.catalogue.technologies.get(technology)
    return term.name if term else technology


@desk.opened()
def searches(request: HttpRequest) -> HttpResponse:
    """``/desk/searches/``: every search of a place, and which could be published; a POST drafts one."""
    press, queue = desk.press(), Queue(settings.DATA)
    if request.method == "POST":
        number = request.POST.get("number", "")
        facts = press.search(
            int(number) if number.isdecimal() and len(number) < 19 else 0, fiction=bool(request.POST.get("fiction"))
        )
        what = What.CORRECTED if press.ledger.facts_at(address_of(facts)[0]) else What.PUBLISHED
        return redirect(
            "desk-draft",
            number=press.draft(
                facts, what, who=desk.who(request), roles_=desk.roles_of(request), reason=request.POST.get("reason", "")
            ),
        )
    on_the_way: dict[str, Drafted] = {one.address: one for one in press.ledger.drafts("draft", "submitted", "returned")}
    rows = [
        {**row, "name": counsel.place_name(row["place"]) if row["place"] else "", "public": press.ledger.facts_at(f"/searches/{row['number']}/") is not None,
         "draft": on_the_way.get(f"/searches/{row['number']}/"), "fiction": bool(row["place"]) and placed(row["place"]).state == "zz"}
        for row in queue.searches()
    ]  # fmt: skip
    return desk.page(request, "searches.html", _("Searches"), rows=rows)
