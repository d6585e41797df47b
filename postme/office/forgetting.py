"""Nobody who was erased stays or comes back: what a restored site must forget again, and the bytes that are left of it every night."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from pathlib import Path

from postme.keeping import gone
from postme.keeping.store import erasing
from postme.keeping.store.register import Register, holds
from postme.office import handing


def again(folder: Path, left: Collection[str]) -> int:
    """Erase from a restored site who should be erased by now, with the files that name them: how many. ``left`` has the receipts' numbers of those who took their names off."""
    # What is no store of ours, or is older than letters, is left as it is.
    if not holds(folder, "store_signed"):
        return 0
    file, now = Register(folder).file, _now()
    done = erasing.over(file, now) + erasing.left(file, left, now)
    handing.pruned(folder)
    gone.joined(folder / gone.FILE, left)
    if done:
        erasing.scrubbed(file, always=True)
    return done


def scrubbed(folder: Path) -> bool:
    """Leave no byte of what was erased since the last time: whether anything was."""
    return erasing.scrubbed(Register(folder).file)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
