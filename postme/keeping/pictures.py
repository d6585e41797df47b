"""The cache of drawn pages: files under ``pictures/<sha256>/``, whole or absent, bounded, and gone when forgotten.

A picture that was begun before its record was forgotten is not kept: it would show what has been hidden since.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from postme.keeping.shelf import kept_safe, made_private

# Chosen: 15,000 pages; a town's readers look at a few hundred.
MOST_BYTES = 1 << 30
# Chosen: what nobody looked at for so long is drawn again when somebody does.
LONGEST_UNSEEN = 30 * 86_400
# Chosen: the folder is gone through once for so many new files, and with the first of a process.
_EVERY = 64
# Chosen: a file's time is set anew when it is looked at, but not more often than this.
_FRESH = 3_600

_put = 0
_sweeping = threading.Lock()


def held(folder: Path, sha256: str, name: str, within: float = LONGEST_UNSEEN) -> bytes | None:
    """A cached file no older than ``within`` seconds (since it was made or last looked at), or ``None``."""
    path = _home(folder) / sha256 / name
    try:
        with path.open("rb") as file:
            age = time.time() - os.fstat(file.fileno()).st_mtime
            if age > within:
                return None
            data = file.read()
    except OSError:
        return None  # it is not there, or cannot be read: then it is drawn anew
    if age > _FRESH and within == LONGEST_UNSEEN:
        with contextlib.suppress(OSError):  # it was forgotten meanwhile, or the disk is read-only
            os.utime(path)
    return data


class Place:
    """A record's folder in the cache as it was when the work began; forgotten since, it takes nothing more."""

    def __init__(self, folder: Path, handle: int | None) -> None:
        self._folder, self._handle = folder, handle

    def put(self, name: str, data: bytes) -> bool:
        """Keep a file, whole or not at all; whether it was kept. A cache that cannot be written keeps nothing."""
        global _put
        if self._handle is None:
            return False
        draft = f".draft-{secrets.token_hex(8)}"
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=self._handle)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                os.replace(draft, name, src_dir_fd=self._handle, dst_dir_fd=self._handle)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(draft, dir_fd=self._handle)
                raise
        except OSError:
            return False  # the record was forgotten, or the disk is full: what was drawn is still good to show
        _put += 1
        if _put % _EVERY == 1:
            bound(self._folder)
        return True


@contextlib.contextmanager
def place(folder: Path, sha256: str) -> Iterator[Place]:
    """The place to put what is drawn from now on; to be opened before the first look at what is hidden."""
    home = _home(folder) / sha256
    handle = None
    with contextlib.suppress(OSError):  # without a cache every picture is drawn anew
        made_private(_home(folder))
        home.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield Place(folder, handle)
    finally:
        if handle is not None:
            os.close(handle)


def forget(folder: Path, sha256: str) -> None:
    """Delete all that is cached of a record, and keep what is being drawn of it now from being cached.

    Raises KeepingError where it cannot be deleted: what should be hidden would still lie there.
    """
    home = _home(folder) / sha256
    gone = _home(folder) / f".gone-{secrets.token_hex(8)}"
    with kept_safe(folder):
        try:
            home.rename(gone)
        except FileNotFoundError:
            return
        # Whoever had the folder open may still put a file into it between the look at it and its end.
        for attempt in range(10):
            try:
                shutil.rmtree(gone)
                return
            except OSError:
                if attempt == 9 or not gone.exists():
                    raise


def bound(folder: Path, most: int = MOST_BYTES, unseen: float = LONGEST_UNSEEN) -> None:
    """Delete what nobody looked at for ``unseen`` seconds, then the longest unseen until ``most`` bytes are left."""
    if not _sweeping.acquire(blocking=False):
        return
    try:
        oldest = time.time() - unseen
        files = []
        for path in _home(folder).glob("*/*"):
            with contextlib.suppress(FileNotFoundError):  # another process deleted it
                told = path.stat()
                files.append((told.st_mtime, told.st_size, path))
        left = sum(size for _, size, _ in files)
        for seen, size, path in sorted(files, key=lambda one: one[0]):
            if seen >= oldest and left <= most:
                break
            with contextlib.suppress(OSError):  # another process deleted it
                path.unlink(missing_ok=True)
            left -= size
        for home in _home(folder).glob(".gone-*"):
            shutil.rmtree(home, ignore_errors=True)
    finally:
        _sweeping.release()


def _home(folder: Path) -> Path:
    return folder / "pictures"
