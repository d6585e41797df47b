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


def one(data: bytes, shown: str, *, shared: bool = True) -> tuple[Any, list[KnowledgeError]]:
    """One file's contents, or why it is not YAML; without ``shared`` a part that is used twice is refused too."""
    try:
        if not shared:
            _refuse_aliases(data)
        return loaded(data), []
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = " ".join(str(getattr(error, "problem", None) or error).split())
        return None, [KnowledgeError(
            f"This is not YAML: {problem}.", where=f"{shown}:{mark.line + 1 if mark else 1}",
            why="Nothing in the file can be used.", do="Quote a sentence that holds ': ' or '#', and check the indentation.",
        )]  # fmt: skip


def _refuse_aliases(data: bytes) -> None:
    # A few anchors can unfold to billions of entries; who walks through them never comes back.
    for event in yaml.parse(data, Loader=_Strict) if b"*" in data else ():
        if isinstance(event, yaml.AliasEvent):
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise ValueError(f"in line {line} a part of the file is used twice (*name); write it out")


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
    """The safe loader, refusing a key that stands twice (the second would silently win).

    Of words only true and false are truth values, as in YAML 1.2: a law's day stands under ``on``.
    """

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
