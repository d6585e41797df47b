"""The report: every claim opens to its quote, nothing found is said with what was searched, and hostile text is harmless."""

from __future__ import annotations

import datetime
import html
import os
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import smalltown

from postme import inventory
from postme.catalogue import compiled
from postme.errors import KeepingError
from postme.office import marking, report
from postme.scan import CONTEXT

TOWN = compiled(
    [
        smalltown.technology("alpr", ["plate reader"], name="Automated license plate readers"),
        smalltown.technology("drone", ["drone"], name="Drones", what="They fly.", cannot_show="That one has flown."),
        smalltown.technology("mil_vehicle", ["armored vehicle"], name="Armored vehicles", kind="military"),
        smalltown.vendor("corvid-vision", ["alpr"], ["Corvid Vision"], name="Corvid Vision, Inc."),
    ],
    smalltown.CONTEXTS,
    "cafe1234",
)
MINUTES, NOTICE, LOCKED = "aa" * 32, "bb" * 32, "cc" * 32
PAGE = (
    "Motion by Lind. The Mill Falls Police Department may renew with Corvid Vision for twelve plate readers "
    "at $36,000 a year. Carried on March 4, 2025."
)
HOSTILE = (
    '<script>alert(1)</script> \u202edrones\u202c \x1b[31m & "so on" </blockquote><img src=http://x.example/a.png>'
)


def mention(quote: str, page_text: str = PAGE, **more: Any) -> dict[str, Any]:
    """A mention as it is printed, of words that stand on a page."""
    start = page_text.index(quote)
    end = start + len(quote)
    values = {
        "path": "records/minutes.pdf", "sha256": MINUTES, "page": 31, "start": start, "end": end, "quote": quote,
        "context": page_text[max(0, start - CONTEXT) : end + CONTEXT], "technologies": ["alpr"], "certainty": "sure",
        "vendor": None, "product": None, "act": "acquire", "step": None, "amount": None, "amount_text": None, "date": None,
        "file_number": None, "body": None, "seconds": None, "why": "“plate reader” means alpr",
    }  # fmt: skip
    values.update(more)
    return values


READERS = mention(
    "plate readers", id="11" * 8, vendor="corvid-vision", amount=36000.0, amount_text="$36,000", date="2025-03-04", step="approved",
    body="Mill Falls Police Department", file_number="Resolution 26-204",
)  # fmt: skip
AGAIN = mention("Corvid Vision", id="22" * 8, act="mention")
DRONES = mention(
    "drones",
    "We do not use drones.",
    id="33" * 8,
    technologies=["drone"],
    act="use",
    path="records/notice.txt",
    sha256=NOTICE,
    page=1,
)
TANK = mention(
    "armored vehicle", "An armored vehicle came.", id="44" * 8, technologies=["mil_vehicle"], act="mention", path="records/notice.txt",
    sha256=NOTICE, page=1,
)  # fmt: skip
PERHAPS = mention(
    "drone", "The drone of the organ.", id="55" * 8, technologies=["drone"], certainty="unsure", path="records/notice.txt",
    sha256=NOTICE, page=1,
)  # fmt: skip
REFUTED = mention("plate readers", id="66" * 8, page=32)
MENTIONS = [READERS, AGAIN, DRONES, TANK, PERHAPS, REFUTED]
RULINGS = {READERS["id"]: ("yes", "the clerk confirmed it"), REFUTED["id"]: ("no", "readers of dental plates")}


def looked(path: str, sha256: str | None, error: tuple[str, ...] | None = None, **facts: Any) -> Any:
    """What became of a record."""
    known = {"pages": 40, "unreadable": [], "notes": [], "title": None, "date": None, "body": None}
    return SimpleNamespace(path=path, sha256=sha256, facts={} if error else {**known, **facts}, error=error)


OUTCOMES = [
    looked("records/minutes.pdf", MINUTES, title="Minutes of March", date="2025-03-04", body="City Council"),
    looked("records/notice.txt", NOTICE, pages=3, unreadable=[[2, "It is a picture."], [3, "It is a picture."]]),
    looked(
        "records/secret.pdf",
        LOCKED,
        ("Locked", "The PDF asks for a password.", "No word was read.", "Ask the clerk for a copy."),
    ),
]


def written(
    folder: Path, mentions: list[dict[str, Any]] | None = None, outcomes: list[Any] | None = None,
    rulings: Mapping[str, tuple[str, str]] = RULINGS,
) -> str:  # fmt: skip
    """Write the report of some mentions and give the page."""
    mentions = MENTIONS if mentions is None else mentions
    outcomes = OUTCOMES if outcomes is None else outcomes
    began = datetime.datetime(2026, 11, 20, 14, 5, tzinfo=datetime.UTC)
    searched = report.Searched(
        number=7, started=began, ended=began + datetime.timedelta(seconds=4), place="us/mn/mill-falls", paths=("records",),
        catalogue="cafe1234", reader="reader 1", files=len(outcomes), litter=1,
        pages=sum(one.facts.get("pages", 0) for one in outcomes),
    )  # fmt: skip
    dates = {one.sha256: one.facts.get("date") for one in outcomes}
    page = report.write(
        folder, searched=searched, outcomes=outcomes, holdings=inventory.facts(mentions, rulings, dates), mentions=mentions,
        rulings=rulings, catalogue=TOWN,
    )  # fmt: skip
    assert page == folder / "index.html"
    return page.read_text("utf-8")


class Seen(HTMLParser):
    """What a browser would make of a page: its elements, what it would load, its ids and links, its text by element."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.marks: list[str] = []
        self._inside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "br", "img"):
            self._inside.append(tag)
        if tag in ("td", "th", "li", "p", "dt", "dd", "div", "br", "summary", "h2", "h3", "h4"):
            self.text.append(" ")
        if tag == "mark":
            self.marks.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._inside.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if "style" in self._inside or "script" in self._inside:
            return
        self.text.append(data)
        if "mark" in self._inside:
            self.marks[-1] += data

    def all(self, attribute: str) -> list[str]:
        return [
            value
            for _, attributes in self.elements
            for name, value in attributes.items()
            if name == attribute and value
        ]

    @property
    def words(self) -> str:
        return " ".join("".join(self.text).split())


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(tmp_path_factory.mktemp("report"))


def test_each_claim_is_split_and_opens_to_its_quote_with_record_and_page(page: str) -> None:
    words = Seen(page).words
    assert "Maker Corvid Vision, Inc. 1 mention" in words
    assert "Amount named nearest $36,000 1 mention" in words
    assert "Public body named nearest Mill Falls Police Department 1 mention" in words
    assert "Product unknown (no product that we know is named near these words)" in words
    assert (
        "Earliest date March 4, 2025 1 mention the record’s own date: the day it was spoken of, not the day it was done"
        in words
    )
    claim = re.search(r"<b>\$36,000</b>.*?(<ul.*?</ul>)", page, re.DOTALL)
    assert claim
    opened = Seen(claim[1])
    assert opened.marks == ["plate readers", "$36,000"]
    assert "minutes.pdf, page 31" in opened.words
    assert "ruled yes" in opened.words


def test_a_mention_stands_with_hash_offsets_certainty_ruling_and_why_it_matched(page: str) -> None:
    entry = re.search(r'<details class="m" id="m-1{16}">.*?</details>\s*</div>\s*</details>', page, re.DOTALL)
    assert entry
    words = Seen(entry[0]).words
    start, end = READERS["start"], READERS["end"]
    assert f"page 31, characters {start} to {end} · sha256 {MINUTES[:12]}…" in words
    assert "about buying or funding · words near: approved or passed" in words
    assert "Resolution 26-204" in words
    assert "A person ruled yes, writing “the clerk confirmed it”. The match is sure" in words
    assert "“plate reader” means alpr." in words
    assert MINUTES in words


def test_what_nobody_ruled_on_says_that_a_machine_found_it(page: str) -> None:
    words = Seen(page).words
    assert "4 of 6 mentions still wait for a person’s ruling." in words
    assert "A machine found these words. Nobody has ruled on them yet." in words


def test_surveillance_stands_before_military_and_each_says_what_it_cannot_show(page: str) -> None:
    words = Seen(page).words
    assert words.index("Surveillance technology, claim by claim") < words.index("Military equipment, claim by claim")
    assert "They fly. What a finding cannot show. That one has flown." in words
    assert words.rindex("Armored vehicles It watches.") > words.index("Military equipment, claim by claim")


def test_every_mention_can_be_reached_and_every_link_leads_somewhere(page: str) -> None:
    seen = Seen(page)
    ids = seen.all("id")
    assert len(ids) == len(set(ids))
    for one in MENTIONS:
        assert f"m-{one['id']}" in ids
    for link in seen.all("href"):
        if not link.startswith("data:"):
            assert link.removeprefix("index.html").removeprefix("#") in ids, link


def test_a_mention_of_two_technologies_stands_under_both_with_an_address_each(tmp_path: Path) -> None:
    both = mention("plate readers", id="77" * 8, technologies=["alpr", "drone"])
    ids = Seen(written(tmp_path, [both])).all("id")
    assert {"m-" + "77" * 8, "m-" + "77" * 8 + "-2"} <= set(ids)


def test_what_could_not_be_read_is_named_before_what_was_found(page: str) -> None:
    words = Seen(page).words
    unread = words[words.index("What could not be read") : words.index("A machine sorted the passages")]
    assert "What stands there is unknown." in unread
    assert "The PDF asks for a password. No word was read. What to do: Ask the clerk for a copy. secret.pdf" in unread
    assert "notice.txt, 2 of 3 pages: pages 2–3: It is a picture." in unread


def test_perhaps_and_ruled_out_stand_apart_and_are_not_counted_as_technologies(page: str) -> None:
    words = Seen(page).words
    assert "Technologies 3 kinds" in words
    assert "1 mention whose words often mean something else." in words
    assert "1 mention: readers of dental plates" in words
    below = page[page.index('id="perhaps"') :]
    assert f'id="m-{PERHAPS["id"]}"' in below
    assert f'id="m-{REFUTED["id"]}"' in below


def test_the_table_of_records_says_unknown_where_nothing_is_known(page: str) -> None:
    table = Seen(page[page.index('<h2 id="records">') : page.index('<h2 id="check">')])
    assert f"minutes.pdf Minutes of March sha256 {MINUTES} March 4, 2025 City Council 40 0 3" in table.words
    assert (
        f"secret.pdf Not read. The PDF asks for a password. sha256 {LOCKED} unknown unknown unknown all unknown"
        in table.words
    )


def test_nothing_found_is_said_with_what_was_searched_and_what_was_not_read(tmp_path: Path) -> None:
    words = Seen(written(tmp_path, [])).words
    assert "Nothing that counts was found in the 41 pages that could be read; 1 record and 2 pages" in words
    assert "That is not “they have none”." in words
    assert "as they were read on November 20, 2026" in words
    assert "3 kinds of technology and 1 maker" in words
    assert words.index("What could not be read") < words.index("Nothing that counts was found")


def test_a_search_of_no_file_says_that_nothing_is_known_from_it(tmp_path: Path) -> None:
    words = Seen(written(tmp_path, [], [])).words
    assert "There was no file to read in what was searched. So nothing is known from it." in words
    assert "could be opened" not in words


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    path = 'records/<b onmouseover="x">\udcff.pdf'
    bad = mention(
        "drones", HOSTILE, id="88" * 8, technologies=["drone"], path=path, why=HOSTILE, body=HOSTILE, product=HOSTILE, file_number=HOSTILE,
    )  # fmt: skip
    outcome = looked(path, MINUTES, title=HOSTILE, body=HOSTILE, notes=[HOSTILE], unreadable=[[1, HOSTILE]])
    page = written(tmp_path, [bad], [outcome], {bad["id"]: ("yes", HOSTILE)})
    clean = Seen(written(tmp_path / "clean", [DRONES]))
    seen = Seen(page)
    assert {tag for tag, _ in seen.elements} <= {tag for tag, _ in clean.elements}
    assert [tag for tag, _ in seen.elements].count("script") == 1
    assert not [name for _, attributes in seen.elements for name in attributes if name.startswith("on")]
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x1b]", page)
    assert 'U+202E</span><mark>drones</mark><span class="unseen">U+202C' in page
    assert "[U+DCFF].pdf" in page
    assert html.escape("<script>alert(1)</script>") in page


def test_no_page_loads_anything_and_its_policy_forbids_it(page: str) -> None:
    seen = Seen(page)
    assert not re.search(r"https?:|url\(|@import", page)
    assert not seen.all("src")
    assert [attributes["href"] for tag, attributes in seen.elements if tag == "link"] == ["data:,"]
    [policy] = [
        attributes["content"]
        for tag, attributes in seen.elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy and policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not seen.all("style")


def test_a_quote_that_its_context_lacks_stands_alone() -> None:
    assert marking.marked({"quote": "drones", "context": "kites", "start": 9}) == "… <mark>drones</mark>"


def test_lines_run_on_where_the_paper_ended_and_break_where_the_writer_did() -> None:
    text = "A long line of the minutes that the paper's edge broke\nhere.\nAyes: 4\nNays: drones"
    flowing = marking.marked({"quote": "drones", "context": text, "start": text.index("drones")})
    assert (
        flowing
        == "A long line of the minutes that the paper&#39;s edge broke here.\nAyes: 4\nNays: <mark>drones</mark>"
    )


def test_what_the_passages_are_about_is_counted_and_each_count_opens(tmp_path: Path) -> None:
    acts = ["use", "mention", "mention", "report", "report"]
    mentions = [
        mention("drones", "Some drones.", id=f"{i:016x}", technologies=["drone"], act=act, page=i + 1)
        for i, act in enumerate(acts)
    ]
    page = written(tmp_path, mentions)
    said = inventory.facts(mentions, {}, {})[0].says
    assert sorted(said.split(" · ")) == ["named only 2", "reports and figures 2", "use 1"]
    words = Seen(page).words
    assert "What the passages are about reports and figures 2 mentions" in words
    assert "Drones reports and figures 2 use 1 named only 2 “Some drones.” minutes.pdf, page 4" in words


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in {"_INLINE": 5, "_IN_A_PART": 3, "_RECORDS": 4}.items():
        monkeypatch.setattr(report, name, size)


def many() -> tuple[list[dict[str, Any]], list[Any], dict[str, tuple[str, str]]]:
    """Twenty of each sort of mention, each in a record of its own."""
    mentions, outcomes, rulings = [], [], {}
    for i in range(60):
        path, sha = f"records/{i}.txt", f"{i:064x}"
        outcomes.append(looked(path, sha))
        certainty = "unsure" if i % 3 == 1 else "sure"
        mentions.append(mention("drones", "Some drones.", id=f"{i:016x}", technologies=["drone"], certainty=certainty, path=path, sha256=sha,
                                body=f"Office {i % 4}"))  # fmt: skip
        if i % 3 == 2:
            rulings[mentions[-1]["id"]] = ("no", "no")
    return mentions, outcomes, rulings


def test_where_one_page_cannot_carry_it_all_each_mention_is_reached_in_a_file_beside_it(
    tmp_path: Path, small_pages: None
) -> None:
    mentions, outcomes, rulings = many()
    index = written(tmp_path, mentions, outcomes, rulings)
    assert "This search found more than one page can carry." in Seen(index).words
    files = {file.name: Seen(file.read_text("utf-8")) for file in tmp_path.iterdir()}
    ids = {name: set(seen.all("id")) for name, seen in files.items()}
    for one in mentions:
        assert sum(f"m-{one['id']}" in some for some in ids.values()) == 1
    linked = set()
    for name, seen in files.items():
        for link in seen.all("href"):
            if link.startswith("data:"):
                continue
            file, _, anchor = link.partition("#")
            linked.add(file or name)
            assert not anchor or anchor in ids[file or name], link
    assert linked >= set(files)


def test_a_new_report_takes_the_old_ones_further_files_away_and_nobody_elses(tmp_path: Path, small_pages: None) -> None:
    written(tmp_path, *many())
    mine = tmp_path / "records-99.html"
    mine.write_text("my own page")
    assert (tmp_path / "evidence-drone-1.html").exists()
    written(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"index.html", "records-99.html"}


def test_a_report_that_cannot_be_written_says_so_and_leaves_the_old_one_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = written(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(KeepingError, match="could not be written"):
        written(tmp_path, [])
    assert (tmp_path / "index.html").read_text("utf-8") == before
    assert [file.name for file in tmp_path.iterdir()] == ["index.html"]


def test_a_file_in_the_folders_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("a file")
    with pytest.raises(KeepingError, match="report"):
        written(tmp_path / "report")


def test_fiction_is_said_when_the_records_say_it(tmp_path: Path, page: str) -> None:
    tale = mention("drones", "A fiction of drones.", id="99" * 8, technologies=["drone"])
    assert "These records are fiction" in written(tmp_path, [tale])
    assert "fiction" not in Seen(page).words


CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = None
    try:
        from playwright.sync_api import sync_playwright

        playwright = sync_playwright
    except ImportError:
        missing = "playwright is not installed"
    else:
        missing = "" if CHROMIUM.exists() else f"there is no {CHROMIUM}"
    if missing or playwright is None:
        if os.environ.get("POSTME_REQUIRE_BROWSER"):
            pytest.fail(f"The report was not seen in a browser: {missing}, and POSTME_REQUIRE_BROWSER is set.")
        pytest.skip(f"The report was not seen in a browser: {missing}.")
    with playwright() as driver:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        chromium = driver.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield chromium
        chromium.close()


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_reader_opens_a_claim_by_keyboard_and_sees_the_mark(
    browser: Any, tmp_path: Path, width: int, scripts: bool
) -> None:
    written(tmp_path)
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=scripts)
    tab = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto((tmp_path / "index.html").as_uri())
    summary = tab.locator(".claim summary", has_text="$36,000").first
    claim = tab.locator(".claim details").filter(has=tab.locator("summary b", has_text="$36,000"))
    mark = claim.locator("mark", has_text="plate readers").first
    assert not mark.is_visible()
    tab.locator(".claim summary", has_text="Corvid Vision, Inc.").first.focus()
    tab.keyboard.press("Tab")
    assert tab.locator(":focus").inner_text() == summary.inner_text()
    tab.keyboard.press("Enter")
    assert mark.is_visible()
    widths = (tab.locator("html").bounding_box()["width"], tab.locator("main").bounding_box()["width"])
    assert max(widths) <= width
    if scripts:
        tab.get_by_role("button", name="Open everything").press("Enter")
        assert tab.evaluate("document.querySelectorAll('details:not([open])').length") == 0
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        assert tab.evaluate("getComputedStyle(document.querySelector('mark')).backgroundColor") == "rgb(255, 225, 77)"
    assert said == []
    assert [address for address in asked if not address.startswith(("file:", "data:"))] == []
    context.close()


def test_a_link_to_a_mention_opens_what_it_is_folded_into(browser: Any, tmp_path: Path) -> None:
    written(tmp_path)
    tab = browser.new_page()
    tab.goto((tmp_path / "index.html").as_uri() + f"#m-{REFUTED['id']}")
    assert tab.locator(f"#m-{REFUTED['id']} blockquote").is_visible()
    tab.close()
