"""Words broken over two lines: PDFium leaves one mark, and whether the hyphen was part of the word is decided here.

PDFium writes U+FFFE (or U+0002) for *every* hyphen at the end of a line. In printed minutes it mostly was a real one
("off-street", "Docket UD-20-02", "license-plate"); in typeset reports it only split a word ("surveil-lance").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_MARK = re.compile("[\ufffe\x02]\\s*")
_LEFT = re.compile(r"[^\W_]+\Z")
_RIGHT = re.compile(r"[^\W_]+")

# Chosen: halves that stand before or after a hyphen in council English and are no syllable of a longer word. On the
# 242 marks in two years of one council's minutes every one was a real hyphen; "re", "de", "sub" and "auto" are left
# out, since they split ordinary words as often.
_FIRST_HALVES = (
    "by non self two three four five six seven eight nine ten twenty thirty forty fifty sixty seventy eighty ninety "
    "single double mixed full high low long short third real cell license body fiber fibre off city county state "
    "year day open near close face fixed wing night motion point large small half best so well cross "
)
_FIRSTS = frozenset(_FIRST_HALVES.split())
_SECOND_HALVES = (
    "based term owned related year time party use income family month site profit first street powered day "
    "service wide person scale story duty mail issued payment hand grade free operated level cost residential "
    "specific hour worn old fire rise funded wage speed class way line made rated control approved school "
    "oriented generating modal adjacent comments binding through round plate aperture optic mounted reader "
    "readers camera cameras to of by escalation lethal lawful enforcement sharing facing driven assisted enabled "
)
_SECONDS = frozenset(_SECOND_HALVES.split())


def marked(text: str) -> bool:
    """Whether any word of the text was broken over two lines.

    >>> marked("surveil\\ufffelance"), marked("surveillance")
    (True, False)
    """
    return "\ufffe" in text or "\x02" in text


def mended(text: str) -> str:
    """The text with its broken words whole again, real hyphens kept.

    >>> mended("surveil\\ufffelance of Docket UD\\ufffe20-02 for off\\ufffestreet parking")
    'surveillance of Docket UD-20-02 for off-street parking'
    """
    return "".join(piece for _, piece in pieces(text))


def pieces(text: str) -> Iterator[tuple[int, str]]:
    """The mended text in pieces, each with where it began in the text as PDFium gave it.

    >>> list(pieces("surveil\\ufffelance"))
    [(0, 'surveil'), (8, 'lance')]
    """
    start = 0
    words: str | None = None
    for mark in _MARK.finditer(text):
        if words is None:
            words = text.lower()
        yield start, text[start : mark.start()]
        if _real(text, mark.start(), mark.end(), words):
            yield mark.start(), "-"
        start = mark.end()
    yield start, text[start:]


def _real(text: str, before: int, after: int, words: str) -> bool:
    """Whether the hyphen at a line's end belongs to the word: by its halves, then by the rest of the page."""
    # Chosen: no word is longer than 60 letters, and looking further back would make a page of marks quadratic.
    left, right = _LEFT.search(text, max(0, before - 60), before), _RIGHT.match(text, after)
    if left is None or right is None:
        return True  # no word is broken here: the page prints a hyphen, and so does the text
    first, second = left[0], right[0]
    if not first[-1].isalpha() or second[0].isdigit() or (second[0].isupper() and not first.isupper()):
        return True
    if first.isupper() and (len(first) < 3 or second.isupper()) and any(c.isdigit() for c in text[after : after + 4]):
        return True
    if first.isupper() and second[0].isupper() and len(first) <= 3 and len(second) <= 3:
        return True  # a code, such as a zoning district
    if first.lower() in _FIRSTS or second.lower() in _SECONDS:
        return True
    whole, halves = f"{first}{second}".lower(), f"{first}-{second}".lower()
    if len(words) > 40_000 or _stands(whole, words):
        return False
    return halves in words or (_stands(first.lower(), words) and _stands(second.lower(), words))


def _stands(word: str, words: str) -> bool:
    """Whether the word stands on the page by itself."""
    return re.search(rf"(?<![\w\ufffe\x02]){re.escape(word)}(?![\w\ufffe\x02])", words) is not None
