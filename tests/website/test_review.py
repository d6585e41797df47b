"""What a hostile reader found, each held by a test: who waits for whom, who is counted as whom, what an address can do."""

from __future__ import annotations

import contextlib
import datetime
import sqlite3
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client, override_settings

SECRET = "Zqname of somebody who is nobody here"


def _holding() -> str:
    from postme.keeping.store.models import Entry

    return str(Entry.objects.visible().filter(kind="holding").order_by("pk").values_list("address", flat=True)[0])


# -- who only reads waits for no writer


def test_pages_of_the_log_are_served_while_another_program_writes(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("This is about SQLite's one place for writers.")
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.1)
    holding = _holding()
    connections.close_all()
    site.raise_request_exception = False
    with contextlib.closing(sqlite3.connect(site.data / "postme.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for address in ("/log/", "/log/checkpoint", "/log/key", holding[:-1] + ".proof", "/moderation/", "/api/log/checkpoint", "/wrong/" + "0" * 32 + "/"):  # fmt: skip
            assert site.get(address).status_code == (404 if "0000" in address else 200), address
        other.execute("ROLLBACK")


def test_a_store_without_the_newest_tables_gets_them_also_in_a_process_that_had_another_store(tmp_path: Any) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("Files are SQLite's.")
    import stores

    from postme.keeping.store.register import Register

    with stores.turned_to(tmp_path):
        for _ in range(2):
            Register(tmp_path)
            with contextlib.closing(sqlite3.connect(tmp_path / "postme.sqlite3")) as store:
                assert store.execute("SELECT count(*) FROM store_search").fetchone() == (0,)
            connections.close_all()
            # As one who puts an empty file in its place while the site runs.
            for file in tmp_path.glob("postme.sqlite3*"):
                file.unlink()


def test_a_proof_that_cannot_be_made_now_is_not_said_to_be_nowhere(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from postme.errors import KeepingError
    from postme.website.pages import log

    def broken() -> Any:
        raise KeepingError("The store could not be used.", where="store", why="It is locked.", do="Wait.")

    address = _holding()[:-1] + ".proof"
    assert site.get(address).status_code == 200
    monkeypatch.setattr(log, "_log", broken)
    site.raise_request_exception = False
    answer = site.get(address)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"


# -- behind a proxy each visitor is one of their own


def _reported(site: Any, about: str, count: int) -> list[int]:
    typed = {"about": about, "kind": "error", "text": "The year is wrong.", "step": "send"}
    return [
        site.post("/wrong/", typed, headers={"X-Forwarded-For": f"203.0.113.{n}"}, REMOTE_ADDR="192.0.2.77").status_code
        for n in range(count)
    ]


def test_reports_through_a_trusted_proxy_are_counted_by_visitor_and_through_another_are_not(site: Any) -> None:
    from postme.website.pages import wrong

    for trusted, last in ((True, 302), (False, 429)):
        wrong._seen.clear()
        with override_settings(TRUST_PROXY=trusted):
            assert _reported(site, _holding(), 7)[-1] == last
    wrong._seen.clear()


def test_one_who_guesses_passwords_behind_a_proxy_keeps_nobody_else_out(site: Any) -> None:
    from allauth.core.internal.httpkit import get_client_ip
    from django.core.cache import cache
    from django.test import RequestFactory
    from staffed import PASSWORD, person

    from postme.website import pace, settings

    assert int(settings.TRUST_PROXY) == settings.ALLAUTH_TRUSTED_PROXY_COUNT
    person("ben", "editor")

    def tried(name: str, password: str, whence: str) -> int:
        typed = {"login": name, "password": password}
        return int(Client().post("/desk/account/login/", typed, headers={"X-Forwarded-For": whence}, REMOTE_ADDR="127.0.0.1").status_code)  # fmt: skip

    with override_settings(TRUST_PROXY=True, ALLAUTH_TRUSTED_PROXY_COUNT=1):
        told = RequestFactory().get("/", headers={"X-Forwarded-For": "1.2.3.4, 198.51.100.7"})
        assert get_client_ip(told) == pace.visitor(told) == "198.51.100.7"
        cache.clear()
        assert 429 in [tried(f"u{n}", "x", "198.51.100.7") for n in range(31)]
        assert tried("ben", PASSWORD, "203.0.113.50") == 302
    cache.clear()


# -- what costs much is paced


def test_every_file_of_data_can_be_taken_in_a_row_and_then_the_pace_is_said(site: Any) -> None:
    from postme.website import pace

    with override_settings(RATE=0.001, BURST=2.0):
        client = Client()
        told = client.get("/data.json").json()
        files = [address for table in told["tables"] for address in table["files"].values()]
        assert len(files) > 20 and told["whole_tables"]["in_one_go"] == pace.in_one_go() >= 2 * len(files)
        assert str(told["whole_tables"]["in_one_go"]) in client.get("/data/").content.decode()
        taken = ["/data/datapackage.json", *files]
        assert [client.head(one).status_code for one in taken] == [200] * len(taken)
        # The files have used up nothing of what a visitor has for the rest.
        assert client.get("/api/log?limit=1").status_code == 200
        more = [client.head(taken[0]).status_code for _ in range(told["whole_tables"]["in_one_go"])]
        assert 429 in more and more[-1] == 429
        assert "whole tables" in client.get(taken[0]).json()["detail"]


def test_searches_and_pictures_are_paced_and_pages_are_not(site: Any) -> None:
    with override_settings(RATE=0.001, BURST=2.0):
        for address, enough in (("/search/?q=camera", 4), ("/es/search/?q=camera", 4), ("/search.json?q=camera", 4), ("/search.atom?q=camera", 4), ("/records/" + "0" * 64 + "/1.webp", 8)):  # fmt: skip
            client = Client()
            codes = [client.get(address).status_code for _ in range(enough + 1)]
            assert 429 not in codes[:-1], address
            assert codes[-1] == 429, address
            assert client.get("/searches/").status_code == 200
        refused = client.get("/search/?q=camera")
        assert refused.headers["Content-Type"].startswith("text/html")
        assert int(refused.headers["Retry-After"]) > 0
        assert "Un momento" in refused.content.decode()


# -- the name of what was withdrawn


def test_what_was_withdrawn_has_its_name_nowhere_whatever_the_store_still_holds(site: Any) -> None:
    from postme.keeping.store.models import Entry

    withdrawn = {}
    for kind in ("holding", "record", "search"):
        entry = Entry.objects.visible().filter(kind=kind).order_by("pk").first()
        assert entry is not None
        # As a store has it whose withdrawals are older than the ledger's own rule.
        Entry.objects.filter(pk=entry.pk).update(state="withdrawn", title=SECRET)
        withdrawn[kind] = entry
    for kind, entry in withdrawn.items():
        for address in (entry.address, f"/es{entry.address}"):
            page = site.get(address)
            assert page.status_code == 410
            assert SECRET not in page.content.decode(), kind
        leaf = site.get(f"/log/{entry.leaf}.json").json()
        assert leaf["of_title"] == f"Withdrawn {kind}"
        for address in (f"/log/{entry.leaf}/", f"/log/{entry.leaf}.json"):
            assert SECRET not in site.get(address).content.decode()
    for address in ("/log/", "/log.json", "/feed.atom"):
        assert SECRET not in site.get(address).content.decode(), address


# -- addresses


@pytest.mark.parametrize("address", ["//evil.example/a/", "///evil.example/a/", "/%5Cevil.example/a/", "/es//evil.example/", "/%09/evil.example/"])  # fmt: skip
def test_no_link_of_a_page_that_is_not_there_leads_to_another_site(site: Any, address: str) -> None:
    import re
    from urllib.parse import unquote, urlsplit

    # The client would take the beginning for a server's name.
    answer = site.generic("GET", "/x/", PATH_INFO=unquote(address))
    assert answer.status_code == 404
    links = re.findall(r'href="([^"]*)"', answer.content.decode())
    assert any("evil.example" in one for one in links)
    for one in links:
        as_browsers_read = one.replace("\\", "/").replace("\t", "")
        assert not as_browsers_read.startswith("//"), one
        assert urlsplit(as_browsers_read).netloc in ("", "localhost:8000"), one


@pytest.mark.parametrize("address", ["/log/tile/0/%00", "/agencies/%00/", "/agencies/us/zz/%00.json", "/records/?place=%00", "/log/%00.proof", "/api/holdings?place=a%00b", "/es/places/%00/", "/static/%00"])  # fmt: skip
def test_an_address_with_a_nul_is_refused_in_words(site: Any, address: str) -> None:
    answer = site.get(address)
    assert answer.status_code == 400
    if answer.headers["Content-Type"] == "application/problem+json":
        assert "NUL" in answer.json()["title"]
    else:
        assert "This address cannot be read" in answer.content.decode()
        assert "Esta dirección no se puede leer" in answer.content.decode()


def test_a_nul_that_is_written_out_twice_is_a_name_like_any_other(site: Any) -> None:
    assert site.get("/records/?place=%2500").status_code != 400


@pytest.mark.parametrize("path", ["0/" + "9" * 300, "x" * 5000, "0/../../log-key", "0/%2e%2e/%2e%2e/log-key", "0/000.p/999999"])  # fmt: skip
def test_a_tile_of_no_log_is_not_found(site: Any, path: str) -> None:
    assert site.get(f"/log/tile/{path}").status_code == 404


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00%2B23:00", "9999-12-31T23:59:59-23:00"])
def test_a_moment_that_no_calendar_has_is_said(site: Any, moment: str) -> None:
    for table in ("holdings", "records", "log"):
        answer = site.get(f"/api/{table}?changed_since={moment}")
        assert answer.status_code == 422
        assert "outside the years" in answer.json()["title"]
    day = datetime.datetime(1, 1, 1, tzinfo=datetime.UTC).isoformat().replace("+", "%2B")
    assert site.get(f"/api/log?changed_since={day}&limit=1").status_code == 200
