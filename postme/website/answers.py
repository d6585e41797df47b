"""How machines are answered: what is wrong in words, what has not changed not sent twice, and from anywhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from postme import __version__
from postme.errors import PostmeError
from postme.keeping.store import readers
from postme.keeping.store.readers import AsOf
from postme.website.kept import KEPT

# What a page of another site may read of an answer, and send with a question.
_TOLD = "ETag, Last-Modified, Link, Postme-As-Of, Retry-After"
_ASKED = "If-None-Match, If-Modified-Since"
_PUBLIC = ("/api/", "/data/", "/log/")


def problem(status: int, what: str, why: str = "", do: str = "", **more: Any) -> HttpResponse:
    """What went wrong, as RFC 9457 has it: ``title`` says what, ``detail`` why it matters, ``do`` what to do.

    >>> problem(404, "There is no such law.").headers["Content-Type"]
    'application/problem+json'
    """
    told = {"type": "about:blank", "title": what, "status": status, "detail": why, "do": do, **more}
    return HttpResponse(json.dumps(told, ensure_ascii=False), content_type="application/problem+json", status=status)


def problem_of(error: PostmeError, status: int = 400) -> HttpResponse:
    """An error of ours as a problem; where a file of the server's is named, that is not told."""
    return problem(status, error.what, error.why, error.do)


def fresh(request: HttpRequest, answered: Callable[[AsOf], HttpResponseBase], mark: str = "") -> HttpResponseBase:
    """An answer that is made only if the asker has not got it: what was published last decides.

    Costs one query of one row where nothing has changed since. ``mark`` is what else an answer depends on.
    A whole answer that was made is kept, for whoever asks the same next.
    """
    now = readers.as_of()
    tag = f'W/"{__version__}-{now.mark}{mark and "-" + mark}"'
    changed = int(now.at.timestamp()) if now.at else None
    # A day may pass in the middle of a file, and laws are known anew without a leaf: the tag tells that, the time does not.
    response: HttpResponseBase | None = get_conditional_response(
        request, etag=tag, last_modified=None if mark else changed
    )
    if response is None:
        response = _whole(request, tag, now, answered)
    response.headers["ETag"] = tag
    if changed is not None:
        response.headers["Last-Modified"] = http_date(changed)
    response.headers["Postme-As-Of"] = "none" if now.leaf is None else str(now.leaf)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _whole(request: HttpRequest, tag: str, now: AsOf, answered: Callable[[AsOf], HttpResponseBase]) -> HttpResponseBase:
    if request.COOKIES or request.method != "GET":
        return answered(now)
    key = ("answer", settings.DATA, request.build_absolute_uri())
    known = KEPT.of(key, tag)
    if known is not None:
        head, _, body = known.partition(b"\n")
        return HttpResponse(body, headers=json.loads(head))
    response = answered(now)
    if (
        response.status_code == 200 and isinstance(response, HttpResponse) and not response.cookies
    ):  # a stream is read once
        KEPT.keep(key, tag, json.dumps(dict(response.headers)).encode() + b"\n" + response.content)
    return response


def told(value: Any, status: int = 200) -> HttpResponse:
    """A JSON value as an answer."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(body, content_type="application/json", status=status)


def for_machines(path: str) -> bool:
    """Whether an address is one that programs read: it is answered in JSON, also when something is wrong."""
    public = path.startswith(_PUBLIC) or path.endswith((".json", ".atom", ".proof"))
    return public and not path.startswith("/desk/")


def open_to_all(answer: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Pages of other sites may read what is data here: it is public, and nothing of who asks goes into it."""

    def answered(request: HttpRequest) -> HttpResponseBase:
        if not for_machines(request.path):
            return answer(request)
        if request.method == "OPTIONS":
            response: HttpResponseBase = HttpResponse(status=204)
            response.headers["Allow"] = response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
            response.headers["Access-Control-Allow-Headers"] = _ASKED
            response.headers["Access-Control-Max-Age"] = "86400"
        else:
            response = answer(request)
            if response.status_code == 405 and request.path.startswith("/api/"):
                refused = problem(405, "Only reading is possible here.", "", "Send a GET.")
                refused.headers["Allow"] = "GET, HEAD, OPTIONS"
                response = refused
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = _TOLD
        return response

    return answered
