"""Which files stand under some paths: each once, in order, and what cannot be opened said instead of passed over."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from postme.errors import WrongUse
from postme.keeping.shelf import Stamp

Found = tuple[str, Stamp | None, tuple[str, ...] | None]
"""(path, its stamp, ``None``), or (path, ``None``, the error as plain values) for what stands there and cannot be opened."""


def found(paths: Sequence[Path], leave_out: Sequence[Path] = ()) -> Iterator[Found]:
    """Each file once, by path: (path, stamp, None), or (path, None, error) for what stands there and cannot be opened.

    ``leave_out`` are files and folders that this program writes itself: its own report is no public record.
    """
    met: set[str] = set()
    own = frozenset(os.path.realpath(path) for path in leave_out)
    names = frozenset(map(os.path.basename, own))

    def is_own(path: str) -> bool:
        # Only what bears such a name, or is a link, is asked where it really lies: that takes a look at every folder above.
        return (os.path.basename(path) in names or os.path.islink(path)) and os.path.realpath(path) in own  # noqa: PTH114, PTH119

    for given in paths:
        if not os.path.lexists(given):
            raise WrongUse(
                "There is no such file or folder.",
                where=str(given),
                why="Nothing was scanned.",
                do="Check the path's spelling.",
            )
        if os.path.realpath(given) in own:
            continue
        for path, stamp, error in _walk(str(given), os.path.realpath(given), is_own, explicit=True):
            if path in met:
                continue
            met.add(path)
            yield path, stamp, error


def _walk(path: str, root: str, is_own: Callable[[str], bool], *, explicit: bool = False) -> Iterator[Found]:
    try:
        if is_own(path):
            return
        if os.path.islink(path) and not explicit and os.path.isdir(path):  # noqa: PTH112, PTH114  (strings are 5 times as quick, and there may be a million)
            yield path, None, ("Refused", "This is a link to a folder, which is not followed.", "It could lead in circles, or out of the records.",
                               "If what it leads to should be scanned, name that folder in the command.")  # fmt: skip
            return
        if os.path.isdir(path):  # noqa: PTH112
            for name in sorted(os.listdir(path)):  # noqa: PTH208
                yield from _walk(os.path.join(path, name), root, is_own)  # noqa: PTH118
            return
        facts = os.stat(path)  # noqa: PTH116
    except PermissionError:
        yield path, None, ("Locked", "This computer does not let you open it.", "Nothing in it could be read.",
                           "Give yourself permission to read it, or ask whoever owns it.")  # fmt: skip
    except OSError as error:
        said = (
            "This is a link that leads nowhere."
            if os.path.islink(path)  # noqa: PTH114
            else f"It could not be looked at ({error.strerror})."
        )
        yield path, None, ("Damaged", said, "Nothing in it could be read.", "Put the file back, or remove the link.")
    else:
        outside = not explicit and os.path.islink(path) and not os.path.realpath(path).startswith(root + os.sep)  # noqa: PTH114
        if outside:
            yield path, None, ("Refused", "This is a link to a file outside the folder, which is not followed.",
                               "What lies elsewhere on this computer may be private, and a scan keeps a copy.",
                               "If it should be scanned, name the file itself in the command.")  # fmt: skip
        elif not os.path.isfile(path):  # noqa: PTH113
            yield (
                path,
                None,
                (
                    "Refused",
                    "This is no ordinary file (a device, a pipe or a socket).",
                    "Reading it might never end.",
                    "Leave it out.",
                ),
            )
        else:
            yield path, Stamp(facts.st_size, facts.st_mtime_ns, facts.st_ino), None
