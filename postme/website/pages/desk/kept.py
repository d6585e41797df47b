"""What was typed and could not be taken: kept while somebody signs in again, and shown to be sent once more.

It lies signed in the session that the browser has then; it is sent again only by a press of the button, after a look.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from postme.errors import PostmeError

_SALT = "postme.desk.kept"
# Chosen: a long draft with every fact in it; more than that is said not to have been kept.
_MOST = 200_000
# Chosen: the length of a session.
_AGE = settings.SESSION_COOKIE_AGE
_OURS = ("csrfmiddlewaretoken",)
# Fields in which people write, and so may want to write on.
_WRITTEN = ("why", "reason", "note", "remark", "outcome", "text", "name")


def keep(request: HttpRequest) -> str:
    """Keep what was posted until its writer is signed in: the address at which it is shown again."""
    pairs = _pairs(request)
    if sum(len(key) + len(value) for key, value in pairs) <= _MOST:
        request.session["kept"] = signing.dumps(
            {"to": request.get_full_path(), "pairs": pairs}, salt=_SALT, compress=True
        )
    return reverse("desk-kept")


def again(request: HttpRequest) -> HttpResponse:
    """``/desk/kept/``: what was typed before the session ran out, to be looked at and sent."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    try:
        held = signing.loads(request.session.get("kept", ""), salt=_SALT, max_age=_AGE)
    except signing.BadSignature as error:
        raise Http404("Nothing is kept here, or it was kept too long ago.") from error
    return _page(request, held["to"], [tuple(one) for one in held["pairs"]])


def shown(request: HttpRequest, *, error: PostmeError | None = None, status: int = 200) -> HttpResponse:
    """What was just posted, shown again with what was wrong."""
    request.session.pop("kept", None)
    return _page(request, request.get_full_path(), _pairs(request), error=error, status=status)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose sign has run out: what was typed is shown to be sent again, unless another site sent it."""
    origin = request.headers.get("Origin") or request.headers.get("Referer") or ""
    foreign = bool(origin) and _of(origin) not in {(request.scheme or "", request.get_host()), _of(settings.SITE)}
    return _page(
        request, request.get_full_path(), [] if foreign else _pairs(request), foreign=foreign, stale=True, status=403
    )


def _of(address: str) -> tuple[str, str]:
    """Scheme and host with its port: the whole of what makes a site that site. Of what is no address, two empty words."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc


def _pairs(request: HttpRequest) -> list[tuple[str, str]]:
    return [(key, value) for key in request.POST for value in request.POST.getlist(key) if key not in _OURS]


def _page(request: HttpRequest, to: str, pairs: list[tuple[str, str]], status: int = 200, **more: Any) -> HttpResponse:
    secret = any("password" in key or key == "code" for key, _ in pairs)
    fields = [
        {"name": key, "value": value, "written": key in _WRITTEN}
        for key, value in ([] if secret else pairs)
    ]  # fmt: skip
    facts = {"title": "What you typed", "description": "", "to": to, "fields": fields, "secret": secret, **more}
    return render(request, "desk/kept.html", facts, status=status)
