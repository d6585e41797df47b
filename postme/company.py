"""The company a hit keeps: a term's rule, asked of the folded bytes around a hit as fast as can be.

``matching.Plain`` says what a rule means; this must mean the same (tests/test_matching.py).
"""

from __future__ import annotations

from functools import cache

from postme.catalogue import Rule, folded_words


class _AnyOf:
    """Some phrases, folded, of which one is looked for among the whole words of a stretch."""

    __slots__ = ("_phrases", "_words")

    def __init__(self, phrases: tuple[str, ...]) -> None:
        folded = [folded_words(phrase) for phrase in phrases]
        self._words = frozenset(words.strip() for words in folded if words.count(b" ") == 2)
        longer: dict[bytes, list[bytes]] = {}
        for words in folded:
            if words.count(b" ") > 2:
                longer.setdefault(words.split(None, 1)[0], []).append(words)
        self._phrases = {first: tuple(rest) for first, rest in longer.items()}

    def stands_in(self, stretch: bytes, words: frozenset[bytes]) -> bool:
        """Whether one stands in ``stretch``, whose whole words are ``words``."""
        if not self._words.isdisjoint(words):
            return True
        phrases = self._phrases
        return any(phrase in stretch for first in phrases.keys() & words for phrase in phrases[first])


@cache
def _any_of(phrases: tuple[str, ...]) -> _AnyOf:
    # The same few lists stand in most rules.
    return _AnyOf(phrases)


def _stretch(data: bytes, start: int, end: int, within: int) -> tuple[bytes, frozenset[bytes]]:
    """What stands within so many bytes of a hit, and its whole words: those whose margins are inside too."""
    low, high = max(0, start - within), end + within
    left, right = data[low : start + 1], data[end - 1 : high]
    words = left.split() if left[:1] == b" " else left.split()[1:]
    others = right.split()
    if right[-1:] != b" ":
        others = others[:-1]
    # Margins meet as two spaces, so no phrase can be made up across the hit.
    return left + right, frozenset(words + others)


class Company:
    """A rule with its words folded, asked of the bytes around a hit."""

    __slots__ = ("_after", "_and_needs", "_before", "_needs", "_unless", "_unless_within", "_within")

    def __init__(self, rule: Rule) -> None:
        self._needs = _any_of(rule.needs) if rule.needs else None
        self._and_needs = _any_of(rule.and_needs) if rule.and_needs else None
        self._unless = _any_of(rule.unless) if rule.unless else None
        self._before = tuple(folded_words(phrase) for phrase in rule.unless_before)
        self._after = tuple(folded_words(phrase) for phrase in rule.unless_after)
        self._within, self._unless_within = rule.within, rule.unless_within

    def holds(self, data: bytes, start: int, end: int, near: dict[int, tuple[bytes, frozenset[bytes]]]) -> bool:
        """Whether the rule holds for the hit ``data[start:end]``, margins included.

        ``near`` keeps the stretches around this hit, by distance: several terms ask of the same.
        """
        if self._before and data.startswith(self._before, end - 1):
            return False
        if self._after and data.endswith(self._after, 0, start + 1):
            return False
        if self._needs or self._and_needs:
            stretch = near.get(self._within) or near.setdefault(self._within, _stretch(data, start, end, self._within))
            if self._needs and not self._needs.stands_in(*stretch):
                return False
            if self._and_needs and not self._and_needs.stands_in(*stretch):
                return False
        if not self._unless:
            return True
        within = self._unless_within
        return not self._unless.stands_in(
            *(near.get(within) or near.setdefault(within, _stretch(data, start, end, within)))
        )
