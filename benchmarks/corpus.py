"""The text and the records that are measured on: real ones from POSTME_TEST_DATA, else generated and said to be."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from postme.catalogue import Catalogue

Item = TypeVar("Item")

# Chosen: enough to fill the caches and small enough to be made in seconds.
SYNTHETIC_TEXTS = 4_000
SYNTHETIC_PDFS = 12
SYNTHETIC_PAGES = 40
# Chosen: a day; the shelf asks a file again that changed within the last two seconds.
_OLD = 86_400

_FILLER = """
the council of city and to for approve budget meeting department public resolution ordinance motion second vote agenda
item report committee street park water sewer housing district member staff hearing comment year fund grant contract
service program community amount dollars plan permit zoning owner notice clerk mayor chair minutes adopted passed whereas
be it enacted section subdivision effective date hereby authorized agreement purchase project review annual tax property
transportation library health safety fire school board appointment session pursuant law code chapter title
""".split()  # noqa: SIM905  (a list of ninety words, one a line or all quoted, reads worse)


@dataclass(frozen=True, slots=True)
class Texts:
    """Documents as text, and where they are from in a sentence."""

    texts: tuple[str, ...]
    said: str
    synthetic: bool


@dataclass(frozen=True, slots=True)
class Files:
    """Records as files, sorted, and where they are from in a sentence."""

    paths: tuple[Path, ...]
    said: str
    synthetic: bool


def real(place: str) -> Path | None:
    """A place under POSTME_TEST_DATA, or ``None`` where it is not."""
    root = os.environ.get("POSTME_TEST_DATA")
    found = Path(root) / place if root else None
    return found if found and found.exists() else None


def texts(catalogue: Catalogue, *, part: float = 1.0, synthetic: bool = False) -> Texts:
    """The New York City Council's matters, or generated text."""
    matters = None if synthetic else real("nyc/matters.parquet")
    if matters:
        import polars

        found = tuple(polars.read_parquet(matters, columns=["text"])["text"].drop_nulls().to_list())
        origin = "matters of the New York City Council"
    else:
        found = _generated(catalogue, SYNTHETIC_TEXTS)
        origin = "generated texts"
    found = spaced(found, part)
    size = sum(map(len, found))
    return Texts(found, f"{len(found):,} {origin}, {size:,} characters ({size / len(found):,.0f} each).", not matters)


def spaced(items: Sequence[Item], part: float) -> tuple[Item, ...]:
    """A share of the items, evenly spaced over all of them."""
    count = max(1, round(len(items) * min(1.0, part)))
    return tuple(items[i * len(items) // count] for i in range(count))


def within(items: Sequence[str], characters: int) -> tuple[str, ...]:
    """About so many characters of ordinary documents (none longer than a tenth of it), evenly spaced."""
    ordinary = [item for item in items if len(item) <= characters / 10] or [item[:characters] for item in items[:1]]
    return spaced(ordinary, characters / sum(map(len, ordinary)))


def as_files(found: Sequence[str], folder: Path) -> tuple[Path, ...]:
    """Each text as a file of its own, a thousand a folder, as old as records are."""
    then = time.time() - _OLD
    paths = []
    for number, text in enumerate(found):
        path = folder / f"{number // 1000:03}" / f"{number:06}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="replace")
        os.utime(path, (then, then))
        paths.append(path)
    return tuple(paths)


def pdfs(catalogue: Catalogue, folder: Path, *, part: float = 1.0, synthetic: bool = False) -> Files:
    """The New Orleans City Council's minutes, or generated PDFs written into ``folder``."""
    minutes = None if synthetic else real("new-orleans/minutes")
    if minutes:
        paths = tuple(sorted(minutes.glob("*.pdf")))
        origin = "minutes of the New Orleans City Council"
    else:
        paths = _printed(catalogue, folder)
        origin = "generated PDFs"
    paths = spaced(paths, part)
    return Files(paths, f"{len(paths):,} {origin}, {pages(paths):,} pages.", not minutes)


def pages(paths: Sequence[Path]) -> int:
    """How many pages they have together."""
    from pypdfium2 import PdfDocument

    total = 0
    for path in paths:
        document = PdfDocument(path)
        total += len(document)
        document.close()
    return total


def _generated(catalogue: Catalogue, count: int) -> tuple[str, ...]:
    draw = random.Random(20260101)
    forms = [form for term in catalogue.terms for form in term.forms]
    found = []
    for _ in range(count):
        words = [draw.choice(_FILLER) for _ in range(int(draw.lognormvariate(6.3, 0.7)) + 5)]
        for _ in range(draw.choice((0, 0, 0, 1, 2))):
            words[draw.randrange(len(words))] = draw.choice(forms)
        text = ""
        for word in words:
            text += word + draw.choice(
                (" ", " ", " ", " ", " ", " ", ", ", ".\n", "\n", " “it” " if draw.random() < 0.05 else " ")
            )
        found.append(text)
    return tuple(found)


def _printed(catalogue: Catalogue, folder: Path) -> tuple[Path, ...]:
    from reportlab.lib.pagesizes import letter  # type: ignore[import-untyped]
    from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

    lines = [line for text in _generated(catalogue, 2 * SYNTHETIC_PDFS * SYNTHETIC_PAGES) for line in _wrapped(text)]
    folder.mkdir(parents=True, exist_ok=True)
    then, paths, at = time.time() - _OLD, [], 0
    for number in range(SYNTHETIC_PDFS):
        path = folder / f"{number:03}.pdf"
        canvas = Canvas(str(path), pagesize=letter, invariant=True)
        for _ in range(SYNTHETIC_PAGES):
            canvas.setFont("Helvetica", 10)
            for row in range(48):
                canvas.drawString(60, 730 - 14 * row, lines[at % len(lines)])
                at += 1
            canvas.showPage()
        canvas.save()
        os.utime(path, (then, then))
        paths.append(path)
    return tuple(paths)


def _wrapped(text: str) -> list[str]:
    words, lines, line = text.split(), [], ""
    for word in words:
        if len(line) + len(word) > 90:
            lines.append(line)
            line = ""
        line += word + " "
    return [*lines, line]
