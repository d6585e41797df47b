"""ZIP archives: each record inside, streamed under limits; what cannot be had says why, and the rest goes on."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterator

from postme.errors import Damaged, Locked, ReadingError, Refused, TooLarge
from postme.reading import unpacking
from postme.reading.content import FLAWS
from postme.reading.kinds import litter
from postme.reading.unpacking import Budget

# Chosen: the longest council packets are some 500 MB.
LARGEST_MEMBER = 1024 * 1024 * 1024


def members(data: bytes, name: str, budget: Budget) -> Iterator[tuple[str, bytes | ReadingError]]:
    """The archive's own members, litter and folders left out. Raises ``Damaged`` where its list is gone."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, LookupError) as flaw:
        raise Damaged(
            "The archive is cut off or damaged: its list of members is gone.",
            where=name,
            why="None of the records in it could be read.",
            do="Download it again, or unpack what can be unpacked by hand and scan the folder.",
        ) from flaw
    with archive:
        for member in archive.infolist():
            label = f"{name}!/{member.filename}"
            if member.is_dir() or litter(member.filename):
                continue
            try:
                inside = _unpacked(archive, member, label, budget)
            except ReadingError as failure:
                yield label, failure
                if budget.left <= 0:
                    return
                continue
            yield label, inside


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, label: str, budget: Budget) -> bytes:
    """The member's bytes. Its name is never used as a path: nothing is ever written."""
    if stat.S_ISLNK(member.external_attr >> 16):
        raise Refused(
            "This member is a link to another file, not a file.",
            where=label,
            why="Where it points to lies outside the archive.",
            do="Pack the file itself.",
        )
    if member.flag_bits & 1:
        raise Locked(
            "This member is encrypted and asks for a password.",
            where=label,
            why="None of its words could be read.",
            do="Ask the clerk for a copy without a password: a public record must open.",
        )
    try:
        with archive.open(member) as packed:
            stream = unpacking.Counted(packed, member.compress_size, LARGEST_MEMBER, budget.left)
            try:
                return stream.read()
            finally:
                budget.left -= stream.count
    except unpacking.PastLimit as bomb:
        raise too_large(label, f"This member unpacks to more than {bomb.limit}.") from bomb
    except NotImplementedError as unknown:
        raise Refused(
            "This member is packed by a method that is not known here.",
            where=label,
            why="None of its words could be read.",
            do="Unpack it by hand and pack it again as an ordinary ZIP.",
        ) from unknown
    except FLAWS as flaw:
        raise Damaged(
            "This member does not unpack to what the archive says it holds.",
            where=label,
            why="None of its words could be read.",
            do="Download the archive again.",
        ) from flaw


def too_large(label: str, what: str) -> TooLarge:
    """The refusal of a member, or of an archive, that unpacks to too much."""
    return TooLarge(
        what,
        where=label,
        why="No public record needs that: the file was built to fill a computer, or is damaged.",
        do="Do not unpack it. Ask the clerk for the records as single files.",
    )
