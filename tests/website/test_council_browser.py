"""The ward of an address, the council and the clerk's desk in a real browser: by keyboard, without JavaScript, narrow, light, dark, and for everybody."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser as real
import pytest
from browser import Live, Tab

import postme

PLACE = "us/zz/mill_falls"
FILES = Path(postme.__file__).parent / "examples/mill-falls/town"


def _addresses(_: Path) -> real.Found:
    from django.db import connections

    from postme.keeping.store.models import Seat

    try:
        seat = Seat.objects.get(holder="Beatriz Calloway").pk
        council = f"/places/{PLACE}/council/"
        public = {
            "address": f"/places/{PLACE}/address/", "council": council, "member": f"{council}{seat}/", "why now": "/decisions/twelve-more-plate-readers/",
            "without wards": "/places/us/mn/minneapolis/address/", "without a council": "/places/us/mn/minneapolis/council/",
        }  # fmt: skip
        desk = {"towns": "/desk/town/", "town": f"/desk/town/{PLACE}/"}
        return public, desk, {"clem": real.cookie("clem", "clerk")}
    finally:
        connections.close_all()


@pytest.fixture(scope="module")
def live(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A site that answers, for the pages of a town."""
    real.wanted()
    with real.serving(filled, tmp_path_factory.mktemp("live"), _addresses) as site:
        yield site


@pytest.fixture(scope="module")
def chromium(live: Live) -> Iterator[Any]:
    """One browser for all."""
    yield from real.started()


def faults(tab: Tab, name: str) -> list[str]:
    """What axe finds serious, in the light and in the dark; what is too wide; what the browser complains of."""
    found = []
    for scheme in ("light", "dark"):
        tab.page.emulate_media(color_scheme=scheme)
        found += real.told(f"{name}, {scheme}", real.found(tab, real.KINDS_OF_RULES))
    found += [f"{name}: {one}" for one in (*tab.complaints, *tab.too_wide(), *tab.strangers())]
    tab.complaints.clear()
    # To be looked at by a person: POSTME_PICTURES=folder.
    if folder := os.environ.get("POSTME_PICTURES"):
        tab.page.emulate_media(color_scheme="light")
        tab.page.screenshot(path=f"{folder}/{name.replace(' ', '-')}.png", full_page=True)
    return found


@pytest.mark.parametrize(("language", "wide"), [("", 1280), ("/es", 320)], ids=["English", "Spanish on a phone"])
def test_axe_finds_nothing_serious_on_the_pages_of_a_town(live: Live, chromium: Any, language: str, wide: int) -> None:
    found = []
    with Tab(chromium, live, wide=wide) as tab:
        for name, address in live.public.items():
            assert tab.open(f"{language}{address}") == 200
            found += faults(tab, f"{name} {wide}")
            assert tab.weight() < 100 * 1024
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("wide", [1280, 320])
def test_axe_finds_nothing_serious_where_the_clerk_loads_a_town(live: Live, chromium: Any, wide: int) -> None:
    found = []
    with Tab(chromium, live, wide=wide, signed_in="clem") as tab:
        for name, address in live.desk.items():
            assert tab.open(address) == 200
            found += faults(tab, f"desk {name} {wide}")
        tab.page.locator("#map-file").set_input_files(str(FILES / "wards.geojson"))
        tab.page.get_by_role("button", name="Look at it").click()
        tab.page.get_by_text("Nothing had to be mended.").wait_for()
        found += faults(tab, f"desk preview {wide}")
        tab.page.get_by_role("button", name="Take it in place of what is there").click()
        tab.page.get_by_text("5 wards are loaded.").wait_for()
    assert not found, "\n" + "\n".join(found)


def test_a_resident_finds_who_speaks_for_them_by_keyboard_and_without_javascript(live: Live, chromium: Any) -> None:
    with Tab(chromium, live, wide=320, scripts=False) as tab:
        tab.open(live.public["address"])
        for _ in range(40):
            tab.page.keyboard.press("Tab")
            if tab.page.locator("#street:focus").count():
                break
        tab.page.keyboard.type("12 Wier Street")
        tab.page.keyboard.press("Enter")
        tab.page.get_by_text("Did you mean one of these?").wait_for()
        tab.page.get_by_role("button", name="12 Weir St").press("Enter")
        tab.page.get_by_role("heading", name="Ward 3").wait_for()
        assert "Beatriz Calloway" in tab.page.locator(".answer").inner_text()
        assert "your address was not kept" in tab.page.locator(".answer").inner_text()
        # Nothing of the question stands in the address of the page.
        assert "Weir" not in tab.page.url and "street" not in tab.page.url
        tab.page.get_by_role("link", name="Beatriz Calloway", exact=True).press("Enter")
        tab.page.get_by_role("heading", name="How they voted on surveillance").wait_for()
        assert tab.complaints == []


def test_the_answer_too_is_for_everybody(live: Live, chromium: Any) -> None:
    found = []
    with Tab(chromium, live) as tab:
        for name, street in (("found", "12 Weir St"), ("candidates", "12 Wier St"), ("unknown", "9 Nowhere Blvd")):
            tab.open(live.public["address"])
            tab.page.fill("#street", street)
            tab.page.get_by_role("button", name="Find it").click()
            tab.page.locator("#answer").wait_for()
            found += faults(tab, f"answer {name}")
    assert not found, "\n" + "\n".join(found)
