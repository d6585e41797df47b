"""Street addresses: two ways of writing one meet, two addresses stay two, and the nearest known ones are offered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postme import address

SAME = [
    ("123 N. Main Street Apt 4", "123 north main st"),
    ("123 N Main St", "123 n main str."),
    ("1 First Avenue Northeast, Suite 200, Minneapolis, MN 55413", "1 1st Ave NE"),
    ("12 Saint Clair Ave", "12 St. Clair Avenue"),
    ("9 O'Brien Ct", "9 OBrien Court"),
    ("45 Winston-Salem Blvd", "45 Winston Salem Boulevard"),
    ("210 2nd St #3B", "210 Second Street Unit 3B"),
    ("77 Peña Drive", "77 Pena Dr"),
    ("8 Mill Row\nMill Falls", "8 Mill Row"),
    ("123, Main St", "123 Main Street"),
    ("5 Calle Norte", "5 Calle N"),
]
TWO = [
    ("123 N Main St", "123 S Main St"),
    ("123 Main St", "123 Main Ave"),
    ("123 Main St", "125 Main St"),
    ("12 1/2 Main St", "12 Main St"),
    ("123 Main St N", "123 N Main St"),
    ("123A Main St", "123 Main St"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_ways_of_writing_one_address_meet(one: str, other: str) -> None:
    assert address.folded(one) == address.folded(other)


@pytest.mark.parametrize(("one", "other"), TWO)
def test_two_addresses_stay_two(one: str, other: str) -> None:
    assert address.folded(one) != address.folded(other)


_WORDS = st.sampled_from(
    ["123", "12-14", "1/2", "N.", "North", "Main", "Street", "St.", "Saint", "Apt", "#", "4", "B", "Unit", "Lot", "FL", "2", "O'Brien", ",", ";", "é", "ß", "Main-Oak", "_", "UNIT", "PH", "rear", "No.", "5", "avenue", "AV", "NE", "Suite", "2nd", "First"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(_WORDS).map(" ".join)))
def test_folding_twice_is_folding_once(text: str) -> None:
    once = address.folded(text)
    assert address.folded(once) == once
    assert len(once) <= address.LONGEST


@given(st.integers(1, 99999), st.sampled_from(["N", "S", "", "NE"]), st.sampled_from(["Main", "Tannery", "Harrow Hill"]), st.sampled_from(["St", "Ln", "Ave"]))  # fmt: skip
def test_what_is_shown_of_a_folded_address_folds_to_it_again(number: int, way: str, name: str, kind: str) -> None:
    plain = address.folded(f"{number} {way} {name} {kind}")
    assert address.folded(address.readable(plain)) == plain


def test_a_slip_in_the_street_is_offered_before_another_number() -> None:
    known = [address.folded(one) for one in ("12 Weir St", "14 Weir St", "12 Falcon St", "12 Main St")]
    assert address.nearest(address.folded("12 Wier Street"), known)[0] == "12 WEIR ST"


def test_a_street_without_its_direction_offers_both() -> None:
    known = [address.folded(one) for one in ("100 N Main St", "101 S Main St", "100 Falcon St")]
    assert set(address.nearest(address.folded("100 Main"), known)) == {"100 N MAIN ST", "101 S MAIN ST"}


def test_nothing_is_offered_for_a_street_that_is_like_none() -> None:
    assert address.nearest("9 NOWHERE BLVD", ["9 MILL ST", "12 WEIR ST"]) == ()
