"""Loads the catalogue's files, and refuses a wrong one with its file, line, what is missing and what to write."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from postme.errors import KnowledgeError
from postme.keeping.writing import written

if TYPE_CHECKING:  # YAML, numpy and the matchers take longer to load than a version takes to tell
    from postme.catalogue import Catalogue
    from postme.scan import Scanner

KNOWLEDGE = Path(__file__).parent.parent / "knowledge"
_ACTS = KNOWLEDGE / "acts.yaml"
FOLDERS = ("technologies", "vendors")
# Chosen: raise it when scanning changes, so that nobody is served what an older scanner found.
_FORMAT = "4"


@dataclass(frozen=True, slots=True)
class Sources:
    """The catalogue's files as parsed, and the version they make together: plain values that travel to any worker."""

    version: str
    documents: tuple[Mapping[str, Any], ...]
    contexts: Mapping[str, list[str]]
    acts: Mapping[str, Any]


def version(extra: Sequence[Path] = ()) -> str:
    """The catalogue's version: a hash of every file, without parsing any.

    >>> len(version())
    16
    """
    return _digest(list(_files((KNOWLEDGE, *extra))))


def sources(extra: Sequence[Path] = (), *, cache: Path | None = None) -> Sources:
    """The files of the package and of the ``extra`` folders, checked.

    ``cache`` is a folder in which parsed files are kept under their version. Raises KnowledgeError for the first wrong
    file; ``errors_in`` gives them all.
    """
    files = list(_files((KNOWLEDGE, *extra)))
    number = _digest(files)
    kept = cache / f"catalogue-{number}.json" if cache else None
    if kept:
        # A cache that cannot be read is no reason to stop: the files themselves are there.
        with contextlib.suppress(OSError, ValueError, TypeError):
            return Sources(number, **json.loads(kept.read_bytes()))
    from postme.keeping import librarian

    errors, documents, contexts = librarian.parsed(files)
    if errors:
        first, others = errors[0], len(errors) - 1
        if others:
            first = KnowledgeError(
                first.what, where=first.where, why=first.why, do=f"{first.do} ({others} more faults after it.)"
            )
        raise first
    found = Sources(number, tuple(documents), contexts, librarian.loaded(_ACTS.read_bytes()))
    if kept:
        cached(
            kept, json.dumps({"documents": documents, "contexts": contexts, "acts": found.acts}, default=str).encode()
        )
    return found


def catalogue(of: Sources) -> Catalogue:
    """The catalogue that parsed files make."""
    from postme.catalogue import compiled

    return compiled(of.documents, of.contexts, of.version)


def load(extra: Sequence[Path] = ()) -> Catalogue:
    """The catalogue of the package, with the files of the ``extra`` folders added.

    >>> "alpr" in load().technologies
    True
    """
    return catalogue(sources(extra))


def scanner(extra: Sequence[Path] = (), *, cache: Path | None = None) -> Scanner:
    """The catalogue and the words that tell acts, ready to scan with."""
    return made_ready(sources(extra, cache=cache), cache=cache)


def made_ready(of: Sources, *, cache: Path | None = None) -> Scanner:
    """A scanner from parsed files, on whatever machine they have come to; ``cache`` as for ``sources``."""
    from postme import matching, scan, signs

    known = catalogue(of)
    kept = cache / f"engine-{of.version}-{matching.kind()}" if cache else None
    if kept:
        # What another version of the matcher kept is refused by it, and worked out anew.
        with contextlib.suppress(OSError, ValueError, TypeError, EOFError, RuntimeError, matching.Refusal):
            return scan.Scanner(known, matching.best(known, kept.read_bytes()), signs.cues(of.acts))
    engine = matching.best(known)
    if kept:
        cached(kept, engine.kept())
    return scan.Scanner(known, engine, signs.cues(of.acts))


# Chosen: a few versions (a town's own names beside the package's), without filling a disk over the years.
_CACHED = 12


def cached(place: Path, data: bytes) -> None:
    """Put something into the cache, whole or not at all; a full or closed disk only costs time."""
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        written(place, data)
        own = (path for path in place.parent.iterdir() if path.name.startswith(("catalogue-", "engine-", "laws-")))
        old = sorted(own, key=lambda path: path.stat().st_mtime)
        for path in old[:-_CACHED]:
            path.unlink()


def _digest(files: Sequence[tuple[str, bytes]]) -> str:
    digest = hashlib.sha256(_FORMAT.encode())
    for shown, data in [
        *files,
        ("knowledge/acts.yaml", _ACTS.read_bytes()),
    ]:  # acts are told anew when their words change
        digest.update(b"%s\0%d\0%s" % (shown.encode(), len(data), data))
    return digest.hexdigest()[:16]


def errors_in(extra: Sequence[Path] = ()) -> list[KnowledgeError]:
    """Every fault of the package's files and of the ``extra`` folders, in order of file and line."""
    from postme.keeping import librarian

    return librarian.parsed(list(_files((KNOWLEDGE, *extra))))[0]


def _files(roots: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    for root in roots:
        if root is not KNOWLEDGE and not any((root / folder).is_dir() for folder in FOLDERS):
            raise KnowledgeError(
                "This folder holds neither technologies/ nor vendors/.", where=str(root),
                why="No name of it would be looked for.", do="Put the files into those folders, as docs/catalogue.md shows.",
            )  # fmt: skip
        own = "knowledge" if root is KNOWLEDGE else root.name
        shared = root / "contexts.yaml"
        for path in sorted(root.rglob("*")) if root is not KNOWLEDGE else ():
            placed = path.parent in [root / folder for folder in FOLDERS] or path == shared
            if path.suffix.lower() in (".yaml", ".yml") and not (placed and path.suffix == ".yaml"):
                raise KnowledgeError(
                    "This file does not lie where the catalogue looks.", where=str(path), why="Its names would not be looked for.",
                    do=f"Put it into technologies/ or vendors/, named {path.stem}.yaml.",
                )  # fmt: skip
        for path in (
            *([shared] if shared.is_file() else ()),
            *(p for f in FOLDERS for p in sorted((root / f).glob("*.yaml"))),
        ):
            try:
                yield f"{own}/{path.relative_to(root).as_posix()}", path.read_bytes()
            except OSError as error:
                raise KnowledgeError(
                    f"The file could not be opened ({error.strerror}).", where=str(path), why="Its names would not be looked for.",
                    do="Give yourself permission to read it, or take it out of the folder.",
                ) from error  # fmt: skip


def names(of: Sources) -> dict[str, str]:
    """What people read for each technology's id.

    >>> names(sources())["alpr"]
    'Automated license plate readers'
    """
    return {str(document["id"]): str(document["name"]) for document in of.documents if "kind" in document}
