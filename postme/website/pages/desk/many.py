"""``/desk/process/table/`` and ``/desk/process/many/``: many proposals from one table, and one step for many; those whose gate is shut are told why, the others go."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from postme import roles
from postme.errors import PostmeError, WrongUse
from postme.office import batches
from postme.office.batches import Batch, Outcome
from postme.proposal import DEEDS
from postme.website.pages import desk
from postme.website.pages.desk.process import today, work
from postme.website.pages.desk.steps import deed_of

# The steps that many can take together, in their usual order; votes have their own page.
STEPS = (
    "submit", "accept", "publish_report", "publish_policy", "advise", "give_notice", "open_comments", "close_comments", "meet_community", "hear", "acquire", "put_into_use", "report", "review",
)  # fmt: skip
# Chosen: what a page shows to choose from.
_SHOWN = 450
_SAYS = {"accept": "it is made public"}


# --- from one table --------------------------------------------------------------------------------------------------


def blank(request: HttpRequest) -> HttpResponse:
    """The empty table."""
    return _file(batches.template(), "proposals.csv")


def _file(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@desk.opened("propose")
def table(request: HttpRequest) -> HttpResponse:
    """Bring a table, look at what each row becomes, draft the good rows, take the bad ones away to mend."""
    office = work()
    towns = office.docket.towns()
    post = request.POST
    where = (post.get("town") or request.GET.get("town") or (towns[0].id if towns else ""))[:200]
    shown: dict[str, Any] = {"towns": towns, "town": where, "columns": batches.COLUMNS}
    if request.method != "POST":
        return desk.page(request, "batch.html", _("Many from one table"), **shown)
    try:
        text, name = _brought(request)
        town = office.docket.town(where)
        batch = batches.read(text.encode(), name, town.name, {row["slug"] for row in office.docket.laid()})
    except PostmeError as error:
        if error.where in roles.PERMISSIONS:
            raise
        return desk.page(request, "batch.html", _("Many from one table"), 400, error=error, **shown)
    step = post.get("step", "")
    if step == "mend":
        return _file(batches.mended(batch.bad), "to-mend.csv")
    shown |= {"batch": batch, "text": text, "name": name}
    if step in ("draft", "draft and hand in"):
        shown["outcomes"] = _drafted(request, office, town.id, batch, hand_in=step != "draft")
        shown["done"] = sum(one.done for one in shown["outcomes"])
    return desk.page(request, "batch.html", _("Many from one table"), **shown)


def _brought(request: HttpRequest) -> tuple[str, str]:
    """The table as text. Raises WrongUse where no file was chosen."""
    sent = request.FILES.get("file")
    if sent is not None and sent.size:
        data = sent.read()
        batches.refused(data, str(sent.name))
        try:
            return data.decode("utf-8-sig"), str(sent.name)[:200]
        except UnicodeDecodeError:
            return data.decode("cp1252", "replace"), str(sent.name)[:200]
    if text := request.POST.get("text", ""):
        return text, request.POST.get("name", "")[:200] or "table.csv"
    raise WrongUse("No file was chosen.", where="file", why="There is nothing to read.", do="Choose a CSV file.")


def _drafted(request: HttpRequest, office: batches.Batches, town: str, batch: Batch, *, hand_in: bool) -> list[Outcome]:
    me, own = desk.who(request), desk.roles_of(request)
    found = office.drafted(town, batch.good, who=me, roles_=own)
    if not hand_in:
        return found
    drafted = {row.slug: row.told.get("drafted") for row in batch.good}
    done = [one.slug for one in found if one.done]
    turns = {one.slug: one.turn for one in office.many(done).values()}
    outcomes = {one.slug: one for day in {*drafted.values()} for one in office.handed_in({own_: turn for own_, turn in turns.items() if drafted[own_] == day}, who=me, roles_=own, on=day)}  # fmt: skip
    return [outcomes.get(one.slug, one) for one in found]


# --- one step for many -----------------------------------------------------------------------------------------------


@desk.opened()
def many(request: HttpRequest) -> HttpResponse:
    """Choose proposals, a step or several of one day, and record it for all whose gates are open."""
    office = work()
    post = request.POST
    where = (post.get("town") or request.GET.get("town") or "")[:200]
    chosen = [one for one in (post.getlist("kind") or request.GET.getlist("step")) if one in STEPS]
    outcomes: list[Outcome] = []
    error: PostmeError | None = None
    looked = post.get("step") == "look"
    if request.method == "POST" and post.get("step") in ("record", "look"):
        try:
            outcomes = _went(request, office, chosen, looked=looked)
        except PostmeError as trouble:
            if trouble.where in roles.PERMISSIONS:
                raise
            error = trouble
    if outcomes and not looked:
        chosen = [_following(chosen[-1])]
    kinds = chosen or ["accept"]
    rows = listed(office.docket.laid(where or None), kinds[0], desk.who(request))
    keep = error is not None or looked
    return desk.page(
        request, "many.html", _("One step for many"), 409 if error else 200, rows=rows[:_SHOWN], count=len(rows), kinds=kinds, steps=[(one, _SAYS.get(one) or DEEDS[one].says) for one in STEPS],
        town=where, towns=office.docket.towns(), outcomes=outcomes, looked=looked, done=sum(one.done for one in outcomes), error=error, today=today(), typed=post.dict() if keep else {},
        seen=json.dumps({row["slug"]: row["turn"] for row in rows[:_SHOWN]}), ticked=set(post.getlist("proposal")) if keep else set(), everyone=post.get("which") == "all" if keep else False,
    )  # fmt: skip


def _following(kind: str) -> str:
    return STEPS[min(STEPS.index(kind) + 1, len(STEPS) - 1)]


def listed(rows: list[dict[str, Any]], kind: str, me: str) -> list[dict[str, Any]]:
    """The proposals for which a step can come next by the order of steps; gates are asked when it is recorded."""
    if kind == "submit":
        return [row for row in rows if not row["public"] and "submit" not in row["done"]]
    if kind == "accept":
        return [row for row in rows if not row["public"] and "submit" in row["done"] and row["author"] != me]
    after = DEEDS[kind].after if kind in DEEDS else ()
    over = {"withdraw", "end"}
    repeated = kind in ("report", "review")
    return [
        row
        for row in rows
        if row["public"] and (repeated or kind not in row["done"]) and not over & row["done"] and all(row["done"] & {*group} for group in after)
    ]  # fmt: skip


def seen_in(post: QueryDict) -> dict[str, int]:
    """The proposals that were chosen, with the turns that the form saw. Raises WrongUse where none is."""
    try:
        seen: Mapping[str, Any] = json.loads(post.get("seen", "{}"))
        turns = {str(own)[:120]: int(turn) for own, turn in seen.items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise WrongUse("The form is not whole.", where="seen", why="What it saw is not known.", do="Open the page again.") from error  # fmt: skip
    ticked = post.getlist("proposal")
    chosen = turns if post.get("which") == "all" else {own: turns[own] for own in ticked if own in turns}
    if not chosen:
        raise WrongUse("No proposal was chosen.", where="proposal", why="Nothing was done.", do="Choose some, or all that are listed.")  # fmt: skip
    return chosen


def _went(request: HttpRequest, office: batches.Batches, kinds: list[str], *, looked: bool) -> list[Outcome]:
    me, own, post = desk.who(request), desk.roles_of(request), request.POST
    if not kinds:
        raise WrongUse("No step was chosen.", where="kind", why="Nothing was done.", do="Choose one.")
    chosen = seen_in(post)
    gone: dict[str, Outcome] = {}
    for kind in kinds:
        fields = post.copy()
        fields["kind"] = kind
        if kind == "accept":
            some = office.accepted(chosen, who=me, roles_=own)
        elif kind == "submit":
            some = office.handed_in(chosen, who=me, roles_=own, on=deed_of(fields).on)
        elif looked:
            some = office.judged(chosen, deed_of(fields))
        else:
            some = office.recorded(
                chosen, deed_of(fields), who=me, roles_=own, note=post.get("note", "").strip()[:4000]
            )
        gone |= {one.slug: one for one in some}
        # The next step of the same form goes on from what this one left.
        chosen = {one.slug: chosen[one.slug] + (0 if looked else 1) for one in some if one.done}
    return list(gone.values())
