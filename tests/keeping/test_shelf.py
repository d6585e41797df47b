"""The shelf: whole entries or none, whoever writes, whatever the disk does, and nothing trusted that could be stale."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
import smalltown
from hypothesis import given
from hypothesis import strategies as st

from postme.errors import KeepingError
from postme.keeping import shelf
from postme.keeping.shelf import Shelf, Stamp, packed, pages_packed, pages_unpacked, put, unpacked
from postme.record import Page, PageState, Record

OLD = time.time_ns() - 3600 * 10**9
STAMP = Stamp(5, OLD, 11)
DATA = b"minutes of a meeting"
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Shelf]:
    own = Shelf(tmp_path / "data")
    yield own
    own.close()


def facts(number: int) -> dict[str, object]:
    return {"media_type": "text/plain", "title": None, "pages": number, "notes": ["café \ud800"]}


# --- round trips -----------------------------------------------------------------------------------------------------

pages = st.builds(
    Page, st.integers(1, 9), st.text(st.characters(codec=None), max_size=40), st.sampled_from(PageState), st.text(max_size=9),
    st.lists(st.tuples(st.integers(0, 99), st.floats(0, 1e6)), max_size=3).map(tuple),
)  # fmt: skip


@given(st.lists(pages, max_size=4).map(tuple))
def test_pages_come_back_as_they_were_whatever_their_text_holds(some: tuple[Page, ...]) -> None:
    assert pages_unpacked(pages_packed(Record(SHA, "text/plain", some))) == some


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner), max_leaves=9))
def test_any_json_value_comes_back_as_it_was(value: object) -> None:
    assert unpacked(packed(value)) == value


def test_bytes_come_back_by_their_hash(kept: Shelf) -> None:
    put(kept.folder, SHA, DATA)
    assert kept.bytes_of(SHA) == DATA
    assert kept.path_of(SHA).name == SHA


def test_bytes_that_are_not_there_are_an_error_in_words(kept: Shelf) -> None:
    with pytest.raises(KeepingError, match="The data folder could not be used"):
        kept.bytes_of("0" * 64)


def test_bytes_put_twice_are_written_once(kept: Shelf) -> None:
    put(kept.folder, SHA, DATA)
    before = kept.path_of(SHA).stat()
    put(kept.folder, SHA, DATA)
    after = kept.path_of(SHA).stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)


def test_what_was_read_and_found_comes_back_by_hash_and_version(kept: Shelf) -> None:
    kept.keep(readings=[("a1", "r1", facts(1), b"p1"), ("a1", "r2", facts(2), b"p2")], findings=[("a1", "s1", b"f1")])
    assert kept.facts(["a1", "zz"], "r1") == {"a1": facts(1)}
    assert kept.facts(["a1"], "r2") == {"a1": facts(2)}
    assert (kept.pages("a1", "r1"), kept.pages("a1", "r3"), kept.pages("zz", "r1")) == (b"p1", None, None)
    assert (kept.findings(["a1"], "s1"), kept.findings(["a1"], "s2")) == ({"a1": b"f1"}, {})


def test_more_hashes_than_one_query_holds_are_looked_up_together(kept: Shelf) -> None:
    hashes = [f"{i:064x}" for i in range(1234)]
    kept.keep(readings=[(sha, "r", facts(i), None) for i, sha in enumerate(hashes)])
    found = kept.facts(hashes, "r")
    assert [found[sha]["pages"] for sha in hashes] == list(range(1234))


def test_the_latest_pages_are_those_of_the_reader_that_read_last(kept: Shelf) -> None:
    assert kept.latest_pages("a1") is None
    for reader, text in (("r1", "old"), ("r2", "new")):
        kept.keep(readings=[("a1", reader, facts(1), pages_packed(Record("a1", "", (Page(1, text),))))])
    kept.keep(readings=[("a1", "r3", {"error": ["Locked"]}, None)])
    latest = kept.latest_pages("a1")
    assert latest is not None
    assert latest[0].text == "new"


def test_the_beginning_of_a_hash_finds_the_records_that_were_read(kept: Shelf) -> None:
    kept.keep(readings=[("ab12", "r", facts(1), b"p"), ("ab99", "r", facts(1), b"p"), ("abff", "r", facts(1), None)])
    assert sorted(kept.beginning_with("ab")) == ["ab12", "ab99"]
    assert kept.beginning_with("ab1") == ["ab12"]
    assert kept.beginning_with("b") == []


# --- the same reading again ------------------------------------------------------------------------------------------


def test_pages_stay_when_a_later_scan_brings_none(kept: Shelf) -> None:
    kept.keep(readings=[("a1", "r", facts(1), b"pages")])
    kept.keep(readings=[("a1", "r", {**facts(1), "members": [["!/b", "b2", None]]}, None)])
    assert kept.pages("a1", "r") == b"pages"
    assert "members" in kept.facts(["a1"], "r")["a1"]


def test_what_lies_inside_stays_when_a_later_scan_does_not_say(kept: Shelf) -> None:
    inside = {**facts(1), "members": [["!/b", "b2", None]]}
    kept.keep(readings=[("a1", "r", inside, b"pages")])
    kept.keep(readings=[("a1", "r", facts(1), b"pages")])
    assert kept.facts(["a1"], "r") == {"a1": inside}


# --- what was seen where ---------------------------------------------------------------------------------------------


def test_a_file_is_known_while_nothing_of_its_stamp_has_changed(kept: Shelf) -> None:
    kept.keep(seen=[("/a", STAMP, SHA)])
    assert kept.known({"/a": STAMP}) == {"/a": SHA}
    for other in (Stamp(6, OLD, 11), Stamp(5, OLD + 1, 11), Stamp(5, OLD, 12)):
        assert kept.known({"/a": other}) == {}
    assert kept.known({"/b": STAMP}) == {}


def test_a_file_changed_so_lately_that_it_could_change_unseen_is_not_trusted(kept: Shelf) -> None:
    now = time.time_ns()
    kept.keep(
        seen=[("/late", Stamp(5, now, 1), SHA), ("/future", Stamp(5, now + 10**12, 1), SHA), ("/old", STAMP, SHA)]
    )
    stamps = {"/late": Stamp(5, now, 1), "/future": Stamp(5, now + 10**12, 1), "/old": STAMP}
    assert kept.known(stamps) == {"/old": SHA}


def test_what_was_seen_is_forgotten_when_asked_and_what_was_read_is_not(kept: Shelf) -> None:
    kept.keep(seen=[("/a", STAMP, SHA)], readings=[(SHA, "r", facts(1), b"p")])
    kept.forget_seen()
    assert kept.known({"/a": STAMP}) == {}
    assert kept.facts([SHA], "r") != {}


@pytest.mark.parametrize("name", [b"caf\xe9.txt", b"a\nb.txt", "é😀.txt".encode(), b"\xff\xfe", b"plain.txt"])
def test_a_name_that_is_no_utf_8_is_a_name_like_any_other(name: bytes, kept: Shelf) -> None:
    path = os.fsdecode(name)
    kept.keep(seen=[(path, STAMP, SHA), ("/other", STAMP, "b2")])
    assert kept.known({path: STAMP, "/other": STAMP}) == {path: SHA, "/other": "b2"}


# --- whole or not at all ---------------------------------------------------------------------------------------------


def test_one_row_that_cannot_be_kept_keeps_all_of_its_batch_out(kept: Shelf) -> None:
    with pytest.raises(sqlite3.ProgrammingError):
        kept.keep(seen=[("/a", STAMP, SHA)], readings=[("a1", "r", facts(1), b"p")], findings=[("a1", "s", object())])  # type: ignore[list-item]
    assert kept.known({"/a": STAMP}) == {}
    assert kept.facts(["a1"], "r") == {}
    kept.keep(seen=[("/a", STAMP, SHA)])
    assert kept.known({"/a": STAMP}) == {"/a": SHA}


def test_what_was_kept_is_there_for_the_next_who_opens_the_shelf(tmp_path: Path) -> None:
    first = Shelf(tmp_path)
    first.keep(readings=[("a1", "r", facts(1), b"p")])
    other = Shelf(tmp_path)
    assert other.facts(["a1"], "r") == {"a1": facts(1)}
    first.close()
    other.close()


def test_no_draft_is_left_where_bytes_were_put(kept: Shelf) -> None:
    put(kept.folder, SHA, DATA)
    assert [path.name for path in kept.path_of(SHA).parent.iterdir()] == [SHA]


WRITER = """
import sys
from pathlib import Path
from postme.keeping.shelf import Shelf, Stamp, put
me, folder = sys.argv[1], Path(sys.argv[2])
own = Shelf(folder)
for i in range(60):
    own.keep(readings=[(f"{me}-{i}-{j}", "r", {"pages": j}, b"p" * 2000) for j in range(5)], findings=[(f"shared-{i}", "s", b"same")])
    put(folder, f"aa{i:062d}", b"x" * 5000)
"""


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    # The shelf does not exist yet: they also make it at once.
    command = [sys.executable, "-c", WRITER]
    writers = [subprocess.Popen([*command, name, tmp_path], stderr=subprocess.PIPE) for name in "abcd"]
    troubles = [writer.communicate()[1].decode() for writer in writers]
    assert troubles == [""] * 4
    own = Shelf(tmp_path)
    for name in "abcd":
        assert len(own.facts([f"{name}-{i}-{j}" for i in range(60) for j in range(5)], "r")) == 300
    assert len(own.findings([f"shared-{i}" for i in range(60)], "s")) == 60
    assert all(own.bytes_of(f"aa{i:062d}") == b"x" * 5000 for i in range(60))
    own.close()
    assert sqlite3.connect(tmp_path / "shelf.sqlite3").execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_new_shelf_can_be_made_by_many_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    for attempt in range(12):
        folder, start = tmp_path / str(attempt), context.Barrier(8)
        makers = [context.Process(target=made, args=(folder, start)) for _ in range(8)]
        for maker in makers:
            maker.start()
        for maker in makers:
            maker.join()
        assert [maker.exitcode for maker in makers] == [0] * 8


def made(folder: Path, start: Barrier) -> None:
    start.wait()
    Shelf(folder).keep(readings=[("a1", "r", facts(1), b"p")])


# --- what disks do ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage", [b"this is no database at all, though it is long enough to be one" * 20, b"\0" * 4096]
)
def test_a_damaged_index_is_an_error_in_words(damage: bytes, tmp_path: Path) -> None:
    Shelf(tmp_path).close()
    for path in tmp_path.glob("shelf.sqlite3*"):
        path.unlink()
    (tmp_path / "shelf.sqlite3").write_bytes(damage)
    with pytest.raises(KeepingError) as raised:
        own = Shelf(tmp_path)
        own.keep(readings=[("a1", "r", facts(1), b"p")])
    assert raised.value.where == str(tmp_path / "shelf.sqlite3")
    assert "damaged" in raised.value.what
    assert "the records themselves are untouched" in raised.value.why
    assert "Move that file away and scan again" in raised.value.do


def test_an_index_damaged_in_the_middle_is_an_error_in_words_and_can_be_made_anew(tmp_path: Path) -> None:
    own = Shelf(tmp_path)
    own.keep(readings=[(f"a{i}", "r", facts(i), os.urandom(5000)) for i in range(100)])
    own.close()
    index = tmp_path / "shelf.sqlite3"
    data = bytearray(index.read_bytes())
    data[8192 : len(data) // 2] = b"\xaa" * (len(data) // 2 - 8192)
    index.write_bytes(data)
    own = Shelf(tmp_path)
    with pytest.raises(KeepingError, match="damaged"):
        for i in range(100):
            own.pages(f"a{i}", "r")
            own.facts([f"a{i}"], "r")
    own.close()
    for path in tmp_path.glob("shelf.sqlite3*"):
        path.unlink()
    again = Shelf(tmp_path)
    again.keep(readings=[("a1", "r", facts(1), b"p")])
    assert again.pages("a1", "r") == b"p"
    again.close()


def test_a_data_folder_that_is_a_file_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(KeepingError, match=r"data: The data folder could not be used .*--data DIR"):
        Shelf(tmp_path / "data")


def test_a_folder_that_may_not_be_written_is_an_error_in_words() -> None:
    def attempt() -> str:
        try:
            Shelf(closed / "data")
        except KeepingError as error:
            return str(error)
        return "it could be written"

    with smalltown.open_folder() as folder:
        closed = folder / "closed"
        closed.mkdir(mode=0o555)
        said = smalltown.without_rights(attempt)
        closed.chmod(0o777)
        assert smalltown.without_rights(attempt) == "it could be written"
    assert said.startswith(f"{closed / 'data'}: The data folder cannot be written (Permission denied).")
    assert "POSTME_DATA" in said


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte, where this machine lets us mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(place)], capture_output=True, check=False
    )  # fmt: skip
    if not mounted or mounted.returncode:
        pytest.skip("no small disk can be mounted here; the limit on a file's size stands in for it")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(own: Shelf) -> int:
    """Keep batches until it fails: how many were kept."""
    for i in range(100):
        try:
            own.keep(readings=[(f"a{i}", "r", {"pages": i}, os.urandom(60_000))], findings=[(f"a{i}", "s", b"f")])
        except KeepingError as error:
            assert error.what == "The disk is full."
            assert "run the same command again: it goes on where it stopped" in error.do
            return i
    raise AssertionError("the disk never filled")


def test_a_full_disk_is_an_error_in_words_and_what_was_kept_before_is_whole(small_disk: Path) -> None:
    own = Shelf(small_disk)
    count = fill(own)
    assert 2 < count < 20
    own.close()
    own = Shelf(small_disk)
    hashes = [f"a{i}" for i in range(count + 1)]
    assert set(own.facts(hashes, "r")) == set(own.findings(hashes, "s")) == set(hashes[:count])
    with pytest.raises(KeepingError, match="The disk is full"):
        put(small_disk, SHA, b"x" * 2_000_000)
    assert not own.path_of(SHA).exists()
    assert not list(own.path_of(SHA).parent.glob(".draft-*")), "the draft is gone, and its space with it"
    own.close()


LIMITED = """
import os, resource, signal, sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from test_shelf import fill
from postme.keeping.shelf import Shelf, put
from postme.errors import KeepingError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
own = Shelf(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))
count = fill(own)
try:
    put(own.folder, "ab" * 32, b"x" * 2_000_000)
except KeepingError as error:
    print(count, error.what)
"""


def test_a_disk_that_takes_no_more_of_a_file_is_an_error_in_words_for_anybody(tmp_path: Path) -> None:
    # The limit on a file's size does to a process without rights what a full disk does.
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    command = [sys.executable, "-c", LIMITED, tmp_path / "data", Path(__file__).parent, Path(__file__).parents[1]]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    count, _, said = run.stdout.partition(" ")
    assert said == "The disk is full.\n", run.stderr
    own = Shelf(tmp_path / "data")
    assert set(own.facts([f"a{i}" for i in range(100)], "r")) == {f"a{i}" for i in range(int(count))}
    own.close()
    assert not own.path_of("ab" * 32).exists()


def test_every_trouble_of_a_disk_says_what_where_why_and_what_to_do(tmp_path: Path) -> None:
    import errno

    for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EROFS, errno.EIO, errno.ENOENT):
        with pytest.raises(KeepingError) as raised, shelf.kept_safe(tmp_path):
            raise OSError(number, os.strerror(number))
        error = raised.value
        assert error.where == str(tmp_path)
        assert all(part.endswith(".") for part in (error.what, error.why, error.do))
