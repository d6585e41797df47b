"""Technologies, equipment, makers and products, as terms compiled once and passed around.

The files are data (docs/catalogue.md; ``schema`` says what is wrong with one). Here their terms are expanded and
inflected, and all of them compiled into one ``Catalogue``.
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

WORD_LISTS = ("needs", "and_needs", "unless", "unless_before", "unless_after")
"""The rules of a term that are lists of words."""
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

    ``technologies`` is empty for a name that only tells whose product the technology beside it is.
    """

    phrase: str
    technologies: tuple[str, ...]
    certainty: Certainty
    rule: Rule | None = None
    vendor: str | None = None
    product: str | None = None
    inflect: bool = True

    @property
    def forms(self) -> tuple[str, ...]:
        """Every form as written (capitals count when the rule says so); worked out when asked, since a scan seldom does.

        >>> Term("CCTV", ("cctv",), Certainty.SURE).forms
        ('CCTV', 'CCTVs', 'C.C.T.V', 'C.C.T.Vs')
        """
        return _forms(self.phrase, self.inflect)


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

    @property
    def fiction(self) -> bool:
        """Whether it is made up, for examples: its source says so in its first word."""
        return self.source.startswith("FICTION")


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All knowledge of names, compiled. ``version`` is a hash of every file it was made of."""

    technologies: Mapping[str, Technology]
    vendors: Mapping[str, Vendor]
    terms: tuple[Term, ...]
    version: str
    common: frozenset[str] = frozenset()
    """Words so common in records that a term of one of them is sought by the company it needs."""

    @cached_property
    def by_form(self) -> Mapping[bytes, tuple[int, ...]]:
        """Folded form, with its margins, to the positions of the terms that have it; worked out when first asked for."""
        found: dict[bytes, list[int]] = {}
        for position, term in enumerate(self.terms):
            for form in term.forms:
                found.setdefault(folded_words(form), []).append(position)
        # One foreign letter folds like any other: a form that holds one would match every word of its shape.
        told = {form: positions for form, positions in found.items() if form != b" " and FOREIGN not in form}
        return {form: tuple(dict.fromkeys(positions)) for form, positions in told.items()}


def expanded(phrase: str) -> tuple[str, ...]:
    """Every phrase that the brackets stand for.

    >>> expanded("(automated|) plate (reader|camera)")
    ('automated plate reader', 'automated plate camera', 'plate reader', 'plate camera')
    """
    if "(" not in phrase:
        return (" ".join(phrase.split()),)
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
    if word.endswith(("ss", "us", "x", "z", "ch", "sh")) and not phrase.isupper():
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
    words = _RuleWords(contexts)
    for document in documents:
        if "kind" in document:
            technology = _technology(document)
            technologies[technology.id] = technology
            terms += [_term(entry, (technology.id,), words) for entry in document["terms"]]
        else:
            vendor = _vendor(document)
            vendors[vendor.id] = vendor
            terms += [_term(entry, vendor.technologies, words, vendor.id) for entry in document.get("terms") or ()]
            for made in document.get("products") or ():
                ids = tuple(made["technologies"])
                terms += [_term(entry, ids, words, vendor.id, made["name"]) for entry in made["terms"]]
    common = frozenset(contexts.get("common_words", ()))
    return Catalogue(technologies, vendors, tuple(terms), version, common)


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
        Example(entry, default)
        if isinstance(entry, str)
        else Example(entry["text"], tuple(entry.get("technologies", default)))
        for entry in entries
    )


def _term(
    entry: Any, technologies: tuple[str, ...], words: _RuleWords, vendor: str | None = None, made: str | None = None
) -> Term:
    options: Mapping[str, Any] = {"text": entry} if isinstance(entry, str) else entry
    rule = words.rule(options)
    default = Certainty.LIKELY if rule and rule.needs else Certainty.SURE
    certainty = Certainty(options.get("certainty", default))
    return Term(options["text"], technologies, certainty, rule, vendor, made, options.get("inflect", True))


@cache
def _forms(text: str, inflect: bool) -> tuple[str, ...]:
    spelled = [phrase for written in expanded(text) for phrase in (written, *_dotted(written))]
    return tuple(dict.fromkeys(form for phrase in spelled for form in (inflected(phrase) if inflect else (phrase,))))


def _dotted(phrase: str) -> tuple[str, ...]:
    """An abbreviation as older records write it: C.C.T.V."""
    return (".".join(phrase),) if 3 <= len(phrase) <= 5 and phrase.isalpha() and phrase.isupper() else ()


class _RuleWords:
    """The words of rules in all their forms. The same few lists stand in most rules, and are made once."""

    def __init__(self, contexts: Mapping[str, list[str]]) -> None:
        self._contexts = contexts
        self._known: dict[tuple[str, ...], tuple[str, ...]] = {(): ()}

    def rule(self, options: Mapping[str, Any]) -> Rule | None:
        """The rule that a term's entry states, if it states one."""
        lists = {key: self._forms(tuple(map(str, options[key]))) for key in WORD_LISTS if options.get(key)}
        if not lists and not options.get("capitals"):
            return None
        return Rule(
            within=options.get("within", WITHIN), unless_within=options.get("unless_within", UNLESS_WITHIN),
            capitals=bool(options.get("capitals")), **lists,
        )  # fmt: skip

    def _forms(self, entries: tuple[str, ...]) -> tuple[str, ...]:
        if entries not in self._known:
            named = [word for entry in entries for word in (self._contexts[entry[1:]] if entry[0] == "@" else (entry,))]
            self._known[entries] = tuple(dict.fromkeys(form for word in named for form in _word_forms(word)))
        return self._known[entries]


@cache
def _word_forms(word: str) -> tuple[str, ...]:
    """A word of a rule in all its forms; the same few stand in most rules."""
    return tuple(form for phrase in expanded(word) for form in inflected(phrase))
