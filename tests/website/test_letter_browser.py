"""An open letter, in a real browser: an organizer, a director, a signer on a phone and a council member's assistant, each by hand, by keyboard alone and without JavaScript."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser as real
import pytest
from browser import PLACE, POLICE, Live, Visitor
from postbox import Server, standing

HOLDING = f"{POLICE}alpr/"
TODAY = datetime.datetime.now(datetime.UTC).date()
SILENT = 9
UNION, FRIENDS = "Tenants Union (fiction)", "Library Friends (fiction)"
OPEN, HANDED = "Twenty-four cameras are enough", "Where is the list of who searches?"
BODY = "They have twenty-four cameras.\n\nWe ask you to stop."
WAYS = ("by mouse", "by keyboard alone", "without JavaScript")
PHONES = ("on a phone", "on a wider phone", "by keyboard alone", "without JavaScript")


def day(offset: int) -> str:
    return (TODAY + datetime.timedelta(offset)).isoformat()


def drafted(way: str) -> str:
    return f"No drones over the river, read {way}"


def _prepared(data: Path) -> real.Found:
    """A coalition of two organizations with a letter that is open, one that was handed over, and for each way one that waits for its director."""
    from django.db import connections

    from postme.letter import Text
    from postme.office.handing import Addressee, Carrier
    from postme.office.letters import Correspondence

    office, root = Correspondence(data), {"who": "root", "roles_": ["administrator"]}
    try:
        cookies = {"ann": real.cookie("ann", "coalition"), "ben": real.cookie("ben", "coalition")}
        group = office.found(PLACE, "Neighbors (fiction)", contact="hello@neighbors.example", **root)
        first = office.join(group, UNION, site="https://tenants.example", **root)
        second = office.join(group, FRIENDS, site="https://library.example", **root)
        office.give(group, first, "ann", title="Director", organizer=True, **root)
        office.give(group, second, "ben", title="Chair", who="ann")

        def begun(title: str, *agreeing: tuple[int, str]) -> str:
            claims = (office.claim("twenty-four cameras", HOLDING), office.claim("to stop", f"/laws/{real.LAW}/"))
            own = office.draft(group, Text(title, "The Village Council", "Vote no on item 7.", BODY, claims=claims), who="ann")  # fmt: skip
            for organization, who in agreeing:
                office.agree(own, organization, office.rows.one(own).drafted, who=who)
            return own

        both = ((first, "ann"), (second, "ben"))
        opened = [begun(title, *both) for title in (OPEN, HANDED)]
        for own in opened:
            office.open(own, office.rows.one(own).turn, last_day=None, who="ann")
        to = [Addressee("A. Teller (fiction)"), Addressee("B. Miller (fiction)")]
        Carrier(data, site="http://localhost").deliver(opened[1], to, "by hand", TODAY - datetime.timedelta(SILENT), who="ann")  # fmt: skip
        waits = {way: f"/desk/open-letters/{begun(drafted(way), both[0])}/" for way in WAYS}
        return {"open": f"/letters/{opened[0]}/", "handed": f"/letters/{opened[1]}/"}, waits, cookies
    finally:
        connections.close_all()


@pytest.fixture(scope="module")
def mails() -> Iterator[tuple[Server, int]]:
    """A mail server that takes what the site sends."""
    with standing() as found:
        yield found


@pytest.fixture(scope="module")
def live(filled: Path, mails: tuple[Server, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A site that answers, and sends its mail to that server."""
    from postme.office import counsel, example_town

    real.wanted()
    counsel.also_from([example_town.LAWS])
    try:
        with real.serving(filled, tmp_path_factory.mktemp("live"), _prepared, post=mails[1]) as site:
            yield site
    finally:
        counsel.also_from([])


@pytest.fixture(scope="module")
def chromium(live: Live) -> Iterator[Any]:
    """One browser for all."""
    yield from real.started()


def link(live: Live, mails: tuple[Server, int], to: str) -> str:
    """The link in the last mail to somebody, as an address of the site."""
    words = mails[0].letter_to(to).get_content()
    [own] = set(re.findall(rf"{live.at}(/(?:es/)?signed/[\w-]+/)", words))
    return str(own)


# -- An organizer -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_an_organizer_writes_hears_the_others_opens_enters_a_sheet_and_hands_it_over(
    live: Live, chromium: Any, way: str
) -> None:
    title = f"Stop the cameras, written {way}"
    with real.visiting(chromium, live, way, signed_in="ann", axe=way == "by keyboard alone") as ann:
        ann.arrive("/desk/")
        ann.follow(name="Write a letter")
        ann.write("Title", title)
        ann.write("To whom", "The Village Council")
        ann.write("What you ask for, in one or two sentences", "Vote no on item 7.")
        ann.write("The letter", BODY)
        ann.write("Words of the letter 1", "twenty-four cameras")
        ann.write("What they rest on 1", f"{live.at}{HOLDING}")
        ann.press("Save the draft")
        assert "Only your coalition sees it." in ann.reads("[role=status]")
        own = ann.tab.here
        assert "twenty-four cameras" in ann.reads("mark")
        assert "Once each has, it can be opened." in ann.reads()
        assert ann.page.request.get(f"/letters/{own.strip('/').split('/')[-1]}/").status == 404
        ann.write("Say something about the draft", "Short enough for nine minutes?")
        ann.press("Say it")
        ann.press(f"{UNION} agrees to these words")

        with real.visiting(chromium, live, "without JavaScript", signed_in="ben") as ben:
            ben.arrive(own)
            assert "Short enough for nine minutes?" in ben.reads()
            assert ben.page.get_by_role("button", name="Open it; everybody can read it at once").count() == 0
            ben.press(f"{FRIENDS} agrees to these words")

        ann.arrive(own)
        ann.write("Last day for signing, if there is one", day(20))
        ann.press("Open it; everybody can read it at once")
        assert "Everybody can read it now." in ann.reads("[role=status]")
        ann.follow(name="Who signed")
        ann.write("One person a line: name; ZIP code or ward", "Cy Paper (fiction); 55401\nDee Paper (fiction)")
        ann.choose("The whole name")
        ann.press("Enter these lines")
        assert "2 signatures on paper are entered." in ann.reads("[role=status]")
        ann.follow(name="Handed over")
        ann.choose(ann.page.locator("main input[name=to]").first)
        ann.choose(ann.page.locator('main [name=how][value="by hand"]'))
        ann.press("Hand it over; it is public at once")
        assert "It is recorded for 1 person." in ann.reads("[role=status]")
        ann.follow(name="What the public sees")
        said = ann.reads()
        assert "0 days of silence so far." in said
        assert "Cy Paper (fiction)" in said
        assert title in ann.reads("h1")


# -- A director ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_a_director_agrees_to_the_exact_words_and_signs_by_mail_at_the_organization_s_own_domain(
    live: Live, mails: tuple[Server, int], chromium: Any, way: str
) -> None:
    mail = f"ben.{way.split()[-1].lower()}@library.example"
    with real.visiting(chromium, live, way, signed_in="ben", axe=way == "by keyboard alone") as ben:
        ben.arrive("/desk/")
        ben.follow(name=drafted(way))
        assert ben.tab.here == live.desk[way]
        assert "They have twenty-four cameras" in ben.reads("article")
        assert re.search("[0-9a-f]{64}", ben.reads())
        ben.press(f"{FRIENDS} agrees to these words")
        assert "It is agreed to, word for word." in ben.reads("[role=status]")
        assert ben.page.get_by_role("button", name=f"{FRIENDS} agrees to these words").count() == 0

        ben.arrive(live.public["open"])
        ben.follow(name="Sign for an organization")
        ben.write("Name of the organization", FRIENDS)
        ben.write("Its own site", "library.example")
        ben.write("Your mail address at its domain", "ben@gmail.com")
        ben.choose("Show my name and what I do there")
        ben.write("Your name", "Ben Leaf (fiction)")
        ben.write("What you do there", "Chair")
        ben.press("See what becomes public")
        refused(ben, "mail", "not at the organization’s own domain")
        ben.write("Your mail address at its domain", mail)
        ben.press("See what becomes public")
        seen = ben.reads(".look-first")
        assert "by mail at library.example" in seen
        assert "Ben Leaf (fiction), Chair" in seen
        ben.press("Send me the mail")
        assert "It waits for its signer." in ben.reads()
        ben.arrive(link(live, mails, mail))
        ben.press("Yes, I sign")
        assert "Your signature is public now, and it counts." in ben.reads("[role=status]")
        ben.arrive(live.public["open"])
        assert "by mail at library.example" in ben.reads("#organizations + table")
        assert mail not in ben.page.content()


# -- A signer, on a phone -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", PHONES)
def test_a_signer_looks_first_confirms_finds_the_receipt_and_takes_the_name_off_in_two_steps(
    live: Live, mails: tuple[Server, int], chromium: Any, way: str
) -> None:
    mail, words = f"cy.{'.'.join(way.lower().split())}@example.org", f"I drive there every day, {way}."
    with real.visiting(chromium, live, way, axe=way in ("by keyboard alone", "on a phone")) as cy:
        cy.arrive("/letters/")
        cy.follow(name=OPEN)
        cy.follow(name="Sign the letter")
        cy.write("Your name", "Cy Marie Doe")
        cy.choose("First letters only, as in A. D.")
        cy.write("Your mail address", mail)
        cy.write("Your own words", words)
        cy.press("See what becomes public")
        seen = cy.reads(".look-first")
        assert "C. D." in seen
        assert words in seen
        assert mail in seen
        cy.press("Send me the mail")
        number = cy.reads("h1 code")
        assert "It waits for its signer." in cy.reads()
        own = link(live, mails, mail)
        assert number in mails[0].letter_to(mail).get_content()
        assert words not in cy.page.request.get(f"{live.public['open']}signatures.json").text()
        cy.arrive(own)
        cy.press("Yes, I sign")
        assert "Your signature is public now, and it counts." in cy.reads("[role=status]")
        assert number in cy.page.request.get(f"{live.public['open']}signatures.json").text()

        cy.follow(name=number)
        assert "It is public, and it counts." in cy.reads()
        cy.follow(name="Look up another")
        cy.write("The number", number)
        cy.press("Look it up")
        assert number in cy.reads("h1")
        cy.arrive(own)
        cy.follow(name="Take my name off")
        assert "This cannot be undone." in cy.reads()
        assert number in cy.page.request.get(f"{live.public['open']}signatures.json").text(), "the first step took it off"  # fmt: skip
        cy.press("Yes, take it off")
        assert "All that said who signed is deleted here." in cy.reads()
        assert number not in cy.page.request.get(f"{live.public['open']}signatures.json").text()
        cy.arrive(f"/receipts/{number}/")
        assert "The name was taken off." in cy.reads()


@pytest.mark.parametrize(("language", "wide"), [("", 320), ("/es", 390)], ids=["English", "Spanish"])
def test_no_page_of_a_letter_is_too_wide_for_a_phone_or_too_small_for_a_finger(
    live: Live, chromium: Any, language: str, wide: int
) -> None:
    with real.Tab(chromium, live, wide=wide, touch=True) as tab:
        for address in (live.public["handed"], f"{live.public['open']}sign/", f"{live.public['open']}sign/?as=organization", f"{live.public['open']}signatures/"):  # fmt: skip
            tab.open(f"{language}{address}")
            assert tab.too_wide() == [], address
            assert tab.page.evaluate(_SMALL) == [], address
        assert tab.complaints == []


# Source: WCAG 2.2, 2.5.8: a target is at least 24 by 24 CSS pixels.
_SMALL = """() => [...document.querySelectorAll("main button, main input:not([type=hidden]), main textarea, main select, main a.btn, main summary")]
  .filter(one => one.offsetParent && !one.closest(".trap") && !["radio", "checkbox"].includes(one.type))
  .filter(one => { const box = one.getBoundingClientRect(); return box.height < 24 || box.width < 24; }).map(one => one.outerHTML.slice(0, 120))"""


# -- A council member's assistant ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_an_assistant_reads_what_it_asks_what_each_claim_rests_on_how_it_came_and_how_long_nobody_answered(
    live: Live, chromium: Any, way: str
) -> None:
    with real.visiting(chromium, live, way, axe=way == "by keyboard alone") as hana:
        hana.arrive("/letters/")
        hana.follow(name=HANDED)
        own = hana.tab.here
        assert own == live.public["handed"]
        assert "Vote no on item 7." in hana.reads("section[aria-labelledby=ask]")
        hana.follow(to="#rests-1")
        assert "stands" in hana.sees("#rests-1")
        hana.follow(to=HOLDING)
        assert "Police Department" in hana.reads()
        hana.back()
        hana.follow(to="#rests-2")
        hana.follow(to=f"/laws/{real.LAW}/")
        hana.arrive(own)
        said = hana.reads()
        assert said.count(f"{SILENT} days of silence so far.") == 2
        assert "by hand, version 1" in said
        pdf = hana.page.get_by_role("link", name="The letter as PDF").get_attribute("href")
        assert pdf == f"{own}letter.pdf"
        hana.unfold(hana.page.locator("#delivered + ul summary").first)
        file = hana.page.get_by_role("link", name="The file that was handed over").first
        answer = hana.page.request.get(file.get_attribute("href"))
        assert answer.headers["content-type"] == "application/pdf"
        assert hashlib.sha256(answer.body()).hexdigest() == hana.reads("#delivered + ul details code")


# -- What a screen reader reads -----------------------------------------------------------------------------------------

_OUTLINE = """() => [...document.querySelectorAll("header, nav, main, footer, h1, h2, h3, form.form")].filter(one => one.getClientRects().length)
  .map(one => /^H[1-6]$/.test(one.tagName) ? `${one.tagName} ${one.innerText}` : one.tagName === "NAV" ? `nav ${one.ariaLabel}` : one.tagName.toLowerCase())"""
_UNNAMED = """() => [...document.querySelectorAll("main input:not([type=hidden]), main select, main textarea")]
  .filter(one => one.getClientRects().length && !one.labels.length && !one.ariaLabel).map(one => one.outerHTML)"""
_FIELDS = """() => [...document.querySelectorAll("main form.form [name]:not([type=hidden])")].filter(one => one.getClientRects().length && !one.closest(".trap")).map(one => one.name)"""
_LOOSE = """() => [...document.querySelectorAll("[aria-describedby], [aria-labelledby]")]
  .flatMap(one => `${one.getAttribute("aria-describedby") || ""} ${one.getAttribute("aria-labelledby") || ""}`.trim().split(/\\s+/)).filter(id => !document.getElementById(id))"""
_HINTS = """() => [...document.querySelectorAll("main .hint, main .fault")].filter(one => one.getClientRects().length && !document.querySelector(`[aria-describedby~="${one.id}"]`)).map(one => one.outerHTML)"""


def test_a_screen_reader_meets_the_letter_before_its_counts_and_every_heading_in_its_place(live: Live, chromium: Any) -> None:  # fmt: skip
    with real.Tab(chromium, live) as tab:
        tab.open(live.public["handed"])
        assert tab.page.evaluate(_OUTLINE) == [
            "header", "nav Main", "main", f"H1 {HANDED}", "H2 What it asks", "H2 What it rests on", "H2 How many signed", "H2 Who got it, and what they did",
            "H2 People who signed", "H2 What happens to what signers give", "H2 The text, and what was changed in it", "H2 What happened", "footer",
        ]  # fmt: skip
        tab.open(f"{live.public['open']}sign/")
        assert tab.page.evaluate(_OUTLINE) == ["header", "nav Main", "main", "H1 Sign the letter", "form", "H2 What happens to what you give", "footer"]  # fmt: skip
        assert list(dict.fromkeys(tab.page.evaluate(_FIELDS))) == ["name", "shown", "mail", "role", "area", "comment", "thanked", "step"]  # fmt: skip
        assert tab.page.evaluate(_UNNAMED) == tab.page.evaluate(_LOOSE) == tab.page.evaluate(_HINTS) == []


def refused(visitor: Visitor, field: str, says: str) -> None:
    """What is wrong is told first, where the focus is; leads to the field; and is tied to it."""
    assert visitor.page.locator("#faults:focus").count() == 1, "the focus is not on what is wrong"
    told = visitor.page.locator(f'#faults a[href="#{field}"]')
    assert says in told.inner_text()
    one = visitor.page.locator(f"#{field}")
    assert one.get_attribute("aria-invalid") == "true"
    tied = [visitor.page.locator(f"#{id_}").inner_text() for id_ in one.get_attribute("aria-describedby").split()]
    assert told.inner_text() in tied
    visitor.follow(to=f"#{field}", within="#faults")
    assert visitor.page.locator(f"#{field}:focus").count() == 1, "the link does not lead into the field"


@pytest.mark.parametrize("way", ["on a phone", "by keyboard alone", "without JavaScript"])
@pytest.mark.parametrize("language", ["", "/es"])
def test_what_is_wrong_with_a_signature_is_told_where_the_focus_is_and_tied_to_its_field(
    live: Live, chromium: Any, way: str, language: str
) -> None:
    with real.visiting(chromium, live, way, axe=way == "by keyboard alone") as cy:
        cy.arrive(f"{language}{live.public['open']}sign/")
        cy.write(cy.page.locator("#name"), "7")
        cy.write(cy.page.locator("#mail"), "cy@example")
        cy.press(cy.page.locator("main form.form button"))
        assert cy.page.locator("#name").input_value() == "7"
        assert cy.page.locator("#mail").input_value() == "cy@example"
        refused(cy, "name", "Escriba" if language else "at least one letter")


@pytest.mark.parametrize("way", WAYS)
def test_a_claim_that_rests_on_nothing_is_told_where_the_focus_is_and_tied_to_its_row(
    live: Live, chromium: Any, way: str
) -> None:
    with real.visiting(chromium, live, way, signed_in="ann", axe=way == "by keyboard alone") as ann:
        ann.arrive(f"{live.desk['by mouse']}write/")
        ann.write("Words of the letter 3", "thirty dogs")
        ann.write("What they rest on 3", f"{live.at}{HOLDING}")
        ann.press("Save the draft")
        refused(ann, "passage-2", "The letter does not say “thirty dogs”.")
        if ann.tab.scripts:
            for asked in (_UNNAMED, _LOOSE, _HINTS):
                assert ann.page.evaluate(asked) == []


@pytest.mark.parametrize("way", WAYS)
def test_a_sheet_and_a_delivery_that_cannot_be_kept_are_told_where_the_focus_is(
    live: Live, chromium: Any, way: str
) -> None:
    desk = f"/desk/open-letters{live.public['open'].removeprefix('/letters')}"
    with real.visiting(chromium, live, way, signed_in="ann", axe=way == "by keyboard alone") as ann:
        ann.arrive(f"{desk}signers/")
        ann.write("One person a line: name; ZIP code or ward", "7; 55401")
        ann.choose("The whole name")
        ann.press("Enter these lines")
        assert "Line 1: Write a name with at least one letter." in ann.reads("[role=alert]:focus")
        ann.arrive(f"{desk}handed/")
        ann.choose(ann.page.locator('main [name=how][value="by hand"]'))
        ann.press("Hand it over; it is public at once")
        assert "This delivery cannot be recorded." in ann.reads("[role=alert]:focus")
        ann.arrive(desk)
        ann.press("Say it")
        assert "Write what you want to say" in ann.reads("[role=alert]:focus")


# -- In the other language ----------------------------------------------------------------------------------------------


def test_axe_finds_nothing_serious_on_any_page_of_letters_in_spanish(live: Live, chromium: Any) -> None:
    of_all = ["/letters/", live.public["open"], live.public["handed"], f"{live.public['open']}sign/", f"{live.public['open']}sign/?as=organization", f"{live.public['open']}signatures/", f"{live.public['open']}embed/"]  # fmt: skip
    at_the_desk = ["/desk/open-letters/", live.desk["by mouse"], f"{live.desk['by mouse']}write/", *(f"/desk/open-letters{live.public['open'].removeprefix('/letters')}{part}" for part in ("", "signers/", "handed/"))]  # fmt: skip
    wrong = []
    with real.Tab(chromium, live, signed_in="ann") as tab:
        for address in (*of_all, *at_the_desk):
            assert tab.open(f"/es{address}") == 200, address
            assert tab.page.locator("html").get_attribute("lang") == "es"
            wrong += real.told(address, real.found(tab, real.KINDS_OF_RULES))
    assert wrong == []
