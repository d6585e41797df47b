"""What a well-formed file of the catalogue is, and everything that is wrong with one that is not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from postme.catalogue import WORD_LISTS, Certainty, Kind, expanded, folded_words
from postme.fold import FOREIGN

# Chosen: a term that needs more forms than this wants a shorter core, or `needs` with a small `within`.
MOST_FORMS = 160


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a file: where (a path of keys), what, why it matters, what to write."""

    path: tuple[str | int, ...]
    what: str
    why: str
    do: str


_TERM_KEYS = {"text", "inflect", "capitals", "within", "unless_within", "certainty", "note", *WORD_LISTS}
_MATCHES = ("exact", "broader", "narrower", "related", "none")
_ID = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*")


def faults(document: Any, folder: str, known: Iterable[str], contexts: Mapping[str, list[str]]) -> list[Fault]:
    """Everything wrong with one file's contents; empty when it is well formed.

    ``folder`` is ``technologies`` or ``vendors``, ``known`` the ids of all technologies, ``contexts`` the shared lists.
    """
    found: list[Fault] = []
    say = found.append
    if not isinstance(document, Mapping):
        return [
            Fault((), "the file is not a list of keys and values", "nothing in it can be used", "begin with 'id: ...'")
        ]
    ids = set(known)
    if folder == "technologies":
        shape: dict[str, tuple[type, str]] = {
            "id": (str, "id: alpr"), "name": (str, "name: Automated license plate readers"),
            "kind": (str, "kind: surveillance (or military)"), "what": (str, "what: one sentence on what it does"),
            "cannot_show": (str, "cannot_show: what finding it does not prove"),
            "crosswalk": (dict, "crosswalk: {atlas: {term: drones, match: exact}}"), "terms": (list, "terms: [a phrase]"),
            "hits": (list, "hits: [a sentence it must find]"), "misses": (list, "misses: [a sentence it must not find]"),
        }  # fmt: skip
        optional = {"note"}
    else:
        shape = {
            "id": (str, "id: flock-safety"), "name": (str, "name: Flock Safety"), "source": (str, "source: where the names were read"),
            "sure": (str, "sure: seen (or memory)"), "technologies": (list, "technologies: [alpr], or [] where the bare name is not enough"),
            "hits": (list, "hits: [a sentence it must find]"), "misses": (list, "misses: [a sentence it must not find]"),
        }  # fmt: skip
        optional = {"names", "parent", "terms", "products", "note"}
    for key, (kind, write) in shape.items():
        if key not in document:
            say(
                Fault(
                    (),
                    f"'{key}' is missing",
                    "a finding could not be explained or proved without it",
                    f"write '{write}'",
                )
            )
        elif not isinstance(document[key], kind) or (key not in ("technologies",) and not document[key]):
            say(Fault((key,), f"'{key}' must be {_A[kind]}", "it cannot be read as anything else", f"write '{write}'"))
    for key in document:
        if key not in shape and key not in optional:
            say(Fault((key,), f"'{key}' is not a key of a {folder[:-3] + 'y' if folder == 'technologies' else 'vendor'} file",
                      "a misspelt key would be passed over in silence", "see docs/catalogue.md for the keys"))  # fmt: skip
    if found:
        return found
    if not _ID.fullmatch(document["id"]):
        say(
            Fault(
                ("id",),
                f"the id '{document['id']}' is not plain",
                "ids stand in addresses",
                "use small letters, digits, - and _",
            )
        )
    if folder == "technologies":
        if document["kind"] not in tuple(Kind):
            say(
                Fault(
                    ("kind",),
                    f"'{document['kind']}' is no kind",
                    "it decides which law is asked",
                    "write surveillance or military",
                )
            )
        for name, entry in document["crosswalk"].items():
            if not isinstance(entry, Mapping) or entry.get("match") not in _MATCHES:
                say(Fault(("crosswalk", name), f"the crosswalk to '{name}' does not say how it matches",
                          "crosswalks lose meaning, and readers must see how much", f"add match: one of {', '.join(_MATCHES)}"))  # fmt: skip
    else:
        if document["sure"] not in ("seen", "memory"):
            say(
                Fault(
                    ("sure",),
                    f"'{document['sure']}' does not say how sure we are",
                    "a name from memory is shown as such",
                    "write seen or memory",
                )
            )
        _check_ids(document["technologies"], ("technologies",), ids, say)
        loose = [key for key in ("names", "products", "terms") if not isinstance(document.get(key) or [], list)]
        for key in loose:
            say(Fault((key,), f"'{key}' is not a list", "nothing in it could be read", f"write {key}: [...]"))
        if loose:
            return found
        for i, made in enumerate(document.get("products") or ()):
            here = ("products", i)
            if (
                not isinstance(made, Mapping)
                or not made.get("name")
                or not made.get("terms")
                or not made.get("technologies")
            ):
                say(Fault(here, "a product lacks its name, technologies or terms", "its mentions would mean nothing",
                          "write {name: Falcon, technologies: [alpr], terms: [Flock Falcon]}"))  # fmt: skip
                continue
            _check_ids(made["technologies"], (*here, "technologies"), ids, say)
            if isinstance(made["terms"], list):
                _check_terms(made["terms"], (*here, "terms"), contexts, say)
            else:
                say(
                    Fault(
                        (*here, "terms"), "'terms' is not a list", "nothing in it could be read", "write terms: [...]"
                    )
                )
        for i, named in enumerate(document.get("names") or ()):
            if not isinstance(named, Mapping) or not named.get("name"):
                say(
                    Fault(
                        ("names", i),
                        "an earlier name is not written as one",
                        "it could not be shown",
                        "write {name: ShotSpotter, until: 2023}",
                    )
                )
    _check_terms(document.get("terms") or (), ("terms",), contexts, say)
    for key in ("hits", "misses"):
        for i, entry in enumerate(document[key]):
            text = entry.get("text") if isinstance(entry, Mapping) else entry
            if not isinstance(text, str) or not text.strip():
                say(
                    Fault(
                        (key, i),
                        f"an entry of '{key}' is not a sentence",
                        "it proves nothing",
                        "write a sentence, or {text: ..., technologies: [...]}",
                    )
                )
            elif isinstance(entry, Mapping) and not isinstance(entry.get("technologies", []), list):
                say(Fault((key, i), "'technologies' is not a list", "the sentence could not be held to it",
                          "write technologies: [an id]"))  # fmt: skip
            elif isinstance(entry, Mapping):
                _check_ids(entry.get("technologies", []), (key, i), ids, say)
    return found


def context_faults(document: Any) -> list[Fault]:
    """Everything wrong with the contents of a ``contexts.yaml``."""
    write = "write a line like 'police: [police, sheriff]'"
    if not isinstance(document, Mapping):
        return [Fault((), "the file is not a list of names, each with its words", "no rule could use it", write)]
    return [
        Fault((name,), f"'{name}' is not a list of words", "no rule could use it", write)
        for name, words in document.items()
        if not isinstance(words, list) or not words
    ]


_BRACKETS = re.compile(r"\([^()]*\)")


def _most(phrase: str) -> int:
    """How many phrases the brackets stand for; millions are not written out only to be refused."""
    roughly = prod(part.count("|") + 1 for part in _BRACKETS.findall(phrase))
    return len(expanded(phrase)) if roughly < 100 * MOST_FORMS else roughly


_A: dict[Any, str] = {str: "words", list: "a list", dict: "keys and values"}


def _check_ids(entries: Any, path: tuple[str | int, ...], ids: set[str], say: Any) -> None:
    for entry in entries if isinstance(entries, list) else [entries]:
        if not isinstance(entry, str) or entry not in ids:
            say(Fault(path, f"'{entry}' is no technology of the catalogue", "a mention must mean a known technology",
                      "use an id of a file in technologies/, or add that file"))  # fmt: skip


def _check_terms(entries: Any, path: tuple[str | int, ...], contexts: Mapping[str, list[str]], say: Any) -> None:
    for i, entry in enumerate(entries):
        here = (*path, i)
        options = {"text": entry} if isinstance(entry, str) else entry
        if (
            not isinstance(options, Mapping)
            or not isinstance(options.get("text"), str)
            or len(folded_words(options["text"])) < 4
        ):
            say(Fault(here, "a term has no phrase of at least two letters", "it would match nothing, or everything",
                      "write a phrase, or {text: a phrase, needs: [...]}"))  # fmt: skip
            continue
        for key in options:
            if key not in _TERM_KEYS:
                say(Fault(here, f"'{key}' is not a rule of a term", "a misspelt rule would be passed over in silence",
                          f"use one of {', '.join(sorted(_TERM_KEYS))}"))  # fmt: skip
        if FOREIGN in folded_words(options["text"]):
            say(Fault(here, f"'{options['text']}' holds letters that no folded text keeps", "it would never match",
                      "write it in Latin letters, as records in English do"))  # fmt: skip
        if set("(|)") & set(_BRACKETS.sub("", options["text"])):
            say(Fault(here, f"the brackets of '{options['text']}' do not close, or stand inside one another, or a bar stands outside them",
                      "its forms cannot be counted out", "write (a|b) beside (c|d), never one within the other"))  # fmt: skip
        elif _most(options["text"]) > MOST_FORMS:
            say(Fault(here, f"'{options['text']}' stands for more than {MOST_FORMS} phrases",
                      "thousands of forms slow every scan and say no more than their common core",
                      "keep the core phrase (what follows it only lengthens the quote), or say far-apart words with needs and a small within"))  # fmt: skip
        if options.get("certainty", "sure") not in tuple(Certainty):
            say(
                Fault(
                    here,
                    f"'{options['certainty']}' is no certainty",
                    "it decides what is counted",
                    "write sure, likely or unsure",
                )
            )
        for key in WORD_LISTS:
            words = options.get(key) or []
            if not isinstance(words, list) or not all(
                isinstance(word, (str, int)) and not isinstance(word, bool) for word in words
            ):
                say(Fault(here, f"'{key}' is not a list of words", "the rule could not be asked",
                          f"write {key}: [one, two], with words like on, off, yes and no in quotes"))  # fmt: skip
                continue
            for word in map(str, words):
                if not word.startswith("@") and any(folded_words(phrase) == b" " for phrase in expanded(word)):
                    say(Fault(here, f"'{key}' holds a word with no letters ('{word}')", "the rule would always hold",
                              "take it out"))  # fmt: skip
                if word.startswith("@") and word[1:] not in contexts:
                    say(
                        Fault(
                            here,
                            f"'{word}' is no list of contexts.yaml",
                            "the rule would never hold",
                            f"use one of {', '.join(contexts)}",
                        )
                    )
        for key in ("capitals", "inflect"):
            if not isinstance(options.get(key, True), bool):
                say(Fault(here, f"'{key}' must be true or false", "it cannot be read as anything else",
                          f"write {key}: true"))  # fmt: skip
        for key in ("within", "unless_within"):
            value: Any = options.get(key, 1)
            if type(value) is not int or not 0 < value <= 2000:
                say(
                    Fault(
                        here,
                        f"'{key}' must be a number of characters from 1 to 2000",
                        "the rule could not be asked",
                        f"write {key}: 150",
                    )
                )
