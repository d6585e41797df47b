"""A site on the wire and a real browser before it: a server as docs/run.md starts it, its pages by kind, what a page did."""

from __future__ import annotations

import contextlib
import datetime
import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
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
    """A site that answers: where, one address of each kind of public page and desk page, and the cookie of somebody who is signed in."""

    at: str
    public: dict[str, str]
    desk: dict[str, str]
    cookie: str


# There is none before somebody asks a question, or comments and signatures are sealed.
_LATER = {"advisory-vote", "voices", "signatures-batch"}
_OF_A_LETTER = {"letter", "signatures"}


@contextlib.contextmanager
def serving(filled: Path, folder: Path) -> Iterator[Live]:
    """Serve a copy of a filled data folder by gunicorn until this ends. To be entered before a browser is started."""
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
            public, desk, cookie = aside.submit(_looked_up, data).result()
        own = {
            "POSTME_DATA": str(data), "POSTME_SITE": f"http://localhost:{port}", "POSTME_SECRET": settings.SECRET_KEY,
            "POSTME_TWO_FACTOR": "0", "POSTME_RATE": "0", "POSTME_WORKERS": "1", "POSTME_LOG_LEVEL": "warning",
            "POSTME_LAWS": str(TOWN / "laws"), "POSTME_CATALOGUES": str(TOWN / "catalogue"),
        }  # fmt: skip
        if "DATABASE_URL" in os.environ:
            own["DATABASE_URL"] = os.environ["DATABASE_URL"].replace(
                "/postme?", f"/{connection.settings_dict['NAME']}?"
            )
        env = {name: value for name, value in os.environ.items() if not name.startswith(("POSTME_", "DJANGO_"))} | own
        collected = [sys.executable, "-m", "postme.website", "collectstatic", "--no-input", "--verbosity", "0"]
        subprocess.run(collected, cwd=ROOT, env=env, check=True, timeout=120)
        with (folder / "said").open("w") as said:
            server = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "--config", "python:postme.website.gunicorn", "--bind", f"127.0.0.1:{port}", "postme.website.wsgi"],
                cwd=ROOT, env=env, stdout=said, stderr=said,
            )  # fmt: skip
        try:
            _answers(f"http://localhost:{port}/health/live", server, folder / "said")
            yield Live(f"http://localhost:{port}", public, desk, cookie)
        finally:
            server.terminate()
            server.wait(30)


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


def _looked_up(data: Path) -> tuple[dict[str, str], dict[str, str], str]:
    """One address of each page of the site map and of the desk, and a session; in a thread, whose connection is closed again."""
    from django.db import connections
    from django.db.models import Count

    from postme.keeping.store.models import Comment, Draft, Entry, Evidence, Meeting, Report, Seat
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
        slugs_of = dict.fromkeys(_OF_A_LETTER, own)
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
        client = staffed.at_the_desk(
            "nora", "editor", "moderator", "administrator", "clerk", "liaison", "coalition", factor=False
        )
        return public, desk, client.cookies["sessionid"].value
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
        dark: bool = False,
        signed_in: bool = False,
    ) -> None:
        self.live, self.scripts = live, scripts
        self._context = browser.new_context(
            base_url=live.at, viewport={"width": wide, "height": 800}, java_script_enabled=scripts,
            color_scheme="dark" if dark else "light", reduced_motion="reduce",
        )  # fmt: skip
        if signed_in:
            self._context.add_cookies([{"name": "sessionid", "value": live.cookie, "url": live.at}])
        self.page = self._context.new_page()
        self.page.set_default_timeout(60_000)
        self.complaints: list[str] = []
        self._asked: list[Any] = []
        self._opening = ""
        self.page.on("console", lambda one: self._heard(one.type, one.text))
        self.page.on("pageerror", lambda one: self._heard("error", str(one)))
        self.page.on("request", lambda one: self._asked.append(one))
        self.page.on("requestfailed", lambda one: self._heard("error", f"{one.url}: {one.failure}"))

    def __enter__(self) -> Tab:
        return self

    def __exit__(self, *_: object) -> None:
        self._context.close()

    def _heard(self, kind: str, text: str) -> None:
        # That a page answers 404 or 410 is what it is there for; the browser says so in its console.
        if kind in ("error", "warning") and not re.search(r"status of (404|410)", text):
            self.complaints.append(f"{kind}: {text}")

    def open(self, address: str) -> int:
        """Go to an address of the site; the status of its answer."""
        self._asked.clear()
        answer = self.page.goto(address, wait_until="load")
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
