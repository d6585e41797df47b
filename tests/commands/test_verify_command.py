"""``postme verify`` in a terminal: what it says, and its exit status."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from logsite import LogSite, served

PAGE = "/places/us/mn/mill-falls"


@pytest.fixture
def site(tmp_path: Path) -> LogSite:
    made = LogSite(tmp_path)
    made.publish("/a", "/b", PAGE, "/c")
    return made


def verify(data: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "postme", "verify", *map(str, arguments), "--data", str(data)], capture_output=True, text=True, check=False, cwd=data.parent,
    )  # fmt: skip


def test_a_page_is_proved_the_first_time_and_the_log_is_remembered(site: LogSite, tmp_path: Path) -> None:
    with served(site.www) as address:
        first = verify(tmp_path / "mine", f"{address}{PAGE}/")
        site.publish("/d", "/e")
        second = verify(tmp_path / "mine", f"{address}{PAGE}/")
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith(
        "This page is entry 2 (entry 0 is the first) in the log town.example/log, which has 4 entries.\nNobody changed it since"
    )
    assert "It says of itself: version 1, published 2026-11-20." in first.stdout
    assert "its key was taken from the site itself" in first.stdout
    assert site.notary.verifier in first.stdout
    assert "not encrypted" in first.stdout
    assert second.returncode == 0
    assert second.stdout.startswith(
        "This page is entry 2 (entry 0 is the first) in the log town.example/log, which has 6 entries.\n"
    )
    assert "it has only grown" in second.stdout
    assert "taken from the site" not in second.stdout
    assert "What this does not show: that the page is true" in second.stdout


def test_with_the_key_in_hand_the_site_is_not_asked_for_it(site: LogSite, tmp_path: Path) -> None:
    (tmp_path / "key.txt").write_text(site.notary.verifier + "\n")
    (site.www / "log" / "key").unlink()
    with served(site.www) as address:
        for key in (site.notary.verifier, "key.txt"):
            ran = verify(tmp_path / "mine", f"{address}{PAGE}/", "--key", key)
            assert ran.returncode == 0
            assert "taken from the site" not in ran.stdout


def test_a_changed_page_is_not_proved(site: LogSite, tmp_path: Path) -> None:
    site.change(f"{PAGE}.json", lambda data: data.replace(b"cameras", b"kameras"))
    with served(site.www) as address:
        ran = verify(tmp_path / "mine", f"{address}{PAGE}/")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith(
        "postme: These words are not entry 2 (entry 0 is the first) of the log town.example/log. They were changed"
    )


def test_a_rewritten_log_is_not_proved_and_the_evidence_is_named(site: LogSite, tmp_path: Path) -> None:
    with served(site.www) as address:
        assert verify(tmp_path / "mine", f"{address}{PAGE}/").returncode == 0
        shutil.rmtree(site.www / "log")
        other = LogSite(tmp_path / "other", key=(tmp_path / "data" / "log-key").read_text())
        other.www = site.www
        other.publish("/changed", "/b", PAGE, "/c")
        ran = verify(tmp_path / "mine", f"{address}{PAGE}/")
    assert ran.returncode == 1
    assert "has signed two different histories of 4 entries" in ran.stderr
    [evidence] = (tmp_path / "mine").glob("log-evidence-*.txt")
    assert str(evidence) in ran.stderr


def test_files_that_were_kept_are_proved_without_a_network(site: LogSite, tmp_path: Path) -> None:
    for ending in (".json", ".proof"):
        shutil.copy(site.www / f"{PAGE.lstrip('/')}{ending}", tmp_path / f"kept{ending}")
    given = ("kept.json", "--proof", "kept.proof", "--key", site.notary.verifier)
    ran = verify(tmp_path / "mine", *given)
    assert ran.returncode == 0
    assert ran.stdout.startswith(
        "This page was entry 2 (entry 0 is the first) in the log town.example/log, which had 4 entries when its proof was made.\n"
    )
    assert "was not asked" in ran.stdout
    assert not (tmp_path / "mine").exists()
    (tmp_path / "kept.json").write_bytes((tmp_path / "kept.json").read_bytes() + b"\n")
    ran = verify(tmp_path / "mine", *given)
    assert ran.returncode == 1
    assert "These words are not entry 2" in ran.stderr


def test_a_program_gets_the_same_as_json(site: LogSite, tmp_path: Path) -> None:
    with served(site.www) as address:
        good = verify(tmp_path / "mine", f"{address}{PAGE}/", "--format", "json")
        site.change("/log/checkpoint", lambda data: data.replace(b"\n4\n", b"\n5\n"))
        bad = verify(tmp_path / "mine", f"{address}{PAGE}/", "--format", "json")
    said = json.loads(good.stdout)
    assert (said["proved"], said["index"], said["size"], said["key_from_site"]) == (True, 2, 4, True)
    assert said["leaf"] == site.tiles.tree().level(0)[2].hex()
    assert bad.returncode == 1
    assert json.loads(bad.stdout)["proved"] is False
    assert "signature" in json.loads(bad.stdout)["what"]


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["none.json"], ["kept.json"], ["kept.json", "--proof", "kept.proof"], ["kept.json", "--key", "KEY"], ["kept.json", "--proof", "none", "--key", "KEY"],
        ["https://example.org/"], ["ftp://example.org/a"], ["https://example.org/a", "--proof", "kept.proof"], ["https://example.org/a", "--key", "a+b+c"],
        ["https://example.org/a", "--key", "none.txt"], ["https://example.org/a", "--key", "kept.json"], ["."],
    ],
)  # fmt: skip
def test_wrong_use_ends_with_status_2_and_says_what_to_do(site: LogSite, tmp_path: Path, arguments: list[str]) -> None:
    for ending in (".json", ".proof"):
        shutil.copy(site.www / f"{PAGE.lstrip('/')}{ending}", tmp_path / f"kept{ending}")
    ran = verify(tmp_path / "mine", *(site.notary.verifier if one == "KEY" else one for one in arguments))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "Traceback" not in ran.stderr


def test_a_twin_cannot_drive_the_terminal(site: LogSite, tmp_path: Path) -> None:
    from postme import merkle

    facts = json.dumps({"address": "/odd", "at": "\x1b[31mred", "version": 1}).encode()
    site.tiles.sealed([merkle.leaf_hash(facts)], site.notary)
    site.pages.append("/odd")
    site.publish("/more")
    site.put("/odd.json", facts)
    site.put("/odd.proof", site.proof(4).encode())
    with served(site.www) as address:
        ran = verify(tmp_path / "mine", f"{address}/odd")
    assert ran.returncode == 0
    assert "\x1b" not in ran.stdout
    assert "[31mred" in ran.stdout
