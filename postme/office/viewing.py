"""One page of a record as the viewer shows it: its text with quotes marked, its picture, and nothing of what is hidden."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from postme import reading
from postme.errors import Damaged, KeepingError, Locked, ReadingError, Refused, TooLarge, WrongUse
from postme.keeping import pictures
from postme.keeping.shelf import kept_safe, path_of
from postme.office import lookup
from postme.publication import tellable
from postme.reading import picture as drawing
from postme.reading.picture import Box, Placed
from postme.record import Page, PageState, Quote
from postme.redaction import BLOCK, Reason, Redaction, hidden_text, of_page

__all__ = ["Box", "PageView", "Segment", "forget_pictures", "marked_text", "original", "page_picture", "page_view"]

# Chosen: a phone's screen, a page beside its text, the same on a fine screen; other widths become the next of these.
WIDTHS = (600, 900, 1200, 1800)
WIDTH = 1200
_SHA256 = re.compile(r"[0-9a-f]{64}")
# Chosen: counts up when the same redactions would be drawn in another way, so that old pictures are not shown.
_EDITION = "2"
# Chosen: a page that could not be drawn is tried again after an hour: the computer may only have been busy.
_REMEMBERED = 3_600
_FOR_GOOD: Mapping[str, type[ReadingError]] = {kind.__name__: kind for kind in (Damaged, Locked, Refused, TooLarge)}


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of a page's text: the ids of the quotes that cover it, and why it is hidden, where it is.

    >>> Segment("license plate readers", ("claim-7",)).hidden is None
    True
    """

    text: str
    quotes: tuple[str, ...] = ()
    hidden: Reason | None = None


@dataclass(frozen=True, slots=True)
class PageView:
    """A page to be shown.

    ``segments`` joined are the page's text, its redactions as blocks. ``boxes`` has, for each quote that stands here,
    a box for each line (none where its place in the picture is not known); ``moved`` names quotes whose words are not
    where they were. ``picture_key`` is ``None`` where there is no picture, else it changes with every redaction;
    ``size`` is the picture's in pixels at ``WIDTH``. ``note`` says in sentences what is missing and why; ``unreadable``
    why nobody knows the page's words, and is empty where they are known.

    >>> PageView("e3" * 32, 1, 9, PageState.TEXT, (Segment("a"),)).picture_key is None
    True
    """

    sha256: str
    page: int
    pages: int
    state: PageState
    segments: tuple[Segment, ...]
    boxes: Mapping[str, tuple[Box, ...]] = field(default_factory=dict)
    moved: tuple[str, ...] = ()
    picture_key: str | None = None
    size: tuple[int, int] | None = None
    note: str = ""
    unreadable: str = ""


def page_view(
    folder: Path,
    sha256: str,
    page: int,
    redactions: Iterable[Redaction] = (),
    quotes: Mapping[str, Quote] | None = None,
    public: str | None = None,
) -> PageView:
    """One page (from 1) of a record on the shelf in ``folder``; ``quotes`` by id, those of other pages are left out.

    ``redactions`` are those of the record: of any page, all in force. ``public`` is the page's text as it was published:
    a reading in which the same redactions would leave other words is not shown. Raises WrongUse where there is no such record or
    page. A picture that cannot be made is no error: the text is shown, and ``note`` says why it stands alone.
    """
    hidden = of_page(redactions, page)
    kept, count = _page(folder, sha256, page, hidden, public)
    here = {key: one for key, one in (quotes or {}).items() if one.sha256 == sha256 and one.page == page}
    standing = {key: one for key, one in here.items() if _stands(one, kept.text)}
    notes = []
    if len(standing) < len(here):
        notes.append("A quote of this page is not marked: its words do not stand where they stood.")
    boxes: dict[str, tuple[Box, ...]] = dict.fromkeys(standing, ())
    key = size = None
    try:
        path = _file(folder, sha256)
        with pictures.place(folder, sha256) as place:
            found = _placed(folder, place, path, sha256, kept)
        _covered(kept, hidden, found.words)
        key = _key(kept, WIDTH, hidden)
        _failed_before(folder, sha256, f"{key}.webp")
    except (KeepingError, ReadingError) as failure:
        key = None
        notes.append(f"The text stands here without a picture of the page. {failure.what}")
    else:
        size = drawing.size(found.wide, found.high, WIDTH)
        boxes = {name: drawing.lines(found.words, one.start, one.end) for name, one in standing.items()}
        if not all(boxes.values()):
            notes.append("Where a quote stands in the picture is not known; it is marked in the text.")
    return PageView(
        sha256=sha256,
        page=page,
        pages=count,
        state=kept.state,
        segments=marked_text(kept.text, standing, hidden),
        boxes=boxes,
        moved=tuple(name for name in here if name not in standing),
        picture_key=key,
        size=size,
        note=" ".join(notes),
        unreadable=(kept.note or "Why is not known.") if kept.state is PageState.UNREADABLE else "",
    )


def page_picture(
    folder: Path, sha256: str, page: int, redactions: Iterable[Redaction] = (), width: int = WIDTH, public: str | None = None
) -> bytes:  # fmt: skip
    """The page's picture as WebP, its redactions black in the pixels themselves, from the cache or drawn now.

    ``width`` becomes the next of ``WIDTHS``. Raises WrongUse (no such record or page), KeepingError or ReadingError:
    ``Refused`` where the record has no pages to picture, or where it is not known of every hidden word where it stands
    in the picture: then none is shown.
    """
    # Opened before anything is looked at: forgotten from here on, the place takes no picture of what was.
    with pictures.place(folder, _whole(sha256)) as place:
        hidden = of_page(redactions, page)
        kept, _ = _page(folder, sha256, page, hidden, public)
        wide = next((one for one in WIDTHS if one >= width), WIDTHS[-1])
        name = f"{_key(kept, wide, hidden)}.webp"
        held = pictures.held(folder, sha256, name)
        if held is not None:
            return held
        path = _file(folder, sha256)
        _failed_before(folder, sha256, name)
        black: list[Box] = []
        if hidden:
            words = _placed(folder, place, path, sha256, kept).words
            _covered(kept, hidden, words)
            # Line by line, not word by word: the gaps would tell how long each hidden word is.
            black = [box for one in hidden for box in drawing.lines(words, one.start, one.end)]
        with _remembered(place, name):
            data = drawing.picture(path, page, width=wide, hidden=black)
        place.put(name, data)
        return data


def original(folder: Path, sha256: str) -> Path:
    """Where a record's own bytes lie. Raises WrongUse for what is no hash, Refused where they are not kept."""
    path = path_of(folder, _whole(sha256))
    with kept_safe(folder):
        if not path.exists():
            raise Refused("The record's own bytes are not kept here.", where=sha256, why="Only its text was kept.", do="Scan the record again.")  # fmt: skip
    return path


def forget_pictures(folder: Path, sha256: str) -> None:
    """Delete every cached picture of a record: to be called in the moment a redaction comes into force or is lifted."""
    pictures.forget(folder, _whole(sha256))


def marked_text(text: str, quotes: Mapping[str, Quote], redactions: Sequence[Redaction] = ()) -> tuple[Segment, ...]:
    """The text cut wherever a quote or a redaction begins or ends; quotes may overlap, and what is hidden is blocks.

    >>> quotes = {"a": Quote("e3" * 32, 1, 4, 10, "drones"), "b": Quote("e3" * 32, 1, 9, 15, "s flew")}
    >>> [(part.text, part.quotes) for part in marked_text("The drones flew.", quotes)]
    [('The ', ()), ('drone', ('a',)), ('s', ('a', 'b')), (' flew', ('b',)), ('.', ())]
    """
    shown = hidden_text(text, redactions)
    edges = [at for quote in quotes.values() for at in (quote.start, quote.end)]
    edges += [at for redaction in redactions for at in (redaction.start, redaction.end)]
    cuts = sorted({0, len(text), *(min(len(text), max(0, at)) for at in edges)})
    begins: dict[int, list[str]] = {}
    ends: dict[int, list[str]] = {}
    for key, one in quotes.items():
        if 0 <= one.start < min(one.end, len(text)):
            begins.setdefault(one.start, []).append(key)
            ends.setdefault(min(one.end, len(text)), []).append(key)
    open_: dict[str, None] = {}
    parts = []
    for start, end in pairwise(cuts):
        for key in ends.get(start, ()):
            open_.pop(key, None)
        open_.update(dict.fromkeys(begins.get(start, ())))
        why = next((one.reason for one in redactions if one.touches(start, end)), None)
        parts.append(Segment(shown[start:end], tuple(open_), why))
    return tuple(parts)


def _stands(quote: Quote, text: str) -> bool:
    """Whether the quote's words stand in their place; published before or after something in them was hidden, they do."""
    words = text[quote.start : quote.end]
    return len(words) == len(quote.text) and all(
        said in (letter, BLOCK) for said, letter in zip(quote.text, words, strict=True)
    )


def _page(folder: Path, sha256: str, number: int, hidden: Sequence[Redaction], public: str | None) -> tuple[Page, int]:
    read = lookup.readings(folder, _whole(sha256))
    if not read:
        raise WrongUse("No records begin with that hash.", where=sha256, why="One record must be meant.", do="Copy the hash whole from a mention.")  # fmt: skip
    for pages in read:
        found = next((page for page in pages if page.number == number), None)
        if found and (public is None or tellable(hidden_text(found.text, hidden)) == public):
            return found, len(pages)
    if any(page.number == number for pages in read for page in pages):
        raise Refused(
            "The reading of this page that was published is not kept here.", where=sha256, why="In another one, what is hidden could show.",
            do="Read the page's text.",
        )  # fmt: skip
    raise WrongUse(
        f"The record has no page {number}; it has {len(read[0])}.", where=sha256,
        why="There is nothing to show.", do="Ask for a page that it has.",
    )  # fmt: skip


def _whole(sha256: str) -> str:
    # The hash becomes a path: nothing but a hash may.
    if not _SHA256.fullmatch(sha256):
        raise WrongUse(
            "That is no record's hash.", where=sha256[:80], why="A record is known by its SHA-256, 64 hex digits.",
            do="Copy the hash whole.",
        )  # fmt: skip
    return sha256


def _file(folder: Path, sha256: str) -> Path:
    """Where the record's bytes lie. Raises Refused where they are no PDF's, or are not there."""
    path = path_of(folder, sha256)
    with kept_safe(folder):
        if not path.exists():
            raise Refused(
                "The record's own bytes are not kept here.",
                where=sha256,
                why="Only its text was kept.",
                do="Scan the record again.",
            )
        pictured = drawing.has_pages(path)
    if not pictured:
        raise Refused(
            "This kind of record has no pages to picture; only PDFs have.",
            where=sha256,
            why="Its words are all there is to show.",
            do="Read its text.",
        )
    return path


def _placed(folder: Path, place: pictures.Place, path: Path, sha256: str, kept: Page) -> Placed:
    """The words of the page as kept, with their places: worked out once, since recognition takes seconds."""
    by_eye = kept.state is PageState.OCR
    said = _digest(_EDITION, reading.READER_VERSION, reading.ocr_engine() if by_eye else "", kept.text)
    name = f"{kept.number}-words-{said}.json"
    held = pictures.held(folder, sha256, name)
    if held is not None:
        known = json.loads(held)
        words = tuple((start, end, Box(*box)) for start, end, *box in known["words"])
        wide, high = known["size"]
        return Placed(kept.text, wide, high, words)
    _failed_before(folder, sha256, name)
    with _remembered(place, name):
        found = drawing.placed(path, kept.number, by_eye=by_eye)
    words = drawing.aligned(found, kept.text)
    rows = [[start, end, box.x, box.y, box.w, box.h] for start, end, box in words]
    place.put(name, json.dumps({"size": [found.wide, found.high], "words": rows}).encode("ascii"))
    return Placed(kept.text, found.wide, found.high, words)


def _covered(kept: Page, hidden: Sequence[Redaction], words: Sequence[tuple[int, int, Box]]) -> None:
    """Raises Refused where a hidden letter stands nobody knows where: the picture would show it."""
    known = {at for start, end, _ in words for at in range(start, end)}
    for one in hidden:
        for at in range(one.start, min(one.end, len(kept.text))):
            if at not in known and not kept.text[at].isspace():
                raise Refused(
                    "Something on this page is hidden, and its place in the picture is not known.",
                    where=f"page {kept.number}",
                    why="The picture would show it.",
                    do="Read the page's text.",
                )


def _key(kept: Page, width: int, hidden: Sequence[Redaction]) -> str:
    """The picture's name: another one for other hidden words, or where the same offsets mean other words."""
    spans = [[one.start, one.end] for one in hidden]
    # Of what is shown only: the name is public, and who knows the rest of a page could try out what is hidden.
    shown = hidden_text(kept.text, hidden) if spans else ""
    return f"{kept.number}-{width}-{_digest(_EDITION, reading.READER_VERSION, json.dumps(spans), shown)}"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


@contextlib.contextmanager
def _remembered(place: pictures.Place, name: str) -> Iterator[None]:
    """Write down that a page cannot be drawn, so that a page built to stop a computer stops it once and not each time."""
    try:
        yield
    except tuple(_FOR_GOOD.values()) as failure:
        said = [type(failure).__name__, failure.what, failure.where, failure.why, failure.do]
        place.put(f"{name}.error", json.dumps(said).encode("ascii"))
        raise


def _failed_before(folder: Path, sha256: str, name: str) -> None:
    held = pictures.held(folder, sha256, f"{name}.error", within=_REMEMBERED)
    if held is not None:
        kind, what, where, why, do = json.loads(held)
        raise _FOR_GOOD[kind](what, where=where, why=why, do=do)
