"""Pictures of pages: words boxed where they are drawn, hidden words gone from the pixels, bombs that stop no server."""

from __future__ import annotations

import io
import multiprocessing
import multiprocessing.connection
import os
import re
import shutil
import signal
import subprocess
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from broken.make import SENTENCE, drawn_pdf, objects, outlines, pdf, scanned_pdf, stream
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

from postme import reading
from postme.errors import Damaged, Locked, ReadingError, TooLarge
from postme.reading import easel, ocr
from postme.reading import picture as drawing
from postme.reading.picture import Box, Placed

RECORDS = Path(__file__).parents[2] / "postme" / "examples" / "mill-falls" / "records"
MINUTES = Path(os.environ.get("POSTME_TEST_DATA", "")) / "new-orleans" / "minutes"
real = pytest.mark.skipif(not MINUTES.is_dir(), reason="POSTME_TEST_DATA holds no real records")
tesseract = pytest.mark.skipif(
    not reading.ocr_engine() and not os.environ.get("POSTME_REQUIRE_OCR"),
    reason="tesseract is not installed: pictures cannot be read back",
)
poppler = pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler is not installed: it is the outside oracle")
DRAWN = b"BT /F1 14 Tf 72 700 Td (Drones over everything) Tj 0 -40 Td (and plate readers) Tj ET"


def image(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.format == "WEBP"
        return opened.convert("RGB")


def pixels(box: Box, size: tuple[int, int], more: int = 0) -> tuple[int, int, int, int]:
    wide, high = size
    left, top = int(box.x * wide) - more, int(box.y * high) - more
    return left, top, int((box.x + box.w) * wide) + 1 + more, int((box.y + box.h) * high) + 1 + more


def ink(part: Image.Image) -> int:
    """How many pixels are darker than half."""
    return sum(part.convert("L").histogram()[:128])


def media(box: bytes) -> bytes:
    return drawn_pdf(DRAWN).replace(b"/MediaBox[0 0 612 792]", b"/MediaBox[%s]" % box)


# --- the picture


def test_a_picture_is_as_wide_as_asked_and_as_high_as_its_page() -> None:
    assert image(drawing.picture(pdf(), 1, width=900)).size == (900, 1165)
    assert image(drawing.picture(pdf(), 1)).size == drawing.size(612, 792, 1200) == (1200, 1553)


def test_a_picture_from_a_path_is_that_from_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf())
    assert drawing.picture(tmp_path / "a.pdf", 1) == drawing.picture(pdf(), 1)


def test_a_page_of_text_is_drawn_without_loss_and_a_colored_one_keeps_its_color() -> None:
    grays = image(drawing.picture(pdf(), 1)).convert("L").histogram()
    assert grays[0] and grays[255] and sum(1 for count in grays if count) <= 16
    assert image(drawing.picture(drawn_pdf(b"0.8 0.1 0.1 rg 0 0 612 792 re f"), 1)).getpixel((600, 700)) == (
        204,
        26,
        26,
    )


@pytest.mark.parametrize(("wide", "high"), [(612, 792), (72, 14400), (14400, 72), (14400, 14400), (0.01, 700)])
@pytest.mark.parametrize("width", [-5, 1, 600, 2400, 10**9])
def test_no_page_makes_a_picture_past_the_limits(wide: float, high: float, width: int) -> None:
    across, down = drawing.size(wide, high, width)
    assert 1 <= across <= 2400
    assert 1 <= down <= easel.MOST_SIDE
    assert across * down <= easel.MOST_PIXELS * 1.01


# --- words and their boxes


@pytest.mark.parametrize("page", [b"", b"/Rotate 90", b"/Rotate 180", b"/Rotate 270", b"/Rotate -90", b"/Rotate 450"])
@pytest.mark.parametrize("crop", [b"", b"/CropBox[50 600 400 750]"])
def test_every_box_holds_ink_and_outside_all_boxes_there_is_none(page: bytes, crop: bytes) -> None:
    data = drawn_pdf(DRAWN, page=page + crop)
    shown = image(drawing.picture(data, 1))
    found = drawing.placed(data, 1)
    # In what order a turned page's lines are read is PDFium's to say.
    said = sorted(found.text[start:end] for start, end, _ in found.words)
    assert said == ["Drones", "and", "everything", "over", "plate", "readers"]
    for _, _, box in found.words:
        assert ink(shown.crop(pixels(box, shown.size))) > 100
    for _, _, box in found.words:
        shown.paste((255, 255, 255), pixels(box, shown.size, more=1))
    assert ink(shown) == 0


def test_a_quote_has_one_box_a_line_and_a_broken_word_one_in_each() -> None:
    data = pdf(lines=("The policy covers all surveil-", "lance technology of", "the off-", "street lot"))
    text = reading.read(data, "a.pdf").pages[0].text

    def of(quote: str) -> list[Box]:
        return list(drawing.boxes(data, 1, text.index(quote), text.index(quote) + len(quote)))

    assert len(of("policy covers")) == 1
    first, second = of("surveillance")
    assert second.y > first.y
    assert second.x == pytest.approx(72 / 612, abs=0.003)
    assert len(of("surveillance technology of\r\nthe off-street")) == 4
    assert drawing.boxes(data, 1, 3, 3) == ()
    assert drawing.boxes(data, 1, len(text), len(text) + 9) == ()


def test_a_soft_hyphen_moves_no_box() -> None:
    # In WinAnsi octal 255 is a soft hyphen: in the middle of a line it is drawn or not, at its end it breaks the word.
    data = drawn_pdf(rb"BT /F1 14 Tf 72 700 Td (a sur\255veil plate and surveil\255) Tj 0 -20 Td (lance drone) Tj ET")
    text = reading.read(data, "a.pdf").pages[0].text
    found = drawing.placed(data, 1)
    assert found.text == text
    shown = image(drawing.picture(data, 1))
    plate, drone = (drawing.boxes(data, 1, text.index(w), text.index(w) + 5)[0] for w in ("plate", "drone"))
    assert ink(shown.crop(pixels(plate, shown.size))) > 100
    assert drone.y > plate.y
    assert "surveillance" in text
    whole = drawing.boxes(data, 1, text.index("surveillance"), text.index("surveillance") + 12)
    assert [box.y for box in whole] == [pytest.approx(plate.y, abs=0.002), pytest.approx(drone.y, abs=0.002)]


def bbox(data: bytes, page: int) -> list[tuple[str, tuple[float, float, float, float]]]:
    """Poppler's words of a page and their boxes, in shares of the page."""
    told = subprocess.run(
        ["pdftotext", "-bbox", "-f", str(page), "-l", str(page), "-", "-"], input=data, capture_output=True, check=True
    ).stdout.decode()
    wide, high = map(float, re.search(r'<page width="([\d.]+)" height="([\d.]+)"', told).groups())  # type: ignore[union-attr]
    words = re.findall(r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>', told)
    return [(w[4], (float(w[0]) / wide, float(w[1]) / high, float(w[2]) / wide, float(w[3]) / high)) for w in words]


def agree(data: bytes, page: int) -> float:
    """The share of poppler's plain words at whose middle one of ours of the same letters stands."""
    found = drawing.placed(data, page)
    ours = [(found.text[start:end], box) for start, end, box in found.words]
    theirs = [(word, edges) for word, edges in bbox(data, page) if word.isalnum()]
    hits = sum(
        any(said.strip(".,;:()\"'") == word and box.x <= (e[0] + e[2]) / 2 <= box.x + box.w
            and box.y <= (e[1] + e[3]) / 2 <= box.y + box.h for said, box in ours)
        for word, e in theirs
    )  # fmt: skip
    assert theirs
    return hits / len(theirs)


@poppler
@pytest.mark.parametrize(
    "name", ["2025-10-14-council-minutes", "2025-11-18-council-minutes", "2025-12-02-corvane-agreement"]
)
def test_words_stand_where_poppler_says_on_the_example_records(name: str) -> None:
    data = (RECORDS / f"{name}.pdf").read_bytes()
    assert all(agree(data, page) > 0.97 for page in (1, 2, 3))


@poppler
@real
def test_words_stand_where_poppler_says_on_real_minutes() -> None:
    for path in sorted(MINUTES.glob("*.pdf"))[::15]:
        assert all(agree(path.read_bytes(), page) > 0.97 for page in (1, 4, 9))


def read_back(shown: Image.Image, boxes: tuple[Box, ...]) -> str:
    """What tesseract reads where the boxes are, everything else made white."""
    sheet = Image.new("RGB", shown.size, (255, 255, 255))
    for box in boxes:
        cut = pixels(box, shown.size, more=1)
        sheet.paste(shown.crop(cut), cut[:2])
    return " ".join(ocr.recognized(sheet.convert("L")).text.split())


@tesseract
def test_what_is_cut_out_of_the_picture_is_the_quote() -> None:
    data = (RECORDS / "2025-12-02-corvane-agreement.pdf").read_bytes()
    text = reading.read(data, "a.pdf").pages[0].text
    shown = image(drawing.picture(data, 1, width=2400))
    start = text.index("license plate number")
    end = text.index("the City selects") + len("the City selects")
    assert read_back(shown, drawing.boxes(data, 1, start, end)) == " ".join(text[start:end].split())


@tesseract
@real
def test_what_is_cut_out_of_a_real_picture_is_the_quote() -> None:
    data = next(path for path in MINUTES.glob("*3-24-2022.pdf")).read_bytes()
    text = reading.read(data, "a.pdf").pages[4].text
    start = text.index("commitment to the full equality")
    end = text.index("gender expressions while") + len("gender expressions while")
    said = read_back(image(drawing.picture(data, 5, width=2400)), drawing.boxes(data, 5, start, end))
    assert said == " ".join(text[start:end].split())


@tesseract
def test_a_recognized_pages_boxes_are_found_again_though_it_reads_a_little_differently_now() -> None:
    data = scanned_pdf()
    text = reading.read(data, "scan.pdf").pages[0].text
    shown = image(drawing.picture(data, 1, width=2400))
    start = text.index("license plate")
    boxes = drawing.boxes(data, 1, start, start + 13)
    assert read_back(shown, boxes) == "license plate"
    kept = text.replace("council", "coun cil")
    assert drawing.boxes(data, 1, start + 1, start + 14, text=kept) == boxes
    assert drawing.boxes(data, 1, kept.index("cil"), kept.index("cil") + 3, text=kept) == ()


@given(
    st.lists(st.text("ab", min_size=1, max_size=3), max_size=12),
    st.lists(st.text("ab", min_size=1, max_size=3), max_size=12),
)
def test_a_word_found_again_is_the_same_word(now: list[str], kept: list[str]) -> None:
    text, before = " ".join(now), " ".join(kept)
    words = tuple((w.start(), w.end(), Box(n / 100, 0, 0.01, 0.01)) for n, w in enumerate(re.finditer(r"\S+", text)))
    names = {box: text[start:end] for start, end, box in words}
    for start, end, box in drawing.aligned(Placed(text, 612, 792, words), before):
        assert before[start:end] == names[box]


@given(st.lists(st.text("ab", min_size=1, max_size=3), max_size=12))
def test_a_page_read_the_same_keeps_every_box(now: list[str]) -> None:
    text = " ".join(now)
    words = tuple((w.start(), w.end(), Box(n / 100, 0, 0.01, 0.01)) for n, w in enumerate(re.finditer(r"\S+", text)))
    assert drawing.aligned(Placed(text, 612, 792, words), text) == words
    spread = drawing.aligned(Placed(text, 612, 792, words), text + "\n")
    assert spread == words


# --- what is hidden


# Letters that stand far out of the width that their font gives them.
@example("Times-Italic", 40, "f", 0, 2400)
@example("Times-BoldItalic", 40, "J", 0, 2400)
@example("Helvetica-BoldOblique", 40, "fW/", 90, 1200)
@settings(max_examples=12)
@given(
    st.sampled_from(["Helvetica", "Helvetica-BoldOblique", "Times-Italic", "Times-BoldItalic", "Courier"]),
    st.floats(5, 40),
    st.text("fjgqyAWVQJ/()|{}", min_size=1, max_size=6),
    st.sampled_from([0, 90, 180, 270]),
    st.sampled_from([600, 1200, 2400]),
)
def test_a_picture_of_hidden_words_is_that_of_a_page_without_them(
    font: str, points: float, secret: str, turned: int, width: int
) -> None:
    def page(word: str) -> bytes:
        buffer = io.BytesIO()
        drawn = canvas.Canvas(buffer, pagesize=(612, 792))
        drawn.setPageRotation(turned)
        drawn.setFont(font, points)
        drawn.drawString(150, 500, word)
        drawn.setFont("Helvetica", 12)
        drawn.drawString(72, 300, "Everything else stays as it was.")
        drawn.showPage()
        drawn.save()
        return buffer.getvalue()

    data = page(secret)
    text = drawing.placed(data, 1).text
    boxes = drawing.boxes(data, 1, 0, text.index("Everything"))
    assert boxes
    hidden = image(drawing.picture(data, 1, width=width, hidden=boxes))
    assert (
        ImageChops.difference(hidden, image(drawing.picture(page(""), 1, width=width, hidden=boxes))).getbbox() is None
    )
    for box in boxes:
        assert hidden.crop(pixels(box, hidden.size)).getextrema() == ((0, 0),) * 3


def lying(data: bytes) -> bytes:
    """The PDF with fonts that say their letters are narrow and hardly rise above the line."""
    data = re.sub(rb"/Ascent [\d.]+", lambda m: b"/Ascent 100".ljust(len(m[0])), data)
    data = re.sub(rb"/Descent -[\d.]+", lambda m: b"/Descent 0".ljust(len(m[0])), data)
    wide = rb"/Widths \[[^\]]*\]"
    return re.sub(wide, lambda m: re.sub(rb"\d{3,}", lambda n: b"1".ljust(len(n[0]), b"0"), m[0]), data)


@pytest.mark.parametrize("secret", ["WQMgj", "agQ", "j", "fff"])
def test_a_font_that_lies_about_its_letters_shows_no_edge_of_hidden_ones(secret: str) -> None:
    pdfmetrics.registerFont(TTFont("Vera", "VeraIt.ttf"))

    def page(word: str) -> bytes:
        buffer = io.BytesIO()
        drawn = canvas.Canvas(buffer, pagesize=(612, 792), pageCompression=0)
        drawn.setFont("Vera", 30)
        drawn.drawString(150, 500, word)
        drawn.setFont("Helvetica", 12)
        drawn.drawString(72, 300, "Everything else stays as it was.")
        drawn.showPage()
        drawn.save()
        return lying(buffer.getvalue())

    data = page(secret)
    assert b"/Ascent 100 " in data
    boxes = drawing.boxes(data, 1, 0, drawing.placed(data, 1).text.index("Everything"))
    shown, without = (image(drawing.picture(one, 1, hidden=boxes)) for one in (data, page("")))
    assert ImageChops.difference(shown, without).getbbox() is None
    assert ImageChops.difference(image(drawing.picture(data, 1)), image(drawing.picture(page(""), 1))).getbbox()


def test_hidden_is_black_to_the_pages_edge_and_nowhere_else() -> None:
    hidden = image(drawing.picture(pdf(), 1, width=600, hidden=[Box(0.9, 0.9, 0.3, 0.3), Box(-1, 0.5, 1.01, 0.01)]))
    assert hidden.getpixel((599, hidden.height - 1)) == (0, 0, 0)
    assert hidden.getpixel((3, int(hidden.height * 0.505))) == (0, 0, 0)
    assert hidden.getpixel((300, hidden.height - 1)) == (255, 255, 255)


@tesseract
def test_hidden_words_of_a_scan_cannot_be_read_back() -> None:
    data = scanned_pdf()
    text = reading.read(data, "scan.pdf").pages[0].text
    start = text.index("license plate")
    boxes = drawing.boxes(data, 1, start, start + 13)
    shown = image(drawing.picture(data, 1, width=2400, hidden=boxes))
    said = ocr.recognized(shown.convert("L")).text
    assert "license" not in said
    assert "plate" not in said
    assert "council" in said


# --- bytes that mean harm, or are broken


@pytest.mark.parametrize("page", [0, -1, 3, 10**9])
def test_a_page_out_of_range_says_how_many_there_are(page: int) -> None:
    with pytest.raises(Damaged, match="it has 2"):
        drawing.picture(pdf(2), page)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"%PDF-1.4\n" + os.urandom(500), pdf()[:300]])
def test_a_damaged_pdf_says_so(data: bytes) -> None:
    for ask in (drawing.picture, drawing.placed):
        with pytest.raises(Damaged):
            ask(data, 1)  # type: ignore[operator]


def test_a_locked_pdf_says_so() -> None:
    with pytest.raises(Locked, match="password"):
        drawing.picture(pdf(password="x"), 1)
    with pytest.raises(Locked, match="password"):
        drawing.placed((RECORDS / "2025-11-18-executive-session.pdf"), 1)


@pytest.mark.parametrize("box", [b"0 0 0 0", b"0 0 1e30 1e30", b"5 5 5 5", b"0 0 nan inf", b"612 792 0 0", b"/No"])
def test_a_page_without_a_sensible_size_is_drawn_as_a_letter(box: bytes) -> None:
    shown = image(drawing.picture(media(box), 1))
    assert shown.size == (1200, 1553)
    assert ink(shown) > 100


def test_a_sheet_as_large_as_pdf_allows_is_drawn_and_a_larger_one_is_not() -> None:
    assert image(drawing.picture(media(b"0 0 14400 14400"), 1)).size == (1200, 1200)
    for ask in (drawing.picture, drawing.placed):
        with pytest.raises(TooLarge, match="1,389 inches"):
            ask(media(b"0 0 100000 100000"), 1)  # type: ignore[operator]


def test_a_page_that_takes_too_long_stops_one_child_and_the_next_page_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = b"".join(b"%d %d m %d 700 l S\n" % (n % 600, n % 700, n % 611) for n in range(1_000_000))
    monkeypatch.setattr(easel, "SECONDS", 1)
    with pytest.raises(TooLarge, match="1 seconds of computing"):
        drawing.picture(drawn_pdf(lines), 1)
    assert image(drawing.picture(pdf(), 1)).width == 1200


def test_a_child_that_hangs_without_computing_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "never")  # to open it waits for a writer that does not come
    monkeypatch.setattr(drawing, "PATIENCE", 0.5)
    with pytest.raises(TooLarge, match="not drawn"):
        drawing.picture(tmp_path / "never", 1)
    monkeypatch.undo()
    assert drawing.picture(pdf(), 1)


def test_an_image_that_unpacks_past_memory_is_refused_and_the_next_page_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    side = 20_000
    packer = zlib.compressobj(1)
    packed = b"".join([*(packer.compress(bytes(side * 100)) for _ in range(side // 100)), packer.flush()])
    size = b"/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode" % (side, side)
    bomb = objects(
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>",
        stream(b"612 0 0 792 0 0 cm /I Do"),
        b"<</Type/XObject/Subtype/Image%s/Length %d>>stream\n%s\nendstream" % (size, len(packed), packed),
    )  # fmt: skip
    monkeypatch.setattr(easel, "MEMORY", 200 << 20)
    # Whether PDFium leaves the image out or dies of it, this process goes on and has no more than a picture.
    try:
        assert len(drawing.picture(bomb, 1)) < easel.LONGEST_ANSWER
    except ReadingError as failure:
        assert "not drawn" in failure.what or "memory" in failure.what
    monkeypatch.undo()
    assert image(drawing.picture(pdf(), 1)).width == 1200


def test_a_child_killed_while_idle_is_replaced() -> None:
    first = drawing.picture(pdf(), 1)
    for child in drawing._pool._free:
        os.kill(child._process.pid, signal.SIGKILL)
        child._process.wait()
    assert drawing.picture(pdf(), 1) == first


def test_many_threads_draw_what_one_does_with_no_more_than_two_children() -> None:
    alone = [drawing.picture(pdf(8), page, width=300) for page in range(1, 9)]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda page: drawing.picture(pdf(8), page, width=300), range(1, 9)))
    assert together == alone
    assert 1 <= len(drawing._pool._free) <= drawing.CHILDREN


def test_who_waits_too_long_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "LONGEST_WAIT", 0)
    monkeypatch.setattr(drawing, "_pool", drawing._Pool(1))
    with drawing._pool.child():
        found: list[Exception] = []

        def ask() -> None:
            try:
                drawing.picture(pdf(), 1)
            except ReadingError as failure:
                found.append(failure)

        other = threading.Thread(target=ask)
        other.start()
        other.join()
    drawing._pool.close()
    assert "Try again in a minute" in str(found[0])


def _forked(out: multiprocessing.connection.Connection) -> None:
    out.send_bytes(drawing.picture(pdf(), 1))


def test_a_process_forked_off_draws_with_children_of_its_own() -> None:
    first = drawing.picture(pdf(), 1)
    mine, theirs = multiprocessing.Pipe()
    fork = multiprocessing.get_context("fork").Process(target=_forked, args=(theirs,))
    fork.start()
    assert mine.recv_bytes() == first
    fork.join()
    assert drawing.picture(pdf(), 1) == first


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="this system does not show a process's environment")
def test_a_child_knows_no_secret_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "tell-nobody")
    monkeypatch.setattr(drawing, "_pool", drawing._Pool(1))
    drawing.picture(pdf(), 1)
    known = Path(f"/proc/{drawing._pool._free[0]._process.pid}/environ").read_bytes()
    drawing._pool.close()
    assert b"PATH=" in known
    assert b"tell-nobody" not in known


def test_an_answer_longer_than_any_picture_is_not_taken() -> None:
    message = easel.packed({"page": 1}, b"x" * 2000)
    assert easel.unpacked(io.BytesIO(message), most=3000) is not None
    with pytest.raises(EOFError):
        easel.unpacked(io.BytesIO(message), most=1000)
    with pytest.raises(EOFError):
        easel.unpacked(io.BytesIO(message[:-1]))


def test_only_a_pdf_has_pages(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(pdf())
    assert drawing.has_pages(tmp_path / "a")
    assert drawing.has_pages(outlines())
    page = io.BytesIO()
    Image.new("L", (9, 9)).save(page, "PNG")
    for other in (b"", SENTENCE.encode(), page.getvalue(), b"<!doctype html><p>x", b"PK\x03\x04" + bytes(40)):
        assert not drawing.has_pages(other)
