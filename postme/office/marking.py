"""A record's words on a page: harmless whatever they hold, and marked where they are evidence."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from markupsafe import Markup, escape

from postme.scan import CONTEXT

# Chosen: about a line and a half of text around the words.
AROUND = 70


# Characters that hide, or that turn text around, and halves of characters: controls but for tab and line ends, marks and
# overrides of direction, annotation marks, surrogates, tags.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_PIECES = re.compile(f"{_UNSEEN.pattern}|[^{_UNSEEN.pattern[1:]}+")
# Chosen: a line shorter than this ended where its writer wanted, not where the paper did.
_SHORT_LINE = 45
# Chosen: so much of a word that was cut off at an edge is dropped with the cut.
_TORN = 25


def shown(text: object) -> Markup:
    """Any text, harmless and whole: markup escaped, and each unseen character written out as its number.

    >>> print(shown("<b>\u202e"))
    &lt;b&gt;<span class="unseen">U+202E</span>
    """
    if isinstance(text, Markup):
        return text
    text = str(text)
    if not _UNSEEN.search(text):
        return escape(text)
    pieces = (
        Markup('<span class="unseen">{}</span>').format(_number(piece)) if _UNSEEN.match(piece) else escape(piece)
        for piece in _PIECES.findall(text)
    )
    return Markup("").join(pieces)


def plain(text: object) -> Markup:
    """The same for an attribute's value, where no markup can stand."""
    return escape(_UNSEEN.sub(lambda match: f"[{_number(match[0])}]", str(text)))


def _number(character: str) -> str:
    return f"U+{ord(character):04X}"


def marked(mention: Mapping[str, Any], own: tuple[int, int] | None = None, around: int | None = None) -> Markup:
    """A mention's quote in its context, marked; ``own`` (a place in the context) marked too; ``around`` cuts it short.

    >>> print(marked({"quote": "drones", "context": "The drones flew.", "start": 4}))
    The <mark>drones</mark> flew.
    """
    context, quote, at = placed(mention)
    spans = joined([(at, at + len(quote)), *([own] if own else [])])
    low, high = 0, len(context)
    if around is not None:
        low, high = max(0, spans[0][0] - around), min(high, spans[-1][1] + around)
    # A context goes on beyond itself unless the page begins there, or it ends sooner than it would have.
    torn_before = low > 0 or mention["start"] > at
    torn_after = high < len(context) or len(context) - at - len(quote) >= CONTEXT
    if torn_before and (space := re.search(r"\s", context[low : min(low + _TORN, spans[0][0])])):
        low += space.end()
    if torn_after and (space := re.search(r"\s\S*$", context[max(high - _TORN, spans[-1][1]) : high])):
        high -= len(space[0])
    laid = _flowing(context, torn=torn_before) if around is None else re.sub(r"\s", " ", context)
    pieces = [escape("… " if torn_before else "")]
    for start, end in spans:
        pieces += [shown(laid[low:start]), Markup("<mark>{}</mark>").format(shown(laid[start:end]))]
        low = end
    pieces += [shown(laid[low:high]), escape(" …" if torn_after else "")]
    return Markup("").join(pieces)


def placed(mention: Mapping[str, Any]) -> tuple[str, str, int]:
    """Context, quote, and where in the context the quote stands; a quote that its context lacks stands alone."""
    context, quote = mention["context"], mention["quote"]
    at = min(CONTEXT, mention["start"])
    if context[at : at + len(quote)] != quote:
        at = context.find(quote)
    return (context, quote, at) if at >= 0 else (quote, quote, 0)


def joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans that touch or overlap, made one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _flowing(text: str, *, torn: bool) -> str:
    """Text whose lines run on where only the paper's edge broke them; each character stays where it was.

    Of a first line that is torn nobody can see how long it was.
    """
    text = text.replace("\r", " ")
    lines = text.split("\n")
    kept = [
        bool(line.strip())
        and ("\t" in line or not after.strip() or (len(line.strip()) < _SHORT_LINE and not (torn and i == 0)))
        for i, (line, after) in enumerate(pairwise(lines))
    ]
    return "".join(line + ("\n" if keep else " ") for line, keep in zip(lines, kept, strict=False)) + lines[-1]


def nearest(
    pattern: re.Pattern[str] | None, meant: Callable[[str], bool], mention: Mapping[str, Any]
) -> tuple[int, int] | None:
    """Where in the context a pattern stands closest to the quote, among the places that are meant."""
    context, quote, at = placed(mention)
    found = [match.span() for match in pattern.finditer(context) if meant(match[0])] if pattern else []
    return min(found, key=lambda span: max(at - span[1], span[0] - at - len(quote), 0), default=None)


@cache
def spelled(names: tuple[str, ...]) -> re.Pattern[str] | None:
    """Names as they may stand over two lines, the longest first."""
    ways = [r"\s+".join(map(re.escape, name.split())) for name in sorted(names, key=len, reverse=True)]
    return re.compile("|".join(ways), re.IGNORECASE) if ways else None


def money(dollars: float) -> str:
    """An amount in US dollars.

    >>> money(36000.0), money(12400.5)
    ('$36,000', '$12,400.50')
    """
    return f"${dollars:,.0f}" if dollars == int(dollars) else f"${dollars:,.2f}"


def day(iso: str) -> str:
    """A day written out; as it came when it is no whole day.

    >>> day("2021-02-12"), day("2021")
    ('February 12, 2021', '2021')
    """
    try:
        date = datetime.date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{_MONTHS[date.month - 1]} {date.day}, {date.year}"


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def moment(at: datetime.datetime) -> str:
    """A day and time of day, with its zone."""
    zone = at.strftime("%Z") or "local time"
    return (
        f"{day(at.date().isoformat())}, {at.hour % 12 or 12}:{at.minute:02} {'p.m.' if at.hour > 11 else 'a.m.'} {zone}"
    )


def clock(seconds: float) -> str:
    """Seconds into a recording, as players show them: 1:02:03."""
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def counted(number: int, noun: str, many: str = "") -> str:
    """A number and its noun, in the plural where there is not just one."""
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"
