"""Signs near a mention: what is read is what stands there, whole, and nearest."""

from __future__ import annotations

import calendar
import datetime

import pytest
import smalltown
from hypothesis import given
from hypothesis import strategies as st

from postme import signs
from postme.signs import BODY, DATE, FILE_NUMBER, MONEY, Act, Sign, act_near, amount_near, body_near, dollars, iso_date

CUES = signs.cues(smalltown.CUES)


# --- money -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "amount"),
    [
        ("$5", 5.0),
        ("$ 5", 5.0),
        ("US$5", 5.0),
        ("$12,400.50", 12400.5),
        ("$1,234,567", 1234567.0),
        ("$1.5 million", 1500000.0),
        ("$1.5M", 1500000.0),
        ("$40K", 40000.0),
        ("$2 billion", 2e9),
        ("40,000 dollars", 40000.0),
        ("2.5 million dollars", 2500000.0),
        ("$0.99", 0.99),
        ("twelve dollars", None),
        ("40,000", None),
        ("€40,000", None),
        ("", None),
    ],
)
def test_an_amount_as_written_is_so_many_dollars(words: str, amount: float | None) -> None:
    assert dollars(words) == amount


@given(st.integers(0, 10**9), st.integers(0, 99))
def test_an_amount_printed_with_commas_and_cents_is_read_back(whole: int, cents: int) -> None:
    assert dollars(f"for ${whole:,}.{cents:02d} in all") == round(whole + cents / 100, 2)


def test_the_amount_of_a_row_is_the_one_in_that_row_or_none() -> None:
    table = "drones\t$900\nradios\tnone\nkits\t$7"
    at = table.index("radios")
    assert amount_near(table, at, at + 6) is None
    assert amount_near(table, 0, 6) == Sign("$900", 7, 11)
    prose = table.replace("\t", " ")
    assert amount_near(prose, at, at + 6) is not None


# --- dates -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("February 12, 2021", "2021-02-12"),
        ("FEBRUARY 12 2021", "2021-02-12"),
        ("March 1st, 2024", "2024-03-01"),
        ("7/15/21", "2021-07-15"),
        ("7-15-2021", "2021-07-15"),
        ("2021-02-12", "2021-02-12"),
        ("February 29, 2024", "2024-02-29"),
        ("February 29, 2023", None),
        ("13/45/2021", None),
        ("0/0/0000", None),
        ("February 2021", None),
        ("12 February 2021", None),
        ("192.168.1.1", None),
        ("", None),
    ],
)
def test_words_name_a_day_that_exists_or_none(words: str, day: str | None) -> None:
    assert iso_date(words) == day


@given(st.dates(datetime.date(1000, 1, 1), datetime.date(9999, 12, 31)))
def test_every_day_is_read_back_from_three_ways_to_write_it(day: datetime.date) -> None:
    month = calendar.month_name[day.month]
    for written in (f"{month} {day.day}, {day.year:04}", day.isoformat(), f"{day.month}/{day.day}/{day.year:04}"):
        assert iso_date(f"on {written}, the council") == day.isoformat()


# --- file numbers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "Resolution No. 2024-117", "Int. No. 487", "Ordinance 33,204", "CAL. NO. 34,567", "File #241180", "R-24-117",
        "Bill No. 22-0155", "Item 14", "Res. 1234",
    ],
)  # fmt: skip
def test_a_file_number_is_read_whole(written: str) -> None:
    text = f"The council adopted {written} about drones."
    found = FILE_NUMBER.search(text)
    assert found is not None
    assert found[0] == written


@pytest.mark.parametrize("written", ["Item one", "the Resolution", "Ordinance", "bill of rights", "item 14"])
def test_words_without_a_number_are_no_file_number(written: str) -> None:
    assert FILE_NUMBER.search(f"The council adopted {written} about drones.") is None


# --- the nearest, whole ----------------------------------------------------------------------------------------------


def place(text: str, words: str) -> tuple[int, int]:
    at = text.index(words)
    return at, at + len(words)


def test_the_nearer_of_two_is_taken_on_either_side() -> None:
    text = "$1 for pens. $2 for the drones and $3 for ink."
    assert signs.nearest(MONEY, text, *place(text, "drones"), before=200, after=200) == Sign("$3", 35, 37)
    text = "$1 for pens. $2 drones and then $3 for ink."
    assert signs.nearest(MONEY, text, *place(text, "drones"), before=200, after=200) == Sign("$2", 13, 15)


def test_nothing_is_taken_from_further_than_asked() -> None:
    text = "$1" + "." * 50 + "drones" + "." * 50 + "$3"
    assert signs.nearest(MONEY, text, *place(text, "drones"), before=49, after=51) is None
    assert signs.nearest(MONEY, text, *place(text, "drones"), before=49, after=52) == Sign("$3", 108, 110)
    assert signs.nearest(MONEY, text, *place(text, "drones"), before=52, after=0) == Sign("$1", 0, 2)


AMOUNT, DAY = "$1,250,000.00", "12/15/2021"


@pytest.mark.parametrize("after", range(45, 75))
def test_an_amount_or_a_day_at_the_edge_of_what_is_looked_at_is_read_whole_or_not_at_all(after: int) -> None:
    for pattern, written in ((MONEY, AMOUNT), (DATE, DAY)):
        text = "drones" + "." * 50 + written + " and more"
        found = signs.nearest(pattern, text, 0, 6, before=0, after=after)
        assert found == (Sign(written, 56, 56 + len(written)) if after >= 50 + len(written) else None)


@pytest.mark.parametrize("before", range(45, 75))
def test_an_amount_or_a_day_at_the_other_edge_is_read_whole_or_not_at_all(before: int) -> None:
    for pattern, written in ((MONEY, "1,250,000 dollars"), (DATE, DAY)):
        text = "more " + written + "." * 50 + "drones"
        found = signs.nearest(pattern, text, len(text) - 6, len(text), before=before, after=0)
        assert found == (Sign(written, 5, 5 + len(written)) if before >= 50 + len(written) else None)


@given(st.text(alphabet="$1,50 million/2021-drones.\n\t", max_size=80), st.integers(0, 80), st.integers(0, 80))
def test_a_sign_is_always_the_text_at_its_place(text: str, start: int, length: int) -> None:
    start = min(start, len(text))
    end = min(len(text), start + length)
    for pattern in (MONEY, DATE, FILE_NUMBER, BODY):
        found = signs.nearest(pattern, text, start, end, before=30, after=30)
        assert found is None or text[found.start : found.end] == found.value
    money = amount_near(text, start, end)
    assert money is None or text[money.start : money.end] == money.value


# --- bodies ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("the Mill Falls Police Department flies drones", "Mill Falls Police Department"),
        ("drones for the Department of Public Works", "Department of Public Works"),
        ("the Hennepin County Sheriff's Office bought drones", "Hennepin County Sheriff's Office"),
        ("NYPD drones", "NYPD"),
        ("the police department flies drones", "the police department"),
        ("we fly drones", None),
    ],
)
def test_the_body_is_the_one_named_closest(text: str, body: str | None) -> None:
    found = body_near(text, *place(text, "drones"))
    assert (found.value if found else None) == body


def test_a_body_with_a_name_is_preferred_to_a_nearer_one_without() -> None:
    text = "The Mill Falls Police Department met. The police bought drones."
    found = body_near(text, *place(text, "drones"))
    assert found is not None
    assert found.value == "Mill Falls Police Department"


# --- acts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("The city bought drones.", Act.ACQUIRE),
        ("The sheriff proposed to fly drones.", Act.PROPOSE),
        ("Officers shall not fly drones.", Act.REGULATE),
        ("The annual report on drones.", Act.REPORT),
        ("The sheriff flew drones.", Act.USE),
        ("Drones are drones.", Act.MENTION),
        ("", Act.MENTION),
        # The nearer of two speaks.
        ("The city bought radios and a truck for its fire hall, and it then flew drones.", Act.USE),
        # What stands before governs what comes after it.
        ("He used drones bought elsewhere.", Act.USE),
        # Another sentence says less.
        ("The sheriff flew it. The city bought drones.", Act.ACQUIRE),
        # A word inside a word is no cue.
        ("The unused drones.", Act.MENTION),
    ],
)
def test_what_is_being_done_is_told_from_the_words_around(text: str, act: Act) -> None:
    words = "rones" if "rones" in text else ""
    found, _, said = act_near(text, *place(text, words), CUES)
    assert found is act
    assert bool(said) is (act is not Act.MENTION)
    assert said in " ".join(text.split())


def test_the_words_that_told_the_act_are_said_as_they_stand() -> None:
    text = "The PURCHASE\n  of drones"
    assert act_near(text, *place(text, "drones"), CUES) == (Act.ACQUIRE, None, "PURCHASE of")


def test_a_step_is_told_apart_from_the_act() -> None:
    text = "The council approved to buy drones."
    assert act_near(text, *place(text, "drones"), CUES) == (Act.ACQUIRE, "approved", "buy")


def test_a_proposal_that_says_nothing_of_approval_has_no_such_step() -> None:
    text = "The sheriff proposed to buy drones at the public hearing."
    act, step, _ = act_near(text, *place(text, "drones"), CUES)
    assert step == "heard"
    assert act in (Act.ACQUIRE, Act.PROPOSE)


def test_a_word_cut_off_by_the_edge_of_what_is_looked_at_is_no_cue() -> None:
    known = signs.cues({"acts": {"regulate": {100: ["ban"]}}, "steps": {}})
    # The window ends just after "ban" of "banker": what stands there is not that word.
    for gap in range(signs.REACH - 12, signs.REACH + 4):
        text = "drones" + " " * gap + "banker"
        assert act_near(text, 0, 6, known)[0] is Act.MENTION, gap
    assert act_near("drones a ban", 0, 6, known)[0] is Act.REGULATE


def test_cues_hold_no_letter_case_and_any_run_of_spaces() -> None:
    for written in ("public hearing", "PUBLIC HEARING", "Public\n hearing"):
        assert act_near(f"{written} on drones", *place(f"{written} on drones", "drones"), CUES)[1] == "heard"
