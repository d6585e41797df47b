"""What a site needs done now and then: pictures drawn ahead, its cache kept small, the log held against the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from postme.errors import KeepingError, PostmeError
from postme.keeping import pictures
from postme.office import sealing, viewing
from postme.redaction import Redaction


def drawn(folder: Path, sha256: str, pages: Sequence[int], hidden: Mapping[int, Sequence[Redaction]]) -> int:
    """Draw the pictures of a record's pages, so that no reader waits for them: how many there are now.

    A page that has no picture (the record is no PDF, the page is damaged) is passed over: readers are told so there.
    """
    made = 0
    for page in pages:
        try:
            viewing.page_picture(folder, sha256, page, hidden.get(page, ()))
        except PostmeError:
            continue
        made += 1
    return made


def pruned(folder: Path) -> None:
    """Let go of pictures that nobody looked at for long, and of the oldest beyond what the cache may take."""
    pictures.bound(folder)


def log_held(folder: Path, origin: str) -> int:
    """Hold the log's files against the table: its size. Raises KeepingError where they do not say the same."""
    log = sealing.log(folder, origin)
    differs = log.agrees()
    if differs:
        raise KeepingError(
            differs, where=str(folder / "log"), why="What was published can no longer be proved.",
            do="Publish nothing more; keep the folder as it is, and restore the newest backup beside it to compare.",
        )  # fmt: skip
    return log.size
