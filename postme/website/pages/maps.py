"""The map of the country's laws as pages show it, drawn once for a day, a subject and a language."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import get_language, gettext

from postme.office import mapping
from postme.office.mapping import Country


@dataclass(frozen=True, slots=True)
class Drawn:
    """A map with everything a page needs around it; markup in it is ours, with names escaped."""

    country: Country
    insets: tuple[str, ...]


def country(day: datetime.date, subject: str | None = None) -> Drawn:
    """The map on a day in the language of the page that is being made."""
    return _drawn(day, subject, get_language() or "en")


# Chosen: a few hundred days are what readers move the date to; each is about 100 KB.
@lru_cache(maxsize=200)
def _drawn(day: datetime.date, subject: str | None, language: str) -> Drawn:
    prefix = "" if language == "en" else f"/{language}"
    found = mapping.country(
        day, subject, link=lambda short: prefix + mapping.page_of(short), say=gettext, today=max(day, datetime.datetime.now(datetime.UTC).date())
    )  # fmt: skip
    return Drawn(found, tuple(inset.svg for inset in found.insets))
