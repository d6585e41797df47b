"""Loads what is known of face recognition's errors elsewhere: NIST's published figures, and people it was wrong about.

A wrong file is refused with its line, what is missing and what to write.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from postme.errors import KnowledgeError
from postme.keeping import librarian, library
from postme.schema import Fault

FOLDER = library.KNOWLEDGE / "audits"
NIST, PEOPLE = "nist-frte-2024.yaml", "misidentified.yaml"
_SURE = ("high", "medium")
_WHEN = re.compile(r"[12]\d{3}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was read."""

    title: str
    publisher: str
    address: str


@dataclass(frozen=True, slots=True)
class Yard:
    """One published measure over many systems: its median, and the best and worst that were read (None: not read)."""

    id: str
    of: str
    name: str
    says: str
    median: float
    best: float | None
    worst: float | None


@dataclass(frozen=True, slots=True)
class Yardstick:
    """A published evaluation of many systems."""

    name: str
    what: str
    day: str
    threshold: str
    note: str
    source: Source
    measures: tuple[Yard, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom the police took for somebody else, as sources say. ``when`` is a month, such as 2020-01."""

    id: str
    who: str
    where: str
    agency: str
    when: str
    what: str
    outcome: str
    sure: str
    sources: tuple[Source, ...]


@lru_cache(maxsize=1)
def nist() -> Yardstick:
    """NIST's figures on one-to-one comparison.

    >>> nist().measures[0].median
    3.37
    """
    return yardstick((FOLDER / NIST).read_bytes(), f"audits/{NIST}")


@lru_cache(maxsize=1)
def misidentified() -> tuple[Person, ...]:
    """The documented misidentifications, the oldest first.

    >>> misidentified()[0].who
    'Nijeer Parks'
    """
    return people((FOLDER / PEOPLE).read_bytes(), f"audits/{PEOPLE}")


def yardstick(data: bytes, shown: str) -> Yardstick:
    """A file of published measures. Errors: ``KnowledgeError`` with file and line."""
    document = _document(data, shown)
    faults = _missing((), document, ("name", "what", "day", "threshold", "note", "source", "measures"))
    faults += _source(("source",), document.get("source"))
    for at, one in enumerate(_list(document.get("measures"))):
        path = ("measures", at)
        faults += _missing(path, one, ("id", "of", "name", "says", "median"))
        for key in ("median", "best", "worst"):
            if isinstance(one, Mapping) and key in one and (isinstance(one[key], bool) or not isinstance(one[key], int | float) or one[key] < 0):  # fmt: skip
                faults.append(Fault((*path, key), f"'{one[key]}' is no measure", "people compare with it", "write a number from 0 up, or leave it out if it was not read"))  # fmt: skip
    _raise(faults, shown, data)
    return Yardstick(
        document["name"], document["what"], str(document["day"]), document["threshold"], document["note"], Source(**document["source"]),
        tuple(Yard(one["id"], one["of"], one["name"], one["says"], float(one["median"]), one.get("best"), one.get("worst")) for one in document["measures"]),
    )  # fmt: skip


def people(data: bytes, shown: str) -> tuple[Person, ...]:
    """A file of misidentified people. Errors: ``KnowledgeError`` with file and line."""
    document = _document(data, shown)
    faults = _missing((), document, ("people",))
    seen: set[str] = set()
    for at, one in enumerate(_list(document.get("people"))):
        path = ("people", at)
        faults += _missing(path, one, ("id", "who", "where", "agency", "when", "what", "outcome", "sure", "sources"))
        if not isinstance(one, Mapping):
            continue
        if one.get("id") in seen:
            faults.append(Fault((*path, "id"), f"'{one['id']}' stands twice", "one person would count double", "take one of the two out"))  # fmt: skip
        seen.add(str(one.get("id")))
        if "when" in one and not _WHEN.fullmatch(str(one["when"])):
            faults.append(Fault((*path, "when"), f"'{one['when']}' is no month", "the list is in their order", "write it as 2020-01"))  # fmt: skip
        if "sure" in one and one["sure"] not in _SURE:
            faults.append(Fault((*path, "sure"), f"'{one['sure']}' does not say how sure it is", "a reader relies on it", f"write one of: {', '.join(_SURE)}"))  # fmt: skip
        sources = one.get("sources")
        if not sources:
            faults.append(Fault((*path, "sources"), "there is no source", "nothing is said of a real person without one", "name a source that was read, or take the entry out"))  # fmt: skip
        for number, source in enumerate(_list(sources)):
            faults += _source((*path, "sources", number), source)
    _raise(faults, shown, data)
    made = [
        Person(**{**{key: one[key] for key in ("id", "who", "where", "agency", "what", "outcome", "sure")}, "when": str(one["when"]), "sources": tuple(Source(**source) for source in one["sources"])})
        for one in document["people"]
    ]  # fmt: skip
    return tuple(sorted(made, key=lambda one: one.when))


def _document(data: bytes, shown: str) -> Mapping[str, Any]:
    document, errors = librarian.one(data, shown, shared=False)
    if errors:
        raise errors[0]
    if not isinstance(document, Mapping):
        raise KnowledgeError(
            "The file holds no keys.",
            where=f"{shown}:1",
            why="Nothing in it can be found.",
            do="Write it as key: value.",
        )
    return document


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else []


def _missing(path: tuple[str | int, ...], one: Any, keys: Sequence[str]) -> list[Fault]:
    if not isinstance(one, Mapping):
        return [Fault(path, "this is no entry", "its facts cannot be told", "write it as keys and values")]
    return [
        Fault(path, f"'{key}' is missing", "a reader could not check it", f"write {key}: and what the source says")
        for key in keys
        if one.get(key) in (None, "")
    ]


def _source(path: tuple[str | int, ...], one: Any) -> list[Fault]:
    faults = _missing(path, one, ("title", "publisher", "address"))
    if isinstance(one, Mapping):
        if not str(one.get("address", "https://")).startswith("https://"):
            faults.append(Fault((*path, "address"), f"'{one['address']}' is no address", "nobody could look it up", "write one that begins with https://"))  # fmt: skip
        faults += [
            Fault((*path, key), f"'{key}' is not known here", "a typing error would be lost", "take it out")
            for key in one
            if key not in ("title", "publisher", "address")
        ]
    return faults


def _raise(faults: Sequence[Fault], shown: str, data: bytes) -> None:
    if faults:
        raise librarian.located(faults[0], shown, data)
