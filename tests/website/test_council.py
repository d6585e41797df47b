"""Who speaks for an address, who sits in the council and how they voted, and what a clerk loads: as visitors and clerks meet it."""

from __future__ import annotations

import io
import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from staffed import at_the_desk

import postme

PLACE = "us/zz/mill_falls"
ADDRESS, COUNCIL, DESK = f"/places/{PLACE}/address/", f"/places/{PLACE}/council/", f"/desk/town/{PLACE}/"
FILES = Path(postme.__file__).parent / "examples/mill-falls/town"


def page(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content[-600:]
    return re.sub(r"\s+", " ", answer.content.decode())


def ask(site: Any, status: int = 200, **typed: str) -> str:
    return page(site.post(ADDRESS, typed), status)


def brought(name: str, text: str | bytes) -> io.BytesIO:
    found = io.BytesIO(text.encode() if isinstance(text, str) else text)
    found.name = name
    return found


# --- the ward of an address


def test_an_address_gives_ward_member_meeting_and_says_that_it_proves_nothing(site: Any) -> None:
    text = ask(site, street="12 weir street, apt 4")
    assert '<h2 id="answer">Ward 3</h2>' in text
    assert "Beatriz Calloway" in text
    assert "This was verified on 2 November 2026" in text
    assert "Roster of the City Clerk" in text
    assert "This proves nothing about you, and your address was not kept." in text
    assert "Twelve more license plate readers" in text
    assert "Sign up until noon of the day" in text
    assert "For the whole town sit:" in text
    assert "gunshot detection sensors" in text


def test_an_address_that_is_misspelled_offers_those_that_could_be_meant_as_buttons(site: Any) -> None:
    text = ask(site, street="12 Wier Street")
    assert "Did you mean one of these?" in text
    assert '<input type="hidden" name="street" value="12 Weir St">' in text
    assert "Ward 3" in ask(site, street="12 Weir St")


def test_a_pin_gives_the_ward_too(site: Any) -> None:
    assert '<h2 id="answer">Ward 3</h2>' in ask(site, longitude="0.03", latitude="0.02")
    assert "lies in no ward" in ask(site, longitude="-93.2", latitude="44.9")


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({"street": ""}, "street-fault"), ({"longitude": "west", "latitude": "0.02"}, "longitude-fault"), ({"longitude": "0.03"}, "latitude-fault"),
        ({"longitude": "nan", "latitude": "0"}, "longitude-fault"), ({"longitude": "181", "latitude": "0"}, "longitude-fault"), ({"street": "x" * 300}, "street-fault"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_its_field(site: Any, typed: dict[str, str], fault: str) -> None:
    text = ask(site, 400, **typed)
    assert f'id="{fault}"' in text
    assert 'aria-invalid="true"' in text


def test_an_unknown_address_and_hostile_words_are_answered_in_words(site: Any) -> None:
    text = ask(site, street="<script>alert(1)</script> 9")
    assert "<script>alert" not in text
    assert "Your ward is unknown" in text
    assert "The clerk of your town can tell you your ward." in text


def test_nothing_of_what_was_asked_is_kept_anywhere(site: Any, caplog: pytest.LogCaptureFixture) -> None:
    before = {one: one.read_bytes() for one in site.data.rglob("*") if one.is_file() and "zqsecret" not in one.name}
    with caplog.at_level(logging.DEBUG):
        answer = site.post(ADDRESS, {"street": "77 Zqsecret Lane"})
        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"]
        assert not answer.cookies
    assert "zqsecret" not in caplog.text.lower()
    assert not any("zqsecret" in json.dumps(record.__dict__, default=str).lower() for record in caplog.records)
    after = {one: one.read_bytes() for one in site.data.rglob("*") if one.is_file()}
    assert not [one for one, data in after.items() if b"zqsecret" in data.lower()]
    assert {one: data for one, data in after.items() if one.suffix == ".sqlite3"} == {one: data for one, data in before.items() if one.suffix == ".sqlite3"}  # fmt: skip


def test_an_address_in_the_question_of_a_link_is_no_way_to_ask(site: Any) -> None:
    assert '<h2 id="answer">' not in page(site.get(ADDRESS, {"street": "12 Weir St"}))


def test_the_twin_has_the_wards_and_never_an_answer(site: Any) -> None:
    told = site.get(f"/places/{PLACE}/address.json").json()
    assert told["wards"] == ["1", "2", "3", "4", "5"]
    assert told["addresses"] == 66
    assert "answer" not in told
    assert site.post(f"/places/{PLACE}/address.json", {"street": "12 Weir St"}).json().get("answer") is None


def test_a_town_without_a_map_says_so_and_whom_to_ask(site: Any) -> None:
    text = page(site.get("/places/us/mn/minneapolis/address/"))
    assert "No map of the wards is loaded here" in text
    assert "The clerk of your town can tell you your ward." in text
    assert '<form method="post"' not in text
    assert site.get("/places/us/mn/nowhere_at_all/address/").status_code == 404


def test_in_spanish_everything_is_said_in_spanish(site: Any) -> None:
    text = page(site.post(f"/es{ADDRESS}", {"street": "12 Weir St"}))
    assert "su dirección no se guardó" in text
    assert "Distrito 3" in text


# --- the council's record


def _number(name: str) -> int:
    from postme.keeping.store.models import Seat

    return int(Seat.objects.get(holder=name).pk)


def test_the_council_is_shown_with_wards_days_sources_and_votes(site: Any) -> None:
    text = page(site.get(COUNCIL))
    for word in ("Amos Teller", "Delphine Marsh", "Ward 5", "the whole town", "Roster of the City Clerk", "2 November 2026", "1 time against what was decided"):  # fmt: skip
        assert word in text
    told = site.get(f"/places/{PLACE}/council.json").json()
    [body] = told["bodies"]
    assert [one["ward"] for one in body["seats"]] == ["1", "2", "3", "4", "5", None, None]


def test_a_member_has_a_page_with_every_vote_and_a_twin_with_the_same(site: Any) -> None:
    address = f"{COUNCIL}{_number('Beatriz Calloway')}/"
    text = page(site.get(address))
    assert "A cell-site simulator" in text
    assert "The report does not say who waits at that station at night." in text
    told = site.get(f"{address.rstrip('/')}.json").json()
    assert [(one["vote"], one["outcome"]) for one in told["votes"]] == [("no", "rejected"), ("no", "approved with conditions")]  # fmt: skip
    assert told["counts"] == {"no": 2}
    assert {one["id"] for one in told["by_technology"]} == {"cell_site_simulator", "fixed_camera"}
    # Of an earlier day only what had happened by then.
    assert site.get(f"{address.rstrip('/')}.json", {"on": "2020-01-01"}).json()["votes"] == []


@pytest.mark.parametrize("number", ["999999", "0", "99999999999999999999"])
def test_a_seat_that_is_none_is_a_page_not_found(site: Any, number: str) -> None:
    assert site.get(f"{COUNCIL}{number}/").status_code == 404


def test_a_member_of_another_town_has_no_page_in_this_one(site: Any) -> None:
    assert site.get(f"/places/us/mn/minneapolis/council/{_number('Amos Teller')}/").status_code == 404


def test_a_council_that_nobody_entered_is_unknown_and_teaches(site: Any) -> None:
    text = page(site.get("/places/us/mn/minneapolis/council/"))
    assert "So who decides here is unknown." in text


def test_a_report_on_these_pages_is_about_the_place(site: Any) -> None:
    assert f"about=/places/{PLACE}/" in page(site.get(COUNCIL)).replace("%2F", "/")
    assert site.get("/wrong/", {"about": f"/places/{PLACE}/"}).status_code == 200


# --- why now, on a proposal's page


def test_a_proposal_shows_figures_side_by_side_with_a_table_and_no_cause(site: Any) -> None:
    text = page(site.get("/decisions/twelve-more-plate-readers/"))
    assert "Why now?" in text
    assert "They do not show that one led to the other." in text
    assert "<td>2023</td><td>unknown</td><td>128,780</td>" in text
    assert "and an unknown number" in text
    assert "This table cannot show why a device stands where it stands" in text


# --- the clerk's desk


def look(client: Any, file: Any, **more: str) -> Any:
    return client.post(DESK, {"step": "look", "what": "wards", "file": file, **more})


def test_a_clerk_sees_what_a_file_comes_to_before_it_is_taken(site: Any) -> None:
    from postme.keeping.store.models import DeskAct, Ward

    clerk = at_the_desk("clem", "clerk")
    bow = '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"ward":"North"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[0.01,0.01],[0.01,0],[0,0.01],[0,0]]]}}]}'  # fmt: skip
    text = page(look(clerk, brought("wards.geojson", bow), source="The clerk, 2026"))
    assert "Look before it is taken" in text
    assert "1 ward : North" in text or "1 ward: North" in text
    assert "was mended" in text
    assert '<svg class="map wards"' in text
    assert Ward.objects.filter(town_id=PLACE).count() == 5
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text[text.index("look-first") :]))
    answer = clerk.post(DESK, {**fields, "step": "take"})
    assert answer.status_code == 302
    assert [one.name for one in Ward.objects.filter(town_id=PLACE)] == ["North"]
    assert Ward.objects.get(town_id=PLACE).source.startswith("The clerk, 2026")
    assert DeskAct.objects.latest("pk").what == "wards loaded"


def test_a_file_in_an_unknown_projection_is_refused_beside_its_field_with_what_was_typed(site: Any) -> None:
    meters = '{"type":"Polygon","coordinates":[[[476000,4977000],[477000,4977000],[477000,4978000],[476000,4977000]]]}'
    text = page(look(at_the_desk("clem", "clerk"), brought("w.geojson", meters), source="The clerk", column="ward"), 400)  # fmt: skip
    assert "no longitude and latitude: the first number runs from 476,000.00 to 477,000.00" in text
    assert "name its projection with --crs" in text or "EPSG:26915" in text
    assert 'value="The clerk"' in text


def test_the_parts_of_a_shapefile_are_taken_together(site: Any) -> None:
    import shapefile

    shp, dbf = io.BytesIO(), io.BytesIO()
    with shapefile.Writer(shp=shp, dbf=dbf, shx=io.BytesIO()) as writer:
        writer.field("WARD", "C", 10)
        writer.poly([[[0, 0], [0, 0.01], [0.01, 0.01], [0.01, 0], [0, 0]]])
        writer.record("9")
    clerk = at_the_desk("clem", "clerk")
    files = [brought("w.shp", shp.getvalue()), brought("w.dbf", dbf.getvalue())]
    text = page(clerk.post(DESK, {"step": "look", "what": "wards", "file": files}))
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text[text.index("look-first") :]))
    assert clerk.post(DESK, {**fields, "step": "take"}).status_code == 302


def test_addresses_are_loaded_and_counted(site: Any) -> None:
    from postme.keeping.store.models import AddressPoint

    clerk = at_the_desk("clem", "clerk")
    text = page(clerk.post(DESK, {"step": "look", "what": "addresses", "file": brought("a.csv", "address,lon,lat\n1 New St,0.03,0.02\n2 New St,0.9,0.9\n")}))  # fmt: skip
    assert "1 of them lies in no ward." in text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text[text.index("look-first") :]))
    assert clerk.post(DESK, {**fields, "step": "take"}).status_code == 302
    assert AddressPoint.objects.filter(town_id=PLACE).count() == 2


@pytest.mark.parametrize("form", [{"step": "look"}, {"step": "nonsense"}, {"step": "take", "name": "x", "sha256": "../../etc/passwd"}, {"step": "figures", "what": "nonsense"}, {"step": "end", "seat": "x"}, {"step": "verify", "seat": "1" * 30, "source": "x"}])  # fmt: skip
def test_a_form_that_makes_no_sense_is_refused_in_words(site: Any, form: dict[str, str]) -> None:
    assert at_the_desk("clem", "clerk").post(DESK, form).status_code == 400


def test_a_member_is_entered_verified_and_ended(site: Any) -> None:
    clerk = at_the_desk("clem", "clerk")
    seat = {"step": "enter", "holder": "Nora New", "ward": "Ward 2", "verified": "2026-11-20", "source": "Oath of office"}  # fmt: skip
    assert clerk.post(DESK, seat).status_code == 302
    number = _number("Nora New")
    assert "Nora New" in page(site.get(COUNCIL))
    assert clerk.post(DESK, {"step": "verify", "seat": number, "source": "Roster"}).status_code == 302
    assert clerk.post(DESK, {"step": "end", "seat": number, "until": "2026-11-21"}).status_code == 302
    assert "Who sat here before" in page(site.get(COUNCIL))
    text = page(clerk.post(DESK, {**seat, "source": ""}), 400)
    assert "&#x27;source&#x27; is missing" in text
    assert 'value="Nora New"' in text


def test_tables_of_members_and_figures_are_loaded_from_csv(site: Any) -> None:
    clerk = at_the_desk("clem", "clerk")
    for step, what, name in (("seats", "", "seats.csv"), ("figures", "figures", "figures.csv"), ("figures", "people", "people.csv"), ("figures", "devices", "devices.csv")):  # fmt: skip
        file = brought(name, (FILES / name).read_bytes())
        assert clerk.post(DESK, {"step": step, "what": what, "file": file}).status_code == 302, name
    assert "128,780" in page(clerk.get(DESK))
    assert page(clerk.get("/desk/town/"))


def test_whoever_is_no_clerk_is_told_who_may(site: Any) -> None:
    answer = at_the_desk("rea", "reader").get(DESK)
    assert "A clerk may load the town’s wards" in page(answer, 403)
    assert site.get(DESK).status_code == 302


# --- how it is made


@pytest.mark.parametrize("which", [ADDRESS, COUNCIL, "member", "/decisions/twelve-more-plate-readers/"])
def test_a_page_asks_the_database_a_dozen_times_at_the_most(site: Any, which: str) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    address = f"{COUNCIL}{_number('Amos Teller')}/" if which == "member" else which
    assert site.get(address).status_code == 200
    with CaptureQueriesContext(connection) as asked:
        site.get(address)
    assert len(asked.captured_queries) <= 12, "\n".join(query["sql"][:160] for query in asked.captured_queries)
