"""Have your say: what is before the council, where it stands by the town's own law, and when it comes up."""

from __future__ import annotations

import datetime
import html
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from postme.office import counsel, example_town


@pytest.fixture(autouse=True)
def story() -> Iterator[None]:
    counsel.also_from([example_town.LAWS])
    yield
    counsel.also_from([])


OPEN, APPROVED, REJECTED, URGENT = "twelve-more-plate-readers", "cameras-at-the-bus-station", "a-cell-site-simulator", "a-drone-over-the-flood"  # fmt: skip


def page(site: Any, address: str) -> str:
    response = site.get(address)
    assert response.status_code == 200, response.content[:500]
    return str(response.content.decode())


def test_the_list_says_where_each_stands_and_that_the_town_is_fiction(site: Any) -> None:
    text = page(site, "/decisions/")
    for word in ("Open for comment", "Report due", "Rejected", "Exigent use"):
        assert word in text
    assert text.count("(fiction)") >= 4
    told = json.loads(site.get("/decisions.json").content)
    assert told["counts"] == {"open": 1, "coming": 0, "in-use": 1, "late": 1, "over": 1}
    assert len(json.loads(site.get("/decisions.json?which=late").content)["decisions"]) == 1


def test_an_open_one_says_until_when_and_what_must_come_before_the_vote_with_its_clauses(site: Any) -> None:
    text = page(site, f"/decisions/{OPEN}/")
    assert "You can comment until" in text
    assert "Before the council can approve it" in text
    assert "section 2, section 3.06" in text or "section 3.06" in text
    assert "The council finds:" in text
    assert 'class="fiction"' in text


def test_a_late_report_is_public_with_how_its_day_was_counted(site: Any) -> None:
    text = page(site, f"/decisions/{APPROVED}/")
    assert "days late" not in text  # nothing shows that it was not done
    assert "days since then." in text
    assert text.count("No record shows that it was done in time") == 2 * text.count("since then")
    assert "How the day was counted" in text
    assert "No face is searched for" in text
    assert "4 yes, 3 no" in text


def test_a_rejected_one_shows_who_voted_how_and_which_findings_were_false(site: Any) -> None:
    text = page(site, f"/decisions/{REJECTED}/")
    assert "found false" in text
    assert "2 yes, 5 no" in text or "5 no, 2 yes" in text


def test_the_strip_of_steps_names_what_came_of_the_vote(site: Any) -> None:
    strip = page(site, f"/decisions/{REJECTED}/").partition('<ol class="steps">')[2].partition("</ol>")[0]
    assert "Approved" not in strip
    assert 'aria-current="step">Rejected' in strip


def test_an_emergency_has_its_clocks_on_the_page(site: Any) -> None:
    text = page(site, f"/decisions/{URGENT}/")
    assert "publish a report on the use in an emergency" in text
    assert "Exigent use" in text


def test_a_twin_is_the_bytes_of_the_log_and_names_nobody_who_works_here(site: Any) -> None:
    from postme.keeping.store.models import Entry

    address = f"/decisions/{OPEN}/"
    twin = site.get(f"{address[:-1]}.json").content.decode()
    assert twin == Entry.objects.get(address=address).twin
    assert "Lia" not in twin
    assert "Clem" not in twin


def test_a_drafted_proposal_is_nowhere(site: Any) -> None:
    from postme.office.proceedings import Proceedings

    work = Proceedings(site.data)
    own = work.draft(
        "us/zz/mill_falls", title="A secret plan", agency="Police Department", kind="police", technologies=["drone"],
        acts=["use"], who="Lia", roles_=["liaison"],
    )  # fmt: skip
    assert site.get(f"/decisions/{own}/").status_code == 404
    for address in ("/decisions/", "/decisions.json", "/calendar/", "/calendar.ics", "/search/?q=secret"):
        assert b"secret plan" not in site.get(address).content.lower()


def test_the_calendar_is_a_page_and_a_file_that_calendars_read(site: Any) -> None:
    from icalendar import Calendar

    text = page(site, "/calendar/")
    assert "Overdue since" in text
    assert "Last day to comment:" in text
    response = site.get("/calendar.ics")
    assert response.headers["Content-Type"].startswith("text/calendar")
    events = Calendar.from_ical(response.content).walk("VEVENT")
    assert len(events) >= 4
    assert len({str(one["UID"]) for one in events}) == len(events)
    assert all("fiction" in str(one["SUMMARY"]) for one in events)
    one = Calendar.from_ical(site.get(f"/calendar.ics?decision={OPEN}").content).walk("VEVENT")
    assert {str(each["URL"]) for each in one} == {f"http://localhost:8000/decisions/{OPEN}/"}


@pytest.mark.parametrize(
    "address",
    [
        "/decisions/?which=nonsense",
        "/decisions/no-such-one/",
        "/decisions/?on=yesterday",
        "/calendar.ics?decision=no-such-one",
    ],
)
def test_nonsense_is_not_found_and_said(site: Any, address: str) -> None:
    assert site.get(address).status_code == 404


def test_a_page_of_a_later_day_tells_what_is_late_then(site: Any) -> None:
    assert "days since then" in page(site, f"/decisions/{URGENT}/?on=2990-01-01")
    assert site.get("/decisions/?on=9999-12-31").status_code == 404


def test_no_page_of_a_town_that_decides_asks_the_database_more_than_a_dozen_times(site: Any) -> None:
    """The list and the calendar ask no more often for a hundred proposals than for four."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from postme.office import progress
    from postme.office.proceedings import Proceedings

    def asked(address: str) -> int:
        assert site.get(address).status_code == 200, address
        with CaptureQueriesContext(connection) as found:
            site.get(address)
        return len(found)

    lists = ("/decisions/", "/calendar/")
    before = {address: asked(address) for address in lists}
    for address in (
        f"/decisions/{OPEN}/",
        f"/decisions/{OPEN}/comments/",
        f"/decisions/{OPEN}/impact-report/",
        "/receipts/",
    ):
        assert asked(address) <= 12, address
    work = Proceedings(site.data)
    for number in range(6):
        own = work.draft(
            "us/zz/mill_falls", title=f"Number {number}", agency="Police Department", kind="police", technologies=["alpr"], acts=["use"], who="Lia", roles_=["liaison"]
        )  # fmt: skip
        work.hand_in(own, 0, who="Lia", roles_=["liaison"])
        work.accept(own, 1, who="Clem", roles_=["clerk"])
    progress._kept.cache_clear()
    assert {address: asked(address) for address in lists} == before
    assert max(before.values()) <= 12


def test_the_first_page_says_what_a_resident_can_still_act_on_as_the_calendar_does(site: Any) -> None:
    told = json.loads(site.get("/index.json").content)["coming"]
    own = [one for one in told if one["address"] == f"/decisions/{OPEN}/"]
    assert [one["kind"] for one in own if one["kind"] != "duty"] == ["comments", "meeting", "meeting"]
    kept = json.loads(site.get("/calendar.json").content)
    assert all(one in kept["coming"] for one in own)
    late = [one for one in told if one["late"]]
    assert kept["late"][0] in late
    assert told[: len(late)] == late
    assert [one["on"] for one in told[len(late) :]] == sorted(one["on"] for one in told[len(late) :])
    text = page(site, "/")
    assert "Last day to comment:" in text
    assert "Overdue since" in text
    assert f'href="/decisions/{OPEN}/#say"' in text
    assert text.index("What they have") < text.index("What the law says") < text.index("<b>Have your say</b>")


def test_the_parts_of_a_comment_are_the_questions_of_the_papers(site: Any) -> None:
    from django.test import override_settings

    from postme.keeping import papers

    question = next(one.question for one in papers.patterns()["use_policy"].items if one.id == "sharing")
    with override_settings(MAIL_FILES=True):
        form = page(site, f"/decisions/{OPEN}/comment/")
    for text in (form, page(site, f"/decisions/{OPEN}/comments/")):
        assert f"Use policy: {question}" in text
    assert "use policy: sharing" not in text.casefold()


# --- what stands behind a step, a day, a law ---------------------------------------------------------------------------


def words(text: str) -> str:
    """What a reader sees of a page: no tags, no addresses, each space one."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", re.sub(r"<(script|style)\b.*?</\1>", " ", text, flags=re.S))).split())  # fmt: skip


def test_a_paper_that_stands_elsewhere_is_not_called_published_here_and_its_address_is_told(site: Any) -> None:
    text = page(site, f"/decisions/{REJECTED}/")
    assert "The impact report was not published here. The clerk recorded on" in words(text)
    assert 'href="https://millfalls.example/clerk/2026-17/impact-report"' in text
    assert "No impact report and no policy was published here" not in text
    assert f'href="/decisions/{OPEN}/impact-report/"' in page(site, f"/decisions/{OPEN}/").partition('id="steps"')[2]


def test_before_a_planned_day_the_page_says_what_is_done_and_what_is_still_in_time(site: Any) -> None:
    text = words(page(site, f"/decisions/{OPEN}/"))
    ahead = text.partition("Before the council can approve it")[2].partition("What people say")[0]
    assert "It is planned for" in ahead
    assert "The time ends on" in ahead, "the comments are still open, so their time is not done"
    assert "This is decided in the vote itself." in ahead
    heard = text.partition("Before the hearing can be held")[2].partition("Before the council can approve it")[0]
    assert "done The hearing is announced at least twenty-five days ahead" in heard


@pytest.mark.parametrize("slug", [OPEN, APPROVED, REJECTED, URGENT])
def test_days_are_written_out_on_the_page_of_a_decision_and_nothing_is_not_made(site: Any, slug: str) -> None:
    text = words(page(site, f"/decisions/{slug}/"))
    assert not re.findall(r"(?<![\w/.-])\d{4}-\d\d-\d\d", text)
    assert ": not made" not in text


def test_the_list_gives_the_first_day_that_an_emergency_use_has_to_answer_for(site: Any) -> None:
    told = {one["slug"]: one for one in json.loads(site.get("/decisions.json").content)["decisions"]}
    coming = [one for one in json.loads(site.get("/calendar.json").content)["coming"] if one["kind"] == "duty"]
    own = [one["on"] for one in coming if one["address"] == f"/decisions/{URGENT}/"]
    assert told[URGENT]["next"]["on"] == min(own)
    assert told[URGENT]["next"]["clause"] == "section 4.03"
    text = page(site, "/decisions/")
    assert "no day is set" not in text
    assert "publish a report on the use in an emergency" in text


def test_the_history_is_made_of_sentences(site: Any) -> None:
    text = words(page(site, f"/decisions/{OPEN}/").partition('id="history"')[2])
    assert re.search(r"\d{4}: Continued\. A meeting was set\.", text), text[:600]
    assert "setIt" not in text


def test_the_calendar_names_the_law_and_the_clause_of_each_duty(site: Any) -> None:
    told = json.loads(site.get("/calendar.json").content)
    duties = [one for one in (*told["late"], *told["coming"]) if one["kind"] == "duty"]
    assert duties
    for one in duties:
        assert one["clauses"], one
        assert all(each["name"] and each["law"] for each in one["clauses"])
    keys = [(one["on"], one["what"], one["address"]) for one in duties]
    assert len(set(keys)) == len(keys)
    text = words(page(site, "/calendar/"))
    assert "Mill Falls pilot process for surveillance technology (fiction), section 4.03" in text
    assert b"section 4.03" in site.get("/calendar.ics").content.replace(b"\r\n ", b"")


def test_one_act_that_two_laws_ask_for_by_one_day_is_one_entry_with_both_clauses() -> None:
    import datetime

    from postme.office import agenda

    def duty(law: str, fact: str, due: str, what: str = "") -> dict[str, Any]:
        return {"law": law, "name": law.upper(), "provision": "report", "clause": "1", "what": what or f"{fact} for {law}", "fact": fact, "due": due, "next_due": None, "days_late": 0, "verdict": "not_yet_due"}  # fmt: skip

    facts = {"place": {"name": "Mill Falls"}, "slug": "a", "title": "A", "fiction": True, "meetings": []}
    due = [
        duty("b", "told", "2026-05-01"), duty("a", "told", "2026-05-01"), duty("a", "other", "2026-05-01"), duty("c", "told", "2026-05-02"),
        duty("d", "first told", "2026-05-02", "told for c"),
    ]  # fmt: skip
    found = agenda.coming([(facts, {"comments_until": None, "due": due})], datetime.date(2026, 4, 1))
    assert [(one.on.day, one.what, [each["law"] for each in one.clauses]) for one in found] == [
        (1, "A: other for a", ["a"]), (1, "A: told for a", ["a", "b"]), (2, "A: told for c", ["c", "d"]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "address",
    ["/decisions/", f"/decisions/{OPEN}/comments/", f"/decisions/{OPEN}/comments.json", "/letters/", "/moderation/", "/records/", "/log/", "/technologies/alpr/"],
)  # fmt: skip
def test_a_page_behind_the_last_one_is_not_found_and_it_says_how_many_there_are(site: Any, address: str) -> None:
    assert site.get(f"{address}?page=1").status_code == 200
    for asked, says in (("999", r"This list has \d+ pages?, and no page 999\."), ("0", "is no page of a list"), ("x", "is no page of a list")):  # fmt: skip
        answer = site.get(f"{address}?page={asked}")
        assert answer.status_code == 404, asked
        assert re.search(says, answer.content.decode()), answer.content.decode()[:400]


# --- the example is alive ----------------------------------------------------------------------------------------------


def test_the_town_of_the_story_has_a_question_that_is_open_and_one_that_is_over_with_answers_at_every_level(site: Any) -> None:  # fmt: skip
    for slug, open_ in ((OPEN, True), (APPROVED, False)):
        told = json.loads(site.get(f"/decisions/{slug}/vote.json").content)
        assert told["open"] is open_
        assert all(sum(told["results"][level].values()) >= 2 for level in ("mail", "address", "clerk")), told["results"]
        assert f'href="/decisions/{slug}/vote/"' in page(site, f"/decisions/{slug}/")
    assert "The vote is not open now." in page(site, f"/decisions/{APPROVED}/vote/")


# --- what is still possible --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", [APPROVED, REJECTED])
def test_where_the_council_has_decided_nobody_is_invited_to_speak_and_what_is_possible_is_said(site: Any, slug: str) -> None:  # fmt: skip
    for part in ("", "comment/", "comments/", "speak/"):
        text = page(site, f"/decisions/{slug}/{part}")
        assert "The council decided on" in words(text), part
        assert 'href="/places/us/zz/mill_falls/write/"' in text, part
        if part != "speak/":
            assert f'href="/decisions/{slug}/speak/"' not in text, part
        assert "or speak at the hearing" not in text, part
    undecided = page(site, f"/decisions/{OPEN}/")
    assert "The council decided on" not in words(undecided)
    assert f'href="/decisions/{OPEN}/speak/"' in undecided


def test_the_way_shows_the_hearing_before_the_vote_and_not_one_of_the_years_after(site: Any) -> None:
    from postme.keeping.store.models import Entry
    from postme.office import progress
    from postme.website.pages.decisions import towns

    told = json.loads(Entry.objects.get(address=f"/decisions/{APPROVED}/").twin)
    deeds = told["facts"]["deeds"]
    heard, voted = (next(one for one in deeds if one["kind"] == kind) for kind in ("hear", "approve_with_conditions"))
    later = datetime.date.fromisoformat(voted["on"]) + datetime.timedelta(days=300)
    deeds.append({**heard, "on": later.isoformat(), "number": max(one["number"] for one in deeds) + 1})
    now = progress.kept(json.dumps(told), later, towns()[told["facts"]["place"]["id"]])
    assert next(one["on"] for one in now["stages"] if one["kind"] == "hear") == heard["on"]
