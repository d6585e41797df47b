"""A PDF page as a picture: whether it is one, and what it looks like."""

from __future__ import annotations

import ctypes
import math
from typing import TYPE_CHECKING

import pypdfium2.raw as pdfium

if TYPE_CHECKING:
    from PIL.Image import Image

# Chosen: a box or a rule has 4 or 5 segments, lettering drawn as outlines some ten a letter.
OUTLINE_SEGMENTS = 100
# Chosen: a scan fills its page; a seal or a photograph beside a short text does not.
FILLS = 0.5
# Chosen: letter size at 300 dpi is 8.4 million pixels; a drawing of a whole sheet is scaled down to this.
MOST_PIXELS = 50_000_000
# Chosen: objects nested deeper are no page anybody printed.
_DEEPEST = 8


def is_picture(page: object) -> bool:
    """Whether the page holds an image, or enough path art to be lettering drawn as outlines."""
    return _art(page)[0]


def is_mostly_picture(page: object) -> bool:
    """Whether one image fills at least half the page, as a scan does under a stamp."""
    return _art(page)[1] >= FILLS


def dots(page: object, dpi: int) -> float:
    """The dots an inch that ``drawn`` can give this page."""
    area = pdfium.FPDF_GetPageWidthF(page) * pdfium.FPDF_GetPageHeightF(page)
    return min(float(dpi), 72 * math.sqrt(MOST_PIXELS / max(1.0, area)))


def drawn(page: object, dpi: int) -> Image:
    """The page in gray at ``dpi`` dots an inch, less where it would pass ``MOST_PIXELS``."""
    from PIL import Image

    wide, high = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
    scale = dots(page, dpi) / 72
    width, height = max(1, math.ceil(wide * scale)), max(1, math.ceil(high * scale))
    bitmap = pdfium.FPDFBitmap_CreateEx(width, height, pdfium.FPDFBitmap_Gray, None, 0)
    if not bitmap:
        raise MemoryError(f"no bitmap of {width} x {height}")
    try:
        pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xFFFFFFFF)
        pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, pdfium.FPDF_ANNOT)
        stride = pdfium.FPDFBitmap_GetStride(bitmap)
        raw = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), stride * height)
        return Image.frombuffer("L", (width, height), raw, "raw", "L", stride, 1)
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)


def shown(page: object, width: int, height: int) -> Image:
    """The page in its colors on white, stretched to exactly so many pixels."""
    from PIL import Image

    bitmap = pdfium.FPDFBitmap_CreateEx(width, height, pdfium.FPDFBitmap_BGRx, None, 0)
    if not bitmap:
        raise MemoryError(f"no bitmap of {width} x {height}")
    try:
        pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xFFFFFFFF)
        pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, pdfium.FPDF_ANNOT)
        stride = pdfium.FPDFBitmap_GetStride(bitmap)
        raw = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), stride * height)
        return Image.frombytes("RGB", (width, height), raw, "raw", "BGRX", stride, 1)
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)


def _art(page: object) -> tuple[bool, float]:
    """Whether the page holds a picture, and the share of it that its largest image fills."""
    area = max(1.0, pdfium.FPDF_GetPageWidthF(page) * pdfium.FPDF_GetPageHeightF(page))
    images, segments, largest = 0, 0, 0.0
    held = [(pdfium.FPDFPage_GetObject(page, i), 0) for i in range(pdfium.FPDFPage_CountObjects(page))]
    while held:
        thing, depth = held.pop()
        sort = pdfium.FPDFPageObj_GetType(thing)
        if sort == pdfium.FPDF_PAGEOBJ_IMAGE:
            images += 1
            # An image inside a form is measured in the form's own units, so it counts as filling the page.
            largest = max(largest, _area(thing) / area if depth == 0 else 1.0)
        elif sort == pdfium.FPDF_PAGEOBJ_PATH:
            segments += max(0, pdfium.FPDFPath_CountSegments(thing))
        elif sort == pdfium.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
            held.extend(
                (pdfium.FPDFFormObj_GetObject(thing, i), depth + 1)
                for i in range(max(0, pdfium.FPDFFormObj_CountObjects(thing)))
            )
    return images > 0 or segments >= OUTLINE_SEGMENTS, largest


def _area(thing: object) -> float:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not pdfium.FPDFPageObj_GetBounds(thing, left, bottom, right, top):
        return 0.0
    return abs((right.value - left.value) * (top.value - bottom.value))
