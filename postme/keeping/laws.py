"""Loads the law files and the words they use, and refuses a wrong one with its file, line, what is missing and what to write."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from postme import lawfile, vocabulary
from postme.errors import KnowledgeError
from postme.keeping import librarian, library
from postme.law import Law, built
from postme.verdict import Lawbook
from postme.vocabulary import Vocabulary

# Chosen: twenty times the longest law here.
LARGEST = 1_000_000
FOLDER = library.KNOWLEDGE / "laws"
MODELS = library.KNOWLEDGE / "models"
# Chosen: raise it when the same files would be built into other laws.
_FORMAT = "1"
_MODEL = "model"
# How a day is kept where only words and numbers are.
_DAY = "$day"


_kept_in: list[Path] = []
_also: list[Path] = []


def also_from(folders: Iterable[Path]) -> None:
    """Let a town's own law files stand beside the package's from now on."""
    _also[:] = folders
    book.cache_clear()
    models.cache_clear()


def keep_in(cache: Path) -> None:
    """Keep parsed files in that folder from now on; without it every process parses them anew, which takes seconds."""
    _kept_in[:] = [cache]
    words.cache_clear()
    book.cache_clear()
    models.cache_clear()


@lru_cache(maxsize=1)
def words() -> Vocabulary:
    """The words that laws, questions and facts use.

    >>> words().body_is("police", "city")
    True
    """
    if _kept_in:
        every: Iterable[Any] = (one for one in library.sources(cache=_kept_in[0]).documents if "kind" in one)
    else:  # the technologies' own files alone: the makers' are most of the catalogue, and no law asks for them
        paths = sorted((library.KNOWLEDGE / "technologies").glob("*.yaml"))
        every = (librarian.loaded(path.read_bytes()) for path in paths)
    named = {str(document["id"]): (str(document["name"]), str(document["kind"])) for document in every}
    read = [librarian.loaded((library.KNOWLEDGE / name).read_bytes()) for name in ("vocabulary.yaml", "agencies.yaml")]
    return vocabulary.made(read[0], read[1], named)


def checked(path: Path, *, shown: str | None = None) -> tuple[list[KnowledgeError], dict[str, Any] | None]:
    """Everything wrong with one law file, and its contents where nothing is."""
    name = shown or str(path)
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise KnowledgeError(
            f"The file could not be opened ({error.strerror}).", where=name, why="The law in it would not be asked.",
            do="See whether it is there, and give yourself permission to read it.",
        ) from error  # fmt: skip
    if len(data) > LARGEST:
        large = KnowledgeError(
            f"The file is larger than {LARGEST:,} bytes.", where=f"{name}:1", why="No law here, in our own words, is; it may be another file.",
            do="Paraphrase each provision in a sentence, and name its source.",
        )  # fmt: skip
        return [large], None
    document, errors = librarian.one(data, name, shared=False)
    if errors:
        return errors, None
    found = [librarian.located(fault, name, data) for fault in lawfile.faults(document, words())]
    return found, None if found else document


def version() -> str:
    """The version of the laws that are asked: a hash of every file, without parsing any.

    >>> len(version())
    16
    """
    return _digest(_files((FOLDER, *_also)))


_Files = list[tuple[Path, Path, bytes]]


def _files(folders: Sequence[Path]) -> _Files:
    return [(root, path, path.read_bytes()) for root in folders for path in sorted(root.rglob("*.yaml"))]


def _digest(files: _Files) -> str:
    digest = hashlib.sha256(_FORMAT.encode())
    for root, path, data in files:
        digest.update(b"%s\0%d\0%s" % (path.relative_to(root).as_posix().encode(), len(data), data))
    return digest.hexdigest()[:16]


def loaded(folders: Sequence[Path] = (FOLDER,)) -> tuple[Law, ...]:
    """Every law of the folders, by id. Raises KnowledgeError for the first wrong file."""
    files = _files(folders)
    kept = _kept_in[0] / f"laws-{_digest(files)}.json" if _kept_in else None
    if kept:
        # A cache that cannot be read is no reason to stop: the files themselves are there.
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            return tuple(map(built, json.loads(kept.read_bytes(), object_hook=_dated)))
    documents: dict[str, Any] = {}
    for root, path, _ in files:
        shown = f"{root.name}/{path.relative_to(root).as_posix()}"
        errors, document = checked(path, shown=shown)
        if document is None:
            raise errors[0]
        if document["id"] in documents:
            raise KnowledgeError(
                f"Another file states the law '{document['id']}' already.", where=f"{shown}:1", why="One of the two would be asked and the other not.",
                do="Give each law its own id.",
            )  # fmt: skip
        documents[document["id"]] = document
    found = [documents[id_] for id_ in sorted(documents)]
    if kept:
        library.cached(kept, json.dumps(found, default=lambda day: {_DAY: day.isoformat()}).encode())
    return tuple(map(built, found))


def _dated(entry: dict[str, Any]) -> Any:
    return date.fromisoformat(entry[_DAY]) if _DAY in entry else entry


@lru_cache(maxsize=1)
def book() -> Lawbook:
    """The package's laws, and those of ``also_from``, ready to be asked. A model among them binds nobody."""
    return Lawbook((one for one in loaded((FOLDER, *_also)) if one.instrument != _MODEL), words())


@lru_cache(maxsize=1)
def models() -> tuple[Law, ...]:
    """The package's models, and those of ``also_from``."""
    own = (one for one in loaded(tuple(_also)) if one.instrument == _MODEL) if _also else ()
    return (*loaded((MODELS,)), *own)
