"""What is sought in a text so that every form of the catalogue is found: the few that hold no other, and the rare beside the common."""

from __future__ import annotations

import marshal
from collections.abc import Mapping
from dataclasses import dataclass

from postme.catalogue import Catalogue, folded_words
from postme.fold import SPACE


@dataclass(frozen=True, slots=True)
class Index:
    """What is sought in a text so that every form is found, and seldom anything else.

    ``bases`` are the few forms that hold no other: whatever form stands in a text, a base stands in it. ``reach`` tells
    for each base how many words more, to the left and to the right, the longest form around it has. A form that is a
    common word is not sought itself: ``anchors`` are the words its terms need, each with such forms and how far off.
    """

    forms: Mapping[bytes, tuple[int, ...]]
    bases: tuple[bytes, ...]
    reach: tuple[tuple[int, int], ...]
    anchors: Mapping[bytes, tuple[tuple[bytes, int], ...]]

    @property
    def sought(self) -> tuple[bytes, ...]:
        """The bases, then the anchors that are none: an automaton need not tell one pattern under two numbers."""
        bases = set(self.bases)
        return (*self.bases, *(need for need in self.anchors if need not in bases))

    def kept(self) -> bytes:
        """All of it as bytes, for the next time and the same Python."""
        return marshal.dumps((dict(self.forms), self.bases, self.reach, dict(self.anchors)))


def indexed(catalogue: Catalogue) -> Index:
    """The index of a catalogue; a second or two for a large one, so keep what it keeps."""
    forms = catalogue.by_form
    anchors: dict[bytes, dict[bytes, int]] = {}
    anchored = set()
    common = {folded_words(word) for word in catalogue.common}
    for form in common & forms.keys():
        rules = [catalogue.terms[term].rule for term in forms[form]]
        if all(rule and rule.needs and common.isdisjoint(map(folded_words, rule.needs)) for rule in rules):
            anchored.add(form)
            for rule in rules:
                for need in rule.needs if rule else ():
                    near = anchors.setdefault(folded_words(need), {})
                    near[form] = max(near.get(form, 0), rule.within if rule else 0)
    reach: dict[bytes, tuple[int, int]] = {}
    for form in sorted(forms.keys() - anchored, key=lambda form: (len(form), form)):
        gaps = [i for i, code in enumerate(form) if code == SPACE]
        words = len(gaps) - 1
        held = False
        for i in range(words):
            for j in range(i + 1, words + 1):
                base = form[gaps[i] : gaps[j] + 1]
                if base in reach and base != form:  # shorter forms came before, and only bases are in it
                    left, right = reach[base]
                    reach[base] = (max(left, i), max(right, words - j))
                    held = True
        if not held:
            reach[form] = (0, 0)
    return Index(
        forms,
        tuple(reach),
        tuple(reach.values()),
        {need: tuple(near.items()) for need, near in sorted(anchors.items())},
    )


def restored(kept: bytes) -> Index:
    """The index that was kept; ValueError, TypeError or EOFError where it cannot be one."""
    return Index(*marshal.loads(kept))  # noqa: S302  (from this user's own cache folder, as the matcher's database is)
