"""The tree: held to the vectors of Certificate Transparency, to a second drawing of RFC 6962, and to proofs that were tampered with."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postme import merkle
from postme.merkle import Tree, leaf_hash, verified_consistency, verified_inclusion

# Source: the reference tests of Certificate Transparency (RFC 6962): eight entries, and the root after each.
ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]  # fmt: skip
sizes = st.integers(1, 130)


def grown(size: int) -> Tree:
    return Tree(leaf_hash(str(i).encode()) for i in range(size))


def drawn(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, as it stands there."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + drawn(leaves[:k]) + drawn(leaves[k:])).digest()


def test_the_roots_are_those_of_certificate_transparency() -> None:
    tree = Tree()
    assert tree.root() == hashlib.sha256().digest()
    for entry, root in zip(ENTRIES, ROOTS, strict=True):
        tree.append(leaf_hash(bytes.fromhex(entry)))
        assert tree.root().hex() == root
    assert [tree.root(size).hex() for size in range(1, 9)] == ROOTS


@given(sizes)
def test_the_root_is_that_of_the_definition(size: int) -> None:
    assert grown(size).root() == drawn([leaf_hash(str(i).encode()) for i in range(size)])


@settings(max_examples=200)
@given(st.data(), sizes)
def test_every_leaf_is_proved_in_every_later_tree(data: st.DataObject, size: int) -> None:
    tree = grown(130)
    index = data.draw(st.integers(0, size - 1))
    proof = tree.inclusion(index, size)
    leaf, root = leaf_hash(str(index).encode()), tree.root(size)
    assert verified_inclusion(leaf, index, size, proof, root)
    assert len(proof) <= (size - 1).bit_length()
    assert not verified_inclusion(leaf_hash(b"another"), index, size, proof, root)
    assert not verified_inclusion(leaf, (index + 1) % size, size, proof, root) or size == 1
    assert not verified_inclusion(leaf, index, size, (*proof, root), root)
    assert not verified_inclusion(leaf, size, size, proof, root)
    if proof:
        assert not verified_inclusion(leaf, index, size, proof[:-1], root)
        assert not verified_inclusion(leaf, index, size, (bytes(32), *proof[1:]), root)


@settings(max_examples=200)
@given(st.data(), sizes)
def test_every_tree_is_proved_to_begin_every_later_one(data: st.DataObject, new: int) -> None:
    tree = grown(130)
    old = data.draw(st.integers(0, new))
    proof = tree.consistency(old, new)
    roots = tree.root(old), tree.root(new)
    assert verified_consistency(old, new, proof, *roots)
    if 0 < old < new:
        forked = Tree(leaf_hash(str(i if i != old - 1 else "changed").encode()) for i in range(new))
        assert not verified_consistency(old, new, proof, roots[0], forked.root())
        assert not verified_consistency(old, new, forked.consistency(old, new), roots[0], forked.root())
        assert not verified_consistency(old, new, (*proof, bytes(32)), *roots)
        assert not verified_consistency(old, new, proof[1:], *roots)
    if old < new:
        assert not verified_consistency(new, old, proof, *reversed(roots))


def test_a_tree_refuses_what_it_does_not_have() -> None:
    tree = grown(3)
    with pytest.raises(ValueError, match="32 bytes"):
        tree.append(b"an entry that was not hashed")
    with pytest.raises(ValueError, match="no leaf 3 in a tree of 3"):
        tree.inclusion(3)
    with pytest.raises(ValueError, match="did not begin as one of 4"):
        tree.consistency(4)
    with pytest.raises(ValueError, match="has 3 leaves, not 9"):
        tree.root(9)
    assert len(tree) == 3


def test_a_checkpoint_is_read_as_it_was_written() -> None:
    own = merkle.Checkpoint("postme.example/log", 7, grown(7).root())
    assert merkle.checkpoint(own.text) == own
    assert merkle.checkpoint(own.text + "\n— postme.example/log AAAAA=\n") == own


@pytest.mark.parametrize(
    "note",
    [
        "",
        "log\n3\n",
        "log\n03\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "log\n-1\nAAAA\n",
        "log\n3\nAAAA\n",
        "\n3\nAAAA\n",
        "log\n3\n!!\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(note: str) -> None:
    with pytest.raises(ValueError):
        merkle.checkpoint(note)


def test_tiles_hold_every_hash_of_their_level_and_name_what_is_partial() -> None:
    tree = grown(256 * 2 + 70)
    found = dict(merkle.tiles(tree))
    assert set(found) == {"tile/0/000", "tile/0/001", "tile/0/002.p/70", "tile/1/000.p/2"}
    assert found["tile/0/001"] == b"".join(leaf_hash(str(i).encode()) for i in range(256, 512))
    assert found["tile/1/000.p/2"] == b"".join(
        drawn([leaf_hash(str(i).encode()) for i in range(j, j + 256)]) for j in (0, 256)
    )


@given(st.integers(0, 600), st.integers(0, 600))
def test_tiles_that_did_not_change_are_not_written_again(one: int, other: int) -> None:
    old, new = sorted((one, other))
    tree = grown(600)
    before = dict(merkle.tiles(Tree(tree.level(0)[:old])))
    after = dict(merkle.tiles(Tree(tree.level(0)[:new])))
    changed = dict(merkle.tiles(Tree(tree.level(0)[:new]), old))
    assert changed.items() <= after.items()
    assert after == {**{path: data for path, data in before.items() if path in after}, **changed}
