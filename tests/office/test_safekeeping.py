"""Backup and restore: the same site comes back, byte for byte, or it is said why not; a killed backup leaves nothing that looks like one."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import postgres as servers
import pytest
import zstandard

from postme import merkle
from postme.errors import KeepingError, WrongUse
from postme.keeping import parcel
from postme.keeping.notary import Notary
from postme.keeping.store import copying
from postme.keeping.tiles import Entry, Tiles
from postme.office import safekeeping
from postme.office.remembering import Memory

ORIGIN = "oversight.example.org/log"
_NOW = safekeeping.datetime.datetime(2026, 11, 23, tzinfo=safekeeping.datetime.UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A site's data folder in small: a database in use, records, a shelf, a log of three entries, its key."""
    data = tmp_path / "data"
    (data / "records" / "ab").mkdir(parents=True)
    (data / "records" / "ab" / "cd.pdf").write_bytes(b"%PDF-1.4\0\xff" * 1000)
    (data / "pictures").mkdir()
    (data / "pictures" / "1.webp").write_bytes(b"made again")
    (data / "secret").write_text("s" * 60)
    for name in ("postme.sqlite3", "shelf.sqlite3"):
        with contextlib.closing(sqlite3.connect(data / name)) as store, store:
            store.execute("PRAGMA journal_mode=WAL")
            store.execute("CREATE TABLE t (a)")
            store.executemany("INSERT INTO t VALUES (?)", [(i,) for i in range(1000)])
    _published(data, 3)
    return data


def _published(data: Path, count: int) -> str:
    tiles, notary = Tiles(data), Notary(data, ORIGIN)
    for _ in range(count):
        twin = f'{{"n":{tiles.size()}}}'.encode()
        with tiles.alone():
            tiles.hold([Entry(twin)])
            tiles.sealed([merkle.leaf_hash(twin)], notary)
            tiles.settled(tiles.size())
    note = tiles.checkpoint()
    assert note is not None
    return note


def _rows(file: Path) -> list[Any]:
    with contextlib.closing(sqlite3.connect(file)) as store:
        return store.execute("SELECT a FROM t ORDER BY a").fetchall()


def _files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_what_is_restored_is_what_was_backed_up(folder: Path, tmp_path: Path) -> None:
    kept = safekeeping.backup(folder, tmp_path / "b.tar.zst", url="")
    assert (kept.size, kept.origin, kept.database, kept.with_key, kept.warnings) == (3, ORIGIN, "sqlite", True, ())
    assert (tmp_path / "b.tar.zst").stat().st_mode & 0o777 == 0o600
    back = safekeeping.restore(tmp_path / "b.tar.zst", tmp_path / "new" / "data", url="")
    assert (back.size, back.made, back.warnings) == (3, kept.made, ())
    there, here = _files(tmp_path / "new" / "data"), _files(folder)
    same = {name for name in here if name.startswith(("records/", "log/")) or name in ("log-key", "secret")}
    assert len(same) > 4
    assert {name: there[name] for name in same} == {name: here[name] for name in same}
    assert set(there) == same | {"postme.sqlite3", "shelf.sqlite3"}
    for name in ("postme.sqlite3", "shelf.sqlite3"):
        assert _rows(tmp_path / "new" / "data" / name) == _rows(folder / name)
    assert (tmp_path / "new" / "data").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "new" / "data" / "log-key").stat().st_mode & 0o777 == 0o600
    # And the log goes on from there.
    assert merkle.checkpoint(_published(tmp_path / "new" / "data", 1)).size == 4


def test_a_backup_is_of_one_moment_while_somebody_writes(folder: Path, tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(folder / "postme.sqlite3", isolation_level=None)) as busy:
        busy.execute("BEGIN IMMEDIATE")
        busy.execute("INSERT INTO t VALUES (5000)")
        safekeeping.backup(folder, tmp_path / "b.tar.zst", url="")
        busy.execute("COMMIT")
    safekeeping.restore(tmp_path / "b.tar.zst", tmp_path / "new", url="")
    assert (5000,) in _rows(folder / "postme.sqlite3")
    assert (5000,) not in _rows(tmp_path / "new" / "postme.sqlite3")


def test_nothing_is_published_while_log_and_database_are_copied(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = []

    def copied(*told: Any) -> Path:
        with pytest.raises(BlockingIOError):
            _try_lock(folder)
        taken.append(True)
        return _real(*told)

    _real = copying.copied
    monkeypatch.setattr(copying, "copied", copied)
    safekeeping.backup(folder, tmp_path / "b.tar.zst", url="")
    assert taken
    _try_lock(folder)


def _try_lock(folder: Path) -> None:
    import fcntl

    with (folder / "log-lock").open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_the_key_may_be_left_out_and_what_that_means_is_said_on_both_sides(folder: Path, tmp_path: Path) -> None:
    kept = safekeeping.backup(folder, tmp_path / "b.tar.zst", with_key=False, url="")
    assert "log-key" in kept.warnings[0]
    back = safekeeping.restore(tmp_path / "b.tar.zst", tmp_path / "new", url="")
    assert "log-key" in back.warnings[0]
    assert not {"log-key", "secret"} & set(_files(tmp_path / "new"))
    assert (folder / "log-key").read_bytes().strip() not in zstandard.ZstdDecompressor().stream_reader(
        (tmp_path / "b.tar.zst").open("rb")
    ).read()


def test_neither_overwrites_anything(folder: Path, tmp_path: Path) -> None:
    safekeeping.backup(folder, tmp_path / "b.tar.zst", url="")
    before = (tmp_path / "b.tar.zst").read_bytes()
    with pytest.raises(KeepingError, match="already"):
        safekeeping.backup(folder, tmp_path / "b.tar.zst", url="")
    assert (tmp_path / "b.tar.zst").read_bytes() == before
    files = _files(folder)
    with pytest.raises(WrongUse, match="already"):
        safekeeping.restore(tmp_path / "b.tar.zst", folder, url="")
    assert _files(folder) == files
    (tmp_path / "empty").mkdir()
    assert safekeeping.restore(tmp_path / "b.tar.zst", tmp_path / "empty", url="").size == 3


@pytest.mark.parametrize("when", ["database", "first", "middle", "last"])
def test_a_backup_that_is_killed_leaves_nothing_that_looks_like_one(folder: Path, tmp_path: Path, when: str) -> None:
    fault = {
        "database": "copying.copied = die",
        "first": "parcel._added = die",
        "middle": "real = parcel._added\nseen = []\ndef later(*a):\n    seen.append(1)\n    return die() if len(seen) > 3 else real(*a)\nparcel._added = later",
        "last": "os.link = die",
    }[when]
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom postme.keeping import parcel\nfrom postme.keeping.store import copying\nfrom postme.office import safekeeping\n"
        f"def die(*_, **__):\n    os.kill(os.getpid(), signal.SIGKILL)\n{fault}\nsafekeeping.backup(Path(sys.argv[1]), Path(sys.argv[2]), url='')\n"
    )
    out = tmp_path / "out"
    out.mkdir()
    ran = subprocess.run(
        [sys.executable, "-c", code, str(folder), str(out / "b.tar.zst")], check=False, capture_output=True
    )
    assert ran.returncode == -9, ran.stderr
    assert [path.name for path in out.iterdir() if not path.name.startswith(".")] == []
    assert safekeeping.backup(folder, out / "b.tar.zst", url="").size == 3


def _members(file: Path) -> list[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(zstandard.ZstdDecompressor().stream_reader(file.open("rb")).read())) as tar:
        return [(one.name, tar.extractfile(one).read()) for one in tar]  # type: ignore[union-attr]


def _remade(file: Path, members: list[tuple[str, bytes]]) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    file.write_bytes(zstandard.ZstdCompressor().compress(out.getvalue()))


def _of(change: Callable[[list[tuple[str, bytes]]], list[tuple[str, bytes]]]) -> Callable[[Path], None]:
    return lambda file: _remade(file, change(_members(file)))


def _manifest_too(members: list[tuple[str, bytes]], name: str, data: bytes) -> list[tuple[str, bytes]]:
    """A forger's work: a file changed and the manifest with it."""
    manifest = json.loads(members[-1][1])
    manifest[name] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    return [
        *((one, data if one == name else old) for one, old in members[:-1]),
        ("manifest.json", json.dumps(manifest).encode()),
    ]


DAMAGED: dict[str, Callable[[Path], None]] = {
    "cut off": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "cut off by one byte": lambda file: file.write_bytes(file.read_bytes()[:-1]),
    "one bit turned": lambda file: file.write_bytes((data := bytearray(file.read_bytes())).__setitem__(len(data) // 2, data[len(data) // 2] ^ 1) or bytes(data)),
    "no archive": lambda file: file.write_bytes(b"PK\3\4 something else"),
    "empty": lambda file: file.write_bytes(b""),
    "a file changed": _of(lambda members: [(name, b"changed" if name.startswith("records/") else data) for name, data in members]),
    "a file missing": _of(lambda members: [one for one in members if not one[0].startswith("records/")]),
    "a file added": _of(lambda members: [*members[:-1], ("records/more", b"x"), members[-1]]),
    "a file twice": _of(lambda members: [*members[:-1], members[-2], members[-1]]),
    "a way out": _of(lambda members: [*members[:-1], ("../out", b"x"), members[-1]]),
    "an absolute name": _of(lambda members: [*members[:-1], ("/out", b"x"), members[-1]]),
    "something after the end": _of(lambda members: [*members, ("records/more", b"x")]),
    "of a later kind": _of(lambda members: [(members[0][0], json.dumps({**json.loads(members[0][1]), "format": 2}).encode()), *members[1:]]),
    "a tile of the log forged, and the manifest too": _of(
        lambda members: _manifest_too(members, *max((name, bytes(32) + data[32:]) for name, data in members if name.startswith("log/tile/0/")))
    ),
    "a checkpoint forged, and the manifest too": _of(lambda members: _manifest_too(members, "log/checkpoint", b"x\n")),
}  # fmt: skip


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_backup_is_told_and_leaves_nothing(folder: Path, tmp_path: Path, what: str) -> None:
    safekeeping.backup(folder, tmp_path / "b.tar.zst", url="")
    DAMAGED[what](tmp_path / "b.tar.zst")
    (tmp_path / "to").mkdir()
    with pytest.raises(KeepingError):
        safekeeping.restore(tmp_path / "b.tar.zst", tmp_path / "to" / "new", url="")
    assert list((tmp_path / "to").iterdir()) == []


def test_a_backup_older_than_what_was_seen_of_the_log_says_so(folder: Path, tmp_path: Path) -> None:
    safekeeping.backup(folder, tmp_path / "b.tar.zst", url="")
    own = safekeeping.restore(tmp_path / "b.tar.zst", tmp_path / "one", url="", memory=tmp_path / "memory")
    assert own.warnings == ()
    note = _published(folder, 2)
    (tmp_path / "checkpoint").write_text(note)
    Memory(tmp_path / "memory").keep(Notary(folder).verifier, note, _NOW)
    for name, seen in (("two", {"memory": tmp_path / "memory"}), ("three", {"seen": tmp_path / "checkpoint"})):
        [said] = safekeeping.restore(tmp_path / "b.tar.zst", tmp_path / name, url="", **seen).warnings
        assert "its log has 3 entries, and 5 were seen" in said
    (tmp_path / "checkpoint").write_text(note.replace("5", "9", 1))
    from postme.errors import ProofError

    with pytest.raises(ProofError):
        safekeeping.restore(tmp_path / "b.tar.zst", tmp_path / "four", url="", seen=tmp_path / "checkpoint")
    assert not (tmp_path / "four").exists()


def test_a_full_disk_is_said_and_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    code = (
        "import resource, sys, signal\nfrom pathlib import Path\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\nfrom postme.errors import PostmeError\nfrom postme.office import safekeeping\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))\ntry:\n    safekeeping.backup(Path(sys.argv[1]), Path(sys.argv[2]), url='')\nexcept PostmeError as error:\n    print(error)\n"
    )
    out = tmp_path / "out"
    out.mkdir()
    ran = subprocess.run(
        [sys.executable, "-c", code, str(folder), str(out / "b.tar.zst")], check=True, capture_output=True, text=True
    )
    assert ran.stdout.strip()
    assert list(out.iterdir()) == []


@pytest.fixture
def url() -> Iterator[str]:
    with servers.server() as address:
        yield address


def test_a_postgresql_database_comes_back_into_an_empty_one_and_no_other(
    folder: Path, tmp_path: Path, url: str
) -> None:
    import psycopg

    with psycopg.connect(url) as there:
        there.execute("CREATE TABLE t (a text)")
        there.execute("INSERT INTO t VALUES ('Ñandú'), ('x')")
    kept = safekeeping.backup(folder, tmp_path / "b.tar.zst", url=url)
    assert kept.database == "postgresql"
    with pytest.raises(WrongUse, match="not empty"):
        safekeeping.restore(tmp_path / "b.tar.zst", tmp_path / "new", url=url)
    with pytest.raises(WrongUse, match="PostgreSQL"):
        safekeeping.restore(tmp_path / "b.tar.zst", tmp_path / "new", url="")
    assert not (tmp_path / "new").exists()
    with psycopg.connect(url, autocommit=True) as there:
        there.execute("CREATE DATABASE empty")
    empty = url.replace("/postme?", "/empty?")
    safekeeping.restore(tmp_path / "b.tar.zst", tmp_path / "new", url=empty)
    with psycopg.connect(empty) as there:
        assert {one for (one,) in there.execute("SELECT a FROM t").fetchall()} == {"x", "Ñandú"}
    assert "postgresql.dump" not in _files(tmp_path / "new")


def test_a_password_of_the_database_stands_in_no_list_of_processes() -> None:
    shown, password = copying._without_password("postgresql://clerk:p%40ss@db.example.org:5433/postme?sslmode=require")
    assert shown == "postgresql://clerk@db.example.org:5433/postme?sslmode=require"
    assert password == "p@ss"
    assert os.environ.get("PGPASSWORD") is None


def test_a_name_that_no_backup_can_hold_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    for name in ("../a", "/a", "a/../../b", "a b", ""):
        with pytest.raises(KeepingError):
            parcel.packed(tmp_path / "b.tar.zst", {}, [(name, tmp_path / "a")])
        assert not (tmp_path / "b.tar.zst").exists()
