"""docs/laws.md runs: every file in it is checked, every fragment and every example too, and so is what the README asks of the law."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from postme import lawshape
from postme.keeping import laws as kept
from postme.law import Law
from postme.office import counsel
from postme.rule import RULES

ROOT = Path(__file__).parents[1]
DOC = (ROOT / "docs" / "laws.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
BLOCKS = re.findall(r"```yaml\n(.*?)```", DOC, re.S)
FILES = {found[1]: block for block in BLOCKS if (found := re.match(r"# (\S+\.yaml)\n", block))}
FRAGMENTS = [block for block in BLOCKS if block.startswith("- {id:")]
STEPS = [name for name in FILES if name != "wrong.yaml"]

# A law of a town that does not exist, into which fragments are put.
BARE: dict[str, Any] = {
    "id": "us-xx-mill-falls", "name": "Mill Falls", "place": "us/xx/mill_falls", "subject": "alpr", "instrument": "ordinance", "what": "An ordinance of no real town.",
    "text_seen": True, "sure": "text", "read": {"who": "nobody", "on": date(2026, 11, 23), "lawyer": None}, "adopted": {"on": date(2021, 2, 12), "source": ["code"]},
    "binds": ["city"], "technologies": ["alpr"], "facts": {"aircraft": "it is an aircraft"}, "sources": {"code": "the code of Mill Falls"},
    "provisions": [{"id": "ban", "topic": "prohibited_acts", "says": "No use.", "source": ["code"], "prohibit": {"acts": ["use"]}}],
    "cases": [{"says": "No use.", "ask": {"body": "city", "act": "use", "technology": "alpr", "on": date(2022, 1, 1)}, "answer": "prohibited"}],
}  # fmt: skip


def faults(folder: Path, *provisions: dict[str, Any]) -> list[str]:
    """What the checker says of the bare law with these provisions."""
    path = folder / "mill-falls.yaml"
    own = [one for one in BARE["provisions"] if one["id"] not in {added["id"] for added in provisions}]
    path.write_text(yaml.safe_dump({**BARE, "provisions": [*own, *provisions]}, sort_keys=False), encoding="utf-8")
    return [str(error) for error in counsel.check(path).errors]


def step(name: str, folder: Path) -> Law:
    path = folder / name
    path.write_text(FILES[name], encoding="utf-8")
    found = counsel.check(path)
    assert [str(error) for error in found.errors] == []
    assert found.wrong == ()
    assert found.law is not None
    return found.law


# -- The hour -----------------------------------------------------------------------------------------------------------


def test_there_are_seven_steps_and_a_wrong_file() -> None:
    assert [name[0] for name in STEPS] == ["1", "2", "3", "4", "5", "6", "7"]
    assert "wrong.yaml" in FILES
    assert set(BLOCKS) == {*FILES.values(), *FRAGMENTS}, "a block is neither a file nor a fragment"


@pytest.mark.parametrize("name", STEPS)
def test_a_step_is_a_whole_file_that_the_checker_accepts(name: str, tmp_path: Path) -> None:
    law = step(name, tmp_path)
    assert law.id == "us-mn-minneapolis-fr"
    assert law.read.lawyer is None


def test_each_step_adds_and_takes_nothing_back(tmp_path: Path) -> None:
    laws = [step(name, tmp_path) for name in STEPS]
    for earlier, later in pairwise(laws[1:]):
        ids = {one.id for one in later.provisions}
        assert {one.id for one in earlier.provisions} <= ids
        assert set(earlier.sources) <= set(later.sources)
        assert set(earlier.unseen) <= set(later.unseen)


def test_the_last_step_says_nothing_that_the_package_does_not(tmp_path: Path) -> None:
    last, ours = step(STEPS[-1], tmp_path), counsel.law("us-mn-minneapolis-fr")
    rules = {one.id: one.rule for one in ours.provisions}
    assert {one.id: one.rule for one in last.provisions}.items() <= rules.items()
    addresses = {one.address for one in ours.sources.values()}
    assert {one.address for one in last.sources.values()} <= addresses


def test_every_step_but_the_last_marks_what_is_new() -> None:
    assert [name for name in STEPS[1:] if "# new" not in FILES[name]] == []


# -- The reference ------------------------------------------------------------------------------------------------------


def test_every_kind_of_rule_has_an_example(tmp_path: Path) -> None:
    shown = [next(key for key in RULES if key in yaml.safe_load(one)[0]) for one in FRAGMENTS]
    assert sorted(shown) == sorted(RULES)


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=lambda one: one[7:20])
def test_an_example_of_a_rule_is_well_formed(fragment: str, tmp_path: Path) -> None:
    assert faults(tmp_path, *yaml.safe_load(fragment)) == []


def _rows(title: str) -> dict[str, Any]:
    """The examples of a table of the reference, by key."""
    part = DOC.partition(f"\n### {title}\n")[2].partition("\n### ")[0]
    return {key: yaml.safe_load(said) for key, said in re.findall(r"(?m)^\| `(\w+)` \| `(\{.*?\})` \|", part)}


def test_every_kind_of_condition_has_an_example_that_the_checker_accepts(tmp_path: Path) -> None:
    shown = _rows("Conditions")
    assert set(shown) == set(lawshape._CONDITIONS)
    for key, example in shown.items():
        rule = {"acts": ["use"], "if": example}
        assert faults(tmp_path, {"id": key, "topic": "conditional_use", "says": "Words.", "source": ["code"], "allow": rule}) == []  # fmt: skip


def test_every_key_of_a_clock_has_an_example_that_the_checker_accepts(tmp_path: Path) -> None:
    shown = _rows("Clocks")
    assert set(shown) == set(lawshape._CLOCK)
    for key, example in shown.items():
        assert key in example
        duty = {"what": "a report", "met_by": "annual_report_published", "clock": example}
        assert faults(tmp_path, {"id": "report", "topic": "annual_report", "says": "Words.", "source": ["code"], "duty": duty}) == []  # fmt: skip


def test_a_fragment_with_a_slip_is_told(tmp_path: Path) -> None:
    wrong = yaml.safe_load(FRAGMENTS[0].replace("obtain", "obtian"))
    [fault] = faults(tmp_path, *wrong)
    assert "'obtian' is no act" in fault


def test_the_word_lists_hold_every_word() -> None:
    words = kept.words()
    part = DOC.partition("\n### Word lists\n")[2]
    for every in (words.bodies, words.agencies, words.acts, words.purposes, words.facts, words.events, words.groups):
        assert [word for word in every if f"`{word}`" not in part] == []
    assert [topic for topic in lawshape.TOPICS if f"| `{topic}` |" not in DOC] == []


# -- The terminal -------------------------------------------------------------------------------------------------------


def _commands(text: str) -> Iterator[tuple[str, str, int]]:
    """Each command about the law, what it shows, and its exit status (``[status 1]``; else 0)."""
    for block in re.findall(r"```console\n(.*?)```", text, re.S):
        for part in re.split(r"(?m)^\$ ", block)[1:]:
            command, _, shown = part.partition("\n")
            status = re.search(r"(?m)^\[status (\d)\]\n", shown)
            yield command, re.sub(r"(?m)^\[status \d\]\n", "", shown), int(status[1]) if status else 0


@pytest.mark.parametrize(
    ("name", "text", "least"), [("docs/laws.md", DOC, 6), ("README.md", README, 1)], ids=lambda one: str(one)[:12]
)
def test_what_a_document_asks_of_the_law_is_answered_as_it_shows(
    name: str, text: str, least: int, tmp_path: Path
) -> None:
    for file, block in FILES.items():
        (tmp_path / file).write_text(block, encoding="utf-8")
    own = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "COLUMNS": "400", "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"}
    commands = [one for one in _commands(text) if one[0].startswith("postme law")]
    assert len(commands) >= least, name
    for command, shown, status in commands:
        _, *arguments = shlex.split(command)
        ran = subprocess.run(
            [sys.executable, "-m", "postme", *arguments], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT), **own}, capture_output=True,
            text=True, encoding="utf-8", check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        said = "\n".join(line.strip() for line in ran.stdout.splitlines() if line.strip())
        assert ran.returncode == status, said + ran.stderr
        wanted = "\n".join(line.strip() for line in shown.splitlines() if line.strip())
        assert doctest.OutputChecker().check_output(wanted + "\n", said + "\n", _FLAGS), f"{command}\n{said}"
