"""PDF: each page's text exactly as PDFium gives it, with words broken over two lines made whole."""

from __future__ import annotations

import ctypes
from functools import cache
from importlib.metadata import version

import pypdfium2.raw as pdfium
from pypdfium2 import PdfDocument, PdfiumError

from postme.errors import Damaged, Locked
from postme.reading import heading, hyphens, legible, ocr, repair, scanned
from postme.reading.content import Content
from postme.record import Page, PageState

_READER = f"pypdfium2 {version('pypdfium2')}"

# Chosen: a page with fewer characters may be a picture with a page number under it; it is looked at more closely.
FEW_CHARACTERS = 20
# Chosen: scans often carry a printed stamp (an envelope number, a filing date); above this a page has its own words.
STAMP_CHARACTERS = 200


def read(data: bytes, name: str, ocr: bool) -> Content:
    """The pages of a PDF; pages that are pictures are recognized where ``ocr`` says so."""
    document = opened(data, name)
    try:
        count = len(document)
        if count < 1:
            raise Damaged(
                "The PDF has no page that could be found.",
                where=name,
                why="None of its words could be read.",
                do="Download it again; it may have been cut off.",
            )
        notes = tuple(_notes(document, data, count))
        form = has_form(document)
        pages = tuple(_page(document, number, form, ocr) for number in range(1, count + 1))
        if notes and not _is_whole(document, data):
            pages = tuple(map(_perhaps_lost, pages))
        told = heading.told(name, pages[0].text)
        return Content(
            pages,
            reader=_READER,
            title=_title(document),
            date=told.date,
            body=told.body,
            notes=notes,
        )
    finally:
        document.close()


def opened(data: bytes, name: str) -> PdfDocument:
    """The document, or ``Locked`` or ``Damaged`` in words."""
    try:
        return PdfDocument(data)
    except PdfiumError as failure:
        # PDFium keeps the last error of an earlier file where this one gave none, so the file itself is asked as well.
        if failure.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY) and b"/Encrypt" in data:
            raise Locked(
                "The PDF is encrypted and asks for a password.",
                where=name,
                why="None of its words could be read.",
                do="Ask the clerk for a copy without a password: a public record must open.",
            ) from failure
        again = repair.rebuilt(data) if b"/Encrypt" not in data else None
        if again is not None:
            try:
                return PdfDocument(again)
            except PdfiumError:
                pass  # nothing could be put together: said below, as of the file that was given
        raise Damaged(
            "The file says it is a PDF, but it holds no pages that can be put together.",
            where=name,
            why="None of its words could be read.",
            do="Download it again; it may have been cut off.",
        ) from failure


def has_form(document: PdfDocument) -> bool:
    """Whether the PDF has fields to fill in, whose values PDFium leaves out of a page's text."""
    return bool(pdfium.FPDF_GetFormType(document.raw) != pdfium.FORMTYPE_NONE)


def load(document: PdfDocument, number: int, form: bool) -> object | None:
    """PDFium's page, with what was typed into its fields made part of it; ``None`` where the page is damaged."""
    page = pdfium.FPDF_LoadPage(document.raw, number - 1)
    if form and page and pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY) == pdfium.FLATTEN_SUCCESS:
        pdfium.FPDF_ClosePage(page)
        page = pdfium.FPDF_LoadPage(document.raw, number - 1)
    return page or None


def text_of(textpage: object) -> str:
    """The text layer as PDFium gives it, every character in the order of its own list."""
    count = pdfium.FPDFText_CountChars(textpage)
    if count <= 0:
        return ""
    buffer = _buffer(1 << (count + 1).bit_length())
    written = pdfium.FPDFText_GetText(textpage, 0, count, buffer)
    # Half a surrogate pair could not be written to any file: it becomes U+FFFD, at its own place.
    text = ctypes.string_at(buffer, 2 * max(0, written - 1)).decode("utf-16-le", "replace")
    return text.replace("\0", "\ufffd") if "\0" in text else text


@cache
def _buffer(length: int) -> ctypes.Array[ctypes.c_ushort]:
    # Kept from page to page: to make one for every page's own length would cost more than the copy.
    return (ctypes.c_ushort * length)()


def page_of(page: object, number: int, *, by_eye: bool) -> Page:
    """One open page: its text layer, or its picture recognized where the layer is missing or no language."""
    textpage = pdfium.FPDFText_LoadPage(page)
    if not textpage:
        return Page(number, "", PageState.UNREADABLE, "This page's text is damaged; the other pages were read.")
    text = text_of(textpage)
    pdfium.FPDFText_ClosePage(textpage)
    if hyphens.marked(text):
        text = hyphens.mended(text)
    if len(text) < STAMP_CHARACTERS:
        seen = len(text.strip())
        if seen < FEW_CHARACTERS and scanned.is_picture(page):
            return _recognized(page, number, text, "This page is a picture", by_eye)
        if scanned.is_mostly_picture(page):
            return _recognized(page, number, text, "This page is a picture under a few printed words", by_eye)
        if not seen:
            return Page(number, text, PageState.BLANK)
    why = legible.fault(text)
    if why:
        return _recognized(page, number, text, f"This page's text layer cannot be read. {why}", by_eye)
    return Page(number, text)


def _page(document: PdfDocument, number: int, form: bool, by_eye: bool) -> Page:
    page = load(document, number, form)
    if page is None:
        return Page(number, "", PageState.UNREADABLE, "This page is damaged; the PDF's other pages were read.")
    try:
        return page_of(page, number, by_eye=by_eye)
    finally:
        pdfium.FPDF_ClosePage(page)


def _recognized(page: object, number: int, text: str, why: str, by_eye: bool) -> Page:
    """The page by text recognition, or unreadable (with what its text layer does say) and why."""
    if not by_eye:
        return Page(number, text, PageState.UNREADABLE, f"{why.rstrip('.')}; text recognition was turned off.")
    if not ocr.engine():
        return Page(number, text, PageState.UNREADABLE, f"{why.rstrip('.')}; install tesseract to read it.")
    found = ocr.recognized(scanned.drawn(page, ocr.DPI))
    if found.failure:
        return Page(number, text, PageState.UNREADABLE, f"{why.rstrip('.')}; {found.failure}")
    return Page(number, found.text, PageState.OCR, found.note)


def _is_whole(document: PdfDocument, data: bytes) -> bool:
    return b"%%EOF" in data[-2048:] and bool(pdfium.FPDF_DocumentHasValidCrossReferenceTable(document.raw))


def _perhaps_lost(page: Page) -> Page:
    """A page without content in a damaged file is unknown, not blank: its content may be what was lost."""
    if page.state is not PageState.BLANK:
        return page
    return Page(page.number, page.text, PageState.UNREADABLE, "The file is damaged and this page's content is missing.")


def _title(document: PdfDocument) -> str | None:
    try:
        return heading.title(document.get_metadata_value("Title"))
    except (UnicodeDecodeError, PdfiumError):
        return None


def _notes(document: PdfDocument, data: bytes, count: int) -> list[str]:
    notes = []
    pages = f"{count} page" + ("s" if count != 1 else "")
    if b"%%EOF" not in data[-2048:]:
        notes.append(f"The file is cut off at its end; the {pages} that could be put together were read.")
    elif not pdfium.FPDF_DocumentHasValidCrossReferenceTable(document.raw):
        notes.append(f"The file's list of parts was damaged; it was rebuilt and {pages} were read.")
    attached = pdfium.FPDFDoc_GetAttachmentCount(document.raw)
    if attached > 0:
        notes.append(f"{attached} file(s) are attached inside this PDF and were not read; save them from a PDF viewer.")
    return notes
