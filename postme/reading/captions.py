"""Captions of a recording (WebVTT, SRT): what was said as one page, and when each cue began."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from postme.errors import Damaged
from postme.reading import heading, text
from postme.reading.content import Content
from postme.record import Page

_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMING = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}")
# Source: WebVTT, 3.2: cue components (voice, class, language, ruby, timestamps); SRT adds font tags and {\an8}.
_TAG = re.compile(r"</?(?:[a-zA-Z][^<>]{0,200}|\d[\d:.]*)?>|\{\\[^{}]{0,40}\}")
_BREAK = re.compile(r"\r\n|\r|\n")
_SKIPPED = ("NOTE", "STYLE", "REGION")


def read(data: bytes, name: str, ocr: bool) -> Content:  # noqa: ARG001 - every reader is asked the same way
    """The cues in their order, a line each, with ``moments`` (offset, seconds) for each cue that adds words."""
    said, notes = text.decoded(data, name)
    lines: list[str] = []
    moments: list[tuple[int, float]] = []
    length = 0
    shown: list[str] = []  # the lines of the cue before: live captions roll, and show each line again below the next
    faults: list[int] = []
    for seconds, cue in _cues(said, faults):
        fresh = _fresh(shown, cue)
        shown = cue or shown
        if not fresh:
            continue
        words = " ".join(fresh)
        if lines:
            length += 1
        # Captions that jump back in time keep the order of the file, but a search by offset needs ascending pairs.
        moments.append((length, seconds))
        lines.append(words)
        length += len(words)
    if not lines:
        raise Damaged(
            "The caption file holds no cue that could be read.",
            where=name,
            why="Nothing that was said could be searched.",
            do="Download the captions again, or ask for the recording's transcript.",
        )
    if faults:
        notes = (*notes, f"{len(faults)} cue(s) without a readable time were left out, the first in line {faults[0]}.")
    told = heading.told(name, "")
    page = Page(1, "\n".join(lines), moments=tuple(moments))
    return Content((page,), reader="captions", date=told.date, body=told.body, notes=notes)


def _cues(said: str, faults: list[int]) -> Iterator[tuple[float, list[str]]]:
    """Each cue's start in seconds and its lines without tags; line numbers of broken timings go into ``faults``."""
    block: list[tuple[int, str]] = []
    for number, line in enumerate((*_BREAK.split(said), ""), 1):
        if line.strip() or (block and "-->" in block[-1][1]):
            if line.strip():
                block.append((number, line))
            continue  # live captioners leave a blank line between a cue's time and its words
        yield from _cue(block, faults)
        block = []
    yield from _cue(block, faults)


def _cue(block: list[tuple[int, str]], faults: list[int]) -> Iterator[tuple[float, list[str]]]:
    if not block or block[0][1].split(maxsplit=1)[0].removeprefix("\ufeff") in _SKIPPED:
        return
    times = [at for at, (_, line) in enumerate(block) if "-->" in line]
    for place, at in enumerate(times):
        end = times[place + 1] if place + 1 < len(times) else len(block)
        start = _TIMING.match(block[at][1])
        if start is None:
            faults.append(block[at][0])
            continue
        hours, minutes, seconds, thousandths = (part or "0" for part in start.groups()[:4])
        moment = int(hours) * 3600 + int(minutes) * 60 + int(seconds) + int(thousandths.ljust(3, "0")) / 1000
        rest = [line for _, line in block[at + 1 : end]]
        if place + 1 < len(times) and rest and rest[-1].strip().isdecimal():
            rest.pop()  # the number of the next cue, where no blank line stands between
        cue = [clean for line in rest if (clean := _clean(line))]
        yield moment, cue


def _clean(line: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", line)).split())


def _fresh(shown: list[str], cue: list[str]) -> list[str]:
    """The cue's lines that were not shown yet: where its first lines repeat the last ones before it, they roll."""
    for overlap in range(min(len(shown), len(cue)), 0, -1):
        if shown[-overlap:] == cue[:overlap]:
            return cue[overlap:]
    if len(shown) == 1 and cue and cue[0].startswith(shown[0] + " "):
        return [cue[0][len(shown[0]) + 1 :], *cue[1:]]  # a line that grows word by word
    return cue
