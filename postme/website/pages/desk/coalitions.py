"""``/desk/coalitions/``: who writes letters together: organizations, who acts for each, the key to which signers' data is closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from postme import letter, roles
from postme.errors import PostmeError, WrongUse
from postme.keeping.store.docket import Docket
from postme.keeping.store.written import Allied, Member
from postme.office import logos
from postme.office.letters import Correspondence
from postme.website import accounts
from postme.website.pages import desk

_WRITES = "coalition"


def office() -> Correspondence:
    """The letters of this site."""
    return Correspondence(settings.DATA, settings.LOG_ORIGIN)


@desk.opened("see letters")
def every(request: HttpRequest) -> HttpResponse:
    """One's own coalitions, or all of them for who may found one."""
    founds = roles.may(desk.roles_of(request), "found coalition")
    return desk.page(request, "coalitions.html", _("Coalitions"), coalitions=office().rows.coalitions(None if founds else desk.who(request)))  # fmt: skip


@desk.opened("found coalition")
def founded(request: HttpRequest) -> HttpResponse:
    """The form of a new coalition; a POST founds it."""
    work = office()
    typed: Mapping[str, str] = {}
    error: PostmeError | None = None
    if request.method == "POST":
        typed = {key: request.POST.get(key, "")[:4000] for key in ("town", "name", "about", "contact")}
        try:
            Docket(work.ledger.file).town(typed["town"])
            own = work.found(typed["town"], typed["name"], about=typed["about"], contact=typed["contact"][:200], who=desk.who(request), roles_=desk.roles_of(request))  # fmt: skip
        except PostmeError as trouble:
            error = trouble
        else:
            messages.success(request, _("The coalition is founded. Add its organizations, and say who acts for each."))
            return redirect("desk-coalition", slug=own)
    return desk.page(request, "coalition_form.html", _("Found a coalition"), 409 if error else 200, typed=typed, fault=error, towns=Docket(work.ledger.file).towns())  # fmt: skip


@desk.opened("see letters")
def one(request: HttpRequest, slug: str) -> HttpResponse:
    """A coalition; a POST adds or takes out an organization, says who acts for one, or changes what the coalition says of itself."""
    work = office()
    own = seen(request, work, slug)
    if request.method == "POST":
        step = request.POST.get("step", "")
        try:
            messages.success(request, desk.step_of(request, _DONE)(request, work, own))
            return redirect("desk-coalition", slug=slug)
        except PostmeError as error:
            if error.where in roles.PERMISSIONS:
                raise
            return _page(request, work.rows.coalition(slug), error, step)
    return _page(request, own)


def seen(request: HttpRequest, work: Correspondence, slug: str) -> Allied:
    """A coalition that whoever asks may see here: one's own, or any for who founds them. Others are told that there is none."""
    try:
        own = work.rows.coalition(slug)
    except WrongUse as error:
        raise Http404(error.what) from error
    if not own.speaks_for(desk.who(request)) and not roles.may(desk.roles_of(request), "found coalition"):
        raise Http404("There is no such coalition.")
    return own


def _page(request: HttpRequest, own: Allied, error: PostmeError | None = None, step: str = "") -> HttpResponse:
    me, founds = desk.who(request), roles.may(desk.roles_of(request), "found coalition")
    typed = request.POST.dict() if error else {}
    if not str(typed.get("key", "")).strip().startswith("age1"):
        typed.pop("key", None)  # a private key that was pasted is not sent back
    organizes = own.organizer(me)
    mine = {one.id for one in own.speaks_for(me)}
    return desk.page(
        request, "coalition.html", own.name, 409 if error else 200, one=own, fault=error, at=step, typed=typed, organizes=organizes,
        gives=organizes or founds, mine=mine, members=[each for each in own.members if not each.left], left=[each for each in own.members if each.left],
        most_days=letter.LONGEST_KEPT.days,
    )  # fmt: skip


# --- the steps


def _roles(request: HttpRequest) -> dict[str, Any]:
    return {"who": desk.who(request), "roles_": desk.roles_of(request)}


def _join(request: HttpRequest, work: Correspondence, own: Allied) -> str:
    work.join(own.slug, request.POST.get("name", "")[:400], site=request.POST.get("site", "")[:300], **_roles(request))
    return _("The organization is in the coalition. Say who acts for it.")


def _leave(request: HttpRequest, work: Correspondence, own: Allied) -> str:
    organization = _organization(request, own)
    _still_organized(request, own, {name for name, _title, organizes in organization.people if organizes})
    work.leave(own.slug, organization.id, **_roles(request))
    logos.pruned(settings.DATA)
    return _("The organization has left. What it signed stays on the record.")


def _give(request: HttpRequest, work: Correspondence, own: Allied) -> str:
    organization = _organization(request, own)
    # Who may give is asked before a name is looked up: nobody else learns which accounts there are.
    if not own.organizer(desk.who(request)):
        roles.asked(desk.roles_of(request), "found coalition")
    person = _account(request.POST.get("person", ""))
    work.give(own.slug, organization.id, person, title=request.POST.get("title", ""), organizer=request.POST.get("organizer") == "yes", **_roles(request))  # fmt: skip
    return _("{person} acts for {name} now.").format(person=person, name=organization.name)


def _take(request: HttpRequest, work: Correspondence, own: Allied) -> str:
    person, organization = request.POST.get("person", ""), _organization(request, own)
    _still_organized(request, own, {person})
    work.take(own.slug, organization.id, person, **_roles(request))
    return _("{person} no longer acts for {name}.").format(person=person, name=organization.name)


def _logo(request: HttpRequest, work: Correspondence, own: Allied) -> str:
    organization, brought = _organization(request, own), request.FILES.get("logo")
    if brought is None:
        raise WrongUse("No file was chosen.", where="logo", why="Nothing was changed.", do="Choose a PNG, JPEG or WebP picture.")  # fmt: skip
    logos.put(work, own.slug, organization.id, brought.read(logos.LARGEST + 1), who=desk.who(request))
    return _("The logo of {name} stands on the coalition’s letters.").format(name=organization.name)


def _unlogo(request: HttpRequest, work: Correspondence, own: Allied) -> str:
    organization = _organization(request, own)
    logos.drop(work, own.slug, organization.id, who=desk.who(request))
    return _("The logo of {name} is gone.").format(name=organization.name)


def _still_organized(request: HttpRequest, own: Allied, gone: set[str]) -> None:
    """Raises WrongUse where nobody would be left to open, close or hand over letters; who founds coalitions may leave it so, and mend it."""
    left = {name for each in own.members if not each.left for name, _title, organizes in each.people if organizes}
    if left and left <= gone and not roles.may(desk.roles_of(request), "found coalition"):
        raise WrongUse(f"{', '.join(sorted(left))} is the coalition’s last organizer.", where="person", why="Nobody could open, close or hand over its letters any more.", do="Make somebody else an organizer first.")  # fmt: skip


def _said(request: HttpRequest, work: Correspondence, own: Allied) -> str:
    said = request.POST.get("kept_days", "").strip()
    if not said.isdecimal() or len(said) > 4:
        raise WrongUse("This is no number of days.", where="kept_days", why="Signers are told the day on which they are erased.", do=f"Write a number from 1 to {letter.LONGEST_KEPT.days}.")  # fmt: skip
    work.said(own.slug, about=request.POST.get("about", "")[:4000], contact=request.POST.get("contact", "")[:200], kept_days=int(said), who=desk.who(request))  # fmt: skip
    return _("It is kept. The letters’ pages say it from now on.")


def _key(request: HttpRequest, work: Correspondence, own: Allied) -> str:
    key = request.POST.get("key", "")[:400]
    if key.strip() and request.POST.get("understood") != "yes":
        raise WrongUse("Say that the private key is in a safe place.", where="understood", why="Whoever loses it cannot read what signers gave, and nobody can help them.", do="Keep a copy of its file in another place, then tick the box.")  # fmt: skip
    work.keyed(own.slug, key, who=desk.who(request))
    return _("The key is set. What signers give from now on is closed to it.") if key.strip() else _("No key is set. Nothing of signers is kept for the coalition from now on.")  # fmt: skip


def _organization(request: HttpRequest, own: Allied) -> Member:
    found = next((each for each in own.members if str(each.id) == request.POST.get("organization") and not each.left), None)  # fmt: skip
    if found is None:
        raise WrongUse("There is no such organization.", where="organization", why="Nothing was changed.", do="Choose one from the list.")  # fmt: skip
    return found


def _account(name: str) -> str:
    """The account of that name that writes letters. Raises WrongUse where there is none."""
    person = User.objects.filter(username=name.strip()[:150], is_active=True).first()
    if person is None or _WRITES not in accounts.roles_of(person):
        raise WrongUse(f"No account “{name.strip()[:60]}” may write letters.", where="person", why="They could not open these pages.", do="Ask an administrator to give them an account with the role coalition, then add them here.")  # fmt: skip
    return str(person.username)


_DONE: Mapping[str, Callable[[HttpRequest, Correspondence, Allied], str]] = {
    "join": _join, "leave": _leave, "give": _give, "take": _take, "say": _said, "key": _key, "logo": _logo, "unlogo": _unlogo,
}  # fmt: skip
