"""An append-only Merkle tree as RFC 6962 draws it, its proofs, and its checkpoint and tiles as C2SP writes them.

This file imports nothing but Python's own hashes, so that a sceptic can lift it out and check a log without the rest.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

# Source: RFC 6962, section 2.1: a leaf and a node begin with different bytes, so that none can pass for the other.
_LEAF, _NODE = b"\x00", b"\x01"
# Source: C2SP tlog-tiles: a full tile holds 256 hashes of one level, eight levels above the tile below.
TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
# Source: C2SP tlog-proof: the line that a file of a proof begins with.
_PROOF = "c2sp.org/tlog-proof@v1"


def leaf_hash(data: bytes) -> bytes:
    """The hash of an entry.

    >>> leaf_hash(b"").hex()
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'
    """
    return hashlib.sha256(_LEAF + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return hashlib.sha256(_NODE + left + right).digest()


class _Shape:
    """What every tree can tell once it knows its size and the hash of any whole subtree."""

    def __len__(self) -> int:
        raise NotImplementedError

    def _whole(self, level: int, number: int) -> bytes:
        """The hash of the whole subtree of ``2 ** level`` leaves with that number, from the left."""
        raise NotImplementedError

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
            return self._whole(width.bit_length() - 1, start // width)
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


class Tree(_Shape):
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

    def copied(self) -> Tree:
        """A tree of the same leaves that can grow by itself; the hashes are shared, so that it is made fast."""
        other = Tree()
        other._levels = [list(level) for level in self._levels]
        return other

    def _whole(self, level: int, number: int) -> bytes:
        return self._levels[level][number]


class Tiled(_Shape):
    """The tree of ``size`` leaves as a log's tiles hold it: each is asked for by its path once it is needed, and kept.

    ``tile`` gives the bytes of a path as ``tile_path`` writes it. Nothing that it gives is believed by itself: what is
    worked out from it must meet a signed root. Raises ValueError for a tile of another length than its path says.

    >>> tree = Tree(leaf_hash(bytes([i])) for i in range(200))
    >>> kept = dict(tiles(tree))
    >>> Tiled(200, kept.__getitem__).consistency(70) == tree.consistency(70)
    True
    """

    def __init__(self, size: int, tile: Callable[[str], bytes]) -> None:
        self._size, self._tile = size, tile
        self._kept: dict[tuple[int, int], bytes] = {}

    def __len__(self) -> int:
        return self._size

    def _whole(self, level: int, number: int) -> bytes:
        # A whole subtree lies within one tile: a tile is eight levels high and begins where such a subtree does.
        height, up = divmod(level, TILE_HEIGHT)
        which, place = divmod(number << up, TILE_WIDTH)
        data = self._read(height, which)
        hashes = [data[at * 32 : (at + 1) * 32] for at in range(place, place + (1 << up))]
        while len(hashes) > 1:
            hashes = [node_hash(*hashes[at : at + 2]) for at in range(0, len(hashes), 2)]
        return hashes[0]

    def _read(self, height: int, which: int) -> bytes:
        if (height, which) not in self._kept:
            width = min(TILE_WIDTH, (self._size >> (height * TILE_HEIGHT)) - which * TILE_WIDTH)
            path = tile_path(height, which, width)
            data = self._tile(path)
            if len(data) != width * 32:
                raise ValueError(f"{path} has {len(data)} bytes, and must have {width * 32}")
            self._kept[height, which] = data
        return self._kept[height, which]


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


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A leaf's place in a log and its proof, to be kept beside what was published (C2SP tlog-proof).

    ``note`` is the signed checkpoint, word for word; ``path`` goes from the leaf's sibling up to the root's child.

    >>> print(Inclusion(0, (leaf_hash(b""),), "log\\n2\\n...\\n").text, end="")
    c2sp.org/tlog-proof@v1
    index 0
    bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=
    <BLANKLINE>
    log
    2
    ...
    """

    index: int
    path: tuple[bytes, ...]
    note: str

    @property
    def text(self) -> str:
        """The proof as it is served."""
        lines = [_PROOF, f"index {self.index}", *(base64.b64encode(part).decode() for part in self.path), ""]
        return "\n".join(lines) + "\n" + self.note


def inclusion(text: str) -> Inclusion:
    """The proof in a file's text. The line of extra data that it may have is passed over. Raises ValueError for what is none."""
    head, blank, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    if first != _PROOF or not blank:
        raise ValueError(f"a proof begins with the line {_PROOF} and holds a checkpoint after an empty line")
    if lines and lines[0].startswith("extra "):
        base64.b64decode(lines.pop(0).removeprefix("extra "), validate=True)
    number = lines.pop(0).removeprefix("index ") if lines and lines[0].startswith("index ") else ""
    if not number.isdecimal() or len(number) > 19 or number != str(int(number)):
        raise ValueError("a proof says the number of its leaf: index, a space, and digits without a leading 0")
    path = tuple(base64.b64decode(line, validate=True) for line in lines)
    # 63: a tree of the largest index that can be written is no higher.
    if len(path) > 63 or any(len(part) != hashlib.sha256().digest_size for part in path):
        raise ValueError("a proof's hashes are SHA-256, a line each, and 63 at most")
    return Inclusion(int(number), path, note)


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
