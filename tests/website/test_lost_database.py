"""A database that goes away in the middle of a request: a clear page, nothing half written, and the site is back when it is."""

from __future__ import annotations

import contextlib
import datetime
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import postgres as servers
import pytest
from django.db import connection, connections
from django.test import Client, override_settings
from staffed import at_the_desk

from postme.errors import KeepingError
from postme.keeping.store.ledger import Leaf, Ledger, Publishing
from postme.publication import What


def _is_the_page(answer: Any) -> None:
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Back in a moment" in answer.content.decode()
    assert "Vuelva en un momento" in answer.content.decode()
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_postgresql_server_that_stops_is_said_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    with servers.server() as url, servers.instead(url) as other, override_settings(DATA=tmp_path, ALLOWED_HOSTS=["*"]):
        with other.cursor() as cursor:
            cursor.execute("SHOW data_directory")
            data = Path(cursor.fetchone()[0])

        def control(*what: str) -> None:
            subprocess.run([servers.binaries() / "pg_ctl", "-D", data, "-w", *what], check=True, cwd=data, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **servers._ordinary())  # type: ignore[operator]  # fmt: skip

        reader = Client(raise_request_exception=False)
        assert reader.get("/searches/").status_code == 200
        ledger = Ledger(tmp_path)
        facts = {
            "title": "Search 1: Mill Falls",
            "fiction": True,
            "place": {"id": "us/zz/mill_falls", "name": "Mill Falls"},
            "number": 1,
        }
        sealed: list[Leaf] = []

        def stop(leaves: Any) -> None:
            sealed.extend(leaves)
            control("-m", "immediate", "stop")

        with pytest.raises(KeepingError):
            ledger.publish(
                lambda _: [Publishing("/searches/1/", "search", What.PUBLISHED, facts)], who="Ada", at=datetime.datetime.now(datetime.UTC),
                salt=lambda: "0" * 32, seal=stop,
            )  # fmt: skip
        assert len(sealed) == 1
        _is_the_page(reader.get("/searches/"))
        _is_the_page(reader.get("/es/searches/"))
        problem = reader.get("/searches.json")
        assert problem.status_code == 503
        assert problem.json()["status"] == 503
        # Restarted with the options that it had.
        control("-l", str(data / "again.log"), "restart")
        other.close()
        assert reader.get("/searches/").status_code == 200
        assert reader.get("/searches/1/").status_code == 404
        assert ledger.size() == 0


@contextlib.contextmanager
def _written_to(file: Path) -> Any:
    """Another program that holds the file's one place for writers."""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_locked_sqlite_file_is_said_to_who_writes_and_unnoticed_by_who_reads(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("This is about SQLite's one place for writers.")
    from django.contrib.auth.models import User
    from django.contrib.sessions.models import Session

    User.objects.create_user("ada", password="correct horse battery staple")
    sessions = Session.objects.count()
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.1)
    connections.close_all()
    site.raise_request_exception = False
    typed = {"login": "ada", "password": "correct horse battery staple"}
    with _written_to(site.data / "postme.sqlite3"):
        assert site.get("/places/").status_code == 200
        _is_the_page(site.post("/desk/account/login/", typed))
    assert Session.objects.count() == sessions
    assert site.post("/desk/account/login/", typed).status_code == 302
    assert Session.objects.count() == sessions + 1


def test_nothing_that_is_only_read_waits_for_a_writer(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("This is about SQLite's one place for writers.")
    from postme.keeping.store.models import PublicRecord, StoredMention

    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.1)
    holding = "/agencies/us/zz/mill_falls/police-department/alpr"
    record = f"/records/{PublicRecord.objects.filter(media_type='application/pdf').first().pk}"  # type: ignore[union-attr]
    public = (
        "/",
        f"{holding}/",
        f"{holding}.json",
        f"{holding}.proof",
        f"{record}/",
        f"{record}/1/",
        f"{record}.proof",
    )
    logged = ("/log/", "/log/0/", "/log/checkpoint", "/moderation/", "/searches/1/", f"/wrong/?about={holding}/")
    desk = ("", "drafts/", "mentions/", f"mentions/?at={StoredMention.objects.first().pk}", "redactions/", "reports/")  # type: ignore[union-attr]
    more = (
        "acts/",
        "searches/",
        "place/us/zz/mill_falls/",
        f"draft/?correct={holding}/",
        f"change/?address={holding}/",
    )
    editor = at_the_desk("ada", "editor")
    connections.close_all()
    with _written_to(site.data / "postme.sqlite3"):
        for address in (*public, *logged):
            assert site.get(address).status_code == 200, address
        for address in (*desk, *more):
            assert editor.get(f"/desk/{address}").status_code == 200, address


def test_another_error_is_not_taken_for_a_lost_database(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from postme.website.pages import log

    monkeypatch.setattr(log, "_told", lambda *_: {}["nothing"])
    site.raise_request_exception = False
    answer = site.get("/log/0/")
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.content.decode()
