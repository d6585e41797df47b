"""An append-only Merkle tree as RFC 6962 draws it, its proofs, and its checkpoint and tiles as C2SP writes them.

This file imports nothing but Python's own hashes, so that a sceptic can lift it out and check a log without the rest.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

# Source: RFC 6962, section 2.1: a leaf and a node begin with different bytes, so that none can pass for the other.
_LEAF, _NODE = b"\x00", b"\x01"
# Source: C2SP tlog-tiles: a full tile holds 256 hashes of one level, eight levels above the tile below.
TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT


def leaf_hash(data: bytes) -> bytes:
    """The hash of an entry.

    >>> leaf_hash(b"").hex()
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'
    """
    return hashlib.sha256(_LEAF + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return hashlib.sha256(_NODE + left + right).digest()


class Tree:
    """A tree of leaf hashes, every level kept: appending, roots and proofs take steps in the logarithm of its size.

    >>> tree = Tree(map(leaf_hash, (b"a", b"b", b"c")))
    >>> verified_inclusion(leaf_hash(b"b"), 1, 3, tree.inclusion(1), tree.root())
    True
    """

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        for leaf in leaves:
            self.append(leaf)

    def __len__(self) -> int:
        return len(self._levels[0])

    def append(self, leaf: bytes) -> int:
        """Add a leaf's hash: its index, from 0."""
        if len(leaf) != hashlib.sha256().digest_size:
            raise ValueError("a leaf is a SHA-256 hash of 32 bytes; hash the entry first")
        self._levels[0].append(leaf)
        level = 0
        while len(self._levels[level]) % 2 == 0:
            if level + 1 == len(self._levels):
                self._levels.append([])
            self._levels[level + 1].append(node_hash(*self._levels[level][-2:]))
            level += 1
        return len(self) - 1

    def level(self, number: int) -> Sequence[bytes]:
        """The hashes of whole subtrees of ``2 ** number`` leaves, from the left."""
        return self._levels[number] if number < len(self._levels) else ()

    def root(self, size: int | None = None) -> bytes:
        """The root of the first ``size`` leaves (of all, where none is given); of no leaves, the hash of nothing."""
        count = self._checked(len(self) if size is None else size)
        return self._range(0, count) if count else hashlib.sha256().digest()

    def inclusion(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """The audit path of a leaf in the tree of that size, from the leaf up (RFC 6962, 2.1.1)."""
        count = self._checked(len(self) if size is None else size)
        if not 0 <= index < count:
            raise ValueError(f"there is no leaf {index} in a tree of {count}")
        return tuple(self._path(index, 0, count))

    def consistency(self, old: int, new: int | None = None) -> tuple[bytes, ...]:
        """The proof that the tree of size ``old`` is the beginning of the tree of size ``new`` (RFC 6962, 2.1.2)."""
        count = self._checked(len(self) if new is None else new)
        if not 0 <= old <= count:
            raise ValueError(f"a tree of {count} did not begin as one of {old}")
        return () if old in (0, count) else tuple(self._proof(old, 0, count, whole=True))

    def _checked(self, size: int) -> int:
        if not 0 <= size <= len(self):
            raise ValueError(f"the tree has {len(self)} leaves, not {size}")
        return size

    def _range(self, start: int, end: int) -> bytes:
        width = end - start
        if width & (width - 1) == 0 and start % width == 0:
            return self._levels[width.bit_length() - 1][start // width]
        middle = start + _split(width)
        return node_hash(self._range(start, middle), self._range(middle, end))

    def _path(self, index: int, start: int, end: int) -> Iterator[bytes]:
        if end - start == 1:
            return
        middle = start + _split(end - start)
        if index < middle:
            yield from self._path(index, start, middle)
            yield self._range(middle, end)
        else:
            yield from self._path(index, middle, end)
            yield self._range(start, middle)

    def _proof(self, old: int, start: int, end: int, *, whole: bool) -> Iterator[bytes]:
        if old == end:
            if not whole:
                yield self._range(start, end)
            return
        middle = start + _split(end - start)
        if old <= middle:
            yield from self._proof(old, start, middle, whole=whole)
            yield self._range(middle, end)
        else:
            yield from self._proof(old, middle, end, whole=False)
            yield self._range(start, middle)


def _split(width: int) -> int:
    """The largest power of two that is smaller than ``width``."""
    return 1 << ((width - 1).bit_length() - 1)


def verified_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a leaf's hash stands at ``index`` of the tree of that size and root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    number, last, found = index, size - 1, leaf
    for part in proof:
        if last == 0:
            return False
        if number & 1 or number == last:
            found = node_hash(part, found)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            found = node_hash(found, part)
        number, last = number >> 1, last >> 1
    return last == 0 and found == root


def verified_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether the tree of size and root ``old`` is the beginning of the one of ``new`` (RFC 9162, 2.1.4.2)."""
    if not 0 <= old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == hashlib.sha256().digest()
    parts = list(proof)
    if old & (old - 1) == 0:
        parts.insert(0, old_root)
    if not parts:
        return False
    number, last = old - 1, new - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    first = second = parts[0]
    for part in parts[1:]:
        if last == 0:
            return False
        if number & 1 or number == last:
            first, second = node_hash(part, first), node_hash(part, second)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            second = node_hash(second, part)
        number, last = number >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


# --- checkpoints and tiles -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself: which log it is, how many entries it has, and their root.

    >>> print(Checkpoint("example.org/log", 3, leaf_hash(b"")).text, end="")
    example.org/log
    3
    bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=
    """

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The note's text, which is what gets signed (C2SP tlog-checkpoint)."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def checkpoint(note: str) -> Checkpoint:
    """The checkpoint in a note's text; lines of signatures after it are not looked at. Raises ValueError for what is none."""
    lines = note.split("\n")
    if len(lines) < 4 or not lines[0] or not lines[1].isdecimal() or lines[1] != str(int(lines[1])):
        raise ValueError("a checkpoint is its origin, its size and its root, a line each")
    root = base64.b64decode(lines[2], validate=True)
    if len(root) != hashlib.sha256().digest_size:
        raise ValueError("a checkpoint's root is a SHA-256 hash of 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), root)


def key_id(name: str, algorithm: int, public: bytes) -> bytes:
    """The four bytes by which a note's signature line names its key (C2SP signed-note); Ed25519 is algorithm 1.

    >>> published = "Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"  # the Go checksum database's own key, named 033de0ae
    >>> key_id("sum.golang.org", 1, base64.b64decode(published)[1:]).hex()
    '033de0ae'
    """
    return hashlib.sha256(name.encode() + b"\n" + bytes([algorithm]) + public).digest()[:4]


def tile_path(level: int, number: int, width: int = TILE_WIDTH) -> str:
    """Where a tile lies (C2SP tlog-tiles): its number in groups of three digits, all but the last after an ``x``.

    >>> tile_path(0, 1234067), tile_path(1, 0, 17)
    ('tile/0/x001/x234/067', 'tile/1/000.p/17')
    """
    groups = [f"{number % 1000:03}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03}")
    return f"tile/{level}/{'/'.join(groups)}" + (f".p/{width}" if width < TILE_WIDTH else "")


def tiles(tree: Tree, old: int = 0) -> Iterator[tuple[str, bytes]]:
    """Every tile that changed since the tree had ``old`` leaves: its path and its bytes, full and partial ones."""
    level = 0
    while (count := len(tree) >> (level * TILE_HEIGHT)) > 0:
        hashes = tree.level(level * TILE_HEIGHT)
        before = old >> (level * TILE_HEIGHT)
        for number in range(before // TILE_WIDTH, (count + TILE_WIDTH - 1) // TILE_WIDTH):
            some = hashes[number * TILE_WIDTH : min(count, (number + 1) * TILE_WIDTH)]
            if len(some) > max(0, before - number * TILE_WIDTH):
                yield tile_path(level, number, len(some)), b"".join(some)
        level += 1
