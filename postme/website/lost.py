"""When the database is away in the middle of a request: a page that says so in both languages, and asks nothing of any database.

Whatever the request was writing was one transaction, so nothing of it stands.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from postme.errors import KeepingError

# Chosen: a database server that is started again answers within seconds; a lock of SQLite is let go as soon.
RETRY = 30


def error(request: HttpRequest) -> HttpResponse:
    """The answer to an error that no page caught: 503 where the database or the disk was the reason, else 500."""
    if any(isinstance(one, OperationalError | InterfaceError | KeepingError) for one in _chain(sys.exc_info()[1])):
        return unavailable(request)
    return server_error(request)


def unavailable(request: HttpRequest) -> HttpResponse:
    """The page, or a problem in JSON where JSON was asked for."""
    headers = {"Retry-After": str(RETRY), "Cache-Control": "no-store"}
    if request.path.endswith(".json") or request.path.startswith("/api/"):
        said = {
            "type": "about:blank", "title": "The database does not answer.", "status": 503,
            "detail": f"Nothing was changed by this request. Ask again in {RETRY} seconds.",
        }  # fmt: skip
        return JsonResponse(said, status=503, headers=headers, content_type="application/problem+json")
    # Without the request: what every page shows beside its own words would ask the database who this is.
    return HttpResponse(render_to_string("503.html"), status=503, headers=headers)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those that led to it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
