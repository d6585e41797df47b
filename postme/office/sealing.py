"""The log of a data folder: where its key and its tiles lie, and how a publication is sealed into it, even across a crash."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from postme import merkle
from postme.errors import KeepingError, WrongUse
from postme.keeping.notary import Notary
from postme.keeping.store.ledger import Drafted, Leaf, Ledger, Publishing
from postme.keeping.tiles import Entry, Lost, Tiles
from postme.office import verifying
from postme.publication import What

ORIGIN = "localhost/log"


class Log:
    """The log of a folder; ``origin`` is the name that its checkpoints carry."""

    def __init__(self, folder: Path, origin: str, ledger: Ledger) -> None:
        self.folder, self.origin, self._ledger, self._tiles = folder, origin, ledger, Tiles(folder)

    @cached_property
    def notary(self) -> Notary:
        """Who signs; its key is made when it is first asked for."""
        return Notary(self.folder, self.origin)

    def publish(self, publish: Callable[[Callable[[Sequence[Leaf]], None]], list[Leaf]]) -> list[Leaf]:
        """Do a publication, one at a time on this machine: ``publish`` is given what seals its leaves within its transaction."""
        with self._tiles.alone():
            self.recover()
            leaves = publish(self._seal)
            self._tiles.settled(self._tiles.size())
        return leaves

    def _seal(self, leaves: Sequence[Leaf]) -> None:
        if leaves:
            self._tiles.hold(Entry(leaf.twin, leaf.row) for leaf in leaves)
            self._tiles.sealed([leaf.hash for leaf in leaves], self.notary, after=leaves[0].index)

    def recover(self) -> int:
        """Publish again what the log has and the database lost, since the machine stopped between the two: how many entries."""
        with self._tiles.alone():
            if self._ledger.size() == self._tiles.size():
                return 0
            known = self._ledger.leaves()
            lost = self._tiles.recovered([hash_ for _, hash_, _ in known])
            for one in lost:
                self._again(one)
            self._tiles.settled(len(known) + len(lost))
            return len(lost)

    def _again(self, lost: Lost) -> None:
        row = lost.entry.row
        texts = [(number, text, state, note) for number, text, state, note in row["publishing"]["texts"]]
        told = Publishing(**{**row["publishing"], "what": What(row["publishing"]["what"]), "texts": texts})

        def made(_: Drafted | None) -> list[Publishing]:
            return [told]

        def salt() -> str:
            return str(row["salt"])

        def seal(leaves: Sequence[Leaf]) -> None:
            _same(leaves, lost.index, lost.entry.leaf)

        self._ledger.publish(
            made, who=row["who"], at=datetime.datetime.fromisoformat(row["at"]), salt=salt, seal=seal, draft=row.get("draft"),
            remark=row.get("remark", ""), redaction=row.get("redaction"), again=True,
        )  # fmt: skip

    # -- for whoever wants to check

    def checkpoint(self) -> str:
        """The newest checkpoint, signed; that of an empty log where nothing was published yet."""
        note = self._tiles.checkpoint()
        return (
            note if note is not None else self.notary.sign(merkle.Checkpoint(self.origin, 0, merkle.Tree().root()).text)
        )

    @property
    def size(self) -> int:
        """How many entries the log has."""
        return self._tiles.size()

    @property
    def verifier(self) -> str:
        """The public key, as C2SP writes it."""
        return self.notary.verifier

    def proof(self, index: int) -> str:
        """The file that proves an entry (C2SP tlog-proof). Raises WrongUse where there is no such entry."""
        note = self.checkpoint()
        if not 0 <= index < merkle.checkpoint(note).size:
            raise WrongUse(
                f"The log has no entry {index}.",
                where="log",
                why="There is nothing to prove.",
                do="Ask for one that it has.",
            )
        return verifying.proof(self._tiles.tree(), note, index)

    def tile(self, path: str) -> Path | None:
        """Where a tile lies, by the part of its address after ``tile/``; ``None`` where there is none."""
        root = (self._tiles.folder / "tile").resolve()
        place = (root / path).resolve()
        return place if place.is_relative_to(root) and place.is_file() else None

    def agrees(self) -> str:
        """Empty where the files and the table say the same; else what differs, in a sentence."""
        with contextlib.suppress(KeepingError):
            known = self._ledger.leaves()
            tree = self._tiles.tree()
            if len(known) != len(tree):
                return f"The log has {len(tree)} entries and the table {len(known)}."
            if [hash_ for _, hash_, _ in known] != list(tree.level(0)):
                return "The log and the table say different things of an entry."
            return ""
        return "The log's files are damaged."


def _same(leaves: Sequence[Leaf], index: int, leaf: bytes) -> None:
    if [(one.index, one.hash) for one in leaves] != [(index, leaf)]:
        raise KeepingError(
            f"Entry {index} of the log cannot be published again as it was.", where="log-pending",
            why="What is in the log would not be what the page says.", do="Restore the newest backup, which has both.",
        )  # fmt: skip


def log(folder: Path, origin: str = ORIGIN) -> Log:
    """The log of a data folder."""
    return Log(folder, origin, Ledger(folder))


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """While this lasts, nothing is published from this folder: for a backup that must be of one moment."""
    with Tiles(folder).alone():
        yield
