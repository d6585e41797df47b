"""A child process that opens PDFs for pictures: what hangs, bursts or breaks in, does so there and not in a server.

One request at a time comes in at standard input and its answer goes out at standard output, each a length (4 bytes,
big-endian), a head in JSON and a body of bytes. PDFium is not thread-safe; one request at a time is its lock. Answers
are JSON and never pickle: a PDF that takes the child over must not reach the parent by its answers.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import resource
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from postme.errors import Damaged, ReadingError, TooLarge
from postme.reading.content import FLAWS

if TYPE_CHECKING:
    from PIL.Image import Image

# Chosen: two hundred times what a full page of minutes takes.
SECONDS = 10
# Chosen: ten times what recognizing a full page takes, and a page is recognized only once.
SECONDS_BY_EYE = 40
# Chosen: five times what a page of a large scan takes; the file's own bytes come on top, as often as they are copied.
MEMORY = 1 << 30
COPIES = 4
# Source: ISO 32000-1, annex C.2: no side is longer than 14,400 units (200 inches).
LONGEST_SIDE = 14_400.0
# Chosen: a picture 2,400 wide of a page five times as high as wide; beyond that the picture is drawn smaller.
MOST_PIXELS = 12_000_000
# Source: the WebP container: no side of more than 16,383 pixels.
MOST_SIDE = 16_383
NARROWEST, WIDEST = 100, 2_400
# Chosen: ten times the heaviest picture; a child that says more is no longer ours.
LONGEST_ANSWER = 50_000_000
# Chosen: sixteen grays are what a letter's edge needs; the picture weighs a fifth less than with all of them.
_GRAYS = 16
# Chosen: a page drawn without loss weighs some 60 KB; above this it holds photographs, which loss does not hurt.
_HEAVY = 300_000
_QUALITY = 70
# Chosen: in a line's height, what may stand out of a word's box: slanted letters and swashes; over a scan, whose words
# lie where somebody's recognition said, the error of that.
MARGIN, MARGIN_OVER_SCAN = 0.2, 0.5


def serve(asks: IO[bytes], answers: IO[bytes]) -> None:
    """Answer requests until there are no more.

    >>> asks, answers = io.BytesIO(packed({"op": "nothing"}, b"")), io.BytesIO()
    >>> serve(asks, answers)
    >>> unpacked(io.BytesIO(answers.getvalue()))[0]["error"][0]
    'Damaged'
    """
    while (ask := unpacked(asks)) is not None:
        head, body = ask
        try:
            answer = _answer(head, body)
        except ReadingError as failure:
            answer = {"error": _told(failure)}, b""
        except MemoryError:
            answer = {"error": _told(_too_much())}, b""
        except FLAWS as flaw:
            answer = {"error": _told(_broken(int(head.get("page", 0)), type(flaw).__name__))}, b""
        answers.write(packed(*answer))
        answers.flush()


def packed(head: Mapping[str, Any], body: bytes) -> bytes:
    """A message as bytes."""
    said = json.dumps({**head, "length": len(body)}).encode("ascii")
    return struct.pack(">I", len(said)) + said + body


def unpacked(stream: IO[bytes], most: int | None = None) -> tuple[dict[str, Any], bytes] | None:
    """The next message of a stream; ``None`` at its end. Raises EOFError where it breaks off or is longer than ``most``.

    >>> unpacked(io.BytesIO(packed({"page": 3}, b"PDF")))
    ({'page': 3, 'length': 3}, b'PDF')
    """
    start = stream.read(4)
    if not start:
        return None
    if len(start) < 4:
        raise EOFError
    head = json.loads(_exactly(stream, struct.unpack(">I", start)[0], most))
    return head, _exactly(stream, int(head["length"]), most)


def _exactly(stream: IO[bytes], length: int, most: int | None) -> bytes:
    if length < 0 or (most is not None and length > most):
        raise EOFError
    data = stream.read(length)
    if len(data) != length:
        raise EOFError
    return data


def size(wide: float, high: float, width: int) -> tuple[int, int]:
    """Width and height in pixels of the picture of a page of that size: as wide as asked, within the limits.

    >>> size(612, 792, 1200), size(14400, 14400, 1200), size(72, 14400, 1200)
    ((1200, 1553), (1200, 1200), (82, 16383))
    """
    width = max(NARROWEST, min(WIDEST, width))
    scale = min(width / wide, math.sqrt(MOST_PIXELS / (wide * high)), MOST_SIDE / wide, MOST_SIDE / high)
    return max(1, min(MOST_SIDE, round(wide * scale))), max(1, min(MOST_SIDE, round(high * scale)))


def _answer(head: Mapping[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    done = {"place": _placed, "draw": _drawn}[head["op"]]
    data = Path(head["path"]).read_bytes() if head.get("path") else body
    _limit(head["seconds"], head["memory"] + COPIES * len(data))
    return done(data, head)


def _placed(data: bytes, head: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    from postme.reading import boxes

    found = boxes.placed(data, head["page"], by_eye=head["by_eye"])
    wide, high = found.wide, found.high
    _fits(wide, high, head["page"])
    words = [
        [w.start, w.end, w.left / wide, w.top / high, (w.right - w.left) / wide, (w.bottom - w.top) / high]
        for w in found.words
    ]
    return {"text": found.text, "size": [wide, high], "words": words}, b""


def _drawn(data: bytes, head: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    import pypdfium2.raw as pdfium

    from postme.reading import boxes, scanned

    with boxes.page_opened(data, head["page"]) as page:
        wide, high = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
        _fits(wide, high, head["page"])
        image = scanned.shown(page, *size(wide, high, head["width"]))
        is_scan = scanned.is_mostly_picture(page)
    _blacken(image, head["hidden"], MARGIN_OVER_SCAN if is_scan else MARGIN)
    return {}, _webp(image, is_scan)


def _fits(wide: float, high: float, number: int) -> None:
    if not (math.isfinite(wide) and math.isfinite(high) and wide > 0 and high > 0):
        raise _broken(number, "a page without size")
    if max(wide, high) > LONGEST_SIDE * 1.001:
        raise TooLarge(
            f"The page says it is {max(wide, high) / 72:,.0f} inches long.",
            where=f"page {number}",
            why="PDF allows 200 inches: the file was built to fill a computer, or is damaged.",
            do="Read the page's text. Ask the clerk for the page on a common sheet.",
        )


def _blacken(image: Image, hidden: Sequence[Sequence[float]], margin: float) -> None:
    """Paint over the pixels themselves; a side's margin is a share of the box's lesser side, and one pixel."""
    for x, y, wide, high in hidden:
        more = margin * min(wide * image.width, high * image.height) + 1
        left, top = max(0, math.floor(x * image.width - more)), max(0, math.floor(y * image.height - more))
        right = min(image.width, math.ceil((x + wide) * image.width + more))
        bottom = min(image.height, math.ceil((y + high) * image.height + more))
        if right > left and bottom > top:
            image.paste((0, 0, 0), (left, top, right, bottom))


def _webp(image: Image, is_scan: bool) -> bytes:
    """WebP: without loss, in sixteen grays where there is no color; with loss for scans and heavy pages."""
    if not is_scan:
        plain = image
        gray = image.convert("L")
        if image.tobytes() == gray.convert("RGB").tobytes():
            step = 255 / (_GRAYS - 1)
            plain = gray.point([round(round(value / step) * step) for value in range(256)])
        whole = _saved(plain, lossless=True, method=2)
        if len(whole) <= _HEAVY:
            return whole
    lossy = _saved(image, quality=_QUALITY, method=2)
    return lossy if is_scan or len(lossy) < len(whole) else whole


def _saved(image: Image, **how: Any) -> bytes:
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "WEBP", **how)
    return buffer.getvalue()


def _limit(seconds: int, memory: int) -> None:
    """From now on so many seconds of computing, and so much memory; past the first, the system ends this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _soft(resource.RLIMIT_CPU, math.ceil(used.ru_utime + used.ru_stime) + seconds)
    _soft(resource.RLIMIT_AS, memory)


def _soft(which: int, most: int) -> None:
    hard = resource.getrlimit(which)[1]
    # macOS knows RLIMIT_AS but refuses to set it; the parent's clock still holds there.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(which, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _told(failure: ReadingError) -> list[str]:
    return [type(failure).__name__, failure.what, failure.where, failure.why, failure.do]


def _too_much() -> TooLarge:
    return TooLarge(
        "The page needs more memory to be drawn than any printed page does.",
        why="The file was built to fill a computer, or is damaged.",
        do="Read the page's text. Ask the clerk for the page on paper.",
    )


def _broken(number: int, what: str) -> Damaged:
    return Damaged(
        f"The page could not be drawn ({what}).",
        where=f"page {number}",
        why="Its bytes do not hold together.",
        do="Read the page's text, or ask the clerk for the file again.",
    )


def main() -> None:
    """Serve on the standard streams; whatever else writes to them writes to nowhere."""
    asks, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nowhere, stream)
    # No core file of somebody's record, and no file written at all.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    serve(asks, answers)


if __name__ == "__main__":
    main()
