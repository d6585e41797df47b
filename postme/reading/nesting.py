"""Containers in containers: every record inside, however deep, under one budget."""

from __future__ import annotations

from collections.abc import Iterator

from postme.errors import Damaged, ReadingError
from postme.reading.archive import too_large
from postme.reading.content import FLAWS
from postme.reading.formats import kind
from postme.reading.unpacking import MOST_MEMBERS, Budget

# Chosen: an archive in an archive in an archive; deeper nesting is how bombs hide.
DEEPEST = 3


def inside(data: bytes, name: str, budget: Budget) -> Iterator[tuple[str, bytes | ReadingError]]:
    """Every record inside the file (not the file itself), or why it cannot be had; nothing where it is no container."""
    opener = kind(data, name).opener if data else None
    if opener is None:
        return
    if name.count("!/") >= DEEPEST:
        yield name, too_large(name, f"Containers are nested more than {DEEPEST} deep.")
        return
    try:
        for label, item in opener(data, name, budget):
            budget.members -= 1
            if budget.members < 0:
                yield name, too_large(name, f"The container holds more than {MOST_MEMBERS:,} files.")
                return
            if isinstance(item, bytes):
                form = kind(item, label)
                if form.opener is None or form.reader is not None:
                    yield label, item  # an email message is a record, and its attachments are further ones
                yield from inside(item, label, budget)
            else:
                yield label, item
    except ReadingError as failure:
        yield name, failure
    except FLAWS as flaw:
        yield (
            name,
            Damaged(
                f"The list of what is inside does not hold together ({type(flaw).__name__}).",
                where=name,
                why="What lies behind the fault cannot be searched.",
                do="Download it again, or unpack it by hand and scan the folder.",
            ),
        )
