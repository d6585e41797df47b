"""``/desk/…``: for those who work here. One file a page; every page asks who somebody is, and every act asks ``postme.roles``."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from postme import roles
from postme.errors import PostmeError, WrongUse
from postme.office.press import Press
from postme.website import accounts
from postme.website.pages.desk import kept

View = Callable[..., HttpResponseBase]
Step = TypeVar("Step")


def opened(act: str = "see desk") -> Callable[[View], View]:
    """A page of the desk, for whoever is signed in with a second factor and may do that act.

    What is refused or fails is said beside what was typed, and nothing typed is lost: neither by an error, nor by a
    session that ran out.
    """

    def decorated(view: View) -> View:
        @functools.wraps(view)
        def answered(request: HttpRequest, **address: Any) -> HttpResponseBase:
            response = _led_in(request) or _done(view, act, request, address)
            response.headers["Cache-Control"] = "no-store"
            return response

        return answered

    return decorated


def _led_in(request: HttpRequest) -> HttpResponseBase | None:
    """The way to the door for who is not through it yet: sign in, a role, a second factor."""
    if not request.user.is_authenticated:
        there = kept.keep(request) if request.method == "POST" else request.get_full_path()
        return redirect(f"{reverse('account_login')}?{urlencode({'next': there})}")
    if not accounts.roles_of(request.user):
        return _refused(request, roles.PERMISSIONS["see desk"].says)
    if accounts.lacks_second_factor(request.user):
        if request.method == "POST":
            kept.keep(request)
        return redirect("mfa_activate_totp")
    return None


def _done(view: View, act: str, request: HttpRequest, address: dict[str, Any]) -> HttpResponseBase:
    try:
        roles.asked(roles_of(request), act)
    except WrongUse as error:
        return _refused(request, error.why)
    try:
        return view(request, **address)
    except PostmeError as error:
        if isinstance(error, WrongUse) and error.where in roles.PERMISSIONS and error.what == "You may not do this.":
            return _refused(request, error.why)
        if request.method == "POST":
            return kept.shown(request, error=error, status=409)
        return render(
            request, "desk/refused.html", {"title": error.what, "description": "", "error": error}, status=409
        )


def _refused(request: HttpRequest, says: str) -> HttpResponse:
    facts = {"title": "You may not do this.", "description": "", "says": says, "roles": accounts.roles_of(request.user)}
    return render(request, "desk/refused.html", facts, status=403)


def no_step() -> WrongUse:
    """What is said to a POST that names nothing that its page does."""
    return WrongUse("That is no step.", where="step", why="Nothing was done.", do="Use one of the buttons.")


def step_of(request: HttpRequest, steps: Mapping[str, Step]) -> Step:
    """What a POST asks a page to do. Raises WrongUse where it does no such thing."""
    found = steps.get(request.POST.get("step", ""))
    if found is None:
        raise no_step()
    return found


def who(request: HttpRequest) -> str:
    """The name under which an act is kept."""
    return request.user.get_username()


def roles_of(request: HttpRequest) -> tuple[str, ...]:
    """The roles of who is asking."""
    return accounts.roles_of(request.user)


def press() -> Press:
    """The press of this site."""
    return Press(settings.DATA, settings.LOG_ORIGIN, settings.CATALOGUES)


def page(request: HttpRequest, template: str, title: str, status: int = 200, **facts: Any) -> HttpResponse:
    """A page of the desk: who is here and what they may do stands at its head."""
    own = roles_of(request)
    may = {act.replace(" ", "_"): roles.may(own, act) for act in roles.PERMISSIONS}
    says = {act.replace(" ", "_"): one.says for act, one in roles.PERMISSIONS.items()}
    shared = {
        "title": title,
        "description": "",
        "who": who(request),
        "roles": own,
        "may": may,
        "says": says,
        "two_factor": settings.TWO_FACTOR,
    }
    return render(request, f"desk/{template}", {**shared, **facts}, status=status)
