"""Writing a file whole or not at all, whoever is killed in the middle and however full the disk is."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def written(place: Path, data: bytes, *, mode: int = 0o600, synced: bool = False) -> None:
    """Write a file under another name and rename it: who reads it finds the old one, or the new one, whole.

    ``synced`` has it on the disk before it gets its name, so that it also outlives a power cut. Raises OSError.

    >>> folder = Path(tempfile.mkdtemp())
    >>> written(folder / "one", b"whole")
    >>> (folder / "one").read_bytes(), [path.name for path in folder.iterdir()]
    (b'whole', ['one'])
    """
    handle, draft = tempfile.mkstemp(dir=place.parent, prefix=".draft-")  # made with mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if mode != 0o600:
                os.fchmod(handle, mode)
            if synced:
                os.fsync(handle)
        Path(draft).replace(place)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def kept(place: Path, data: bytes) -> None:
    """Write a file that is named by its own bytes, in a folder for its owner alone; one that is there has the same bytes."""
    if not place.is_file():
        place.parent.mkdir(mode=0o700, exist_ok=True)
        written(place, data)
