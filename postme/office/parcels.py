"""The coalition's own end of what signers gave it: a pair of keys made on its own machine, and a download opened to rows."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from postme.errors import WrongUse
from postme.keeping import strongbox

COLUMNS = ("number", "letter", "kind", "name", "mail", "by", "role", "area", "comment", "language", "shown", "at", "agreed")  # fmt: skip
"""What is known of each who agreed, in this order."""


def key(file: Path) -> str:
    """Make a pair: the private key goes into a new file that only its owner may read, the public one is told.

    Raises WrongUse for a file that is there: an old key may be all that opens an earlier letter.
    """
    public, private = strongbox.made()
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise WrongUse(f"{file} is there already.", where=str(file), why="It may hold a key, and what is closed to a lost key stays closed.", do="Name a file that is not there.") from error  # fmt: skip
    except (FileNotFoundError, NotADirectoryError) as error:
        raise WrongUse(f"There is no folder {file.parent}.", where=str(file), why="The key could not be kept.", do="Make the folder first, or name another.") from error  # fmt: skip
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(f"# public key: {public}\n{private}\n")
    return public


def opened(lines: Iterable[str], private: str) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """What a download says, by its lines from 1; None for a line that this key does not open. Raises KeepingError for what is no private key."""
    return strongbox.opened(lines, private)


def row(told: dict[str, Any]) -> list[str]:
    """One signer as a row of a table; what a spreadsheet would take for a formula stands behind an apostrophe.

    >>> row({"name": "=1+1"})[3]
    "'=1+1"
    """
    return [_plain(told.get(column, "")) for column in COLUMNS]


def _plain(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
