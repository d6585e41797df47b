"""The counting kernel: exact tails of all impostor scores of N templates, by tiles that any worker can take.

Scores are inner products of rows (cosines, when the rows have length 1), in float32 by the machine's own BLAS.
Nothing is binned. Kept are the impostor scores at or above a floor, and every genuine score; N² scores are never
held at once. A tile knows no other tile, so they can be made in any order, by anybody, and once only.

>>> import numpy as np
>>> rows = unit(np.array([[1, 0], [1, 0.1], [0, 1]], np.float32))
>>> found = [tail(rows, tile, 0.5) for tile in tiles(3)]
>>> [(int(i), int(j)) for part in found for i, j in zip(part.i, part.j)]
[(0, 1)]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from postme.bias.comparisons import Numbers

Rows = NDArray[np.float32]

# Measured: smaller tiles cost up to a quarter of the speed, larger ones fall out of the cache.
TALL, WIDE = 2048, 4096
# The square on the diagonal is made in strips, so that little of it is computed in vain.
_STRIP = 256
# Rows drawn to guess where the tail begins, how far beyond the wanted rate it goes, and the fewest drawn pairs in it.
_DRAWN, _BEYOND, _FEWEST = 1500, 1.3, 50


@dataclass(frozen=True)
class Tile:
    """Rows ``top`` to ``bottom`` against rows ``left`` to ``right``; on the diagonal both are the same."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def diagonal(self) -> bool:
        """Whether it holds rows against themselves."""
        return self.top == self.left

    @property
    def pairs(self) -> int:
        """Pairs of different rows in it, each once."""
        tall = self.bottom - self.top
        return tall * (tall - 1) // 2 if self.diagonal else tall * (self.right - self.left)


@dataclass(frozen=True)
class Tail:
    """Scores (H,) float32 and the two rows (H,) int32 of each."""

    score: Rows
    i: NDArray[np.int32]
    j: NDArray[np.int32]


def unit(rows: Rows) -> Rows:
    """The rows (N, d) with length 1, so that inner products are cosines; float32, C order."""
    rows = np.array(rows, np.float32, order="C")
    rows /= np.sqrt(np.einsum("nd,nd->n", rows, rows, dtype=np.float64)).astype(np.float32)[:, None]
    return rows


def tiles(number: int, tall: int = TALL, wide: int = WIDE) -> Iterator[Tile]:
    """The upper triangle of ``number`` x ``number``, every pair of rows in exactly one tile."""
    for top in range(0, number, tall):
        bottom = min(number, top + tall)
        yield Tile(top, bottom, top, bottom)
        for left in range(bottom, number, wide):
            yield Tile(top, bottom, left, min(number, left + wide))


def tail(rows: Rows, tile: Tile, floor: float, room: Rows | None = None) -> Tail:
    """The pairs of a tile that score ``floor`` or more, those of one person still among them.

    ``rows`` (N, d) float32 in C order; ``room``: at least TALL x WIDE numbers to work in, to be used again.
    """
    room = np.empty(TALL * WIDE, np.float32) if room is None else room
    strips = [tile]
    if tile.diagonal:
        steps = range(tile.top, tile.bottom, _STRIP)
        strips = [Tile(top, min(tile.bottom, top + _STRIP), top, tile.bottom) for top in steps]
    limit = np.float32(floor)
    scores, left, right = [], [], []
    for strip in strips:
        tall, wide = strip.bottom - strip.top, strip.right - strip.left
        made = room[: tall * wide].reshape(tall, wide)
        np.matmul(rows[strip.top : strip.bottom], rows[strip.left : strip.right].T, out=made)
        found = np.flatnonzero(made >= limit)
        i, j = np.divmod(found, wide)
        i += strip.top
        j += strip.left
        kept = made.ravel()[found]
        if tile.diagonal:
            upper = j > i
            i, j, kept = i[upper], j[upper], kept[upper]
        scores.append(kept)
        left.append(i.astype(np.int32))
        right.append(j.astype(np.int32))
    score, first, second = np.concatenate(scores), np.concatenate(left), np.concatenate(right)
    # Each worker sorts its own: what is left for the one that joins them is to merge runs.
    order = np.argsort(-score, kind="stable")
    return Tail(score[order], first[order], second[order])


def joined(parts: list[Tail], person: Numbers) -> Tail:
    """The tails of all tiles as one, in falling order of score, without pairs of one person's own rows."""
    if not parts:
        return Tail(np.empty(0, np.float32), np.empty(0, np.int32), np.empty(0, np.int32))
    i, j = np.concatenate([part.i for part in parts]), np.concatenate([part.j for part in parts])
    score = np.concatenate([part.score for part in parts])
    other = person[i] != person[j]
    i, j, score = i[other], j[other], score[other]
    # Stable, and the parts come in the order of the tiles: it does not matter which worker was first.
    order = np.argsort(-score, kind="stable")
    return Tail(score[order], i[order], j[order])


def genuine(rows: Rows, person: Numbers) -> Tail:
    """Every score of two rows of one person, in rising order; ``person`` (N,) in rising runs."""
    starts = np.flatnonzero(np.concatenate([[True], person[1:] != person[:-1]])) if len(person) else np.empty(0, int)
    sizes = np.diff(np.concatenate([starts, [len(person)]]))
    scores, left, right = [np.empty(0, np.float32)], [np.empty(0, np.int32)], [np.empty(0, np.int32)]
    for size in np.unique(sizes):
        if size < 2:
            continue
        i, j = np.triu_indices(size, 1)
        first = starts[sizes == size]
        step = max(1, 2_000_000 // (size * max(size, rows.shape[1])))
        for at in range(0, len(first), step):
            part = first[at : at + step]
            block = rows[part[:, None] + np.arange(size)]
            made = np.matmul(block, block.transpose(0, 2, 1))
            scores.append(made[:, i, j].ravel())
            left.append((part[:, None] + i).ravel().astype(np.int32))
            right.append((part[:, None] + j).ravel().astype(np.int32))
    score, a, b = np.concatenate(scores), np.concatenate(left), np.concatenate(right)
    order = np.argsort(score, kind="stable")
    return Tail(score[order], a[order], b[order])


def floor_for(rows: Rows, person: Numbers, rate: float, seed: int) -> float:
    """Where the tail has to begin so that it surely holds the ``rate`` of highest impostor scores; a guess by lot.

    Some 1,500 rows are drawn and all their pairs made; a guess too high shows itself (the tail is short), and is
    repeated from lower down.
    """
    chance = np.random.default_rng(seed)
    drawn = np.sort(chance.choice(len(rows), min(_DRAWN, len(rows)), replace=False))
    score = (rows[drawn] @ rows[drawn].T)[np.triu(person[drawn][:, None] != person[drawn], 1)]
    rank = max(_FEWEST, round(_BEYOND * rate * len(score)))
    if rank >= len(score):
        return float("-inf")
    return float(np.partition(score, len(score) - rank)[len(score) - rank])
