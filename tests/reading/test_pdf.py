"""PDF: text as PDFium gives it, broken words made whole, boxes where the words were drawn."""

from __future__ import annotations

import io
import os
import re
import resource
from pathlib import Path

import pytest
from broken.make import SENTENCE, drawn_pdf, garbage_font, pdf, scanned_pdf
from reportlab.lib.pagesizes import letter
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen import canvas

from postme import reading
from postme.reading import hyphens, legible, ocr
from postme.record import PageState

DATA = Path(os.environ.get("POSTME_TEST_DATA", ""))
tesseract = pytest.mark.skipif(
    not reading.ocr_engine(), reason="tesseract is not installed: pages cannot be recognized"
)


def test_pages_come_in_order_with_their_words() -> None:
    record = reading.read(pdf(3), "minutes.pdf")
    assert [page.number for page in record.pages] == [1, 2, 3]
    assert record.pages[1].text == f"Page 2\r\n{SENTENCE}"
    assert record.media_type == "application/pdf"
    assert record.reader.startswith("pypdfium2 ")
    assert record.notes == ()


def test_a_word_split_at_a_lines_end_is_whole_again() -> None:
    text = reading.read(pdf(lines=("The policy covers all surveil-", "lance technology.")), "a.pdf").pages[0].text
    assert text.endswith("The policy covers all surveillance technology.")


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        ("the off-", "street lot", "off-street"),
        ("Zoning Docket UD-", "20-02", "UD-20-02"),
        ("Magistrate Flemings-", "Davillier", "Flemings-Davillier"),
        ("a license-", "plate reader", "license-plate"),
        ("SURVEIL-", "LANCE", "SURVEILLANCE"),
        ("the re-", "cording of calls", "recording"),
        ("auto-", "mated readers", "automated"),
    ],
)
def test_a_printed_hyphen_stays_and_a_splitting_one_goes(first: str, second: str, whole: str) -> None:
    assert whole in reading.read(pdf(lines=(first, second)), "a.pdf").pages[0].text


def test_the_rest_of_the_page_tells_a_compound_from_a_split_word() -> None:
    assert hyphens.mended("gun\ufffeshot. A gun was found; the shot missed.").startswith("gun-shot")
    assert hyphens.mended("gun\ufffeshot. The gunshot sensor; a gun; a shot.").startswith("gunshot")


def test_title_comes_from_the_file_and_its_dates_do_not() -> None:
    buffer = io.BytesIO()
    drawing = canvas.Canvas(buffer)
    drawing.setTitle("Surveillance Use Policy")
    drawing.drawString(72, 700, "Adopted by the members")
    drawing.save()
    record = reading.read(buffer.getvalue(), "policy.pdf")
    assert record.title == "Surveillance Use Policy"
    assert record.date is None
    assert record.body is None


def test_an_empty_page_is_blank_and_a_page_with_few_words_is_text() -> None:
    assert reading.read(drawn_pdf(b""), "a.pdf").pages[0].state is PageState.BLANK
    few = reading.read(drawn_pdf(b"BT /F1 14 Tf 72 700 Td (Exhibit A) Tj ET"), "a.pdf").pages[0]
    assert (few.state, few.text) == (PageState.TEXT, "Exhibit A")
    boxed = reading.read(drawn_pdf(b"10 10 200 300 re S"), "a.pdf").pages[0]
    assert boxed.state is PageState.BLANK


@tesseract
def test_a_scanned_page_is_recognized_and_says_how_surely() -> None:
    page = reading.read(scanned_pdf(), "scan.pdf").pages[0]
    assert page.state is PageState.OCR
    assert re.fullmatch(r"tesseract \d[\d.]*, mean confidence \d+%", page.note)
    assert "automated license plate readers" in page.text


@tesseract
def test_a_page_whose_font_lies_is_recognized_instead() -> None:
    page = reading.read(garbage_font(), "a.pdf").pages[0]
    assert page.state is PageState.OCR
    assert "gunshot detection" in page.text


def test_without_tesseract_a_scanned_page_is_unreadable_and_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "engine", lambda: "")
    page = reading.read(scanned_pdf("Envelope 12AB34CD filed with the clerk"), "scan.pdf").pages[0]
    assert page.state is PageState.UNREADABLE
    assert "install tesseract to read it" in page.note
    assert "Envelope 12AB34CD" in page.text


@pytest.mark.parametrize(
    "text",
    [
        "\ue001\ue002\ue003\ue004 " * 30,
        "$XWRPDWHG OLFHQVH SODWH UHDGHUV ZHUH GLVFXVVHG EB WKH FRXQFLO " * 5,
        "\x13\x14\x15\x16\x17 (\x18\x19)" * 20,
        "!\"#$%&'()+,/:;<>?@[]^~{} " * 10,
        "\ufffd\ufffd\ufffd",
    ],
)
def test_garbage_is_told_by_its_letters(text: str) -> None:
    assert legible.fault(text)


@pytest.mark.parametrize(
    "text",
    [
        SENTENCE * 5,
        "Chapter 147 ............................................................ 31\n" * 30,
        "$1,200.00  $3,400.00  12/4/23  (45%)\n" * 40,
        "PLAN DE VIGILANCIA: la cámara grabó a los vecinos. " * 9,
        "Hội đồng thành phố đã thảo luận về máy đọc biển số xe. " * 9,
        "警察局使用車牌辨識系統。" * 40,
        "_____________ |______| ------ \n" * 30,
        "7",
    ],
)
def test_language_and_tables_are_no_garbage(text: str) -> None:
    assert legible.fault(text) == ""


def test_a_page_of_abbreviations_taken_for_garbage_keeps_its_words() -> None:
    page = reading.read(pdf(lines=("LPR DVR CCTV RFP BWC FRT DHS",) * 9), "a.pdf", ocr=False).pages[0]
    assert page.state is PageState.UNREADABLE
    assert "CCTV" in page.text


def test_a_words_box_lies_where_the_word_was_drawn() -> None:
    data = pdf(lines=(SENTENCE,))
    text = reading.read(data, "a.pdf").pages[0].text
    boxes = {text[box.start : box.end]: box for box in reading.words(data, 1)}
    assert [text[box.start : box.end] for box in reading.words(data, 1)] == text.split()
    left = 72 + stringWidth("The council discussed automated license ", "Helvetica", 12)
    box = boxes["plate"]
    assert box.left == pytest.approx(left, abs=1.5)
    assert box.right == pytest.approx(left + stringWidth("plate", "Helvetica", 12), abs=1.5)
    assert box.top < 72 + 20 < box.bottom  # the line stands 92 points from the top
    assert box.bottom - box.top < 20


def test_boxes_turn_with_the_page() -> None:
    data = drawn_pdf(b"BT /F1 14 Tf 72 700 Td (Drones over everything) Tj ET", page=b"/Rotate 90")
    box = reading.words(data, 1)[0]
    # Turned to the right, what stood 72 from the left and 92 from the top stands 700 from the left, 72 from the top.
    assert box.left <= 700 <= box.right
    assert box.top == pytest.approx(72, abs=2)


def test_a_word_over_two_lines_has_a_box_in_each() -> None:
    data = pdf(lines=("The policy covers all surveil-", "lance technology.", "The off-", "street lot"))
    text = reading.read(data, "a.pdf").pages[0].text
    found = [text[box.start : box.end] for box in reading.words(data, 1)]
    assert [part for part in found if part in ("surveil", "lance", "off-", "street")] == [
        "surveil",
        "lance",
        "off-",
        "street",
    ]
    boxes = {text[box.start : box.end]: box for box in reading.words(data, 1)}
    assert boxes["lance"].top > boxes["surveil"].top + 10
    assert boxes["lance"].left == pytest.approx(72, abs=1.5)


@tesseract
def test_boxes_of_a_recognized_page_lie_in_its_picture() -> None:
    data = scanned_pdf()
    text = reading.read(data, "scan.pdf").pages[0].text
    boxes = {text[box.start : box.end]: box for box in reading.words(data, 1)}
    assert boxes["council"].top == pytest.approx(150 * 72 / 150, abs=20)
    assert boxes["The"].left == pytest.approx(100 * 72 / 150, abs=5)


def test_a_page_that_is_not_there_says_how_many_there_are() -> None:
    with pytest.raises(reading.Damaged, match="it has 2"):
        reading.words(pdf(2), 3)


def test_what_was_typed_into_a_form_is_read() -> None:
    buffer = io.BytesIO()
    drawing = canvas.Canvas(buffer, pagesize=letter)
    drawing.drawString(72, 700, "Equipment requested by the department:")
    drawing.acroForm.textfield(name="item", value="Armored vehicle", x=72, y=640, width=300, height=30)
    drawing.save()
    data = buffer.getvalue()
    text = reading.read(data, "form.pdf").pages[0].text
    assert "Armored vehicle" in text
    assert "Armored" in [text[box.start : box.end] for box in reading.words(data, 1)]


def test_letters_outside_the_basic_plane_keep_offsets_right() -> None:
    to_unicode = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def\n"
        b"1 begincodespacerange <00> <FF> endcodespacerange\n1 beginbfchar <41> <D835DC00> endbfchar endcmap end end"
    )
    data = drawn_pdf(b"BT /F1 14 Tf 72 700 Td (A plate A reader and further words) Tj ET", to_unicode)
    text = reading.read(data, "a.pdf").pages[0].text
    assert text.startswith("\U0001d400 plate \U0001d400 reader")
    boxes = {text[box.start : box.end]: box for box in reading.words(data, 1)}
    assert boxes["plate"].left == pytest.approx(72 + stringWidth("A ", "Helvetica", 14), abs=1.5)


def test_memory_stays_flat_over_many_pages() -> None:
    reading.read(pdf(100), "a.pdf")
    data = pdf(1500)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    reading.read(data, "a.pdf")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000  # kilobytes


@pytest.mark.skipif(not (DATA / "new-orleans" / "minutes").is_dir(), reason="POSTME_TEST_DATA holds no real records")
def test_the_real_minutes_give_2169_pages() -> None:
    files = sorted((DATA / "new-orleans" / "minutes").glob("*.pdf"))
    records = [reading.read(file.read_bytes(), file.name) for file in files]
    assert len(records) == 44
    assert sum(len(record.pages) for record in records) == 2169
    assert {page.state for record in records for page in record.pages} == {PageState.TEXT}
    assert {record.body for record in records} == {"City Council"}
    assert [r.date for r, f in zip(records, files, strict=True) if "3-24-2022" in f.name] == ["2022-03-24"]
