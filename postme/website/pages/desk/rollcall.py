"""``/desk/process/vote/``: the roll call of a vote, for one proposal or for several with the same motion (a consent calendar)."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from postme import roles
from postme.errors import PostmeError, WrongUse
from postme.keeping.store.docket import Docketed
from postme.office import batches, council
from postme.office.batches import Outcome
from postme.office.council import VOTES
from postme.proposal import DEEDS, FOR, Deed
from postme.website.pages import desk
from postme.website.pages.desk.many import _SHOWN, listed, seen_in
from postme.website.pages.desk.process import day_of, today, work
from postme.website.pages.desk.steps import VOTED, deed_of

_ANSWERS = {"true": True, "false": False}


@desk.opened("record step")
def vote(request: HttpRequest) -> HttpResponse:
    """The form of a roll call; a POST records it for every proposal that was chosen, and tells those whose gate is shut."""
    office, post = work(), request.POST
    asked = request.GET.getlist("proposal")[:_SHOWN]
    meeting = request.GET.get("meeting", "")
    kind = post.get("kind") or request.GET.get("kind") or "approve"
    if kind not in VOTED:
        kind = "approve"
    rows = _rows(office, kind, asked, meeting, desk.who(request), list(json_slugs(post)))
    outcomes: list[Outcome] = []
    error: PostmeError | None = None
    if request.method == "POST":
        try:
            outcomes = _recorded(request, office, kind)
        except PostmeError as trouble:
            if trouble.where in roles.PERMISSIONS:
                raise
            error = trouble
        if len(outcomes) == 1 and outcomes[0].done:
            messages.success(request, _("It is recorded and public."))
            return redirect("desk-proposal", slug=outcomes[0].slug)
    typed = post if error or any(not one.done for one in outcomes) else QueryDict()
    return _page(request, office, kind, rows, outcomes, error, typed)


def json_slugs(post: QueryDict) -> list[str]:
    """The proposals that a form listed; none where it tells none."""
    try:
        return list(json.loads(post.get("seen", "{}")))[:_SHOWN]
    except (ValueError, TypeError):
        return []


def _rows(office: batches.Batches, kind: str, asked: list[str], meeting: str, me: str, seen: list[str]) -> list[dict[str, Any]]:  # fmt: skip
    rows = office.docket.laid()
    if meeting.isdecimal() and len(meeting) < 10:
        asked = [own for own, planned in office.meetings.one(int(meeting)).items if planned in VOTED]
    if wanted := {*(seen or asked)}:
        return [row for row in rows if row["slug"] in wanted][:_SHOWN]
    # Those that were heard stand first among those that can be voted on.
    found = listed([row for row in rows if not row["done"] & {*FOR, "reject"}] if kind != "renew" else rows, kind, me)
    return sorted(found, key=lambda row: "hear" not in row["done"])[:_SHOWN]


def _page(
    request: HttpRequest, office: batches.Batches, kind: str, rows: list[dict[str, Any]], outcomes: list[Outcome], error: PostmeError | None, typed: QueryDict
) -> HttpResponse:  # fmt: skip
    some = list(office.many([row["slug"] for row in rows]).values())
    seats = _seats(some, typed)
    waiting = {one.slug for one in outcomes if not one.done}
    shown = [row for row in rows if not outcomes or row["slug"] in waiting]
    turns = {one.slug: one.turn for one in some if one.slug in {row["slug"] for row in shown}}
    return desk.page(
        request, "vote.html", _("Roll call"), 409 if error or waiting else 200, kind=kind, kinds=[(one, DEEDS[one].says) for one in VOTED], rows=shown, one=shown[0] if len(shown) == 1 else None,
        seats=seats, votes=VOTES, findings=[{"name": name, "said": typed.get(f"finding-{name}", "none")} for name in batches.findings_of(_alike(some), today())], outcomes=outcomes, done=sum(one.done for one in outcomes),
        error=error, typed=typed, today=today(), seen=json.dumps(turns), ticked={*typed.getlist("proposal")} or ({row["slug"] for row in shown} if len(shown) == 1 else set()),
        everyone=typed.get("everyone", ""), all_listed=typed.get("which") == "all", also=_also(office, _alike(some)), also_ticked=typed.getlist("also"),
    )  # fmt: skip


def _alike(some: list[Docketed]) -> list[Docketed]:
    """One of each kind: the same body asking for the same acts with the same technologies is asked the same by the law."""
    return list({(one.town.id, one.kind, one.technologies, one.acts, one.purpose): one for one in some}.values())


def _seats(some: list[Docketed], typed: QueryDict) -> list[dict[str, Any]]:
    towns = {one.town.id for one in some}
    if len(towns) != 1:
        return []
    try:
        day = day_of(typed.get("on", ""), "on", needed=False) or today()
    except WrongUse:
        day = today()
    return [
        {"number": one.number, "holder": one.holder, "ward": one.ward, "body": one.body, "vote": typed.get(f"vote-{one.number}", ""), "said": typed.get(f"said-{one.number}", "")}
        for one in council.members(settings.DATA, towns.pop(), day)
        if one.body == council.MAIN
    ]  # fmt: skip


def _also(office: batches.Batches, some: list[Docketed]) -> dict[str, str]:
    """Facts that the vote itself can show: what the law asks for before it that no step of its own shows."""
    from postme.website.pages.desk.steps import _OF_STEPS

    found = {}
    for one in some:
        for each in office.gates(one, Deed("approve", today())):
            if each.kind == "step" and each.truth is not True and each.needs not in _OF_STEPS:
                found[each.needs] = each.says
    return found


def _recorded(request: HttpRequest, office: batches.Batches, kind: str) -> list[Outcome]:
    post = request.POST
    chosen = seen_in(post)
    told = deed_of(post)
    some = list(office.many(chosen).values())
    asked = {one.slug: {*batches.findings_of([one], told.on)} for one in some}
    said = {key[8:]: _ANSWERS[str(value)] for key, value in post.items() if key.startswith("finding-") and value in _ANSWERS}  # fmt: skip
    lines = _lines(post, some)

    def deed(one: Docketed) -> Deed:
        its = {name: value for name, value in said.items() if name in asked[one.slug]}
        return Deed(
            kind, told.on, findings=its if kind in (*FOR, "reject") else {}, conditions=told.conditions if kind == "approve_with_conditions" else (), instrument=told.instrument,
            also=tuple(post.getlist("also")) if kind in FOR else (), affirmed=told.affirmed,
        )  # fmt: skip

    return office.recorded(
        chosen, deed, who=desk.who(request), roles_=desk.roles_of(request), motion=post.get("motion", "").strip()[:2000], note=post.get("note", "").strip()[:4000], votes=lines,
        insist=post.get("insist") == "yes",
    )  # fmt: skip


def _lines(post: QueryDict, some: list[Docketed]) -> list[dict[str, Any]]:
    """A line a member. Raises WrongUse where some are missing: each is yes, no, abstain, absent or recused."""
    day_of(post.get("on", ""), "on")
    everyone = post.get("everyone", "") == "yes"
    seats = _seats(some, post)
    if not seats and len({one.town.id for one in some}) > 1:
        raise WrongUse("These are before two councils.", where="roll call", why="A roll call is of one body.", do="Choose those of one town.")  # fmt: skip
    lines = [{"seat": one["number"], "vote": one["vote"] or ("yes" if everyone else ""), "said": one["said"].strip()[:2000]} for one in seats]  # fmt: skip
    if lines and (missing := [one["holder"] for one, line in zip(seats, lines, strict=True) if not line["vote"]]):
        raise WrongUse(
            f"No vote of {', '.join(missing[:5])}{f' and {len(missing) - 5} more' if len(missing) > 5 else ''}.", where="roll call", why="Whoever did not vote was absent, abstained or was recused; which of them is not guessed.",
            do="Choose one for each, or “all others voted yes”.",
        )  # fmt: skip
    return lines
