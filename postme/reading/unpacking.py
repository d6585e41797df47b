"""Limits on what compressed bytes may unpack to, counted while reading: a header's word for it is never trusted."""

from __future__ import annotations

from typing import IO

# Chosen: XML and text pack to a fortieth at best, long runs of one letter to a thousandth, which is what bombs are.
STEEPEST = 200
# Chosen: below this a steep ratio does no harm, and small files of one repeated line reach it.
HARMLESS = 16 * 1024 * 1024


# Chosen: members are unpacked one at a time, so this bounds time, not memory: a year of a city's packets.
LARGEST_TOTAL = 50 * 1024 * 1024 * 1024
# Chosen: a city's whole record holds tens of thousands of files.
MOST_MEMBERS = 200_000


class Budget:
    """What a container, with all containers inside it, may still unpack to; it shrinks as members come out.

    >>> Budget().members == MOST_MEMBERS
    True
    """

    def __init__(self) -> None:
        self.left, self.members = LARGEST_TOTAL, MOST_MEMBERS


class PastLimit(Exception):
    """More came out than may; ``limit`` says which limit in words."""

    def __init__(self, limit: str) -> None:
        super().__init__(limit)
        self.limit = limit


class Counted:
    """A stream that counts what was read from it and stops past a limit.

    >>> import io
    >>> Counted(io.BytesIO(b"abc"), 3, 10, 10).read(2)
    b'ab'
    """

    def __init__(self, stream: IO[bytes], packed: int, most: int, left: int) -> None:
        self._stream, self._packed = stream, max(1, packed)
        self._most, self._left = most, left
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes, or all of them. Raises ``PastLimit``."""
        if size >= 0:
            return self._counted(self._stream.read(size))
        pieces = []
        while piece := self._counted(self._stream.read(1 << 20)):
            pieces.append(piece)
        return b"".join(pieces)

    def _counted(self, piece: bytes) -> bytes:
        self.count += len(piece)
        if self.count > self._most:
            raise PastLimit(f"{_size(self._most)}, the most that one may hold")
        if self.count > self._left:
            raise PastLimit(f"what is left of the limit for all of them together, {_size(max(0, self._left))}")
        if self.count > HARMLESS and self.count > STEEPEST * self._packed:
            raise PastLimit(f"{STEEPEST} times its packed size")
        return piece


def _size(count: int) -> str:
    return f"{count / 1024 / 1024:,.0f} MB"
