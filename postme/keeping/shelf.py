"""The shelf: raw records by hash, what was read from them, and what was found in that, so that nothing is done twice.

Everything on it is keyed by content: bytes by their SHA-256, a reading by the bytes and the reader's version, findings
by the bytes and the versions of reader and catalogue. A scan that is killed leaves whole entries or none. Only ``seen``
(which path had which bytes, when) is about the outside, and it is only ever used to save the trouble of hashing.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import zstandard

from postme.errors import KeepingError
from postme.keeping.writing import written
from postme.record import Page, PageState, Record

# Chosen: a file changed so shortly before it was noted could change again within the clock's own coarseness.
_RACY_NS = 2_000_000_000
_BATCH = 400
_SCHEMA = """
CREATE TABLE IF NOT EXISTS seen (
    path TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, inode INTEGER, sha256 TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS readings (
    sha256 TEXT, reader TEXT, facts TEXT NOT NULL, pages BLOB, PRIMARY KEY (sha256, reader));
CREATE TABLE IF NOT EXISTS findings (
    sha256 TEXT, scanner TEXT, mentions BLOB NOT NULL, PRIMARY KEY (sha256, scanner));
"""


# The same bytes read by the same reader, as the same kind of file, are the same: pages stay when a later scan brings none,
# and so does the list of what lies inside, which an email message has only where it was met as a file of its own.
_READ = """
INSERT INTO readings VALUES (?, ?, ?, ?) ON CONFLICT (sha256, reader) DO UPDATE SET
    facts = CASE
        WHEN json_type(excluded.facts, '$.members') IS NULL
            AND json_extract(excluded.facts, '$.by_name') IS json_extract(facts, '$.by_name') THEN facts
        ELSE excluded.facts END,
    pages = coalesce(excluded.pages, pages)
"""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the file system says of a file without opening it: enough to tell that nobody changed it."""

    size: int
    mtime_ns: int
    inode: int


def packed(value: Any) -> bytes:
    """Any JSON value, small.

    >>> unpacked(packed(["a", 1]))
    ['a', 1]
    """
    return zstandard.ZstdCompressor(level=1).compress(
        json.dumps(value, separators=(",", ":")).encode("utf-8", "surrogatepass")
    )


def unpacked(data: bytes) -> Any:
    """What ``packed`` packed."""
    return json.loads(zstandard.ZstdDecompressor().decompress(data).decode("utf-8", "surrogatepass"))


def pages_packed(record: Record) -> bytes:
    """A record's pages, to be kept."""
    return packed([[page.number, page.text, page.state, page.note, page.moments] for page in record.pages])


def pages_unpacked(data: bytes) -> tuple[Page, ...]:
    """Pages as they were kept."""
    return tuple(
        Page(number, text, PageState(state), note, tuple((int(at), float(seconds)) for at, seconds in moments))
        for number, text, state, note, moments in unpacked(data)
    )


class Shelf:
    """A shelf in a folder. Several scans may use one shelf at once; each sees whole entries only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with kept_safe(folder):
            made_private(folder)
            (folder / "records").mkdir(exist_ok=True)
            self._index = sqlite3.connect(folder / "shelf.sqlite3", timeout=60, isolation_level=None)
            # Rows are whole or absent after a kill; WAL lets a second scan read while the first writes.
            _write_ahead(self._index)
            self._index.execute("PRAGMA synchronous=NORMAL")
            self._index.executescript(_SCHEMA)

    def close(self) -> None:
        """Let go of the index."""
        self._index.close()

    # -- raw records

    def path_of(self, sha256: str) -> Path:
        """Where the bytes with that hash lie, or would lie."""
        return path_of(self.folder, sha256)

    def bytes_of(self, sha256: str) -> bytes:
        """The bytes as they were when they were scanned."""
        with kept_safe(self.folder):
            return self.path_of(sha256).read_bytes()

    # -- what was seen where

    def known(self, stamps: Mapping[str, Stamp]) -> dict[str, str]:
        """For each path whose file is as it was when it was last hashed: that hash."""
        found = {}
        with kept_safe(self.folder):
            for some in _batches(list(stamps)):
                marks = ",".join("?" * len(some))
                query = f"SELECT path, size, mtime_ns, inode, sha256 FROM seen WHERE path IN ({marks})"  # noqa: S608
                for key, *stamp, sha in self._index.execute(query, [_key(path) for path in some]):
                    path = os.fsdecode(key)
                    if Stamp(*stamp) == stamps[path]:
                        found[path] = sha
        return found

    def forget_seen(self) -> None:
        """Hash every file anew next time."""
        with kept_safe(self.folder):
            self._index.execute("DELETE FROM seen")

    # -- what was read and found

    def facts(self, hashes: Iterable[str], reader: str) -> dict[str, dict[str, Any]]:
        """What is known of records by that reader: everything but their text."""
        return {
            sha: json.loads(facts)
            for sha, facts in self._rows("SELECT sha256, facts FROM readings WHERE reader = ?", reader, hashes)
        }

    def pages(self, sha256: str, reader: str) -> bytes | None:
        """A record's packed pages, as read by that reader."""
        return next(
            (pages for _, pages in self._rows("SELECT sha256, pages FROM readings WHERE reader = ?", reader, [sha256])),
            None,
        )

    def latest_pages(self, sha256: str) -> tuple[Page, ...] | None:
        """A record's pages by whichever reader read it last."""
        with kept_safe(self.folder):
            row = self._index.execute(
                "SELECT pages FROM readings WHERE sha256 = ? AND pages IS NOT NULL ORDER BY rowid DESC LIMIT 1",
                [sha256],
            ).fetchone()
        return pages_unpacked(row[0]) if row else None

    def readings(self, sha256: str) -> list[tuple[Page, ...]]:
        """A record's pages by every reader that read it, the newest first."""
        with kept_safe(self.folder):
            rows = self._index.execute(
                "SELECT pages FROM readings WHERE sha256 = ? AND pages IS NOT NULL ORDER BY rowid DESC", [sha256]
            ).fetchall()
        return [pages_unpacked(pages) for (pages,) in rows]

    def beginning_with(self, start: str) -> list[str]:
        """The hashes of records that were read and begin so."""
        with kept_safe(self.folder):
            rows = self._index.execute(
                "SELECT DISTINCT sha256 FROM readings WHERE sha256 >= ? AND sha256 < ? AND pages IS NOT NULL LIMIT 20",
                [start, start + "g"],
            )
            return [sha for (sha,) in rows]

    def findings(self, hashes: Iterable[str], scanner: str) -> dict[str, bytes]:
        """Packed mentions of records by that version of reader and catalogue."""
        return dict(self._rows("SELECT sha256, mentions FROM findings WHERE scanner = ?", scanner, hashes))

    def _rows(self, query: str, version: str, hashes: Iterable[str]) -> Iterator[tuple[Any, ...]]:
        with kept_safe(self.folder):
            for some in _batches(list(hashes)):
                yield from self._index.execute(f"{query} AND sha256 IN ({','.join('?' * len(some))})", [version, *some])

    def keep(
        self,
        *,
        seen: Iterable[tuple[str, Stamp, str]] = (),
        readings: Iterable[tuple[str, str, Mapping[str, Any], bytes | None]] = (),
        findings: Iterable[tuple[str, str, bytes]] = (),
    ) -> None:
        """Keep some results, all or none: ``(path, stamp, sha256)``, ``(sha256, reader, facts, pages)``, ``(sha256, scanner, mentions)``."""
        settled_before = time.time_ns() - _RACY_NS
        with kept_safe(self.folder):
            self._index.execute("BEGIN IMMEDIATE")
            try:
                self._index.executemany(
                    "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?)",
                    [
                        (_key(path), *asdict(stamp).values(), sha)
                        for path, stamp, sha in seen
                        if stamp.mtime_ns < settled_before
                    ],
                )
                self._index.executemany(
                    _READ,
                    [(sha, reader, json.dumps(facts), pages) for sha, reader, facts, pages in readings],
                )
                self._index.executemany("INSERT OR REPLACE INTO findings VALUES (?, ?, ?)", findings)
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._index.execute("ROLLBACK")
                raise
            self._index.execute("COMMIT")


def _write_ahead(index: sqlite3.Connection) -> None:
    """Switch to write-ahead logging: the one step for which SQLite does not itself wait when many open a new index at once."""
    until = time.monotonic() + 60
    while True:
        try:
            index.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.02)


def made_private(folder: Path) -> None:
    """Make the data folder, if it is not there, so that only its owner can look into it: rulings and drafts lie in it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def path_of(folder: Path, sha256: str) -> Path:
    """Where on the shelf of ``folder`` the bytes with that hash lie, or would lie."""
    return folder / "records" / sha256[:2] / sha256


def put(folder: Path, sha256: str, data: bytes) -> None:
    """Put bytes on the shelf of ``folder``, whole or not at all; any process may, as often as it likes."""
    place = path_of(folder, sha256)
    if place.exists():
        return
    with kept_safe(folder):
        place.parent.mkdir(parents=True, exist_ok=True)
        written(place, data)


@contextlib.contextmanager
def kept_safe(folder: Path) -> Iterator[None]:
    """Turn what a disk or a database can say into words, with what to do."""
    try:
        yield
    except sqlite3.OperationalError as error:
        full = "full" in str(error) or "disk I/O" in str(error)
        raise _trouble(folder, errno.ENOSPC if full else errno.EIO, str(error)) from error
    except sqlite3.ProgrammingError:
        raise  # a fault of this program, not of anybody's disk
    except sqlite3.DatabaseError as error:
        raise KeepingError(
            f"The index of the data folder is damaged ({error}).", where=str(folder / "shelf.sqlite3"),
            why="What was read before cannot be looked up; the records themselves are untouched.",
            do="Move that file away and scan again: it is made anew from the records.",
        ) from error  # fmt: skip
    except OSError as error:
        raise _trouble(folder, error.errno or errno.EIO, error.strerror or str(error)) from error


def _trouble(folder: Path, number: int, said: str) -> KeepingError:
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return KeepingError(
            "The disk is full.", where=str(folder), why="What was found so far is kept, but nothing more can be.",
            do="Free some space, or choose another place with --data, and run the same command again: it goes on where it stopped.",
        )  # fmt: skip
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return KeepingError(
            f"The data folder cannot be written ({said}).", where=str(folder), why="Without it nothing found would be kept.",
            do="Choose another place with --data DIR or the variable POSTME_DATA.",
        )  # fmt: skip
    return KeepingError(
        f"The data folder could not be used ({said}).", where=str(folder), why="Without it nothing found would be kept.",
        do="Check the disk, or choose another place with --data DIR.",
    )  # fmt: skip


def _key(path: str) -> str | bytes:
    """A path as the index can hold it: a name that is not UTF-8 goes in as its bytes."""
    data = os.fsencode(path)
    return path if data.isascii() or path.isprintable() else data


def _batches(items: list[str]) -> Iterator[list[str]]:
    for i in range(0, len(items), _BATCH):
        yield items[i : i + _BATCH]
