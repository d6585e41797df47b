"""The notary: the only file that opens a key. It signs the log's checkpoints, and checks what others signed (C2SP signed-note, Ed25519)."""

from __future__ import annotations

import base64
import binascii
import contextlib
import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from postme import merkle
from postme.errors import KeepingError, ProofError
from postme.merkle import Checkpoint

# Source: C2SP signed-note: the byte that stands for Ed25519.
_ED25519 = 1
_PRIVATE = "PRIVATE+KEY+"
_DASH = "\N{EM DASH} "
# Chosen: a checkpoint with a hundred witnesses is far smaller; the specification asks for 16 signatures at least.
_LARGEST_NOTE, _MOST_SIGNATURES = 200_000, 200
# Chosen: beyond what Python's own len() can say, and beyond any log.
_LARGEST_TREE = 1 << 62
_WHY = "Without its key the log cannot grow, and nothing can be published."


class Notary:
    """A log's key. ``Notary(folder)`` opens ``folder/log-key``; with an ``origin`` it makes the key where there is none yet.

    ``origin`` is the log's name, and its key's: the site's host and path without a scheme, as in ``example.org/log``.
    A key is made once and never replaced here: a folder that already has a log and lost its key is an error, because a
    new key would be a new log to everybody who checks it. Raises KeepingError for a key that is missing, damaged, of
    another log, or readable by others than its owner.
    """

    def __init__(self, folder: Path, origin: str = "") -> None:
        place = folder / "log-key"
        with _said(place):
            there = place.exists()
        if not there and not origin:
            raise KeepingError(
                "The log's key is not there.", where=str(place), why=_WHY, do="Restore it from your backup, or set the variable that holds it."
            )  # fmt: skip
        if not there:
            self._make(folder, origin)
        self._take(_read(place), str(place), origin)

    @classmethod
    def from_text(cls, text: str, origin: str = "", *, where: str = "") -> Notary:
        """A notary from the key's text, as an environment variable holds it; ``where`` names that in messages."""
        one = cls.__new__(cls)
        one._take(text, where, origin)
        return one

    def _make(self, folder: Path, origin: str) -> None:
        place = folder / "log-key"
        if not _may_name(origin):
            raise KeepingError(
                f"A log cannot be named {origin!r}.", where=str(place), why="Its name stands in every signature, where spaces and + mean something.",
                do="Give the site's host and a path, as in example.org/log.",
            )  # fmt: skip
        if (folder / "log" / "checkpoint").exists():
            raise KeepingError(
                "The log is there, and its key is not.", where=str(place),
                why="A new key would make a new log: nobody could tell it from a forged one.", do="Restore the key from your backup.",
            )  # fmt: skip
        private = Ed25519PrivateKey.generate()
        text = _private_text(origin, private)
        with _said(place):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, draft = tempfile.mkstemp(dir=folder, prefix=".draft-")  # made with mode 0600
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(text + "\n")
                    file.flush()
                    os.fsync(file.fileno())
                with contextlib.suppress(FileExistsError):  # another process was first: its key counts
                    os.link(draft, place)
            finally:
                Path(draft).unlink(missing_ok=True)
            _settled(folder)

    def _take(self, text: str, where: str, origin: str) -> None:
        self.origin, self._private = _private_key(text.strip(), where)
        if origin and origin != self.origin:
            raise KeepingError(
                f"This key is that of the log {self.origin}, not of {origin}.", where=where,
                why="A checkpoint under another name would be a checkpoint of another log.",
                do="Set the site's address to the one that the log began with, or restore the right key.",
            )  # fmt: skip
        self._public = self._private.public_key().public_bytes_raw()

    def __repr__(self) -> str:
        return f"Notary({self.origin!r})"

    def __reduce__(self) -> str:
        raise TypeError("a key does not leave the process that opened it")

    @property
    def verifier(self) -> str:
        """The public key, as everybody may have it (C2SP signed-note): name, id and key with a + between."""
        number = merkle.key_id(self.origin, _ED25519, self._public).hex()
        return f"{self.origin}+{number}+{base64.b64encode(bytes([_ED25519]) + self._public).decode()}"

    def sign(self, text: str) -> str:
        """The text as a signed note. It must end in a line's end, and hold no control character but that."""
        if not text.endswith("\n") or _controls(text):
            raise ValueError("a note's text ends with a line end and holds no other control character")
        name = merkle.key_id(self.origin, _ED25519, self._public)
        signature = base64.b64encode(name + self._private.sign(text.encode())).decode()
        return f"{text}\n{_DASH}{self.origin} {signature}\n"


def signed_text(note: str, verifier: str) -> str:
    """The text of a note, once the key of ``verifier`` is seen to have signed it; signatures of other keys are passed over.

    Raises ProofError for a note or a key that is damaged, a note that this key did not sign, and one whose signature is wrong.

    >>> go = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    >>> text = "go.sum database tree\\n20852163\\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\\n"
    >>> line = "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8="
    >>> signed_text(f"{text}\\n\\u2014 sum.golang.org {line}\\n", go) == text
    True
    """
    name, number, public = public_key(verifier)
    text, signatures = _parted(note)
    mine = [found for who, found in signatures if who == name and found[:4] == number]
    if not mine:
        raise ProofError(
            f"This was not signed with the key of {name} ({number.hex()}).", why="Anybody can write such a text.",
            do="Check that you have the right key, and where the text came from.",
        )  # fmt: skip
    for found in mine:
        try:
            public.verify(found[4:], text.encode())
        except InvalidSignature as error:
            raise ProofError(
                f"The signature of {name} is wrong.", why="The text was changed after it was signed, or somebody else signed it.",
                do="Do not rely on it. Fetch it again; if it stays so, tell the site and keep a copy.",
            ) from error  # fmt: skip
    return text


def signed_by(note: str, verifier: str) -> Checkpoint:
    """The checkpoint in a note, once the log's own key is seen to have signed it. Raises ProofError as ``signed_text`` does.

    The checkpoint must bear the key's own name: a key of one log says nothing about another.
    """
    text = signed_text(note, verifier)
    name = public_key(verifier)[0]
    try:
        found = merkle.checkpoint(text)
    except ValueError as error:
        raise _unproved("What was signed is no checkpoint of a log", error) from error
    if found.origin != name or found.size >= _LARGEST_TREE:
        raise ProofError(
            f"The key of {name} signed a checkpoint of {found.origin} with {found.size:,} entries.",
            why="A log's key speaks of that log only.", do="Ask the site for the key of this log.",
        )  # fmt: skip
    return found


def public_key(verifier: str) -> tuple[str, bytes, Ed25519PublicKey]:
    """The name, the id and the key in a verifier key's text. Raises ProofError where they do not belong together."""
    parts = verifier.strip().split("+", 2)
    try:
        name, said, coded = parts
        data = base64.b64decode(coded, validate=True)
        if not _may_name(name) or len(data) != 33 or data[0] != _ED25519:
            raise ValueError("it holds no name and Ed25519 key")
        number = merkle.key_id(name, _ED25519, data[1:])
        if said != number.hex():
            raise ValueError(f"its id should be {number.hex()}")
        return name, number, Ed25519PublicKey.from_public_bytes(data[1:])
    except ValueError as error:
        raise ProofError(
            f"This is no key of a log ({error}).", where=verifier.strip()[:100], why="Without the right key nothing can be checked.",
            do="A key looks like example.org/log+0123abcd+AbCd… and is copied whole, in one line.",
        ) from error  # fmt: skip


def _parted(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """A note's text, and its signatures with their names."""
    if len(note) > _LARGEST_NOTE or _controls(note):
        raise _unproved("This is no signed note", ValueError("it is too long, or holds control characters"))
    text, blank, below = note.rpartition("\n\n")
    lines = below.split("\n")
    if not blank or lines.pop() != "" or not 0 < len(lines) <= _MOST_SIGNATURES:
        raise _unproved("This is no signed note", ValueError("it has no signature below an empty line"))
    signatures = []
    for line in lines:
        name, _, coded = line.removeprefix(_DASH).partition(" ")
        try:
            found = base64.b64decode(coded, validate=True)
        except binascii.Error as error:
            raise _unproved("A line of signature is damaged", error) from error
        if not line.startswith(_DASH) or not _may_name(name) or len(found) < 5:
            raise _unproved("A line of signature is damaged", ValueError("dash, name and signature were looked for"))
        signatures.append((name, found))
    return text + "\n", signatures


def _unproved(what: str, error: ValueError) -> ProofError:
    return ProofError(
        f"{what} ({error}).", why="Nothing can be proved with it.", do="Fetch it again, or ask the site for it."
    )


def _may_name(name: str) -> bool:
    """Whether a key may be called so: not empty, no space of any alphabet, no plus, no control character."""
    return bool(name) and not any(one.isspace() or one == "+" for one in name) and not _controls(name + "\n")


def _controls(text: str) -> bool:
    """Whether there is a control character other than a line's end, or half a character that UTF-8 cannot write."""
    return any((one < " " and one != "\n") or "\ud800" <= one <= "\udfff" for one in text)


def _private_text(origin: str, private: Ed25519PrivateKey) -> str:
    number = merkle.key_id(origin, _ED25519, private.public_key().public_bytes_raw()).hex()
    return f"{_PRIVATE}{origin}+{number}+{base64.b64encode(bytes([_ED25519]) + private.private_bytes_raw()).decode()}"


def _private_key(text: str, where: str) -> tuple[str, Ed25519PrivateKey]:
    """The name and key in a private key's text. No message holds any of the text itself: it may go to a log file."""
    damaged = KeepingError(
        "This is no whole key of a log.", where=where, why=_WHY,
        do="Restore it from your backup. It is one line that begins with PRIVATE+KEY+.",
    )  # fmt: skip
    parts = text.removeprefix(_PRIVATE).split("+", 2)
    if not text.startswith(_PRIVATE) or len(parts) != 3 or not _may_name(parts[0]):
        raise damaged
    try:
        data = base64.b64decode(parts[2], validate=True)
    except ValueError:
        raise damaged from None
    if len(data) != 33 or data[0] != _ED25519:
        raise damaged
    private = Ed25519PrivateKey.from_private_bytes(data[1:])
    if _private_text(parts[0], private) != text:
        raise damaged
    return parts[0], private


def _read(place: Path) -> str:
    """A key's file, if nobody but its owner may read it."""
    with _said(place):
        handle = os.open(place, os.O_RDONLY)
        with os.fdopen(handle, "rb") as file:
            mode = os.fstat(handle).st_mode
            data = file.read(10_000)
    if not stat.S_ISREG(mode) or mode & 0o077:
        raise KeepingError(
            f"Others than its owner may use the log's key (mode {stat.S_IMODE(mode):04o}).", where=str(place),
            why="Whoever can read it can sign in your name.", do=f"chmod 600 {place}; and if others do have accounts there, tell your readers.",
        )  # fmt: skip
    return data.decode("utf-8", "replace")


def _settled(folder: Path) -> None:
    """What was named or renamed in a folder survives a power cut from here on."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _said(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        raise KeepingError(
            f"The log's key could not be kept or read ({'the disk is full' if full else error.strerror or error}).",
            where=str(place), why=_WHY,
            do="Free some space and start again." if full else "Check that the file and its folder belong to the account that runs this.",
        ) from error  # fmt: skip
