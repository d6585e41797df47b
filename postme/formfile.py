"""What a well-formed file of a paper's questions is, and everything that is wrong with one that is not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from postme.form import KINDS, OWN, SLOTS
from postme.schema import Fault

_ID = re.compile(r"[a-z][a-z0-9_]*")
# Chosen: what the tables keep of a kind and of a question's id.
LONGEST_KIND, LONGEST_ID = 40, 60
_PAPER: Mapping[str, tuple[type, str]] = {
    "id": (str, "id: use_policy"), "name": (str, "name: Use policy"), "what": (str, "what: one sentence on what the paper is"),
    "facts": (list, "facts: [use_policy_published]"), "common": (str, "common: where the questions come from when no law lists its own"),
    "sections": (dict, "sections: {use: What it may be used for}"), "fields": (list, "fields: [{id: purpose, section: use, question: What is it for?}]"),
}  # fmt: skip
_FLAGS = ("yearly", "military")
_FIELD: Mapping[str, tuple[type, str]] = {
    "id": (str, "id: purpose"), "section": (str, "section: use"), "question": (str, "question: What is it for?"),
}  # fmt: skip
_MORE: Mapping[str, tuple[type, str]] = {
    "hint": (str, "hint: Name the problem."), "kind": (str, "kind: text"), "asked_as": (list, "asked_as: [purpose]"), "first": (str, "first: does"),
    "promise": (str, "promise: retention"),
}  # fmt: skip
_A: Mapping[Any, str] = {str: "words", list: "a list", dict: "keys and values"}


def faults(document: Any, facts: Iterable[str] = ()) -> list[Fault]:
    """Everything wrong with one file's contents; empty when it is well formed. ``facts`` are those that laws know."""
    if not isinstance(document, Mapping):
        return [Fault((), "the file is not a list of keys and values", "nothing in it can be used", "begin with 'id: use_policy'")]  # fmt: skip
    found = list(_shaped(document, _PAPER, dict.fromkeys(_FLAGS, (bool, "yearly: true")), (), "a paper"))
    if found:
        return found
    found += _meant(document, set(facts))
    for i, one in enumerate(document["fields"]):
        here = ("fields", i)
        if not isinstance(one, Mapping):
            found.append(Fault(here, "a question is not written as keys and values", "nobody could answer it", "write {id: purpose, section: use, question: What is it for?}"))  # fmt: skip
            continue
        wrong = list(_shaped(one, _FIELD, _MORE, here, "a question"))
        found += wrong or _asked(one, here, document["sections"])
    return found or [*_twice(document["fields"])]


def _shaped(
    entry: Mapping[str, Any], must: Mapping[str, tuple[type, str]], may: Mapping[str, tuple[type, str]], path: tuple[str | int, ...], what: str
) -> Iterator[Fault]:  # fmt: skip
    for key, (_, write) in must.items():
        if key not in entry:
            yield Fault(
                path, f"{what} lacks '{key}'", "it could not be asked or explained without it", f"write '{write}'"
            )
    for key, value in entry.items():
        known = must.get(key) or may.get(key)
        if known is None:
            yield Fault((*path, key), f"'{key}' is not a key of {what}", "a misspelt key would be passed over in silence", f"use one of {', '.join([*must, *may])}")  # fmt: skip
        elif not isinstance(value, known[0]) or (key in must and not value):
            yield Fault((*path, key), f"'{key}' must be {_A.get(known[0], 'true or false')}", "it cannot be read as anything else", f"write '{known[1]}'")  # fmt: skip


def _meant(document: Mapping[str, Any], facts: set[str]) -> Iterator[Fault]:
    if not _ID.fullmatch(document["id"]) or len(document["id"]) > LONGEST_KIND:
        yield Fault(("id",), f"the id '{document['id']}' is not plain", "ids stand in addresses", f"use small letters, digits and _, {LONGEST_KIND} at the most")  # fmt: skip
    for name in document["facts"]:
        if facts and name not in facts:
            yield Fault(("facts",), f"'{name}' is no fact that is known", "no law's duty could be met by this paper", "see postme law words")  # fmt: skip
    for name, says in document["sections"].items():
        if not isinstance(says, str) or not says.strip() or name == OWN:
            yield Fault(("sections", name), f"the section '{name}' has no heading" if name != OWN else f"'{OWN}' is kept for what laws ask for in their own words", "readers find a question by it", "write 'use: What it may be used for'")  # fmt: skip


def _asked(one: Mapping[str, Any], here: tuple[str | int, ...], sections: Mapping[str, Any]) -> Iterator[Fault]:
    if not _ID.fullmatch(one["id"]) or len(one["id"]) > LONGEST_ID or one["id"].startswith(f"{OWN}_"):
        yield Fault((*here, "id"), f"the id '{one['id']}' is not plain", "answers are kept under it, and stand in addresses", f"use small letters, digits and _, not beginning with {OWN}_")  # fmt: skip
    if one["section"] not in sections:
        yield Fault((*here, "section"), f"'{one['section']}' is no section of this paper", "the question would stand nowhere", f"use one of {', '.join(map(str, sections))}")  # fmt: skip
    for key, known in (("kind", KINDS), ("first", SLOTS)):
        if key in one and one[key] not in known:
            yield Fault((*here, key), f"'{one[key]}' is no '{key}' that is known", "the page could not show it", f"use one of {', '.join(known)}")  # fmt: skip
    if not all(isinstance(name, str) and _ID.fullmatch(name) for name in one.get("asked_as", ())):
        yield Fault((*here, "asked_as"), "a name in 'asked_as' is not plain", "it would never match what a law file lists", "write the law's words in small letters with _ between")  # fmt: skip


def _twice(fields: Iterable[Mapping[str, Any]]) -> Iterator[Fault]:
    ids: dict[str, int] = {}
    names: dict[str, str] = {}
    for i, one in enumerate(fields):
        if one["id"] in ids:
            yield Fault(("fields", i, "id"), f"the id '{one['id']}' stands twice", "two answers would be kept under one name", "give each question its own id")  # fmt: skip
        ids[one["id"]] = i
        for name in one.get("asked_as", ()):
            if names.setdefault(name, one["id"]) != one["id"]:
                yield Fault(("fields", i, "asked_as"), f"'{name}' is asked by '{names[name]}' already", "one answer would count for two questions, or for the wrong one", "leave it with one of the two")  # fmt: skip
