"""``/desk/open-letters/``: a coalition's letters: read as they will be signed, remarked on, agreed to, opened, changed, closed, withdrawn."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from postme import letter, roles, typo
from postme.errors import PostmeError, WrongUse
from postme.keeping.store.written import Versioned, Written
from postme.letter import Change, State
from postme.office.letters import Correspondence, differences
from postme.website import letters, mailing
from postme.website.pages import desk
from postme.website.pages.desk.coalitions import office
from postme.website.pages.desk.process import day_of, turn_of


def mine(request: HttpRequest, work: Correspondence, slug: str) -> Written:
    """A letter of a coalition that whoever asks acts in; others are told that there is none, drafts being nobody else's."""
    try:
        one = work.rows.one(slug)
    except WrongUse as error:
        raise Http404(error.what) from error
    if not one.coalition.speaks_for(desk.who(request)):
        raise Http404("There is no such letter.")
    return one


def organized(request: HttpRequest, work: Correspondence, slug: str) -> Written:
    """The same, for its organizers alone."""
    one = mine(request, work, slug)
    if not one.coalition.organizer(desk.who(request)):
        raise Http404("There is no such page for who is no organizer of this coalition.")
    return one


@desk.opened("see letters")
def every(request: HttpRequest) -> HttpResponse:
    """One's own coalitions with their letters; for a moderator those that the public may sign or read."""
    work, me = office(), desk.who(request)
    writes = roles.may(desk.roles_of(request), "write letters")
    own = work.rows.coalitions(me) if writes else []
    shelves = [{"one": each, "letters": work.rows.several(coalition=each.slug), "organizes": each.organizer(me)} for each in own]  # fmt: skip
    looks = roles.may(desk.roles_of(request), "set aside")
    public = work.rows.several(states=(State.OPEN, State.CLOSED, State.WITHDRAWN)) if looks else []
    return desk.page(request, "openletters.html", _("Open letters"), shelves=shelves, public=public, looks=looks, writes=writes)  # fmt: skip


@desk.opened("write letters")
def one(request: HttpRequest, slug: str) -> HttpResponse:
    """A letter as it will be signed, with all that its coalition does with it; a POST does one of it."""
    work = office()
    found = mine(request, work, slug)
    if request.method == "POST":
        step = request.POST.get("step", "")
        try:
            messages.success(request, desk.step_of(request, _DONE)(request, work, found))
            return redirect("desk-openletter", slug=slug)
        except PostmeError as error:
            return _page(request, work, work.rows.one(slug), error, step)
    return _page(request, work, found)


def _page(request: HttpRequest, work: Correspondence, one: Written, error: PostmeError | None = None, step: str = "") -> HttpResponse:  # fmt: skip
    me, now = desk.who(request), one.now
    agreed = one.agreed.get(one.drafted, {})
    mine_ = {each.id for each in one.coalition.speaks_for(me)}
    changed = now is not None and one.drafted != now.sha256
    looks = one.state in (State.DRAFT, State.OPEN)
    return desk.page(
        request, "openletter.html", one.draft.title or _("A letter without a title"), 409 if error else 200, one=one, text=one.draft, paragraphs=letter.passages(one.draft),
        claims=work.claims(one.draft), wrong=letter.checked(one.draft) if looks else {}, sha256=one.drafted, members=[{"one": each, "at": agreed.get(each.id), "mine": each.id in mine_} for each in one.coalition.members if not each.left],
        missing=one.missing(), remarks=work.rows.remarks(one.slug), organizes=one.coalition.organizer(me), changed=changed, looks=looks,
        against=typo.against(now.text, one.draft) if now and changed else (), unlike=_unlike(now, one) if now and changed else (), fault=error, at=step, typed=request.POST.dict() if error else {},
        counts=mailing.signers().counted(one.slug) if now else None, history=differences(one.versions), today=datetime.datetime.now(datetime.UTC).date(),
    )  # fmt: skip


def _unlike(now: Versioned, one: Written) -> Any:
    """The draft beside the text that is signed now: what is gone and what is new."""
    drafted = replace(now, number=now.number + 1, text=one.draft, sha256=one.drafted)
    return differences([now, drafted])[0]["pieces"]


# --- the steps


def _agree(request: HttpRequest, work: Correspondence, one: Written) -> str:
    said = request.POST.get("organization", "")
    work.agree(one.slug, int(said) if said.isdecimal() and len(said) < 16 else 0, request.POST.get("sha256", ""), who=desk.who(request))  # fmt: skip
    return _("It is agreed to, word for word. Whoever changes a word asks you again.")


def _remark(request: HttpRequest, work: Correspondence, one: Written) -> str:
    work.remark(one.slug, request.POST.get("text", ""), who=desk.who(request))
    return _("The others of the coalition read it here.")


def _settle(request: HttpRequest, work: Correspondence, one: Written) -> str:
    said = request.POST.get("remark", "")
    work.settle(one.slug, int(said) if said.isdecimal() and len(said) < 16 else 0, who=desk.who(request))
    return _("It is marked as dealt with.")


def _last_day(request: HttpRequest) -> datetime.date | None:
    return day_of(request.POST.get("last_day", ""), "last_day", needed=False)


def _seen(request: HttpRequest, one: Written) -> int:
    """The turn that the page showed. Raises WrongUse where the words are others by now."""
    if request.POST.get("sha256") != one.drafted:
        raise WrongUse("Somebody changed this letter meanwhile.", where="letter", why="What you saw is not what would be signed.", do="Read it again, then press the button again.")  # fmt: skip
    return turn_of(request.POST)


def _open(request: HttpRequest, work: Correspondence, one: Written) -> str:
    work.open(one.slug, _seen(request, one), last_day=_last_day(request), who=desk.who(request))
    return _("The letter is open for signing. Everybody can read it now.")


def _change(request: HttpRequest, work: Correspondence, one: Written) -> str:
    said = request.POST.get("change", "")
    if said not in (Change.TYPO, Change.SUBSTANCE):
        raise WrongUse("It is not said what kind of change this is.", where="change", why="After a typo every signature stays; after anything else earlier signers are asked again.", do="Choose one of the two.")  # fmt: skip
    why = request.POST.get("why", "").strip()[:1000]
    work.change(one.slug, _seen(request, one), Change(said), why, who=desk.who(request))
    if said == Change.SUBSTANCE and mailing.possible():
        mailing.signers().thank(one.slug, partial(_again, one, why), about=f"version {len(one.versions) + 1}", who=desk.who(request))  # fmt: skip
    return _("The change is public, with what it changed and why.")


def _again(one: Written, why: str, number: str, language: str) -> tuple[str, str]:
    """To who signed before a change of substance and wants to hear of it."""
    return letters.asked_again(one.draft.title, one.slug, why, number, language)


def _close(request: HttpRequest, work: Correspondence, one: Written) -> str:
    work.close(one.slug, who=desk.who(request), why=request.POST.get("why", "").strip()[:1000])
    return _("The letter is closed for signing. Hand it over now.")


def _reopen(request: HttpRequest, work: Correspondence, one: Written) -> str:
    work.reopen(one.slug, _last_day(request), who=desk.who(request))
    return _("The letter is open for signing again.")


def _withdraw(request: HttpRequest, work: Correspondence, one: Written) -> str:
    work.withdraw(one.slug, request.POST.get("why", "")[:1000], who=desk.who(request))
    return _("The letter is withdrawn. Its page stays, and says why.")


_DONE: Mapping[str, Callable[[HttpRequest, Correspondence, Written], str]] = {
    "agree": _agree, "remark": _remark, "settle": _settle, "open": _open, "change": _change, "close": _close, "reopen": _reopen, "withdraw": _withdraw,
}  # fmt: skip
