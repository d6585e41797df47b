"""Answers that are made once and kept for as long as what they depend on is the same; the one that was not asked for longest goes first."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

# Chosen: every place of a country's thousand that are asked for, in each of two workers of a small server.
_MOST = 64_000_000


class Kept:
    """Bodies by their address, each with the state that it was made in. Safe for threads; ``most`` is in bytes.

    >>> here = Kept(10)
    >>> here.keep("/a", "1", b"12345"); here.keep("/b", "1", b"12345"); here.of("/a", "1"), here.of("/a", "2")
    (b'12345', None)
    >>> here.keep("/c", "1", b"1"); list(here.addresses())
    ['/a', '/c']
    """

    def __init__(self, most: int = _MOST) -> None:
        self.most, self._size = most, 0
        self._rows: OrderedDict[Hashable, tuple[str, bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, address: Hashable, state: str) -> bytes | None:
        """The body that was made of an address in this state; ``None`` where none was."""
        with self._lock:
            found = self._rows.get(address)
            if found is None or found[0] != state:
                return None
            self._rows.move_to_end(address)
            return found[1]

    def keep(self, address: Hashable, state: str, body: bytes) -> None:
        """Keep a body; one that is larger than all that may be kept is not."""
        if len(body) > self.most:
            return
        with self._lock:
            self._size += len(body) - len(self._rows.pop(address, ("", b""))[1])
            self._rows[address] = (state, body)
            while self._size > self.most:
                self._size -= len(self._rows.popitem(last=False)[1][1])

    def within(self, address: Hashable, seconds: int, made: Callable[[], bytes]) -> bytes:
        """What was made of an address within the last ``seconds``, else made now and kept."""
        now = lately(seconds)
        found = self.of(address, now)
        if found is None:
            found = made()
            self.keep(address, now, found)
        return found

    def clear(self) -> None:
        """Forget all of it."""
        with self._lock:
            self._rows.clear()
            self._size = 0

    def addresses(self) -> list[Hashable]:
        """What is kept, the one that was not asked for longest first."""
        return list(self._rows)


def lately(seconds: int) -> str:
    """A state that is another one after every so many seconds."""
    return str(int(time.time() // seconds))


KEPT = Kept()
"""Of this process."""
