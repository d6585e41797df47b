"""How many sign a letter just now, and when the mail of whoever goes the slow way leaves: read off the signatures themselves (``turnstile``)."""

from __future__ import annotations

import datetime
from pathlib import Path

from postme import turnstile, voices
from postme.keeping.store.register import whole
from postme.letter import Signature


def recent(file: Path, slug: str, since: datetime.datetime) -> int:
    """How many signed by mail since then, confirmed or not. An index meets both, however many signed before."""
    from postme.keeping.store import models

    with whole(file, atomic=False):
        rows = models.Signed.objects.filter(letter__slug=slug, received__gte=since, who="")
        waiting = rows.filter(state=Signature.WAITING.value).count()
        return int(waiting + rows.filter(state=Signature.PUBLISHED.value, confirmed__gte=since).count())


def turn(letter: int, last_day: datetime.date | None, at: datetime.datetime) -> datetime.datetime:
    """When the next mail of the slow way leaves: those that wait there are known by when they run out. Within a transaction."""
    from django.db.models import Max

    from postme.keeping.store import models

    last = models.Signed.objects.filter(letter=letter, state=Signature.WAITING.value).aggregate(last=Max("expires"))["last"]  # fmt: skip
    return turnstile.turn(at, last - voices.WAITS if last else None, last_day)
