"""What a person types, made into a question: places by their names, and how a fact can be answered."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from postme.condition import All, Any, Condition, FactIs, Not
from postme.keeping import laws, places
from postme.place import Level, placed

# Chosen: no place's name is half as long.
LONGEST = 120
_STATE = re.compile(r"^(.*?)[,\s]+([a-z]{2})$")


def places_named(typed: str) -> tuple[str, ...]:
    """The ids of the places that somebody may mean by a name or an id; those with laws of their own first, then by id.

    ``Minneapolis``, ``Minneapolis, MN``, ``St. Paul, Minnesota``, ``Hennepin County``, ``us/mn/minneapolis``. Empty where none is known.

    >>> places_named("Hennepin County")
    ('us/mn/county:hennepin',)
    """
    typed = " ".join(typed.split())
    if not typed or len(typed) > LONGEST:
        return ()
    every, own = places.table(), {law.place.short for law in laws.book().laws.values()}
    try:
        short = placed(typed.lower().rstrip("/")).short
    except ValueError:
        short = ""
    if short in every or short in own:
        return (short,)
    name, state = _with_state(typed)
    found = [one for one in _index().get(_key(name), ()) if state is None or placed(one).state == state]
    if not found and state:  # no state was meant: a town may end in two letters
        found = list(_index().get(_key(typed), ()))
    return tuple(sorted(set(found), key=lambda one: (one not in own, one.count("/"), ":" in one, one)))


def places_near(typed: str) -> tuple[str, ...]:
    """The places whose names are nearest to one that nobody bears; at most six."""
    typed = " ".join(typed.split())[:LONGEST]
    name, state = _with_state(typed.rpartition("/")[2] if typed.startswith("us/") else typed)
    if typed.startswith("us/"):
        state = typed[3:5]
    meant = _key(name)
    # Chosen: a slip in the first letter is rare, and 30,000 names take too long to compare with all of them.
    near = [key for key in _index() if key[:1] == meant[:1] and abs(len(key) - len(meant)) <= 3]
    found = [one for key in difflib.get_close_matches(meant, near, 6, 0.75) for one in _index()[key]]
    return tuple(dict.fromkeys(one for one in found if state is None or placed(one).state == state))[:6]


def _with_state(typed: str) -> tuple[str, str | None]:
    """A name and the code of the state behind it, where one stands there."""
    states = _states()
    head, comma, tail = typed.rpartition(",")
    if comma and _key(tail.strip()) in states:
        return head.strip(), states[_key(tail.strip())]
    found = _STATE.match(typed.lower())
    if found and found[2] in states.values():
        return found[1].strip(" ,"), found[2]
    return typed, None


@lru_cache(maxsize=1)
def _states() -> Mapping[str, str]:
    return {_key(name): id_[3:] for id_, name in places.table().items() if id_.count("/") == 1}


def _key(name: str) -> str:
    plain = places.slug(name.strip())
    return f"saint_{plain[3:]}" if plain.startswith("st_") else plain


@lru_cache(maxsize=1)
def _index() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    towns = set()
    own = {law.place.short: places.name_of(law.place.short) for law in laws.book().laws.values()}
    for id_, name in {**places.table(), **own}.items():
        one = placed(id_)
        keys = {_key(name)} if one.level is Level.STATE else {_key(name), _key(one.name)}
        if one.level is Level.CITY:
            towns.add((one.state, one.name))
        for key in keys:
            found.setdefault(key, []).append(id_)
    # A bare county name means the county only where no town of that name stands in the state.
    return {
        key: tuple(
            id_
            for id_ in ids
            if placed(id_).level is not Level.COUNTY or key != _key(placed(id_).name) or (placed(id_).state, placed(id_).name) not in towns
        )
        for key, ids in found.items()
    }  # fmt: skip


@lru_cache(maxsize=1)
def fact_kinds() -> Mapping[str, str]:
    """How each fact that a law asks for can be answered: ``yes_no``, ``number`` or ``words``."""
    found = {}
    for law in laws.book().laws.values():
        for provision in law.provisions:
            for part in ("if_", "proof"):
                for one in _facts(getattr(provision.rule, part, None)):
                    found[one.fact] = _kind(one)
    return found


def _kind(one: FactIs) -> str:
    if one.at_least is not None or one.at_most is not None:
        return "number"
    if isinstance(one.is_, bool):
        return "yes_no"
    return "words" if isinstance(one.is_, str) else "number"


def _facts(asked: Condition | None) -> Iterator[FactIs]:
    if isinstance(asked, FactIs):
        yield asked
    elif isinstance(asked, Not):
        yield from _facts(asked.of)
    elif isinstance(asked, All | Any):
        for one in asked.of:
            yield from _facts(one)
