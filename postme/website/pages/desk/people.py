"""``/desk/people/``: who may work here and in which role; an administrator gives and takes."""

from __future__ import annotations

import datetime

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from postme import roles
from postme.errors import WrongUse
from postme.website import accounts
from postme.website.pages import desk


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
    return desk.page(request, "people.html", _("People"), rows=rows, every=roles.ROLES, link=link)


def _done(request: HttpRequest) -> str:
    roles.asked(desk.roles_of(request), "give roles")
    name, step, given = (
        request.POST.get("name", "").strip()[:150],
        request.POST.get("step", ""),
        request.POST.getlist("role"),
    )
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
        known = User.objects.filter(username=name, is_active=True).exists()
        _, path = accounts.added(name, given)
        # Somebody who has a password keeps it: a link would let whoever gives a role take the account over.
        link = "" if known else settings.SITE + path
    elif step == "take" and given:
        accounts.removed(name, given)
    elif step == "close":
        accounts.removed(name)
    else:
        raise WrongUse("That is no step.", where="step", why="Nothing was done.", do="Use one of the buttons.")
    what = {"give": "role given", "take": "role taken", "close": "account closed"}[step]
    desk.press().ledger.note(desk.who(request), datetime.datetime.now(datetime.UTC), what, name, ", ".join(given))
    return link
