"""*Something wrong here?* and the right of reply: what is sent, what of it is public, how it is answered."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from staffed import at_the_desk

from postme import moderation
from postme.clock import Calendar

ABOUT = "/agencies/us/zz/mill_falls/police-department/alpr/"
SCRIPT = "<script>alert(1)</script>"


def nobody_has_sent() -> None:
    from postme.website.pages import wrong

    wrong._seen.clear()


@pytest.fixture(autouse=True)
def nobody_has_sent_yet() -> None:
    nobody_has_sent()


def sent(site: Any, **typed: str) -> Any:
    return site.post(
        "/wrong/", {"about": ABOUT, "kind": "error", "text": "It was ninety kites.", "step": "send", **typed}
    )


def report() -> Any:
    from postme.keeping.store.models import Report

    return Report.objects.latest("pk")


def test_the_pages_that_name_a_body_carry_the_link(site: Any) -> None:
    from postme.keeping.store.models import PublicRecord

    record = f"/records/{PublicRecord.objects.first().pk}/"
    for page in (
        "/places/us/zz/mill_falls/",
        "/agencies/us/zz/mill_falls/police-department/",
        ABOUT,
        record,
        f"{record}1/",
    ):
        link = re.search(r'href="/wrong/\?about=([^"&]+)"', site.get(page).content.decode())
        assert link, page
        assert site.get(f"/wrong/?about={link[1]}").status_code == 200, page
    assert "/wrong/" not in site.get("/laws/").content.decode()


def test_a_report_is_seen_first_and_then_sent(site: Any) -> None:
    from postme.keeping.store.models import Report

    before = Report.objects.count()
    look = sent(site, step="look", contact="ann@example.org")
    assert "What becomes public" in look.content.decode()
    assert Report.objects.count() == before, "looking sent it"
    receipt = sent(site, contact="ann@example.org")
    assert receipt.status_code == 302
    page = site.get(receipt["Location"])
    assert page.status_code == 200
    assert "It was ninety kites." in page.content.decode()
    assert page["Referrer-Policy"] == "no-referrer"
    assert not page.cookies
    assert not receipt.cookies


def test_what_was_written_is_not_public_before_the_desk_shows_it(site: Any) -> None:
    sent(site, name="Ann Doe", contact="ann@example.org")
    for page in ("/moderation/", "/moderation.json", ABOUT, f"{ABOUT[:-1]}.json"):
        text = site.get(page).content.decode()
        assert "ninety kites" not in text
        assert "Ann Doe" not in text
        assert "ann@example.org" not in text
    row = next(
        one
        for one in site.get("/moderation.json").json()["reports"]
        if one["about"] == ABOUT and one["state"] == "open"
    )
    assert row["due"] == report().due.isoformat()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"text": " "}, "Write what is wrong."),
        ({"text": "x" * 5001}, "at most 5,000 characters"),
        ({"contact": "no mail"}, "Write a mail address"),
        ({"kind": "reply", "contact": "a@b.gov"}, "Write for which body"),
        ({"kind": "reply", "name": "Chief"}, "Write the body’s mail address"),
        ({"kind": "praise"}, "Choose one of the two."),
    ],
)
def test_what_is_missing_is_said_beside_the_field_and_the_rest_is_kept(
    site: Any, typed: dict[str, str], says: str
) -> None:
    answer = sent(site, **{"name": "", "text": "Kept words.", **typed})
    assert answer.status_code == 400
    assert says in answer.content.decode()
    if "text" not in typed:
        assert "Kept words." in answer.content.decode()


@pytest.mark.parametrize(
    "about",
    [
        "",
        "/",
        "/nope/",
        "//evil.example/",
        "/places/us/zz/../",
        "/desk/",
        "x" * 5000,
        "/places/\0/",
        "/places/us/zz/atlantis/",
        "'; DROP TABLE--/",
    ],
)
def test_a_report_about_nothing_that_is_here_is_a_page_not_found(site: Any, about: str) -> None:
    # A NUL in an address is refused before any page looks at it.
    assert site.get("/wrong/", {"about": about}).status_code == (400 if "\0" in about else 404)
    assert sent(site, about=about).status_code == 404


def test_a_machine_that_fills_in_everything_is_not_heard(site: Any) -> None:
    from postme.keeping.store.models import Report

    before = Report.objects.count()
    assert sent(site, website="https://spam.example").status_code == 302
    assert Report.objects.count() == before


def test_too_many_reports_are_asked_to_wait_and_lose_nothing(site: Any) -> None:
    answers = [sent(site, text=f"Wrong in line {i}.") for i in range(8)]
    assert [one.status_code for one in answers] == [302] * 6 + [429] * 2
    assert answers[-1]["Retry-After"] == "600"
    assert "Wrong in line 7." in answers[-1].content.decode()


def form(site: Any, **typed: str) -> str:
    """The one-time sign of a form that was looked at."""
    found = re.search(r'name="form" value="(\w{32})"', sent(site, step="look", **typed).content.decode())
    assert found
    return found[1]


def test_the_same_form_sent_twice_is_one_report(site: Any) -> None:
    from postme.keeping.store.models import Report

    before, own = Report.objects.count(), form(site)
    first, again = sent(site, form=own)["Location"], sent(site, form=own)["Location"]
    assert first == again
    assert Report.objects.count() == before + 1
    assert site.get(first).status_code == 200


def test_two_people_who_write_the_same_words_have_a_receipt_each(site: Any) -> None:
    from postme.keeping.store.models import Report

    before, ann, bob = Report.objects.count(), form(site), form(site)
    assert ann != bob
    receipts = {
        sent(site, form=ann)["Location"],
        sent(site, form=bob)["Location"],
        sent(site)["Location"],
        sent(site)["Location"],
    }
    assert len(receipts) == 4
    assert Report.objects.count() == before + 4


def test_nobody_comes_to_anothers_receipt_by_choosing_a_forms_sign(site: Any) -> None:
    own = form(site)
    receipt = sent(site, form=own, contact="ann@example.org")["Location"]
    assert own not in receipt
    assert sent(site, form=own, contact="bob@example.org")["Location"] != receipt
    for chosen in ("", "a", "0" * 31, "é" * 32):
        assert sent(site, form=chosen)["Location"] != sent(site, form=chosen)["Location"]
        nobody_has_sent()


def test_an_answer_is_public_and_the_senders_address_is_gone(site: Any) -> None:
    receipt = sent(site, name="Ann", contact="ann@example.org")["Location"]
    number = report().pk
    desk = at_the_desk("mo", "moderator")
    assert "ann@example.org" in desk.get(f"/desk/reports/{number}/").content.decode()
    desk.post(f"/desk/reports/{number}/", {"outcome": "kept", "why": "Page 3 says twenty-four."})
    row = report()
    assert (row.state, row.contact, row.shown) == ("kept", "", False)
    assert "Page 3 says twenty-four." in site.get(receipt).content.decode()
    public = site.get("/moderation/").content.decode()
    assert "Page 3 says twenty-four." in public
    assert "ninety kites" not in public


def test_an_answer_without_a_reason_is_refused_and_keeps_what_was_chosen(site: Any) -> None:
    sent(site)
    answer = at_the_desk("mo", "moderator").post(f"/desk/reports/{report().pk}/", {"outcome": "kept", "why": " "})
    assert answer.status_code == 409
    assert "A reason is missing." in answer.content.decode()
    assert report().state == "open"


def test_a_report_is_answered_once(site: Any) -> None:
    sent(site)
    desk, number = at_the_desk("mo", "moderator"), report().pk
    desk.post(f"/desk/reports/{number}/", {"outcome": "kept", "why": "First."})
    assert desk.post(f"/desk/reports/{number}/", {"outcome": "refused", "why": "Second."}).status_code == 409
    assert report().outcome == "First."


def test_a_reply_stands_on_the_page_that_it_answers_in_its_own_words_and_not_in_yellow(site: Any) -> None:
    sent(
        site,
        kind="reply",
        text="The Department has read its policy aloud.",
        name="Chief Brandt, Police Department",
        contact="chief@millfalls.example",
    )
    words = "The Department has read its policy aloud."
    assert words not in site.get(ABOUT).content.decode()
    assert published("The Department confirmed it by mail.").status_code == 302
    page = site.get(ABOUT).content.decode()
    assert words in page
    assert not re.search(r"<mark>[^<]*read its policy aloud", page)
    assert "nobody here wrote or changed them" in page
    assert words not in site.get("/places/us/zz/mill_falls/").content.decode()


def proposal() -> Any:
    from postme.keeping.store.models import DeskAct

    return DeskAct.objects.filter(what="report: showing proposed").latest("pk")


def published(why: str) -> Any:
    """The last reply, proposed by one person and shown by another."""
    number = report().pk
    at_the_desk("mo", "moderator").post(f"/desk/reports/{number}/", {"outcome": "published", "why": why})
    return at_the_desk("ida", "moderator").post(f"/desk/reports/{number}/", {"step": "show", "proposal": proposal().pk})


@pytest.mark.parametrize(
    ("kind", "answer"),
    [("reply", {"outcome": "published"}), ("error", {"outcome": "kept", "shown": "1"})],
)
def test_a_reply_is_shown_by_a_second_person_and_never_by_one(site: Any, kind: str, answer: dict[str, str]) -> None:
    words = "The Department never owned a kite."
    sent(site, kind=kind, text=words, name="Chief Brandt", contact="chief@millfalls.example")
    mo, number = at_the_desk("mo", "moderator"), report().pk
    page = f"/desk/reports/{number}/"
    mo.post(page, {**answer, "why": "They confirmed it."})
    assert (report().state, report().shown, report().contact) == ("open", False, "chief@millfalls.example")
    assert 'value="show"' not in mo.get(page).content.decode()
    assert mo.post(page, {"step": "show", "proposal": proposal().pk}).status_code == 409
    for public in (ABOUT, "/moderation/", "/moderation.json"):
        text = site.get(public).content.decode()
        assert words not in text
        assert "They confirmed it." not in text
    ida = at_the_desk("ida", "moderator")
    assert f'name="proposal" value="{proposal().pk}"' in ida.get(page).content.decode()
    assert ida.post(page, {"step": "show", "proposal": proposal().pk}).status_code == 302
    assert (report().state, report().shown, report().contact) == (answer["outcome"], True, "")
    assert words in site.get("/moderation/").content.decode()
    assert ida.post(page, {"step": "show", "proposal": proposal().pk}).status_code == 409


def test_who_shows_a_reply_shows_the_answer_that_they_looked_at(site: Any) -> None:
    sent(site, kind="reply", name="Chief Brandt", contact="chief@millfalls.example")
    mo, page = at_the_desk("mo", "moderator"), f"/desk/reports/{report().pk}/"
    mo.post(page, {"outcome": "published", "why": "Harmless."})
    looked_at = proposal().pk
    mo.post(page, {"outcome": "published", "why": "Something else."})
    answer = at_the_desk("ida", "moderator").post(page, {"step": "show", "proposal": looked_at})
    assert answer.status_code == 409
    assert "has changed since you opened it" in answer.content.decode()
    assert report().state == "open"


def test_a_second_person_may_refuse_what_one_proposed_to_show(site: Any) -> None:
    sent(site, kind="reply", name="Chief Brandt", contact="chief@millfalls.example")
    page = f"/desk/reports/{report().pk}/"
    at_the_desk("mo", "moderator").post(page, {"outcome": "published", "why": "It is theirs."})
    at_the_desk("ida", "moderator").post(page, {"outcome": "refused", "why": "It is not theirs."})
    assert (report().state, report().shown) == ("refused", False)
    mia = at_the_desk("mia", "moderator")
    assert mia.post(page, {"step": "show", "proposal": proposal().pk}).status_code == 409


def test_a_refused_report_is_never_shown_even_where_somebody_ticks_the_box(site: Any) -> None:
    sent(site, text="An insult.")
    at_the_desk("mo", "moderator").post(
        f"/desk/reports/{report().pk}/", {"outcome": "refused", "why": "An insult.", "shown": "1"}
    )
    assert not report().shown


def test_what_overdue_means_is_what_the_clock_says(site: Any) -> None:
    from postme.keeping.store.models import Report

    sent(site)
    Report.objects.filter(pk=report().pk).update(due=datetime.date(2020, 1, 1))
    assert "overdue" in site.get("/moderation/").content.decode()
    assert "overdue" in at_the_desk("mo", "moderator").get("/desk/reports/").content.decode()


def test_a_script_in_any_field_stays_text(site: Any) -> None:
    receipt = sent(site, text=SCRIPT, name=SCRIPT, kind="reply", contact="a@example.org")["Location"]
    desk = at_the_desk("mo", "moderator")
    number = report().pk
    pages = [
        site.get(receipt),
        desk.get("/desk/reports/"),
        desk.get(f"/desk/reports/{number}/"),
        sent(site, text=SCRIPT, name=SCRIPT, step="look"),
    ]
    assert published(SCRIPT).status_code == 302
    pages += [site.get(ABOUT), site.get("/moderation/"), site.get(receipt), desk.get("/desk/acts/")]
    for page in pages:
        assert page.status_code == 200
        assert SCRIPT not in page.content.decode()
    assert "&lt;script&gt;" in pages[-4].content.decode()


@given(st.dates(datetime.date(2021, 1, 1), datetime.date(2035, 12, 31)))
def test_a_report_is_due_on_the_tenth_working_day_after_it_came(day: datetime.date) -> None:
    calendar, passed, at = Calendar(None), 0, day
    while passed < moderation.DAYS:
        at += datetime.timedelta(1)
        passed += calendar.rests(at) is None
    assert moderation.due(day).day == at
