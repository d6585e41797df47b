"""A town decides, in a real browser: a resident, a liaison, a clerk and a council member, each by keyboard alone and without JavaScript."""

from __future__ import annotations

import datetime
import hashlib
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser as real
import pytest
from browser import PLACE, Live, Visitor

OPEN = "twelve-more-plate-readers"
TRIED = "model-mill-falls-pilot"
TODAY = datetime.datetime.now(datetime.UTC).date()
# Chosen: from the front door to a public comment, and from there to one that is taken back. Whoever adds a page to
# either way takes it from the people who give up on it.
TO_BE_HEARD, TO_TAKE_IT_BACK = 8, 14
BOTH = ("by keyboard alone", "without JavaScript")
ways = pytest.mark.parametrize("way", BOTH)


def day(offset: int) -> str:
    return (TODAY + datetime.timedelta(offset)).isoformat()


def _prepared(data: Path) -> real.Found:
    """Who works here; and for each way a proposal that was handed in, and one that was heard."""
    from django.db import connections

    from postme.office import counsel, example_town
    from postme.office.batches import Batches
    from postme.proposal import Deed

    lia: dict[str, Any] = {"who": "lia", "roles_": ["liaison"]}
    clem: dict[str, Any] = {"who": "clem", "roles_": ["clerk"]}
    told = {"agency": "Police Department", "kind": "police", "technologies": ["drone"], "acts": ["obtain", "use"], "summary": "One drone (fiction)."}  # fmt: skip
    try:
        cookies = {"lia": real.cookie("lia", "liaison"), "clem": real.cookie("clem", "clerk")}
        counsel.also_from([example_town.LAWS])
        office = Batches(data)
        for way in BOTH:
            for title, steps in ((handed_in(way), ()), (heard(way), ("advise", "give_notice", "open_comments", "close_comments", "hear"))):  # fmt: skip
                own = office.draft(PLACE, title=title, **told, **lia, today=TODAY - datetime.timedelta(100))
                office.hand_in(own, office.one(own).turn, **lia, on=TODAY - datetime.timedelta(100))
                if steps:
                    office.accept(own, office.one(own).turn, **clem)
                days = {"advise": -90, "give_notice": -80, "open_comments": -80, "close_comments": -50, "hear": -50}
                for kind in ("publish_report", "publish_policy", *steps):
                    on, until = TODAY + datetime.timedelta(days.get(kind, -99)), TODAY - datetime.timedelta(50)
                    where = "https://town.example/papers" if kind.startswith("publish_") else ""
                    deed = Deed(kind, on, until=until if kind == "open_comments" else None, evidence=where)
                    office.record(own, deed, office.one(own).turn, **clem, note="Fine." if kind == "advise" else "")
        [hearing] = [one.number for one in office.meetings.several(slug=OPEN) if (OPEN, "hear") in one.items]
        return {"hearing": f"/meetings/{hearing}/"}, {}, cookies
    finally:
        counsel.also_from([])
        connections.close_all()


def handed_in(way: str) -> str:
    return f"A drone for the bridges, handed in {way}"


def heard(way: str) -> str:
    return f"A drone for the fields, heard {way}"


@pytest.fixture(scope="module")
def live(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A site that answers, with mail that becomes files."""
    real.wanted()
    with real.serving(filled, tmp_path_factory.mktemp("live"), _prepared, letters=True) as site:
        yield site


@pytest.fixture(scope="module")
def chromium(live: Live) -> Iterator[Any]:
    """One browser for all."""
    yield from real.started()


# -- A resident ---------------------------------------------------------------------------------------------------------


def letter_to(live: Live, who: str) -> str:
    """The letter to somebody, once it lies there."""
    for _ in range(600):
        for path in (live.data / "outbox").glob("*.txt"):
            text = path.read_text("utf-8")
            if f"To: {who}\n" in text and text.endswith("\n"):
                return text
        time.sleep(0.1)
    pytest.fail(f"No letter to {who} was sent.")


@pytest.mark.parametrize("way", [*BOTH, "on a phone"])
def test_a_resident_is_heard_within_eight_pages_sees_that_it_counts_and_takes_it_back(
    live: Live, chromium: Any, way: str
) -> None:
    mail, words = f"ana.{way.split()[-1]}@example.org".lower(), f"Who may search, and how long? I write {way}."
    with real.visiting(chromium, live, way, axe=way == BOTH[0]) as ana:
        ana.arrive()
        ana.follow(name="Have your say", within="header")
        ana.follow(name="Twelve more license plate readers")
        assert "You can comment until" in ana.reads()
        ana.follow(name="Write a comment")
        ana.choose("I am against it.")
        ana.write("Your words", words)
        ana.write("Your name", "Ana Example")
        ana.choose("First letters only, as in A. D.")
        ana.write("Your mail address", mail)
        ana.press("See what becomes public")
        public = ana.reads(".look-first")
        assert words in public
        assert "A. E." in public
        ana.press("Send me the mail")
        assert "It waits for its writer." in ana.reads()
        number = ana.reads("h1 code")
        letter = letter_to(live, mail)
        assert number in letter
        own = re.search(rf"{live.at}(/said/[\w-]+/)", letter)[1]
        ana.arrive(own)
        assert words in ana.reads(".look-first")
        ana.press("Make it public")
        assert "Your comment is public now, and it counts." in ana.reads("[role=status]")
        assert ana.loads <= TO_BE_HEARD

        ana.follow(name=number)
        assert "It is public, and it counts." in ana.reads()
        ana.follow(name="Look up another")
        ana.write("The number", number)
        ana.press("Look it up")
        assert number in ana.reads("h1")
        ana.arrive(own)
        ana.follow(name="Take it back")
        assert words in ana.reads(), "the first step took it back already"
        ana.press("Yes, take it back")
        assert "What you wrote is deleted here." in ana.reads()
        assert ana.loads <= TO_TAKE_IT_BACK
        ana.arrive(f"/receipts/{number}/")
        assert "Its writer took it back." in ana.reads()


# -- A liaison ----------------------------------------------------------------------------------------------------------


@ways
def test_a_liaison_drafts_writes_a_paper_that_is_kept_as_typed_and_hands_in(
    live: Live, chromium: Any, way: str
) -> None:
    title = f"Two microphones at the mill, written {way}"
    typed = 'It hears "shots" & <claps>; nobody counted which.\nÀ la place: a person who listens.'
    with real.visiting(chromium, live, way, signed_in="lia", axe=way == BOTH[0]) as lia:
        lia.arrive("/desk/")
        lia.follow(name="Proposals")
        lia.follow(name="Draft a proposal")
        lia.write("What is asked for, in a few words", title)
        lia.write("Who asks, by name", "Police Department")
        lia.pick("What kind of body it is", lia.page.locator('#kind option[value="police"]').inner_text())
        lia.choose(lia.page.locator('[name=technologies][value="gunshot_detection"]'))
        lia.choose(lia.page.locator('[name=acts][value="obtain"]'))
        lia.write("Two or three sentences for residents", "The police ask for two microphones (fiction).")
        lia.press("Save the draft")
        assert "Nothing is public yet." in lia.reads("[role=status]")
        draft = lia.tab.here
        lia.follow(name="Papers", within="main > p")
        lia.follow(name="Impact report")
        box = lia.page.locator("form.paper textarea[name^=text-]").first
        field = box.get_attribute("name").removeprefix("text-")
        lia.choose(lia.page.locator(f'[name="state-{field}"][value="answered"]'))
        lia.write(box, typed)
        lia.press("Keep as typed")
        assert "Kept as typed." in lia.reads("[role=status]")
        assert lia.page.locator(f'[name="text-{field}"]').input_value() == typed
        lia.follow(name=title)
        lia.follow(name="Proposal", within="main > p")
        assert lia.tab.here == draft
        lia.press("Hand it in")
        assert "It is handed in." in lia.reads("[role=status]")
        assert lia.tab.page.request.get(f"/decisions/{draft.strip('/').split('/')[-1]}/").status == 404


# -- A clerk ------------------------------------------------------------------------------------------------------------


@ways
def test_a_clerk_makes_public_is_refused_a_hearing_without_notice_and_gives_it_for_a_later_one(
    live: Live, chromium: Any, way: str
) -> None:
    with real.visiting(chromium, live, way, signed_in="clem", axe=way == BOTH[0]) as clem:
        clem.arrive("/desk/")
        clem.follow(name="Proposals")
        clem.follow(name=handed_in(way))
        assert "It is not public yet." in clem.reads()
        clem.press("Make it public")
        assert "It is public." in clem.reads("[role=status]")
        step = clem.page.locator("#step-advise")
        clem.unfold(step.locator("> summary"))
        clem.write(step.locator("textarea[name=note]"), "The board has no objection (fiction).")
        clem.press(step.get_by_role("button", name="Record it; it is public at once"))

        clem.follow(name="Meetings")
        clem.follow(name="Call a meeting")
        clem.write("Day", day(9))
        clem.write("Where", "Town Hall, room 7 (fiction)")
        row = clem.page.locator("tr", has_text=handed_in(way))
        clem.choose(row.locator('input[value$=" hear"]'))
        clem.press("Call it")
        refused = clem.reads("[role=alert]")
        earliest = TODAY + datetime.timedelta(25)
        for said in ("too early", "section 3.04", "not so", f"{earliest.day} {earliest:%B %Y}"):
            assert said in refused
        assert clem.page.get_by_label("Where", exact=True).input_value() == "Town Hall, room 7 (fiction)"
        assert row.locator('input[value$=" hear"]').is_checked()
        clause = clem.page.locator("[role=alert] details summary").first
        clem.unfold(clause)
        assert "at least twenty-five days ahead" in clem.reads("[role=alert] details")

        clem.write("Day", day(40))
        clem.choose("the notice is given today, with the papers")
        clem.write("and comments are open from today to", day(30))
        clem.press("Call it")
        said = " ".join(clem.page.locator("[role=status]").all_inner_texts())
        assert "The notice was given for 1 proposal." in said
        assert "The meeting stands in the calendar." in said
        clem.follow(name="The packet of the meeting")
        assert "It is public." in clem.reads()
        sha256 = clem.reads("main code")
        packet = clem.takes(clem.page.get_by_role("link", name="The packet as a ZIP file"))
        assert hashlib.sha256(packet).hexdigest() == sha256


@ways
def test_a_clerk_enters_a_roll_call_is_told_of_it_the_second_time_and_sees_what_is_due(
    live: Live, chromium: Any, way: str
) -> None:
    with real.visiting(chromium, live, way, signed_in="clem", axe=way == BOTH[0]) as clem:
        clem.arrive("/desk/process/")
        clem.follow(name=heard(way))
        step = clem.page.locator("#step-approve")
        clem.unfold(step.locator("> summary"))
        clem.follow(name="Enter the roll call", within="#step-approve")
        roll_call(clem)
        assert "It is recorded" in clem.reads("[role=status]")
        clem.back()
        roll_call(clem)
        assert "recorded already" in clem.reads()
        clem.follow(name="What is due")
        assert "Overdue (" in clem.reads()
        assert "Cameras at the bus station" in clem.reads()
    with real.visiting(chromium, live, way) as anybody:
        anybody.arrive("/decisions/")
        anybody.follow(name=heard(way))
        assert "6 yes, 1 no" in anybody.reads()


def roll_call(clem: Visitor) -> None:
    clem.write("The motion, in its own words", "Approve one drone for the fields.")
    for each in clem.page.locator('[name^="finding-"][value="true"]').all():
        clem.choose(each)
    clem.choose("all voted yes")
    clem.choose(clem.page.locator("fieldset", has_text="Ingrid Sorley").locator('[value="no"]'))
    clem.press("Record the vote; it is public at once")


# -- A council member ---------------------------------------------------------------------------------------------------


@ways
def test_a_council_member_reads_one_page_the_clause_beside_a_gate_the_packet_and_the_calendar(
    live: Live, chromium: Any, way: str
) -> None:
    with real.visiting(chromium, live, way, axe=way == BOTH[0]) as hana:
        hana.arrive()
        hana.follow(name="Have your say", within="header")
        hana.follow(name="Twelve more license plate readers")
        assert "Impact report: in one page" in hana.reads()
        assert "Twelve cameras that photograph every passing vehicle" in hana.reads("table")
        assert "Not answered:" in hana.reads("table")
        gate = hana.page.locator("li", has=hana.page.locator("details", has_text="section 3.04")).first
        hana.unfold(gate.locator("summary"))
        hana.follow(to=f"/laws/{TRIED}/#twenty-five-days")
        assert "at least twenty-five days ahead" in hana.sees("#twenty-five-days")
        hana.page.go_back(wait_until="load")
        hana.follow(name="Everything that the council has to read")
        assert hana.tab.here == live.public["hearing"]
        packet = hana.page.locator("a.btn").first.get_attribute("href")
        answer = hana.page.request.get(packet)
        assert hashlib.sha256(answer.body()).hexdigest() == hana.reads("main code")
        hana.follow(name="Calendar")
        assert "Twelve more license plate readers" in hana.reads()
        feed = hana.page.locator('main a[href*=".ics"]').get_attribute("href")
        assert hana.page.request.get(feed).text().startswith("BEGIN:VCALENDAR")
