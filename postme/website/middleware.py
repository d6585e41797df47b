"""What every answer of the site carries: the headers that keep foreign code out."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from postme.website.answers import for_machines, problem

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def shielded(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """No script, style, picture or font from anywhere else, and none written into a page."""

    def answered(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=(), browsing-topics=()"
        )
        return response

    return answered


def bounded(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A form that is larger than any of ours is refused by what it says of its length, before a byte of it is read."""

    def answered(request: HttpRequest) -> HttpResponse:
        said = request.META.get("CONTENT_LENGTH") or "0"
        limit = _limit(request)
        if not said.isdecimal() or int(said) > limit:
            refused = HttpResponse(
                render_to_string(
                    "too_large.html",
                    {
                        "limit": limit // 1000,
                        "files": limit != settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
                        "length": f"{int(said):,}" if said.isdecimal() and len(said) < 20 else "",
                    },
                ),
                status=413,
            )
            refused.headers["Connection"] = "close"
            return refused
        return answer(request)

    return answered


# Where whoever works here brings files, and what a file may hold there: as ``reading.filled``, ``office.attaching`` and ``reading.logo`` have it.
UPLOADS = {
    re.compile(r"(?:/[a-z]{2})?/desk/papers/[^/]+/[^/]+/fill/"): 8_000_000,
    re.compile(r"(?:/[a-z]{2})?/desk/papers/[^/]+/files/"): 25_000_000,
    re.compile(r"(?:/[a-z]{2})?/desk/coalitions/[^/]+/"): 1_000_000,
}
# Chosen: the rest of such a form.
_BESIDE = 100_000


def _limit(request: HttpRequest) -> int:
    """How much may be sent to an address: files only where they are taken, and only by somebody with a session."""
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        for place, most in UPLOADS.items():
            if place.fullmatch(request.path):
                return most + _BESIDE
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def sayable(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """An address with a NUL in it is refused here, once: files and PostgreSQL have no place for one, and nothing of ours has one."""

    def answered(request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        if "\0" not in request.path and "\0" not in query and "%00" not in query:
            return answer(request)
        if for_machines(request.path):
            return problem(400, "This address holds a NUL character.", "Nothing here is called so, and no database can be asked for it.", "Leave it out (%00).")  # fmt: skip
        return HttpResponse(render_to_string("400.html"), status=400)

    return answered
