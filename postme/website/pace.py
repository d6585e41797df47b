"""How fast one visitor may ask for data: a bucket of tokens each, in memory only, and an answer that says when to come back.

The address of a visitor is never kept: it is hashed with a salt that lives and dies with the process.
"""

from __future__ import annotations

import hashlib
import math
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string

from postme.website.answers import problem

# Chosen: who asks for the ten-thousandth bucket pushes out the one that was quiet longest, so memory stays small.
_MOST = 10_000
# Chosen: a whole table is the work of many small questions. A page with many pictures, or somebody who searches while
# they type, is far below what is enough to be refused.
_A_TABLE = 10.0
_COSTS = (("/data/", _A_TABLE), ("/api/", 1.0), ("/search", 0.5), ("/es/search", 0.5))
_A_PICTURE = 0.25
# Chosen: a script that takes every file once, fails at the last and begins anew has done nothing wrong.
_ROUNDS = 2


class Buckets:
    """Buckets of ``burst`` tokens that fill at ``rate`` a second; ``clock`` gives seconds that only grow."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate, self.burst, self._clock = rate, burst, clock
        self._salt = secrets.token_bytes(16)
        self._full: OrderedDict[bytes, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, who: str, cost: float = 1.0) -> float:
        """Take tokens from somebody's bucket: 0 where there were enough, else the seconds until there will be.

        >>> buckets = Buckets(rate=2, burst=3, clock=lambda: 0.0)
        >>> [buckets.take("203.0.113.9") for _ in range(4)]
        [0.0, 0.0, 0.0, 0.5]
        """
        key = hashlib.blake2b(who.encode("utf-8", "replace"), key=self._salt, digest_size=16).digest()
        cost = min(cost, self.burst)
        with self._lock:
            now = self._clock()
            level, since = self._full.pop(key, (self.burst, now))
            level = min(self.burst, level + (now - since) * self.rate)
            enough = level >= cost
            self._full[key] = (level - cost if enough else level, now)
            while len(self._full) > _MOST:
                self._full.popitem(last=False)
        return 0.0 if enough else (cost - level) / self.rate


def visitor(request: HttpRequest) -> str:
    """Who asks: the address that the connection comes from, or, where a proxy is trusted, the one that it tells of."""
    if settings.TRUST_PROXY:
        # The last is what our own proxy saw; those before it are what the visitor says of themselves.
        told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if told:
            return told
    return str(request.META.get("REMOTE_ADDR", ""))


def cost(path: str) -> float:
    """What an address takes from the bucket; 0 for pages, which are made once and kept.

    >>> cost("/data/holdings.csv"), cost("/search.json"), cost("/records/ab/1.webp"), cost("/places/"), cost("/searches/1/")
    (10.0, 0.5, 0.25, 0.0, 0.0)
    """
    if path.endswith((".webp", ".png")) and not path.startswith("/static/"):
        return _A_PICTURE
    if path in ("/data/", "/api/") or path.removeprefix("/es").startswith("/searches"):
        return 0.0
    return next((cost for begin, cost in _COSTS if path.startswith(begin)), 0.0)


def in_one_go() -> int:
    """How many whole tables a visitor may take without waiting: at least every file of /data/, its description and all, twice over."""
    from postme.keeping.store import tables
    from postme.website.pages.data import FORMATS

    return max(_ROUNDS * (len(tables.BULK) * len(FORMATS) + 1), int(settings.BURST / _A_TABLE))


def seconds_a_table() -> float:
    """How long a visitor who took as many as that waits for the next."""
    return _A_TABLE / (settings.RATE or 1.0)


def paced(answer: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Whoever asks for data faster than ``POSTME_RATE`` is told when to come back (429, Retry-After)."""
    buckets = Buckets(settings.RATE or 1.0, settings.BURST)
    # Whole tables have a bucket of their own, so that whoever takes them all can still open the pages beside them.
    whole = Buckets(settings.RATE or 1.0, in_one_go() * _A_TABLE)

    def answered(request: HttpRequest) -> HttpResponseBase:
        asked = cost(request.path)
        if not asked or not settings.RATE:
            return answer(request)
        wait = (whole if asked == _A_TABLE else buckets).take(visitor(request), asked)
        if not wait:
            return answer(request)
        seconds = max(1, math.ceil(wait))
        if request.path.endswith("/search/"):
            refused = HttpResponse(render_to_string("429.html", {"seconds": seconds}), status=429)
        else:
            refused = problem(
                429, "Too many questions at once.",
                f"Each visitor may ask {settings.RATE:g} times a second, and {settings.BURST:g} times in one go; a search counts as a half, a picture as a quarter. Of whole tables {in_one_go()} may be taken in one go, then one every {seconds_a_table():g} s. Others are served meanwhile.",
                f"Come back in {seconds} second{'s' * (seconds != 1)}. For everything at once, take the files at /data/.",
            )  # fmt: skip
        refused.headers["Retry-After"] = str(seconds)
        return refused

    return answered
