"""``postme letter``: a key is never overwritten, a download opens to a table, and what does not open is counted."""

from __future__ import annotations

import csv
import io
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from postme.commands import main
from postme.keeping import strongbox

TOLD = {"letter": "a", "number": "KTM-4H7-Q2X", "kind": "person", "name": "Cy Doe", "mail": "cy@example.org", "area": "=1+1"}  # fmt: skip


def ran(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["letter", *map(str, arguments)])


@pytest.fixture
def key(tmp_path: Path) -> tuple[Path, str]:
    file = tmp_path / "letters.key"
    made = ran("key", file)
    assert made.exit_code == 0, made.output
    return file, made.stdout.strip()


def test_a_key_is_for_its_owner_alone_and_is_never_overwritten(key: tuple[Path, str]) -> None:
    file, public = key
    assert public == strongbox.checked(public)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "AGE-SECRET-KEY-" not in ran("key", file.with_name("other")).output
    before = file.read_text()
    again = ran("key", file)
    assert again.exit_code == 2
    assert "is there already" in again.stderr
    assert file.read_text() == before


def test_a_key_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    told = ran("key", tmp_path / "none" / "letters.key")
    assert told.exit_code == 2
    assert "There is no folder" in told.stderr


def test_a_download_opens_to_a_table_that_no_spreadsheet_runs(key: tuple[Path, str], tmp_path: Path) -> None:
    file, public = key
    (tmp_path / "signers.txt").write_text("".join(strongbox.lines([strongbox.closed(TOLD, public)])))
    told = ran("open", tmp_path / "signers.txt", "--key", file)
    assert told.exit_code == 0, told.output
    [row] = csv.DictReader(io.StringIO(told.stdout))
    assert (row["name"], row["mail"], row["area"]) == ("Cy Doe", "cy@example.org", "'=1+1")
    assert "1 signer. 0 lines were not opened." in told.stderr


def test_lines_that_this_key_does_not_open_are_counted_and_said(key: tuple[Path, str], tmp_path: Path) -> None:
    file, public = key
    parcels = [strongbox.closed(TOLD, public), strongbox.closed(TOLD, strongbox.made()[0])]
    (tmp_path / "signers.txt").write_text("".join(strongbox.lines(parcels)) + "nonsense\n")
    told = ran("open", tmp_path / "signers.txt", "--key", file)
    assert told.exit_code == 1
    assert len(told.stdout.splitlines()) == 2
    assert "Line 2 is not opened by this key." in told.stderr
    assert "1 signer. 2 lines were not opened." in told.stderr


def test_a_file_that_is_no_key_and_one_that_is_not_there(key: tuple[Path, str], tmp_path: Path) -> None:
    file, _ = key
    (tmp_path / "signers.txt").write_text("x\n")
    assert ran("open", tmp_path / "signers.txt", "--key", tmp_path / "signers.txt").exit_code == 1
    told = ran("open", tmp_path / "none.txt", "--key", file)
    assert told.exit_code == 2
    assert "cannot be read" in told.stderr
