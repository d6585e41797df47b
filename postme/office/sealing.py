"""The log of a data folder: where its key and its tiles lie, and how a publication is sealed into it."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator, Sequence
from pathlib import Path

from postme.keeping.notary import Notary
from postme.keeping.store.ledger import Leaf, Ledger
from postme.keeping.tiles import Tiles

# As a website without settings of its own names it.
ORIGIN = "localhost/log"


class Log:
    """The log of a folder; ``origin`` is the name that its checkpoints carry."""

    def __init__(self, folder: Path, origin: str, ledger: Ledger) -> None:
        self.folder, self.origin, self._ledger = folder, origin, ledger

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """One publication at a time, whichever process it is in."""
        with (self.folder / ".postme-log.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def seal(self, leaves: Sequence[Leaf]) -> None:
        """Put leaves into the tiles and sign a checkpoint: the last step of a publication's transaction."""
        Tiles(self.folder / "log").sealed([leaf.hash for leaf in leaves], Notary(self.folder, self.origin))
