"""``/api/search``: the search box for programs; the same hits as the page at ``/search/``."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Query, Schema
from pydantic import Field

from postme.errors import WrongUse
from postme.keeping.store import seeking
from postme.keeping.store.readers import AsOf, stamp
from postme.keeping.store.seeking import Hit
from postme.keeping.store.wordrows import CAP
from postme.website.answers import fresh, told
from postme.website.api import NewAs, api
from postme.website.pages import search

Kind = Literal[
    "place", "agency", "technology", "decision", "paper", "letter", "audit", "evidence", "law", "page", "vendor"
]
_PART_OF_DAY = r"^[0-9]{4}(-[0-9]{2}){0,2}$"


class Wanted(Schema):
    """What is looked for."""

    q: str = Field(min_length=1, max_length=500, description='Words. "Words in quotes" stand side by side; -word leaves out; or joins.', examples=["license plate readers"])  # fmt: skip
    kind: Kind | None = Field(None, description="Only things of this kind.")
    place: str | None = Field(None, pattern=r"^us[^\s]{0,198}$", description="Only what is of this place.", examples=["us/mn/minneapolis"])  # fmt: skip
    state: str | None = Field(None, pattern=r"^us/[a-z]{2}$", description="Only what is of this state.", examples=["us/mn"])  # fmt: skip
    technology: str | None = Field(None, pattern=r"^[a-z0-9_]{1,60}$", description="Only what is about this technology.", examples=["alpr"])  # fmt: skip
    since: str | None = Field(None, pattern=_PART_OF_DAY, description="Only what has a date of this day, month or year, or later.")  # fmt: skip
    until: str | None = Field(None, pattern=_PART_OF_DAY, description="Only what has a date of this day, month or year, or earlier.")  # fmt: skip
    limit: int = Field(20, ge=1, le=100, description="How many hits at most.")
    offset: int = Field(0, ge=0, le=CAP, description="How many of the best to pass over.")


class HitAnswer(Schema):
    """One thing that was found."""

    kind: Kind
    address: str = Field(description="Where it stands on this site.")
    title: str
    snippet: str = Field(description="A piece of its text around the words.")
    marks: list[list[int]] = Field(description="Where the words stand in the snippet: start and end of each, in characters.")  # fmt: skip
    own_words: bool = Field(description="Whether the snippet is a source's own words.")
    place: str
    technologies: list[str]
    date: str | None = Field(
        description="The record's own date, as far as it is known; of a proposal the day of its first step, of a paper the day on which this version was fixed, of a letter the day on which it was opened for signing."
    )
    fiction: bool


class FoundAnswer(Schema):
    """What was found."""

    as_of: NewAs
    total: int = Field(description="How many there are; not counted further than a thousand.")
    more: bool = Field(description="Whether there are more than that.")
    did_you_mean: str | None = Field(description="Another question, where a word of this one stands nowhere.")
    items: list[HitAnswer]


@api.get("/search", response=FoundAnswer, summary="Search", tags=["search"])
def searched(request: HttpRequest, wanted: Query[Wanted]) -> HttpResponseBase:
    """Proposals (`decision`), their papers, open letters, evidence, pages of records, places, agencies, technologies, makers and laws that hold some words. Nothing found is no finding."""
    if foreign := sorted(set(request.GET) - set(Wanted.model_fields)):
        raise WrongUse(f"Nothing here is called '{foreign[0][:40]}'.", why="A filter that is passed over would give hits that nobody asked for.", do=f"Use {', '.join(Wanted.model_fields)}.")  # fmt: skip

    def answered(now: AsOf) -> HttpResponseBase:
        search.known()
        given = wanted.dict(exclude_none=True)
        # What no page can show is looked for nowhere.
        said = "".join(letter if letter.isprintable() else " " for letter in given.pop("q"))
        found = seeking.sought(said.encode("utf-8", "ignore").decode(), **given)
        return told(
            {
                "as_of": {"leaf": now.leaf, "at": stamp(now.at) if now.at else None, "laws": now.laws},
                "total": found.total, "more": found.more, "did_you_mean": found.did_you_mean or None, "items": [_hit(one) for one in found.rows],
            }
        )  # fmt: skip

    return fresh(request, answered, "search")


def _hit(hit: Hit) -> dict[str, object]:
    return {
        "kind": hit.kind, "address": hit.address, "title": hit.title, "snippet": hit.snippet, "marks": [list(one) for one in hit.marks],
        "own_words": hit.own_words, "place": hit.place, "technologies": list(hit.technologies), "date": hit.date, "fiction": hit.fiction,
    }  # fmt: skip
