"""What is a mere typo of a letter: a change after which every signature stays. Its criteria are public, and nobody overrules them."""

from __future__ import annotations

import difflib
import re

from postme.letter import Text

# Chosen: as many letters as one may mistype in a page; more is another text.
_TYPO_LETTERS, _TYPO_WORDS = 12, 4
# A word that turns a sentence round, in the languages of the site.
_TURNS = frozenset(["not", "no", "never", "none", "nor", "without", "unless", "except", "only", "all", "any", "every", "must", "shall", "should", "may", "can", "no", "ni", "nunca", "sin", "salvo", "solo", "todos", "debe", "puede"])  # fmt: skip


def against(old: Text, new: Text) -> tuple[str, ...]:
    """Why a change is no mere typo; empty where it may be one. Numbers, names, words that turn a sentence, and what it rests on must stay.

    >>> was = Text("T", "The Council", "Vote no.", "We aks you to stop.")
    >>> against(was, Text("T", "The Council", "Vote no.", "We ask you to stop."))
    ()
    >>> against(was, Text("T", "The Council", "Vote no.", "We aks you not to stop."))
    ('A word that can turn a sentence round comes or goes: not.',)
    """
    found = []
    kept = (("to whom it is written", old.to, new.to), ("the day by which it asks", old.deadline, new.deadline), ("what it is about", old.about, new.about))  # fmt: skip
    found += [f"It changes {what}." for what, was, now in kept if was != now]
    if [(one.address, one.leaf) for one in old.claims] != [(one.address, one.leaf) for one in new.claims]:
        found.append("It changes what a passage rests on.")
    was, now = (_words(f"{one.title}\n{one.ask}\n{one.body}") for one in (old, new))
    gone, come, letters = [], [], 0
    for tag, a, b, c, d in difflib.SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if tag != "equal":
            gone += was[a:b]
            come += now[c:d]
            letters += _letters(" ".join(was[a:b]), " ".join(now[c:d]))
    changed = max(len(gone), len(come))
    if [one for one in gone if _figure(one)] != [one for one in come if _figure(one)]:
        found.append("It changes a number.")
    if turned := sorted({one.lower() for one in (*gone, *come)} & _TURNS):
        found.append(f"A word that can turn a sentence round comes or goes: {', '.join(turned)}.")
    if changed > _TYPO_WORDS or letters > _TYPO_LETTERS:
        found.append(f"It changes {changed} words and {letters} letters; a typo changes at most {_TYPO_WORDS} and {_TYPO_LETTERS}.")  # fmt: skip
    return tuple(found)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+(?:[-'’.,]\w+)*", text)


def _figure(word: str) -> bool:
    return any(one.isdigit() for one in word)


def _letters(was: str, now: str) -> int:
    return sum(max(b - a, d - c) for tag, a, b, c, d in difflib.SequenceMatcher(None, was, now, autojunk=False).get_opcodes() if tag != "equal")  # fmt: skip
