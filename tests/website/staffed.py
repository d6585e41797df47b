"""People who work at the desk, for tests: an account with roles, a password and a second factor, signed in."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

PASSWORD = "nine cameras on the river road"


@lru_cache
def _encoded() -> str:
    """The password as it is kept: made once, since making it is slow on purpose."""
    from django.contrib.auth.hashers import make_password

    return make_password(PASSWORD)


def person(name: str, *roles: str, factor: bool = True) -> Any:
    """An account with those roles; its authenticator's secret is ``secret``."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from allauth.mfa.utils import is_mfa_enabled

    from postme.website import accounts

    one, _ = accounts.added(name, roles)
    one.password = _encoded()
    one.save()
    if factor and not is_mfa_enabled(one, ["totp"]):
        one.secret = generate_totp_secret()
        TOTP.activate(one, one.secret)
    return one


def at_the_desk(name: str, *roles: str, factor: bool = True) -> Any:
    """A browser in which somebody with those roles is signed in."""
    from django.test import Client

    client = Client()
    client.force_login(person(name, *roles, factor=factor), "allauth.account.auth_backends.AuthenticationBackend")
    return client
