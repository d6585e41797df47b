"""Folding: what a reader would call the same words becomes the same bytes, and every byte knows where it came from."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postme import fold
from postme.fold import FOREIGN, Folded, plainly, swiftly

# What has broken folding before, or could: each is drawn often.
ODD = (
    "ﬁ", "ﬃ", "ǆ", "ß", "İ", "ı", "Å", "é", "e\u0301", "\u0301", "\u20dd", "\u00ad", "\u200b", "\u200d", "\ufeff",
    "‐", "–", "—", "-\n", "-\r\n", "- \n", "-\t\n", "-\n \n", "\u00ad\n", "‐\n", "-\n-", "\n", "\r\n", "\f", "\t", " ",
    "  ", "\x00", "\x7f", "’", "“", "²", "¼", "Ⅷ", "①", "™", "ª", "ʰ", "я", "Ω", "漢", "한", "ﷺ", "ا", "𝐀", "𝟗", "😀",
    "𐐀", "🇺🇸", "\U000e0041", "\ud800", "\udfff", "\ud83d\ude00", "\uffff", "a", "Z", "9", "surveil", "drone", "Ð", "Ø",
    "ʼ", "ŉ", "ẚ", "_",
)  # fmt: skip
pieces = st.one_of(st.sampled_from(ODD), st.text(max_size=8), st.characters(codec=None))
texts = st.lists(pieces, max_size=40).map("".join)


def said(folded: Folded) -> tuple[bytes, list[int]]:
    return folded.data, folded.origins.tolist()


@given(texts, st.booleans())
def test_the_swift_fold_equals_the_plain_one_in_every_byte_and_origin(text: str, joined: bool) -> None:
    assert said(swiftly(text, joined=joined)) == said(plainly(text, joined=joined))


@pytest.mark.soak
@settings(max_examples=4000)
@given(texts, st.booleans())
def test_the_swift_fold_equals_the_plain_one_over_a_long_run(text: str, joined: bool) -> None:
    assert said(swiftly(text, joined=joined)) == said(plainly(text, joined=joined))


@pytest.mark.parametrize("plane", range(0, 0x30000, 0x10000))
def test_every_character_there_is_folds_the_same_both_ways(plane: int) -> None:
    text = "".join(map(chr, range(plane, plane + 0x10000)))
    assert said(swiftly(text)) == said(plainly(text))


@pytest.mark.parametrize("text", ["", " ", "-", "\u00ad", "a", "-\n", "a-\nb", "\u0301", "\ud800", "😀"])
@pytest.mark.parametrize("joined", [False, True])
def test_the_shortest_texts_fold_the_same_both_ways(text: str, joined: bool) -> None:
    assert said(swiftly(text, joined=joined)) == said(plainly(text, joined=joined))


@given(texts, st.booleans())
def test_folded_text_is_words_with_single_spaces_between_two_margins(text: str, joined: bool) -> None:
    data = plainly(text, joined=joined).data
    assert set(data) <= set(b"abcdefghijklmnopqrstuvwxyz0123456789 ") | {FOREIGN}
    assert b"  " not in data
    assert data.startswith(b" ")
    assert data.endswith(b" ")


@given(texts, st.booleans())
def test_origins_never_run_backwards_and_stay_within_the_text(text: str, joined: bool) -> None:
    origins = plainly(text, joined=joined).origins.tolist()
    assert origins == sorted(origins)
    assert origins[0] == -1
    assert all(-1 <= origin <= len(text) for origin in origins)


@given(texts, st.booleans(), st.data())
def test_the_span_of_whole_words_folds_to_those_words_again(text: str, joined: bool, data: st.DataObject) -> None:
    folded = swiftly(text, joined=joined)
    words = folded.data.split()
    if not words:
        return
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word) + 1)
    start, end = folded.span(starts[first], starts[last + 1] + 1)
    assert text[start:end].strip() != ""
    again = plainly(text[start:end], joined=joined).data
    # A single character may fold to several words (ﷺ), of which a span can hold only all.
    if not any(b" " in fold.folded_character(c).strip().encode() for c in text):
        assert again == b" " + b" ".join(words[first : last + 1]) + b" "


@given(texts)
def test_folding_what_was_folded_changes_nothing(text: str) -> None:
    once = plainly(text).data.replace(b"\x7f", b"")
    assert plainly(once.decode()).data == b" " + b" ".join(once.split()) + (b" " if once.split() else b"")


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("Body-Worn\nCAMERA", b" body worn camera "),
        ("  license   plate\treader. ", b" license plate reader "),
        ("Café, naïve, Ångström", b" cafe naive angstrom "),
        ("Cafe\u0301", b" cafe "),
        ("oﬃcer ﬁles", b" officer files "),
        ("sur\u00adveillance", b" surveillance "),
        ("dro\u200bne", b" drone "),
        ("ShotSpotter™ and ALPR²", b" shotspotter and alpr "),
        ("the sheriff’s drone", b" the sheriff s drone "),
        ("ＡＬＰＲ", b" alpr "),
        ("𝐀𝐋𝐏𝐑", b" alpr "),
        ("C.C.T.V.", b" c c t v "),
        ("40mm", b" 40mm "),
        ("дрон", b" \x7f\x7f\x7f\x7f "),
        ("", b" "),
        ("…", b" "),
    ],
)
def test_worked_cases_of_what_becomes_the_same(text: str, data: bytes) -> None:
    assert plainly(text).data == data
    assert swiftly(text).data == data


@pytest.mark.parametrize(
    ("text", "apart", "joined"),
    [
        ("surveil-\nlance", b" surveil lance ", b" surveillance "),
        ("surveil-\r\n   lance", b" surveil lance ", b" surveillance "),
        ("surveil- \r\nlance", b" surveil lance ", b" surveillance "),
        ("surveil-  \nlance", b" surveil lance ", b" surveil lance "),
        ("surveil\u00ad\nlance", b" surveil lance ", b" surveillance "),
        ("surveil‐\nlance", b" surveil lance ", b" surveillance "),
        ("surveil -\nlance", b" surveil lance ", b" surveil lance "),
        ("FY 2024-\n25", b" fy 2024 25 ", b" fy 2024 25 "),
        ("body-worn", b" body worn ", b" body worn "),
        ("items:-\ndrone", b" items drone ", b" items drone "),
    ],
)
def test_a_hyphen_at_a_lines_end_is_left_out_only_when_asked_and_only_between_letters(
    text: str, apart: bytes, joined: bytes
) -> None:
    assert (plainly(text).data, plainly(text, joined=True).data) == (apart, joined)
    assert (swiftly(text).data, swiftly(text, joined=True).data) == (apart, joined)


@given(texts)
def test_where_no_word_may_be_broken_mending_changes_nothing(text: str) -> None:
    if not fold.may_break(text):
        assert said(plainly(text)) == said(plainly(text, joined=True))


def test_a_broken_word_is_told_from_a_hyphen() -> None:
    assert [fold.may_break(text) for text in ("a-\nb", "a\u00ad\nb", "a-b", "a\nb")] == [True, True, False, False]


def test_the_span_of_a_broken_word_covers_its_hyphen_and_its_line_break() -> None:
    text = "The surveil-\nlance plan"
    folded = swiftly(text, joined=True)
    start = folded.data.index(b" surveillance ")
    assert text[slice(*folded.span(start, start + len(b" surveillance ")))] == "surveil-\nlance"


def test_a_span_leaves_out_its_margins_whether_or_not_they_are_given() -> None:
    folded = plainly("  The “drone”, again")
    at = folded.data.index(b" drone ")
    assert folded.span(at, at + 7) == folded.span(at + 1, at + 6) == (7, 12)


def test_origins_are_the_same_before_and_after_they_were_counted_out() -> None:
    folded = swiftly("a  b, c")
    assert folded.origins.tolist() == folded.origins.tolist() == plainly("a  b, c").origins.tolist()


def test_a_foreign_letter_keeps_words_apart_and_matches_no_latin_one() -> None:
    # The Cyrillic а looks like a Latin a; a reader of the bytes is not deceived, and the word is not found.
    assert plainly("c\u0430mera").data == b" c\x7fmera "
    assert plainly("camera").data == b" camera "


def test_the_fold_agrees_with_unicodes_own_caseless_compatibility_folding() -> None:
    # An outside oracle: for letters, NFKD and casefold with the marks taken away, as Unicode's chapter 3.13 defines.
    for character in map(chr, range(0x250)):
        if unicodedata.category(character) not in ("Lu", "Ll", "Lt", "Lo"):
            continue
        parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
        oracle = "".join(part for part in parts if part.isascii() and part.isalpha())
        assert "".join(c for c in fold.folded_character(character) if c.isalpha()) == oracle, character
