"""The envelope: letters and mail addresses closed with a key that only this site has, and marks by which one address counts once.

What lies in the database is closed (AES-256-GCM), and bound to what it is for: a letter that is copied into another row cannot be opened there.
Marks are keyed hashes (HMAC-SHA-256), so that nobody with a copy of the database alone can try addresses out.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import os
import secrets
import stat
import tempfile
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from postme.errors import KeepingError
from postme.keeping.shelf import made_private

FILE = "mail-key"
# Source: NIST SP 800-38D: the length of a nonce for AES-GCM.
_NONCE = 12
_KEY = 32
_EDITION = b"\x01"


class Envelope:
    """A site's key for mail. ``Envelope(folder)`` opens ``folder/mail-key``, which is made where there is none yet.

    ``text`` is the key as the environment holds it (64 hexadecimal digits), which counts before the file. Raises
    KeepingError for a key that is damaged, or readable by others than its owner.
    """

    def __init__(self, folder: Path, text: str = "") -> None:
        place = folder / FILE
        key = _key(text, "POSTME_MAIL_KEY") if text else _kept(folder, place)
        self._box = AESGCM(_derived(key, b"close"))
        self._marks = _derived(key, b"mark")

    def __repr__(self) -> str:
        return "Envelope()"

    def __reduce__(self) -> str:
        raise TypeError("a key does not leave the process that opened it")

    def closed(self, words: str, purpose: str) -> bytes:
        """Words that nobody can read without the key, nor open for another purpose."""
        nonce = os.urandom(_NONCE)
        return _EDITION + nonce + self._box.encrypt(nonce, words.encode(), purpose.encode())

    def opened(self, data: bytes, purpose: str) -> str:
        """The words. Raises KeepingError where this key did not close them, or for another purpose."""
        try:
            if data[:1] != _EDITION:
                raise InvalidTag
            return self._box.decrypt(data[1 : 1 + _NONCE], data[1 + _NONCE :], purpose.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise KeepingError(
                "A closed letter cannot be opened with this site’s key.", where=FILE, why="Nobody can be written to with it.",
                do="Restore the file mail-key from the backup that the database is from.",
            ) from error  # fmt: skip

    def mark(self, words: str, purpose: str) -> str:
        """A keyed hash, in hex: the same for the same words and purpose, and no help to anybody else."""
        return hmac.new(self._marks, f"{purpose}\0{words}".encode(), hashlib.sha256).hexdigest()


def _derived(key: bytes, purpose: bytes) -> bytes:
    # Source: RFC 5869, HKDF-Expand with one block.
    return hmac.new(key, b"postme " + purpose + b"\x01", hashlib.sha256).digest()


def _kept(folder: Path, place: Path) -> bytes:
    try:
        if not place.exists():
            _make(folder, place)
        handle = os.open(place, os.O_RDONLY)
        with os.fdopen(handle, encoding="utf-8") as file:
            mode = os.fstat(handle).st_mode
            text = file.read(1000)
    except OSError as error:
        raise KeepingError(
            f"The key for mail could not be kept or read ({error.strerror or error}).", where=str(place), why="Nobody can be written to without it.",
            do="Check that the file and its folder belong to the account that runs this.",
        ) from error  # fmt: skip
    if mode & 0o077:
        raise KeepingError(
            f"Others than its owner may read the key for mail (mode {stat.S_IMODE(mode):04o}).", where=str(place),
            why="With it and the database they could read mail addresses.", do=f"chmod 600 {place}",
        )  # fmt: skip
    return _key(text, str(place))


def _make(folder: Path, place: Path) -> None:
    """Make a key, once: of two processes the first counts."""
    made_private(folder)
    handle, draft = tempfile.mkstemp(dir=folder, prefix=".draft-")  # made with mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(secrets.token_hex(_KEY) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, place)
    finally:
        Path(draft).unlink(missing_ok=True)


def _key(text: str, where: str) -> bytes:
    try:
        key = binascii.unhexlify(text.strip())
    except ValueError:
        key = b""
    if len(key) != _KEY:
        raise KeepingError(
            "This is no whole key for mail.", where=where, why="Nobody can be written to without it.",
            do="Restore it from your backup. It is 64 hexadecimal digits.",
        )  # fmt: skip
    return key


def token() -> str:
    """A new secret for a link: 192 random bits, in letters that stand in an address."""
    return base64.urlsafe_b64encode(os.urandom(24)).decode()


def secret_of(token: str) -> str:
    """What is kept of a token: its SHA-256. Whoever reads the database cannot make the link from it."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
