"""How answers travel: compressed where that gives no secret away, kept by readers' browsers a short while, files by names that say what is in them.

docs/decisions/0021-what-is-compressed-and-kept.md says why.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase as Answer

# Chosen: a town corrects a page, and within a minute every reader has it.
KEPT = 60
# Chosen: less would grow by the frame that compression adds.
_WORTH_IT = 500
_WORDS = (
    "text/",
    "application/json",
    "application/atom+xml",
    "application/xml",
    "application/problem+json",
    "image/svg+xml",
    "application/x-ndjson",
)
# Behind these, pages are one person's own.
_PRIVATE = ("/desk/", "/wrong/")
# What somebody does changes these at once, and it is they who look first: what a comment or a ballot says, and how it stands.
_ANEW = re.compile(r"/receipts/|/decisions/[^/]+/(?:comments|vote)/")


def compressed(answer: Callable[[HttpRequest], Answer]) -> Callable[[HttpRequest], Answer]:
    """Gzip for words, where neither the request nor the answer carries a cookie.

    An answer that holds a secret (the token of a form, a person's account) beside words that an attacker may choose
    betrays the secret by its compressed length (BREACH). Whoever has no cookie has no secret here.
    """
    from django.http import HttpResponse, StreamingHttpResponse
    from django.utils.cache import patch_vary_headers
    from django.utils.text import compress_sequence

    def answered(request: HttpRequest) -> Answer:
        response = answer(request)
        if not response.headers.get("Content-Type", "").startswith(_WORDS) or response.has_header("Content-Encoding"):
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        if (
            "gzip" not in request.headers.get("Accept-Encoding", "")
            or has_secret(request, response)
            or request.method != "GET"
        ):
            return response
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            response.streaming_content = compress_sequence(response.streaming_content)  # type: ignore[arg-type]
            del response.headers["Content-Length"]
        elif isinstance(response, HttpResponse) and len(response.content) >= _WORTH_IT:
            response.content = gzip.compress(response.content, 6, mtime=0)
            response.headers["Content-Length"] = str(len(response.content))
        else:
            return response
        tag = response.headers.get("ETag", "")
        if tag.startswith('"'):
            response.headers["ETag"] = f"W/{tag}"  # the same words, not the same bytes
        response.headers["Content-Encoding"] = "gzip"
        return response

    return answered


def kept_a_while(answer: Callable[[HttpRequest], Answer]) -> Callable[[HttpRequest], Answer]:
    """Say how long an answer may be kept, where the page did not say it itself.

    A page without a secret: ``KEPT`` seconds, by anyone. Its twin is asked anew each time (a proof is of the newest),
    which costs a few bytes where nothing changed; so is a page that shows what its reader may just have done. What is
    one person's is kept by nobody else.
    """
    from django.utils.cache import patch_vary_headers

    def answered(request: HttpRequest) -> Answer:
        response = answer(request)
        if response.has_header("Cache-Control"):
            return response
        path = _without_language(request.path)
        if path.startswith(_PRIVATE) or has_secret(request, response):
            response.headers["Cache-Control"] = "private, no-cache"
        elif response.status_code in (200, 410) and request.method in ("GET", "HEAD"):
            page = response.headers.get("Content-Type", "").startswith("text/html") and not _ANEW.match(path)
            response.headers["Cache-Control"] = f"public, max-age={KEPT}" if page else "public, no-cache"
        patch_vary_headers(response, ("Cookie",))
        return response

    return answered


def has_secret(request: HttpRequest, response: Answer) -> bool:
    """Whether an answer may hold what only this reader should know: a session, or the token of a form."""
    return bool(request.COOKIES or response.cookies or request.META.get("CSRF_COOKIE"))


def _without_language(path: str) -> str:
    first, _, rest = path.lstrip("/").partition("/")
    return f"/{rest}" if len(first) == 2 else path


def version_of(folder: Path) -> str:
    """A short name that changes with any file of a folder: files that were collected for another version are never served."""
    told = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        told.update(
            f"{path.relative_to(folder).as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode()
        )
    return told.hexdigest()[:12]
