"""The map of the country's laws as pages show it, drawn once for a day, a subject and a language."""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, gettext

from postme.office import mapping, wording
from postme.place import placed


def country(day: datetime.date, subject: str | None = None) -> mapping.Country:
    """The map on a day in the language of the page that is being made."""
    return _drawn(day, subject, get_language())


# Chosen: the days that readers move the date to; each map is about 100 KB.
@lru_cache(maxsize=128)
def _drawn(day: datetime.date, subject: str | None, language: str | None) -> mapping.Country:
    return mapping.country(day, subject, link=lambda short: reverse("place", args=[short]), say=gettext)


def place(row: mapping.Row) -> dict[str, Any]:
    """A row of the map's table, as JSON has it; what is made up says so in its name."""
    fiction = placed(row.place).state == wording.FICTION
    return {
        "place": row.place, "name": wording.place(row.place, gettext) if fiction else row.name, "state": "" if fiction else row.state, "fiction": fiction, "kind": row.kind.value, "words": row.kind_words, "says": row.says, "since": row.since,
        "until": row.until or None, "laws": [{"id": id_, "name": name} for id_, name in row.laws], "sure": row.sure, "shown": row.shown, "body": row.body,
    }  # fmt: skip
