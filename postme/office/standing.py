"""What the law says of what a search found: for each holding, may the body obtain and use such a thing, on the day of the search?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from postme.because import Permission, Question
from postme.keeping import laws
from postme.office import counsel
from postme.place import Level, placed
from postme.verdict import Lawbook, permission

# Bodies as records call them, by words that are hard to mistake; anything else is asked about as the place's police.
_KINDS: tuple[tuple[str, str], ...] = (
    (r"\bstate (?:police|patrol|troopers?)\b|\bhighway patrol\b", "state_police"), (r"\bsheriff", "sheriff"), (r"\bpolice\b", "police"),
    (r"\bschools?\b", "school"), (r"\btransit\b", "transit"),
)  # fmt: skip
_OF_LEVEL = {
    Level.CITY: "police",
    Level.COUNTY: "sheriff",
    Level.STATE: "state_police",
    Level.COUNTRY: "federal_agency",
    Level.DISTRICT: "special_district",
}
_ACTS = ("obtain", "use")
# Of a county's body that is asked about in a city, an answer says so with the city's id.
_COUNTYS = ("sheriff", "county_department", "county")


@dataclass(frozen=True, slots=True)
class Standing:
    """How the law stands to one technology in one kind of body's hands: the answers to *obtain* and *use*.

    ``assumed`` says that no record told the body, and that the kind was taken from the place.
    """

    place: str
    body: str
    technology: str
    on: date
    answers: tuple[tuple[Question, Permission], ...]
    assumed: bool

    @property
    def command(self) -> str:
        """The command that asks the same."""
        return f"postme law ask --place {self.place} --body {self.body} --act use --technology {self.technology} --on {self.on}"


def kind_of(body: str | None, place: str) -> tuple[str, bool]:
    """The kind of a body that a record names, and whether it was only assumed from the place.

    >>> kind_of("Sheriff's Office", "us/mn/county:hennepin"), kind_of(None, "us/mn/minneapolis")
    (('sheriff', False), ('police', True))
    """
    for pattern, kind in _KINDS:
        if body and re.search(pattern, body, re.IGNORECASE):
            return kind, False
    return _OF_LEVEL[placed(place).level], True


def standings(
    place: str, held: Iterable[tuple[str, str | None]], on: date
) -> Mapping[tuple[str, str | None], Standing]:
    """For each (technology, body as the records name it) what the laws of the place and its state say on a day."""
    book = laws.book()
    found: dict[tuple[str, str | None], Standing] = {}
    for technology, body in held:
        kind, assumed = kind_of(body, place)
        if technology in book.vocabulary.technologies:
            asked = [Question(place, kind, act, technology, on) for act in _ACTS]
            found[technology, body] = Standing(
                place, kind, technology, on, tuple((one, permission(one, book)) for one in asked), assumed
            )
    return found


def of_holding(facts: Mapping[str, Any], on: date) -> dict[str, Any]:
    """What the laws say, on a day, of a holding as it was published: may its body obtain and use it, and what must it do?

    ``permissions`` and ``duties`` are as JSON has them; both are empty where laws have no word for the technology, and
    ``asked`` is then false: nothing was asked, so nothing is answered.
    """
    known = _known(facts, on)
    # The question is the one thing in these answers that names the place.
    where = facts["place"]["id"]
    permissions = [{**one, "question": {**one["question"], "place": where}} for one in known.get("permissions", ())]
    return {"asked": bool(known), "on": on.isoformat(), "permissions": permissions, "duties": known.get("duties", [])}


def in_short(facts: Mapping[str, Any], on: date) -> Mapping[str, Any]:
    """The answers of ``of_holding`` without their reasons, for a list of holdings: act and answer, verdict and duty.

    A duty that does not apply is left out. The reasons are some ten kilobytes a holding and stand on its own page.
    """
    return _known(facts, on).get("short") or {"asked": False, "on": on.isoformat(), "permissions": [], "duties": []}


def _known(facts: Mapping[str, Any], on: date) -> Mapping[str, Any]:
    """What is answered of a holding, shared by all that are answered the same; empty where laws have no word for it."""
    technology, where, kind = facts["technology"]["id"], facts["place"]["id"], facts["agency"]["kind"]
    book = laws.book()
    if technology not in book.vocabulary.technologies:
        return {}
    told = json.dumps(facts.get("law_facts", {}), sort_keys=True)
    return _answered(book, _alike(book, where, kind), kind, technology, on, told)


# Chosen: an answer takes some ten kilobytes; every kind of body and technology under the laws of every state fits.
@lru_cache(maxsize=4096)
def _answered(book: Lawbook, where: str, kind: str, technology: str, on: date, told: str) -> Mapping[str, Any]:
    facts = {key: counsel.stated(value) for key, value in json.loads(told).items()}
    asked = [Question(where, kind, act, technology, on, facts=facts) for act in _ACTS]
    permissions = [permission(one, book).printed(one) for one in asked]
    duties = [one.printed() for one in counsel.due(asked[1])]
    short = {
        "asked": True,
        "on": on.isoformat(),
        "permissions": [{"act": one["question"]["act"], "answer": one["answer"]} for one in permissions],
        "duties": [
            {key: one[key] for key in ("law", "provision", "verdict", "what", "due")}
            for one in duties
            if one["verdict"] != "does_not_apply"
        ],
    }
    return {"permissions": permissions, "duties": duties, "short": short}


_first: dict[tuple[object, ...], str] = {}


def _alike(book: Lawbook, where: str, kind: str) -> str:
    """A place whose bodies are answered the same: most towns of a state have no law of their own."""
    place, reaching = placed(where), tuple(law.id for law in book.reaching(where))
    own = book.vocabulary.agency_of(kind, where) != kind or (place.level is Level.CITY and kind in _COUNTYS)
    # A state's own holidays move the days on which duties fall due.
    return _first.setdefault((book, reaching, place.state, place.level, where if own else ""), where)
