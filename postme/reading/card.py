"""A page as a picture for those who share its address: 1200 x 630 pixels, drawn from plain values and from nothing else.

Only what a page of ours would show is drawn: letters and a few shapes. A name may be as long or as strange as it likes:
it is cut where the picture ends, signs that steer other letters are left out, and a letter that the font lacks stands as
the letter without its accent, or as a question mark.
"""

from __future__ import annotations

import io
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont, features

from postme.errors import Refused
from postme.redaction import BLOCK

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

# Source: the Open Graph and card sizes that sites which show them recommend, 1.91 to 1.
SIZE = (1200, 630)
# Chosen: counts up when the same values would be drawn in another way.
EDITION = "1"
# Chosen: longer than what fits; what is beyond is not even measured.
_LONGEST = 400
# What is blacked out, however long it is.
_HIDDEN = re.compile(rf"{BLOCK}(?:\s*{BLOCK})*")
_LEFT, _RIGHT, _TOP, _FOOT = 72, 1128, 58, 548
# Chosen: the light scheme of the style sheet.
_PAPER, _SHEET, _INK, _SOFT, _MARK = "#fffefa", "#f6f3ea", "#12161f", "#4d5362", "#ffe14d"
_COLORS = {"met": "#1b6138", "broken": "#9b1c1f", "unknown": "#6b4b00"}
_TITLE_SIZES = (84, 72, 62, 54, 46)
# Chosen: two lines of it leave room for three of a quote.
_LONG = 62


@dataclass(frozen=True, slots=True)
class Fonts:
    """The files of three fonts. Where one cannot be read (a FreeType without Brotli), Pillow's own stands in, which knows fewer letters."""

    plain: Path
    bold: Path
    quoted: Path


@dataclass(frozen=True, slots=True)
class Sign:
    """A verdict: its word, and its shape (``met``, ``broken``, ``unknown``, ``due``, ``stands``, ``none``), never a color alone."""

    word: str
    shape: str


@dataclass(frozen=True, slots=True)
class Card:
    """What a picture says: a title with what it belongs to above it, lines, a source's words, verdicts, a ribbon, an address.

    ``quote`` is (what stands before, the words that are marked, what stands after). ``record`` is the SHA-256 of the
    record that is quoted; it is not drawn.

    >>> Card("License plate readers", above="Police Department, Mill Falls", ribbon="Fiction").signs
    ()
    """

    title: str
    above: str = ""
    lines: tuple[str, ...] = ()
    quote: tuple[str, str, str] | None = None
    signs: tuple[Sign, ...] = ()
    ribbon: str = ""
    foot: str = ""
    record: str = ""


def can_draw() -> bool:
    """Whether letters can be drawn at all on this computer."""
    return bool(features.check("freetype2"))


def drawn(card: Card, fonts: Fonts | None = None) -> bytes:
    """The picture as PNG; the same values give the same picture. Raises Refused where no letters can be drawn here.

    >>> drawn(Card("Drones"))[:4]
    b'\\x89PNG'
    """
    if not can_draw():
        raise Refused("A picture with words cannot be drawn here.", where="FreeType", why="Pillow was built without it.", do="Install Pillow from its wheel.")  # fmt: skip
    image = Image.new("RGB", SIZE, _PAPER)
    _Easel(ImageDraw.Draw(image), fonts).paint(card)
    buffer = io.BytesIO()
    # 64 colors are what a few inks and their letters' edges need; the file weighs a third.
    image.quantize(64, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    marked: bool = False
    apart: bool = True
    """Whether a space stands before it."""


class _Easel:
    """The one picture that is being drawn; its fonts are its own, since FreeType's faces are not for several threads."""

    def __init__(self, draw: ImageDraw.ImageDraw, fonts: Fonts | None) -> None:
        self._draw, self._fonts = draw, fonts
        self._opened: dict[tuple[str, int], FreeTypeFont] = {}

    def paint(self, card: Card) -> None:
        """Everything, from top to bottom; what has no room left is left out, the title and the verdicts never."""
        self._frame(card)
        floor = _FOOT - 34
        if card.signs:
            floor -= 62
            self._signs(card.signs, floor + 16)
        y: float = _TOP + 92
        if above := self._lines(card.above, self._font("plain", 30), 1):
            y = self._write(above, "plain", 30, y, _SOFT) + 6
        most = 2 if card.quote else 3
        # The largest sizes are for a name of one line: a longer one leaves room for what is said below it.
        size = next((one for one in _TITLE_SIZES if self._fits(card.title, one, 1 if one > _LONG else most)), _TITLE_SIZES[-1])  # fmt: skip
        y = self._write(self._lines(card.title, self._font("bold", size), most), "bold", size, y, _INK, 1.1) + 14
        if card.quote and (room := int((floor - y) // 50)) > 0:
            y = self._quote(card.quote, 34, y, min(4, room))
        for line in card.lines:
            room = int((floor - y) // 42)
            if room > 0:
                y = self._write(self._lines(line, self._font("plain", 31), min(3, room)), "plain", 31, y, _INK) + 4

    def _fits(self, title: str, size: int, most: int) -> bool:
        return len(self._lines(title, self._font("bold", size), most + 1)) <= most

    def _frame(self, card: Card) -> None:
        name, size = "post", 44
        font = self._font("bold", size)
        wide, end = font.getlength(name), font.getlength("me")
        self._draw.rectangle((_LEFT + wide + 1, _TOP - 2, _LEFT + wide + end + 11, _TOP + 52), fill=_MARK)
        self._draw.text((_LEFT, _TOP), name, fill=_INK, font=font)
        self._draw.text((_LEFT + wide + 6, _TOP), "me", fill=_INK, font=font)
        if card.ribbon:
            # Across the whole top, so that no crop of the picture shows the rest without it.
            self._draw.rectangle((0, 0, SIZE[0], 40), fill=_INK)
            small = self._font("bold", 24)
            [said] = self._lines(card.ribbon, small, 1) or [""]
            self._draw.text(((SIZE[0] - small.getlength(said)) / 2, 5), said, fill=_PAPER, font=small)
        self._draw.rectangle((0, _FOOT, SIZE[0], SIZE[1]), fill=_SHEET)
        self._draw.rectangle((0, _FOOT, SIZE[0], _FOOT + 2), fill=_INK)
        self._write(self._lines(card.foot, self._font("plain", 26), 1), "plain", 26, _FOOT + 24, _SOFT)

    def _signs(self, signs: Sequence[Sign], y: float) -> None:
        font, x = self._font("bold", 32), float(_LEFT)
        for sign in signs:
            said = _plain(sign.word, self._has("bold"))
            wide = 46 + font.getlength(said)
            if x + wide > _RIGHT:
                return
            color = _COLORS.get(sign.shape, _INK)
            self._shape(sign.shape, x, y + 8, 28, color)
            self._draw.text((x + 42, y), said, fill=color, font=font)
            x += wide + 40

    def _shape(self, shape: str, x: float, y: float, side: float, color: str) -> None:
        box = (x, y, x + side, y + side)
        if shape == "broken":
            self._draw.rectangle(box, fill=color)
        elif shape in ("met", "stands"):
            self._draw.ellipse(box, fill=color)
        elif shape == "unknown":
            for begin in range(0, 360, 60):
                self._draw.arc(box, begin, begin + 36, fill=color, width=5)
        elif shape == "due":
            self._draw.ellipse(box, outline=color, width=5)
            self._draw.pieslice(box, 90, 270, fill=color)
        else:
            self._draw.rectangle((x, y + side - 5, x + side, y + side), fill=color)

    def _quote(self, quote: tuple[str, str, str], size: int, y: float, most: int) -> float:
        """A source's words, in so many lines: those that are marked first, what stands around them as far as there is room."""
        font, has = self._font("quoted", size), self._has("quoted")
        before, marked, after = (_words(part, has, on) for part, on in zip(quote, (False, True, False), strict=True))
        if not before or quote[0][-1:].isspace():
            marked = [replace(one, apart=True) if at == 0 else one for at, one in enumerate(marked)]
        while True:
            first, *rest = [*before, *marked, *after] or [_Word("…")]
            # The marks that say a quote was cut stand close to it, and are no part of what is marked.
            told = [_Word("“…"), replace(first, apart=False), *rest, _Word("…”", apart=False)]
            rows = self._rows(told, font)
            if len(rows) <= most or not (before or after):
                break
            # The longer side gives way first, from its far end.
            if len(before) > len(after):
                before = before[1:]
            else:
                after = after[:-1]
        space = font.getlength(" ")
        for row in rows[:most]:
            x, marked_before = float(_LEFT), False
            for word in row:
                gap = space if word.apart and x > _LEFT else 0
                wide = font.getlength(word.text)
                if word.marked:
                    begin = x if marked_before else x + gap - 3
                    self._draw.rectangle((begin, y + 3, x + gap + wide + 3, y + size * 1.28), fill=_MARK)
                self._draw.text((x + gap, y), word.text, fill=_INK, font=font)
                x, marked_before = x + gap + wide, word.marked
            y += size * 1.42
        return y + 10

    @staticmethod
    def _rows(words: Iterable[_Word], font: FreeTypeFont) -> list[list[_Word]]:
        rows: list[list[_Word]] = [[]]
        x, space = float(_LEFT), font.getlength(" ")
        for word in words:
            for part in _parts(word.text, font.getlength):
                wide = font.getlength(part) + (space if word.apart and rows[-1] else 0)
                if rows[-1] and x + wide > _RIGHT:
                    rows.append([])
                    x, wide = float(_LEFT), font.getlength(part)
                rows[-1].append(replace(word, text=part))
                x += wide
        return rows

    def _write(self, lines: Sequence[str], which: str, size: int, y: float, ink: str, step: float = 1.32) -> float:
        for line in lines:
            self._draw.text((_LEFT, y), line, fill=ink, font=self._font(which, size))
            y += size * step
        return y

    def _lines(self, text: str, font: FreeTypeFont, most: int) -> list[str]:
        """A text broken into at most so many lines; where it is longer, the last one ends in an ellipsis."""
        which = next(name for (name, _), one in self._opened.items() if one is font)
        rows = self._rows(_words(text, self._has(which)), font)
        lines = [" ".join(word.text for word in row) for row in rows if row]
        if len(lines) <= most:
            return lines
        last = lines[most - 1]
        while last and font.getlength(f"{last}…") > _RIGHT - _LEFT:
            last = last[:-1].rstrip()
        return [*lines[: most - 1], f"{last}…"]

    def _font(self, which: str, size: int) -> FreeTypeFont:
        if (which, size) not in self._opened:
            self._opened[which, size] = _opened(getattr(self._fonts, which) if self._fonts else None, size)
        return self._opened[which, size]

    def _has(self, which: str) -> Callable[[str], bool]:
        path = getattr(self._fonts, which) if self._fonts else None
        return lambda letter: _known(path, letter)


def _opened(path: Path | None, size: int) -> FreeTypeFont:
    if path is not None:
        try:
            # Basic: letters one after the other, the same on every computer; strange marks cannot upset it.
            return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)
        except OSError:
            pass  # this FreeType cannot open it: Pillow's own font can always be opened
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise Refused("A picture with words cannot be drawn here.", where="FreeType", why="Pillow was built without it.", do="Install Pillow from its wheel.")  # fmt: skip
    return font


@lru_cache(maxsize=4000)
def _known(path: Path | None, letter: str) -> bool:
    """Whether a font has a letter: it draws something else than for a code point that no font has."""
    font = _opened(path, 24)
    return letter == " " or bytes(font.getmask(letter)) != bytes(font.getmask("\uffff"))


def _plain(text: str, has: Callable[[str], bool]) -> str:
    """A text in one line, of letters that can be drawn.

    >>> _plain("Ma\\u0301s\\u202eevil  \\x00 Łódź \\U0001f6a8", lambda letter: letter < "\\u0100")
    'Másevil ?ódz ?'
    """
    kept = []
    for letter in unicodedata.normalize("NFC", _HIDDEN.sub("…", text[:_LONGEST])):
        kind = unicodedata.category(letter)
        if letter.isspace() or kind in ("Zl", "Zp"):
            kept.append(" ")
        elif not kind.startswith(("C", "M")):
            kept.append(letter if has(letter) else _without_accent(letter, has))
    return " ".join("".join(kept).split())


def _words(text: str, has: Callable[[str], bool], marked: bool = False) -> list[_Word]:
    """The words of a text; the first stands apart only where a space stands before it."""
    words = [_Word(word, marked) for word in _plain(text, has).split()]
    return [replace(words[0], apart=text[:1].isspace()), *words[1:]] if words else []


def _without_accent(letter: str, has: Callable[[str], bool]) -> str:
    bare = "".join(one for one in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(one))
    return bare if bare and all(map(has, bare)) else "?"


def _parts(word: str, long: Callable[[str], float]) -> list[str]:
    """A word, cut where it is wider than the picture."""
    parts = []
    while long(word) > _RIGHT - _LEFT:
        at = max(1, bisect_right(range(1, len(word)), float(_RIGHT - _LEFT), key=lambda at: long(word[:at])))
        parts.append(word[:at])
        word = word[at:]
    return [*parts, word]
