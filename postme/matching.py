"""Where the catalogue's terms stand in folded text: one specification and two fast engines that equal it.

A term's hit is an occurrence of one of its forms as whole words, whose rule holds, and which no longer hit overlaps.
``Plain`` says just that. ``Swift`` (Vectorscan, by the hyperscan package) and ``Portable`` (an Aho-Corasick automaton,
for machines without it) find the occurrences faster; the rules are asked by other code than the specification's.
"""

from __future__ import annotations

import platform
import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import metadata
from typing import Any, NamedTuple, Protocol

import ahocorasick_rs
import numpy as np

from postme.catalogue import Catalogue, Term, folded_words
from postme.company import Company
from postme.fold import Folded, broken_words, folded_character, may_break, plainly, swiftly
from postme.index import indexed, restored

try:
    import hyperscan
except ImportError:  # no wheel for this machine: Portable finds the same
    hyperscan = None  # type: ignore[assignment, unused-ignore]

Refusal: type[Exception] = hyperscan.error if hyperscan else ValueError
"""What the matcher raises of a database that was made for another version or machine."""


class Hit(NamedTuple):
    """A term in a text: ``text[start:end]`` are its words, ``term`` its position in the catalogue."""

    start: int
    end: int
    term: int


class Engine(Protocol):
    """What finds a catalogue's terms in a text."""

    def hits(self, text: str) -> list[Hit]:
        """The hits in ``text``, by place, then term; overlaps settled."""
        ...


class Plain:
    """The specification: slow, and short enough to be read by someone who doubts the others."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def hits(self, text: str) -> list[Hit]:
        """As ``Engine.hits``."""
        found: set[Hit] = set()
        for joined in (False, True):
            folded = plainly(text, joined=joined)
            for form, positions in self.catalogue.by_form.items():
                for start in _occurrences(form, folded.data):
                    end = start + len(form)
                    if parted(text, *folded.span(start, end)):
                        continue
                    for position in positions:
                        if _rule_holds(self.catalogue.terms[position], form, folded, start, end, text):
                            found.add(Hit(*folded.span(start, end), position))
        return settled(found)


# What parts words so that they are no phrase: the end of a sentence, a semicolon, a table's cell.
_PARTED = re.compile(r"(?<=[a-z0-9)\"”’]{2})[.?!]\s|;|\t")


def parted(text: str, start: int, end: int) -> bool:
    """Whether a sentence or a cell ends between the words ``text[start:end]``, which are then no phrase.

    >>> parted("in the face. Recognition awards", 7, 24), parted("Axon\\nbody cameras", 0, 17)
    (True, False)
    """
    return _PARTED.search(text, start, end) is not None


def _occurrences(words: bytes, data: bytes) -> Iterable[int]:
    at = data.find(words)
    while at >= 0:
        yield at
        at = data.find(words, at + 1)


def _rule_holds(term: Term, form: bytes, folded: Folded, start: int, end: int, text: str) -> bool:
    rule = term.rule
    if rule is None:
        return True
    data = folded.data

    def stands(words: str, within: int) -> bool:
        needle = folded_words(words)
        for at in _occurrences(needle, data):
            to = at + len(needle)
            if (at >= start - within and to <= start + 1) or (at >= end - 1 and to <= end + within):
                return True
        return False

    if rule.needs and not any(stands(words, rule.within) for words in rule.needs):
        return False
    if rule.and_needs and not any(stands(words, rule.within) for words in rule.and_needs):
        return False
    if any(stands(words, rule.unless_within) for words in rule.unless):
        return False
    if any(folded_words(words) == data[end - 1 : end - 1 + len(folded_words(words))] for words in rule.unless_before):
        return False
    if any(data[: start + 1].endswith(folded_words(words)) for words in rule.unless_after):
        return False
    return not rule.capitals or capitals_kept(term, form, text, *folded.span(start, end))


def capitals_kept(term: Term, form: bytes, text: str, start: int, end: int) -> bool:
    """Whether ``text[start:end]`` has a capital wherever the term writes one.

    >>> from postme.catalogue import Certainty
    >>> learn = Term("LEARN", (), Certainty.SURE)
    >>> capitals_kept(learn, b" learn ", "we LEARN", 3, 8), capitals_kept(learn, b" learn ", "we learn", 3, 8)
    (True, False)
    """
    found = _letters(text[start:end])
    for written in term.forms:
        # A plural's s may be small in an abbreviation all in capitals, and the reverse.
        if folded_words(written) == form and all(
            not w.isupper() or f.isupper() for w, f in zip(_letters(written), found, strict=False)
        ):
            return True
    return False


def _letters(words: str) -> list[str]:
    """The characters of words, each as often as it folds to letters: a ligature is several, a raised figure none."""
    if words.isascii():
        return [character for character in words if character.isalnum()]
    return [character for character in words for _ in folded_character(character).replace(" ", "")]


def settled(found: Iterable[Hit]) -> list[Hit]:
    """Hits after the longer have silenced the shorter that they overlap; those of one length stand together.

    >>> settled([Hit(0, 11, 1), Hit(5, 11, 2), Hit(20, 26, 2)])
    [Hit(start=0, end=11, term=1), Hit(start=20, end=26, term=2)]
    """
    kept: list[Hit] = []
    knot: list[Hit] = []
    reach = 0
    for hit in sorted(set(found)):
        if (
            hit.start >= reach
        ):  # it overlaps nothing before it, so that a page with thousands of hits falls into small knots
            kept += _standing(knot)
            knot = []
        knot.append(hit)
        reach = max(reach, hit.end)
    return kept + _standing(knot)


def _standing(knot: list[Hit]) -> list[Hit]:
    if len(knot) < 2:
        return knot
    kept: list[Hit] = []
    for hit in sorted(knot, key=lambda hit: (hit.start - hit.end, hit)):
        length = hit.end - hit.start
        if not any(
            other.start < hit.end and hit.start < other.end and other.end - other.start > length for other in kept
        ):
            kept.append(hit)
    return sorted(kept)


# --- the fast engines ---------------------------------------------------------------------------------------------


class _Companies(dict[int, Company | None]):
    """The rule of each term by its position, made ready when it is first asked: few ever are."""

    def __init__(self, terms: tuple[Term, ...]) -> None:
        super().__init__()
        self._terms = terms

    def __missing__(self, position: int) -> Company | None:
        rule = self._terms[position].rule
        self[position] = made = Company(rule) if rule else None
        return made


class _Compiled(ABC):
    """What both fast engines share: everything but how the bases are found."""

    def __init__(self, catalogue: Catalogue, kept: bytes | None = None) -> None:
        self.catalogue = catalogue
        self.index = restored(kept) if kept else indexed(catalogue)
        self._company = _Companies(catalogue.terms)
        self._capitals = tuple(bool(term.rule and term.rule.capitals) for term in catalogue.terms)
        self._near = {
            number: self.index.anchors[words]
            for number, words in enumerate(self.index.sought)
            if words in self.index.anchors
        }
        self._longest_need = max(map(len, self.index.anchors), default=0)
        rules = [term.rule for term in catalogue.terms if term.rule]
        beside = (len(phrase) for rule in rules for phrase in (*rule.unless_before, *rule.unless_after))
        self._sight = (
            max((max(rule.within, rule.unless_within) for rule in rules), default=0)
            + max(beside, default=0)
            + max(map(len, self.index.forms), default=0)
        )

    def kept(self) -> bytes:
        """What took long to work out, for the next time."""
        return self.index.kept()

    @abstractmethod
    def occurrences(self, data: bytes) -> list[tuple[int, int]]:
        """(position among what is sought, end in ``data``) of every base and anchor, overlapping ones too."""

    def hits(self, text: str) -> list[Hit]:
        """As ``Engine.hits``."""
        folded = swiftly(text)
        found = self._in(folded, text)
        if may_break(text):
            found += self._mended(folded, text)
        return settled(found) if found else found

    def _mended(self, plain: Folded, text: str) -> list[Hit]:
        """The hits that mending broken words makes or changes: those that stand near enough to one to see it.

        Only the text around broken words is folded again. Farther off than the longest rule looks, mending changes
        nothing; and a window is wide enough that whatever is kept of it had all its company inside.
        """
        data, origins, found = plain.data, plain.origins, []
        places = np.searchsorted(origins, [start for start, _ in broken_words(text)])
        windows: list[list[int]] = []
        for place in map(int, places):
            low, high = max(0, place - 2 * self._sight), min(len(data) - 1, place + 2 * self._sight)
            if windows and low <= windows[-1][1]:
                windows[-1][1] = high
            else:
                windows.append([low, high])
        for low, high in windows:
            # Whole words only: from a separator to a separator.
            start = max(0, int(origins[data.rfind(b" ", 0, low + 1)]))
            end = int(origins[data.find(b" ", high)])
            piece = text[start:end]
            for hit in self._in(swiftly(piece, joined=True), piece):
                first, last = np.searchsorted(origins, (hit.start + start, hit.end + start))
                after = np.searchsorted(places, first - self._sight)
                if after < len(places) and places[after] <= last + self._sight:
                    found.append(Hit(hit.start + start, hit.end + start, hit.term))
        return found

    def _in(self, folded: Folded, text: str) -> list[Hit]:
        data = folded.data
        found: list[Hit] = []
        bases = self.occurrences(data)
        if not bases:
            return found
        for start, end in self._forms_around(bases, data):
            form = data[start:end]
            near: dict[int, tuple[bytes, frozenset[bytes]]] = {}
            span: tuple[int, int] | None = None
            for term in self.index.forms[form]:
                company = self._company[term]
                if company and not company.holds(data, start, end, near):
                    continue
                if span is None:  # worked out for the few whose company holds: it counts the whole text's places
                    span = folded.span(start, end)
                    if parted(text, *span):
                        break
                if self._capitals[term] and not capitals_kept(self.catalogue.terms[term], form, text, *span):
                    continue
                found.append(Hit(*span, term))
        return found

    def _forms_around(self, occurrences: Iterable[tuple[int, int]], data: bytes) -> Iterable[tuple[int, int]]:
        """Where forms stand in ``data``: each base that was found, every form around it, and common words near anchors."""
        bases, reach, forms, near = self.index.bases, self.index.reach, self.index.forms, self._near
        found: dict[tuple[int, int], None] = {}
        for base, end in occurrences:
            for form, within in near.get(base, ()):
                low, high = max(0, end - self._longest_need - within - len(form)), end + within + len(form)
                at = data.find(form, low, high)
                while at >= 0:
                    found[at, at + len(form)] = None
                    at = data.find(form, at + 1, high)
            if base >= len(bases):
                continue
            start = end - len(bases[base])
            found[start, end] = None
            left, right = reach[base]
            if not left and not right:
                continue
            ends = [end]
            for _ in range(right):
                gap = data.find(b" ", ends[-1])
                if gap < 0:
                    break
                ends.append(gap + 1)
            low = start
            for word in range(left + 1):
                for high in ends:
                    if data[low:high] in forms:
                        found[low, high] = None
                low = data.rfind(b" ", 0, low) if word < left else low
                if low < 0:
                    break
        return found


class Swift(_Compiled):
    """Vectorscan's literal matcher over folded bytes."""

    def __init__(self, catalogue: Catalogue, kept: bytes | None = None) -> None:
        length = int.from_bytes(kept[:8], "big") if kept else 0
        super().__init__(catalogue, kept[8 : 8 + length] if kept else None)
        if kept:
            self._database = hyperscan.loadb(kept[8 + length :], mode=hyperscan.HS_MODE_BLOCK)
            self._database.scratch = hyperscan.Scratch(self._database)
        else:
            # An empty catalogue finds nothing; nor does a capital stand in folded text.
            self._database = _database(self.index.sought or (b"A",))

    def kept(self) -> bytes:
        """As the base says; only for this kind of machine and this version of the matcher."""
        index = super().kept()
        return len(index).to_bytes(8, "big") + index + bytes(hyperscan.dumpb(self._database))

    def occurrences(self, data: bytes) -> list[tuple[int, int]]:
        """As the base says."""
        return _sought(self._database, data)


def _database(phrases: Sequence[bytes]) -> Any:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    count = len(phrases)
    database.compile(expressions=list(phrases), ids=list(range(count)), elements=count, flags=[0] * count, literal=True)
    return database


def _sought(database: Any, data: bytes) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []

    def note(phrase: int, _from: int, to: int, _flags: int, _context: object) -> None:
        found.append((phrase, to))

    database.scan(data, match_event_handler=note)
    return found


class Portable(_Compiled):
    """An Aho-Corasick automaton, where Vectorscan has no build."""

    def __init__(self, catalogue: Catalogue, kept: bytes | None = None) -> None:
        super().__init__(catalogue, kept)
        self._automaton = ahocorasick_rs.BytesAhoCorasick(self.index.sought)

    def occurrences(self, data: bytes) -> list[tuple[int, int]]:
        """As the base says."""
        return [(base, end) for base, _start, end in self._automaton.find_matches_as_indexes(data, overlapping=True)]


ENGINES: Mapping[str, Callable[[Catalogue], Engine]] = {
    "plain": Plain,
    "portable": Portable,
    **({"swift": Swift} if hyperscan else {}),
}
"""By name; the last is the one to take."""


def best(catalogue: Catalogue, kept: bytes | None = None) -> Swift | Portable:
    """The fastest engine this machine can run; ``kept`` is what such an engine kept of the same catalogue."""
    return Swift(catalogue, kept) if hyperscan else Portable(catalogue, kept)


def kind() -> str:
    """Which engine ``best`` gives, of which version, on which kind of machine: what it keeps serves only there."""
    name = f"swift-{metadata.version('hyperscan')}" if hyperscan else "portable"
    return f"{name}-{platform.machine()}-{sys.platform}-{sys.implementation.cache_tag}"
