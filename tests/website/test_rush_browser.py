"""A rush in a real browser: the device finds its sum in a worker while a person types, under the site's own policy; and without JavaScript one signs all the same."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser as real
import pytest
from browser import Live, Tab

from postme import turnstile


def _rushed(data: Path) -> real.Found:
    """A letter that so many have just signed that the form asks for a sum."""
    from django.db import connections

    from postme import letter
    from postme.letter import Kind
    from postme.office.signing import Signers

    try:
        own, _group = real._letter(data)
        # So many by the slow way that the next mail of it leaves minutes later.
        for number in range(turnstile.STEPS[0][0] + 100):
            said, _wrong = letter.typed({"name": "Ann Doe", "shown": "none", "mail": f"rush{number}@example.org"}, Kind.PERSON)  # fmt: skip
            assert said
            Signers(data).sign(own, said, 1, lambda *_: ("Confirm", "words"), slowly=True)
        return {"sign": f"/letters/{own}/sign/"}, {}, {}
    finally:
        connections.close_all()


@pytest.fixture(scope="module")
def live(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A site that answers, with mail that becomes files."""
    real.wanted()
    with real.serving(filled, tmp_path_factory.mktemp("rush"), lambda data: ({**_rushed(data)[0]}, {}, {"nobody": ""}), letters=True) as site:  # fmt: skip
        yield site


@pytest.fixture(scope="module")
def chromium(live: Live) -> Iterator[Any]:
    """One browser for all."""
    yield from real.started()


def _signs(tab: Tab, name: str) -> None:
    tab.page.fill("#name", name)
    tab.page.check("input[name=shown][value=full]")
    tab.page.fill("#mail", f"{name.split()[0].lower()}@example.org")
    tab.page.click("button[value=look]")
    tab.page.click("button[value=send]")
    tab.page.wait_for_url(re.compile("/receipts/"))


def test_the_browser_solves_the_sum_while_a_person_types_and_the_mail_leaves_at_once(live: Live, chromium: Any) -> None:
    with Tab(chromium, live) as tab:
        assert tab.open(live.public["sign"]) == 200
        puzzle = tab.page.input_value("input[name=puzzle] >> nth=0")
        tab.page.wait_for_selector("input[name=proof]:not([value=''])", state="attached")
        proof = tab.page.input_value("input[name=proof] >> nth=0")
        # What it found is what the server would have to find, and the first that there is.
        bits = int(puzzle.split(".")[1])
        assert turnstile.zeros(puzzle, proof) >= bits
        assert not any(turnstile.zeros(puzzle, str(one)) >= bits for one in range(int(proof)))
        _signs(tab, "Solved Doe")
        assert "Very many sign just now" not in tab.page.inner_text("main")
        assert not tab.complaints and not tab.strangers()
        assert not tab.page.context.cookies()


def test_a_button_that_is_pressed_before_the_sum_is_found_waits_for_it(live: Live, chromium: Any) -> None:
    with Tab(chromium, live) as tab:
        # Nothing of the script before the last page: there it must find the sum while the button is pressed.
        tab.page.route("**/turnstile*.js", lambda route: route.abort())
        tab.open(live.public["sign"])
        tab.page.fill("#name", "Hasty Doe")
        tab.page.check("input[name=shown][value=full]")
        tab.page.fill("#mail", "hasty@example.org")
        tab.page.unroute("**/turnstile*.js")
        tab.page.click("button[value=look]")
        tab.page.click("button[value=send]")
        tab.page.wait_for_url(re.compile("/receipts/"))
        assert "Very many sign just now" not in tab.page.inner_text("main")


def test_without_javascript_one_signs_all_the_same_is_told_when_the_mail_leaves_and_its_link_counts(live: Live, chromium: Any) -> None:  # fmt: skip
    with Tab(chromium, live, scripts=False) as tab:
        tab.open(live.public["sign"])
        assert "need not" in tab.page.inner_text("main")
        _signs(tab, "Plain Doe")
        assert "Very many sign just now" in tab.page.inner_text("main")
        assert not tab.complaints and not tab.page.context.cookies()
        _hours_pass(live)
        tab.open(_mail(live, "plain"))
        tab.page.click("button[value=confirm]")
        assert "Your signature is public now" in tab.page.inner_text("main")


def _hours_pass(live: Live) -> None:
    """What waits for its hour is due: so nobody waits for it here."""
    if "DATABASE_URL" in os.environ:
        pytest.skip("The rest of the way is walked on SQLite, whose file this test may open.")
    with contextlib.closing(sqlite3.connect(live.data / "postme.sqlite3", timeout=60)) as store, store:
        store.execute("UPDATE store_outgoing SET due = '2020-01-01 00:00:00' WHERE state = 'waiting'")


def _mail(live: Live, name: str) -> str:
    """The link in the mail to somebody, once it lies there."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        for one in (live.data / "outbox").glob("*.txt"):
            if f"To: {name}@example.org" in (text := one.read_text()):
                return re.findall(r"https?://[^/]+(/(?:es/)?signed/[\w-]+/)", text)[0]
        time.sleep(0.2)
    raise AssertionError(f"no mail to {name} came")
