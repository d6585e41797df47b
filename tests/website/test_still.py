"""Pages that are made once after each change: the same bytes as made anew, and never an older state of the log."""

from __future__ import annotations

import datetime
from typing import Any

from django.test import override_settings

from postme.website.kept import KEPT

_STILL = (
    "/", "/laws/", "/places/", "/searches/", "/technologies/", "/laws/words/", "/places/us/zz/mill_falls/", "/agencies/us/zz/mill_falls/police-department/alpr/",
    "/log/", "/records/", "/technologies/alpr/", "/laws/?on=2021-02-12", "/search/?q=plate+readers", "/search.json?q=plate", "/places/us/zz/mill_falls.json",
)  # fmt: skip


def _anew(site: Any, address: str) -> bytes:
    KEPT.clear()
    return bytes(site.get(address).content)


def test_a_kept_page_is_the_page_made_anew_in_each_language_and_for_each_address(site: Any) -> None:
    for address in (*_STILL, *(f"/es{one}" for one in _STILL)):
        first = bytes(site.get(address).content)
        assert bytes(site.get(address).content) == first == _anew(site, address), address
    assert site.get("/laws/").content != site.get("/es/laws/").content
    here = site.get("/laws/", HTTP_HOST="one.example").content
    assert b"http://one.example/laws/" in here
    assert b"http://one.example/laws/" not in site.get("/laws/", HTTP_HOST="other.example").content


def test_what_is_withdrawn_is_gone_from_a_kept_page_at_once(site: Any) -> None:
    from postme.keeping.store.models import Entry
    from postme.office.example_town import CATALOGUE
    from postme.office.press import Press
    from postme.publication import What

    before = site.get("/").content.decode()
    shown = next(
        one for one in Entry.objects.visible().filter(kind="holding").order_by("-changed") if one.address in before
    )
    press = Press(site.data, catalogues=[CATALOGUE])
    number = press.draft(press.ledger.facts_at(shown.address) or {}, What.WITHDRAWN, who="Ada", roles_=["editor"], reason="It was wrong.")  # fmt: skip
    press.submit(number, who="Ada", roles_=["editor"])
    assert site.get("/").content.decode() == before
    press.approve(number, who="Ben", roles_=["editor"])
    assert shown.address not in site.get("/").content.decode()


def test_a_reply_that_is_shown_stands_on_a_kept_page_at_once_and_goes_when_it_is_not(site: Any) -> None:
    from postme.keeping.store.models import Report

    address = "/agencies/us/zz/mill_falls/police-department/alpr/"
    site.get(f"/es{address}")
    now = datetime.datetime.now(datetime.UTC)
    own = Report.objects.create(
        about=address, kind="reply", text="We sold them in May.", name="A department (fiction)", state="published", shown=True, received=now, due=now.date(), closed=now, token="a-reply-that-is-shown"
    )  # fmt: skip
    for language in ("", "/es"):
        assert "We sold them in May." in site.get(f"{language}{address}").content.decode()
    own.shown = False
    own.save()
    assert "We sold them in May." not in site.get(address).content.decode()


def test_another_question_or_a_visitor_with_a_cookie_gets_a_page_of_their_own(site: Any) -> None:
    site.get("/laws/")
    kept = len(KEPT.addresses())
    assert site.get("/laws/?on=2021-02-12&x=1").status_code == 200
    assert site.get(f"/laws/?page={'1' * 300}").status_code == 200
    site.cookies["sessionid"] = "someone"
    site.get("/places/")
    assert len(KEPT.addresses()) == kept
    with override_settings(DATA=site.data / "elsewhere"):
        del site.cookies["sessionid"]
        assert site.get("/laws/").status_code == 200
    assert len(KEPT.addresses()) == kept + 1


def test_a_kept_answer_of_the_api_is_the_one_made_anew_with_all_that_goes_with_it(site: Any) -> None:
    for address in (
        "/api/holdings?limit=2",
        "/api/holdings?place=us/zz/mill_falls",
        "/search.json?q=plate",
        "/data/holdings.csv",
        "/feeds/all.atom",
    ):
        KEPT.clear()
        first, again = site.get(address), site.get(address)
        whole = [b"".join(one.streaming_content) if one.streaming else one.content for one in (first, again)]
        assert first.status_code == again.status_code, address
        assert whole[0] == whole[1], address
        told = [
            {name: value for name, value in one.headers.items() if name not in ("Date", "Request-Id")}
            for one in (first, again)
        ]
        assert told[0] == told[1], address


def test_the_twin_of_a_holding_is_what_was_sealed_and_gone_when_it_is_withdrawn(site: Any) -> None:
    from postme.keeping.store.models import Entry

    entry = Entry.objects.visible().filter(kind="holding").order_by("leaf")[0]
    assert site.get(f"{entry.address[:-1]}.json").content.decode() == entry.twin
    Entry.objects.filter(pk=entry.pk).update(state="withdrawn")
    assert site.get(f"{entry.address[:-1]}.json").status_code == 410
