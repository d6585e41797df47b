"""A place's page: its laws on a day, what happened to them when, whom they bind, what it has, and nothing that no record says."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import pytest

MINNEAPOLIS, TOWN = "/places/us/mn/minneapolis", "/places/us/zz/mill_falls"


@pytest.fixture
def with_the_town_s_law() -> Any:
    from postme.office import counsel, example_town

    counsel.also_from([example_town.LAWS])
    yield
    counsel.also_from([])


def told(site: Any, address: str, **query: str) -> dict[str, Any]:
    answer = site.get(f"{address}.json", query)
    assert answer.status_code == 200
    facts: dict[str, Any] = json.loads(answer.content)
    return facts


def page(site: Any, address: str, **query: str) -> str:
    answer = site.get(f"{address}/", query)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def ban(facts: dict[str, Any]) -> dict[str, Any]:
    [law] = [law for law in facts["laws"] if law["id"] == "us-mn-minneapolis-fr"]
    return dict(law)


def test_minneapolis_shows_its_ban_from_its_introduction_to_the_veto_that_did_not_come(site: Any) -> None:
    timeline = ban(told(site, MINNEAPOLIS))["timeline"]
    assert [(step["what"].split(" of the ")[0], step["on"], step["vote"]) for step in timeline] == [
        ("introduced", "in 2020-10", None),
        ("an open letter", "between 2020-10-01 and 2021-02-10", None),
        ("public hearing", "2021-02-10", None),
        ("recommended by the Policy & Government Oversight committee", "between 2021-02-08 and 2021-02-12", "12-0"),
        ("adopted", "2021-02-12", "13-0"),
        ("the time for a veto has passed without one", "between 2021-02-12 and 2021-02-19", None),
    ]
    assert all(step["sources"] for step in timeline)


def test_each_step_is_shown_with_its_source_and_how_sure_that_is(site: Any) -> None:
    shown = page(site, MINNEAPOLIS)
    assert "October 2020" in shown
    assert "Vote: 13-0." in shown
    assert "https://lims.minneapolismn.gov/agenda/POGO/2230" in shown
    assert shown.count("Seen in reporting") >= 5


def test_whom_the_ban_binds_and_whom_not_is_said(site: Any) -> None:
    law = ban(told(site, MINNEAPOLIS))
    assert law["binds"] == ["city"]
    assert "hennepin_county_sheriff" in law["not_bound"]
    assert "The Hennepin County Sheriff&#x27;s Office" in page(site, MINNEAPOLIS)


@pytest.mark.parametrize(
    ("day", "force"), [("2021-02-11", "not_adopted"), ("2021-02-12", "in_force"), ("2026-11-23", "in_force")]
)
def test_the_ban_stands_from_the_day_of_the_vote_on(site: Any, day: str, force: str) -> None:
    assert ban(told(site, MINNEAPOLIS, on=day))["force"] == force


def test_on_a_day_before_the_ban_the_page_says_so_in_words(site: Any) -> None:
    assert "Not adopted by then, as far as seen" in page(site, MINNEAPOLIS, on="2021-02-11")
    assert "The law here, on 11 February 2021" in page(site, MINNEAPOLIS, on="2021-02-11")


@pytest.mark.parametrize("typed", ["x", "2021-02-30", "0001-01-01", "<script>", "9" * 5000])
def test_a_day_that_is_none_keeps_what_was_typed_and_says_what_to_write(site: Any, typed: str) -> None:
    answer = site.get(f"{MINNEAPOLIS}/", {"on": typed})
    assert answer.status_code == 400
    said = answer.content.decode()
    assert "aria-invalid" in said
    assert "<script>" not in said


def test_of_a_real_city_nothing_is_said_that_no_record_carries(site: Any) -> None:
    facts = told(site, MINNEAPOLIS)
    assert facts["holdings"] == []
    assert facts["fiction"] is False
    shown = page(site, MINNEAPOLIS)
    assert "Nothing is published here of what its bodies have" in shown
    assert "<mark>" not in shown


def test_what_no_known_law_speaks_of_is_listed_and_is_not_called_allowed(site: Any) -> None:
    assert "community_control" in told(site, MINNEAPOLIS)["silent"]
    assert "That is not the same as allowed" in page(site, MINNEAPOLIS)


def test_the_state_s_laws_from_memory_say_that_they_are(site: Any) -> None:
    [drones] = [law for law in told(site, MINNEAPOLIS)["laws"] if law["subject"] == "drone"]
    assert drones["place"] == "us/mn"
    assert "from memory" in page(site, MINNEAPOLIS)


def test_minneapolis_in_kansas_is_another_place_without_the_ban(site: Any) -> None:
    assert all(law["id"] != "us-mn-minneapolis-fr" for law in told(site, "/places/us/ks/minneapolis")["laws"])


def test_a_place_that_is_none_is_not_found(site: Any) -> None:
    assert site.get("/places/us/mn/minneapolys/").status_code == 404
    assert site.get("/places/Minneapolis/").status_code == 404


@pytest.mark.usefixtures("with_the_town_s_law")
def test_the_fictional_town_says_that_it_and_its_law_are_made_up(site: Any) -> None:
    facts = told(site, TOWN)
    assert facts["fiction"] is True
    assert "made up" in page(site, TOWN)
    assert {law["place"] for law in facts["laws"]} == {"us", "us/zz"}
    assert "made up" in page(site, "/places/us/zz")


def test_the_town_s_holdings_are_counted_by_what_records_show_of_them(site: Any) -> None:
    facts = told(site, TOWN)
    kinds = {(one["status"], one["technology"]["id"]) for one in facts["holdings"]}
    assert sum(facts["counts"].values()) == len(kinds) == len(facts["holdings"]) - 1, (
        "two bodies have cameras: one kind"
    )
    assert facts["counts"]["refused"] == 1


@pytest.mark.usefixtures("with_the_town_s_law")
def test_a_law_on_all_surveillance_leaves_no_kind_of_it_unspoken_of(site: Any) -> None:
    assert told(site, TOWN, on="2026-11-23")["silent"] == []
    assert "face_recognition" in told(site, TOWN, on="2022-12-31")["silent"]


@pytest.mark.usefixtures("with_the_town_s_law")
def test_every_verdict_but_the_sixth_is_on_the_town_s_page(site: Any) -> None:
    held = told(site, TOWN, on="2026-11-23")["holdings"]
    assert {one["verdict"] for holding in held for one in holding["standing"]["duties"]} >= {"met", "broken", "unknown", "not_yet_due"}  # fmt: skip
    answers = {one["answer"] for holding in held for one in holding["standing"]["permissions"]}
    assert answers >= {"allowed", "prohibited", "needs_approval", "allowed_if", "no_law_found"}


def test_a_state_s_page_lists_the_places_in_it_that_are_known(site: Any) -> None:
    assert {"id": "us/mn/minneapolis", "name": "Minneapolis"} in told(site, "/places/us/mn")["within"]


@pytest.mark.parametrize("address", [MINNEAPOLIS, TOWN, "/places/us/mn"])
def test_a_place_s_page_asks_the_database_little(site: Any, address: str) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        assert site.get(f"{address}/").status_code == 200
    assert len(asked) <= 12


# --- on paper


@pytest.mark.parametrize("address", [MINNEAPOLIS, TOWN, "/laws/us-mn-minneapolis-fr"])
@pytest.mark.parametrize("language", ["", "/es"])
@pytest.mark.parametrize("query", [{}, {"on": "2021-03-01"}])
def test_a_printed_page_carries_the_hash_of_its_facts_and_says_that_it_is_no_entry_of_the_log(
    site: Any, address: str, language: str, query: dict[str, str]
) -> None:
    answer = site.get(f"{language}{address}/", query)
    shown = re.sub(r"<[^>]+>", "", answer.content.decode())
    [(twin, sha256)] = re.findall(r"(/\S+\.json\?on=[0-9-]+)[^:]*:\s*([0-9a-f]{64})", shown)
    assert hashlib.sha256(site.get(twin).content).hexdigest() == sha256, twin
    assert f"<code>{sha256}</code>" in answer.content.decode()
    assert ("no una entrada del registro" if language else "not an entry of the public log") in shown
    assert f'href="{language}/verify/#facts"' in answer.content.decode()
    assert 'id="facts"' in site.get(f"{language}/verify/").content.decode()


def test_what_is_an_entry_of_the_log_says_so_and_carries_its_leaf(site: Any) -> None:
    shown = site.get("/agencies/us/zz/mill_falls/police-department/drone/").content.decode()
    assert "not an entry of the public log" not in shown and "check it yourself" in shown
    assert re.search(r"of the public log</a> · <code>[0-9a-f]{64}</code>", shown)


# --- the list of places


def test_the_list_names_places_with_their_states_and_ids_only_where_two_are_called_the_same(site: Any) -> None:
    rows = told(site, "/places")["places"]
    names = {row["id"]: row["name"] for row in rows}
    assert names["us/mn/minneapolis"] == "Minneapolis, Minnesota" and names["us/ny/new_york"] == "New York, New York"
    assert names["us/ny"] == "New York" and names["us/wa/county:king"] == "King County, Washington"
    assert names["us/zz/mill_falls"] == "Mill Falls"
    shown = re.sub(r"<[^>]+>", " ", page(site, "/places"))
    assert not re.search(r"\bus/[a-z]{2}/", re.sub(r"http\S+", "", shown))
    assert shown.count("(fiction)") == sum(row["fiction"] for row in rows) > 0


def test_two_places_of_one_name_are_told_apart_by_their_ids(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from postme.website.pages import places

    monkeypatch.setattr(places, "_whole", lambda row: "Springfield")
    shown = page(site, "/places")
    assert '<code class="small">us/ma/springfield</code>' in shown
