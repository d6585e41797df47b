"""``/desk/process/meetings/``: meetings are called, moved and called off, with an agenda of many proposals."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from postme import roles
from postme.errors import PostmeError, WrongUse
from postme.keeping.store.meetings import MeetingRow
from postme.office import packet, progress
from postme.office.batches import Batches
from postme.process import GateShut
from postme.proposal import FOR, PLANNED, Deed
from postme.voices import Stage
from postme.website import mailing
from postme.website.pages import desk
from postme.website.pages.desk.process import day_of, today, work

# What can be on an agenda.
KINDS = ("hear", "approve", "advise", "renew", "review")
# Chosen: what an agenda can hold on one page.
_SHOWN = 400


@desk.opened("record step")
def every(request: HttpRequest) -> HttpResponse:
    """The meetings ahead, and those of the last year."""
    day = today()
    office = work()
    rows = office.meetings.several(since=day - datetime.timedelta(365))
    return desk.page(request, "meetings.html", _("Meetings"), ahead=[one for one in rows if one.on >= day], past=[one for one in rows if one.on < day][::-1][:50])  # fmt: skip


@desk.opened("record step")
def one(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """A meeting's form: called, moved, called off, with its agenda."""
    office = work()
    towns = office.docket.towns()
    meeting = office.meetings.one(number) if number else None
    where = meeting.town if meeting else request.POST.get("town") or request.GET.get("town") or (towns[0].id if towns else "")  # fmt: skip
    if request.method != "POST":
        return _page(request, office, where, meeting, _stands(meeting))
    try:
        number, moved = _called(request, office, where, meeting)
    except PostmeError as error:
        if error.where in roles.PERMISSIONS:
            raise
        typed = {**request.POST.dict(), "agenda": set(request.POST.getlist("agenda"))}
        return _page(request, office, where, meeting, typed, error)
    messages.success(request, _("The meeting stands in the calendar.") if not moved else _("The change is public."))
    return redirect("desk-meeting", number=number)


def _stands(meeting: MeetingRow | None) -> dict[str, Any]:
    if meeting is None:
        return {"body": "city council", "agenda": set()}
    return {
        "body": meeting.body, "on": meeting.on.isoformat(), "begins": meeting.begins, "zone": meeting.zone, "where": meeting.where, "how_to_speak": meeting.how_to_speak,
        "agenda": {f"{own} {kind}" for own, kind in meeting.items}, "stamp": stamp(meeting),
    }  # fmt: skip


def stamp(meeting: MeetingRow) -> str:
    """What a form saw of a meeting, so that two people do not move it over each other."""
    return f"{meeting.on} {meeting.begins} {meeting.called_off} {len(meeting.items)}"


def _called(request: HttpRequest, office: Batches, where: str, meeting: MeetingRow | None) -> tuple[int, bool]:
    post, me, own = request.POST, desk.who(request), desk.roles_of(request)
    roles.asked(own, "record step")
    if meeting and post.get("stamp") != stamp(meeting):
        raise WrongUse("Somebody changed this meeting since you opened it.", where="meeting", why="You would undo what you have not seen.", do="Look at how it stands now, then send yours again.")  # fmt: skip
    off = post.get("step") == "call off"
    day = day_of(post.get("on", ""), "on")
    told = {
        "body": post.get("body", "").strip()[:200] or "city council", "on": day, "begins": _hour(post), "zone": post.get("zone", "").strip()[:40], "where": post.get("where", "").strip()[:300],
        "how_to_speak": post.get("how_to_speak", "").strip()[:2000], "called_off": off,
    }  # fmt: skip
    agenda = [(slug, kind) for slug, _s, kind in (one.partition(" ") for one in post.getlist("agenda")) if kind in KINDS or kind in FOR]  # fmt: skip
    if off and meeting:
        told["on"] = meeting.on
        agenda = []
    elif post.get("which") == "all":
        planned = post.get("for", "hear")
        agenda = [(row["slug"], planned) for row in _rows(office, where)]
    number = office.call(where, told, agenda, who=me, roles_=own, number=meeting.number if meeting else None)
    if not off and post.get("notice") == "yes":
        _announced(request, office, [slug for slug, kind in agenda if kind == "hear"])
    if meeting:
        gone = {*meeting.items} - {*agenda} if not off else set()
        for slug, kind in gone:
            office.meetings.taken_off(number, slug, kind)
        # Those that were on it before and are not told of by the call: taken off, or the whole meeting called off.
        for slug in sorted({slug for slug, _k in (meeting.items if off else gone)}):
            if office.one(slug).public:
                office.refresh(slug, "a meeting was called off" if off else "it was taken off an agenda", who=me)
    return number, meeting is not None


def _announced(request: HttpRequest, office: Batches, slugs: list[str]) -> None:
    """The notice of a hearing for all on its agenda, and the time for comments with it; those whose gate is shut are told why."""
    me, own, day = desk.who(request), desk.roles_of(request), today()
    until = day_of(request.POST.get("until", ""), "until", needed=False)
    waiting = {one.slug: one.turn for one in office.many(slugs).values() if one.public and not one.proposal.done("give_notice")}  # fmt: skip
    outcomes = office.recorded(waiting, Deed("give_notice", day), who=me, roles_=own)
    if until:
        told = {one.slug: waiting[one.slug] + 1 for one in outcomes if one.done}
        outcomes = [one for one in outcomes if not one.done] + office.recorded(told, Deed("open_comments", day, until=until), who=me, roles_=own)  # fmt: skip
    done = sum(one.done for one in outcomes)
    messages.success(request, ngettext("The notice was given for %(n)d proposal.", "The notice was given for %(n)d proposals.", done) % {"n": done})  # fmt: skip
    for one in outcomes:
        if not one.done:
            messages.warning(request, f"{one.title}: {one.why}")


def _hour(post: QueryDict) -> str:
    said = post.get("begins", "").strip()
    if not said:
        return ""
    try:
        return f"{datetime.time.fromisoformat(said):%H:%M}"
    except ValueError as error:
        raise WrongUse(f"“{said[:20]}” is no hour.", where="begins", why="It stands in people’s calendars.", do="Write it as 18:30, or leave it empty.") from error  # fmt: skip


def _rows(office: Batches, where: str) -> list[dict[str, Any]]:
    over = {*FOR, "reject", "withdraw", "end"}
    return [row for row in office.docket.laid(where, public=True) if not row["done"] & over][:_SHOWN]


def _page(request: HttpRequest, office: Batches, where: str, meeting: MeetingRow | None, typed: dict[str, Any], error: PostmeError | None = None) -> HttpResponse:  # fmt: skip
    town = office.docket.town(where)
    on_it = {own for own, _kind in meeting.items} if meeting else set()
    rows = _rows(office, where)
    rows += office.docket.laid(where, slug__in=[*on_it - {row["slug"] for row in rows}])
    shut = [progress.gate_told(each, progress.town(town)) for each in error.gates] if isinstance(error, GateShut) else []  # fmt: skip
    return desk.page(
        request, "meeting.html", _("Change the meeting") if meeting else _("Call a meeting"), 409 if error else 200, meeting=meeting, typed=typed, error=error, shut=shut, town=town,
        towns=office.docket.towns(), rows=[{**row, "on": [kind for kind in KINDS if f"{row['slug']} {kind}" in typed["agenda"]]} for row in rows], kinds=[(kind, PLANNED[kind]) for kind in KINDS],
        stamp=stamp(meeting) if meeting else "", today=today(),
    )  # fmt: skip


@desk.opened("record step")
def packed(request: HttpRequest, number: int) -> HttpResponse:
    """The packet of a meeting at the desk, before its notice too; a POST says of the comments in it that they are in the packet."""
    office = work()
    made = packet.made(office, number, settings.SITE, today())
    meeting = office.meetings.one(number)
    if request.method == "POST":
        said = sum(mailing.voices().staged(own, Stage.IN_PACKET) for own in dict.fromkeys(own for own, _kind in meeting.items))  # fmt: skip
        office.ledger.note(desk.who(request), datetime.datetime.now(datetime.UTC), "packet made", f"meeting {number}", f"{made.sha256}, {said} comments")  # fmt: skip
        messages.success(request, ngettext("%(n)d comment is in the packet now.", "%(n)d comments are in the packet now.", said) % {"n": said})  # fmt: skip
        return redirect("desk-packet", number=number)
    return desk.page(request, "packet.html", _("The packet of the meeting"), meeting=meeting, packet=made, public=packet.open_to_all(office, meeting))  # fmt: skip


@desk.opened("record step")
def packed_file(request: HttpRequest, number: int) -> HttpResponseBase:
    """The ZIP file, for the clerk to look at before the notice."""
    made = packet.made(work(), number, settings.SITE, today())
    return FileResponse(made.zip.open("rb"), as_attachment=True, filename=f"meeting-{number}-{made.on}.zip")
