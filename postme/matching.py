"""Where the catalogue's terms stand in folded text: one specification and two fast engines that equal it.

A term's hit is an occurrence of one of its forms as whole words, whose rule holds, and which no longer hit overlaps.
``Plain`` says just that. ``Swift`` (Vectorscan, by the hyperscan package) and ``Portable`` (an Aho-Corasick automaton,
for machines without it) find the occurrences faster; the rules are asked by other code than the specification's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, Protocol

import ahocorasick_rs

from postme.catalogue import Catalogue, Rule, Term, folded_words
from postme.fold import Folded, plainly, swiftly

try:
    import hyperscan
except ImportError:  # no wheel for this machine: Portable finds the same
    hyperscan = None


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
                    for position in positions:
                        if _rule_holds(self.catalogue.terms[position], form, folded, start, end, text):
                            found.add(Hit(*folded.span(start, end), position))
        return settled(found)


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
    >>> learn = Term("LEARN", ("LEARN",), (), Certainty.SURE)
    >>> capitals_kept(learn, b" learn ", "we LEARN", 3, 8), capitals_kept(learn, b" learn ", "we learn", 3, 8)
    (True, False)
    """
    found = [character for character in text[start:end] if character.isalnum()]
    for written in term.forms:
        if folded_words(written) == form:
            wanted = [character for character in written if character.isalnum()]
            # A plural's s may be small in an abbreviation all in capitals, and the reverse.
            if all(not w.isupper() or f.isupper() for w, f in zip(wanted, found, strict=False)):
                return True
    return False


def settled(found: Iterable[Hit]) -> list[Hit]:
    """Hits after the longer have silenced the shorter that they overlap; those of one length stand together.

    >>> settled([Hit(0, 11, 1), Hit(5, 11, 2), Hit(20, 26, 2)])
    [Hit(start=0, end=11, term=1), Hit(start=20, end=26, term=2)]
    """
    by_length = sorted(set(found), key=lambda hit: (hit.start - hit.end, hit.start, hit.term))
    kept: list[Hit] = []
    spans: list[tuple[int, int]] = []
    for hit in by_length:
        length = hit.end - hit.start
        if not any(start < hit.end and hit.start < end and end - start > length for start, end in spans):
            kept.append(hit)
            if not spans or spans[-1] != hit[:2]:
                spans.append((hit.start, hit.end))
    return sorted(kept)


# --- the fast engines ---------------------------------------------------------------------------------------------




class _Company:
    """A rule with its words folded, asked of the bytes around a hit."""

    __slots__ = ("_after", "_and_needs", "_before", "_needs", "_unless", "_unless_within", "_within")

    def __init__(self, rule: Rule) -> None:
        def words(phrases: tuple[str, ...]) -> tuple[bytes, ...]:
            return tuple(folded_words(phrase) for phrase in phrases)

        self._needs, self._and_needs, self._unless = words(rule.needs), words(rule.and_needs), words(rule.unless)
        self._before, self._after = words(rule.unless_before), words(rule.unless_after)
        self._within, self._unless_within = rule.within, rule.unless_within

    def holds(self, data: bytes, start: int, end: int) -> bool:
        if self._needs:
            near = data[max(0, start - self._within) : start + 1] + data[end - 1 : end + self._within]
            # Margins meet as two spaces, so no phrase can be made up across the hit.
            for words in self._needs:
                if words in near:
                    break
            else:
                return False
            if self._and_needs and not any(words in near for words in self._and_needs):
                return False
        elif self._and_needs:
            near = data[max(0, start - self._within) : start + 1] + data[end - 1 : end + self._within]
            if not any(words in near for words in self._and_needs):
                return False
        if self._unless:
            near = data[max(0, start - self._unless_within) : start + 1] + data[end - 1 : end + self._unless_within]
            if any(words in near for words in self._unless):
                return False
        if self._before and any(data.startswith(words, end - 1) for words in self._before):
            return False
        return not (self._after and data.endswith(self._after, 0, start + 1))


class _Compiled:
    """What both fast engines share: everything but how the occurrences are found."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.forms = tuple(catalogue.by_form)
        self._terms = tuple(catalogue.by_form.values())
        companies: dict[int, _Company] = {}
        self._company = tuple(
            companies.setdefault(id(term.rule), _Company(term.rule)) if term.rule else None for term in catalogue.terms
        )
        self._capitals = tuple(bool(term.rule and term.rule.capitals) for term in catalogue.terms)

    def occurrences(self, data: bytes) -> list[tuple[int, int]]:
        """(position of the form, end in ``data``) of every form, overlapping ones too."""
        raise NotImplementedError

    def hits(self, text: str) -> list[Hit]:
        """As ``Engine.hits``."""
        found = self._in(swiftly(text), text)
        if "-\n" in text or "-\r\n" in text or "- \n" in text or not text.isascii():
            found += self._in(swiftly(text, joined=True), text)
        return settled(found) if found else found

    def _in(self, folded: Folded, text: str) -> list[Hit]:
        data, found = folded.data, []
        for form, end in self.occurrences(data):
            start = end - len(self.forms[form])
            for term in self._terms[form]:
                company = self._company[term]
                if company and not company.holds(data, start, end):
                    continue
                span = folded.span(start, end)
                if self._capitals[term] and not capitals_kept(self.catalogue.terms[term], self.forms[form], text, *span):
                    continue
                found.append(Hit(*span, term))
        return found


class Swift(_Compiled):
    """Vectorscan's literal matcher over folded bytes."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__(catalogue)
        self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        forms = self.forms or (b" \x7f ",)  # an empty catalogue finds nothing, which the compiler refuses to say
        self._database.compile(
            expressions=list(forms), ids=list(range(len(forms))), elements=len(forms), flags=[0] * len(forms), literal=True
        )

    def occurrences(self, data: bytes) -> list[tuple[int, int]]:
        """As the base says."""
        found: list[tuple[int, int]] = []

        def note(form: int, _from: int, to: int, _flags: int, _context: object) -> None:
            found.append((form, to))

        self._database.scan(data, match_event_handler=note)
        return found


class Portable(_Compiled):
    """An Aho-Corasick automaton, where Vectorscan has no build."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__(catalogue)
        self._automaton = ahocorasick_rs.BytesAhoCorasick(self.forms)

    def occurrences(self, data: bytes) -> list[tuple[int, int]]:
        """As the base says."""
        return [(form, end) for form, _start, end in self._automaton.find_matches_as_indexes(data, overlapping=True)]


ENGINES: Mapping[str, Callable[[Catalogue], Engine]] = {
    "plain": Plain,
    "portable": Portable,
    **({"swift": Swift} if hyperscan else {}),
}
"""By name; the last is the one to take."""


def best(catalogue: Catalogue) -> Engine:
    """The fastest engine this machine can run."""
    return Swift(catalogue) if hyperscan else Portable(catalogue)
