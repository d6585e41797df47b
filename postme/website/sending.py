"""What every form for visitors has in common: nobody is counted by name, a machine is told what everybody is told, and links stay secret."""

from __future__ import annotations

import math
import secrets
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from postme.website import pace

# Chosen: everyone in a town hall sits behind one address, so twenty may send at once, and then one every twenty seconds.
_BURST, _RATE = 20.0, 1 / 20


@lru_cache(maxsize=1)
def _buckets() -> pace.Buckets:
    return pace.Buckets(_RATE, _BURST)


def wait(request: HttpRequest) -> int:
    """The seconds until this visitor may send again; 0 for at once. Addresses are known as salted hashes, in memory alone."""
    return math.ceil(_buckets().take(pace.visitor(request))) if settings.RATE else 0


def machine(request: HttpRequest) -> bool:
    """Whether the field is filled in that no person sees."""
    return bool(request.POST.get("website"))


def form_sign() -> str:
    """The sign of one form, so that sending it twice counts once."""
    return secrets.token_hex(16)


def typed(request: HttpRequest, *names: str) -> dict[str, str]:
    """What was typed into some fields."""
    return {name: request.POST.get(name, "") for name in names}


def private(request: HttpRequest, template: str, facts: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page that only whoever has its link may see: told to no other site, found by no search, kept by no cache."""
    answer = render(request, template, {"description": "", **facts}, status=status)
    answer.headers["Referrer-Policy"], answer.headers["X-Robots-Tag"], answer.headers["Cache-Control"] = (
        "no-referrer", "noindex", "no-store",
    )  # fmt: skip
    return answer


def refused(request: HttpRequest, template: str, facts: dict[str, Any], seconds: int) -> HttpResponse:
    """The form again, with what was typed, for whoever sends too often."""
    answer = render(request, template, {"description": "", **facts, "often": seconds}, status=429)
    answer.headers["Retry-After"] = str(seconds)
    return answer
