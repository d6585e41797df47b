"""Technologies, equipment, makers and products, as terms compiled once and passed around.

The files are data (docs/catalogue.md). This module says what a well-formed file is (``faults``), what its terms
expand to (``expanded``, ``inflected``) and compiles all of them into one ``Catalogue``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from itertools import product
from typing import Any

from postme.fold import FOREIGN, plainly

# Chosen: a term that needs more forms than this wants a shorter core, or `needs` with a small `within`.
MOST_FORMS = 160
WITHIN = 150
"""Characters on either side in which ``needs`` looks, unless the term says otherwise."""
UNLESS_WITHIN = 60
"""Characters on either side in which ``unless`` looks, unless the term says otherwise."""


class Certainty(StrEnum):
    """How sure a mention is to mean its technology; ``UNSURE`` waits for a person and is not counted."""

    SURE = "sure"
    LIKELY = "likely"
    UNSURE = "unsure"


class Kind(StrEnum):
    """What oversight it belongs to."""

    SURVEILLANCE = "surveillance"
    MILITARY = "military"


@dataclass(frozen=True, slots=True)
class Rule:
    """The company a term needs, and the company that silences it.

    Words are kept as written, for people, and folded with their margins, for matching. Distances count folded
    characters on either side of the hit.
    """

    needs: tuple[str, ...] = ()
    and_needs: tuple[str, ...] = ()
    within: int = WITHIN
    unless: tuple[str, ...] = ()
    unless_within: int = UNLESS_WITHIN
    unless_before: tuple[str, ...] = ()
    unless_after: tuple[str, ...] = ()
    capitals: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """A phrase that means something, in all the forms it takes.

    ``forms`` are as written (their capitals count when the rule says so). ``technologies`` is empty for a name that
    only tells whose product the technology beside it is.
    """

    phrase: str
    forms: tuple[str, ...]
    technologies: tuple[str, ...]
    certainty: Certainty
    rule: Rule | None = None
    vendor: str | None = None
    product: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence that proves a file: found with exactly these technologies, or (a miss) with none of the file's."""

    text: str
    technologies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Technology:
    """One category of the taxonomy, with what a finding of it cannot show."""

    id: str
    name: str
    kind: Kind
    what: str
    cannot_show: str
    crosswalk: Mapping[str, Mapping[str, Any]]
    hits: tuple[Example, ...]
    misses: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Vendor:
    """A maker: its names over time and what its bare name means."""

    id: str
    name: str
    names: tuple[str, ...]
    technologies: tuple[str, ...]
    products: tuple[str, ...]
    source: str
    sure: str
    hits: tuple[Example, ...]
    misses: tuple[Example, ...]


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All knowledge of names, compiled. ``version`` is a hash of every file it was made of."""

    technologies: Mapping[str, Technology]
    vendors: Mapping[str, Vendor]
    terms: tuple[Term, ...]
    version: str

    @cached_property
    def by_form(self) -> Mapping[bytes, tuple[int, ...]]:
        """Folded form, with its margins, to the positions of the terms that have it; worked out when first asked for."""
        found: dict[bytes, list[int]] = {}
        for position, term in enumerate(self.terms):
            for form in term.forms:
                found.setdefault(folded_words(form), []).append(position)
        return {form: tuple(dict.fromkeys(positions)) for form, positions in found.items() if form != b" "}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a file: where (a path of keys), what, why it matters, what to write."""

    path: tuple[str | int, ...]
    what: str
    why: str
    do: str


def expanded(phrase: str) -> tuple[str, ...]:
    """Every phrase that the brackets stand for.

    >>> expanded("(automated|) plate (reader|camera)")
    ('automated plate reader', 'automated plate camera', 'plate reader', 'plate camera')
    """
    parts = [part.split("|") if i % 2 else [part] for i, part in enumerate(re.split(r"\(([^()]*)\)", phrase))]
    return tuple(dict.fromkeys(" ".join("".join(choice).split()) for choice in product(*parts)))


def inflected(phrase: str) -> tuple[str, ...]:
    """The phrase and its plural.

    >>> inflected("body camera"), inflected("camera registry"), inflected("launches"), inflected("40mm")
    (('body camera', 'body cameras'), ('camera registry', 'camera registries'), ('launches',), ('40mm',))
    """
    word = phrase[phrase.rfind(" ") + 1 :].lower()
    last = word[-1:]
    if not last.isalpha() or word[:1].isdigit():
        return (phrase,)
    if word.endswith(("ss", "x", "z", "ch", "sh")):
        return (phrase, phrase + "es")
    if last == "s":
        return (phrase,)
    if last == "y" and word[-2:-1] not in _VOWELS and not phrase.isupper():
        return (phrase, phrase[:-1] + "ies")
    return (phrase, phrase + "s")


_VOWELS = frozenset(("a", "e", "i", "o", "u", ""))


@cache
def folded_words(phrase: str) -> bytes:
    """A phrase as it stands in folded text, margins included.

    >>> folded_words("Body-worn camera")
    b' body worn camera '
    """
    if phrase.isascii():  # the same, and most of what a catalogue holds
        return f" {' '.join((*_WORDS.findall(phrase.lower()), ''))}".encode()
    return plainly(phrase).data


_WORDS = re.compile(r"[a-z0-9]+")


def compiled(documents: Iterable[Mapping[str, Any]], contexts: Mapping[str, list[str]], version: str) -> Catalogue:
    """The catalogue that well-formed documents make (see ``faults``); a later file of an id adds its terms to it."""
    technologies: dict[str, Technology] = {}
    vendors: dict[str, Vendor] = {}
    terms: list[Term] = []
    for document in documents:
        if "kind" in document:
            technology = _technology(document)
            technologies[technology.id] = technology
            terms += [_term(entry, (technology.id,), contexts) for entry in document["terms"]]
        else:
            vendor = _vendor(document)
            vendors[vendor.id] = vendor
            terms += [_term(entry, vendor.technologies, contexts, vendor.id) for entry in document.get("terms") or ()]
            for made in document.get("products") or ():
                ids = tuple(made["technologies"])
                terms += [_term(entry, ids, contexts, vendor.id, made["name"]) for entry in made["terms"]]
    return Catalogue(technologies, vendors, tuple(terms), version)


def _technology(document: Mapping[str, Any]) -> Technology:
    own = (document["id"],)
    return Technology(
        document["id"], document["name"], Kind(document["kind"]), document["what"], document["cannot_show"],
        document["crosswalk"], _examples(document["hits"], own), _examples(document["misses"], own),
    )  # fmt: skip


def _vendor(document: Mapping[str, Any]) -> Vendor:
    own = tuple(document["technologies"])
    made = tuple(document.get("products") or ())
    every = tuple(dict.fromkeys([*own, *(id_ for entry in made for id_ in entry["technologies"])]))
    return Vendor(
        document["id"], document["name"], tuple(str(entry["name"]) for entry in document.get("names") or ()),
        own, tuple(entry["name"] for entry in made), document["source"], document["sure"],
        _examples(document["hits"], own), _examples(document["misses"], every),
    )  # fmt: skip


def _examples(entries: Iterable[Any], default: tuple[str, ...]) -> tuple[Example, ...]:
    return tuple(
        Example(entry, default) if isinstance(entry, str) else Example(entry["text"], tuple(entry.get("technologies", default)))
        for entry in entries
    )


def _term(
    entry: Any, technologies: tuple[str, ...], contexts: Mapping[str, list[str]], vendor: str | None = None, made: str | None = None
) -> Term:
    options: Mapping[str, Any] = {"text": entry} if isinstance(entry, str) else entry
    phrases = expanded(options["text"])
    plural = options.get("inflect", True)
    spelled = [phrase for phrase in phrases for phrase in (phrase, *_dotted(phrase))]
    forms = tuple(dict.fromkeys(form for phrase in spelled for form in (inflected(phrase) if plural else (phrase,))))
    lists = {key: _words(options.get(key) or (), contexts) for key in _WORD_LISTS}
    rule = None
    if any(lists.values()) or options.get("capitals"):
        rule = Rule(
            within=options.get("within", WITHIN), unless_within=options.get("unless_within", UNLESS_WITHIN),
            capitals=bool(options.get("capitals")), **lists,
        )  # fmt: skip
    default = Certainty.LIKELY if rule and rule.needs else Certainty.SURE
    return Term(
        options["text"], forms, technologies, Certainty(options.get("certainty", default)), rule, vendor, made
    )  # fmt: skip


def _dotted(phrase: str) -> tuple[str, ...]:
    """An abbreviation as older records write it: C.C.T.V."""
    return (".".join(phrase),) if 3 <= len(phrase) <= 5 and phrase.isalpha() and phrase.isupper() else ()


def _words(entries: Iterable[Any], contexts: Mapping[str, list[str]]) -> tuple[str, ...]:
    named = [word for entry in map(str, entries) for word in (contexts[entry[1:]] if entry.startswith("@") else (entry,))]
    every = (form for word in named for phrase in expanded(word) for form in inflected(phrase))
    return tuple(dict.fromkeys(every))


# --- what a well-formed file is -------------------------------------------------------------------------------------

_WORD_LISTS = ("needs", "and_needs", "unless", "unless_before", "unless_after")
_TERM_KEYS = {"text", "inflect", "capitals", "within", "unless_within", "certainty", "note", *_WORD_LISTS}
_MATCHES = ("exact", "broader", "narrower", "related", "none")
_ID = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*")


def faults(document: Any, folder: str, known: Iterable[str], contexts: Mapping[str, list[str]]) -> list[Fault]:
    """Everything wrong with one file's contents; empty when it is well formed.

    ``folder`` is ``technologies`` or ``vendors``, ``known`` the ids of all technologies, ``contexts`` the shared lists.
    """
    found: list[Fault] = []
    say = found.append
    if not isinstance(document, Mapping):
        return [Fault((), "the file is not a list of keys and values", "nothing in it can be used", "begin with 'id: ...'")]
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
            say(Fault((), f"'{key}' is missing", "a finding could not be explained or proved without it", f"write '{write}'"))
        elif not isinstance(document[key], kind) or (key not in ("technologies",) and not document[key]):
            say(Fault((key,), f"'{key}' must be {_A[kind]}", "it cannot be read as anything else", f"write '{write}'"))
    for key in document:
        if key not in shape and key not in optional:
            say(Fault((key,), f"'{key}' is not a key of a {folder[:-3] + 'y' if folder == 'technologies' else 'vendor'} file",
                      "a misspelt key would be passed over in silence", "see docs/catalogue.md for the keys"))  # fmt: skip
    if found:
        return found
    if not _ID.fullmatch(document["id"]):
        say(Fault(("id",), f"the id '{document['id']}' is not plain", "ids stand in addresses", "use small letters, digits, - and _"))
    if folder == "technologies":
        if document["kind"] not in tuple(Kind):
            say(Fault(("kind",), f"'{document['kind']}' is no kind", "it decides which law is asked", "write surveillance or military"))
        for name, entry in document["crosswalk"].items():
            if not isinstance(entry, Mapping) or entry.get("match") not in _MATCHES:
                say(Fault(("crosswalk", name), f"the crosswalk to '{name}' does not say how it matches",
                          "crosswalks lose meaning, and readers must see how much", f"add match: one of {', '.join(_MATCHES)}"))  # fmt: skip
    else:
        if document["sure"] not in ("seen", "memory"):
            say(Fault(("sure",), f"'{document['sure']}' does not say how sure we are", "a name from memory is shown as such", "write seen or memory"))
        _check_ids(document["technologies"], ("technologies",), ids, say)
        for i, made in enumerate(document.get("products") or ()):
            here = ("products", i)
            if not isinstance(made, Mapping) or not made.get("name") or not made.get("terms") or not made.get("technologies"):
                say(Fault(here, "a product lacks its name, technologies or terms", "its mentions would mean nothing",
                          "write {name: Falcon, technologies: [alpr], terms: [Flock Falcon]}"))  # fmt: skip
                continue
            _check_ids(made["technologies"], (*here, "technologies"), ids, say)
            _check_terms(made["terms"], (*here, "terms"), contexts, say)
        for i, named in enumerate(document.get("names") or ()):
            if not isinstance(named, Mapping) or not named.get("name"):
                say(Fault(("names", i), "an earlier name is not written as one", "it could not be shown", "write {name: ShotSpotter, until: 2023}"))
    _check_terms(document.get("terms") or (), ("terms",), contexts, say)
    for key in ("hits", "misses"):
        for i, entry in enumerate(document[key]):
            text = entry.get("text") if isinstance(entry, Mapping) else entry
            if not isinstance(text, str) or not text.strip():
                say(Fault((key, i), f"an entry of '{key}' is not a sentence", "it proves nothing", "write a sentence, or {text: ..., technologies: [...]}"))
            elif isinstance(entry, Mapping):
                _check_ids(entry.get("technologies", []), (key, i), ids, say)
    return found


_A = {str: "words", list: "a list", dict: "keys and values"}


def _check_ids(entries: Any, path: tuple[str | int, ...], ids: set[str], say: Any) -> None:
    for entry in entries if isinstance(entries, list) else [entries]:
        if entry not in ids:
            say(Fault(path, f"'{entry}' is no technology of the catalogue", "a mention must mean a known technology",
                      "use an id of a file in technologies/, or add that file"))  # fmt: skip


def _check_terms(entries: Any, path: tuple[str | int, ...], contexts: Mapping[str, list[str]], say: Any) -> None:
    for i, entry in enumerate(entries):
        here = (*path, i)
        options = {"text": entry} if isinstance(entry, str) else entry
        if not isinstance(options, Mapping) or not isinstance(options.get("text"), str) or len(folded_words(options["text"])) < 4:
            say(Fault(here, "a term has no phrase of at least two letters", "it would match nothing, or everything",
                      "write a phrase, or {text: a phrase, needs: [...]}"))  # fmt: skip
            continue
        for key in options:
            if key not in _TERM_KEYS:
                say(Fault(here, f"'{key}' is not a rule of a term", "a misspelt rule would be passed over in silence",
                          f"use one of {', '.join(sorted(_TERM_KEYS))}"))  # fmt: skip
        if any(mark in form for form in expanded(options["text"]) for mark in "()|"):
            say(Fault(here, f"the brackets of '{options['text']}' do not close, or stand inside one another",
                      "its forms cannot be counted out", "write (a|b) beside (c|d), never one within the other"))  # fmt: skip
        elif len(expanded(options["text"])) > MOST_FORMS:
            say(Fault(here, f"'{options['text']}' stands for more than {MOST_FORMS} phrases",
                      "thousands of forms slow every scan and say no more than their common core",
                      "keep the core phrase (what follows it only lengthens the quote), or say far-apart words with needs and a small within"))  # fmt: skip
        if options.get("certainty", "sure") not in tuple(Certainty):
            say(Fault(here, f"'{options['certainty']}' is no certainty", "it decides what is counted", "write sure, likely or unsure"))
        for key in _WORD_LISTS:
            words = options.get(key) or []
            if not isinstance(words, list) or not all(isinstance(word, (str, int)) and not isinstance(word, bool) for word in words):
                say(Fault(here, f"'{key}' is not a list of words", "the rule could not be asked",
                          f"write {key}: [one, two], with words like on, off, yes and no in quotes"))  # fmt: skip
                continue
            for word in words:
                if str(word).startswith("@") and str(word)[1:] not in contexts:
                    say(Fault(here, f"'{word}' is no list of contexts.yaml", "the rule would never hold", f"use one of {', '.join(contexts)}"))
        for key in ("within", "unless_within"):
            if key in options and not (isinstance(options[key], int) and 0 < options[key] <= 2000):
                say(Fault(here, f"'{key}' must be a number of characters from 1 to 2000", "the rule could not be asked", f"write {key}: 150"))
