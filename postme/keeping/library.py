"""Loads the catalogue's files, and refuses a wrong one with its file, line, what is missing and what to write."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from postme.errors import KnowledgeError

if TYPE_CHECKING:  # numpy and the matchers take longer to load than a version takes to tell
    from postme.catalogue import Catalogue
    from postme.scan import Scanner
    from postme.schema import Fault

KNOWLEDGE = Path(__file__).parent.parent / "knowledge"
_ACTS = KNOWLEDGE / "acts.yaml"
FOLDERS = ("technologies", "vendors")
# Chosen: raise it when scanning changes, so that nobody is served what an older scanner found.
_FORMAT = "1"


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
    errors, documents, contexts = _parsed(files)
    if errors:
        first, others = errors[0], len(errors) - 1
        if others:
            first = KnowledgeError(
                first.what, where=first.where, why=first.why, do=f"{first.do} ({others} more faults after it.)"
            )
        raise first
    found = Sources(number, tuple(documents), contexts, yaml.load(_ACTS.read_bytes(), Loader=_Strict))  # noqa: S506
    if kept:
        _cached(
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
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError, RuntimeError, matching.Refusal):
            return scan.Scanner(known, matching.best(known, kept.read_bytes()), signs.cues(of.acts))
    engine = matching.best(known)
    if kept:
        _cached(kept, engine.kept())
    return scan.Scanner(known, engine, signs.cues(of.acts))


# Chosen: a few versions (a town's own names beside the package's), without filling a disk over the years.
_CACHED = 12


def _cached(place: Path, data: bytes) -> None:
    """Put something into the cache, whole or not at all; a full or closed disk only costs time."""
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_name(f".{place.name}.{os.getpid()}")
        draft.write_bytes(data)
        draft.replace(place)
        own = (path for path in place.parent.iterdir() if path.name.startswith(("catalogue-", "engine-")))
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
    return _parsed(list(_files((KNOWLEDGE, *extra))))[0]


def _files(roots: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    for root in roots:
        if root is not KNOWLEDGE and not any((root / folder).is_dir() for folder in FOLDERS):
            raise KnowledgeError(
                "This folder holds neither technologies/ nor vendors/.", where=str(root),
                why="No name of it would be looked for.", do="Put the files into those folders, as docs/catalogue.md shows.",
            )  # fmt: skip
        own = "knowledge" if root is KNOWLEDGE else root.name
        shared = root / "contexts.yaml"
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


def _parsed(files: Sequence[tuple[str, bytes]]) -> tuple[list[KnowledgeError], list[Any], dict[str, list[str]]]:
    from postme.schema import context_faults, faults

    errors: list[KnowledgeError] = []
    contexts: dict[str, list[str]] = {}
    parsed: list[tuple[str, bytes, Any]] = []
    for shown, data in files:
        try:
            document = yaml.load(data, Loader=_Strict)  # noqa: S506  (a safe loader that also refuses repeated keys)
        except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
            mark = getattr(error, "problem_mark", None)
            problem = " ".join(str(getattr(error, "problem", None) or error).split())
            errors.append(KnowledgeError(
                f"This is not YAML: {problem}.", where=f"{shown}:{mark.line + 1 if mark else 1}",
                why="Nothing in the file can be used.", do="Quote a sentence that holds ': ' or '#', and check the indentation.",
            ))  # fmt: skip
            continue
        if shown.endswith("/contexts.yaml"):
            wrong = context_faults(document)
            errors += [_located(fault, shown, data) for fault in wrong]
            if not wrong:
                contexts.update({name: [str(word) for word in words] for name, words in document.items()})
        else:
            parsed.append((shown, data, document))
    named = [document for shown, _, document in parsed if "/technologies/" in shown and isinstance(document, Mapping)]
    known = {document["id"] for document in named if isinstance(document.get("id"), str)}
    documents = []
    for shown, data, document in parsed:
        found = faults(document, shown.split("/")[-2], known, contexts)
        errors += [_located(fault, shown, data) for fault in found]
        if not found:
            documents.append(document)
    return errors, documents, contexts


def _located(fault: Fault, shown: str, data: bytes) -> KnowledgeError:
    line, node = 1, yaml.compose(data, Loader=yaml.SafeLoader)
    for step in fault.path:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == step), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            line = node.start_mark.line + 1
    return KnowledgeError(
        fault.what[0].upper() + fault.what[1:] + ".", where=f"{shown}:{line}",
        why=fault.why[0].upper() + fault.why[1:] + ".", do=fault.do[0].upper() + fault.do[1:] + ".",
    )  # fmt: skip


class _Strict(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The safe loader, refusing a key that stands twice (the second would silently win)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key is a list, not words", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key '{key.value}' stands twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)  # type: ignore[no-any-return]


def names(of: Sources) -> dict[str, str]:
    """What people read for each technology's id.

    >>> names(sources())["alpr"]
    'Automated license plate readers'
    """
    return {str(document["id"]): str(document["name"]) for document in of.documents if "kind" in document}
