"""``postme demo`` and ``postme serve``, really started: they answer, they stop when asked to, and a second start is quick."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

PATIENCE = 180.0
MILL_FALLS = Path(__file__).parents[2] / "postme" / "examples" / "mill-falls"


class Started:
    """A command that serves, in a process of its own; what it says is read line by line."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        own = {key: value for key, value in os.environ.items() if not key.startswith("POSTME_") and key != "DJANGO_SETTINGS_MODULE"}  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-m", "postme", *arguments], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
            env={**own, **environment}, text=True, start_new_session=True,
        )  # fmt: skip
        self.said: list[str] = []

    def address(self) -> str:
        """The address that it says once it answers."""
        assert self.process.stderr
        for line in self.process.stderr:
            self.said.append(line.rstrip())
            if found := re.search(r"The site is at (http://\S+)", line):
                return found[1]
        raise AssertionError("\n".join(self.said))

    def ended(self, sign: signal.Signals) -> int:
        """Its exit status after a signal."""
        self.process.send_signal(sign)
        return self.process.wait(PATIENCE)


@contextlib.contextmanager
def started(*arguments: str, **environment: str) -> Iterator[Started]:
    one = Started(*arguments, **environment)
    try:
        yield one
    finally:
        if one.process.poll() is None:
            one.process.kill()
        one.process.wait()
        if one.process.stderr:
            one.process.stderr.close()


def fetched(address: str) -> str:
    with urllib.request.urlopen(address, timeout=60) as answer:
        return str(answer.read().decode())


def taken(port: int) -> bool:
    with socket.socket() as knock:
        return knock.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "data"


def test_the_demo_shows_the_town_stops_in_order_and_takes_what_is_there_when_started_again(data: Path) -> None:
    arguments = ("demo", "--port", "0", "--no-browser", "--data", str(data))
    with started(*arguments) as first:
        address = first.address()
        assert "postme" in fetched(address)
        town = fetched(f"{address}places/us/zz/mill_falls/")
        assert "Mill Falls" in town
        assert "made up" in town
        told = json.loads(fetched(f"{address}places/us/zz/mill_falls.json"))
        assert told["fiction"] is True
        assert "us-zz-surveillance-oversight" in {law["id"] for law in told["laws"]}
        assert any("Reading the records" in line for line in first.said)
        assert len(first.said) == len(set(first.said)), "a line is said twice"
        assert first.ended(signal.SIGTERM) == 0
    with started(*arguments) as second:
        again = second.address()
        # Nothing is filled again; where the letters lie is said each time.
        assert [line for line in second.said if "The site is at" not in line and "letters lie in" not in line] == []
        assert len(json.loads(fetched(f"{again}places/us/zz/mill_falls.json"))["holdings"]) == len(told["holdings"])
        assert second.ended(signal.SIGINT) == 0


def test_an_empty_folder_is_served_says_that_nothing_is_published_and_stops_in_order(
    data: Path, tmp_path: Path
) -> None:
    # What is kept of the package's own data is no more than a memory: the folder is as empty without it.
    shutil.copytree(data / "cache", tmp_path / "new" / "cache")
    with started("serve", "--port", "0", "--data", str(tmp_path / "new")) as one:
        assert json.loads(fetched(f"{one.address()}index.json"))["newest"] == []
        assert one.ended(signal.SIGTERM) == 0


def test_a_scan_into_the_same_folder_goes_on_while_the_site_runs_and_a_kill_leaves_nobody_at_the_door(
    data: Path,
) -> None:
    with started("serve", "--port", "0", "--data", str(data)) as one:
        address = one.address()
        scan = subprocess.run(
            [sys.executable, "-m", "postme", "scan", str(MILL_FALLS / "records"), "--catalogue", str(MILL_FALLS / "catalogue"),
             "--data", str(data), "--place", "us/zz/mill_falls", "--format", "none", "--rehash"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert scan.returncode == 1, scan.stderr  # some of the town's records cannot be read, on purpose
        assert re.search(r"Search \d+: 16 files", scan.stderr)
        assert "Mill Falls" in fetched(f"{address}places/us/zz/mill_falls/")
        port = int(address.rstrip("/").rpartition(":")[2])
        assert taken(port)
        one.process.kill()
        one.process.wait()
        if sys.platform == "linux":  # no other system tells a child that its parent died
            until = time.monotonic() + PATIENCE
            while taken(port) and time.monotonic() < until:
                time.sleep(0.1)
            assert not taken(port)
    with contextlib.closing(sqlite3.connect(data / "postme.sqlite3")) as store:
        assert store.execute("SELECT count(*) FROM store_search WHERE place = 'us/zz/mill_falls'").fetchone()[0] >= 2


def test_a_port_in_use_is_said_in_plain_words_and_nothing_is_made(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with started("serve", "--port", str(port), "--data", str(tmp_path / "new")) as one:
            assert one.process.stderr
            said = one.process.stderr.read()
            assert one.process.wait(PATIENCE) == 2
    assert f"Port {port} is in use by another program." in said
    assert f"--port {port + 1}" in said
    assert "Traceback" not in said
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("arguments", "environment", "words", "status"),
    [
        (("--host", "203.0.113.7"), {}, "This machine has no address '203.0.113.7'", 2),
        (("--host", "no.such.host.invalid"), {}, "This machine has no address", 2),
        ((), {"POSTME_SITE": "oversight.example.org"}, "write an address such as", 1),
    ],
)
def test_what_keeps_the_site_from_starting_is_said(
    arguments: tuple[str, ...], environment: dict[str, str], words: str, status: int, tmp_path: Path
) -> None:
    with started("serve", "--port", "0", "--data", str(tmp_path / "new"), *arguments, **environment) as one:
        assert one.process.stderr
        said = one.process.stderr.read()
        assert one.process.wait(PATIENCE) == status
    assert words in said
    assert "Traceback" not in said


def _stopped_while_reading(data: Path) -> tuple[str, ...]:
    arguments = ("demo", "--port", "0", "--no-browser", "--data", str(data))
    with started(*arguments) as one:
        assert one.process.stderr
        for line in one.process.stderr:
            if "Reading the records" in line:
                break
        os.killpg(one.process.pid, signal.SIGINT)  # as a terminal does: to every process of the command
        rest = one.process.stderr.read()
        assert one.process.wait(PATIENCE) == 0
        assert "Traceback" not in rest
    return arguments


def test_ctrl_c_while_the_town_is_being_read_stops_all_of_it(tmp_path: Path) -> None:
    _stopped_while_reading(tmp_path / "new")


@pytest.mark.soak
def test_the_start_after_ctrl_c_completes_the_town(tmp_path: Path) -> None:
    with started(*_stopped_while_reading(tmp_path / "new")) as again:
        assert json.loads(fetched(f"{again.address()}places/us/zz/mill_falls.json"))["holdings"]
