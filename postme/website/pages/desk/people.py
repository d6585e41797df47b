"""``/desk/people/``: who may work here and in which role; an administrator gives and takes.

A role that shows something in public, or gives roles, is given by two administrators: whoever is shown the link of a
new account could sign in as it, and so be two people.
"""

from __future__ import annotations

import datetime

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from postme import roles
from postme.errors import WrongUse
from postme.keeping.store.models import DeskAct
from postme.website import accounts
from postme.website.pages import desk

# What one administrator gives alone: rulings are drafted from by an editor and looked at by another.
_ALONE = frozenset({"reader"})
# What the act of asking is called.
_ASKED = "role asked"
# What decides on it: given, or the account is closed; "account added" and "roles taken" come from the command line.
_DECIDED = ("role given", "role taken", "account closed", "account added", "roles taken")


@desk.opened()
def people(request: HttpRequest) -> HttpResponse:
    """Everybody with an account; a POST gives a role (and a link that sets a password), takes one, or closes an account."""
    link = ""
    if request.method == "POST":
        link = _done(request)
    rows = [
        {"name": one.username, "roles": accounts.roles_of(one), "second": is_mfa_enabled(one, ["totp"]), "closed": not one.is_active}
        for one in User.objects.order_by("username").prefetch_related("groups")[:500]
    ]  # fmt: skip
    return desk.page(request, "people.html", _("People"), rows=rows, every=roles.ROLES, link=link, asked=_waiting())


def _done(request: HttpRequest) -> str:
    roles.asked(desk.roles_of(request), "give roles")
    name, step, given = (
        request.POST.get("name", "").strip()[:150],
        request.POST.get("step", ""),
        request.POST.getlist("role"),
    )
    if step in ("give", "confirm") and name == desk.who(request):
        raise WrongUse("Nobody gives themselves a role.", where="name", why="What is published must have been seen by two people, and roles keep them apart.", do="Ask another administrator.")  # fmt: skip
    if step in ("take", "close") and name == desk.who(request):
        raise WrongUse(
            "Nobody takes their own role.",
            where="name",
            why="A desk without an administrator could not be opened again.",
            do="Ask another administrator.",
        )
    link = ""
    if step == "give":
        if not given:
            raise WrongUse(
                "No role was chosen.", where="role", why="Without one the desk stays shut.", do="Choose at least one."
            )
        if set(given) - _ALONE:
            accounts.checked(name, given)
            desk.press().ledger.note(desk.who(request), datetime.datetime.now(datetime.UTC), _ASKED, name, ", ".join(given), roles=given)  # fmt: skip
            messages.success(request, _("It is asked for. It is given once a second administrator agrees."))
            return ""
        link = _given(name, given)
    elif step == "confirm":
        name, given = _agreed(request)
        link = _given(name, given)
    elif step == "take" and given:
        accounts.removed(name, given)
    elif step == "close":
        accounts.removed(name)
    else:
        raise desk.no_step()
    what = {"give": "role given", "confirm": "role given", "take": "role taken", "close": "account closed"}[step]
    desk.press().ledger.note(desk.who(request), datetime.datetime.now(datetime.UTC), what, name, ", ".join(given))
    return link


def _given(name: str, given: list[str]) -> str:
    known = User.objects.filter(username=name).exists()
    _, path = accounts.added(name, given)
    # Somebody who has an account keeps it: a link would let whoever gives a role take it over.
    return "" if known else settings.SITE + path


def _waiting() -> list[DeskAct]:
    """Roles that were asked for and not decided on since: the last act of a name counts."""
    last: dict[str, DeskAct] = {}
    for one in DeskAct.objects.filter(what__in=(_ASKED, *_DECIDED)).order_by("pk"):
        last[one.target] = one
    return [one for one in last.values() if one.what == _ASKED]


def _agreed(request: HttpRequest) -> tuple[str, list[str]]:
    """The name and the roles of what another administrator asked for. Raises WrongUse for one's own, or what waits no more."""
    one = next((one for one in _waiting() if str(one.pk) == request.POST.get("asked", "")), None)
    if one is None:
        raise WrongUse("That waits no more.", where="role", why="Somebody may have decided on it meanwhile.", do="Open the page again.")  # fmt: skip
    if one.who == desk.who(request):
        raise WrongUse("Nobody agrees to what they asked for.", where="role", why="This role is given by two administrators.", do="Ask another administrator, or whoever runs the server: postme staff add.")  # fmt: skip
    if one.target == desk.who(request):
        raise WrongUse("Nobody gives themselves a role.", where="name", why="What is published must have been seen by two people, and roles keep them apart.", do="Ask another administrator.")  # fmt: skip
    return one.target, [str(role) for role in one.detail["roles"]]
