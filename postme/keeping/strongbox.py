"""Words closed to a key that is not here: age (X25519), which only whoever has the private key opens.

The private key is made on the coalition's own machine (``postme letter key``, or ``age-keygen``) and never reaches a site.
Whoever loses it cannot read what was closed to it, and nobody can help them: that is what it is for.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from postme.errors import KeepingError, WrongUse


def checked(key: str) -> str:
    """A public key, made plain. Raises WrongUse for what is none, and for a private key.

    >>> checked("age1 nonsense")
    Traceback (most recent call last):
        ...
    postme.errors.WrongUse: key: This is no public key. Nobody could open what is closed to it. Paste the line that begins with age1, from the program that made the key.
    """
    import pyrage

    plain = "".join(key.split())
    if plain.upper().startswith("AGE-SECRET-KEY-"):
        raise WrongUse(
            "This is the private key.", where="key", why="Whoever has it can read what signers gave. It was not kept here.",
            do="Make a new pair, since this one was sent over the net, and paste the line that begins with age1.",
        )  # fmt: skip
    try:
        pyrage.x25519.Recipient.from_str(plain)
    except pyrage.RecipientError as error:
        raise WrongUse("This is no public key.", where="key", why="Nobody could open what is closed to it.", do="Paste the line that begins with age1, from the program that made the key.") from error  # fmt: skip
    return plain


def made() -> tuple[str, str]:
    """A new pair: the public key, and the private one."""
    import pyrage

    own = pyrage.x25519.Identity.generate()
    return str(own.to_public()), str(own)


def closed(told: Mapping[str, Any], key: str) -> bytes:
    """What is told, closed to a public key."""
    import pyrage

    return bytes(pyrage.encrypt(json.dumps(told, ensure_ascii=False, sort_keys=True).encode(), [pyrage.x25519.Recipient.from_str(key)]))  # fmt: skip


def lines(parcels: Iterable[bytes]) -> Iterator[str]:
    """Closed parcels as a file of lines, each of which ``age -d`` opens once it is decoded (base64)."""
    for one in parcels:
        yield base64.b64encode(one).decode() + "\n"


def opened(text: Iterable[str], private: str) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """What lines say, by their number from 1; ``None`` for one that this key does not open. Raises KeepingError for what is no private key."""
    import pyrage

    try:
        own = pyrage.x25519.Identity.from_str(_private(private))
    except pyrage.IdentityError as error:
        raise KeepingError(
            "This is no private key.", where="key", why="Nothing can be opened without it.", do="Use the file that was made together with the public key. It has a line that begins with AGE-SECRET-KEY-.",
        ) from error  # fmt: skip
    for number, line in enumerate(text, 1):
        if not line.strip():
            continue
        try:
            told = json.loads(pyrage.decrypt(base64.b64decode(line.strip(), validate=True), [own]))
        except (pyrage.DecryptError, ValueError):
            yield number, None
        else:
            yield number, told if isinstance(told, dict) else None


def _private(text: str) -> str:
    """The line of a key file that is the key; other lines are remarks."""
    return next((line.strip() for line in text.splitlines() if line.strip().upper().startswith("AGE-SECRET-KEY-")), "")
