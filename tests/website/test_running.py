"""Running the site: settings that are refused, lines without personal data, what is compressed and kept, jobs, a server as docs/run.md starts it."""

from __future__ import annotations

import gzip
import io
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stores

from postme.errors import WrongUse
from postme.website import environment, journal, wire
from postme.website.environment import Environment

ROOT = Path(__file__).parents[2]
SECRET = "kYw3Zr9-Qf0sVt7uXb2nLm5pHd8gJc1aEo4iRz6TqWvN"

# -- Settings -----------------------------------------------------------------------------------------------------------

GOOD = {
    "POSTME_SITE": "https://oversight.example.org", "POSTME_SECRET": SECRET, "POSTME_MAIL_URL": "smtp://clerk:p%40ss@mail.example.org",
    "POSTME_MAIL_FROM": "postme@example.org", "POSTME_MAIL_STAFF": "desk@example.org", "POSTME_PROXIES": "10.0.0.0/8, ::1",
    "DATABASE_URL": "postgresql://clerk:hidden-word@db.example.org/postme", "POSTME_HOSTS": "2", "POSTME_JOBS": "worker",
}  # fmt: skip


def test_good_settings_are_read() -> None:
    read = Environment(GOOD)
    assert read.mail == environment.Mail("mail.example.org", 587, "clerk", "p@ss", "starttls")
    assert read.networks("POSTME_PROXIES") == ("10.0.0.0/8", "::1")
    assert Environment(
        {"POSTME_MAIL_URL": "smtps://mail.example.org", "POSTME_MAIL_FROM": "a@example.org"}
    ).mail == environment.Mail("mail.example.org", 465, "", "", "tls")
    assert Environment(
        {"POSTME_MAIL_URL": "smtp://localhost", "POSTME_MAIL_FROM": "a@example.org"}
    ).mail == environment.Mail("localhost", 25, "", "", "")
    assert Environment({}).mail is None


WRONG = {
    "errors shown in public": ({"POSTME_DEBUG": "1"}, "POSTME_DEBUG", "the inside of errors"),
    "no second factor in public": ({"POSTME_TWO_FACTOR": "0"}, "POSTME_TWO_FACTOR", "stolen password"),
    "passwords in the open": ({"POSTME_SITE": "http://oversight.example.org"}, "POSTME_SITE", "in the open"),
    "a secret from an example": ({"POSTME_SECRET": "changeme" * 8}, "POSTME_SECRET", "can be guessed"),
    "a short secret": ({"POSTME_SECRET": SECRET[:20]}, "POSTME_SECRET", "can be guessed"),
    "a secret of one letter": ({"POSTME_SECRET": "x" * 60}, "POSTME_SECRET", "can be guessed"),
    "several machines, each with a secret of its own": ({"POSTME_SECRET": ""}, "POSTME_SECRET", "must share one"),
    "several machines on one file": ({"DATABASE_URL": ""}, "DATABASE_URL", "belongs to one machine"),
    "a database of an unknown kind": ({"DATABASE_URL": "mysql://db/x"}, "DATABASE_URL", "postgresql://"),
    "everybody a proxy": ({"POSTME_PROXIES": "0.0.0.0/0"}, "POSTME_PROXIES", "anyone could say"),
    "a proxy that is no address": ({"POSTME_PROXIES": "nginx"}, "POSTME_PROXIES", "nginx"),
    "mail without a sender": ({"POSTME_MAIL_FROM": ""}, "POSTME_MAIL_FROM", "needs a sender"),
    "mail to nobody's server": ({"POSTME_MAIL_URL": ""}, "POSTME_MAIL_URL", "without a mail server"),
    "a header smuggled into an address": ({"POSTME_MAIL_FROM": "a@example.org\nBcc: b@example.org"}, "POSTME_MAIL_FROM", "one mail address"),
    "a mail server of an unknown kind": ({"POSTME_MAIL_URL": "imap://mail.example.org"}, "POSTME_MAIL_URL", "smtp://"),
    "no workers": ({"POSTME_WORKERS": "0"}, "POSTME_WORKERS", "from 1 to 64"),
    "a level that would write SQL": ({"POSTME_LOG_LEVEL": "debug"}, "POSTME_LOG_LEVEL", "info, warning, error"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_the_site_does_not_start_with(what: str) -> None:
    changed, name, words = WRONG[what]
    with pytest.raises(WrongUse) as refused:
        Environment({**GOOD, **changed})
    assert name in str(refused.value)
    assert words in str(refused.value)
    [told] = [one for one in environment.said({**GOOD, **changed}) if one.faults]
    assert told.setting.name == name


def test_every_fault_is_told_at_once_and_no_secret_with_them() -> None:
    with pytest.raises(WrongUse) as refused:
        Environment(
            {
                **GOOD,
                "POSTME_WORKERS": "many",
                "POSTME_DEBUG": "1",
                "POSTME_SECRET": "hidden-word",
                "DATABASE_URL": "mysql://u:hidden-word@h/x",
            }
        )
    assert all(
        name in str(refused.value) for name in ("POSTME_WORKERS", "POSTME_DEBUG", "POSTME_SECRET", "DATABASE_URL")
    )
    assert "hidden-word" not in str(refused.value)


def _asked(*arguments: str, **own: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("POSTME_", "DATABASE_URL", "DJANGO_"))
    }
    return subprocess.run(
        [sys.executable, "-m", "postme.website", *arguments],
        cwd=ROOT,
        env={**kept, **own},
        capture_output=True,
        text=True,
        check=False,
    )


def test_check_environment_prints_every_setting_what_is_wrong_and_no_secret(tmp_path: Path) -> None:
    own = {**GOOD, "POSTME_DATA": str(tmp_path)}
    good = _asked("check_environment", **own)
    assert good.returncode == 0, good.stdout + good.stderr
    assert all(setting.name in good.stdout for setting in environment.SETTINGS)
    assert "All settings are good." in good.stdout
    wrong = _asked("check_environment", **own, POSTME_DEBUG="1")
    assert wrong.returncode == 2
    assert "WRONG: the inside of errors" in wrong.stdout
    assert not {"hidden-word", SECRET, "p%40ss"} & {*re.split(r"[\s:@/]", good.stdout + wrong.stdout)}


def test_a_command_with_wrong_settings_says_so_without_a_traceback(tmp_path: Path) -> None:
    ran = _asked("migrate", POSTME_DATA=str(tmp_path), POSTME_WORKERS="x")
    assert ran.returncode == 2
    assert ran.stderr.startswith("postme: environment: POSTME_WORKERS")
    assert "Traceback" not in ran.stderr


def test_a_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = Environment({"POSTME_DATA": str(tmp_path)}).secret
    assert len(first) > 60
    assert Environment({"POSTME_DATA": str(tmp_path)}).secret == first
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


# -- Lines --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is written down from now on."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(journal.Lines())
    loggers = [
        logging.getLogger(name) for name in ("", "django", "django.request", "django.security.csrf", "django.server")
    ]
    for one in loggers:
        one.addHandler(handler)
    yield out
    for one in loggers:
        one.removeHandler(handler)


PRIVATE = ("203.0.113.77", "2001:db8::77", "Ada Lovelace", "Lovelace", "0123456789abcdef0123456789abcdef", "SpyBrowser")


def test_a_line_holds_no_address_no_name_and_no_token(
    site: Any, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.test import override_settings

    from postme.website.pages import log

    told = {
        "REMOTE_ADDR": PRIVATE[0],
        "HTTP_X_FORWARDED_FOR": PRIVATE[1],
        "HTTP_USER_AGENT": PRIVATE[5],
        "HTTP_REFERER": f"http://x/?{PRIVATE[3]}",
    }
    site.raise_request_exception = False
    assert site.get("/log/0/", {"q": PRIVATE[2]}, **told).status_code == 200
    assert site.get(f"/wrong/{PRIVATE[4]}/", **told).status_code == 404
    assert site.get(f"/log/{PRIVATE[4]}/?q={PRIVATE[3]}", **told).status_code == 404
    with override_settings(ALLOWED_HOSTS=["nobody.example"]):
        assert site.get("/", HTTP_HOST=f"{PRIVATE[3]}.example", **told).status_code == 400
    site.handler.enforce_csrf_checks = True
    site.post("/desk/account/login/", {"login": PRIVATE[2], "password": PRIVATE[3]}, **told)

    def broken(*_: Any, **__: Any) -> None:
        raise ValueError(f"{PRIVATE[2]} at {PRIVATE[0]}")

    monkeypatch.setattr(log, "_told", broken)
    answer = site.get("/log/0/", {"q": PRIVATE[2]}, **told)
    assert answer.status_code == 500
    logging.getLogger("gunicorn.error").warning(
        f"Invalid request from ip={PRIVATE[0]}: Invalid HTTP request line: 'GET /?q={PRIVATE[3]}'"
    )
    logging.getLogger("other.library").warning("connection from %s (%s)", PRIVATE[0], PRIVATE[2])
    logging.getLogger("other.library").warning(f"connection from {PRIVATE[0]} and [{PRIVATE[1]}]")

    said = lines.getvalue()
    assert [one for one in PRIVATE if one in said] == []
    found = [json.loads(line) for line in said.splitlines()]
    requests = [one for one in found if one["from"] == "postme.website.requests"]
    assert [(one["method"], one["route"], one["status"]) for one in requests[:1]] == [("GET", "log/<int:leaf>/", 200)]
    failed = [one for one in found if one.get("error")]
    assert failed[-1]["error"][0]["kind"] == "builtins.ValueError"
    assert "broken" in failed[-1]["error"][0]["at"][-1]
    assert failed[-1]["request"] == answer.headers["Request-Id"] == requests[-1]["request"]


# -- What is compressed and kept ----------------------------------------------------------------------------------------


def test_a_page_travels_compressed_to_whoever_has_no_cookie_and_to_nobody_else(site: Any) -> None:
    plain = site.get("/log/")
    assert "Content-Encoding" not in plain.headers
    small = site.get("/log/", HTTP_ACCEPT_ENCODING="gzip, br")
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.content) == plain.content
    assert len(small.content) < len(plain.content) / 2
    assert {"Accept-Encoding", "Cookie"} <= {one.strip() for one in small.headers["Vary"].split(",")}
    again = site.get("/log/", HTTP_ACCEPT_ENCODING="gzip", HTTP_IF_NONE_MATCH=small.headers["ETag"])
    assert again.status_code == 304
    site.cookies["sessionid"] = "abc"
    assert "Content-Encoding" not in site.get("/log/", HTTP_ACCEPT_ENCODING="gzip").headers
    del site.cookies["sessionid"]
    form = site.get("/desk/account/login/", HTTP_ACCEPT_ENCODING="gzip")
    assert form.status_code == 200
    assert b"csrfmiddlewaretoken" in form.content
    assert "Content-Encoding" not in form.headers


def test_what_may_be_kept_is_said_of_every_kind_of_answer(site: Any) -> None:
    assert site.get("/places/").headers["Cache-Control"] == f"public, max-age={wire.KEPT}"
    assert site.get("/places.json").headers["Cache-Control"] == "public, no-cache"
    assert "immutable" not in site.get("/log/checkpoint").headers["Cache-Control"]
    assert "Cache-Control" not in site.get("/nothing/at/all/").headers
    assert "public" not in site.get("/desk/account/login/").headers["Cache-Control"]
    site.cookies["sessionid"] = "abc"
    assert site.get("/places/").headers["Cache-Control"] == "private, no-cache"


def test_files_collected_for_another_version_are_not_served(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a {}")
    first = wire.version_of(tmp_path)
    assert wire.version_of(tmp_path) == first
    (tmp_path / "a.css").write_text("a { }")
    assert wire.version_of(tmp_path) != first


# -- Jobs ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def queue(site: Any) -> Iterator[Any]:
    """The site with a worker that is asked for by hand; ``queue()`` does what waits."""
    from django.core.management import call_command
    from django.test import override_settings

    def done() -> list[tuple[str, str]]:
        from django_tasks_db.models import DBTaskResult

        handlers = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT)}
        call_command("db_worker", batch=True, startup_delay=False, verbosity=0)
        for one, handler in handlers.items():
            signal.signal(one, handler)
        return [
            (row.task_path.rpartition(".")[2], str(row.status)) for row in DBTaskResult.objects.order_by("enqueued_at")
        ]

    with override_settings(
        JOBS="worker", TASKS={"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}, EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
        MAIL=object(), MAIL_STAFF="desk@example.org", DEFAULT_FROM_EMAIL="postme@example.org",
    ):  # fmt: skip
        from django.core import mail

        mail.outbox = []
        done.data = site.data  # type: ignore[attr-defined]
        yield done


def _report() -> Any:
    import datetime

    from postme.keeping.store.models import Report

    now = datetime.datetime(2026, 11, 2, tzinfo=datetime.UTC)
    return Report.objects.create(
        token="t" * 32,
        about="/log/",
        kind="error",
        text="It was Ada",
        name="Ada",
        contact="ada@example.org",
        received=now,
        due=now.date(),
        state="open",
    )


def test_staff_are_told_of_a_report_by_the_worker_and_of_nothing_in_it(queue: Any) -> None:
    from django.core import mail

    _report()
    assert mail.outbox == []
    assert queue() == [("report_told", "SUCCESSFUL")]
    [sent] = mail.outbox
    assert sent.to == ["desk@example.org"]
    assert "/log/" in sent.body
    assert "Ada" not in sent.subject + sent.body


def test_a_job_is_asked_for_with_its_transaction_or_not_at_all(queue: Any) -> None:
    from django.db import transaction

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        _report()
        1 / 0  # noqa: B018
    assert queue() == []


def test_pictures_of_a_published_record_are_drawn_ahead_and_of_no_other(queue: Any) -> None:
    from postme.keeping.store.models import Entry, PublicRecord
    from postme.website import jobs

    record = (
        PublicRecord.objects.filter(media_type="application/pdf", entry__state="published").order_by("pages").first()
    )
    jobs.ask(jobs.pictures_drawn, record.sha256)
    jobs.ask(jobs.pictures_drawn, "0" * 64)
    assert queue() == [("pictures_drawn", "SUCCESSFUL")] * 2
    assert len(list((queue.data / "pictures" / record.sha256).glob("*"))) >= record.pages
    assert not (queue.data / "pictures" / ("0" * 64)).exists()
    record.entry.save()
    assert isinstance(record.entry, Entry)
    assert queue()[-1] == ("pictures_drawn", "SUCCESSFUL")


def test_every_day_the_log_is_held_against_the_table_and_what_is_old_goes(queue: Any) -> None:
    from django.core import mail
    from django.core.management import call_command

    from postme.keeping.store.finding import Known

    Known.objects.update(version="old")
    old = queue.data / "pictures" / ("a" * 64) / "1-900-x"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"x")
    os.utime(old, (0, 0))
    call_command("daily", stdout=io.StringIO())
    assert dict(queue()) == {
        "log_checked": "SUCCESSFUL",
        "search_refreshed": "SUCCESSFUL",
        "pictures_pruned": "SUCCESSFUL",
        "packets_renewed": "SUCCESSFUL",
        "reminders_queued": "SUCCESSFUL",
    }
    assert not old.exists()
    assert not Known.objects.filter(version="old").exists()
    assert mail.outbox == []
    tile = max((path for path in (queue.data / "log" / "tile" / "0").glob("*.p/*")), key=lambda path: int(path.name))
    tile.write_bytes(bytes([tile.read_bytes()[0] ^ 1]) + tile.read_bytes()[1:])
    call_command("daily", stdout=io.StringIO())
    assert ("log_checked", "FAILED") in queue()
    assert [one.subject for one in mail.outbox] == ["The public log and the database differ"]


# -- A server as docs/run.md starts it ----------------------------------------------------------------------------------


def test_gunicorn_serves_it_with_named_files_and_lines_without_addresses(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {"POSTME_DATA": str(tmp_path / "data"), "POSTME_WORKERS": "1", "POSTME_SITE": f"http://localhost:{port}"}
    (tmp_path / "data").mkdir(mode=0o700)
    if "DATABASE_URL" not in os.environ:  # a start in an empty folder is tests/commands/test_demo_command.py's
        stores.with_tables(tmp_path / "data")
    for command in (["migrate", "--verbosity", "0"], ["collectstatic", "--no-input", "--verbosity", "0"]):
        ran = _asked(*command, **own)
        assert ran.returncode == 0, ran.stderr
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("POSTME_", "DATABASE_URL", "DJANGO_"))
    }
    with (tmp_path / "said").open("w") as said:
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "python:postme.website.gunicorn", "--bind", f"127.0.0.1:{port}", "postme.website.wsgi"],
            cwd=ROOT, env={**env, **own}, stdout=said, stderr=said,
        )  # fmt: skip
    try:
        page = _fetched(f"http://localhost:{port}/log/", until=time.monotonic() + 120)
        [css] = re.findall(rb'rel="stylesheet" href="([^"]+)"', page.read())
        assert re.fullmatch(rb"/static/look/look\.[0-9a-f]{12}\.css", css)
        asked = urllib.request.Request(f"http://localhost:{port}{css.decode()}", headers={"Accept-Encoding": "gzip"})
        sheet = urllib.request.urlopen(asked, timeout=30)
        assert "immutable" in sheet.headers["Cache-Control"]
        assert sheet.headers["Content-Encoding"] == "gzip"
        with pytest.raises(urllib.error.HTTPError, match=r"400|414"):
            urllib.request.urlopen(f"http://localhost:{port}/?q=Lovelace{'x' * 9000}", timeout=30)
    finally:
        server.terminate()
        assert server.wait(30) == 0
    lines = (tmp_path / "said").read_text().splitlines()
    assert [
        one["route"]
        for one in map(json.loads, (line for line in lines if '"request"' in line))
        if one["what"] == "request"
    ][:1] == ["log/"]
    assert not [line for line in lines[1:] if not line.startswith("{")]
    assert not [line for line in lines if "Lovelace" in line or "ip=" in line]


def _fetched(address: str, *, until: float) -> Any:
    while True:
        try:
            return urllib.request.urlopen(address, timeout=30)
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
