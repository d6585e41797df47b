"""Ruling in a real terminal: one key a ruling, undo, kept for good."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from postme.keeping.store.register import Register


@pytest.fixture
def data(tmp_path: Path) -> Path:
    records = tmp_path / "records"
    records.mkdir()
    (records / "a.txt").write_text("The police bought license plate readers. \x1b[31mred\x1b[0m")
    (records / "b.txt").write_text("The sheriff flies drones.")
    subprocess.run(
        [sys.executable, "-m", "postme", "scan", str(records), "--data", str(tmp_path / "data"), "--quiet"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return tmp_path / "data"


@pytest.fixture
def terminal(data: Path) -> Iterator[pexpect.spawn[str]]:
    child = pexpect.spawn(
        sys.executable,
        ["-m", "postme", "review", "--data", str(data), "--who", "Dana"],
        encoding="utf-8",
        timeout=30,
        dimensions=(40, 100),
    )
    yield child
    child.close(force=True)


def rulings(data: Path) -> str:
    command = [sys.executable, "-m", "postme", "review", "--list", "--data", str(data)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_one_key_rules_and_the_next_mention_comes(terminal: pexpect.spawn[str], data: Path) -> None:
    terminal.expect("1 of 2")
    terminal.expect("q")
    terminal.send("y")
    terminal.expect("2 of 2")
    terminal.send("n")
    terminal.expect("2 rulings kept. 0 mentions still wait.")
    assert re.search(r"yes\s.*license plate readers", rulings(data))
    assert re.search(r"no\s.*drones", rulings(data))


def test_a_ruling_is_kept_at_once_even_when_the_terminal_dies(terminal: pexpect.spawn[str], data: Path) -> None:
    terminal.expect("1 of 2")
    terminal.send("y")
    terminal.expect("2 of 2")
    terminal.kill(9)
    terminal.wait()
    assert re.search(r"yes\s.*license plate readers", rulings(data))


def test_undo_takes_the_last_ruling_back_and_its_row_stays(terminal: pexpect.spawn[str], data: Path) -> None:
    terminal.expect("1 of 2")
    terminal.send("n")
    terminal.expect("2 of 2")
    terminal.send("z")
    terminal.expect("Undone")
    terminal.expect("1 of 2")
    terminal.send("q")
    terminal.expect("0 rulings kept")
    assert "waiting" in rulings(data).splitlines()[0]
    Register(data)
    from postme.keeping.store.models import Ruling

    [row] = Ruling.objects.all()
    assert (row.answer, row.who, row.undone_at is not None) == ("no", "Dana", True)


def test_a_reason_can_be_given(terminal: pexpect.spawn[str], data: Path) -> None:
    terminal.expect("1 of 2")
    terminal.send("w")
    terminal.expect("Why")
    terminal.sendline("the contract says so")
    terminal.expect("And the ruling")
    terminal.send("y")
    terminal.expect("2 of 2")
    terminal.send("q")
    terminal.expect("1 rulings kept")
    assert list(Register(data).rulings().values()) == [("yes", "the contract says so")]


def test_a_records_control_characters_do_not_drive_the_terminal(terminal: pexpect.spawn[str]) -> None:
    terminal.expect("1 of 2")
    terminal.expect("red")
    assert "\x1b[31mred" not in terminal.before + terminal.after


def test_without_a_keyboard_it_says_how_else(data: Path) -> None:
    command = [sys.executable, "-m", "postme", "review", "--data", str(data)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--rule MENTION ANSWER" in done.stderr


def test_a_script_can_rule_and_an_unknown_mention_is_refused(data: Path) -> None:
    command = [sys.executable, "-m", "postme", "review", "--data", str(data), "--rule"]
    mention = rulings(data).split()[0]
    assert subprocess.run([*command, mention, "unsure"], check=False).returncode == 0
    assert "unsure" in rulings(data)
    refused = subprocess.run([*command, "0" * 16, "yes"], capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "There is no mention" in refused.stderr
