"""A logo is what one sees of a picture and nothing else: no script, no metadata, no bomb."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from postme.errors import Damaged, PostmeError, Refused, TooLarge
from postme.reading import logo


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 200), **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#0a0").save(out, kind, **more)
    return out.getvalue()


@pytest.mark.parametrize("kind", logo.KINDS)
def test_each_kind_that_is_taken_becomes_a_png_of_the_same_picture(kind: str) -> None:
    with Image.open(io.BytesIO(logo.redrawn(picture(kind)))) as made:
        assert (made.format, made.size) == ("PNG", (300, 200))
        red, green, blue, alpha = made.convert("RGBA").getpixel((150, 100))
        assert green > 150 and red < 20 and blue < 20 and alpha == 255


def test_a_large_picture_is_made_small_and_keeps_its_shape() -> None:
    with Image.open(io.BytesIO(logo.redrawn(picture(size=(3000, 1000))))) as made:
        assert made.size == (480, 160)


def test_nothing_that_a_file_carries_beside_its_dots_comes_along() -> None:
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", "zqauthor")
    told.add_itxt("XML:com.adobe.xmp", "<zqxmp/>")
    exif = Image.Exif()
    exif[0x010E] = "zqexif"
    for data in (picture(pnginfo=told), picture("JPEG", exif=exif, comment=b"zqcomment"), picture() + b"<script>zqtail</script>"):  # fmt: skip
        assert b"zq" in data
        assert b"zq" not in logo.redrawn(data)
        with Image.open(io.BytesIO(logo.redrawn(data))) as made:
            assert not made.info and not made.getexif()


def test_a_picture_that_a_phone_turned_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(io.BytesIO(logo.redrawn(picture("JPEG", exif=exif)))) as made:
        assert made.size == (160, 240)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("data", "kind", "says"),
    [
        (SVG, Refused, "no PNG, JPEG or WebP"), (picture("GIF"), Refused, "no PNG"), (picture("BMP"), Refused, "no PNG"), (b"", Refused, "no PNG"),
        (b"%PDF-1.4", Refused, "no PNG"), (picture()[:80], Damaged, "cut off"), (picture("JPEG", size=(900, 900))[:700], Damaged, "cut off"),
        (b"\0" * (logo.LARGEST + 1), TooLarge, "too large"), (picture(size=(8001, 2)), TooLarge, "8,001"),
    ],
)  # fmt: skip
def test_what_is_no_logo_is_refused_with_what_to_do(data: bytes, kind: type[PostmeError], says: str) -> None:
    with pytest.raises(kind, match=says) as told:
        logo.redrawn(data)
    assert told.value.do


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@pytest.mark.parametrize("size", [(60_000, 60_000), (5_000, 5_000), (2**31 - 1, 1)])
def test_a_small_file_that_unpacks_to_very_much_is_refused_before_it_is_unpacked(size: tuple[int, int]) -> None:
    head = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 900_000)) + chunk(b"IEND", b"")  # fmt: skip
    assert len(bomb) < 3_000
    with pytest.raises(TooLarge):
        logo.redrawn(bomb)


def test_words_that_unpack_to_very_much_fill_no_memory() -> None:
    words = chunk(b"zTXt", b"a\0\0" + zlib.compress(b"x" * 200_000_000))
    data = picture()
    at = data.index(b"IDAT") - 4
    with pytest.raises(Damaged):
        logo.redrawn(data[:at] + words + data[at:])


def test_half_a_picture_is_refused_although_printing_told_the_library_to_draw_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from PIL import ImageFile

    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    out = io.BytesIO()
    Image.effect_noise((200, 200), 60).save(out, "PNG")
    with pytest.raises(Damaged):
        logo.redrawn(out.getvalue()[: len(out.getvalue()) // 2])
    assert ImageFile.LOAD_TRUNCATED_IMAGES is True
