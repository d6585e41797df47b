"""Loads the questions of papers, and refuses a wrong file with its line, what is missing and what to write."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from postme import formfile
from postme.errors import KnowledgeError
from postme.form import Pattern, pattern
from postme.keeping import librarian, library

FOLDER = library.KNOWLEDGE / "papers"
# The order in which a proposal's papers stand.
_ORDER = ("impact_report", "use_policy", "equipment_policy", "yearly_report", "equipment_report")


def checked(data: bytes, shown: str) -> tuple[list[KnowledgeError], dict[str, Any] | None]:
    """Everything wrong with one file, and its contents where nothing is."""
    document, errors = librarian.one(data, shown, shared=False)
    if errors:
        return errors, None
    found = [librarian.located(fault, shown, data) for fault in formfile.faults(document)]
    return found, None if found else document


def loaded(folder: Path = FOLDER) -> dict[str, Pattern]:
    """Every kind of paper of a folder, by id. Raises KnowledgeError for the first wrong file."""
    found: dict[str, Pattern] = {}
    for path in sorted(folder.glob("*.yaml")):
        shown = f"papers/{path.name}"
        errors, document = checked(path.read_bytes(), shown)
        if document is None:
            raise errors[0]
        if document["id"] in found:
            raise KnowledgeError(
                f"Another file states the paper '{document['id']}' already.", where=f"{shown}:1", why="One of the two would be asked and the other not.",
                do="Give each paper its own id.",
            )  # fmt: skip
        found[document["id"]] = pattern(document)
    policies = {one.military: {item.id for item in one.items} for one in found.values() if one.id.endswith("_policy")}
    for one in found.values():
        for item in one.items:
            if item.promise and item.promise not in policies.get(one.military, ()):
                raise KnowledgeError(
                    f"'{item.promise}', which '{item.id}' is held against, is no question of the use policy.", where=f"papers/{one.id}",
                    why="What was promised could not be put beside what is told.", do="Name a question of the policy.",
                )  # fmt: skip
    return {
        id_: found[id_]
        for id_ in sorted(found, key=lambda id_: (_ORDER.index(id_) if id_ in _ORDER else len(_ORDER), id_))
    }


@lru_cache(maxsize=1)
def patterns() -> Mapping[str, Pattern]:
    """The package's kinds of papers."""
    return loaded()
