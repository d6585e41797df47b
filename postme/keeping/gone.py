"""Who left: the receipts' numbers of those who took their names off, as lines of a file, so that no copy of the site brings them back.

A number names nobody. The file lies beside the database and beside each backup; whoever restores an older backup erases
these again.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from postme.keeping.writing import written

FILE = "gone.txt"
_NUMBER = re.compile(r"[0-9A-Z]{5}-[0-9A-Z]{5}")


def noted(folder: Path, numbers: Iterable[str]) -> None:
    """Add numbers to the file of a folder."""
    some = "".join(f"{one}\n" for one in numbers)
    if some:
        handle = os.open(folder / FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "a", encoding="ascii") as out:
            out.write(some)


def known(*files: Path) -> frozenset[str]:
    """The numbers in some files; one that is not there has none, and what is no number is left out."""
    lines = [line.strip() for file in files if file.is_file() for line in file.read_text("ascii", "replace").splitlines()]  # fmt: skip
    return frozenset(one for one in lines if _NUMBER.fullmatch(one))


def joined(file: Path, numbers: Iterable[str]) -> None:
    """Have a file hold these numbers and those that it had, whole or as it was."""
    some = sorted({*known(file), *numbers})
    written(file, "".join(f"{one}\n" for one in some).encode("ascii"))
