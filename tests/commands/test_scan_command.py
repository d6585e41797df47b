"""The scan command, as a person or a script meets it."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars
import pytest

MILL_FALLS = Path(__file__).parents[2] / "postme/examples/mill-falls"


def scan(*words: object, data: Path, **more: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "postme", "scan", *map(str, words), "--data", str(data)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **more)


@pytest.fixture
def records(tmp_path: Path) -> Path:
    folder = tmp_path / "records"
    folder.mkdir()
    (folder / "minutes.txt").write_text(
        "The council approved the purchase of license plate readers for $40,000.\nNo more."
    )
    (folder / "notes.md").write_text("# Notes\n\nThe sheriff asked for two drones.")
    (folder / "quiet.txt").write_text("The library opens at nine.")
    return folder


def test_standard_output_holds_one_json_object_a_mention_and_nothing_else(records: Path, tmp_path: Path) -> None:
    done = scan(records, "--format", "jsonl", data=tmp_path / "data")
    assert done.returncode == 0
    mentions = [json.loads(line) for line in done.stdout.splitlines()]
    assert [m["technologies"] for m in mentions] == [["alpr"], ["drone"]]
    plates = mentions[0]
    text = (records / "minutes.txt").read_text()
    assert text[plates["start"] : plates["end"]] == plates["quote"] == "license plate readers"
    assert plates["quote"] in plates["context"]
    assert (plates["page"], plates["act"], plates["amount"], plates["certainty"]) == (1, "acquire", 40000.0, "sure")
    assert plates["path"] == str(records / "minutes.txt")
    assert "license plate" in done.stderr.lower() or "License plate" in done.stderr


def test_every_run_prints_every_mention_also_those_it_knew(records: Path, tmp_path: Path) -> None:
    first = scan(records, "--format", "jsonl", data=tmp_path / "data")
    second = scan(records, "--format", "jsonl", data=tmp_path / "data")
    assert first.stdout == second.stdout != ""
    assert "3 files known from before" in second.stderr


def test_a_pipe_gets_json_lines_without_being_asked(records: Path, tmp_path: Path) -> None:
    assert scan(records, data=tmp_path / "data").stdout.startswith('{"path"')


def test_csv_has_a_row_a_mention_and_no_cell_that_runs_as_a_formula(records: Path, tmp_path: Path) -> None:
    (records / "=cmd.txt").write_text("=HYPERLINK drones over the police station")
    done = scan("=cmd.txt", "--format", "csv", data=tmp_path / "data", cwd=records)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert rows[0]["technologies"] == "drone"
    assert rows[0]["path"] == "'=cmd.txt"
    assert rows[0]["context"].startswith("'=HYPERLINK")


def test_parquet_holds_the_same_mentions(records: Path, tmp_path: Path) -> None:
    table = tmp_path / "mentions.parquet"
    done = scan(records, "--format", "parquet", "--output", table, data=tmp_path / "data")
    assert (done.returncode, done.stdout) == (0, "")
    frame = polars.read_parquet(table)
    assert frame["technologies"].to_list() == [["alpr"], ["drone"]]
    assert frame["amount"].to_list() == [40000.0, None]


def test_a_parquet_table_without_a_mention_is_still_a_table(records: Path, tmp_path: Path) -> None:
    table = tmp_path / "none.parquet"
    scan(records / "quiet.txt", "--format", "parquet", "--output", table, data=tmp_path / "data")
    assert polars.read_parquet(table).height == 0


def test_a_record_that_cannot_be_read_is_said_and_the_rest_goes_on(records: Path, tmp_path: Path) -> None:
    (records / "empty.pdf").write_bytes(b"")
    done = scan(records, "--format", "jsonl", data=tmp_path / "data")
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 2
    assert "The file is empty." in " ".join(done.stderr.split())


def test_wrong_use_is_told_what_to_do_and_scans_nothing(records: Path, tmp_path: Path) -> None:
    for words in (["no-such-folder"], [records, "--place", "Minneapolis"], [records, "--jobs", "0"], []):
        done = scan(*words, data=tmp_path / "data")
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr.strip()
    assert "us/mn/minneapolis" in scan(records, "--place", "Minneapolis", data=tmp_path / "data").stderr


def test_a_wrong_file_of_a_towns_own_names_is_refused_with_its_line(records: Path, tmp_path: Path) -> None:
    own = tmp_path / "own" / "vendors"
    own.mkdir(parents=True)
    (own / "acme.yaml").write_text(
        "id: acme\nname: Acme\nsource: us\nsure: seen\ntechnologies: [teleport]\nhits: [a]\nmisses: [b]\n"
    )
    done = scan(records, "--catalogue", own.parent, data=tmp_path / "data")
    assert done.returncode == 2
    assert "own/vendors/acme.yaml:5" in done.stderr
    assert "teleport" in done.stderr


def test_nothing_found_is_said_with_what_was_read(records: Path, tmp_path: Path) -> None:
    done = scan(records / "quiet.txt", data=tmp_path / "data")
    assert (done.returncode, done.stdout) == (0, "")
    assert "Nothing was found in the 1 pages that could be read." in done.stderr


def test_a_quote_can_be_checked_against_the_text_as_it_was_read(records: Path, tmp_path: Path) -> None:
    mention = json.loads(scan(records, data=tmp_path / "data").stdout.splitlines()[0])
    command = [
        sys.executable,
        "-m",
        "postme",
        "text",
        mention["sha256"][:10],
        "--page",
        "1",
        "--data",
        str(tmp_path / "data"),
    ]
    page = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    assert page[mention["start"] : mention["end"]] == mention["quote"]


def test_a_search_is_kept_with_what_could_not_be_read(records: Path, tmp_path: Path) -> None:
    (records / "table.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    scan(records, "--place", "us/mn/minneapolis", data=tmp_path / "data")
    command = [sys.executable, "-m", "postme", "searches", "1", "--data", str(tmp_path / "data")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "us/mn/minneapolis" in said
    assert "4 files (1 not read)" in said
    assert "table.xlsx" in said


def test_the_example_town_shows_what_it_was_written_to_show(tmp_path: Path) -> None:
    done = scan(
        MILL_FALLS / "records", "--catalogue", MILL_FALLS / "catalogue", "--format", "jsonl", data=tmp_path / "data"
    )
    mentions = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    hidden = [
        m for m in mentions if m["path"].endswith("2025-10-14-council-minutes.pdf") and m["page"] == 7 and m["vendor"]
    ]
    assert any("alpr" in m["technologies"] for m in hidden)
    for said in ("encrypted", "The file is empty", "Excel workbook"):
        assert said in done.stderr


def on_the_shelf(data: Path) -> int:
    """How many records a scan has kept so far."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{data / 'shelf.sqlite3'}?mode=ro", uri=True)) as shelf:
            return int(shelf.execute("SELECT count(*) FROM readings").fetchone()[0])
    except sqlite3.OperationalError:  # not there yet
        return 0


def test_a_killed_scan_goes_on_where_it_stopped_and_loses_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for i in range(900):
        (folder / f"{i:04}.txt").write_text(
            f"Record {i}. The police bought license plate readers.\n" + f"dull {i} " * 4000
        )
    data = tmp_path / "data"
    command = [
        sys.executable,
        "-m",
        "postme",
        "scan",
        str(folder),
        "--data",
        str(data),
        "--format",
        "jsonl",
        "--jobs",
        "2",
    ]
    kept: list[int] = []
    for _ in range(3):
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        ) as running:
            # Killed by what it has done, not by the clock: as soon as it has kept more than the one before it.
            while running.poll() is None and on_the_shelf(data) <= (kept[-1] if kept else 0):
                time.sleep(0.002)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
        kept.append(on_the_shelf(data))
    assert 0 < kept[0] < 900, "nothing was killed half way: this proved nothing"
    last = scan(folder, "--format", "jsonl", data=data)
    assert last.returncode == 0
    assert len(last.stdout.splitlines()) == 900
    assert len({json.loads(line)["path"] for line in last.stdout.splitlines()}) == 900
    whole = scan(folder, "--format", "jsonl", data=tmp_path / "other")
    assert whole.stdout == last.stdout


def test_a_place_brings_what_its_law_says_into_the_summary_and_the_report(tmp_path: Path) -> None:
    records = tmp_path / "town"
    records.mkdir()
    (records / "minutes.txt").write_text(
        "The police department will use facial recognition software and bought drones."
    )
    ran = scan(records, "--place", "us/mn/minneapolis", "--report", tmp_path / "report", data=tmp_path / "data")
    assert "What the law of us/mn/minneapolis says" in ran.stderr
    assert "face recognition  police, to obtain it: prohibited, to use it: prohibited" in ran.stderr
    page = (tmp_path / "report" / "index.html").read_text()
    assert "us-mn-minneapolis-fr#no-obtaining-or-using" in page
    assert "This is no legal advice" in page


def test_without_a_place_no_law_is_spoken_of(tmp_path: Path) -> None:
    records = tmp_path / "town"
    records.mkdir()
    (records / "minutes.txt").write_text("The police department will use facial recognition software.")
    ran = scan(records, "--report", tmp_path / "report", data=tmp_path / "data")
    assert "What the law" not in ran.stderr
    assert 'class="law"' not in (tmp_path / "report" / "index.html").read_text()


def test_a_place_that_does_not_exist_is_refused_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("drones")
    ran = scan(tmp_path / "a.txt", "--place", "us/mn/minneapoliss", data=tmp_path / "data")
    assert ran.returncode == 2
    assert "Did you mean us/mn/minneapolis" in ran.stderr
