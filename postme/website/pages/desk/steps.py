"""``/desk/process/<slug>/``: a public proposal's steps: what can come next with its gates, what is missing, corrections."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from postme import roles
from postme.errors import PostmeError
from postme.gate import Gate
from postme.keeping.store.docket import Docketed
from postme.office import progress
from postme.office.batches import Batches
from postme.process import GateShut
from postme.proposal import DEEDS, FOR, PAPERS, PLANNED, Deed
from postme.website.pages import desk
from postme.website.pages.desk.process import before, day_of, moved_on, needed_day, today, turn_of, work

# Votes have a page of their own, with the roll call.
VOTED = (*FOR, "reject", "postpone", "renew")


@desk.opened()
def one(request: HttpRequest, slug: str) -> HttpResponse:
    """A proposal at the desk; a POST hands it in, makes it public, records a step or corrects one."""
    office = work()
    found = office.one(slug)
    if request.method == "POST" and request.POST.get("step") in ("hand in", "accept"):
        return moved_on(request, office, found)
    if request.method == "POST":
        try:
            _done(request, office, found)
        except PostmeError as error:
            if error.where in roles.PERMISSIONS:
                raise
            return _page(request, office, office.one(slug), error)
        return redirect("desk-proposal", slug=slug)
    if not found.public:
        return before(request, office, found)
    return _page(request, office, found)


def _done(request: HttpRequest, office: Batches, found: Docketed) -> None:
    post, me, own = request.POST, desk.who(request), desk.roles_of(request)
    deed = deed_of(post)
    note = post.get("note", "").strip()[:4000]
    if post.get("step") == "correct":
        office.correct(found.slug, int(post.get("number", "0") or 0), _corrected(found, post, deed), turn_of(post), reason=post.get("reason", "")[:1000], who=me, roles_=own, votes=_votes_of(found, post))  # fmt: skip
        messages.success(request, _("The correction is public, beside what it corrects."))
        return
    if post.get("step") != "record":
        raise desk.no_step()
    office.record(found.slug, deed, turn_of(post), who=me, roles_=own, note=note, insist=post.get("insist") == "yes")
    messages.success(request, _("It is recorded and public."))


def _corrected(found: Docketed, post: QueryDict, deed: Deed) -> Deed:
    """The step as it stood, with the day (the last day for comments, the place where its paper stands) that the correction names."""
    from dataclasses import replace

    stood = next((each.deed for each in found.recorded if str(each.number) == post.get("number")), None)
    return (
        replace(stood, on=deed.on, until=deed.until or stood.until, evidence=deed.evidence or stood.evidence)
        if stood
        else deed
    )


def _votes_of(found: Docketed, post: QueryDict) -> list[dict[str, Any]]:
    stood = next((each for each in found.recorded if str(each.number) == post.get("number")), None)
    return [{"seat": one["seat"], "vote": one["vote"], "said": one["said"]} for one in stood.votes] if stood else []


def deed_of(post: QueryDict) -> Deed:
    """A step as a form sends it: gates that were taken as met have their reasons in ``met-…`` fields."""
    kind = post.get("kind", "")
    on = needed_day(post.get("on", ""), "on")
    met = {key[4:]: str(value).strip()[:1000] for key, value in post.items() if key.startswith("met-") and str(value).strip()}  # fmt: skip
    return Deed(
        kind, on, fact=post.get("fact", "")[:80] if kind == "record" else "", value=post.get("value", "yes") != "no", until=day_of(post.get("until", ""), "until", needed=False),
        conditions=tuple(line.strip() for line in post.get("conditions", "").splitlines() if line.strip()), instrument=post.get("instrument", "").strip()[:60],
        evidence=post.get("evidence", "").strip()[:400], affirmed=met,
    )  # fmt: skip


def _page(request: HttpRequest, office: Batches, found: Docketed, error: PostmeError | None = None) -> HttpResponse:
    post = request.POST
    typed = post.dict() if error else {}
    day = today()
    held = progress.town(found.town)
    now = office.standing(found, day)
    shut = error.gates if isinstance(error, GateShut) else ()
    steps = [
        _step(found, kind, gates, typed, held) for kind, gates in office.next(found, day).items() if kind != "submit"
    ]
    # Nearest first: what is open comes before what is shut.
    order = list(DEEDS)
    steps.sort(key=lambda one: (one["kind"] in ("withdraw", "suspend", "end", "exigent_use", "declare_existing"), order.index(one["kind"])))  # fmt: skip
    return desk.page(
        request, "proposal_steps.html", found.title, 409 if error else 200, one=found, now=now, steps=steps, error=error, typed=typed, today=day, shut=[_gate(each, held) for each in shut],
        plans=_plans(office, found, request.GET.get("plan", ""), day), plan=request.GET.get("plan", ""), recorded=[_recorded(each) for each in found.recorded],
        meetings=office.meetings.several(slug=found.slug), due=[each for each in now.due if each.due or each.next_due], late=now.late, as_of=f"{datetime.datetime.now(datetime.UTC):%H:%M} UTC",
    )  # fmt: skip


def _step(found: Docketed, kind: str, gates: tuple[Gate, ...], typed: dict[str, Any], held: Any) -> dict[str, Any]:
    shown = [_gate(each, held) for each in gates if each.kind != "order"]
    return {
        "kind": kind, "says": DEEDS[kind].says, "gates": shown, "open": all(each.open for each in gates), "vote": kind in VOTED, "mine": typed.get("kind") == kind,
        "paper": kind in PAPERS, "missing": [each for each in shown if each["met"] != "yes" and each["bare"]], "unread": [each for each in shown if each["met"] == "not shown" and each["address"]],
    }  # fmt: skip


# Facts that a step of its own shows; the others are recorded as bare facts.
_OF_STEPS = {kind.fact for kind in DEEDS.values() if kind.fact}
_DEED_OF = {kind.fact: name for name, kind in DEEDS.items() if kind.fact}


def _gate(each: Gate, held: Any) -> dict[str, Any]:
    bare = each.needs and ":" not in each.needs and not each.needs.endswith(" ") and each.needs not in _OF_STEPS | {"instrument", "council_approved", "disapproved"}  # fmt: skip
    return {**progress.gate_told(each, held), "bare": each.needs if bare else "", "by_step": _DEED_OF.get(each.needs.strip(), "")}  # fmt: skip


def _plans(office: Batches, found: Docketed, said: str, day: datetime.date) -> list[dict[str, Any]]:
    """What must be done by when: for the day somebody asks about, and for each meeting ahead."""
    asked = [(kind, meeting.on) for meeting in office.meetings.several(slug=found.slug, since=day) if not meeting.called_off for own, kind in meeting.items if own == found.slug]  # fmt: skip
    if said:
        planned = day_of(said, "plan")
        asked += [(kind, planned) for kind in ("hear", "approve") if planned and not found.proposal.done(kind)]
    return [{"kind": kind, "says": PLANNED.get(kind, DEEDS[kind].says), "on": on, "ahead": office.planned(found, kind, on, day)} for kind, on in dict.fromkeys(asked)]  # fmt: skip


def _recorded(each: Any) -> dict[str, Any]:
    return {
        "number": each.number, "says": DEEDS[each.deed.kind].says, "on": each.deed.on, "until": each.deed.until, "fact": each.deed.fact, "who": each.who, "note": each.note,
        "replaced": each.replaced, "reason": each.reason, "kind": each.deed.kind, "evidence": each.deed.evidence, "paper": each.deed.kind in PAPERS,
    }  # fmt: skip
