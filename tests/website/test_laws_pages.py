"""The laws' pages: every law on a day, one law clause by clause, ask, compare, the words."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest
import stores
from hypothesis import given, settings
from hypothesis import strategies as st

from postme.office import counsel, wording
from postme.place import placed

_TAGS = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^>]+>", re.DOTALL)
EVERY = tuple(law.id for law in counsel.every())
MODELS = tuple(law.id for law in counsel.models())
TEN = (
    "us-mn-minneapolis-fr", "us-ca-oakland-ccops", "us-ca-military-equipment", "us-ma-boston-fr", "us-me-state-fr", "us-va-fr", "us-mn-alpr", "us-wa-fr",
    "us-md-baltimore-fr", "us-1033-programme",
)  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A visitor's browser without a browser, on an empty site: laws are knowledge, not publications; no test here writes."""
    from django.test import Client, override_settings

    data = tmp_path_factory.mktemp("laws")
    with override_settings(DATA=data, ALLOWED_HOSTS=["*"]), stores.turned_to(data):
        stores.with_tables(data)
        yield Client()


def text(response: Any) -> str:
    """What a reader of the page reads, its white space as single spaces."""
    return " ".join(html.unescape(_TAGS.sub(" ", response.content.decode())).split())


def plain(words: str) -> str:
    return " ".join(words.split())


def asked(**parts: str) -> str:
    return "/laws/ask/?" + urlencode(parts)


MINNEAPOLIS = {"place": "us/mn/minneapolis", "body": "police", "act": "use", "technology": "face_recognition"}


# --- every law ---------------------------------------------------------------------------------------------------------


def test_the_page_of_each_law_answers_and_its_twin_says_the_same(client: Any) -> None:
    for id_ in (*EVERY, *MODELS):
        page, twin = client.get(f"/laws/{id_}/"), client.get(f"/laws/{id_}.json")
        assert page.status_code == twin.status_code == 200, id_
        told, said = text(page), twin.json()
        law = said["law"]
        from postme.website.templatetags.lawtalk import dated

        for words in (law["name"], law["what"], law["citation"]):
            assert plain(words) in told, (id_, words)
        for provision in law["provisions"]:
            assert plain(dated(provision["says"])) in told, (id_, provision["id"])
            assert f'id="{provision["id"]}"' in page.content.decode()
        for line in law["conflicts"]:
            assert plain(dated(line)) in told, id_
        for case in said["cases"]:
            assert plain(dated(case["says"])) in told, id_
        assert len(said["timeline"]) == page.content.decode().count('<span class="when">'), id_
        assert ("No lawyer has signed this reading." in told) is (law["read"]["lawyer"] is None)
        assert "This is no legal advice" in told
        assert "<mark" not in page.content.decode(), "our paraphrase is not evidence"


def test_the_hash_of_a_law_is_that_of_its_twin(client: Any) -> None:
    import hashlib

    said = client.get("/laws/us-mn-minneapolis-fr.json").json()
    canonical = json.dumps(said["law"], sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    assert hashlib.sha256(canonical).hexdigest() == said["sha256"]
    assert said["sha256"] in client.get("/laws/us-mn-minneapolis-fr/").content.decode()


def test_a_law_stands_from_its_first_day(client: Any) -> None:
    assert client.get("/laws/us-mn-minneapolis-fr.json?on=2021-02-11").json()["force"] == "not_adopted"
    assert client.get("/laws/us-mn-minneapolis-fr.json?on=2021-02-12").json()["force"] == "in_force"
    assert "In force on 12 February 2021" in text(client.get("/laws/us-mn-minneapolis-fr/?on=2021-02-12"))


def test_sources_open_without_telling_where_the_reader_came_from(client: Any) -> None:
    page = client.get("/laws/us-mn-minneapolis-fr/").content.decode()
    links = re.findall(r'<a href="(https?://[^"]+)"([^>]*)>', page)
    assert len(links) > 9
    assert all('rel="noreferrer"' in rest for _, rest in links)


def test_an_unknown_law_is_a_page_not_found(client: Any) -> None:
    assert client.get("/laws/us-xx-nowhere/").status_code == 404
    assert client.get("/laws/us-xx-nowhere.json").status_code == 404


# --- the table and the map -----------------------------------------------------------------------------------------------


def test_the_table_shows_every_law_that_was_adopted_by_the_day(client: Any) -> None:
    for day in ("2018-07-01", "2021-02-12", "2026-11-23"):
        said = client.get(f"/laws.json?on={day}").json()
        on = date.fromisoformat(day)
        expected = {law.id for law in counsel.every() if wording.force(law, on) != "not_adopted"}
        assert {row["id"] for row in said["laws"]} == expected
        assert sum(said["counts"].values()) == said["known"] == len(EVERY)
        page = client.get(f"/laws/?on={day}").content.decode()
        assert page.count("<tr><td>") >= len(expected)
        for row in said["laws"]:
            assert f'href="/laws/{row["id"]}/' in page, row["id"]
        for row in said["on_the_map"]:
            assert html.escape(row["says"]) in page, row["place"]


def test_the_table_is_filtered_and_sorted_by_its_address(client: Any) -> None:
    drones = client.get("/laws.json?on=2026-11-23&subject=drone").json()["laws"]
    assert {row["subject"] for row in drones} == {"drone"}
    maine = client.get("/laws.json?on=2026-11-23&state=me").json()["laws"]
    assert maine and {row["place"]["state"] for row in maine} == {"me"}
    since = [row["first"] for row in client.get("/laws.json?on=2026-11-23&by=since").json()["laws"]]
    assert since == sorted(since) and len(set(since)) > 20
    ended = client.get("/laws.json?on=2026-11-23&force=ended").json()["laws"]
    assert ended and {row["force"] for row in ended} == {"ended"}


def test_the_day_moves_from_change_to_change_and_reaches_each(client: Any) -> None:
    address, seen = "/laws.json?on=2015-01-01&subject=face_recognition", []
    for _ in range(200):
        said = client.get(address).json()
        seen.append(said["on"])
        if said["moves"]["next"] is None:
            break
        address = "/laws.json" + said["moves"]["next"]["address"]
    starts = {law.starts.exact.isoformat() for law in counsel.every(subject="face_recognition") if law.starts.exact}
    assert seen == sorted(set(seen)) and {day for day in starts if day > "2015-01-01"} <= set(seen)


def test_a_wrong_day_is_said_beside_its_field_and_kept(client: Any) -> None:
    for wrong in ("9999-12-31", "0001-01-01", "2021-02-30", "yesterday"):
        page = client.get("/laws/?" + urlencode({"on": wrong}))
        assert page.status_code == 400
        assert f'value="{wrong}"' in page.content.decode() and 'aria-invalid="true"' in page.content.decode()


# --- ask -----------------------------------------------------------------------------------------------------------------


def test_the_page_answers_the_worked_cases_of_ten_laws_as_their_files_say(client: Any) -> None:
    tried = 0
    for id_ in TEN:
        for case in client.get(f"/laws/{id_}.json").json()["cases"]:
            if case["address"]:
                said = client.get(case["address"].replace("/laws/ask/", "/laws/ask.json"))
                assert said.status_code == 200, (id_, case, said.content)
                assert said.json()["answer"] == case["answer"], (id_, case["says"], said.json()["answer"])
                tried += 1
    assert tried > 80


def test_the_page_gives_the_word_the_reason_the_doubts_and_what_was_looked_through(client: Any) -> None:
    page = client.get(asked(**MINNEAPOLIS, on="2021-03-01"))
    told, twin = text(page), client.get("/laws/ask.json?" + urlencode({**MINNEAPOLIS, "on": "2021-03-01"})).json()
    assert "On 1 March 2021, may the city's police in Minneapolis, Minnesota use face recognition?" in told
    assert twin["version"] == 1 and twin["answer"] == "prohibited" and "Prohibited" in told
    assert '<a class="small" href="/laws/us-mn-minneapolis-fr/#no-obtaining-or-using">' in page.content.decode()
    for line in (*twin["unless"], *(wording_dated(note) for note in twin["notes"])):
        assert plain(line) in told
    for id_ in twin["looked_through"]:
        assert f'href="/laws/{id_}/"' in page.content.decode(), id_
    assert 'name="fact.exemption_granted" value="yes"' in page.content.decode()
    assert "<mark" not in page.content.decode()


def wording_dated(note: str) -> str:
    from postme.website.templatetags.lawtalk import dated

    return dated(note)


def test_a_fact_that_would_settle_it_settles_it(client: Any) -> None:
    question = {**MINNEAPOLIS, "body": "city_department", "on": "2022-01-10"}
    answers = [
        client.get("/laws/ask.json?" + urlencode({**question, "fact.exemption_granted": said})).json()["answer"]
        for said in ("", "yes", "no")
    ]
    assert answers == ["prohibited", "allowed", "prohibited"]


def test_a_name_that_several_places_bear_is_asked_back(client: Any) -> None:
    question = {**MINNEAPOLIS, "place": "Minneapolis"}
    page = client.get(asked(**question))
    assert page.status_code == 400
    for one in ("us/mn/minneapolis", "us/ks/minneapolis"):
        assert f'name="which" value="{one}"' in page.content.decode()
    chosen = client.get("/laws/ask.json?" + urlencode({**question, "which": "us/ks/minneapolis"})).json()
    assert chosen["question"]["place"] == "us/ks/minneapolis" and chosen["answer"] == "no_law_found"
    other = client.get(
        "/laws/ask.json?" + urlencode({**question, "place": "Oakland, California", "which": "us/ks/minneapolis"})
    ).json()
    assert other["question"]["place"] == "us/ca/oakland", "a choice for one name is none for another"


def test_who_comes_with_a_place_alone_meets_the_form_with_the_place_filled_in(client: Any) -> None:
    for place in ("us/mn/minneapolis", "Oakland, California", "Minneapolis"):
        page = client.get(asked(place=place))
        assert page.status_code == 200, place
        assert f'value="{place}"' in page.content.decode() and 'role="alert"' not in page.content.decode()
    assert 'name="which" value="us/ks/minneapolis"' in page.content.decode()
    compared = client.get("/laws/compare/?place=us/mn/minneapolis")
    assert compared.status_code == 200
    assert '<option value="us-mn-minneapolis-fr" selected>' in compared.content.decode()
    assert 'id="second-wanted"' in compared.content.decode()
    for none in ("us/mn/edina", "no such place", "Minneapolis"):
        page = client.get("/laws/compare/?" + urlencode({"place": none}))
        assert page.status_code == 200 and " selected>" not in page.content.decode(), none


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Minneapolis, Minnesota", "us/mn/minneapolis"), ("minneapolis mn", "us/mn/minneapolis"), ("St. Paul, MN", "us/mn/saint_paul"),
        ("Hennepin County", "us/mn/county:hennepin"), ("Minnesota", "us/mn"), ("us/ca/oakland", "us/ca/oakland"), (" San  Francisco, CA ", "us/ca/san_francisco"),
    ],
)  # fmt: skip
def test_a_place_is_found_as_people_write_it(client: Any, typed: str, meant: str) -> None:
    said = client.get("/laws/ask.json?" + urlencode({**MINNEAPOLIS, "place": typed})).json()
    assert said["question"]["place"] == meant


def test_a_misspelt_place_is_an_error_with_the_nearest_and_never_a_place_without_laws(client: Any) -> None:
    said = client.get("/laws/ask.json?" + urlencode({**MINNEAPOLIS, "place": "Mineapolis"}))
    assert said.status_code == 400 and "answer" not in said.json()
    assert "us/mn/minneapolis" in {one["id"] for one in said.json()["candidates"]}


def test_what_is_wrong_stands_beside_its_field_and_everything_typed_is_kept(client: Any) -> None:
    page = client.get(
        asked(
            place="Minneapolis, Minnesota",
            body="polis",
            act="use",
            technology="",
            on="2021-99-99",
            purpose="parking",
            **{"fact.warrant": "maybe"},
        )
    )
    assert page.status_code == 400
    shown = page.content.decode()
    assert 'id="technology-wanted"' in shown
    for kept in (
        'value="Minneapolis, Minnesota"',
        'value="2021-99-99"',
        '<option value="parking" selected>',
        '<option value="use" selected>',
    ):
        assert kept in shown, kept
    for field in ("body", "on"):
        assert f'id="{field}-error"' in shown, field
    assert "Answer yes or no" in text(page)
    wrong = client.get(asked(**{**MINNEAPOLIS, "body": "polis"})).content.decode()
    assert 'id="body-error"' in wrong and "police" in wrong


def test_without_a_question_the_form_stands_and_nothing_is_wrong(client: Any) -> None:
    page = client.get("/laws/ask/")
    assert page.status_code == 200 and 'role="alert"' not in page.content.decode()
    assert client.get("/laws/ask.json").json()["errors"] == {}


def test_a_question_that_is_begun_is_kept_and_the_rest_is_asked_for(client: Any) -> None:
    """A place's page leads here with nothing but the place: that is no mistake."""
    begun: dict[str, str]
    for begun, asked_for in (
        ({"place": "us/mn/minneapolis"}, ["body", "act", "technology"]),
        ({"place": "us/mn/minneapolis", "technology": "drone"}, ["body", "act"]),
        ({"technology": "drone", "body": "police", "act": "use"}, ["place"]),
    ):
        page, twin = client.get(asked(**begun)), client.get("/laws/ask.json?" + urlencode(begun))
        assert (page.status_code, twin.status_code) == (200, 200), begun
        assert sorted(twin.json()["missing"]) == sorted(asked_for) and twin.json()["errors"] == {}
        shown = page.content.decode()
        assert 'role="alert"' not in shown and "aria-invalid" not in shown
        assert all(f'id="{field}-wanted"' in shown for field in asked_for)
        assert (f'value="{begun["place"]}"' if "place" in begun else '<option value="drone" selected>') in shown


def test_what_is_given_and_means_nothing_is_wrong_though_the_rest_is_missing(client: Any) -> None:
    for wrong in ({"technology": "dron"}, {"body": "polis"}, {"act": "oogle"}, {"place": "Mineapolis"}):
        page = client.get(asked(**wrong))
        assert page.status_code == 400, wrong
        assert f'id="{next(iter(wrong))}-error"' in page.content.decode()
    assert "No law here knows “dron”" in text(client.get(asked(technology="dron")))


HOSTILE = (
    "<script>alert(1)</script>", "' OR 1=1; DROP TABLE store_place; --", "x" * 10_000, "9999-12-31", "0001-01-01", "us/../../etc/passwd", "ض" * 50, "{{7*7}}",
    "finding:" + "a" * 500, "-1", "1e999", "nan", "us/zz", "%", "🏛",
)  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_words_give_a_clear_page_in_every_field(client: Any, value: str) -> None:
    for field in (
        "place",
        "which",
        "body",
        "act",
        "technology",
        "purpose",
        "on",
        "fact.warrant",
        f"fact.{value[:2000]}",
        "fact.days_of_notice",
    ):
        for door in ("/laws/ask/", "/laws/ask.json"):
            page = client.get(f"{door}?" + urlencode({**MINNEAPOLIS, field: value}))
            assert page.status_code in (200, 400, 414), (field, page.status_code)
            if door.endswith(".json"):
                assert page.headers["Content-Type"] == "application/json"
                assert page.headers["X-Content-Type-Options"] == "nosniff"
            else:
                assert b"<script>alert" not in page.content
            assert len(page.content) < 400_000
    for field in ("first", "second", "on"):
        page = client.get("/laws/compare/?" + urlencode({"first": EVERY[0], "second": EVERY[1], field: value}))
        assert page.status_code in (200, 400) and b"<script>alert" not in page.content
    for field in ("on", "by", "subject", "state", "force"):
        page = client.get("/laws/?" + urlencode({field: value}))
        assert page.status_code in (200, 400) and b"<script>alert" not in page.content


_words = counsel.vocabulary()
# A NUL is refused for every page alike: tests/website/test_review.py.
_some = st.text(st.characters(exclude_characters="\0"), max_size=30)


# Chosen: each question is asked three times and drawn once; make soak asks two thousand.
_asking = {
    "place": st.sampled_from(["us/mn/minneapolis", "us/ca/oakland", "us/me", "us", "Boston, MA", "us/wa/county:king", ""]) | _some,
    "body": st.sampled_from([*_words["bodies"], *_words["agencies"]]) | _some, "act": st.sampled_from([*_words["acts"]]) | _some,
    "technology": st.sampled_from([*_words["technologies"]]) | _some, "purpose": st.sampled_from(["", *_words["purposes"]]) | _some,
    "on": st.dates().map(str) | st.dates(date(2017, 1, 1), date(2027, 1, 1)).map(str) | _some,
    "facts": st.dictionaries(st.sampled_from([*_words["facts"]]), st.sampled_from(["yes", "no", "2021-01-01", "7", "x", "0001-01-01"]), max_size=5),
}  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(**_asking)
def test_any_question_is_answered_or_refused_and_page_and_twin_agree(
    client: Any, facts: dict[str, str], **parts: str
) -> None:
    _asked_and_answered(client, facts, parts)


@pytest.mark.soak
@settings(max_examples=2000, deadline=None)
@given(**_asking)
def test_nor_is_any_of_two_thousand(client: Any, facts: dict[str, str], **parts: str) -> None:
    _asked_and_answered(client, facts, parts)


def _asked_and_answered(client: Any, facts: dict[str, str], parts: dict[str, str]) -> None:
    query = urlencode({**parts, **{f"fact.{key}": value for key, value in facts.items()}}, errors="replace")
    page, twin = client.get(f"/laws/ask/?{query}"), client.get(f"/laws/ask.json?{query}")
    assert page.status_code == twin.status_code in (200, 400)
    said = twin.json()
    if "answer" in said:
        word = said["answer"].replace("_", " ")
        assert f"{word[0].upper()}{word[1:]}</span></p>" in page.content.decode()
        again = client.get(said["address"].replace("/laws/ask/", "/laws/ask.json")).json()
        assert again["answer"] == said["answer"] and again["address"] == said["address"], (
            "the address of an answer is that of its question"
        )
        assert all(one in {law["id"] for law in said["looked"]} for one in said["looked_through"])
    else:
        assert (page.status_code == 400) is bool(said["errors"])


# --- compare, words, languages ---------------------------------------------------------------------------------------------


def test_two_laws_stand_beside_each_other_as_compare_says(client: Any) -> None:
    query = urlencode({"first": "us-mn-minneapolis-fr", "second": "us-ma-boston-fr"})
    page, twin = client.get(f"/laws/compare/?{query}"), client.get(f"/laws/compare.json?{query}").json()
    rows = counsel.held_against(counsel.law("us-mn-minneapolis-fr"), counsel.law("us-ma-boston-fr"), None)
    assert [(row["topic"], row["standing"]) for row in twin["topics"]] == [
        (row.topic, row.standing.value) for row in rows
    ]
    told = text(page)
    for row in rows:
        for one in (*row.first.provisions, *row.second.provisions):
            assert plain(wording_dated(one.says)) in told
    assert "Cannot be told" in told and "<mark" not in page.content.decode()


def test_a_law_is_held_against_a_model_and_lacks_only_what_was_read(client: Any) -> None:
    for law in EVERY[:20]:
        for model in MODELS:
            said = client.get(f"/laws/compare.json?first={model}&second={law}").json()
            known = counsel.law(law)
            if not known.text_seen or known.unseen:
                assert "lacks it" not in {row["standing"] for row in said["topics"]}, law


def test_a_comparison_that_lacks_a_law_says_which(client: Any) -> None:
    one = client.get("/laws/compare/?first=us-mn-minneapolis-fr")
    assert one.status_code == 200 and 'id="second-wanted"' in one.content.decode()
    assert '<option value="us-mn-minneapolis-fr" selected>' in one.content.decode()
    assert client.get("/laws/compare/?second=us-mn-minneapolis-fr").status_code == 200
    wrong = client.get("/laws/compare/?first=no-such-law")
    assert wrong.status_code == 400 and 'id="first-error"' in wrong.content.decode()
    same = client.get("/laws/compare/?first=us-mn-minneapolis-fr&second=us-mn-minneapolis-fr")
    assert same.status_code == 400 and "same law" in text(same)
    assert client.get("/laws/compare/").status_code == 200


def test_every_word_that_a_law_page_links_to_is_explained(client: Any) -> None:
    anchors = set(re.findall(r'<div id="([^"]+)"', client.get("/laws/words/").content.decode()))
    assert len(anchors) > 250
    for id_ in (*EVERY, *MODELS):
        linked = set(re.findall(r'href="/laws/words/#([^"]+)"', client.get(f"/laws/{id_}/").content.decode()))
        assert linked <= anchors, id_
    page = client.get(asked(place="us/ca/oakland", body="police", act="obtain", technology="drone")).content.decode()
    facts = set(re.findall(r'href="/laws/words/#([^"]+)"', page))
    assert facts and facts <= anchors


def test_every_link_of_a_law_page_inside_the_page_lands(client: Any) -> None:
    for id_ in (*EVERY, *MODELS):
        page = client.get(f"/laws/{id_}/").content.decode()
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert len(ids) == len(set(ids)), (id_, [one for one in ids if ids.count(one) > 1])
        assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids), id_


def test_the_pages_stand_in_the_other_language_too(client: Any) -> None:
    for address in (
        "/es/laws/",
        "/es/laws/us-mn-minneapolis-fr/",
        "/es" + asked(**MINNEAPOLIS),
        "/es/laws/compare/",
        "/es/laws/words/",
    ):
        page = client.get(address)
        assert page.status_code == 200 and '<html lang="es"' in page.content.decode(), address
    assert 'href="/es/places/us/mn/minneapolis/"' in client.get("/es/laws/").content.decode()


def test_no_page_of_laws_asks_the_database_more_than_for_a_name(client: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for address in ("/laws/", "/laws/us-mn-minneapolis-fr/", asked(**MINNEAPOLIS), "/laws/words/", "/laws/compare/"):
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        assert len(queries) <= 1, address


def test_what_is_made_up_says_so_wherever_it_stands(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from postme.office import mapping
    from postme.website.pages import maps

    row = mapping.country(date(2026, 11, 23)).rows[0]
    made_up = maps.place(replace(row, place="us/zz/mill_falls", name="Mill Falls", state="Zz"))
    assert (made_up["name"], made_up["state"], made_up["fiction"]) == ("Mill Falls (fiction)", "", True)
    own = counsel.law("us-mn-minneapolis-fr")
    monkeypatch.setattr(counsel, "law", lambda _: replace(own, id="us-zz-made-up", place=placed("us/zz")))
    assert 'class="fiction"' in client.get("/laws/us-zz-made-up/").content.decode()
    monkeypatch.undo()
    assert 'class="fiction"' not in client.get("/laws/us-mn-minneapolis-fr/").content.decode()
