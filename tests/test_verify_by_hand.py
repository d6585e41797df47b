"""docs/verify-by-hand.md: its commands and its program, run as they stand there on a site with a log, and on one that lies."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from logsite import LogSite, served, twin

TEXT = (Path(__file__).parents[1] / "docs" / "verify-by-hand.md").read_text(encoding="utf-8")
SHELL = re.findall(r"```sh\n(.*?)```", TEXT, re.S)
[PROGRAM] = re.findall(r"```python\n(.*?)```", TEXT, re.S)
PAGE = "/searches/1"
NEEDED = ("sh", "curl", "openssl", "sha256sum", "base64", "sed", "cut", "tail", "grep")
pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, NEEDED)), reason=f"one of {', '.join(NEEDED)} is not installed"
)


@pytest.fixture(params=[1, 2, 7, 300])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> LogSite:
    made = LogSite(tmp_path)
    made.publish(PAGE, *(f"/p/{number}" for number in range(request.param - 1)))
    return made


def by_hand(site: LogSite, folder: Path) -> list[subprocess.CompletedProcess[str]]:
    """Each block of commands in its turn, as it stands in the document but for the site's address."""
    folder.mkdir()
    (folder / "inclusion.py").write_text(PROGRAM)
    (folder / "python3").symlink_to(sys.executable)
    with served(site.www) as address:
        assert "SITE=https://example.org\n" in SHELL[0]
        return [
            subprocess.run(
                ["sh", "-eu", "-c", block.replace("https://example.org", address)], cwd=folder, capture_output=True, text=True, check=False,
                env={"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "NO_PROXY": "*"},
            )
            for block in SHELL
        ]  # fmt: skip


def test_a_good_page_is_proved_by_hand(site: LogSite, tmp_path: Path) -> None:
    fetched, signed, leaf, included = by_hand(site, tmp_path / "hand")
    assert [one.returncode for one in (fetched, signed, leaf, included)] == [0, 0, 0, 0], included.stderr
    assert "Signature Verified Successfully" in signed.stdout + signed.stderr
    assert leaf.stdout.split()[0] == site.tiles.tree().level(0)[0].hex()
    assert (
        included.stdout
        == f"Entry 0 (entry 0 is the first) in the log town.example/log, which has {len(site.pages)} entries.\n"
    )
    assert (tmp_path / "hand" / "page.json").read_bytes() == twin(PAGE)


def test_a_changed_page_is_found_out_by_hand(site: LogSite, tmp_path: Path) -> None:
    site.change(f"{PAGE}.json", lambda data: data.replace(b"cameras", b"kameras"))
    included = by_hand(site, tmp_path / "hand")[-1]
    assert included.returncode == 1
    assert included.stderr == "These words are not what was published there.\n"


def test_a_changed_checkpoint_is_found_out_by_hand(site: LogSite, tmp_path: Path) -> None:
    size = str(len(site.pages)).encode()
    site.change(f"{PAGE}.proof", lambda data: data.replace(b"/log\n%b\n" % size, b"/log\n%b1\n" % size))
    signed = by_hand(site, tmp_path / "hand")[1]
    assert signed.returncode == 1
    assert "Signature Verification Failure" in signed.stdout + signed.stderr


def test_a_changed_path_is_found_out_by_hand(tmp_path: Path) -> None:
    site = LogSite(tmp_path)
    site.publish("/a", PAGE, "/b")
    # With another index, and with one hash more, one less.
    hashes = site.proof(1).split("\n")[2]
    for number, (old, new) in enumerate(
        [
            ("index 1", "index 0"),
            ("index 1", "index 9"),
            ("index 1", "index -1"),
            (f"{hashes}\n", ""),
            (hashes, f"{hashes}\n{hashes}"),
        ]
    ):
        site.put(f"{PAGE}.proof", site.proof(1).replace(old, new, 1).encode())
        assert by_hand(site, tmp_path / f"hand{number}")[-1].returncode == 1


def test_the_program_is_as_short_as_the_document_says() -> None:
    assert len([line for line in PROGRAM.splitlines() if line.strip()]) <= 35
    assert "postme" not in PROGRAM
