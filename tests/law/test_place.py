"""Places by their division: every id is read one way, written one way, and belongs to one layer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postme.place import COUNTIES, Level, placed, short_of

states = st.sampled_from(("mn", "la", "ak", "ca", "dc", "pr"))
names = st.from_regex(r"[a-z][a-z0-9_.~'ñé-]{0,20}", fullmatch=True)
kinds = st.sampled_from((*COUNTIES, "school_district", "council_district"))
shorts = st.one_of(
    st.just("us"),
    states.map(lambda state: f"us/{state}"),
    st.tuples(states, names).map(lambda pair: f"us/{pair[0]}/{pair[1]}"),
    st.tuples(states, kinds, names).map(lambda parts: f"us/{parts[0]}/{parts[1]}:{parts[2]}"),
)


@pytest.mark.parametrize(
    ("short", "division", "level"),
    [
        ("us", "ocd-division/country:us", Level.COUNTRY),
        ("us/mn", "ocd-division/country:us/state:mn", Level.STATE),
        ("us/mn/minneapolis", "ocd-division/country:us/state:mn/place:minneapolis", Level.CITY),
        ("us/mn/county:hennepin", "ocd-division/country:us/state:mn/county:hennepin", Level.COUNTY),
        ("us/la/parish:orleans", "ocd-division/country:us/state:la/parish:orleans", Level.COUNTY),
        ("us/ak/borough:denali", "ocd-division/country:us/state:ak/borough:denali", Level.COUNTY),
        ("us/ak/census_area:nome", "ocd-division/country:us/state:ak/census_area:nome", Level.COUNTY),
        ("us/dc", "ocd-division/country:us/district:dc", Level.STATE),
        ("us/pr/ponce", "ocd-division/country:us/territory:pr/place:ponce", Level.CITY),
        ("us/ca/school_district:berkeley", "ocd-division/country:us/state:ca/school_district:berkeley", Level.DISTRICT),
        ("us/co/cañon_city", "ocd-division/country:us/state:co/place:cañon_city", Level.CITY),
        ("us/id/coeur_d~alene", "ocd-division/country:us/state:id/place:coeur_d~alene", Level.CITY),
    ],
)
def test_a_place_has_its_division_and_its_layer(short: str, division: str, level: Level) -> None:
    found = placed(short)
    assert (found.division, found.level, short_of(division)) == (division, level, short)


@given(shorts)
def test_a_division_is_written_and_read_back_as_the_same_place(short: str) -> None:
    assert short_of(placed(short).division) == placed(short).short == short


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("Minneapolis", "us/mn/minneapolis"),
        ("us/MN/minneapolis", "us/mn/minneapolis"),
        ("us/mn/Minneapolis", "us/mn/minneapolis"),
        ("us/mn/st. paul", "us/mn/st_paul"),
        ("us/minnesota/minneapolis", "us/mn/minneapolis"),
        ("us/mn/", "us/mn"),
        ("us/mn/minneapolis/ward:3", "us/mn/ward:3"),
        ("us/mn/county:", "us/mn/county:hennepin"),
        ("us/mn/minneapolis\n", "us/mn/minneapolis"),
        ("us/mn/../ca", "us/ca"),
        ("us/mn/state:mn", "us/mn"),
        ("us/mn/country:us", "us"),
        ("ca/on/toronto", "us/ca/toronto"),
        ("", "us"),
        ("us/" + "x" * 5000, "us/mn/" + "x" * 5000),
    ],
)
def test_what_is_no_id_is_refused_and_the_id_beside_it_is_not(wrong: str, right: str) -> None:
    with pytest.raises(ValueError, match="is not a place's id"):
        placed(wrong)
    placed(right)


def test_a_town_written_with_its_kind_is_the_same_town() -> None:
    assert placed("us/mn/place:minneapolis") == placed("us/mn/minneapolis")
    assert placed("us/mn/county:hennepin") != placed("us/mn/hennepin")


def test_a_district_within_a_state_is_no_town_but_the_capital_s_stands_where_a_state_would() -> None:
    assert short_of("ocd-division/country:us/state:mn/district:5") == "us/mn/district:5"
    assert short_of("ocd-division/country:us/district:dc") == "us/dc"


def test_law_comes_down_from_the_country_and_the_state_and_never_from_the_county() -> None:
    assert placed("us/mn/minneapolis").above == ("us", "us/mn", "us/mn/minneapolis")
    assert placed("us/mn/county:hennepin").above == ("us", "us/mn", "us/mn/county:hennepin")
    assert placed("us").above == ("us",)


@given(shorts)
def test_the_places_above_are_places_and_end_with_the_place_itself(short: str) -> None:
    above = placed(short).above
    assert above[0] == "us" and above[-1] == short
    assert [placed(one).above for one in above] == [above[: i + 1] for i in range(len(above))]


def test_two_towns_of_one_name_are_two_places() -> None:
    assert placed("us/mn/minneapolis") != placed("us/ks/minneapolis")
