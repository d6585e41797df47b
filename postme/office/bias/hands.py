"""How tiles are shared out: one thread a core, each with a single-threaded BLAS, which is faster than the reverse.

Measured: two threads with one BLAS thread each make 98 % of what the processor can; one thread with two BLAS threads
waits while scores are looked through, and collapses when somebody else needs a core.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from postme.bias import kernel

T = TypeVar("T")
R = TypeVar("R")
# Tiles under way for each hand: enough that none waits, few enough that a kill loses little.
_AHEAD = 3


def cores() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def tails(
    rows: np.ndarray, tiles: Iterable[kernel.Tile], floor: float, hands: int = 0
) -> Iterator[tuple[kernel.Tile, kernel.Tail]]:
    """The tail of each tile, in the order of the tiles; ``hands`` threads, as many as there are cores unless given."""
    local = threading.local()

    def one(tile: kernel.Tile) -> tuple[kernel.Tile, kernel.Tail]:
        if not hasattr(local, "room"):
            local.room = np.empty(kernel.TALL * kernel.WIDE, np.float32)
        return tile, kernel.tail(rows, tile, floor, local.room)

    with threadpool_limits(1, "blas"), ThreadPoolExecutor(hands or cores()) as pool:
        yield from in_order(pool, one, tiles, (hands or cores()) * _AHEAD)


def in_order(pool: Executor, work: Callable[[T], R], items: Iterable[T], ahead: int) -> Iterator[R]:
    """The results of ``work`` in the order of the items, with so many under way and no more."""
    left = iter(items)
    under_way: deque[Future[R]] = deque(pool.submit(work, one) for one in islice(left, ahead))
    while under_way:
        yield under_way.popleft().result()
        under_way.extend(pool.submit(work, one) for one in islice(left, 1))
