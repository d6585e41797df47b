"""What the site writes down of its own work: JSON lines that hold no personal data, whatever asked for them.

A line of a request has its method, the pattern of its address (never the address: that may hold a token or a name), the
status, the milliseconds and a number of its own, which the answer carries too as ``Request-Id``. No network address, no
query, no browser, no account. Of an error there is its kind and where in the code it came up; what it says is left out,
since it may quote what somebody typed.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_LOG = logging.getLogger("postme.website.requests")
# An address of the network, old and new kind, wherever a library of others writes one.
_NETWORK = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])", re.I)
# Words that gunicorn writes whole, with the visitor's address and what was sent.
_REFUSED = re.compile(r"Invalid request from .*", re.S)
_OWN = ("method", "route", "status", "ms", "request", "job", "result")


def journaled(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Write one line for each request; an error's line of its own carries the same number."""

    def answered(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        request.number = secrets.token_hex(8)  # type: ignore[attr-defined]
        response = answer(request)
        response.headers["Request-Id"] = request.number  # type: ignore[attr-defined]
        level = logging.ERROR if response.status_code >= 500 else logging.INFO
        _LOG.log(
            level, "request",
            extra={
                "method": request.method if request.method in _METHODS else "other", "route": route(request), "status": response.status_code,
                "ms": round((time.perf_counter() - began) * 1000, 1), "request": request.number,  # type: ignore[attr-defined]
            },
        )  # fmt: skip
        return response

    return answered


_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}


def route(request: HttpRequest) -> str:
    """The pattern that a request's address fits, such as ``places/<path:place>/``; ``none`` where it fits none."""
    match = getattr(request, "resolver_match", None)
    return match.route if match else "none"


class Lines(logging.Formatter):
    """Records as JSON lines; of records of other libraries their wording before anything was put into it."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(), "from": record.name, "what": self._what(record),
        }  # fmt: skip
        line |= {
            name: value for name in _OWN if (value := record.__dict__.get(name)) is not None and not callable(value)
        }
        asked = line.pop("request", None)
        if asked is not None:
            # Ours is a number; Django puts the whole request here, of which only number and pattern may be written.
            line["request"] = asked if isinstance(asked, str) else getattr(asked, "number", None)
            if not isinstance(asked, str):
                line["route"] = route(asked)
        if (code := record.__dict__.get("status_code")) is not None:
            line["status"] = code
        if record.exc_info and record.exc_info[1]:
            line["error"] = _error(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)

    def _what(self, record: logging.LogRecord) -> str:
        if record.name.split(".")[0] in ("postme", "django_tasks", "django_tasks_db") and not record.exc_info:
            return record.getMessage().partition("\n")[0]
        if record.name.startswith(("django.request", "django.security", "django.server")):
            return "answered with an error"
        said = (
            str(record.msg)
            if record.args
            else _REFUSED.sub("A request was refused before it was read", str(record.msg))
        )
        return _NETWORK.sub("-", said.partition("\n")[0][:300])


def _error(error: BaseException) -> list[dict[str, Any]]:
    """An error and those that led to it: kind and place."""
    found: list[dict[str, Any]] = []
    at: BaseException | None = error
    while at is not None and len(found) < 5:
        frames = traceback.extract_tb(at.__traceback__)[-12:]
        found.append({"kind": f"{type(at).__module__}.{type(at).__qualname__}", "at": [f"{_short(one.filename)}:{one.lineno} {one.name}" for one in frames]})  # fmt: skip
        at = at.__cause__ or at.__context__
    return found


def _short(path: str) -> str:
    """A file's place in its package: where it is installed says who runs the site."""
    return re.sub(r"^.*(?=postme/)|^.*/site-packages/|^.*/lib/python[\d.]+/", "", path)


def settings(level: str) -> dict[str, Any]:
    """Logging for the whole process: everything as lines on standard error. SQL is never written: it holds what people typed."""
    return {
        "version": 1, "disable_existing_loggers": False,
        "formatters": {"lines": {"()": "postme.website.journal.Lines"}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["lines"], "level": level.upper()},
        "loggers": {
            "django": {"handlers": ["lines"], "level": "WARNING", "propagate": False},
            "django.server": {"handlers": ["lines"], "level": "ERROR", "propagate": False},
            # An address that leads nowhere or a refused form is in its request's own line.
            "django.request": {"handlers": ["lines"], "level": "ERROR", "propagate": False},
            "django.security.csrf": {"handlers": ["lines"], "level": "ERROR", "propagate": False},
        },
    }  # fmt: skip
