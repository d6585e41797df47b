"""Pictures of pages (PNG, JPEG, TIFF): a page for each frame, through text recognition."""

from __future__ import annotations

import io
import math

from PIL import Image, ImageOps, UnidentifiedImageError

from postme.errors import Damaged, TooLarge
from postme.reading import heading, ocr
from postme.reading.content import Content
from postme.reading.scanned import MOST_PIXELS
from postme.record import Page, PageState

# Chosen: a sheet of 36 by 48 inches at 400 dots an inch; a picture that unpacks to more was built to fill memory.
LARGEST = 280_000_000
# Chosen: faxes and scanned books have hundreds of frames.
MOST_FRAMES = 5_000
_KINDS = ("PNG", "JPEG", "TIFF")


def read(data: bytes, name: str, ocr: bool) -> Content:
    """The picture's frames as pages: recognized, or unreadable with what to do."""
    try:
        with Image.open(io.BytesIO(data), formats=_KINDS) as picture:
            frames = min(getattr(picture, "n_frames", 1), MOST_FRAMES)
            pages = tuple(_page(picture, number, name, ocr) for number in range(1, frames + 1))
    except Image.DecompressionBombError as bomb:
        raise _bomb(name) from bomb
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as flaw:
        raise Damaged(
            "The picture is cut off or damaged.",
            where=name,
            why="None of its words could be read.",
            do="Download it again, or scan the page anew.",
        ) from flaw
    told = heading.told(name, pages[0].text)
    return Content(pages, reader=_engine(pages), date=told.date, body=told.body)


def _engine(pages: tuple[Page, ...]) -> str:
    return ocr.engine() if any(page.state is PageState.OCR for page in pages) else "pillow"


def _page(picture: Image.Image, number: int, name: str, by_eye: bool) -> Page:
    picture.seek(number - 1)
    if picture.width * picture.height > LARGEST:
        raise _bomb(name)
    picture.load()  # a picture that is cut off says so here, whether or not its words are asked for
    if not by_eye:
        return Page(number, "", PageState.UNREADABLE, "This page is a picture; text recognition was turned off.")
    if not ocr.engine():
        return Page(number, "", PageState.UNREADABLE, "This page is a picture; install tesseract to read it.")
    gray = ImageOps.exif_transpose(picture).convert("L")
    if gray.width * gray.height > MOST_PIXELS:
        smaller = math.sqrt(MOST_PIXELS / (gray.width * gray.height))
        gray = gray.resize((max(1, int(gray.width * smaller)), max(1, int(gray.height * smaller))))
    found = ocr.recognized(gray)
    if found.failure:
        return Page(number, "", PageState.UNREADABLE, f"This page is a picture; {found.failure}")
    return Page(number, found.text, PageState.OCR, found.note)


def _bomb(name: str) -> TooLarge:
    return TooLarge(
        f"The picture unpacks to more than {LARGEST:,} dots.",
        where=name,
        why="No scanned page is that large: the file was built to fill a computer, or is damaged.",
        do="Scan the page anew at 300 dots an inch.",
    )
