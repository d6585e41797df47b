"""A site on the wire and a real browser before it: a server as docs/run.md starts it, its pages by kind, who comes and how, what a page did."""

from __future__ import annotations

import atexit
import contextlib
import datetime
import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import staffed
import stores

ROOT = Path(__file__).parents[2]
TOWN = ROOT / "postme/examples/mill-falls"
PLACE = "us/zz/mill_falls"
POLICE = f"/agencies/{PLACE}/police-department/"
LAW = "us-zz-surveillance-oversight"


@dataclass(frozen=True)
class Live:
    """A site that answers: where, its folder, an address of each kind of public page and desk page, and the cookies of those who are signed in, by name."""

    at: str
    data: Path
    public: dict[str, str]
    desk: dict[str, str]
    cookies: dict[str, str]
    # What axe has looked at here: a page that several people meet is the same page.
    looked_at: set[str] = field(default_factory=set)


Found = tuple[dict[str, str], dict[str, str], dict[str, str]]


# There is none before somebody asks a question, or comments and signatures are sealed.
_LATER = {"advisory-vote", "voices", "signatures-batch"}
_OF_A_LETTER = {"letter", "signatures"}


@contextlib.contextmanager
def serving(
    filled: Path,
    folder: Path,
    looked_up: Callable[[Path], Found] | None = None,
    *,
    letters: bool = False,
    post: int = 0,
) -> Iterator[Live]:
    """Serve a copy of a filled data folder by gunicorn until this ends. To be entered before a browser is started.

    ``looked_up`` is given the folder: addresses to come to, and who is signed in. With ``letters`` mail becomes files;
    with ``post`` it goes to the mail server at that port of this machine.
    """
    from django.conf import settings
    from django.db import connection

    data = folder / "data"
    shutil.copytree(filled, data)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with stores.turned_to(data, template="postme"):
        # What the browser's own loop would forbid, so it is done in a thread of its own: Django asks who runs it.
        with ThreadPoolExecutor(1) as aside:
            public, desk, cookies = aside.submit(looked_up or _looked_up, data).result()
        own = {
            "POSTME_DATA": str(data), "POSTME_SITE": f"http://localhost:{port}", "POSTME_SECRET": settings.SECRET_KEY,
            "POSTME_TWO_FACTOR": "0", "POSTME_RATE": "0", "POSTME_WORKERS": "1", "POSTME_LOG_LEVEL": "warning",
            "POSTME_LAWS": str(TOWN / "laws"), "POSTME_CATALOGUES": str(TOWN / "catalogue"), "POSTME_MAIL_FILES": str(int(letters)),
        }  # fmt: skip
        if post:
            own |= {"POSTME_MAIL_URL": f"smtp://127.0.0.1:{post}", "POSTME_MAIL_FROM": "town@example.org"}
        if "DATABASE_URL" in os.environ:
            own["DATABASE_URL"] = os.environ["DATABASE_URL"].replace(
                "/postme?", f"/{connection.settings_dict['NAME']}?"
            )
        env = {name: value for name, value in os.environ.items() if not name.startswith(("POSTME_", "DJANGO_"))} | own
        shutil.copytree(_collected(), data / "static", dirs_exist_ok=True)
        asked = [["-m", "gunicorn", "--config", "python:postme.website.gunicorn", "--bind", f"127.0.0.1:{port}", "postme.website.wsgi"]]  # fmt: skip
        asked += [["-m", "postme.website", "post"]] if letters or post else []
        with (folder / "said").open("w") as said:
            running = [subprocess.Popen([sys.executable, *one], cwd=ROOT, env=env, stdout=said, stderr=said) for one in asked]  # fmt: skip
        try:
            _answers(f"http://localhost:{port}/health/live", running[0], folder / "said")
            yield Live(f"http://localhost:{port}", data, public, desk, cookies)
        finally:
            for one in running:
                one.terminate()
            for one in running:
                one.wait(30)


@lru_cache(maxsize=1)
def _collected() -> Path:
    """The folder of styles and fonts as ``collectstatic`` leaves it: the same for every site of this run."""
    made = Path(tempfile.mkdtemp(prefix="postme-static-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    env = {name: value for name, value in os.environ.items() if not name.startswith(("POSTME_", "DJANGO_", "DATABASE_URL"))}  # fmt: skip
    collected = [sys.executable, "-m", "postme.website", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(collected, cwd=ROOT, env={**env, "POSTME_DATA": str(made)}, check=True, timeout=120)
    return made / "static"


def _answers(address: str, server: subprocess.Popen[bytes], said: Path) -> None:
    until = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(address, timeout=10).close()
            return
        except OSError:
            if server.poll() is not None or time.monotonic() > until:
                pytest.fail(f"The site did not start:\n{said.read_text()[-2000:]}")
            time.sleep(0.1)


def _looked_up(data: Path) -> Found:
    """One address of each page of the site map and of the desk, and a session; in a thread, whose connection is closed again."""
    from django.db import connections
    from django.db.models import Count

    from postme.keeping.store.models import Comment, Draft, Entry, Evidence, Meeting, Report, Seat
    from postme.office.bias import synthetic
    from postme.website import urls
    from postme.website.pages.desk.addresses import urlpatterns

    try:
        own, group = _letter(data)
        # A page of the record that is quoted on most pages, with quotes before it and after it.
        most = (
            Evidence.objects.values("record_id")
            .annotate(pages=Count("page", distinct=True))
            .order_by("-pages", "record_id")[0]["record_id"]
        )
        pages = sorted({*Evidence.objects.filter(record_id=most).values_list("page", flat=True)})
        withdrawn = Entry.objects.filter(state="withdrawn")[0].address
        leaf = Entry.objects.get(address=f"{POLICE}alpr/").leaf
        report = Report.objects.order_by("pk")[0]
        given = {
            "place": PLACE, "agency": POLICE.removeprefix("/agencies/").rstrip("/"), "law": LAW, "sha256": most,
            "page": str(pages[1]), "leaf": str(leaf), "technology": "alpr", "token": report.token, "seat": str(Seat.objects.filter(town_id=PLACE).order_by("pk")[0].pk), "slug": "twelve-more-plate-readers", "part": "impact-report",
        }  # fmt: skip
        numbers_of = {
            "receipt": Comment.objects.filter(state="published").order_by("pk")[0].number,
            "meeting": str(Meeting.objects.order_by("pk")[0].pk),
        }
        slugs_of = {**dict.fromkeys(_OF_A_LETTER, own), "audit": synthetic.SLUG}
        public = {
            "home": "/",
            **{
                name: _filled_in(
                    f"/{address}",
                    {**given, "number": numbers_of.get(name, "1"), "slug": slugs_of.get(name, given["slug"])},
                )
                for address, name, _ in urls.PAGES
                if name not in _LATER
            },
        }
        public |= {
            "holding": f"{POLICE}alpr/", "withdrawn": withdrawn, "nothing found": "/search/?q=zeppelin", "found": "/search/?q=license+plate+readers",
            "asked": f"/laws/ask/?place={PLACE}&body=police&act=use&technology=alpr", "beside": f"/laws/compare/?first={LAW}&second=us-mn-minneapolis-fr",
            "of another day": f"/places/{PLACE}/?on=2021-02-12", "wrong": f"/wrong/?about={POLICE}alpr/", "receipt": f"/wrong/{report.token}/",
            "not found": "/places/us/zz/nowhere/",
        }  # fmt: skip
        numbers = {"drafts/": str(Draft.objects.order_by("-pk")[0].pk), "reports/": str(report.pk)}
        slugs = {"open-letters/": own, "coalitions/": group}
        desk = {
            one.name: _filled_in(f"/desk/{one.pattern}", {**given, "number": numbers.get(_before(one), ""), "slug": slugs.get(_before(one), given["slug"])})
            for one in urlpatterns
            if getattr(one, "name", None) and one.name not in ("desk-picture", "desk-acts-file", "desk-kept", "desk-paper-given", "desk-papers-attach", "desk-paper-fill", "desk-letters")
        }  # fmt: skip
        desk["desk-holding"] += f"?correct={POLICE}alpr/"
        desk["desk-change"] += f"?address={POLICE}alpr/"
        return (
            public,
            desk,
            {"nora": cookie("nora", "editor", "moderator", "administrator", "clerk", "liaison", "coalition")},
        )
    finally:
        connections.close_all()


def _before(one: Any) -> str:
    """What an address begins with, as far as it is the same for all."""
    return str(one.pattern)[: str(one.pattern).find("<")]


def _letter(data: Path) -> tuple[str, str]:
    """An open letter of a coalition for which the desk's person acts, signed and with a draft beside it: its address, and the coalition's."""
    from dataclasses import replace

    from postme.letter import Kind, Text
    from postme.office.letters import Correspondence
    from postme.office.signing import Signers

    office, root = Correspondence(data), {"who": "root", "roles_": ["administrator"]}
    group = office.found(PLACE, "Neighbors (fiction)", contact="hello@neighbors.example", **root)
    number = office.join(group, "Tenants Union (fiction)", site="https://tenants.example", **root)
    office.give(group, number, "nora", title="Director", organizer=True, **root)
    claim = office.claim("twenty-four cameras", f"{POLICE}alpr/")
    text = Text("Stop the cameras", "The Village Council", "Vote no on item 7.", "They have twenty-four cameras.\n\nWe ask you to stop.", claims=(claim,))  # fmt: skip
    own = office.draft(group, text, who="nora")
    office.remark(own, "Short enough.", who="nora")
    one = office.rows.one(own)
    office.agree(own, number, one.drafted, who="nora")
    office.open(own, one.turn, last_day=None, who="nora")
    Signers(data).enter(own, {"name": "Dee Roe (fiction)", "shown": "full"}, Kind.PERSON, who="nora")
    office.deliver(own, [("A. Teller (fiction)", None)], "by hand", datetime.datetime.now(datetime.UTC).date(), Signers(data).counted(own), "0" * 64, who="nora")  # fmt: skip
    office.rewrite(own, replace(text, ask="Vote no on item 8."), office.rows.one(own).turn, who="nora")
    return own, group


def cookie(name: str, *roles: str) -> str:
    """The cookie of somebody with those roles who is signed in."""
    return str(staffed.at_the_desk(name, *roles, factor=False).cookies["sessionid"].value)


def _filled_in(pattern: str, given: dict[str, str]) -> str:
    """An address of a pattern; KeyError for a part of an address that nobody gave, so that a new kind of page is not passed over."""
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda part: given[part[1]], pattern)


def wanted() -> str:
    """Where Chromium is; without one a plain skip, and with POSTME_REQUIRE_BROWSER a failure."""
    chromium = shutil.which("chromium")
    if chromium and importlib.util.find_spec("playwright"):
        return chromium
    missing = "playwright is not installed" if chromium else "there is no chromium on the PATH"
    if os.environ.get("POSTME_REQUIRE_BROWSER"):
        pytest.fail(f"The site was not seen in a browser: {missing}, and POSTME_REQUIRE_BROWSER is set.")
    pytest.skip(f"The site was not seen in a browser: {missing}.")


def started() -> Iterator[Any]:
    """Chromium, until this ends."""
    path = wanted()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
        browser = driver.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


class Tab:
    """A window of its own, with nothing kept from before: ``page`` is Playwright's, the rest is what it did."""

    def __init__(
        self,
        browser: Any,
        live: Live,
        *,
        wide: int = 1280,
        scripts: bool = True,
        touch: bool = False,
        dark: bool = False,
        signed_in: str = "",
    ) -> None:
        self.live, self.scripts = live, scripts
        self._context = browser.new_context(
            base_url=live.at, viewport={"width": wide, "height": 800}, java_script_enabled=scripts,
            color_scheme="dark" if dark else "light", reduced_motion="reduce", has_touch=touch,
        )  # fmt: skip
        if signed_in:
            self._context.add_cookies([{"name": "sessionid", "value": live.cookies[signed_in], "url": live.at}])
        self.page = self._context.new_page()
        self.page.set_default_timeout(60_000)
        self.complaints: list[str] = []
        self._asked: list[Any] = []
        self._opening = ""
        self.page.on("console", lambda one: self._heard(one.type, one.text))
        self.page.on("pageerror", lambda one: self._heard("error", str(one)))
        self.page.on("request", lambda one: self._asked.append(one))
        self.page.on("requestfailed", self._failed)

    def __enter__(self) -> Tab:
        return self

    def __exit__(self, *_: object) -> None:
        self._context.close()

    def _heard(self, kind: str, text: str) -> None:
        # That a page answers 400, 404, 409 or 410 is what it is there for; the browser says so in its console.
        if kind in ("error", "warning") and not re.search(r"status of (400|404|409|410)", text):
            self.complaints.append(f"{kind}: {text}")

    def _failed(self, one: Any) -> None:
        # So does the browser call a page that turns out to be a file.
        if one.failure != "net::ERR_ABORTED":
            self._heard("error", f"{one.url}: {one.failure}")

    def open(self, address: str) -> int:
        """Go to an address of the site; the status of its answer."""
        self._asked.clear()
        answer = self.page.goto(address, wait_until="load")
        # What is measured is the page in its own letters, not in those that stand in while they load.
        self.page.evaluate("document.fonts.ready.then(() => null)")
        return int(answer.status)

    @property
    def here(self) -> str:
        """The address that the window shows, without the site's own name."""
        return str(self.page.url).removeprefix(self.live.at)

    def strangers(self) -> list[str]:
        """What was asked of anybody else since the page was opened."""
        return [one.url for one in self._asked if urlsplit(one.url).netloc != urlsplit(self.live.at).netloc]

    def sheets(self) -> int:
        """How many style sheets came."""
        return sum(one.resource_type == "stylesheet" for one in self._asked)

    def weight(self) -> int:
        """Bytes over the wire since the page was opened, headers and all, without pictures of documents."""
        return sum(
            sizes["responseBodySize"] + sizes["responseHeadersSize"]
            for one in self._asked
            if not urlsplit(one.url).path.endswith(".webp") and one.response()
            for sizes in [one.sizes()]
        )

    def too_wide(self) -> list[str]:
        """What reaches over the right edge, if the page scrolls sideways at all."""
        return list(self.page.evaluate(_TOO_WIDE))


_TOO_WIDE = """() => {
  const edge = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= innerWidth) return [];
  const over = [...document.querySelectorAll("body *")].filter(one => one.getBoundingClientRect().right > edge + 1);
  return [`${document.documentElement.scrollWidth} of ${innerWidth}`, ...over.slice(0, 5).map(one => one.outerHTML.slice(0, 160))];
}"""


# -- For everybody: axe -------------------------------------------------------------------------------------------------

KINDS_OF_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# What a color scheme can change; the rest of axe's rules ask the same of either.
COLORS = {"runOnly": ["color-contrast", "link-in-text-block"]}


def found(tab: Tab, options: dict[str, Any]) -> list[Any]:
    """What axe finds serious or critical on the page that is shown."""
    from axe_playwright_python.sync_playwright import Axe

    answer = Axe().run(tab.page, options={"resultTypes": ["violations"], **options}).response
    return [one for one in answer["violations"] if one["impact"] in ("serious", "critical")]


def told(name: str, found: list[Any]) -> list[str]:
    """The same, a line each."""
    return [f"{name}: {one['id']}: {[node['html'][:160] for node in one['nodes'][:3]]}" for one in found]


# -- Visitors: by mouse, by keyboard alone, without JavaScript, on a phone -----------------------------------------------


class Visitor:
    """Somebody who came with a question, and follows what the page offers: by mouse, by touch, or by Tab, Enter and typing alone.

    Every page that they meet is looked at: ``faults`` has what reaches over its edge and, with ``axe``, what axe finds.
    """

    # Chosen: a reader who has pressed Tab as often as this has given up; the search's facets are the longest way.
    PATIENCE = 260

    def __init__(self, tab: Tab, *, keyboard: bool = False, touch: bool = False, axe: bool = False) -> None:
        self.tab, self.page, self._keyboard, self._touch, self._axe = tab, tab.page, keyboard, touch, axe
        self.faults: list[str] = []
        self.loads = 0
        self.page.on("load", self._counted)

    def _counted(self, _: Any) -> None:
        self.loads += 1

    def arrive(self, address: str = "/") -> None:
        """Come in: by the front door, by a bookmark, by a link in a letter."""
        assert self.tab.open(address) == 200
        self._met()

    def follow(self, *, name: str = "", to: str = "", within: str = "main") -> None:
        """Follow the first link with those words or that begins an address so, and see where it leads."""
        link = self.page.locator(f'{within} a[href*="{to}"]' if to else f"{within} a", has_text=name or None).first
        href = link.get_attribute("href")
        before = self.page.url
        self._pressed(link)
        self.page.wait_for_url(lambda url: url != before)
        assert href.partition("#")[2] in self.page.url
        self.page.wait_for_load_state("load")
        self._met()

    def press(self, button: Any) -> None:
        """Press a button that sends a form, by its words or as found on the page, and see the answer."""
        one = self.page.locator("main").get_by_role("button", name=button).first if isinstance(button, str) else button
        with self.page.expect_navigation(wait_until="load"):
            self._pressed(one)
        self._met()

    def takes(self, link: Any) -> bytes:
        """Follow a link to a file: its bytes."""
        with self.page.expect_download() as given:
            self._pressed(link)
        return Path(given.value.path()).read_bytes()

    def back(self) -> None:
        """Go back to the page before."""
        self.page.go_back(wait_until="load")

    def ask(self, words: str) -> None:
        """Write into the search field of the page's middle, and press Enter or the button."""
        field = self.page.locator("main input[name=q]")
        if self._keyboard:
            self._tab_to(field)
            self.page.keyboard.type(words)
            self.page.keyboard.press("Enter")
        else:
            field.fill(words)
            self.page.locator("main form[role=search] button").click()
        self.page.wait_for_url("**/search/?q=*")

    def unfold(self, summary: Any) -> None:
        """Open what is folded away, if it is."""
        if summary.locator("xpath=..").get_attribute("open") is None:
            self._pressed(summary)

    def write(self, field: Any, words: str) -> None:
        """Write into a field, by its label or as found on the page, in place of what stands there; a day as 2026-01-05."""
        one = self._labelled(field)
        if not self._keyboard:
            one.fill(words)
            return
        self._tab_to(one)
        if one.get_attribute("type") == "date":
            year, month, day = words.split("-")
            words = f"{month}{day}{year}"
        else:
            self.page.keyboard.press("Control+a")
        self.page.keyboard.type(words)

    def choose(self, choice: Any) -> None:
        """Choose one of several, or tick a box, by its label or as found on the page."""
        one = self._labelled(choice)
        if self._touch:
            if not one.is_checked():
                one.tap()
        elif not self._keyboard:
            one.check()
        elif one.get_attribute("type") == "checkbox":
            self._tab_to(one)
            if not one.is_checked():
                self.page.keyboard.press("Space")
        else:
            self._arrow_to(one)
        assert one.is_checked()

    def pick(self, field: Any, words: str) -> None:
        """Pick the line of a list that begins so."""
        one = self._labelled(field)
        if self._keyboard:
            self._tab_to(one)
            self.page.keyboard.type(words)
        else:
            one.select_option(label=words)
        assert one.locator("option:checked").inner_text().startswith(words)

    def _labelled(self, field: Any) -> Any:
        return self.page.locator("main").get_by_label(field, exact=True).first if isinstance(field, str) else field

    def _pressed(self, one: Any) -> None:
        if self._keyboard:
            self._tab_to(one)
            self.page.keyboard.press("Enter")
        elif self._touch:
            one.tap()
        else:
            one.click()

    def _tab_to(self, wanted: Any, inside: str = "one === document.activeElement") -> None:
        wanted = wanted.element_handle()
        for _ in range(self.PATIENCE):
            self.page.keyboard.press("Tab")
            if wanted.evaluate(f"one => {inside}"):
                shown = self.page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
                assert shown != "none", "the focus cannot be seen"
                return
        pytest.fail(f"Tab never reached {wanted.evaluate('one => one.outerHTML')[:200]}")

    def _arrow_to(self, wanted: Any) -> None:
        """Tab goes to one of several choices, the arrows to the others."""
        here = "document.activeElement"
        self._tab_to(wanted, f"{here}.type === 'radio' && {here}.name === one.name && {here}.form === one.form")
        self.page.keyboard.press("Space")
        for _ in range(20):
            if wanted.evaluate(f"one => one === {here}"):
                return
            self.page.keyboard.press("ArrowDown")
        pytest.fail(f"The arrows never reached {wanted.evaluate('one => one.outerHTML')[:200]}")

    def sees(self, selector: str) -> str:
        """The words of something that is within the window, not only on the page."""
        found = self.page.locator(selector).first
        box = found.bounding_box()
        assert box, f"{selector} is not to be seen"
        size = self.page.viewport_size
        inside = -1 <= box["y"] < size["height"] and -1 <= box["x"] < size["width"]
        assert inside, f"{selector} stands at {box}, outside the window"
        return str(found.inner_text())

    def reads(self, selector: str = "main") -> str:
        """The words of something on the page."""
        return str(self.page.locator(selector).first.inner_text())

    def _met(self) -> None:
        wide = self.tab.too_wide() if self.tab.scripts else []
        self.faults += [f"{self.tab.here}: {one}" for one in wide]
        told_so = self.page.locator("[role=alert], [role=status], .look-first").count()
        page = f"{urlsplit(self.tab.here).path} {told_so}"
        if self._axe and page not in self.tab.live.looked_at:
            self.tab.live.looked_at.add(page)
            self.faults += told(self.tab.here, found(self.tab, KINDS_OF_RULES))


WAYS: dict[str, dict[str, Any]] = {
    "by mouse": {},
    "by keyboard alone": {"keyboard": True},
    "without JavaScript": {"scripts": False},
    "on a phone": {"wide": 320, "touch": True},
    "on a wider phone": {"wide": 390, "touch": True},
}


@contextlib.contextmanager
def visiting(browser: Any, live: Live, way: str, *, signed_in: str = "", axe: bool = False) -> Iterator[Visitor]:
    """A visitor who goes one of the four ways, and whom nothing troubles on it."""
    one = WAYS[way]
    touch = one.get("touch", False)
    with Tab(browser, live, wide=one.get("wide", 1280), scripts=one.get("scripts", True), touch=touch, signed_in=signed_in) as tab:  # fmt: skip
        visitor = Visitor(tab, keyboard=one.get("keyboard", False), touch=touch, axe=axe)
        yield visitor
        troubled = [*tab.complaints, *visitor.faults]
        assert not troubled, "\n" + "\n".join(troubled)
