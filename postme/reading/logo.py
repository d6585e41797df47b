"""A logo that somebody brought: decoded, made small, and drawn anew as a PNG, so that nothing of the file that came is kept but what one sees."""

from __future__ import annotations

import contextlib
import io
import struct
from collections.abc import Iterator

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from postme.errors import Damaged, Refused, TooLarge

# Chosen: a logo for print; a picture of more bytes or dots is a photograph, or was built to fill memory.
LARGEST, MOST_PIXELS, LONGEST_SIDE = 1_000_000, 16_000_000, 8_000
# Chosen: sharp at five centimeters of paper, and some thirty kilobytes at most.
SIZE = (480, 240)
KINDS = ("PNG", "JPEG", "WEBP")
_KEPT = "A logo is kept as a small picture that runs nothing and carries nothing beside what one sees."


def redrawn(data: bytes) -> bytes:
    """A picture as a PNG of at most ``SIZE``, without metadata, animation or color profile.

    Raises Refused for what is none of ``KINDS`` (an SVG may run programs), TooLarge, and Damaged.
    """
    if len(data) > LARGEST:
        raise _large(f"{len(data):,} bytes")
    try:
        with _strictly(), Image.open(io.BytesIO(data), formats=KINDS) as picture:
            # The size stands in the head of the file: nothing is unpacked before it is looked at.
            if picture.width * picture.height > MOST_PIXELS or max(picture.size) > LONGEST_SIDE:
                raise _large(f"{picture.width:,} by {picture.height:,} dots")
            seen = ImageOps.exif_transpose(picture).convert("RGBA")
    except Image.DecompressionBombError as bomb:
        raise _large("too many dots") from bomb
    except UnidentifiedImageError as other:
        raise Refused("This is no PNG, JPEG or WebP picture.", where="logo", why=_KEPT, do="Save the logo as PNG, and bring that. An SVG can be saved as PNG by the program that drew it.") from other  # fmt: skip
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as flaw:
        raise Damaged("The picture is cut off or damaged.", where="logo", why="It could not be drawn.", do="Save it anew, and bring that.") from flaw  # fmt: skip
    seen.thumbnail(SIZE)
    # Onto a new sheet: what the file carried beside its dots does not come along.
    sheet = Image.new("RGBA", seen.size)
    sheet.paste(seen)
    out = io.BytesIO()
    sheet.save(out, "PNG", optimize=True)
    return out.getvalue()


@contextlib.contextmanager
def _strictly() -> Iterator[None]:
    """Whoever prints PDFs has told the library to draw half a picture; a logo is whole or none."""
    before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _large(what: str) -> TooLarge:
    return TooLarge(f"This picture is too large: {what}.", where="logo", why=_KEPT, do=f"Make it smaller: at most {LARGEST // 1000:,} kilobytes, and {LONGEST_SIDE:,} dots along a side.")  # fmt: skip
