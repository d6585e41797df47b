"""The log as files: whole or as before whatever happens, never backward, never rewritten."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postme import merkle
from postme.errors import KeepingError
from postme.keeping.notary import Notary, signed_by
from postme.keeping.tiles import Entry, Tiles
from postme.merkle import Tree

ORIGIN = "town.example/log"


def twin(number: int) -> bytes:
    return json.dumps({"number": number, "salt": f"{number:032x}"}, sort_keys=True, separators=(",", ":")).encode()


def leaves(start: int, end: int) -> list[bytes]:
    return [merkle.leaf_hash(twin(number)) for number in range(start, end)]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def notary(data: Path) -> Notary:
    return Notary(data, ORIGIN)


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# -- what is published ------------------------------------------------------------------------------------------------


def test_a_log_begins_empty_grows_and_is_read_back_by_another(data: Path, notary: Notary) -> None:
    tiles = Tiles(data)
    assert tiles.checkpoint() is None
    assert tiles.size() == 0
    assert tiles.sealed([], notary).size == 0
    assert tiles.sealed(leaves(0, 3), notary, after=0).size == 3
    new = tiles.sealed(leaves(3, 5), notary, after=3)
    note = Tiles(data).checkpoint()
    assert note is not None
    assert signed_by(note, notary.verifier) == new
    assert new.root == Tree(leaves(0, 5)).root() == Tiles(data).tree().root()
    assert (Tiles(data).size(), new.origin) == (5, ORIGIN)


@settings(max_examples=25)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=6))
def test_the_files_are_those_of_the_format_however_the_log_grew(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int]
) -> None:
    data = tmp_path_factory.mktemp("log")
    notary, tiles, size = Notary(data, ORIGIN), Tiles(data), 0
    for step in steps:
        tiles.sealed(leaves(size, size + step), notary, after=size)
        size += step
    found = files(data / "log")
    wanted = dict(merkle.tiles(Tree(leaves(0, size))))
    assert wanted.items() <= found.items()
    # What else is there are the partial tiles of earlier checkpoints, whose full tile is not out yet.
    for name in set(found) - set(wanted) - {"checkpoint"}:
        full, partial, width = name.partition(".p/")
        later = next(data for path, data in wanted.items() if path.startswith(full))
        assert partial
        assert full not in wanted
        assert found[name] == later[: int(width) * 32]
    again = merkle.Tiled(size, lambda path: found[path])
    assert again.root() == Tree(leaves(0, size)).root() if size else True


def test_a_hundred_thousand_leaves_are_read_back_with_few_files(data: Path, notary: Notary) -> None:
    many = leaves(0, 100_000)
    Tiles(data).sealed(many, notary)
    assert list(Tiles(data).tree().level(0)) == many
    # 390 full tiles and a partial one, 1 full and a partial one above, a partial one above that, and the checkpoint.
    assert len(files(data / "log")) == 391 + 2 + 1 + 1


def test_what_is_public_can_be_read_and_what_is_entering_only_by_us(data: Path, notary: Notary) -> None:
    tiles = Tiles(data)
    tiles.hold([Entry(twin(0), {"address": "/a"})])
    tiles.sealed(leaves(0, 1), notary)
    assert stat.S_IMODE((data / "log" / "checkpoint").stat().st_mode) == 0o644
    assert {stat.S_IMODE(path.stat().st_mode) for path in (data / "log-pending").iterdir()} == {0o600}
    assert twin(0) not in b"".join(files(data / "log").values())


# -- never backward, never rewritten ----------------------------------------------------------------------------------


def test_rows_that_were_numbered_for_another_size_are_not_sealed(data: Path, notary: Notary) -> None:
    tiles = Tiles(data)
    tiles.sealed(leaves(0, 3), notary)
    before = files(data)
    with pytest.raises(KeepingError, match="has 3 entries, not 2"):
        tiles.sealed(leaves(2, 4), notary, after=2)
    assert files(data) == before


def test_another_key_does_not_grow_this_log(data: Path, notary: Notary, tmp_path: Path) -> None:
    tiles = Tiles(data)
    tiles.sealed(leaves(0, 3), notary)
    before = files(data)
    for other in (Notary(tmp_path / "other", ORIGIN), Notary(tmp_path / "third", "city.example/log")):
        for act in (lambda n: tiles.sealed(leaves(3, 4), n), lambda n: tiles.repair(leaves(0, 3), n)):
            with pytest.raises(KeepingError, match="not one of the log"):
                act(other)
    assert files(data) == before


def test_a_database_that_changed_or_lost_an_entry_is_refused(data: Path, notary: Notary) -> None:
    tiles = Tiles(data)
    tiles.sealed(leaves(0, 5), notary)
    before = files(data)
    changed = [*leaves(0, 2), merkle.leaf_hash(b"another"), *leaves(3, 5)]
    with pytest.raises(KeepingError, match="something else of entry 3"):
        tiles.recovered(changed)
    with pytest.raises(KeepingError, match="something else of entries"):
        tiles.repair(changed, notary)
    with pytest.raises(KeepingError, match="has 5 entries and the database 4"):
        tiles.repair(leaves(0, 4), notary)
    assert files(data) == before


@pytest.mark.parametrize("where", ["tile/0/000.p/5", "checkpoint"])
def test_a_log_with_a_changed_byte_is_not_grown_and_is_repaired_from_the_database(
    data: Path, notary: Notary, where: str
) -> None:
    Tiles(data).sealed(leaves(0, 5), notary)
    path = data / "log" / where
    good = path.read_bytes()
    path.write_bytes(good.replace(good[40:41], bytes([good[40] ^ 1]), 1))
    with pytest.raises(KeepingError):
        Tiles(data).sealed(leaves(5, 6), notary)
    if where == "checkpoint":  # what was signed cannot be made up again: only a backup has it
        with pytest.raises(KeepingError):
            Tiles(data).repair(leaves(0, 5), notary)
    else:
        Tiles(data).repair(leaves(0, 5), notary)
        assert path.read_bytes() == good
        assert Tiles(data).sealed(leaves(5, 6), notary).root == Tree(leaves(0, 6)).root()


@pytest.mark.parametrize("size", [5, 256, 300, 66_000])
def test_files_that_are_gone_are_made_again_and_leftovers_go(data: Path, notary: Notary, size: int) -> None:
    Tiles(data).sealed(leaves(0, size), notary)
    whole = files(data / "log")
    for path in sorted((data / "log" / "tile").rglob("*")):
        if path.is_file():
            path.unlink()
    left = data / "log" / "tile" / "0" / "999.p" / "7"
    left.parent.mkdir(parents=True)
    left.write_bytes(bytes(7 * 32))
    (left.parent / ".draft-x").write_bytes(b"half")
    with pytest.raises(KeepingError, match="gone or cut off"):
        Tiles(data).tree()
    Tiles(data).repair(leaves(0, size), notary)
    assert files(data / "log") == whole


def test_a_log_that_fell_behind_its_database_is_completed(data: Path, notary: Notary) -> None:
    Tiles(data).sealed(leaves(0, 250), notary)
    assert Tiles(data).repair(leaves(0, 300), notary).root == Tree(leaves(0, 300)).root()
    assert Tiles(data).tree().root() == Tree(leaves(0, 300)).root()


def test_an_entry_whose_words_are_nowhere_is_told(data: Path, notary: Notary) -> None:
    tiles = Tiles(data)
    tiles.hold([Entry(twin(0)), Entry(twin(1))])
    tiles.sealed(leaves(0, 2), notary)
    (data / "log-pending" / f"{leaves(1, 2)[0].hex()}.json").write_bytes(b"changed")
    with pytest.raises(KeepingError, match="has entry 2, and neither"):
        tiles.recovered(leaves(0, 1))
    with pytest.raises(KeepingError, match="has entry 2, and neither"):
        tiles.recovered([])
    assert tiles.recovered(leaves(0, 2)) == ()


def test_what_the_database_does_not_have_yet_is_not_let_go(data: Path, notary: Notary) -> None:
    tiles = Tiles(data)
    new = [Entry(twin(number), {"says": number}) for number in range(3)]
    tiles.hold([*new, Entry(b"a publication that was given up")])
    tiles.sealed([entry.leaf for entry in new], notary)
    tiles.settled(1)
    assert len(list(tiles.pending.iterdir())) == 4  # two twins and their rows
    lost = tiles.recovered(leaves(0, 1))
    assert [(one.index, one.entry) for one in lost] == [(1, new[1]), (2, new[2])]
    tiles.settled(3)
    assert not list(tiles.pending.iterdir())


# -- killed, at every step ------------------------------------------------------------------------------------------------

STEPS = ("open", "fsync", "rename", "replace", "unlink", "mkdir", "rmdir", "fchmod", "link")


class Press:
    """A publication as the press makes it, with a database of one table."""

    def __init__(self, data: Path) -> None:
        self.tiles, self.notary = Tiles(data), Notary(data, ORIGIN)
        self.base = sqlite3.connect(data / "base.sqlite3", isolation_level=None)
        self.base.execute("CREATE TABLE IF NOT EXISTS leaf (number INTEGER PRIMARY KEY, twin BLOB, says TEXT)")

    def rows(self) -> list[tuple[bytes, str]]:
        return [(bytes(one), says) for one, says in self.base.execute("SELECT twin, says FROM leaf ORDER BY number")]

    def leaves(self) -> list[bytes]:
        return [merkle.leaf_hash(one) for one, _ in self.rows()]

    def recover(self) -> None:
        with self.tiles.alone():
            self.base.execute("BEGIN IMMEDIATE")
            for lost in self.tiles.recovered(self.leaves()):
                row = (lost.index, lost.entry.twin, lost.entry.row["says"])
                self.base.execute("INSERT INTO leaf VALUES (?, ?, ?)", row)
            self.base.execute("COMMIT")
            self.tiles.settled(len(self.rows()))

    def publish(self, entries: list[Entry], tick: Callable[[], None] = lambda: None) -> None:
        with self.tiles.alone():
            self.base.execute("BEGIN IMMEDIATE")
            try:
                size = len(self.rows())
                for number, entry in enumerate(entries, size):
                    row = (number, entry.twin, entry.row["says"])
                    self.base.execute("INSERT INTO leaf VALUES (?, ?, ?)", row)
                self.tiles.hold(entries)
                self.tiles.sealed([entry.leaf for entry in entries], self.notary, after=size)
                tick()
                self.base.execute("COMMIT")
            except BaseException:
                self.base.execute("ROLLBACK")
                raise
            tick()
            self.tiles.settled(size + len(entries))


def entries(start: int, end: int) -> list[Entry]:
    return [Entry(twin(number), {"says": f"entry {number}"}) for number in range(start, end)]


def killed(data: Path, size: int, end: int, at: int) -> None:
    """Publish, and be killed as by kill -9 before the step with that number; a file not yet synced loses its second half."""
    press, count = Press(data), 0

    def tick(*, handle: int = -1) -> None:
        nonlocal count
        count += 1
        if count == at:
            if handle >= 0 and stat.S_ISREG(os.fstat(handle).st_mode):
                os.ftruncate(handle, os.fstat(handle).st_size // 2)
            os.kill(os.getpid(), signal.SIGKILL)

    def wrapped(name: str) -> Callable[..., Any]:
        own = getattr(os, name)

        def call(*given: Any, **more: Any) -> Any:
            tick(handle=given[0] if name == "fsync" else -1)
            return own(*given, **more)

        return call

    for name in STEPS:
        setattr(os, name, wrapped(name))
    press.publish(entries(size, end), tick)
    os._exit(0)


@pytest.mark.parametrize(("size", "end"), [(0, 3), (17, 18), (254, 258), (255, 256)])
def test_killed_at_any_step_the_log_is_old_or_new_and_no_words_are_lost(tmp_path: Path, size: int, end: int) -> None:
    before = Press(tmp_path / "before")
    if size:
        before.publish(entries(0, size))
    outcomes = set()
    for at in range(1, 200):
        data = tmp_path / str(at)
        shutil.copytree(tmp_path / "before", data)
        fork = multiprocessing.get_context("fork").Process(target=killed, args=(data, size, end, at))
        fork.start()
        fork.join()
        assert fork.exitcode in (0, -signal.SIGKILL)
        again = Press(data)
        found, rows = again.tiles.size(), len(again.rows())
        outcomes.add((found, rows))
        assert again.tiles.tree().root() == Tree(leaves(0, found)).root()
        assert rows <= found  # never a page without its leaf
        again.recover()
        assert again.rows() == [(twin(number), f"entry {number}") for number in range(found)]
        assert not list((data / "log-pending").glob("*"))
        again.publish(entries(found, end + 2))
        again.tiles.repair(again.leaves(), again.notary)
        left = files(data / "log")
        assert not [name for name in left if ".draft-" in name]
        assert dict(merkle.tiles(Tree(leaves(0, end + 2)))).items() <= left.items()
        if fork.exitcode == 0:
            break
    assert fork.exitcode == 0  # the last time, all its steps were taken
    assert at > 20
    # All three were met: not published; published and not committed; both.
    assert outcomes == {(size, size), (end, size), (end, end)}


def test_nothing_is_renamed_unsynced_and_the_checkpoint_comes_last(
    data: Path, notary: Notary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a kill cannot show: a power cut loses what was not synced."""
    tiles = Tiles(data)
    tiles.sealed(leaves(0, 250), notary)
    steps: list[tuple[str, str]] = []
    sync, replace = os.fsync, os.replace

    def fsync(handle: int) -> None:
        steps.append(("sync", str(Path(f"/proc/self/fd/{handle}").readlink())))
        sync(handle)

    def renamed(old: Any, new: Any, **more: Any) -> None:
        assert ("sync", str(old)) in steps
        steps.append(("rename", str(new)))
        replace(old, new, **more)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "rename", renamed)
    monkeypatch.setattr(os, "replace", renamed)
    new = entries(250, 300)
    tiles.hold(new)
    tiles.sealed([entry.leaf for entry in new], notary)
    out = steps.index(("rename", str(data / "log" / "checkpoint")))
    renames = [(at, Path(name)) for at, (what, name) in enumerate(steps) if what == "rename"]
    assert len(renames) == 100 + 3 + 1  # twins and rows, two tiles and one above, the checkpoint
    for at, name in renames:
        assert at <= out
        synced = [step for step, (what, folder) in enumerate(steps) if what == "sync" and folder == str(name.parent)]
        assert any(step > at and (step < out or at == out) for step in synced)
    assert steps[-1] == ("sync", str(data / "log"))


# -- a full disk ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EACCES, errno.EROFS])
def test_what_a_disk_says_is_said_in_words_at_any_step(
    data: Path, notary: Notary, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    tiles = Tiles(data)
    tiles.sealed(leaves(0, 17), notary)
    new = entries(17, 20)
    failed = 0
    for at in range(1, 100):
        count = 0

        def wrapped(own: Callable[..., Any]) -> Callable[..., Any]:
            def call(*given: Any, **more: Any) -> Any:
                nonlocal count
                count += 1
                if count == at:  # noqa: B023
                    raise OSError(number, os.strerror(number))
                return own(*given, **more)

            return call

        with monkeypatch.context() as patch:
            for name in ("fsync", "replace", "rename", "fchmod"):
                patch.setattr(os, name, wrapped(getattr(os, name)))
            try:
                tiles.hold(new)
                tiles.sealed([entry.leaf for entry in new], notary, after=17)
                break
            except KeepingError as error:
                failed += 1
                assert ("The disk is full" in str(error)) is (number in (errno.ENOSPC, errno.EDQUOT))
        found = Tiles(data)
        assert found.size() in (17, 20)
        assert found.tree().root() == Tree(leaves(0, found.size())).root() == tiles.tree().root()
        assert not list((data / "log").glob("**/.draft-*"))
        if found.size() == 20:
            break
    assert failed > 10
    assert Tiles(data).size() == 20


def test_a_file_that_may_not_grow_is_said_by_a_real_system_call(data: Path, notary: Notary) -> None:
    Tiles(data).sealed(leaves(0, 17), notary)
    before = files(data / "log")
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from postme.keeping.notary import Notary; from postme.keeping.tiles import Tiles\n"
        "data = Path(sys.argv[1]); tiles, notary = Tiles(data), Notary(data)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "tiles.sealed([bytes(32)] * 100, notary)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script, str(data)], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "KeepingError" in ran.stderr
    assert "The disk is full." in ran.stderr
    assert files(data / "log") == before


# -- many at once -----------------------------------------------------------------------------------------------------


def test_threads_and_processes_grow_one_log_and_lose_nothing(data: Path, notary: Notary) -> None:
    tiles = Tiles(data)

    def grow(own: Tiles, name: str) -> None:
        for number in range(20):
            own.sealed([merkle.leaf_hash(f"{name} {number}".encode())], Notary(data))

    fork = multiprocessing.get_context("fork")
    workers = [fork.Process(target=grow, args=(Tiles(data), f"process {one}")) for one in range(3)]
    for worker in workers:
        worker.start()
    threads = [threading.Thread(target=grow, args=(tiles, f"thread {one}")) for one in range(3)]
    for thread in threads:
        thread.start()
    for one in (*workers, *threads):
        one.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    wanted = {
        merkle.leaf_hash(f"{kind} {one} {n}".encode())
        for kind in ("process", "thread")
        for one in range(3)
        for n in range(20)
    }
    assert len(Tiles(data).tree()) == 120
    assert set(Tiles(data).tree().level(0)) == wanted
    assert tiles.tree().root() == Tiles(data).tree().root()


def test_a_log_held_by_somebody_who_hangs_is_said(data: Path, notary: Notary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("postme.keeping.tiles._PATIENCE", 0.05)
    with Tiles(data).alone(), pytest.raises(KeepingError, match="Something else has been publishing"):
        Tiles(data).sealed(leaves(0, 1), notary)
    assert Tiles(data).sealed(leaves(0, 1), notary).size == 1


@pytest.fixture(autouse=True)
def _no_draft_stays(data: Path) -> Iterator[None]:
    yield
    assert not list(data.glob("**/.draft-*"))
