"""A page of a PDF as a picture, and the places of its words in it, worked out in child processes that may fail.

Pictures are WebP: without loss for pages of text (a letter page 1,200 wide weighs some 60 KB, a PNG of the same
sixteen grays some 80), with loss for scans. Only PDFs have pages to picture.
"""

from __future__ import annotations

import atexit
import difflib
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from postme.errors import Damaged, Locked, ReadingError, Refused, TooLarge
from postme.reading import easel
from postme.reading.easel import size
from postme.reading.formats import kind

__all__ = ["Box", "Placed", "aligned", "boxes", "has_pages", "lines", "picture", "placed", "size", "words"]

# Chosen: two pages may be drawn at once; each takes a core.
CHILDREN = 2
# Chosen: three times the seconds of computing that a child may use, for a computer that is busy; with recognition,
# tesseract's own time on top.
PATIENCE, PATIENCE_BY_EYE = 3 * easel.SECONDS, 140
# Chosen: whoever waits longer for a free child has gone.
LONGEST_WAIT = 60
# Chosen: the errors that a child may send home; anything else it says is not believed.
_KINDS = {kind.__name__: kind for kind in (Damaged, Locked, Refused, TooLarge)}
# What the child is told of this process's surroundings: how to find tesseract, and no secrets.
_TOLD = ("PATH", "LANG", "LC_ALL", "TESSDATA_PREFIX", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_WORD = re.compile(r"\S+")
# Source: PDF viewers look for the mark within the first 1,024 bytes.
_HEAD = 1024


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page as it is shown (turned, cropped): left, top, width and height, each a share of the page's.

    >>> Box(0.1, 0.2, 0.3, 0.02).y
    0.2
    """

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A page's words with their places: ``(start, end, box)`` where ``text[start:end]`` is a word or a line's part of it.

    ``wide`` and ``high`` are the page's size as shown, in points. ``text`` is the page's text as it is read now.

    >>> Placed("", 612.0, 792.0, ()).high
    792.0
    """

    text: str
    wide: float
    high: float
    words: tuple[tuple[int, int, Box], ...]


def has_pages(data: bytes | Path) -> bool:
    """Whether a record has pages to picture: whether it is a PDF, by its first bytes.

    >>> has_pages(b"%PDF-1.7"), has_pages(b"<!doctype html>")
    (True, False)
    """
    if isinstance(data, Path):
        with data.open("rb") as file:
            data = file.read(_HEAD)
    return kind(data[:_HEAD], "").name == "PDF"


def picture(data: bytes | Path, page: int, *, width: int = 1200, hidden: Sequence[Box] = ()) -> bytes:
    """One page of a PDF (bytes, or a file's path), counted from 1, as WebP.

    ``width`` is in pixels, 100 to 2,400; a page that would be very long is drawn narrower (``size`` says how wide).
    ``hidden`` is painted solid black into the pixels, each box with a margin, so that nothing of it is in the picture.
    Raises ``Locked``, ``Damaged``, ``TooLarge`` (more than 10 seconds of computing, 1 GB of memory or 200 inches), or
    ``ReadingError`` where too many others wait.
    """
    ask = {"op": "draw", "page": page, "width": width, "hidden": [[b.x, b.y, b.w, b.h] for b in hidden]}
    return _asked(data, ask, easel.SECONDS, PATIENCE)[1]


def placed(data: bytes | Path, page: int, *, by_eye: bool = True) -> Placed:
    """The words of one page of a PDF with their places; a page that is a picture is recognized where ``by_eye`` says so.

    Offsets count in ``text``, which is exactly what ``reading.read`` gives for the page with the same tesseract.
    Raises as ``picture``.
    """
    ask = {"op": "place", "page": page, "by_eye": by_eye}
    seconds, patience = (easel.SECONDS_BY_EYE, PATIENCE_BY_EYE) if by_eye else (easel.SECONDS, PATIENCE)
    said = _asked(data, ask, seconds, patience)[0]
    found = tuple((int(start), int(end), Box(*map(float, box))) for start, end, *box in said["words"])
    return Placed(str(said["text"]), float(said["size"][0]), float(said["size"][1]), found)


def words(data: bytes | Path, page: int) -> tuple[tuple[int, int, Box], ...]:
    """``(start, end, box)`` of each word of a page's text; a word over two lines has two. Raises as ``picture``."""
    return placed(data, page).words


def boxes(data: bytes | Path, page: int, start: int, end: int, *, text: str | None = None) -> tuple[Box, ...]:
    """A box for each line of the words at ``start`` to ``end`` of a page's text, in the order of the text.

    ``text`` is the page's text as it was kept: where the page is read differently now (another tesseract), words are
    found again by their neighbors, and there are no boxes where they are not. Raises as ``picture``.
    """
    found = placed(data, page)
    return lines(found.words if text is None else aligned(found, text), start, end)


def lines(words: Sequence[tuple[int, int, Box]], start: int, end: int) -> tuple[Box, ...]:
    """The boxes of the words that ``start`` to ``end`` touches, those of one line joined.

    >>> row = [(0, 4, Box(0.1, 0.1, 0.1, 0.02)), (5, 9, Box(0.3, 0.1, 0.1, 0.02)), (10, 14, Box(0.1, 0.2, 0.1, 0.02))]
    >>> [round(box.w, 3) for box in lines(row, 0, 14)]
    [0.3, 0.1]
    """
    found: list[Box] = []
    for begin, finish, box in words:
        if max(begin, start) >= min(finish, end):
            continue
        if found and _goes_on(found[-1], box):
            found[-1] = _joined(found[-1], box)
        else:
            found.append(box)
    return tuple(found)


def aligned(found: Placed, text: str) -> tuple[tuple[int, int, Box], ...]:
    """The places of the words of ``text``, where the page as read now may say it a little differently.

    >>> now = Placed("The d rones flew", 612.0, 792.0, ((0, 3, Box(0, 0, 0.1, 0.1)), (12, 16, Box(0.5, 0, 0.1, 0.1))))
    >>> [(start, end) for start, end, _ in aligned(now, "The drones flew")]
    [(0, 3), (11, 15)]
    """
    if found.text == text:
        return found.words
    now, kept = list(_WORD.finditer(found.text)), list(_WORD.finditer(text))
    same = difflib.SequenceMatcher(None, [w[0] for w in now], [w[0] for w in kept], autojunk=False)
    moved = [
        (now[a + i].start(), now[a + i].end(), kept[b + i].start())
        for a, b, count in same.get_matching_blocks()
        for i in range(count)
    ]
    at = iter(moved)
    here = next(at, None)
    out = []
    for start, end, box in found.words:
        while here is not None and here[1] <= start:
            here = next(at, None)
        if here is not None and here[0] <= start and end <= here[1]:
            shift = here[2] - here[0]
            out.append((start + shift, end + shift, box))
    return tuple(out)


def _goes_on(line: Box, word: Box) -> bool:
    """Whether a word stands on the line, after what is there: at its height by half, and further right."""
    shared = min(line.y + line.h, word.y + word.h) - max(line.y, word.y)
    return shared * 2 > min(line.h, word.h) and word.x + word.w / 2 > line.x + line.w


def _joined(a: Box, b: Box) -> Box:
    x, y = min(a.x, b.x), min(a.y, b.y)
    return Box(x, y, max(a.x + a.w, b.x + b.w) - x, max(a.y + a.h, b.y + b.h) - y)


# --- the children


class _Child:
    """One child process; whoever holds it is the only one to ask it."""

    def __init__(self) -> None:
        root = str(Path(__file__).parents[2])
        told = {name: os.environ[name] for name in _TOLD if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", easel.__name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**told, "PYTHONPATH": root, "OMP_THREAD_LIMIT": "1"},
            # A group of its own, so that the tesseract it started ends with it.
            start_new_session=True,
        )

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    def ask(self, head: dict[str, Any], body: bytes, patience: float) -> tuple[dict[str, Any], bytes]:
        """Its answer. Raises EOFError or OSError where it died, or was ended because it took longer than ``patience``."""
        asks, answers = self._process.stdin, self._process.stdout
        if asks is None or answers is None:
            raise EOFError
        clock = threading.Timer(patience, self._end)
        clock.daemon = True
        clock.start()
        try:
            asks.write(easel.packed(head, body))
            asks.flush()
            answer = easel.unpacked(answers, easel.LONGEST_ANSWER)
        finally:
            clock.cancel()
        if answer is None:
            raise EOFError
        return answer

    def close(self) -> int:
        """End it and wait for it; its exit status."""
        self._end()
        status = self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what it did not take is not to be written any more
                if stream is not None:
                    stream.close()
        return status

    def _end(self) -> None:
        with suppress(ProcessLookupError, PermissionError):  # it is gone already
            if self._process.returncode is None:
                os.killpg(self._process.pid, signal.SIGKILL)


class _Pool:
    """At most so many children, started when first needed, kept while they live, replaced when they die."""

    def __init__(self, most: int) -> None:
        self._free: list[_Child] = []
        self._lock, self._places = threading.Lock(), threading.BoundedSemaphore(most)

    @contextmanager
    def child(self) -> Iterator[_Child]:
        """A child for this thread alone. It is ended where anything goes wrong, and the next one starts anew."""
        if not self._places.acquire(timeout=LONGEST_WAIT):
            raise ReadingError(
                "Too many pages are being drawn just now.", why="Each takes a processor.", do="Try again in a minute."
            )
        child: _Child | None = None
        try:
            with self._lock:
                while self._free and child is None:
                    kept = self._free.pop()
                    if kept.lives:
                        child = kept
                    else:
                        kept.close()
            child = child or _Child()
            yield child
            with self._lock:
                self._free.append(child)
            child = None
        finally:
            if child is not None:
                child.close()
            self._places.release()

    def close(self) -> None:
        """End the children that nobody holds."""
        with self._lock:
            while self._free:
                self._free.pop().close()


_pool = _Pool(CHILDREN)


def _asked(data: bytes | Path, ask: dict[str, Any], seconds: int, patience: float) -> tuple[dict[str, Any], bytes]:
    """A child's answer within so many seconds of computing (each process) and, for all of it, of waiting."""
    head = {**ask, "seconds": seconds, "memory": easel.MEMORY}
    if isinstance(data, Path):
        head["path"] = str(data.absolute())
    with _pool.child() as child:
        try:
            said, body = child.ask(head, b"" if isinstance(data, Path) else data, patience)
        except (EOFError, OSError, ValueError) as death:
            raise _died(int(ask["page"]), child.close(), seconds) from death
    if "error" in said:
        kind, what, where, why, do = map(str, said["error"])
        raise _KINDS.get(kind, Damaged)(what, where=where, why=why, do=do)
    return said, body


def _died(page: int, status: int, seconds: int) -> TooLarge:
    how = (
        f"took more than {seconds} seconds of computing"
        if status in (-signal.SIGXCPU, -signal.SIGKILL)
        else f"needs more than {easel.MEMORY >> 20:,} MB, or breaks the program that draws it"
    )
    return TooLarge(
        f"The page was not drawn: it {how}.",
        where=f"page {page}",
        why="No printed page needs that: the file was built to stop a computer, or is damaged.",
        do="Read the page's text. Ask the clerk for the page on paper.",
    )


def _begin_anew() -> None:
    # After a fork the children are the other process's: their pipes must not be shared.
    global _pool
    _pool = _Pool(CHILDREN)


os.register_at_fork(after_in_child=_begin_anew)
atexit.register(lambda: _pool.close())
