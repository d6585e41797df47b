"""Redaction: what is hidden is gone, everything else stands where it stood, and suggestions are only that."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postme.errors import WrongUse
from postme.redaction import BLOCK, Reason, Redaction, hidden_text, of_page, suggested

TEXTS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters=BLOCK) | st.sampled_from("\r\n \f"))


@st.composite
def hidden(draw: st.DrawFn) -> tuple[str, list[Redaction]]:
    text = draw(TEXTS.filter(bool))
    places = st.integers(0, len(text) + 5)
    spans = draw(st.lists(st.tuples(places, places).map(sorted).filter(lambda span: span[0] < span[1]), max_size=6))
    return text, [Redaction(1, start, end, draw(st.sampled_from(Reason))) for start, end in spans]


@given(hidden())
def test_no_letter_of_a_hidden_span_survives_and_no_other_changes(case: tuple[str, list[Redaction]]) -> None:
    text, redactions = case
    shown = hidden_text(text, redactions)
    assert len(shown) == len(text)
    inside = {at for one in redactions for at in range(one.start, min(one.end, len(text)))}
    for at, (before, after) in enumerate(zip(text, shown, strict=True)):
        if at not in inside or before.splitlines() == [""]:
            assert after == before
        else:
            assert after == BLOCK


@given(hidden())
def test_lines_break_where_they_broke(case: tuple[str, list[Redaction]]) -> None:
    text, redactions = case
    assert list(map(len, hidden_text(text, redactions).splitlines())) == list(map(len, text.splitlines()))


@given(hidden())
def test_the_order_of_redactions_does_not_matter_and_twice_is_once(case: tuple[str, list[Redaction]]) -> None:
    text, redactions = case
    once = hidden_text(text, redactions)
    assert hidden_text(text, list(reversed(redactions))) == once
    assert hidden_text(once, redactions) == once


@given(hidden(), st.integers(0, 60), st.integers(0, 60))
def test_a_redaction_touches_exactly_the_spans_in_which_it_hides_something(
    case: tuple[str, list[Redaction]], start: int, end: int
) -> None:
    for one in case[1]:
        assert one.touches(start, end) == bool(set(range(one.start, one.end)) & set(range(start, end)))


def test_overlapping_spans_hide_what_either_hides() -> None:
    both = [Redaction(1, 2, 5, Reason.OTHER), Redaction(1, 4, 8, Reason.MEDICAL)]
    assert hidden_text("0123456789", both) == "01██████89"


def test_a_space_between_hidden_words_is_hidden_and_a_line_break_is_kept() -> None:
    assert hidden_text("12 Elm\r\nStreet", [Redaction(1, 0, 14, Reason.HOME_ADDRESS)]) == "██████\r\n██████"


def test_the_redactions_of_a_page_come_in_the_order_of_its_text() -> None:
    late, early, other = (Redaction(page, at, at + 2, Reason.OTHER) for page, at in ((3, 9), (3, 1), (4, 0)))
    assert of_page([late, other, early], 3) == (early, late)


@pytest.mark.parametrize(("page", "start", "end"), [(0, 1, 2), (1, 2, 2), (1, 3, 2), (1, -1, 2)])
def test_a_redaction_that_hides_nothing_is_refused(page: int, start: int, end: int) -> None:
    with pytest.raises(WrongUse, match="hides nothing"):
        Redaction(page, start, end, Reason.OTHER)


def test_nothing_is_hidden_for_a_reason_that_is_not_on_the_list() -> None:
    with pytest.raises(WrongUse, match="embarrassing"):
        Redaction(1, 0, 4, "embarrassing")  # type: ignore[arg-type]
    assert Redaction(1, 0, 4, "medical").reason is Reason.MEDICAL  # type: ignore[arg-type]


def found(text: str) -> list[tuple[str, str]]:
    return [(one.reason.value, text[one.start : one.end]) for one in suggested(text)]


@pytest.mark.parametrize(
    ("text", "reason", "part"),
    [
        ("Call (612) 555-0142 today.", "phone-number", "(612) 555-0142"),
        ("Call 612.555.0142.", "phone-number", "612.555.0142"),
        ("Call +1 612-555-0142", "phone-number", "+1 612-555-0142"),
        ("Write to ann.doe+x@mail.example.org.", "email-address", "ann.doe+x@mail.example.org"),
        ("SSN 123-45-6789", "other", "123-45-6789"),
        ("Ann Doe, 12 Elm Street, spoke.", "home-address", "12 Elm Street"),
        ("Ann Q. Doe of 1423 N. Old Mill Rd spoke.", "home-address", "1423 N. Old Mill Rd"),
        ("Ann Doe\r\n7 W. Elm Ct, Apt. 4", "home-address", "7 W. Elm Ct, Apt. 4"),
        ("She lives at 77 Third Avenue now", "home-address", "77 Third Avenue"),
        ("its license plate ABC-1234 was read", "license-plate", "ABC-1234"),
        ("plate number 7XYZ123", "license-plate", "7XYZ123"),
        ("tag no. KLM 482", "license-plate", "KLM 482"),
    ],
)
def test_private_data_is_suggested(text: str, reason: str, part: str) -> None:
    assert found(text) == [(reason, part)]


@pytest.mark.parametrize(
    "text",
    [
        "Docket 2020-555-0142-3 and case 612-555-01421",
        "clerk@ci.mill-falls.mn.us, mayor@mill-falls.gov, unit@guard.mil",
        "ZIP 12345-6789, 000-12-3456, 2020-12-01",
        "The council met at 350 South Fifth Street.",
        "automated license plate readers, 24 hours a day; plates in 2024",
        "Resolution 2020-12 was adopted 6-5 on 6-5-2020.",
    ],
)
def test_what_is_public_is_not_suggested(text: str) -> None:
    assert found(text) == []


@given(TEXTS, st.integers(1, 9))
def test_suggestions_lie_in_the_text_in_order(text: str, page: int) -> None:
    said = suggested(f"{text} Ann Doe, 12 Elm Street, 612-555-0142 {text}", page)
    assert said == sorted(said)
    assert {one.page for one in said} == {page}
    assert all(one.end <= 2 * len(text) + 45 for one in said)


def test_a_page_made_to_stop_the_search_does_not() -> None:
    # Each would take minutes if any pattern went back over what it has read.
    for text in (
        "A" * 60_000,
        "Aa " * 30_000,
        "1 a " * 30_000,
        "a." * 30_000 + "@",
        "plate " * 9_000,
        "Ab 1 a b c " * 9_000,
    ):
        assert suggested(text) == []
