"""A town as its clerk loads it: wards, addresses, seats, votes and figures; nothing is told that no row says."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from postme.errors import WrongUse
from postme.keeping.store.council import Council, SeatRow
from postme.office import council, counsel, example_council, example_process, example_town, figures, wards
from postme.office.wards import Candidates, Found, Nothing

PLACE = example_council.PLACE
FILES = example_council.FILES
TODAY = datetime.date(2026, 11, 23)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with what the clerk of Mill Falls would load."""
    folder = tmp_path_factory.mktemp("town")
    example_council.fill(folder, "clem")
    return folder


def table(text: str) -> dict[str, bytes]:
    return {"table.csv": text.encode()}


# --- wards and addresses


def test_the_files_of_the_example_are_what_its_script_writes(tmp_path: Path) -> None:
    import subprocess
    import sys

    subprocess.run([sys.executable, FILES.parent / "make_town.py", tmp_path], check=True)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {one.name: one.read_bytes() for one in FILES.iterdir()}  # fmt: skip
    assert all(b"iction" in one.read_bytes()[:400] for one in FILES.iterdir())


@pytest.mark.parametrize(
    ("said", "ward", "holder"),
    [
        ("12 Weir St", "3", "Beatriz Calloway"),
        ("12 weir street, apt 4, Mill Falls", "3", "Beatriz Calloway"),
        ("40 Harrow Road Mill Falls", "1", "Amos Teller"),
        ("300 River Rd", "5", "Hana Okafor"),
        ("1 Tannery Lane", "4", "Walter Pruitt"),
        ("210 Second Street", "2", "Ingrid Sorley"),
    ],
)
def test_an_address_has_its_ward_and_who_speaks_for_it(town: Path, said: str, ward: str, holder: str) -> None:
    found = wards.ward_of(town, PLACE, said, TODAY)
    assert isinstance(found, Found)
    assert (found.ward, found.seat.holder if found.seat else "") == (ward, holder)
    assert {one.holder for one in found.at_large} == {"Desmond Lyle", "Delphine Marsh"}


def test_an_address_that_is_spelled_nearly_so_is_offered_and_not_guessed(town: Path) -> None:
    assert wards.ward_of(town, PLACE, "12 Wier Street", TODAY) == Candidates(("12 Weir St",))
    both = wards.ward_of(town, PLACE, "100 Main St", TODAY)
    assert isinstance(both, Candidates)
    assert {"100 N Main St", "101 S Main St"} <= set(both.near)


@pytest.mark.parametrize("said", ["999 Nowhere Boulevard", "", "💡", "'; DROP TABLE", "%", "12"])
def test_what_is_no_address_of_the_town_is_unknown(town: Path, said: str) -> None:
    assert wards.ward_of(town, PLACE, said, TODAY) == Nothing("unknown")


def test_a_pin_has_its_ward_and_one_in_the_sea_has_none(town: Path) -> None:
    found = wards.ward_at(town, PLACE, 0.03, 0.02, TODAY)
    assert isinstance(found, Found) and found.ward == "3"
    assert wards.ward_at(town, PLACE, 5.0, 5.0, TODAY) == Nothing("outside")


def test_every_address_of_the_example_lies_in_a_ward_and_is_found_by_its_own_words(town: Path) -> None:
    rows = [line.split(",")[0] for line in (FILES / "addresses.csv").read_text().splitlines()[2:]]
    assert len(rows) == 66
    assert all(isinstance(wards.ward_of(town, PLACE, row, TODAY), Found) for row in rows)


def test_an_address_that_stands_in_two_wards_is_not_settled_by_chance(tmp_path: Path) -> None:
    wards.take(tmp_path, wards.looked(PLACE, wards.gathered(FILES / "wards.geojson")), source="x", who="clem")
    twice = table("address,lon,lat\n1 Mill St,0.003,0.03\n1 Mill St,0.05,0.005\n2 Mill St,0.003,0.03\n2 Mill St,0.0031,0.03\n")  # fmt: skip
    wards.take_addresses(tmp_path, wards.looked_at_addresses(tmp_path, PLACE, twice), who="clem")
    assert wards.ward_of(tmp_path, PLACE, "1 Mill Street") == Nothing("two wards")
    found = wards.ward_of(tmp_path, PLACE, "2 Mill Street")
    assert isinstance(found, Found)
    assert (found.ward, found.seat) == ("1", None)


def test_without_wards_or_addresses_that_is_what_is_said(tmp_path: Path) -> None:
    assert wards.ward_of(tmp_path, PLACE, "12 Weir St") == Nothing("no wards")
    assert wards.ward_at(tmp_path, PLACE, 0.03, 0.02) == Nothing("no wards")
    wards.take(tmp_path, wards.looked(PLACE, wards.gathered(FILES / "wards.geojson")), source="x", who="clem")
    assert wards.ward_of(tmp_path, PLACE, "12 Weir St") == Nothing("no addresses")


def test_a_new_map_takes_the_place_of_the_old_one_at_once(tmp_path: Path) -> None:
    wards.take(tmp_path, wards.looked(PLACE, wards.gathered(FILES / "wards.geojson")), source="x", who="clem")
    assert isinstance(wards.ward_at(tmp_path, PLACE, 0.03, 0.02), Found)
    other = table('ward,wkt\nHill,"POLYGON((0.1 0.1,0.2 0.1,0.2 0.2,0.1 0.2,0.1 0.1))"\n')
    wards.take(tmp_path, wards.looked(PLACE, other), source="The clerk, 2026", who="clem")
    assert wards.ward_at(tmp_path, PLACE, 0.03, 0.02) == Nothing("outside")
    found = wards.ward_at(tmp_path, PLACE, 0.15, 0.15)
    assert isinstance(found, Found) and found.ward == "Hill"
    assert wards.kept(tmp_path, PLACE).source.startswith("The clerk, 2026 · table.csv · SHA-256 ")


def test_wards_far_from_the_town_are_refused_and_those_in_it_taken() -> None:
    def square(x: float, y: float) -> dict[str, bytes]:
        return table(f'ward,wkt\n1,"POLYGON(({x} {y},{x + 0.01} {y},{x + 0.01} {y + 0.01},{x} {y + 0.01},{x} {y}))"\n')

    assert wards.looked("us/mn/minneapolis", square(-93.27, 44.97)).names == ("1",)
    with pytest.raises(WrongUse, match=r"lie .* km from Minneapolis"):
        wards.looked("us/mn/minneapolis", square(-96.8, 32.8))
    with pytest.raises(WrongUse, match="stand in each other's place: have them turned around"):
        wards.looked("us/ga/atlanta", square(33.75, -84.39))
    # A town that is in no table is held to its state.
    assert wards.looked("us/mn/tiny_town", square(-94.0, 46.0)).names == ("1",)
    with pytest.raises(WrongUse, match="lie outside Minnesota"):
        wards.looked("us/mn/tiny_town", square(-80.0, 26.0))


def test_addresses_that_lie_in_no_ward_are_counted_and_all_of_them_refused(town: Path) -> None:
    some = table("address,lon,lat\n1 Mill St,0.03,0.02\n2 Mill St,0.9,0.9\nno number,0.03,0.02\n")
    looked = wards.looked_at_addresses(town, PLACE, some)
    assert (len(looked.rows), looked.outside, looked.left_out) == (2, 1, 1)
    with pytest.raises(WrongUse, match="Not one of these addresses lies in a ward"):
        wards.looked_at_addresses(town, PLACE, table("address,lon,lat\n1 Mill St,0.9,0.9\n"))


def test_an_address_in_two_columns_is_put_together(town: Path) -> None:
    looked = wards.looked_at_addresses(town, PLACE, table("house_number,street,x,y\n12,Mill Street,0.03,0.02\n"))
    assert looked.rows == (("12 MILL ST", 0.03, 0.02),)


def test_what_was_laid_by_is_taken_up_and_nothing_else(tmp_path: Path) -> None:
    name, sha256 = wards.laid_by(tmp_path, {"a.shp": b"1", "a.dbf": b"2"})
    assert name == "a.zip"
    assert wards.laid_by(tmp_path, {"a.dbf": b"2", "a.shp": b"1"})[1] == sha256
    assert next(iter(wards.taken_up(tmp_path, name, sha256).values())).startswith(b"PK")
    for wrong in ("0" * 64, "../" * 21 + "x", ""):
        with pytest.raises(WrongUse, match="not here any more"):
            wards.taken_up(tmp_path, "a", wrong)


# --- the council's record


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Mill Falls with its proposals as far as they have come."""
    folder = tmp_path_factory.mktemp("decided")
    counsel.also_from([example_town.LAWS])
    example_process.fill(folder)
    yield folder
    counsel.also_from([])


def member(folder: Path, name: str) -> council.Record:
    [number] = [one.number for one in Council(folder).seats(PLACE) if one.holder == name]
    found = council.record_of(folder, PLACE, number)
    assert found
    return found


def test_the_example_has_seven_members_once_each_with_the_day_that_was_verified(decided: Path) -> None:
    held = council.members(decided, PLACE, TODAY)
    assert [one.ward for one in held] == ["1", "2", "3", "4", "5", "", ""]
    assert all(one.verified and one.source and one.since for one in held)
    example_process.fill(decided)
    assert council.members(decided, PLACE, TODAY) == held


def test_a_members_record_has_each_vote_with_what_came_of_it_the_newest_first(decided: Path) -> None:
    told = member(decided, "Beatriz Calloway")
    assert [(one.slug, one.vote, one.outcome) for one in told.votes] == [
        ("a-cell-site-simulator", "no", "rejected"), ("cameras-at-the-bus-station", "no", "approved with conditions"),
    ]  # fmt: skip
    assert told.votes[0].on > told.votes[1].on
    assert told.votes[1].said == "The report does not say who waits at that station at night."
    assert dict(told.counts) == {"no": 2}
    assert dict(member(decided, "Amos Teller").counts) == {"yes": 1, "no": 1}


def test_a_vote_without_a_roll_call_is_unknown_for_whoever_sat_then(decided: Path, tmp_path: Path) -> None:
    import shutil

    from postme.keeping.store import models
    from postme.keeping.store.register import whole

    folder = tmp_path / "copy"
    shutil.copytree(decided, folder)
    file = Council(folder).file
    with whole(file):
        models.Voice.objects.filter(deed__proposal__slug="a-cell-site-simulator").delete()
    try:
        told = member(folder, "Beatriz Calloway")
        assert (told.votes[0].slug, told.votes[0].vote) == ("a-cell-site-simulator", "unknown")
        # Whoever came into office after that vote has no part in it.
        council.enter(folder, PLACE, [SeatRow(0, "city council", "", "Nora New", TODAY, None, TODAY, "made up")], who="clem")  # fmt: skip
        assert member(folder, "Nora New").votes == ()
    finally:
        Council(decided).seats(PLACE)  # the store of the other tests again


def test_votes_on_what_is_not_public_are_told_nowhere(decided: Path, tmp_path: Path) -> None:
    import shutil

    from postme.keeping.store import models
    from postme.keeping.store.register import whole

    for change in ("public", "entry"):
        folder = tmp_path / change
        shutil.copytree(decided, folder)
        with whole(Council(folder).file):
            if change == "public":
                models.Proposal.objects.filter(slug="a-cell-site-simulator").update(public=False)
            else:
                models.Entry.objects.filter(address="/decisions/a-cell-site-simulator/").update(state="withdrawn")
        assert [one.slug for one in member(folder, "Beatriz Calloway").votes] == ["cameras-at-the-bus-station"]
    Council(decided).seats(PLACE)


def test_a_roll_call_has_a_line_a_member_and_unknown_for_those_nobody_called() -> None:
    seats = [SeatRow(n, "city council", ward, f"Member {n}", None, until, TODAY, "x") for n, ward, until in ((1, "2", None), (2, "10", None), (3, "", None), (4, "1", datetime.date(2025, 1, 1)))]  # fmt: skip
    deed = {"on": "2026-02-03", "votes": [{"seat": 2, "holder": "Member 2", "ward": "10", "vote": "no", "said": "Why?"}]}  # fmt: skip
    told = council.roll_call(deed, seats)
    assert [(one.seat, one.vote) for one in told.lines] == [(1, "unknown"), (2, "no"), (3, "unknown")]
    assert dict(told.counts) == {"no": 1, "unknown": 2}
    assert told.recorded
    assert not council.roll_call({"on": "2026-02-03", "votes": []}, seats).recorded


def test_the_next_meeting_is_the_first_with_a_public_proposal_that_was_not_called_off(decided: Path) -> None:
    today = datetime.datetime.now(datetime.UTC).date()
    found = council.next_meeting(decided, PLACE, today)
    assert found
    assert found[0].on >= today
    assert found[1] == (("/decisions/twelve-more-plate-readers/", "Twelve more license plate readers"),)
    assert council.next_meeting(decided, PLACE, today + datetime.timedelta(365)) is None
    assert council.next_meeting(decided, "us/mn/minneapolis", today) is None


# --- seats that a clerk enters

GOOD = "body,ward,holder,since,until,verified,source,contact\ncity council,Ward 1,Ann Doe,2024-01-02,,2026-11-02,Roster,ward1@town.example\n"  # fmt: skip
WRONG = {
    "no holder": ("Ann Doe", "", "'holder' is missing"),
    "no source": ("Roster", "", "'source' is missing"),
    "a day that is none": ("2024-01-02", "2024-02-31", "'2024-02-31' is no day"),
    "a day to come": ("2026-11-02", "2999-01-01", "has not come yet"),
    "an end before its beginning": ("2024-01-02,", "2024-01-02,2020-01-01", "before it began"),
    "a script for an address": ("ward1@town.example", "javascript:alert(1)", "neither an address for mail"),
    "another table": ("holder", "color", "no column 'holder'"),
}


def test_a_table_of_members_is_entered_and_a_second_time_verified(tmp_path: Path) -> None:
    assert council.enter(tmp_path, PLACE, council.seats_from(table(GOOD)), who="clem") == (1, 0)
    later = council.seats_from(table(GOOD.replace("2026-11-02", "2026-11-20")))
    assert council.enter(tmp_path, PLACE, later, who="clem") == (0, 1)
    [one] = council.members(tmp_path, PLACE, TODAY)
    assert (one.ward, one.verified.isoformat()) == ("1", "2026-11-20")


@pytest.mark.parametrize("what", WRONG)
def test_a_table_of_members_is_refused_with(what: str) -> None:
    old, new, words = WRONG[what]
    with pytest.raises(WrongUse, match=words):
        council.seats_from(table(GOOD.replace(old, new, 1)))


def test_a_seat_that_ended_is_former_and_keeps_its_votes(tmp_path: Path) -> None:
    council.enter(tmp_path, PLACE, council.seats_from(table(GOOD)), who="clem")
    [one] = council.members(tmp_path, PLACE, TODAY)
    with pytest.raises(WrongUse, match="before it began"):
        council.end(tmp_path, PLACE, one.number, "2020-01-01", who="clem")
    council.end(tmp_path, PLACE, one.number, "2026-10-01", who="clem")
    assert council.members(tmp_path, PLACE, TODAY) == ()
    assert [each.holder for each in council.former(tmp_path, PLACE, TODAY)] == ["Ann Doe"]
    with pytest.raises(WrongUse, match="no such seat"):
        council.verify(tmp_path, PLACE, 999, "Roster", who="clem")


# --- why now


def test_figures_stand_side_by_side_and_a_missing_year_is_unknown(town: Path) -> None:
    told = figures.why_now(town, PLACE)
    assert told
    assert [one["id"] for one in told["series"]] == ["police staffing", "surveillance spending"]
    by_year = {one["year"]: one["values"] for one in told["years"]}
    assert list(by_year) == list(range(2019, 2027))
    assert by_year[2019] == [46, 21400]
    assert by_year[2023] == [None, 128780]
    assert by_year[2021] == [43, None]
    assert told["charts"][0].count('class="bar"') == 7
    assert told["charts"][0].count(">?<") == 1
    assert all(source for one in told["years"] for value, source in zip(one["values"], one["sources"], strict=True) if value is not None)  # fmt: skip


def test_devices_stand_against_people_and_what_nobody_counted_is_no_zero(town: Path) -> None:
    told = figures.why_now(town, PLACE)
    assert told
    by_ward = {one["ward"]: one for one in told["standing"]["wards"]}
    assert by_ward["3"]["devices"] == 16
    assert by_ward["3"]["people"] == 3110
    assert by_ward["3"]["per_10000"] == round(16 / 3110 * 10_000, 1)
    assert by_ward["3"]["uncounted"] == ["gunshot detection sensors"]
    assert by_ward["2"]["uncounted"] == []
    assert sum(one["share"] for one in by_ward["3"]["groups"]) == pytest.approx(1, abs=0.001)


def test_a_town_without_figures_has_no_such_part_and_one_without_people_no_rate(tmp_path: Path) -> None:
    assert figures.why_now(tmp_path, PLACE) is None
    rows = figures.devices(table("kind,longitude,latitude,source\ncamera,0.1,0.1,x\n"), ())
    told = figures.told(rows)
    assert told["years"] == []
    assert told["standing"] == {"groups": [], "wards": [], "nowhere": 1, "kinds": ["camera"], "sources": ["x"], "uncounted": False}  # fmt: skip


FIGURES = "series,year,value,unit,source\npolice staffing,2024,39,officers,Budget\n"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Budget", "", "The source is missing"), ("2024", "24", "is no year"), ("2024", "MMXX", "no whole number"), ("39", "many", "'many' is no number"), ("39", "-4", "cannot be"),
        ("39", "inf", "cannot be"), ("police staffing,", "devices,", "no series over the years"), ("series", "row", "no column 'series'"),
        ("Budget\n", "Budget\nPolice Staffing,2024,40,officers,Other\n", "two figures for 2024"),
    ],
)  # fmt: skip
def test_a_table_of_figures_is_refused_with(old: str, new: str, words: str) -> None:
    assert figures.yearly(table(FIGURES))[0]["value"] == 39
    with pytest.raises(WrongUse, match=words):
        figures.yearly(table(FIGURES.replace(old, new, 1)))


@pytest.mark.parametrize("said", ["", "?", "unknown", "n/a"])
def test_a_figure_that_is_said_to_be_unknown_is_left_out(said: str) -> None:
    assert figures.yearly(table(FIGURES.replace(",39,", f",{said},"))) == []


def test_figures_of_one_series_are_replaced_and_others_stay(tmp_path: Path) -> None:
    figures.take(tmp_path, PLACE, figures.yearly(table(FIGURES)), who="clem")
    figures.take(tmp_path, PLACE, figures.yearly(table(FIGURES.replace("police staffing", "surveillance spending"))), who="clem")  # fmt: skip
    figures.take(tmp_path, PLACE, figures.yearly(table(FIGURES.replace("39", "41"))), who="clem")
    told = figures.why_now(tmp_path, PLACE)
    assert told and told["years"][0]["values"] == [41, 39]


def test_people_of_a_ward_that_is_none_are_refused() -> None:
    rows = "ward,group,people,source\n1,all,900,Census\n"
    assert figures.people(table(rows), ["1"])[0]["value"] == 900
    with pytest.raises(WrongUse, match="There is no ward '9'"):
        figures.people(table(rows.replace("1,all", "9,all")), ["1"])
