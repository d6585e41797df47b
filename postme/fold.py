"""Text folded for matching that never forgets where it came from.

Folding turns what a reader would call the same words into the same bytes: lower case, no accents, every run of
anything that is not a letter or digit becomes one space. A letter outside the Latin alphabet becomes one byte that
matches nothing, so it still separates words from their neighbors.

``plainly`` is the specification, a loop a person can follow. ``swiftly`` is the same function over whole arrays.
``tests/test_fold.py`` holds them equal.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

SPACE = 0x20
FOREIGN = 0x7F
"""Stands for one letter that no phrase of the catalogue can hold."""
_DROP = 0
_EXPAND = 1
_UNMET = 2

# A hyphen at a line's end before a letter: one pattern a hyphen, since one that begins with a plain character is
# many times as quick as one that begins with a choice.
_BROKEN = tuple(re.compile(rf"{hyphen} ?\r?\n[ \t\r\n]*(?=[^\W\d_])") for hyphen in "-\xad‐")
_LINE_END = re.compile(r"- ?\r?\n")


def broken_words(text: str) -> Iterator[tuple[int, int]]:
    """Where a word may be broken over a line's end: from its hyphen to its next letter, offsets in code points.

    A letter stands on both sides. It is perhaps a broken word, perhaps a hyphenated one.

    >>> list(broken_words("surveil-\\nlance"))
    [(7, 9)]
    """
    found = [match.span() for pattern in _BROKEN for match in pattern.finditer(text)]
    return iter(sorted((start, end) for start, end in found if text[start - 1 : start].isalpha()))


def may_break(text: str) -> bool:
    """Whether a word may be broken over a line's end; quick, and never wrongly no.

    >>> may_break("surveil-\\nlance"), may_break("body-worn")
    (True, False)
    """
    # One pass that begins with a plain character is ten times as quick as the whole expression; its other hyphens are rare.
    return _LINE_END.search(text) is not None or (not text.isascii() and ("\xad" in text or "‐" in text))


def folded_character(character: str) -> str:
    """What one character becomes: some of ``a-z0-9``, a space, ``\\x7f`` or nothing.

    >>> [folded_character(c) for c in "É’ﬁ™7\u00ad"]
    ['e', ' ', 'fi', ' ', '7', '']
    """
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Cf"):  # accents on their own, soft hyphens, zero-width marks: not seen by a reader
        return ""
    if category[0] not in "LN" or category in ("No", "Lm"):  # footnote figures and ™ are no part of a word
        return " "
    out = ""
    for part in unicodedata.normalize("NFKD", character.casefold()).casefold():
        if part.isascii():
            out += part if part.isalnum() else " "
        elif unicodedata.category(part) not in ("Mn", "Me", "Cf"):
            out += "\x7f"
    return out or " "


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded bytes, from and to a space, and the code point each byte came from.

    ``data`` is bytes over ``a-z0-9``, space and 0x7f. ``origins`` holds, for each byte, the offset in code points of
    the character it came from; the first and the last byte are margins and map to the text's two ends.

    >>> folded = plainly("The  Body-Worn\\nCAMERA")
    >>> folded.data
    b' the body worn camera '
    >>> folded.span(4, 21)
    (5, 21)
    """

    data: bytes
    _origins: npt.NDArray[np.int64] | npt.NDArray[np.bool_]

    @property
    def origins(self) -> npt.NDArray[np.int64]:
        """Offsets in code points, one a byte of ``data``."""
        if self._origins.dtype == np.bool_:  # a mask of what was kept: counted out only when somebody asks
            positions = np.flatnonzero(self._origins) - 1
            object.__setattr__(self, "_origins", positions)
            return positions
        return self._origins  # type: ignore[return-value]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the words in ``data[start:end]``, margins included or not, stand in the text: start and end in code points."""
        while start < end and self.data[start] == SPACE:
            start += 1
        while end > start and self.data[end - 1] == SPACE:
            end -= 1
        origins = self.origins
        return int(origins[start]), int(origins[end - 1]) + 1


def plainly(text: str, *, joined: bool = False) -> Folded:
    """Fold, one character at a time. ``joined`` leaves out the hyphens that end a line inside a word.

    >>> plainly("surveil-\\nlance", joined=True).data
    b' surveillance '
    """
    left_out = {i for start, end in broken_words(text) for i in range(start, end)} if joined else set()
    data, origins = bytearray(b" "), [-1]
    for i, character in enumerate(text):
        if i in left_out:
            continue
        for part in folded_character(character):
            if part == " " and data[-1] == SPACE:
                continue
            data.append(ord(part))
            origins.append(i)
    if data[-1] != SPACE:
        data.append(SPACE)
        origins.append(len(text))
    return Folded(bytes(data), np.array(origins, dtype=np.int64))


def swiftly(text: str, *, joined: bool = False) -> Folded:
    """Fold, over whole arrays; equal to ``plainly`` in every byte and origin.

    >>> swiftly("“Café” drones").data
    b' cafe drones '
    """
    if not joined and text.isascii():
        # Margins before translating, so that one pass makes the array.
        codes = np.frombuffer(b" %b " % text.encode("ascii").translate(_ascii_table()), dtype=np.uint8)
        return _collapsed(codes)
    raw = text.encode("utf-16-le", "surrogatepass")
    wide = len(raw) == 2 * len(text)
    # Characters beyond the basic plane are rare enough to take the wider road.
    points: npt.NDArray[np.uint16 | np.uint32] = np.frombuffer(
        raw if wide else text.encode("utf-32-le", "surrogatepass"), np.uint16 if wide else np.uint32
    )
    # Most characters of most records are ASCII: their low byte goes through the small table, and only the few
    # others are looked up one by one.
    inner = np.frombuffer(bytearray(points.astype(np.uint8).tobytes().translate(_ascii_table())), dtype=np.uint8)
    beyond = np.flatnonzero(points > 0x7F)
    inner[beyond] = _wide(np.minimum(points[beyond], 0xFFFF))
    if not wide:
        for i in np.flatnonzero(points > 0xFFFF):
            inner[i] = _code(text[i])
    if joined:
        for start, end in broken_words(text):
            inner[start:end] = _DROP
    if inner.size and inner.min() <= _EXPAND:
        return _expanded(text, inner)
    codes = np.empty(inner.size + 2, dtype=np.uint8)
    codes[0] = codes[-1] = SPACE
    codes[1:-1] = inner
    return _collapsed(codes)


def _collapsed(codes: npt.NDArray[np.uint8]) -> Folded:
    spaces = codes == SPACE
    keep = np.empty(codes.size, dtype=np.bool_)
    keep[0] = True
    np.logical_and(spaces[1:], spaces[:-1], out=keep[1:])
    np.logical_not(keep[1:], out=keep[1:])
    return Folded(codes[keep].tobytes(), keep)


def _expanded(text: str, inner: npt.NDArray[np.uint8]) -> Folded:
    counts = np.ones(inner.size, dtype=np.int64)
    counts[inner == _DROP] = 0
    several = np.flatnonzero(inner == _EXPAND)
    letters = [folded_character(text[i]).encode("latin-1") for i in several]
    counts[several] = [len(part) for part in letters]
    origins = np.repeat(np.arange(inner.size, dtype=np.int64), counts)
    codes = np.repeat(inner, counts)
    if several.size:
        starts = np.cumsum(counts)[several] - counts[several]
        for start, part in zip(starts, letters, strict=True):
            codes[start : start + len(part)] = np.frombuffer(part, dtype=np.uint8)
    codes = np.concatenate(([SPACE], codes, [SPACE])).astype(np.uint8)
    origins = np.concatenate(([-1], origins, [len(text)]))
    spaces = codes == SPACE
    keep = np.ones(codes.size, dtype=np.bool_)
    keep[1:] = ~(spaces[1:] & spaces[:-1])
    return Folded(codes[keep].tobytes(), origins[keep])


@cache
def _ascii_table() -> bytes:
    return bytes(ord(folded_character(chr(i))) if i < 128 else FOREIGN for i in range(256))


def _code(character: str) -> int:
    """The one byte a character becomes, or the mark of one that becomes none or several."""
    letters = folded_character(character)
    return ord(letters) if len(letters) == 1 else (_EXPAND if letters else _DROP)


def _wide(points: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.uint8]:
    """What characters of the basic plane become; each is worked out when it is first met, since few ever are."""
    table = _wide_table()
    codes: npt.NDArray[np.uint8] = table[points]
    unmet = codes == _UNMET
    if unmet.any():
        for point in np.unique(points[unmet]):
            table[point] = _code(chr(int(point)))
        codes = table[points]
    return codes


@cache
def _wide_table() -> npt.NDArray[np.uint8]:
    return np.full(0x10000, _UNMET, dtype=np.uint8)
