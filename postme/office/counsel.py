"""The desk where laws are asked: words and places checked, the package's laws at hand, a day for every question."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import isfinite
from pathlib import Path
from typing import Any

from postme import compare, obligation, verdict
from postme.because import Permission, Question
from postme.clock import Calendar
from postme.condition import Fact
from postme.day import told
from postme.errors import KnowledgeError, WrongUse
from postme.keeping import laws, places
from postme.law import Case, Event, Law, built
from postme.lawshape import SUBJECTS
from postme.office import wording
from postme.place import placed
from postme.verdict import Lawbook


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its answer, and what a reader must know of its day."""

    question: Question
    permission: Permission
    notes: tuple[str, ...]


def keep_in(cache: Path) -> None:
    """Keep what takes long to parse in that folder."""
    laws.keep_in(cache)
    places.keep_in(cache)


def also_from(folders: Iterable[Path]) -> None:
    """Ask a town's own law files as well."""
    laws.also_from(folders)


def question(
    place: str, body: str, act: str, technology: str, on: date, *, purpose: str | None = None, facts: Mapping[str, Fact] | None = None,
    any_place: bool = False, cache: Path | None = None,
) -> Question:  # fmt: skip
    """A question whose every word is known. Raises WrongUse for one that is not, with the nearest."""
    words = laws.words()
    agency = words.agencies.get(body)
    where = place or (agency.place if agency else "")
    if not where:
        raise WrongUse("No place was given.", where="--place", why="The same act is allowed in one town and forbidden in the next.", do="Write --place us/mn/minneapolis.")  # fmt: skip
    where = checked_place(where, cache, any_place=any_place)
    words.checked("body", body, [*words.bodies, *words.agencies])
    words.checked("act", act, words.acts)
    words.checked("technology", technology, words.technologies)
    if purpose is not None:
        words.checked("purpose", purpose, words.purposes)
    _known_facts(facts or {})
    return Question(where, body, act, technology, on, purpose, facts or {})


def place_name(short: str, cache: Path | None = None) -> str:
    """A place's name for people."""
    return places.name_of(short, cache)


def checked_place(short: str, cache: Path | None = None, *, any_place: bool = False, more: Iterable[str] = ()) -> str:
    """A place's id, if there is such a place or ``more`` names it; with ``any_place`` only its shape is asked. Raises WrongUse."""
    if any_place:
        return _shape(short)
    return places.known(short, [*(law.place.short for law in laws.book().laws.values()), *more], cache)


def _known_facts(facts: Mapping[str, Fact], *more: Law) -> None:
    words = laws.words()
    own = {key for law in (*laws.book().laws.values(), *more) for key in law.facts}
    for key in facts:
        if not key.startswith("finding:"):
            words.checked("fact", key, [*words.facts, *own])


def _shape(place: str) -> str:
    try:
        return placed(place).short
    except ValueError as error:
        raise WrongUse(f"{error}.", where="--place", why="A name alone can mean several places.", do="Write it as us/mn/minneapolis.") from error  # fmt: skip


def ask(asked: Question, today: date) -> Asked:
    """The answer of the package's laws."""
    book = laws.book()
    return Asked(asked, verdict.permission(asked, book), tuple(_of_the_day(asked.on, today, book)))


def due(asked: Question, own_holidays: Mapping[date, str] | None = None) -> tuple[obligation.Judged, ...]:
    """Every duty that the package's laws lay on a body for a technology, with its verdict on that day."""
    state = placed(asked.place).state
    return obligation.judged(asked, laws.book(), Calendar(state, own_holidays or {}))


def _of_the_day(on: date, today: date, book: Lawbook) -> Iterable[str]:
    if on > today:
        yield f"{on} is in the future: the answer is that of the laws as they are known on {today}."
    first = min((law.starts.first for law in book.laws.values() if law.starts.first), default=None)
    if first and on < first:
        yield f"No law that this program knows is older than {first}; what counted on {on} was not looked for."


def fact(said: str) -> tuple[str, Fact]:
    """A fact as it is written on a command line: ``warrant=true``, ``council_approved=2023-05-01``, ``rate=0.98``.

    A day means that it is true, and since when.

    >>> fact("council_approved=2023-05-01")[1].on
    datetime.date(2023, 5, 1)
    """
    key, sign, value = said.partition("=")
    if not sign or not key.strip() or not value.strip():
        raise WrongUse(f"'{said}' is no fact.", where="--fact", why="What it says could not be told.", do="Write --fact warrant=true, =false, =2023-05-01 or =0.98.")  # fmt: skip
    return key.strip(), stated(value.strip())


def stated(value: object) -> Fact:
    """A fact's value as a file or a command line states it."""
    if isinstance(value, bool):
        return Fact(value)
    if isinstance(value, date):
        return Fact(value=True, on=_whole_day(value))
    if isinstance(value, int | float):
        return Fact(float(value))
    if isinstance(value, Mapping):
        when = value.get("on")
        if isinstance(when, str):  # as JSON has a day
            when = told(when).exact
        return Fact(
            stated(value.get("value", True)).value,
            _whole_day(when) if isinstance(when, date) else None,
            str(value.get("evidence", "")),
        )
    text = str(value)
    if text.lower() in ("true", "yes", "false", "no"):
        return Fact(text.lower() in ("true", "yes"))
    try:
        day = told(text).exact if len(text) == 10 else None
    except ValueError:
        day = None
    if day:
        return Fact(value=True, on=day)
    try:
        number = float(text)
    except ValueError:
        return Fact(text)
    return Fact(number if isfinite(number) else text)


def _whole_day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def law(id_: str) -> Law:
    """A law or a model by its id. Raises WrongUse that names the nearest."""
    every = {one.id: one for one in (*laws.book().laws.values(), *models())}
    if id_ not in every:
        near = difflib.get_close_matches(id_, every, 3, 0.5)
        raise WrongUse(
            f"No law '{id_}' is known.", where="ID", why="Another law would be shown as if it were what you meant.",
            do=f"Did you mean {' or '.join(near)}? " * bool(near) + "All laws: postme law list.",
        )  # fmt: skip
    return every[id_]


def models() -> tuple[Law, ...]:
    """The models and lists of elements that laws are held against."""
    return laws.models()


def given(path: Path) -> Law:
    """A law from a file of somebody's own. Raises KnowledgeError for its first fault."""
    errors, document = laws.checked(path)
    if document is None:
        raise errors[0]
    return built(document)


def held_against(first: Law, second: Law, on: date | None) -> tuple[compare.Row, ...]:
    """Two laws, topic by topic."""
    return compare.compared(first, second, on)


def what_if(first: Law, second: Law, on: date, facts: Mapping[str, Fact]) -> tuple[compare.Change, ...]:
    """What would be answered otherwise in the first law's place if the second stood there instead of it."""
    book = laws.book()
    _known_facts(facts, first, second)
    moved = replace(second, id=first.id, place=first.place)
    after = Lawbook([*(one for one in book.laws.values() if one.id != first.id), moved], laws.words())
    return compare.what_if(book, after, first.id, on, facts)


@dataclass(frozen=True, slots=True)
class Checked:
    """What is wrong with a law file, which clauses no rule uses, and which worked cases come out otherwise."""

    errors: tuple[KnowledgeError, ...]
    law: Law | None
    unused: tuple[str, ...]
    wrong: tuple[str, ...]


def check(path: Path) -> Checked:
    """A law file held against its shape, its words and its own worked cases."""
    errors, document = laws.checked(path)
    if document is None:
        return Checked(tuple(errors), None, (), ())
    own = built(document)
    book = laws.book()
    every = Lawbook([*(one for one in book.laws.values() if one.id != own.id), own], laws.words())
    wrong = [f"{case.says} The file says {case.answer}, the rules say {answer}." for case in own.cases if (answer := _tried(case, own, every)) != case.answer]  # fmt: skip
    unused = [f"{one.id}: {one.says}" for one in own.provisions if one.rule is None]
    return Checked((), own, tuple(unused), tuple(wrong))


def _tried(case: Case, own: Law, book: Lawbook) -> str:
    try:
        return worked(case, own, book)
    except WrongUse as error:  # a fact of the year 1: the other cases are still to be tried
        return str(error)


def worked(case: Case, own: Law, book: Lawbook) -> str:
    """What the rules answer to a worked case, in the word that a file would write."""
    asked = case.ask
    put = Question(
        str(asked.get("place", own.place.short)), str(asked.get("body", own.binds[0])), str(asked.get("act", "use")),
        str(asked.get("technology", own.technologies[0])), asked["on"], asked.get("purpose"), {key: stated(value) for key, value in asked.get("facts", {}).items()},
    )  # fmt: skip
    if "duty" in asked:
        found = [one for one in obligation.judged(put, book, only=str(asked["duty"])) if one.law == own.id]
        return found[0].verdict.value if found else "no such duty"
    return verdict.permission(put, book).answer.value


def every(
    place: str | None = None, subject: str | None = None, cache: Path | None = None, *, any_place: bool = False
) -> tuple[Law, ...]:
    """Every law by id, or those that reach a place, or are about a subject. Raises WrongUse for one that is not known."""
    if subject is not None and subject not in SUBJECTS:
        raise WrongUse(
            f"'{subject}' is no subject of a law.", where="--subject", why="A misspelt one would be answered as one without laws.",
            do=f"Use one of {', '.join(SUBJECTS)}.",
        )  # fmt: skip
    book = laws.book()
    found = (
        tuple(book.laws.values()) if place is None else book.reaching(checked_place(place, cache, any_place=any_place))
    )
    return tuple(one for one in found if subject in (None, one.subject))


def vocabulary() -> Mapping[str, Mapping[str, str]]:
    """Every word with what it says, by kind."""
    words = laws.words()
    own = {key: says for one in laws.book().laws.values() for key, says in one.facts.items()}
    return {
        "bodies": words.bodies, "agencies": {id_: agency.name for id_, agency in words.agencies.items()}, "acts": words.acts, "purposes": words.purposes,
        "facts": {**words.facts, **own}, "technologies": words.technologies,
    }  # fmt: skip


def printed(one: Law, on: date | None = None) -> dict[str, Any]:
    """A law as JSON has it; ``on`` leaves out what did not stand that day."""

    def event(it: Event) -> dict[str, Any]:
        return {"what": it.what, "on": str(it.on), "effective": str(it.effective), "vote": it.vote, "sure": it.sure.value,
                "sources": [one.sources[key].address for key in it.sources], "note": it.note}  # fmt: skip

    words = wording.vocabulary(one)
    return {
        "id": one.id, "name": one.name, "place": one.place.short, "division": one.place.division, "subject": one.subject, "instrument": one.instrument,
        "citation": one.citation, "what": one.what, "text_seen": one.text_seen, "status": one.status, "adopted": event(one.adopted),
        "starts": str(one.starts), "start_note": one.start_note, "ends": str(one.ends) if one.ends else None,
        "binds": list(one.binds), "not_bound": list(one.not_bound), "binds_sure": one.binds_sure.value, "technologies": list(one.technologies),
        "outside": list(one.outside), "events": [event(it) for it in one.events], "conflicts": list(one.conflicts), "unseen": list(one.unseen),
        "read": {"who": one.read.who, "on": one.read.on.isoformat(), "lawyer": one.read.lawyer},
        "provisions": [
            {"id": it.id, "topic": it.topic, "says": it.says, "clause": it.clause, "sure": it.sure.value, "does": wording.does(it.rule, words), "from": str(it.start) if it.start else None,
             "until": str(it.end) if it.end else None, "rule": type(it.rule).__name__.lower() if it.rule else None, "sources": [one.sources[key].address for key in it.sources]}
            for it in one.provisions if on is None or it.stands(on) is not False
        ],
        "cases": [{"says": case.says, "answer": case.answer} for case in one.cases],
    }  # fmt: skip
