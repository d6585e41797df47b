"""The log as files: checkpoint and tiles as C2SP tlog-tiles has them, and what is about to enter, set aside until it is safe.

Why it is done in this order is in docs/decisions/0019-the-log-as-files.md. In the data folder:

- ``log/checkpoint`` and ``log/tile/…``: what everybody may fetch;
- ``log-pending/<leaf>.json``: a twin that is entering the log, until the database has it for certain.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from postme import merkle
from postme.errors import KeepingError, ProofError
from postme.keeping import notary as signing
from postme.keeping.notary import Notary
from postme.keeping.writing import written
from postme.merkle import TILE_WIDTH, Checkpoint, Tree

# Chosen: a publication takes well under a second; who waits longer than this waits for something that hangs.
_PATIENCE = 30.0
_LEAF = 32


@dataclass(frozen=True, slots=True)
class Entry:
    """What enters the log: the twin's exact bytes, and beside them ``row``, any JSON that the database needs to say it again."""

    twin: bytes
    row: Mapping[str, Any] = field(default_factory=dict)

    @property
    def leaf(self) -> bytes:
        """The hash that stands for it in the log."""
        return merkle.leaf_hash(self.twin)


@dataclass(frozen=True, slots=True)
class Lost:
    """An entry that the log has at ``index`` and the database does not."""

    index: int
    entry: Entry


class Tiles:
    """The log of a data folder. Threads and processes may use it at once: each sees a whole log, and one at a time grows it.

    To publish, the press does this, and nothing between the steps may fail in silence::

        with tiles.alone():                           # one publication at a time on this machine
            with transaction:                         # the database's own
                ...                                   # every row, the leaves' rows among them
                tiles.hold(entries)                   # the twins are safe on disk
                tiles.sealed(leaves, notary, after=n) # tiles, then the checkpoint: published
            tiles.settled(count)                      # the database has them: let the copies go

    Before its own rows, and when the program starts, it asks ``recovered`` whether the last one ended between the
    checkpoint and the commit. Raises KeepingError for whatever a disk can do, and for a log that contradicts itself.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "log"
        self.pending = folder / "log-pending"
        self._lock = threading.RLock()
        self._depth = 0
        self._known: tuple[str, Tree] | None = None  # a checkpoint's note and its tree

    # -- reading

    def checkpoint(self) -> str | None:
        """The signed note of the newest checkpoint; None where nothing was ever published."""
        with self._kept_safe():
            try:
                return (self.folder / "checkpoint").read_text(encoding="utf-8")
            except FileNotFoundError:
                return None
            except UnicodeDecodeError as error:
                raise self._damaged("The checkpoint is no text") from error

    def size(self) -> int:
        """How many entries the log has."""
        return self._said()[1].size

    def tree(self) -> Tree:
        """The tree of the newest checkpoint, read from the tiles of leaves and held to its root. It is not to be grown."""
        note, said = self._said()
        known = self._known
        if known is None or known[0] != note:
            tree = Tree(self._leaves(said.size))
            if tree.root() != said.root:
                raise self._damaged("The tiles do not give the root that the checkpoint says")
            self._known = known = (note, tree)
        return known[1]

    def _said(self) -> tuple[str, Checkpoint]:
        note = self.checkpoint()
        if note is None:
            return "", Checkpoint("", 0, Tree().root())
        try:
            return note, merkle.checkpoint(note)
        except ValueError as error:
            raise self._damaged(f"The checkpoint is none ({error})") from error

    def _leaves(self, size: int) -> Iterator[bytes]:
        for number in range((size + TILE_WIDTH - 1) // TILE_WIDTH):
            width = min(TILE_WIDTH, size - number * TILE_WIDTH)
            data = self._tile(number, width)
            yield from (data[at : at + _LEAF] for at in range(0, width * _LEAF, _LEAF))

    def _tile(self, number: int, width: int) -> bytes:
        """A tile of leaves; the full one serves for a partial one that is gone."""
        paths = {merkle.tile_path(0, number, width), merkle.tile_path(0, number)}
        with self._kept_safe():
            for path in sorted(paths, reverse=True):  # the partial one, which has the longer path, first
                with contextlib.suppress(FileNotFoundError):
                    data = (self.folder / path).read_bytes()
                    if len(data) >= width * _LEAF:
                        return data
        raise self._damaged(f"Tile {number} of the leaves is gone or cut off")

    # -- growing

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """While this lasts, nobody else on this machine grows the log. May be taken again by who has it."""
        if not self._lock.acquire(timeout=_PATIENCE):
            raise self._busy()
        try:
            if self._depth == 0:
                self._handle = self._taken()
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0:
                    os.close(self._handle)  # which lets the lock go
        finally:
            self._lock.release()

    def _taken(self) -> int:
        with self._kept_safe():
            self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self.folder.parent / "log-lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return handle
            except BlockingIOError:
                if time.monotonic() > until:
                    os.close(handle)
                    raise self._busy() from None
                time.sleep(0.01)

    def hold(self, entries: Iterable[Entry]) -> None:
        """Set aside what is about to be sealed, so that it is on disk before anybody can see that it was published."""
        with self.alone(), self._kept_safe():
            self.pending.mkdir(mode=0o700, exist_ok=True)
            for entry in entries:
                name = entry.leaf.hex()
                row = json.dumps(dict(entry.row), sort_keys=True).encode()
                written(self.pending / f"{name}.row", row, synced=True)
                written(self.pending / f"{name}.json", entry.twin, synced=True)
            _settled(self.pending)
            _settled(self.pending.parent)

    def sealed(self, leaves: Sequence[bytes], notary: Notary, *, after: int | None = None) -> Checkpoint:
        """Append leaves and publish: their tiles first, the checkpoint last. No leaves: the log as it is, or a new empty one.

        ``after`` is the size that the log must have, where the caller numbered its rows by it. Once this has begun and
        raised, the checkpoint may or may not be out: ``recovered`` tells.
        """
        with self.alone():
            note, said = self._said()
            tree = self.tree()
            if note:
                _own(note, notary, self._damaged)
            if after is not None and after != said.size:
                raise KeepingError(
                    f"The log has {said.size:,} entries, not {after:,}.", where=str(self.folder),
                    why="Something else was published, or the database is an older one than the log.",
                    do="Try once more. If it stays so, restore the database's newest backup.",
                )  # fmt: skip
            if note and not leaves:
                return said
            grown = tree.copied()
            for leaf in leaves:
                grown.append(leaf)
            new = Checkpoint(notary.origin, len(grown), grown.root())
            with self._kept_safe():
                self._tiled(merkle.tiles(grown, said.size))
                signed = notary.sign(new.text)
                written(self.folder / "checkpoint", signed.encode(), mode=0o644, synced=True)
                _settled(self.folder)
            self._known = (signed, grown)
            self._thinned(said.size, new.size)
            return new

    def _tiled(self, tiles: Iterable[tuple[str, bytes]]) -> None:
        """Write tiles so that all of them outlive a power cut, the folders that were made for them included."""
        folders = {self.folder, self.folder.parent}
        self.folder.mkdir(exist_ok=True)
        for path, data in tiles:
            place = self.folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            written(place, data, mode=0o644, synced=True)
            folders.update(one for one in place.parents if one.is_relative_to(self.folder))
        for one in sorted(folders, reverse=True):
            _settled(one)

    def _thinned(self, old: int, new: int) -> None:
        """Let go of partial tiles whose full one is out: kept, they would outweigh the log a hundred times."""
        level = 0
        while (count := new >> (level * merkle.TILE_HEIGHT)) > 0:
            for number in range((old >> (level * merkle.TILE_HEIGHT)) // TILE_WIDTH, count // TILE_WIDTH):
                partial = self.folder / (merkle.tile_path(level, number) + ".p")
                shutil.rmtree(partial, ignore_errors=True)  # what stays does no harm, and repair tries again
            level += 1

    # -- after something went wrong

    def recovered(self, leaves: Sequence[bytes]) -> tuple[Lost, ...]:
        """What the log has and the database, whose leaves are given in order, has not: to be inserted again, in this order.

        To be asked within ``alone()``, when no transaction of ours is open elsewhere: else a commit under way looks lost.
        Where the database's count is ``size()``, there is nothing to ask for.
        """
        with self.alone():
            tree = self.tree()
            self._same(tree, leaves)
            return tuple(
                Lost(index, self._held(index, tree.level(0)[index])) for index in range(len(leaves), len(tree))
            )

    def settled(self, count: int) -> None:
        """The database has the log's first ``count`` entries for certain: let go of what was set aside, but of later ones."""
        with self.alone():
            keep = {leaf.hex() for leaf in self.tree().level(0)[count:]}
            with self._kept_safe():
                for path in self.pending.iterdir() if self.pending.exists() else ():
                    if path.stem not in keep:
                        path.unlink(missing_ok=True)

    def repair(self, leaves: Sequence[bytes], notary: Notary) -> Checkpoint:
        """Make the files what the database's leaves say: damaged or missing tiles, a checkpoint that fell behind, leftovers.

        Never goes back behind a checkpoint that is out, and never gives a leaf of it another hash.
        """
        with self.alone():
            note, said = self._said()
            if note:
                _own(note, notary, self._damaged)
            if said.size > len(leaves):
                raise KeepingError(
                    f"The log has {said.size:,} entries and the database {len(leaves):,}.", where=str(self.folder),
                    why="What was published cannot be taken out of the log.", do="Recover the entries first, or restore the database's newest backup.",
                )  # fmt: skip
            whole = Tree(leaves)
            if note and whole.root(said.size) != said.root:
                raise self._rewritten()
            with self._kept_safe():
                old = Tree(leaves[: said.size])
                wanted = dict(merkle.tiles(old))
                self._swept(wanted)
                self._tiled((path, data) for path, data in wanted.items() if not _holds(self.folder / path, data))
            self._known = None
            return self.sealed(leaves[said.size :], notary, after=said.size)

    def _swept(self, wanted: Mapping[str, bytes]) -> None:
        """Take away drafts, and tiles that no checkpoint asks for: those of a publication that did not come to its end."""
        for draft in [*self.folder.glob(".draft-*"), *self.folder.glob("tile/**/.draft-*")]:
            draft.unlink(missing_ok=True)
        for path in sorted(self.folder.glob("tile/**/*")):
            if not path.is_file():
                continue
            name = path.relative_to(self.folder).as_posix()
            full, partial, width = name.partition(".p/")
            # An older checkpoint's partial tile is the beginning of today's: somebody may still be reading it.
            later = next((data for one, data in wanted.items() if one.partition(".p/")[0] == full), b"")
            earlier = (
                bool(partial) and full not in wanted and width.isdecimal() and _holds(path, later[: int(width) * _LEAF])
            )
            if name not in wanted and not earlier:
                path.unlink()

    def _same(self, tree: Tree, leaves: Sequence[bytes]) -> None:
        for index, (ours, theirs) in enumerate(zip(tree.level(0), leaves, strict=False)):
            if ours != theirs:
                raise self._rewritten(index)

    def _held(self, index: int, leaf: bytes) -> Entry:
        try:
            twin = (self.pending / f"{leaf.hex()}.json").read_bytes()
            row = json.loads((self.pending / f"{leaf.hex()}.row").read_bytes())
        except (OSError, ValueError) as error:
            raise self._gone(index) from error
        if merkle.leaf_hash(twin) != leaf:
            raise self._gone(index)
        return Entry(twin, row)

    # -- what is said

    def _gone(self, index: int) -> KeepingError:
        return KeepingError(
            f"The log has entry {index + 1:,}, and neither the database nor the folder of pending entries has its words.",
            where=str(self.pending), why="A log that is published cannot be taken back, and this entry could no longer be shown.",
            do="Restore the database's newest backup, or the folder log-pending.",
        )  # fmt: skip

    def _rewritten(self, index: int | None = None) -> KeepingError:
        which = "entries" if index is None else f"entry {index + 1:,}"
        return KeepingError(
            f"The database says something else of {which} than the log that was published.", where=str(self.folder),
            why="Changing what was published would be seen by everybody who checks, and rightly.",
            do="Restore the database's newest backup. A mistake is corrected by a new entry, never in the old one.",
        )  # fmt: skip

    def _damaged(self, what: str) -> KeepingError:
        return KeepingError(
            f"{what}.", where=str(self.folder), why="Nothing can be published or proved from a log that is damaged.",
            do="Repair it from the database, or restore the folder from your backup.",
        )  # fmt: skip

    def _busy(self) -> KeepingError:
        return KeepingError(
            f"Something else has been publishing for {_PATIENCE:.0f} seconds.", where=str(self.folder),
            why="The log grows by one publication at a time.", do="Try again in a minute.",
        )  # fmt: skip

    @contextlib.contextmanager
    def _kept_safe(self) -> Iterator[None]:
        """Turn what a disk can say into words."""
        try:
            yield
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise KeepingError(
                    "The disk is full.", where=str(self.folder), why="Nothing can be published until there is space; what was published before is untouched.",
                    do="Free some space and publish again.",
                ) from error  # fmt: skip
            raise KeepingError(
                f"The log could not be written or read ({error.strerror or error}).", where=str(self.folder),
                why="Nothing can be published without it.", do="Check the disk, and that the folder belongs to the account that runs this.",
            ) from error  # fmt: skip


def _own(note: str, notary: Notary, damaged: Callable[[str], KeepingError]) -> None:
    try:
        signing.signed_by(note, notary.verifier)
    except ProofError as error:
        raise damaged(f"The checkpoint is not one of the log {notary.origin} and its key ({error.what})") from error


def _holds(path: Path, data: bytes) -> bool:
    return path.is_file() and path.read_bytes() == data


def _settled(folder: Path) -> None:
    """What was named in a folder stays named after a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
