"""Reads the catalogue's YAML, and says of a wrong file its line, what is missing, why it matters and what to write."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from postme.errors import KnowledgeError
from postme.schema import Fault, context_faults, faults


def loaded(data: bytes) -> Any:
    """One file's contents, by a safe loader that also refuses repeated keys."""
    return yaml.load(data, Loader=_Strict)  # noqa: S506


_MENDED = {
    "stands twice": "Take one of the two out, or give it its own name.", "is no day": "Write a day as 2021-02-12, and put other words in quotes.",
    "unacceptable character": "Save it as plain text in UTF-8.", "constructor for the tag": "Take the word that begins with ! out.",
    "another document": "Take the line --- and what follows out; a file holds one.", "tab character": "Indent with spaces.",
}  # fmt: skip
# Chosen: the deepest file here has fourteen; some thousands crash the parser itself, which nothing can catch.
DEEPEST = 60


def one(data: bytes, shown: str, *, shared: bool = True) -> tuple[Any, list[KnowledgeError]]:
    """One file's contents, or why it is not YAML; without ``shared`` a part that is used twice is refused too."""
    try:
        refused = _refused(data, shown, shared=shared)
        return (None, refused) if refused else (loaded(data), [])
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = " ".join(str(getattr(error, "problem", None) or error).split())
        if "maximum nesting depth" in problem:  # newer parsers count for themselves
            return None, [_too_deep(f"{shown}:{mark.line + 1 if mark else 1}")]
        return None, [KnowledgeError(
            f"This is not YAML: {problem}.", where=f"{shown}:{mark.line + 1 if mark else 1}",
            why="Nothing in the file can be used.",
            do=next((do for word, do in _MENDED.items() if word in problem), "Quote a sentence that holds ': ' or '#', and check the indentation."),
        )]  # fmt: skip


def _refused(data: bytes, shown: str, *, shared: bool) -> list[KnowledgeError]:
    depth = 0
    for event in yaml.parse(data, Loader=_Strict):
        where = f"{shown}:{event.start_mark.line + 1 if event.start_mark else 1}"
        if isinstance(event, yaml.AliasEvent) and not shared:
            return [KnowledgeError(
                "A part of the file is used twice (*name).", where=where,
                why="A few such parts unfold to billions of entries, and whoever reads has to look elsewhere.", do="Write it out.",
            )]  # fmt: skip
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            return [_too_deep(where)]
    return []


def _too_deep(where: str) -> KnowledgeError:
    return KnowledgeError(
        f"The file is nested more than {DEEPEST} deep.", where=where,
        why="Nobody could follow it, and it could stop the program.", do="Close a bracket, or take the innermost parts out.",
    )  # fmt: skip


def parsed(files: Sequence[tuple[str, bytes]]) -> tuple[list[KnowledgeError], list[Any], dict[str, list[str]]]:
    """(every fault in order, the well-formed documents, the shared word lists) of files given as (shown name, bytes)."""
    errors: list[KnowledgeError] = []
    contexts: dict[str, list[str]] = {}
    parsed: list[tuple[str, bytes, Any]] = []
    for shown, data in files:
        document, wrong_yaml = one(data, shown)
        if wrong_yaml:
            errors += wrong_yaml
            continue
        if shown.endswith("/contexts.yaml"):
            wrong = context_faults(document)
            errors += [located(fault, shown, data) for fault in wrong]
            if not wrong:
                contexts.update({name: [str(word) for word in words] for name, words in document.items()})
        else:
            parsed.append((shown, data, document))
    named = [document for shown, _, document in parsed if "/technologies/" in shown and isinstance(document, Mapping)]
    known = {document["id"] for document in named if isinstance(document.get("id"), str)}
    documents = []
    for shown, data, document in parsed:
        found = faults(document, shown.split("/")[-2], known, contexts)
        errors += [located(fault, shown, data) for fault in found]
        if not found:
            documents.append(document)
    return errors, documents, contexts


def located(fault: Fault, shown: str, data: bytes) -> KnowledgeError:
    """A fault as an error with its file and line."""
    line, node = 1, yaml.compose(data, Loader=_Strict)
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
    """The safe loader, refusing a key that stands twice (the second would silently win).

    Of words only true and false are truth values, as in YAML 1.2: a law's day stands under ``on``.
    """

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError as error:  # 2021-02-30: said without its line
            said = str(node.value)[:40]
            raise yaml.constructor.ConstructorError(
                None, None, f"'{said}' is no day and no number ({str(error)[:60]})", node.start_mark
            ) from error

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


_Strict.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for letter, resolvers in _Strict.yaml_implicit_resolvers.items()
}
_Strict.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(?:true|false|True|False)\Z"), list("tfTF"))
