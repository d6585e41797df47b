"""The sweep: over real folders and real processes, what comes out is the same whoever dies, and nothing is done twice."""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import smalltown
from smalltown import technology, vendor

from postme import reading
from postme.errors import KeepingError, KnowledgeError, WrongUse
from postme.keeping import library
from postme.keeping.shelf import Shelf
from postme.office import sweep, workbench
from postme.office.sweep import Counts, Outcome, Sweep

EMAIL = """From: clerk@example.org
To: council@example.org
Subject: Drones
Date: Tue, 04 Mar 2025 12:00:00 +0000
Message-ID: <1@example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/plain

The sheriff bought drones.
--b
Content-Type: text/plain; name="annex.txt"
Content-Disposition: attachment; filename="annex.txt"

The annex speaks of an acoustic sensor.
--b--
"""


def zipped(members: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, inside in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0)), inside)
    return data.getvalue()


TOWN: dict[str, bytes] = {
    "2025/agenda.txt": b"Item 1. The Police Department bought license plate readers from Corvane for $40,000.",
    "2025/minutes.txt": b"The council approved drones.\fPage two: body-\nworn cameras.",
    "copy of minutes.txt": b"The council approved drones.\fPage two: body-\nworn cameras.",
    "empty.txt": b"",
    "ledger.xlsx": zipped({"xl/workbook.xml": b"<w/>", "[Content_Types].xml": b"<Types/>"}),
    "letter.eml": EMAIL.encode(),
    "nothing.txt": b"The park reopens in May.",
    "packet.zip": zipped({
        "a/memo.txt": b"A memo on CCTV.", "b/torn.zip": b"PK\x03\x04 torn", "c/letter.eml": EMAIL.encode(), "d/note.txt": b"A note on drones.",
    }),
    "void.zip": zipped({}),
}  # fmt: skip


@pytest.fixture(autouse=True)
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small town's catalogue in place of the package's."""
    folder = smalltown.written(tmp_path / "knowledge")
    (folder / "acts.yaml").write_text(json.dumps(smalltown.CUES))
    monkeypatch.setattr(library, "KNOWLEDGE", folder)
    monkeypatch.setattr(library, "_ACTS", folder / "acts.yaml")
    return folder


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return laid_out(tmp_path / "records", TOWN)


def laid_out(folder: Path, files: dict[str, bytes]) -> Path:
    """Files in a folder, an hour old, so that their stamps are trusted."""
    for name, data in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        aged(place)
    return folder


def aged(path: Path, seconds: int = 3600) -> None:
    moment = time.time_ns() - seconds * 10**9
    os.utime(path, ns=(moment, moment))


def swept(tmp_path: Path, *paths: Path, counts: Counts | None = None, data: str = "data", **more: Any) -> list[Outcome]:
    own = Sweep(paths, tmp_path / data, **{"jobs": 1, "ocr": False, **more})
    return list(own.run(counts or Counts()))


def told(outcomes: list[Outcome]) -> list[tuple[Any, ...]]:
    """Outcomes but for whether they were known: as plain values, for comparing."""
    return [json.loads(json.dumps([o.path, o.sha256, o.facts, o.mentions, o.error])) for o in outcomes]


def found(outcomes: list[Outcome], town: Path) -> list[tuple[str, list[str]]]:
    """(path within the town, the words of its mentions)."""
    return [(os.path.relpath(o.path, town), [m["quote"] for m in o.mentions]) for o in outcomes]


@pytest.fixture
def tap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """The names of what was read since it was last asked, in whatever process."""
    log = tmp_path / "reads.log"
    real = reading.read

    def read(data: bytes, name: str, **how: Any) -> Any:
        with log.open("a") as file:
            file.write(name + "\n")
        return real(data, name, **how)

    def since() -> list[str]:
        names = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return sorted(os.path.relpath(name, tmp_path / "records") for name in names)

    monkeypatch.setattr(reading, "read", read)
    return since


def index(tmp_path: Path, query: str) -> list[tuple[Any, ...]]:
    import sqlite3

    with sqlite3.connect(tmp_path / "data" / "shelf.sqlite3") as shelf:
        return shelf.execute(query).fetchall()


# --- one sweep -------------------------------------------------------------------------------------------------------


def test_every_record_comes_out_in_the_order_of_the_paths_with_what_was_found(town: Path, tmp_path: Path) -> None:
    assert found(swept(tmp_path, town), town) == [
        ("2025/agenda.txt", ["license plate readers", "Corvane"]),
        ("2025/minutes.txt", ["drones", "body-\nworn cameras"]),
        ("copy of minutes.txt", ["drones", "body-\nworn cameras"]),
        ("empty.txt", []),
        ("ledger.xlsx", []),
        ("letter.eml", ["Drones", "drones"]),
        ("letter.eml!/annex.txt", ["acoustic sensor"]),
        ("nothing.txt", []),
        ("packet.zip!/a/memo.txt", ["CCTV"]),
        ("packet.zip!/b/torn.zip", []),
        ("packet.zip!/c/letter.eml", ["Drones", "drones"]),
        ("packet.zip!/c/letter.eml!/annex.txt", ["acoustic sensor"]),
        ("packet.zip!/d/note.txt", ["drones"]),
        ("void.zip", []),
    ]


def test_what_could_not_be_read_is_said_with_its_place_and_stops_nothing(town: Path, tmp_path: Path) -> None:
    troubles = {os.path.relpath(o.path, town): o for o in swept(tmp_path, town) if o.error}
    assert {name: (o.error or ("",))[0] for name, o in troubles.items()} == {
        "empty.txt": "Damaged", "ledger.xlsx": "Refused", "packet.zip!/b/torn.zip": "Damaged", "void.zip": "Damaged",
    }  # fmt: skip
    assert troubles["empty.txt"].failure.startswith(f"{town}/empty.txt: The file is empty.")


def test_the_counts_are_those_of_the_outcomes(town: Path, tmp_path: Path) -> None:
    (town / "Thumbs.db").write_bytes(b"x")
    counts = Counts()
    outcomes = swept(tmp_path, town, counts=counts)
    assert (counts.total_files, counts.files) == (9, 9)
    assert counts.total_bytes == counts.bytes == sum(len(data) for data in TOWN.values())
    assert counts.pages == sum(o.facts.get("pages", 0) for o in outcomes) == 12
    assert counts.mentions == sum(len(o.mentions) for o in outcomes) == 14
    assert (counts.refused, counts.litter, counts.again) == (4, 1, 0)


def test_every_raw_record_lies_on_the_shelf_by_its_hash(town: Path, tmp_path: Path) -> None:
    outcomes = swept(tmp_path, town)
    shelf = Shelf(tmp_path / "data")
    for outcome in outcomes:
        if outcome.sha256 and "!" not in outcome.path:
            assert shelf.bytes_of(outcome.sha256) == Path(outcome.path).read_bytes()
    memo = next(o for o in outcomes if o.path.endswith("memo.txt"))
    assert shelf.bytes_of(str(memo.sha256)) == b"A memo on CCTV."
    shelf.close()


def test_paths_are_taken_in_the_order_given_and_a_file_named_twice_comes_once(town: Path, tmp_path: Path) -> None:
    outcomes = swept(tmp_path, town / "nothing.txt", town / "2025", town / "2025" / "agenda.txt")
    assert [Path(o.path).name for o in outcomes] == ["nothing.txt", "agenda.txt", "minutes.txt"]


def test_a_path_that_is_not_there_is_refused_before_anything_is_done(town: Path, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="There is no such file or folder"):
        swept(tmp_path, town, town / "not there")
    assert not (tmp_path / "data" / "records").exists()


def test_a_wrong_catalogue_stops_the_sweep_and_names_its_file(town: Path, tmp_path: Path) -> None:
    smalltown.written(tmp_path / "own", technology("kiosk", ["k"]))
    with pytest.raises(KnowledgeError, match=r"own/technologies/kiosk\.yaml:"):
        swept(tmp_path, town, extra=(tmp_path / "own",))


def test_a_data_folder_that_cannot_be_used_stops_the_sweep_in_words(town: Path, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(KeepingError, match="The data folder could not be used"):
        swept(tmp_path, town)


def test_two_hands_find_what_one_does(town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "_CHUNK_FILES", 2)
    one = swept(tmp_path, town, data="one", jobs=1)
    two = swept(tmp_path, town, data="two", jobs=2)
    assert told(one) == told(two)


def test_a_folder_larger_than_what_is_looked_up_at_once_comes_out_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "_WINDOW", 7)
    monkeypatch.setattr(sweep, "_CHUNK_FILES", 3)
    many = laid_out(tmp_path / "records", {f"{i:03}.txt": b"%d drones" % i for i in range(45)})
    outcomes = swept(tmp_path, many, jobs=2)
    assert [Path(o.path).name for o in outcomes] == [f"{i:03}.txt" for i in range(45)]
    assert all(len(o.mentions) == 1 for o in outcomes)
    assert told(swept(tmp_path, many)) == told(outcomes)


# --- again -----------------------------------------------------------------------------------------------------------


def test_a_second_sweep_says_the_same_and_reads_nothing(
    town: Path, tmp_path: Path, tap: Callable[[], list[str]]
) -> None:
    first = swept(tmp_path, town)
    assert len(tap()) >= 11
    counts = Counts()
    second = swept(tmp_path, town, counts=counts)
    assert told(second) == told(first)
    assert tap() == []
    assert all(o.again for o in second if o.sha256)
    assert not any(o.again for o in first)
    assert counts.again == counts.files - 1, "an archive with nothing in it is not known: there is nothing to know"


def test_a_sweep_told_to_look_again_hashes_every_file_and_reads_none(
    town: Path, tmp_path: Path, tap: Callable[[], list[str]]
) -> None:
    first = swept(tmp_path, town)
    tap()
    assert told(swept(tmp_path, town, again=True)) == told(first)
    assert tap() == []


def test_looking_again_sees_a_change_that_no_stamp_shows(tmp_path: Path) -> None:
    town = laid_out(tmp_path / "records", {"a.txt": b"one drone"})
    swept(tmp_path, town)
    facts = (town / "a.txt").stat()
    with (town / "a.txt").open("r+b") as file:
        file.write(b"one CCTV.")
    os.utime(town / "a.txt", ns=(facts.st_mtime_ns, facts.st_mtime_ns))
    assert found(swept(tmp_path, town), town) == [("a.txt", ["drone"])], "the stamp is as it was"
    assert found(swept(tmp_path, town, again=True), town) == [("a.txt", ["CCTV"])]


def test_only_a_file_that_changed_is_read_anew(town: Path, tmp_path: Path, tap: Callable[[], list[str]]) -> None:
    swept(tmp_path, town)
    tap()
    (town / "nothing.txt").write_bytes(b"The park has CCTV now.")
    after = dict(found(swept(tmp_path, town), town))
    assert after["nothing.txt"] == ["CCTV"]
    assert tap() == ["nothing.txt"]


def test_a_file_changed_just_after_it_was_swept_is_seen_although_its_stamp_is_the_same(tmp_path: Path) -> None:
    # A clock that counts whole seconds gives both versions one stamp: it must not have been trusted.
    town = tmp_path / "records"
    town.mkdir()
    (town / "a.txt").write_bytes(b"one drone")
    facts = (town / "a.txt").stat()
    swept(tmp_path, town)
    with (town / "a.txt").open("r+b") as file:
        file.write(b"one CCTV.")
    os.utime(town / "a.txt", ns=(facts.st_mtime_ns, facts.st_mtime_ns))
    assert found(swept(tmp_path, town), town) == [("a.txt", ["CCTV"])]


def test_new_and_missing_files_are_noticed(town: Path, tmp_path: Path, tap: Callable[[], list[str]]) -> None:
    swept(tmp_path, town)
    tap()
    (town / "nothing.txt").unlink()
    laid_out(town, {"new.txt": b"new drones"})
    names = [name for name, _ in found(swept(tmp_path, town), town)]
    assert "nothing.txt" not in names
    assert "new.txt" in names
    assert tap() == ["new.txt"]


def test_a_file_moved_elsewhere_is_not_read_again(town: Path, tmp_path: Path, tap: Callable[[], list[str]]) -> None:
    swept(tmp_path, town)
    tap()
    (town / "2025").rename(town / "2024")
    outcomes = dict(found(swept(tmp_path, town), town))
    assert outcomes["2024/agenda.txt"] == ["license plate readers", "Corvane"]
    assert tap() == []


def test_the_same_bytes_under_two_names_are_two_records_with_the_same_mentions(town: Path, tmp_path: Path) -> None:
    outcomes = {os.path.relpath(o.path, town): o for o in swept(tmp_path, town)}
    one, two = outcomes["2025/minutes.txt"], outcomes["copy of minutes.txt"]
    assert one.sha256 == two.sha256
    assert [m["id"] for m in one.mentions] == [m["id"] for m in two.mentions] != []
    assert {m["path"] for m in two.mentions} == {str(town / "copy of minutes.txt")}


def test_the_same_bytes_under_two_names_keep_each_the_date_of_its_own_name(tmp_path: Path) -> None:
    town = laid_out(tmp_path / "records", {"2024-01-05 minutes.txt": b"drones", "copy.txt": b"drones"})
    first = swept(tmp_path, town)
    assert [o.facts["date"] for o in first] == ["2024-01-05", None]
    assert told(swept(tmp_path, town)) == told(first)


def test_the_same_bytes_under_names_of_two_kinds_are_read_as_each_kind(tmp_path: Path) -> None:
    words = b"<p>The city bought d<b>ro</b>nes.</p><p>So it was.</p>"
    town = laid_out(tmp_path / "records", {"a.html": words, "b.txt": words, "c.html": words})
    first = swept(tmp_path, town)
    assert [len(o.mentions) for o in first] == [1, 0, 1]
    assert told(swept(tmp_path, town)) == told(first)


def test_a_reader_that_breaks_down_costs_one_record_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = reading.read

    def read(data: bytes, name: str, **how: Any) -> Any:
        if name.endswith("odd.txt"):
            raise Exception("no library's own kind")
        return real(data, name, **how)

    monkeypatch.setattr(reading, "read", read)
    town = laid_out(tmp_path / "records", {"a.txt": b"drones", "odd.txt": b"drones too", "z.txt": b"more drones"})
    outcomes = swept(tmp_path, town)
    assert [len(o.mentions) for o in outcomes] == [1, 0, 1]
    assert "broke down on this file (Exception)" in outcomes[1].failure


def test_an_archive_without_files_is_said_to_hold_none(tmp_path: Path) -> None:
    town = laid_out(tmp_path / "records", {"packet.zip": zipped({})})
    assert [o.failure.partition(": ")[2][:27] for o in swept(tmp_path, town)] == ["The archive holds no file. "]


def test_the_data_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    swept(tmp_path, laid_out(tmp_path / "records", {"a.txt": b"drones"}))
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0


def test_a_message_in_an_archive_does_not_make_the_same_message_beside_it_lose_its_annex(tmp_path: Path) -> None:
    # The archive lists what lies in the message itself; the message as a file must still know what lies in it.
    town = laid_out(tmp_path / "records", {"a.eml": EMAIL.encode(), "b.zip": zipped({"a.eml": EMAIL.encode()})})
    first = swept(tmp_path, town)
    assert [name for name, _ in found(first, town)] == [
        "a.eml", "a.eml!/annex.txt", "b.zip!/a.eml", "b.zip!/a.eml!/annex.txt",
    ]  # fmt: skip
    assert told(swept(tmp_path, town)) == told(first)
    only = laid_out(tmp_path / "only", {"b.zip": zipped({"a.eml": EMAIL.encode()})})
    swept(tmp_path, only, data="other")
    assert len(swept(tmp_path, town, data="other")) == 4


# --- another catalogue -----------------------------------------------------------------------------------------------


def test_another_catalogue_scans_anew_and_reads_nothing(
    town: Path, tmp_path: Path, tap: Callable[[], list[str]]
) -> None:
    before = swept(tmp_path, town)
    kept = index(tmp_path, "SELECT rowid, sha256, reader, pages FROM readings ORDER BY rowid")
    assert sum(pages is not None for *_, pages in kept) == 7
    tap()
    own = smalltown.written(tmp_path / "own", vendor("parks", ["fixed_camera"], ["park"]))
    after = swept(tmp_path, town, extra=(own,))
    assert tap() == []
    assert index(tmp_path, "SELECT rowid, sha256, reader, pages FROM readings ORDER BY rowid") == kept
    assert dict(found(after, town))["nothing.txt"] == ["park"]
    assert dict(found(before, town))["nothing.txt"] == []
    assert told([o for o in after if not o.path.endswith("nothing.txt")]) == told(
        [o for o in before if not o.path.endswith("nothing.txt")]
    )


def test_going_back_to_the_first_catalogue_finds_what_it_found_without_scanning(town: Path, tmp_path: Path) -> None:
    before = swept(tmp_path, town)
    own = smalltown.written(tmp_path / "own", vendor("parks", ["fixed_camera"], ["park"]))
    swept(tmp_path, town, extra=(own,))
    assert told(swept(tmp_path, town)) == told(before)
    assert len(index(tmp_path, "SELECT DISTINCT scanner FROM findings")) == 2


# --- names and links -------------------------------------------------------------------------------------------------


def test_a_link_to_a_file_outside_the_folder_is_refused_and_said(tmp_path: Path) -> None:
    town = laid_out(tmp_path / "records", {"a.txt": b"drones"})
    (tmp_path / "private.txt").write_text("drones")
    (town / "b.txt").symlink_to(tmp_path / "private.txt")
    outcomes = {os.path.relpath(o.path, town): o for o in swept(tmp_path, town)}
    error = outcomes["b.txt"].error
    assert error and error[:2] == ("Refused", "This is a link to a file outside the folder, which is not followed.")
    assert outcomes["a.txt"].error is None


def test_links_are_followed_to_files_refused_to_folders_and_said_when_they_dangle(tmp_path: Path) -> None:
    town = laid_out(tmp_path / "records", {"real/a.txt": b"drones"})
    (town / "file link.txt").symlink_to(town / "real" / "a.txt")
    (town / "folder link").symlink_to(town / "real")
    (town / "circle").symlink_to(town)
    (town / "dangling.txt").symlink_to(town / "nowhere.txt")
    outcomes = {os.path.relpath(o.path, town): o for o in swept(tmp_path, town)}
    assert list(outcomes) == ["circle", "dangling.txt", "file link.txt", "folder link", "real/a.txt"]
    assert [m["quote"] for m in outcomes["file link.txt"].mentions] == ["drones"]
    for name in ("circle", "folder link"):
        error = outcomes[name].error
        assert error is not None
        assert error[:2] == ("Refused", "This is a link to a folder, which is not followed.")
    dangling = outcomes["dangling.txt"].error
    assert dangling is not None
    assert dangling[:2] == ("Damaged", "This is a link that leads nowhere.")


def test_a_link_to_a_folder_that_is_named_in_the_command_is_followed(tmp_path: Path) -> None:
    town = laid_out(tmp_path / "records", {"a.txt": b"drones"})
    (tmp_path / "link").symlink_to(town)
    assert [o.path for o in swept(tmp_path, tmp_path / "link")] == [str(tmp_path / "link" / "a.txt")]


def test_a_pipe_is_left_alone_and_said(tmp_path: Path) -> None:
    town = laid_out(tmp_path / "records", {"a.txt": b"drones"})
    os.mkfifo(town / "pipe.txt")
    _, pipe = swept(tmp_path, town)
    assert pipe.error is not None
    assert pipe.error[1] == "This is no ordinary file (a device, a pipe or a socket)."


def test_a_file_whose_name_is_no_utf_8_is_a_record_like_any_other(tmp_path: Path) -> None:
    town = laid_out(tmp_path / "records", {os.fsdecode(b"caf\xe9.txt"): b"drones", "\u00a0\n.txt": b"CCTV"})
    first = swept(tmp_path, town)
    assert sorted(m["quote"] for o in first for m in o.mentions) == ["CCTV", "drones"]
    assert told(swept(tmp_path, town)) == told(first)


def test_what_may_not_be_opened_is_locked_and_stops_nothing() -> None:
    with smalltown.open_folder() as folder:
        town = laid_out(
            folder / "records", {"a.txt": b"drones", "closed.txt": b"CCTV", "closed/b.txt": b"CCTV", "d.txt": b"drone"}
        )
        knowledge = smalltown.written(folder / "knowledge")
        (knowledge / "acts.yaml").write_text(json.dumps(smalltown.CUES))
        swept(folder / "before", town)  # whoever has no rights may not read the interpreter's own files late
        (folder / "own").mkdir(mode=0o777)
        (folder / "own").chmod(0o777)
        (town / "closed.txt").chmod(0)
        (town / "closed").chmod(0)

        def attempt() -> str:
            library.KNOWLEDGE, library._ACTS = knowledge, knowledge / "acts.yaml"
            return json.dumps([[o.path, o.error] for o in swept(folder / "own", town)])

        outcomes = json.loads(smalltown.without_rights(attempt))
        (town / "closed").chmod(0o755)
    assert [(os.path.relpath(path, town), error and error[0]) for path, error in outcomes] == [
        ("a.txt", None), ("closed", "Locked"), ("closed.txt", "Locked"), ("d.txt", None),
    ]  # fmt: skip
    assert "Give yourself permission" in outcomes[1][1][3]


def test_a_file_that_vanishes_between_being_seen_and_being_read_is_said(town: Path, tmp_path: Path) -> None:
    def vanish() -> None:
        (town / "nothing.txt").unlink(missing_ok=True)

    own = Sweep((town,), tmp_path / "data", jobs=1, ocr=False)
    outcomes = own.run(Counts(), vanish)
    # The first tick comes before anything was handed out, so the file is there when it is listed.
    counts = {os.path.relpath(o.path, town): o for o in outcomes}
    gone = counts["nothing.txt"]
    assert gone.error is None or gone.error[1].startswith("The file could not be opened")
    assert counts["packet.zip!/d/note.txt"].error is None


# --- who dies on the way ---------------------------------------------------------------------------------------------

MANY = {f"{i:03}.txt": b"%d drones and CCTV" % i for i in range(30)}


def deadly(monkeypatch: pytest.MonkeyPatch, when: Callable[[], bool]) -> None:
    """Have the process that reads 'deadly.txt' be killed, as a broken library would, while ``when`` says so."""
    real = reading.read

    def read(data: bytes, name: str, **how: Any) -> Any:
        if name.endswith("deadly.txt") and when():
            os.kill(os.getpid(), signal.SIGKILL)
        return real(data, name, **how)

    monkeypatch.setattr(reading, "read", read)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_file_that_kills_its_reader_is_said_and_every_other_is_read(
    jobs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "_CHUNK_FILES", 4)
    town = laid_out(tmp_path / "records", {**MANY, "015deadly.txt": b"drones"})
    undisturbed = told(swept(tmp_path, town, data="undisturbed"))
    deadly(monkeypatch, lambda: True)
    outcomes = swept(tmp_path, town, jobs=jobs)
    [dead] = [o for o in outcomes if o.error]
    assert dead.path.endswith("015deadly.txt")
    assert dead.error is not None
    assert dead.error[:2] == ("Damaged", "The reader broke down on this file, twice.")
    assert [t for t in told(outcomes) if not t[0].endswith("deadly.txt")] == [
        t for t in undisturbed if not t[0].endswith("deadly.txt")
    ]


def test_a_file_that_killed_its_reader_once_is_read_at_the_second_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = laid_out(tmp_path / "records", {**MANY, "015deadly.txt": b"drones"})
    undisturbed = told(swept(tmp_path, town, data="undisturbed"))
    once = tmp_path / "killed once"

    def first_time() -> bool:
        if once.exists():
            return False
        once.touch()
        return True

    deadly(monkeypatch, first_time)
    assert told(swept(tmp_path, town)) == undisturbed
    assert once.exists()


def test_a_hand_killed_while_it_works_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "_CHUNK_FILES", 2)
    real = reading.read

    def slowly(data: bytes, name: str, **how: Any) -> Any:
        time.sleep(0.02)
        return real(data, name, **how)

    monkeypatch.setattr(reading, "read", slowly)
    town = laid_out(tmp_path / "records", MANY)
    outcomes = []
    killed = 0
    for outcome in Sweep((town,), tmp_path / "data", jobs=2, ocr=False).run(Counts()):
        outcomes.append(outcome)
        if len(outcomes) in (3, 12):
            os.kill(multiprocessing.active_children()[0].pid or 0, signal.SIGKILL)
            killed += 1
    assert killed == 2
    monkeypatch.setattr(reading, "read", real)
    assert told(outcomes) == told(swept(tmp_path, town, data="undisturbed"))


def test_hands_killed_while_they_have_nothing_to_do_are_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever takes the outcomes may be slow; meanwhile all that was handed out is done, and the pool breaks idle.
    monkeypatch.setattr(sweep, "_CHUNK_FILES", 2)
    town = laid_out(tmp_path / "records", MANY)
    outcomes = []
    for outcome in Sweep((town,), tmp_path / "data", jobs=1, ocr=False).run(Counts()):
        outcomes.append(outcome)
        if len(outcomes) == 1:
            time.sleep(1)
            for child in multiprocessing.active_children():
                os.kill(child.pid or 0, signal.SIGKILL)
                child.join()
            time.sleep(0.5)
    assert len(outcomes) == 30
    assert told(outcomes) == told(swept(tmp_path, town, data="undisturbed"))


def test_a_sweep_broken_off_by_whoever_takes_its_outcomes_leaves_nobody_behind(tmp_path: Path) -> None:
    town = laid_out(tmp_path / "records", MANY)
    outcomes = Sweep((town,), tmp_path / "data", jobs=2, ocr=False).run(Counts())
    next(outcomes)
    outcomes.close()  # type: ignore[attr-defined]
    assert gone(pid for pid in (child.pid for child in multiprocessing.active_children()) if pid)


def gone(pids: Iterator[int] | list[int], seconds: float = 10) -> bool:
    """Whether all of those processes end soon."""
    waiting = list(pids)
    until = time.time() + seconds
    while waiting and time.time() < until:
        multiprocessing.active_children()  # reaps those of ours that have ended
        waiting = [pid for pid in waiting if alive(pid)]
        time.sleep(0.05)
    return not waiting


def alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"


# --- whole scans, as processes of their own --------------------------------------------------------------------------

DRIVER = """
import faulthandler, json, multiprocessing, os, sys, time
faulthandler.dump_traceback_later(60, exit=True)  # a scan that hangs says where
from pathlib import Path
from postme import reading
from postme.keeping import library
from postme.office import sweep
town, data, knowledge, log, jobs, cluster = sys.argv[1:7]
library.KNOWLEDGE, library._ACTS = Path(knowledge), Path(knowledge) / "acts.yaml"
sweep._CHUNK_FILES = 3
real = reading.read
def read(data, name, **how):
    with open(log, "a") as file:
        file.write(name + "\\n")
    time.sleep(0.005)
    return real(data, name, **how)
reading.read = read
told = False
own = sweep.Sweep((Path(town),), Path(data), jobs=int(jobs), ocr=False, cluster=cluster or None)
for o in own.run(sweep.Counts()):
    print(json.dumps([o.path, o.sha256, o.facts, o.mentions, o.error]), flush=True)
    if not told:
        told = True
        print(*[child.pid for child in multiprocessing.active_children()], file=sys.stderr, flush=True)
"""


def driver(
    tmp_path: Path, town: Path, data: str, jobs: int = 2, log: str = "log", cluster: str = ""
) -> subprocess.Popen[str]:
    arguments = [town, tmp_path / data, tmp_path / "knowledge", tmp_path / log, str(jobs), cluster]
    # Dask waits half a minute for an answer from a worker that is dead; a test need not.
    quick = {**os.environ, "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "3s"}
    command = [sys.executable, "-c", DRIVER, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=quick)


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines() if line.startswith('["')]


def on_the_shelf(folder: Path) -> set[str]:
    if not (folder / "shelf.sqlite3").exists():
        return set()
    import sqlite3

    with sqlite3.connect(folder / "shelf.sqlite3") as shelf:
        tables = {name for (name,) in shelf.execute("SELECT name FROM sqlite_master")}
        return {sha for (sha,) in shelf.execute("SELECT sha256 FROM findings")} if "findings" in tables else set()


def killed_and_resumed(tmp_path: Path, moments: list[float], jobs: int) -> None:
    """Kill whole scans at those moments, one after the other, then let one end: it must say what an undisturbed one does."""
    town = laid_out(tmp_path / "records", {**TOWN, **MANY, **{f"more/{i:03}.txt": b"%d drones" % i for i in range(60)}})
    undisturbed = told(swept(tmp_path, town, data="undisturbed"))
    hashes = {row[0]: row[1] for row in undisturbed}
    stages = []
    for number, moment in enumerate(moments):
        own = driver(tmp_path, town, "data", jobs, log=f"log{number}")
        time.sleep(moment)
        before = own.poll()
        own.kill()
        _, said = own.communicate()
        hands = [int(pid) for pid in said.split() if pid.isdigit()]
        assert gone(hands), "hands of a killed scan were still at work"
        stages.append((on_the_shelf(tmp_path / "data"), before))
    last = driver(tmp_path, town, "data", jobs, log="last")
    out, trouble = last.communicate()
    assert last.returncode == 0, trouble
    assert lines(out) == undisturbed
    # What was on the shelf when one of them died was read by none after it.
    logs = [*(f"log{number}" for number in range(1, len(moments))), "last"]
    for (kept, _), log in zip(stages, logs, strict=True):
        names = (tmp_path / log).read_text().splitlines() if (tmp_path / log).exists() else []
        assert not [name for name in names if hashes.get(name) in kept]
    assert sorted(told(swept(tmp_path, town))) == sorted(undisturbed)
    assert any(before is None for _, before in stages), "none of them was killed before its end"


def test_a_scan_killed_at_any_moment_and_resumed_says_what_an_undisturbed_one_does(tmp_path: Path) -> None:
    killed_and_resumed(tmp_path, [0.45, 0.7, 0.9], jobs=2)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(12))
def test_a_scan_killed_at_many_random_moments_and_resumed_says_what_an_undisturbed_one_does(
    seed: int, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    killed_and_resumed(tmp_path, [chance.uniform(0.2, 1.4) for _ in range(6)], jobs=1 + seed % 3)


def test_two_scans_at_once_on_one_shelf_both_say_what_one_alone_does(tmp_path: Path) -> None:
    town = laid_out(tmp_path / "records", {**TOWN, **MANY})
    undisturbed = told(swept(tmp_path, town, data="undisturbed"))
    both = [driver(tmp_path, town, "data", log=f"log{i}") for i in range(2)]
    for own in both:
        out, trouble = own.communicate()
        assert own.returncode == 0, trouble
        assert lines(out) == undisturbed
    assert told(swept(tmp_path, town)) == undisturbed


def test_a_full_disk_stops_the_sweep_in_words_and_space_lets_it_go_on(tmp_path: Path) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(place)], capture_output=True, check=False
    ).returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        town = laid_out(tmp_path / "records", {f"{i:02}.txt": os.urandom(40_000).hex().encode() for i in range(20)})
        with pytest.raises(KeepingError, match="The disk is full"):
            swept(tmp_path, town, data="disk")
        subprocess.run(["mount", "-o", "remount,size=40m", str(place)], check=True)
        again = swept(tmp_path, town, data="disk")
        assert told(again) == told(swept(tmp_path, town, data="undisturbed"))
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


# --- a cluster -------------------------------------------------------------------------------------------------------


# Both the cluster and those who use it are processes of their own: a process that runs a cluster's threads must not fork.
CLUSTER = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    own = LocalCluster(n_workers=2, threads_per_worker=1, processes=True, protocol="tcp", dashboard_address=None, silence_logs=50)
    print(own.scheduler_address, *[worker.process.pid for worker in own.workers.values()], flush=True)
    sys.stdin.read()
    own.close()
"""


@dataclass(frozen=True)
class Cluster:
    """Two worker processes and a scheduler, over TCP on this machine."""

    address: str
    pids: tuple[int, ...]


# Loaded by every worker when it starts: some file breaks the library that reads it, as files do.
BREAKS = """
import os, signal
from postme import reading
real = reading.read
def read(data, name, **how):
    if name.endswith("deadly.txt"):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(data, name, **how)
reading.read = read
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    pytest.importorskip("distributed", reason="the cluster engine is not installed (postme[cluster])")
    folder = tmp_path_factory.mktemp("cluster")
    (folder / "cluster.py").write_text(CLUSTER)
    (folder / "breaks").mkdir()
    (folder / "breaks" / "sitecustomize.py").write_text(BREAKS)
    path = os.pathsep.join((str(folder / "breaks"), str(Path(__file__).parents[2])))
    own = subprocess.Popen(
        [sys.executable, folder / "cluster.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": path, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"},
    )  # fmt: skip
    assert own.stdout is not None
    address, *pids = own.stdout.readline().split()
    yield Cluster(address, tuple(map(int, pids)))
    own.communicate("")


def test_a_cluster_says_what_one_machine_does_and_it_is_not_done_again(
    cluster: Cluster, town: Path, tmp_path: Path, tap: Callable[[], list[str]]
) -> None:
    local = told(swept(tmp_path, town, data="local"))
    out, trouble = driver(tmp_path, town, "data", cluster=cluster.address).communicate()
    assert lines(out) == local, trouble
    shelf = Shelf(tmp_path / "data")
    for path, sha256, *_ in local:
        if sha256 and "!" not in path:
            assert shelf.bytes_of(sha256) == Path(path).read_bytes()
    shelf.close()
    tap()
    counts = Counts()
    again = swept(tmp_path, town, counts=counts)
    assert told(again) == local
    assert tap() == []
    assert counts.again == counts.files - 1


def test_a_worker_of_a_cluster_killed_in_the_middle_changes_nothing(cluster: Cluster, tmp_path: Path) -> None:
    town = laid_out(tmp_path / "records", {**TOWN, **{f"{i:03}.txt": b"%d drones " % i * 9 for i in range(90)}})
    undisturbed = told(swept(tmp_path, town, data="undisturbed"))
    own = driver(tmp_path, town, "data", cluster=cluster.address)
    assert own.stdout is not None
    first = [own.stdout.readline() for _ in range(5)]
    os.kill(cluster.pids[0], signal.SIGKILL)
    rest = own.stdout.read()  # communicate() would forget what readline() has read ahead
    _, trouble = own.communicate()
    assert own.returncode == 0, trouble
    assert lines("".join(first) + rest) == undisturbed


@pytest.mark.soak
def test_a_file_that_kills_every_worker_of_a_cluster_is_said_and_every_other_is_read(
    cluster: Cluster, tmp_path: Path
) -> None:
    town = laid_out(tmp_path / "records", {**{f"{i:03}.txt": b"drones" for i in range(8)}, "003deadly.txt": b"drones"})
    undisturbed = told(swept(tmp_path, town, data="undisturbed"))
    out, trouble = driver(tmp_path, town, "data", cluster=cluster.address).communicate()
    outcomes = lines(out)
    assert len(outcomes) == 9, trouble
    [dead] = [row for row in outcomes if row[4]]
    assert dead[0].endswith("003deadly.txt")
    assert dead[4][1] == "The reader broke down on this file, twice."
    assert [row for row in outcomes if row is not dead] == [row for row in undisturbed if row[0] != dead[0]]


def test_a_cluster_that_is_not_there_is_said_in_words(town: Path, tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="the cluster engine is not installed (postme[cluster])")
    with pytest.raises(WrongUse, match="No cluster answers there"):
        swept(tmp_path, town, cluster="not an address")


# --- the workbench ---------------------------------------------------------------------------------------------------


def test_a_mention_is_printed_with_every_fact_of_it_and_the_path_of_this_time(town: Path, tmp_path: Path) -> None:
    first, *_ = swept(tmp_path, town)
    mention = first.mentions[0]
    assert list(mention)[:2] == ["path", "sha256"]
    assert mention["path"] == str(town / "2025" / "agenda.txt")
    assert (mention["quote"], mention["vendor"], mention["amount"]) == ("license plate readers", "corvane", 40000.0)
    assert json.loads(json.dumps(mention)) == mention


def test_outcomes_of_every_kind_are_counted_by_kind(town: Path, tmp_path: Path) -> None:
    kinds = Counter(o.error[0] if o.error else "read" for o in swept(tmp_path, town))
    assert kinds == {"read": 10, "Damaged": 3, "Refused": 1}


def test_an_error_as_plain_values_says_nothing_of_where() -> None:
    error = WrongUse("What.", where="secret/somebodys file", why="Why.", do="Do.")
    assert workbench.said(error) == ("WrongUse", "What.", "Why.", "Do.")
