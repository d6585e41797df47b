"""Loads the law files and the words they use, and refuses a wrong one with its file, line, what is missing and what to write."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from postme import lawfile, vocabulary
from postme.errors import KnowledgeError
from postme.keeping import librarian, library
from postme.law import Law, built
from postme.verdict import Lawbook
from postme.vocabulary import Vocabulary

FOLDER = library.KNOWLEDGE / "laws"
MODELS = library.KNOWLEDGE / "models"


@lru_cache(maxsize=1)
def words() -> Vocabulary:
    """The words that laws, questions and facts use.

    >>> words().body_is("police", "city")
    True
    """
    named = {
        str(document["id"]): (str(document["name"]), str(document["kind"]))
        for document in library.sources(cache=None).documents
        if "kind" in document
    }
    read = [librarian.loaded((library.KNOWLEDGE / name).read_bytes()) for name in ("vocabulary.yaml", "agencies.yaml")]
    return vocabulary.made(read[0], read[1], named)


def checked(path: Path, *, shown: str | None = None) -> tuple[list[KnowledgeError], dict[str, Any] | None]:
    """Everything wrong with one law file, and its contents where nothing is."""
    name = shown or str(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise KnowledgeError(
            f"The file could not be opened ({error.strerror}).", where=name, why="The law in it would not be asked.",
            do="See whether it is there, and give yourself permission to read it.",
        ) from error  # fmt: skip
    document, errors = librarian.one(data, name, shared=False)
    if errors:
        return errors, None
    found = [librarian.located(fault, name, data) for fault in lawfile.faults(document, words())]
    return found, None if found else document


def loaded(folders: Sequence[Path] = (FOLDER,)) -> tuple[Law, ...]:
    """Every law of the folders, by id. Raises KnowledgeError for the first wrong file."""
    laws: dict[str, Law] = {}
    for root in folders:
        for path in sorted(root.rglob("*.yaml")):
            shown = f"{root.name}/{path.relative_to(root).as_posix()}"
            errors, document = checked(path, shown=shown)
            if document is None:
                raise errors[0]
            law = built(document)
            if law.id in laws:
                raise KnowledgeError(
                    f"Another file states the law '{law.id}' already.", where=f"{shown}:1", why="One of the two would be asked and the other not.",
                    do="Give each law its own id.",
                )  # fmt: skip
            laws[law.id] = law
    return tuple(laws[id_] for id_ in sorted(laws))


@lru_cache(maxsize=1)
def book() -> Lawbook:
    """The package's laws, ready to be asked."""
    return Lawbook(loaded(), words())
