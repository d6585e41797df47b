"""Parcels: a folder's files as one ``.tar.zst`` that says of each what its bytes were, so that a damaged one is noticed.

The first member is ``parcel.json`` (whatever the packer tells of it), the last ``manifest.json``: the SHA-256 and size
of every other. A parcel without its last member was cut off. What is written appears whole or not at all.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import zstandard

from postme.errors import KeepingError

_HEAD, _TAIL = "parcel.json", "manifest.json"
# No way out of the folder, no hidden name but those of ours, nothing a shell or another system would read otherwise.
_NAME = re.compile(r"(?!.*(?:^|/)\.{1,2}(?:/|$))[\w.@+-]+(?:/[\w.@+-]+)*", re.A)
# Chosen: the head and the list of a million files fit.
_LONGEST_TOLD = 1 << 28


class _Counted(io.RawIOBase):
    """A file that hashes what is read from it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.sha256, self.size = file, hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.sha256.update(data)
        self.size += len(data)
        return data


def packed(to: Path, told: Mapping[str, Any], files: Iterable[tuple[str, Path]], *, level: int = 6) -> dict[str, Any]:
    """Pack files, each under a name, with what is ``told`` of them: the manifest. ``to`` must not be there yet.

    Raises KeepingError: it is there, the disk is full, or a file changed while it was packed.
    """
    if to.exists():
        raise KeepingError("There is something of that name already.", where=str(to), why="A backup never overwrites another.", do="Give it another name, with the day in it.")  # fmt: skip
    manifest: dict[str, Any] = {}
    try:
        handle, draft = tempfile.mkstemp(dir=to.parent, prefix=f".{to.name}.")  # made with mode 0600
    except OSError as error:
        raise _trouble(to, error) from error
    try:
        with os.fdopen(handle, "wb") as raw:
            compressor = zstandard.ZstdCompressor(level=level, write_checksum=True)
            with (
                compressor.stream_writer(raw, closefd=False) as stream,
                tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as tar,
            ):
                _told(tar, _HEAD, told)
                for name, path in files:
                    manifest[name] = _added(tar, name, path)
                _told(tar, _TAIL, manifest)
            raw.flush()
            os.fsync(raw.fileno())
        # A name that appeared meanwhile is not overwritten.
        os.link(draft, to)
        _settled(to.parent)
    except OSError as error:
        raise _trouble(to, error) from error
    finally:
        Path(draft).unlink(missing_ok=True)
    return manifest


def _told(tar: tarfile.TarFile, name: str, value: Mapping[str, Any]) -> None:
    data = json.dumps(dict(value), sort_keys=True, indent=1).encode()
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), 0o600
    tar.addfile(info, io.BytesIO(data))


def _added(tar: tarfile.TarFile, name: str, path: Path) -> dict[str, Any]:
    if not _NAME.fullmatch(name):
        raise KeepingError("A file has a name that no backup can hold.", where=str(path), why="It could not be put back.", do="Rename it, or move it out of the data folder.")  # fmt: skip
    with path.open("rb") as file:
        info = tarfile.TarInfo(name)
        stat = os.fstat(file.fileno())
        info.size, info.mtime, info.mode = stat.st_size, int(stat.st_mtime), 0o600
        counted = _Counted(file)
        tar.addfile(info, counted)
    return {"sha256": counted.sha256.hexdigest(), "size": counted.size}


def told(parcel: Path) -> dict[str, Any]:
    """What a parcel tells of itself in its first member. Raises KeepingError where it is none."""
    with _opened(parcel) as members:
        for name, file in members:
            if name == _HEAD:
                return _json(parcel, file)
            break
    raise _damaged(parcel, "it does not begin as a backup does")


def unpacked(parcel: Path, to: Path) -> dict[str, Any]:
    """Unpack into ``to``, an empty folder, and hold each file to the manifest: what the parcel tells of itself.

    Raises KeepingError where anything is missing, added, changed or cut off; what was unpacked by then lies in ``to``.
    """
    found: dict[str, Any] = {}
    head: dict[str, Any] | None = None
    manifest: dict[str, Any] | None = None
    with _opened(parcel) as members:
        for name, file in members:
            if manifest is not None:
                raise _damaged(parcel, "something follows its end")
            if name == _HEAD and head is None:
                head = _json(parcel, file)
            elif name == _TAIL:
                manifest = _json(parcel, file)
            elif head is None or name in found:
                raise _damaged(parcel, "its files are not in order")
            else:
                found[name] = _written(to, name, file)
    if head is None or manifest is None:
        raise _damaged(parcel, "its end is missing")
    if found != manifest:
        wrong = sorted(name for name in {*found, *manifest} if found.get(name) != manifest.get(name))
        raise _damaged(parcel, f"{len(wrong)} of its files are not what was packed, such as {wrong[0]}")
    return head


class _Unpressed(io.RawIOBase):
    """One whole compressed frame as it is read; ZstdError where it is cut off, changed, or followed by anything."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._frame, self._left = file, zstandard.ZstdDecompressor().decompressobj(), b""

    def read(self, size: int = -1) -> bytes:
        parts, have = [self._left], len(self._left)
        while (size < 0 or have < size) and not self._frame.eof:
            data = self._file.read(1 << 17)
            if not data:
                raise zstandard.ZstdError("it was cut off")
            parts.append(self._frame.decompress(data))
            have += len(parts[-1])
        if self._frame.eof and (self._frame.unused_data or self._file.read(1)):
            raise zstandard.ZstdError("something follows its end")
        whole = b"".join(parts)
        self._left = whole[size:] if size >= 0 else b""
        return whole[:size] if size >= 0 else whole


@contextlib.contextmanager
def _opened(parcel: Path) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
    """The members of a parcel, each to be read before the next; whatever is wrong with it in words."""
    try:
        with parcel.open("rb") as raw:
            stream = _Unpressed(raw)
            with tarfile.open(fileobj=stream, mode="r|") as tar:
                yield _members(parcel, tar, stream)
    except (tarfile.TarError, zstandard.ZstdError, EOFError) as error:
        raise _damaged(parcel, str(error) or type(error).__name__) from error
    except OSError as error:
        raise _trouble(parcel, error) from error


def _members(parcel: Path, tar: tarfile.TarFile, stream: _Unpressed) -> Iterator[tuple[str, IO[bytes]]]:
    for info in tar:
        file = tar.extractfile(info) if info.isreg() else None
        if file is None or not _NAME.fullmatch(info.name):
            raise _damaged(parcel, "it holds a name or a kind of file that no backup has")
        yield info.name, file
    while stream.read(1 << 20):  # the frame's own checksum stands at its end
        pass


def _json(parcel: Path, file: IO[bytes]) -> dict[str, Any]:
    try:
        value = json.loads(file.read(_LONGEST_TOLD))
    except ValueError as error:
        raise _damaged(parcel, "what it tells of itself cannot be read") from error
    if not isinstance(value, dict):
        raise _damaged(parcel, "what it tells of itself cannot be read")
    return value


def _written(to: Path, name: str, file: IO[bytes]) -> dict[str, Any]:
    place = to / name
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    counted = _Counted(file)
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        while data := counted.read(1 << 20):
            out.write(data)
        out.flush()
        os.fsync(out.fileno())
    return {"sha256": counted.sha256.hexdigest(), "size": counted.size}


def _settled(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _damaged(parcel: Path, how: str) -> KeepingError:
    return KeepingError(
        f"This is no whole backup: {how}.", where=str(parcel), why="A site restored from it would lack something, or hold what was never there.",
        do="Use another backup. If this one was copied, copy it again and compare the sizes.",
    )  # fmt: skip


def _trouble(where: Path, error: OSError) -> KeepingError:
    return KeepingError(
        f"The file could not be read or written ({error.strerror or error}).", where=str(where), why="Nothing was finished, and nothing that was there is changed.",
        do="Check that the disk has space and that the folder belongs to you.",
    )  # fmt: skip
