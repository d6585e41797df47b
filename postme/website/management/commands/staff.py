"""``python -m postme.website staff add|list|remove``: who may work at the desk, and in which role."""

from __future__ import annotations

import datetime
import getpass
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from postme import roles
from postme.errors import PostmeError
from postme.keeping.store.ledger import Ledger
from postme.website import accounts


class Command(BaseCommand):
    """Add somebody (prints a link that sets the password once), list who there is, remove somebody; their acts stay."""

    help = "Who may work at the desk: add, list, remove."

    def add_arguments(self, parser: CommandParser) -> None:
        """The three things that can be done."""
        kinds = parser.add_subparsers(dest="what", required=True)
        add = kinds.add_parser("add", help="Make an account, or give one a role; prints a link that works once.")
        add.add_argument("name")
        add.add_argument("--role", action="append", default=[], choices=list(roles.ROLES))
        add.add_argument("--email", default="")
        kinds.add_parser("list", help="Who there is, with roles.")
        remove = kinds.add_parser(
            "remove", help="Close an account, or take roles from it; what it did stays on record."
        )
        remove.add_argument("name")
        remove.add_argument("--role", action="append", default=[], choices=list(roles.ROLES))

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Do it, and write it down among the acts."""
        try:
            getattr(self, f"_{options['what']}")(**options)
        except PostmeError as error:
            raise CommandError(str(error)) from error

    def _add(self, *, name: str, role: list[str], email: str, **_: Any) -> None:
        person, link = accounts.added(name, role, email)
        _noted("account added", name, role)
        has = ", ".join(accounts.roles_of(person)) or "no role yet"
        self.stdout.write(f"{name}: {has}.")
        self.stdout.write("With this link a password is set, once, within three days:")
        self.stdout.write(f"{settings.SITE}{link}")
        if not settings.SITE_IS_SET:
            self.stdout.write(
                f"No address of the site is set, so this link begins with {settings.SITE}. If the site is at another address or port, "
                "write that in its place, or set POSTME_SITE and give the same command again: it makes a new link."
            )

    def _list(self, **_: Any) -> None:
        for person in User.objects.order_by("username").prefetch_related("groups"):
            state = "closed" if not person.is_active else ", ".join(accounts.roles_of(person)) or "no role"
            second = "second factor set up" if is_mfa_enabled(person, ["totp"]) else "no second factor"
            self.stdout.write(f"{person.username}: {state}; {second}")

    def _remove(self, *, name: str, role: list[str], **_: Any) -> None:
        accounts.removed(name, role)
        _noted("roles taken" if role else "account closed", name, role)
        self.stdout.write(
            f"{name}: "
            + (f"no longer {', '.join(role)}." if role else "closed. What was done under this name stays on record.")
        )


def _noted(what: str, name: str, given: list[str]) -> None:
    who = f"{getpass.getuser()} at the command line"
    Ledger(settings.DATA).note(who, datetime.datetime.now(datetime.UTC), what, name, ", ".join(given))
