"""Accounts of those who work here: an administrator makes them, roles are Django groups, a second factor guards them.

Nobody signs up. The addresses that allauth wants for signing up and for mail lead to a page that says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.account import views as account
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, Group, User
from django.contrib.auth.tokens import default_token_generator
from django.contrib.auth.views import PasswordResetConfirmView
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, include, path, reverse, reverse_lazy
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from postme import roles
from postme.errors import WrongUse

Person = AbstractBaseUser | AnonymousUser


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]
    """No sign-up; no messages of allauth's own beside the page."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Never: an administrator makes accounts."""
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """The pages themselves say what happened."""


def roles_of(person: Person) -> tuple[str, ...]:
    """The roles that somebody has, in the order of ``roles.ROLES``; asked of the database once a request."""
    known = getattr(person, "_postme_roles", None)
    if known is None:
        names = (
            set(Group.objects.filter(user=person.pk).values_list("name", flat=True))
            if person.is_authenticated
            else set()
        )
        known = tuple(one for one in roles.ROLES if one in names)
        person._postme_roles = known  # type: ignore[union-attr]
    return known


def lacks_second_factor(person: Person) -> bool:
    """Whether somebody must set up a second factor before the desk opens to them."""
    return bool(settings.TWO_FACTOR) and not is_mfa_enabled(person, ["totp"])


def added(name: str, wanted: Iterable[str], email: str = "") -> tuple[User, str]:
    """Make an account, or give roles to one: the person, and the path of a link that sets its password once.

    Raises WrongUse for a role that is none, or a name that cannot be one.
    """
    given = tuple(wanted)
    person = checked(name, given, email)
    if person._state.adding:
        person.set_unusable_password()
    person.save()
    person.groups.add(*[Group.objects.get_or_create(name=one)[0] for one in given])
    person.__dict__.pop("_postme_roles", None)
    return person, first_link(person)


def checked(name: str, wanted: Iterable[str], email: str = "") -> User:
    """The account of that name, or a new one that is not kept yet. Raises WrongUse as ``added`` does; a closed one is never opened again."""
    for one in wanted:
        if one not in roles.ROLES:
            raise WrongUse(f"'{one}' is no role.", where="role", why="Nobody would know what it may do.", do=f"Use {', '.join(roles.ROLES)}.")  # fmt: skip
    person = User.objects.filter(username=name).first() or User(username=name)
    if person.pk is not None and not person.is_active:
        raise WrongUse(f"The account '{name}' was closed.", where="name", why="What was done under it is kept under that name, and must stay one person’s.", do="Choose another name.")  # fmt: skip
    if email:
        person.email = email
    try:
        person.clean_fields(exclude=["password"])
    except ValidationError as error:
        raise WrongUse(f"'{name}' cannot be an account: {' '.join(error.messages)}", where="name", why="Every act is kept under that name.", do="Use letters, digits and @ . + - _ only.") from error  # fmt: skip
    return person


def first_link(person: User) -> str:
    """The path of a link with which somebody sets a password, once, within three days."""
    uid = urlsafe_base64_encode(force_bytes(person.pk))
    return reverse("first-password", args=[uid, default_token_generator.make_token(person)])


def removed(name: str, only: Iterable[str] = ()) -> User:
    """Take roles from somebody, or, where none is named, all of them, the account and every session; their acts stay."""
    person = User.objects.filter(username=name).first()
    if person is None:
        raise WrongUse(f"There is no account '{name}'.", where="name", why="Nobody was removed.", do="List the accounts first: staff list.")  # fmt: skip
    taken = tuple(only)
    if taken:
        person.groups.remove(*Group.objects.filter(name__in=taken))
        return person
    person.groups.clear()
    person.is_active = False
    person.set_unusable_password()
    person.save()
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == str(person.pk):
            session.delete()
    return person


class _First(PasswordResetConfirmView):
    """The page behind a one-time link: choose a password."""

    template_name = "account/first_password.html"
    success_url = reverse_lazy("account_login")
    extra_context = {"description": "Choose a password."}  # noqa: RUF012


def _closed(request: HttpRequest, **address: Any) -> HttpResponse:
    facts = {"title": _("Accounts are made by an administrator"), "description": ""}
    return render(request, "account/closed.html", facts, status=403 if request.method == "POST" else 200)


urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/", account.password_change, name="account_change_password"),
    path("password/set/", _closed, name="account_set_password"),
    path("password/forgotten/", _closed, name="account_reset_password"),
    path("signup/", _closed, name="account_signup"),
    path("email/", _closed, name="account_email"),
    path("email/confirm/", _closed, name="account_email_verification_sent"),
    path("first/<uidb64>/<token>/", _First.as_view(), name="first-password"),
    path("two-factor/", include("allauth.mfa.urls")),
]
