"""Papers on the site: a liaison writes them in a form or a file, a clerk publishes them, everybody reads them on one page and whole."""

from __future__ import annotations

import datetime
import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from staffed import at_the_desk

from postme import paper
from postme.keeping.store.docket import Docket, TownRow
from postme.keeping.store.ledger import Ledger
from postme.office import attaching, blanks
from postme.office.papers import Papers
from postme.reading import filled, logo
from postme.website import middleware

SLUG = "mill-falls-night-drones"
DESK = f"/desk/papers/{SLUG}/"
FORM = f"{DESK}use-policy/"
PUBLIC = f"/decisions/{SLUG}/use-policy/"
SCRIPT = "<script>alert('x')</script>"
ARABIC = "لا تحفظ البيانات"


@pytest.fixture
def town(site: Any) -> Any:
    """The example town with one proposal that nobody has written for."""
    from postme.office.proceedings import Proceedings

    docket = Docket(Ledger(site.data).file)
    docket.open_town(TownRow("us/zz/mill_falls", "Mill Falls", fiction=True))
    office = Proceedings(site.data)
    liaison: dict[str, Any] = {"who": "lena", "roles_": ["liaison"]}
    slug = office.draft("us/zz/mill_falls", title="Night drones", agency="Police Department", kind="police", technologies=["drone"], acts=["obtain", "use"], **liaison)  # fmt: skip
    assert slug == SLUG
    office.hand_in(slug, office.one(slug).turn, **liaison)
    office.accept(slug, office.one(slug).turn, who="carl", roles_=["clerk"])
    return site


def _inputs(page: str) -> dict[str, str]:
    """A form's fields as a browser would send them back untouched."""
    found = {
        name: html.unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    }
    found |= {
        name: html.unescape(text).removeprefix("\n")
        for name, text in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    }
    found |= {
        name: html.unescape(value)
        for name, value in re.findall(r'<input type="radio" name="([^"]+)" value="([^"]*)" checked', page)
    }
    found.pop("csrfmiddlewaretoken", None)
    return found


def _answered(page: str, **answers: str) -> dict[str, str]:
    typed = _inputs(page)
    for id_, text in answers.items():
        typed |= {f"state-{id_}": "answered", f"text-{id_}": text}
    return typed


def _fixed_and_published(town: Any, **answers: str) -> None:
    liaison, clerk = at_the_desk("lena", "liaison"), at_the_desk("carl", "clerk")
    page = liaison.get(FORM).content.decode()
    assert liaison.post(FORM, _answered(page, **answers)).status_code == 302
    turn = Papers(town.data).store.one(SLUG, "use_policy").turn
    assert liaison.post(f"{FORM}versions/", {"step": "fix", "turn": turn, "reason": "As agreed."}).status_code == 302
    assert clerk.post(f"{FORM}versions/", {"step": "publish"}).status_code == 302


def test_a_liaison_writes_question_by_question_and_what_is_typed_stays_as_typed(town: Any) -> None:
    liaison = at_the_desk("lena", "liaison")
    assert "Night drones" in liaison.get("/desk/papers/").content.decode()
    assert "Use policy" in liaison.get(DESK).content.decode()
    page = liaison.get(FORM).content.decode()
    typed = _answered(page, purpose=f"Lost hikers.\n{SCRIPT}", retention=ARABIC) | {
        "text-cost": "About",
        "state-cost": "empty",
    }
    assert liaison.post(FORM, typed).status_code == 302
    again = liaison.get(FORM).content.decode()
    assert SCRIPT not in again
    back = _inputs(again)
    assert (back["text-purpose"].replace("\r", ""), back["text-retention"], back["text-cost"]) == (
        f"Lost hikers.\n{SCRIPT}",
        ARABIC,
        "About",
    )
    assert "A number of days is asked for" in again
    assert back["state-cost"] == "answered", "an answer was typed, and the choice left at empty"
    assert "no version will carry it" not in again
    assert town.get(PUBLIC).status_code == 404


def test_a_clerk_reads_the_form_and_may_not_save_it(town: Any) -> None:
    clerk = at_the_desk("carl", "clerk")
    assert "A liaison may write the papers" in clerk.get(FORM).content.decode()
    assert clerk.post(FORM, {"turn": "0", "text-purpose": "x", "state-purpose": "answered"}).status_code == 403
    assert clerk.post(f"{FORM}fill/").status_code == 403
    assert at_the_desk("lena", "liaison").post(f"{FORM}versions/", {"step": "publish"}).status_code == 403


def test_two_liaisons_at_one_answer_see_both_texts_and_lose_nothing(town: Any) -> None:
    lena, otto = at_the_desk("lena", "liaison"), at_the_desk("otto", "liaison")
    page = lena.get(FORM).content.decode()
    lena.post(FORM, _answered(page, purpose="Lost hikers.", cost="$5"))
    answer = otto.post(FORM, _answered(page, purpose="Stolen boats.", training="Two days."))
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "lena" in shown
    assert "Lost hikers." in shown
    back = _inputs(shown)
    assert (back["text-purpose"], back["text-training"], back["text-cost"]) == ("Stolen boats.", "Two days.", "$5")
    assert otto.post(FORM, {**back, "text-purpose": "Lost hikers and stolen boats."}).status_code == 302
    now = Papers(town.data).store.one(SLUG, "use_policy").typed
    assert (now["purpose"]["text"], now["cost"]["text"], now["training"]["text"]) == (
        "Lost hikers and stolen boats.",
        "$5",
        "Two days.",
    )


@pytest.mark.parametrize("how", ["docx", "csv"])
def test_a_form_is_taken_home_filled_in_looked_at_and_then_kept(town: Any, how: str) -> None:
    liaison = at_the_desk("lena", "liaison")
    blank = liaison.get(f"{FORM}form.{how}")
    assert "attachment" in blank["Content-Disposition"]
    opened = Papers(town.data).opened(SLUG, "use_policy", 0, datetime.datetime.now(datetime.UTC).date())
    make = {"docx": blanks.document, "csv": blanks.table}[how]
    data = make(
        opened.form,
        {
            "retention": paper.answer("answered", f"30 days. {ARABIC}"),
            "cost": paper.answer("does not apply", "", "A gift."),
        },
    )
    answer = liaison.post(f"{FORM}fill/", {"file": SimpleUploadedFile(f"filled.{how}", data)})
    shown = answer.content.decode()
    assert "Nothing is saved yet" in shown
    assert "2 answers would change" in shown
    assert Papers(town.data).store.one(SLUG, "use_policy").turn == 0
    assert liaison.post(FORM, _inputs(shown)).status_code == 302
    typed = Papers(town.data).store.one(SLUG, "use_policy").typed
    assert typed["retention"]["text"] == f"30 days. {ARABIC}"
    assert typed["cost"] == {"state": "does not apply", "text": "", "because": "A gift.", "evidence": []}


def test_a_file_that_is_no_form_is_refused_beside_the_form(town: Any) -> None:
    liaison = at_the_desk("lena", "liaison")
    for data, says in (
        (b"name,amount\nx,1\n", "not one of our forms"),
        (b"%PDF-1.7\n%%EOF", "not a filled form"),
        (b"", "empty"),
    ):
        answer = liaison.post(
            f"{FORM}fill/", {"file": SimpleUploadedFile("x.csv" if says != "not a filled form" else "x.pdf", data)}
        )
        assert answer.status_code == 400
        assert says in answer.content.decode()
    assert "No file was chosen" in liaison.post(f"{FORM}fill/").content.decode()


def test_a_file_of_a_hundred_megabytes_is_refused_before_it_is_read(town: Any) -> None:
    liaison = at_the_desk("lena", "liaison")
    answer = liaison.generic(
        "POST", f"{FORM}fill/", b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH="100000000"
    )
    assert answer.status_code == 413
    assert "8100 kilobytes" in answer.content.decode()
    stranger = town.generic(
        "POST", f"{FORM}fill/", b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH="5000000"
    )
    assert (stranger.status_code, "1000 kilobytes" in stranger.content.decode()) == (413, True)


def test_the_limits_at_the_door_are_those_of_the_rooms() -> None:
    assert list(middleware.UPLOADS.values()) == [filled.LARGEST, attaching.LARGEST, logo.LARGEST]


def test_an_answer_of_a_megabyte_is_refused_and_stays_in_the_form(town: Any) -> None:
    liaison = at_the_desk("lena", "liaison")
    page = liaison.get(FORM).content.decode()
    answer = liaison.post(FORM, _answered(page, purpose="x" * 150_000, cost="$5"))
    shown = answer.content.decode()
    assert answer.status_code == 400
    assert "150,000 characters" in shown
    back = _inputs(shown)
    assert (len(back["text-purpose"]), back["text-cost"]) == (150_000, "$5")
    assert liaison.post(FORM, _answered(page, purpose="x" * 1_000_000)).status_code == 413


def test_a_version_is_public_only_by_a_second_person_and_then_reads_on_one_page_and_whole(town: Any) -> None:
    _fixed_and_published(town, purpose=f"Lost hikers. {SCRIPT}", retention="30 days.")
    page = town.get(PUBLIC)
    shown = page.content.decode()
    assert page.status_code == 200
    assert SCRIPT not in shown
    assert "Lost hikers." in shown
    assert "30 days." in shown
    assert 'id="a-retention"' in shown
    assert "What is not answered" in shown
    assert 'href="#a-sharing"' in shown
    twin = json.loads(town.get(f"{PUBLIC.rstrip('/')}.json").content)
    assert twin["facts"]["answers"]["retention"] == {"state": "answered", "text": "30 days."}
    assert paper.sha256(twin["facts"]["answers"]) == twin["facts"]["sha256"]
    assert "lena" not in shown
    assert "lena" not in json.dumps(twin)
    spanish = town.get(f"/es{PUBLIC}").content.decode()
    assert "¿" in spanish


def test_versions_are_compared_in_public_and_only_those_that_are_public(town: Any) -> None:
    _fixed_and_published(town, retention="Kept 30 days.")
    _fixed_and_published(town, retention="Kept 90 days.")
    shown = town.get(f"{PUBLIC}?against=1").content.decode()
    assert "<del>30</del>" in shown
    assert "<ins>90</ins>" in shown
    told = json.loads(town.get(f"{PUBLIC.rstrip('/')}.json?against=1").content)
    assert [one["field"] for one in told["compared"]["changes"]] == ["retention"]
    liaison = at_the_desk("lena", "liaison")
    liaison.post(FORM, _answered(liaison.get(FORM).content.decode(), retention="Kept 7 days."))
    turn = Papers(town.data).store.one(SLUG, "use_policy").turn
    liaison.post(f"{FORM}versions/", {"step": "fix", "turn": turn, "reason": "Shorter."})
    assert "Kept 7 days." in liaison.get(f"{FORM}versions/?old=2&new=3").content.decode().replace("<ins>", "").replace(
        "</ins>", ""
    ).replace("<del>90</del>", "")
    assert town.get(f"{PUBLIC}?against=3").status_code == 404
    assert "Shorter." not in town.get(PUBLIC).content.decode()


def test_what_an_answer_rests_on_is_shown_with_its_words_in_yellow_while_it_is_public(town: Any) -> None:
    from postme.keeping.store import models

    quote = models.Evidence.objects.visible().select_related("record").order_by("pk").first()
    where = f"/records/{quote.record_id}/{quote.page}/#q-{quote.mention}"
    liaison = at_the_desk("lena", "liaison")
    typed = _answered(liaison.get(FORM).content.decode(), purpose="As the minutes say.")
    typed |= {"evidence-purpose": f"{where}\nhttps://example.org/study\n/audits/none/\njavascript:alert(1)"}
    liaison.post(FORM, typed)
    turn = Papers(town.data).store.one(SLUG, "use_policy").turn
    liaison.post(f"{FORM}versions/", {"step": "fix", "turn": turn, "reason": "First."})
    at_the_desk("carl", "clerk").post(f"{FORM}versions/", {"step": "publish"})
    shown = town.get(PUBLIC).content.decode()
    assert f"<mark>{html.escape(quote.quote)}</mark>" in shown
    assert 'href="https://example.org/study"' in shown
    assert 'href="javascript' not in shown
    assert "(nothing is public there)" in shown


def test_a_file_is_added_and_waits_for_an_editor(town: Any) -> None:
    liaison = at_the_desk("lena", "liaison")
    data = Path(__file__).read_bytes()
    assert (
        liaison.post(f"{DESK}files/", {"file": SimpleUploadedFile("study.txt", data), "what": "A study."}).status_code
        == 302
    )
    shown = liaison.get(DESK).content.decode()
    assert "A study." in shown
    assert "waits for an editor" in shown
    answer = liaison.post(f"{DESK}files/", {"file": SimpleUploadedFile("run.exe", b"MZ\x90\x00" + bytes(300))})
    assert (answer.status_code, "which is not read" in answer.content.decode()) == (400, True)


def test_a_yearly_report_is_begun_by_its_year(town: Any) -> None:
    liaison = at_the_desk("lena", "liaison")
    answer = liaison.post(DESK, {"kind": "yearly_report", "year": "2026"})
    assert answer["Location"] == f"{DESK}yearly-report-2026/"
    assert liaison.get(answer["Location"]).status_code == 200
    assert liaison.post(DESK, {"kind": "yearly_report", "year": "soon"}).status_code == 409
    assert liaison.get(f"{DESK}song-policy/").status_code == 404


def test_a_paper_that_was_withdrawn_says_so_and_shows_nothing_more(town: Any) -> None:
    from postme.office.press import Press
    from postme.publication import What

    _fixed_and_published(town, purpose="Lost hikers.")
    press = Press(town.data)
    facts = press.ledger.facts_at(PUBLIC)
    number = press.ledger.draft(
        PUBLIC,
        "paper",
        What.WITHDRAWN,
        facts or {},
        reason="It named a resident.",
        who="eva",
        at=datetime.datetime.now(datetime.UTC),
    )
    press.submit(number, who="eva", roles_=["editor"])
    press.approve(number, who="emil", roles_=["editor"])
    answer = town.get(PUBLIC)
    assert answer.status_code == 410
    assert "Lost hikers." not in answer.content.decode()


def test_what_was_promised_stands_beside_what_was_told_on_both_papers(town: Any) -> None:
    _fixed_and_published(town, retention="Kept 30 days.")
    office, liaison, clerk = (
        Papers(town.data),
        {"who": "lena", "roles_": ["liaison"]},
        {"who": "carl", "roles_": ["clerk"]},
    )
    told = {"retention": paper.answer("answered", "The oldest was 524 days old.")}
    turn, _ = office.save(SLUG, "yearly_report", 2026, told, 0, {}, **liaison)
    office.fix(SLUG, "yearly_report", 2026, turn, "The report.", **liaison)
    office.judge(SLUG, 2026, "retention", False, "524 days is longer than 30.", **clerk)
    office.publish(SLUG, "yearly_report", 2026, **clerk)
    for address in (PUBLIC, f"/decisions/{SLUG}/yearly-report-2026/"):
        shown = town.get(address).content.decode()
        assert shown.index("Kept 30 days.", shown.index('id="promises"')) < shown.index(
            "524 days old", shown.index('id="promises"')
        )
        assert "<b>not kept</b> 524 days is longer than 30." in shown


def test_a_clerk_says_at_the_desk_whether_a_promise_was_kept_and_a_public_report_says_so_at_once(town: Any) -> None:
    _fixed_and_published(town, retention="Kept 30 days.")
    office, clerk = Papers(town.data), {"who": "carl", "roles_": ["clerk"]}
    liaison: dict[str, Any] = {"who": "lena", "roles_": ["liaison"]}
    turn, _ = office.save(SLUG, "yearly_report", 2026, {"retention": paper.answer("answered", "The oldest was 524 days old.")}, 0, {}, **liaison)  # fmt: skip
    office.fix(SLUG, "yearly_report", 2026, turn, "The report.", **liaison)
    office.publish(SLUG, "yearly_report", 2026, **clerk)
    public, desk = f"/decisions/{SLUG}/yearly-report-2026/", f"{DESK}yearly-report-2026/promises/"
    assert "nobody has judged it" in town.get(public).content.decode()
    carl = at_the_desk("carl", "clerk")
    shown = carl.get(desk).content.decode()
    assert "Kept 30 days." in shown and "524 days old" in shown
    said = {"promise": "retention", "kept": "not kept", "found": "524 days is longer than 30.", "found_in": "Table 2"}
    unfounded = carl.post(desk, {**said, "found": " "})
    assert unfounded.status_code == 400
    assert "What was found is missing" in unfounded.content.decode() and "Table 2" in unfounded.content.decode()
    undecided = carl.post(desk, {**said, "kept": ""})
    assert undecided.status_code == 400 and "524 days is longer than 30." in undecided.content.decode()
    assert "nobody has judged it" in town.get(public).content.decode()
    assert carl.post(desk, said).status_code == 302
    page = town.get(public)
    assert "<b>not kept</b> 524 days is longer than 30." in page.content.decode()
    assert json.loads(town.get(f"{public[:-1]}.json").content)["facts"]["judged"]["retention"]["kept"] is False


def test_nobody_but_a_clerk_says_whether_a_promise_was_kept(town: Any) -> None:
    assert at_the_desk("lena", "liaison").get(f"{DESK}yearly-report-2026/promises/").status_code == 403
