"""Whether everything that the site stands on is well: the disk, the log, and how old what it knows is."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from postme.errors import PostmeError
from postme.keeping import library
from postme.office import counsel, sealing

# Chosen: less than a scan of one meeting's packet needs.
_ROOM = 50_000_000


def disk(folder: Path) -> str:
    """Empty where the data folder can be written and has room; else what is wrong, without the folder's path."""
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".health-"):
            left = shutil.disk_usage(folder).free
    except OSError as error:
        return f"The data folder cannot be written ({error.strerror})."
    return "" if left >= _ROOM else f"Only {left // 1_000_000} MB are left on the disk of the data folder."


def log(folder: Path, origin: str) -> str:
    """Empty where the log's files and the table of its entries say the same; else what differs."""
    try:
        return sealing.log(folder, origin).agrees()
    except PostmeError as error:
        return error.what


@lru_cache(maxsize=1)
def knowledge(folder: Path, catalogues: Sequence[Path]) -> dict[str, Any]:
    """Which versions of names and laws this process works with, and when the laws were last read.

    ``catalogues`` are a town's own; a tuple. ``newest_reading`` and ``oldest_reading`` are days.
    """
    known = library.sources(tuple(catalogues), cache=folder / "cache")
    read: list[date] = [one.read.on for one in counsel.every()]
    return {
        "catalogue": known.version[:16], "laws": len(read), "newest_reading": max(read).isoformat() if read else None,
        "oldest_reading": min(read).isoformat() if read else None,
    }  # fmt: skip
