"""Checks a published page without trusting who published it: its words, its place in the log, and that the log only grew.

A page's *twin* is the file of its facts at its address with ``.json``; its *proof* is the one with ``.proof`` (C2SP
tlog-proof). What is proved is that these very bytes stand in the log, and that the log's key signed it so.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from postme import merkle
from postme.errors import Contradiction, ProofError
from postme.keeping import notary
from postme.merkle import Checkpoint, Inclusion
from postme.office.fetching import Source
from postme.office.remembering import Memory, Seen

# Chosen: far above what any page, proof with a hundred witnesses, or key needs.
_MOST_TWIN, _MOST_PROOF, _MOST_KEY = 50_000_000, 300_000, 2_000
_TILE = merkle.TILE_WIDTH * 32


@dataclass(frozen=True, slots=True)
class Proven:
    """A twin that stands in a log: its ``index`` from 0, among ``size`` entries at that time, the log's name, the leaf, the signed note."""

    index: int
    size: int
    origin: str
    leaf: bytes
    note: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A page that was checked at its site. ``newest`` is the log's checkpoint now; ``before`` is what was seen of it the last time.

    ``first_key`` says that the key was taken from the site itself, because the site was never checked before.
    ``changed_key`` says that another key was given now than the site had before. ``says`` is the twin, read.
    """

    proven: Proven
    newest: Checkpoint
    key: str
    before: Seen | None
    first_key: bool
    changed_key: bool
    says: dict[str, Any]


def proof(tree: merkle.Tree, note: str, index: int) -> str:
    """The file that proves an entry of a log, for the tree of that signed checkpoint. Raises ValueError for an index it has not."""
    size = merkle.checkpoint(note).size
    return Inclusion(index, tree.inclusion(index, size), note).text


def check(twin: bytes, proof: bytes, verifier_key: str) -> Proven:
    """That a twin stands in the log of that key, by its proof. Raises ProofError, in words, where it does not."""
    try:
        said = merkle.inclusion(proof.decode())
    except ValueError as error:
        raise ProofError(
            f"This is no proof ({error}).", why="Without one, nothing shows that the page was published so.",
            do="Fetch it again: it is the page's address with .proof at its end.",
        ) from error  # fmt: skip
    seen = notary.signed_by(said.note, verifier_key)
    leaf = merkle.leaf_hash(twin)
    if not merkle.verified_inclusion(leaf, said.index, seen.size, said.path, seen.root):
        raise ProofError(
            f"These words are not entry {said.index:,} (entry 0 is the first) of the log {seen.origin}.",
            why="They were changed after they were published, or the proof belongs to another page or version.",
            do="Fetch both again. If it stays so, the page is not what was published: keep a copy, and tell others.",
        )  # fmt: skip
    return Proven(said.index, seen.size, seen.origin, leaf, said.note)


def consistency(old: str, new: str, verifier_key: str, tile: Callable[[str], bytes]) -> None:
    """That the log of one signed checkpoint is the beginning of the other's, shown from the log's tiles.

    ``tile`` gives a tile's bytes by its path, as ``merkle.tile_path`` writes it. Raises Contradiction where it is not,
    or where the tiles do not show it.
    """
    first, last = notary.signed_by(old, verifier_key), notary.signed_by(new, verifier_key)
    if first.size > last.size:
        raise Contradiction(
            f"The log {last.origin} went backward: it had {first.size:,} entries, and now shows {last.size:,}.",
            why="A log only grows. Entries were taken out, or you are shown an old copy.",
            do="Try again in an hour. If it stays so, keep what you have and tell others.",
        )  # fmt: skip
    if first.size == last.size:
        if first.root != last.root:
            raise Contradiction(
                f"The log {last.origin} has signed two different histories of {last.size:,} entries.",
                why="What was published was rewritten, or different people are shown different logs.",
                do="Keep both checkpoints: they are signed, and prove it to anybody.",
            )  # fmt: skip
        return
    try:
        shown = merkle.Tiled(last.size, tile).consistency(first.size)
    except ValueError as error:
        raise _unshown(last.origin, f"{error}") from error
    if not merkle.verified_consistency(first.size, last.size, shown, first.root, last.root):
        raise _unshown(last.origin, f"its tiles do not lead from {first.size:,} entries to {last.size:,}")


def _unshown(origin: str, reason: str) -> Contradiction:
    return Contradiction(
        f"The log {origin} does not show that it only grew ({reason}).",
        why="What was published before may have been rewritten, or its tiles are damaged.",
        do="Try again in an hour. If it stays so, keep what you have and tell others.",
    )  # fmt: skip


def checked_site(source: Source, address: str, memory: Memory, *, key: str = "", site: str = "") -> Checked:
    """Fetch a page's twin, its proof and the log's checkpoint, and check them all, and against what was seen the last time.

    ``address`` is the page's path without an ending. Without a ``key``, the one that this site had before counts, and for a
    new site the one that it shows. ``site`` is the name to remember the key under; a copy in a folder has none. Raises ProofError.
    """
    kept = memory.key_of(site) if site else ""
    verifier, first_key = _key(source, key or kept, bool(kept and not key)), not (key or kept)
    twin = _got(
        source, f"{address}.json", _MOST_TWIN, "This page has no file of its facts, so that there is nothing to check"
    )
    shown = _got(source, f"{address}.proof", _MOST_PROOF, "This page has no proof: it was never entered in the log")
    note = _text(_got(source, "/log/checkpoint", _MOST_PROOF, "This site shows no log"))
    proven = check(twin, shown, verifier)
    newest = note
    before = memory.log(verifier)
    tile = _tiles(source)
    for one in (note, proven.note):  # a publication may have come between the two
        if notary.signed_by(one, verifier).size > notary.signed_by(newest, verifier).size:
            newest = one
    for one in dict.fromkeys((before.note if before else newest, note, proven.note)):
        try:
            consistency(one, newest, verifier, tile)
        except Contradiction as error:
            place = memory.evidence(one, newest)
            raise Contradiction(
                error.what, where=source.name, why=error.why, do=f"{error.do} Both are kept in {place}."
            ) from error
    says = spoken(twin, address)
    memory.keep(verifier, newest, datetime.now(UTC), site=site)
    changed = bool(key and kept and kept != verifier)
    return Checked(proven, notary.signed_by(newest, verifier), verifier, before, first_key, changed, says)


def spoken(twin: bytes, address: str = "") -> dict[str, Any]:
    """What a twin says, read; and that it speaks of the page asked for. Raises ProofError for another page's twin."""
    try:
        says = json.loads(twin)
    except (ValueError, RecursionError) as error:
        raise ProofError(
            "The file of the page's facts is no JSON.", why="It cannot be read.", do="Tell the site."
        ) from error
    said = says.get("address") if isinstance(says, dict) else None
    if address and isinstance(said, str) and said.removesuffix(".json").rstrip("/") != address:
        raise ProofError(
            f"What the site shows here is the entry of another page: {said}.", where=address,
            why="It is in the log, but it does not speak of this page.", do="Check that page instead, and tell the site.",
        )  # fmt: skip
    return says if isinstance(says, dict) else {}


def readable_key(text: str) -> str:
    """A log's key, without the space around it. Raises ProofError for what is none."""
    notary.public_key(text)
    return text.strip()


def _key(source: Source, known: str, ask: bool) -> str:
    """The key to check with; and where it is one from before, that the site still shows it."""
    if known and not ask:
        return known
    shown = _text(_got(source, "/log/key", _MOST_KEY, "This site shows no key of a log")).strip()
    if known and shown != known:
        raise ProofError(
            "This site shows another key than when you first checked it.", where=source.name,
            why="Whoever took over a site could make a new log with a new key, and any history in it.",
            do=f"Ask the site, by another way, why. If you believe the answer, give its new key with --key. The old one is {known}",
        )  # fmt: skip
    return readable_key(shown)


def _tiles(source: Source) -> Callable[[str], bytes]:
    def tile(path: str) -> bytes:
        # A partial tile may be gone once the full one is there, which begins with the same hashes.
        full, partial, width = path.partition(".p/")
        data = source.get(f"/log/{path}", _TILE)
        if data is None and partial:
            data = (source.get(f"/log/{full}", _TILE) or b"")[: int(width) * 32]
        return data or b""

    return tile


def _got(source: Source, path: str, most: int, missing: str) -> bytes:
    data = source.get(path, most)
    if data is None:
        raise ProofError(
            f"{missing}.", where=f"{source.name}{path}", why="Nothing was proved.", do="Check the address. Drafts and lists are not entered in a log; published pages are."
        )  # fmt: skip
    return data


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ProofError("The site's log is no text.", why="Nothing was proved.", do="Tell the site.") from error
