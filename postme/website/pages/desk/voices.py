"""``/desk/voices/``: comments at the desk: hide and restore by a rule, floods, what came on paper, answers, the advisory question, the speakers."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from postme import roles, voices
from postme.errors import WrongUse
from postme.keeping.store import heard
from postme.keeping.store.comments import About
from postme.keeping.store.models import Meeting, Proposal
from postme.proposal import FOR
from postme.voices import Channel, Position, Stage
from postme.website import letters, mailing
from postme.website.pages import desk, page_asked, pages_of

_MAY = {
    "hidden": "moderate", "restored": "moderate", "hide all": "moderate", "restore all": "moderate", "enter": "enter comments", "look": "ask people", "ask": "ask people", "ballot": "enter comments",
    "packet": "enter comments", "answer": "draft answer", "publish": "publish answer",
}  # fmt: skip


@desk.opened()
def every(request: HttpRequest) -> HttpResponse:
    """Public proposals with what came on each, and how the mail goes."""
    of = {state: Count("comments", filter=Q(comments__state=state)) for state in ("waiting", "published", "hidden")}
    rows = Proposal.objects.filter(public=True).annotate(**of).order_by("-changed")[:200]
    outbox = mailing.voices().outbox
    return desk.page(
        request, "voices.html", _("Comments"), rows=[{"slug": row.slug, "title": row.title, **{state: getattr(row, state) for state in of}} for row in rows],
        mail=outbox.counts(datetime.datetime.now(datetime.UTC)), given_up=outbox.given_up(), files=mailing.folder() if not settings.MAIL and mailing.possible() else None,
    )  # fmt: skip


@desk.opened()
def one(request: HttpRequest, slug: str) -> HttpResponse:
    """One proposal's comments with all that the desk can do with them; a POST does one of it."""
    about = mailing.voices().about(slug)
    if about is None:
        raise Http404("There is no such public decision.")
    if request.method == "POST":
        step = request.POST.get("step", "")
        if step not in _MAY:
            raise WrongUse("There is no such step.", where="step", why="Nothing was done.", do="Open the page again.")
        roles.asked(desk.roles_of(request), _MAY[step])
        if step == "look":
            return _page(request, slug, about, _looked(request, about))
        messages.success(request, _done(request, slug, step))
        return redirect("desk-voices-of", slug=slug)
    return _page(request, slug, about)


def _looked(request: HttpRequest, about: About) -> dict[str, Any]:
    """An advisory question as it would be put: its exact words with their hash and its days, or why it cannot be."""
    post = request.POST
    typed = {key: post.get(key, "")[:2000] for key in ("question", "opens", "closes")}
    try:
        opens, closes = _day(typed["opens"]), _day(typed["closes"])
        words = mailing.voices().question(about, typed["question"], opens, closes)
    except WrongUse as error:
        return {"asked_wrong": error, "asking": typed}
    # A vote that is planned before the last day would leave answers that nobody hears.
    votes = Meeting.objects.filter(items__proposal__slug=about.slug, items__kind__in=FOR, called_off=False, on__lte=closes, on__gte=opens)  # fmt: skip
    return {"asking": typed, "put": {"words": words, "sha256": voices.question_hash(words), "opens": opens, "closes": closes, "vote": votes.order_by("on").first()}}  # fmt: skip


def _page(request: HttpRequest, slug: str, about: About, more: dict[str, Any] | None = None) -> HttpResponse:
    more = more or {}
    state, number = request.GET.get("state", "published"), request.GET.get("number", "")
    page = page_asked(request)
    rows, count = heard.at_desk(slug, state=state, number=number.strip().upper(), page=page)
    numbers = pages_of(count, heard.PAGE, page)
    # Speakers are told that only the clerk sees the sheet.
    meetings = Meeting.objects.filter(items__proposal__slug=slug).distinct().order_by("on") if roles.may(desk.roles_of(request), "enter comments") else ()  # fmt: skip
    return desk.page(
        request, "voices_of.html", about.title, 409 if "asked_wrong" in more else 200, about=about, slug=slug, state=state, rows=rows, count=count, number=page, numbers=numbers, asked=number,
        rules=voices.RULES, floods=heard.floods(slug), counts=heard.waiting_at_desk(slug), window=mailing.voices().window(about), channels=[one.value for one in Channel if one != Channel.WEB],
        positions=[one.value for one in Position], drafts=heard.answers(slug, published=False), vote=heard.vote(slug),
        sheets=[{"meeting": meeting, "speakers": mailing.voices().speakers(meeting.pk)} for meeting in meetings], decided=mailing.voices().decided(about), **more,
    )  # fmt: skip


def _done(request: HttpRequest, slug: str, step: str) -> str:
    own, post, me = mailing.voices(), request.POST, desk.who(request)
    about = own.about(slug)
    if about is None:
        raise Http404("There is no such public decision.")
    if step in ("hidden", "restored", "hide all", "restore all"):
        return _moderated(request, slug, step)
    if step == "enter":
        typed = {key: post.get(key, "") for key in ("position", "text", "name", "shown", "channel")}
        return _("It is public. Its receipt: {number}").format(number=own.enter(about, typed, who=me))
    if step == "ask":
        opens, closes = _day(post.get("opens", "")), _day(post.get("closes", ""))
        words = own.question(about, post.get("question", ""), opens, closes)
        if post.get("sha256", "") != voices.question_hash(words):
            raise WrongUse("The question is another one than you looked at.", where="question", why="Its hash stands on every answer, and it cannot be changed once it is put.", do="Look at it again, then put it.")  # fmt: skip
        own.ask(about, words, opens, closes, who=me)
        return _("The question is put.")
    if step == "ballot":
        choice, vote = post.get("choice", ""), heard.vote(slug)
        if choice not in set(Position) or vote is None:
            raise WrongUse("This answer cannot be entered.", where="ballot", why="It is one of the three, to a question that was put.", do="Choose one of the three.")  # fmt: skip
        return _("It counts. Its receipt: {number}").format(number=own.enter_ballot(about, vote["id"], Position(choice), who=me))  # fmt: skip
    if step == "packet":
        return _("In the packet now: {n}").format(n=own.staged(slug, Stage.IN_PACKET))
    if step == "answer":
        own.answer(slug, post.get("point", ""), post.get("text", ""), post.get("numbers", "").replace(",", " ").split(), who=me)  # fmt: skip
        return _("The answer waits for a second person.")
    said = post.get("answer", "")
    own.publish_answer(int(said) if said.isdecimal() and len(said) < 19 else 0, who=me)
    return _("The answer is public.")


def _moderated(request: HttpRequest, slug: str, step: str) -> str:
    post, flood = request.POST, ""
    numbers = post.getlist("number")
    if step.endswith(" all"):
        flood = post.get("flood", "")
        found = next((each for each in heard.floods(slug) if each["key"] == flood), None)
        if found is None:
            raise WrongUse("This flood is not what it was.", where="flood", why="Comments came or went since you opened the page.", do="Open it again, and look.")  # fmt: skip
        numbers = list(found["numbers"])
    what, rule, why = "hidden" if step in ("hidden", "hide all") else "restored", post.get("rule", ""), post.get("why", "")  # fmt: skip

    def letter(number: str, title: str, language: str) -> tuple[str, str]:
        return letters.moderated(what, rule, why.strip(), number, title, language)

    done = mailing.voices().moderate(
        numbers, what, rule=rule, why=why, who=desk.who(request), letter=letter, flood=flood
    )
    return (_("Hidden: {n}. It is public that it was done, and why.") if what == "hidden" else _("Restored: {n}.")).format(n=done)  # fmt: skip


def _day(said: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(said)
    except ValueError as error:
        raise WrongUse(f"“{said[:20]}” is no day.", where="day", why="The question would have no time.", do="Write it as 2026-12-02.") from error  # fmt: skip


@desk.opened("read mails")
def letters_out(request: HttpRequest) -> HttpResponse:
    """The letters that became files, where nothing can be sent: only to try things out."""
    if settings.MAIL or not mailing.possible():
        raise Http404("Letters go to a mail server here.")
    facts: dict[str, Any] = {"letters": mailing.files(), "folder": mailing.folder()}
    return desk.page(request, "letters.html", _("Letters"), **facts)
