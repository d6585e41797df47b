"""The viewer: text and picture say the same, quotes are marked in both, and nothing hidden is in either or in the cache."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import time
from pathlib import Path

import pytest
from broken.make import SENTENCE, drawn_pdf, outlines, pdf, scanned_pdf
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from postme import reading
from postme.errors import KeepingError, ReadingError, Refused, TooLarge, WrongUse
from postme.keeping import pictures, shelf
from postme.keeping.shelf import Shelf
from postme.office import viewing
from postme.reading import picture as drawing
from postme.record import PageState, Quote
from postme.redaction import BLOCK, Reason, Redaction, hidden_text

RECORDS = Path(__file__).parents[2] / "postme" / "examples" / "mill-falls" / "records"


def kept(folder: Path, data: bytes, name: str = "a.pdf", **how: bool) -> str:
    """Put a record on a shelf as a scan does; its hash."""
    record = reading.read(data, name, **how)
    place = Shelf(folder)
    shelf.put(folder, record.sha256, data)
    place.keep(readings=[(record.sha256, "test", {"by_name": ""}, shelf.pages_packed(record))])
    place.close()
    return record.sha256


def quoted(folder: Path, sha256: str, words: str, page: int = 1) -> Quote:
    text = "".join(part.text for part in viewing.page_view(folder, sha256, page).segments)
    return Quote(sha256, page, text.index(words), text.index(words) + len(words), words)


def hide(quote: Quote, reason: Reason = Reason.OTHER) -> Redaction:
    return Redaction(quote.page, quote.start, quote.end, reason)


def image(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as opened:
        return opened.convert("RGB")


def files(folder: Path, sha256: str) -> list[str]:
    return sorted(path.name for path in (folder / "pictures" / sha256).glob("*"))


# --- marked text


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, dict[str, Quote], list[Redaction]]:
    text = draw(st.text("abc \r\n", max_size=40))
    places = st.tuples(st.integers(0, 45), st.integers(0, 45)).map(sorted).filter(lambda span: span[0] < span[1])
    spans = draw(st.lists(places, max_size=5))
    quotes = {f"q{n}": Quote("e3" * 32, 1, a, b, text[a:b]) for n, (a, b) in enumerate(spans)}
    return text, quotes, [Redaction(1, a, b, Reason.OTHER) for a, b in draw(st.lists(places, max_size=3))]


@given(marked())
def test_segments_are_the_text_and_each_letter_has_the_quotes_that_cover_it(
    case: tuple[str, dict[str, Quote], list[Redaction]],
) -> None:
    text, quotes, redactions = case
    parts = viewing.marked_text(text, quotes, redactions)
    assert "".join(part.text for part in parts) == hidden_text(text, redactions)
    at = 0
    for part in parts:
        assert part.text
        for here in range(at, at + len(part.text)):
            assert set(part.quotes) == {key for key, one in quotes.items() if one.start <= here < one.end}
            assert (part.hidden is not None) == any(one.touches(here, here + 1) for one in redactions)
        at += len(part.text)


def test_an_empty_page_has_no_segments() -> None:
    assert viewing.marked_text("", {"a": Quote("e3" * 32, 1, 0, 0, "")}) == ()


# --- a page


def test_a_quote_is_marked_in_the_text_and_boxed_in_the_picture(tmp_path: Path) -> None:
    sha = kept(tmp_path, (RECORDS / "2025-12-02-corvane-agreement.pdf").read_bytes())
    quotes = {"a": quoted(tmp_path, sha, "license plate number"), "b": quoted(tmp_path, sha, "plate number, the make")}
    elsewhere = {"c": Quote(sha, 2, 0, 3, "x"), "d": Quote("0" * 64, 1, 0, 3, "x")}
    view = viewing.page_view(tmp_path, sha, 1, (), {**quotes, **elsewhere})
    assert [(part.text, part.quotes) for part in view.segments if part.quotes] == [
        ("license ", ("a",)),
        ("plate number", ("a", "b")),
        (", the make", ("b",)),
    ]
    assert {key: len(boxes) for key, boxes in view.boxes.items()} == {"a": 1, "b": 1}
    assert view.boxes["a"][0].x < view.boxes["b"][0].x
    assert (view.pages, view.state, view.note, view.unreadable, view.moved) == (5, PageState.TEXT, "", "", ())
    assert view.size == image(viewing.page_picture(tmp_path, sha, 1)).size


def test_a_quote_whose_words_moved_is_not_marked_and_said(tmp_path: Path) -> None:
    sha = kept(tmp_path, pdf())
    view = viewing.page_view(tmp_path, sha, 1, (), {"a": Quote(sha, 1, 0, 6, "drones")})
    assert view.moved == ("a",)
    assert "do not stand where they stood" in view.note
    assert all(not part.quotes for part in view.segments)


@pytest.mark.parametrize("page", [0, -1, 2, 10**12])
def test_a_page_beyond_the_end_is_said(tmp_path: Path, page: int) -> None:
    sha = kept(tmp_path, pdf())
    for ask in (viewing.page_view, viewing.page_picture):
        with pytest.raises(WrongUse, match="it has 1"):
            ask(tmp_path, sha, page)  # type: ignore[operator]


@pytest.mark.parametrize("sha", ["", "e3", "../../etc/passwd", "E3" * 32, "e3" * 32 + "/..", "\0" * 64, "g" * 64])
def test_what_is_no_hash_never_becomes_a_path(tmp_path: Path, sha: str) -> None:
    for ask in (lambda: viewing.page_view(tmp_path, sha, 1), lambda: viewing.page_picture(tmp_path, sha, 1),
                lambda: viewing.forget_pictures(tmp_path, sha)):  # fmt: skip
        with pytest.raises(WrongUse, match="no record's hash"):
            ask()
    assert list(tmp_path.iterdir()) == []


def test_a_record_that_nobody_scanned_is_said(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="No records begin"):
        viewing.page_view(tmp_path, "e3" * 32, 1)


@pytest.mark.parametrize("name", ["2025-07-15-lamplighter-notice.txt", "2025-08-26-budget-memo.html", "2025-09-09-council-agenda.docx",
                                  "2025-11-18-council-captions.srt", "2026-01-22-equipment-inventory.eml"])  # fmt: skip
def test_a_record_without_pages_shows_its_text_alone_and_says_so(tmp_path: Path, name: str) -> None:
    sha = kept(tmp_path, (RECORDS / name).read_bytes(), name)
    view = viewing.page_view(tmp_path, sha, 1)
    assert view.segments
    assert (view.picture_key, view.size) == (None, None)
    assert "without a picture" in view.note
    assert "no pages to picture" in view.note
    with pytest.raises(Refused, match="no pages to picture"):
        viewing.page_picture(tmp_path, sha, 1)


def test_a_record_whose_bytes_are_gone_shows_its_text_alone(tmp_path: Path) -> None:
    sha = kept(tmp_path, pdf())
    shelf.path_of(tmp_path, sha).unlink()
    view = viewing.page_view(tmp_path, sha, 1)
    assert "bytes are not kept" in view.note
    assert SENTENCE in view.segments[0].text


def test_an_unreadable_page_says_why_and_still_has_its_picture(tmp_path: Path) -> None:
    sha = kept(tmp_path, outlines(), ocr=False)
    view = viewing.page_view(tmp_path, sha, 1)
    assert view.state is PageState.UNREADABLE
    assert "recognition was turned off" in view.unreadable
    assert view.picture_key
    assert image(viewing.page_picture(tmp_path, sha, 1)).size == view.size


def test_a_page_that_cannot_be_drawn_is_tried_once_and_shown_as_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = kept(tmp_path, pdf())
    tried = []

    def bomb(*_: object, **__: object) -> bytes:
        tried.append(1)
        raise TooLarge("The page was not drawn: it took more than 10 seconds of computing.")

    monkeypatch.setattr(drawing, "picture", bomb)
    for _ in range(3):
        with pytest.raises(TooLarge, match="10 seconds"):
            viewing.page_picture(tmp_path, sha, 1)
    assert len(tried) == 1
    view = viewing.page_view(tmp_path, sha, 1)
    assert view.picture_key is None
    assert "10 seconds" in view.note


def test_too_many_at_once_is_not_remembered_as_a_fault_of_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = kept(tmp_path, pdf())
    with monkeypatch.context() as patched:

        def busy(*_: object, **__: object) -> bytes:
            raise ReadingError("Too many pages are being drawn just now.")

        patched.setattr(drawing, "picture", busy)
        with pytest.raises(ReadingError, match="Too many"):
            viewing.page_picture(tmp_path, sha, 1)
    assert viewing.page_picture(tmp_path, sha, 1)


# --- what is hidden


def test_hidden_words_are_blocks_in_the_text_and_black_in_the_picture(tmp_path: Path) -> None:
    sha = kept(tmp_path, pdf(lines=("Ann Doe, 12 Elm Street, spoke of drones.",)))
    secret = quoted(tmp_path, sha, "12 Elm Street")
    redaction = hide(secret, Reason.HOME_ADDRESS)
    quotes = {"q": quoted(tmp_path, sha, "Doe, 12 Elm Street, spoke")}
    open_ = viewing.page_view(tmp_path, sha, 1, (), quotes)
    view = viewing.page_view(tmp_path, sha, 1, [redaction, Redaction(2, 0, 5, Reason.OTHER)], quotes)
    shown = "".join(part.text for part in view.segments)
    assert "Elm" not in shown
    assert "12" not in shown
    assert BLOCK * 13 in shown
    assert [(part.text, part.quotes, part.hidden) for part in view.segments if part.hidden] == [
        (BLOCK * 13, ("q",), Reason.HOME_ADDRESS)
    ]
    assert view.picture_key != open_.picture_key
    plain, black = (image(viewing.page_picture(tmp_path, sha, 1, some)) for some in ((), [redaction]))
    box = viewing.page_view(tmp_path, sha, 1, (), {"s": secret}).boxes["s"][0]
    inside = (
        int(box.x * black.width), int(box.y * black.height),
        int((box.x + box.w) * black.width), int((box.y + box.h) * black.height),
    )  # fmt: skip
    # One black bar: no gap between the words tells how long each is.
    assert black.crop(inside).getextrema() == ((0, 0),) * 3
    left, top, right, bottom = ImageChops.difference(plain, black).getbbox()
    assert inside[0] - 8 <= left
    assert right <= inside[2] + 8
    assert inside[1] - 8 <= top
    assert bottom <= inside[3] + 8


def test_a_quote_published_after_something_in_it_was_hidden_stands_whether_that_is_lifted_or_more_is_hidden(
    tmp_path: Path,
) -> None:
    sha = kept(tmp_path, pdf(lines=("Ann Doe, 12 Elm Street, spoke of drones.",)))
    street, name = hide(quoted(tmp_path, sha, "12 Elm Street")), hide(quoted(tmp_path, sha, "Ann Doe"))
    whole = quoted(tmp_path, sha, "Ann Doe, 12 Elm Street, spoke")
    published = Quote(sha, 1, whole.start, whole.end, whole.text.replace("12 Elm Street", BLOCK * 13))
    for redactions in ((), (street,), (street, name)):
        view = viewing.page_view(tmp_path, sha, 1, redactions, {"q": published, "w": whole})
        assert view.moved == ()
        assert all(part.quotes == ("q", "w") for part in view.segments if part.hidden)
    elsewhere = Quote(sha, 1, whole.start + 1, whole.end + 1, published.text)
    assert viewing.page_view(tmp_path, sha, 1, (street,), {"q": elsewhere}).moved == ("q",)


def test_no_picture_is_shown_where_a_hidden_words_place_is_not_known(tmp_path: Path) -> None:
    # The page's own letters were kept, as where no recognition was at hand; a stamp says something of its own.
    data = scanned_pdf("Envelope 12AB34CD")
    record = reading.read(data, "a.pdf", ocr=False)
    sha = kept(tmp_path, data, ocr=False)
    assert "Envelope" in record.pages[0].text
    place = Shelf(tmp_path)
    page = type(record.pages[0])(1, "Ann Doe lives at 12 Elm Street", PageState.TEXT)
    changed = type(record)(sha, "application/pdf", (page,))
    place.keep(readings=[(sha, "other", {"by_name": ""}, shelf.pages_packed(changed))])
    place.close()
    assert viewing.page_picture(tmp_path, sha, 1)
    redaction = Redaction(1, 17, 30, Reason.HOME_ADDRESS)
    view = viewing.page_view(tmp_path, sha, 1, [redaction])
    assert view.picture_key is None
    assert "its place in the picture is not known" in view.note
    assert BLOCK * 13 in "".join(part.text for part in view.segments)
    with pytest.raises(Refused, match="place in the picture is not known"):
        viewing.page_picture(tmp_path, sha, 1, [redaction])


def test_the_same_offsets_in_another_text_are_another_picture(tmp_path: Path) -> None:
    sha = kept(tmp_path, pdf())
    redaction = Redaction(1, 0, 6, Reason.OTHER)
    before = viewing.page_view(tmp_path, sha, 1, [redaction]).picture_key
    record = reading.read(pdf(), "a.pdf")
    page = type(record.pages[0])(1, "\n" + record.pages[0].text, PageState.TEXT)
    place = Shelf(tmp_path)
    place.keep(readings=[(sha, "newer", {"by_name": ""}, shelf.pages_packed(type(record)(sha, "x", (page,))))])
    place.close()
    after = viewing.page_view(tmp_path, sha, 1, [redaction]).picture_key
    assert before is not None
    assert after is not None
    assert after != before


def test_words_hidden_together_are_one_bar_however_far_apart_they_stand(tmp_path: Path) -> None:
    sha = kept(tmp_path, drawn_pdf(b"BT /F1 14 Tf 30 Tw 72 700 Td (Ann at 12 Elm Street spoke) Tj ET"))
    quote = quoted(tmp_path, sha, "12 Elm Street")
    (box,) = viewing.page_view(tmp_path, sha, 1, (), {"q": quote}).boxes["q"]
    shown = image(viewing.page_picture(tmp_path, sha, 1, [hide(quote)]))
    across = (int(box.x * shown.width), int((box.y + box.h / 2) * shown.height))
    bar = shown.crop((*across, int((box.x + box.w) * shown.width), across[1] + 1))
    assert bar.width > 250
    assert bar.getextrema() == ((0, 0),) * 3


# --- the cache


def test_a_picture_is_drawn_once_and_again_when_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sha = kept(tmp_path, pdf())
    first = viewing.page_picture(tmp_path, sha, 1)
    draw = drawing.picture
    asked = []
    monkeypatch.setattr(drawing, "picture", lambda *a, **k: asked.append(1) or draw(*a, **k))
    assert viewing.page_picture(tmp_path, sha, 1) == first
    assert asked == []
    viewing.forget_pictures(tmp_path, sha)
    viewing.forget_pictures(tmp_path, sha)
    assert not (tmp_path / "pictures" / sha).exists()
    assert viewing.page_picture(tmp_path, sha, 1) == first
    assert asked == [1]


def test_any_width_becomes_one_of_a_few_so_that_nobody_fills_the_cache(tmp_path: Path) -> None:
    sha = kept(tmp_path, pdf())
    for width in (-1, 0, 1, 599, 600, 601, 850, 1700, 10**9):
        assert image(viewing.page_picture(tmp_path, sha, 1, (), width)).width in viewing.WIDTHS
    assert len(files(tmp_path, sha)) <= len(viewing.WIDTHS)


def test_when_words_are_hidden_no_older_picture_or_words_of_the_record_stay(tmp_path: Path) -> None:
    sha, other = kept(tmp_path, pdf(2)), kept(tmp_path, pdf(3))
    for one in (sha, other):
        viewing.page_view(tmp_path, one, 1)
        viewing.page_picture(tmp_path, one, 1)
    assert len(files(tmp_path, sha)) == 2
    viewing.forget_pictures(tmp_path, sha)
    assert files(tmp_path, sha) == []
    assert len(files(tmp_path, other)) == 2
    assert list((tmp_path / "pictures").glob(".*")) == []


def test_a_picture_begun_before_its_record_was_forgotten_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = kept(tmp_path, pdf())
    draw = drawing.picture

    def meanwhile(*a: object, **k: object) -> bytes:
        viewing.forget_pictures(tmp_path, sha)
        return draw(*a, **k)  # type: ignore[arg-type]

    monkeypatch.setattr(drawing, "picture", meanwhile)
    assert viewing.page_picture(tmp_path, sha, 1)
    assert files(tmp_path, sha) == []


def test_a_cache_that_cannot_be_written_costs_time_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = kept(tmp_path, pdf())

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert viewing.page_picture(tmp_path, sha, 1)
    assert files(tmp_path, sha) == []
    monkeypatch.undo()
    (tmp_path / "pictures").rename(tmp_path / "away")
    (tmp_path / "pictures").write_text("in the way")
    assert viewing.page_picture(tmp_path, sha, 1)


def test_what_cannot_be_deleted_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sha = kept(tmp_path, pdf())
    viewing.page_picture(tmp_path, sha, 1)

    def stuck(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(pictures.shutil, "rmtree", stuck)
    with pytest.raises(KeepingError):
        viewing.forget_pictures(tmp_path, sha)


def test_the_cache_keeps_what_was_looked_at_last(tmp_path: Path) -> None:
    for n in range(6):
        sha = hashlib.sha256(b"%d" % n).hexdigest()
        with pictures.place(tmp_path, sha) as place:
            assert place.put("1.webp", bytes(1000))
        os.utime(tmp_path / "pictures" / sha / "1.webp", (time.time() - 9000 + n,) * 2)
    first, *_, last = (hashlib.sha256(b"%d" % n).hexdigest() for n in range(6))
    assert pictures.held(tmp_path, first, "1.webp") == bytes(1000)  # looked at now
    pictures.bound(tmp_path, most=2000)
    left = {path.parent.name for path in (tmp_path / "pictures").glob("*/*")}
    assert left == {first, last}
    pictures.bound(tmp_path, unseen=5000)
    assert {path.parent.name for path in (tmp_path / "pictures").glob("*/*")} == {first}


def test_the_cache_is_its_owners_alone(tmp_path: Path) -> None:
    sha = kept(tmp_path, pdf())
    viewing.page_picture(tmp_path, sha, 1)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "pictures").rglob("*")]
    assert modes
    assert all(not mode & 0o077 for mode in modes)


def test_a_recognized_pages_words_are_looked_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not reading.ocr_engine():
        if os.environ.get("POSTME_REQUIRE_OCR"):
            pytest.fail("tesseract is not installed, and POSTME_REQUIRE_OCR is set")
        pytest.skip("tesseract is not installed: the page cannot be recognized")
    sha = kept(tmp_path, scanned_pdf())
    quote = quoted(tmp_path, sha, "license plate")
    first = viewing.page_view(tmp_path, sha, 1, (), {"q": quote}).boxes
    assert len(first["q"]) == 1
    monkeypatch.setattr(drawing, "placed", lambda *_, **__: pytest.fail("recognized again"))
    assert viewing.page_view(tmp_path, sha, 1, (), {"q": quote}).boxes == first


def test_a_page_as_turned_as_it_likes_is_viewed(tmp_path: Path) -> None:
    data = drawn_pdf(
        b"BT /F1 14 Tf 72 700 Td (Drones over everything) Tj ET", page=b"/Rotate 90/CropBox[0 600 500 792]"
    )
    sha = kept(tmp_path, data)
    view = viewing.page_view(tmp_path, sha, 1, (), {"q": quoted(tmp_path, sha, "over")})
    assert view.size == (1200, 3125)
    assert len(view.boxes["q"]) == 1
