"""What was read before, looked up again."""

from __future__ import annotations

import os
from pathlib import Path

from postme.errors import WrongUse
from postme.keeping.shelf import Shelf
from postme.record import Page


def pages(folder: Path, sha256: str) -> tuple[Page, ...]:
    """The pages of the record whose hash begins so. Raises WrongUse where there is none, or more than one."""
    shelf = Shelf(folder)
    try:
        found = shelf.beginning_with(sha256.lower())
        if len(found) != 1:
            raise WrongUse(
                f"{len(found) or 'No'} records begin with that hash.", where=sha256, why="One record must be meant.",
                do="Copy the hash whole from a mention, and give the --data folder that the scan used.",
            )  # fmt: skip
        return shelf.latest_pages(found[0]) or ()
    finally:
        shelf.close()


def published_places(folder: Path) -> tuple[str, ...]:
    """The ids of the places that something is published of in a data folder; none where it has no store yet, and none is made."""
    from postme.keeping.store.register import Register, whole

    if not (folder / "postme.sqlite3").exists() and not os.environ.get("DATABASE_URL"):
        return ()
    file = Register(folder).file
    from postme.keeping.store.models import Place

    with whole(file):
        return tuple(Place.objects.visible().order_by("pk").values_list("pk", flat=True))


def readings(folder: Path, sha256: str) -> list[tuple[Page, ...]]:
    """The pages of the record with that whole hash by every reader that read it, the newest first."""
    shelf = Shelf(folder)
    try:
        return shelf.readings(sha256)
    finally:
        shelf.close()
