"""``/desk/process/offices/``: who holds which role in a town's process; given, ended, handed over with what is unfinished."""

from __future__ import annotations

import datetime

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from postme import roles
from postme.errors import PostmeError, WrongUse
from postme.keeping.store.offices import Offices
from postme.website import accounts
from postme.website.pages import desk
from postme.website.pages.desk.process import work

KINDS = ("liaison", "clerk", "advisory", "council")


@desk.opened()
def offices(request: HttpRequest) -> HttpResponse:
    """Who does what; a POST names somebody, ends a role or hands it over."""
    office = work()
    kept = Offices(office.ledger.file)
    error: PostmeError | None = None
    if request.method == "POST":
        try:
            _done(request, kept)
        except PostmeError as trouble:
            if trouble.where in roles.PERMISSIONS:
                raise
            error = trouble
        else:
            return redirect("desk-offices")
    typed = request.POST.dict() if error else {}
    number = str(typed.get("number", ""))
    return desk.page(
        request, "offices.html", _("Who does what"), 409 if error else 200, now=kept.several(), past=kept.several(now=False)[:200], towns=office.docket.towns(), kinds=KINDS, error=error,
        typed={**typed, "number": int(number) if number.isdecimal() and len(number) < 10 else 0}, bodies=sorted({row["agency_name"] for row in office.docket.laid()}),
    )  # fmt: skip


def _done(request: HttpRequest, kept: Offices) -> None:
    roles.asked(desk.roles_of(request), "hand over")
    post, me, now = request.POST, desk.who(request), datetime.datetime.now(datetime.UTC)
    number = int(post["number"]) if post.get("number", "").isdecimal() and len(post["number"]) < 10 else 0
    step = post.get("step")
    if step == "give":
        role, agency = post.get("role", ""), post.get("agency", "").strip()[:200]
        if role not in KINDS:
            raise WrongUse("The role is missing.", where="role", why="Nobody would know what they do.", do="Choose one.")  # fmt: skip
        person = _holder(post.get("person", ""), role)
        if role == "liaison" and not agency:
            raise WrongUse("The body is missing.", where="agency", why="A liaison acts for one.", do="Write its name as its proposals have it.")  # fmt: skip
        kept.give(post.get("town", "")[:200], person, role, agency if role == "liaison" else "", by=me, at=now)
        messages.success(request, _("It is recorded."))
    elif step == "hand over":
        role = next((one.role for one in kept.several() if one.number == number), "")
        moved = kept.end(number, _holder(post.get("to", ""), role), by=me, at=now)
        messages.success(request, ngettext("It is handed over, with %(n)d draft.", "It is handed over, with %(n)d drafts.", moved) % {"n": moved})  # fmt: skip
    elif step == "end":
        kept.end(number, by=me, at=now)
        messages.success(request, _("It is recorded."))
    else:
        raise desk.no_step()


def _holder(name: str, role: str) -> str:
    """The account of that name that has the role. Raises WrongUse where there is none."""
    person = User.objects.filter(username=name.strip(), is_active=True).first()
    if person is None:
        raise WrongUse(f"There is no account “{name.strip()[:60]}”.", where="person", why="Nobody could go on.", do="Write the name of an account; People lists them.")  # fmt: skip
    if role not in accounts.roles_of(person):
        raise WrongUse(f"{person.username} has not the role {role}.", where="person", why="They could not do what is handed to them.", do="Have an administrator give it first, under People.")  # fmt: skip
    return str(person.username)
