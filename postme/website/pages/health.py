"""``/health/``: which sources were read when, how the log stands, what waits; and two addresses for machines that watch the site."""

from __future__ import annotations

import datetime
import json
import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from postme.errors import PostmeError
from postme.keeping.store import outbox, readers
from postme.keeping.store.ledger import Ledger
from postme.keeping.store.models import Entry, Report
from postme.keeping.store.readers import stamp
from postme.office import health, sealing
from postme.website.answers import told
from postme.website.pages import Facts, Page

_SAID = logging.getLogger(__name__)
# Chosen: what a page can carry; every search has a page of its own besides.
_SHOWN = 100


def _facts(request: HttpRequest) -> Facts:
    now = readers.as_of()
    today = datetime.datetime.now(datetime.UTC).date()
    searches = Entry.objects.visible().filter(kind="search").select_related("place").order_by("-changed")[:_SHOWN]
    reports = Report.objects.filter(state="open").aggregate(open=Count("pk"), overdue=Count("pk", filter=Q(due__lt=today)))  # fmt: skip
    return {
        "title": gettext("Health"), "description": gettext("Which sources were read and when, how the public log stands, and what waits."), "address": "/health/",
        "log": {"size": _size(), "newest": now.leaf, "at": stamp(now.at) if now.at else None},
        "knowledge": health.knowledge(settings.DATA, settings.CATALOGUES), "reports": reports, "mail": _mail(), "searches": [_read(entry) for entry in searches],
    }  # fmt: skip


def _mail() -> dict[str, int]:
    return outbox.counts(Ledger(settings.DATA).file, datetime.datetime.now(datetime.UTC))


def _size() -> int | None:
    try:
        return sealing.log(settings.DATA, settings.LOG_ORIGIN).size
    except PostmeError:
        _SAID.exception("the log could not be read")
        return None


def _read(entry: Entry) -> dict[str, Any]:
    facts = json.loads(entry.twin)["facts"]
    kept = ("number", "ended", "catalogue", "files", "refused", "pages", "unreadable")
    return {"address": entry.address, "place": facts["place"], "fiction": entry.fiction, **{key: facts[key] for key in kept}}  # fmt: skip


PAGE = Page("health.html", _facts)


def live(request: HttpRequest) -> HttpResponse:
    """``/health/live``: the process answers; nothing else is asked."""
    return _uncached(told({"live": True}))


def ready(request: HttpRequest) -> HttpResponse:
    """``/health/ready``: whether readers can be sent here, and what is wrong where they cannot (503)."""
    checks = [{"name": name, "said": _tried(name, check)} for name, check in _CHECKS]
    good = not any(one["said"] for one in checks)
    return _uncached(told({"ready": good, "checks": [{**one, "well": not one["said"]} for one in checks]}, 200 if good else 503))  # fmt: skip


def _uncached(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    return response


def _tried(name: str, check: Callable[[], str]) -> str:
    try:
        return check()
    except DatabaseError as error:
        _SAID.error("%s: %s", name, error)
        return "The database does not answer."


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def _migrated() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(missing)} migrations are missing. Run: python -m postme.website migrate" if missing else ""


_CHECKS: tuple[tuple[str, Callable[[], str]], ...] = (
    ("database", _database),
    ("migrations", _migrated),
    ("disk", lambda: health.disk(settings.DATA)),
    ("log", lambda: health.log(settings.DATA, settings.LOG_ORIGIN)),
)
