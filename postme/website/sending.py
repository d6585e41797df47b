"""What every form for visitors has in common: nobody is counted by name, a machine is told what everybody is told, and links stay secret."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from postme import turnstile
from postme.website import pace
from postme.website.kept import KEPT

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


# Chosen: a rush is noticed within so many seconds, and a form is drawn without counting each time.
_COUNTED_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Sum:
    """The small sum of a form: its puzzle, what solves it where it is solved, and the number of bits that are asked for now (0: nothing is)."""

    puzzle: str
    proof: str
    bits: int

    @property
    def sign(self) -> str:
        """By which a form that was sent with a solved sum is known again; empty without one."""
        return turnstile.sign(self.puzzle) if self.proof else ""

    @property
    def slowly(self) -> bool:
        """Whether one was asked for and is not solved."""
        return bool(self.bits and not self.proof)


def sum_of(request: HttpRequest, about: str, recent: Callable[[], int], *, anew: bool = False) -> Sum:
    """The sum of a form about something: the one that came with it while it is good and not used (``anew``), or a new one where ``recent`` says that very many send it."""
    now, key = datetime.datetime.now(datetime.UTC), _key()
    kept = KEPT.within(("rush", about, settings.DATA), _COUNTED_SECONDS, lambda: str(recent()).encode())
    bits = turnstile.asked(int(kept))
    puzzle, proof = ("", "") if anew else (request.POST.get("puzzle", "")[:200], request.POST.get("proof", "")[:20])
    answer = turnstile.judged(key, about, puzzle, proof, now)
    if answer is turnstile.Answer.SOLVED:
        return Sum(puzzle, proof, bits)
    # One that is good and not solved yet goes on with the form: the device may be at it.
    good = turnstile.judged(key, about, puzzle, "", now) is turnstile.Answer.NONE and puzzle
    return Sum(puzzle if good else turnstile.posed(key, about, bits, secrets.token_hex(16), now) if bits else "", "", bits)  # fmt: skip


def _key() -> bytes:
    return hmac.new(settings.SECRET_KEY.encode(), b"postme turnstile", hashlib.sha256).digest()


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
