"""The site in a real browser: five visitors in four ways, every kind of page narrow, quiet, light and for everybody, and on paper."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser as real
import pypdfium2
import pytest
from browser import Live, Tab, Visitor


@pytest.fixture(scope="module")
def live(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A site that answers; nobody writes to it."""
    real.wanted()
    with real.serving(filled, tmp_path_factory.mktemp("live")) as site:
        yield site


@pytest.fixture(scope="module")
def chromium(live: Live) -> Iterator[Any]:
    """One browser for all. It starts after the site: its own loop would forbid Django’s questions."""
    yield from real.started()


# -- Five visitors: by mouse, by keyboard alone, without JavaScript, on a phone ------------------------------------------


@pytest.fixture
def visitor(request: pytest.FixtureRequest, live: Live, chromium: Any) -> Iterator[Visitor]:
    """A visitor who goes one of the four ways, and whom nothing troubles on it."""
    with real.visiting(chromium, live, request.param) as visitor:
        yield visitor


def ways(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("visitor", names, indirect=True)


@ways("by keyboard alone", "on a phone")
def test_a_resident_who_heard_of_plate_readers_reads_the_words_in_the_minutes(visitor: Visitor) -> None:
    visitor.arrive()
    visitor.ask("license plate readers")
    visitor.follow(to="/technologies/alpr/")
    visitor.follow(to=f"{real.POLICE}alpr/")
    assert "license plate readers" in visitor.page.locator("h1").inner_text()
    quote = visitor.page.locator("blockquote.first mark").inner_text()
    page = visitor.page.locator("blockquote.first + .src").inner_text().rpartition("page ")[2]
    visitor.follow(to="/records/")
    assert visitor.sees("mark:target") == quote
    assert f"Page {page} of" in visitor.page.locator("nav.pages").inner_text()


@ways("by mouse", "without JavaScript")
def test_an_organiser_reads_the_night_before_what_the_law_says_of_plate_readers(visitor: Visitor) -> None:
    visitor.arrive()
    visitor.follow(name="What they have")
    visitor.follow(name="Mill Falls")
    assert "made up" in visitor.sees(".fiction")
    row = visitor.page.locator("tr", has=visitor.page.locator(f'a[href="{real.POLICE}alpr/"]'))
    assert "put the sharing of its data to a recorded vote" in row.locator(".v.broken").locator("..").inner_text()
    visitor.follow(to=f"/laws/{real.LAW}/")
    assert "In force" in visitor.sees(".stand")
    clauses = " ".join(visitor.page.locator(".clauses").all_inner_texts())
    assert (
        "may obtain surveillance technology only after the city council has approved it by a recorded vote" in clauses
    )


@ways("by mouse", "on a phone")
def test_a_clerk_finds_what_is_overdue_and_how_the_day_was_counted(visitor: Visitor) -> None:
    visitor.arrive()
    overdue = visitor.page.locator("li", has_text="Overdue since").first
    day = overdue.locator(".when").inner_text().removeprefix("Overdue since ")
    visitor.follow(name="put the sharing of its data to a recorded vote")
    assert visitor.sees("h2#law").startswith("What the law says")
    duty = visitor.page.locator("li", has=visitor.page.locator(".v.broken")).first
    assert day in duty.inner_text()
    assert "How the day was counted" in duty.locator("summary").inner_text()
    duty.locator("summary").click()
    assert "2026-01-12" in duty.locator("ol").inner_text()


@ways("by keyboard alone", "without JavaScript")
def test_a_council_member_with_nine_minutes_sees_the_verdicts_why_and_the_clause(visitor: Visitor) -> None:
    visitor.arrive()
    visitor.follow(name="What they have")
    visitor.follow(name="Mill Falls")
    assert {*visitor.page.locator("td .v").all_inner_texts()} >= {"Broken", "Met", "Unknown", "Not yet due"}
    row = visitor.page.locator("tr", has=visitor.page.locator(f'a[href="{real.POLICE}alpr/"]'))
    assert row.locator("a", has_text="Why").get_attribute("href") == f"{real.POLICE}alpr/#law"
    visitor.follow(to=f"{real.POLICE}alpr/#law")
    visitor.follow(to=f"/laws/{real.LAW}/#vote-before-sharing")
    assert "vote" in visitor.sees("#vote-before-sharing")


@ways("by mouse", "by keyboard alone")
def test_a_reporter_leaves_with_page_number_hash_file_and_the_same_facts_as_data(visitor: Visitor) -> None:
    visitor.arrive()
    visitor.follow(to="/records/")
    assert "Page " in visitor.page.locator("nav.pages span").first.inner_text()
    visitor.follow(name="where it came from, and how to check it")
    sha256 = visitor.page.locator("code.whole").inner_text()
    assert sha256 in visitor.page.url
    twin = visitor.page.request.get(visitor.page.locator("footer a", has_text=".json").get_attribute("href")).json()
    assert twin["facts"]["sha256"] == sha256
    withheld = "blacked out" in visitor.page.locator("dl.pairs").inner_text()
    download = visitor.page.locator("a[download]")
    assert download.count() == (0 if withheld else 1)
    if not withheld:
        with visitor.page.expect_download() as given:
            download.click()
        assert hashlib.sha256(Path(given.value.path()).read_bytes()).hexdigest() == sha256


def test_keys_j_and_k_go_from_quote_to_quote_and_leave_what_is_typed_alone(live: Live, chromium: Any) -> None:
    with Tab(chromium, live) as tab:
        tab.open(live.public["record-page"])
        tab.page.locator("header input").fill("jk")
        tab.page.locator("header input").press("j")
        assert tab.here == live.public["record-page"]
        tab.page.locator("header input").evaluate("one => one.blur()")
        after = tab.page.locator("a[rel=next]").get_attribute("href")
        here = tab.page.locator("mark[id]").evaluate_all("every => every.map(one => one.id)")
        assert len(here) > 1
        steps = [f"{live.public['record-page']}#{one}" for one in here]
        for key, way in (("j", [*steps, after]), ("k", [])):
            for wanted in way or [tab.page.locator("a[rel=prev]").get_attribute("href")]:
                tab.page.keyboard.press(key)
                tab.page.wait_for_url(f"**{wanted}")
                assert tab.page.locator("mark:target, mark:has(:target)").count() == 1
        assert tab.complaints == []


# -- Every kind of page -------------------------------------------------------------------------------------------------

# Chosen (docs of the design): what a phone on a slow line fetches in three seconds.
HEAVIEST = 100 * 1024
MISSING = {"withdrawn": 410, "not found": 404}


def test_every_kind_of_page_is_narrow_light_silent_and_asks_nobody_else(live: Live, chromium: Any) -> None:
    faults = []
    for name, address in live.public.items():
        with Tab(chromium, live, wide=320) as tab:
            found = {
                "status": tab.open(address) != MISSING.get(name, 200), "sideways": tab.too_wide(), "asked of others": tab.strangers(),
                "complaints": tab.complaints, "style sheets": tab.sheets() != 1, "bytes": tab.weight() if tab.weight() >= HEAVIEST else 0,
            }  # fmt: skip
            faults += [f"{name} ({address}): {what}: {said}" for what, said in found.items() if said]
    assert not faults, "\n" + "\n".join(faults)


def test_every_page_of_the_desk_is_narrow_and_silent(live: Live, chromium: Any) -> None:
    faults = []
    with Tab(chromium, live, wide=320, signed_in="nora") as tab:
        for name, address in live.desk.items():
            tab.complaints.clear()
            found = {
                "status": tab.open(address) != 200, "elsewhere": tab.here != address, "sideways": tab.too_wide(),
                "asked of others": tab.strangers(), "complaints": tab.complaints,
            }  # fmt: skip
            faults += [f"{name} ({address}): {what}: {said}" for what, said in found.items() if said]
    assert not faults, "\n" + "\n".join(faults)


def test_a_stranger_a_fault_and_an_overflow_would_be_noticed(live: Live, chromium: Any) -> None:
    with Tab(chromium, live, wide=320) as tab:
        tab.open("/about/")
        assert (tab.too_wide(), tab.complaints, tab.strangers()) == ([], [], [])
        tab.page.evaluate(
            """() => { const one = new Image(900, 9); one.src = "http://127.0.0.2:9/x.png"; document.body.append(one);
            one.style.width = "900px"; }"""
        )
        tab.page.wait_for_function("() => document.images[0].complete")
        assert tab.too_wide()
        assert any("Content Security Policy" in one for one in tab.complaints)
        found = real.found(tab, {"runOnly": ["image-alt"]})
        assert [one["id"] for one in found] == ["image-alt"]


# -- For everybody: axe -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "wide"), [("", 1280), ("/es", 320)], ids=["English", "Spanish on a phone"])
def test_axe_finds_nothing_serious_on_any_kind_of_page_light_or_dark(
    live: Live, chromium: Any, language: str, wide: int
) -> None:
    faults = []
    with Tab(chromium, live, wide=wide) as tab:
        for name, address in live.public.items():
            tab.page.emulate_media(color_scheme="light")
            tab.open(f"{language}{address}")
            assert tab.page.locator("html").get_attribute("lang") == (language.strip("/") or "en")
            faults += real.told(name, real.found(tab, real.KINDS_OF_RULES))
            tab.page.emulate_media(color_scheme="dark")
            faults += real.told(f"{name} in the dark", real.found(tab, real.COLORS))
            # Among them a number that a language writes with a comma, where SVG wants a point.
            faults += [f"{name}: {one}" for one in tab.complaints]
            tab.complaints.clear()
    assert not faults, "\n" + "\n".join(faults)


def test_axe_finds_nothing_serious_at_the_desk_light_or_dark(live: Live, chromium: Any) -> None:
    faults = []
    with Tab(chromium, live, signed_in="nora") as tab:
        for name, address in live.desk.items():
            tab.page.emulate_media(color_scheme="light")
            tab.open(address)
            faults += real.told(name, real.found(tab, real.KINDS_OF_RULES))
            tab.page.emulate_media(color_scheme="dark")
            faults += real.told(f"{name} in the dark", real.found(tab, real.COLORS))
            # Among them a number that a language writes with a comma, where SVG wants a point.
            faults += [f"{name}: {one}" for one in tab.complaints]
            tab.complaints.clear()
    assert not faults, "\n" + "\n".join(faults)


# -- On paper -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["place", "holding", "law", "record"])
def test_a_page_on_paper_has_its_words_and_its_address_and_no_doors_or_forms(
    live: Live, chromium: Any, kind: str
) -> None:
    with Tab(chromium, live) as tab:
        tab.open(live.public[kind])
        title = tab.page.locator("h1").inner_text()
        tab.page.emulate_media(media="print")
        shown = tab.page.evaluate("() => [...document.querySelectorAll('nav, form, button, .lang, .skip')].filter(one => one.checkVisibility() && one.getBoundingClientRect().right > 0).map(one => one.outerHTML.slice(0, 120))")  # fmt: skip
        assert shown == []
        sheets = pypdfium2.PdfDocument(tab.page.pdf(format="Letter"))
        words = [" ".join(page.get_textpage().get_text_range().split()) for page in sheets]
    # The style sheet sets headings closely, and a reader of PDF takes a narrow space for none.
    assert title.replace(" ", "") in words[0].replace(" ", "")
    assert f"{live.at}{live.public[kind]}" in words[-1]
    assert "What they have What the law says Records" not in " ".join(words)
    assert all(len(one) > 40 for one in words), "a sheet is nearly empty"


def test_a_decision_on_paper_shows_the_clauses_that_the_page_folds_away(live: Live, chromium: Any) -> None:
    with Tab(chromium, live) as tab:
        tab.open(live.public["decision"])
        folded = tab.page.evaluate("() => [...document.querySelectorAll('details:not([open])')].map(one => one.querySelector(':scope > :not(summary)').textContent)")  # fmt: skip
        sheets = pypdfium2.PdfDocument(tab.page.pdf(format="Letter"))
        words = "".join("".join(page.get_textpage().get_text_range().split()) for page in sheets)
    assert len(folded) > 2
    # A word at a line's end may be broken there, so the beginning has to do.
    assert [one[:80] for one in folded if "".join(one.split())[:25] not in words] == []


@pytest.mark.parametrize(("language", "wide"), [("", 320), ("/es", 320), ("", 1280), ("/es", 1280)])
def test_the_dates_on_the_way_of_a_decision_stand_apart(live: Live, chromium: Any, language: str, wide: int) -> None:
    with Tab(chromium, live, wide=wide) as tab:
        tab.open(f"{language}{live.public['decision']}")
        # Of neighbors in one row, how far the words of one end before those of the next begin.
        gaps = tab.page.evaluate("() => {const words = one => {const range = document.createRange(); range.selectNodeContents(one); return range.getBoundingClientRect()}; const all = [...document.querySelectorAll('.steps li')]; return all.slice(1).map((one, at) => [all[at], one]).filter(([one, next]) => Math.abs(one.getBoundingClientRect().top - next.getBoundingClientRect().top) < 1).map(([one, next]) => words(next).left - words(one).right)}")  # fmt: skip
        assert tab.too_wide() == []
    assert all(gap >= 8 for gap in gaps)
    assert bool(gaps) is (wide > 740)
