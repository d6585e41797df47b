"""Backup and restore of a whole site: database, records, what was read from them, letters that were handed over, logos, the log, and its key unless it is left out.

A backup is of one moment: nothing is published while the database and the log are copied. Records never change, so they
are packed after that, without anybody waiting.

Whoever was erased since a backup was made is still in it. So a backup is deleted after ``KEPT_FOR``, and what is
restored from one is erased again before it counts: by the days that letters promise, and by the list of those who left.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from postme import __version__, merkle
from postme.errors import KeepingError, PostmeError, WrongUse
from postme.keeping import gone, parcel
from postme.keeping.notary import Notary, signed_by
from postme.keeping.store import copying
from postme.keeping.tiles import Tiles
from postme.office import forgetting, sealing
from postme.office.remembering import Memory

_FORMAT = 1
# Chosen: what somebody broke is noticed within a month; readers are told so, and deploy/postme-backup.service does it.
KEPT_FOR = datetime.timedelta(days=30)
# What only the owner may have: who has the log's key can sign in the site's name, who has that for mail can read addresses.
_KEYS = ("log-key", "secret", "mail-key")


@dataclass(frozen=True, slots=True)
class Kept:
    """What a backup holds. ``size`` is the log's; ``warnings`` are sentences that somebody must read."""

    file: Path
    made: str
    origin: str
    size: int
    files: int
    bytes: int
    with_key: bool
    database: str
    warnings: tuple[str, ...] = field(default=())


def backup(folder: Path, to: Path, *, with_key: bool = True, url: str | None = None) -> Kept:
    """Back a site up into one file, while it runs. ``url`` is the PostgreSQL server's, by default DATABASE_URL's.

    Raises WrongUse and KeepingError; then there is no file.
    """
    url = os.environ.get("DATABASE_URL", "") if url is None else url
    if not folder.is_dir():
        raise WrongUse(
            "There is no such folder.",
            where=str(folder),
            why="There is nothing to back up.",
            do="Name the site's data folder with --data.",
        )
    if not to.parent.is_dir():
        raise WrongUse(
            "There is no such folder.", where=str(to.parent), why="The backup cannot be put there.", do="Make it first."
        )
    with _scratch(to.parent) as scratch:
        with sealing.alone(folder):
            database = copying.copied(folder, scratch, url)
            note = Tiles(folder).checkpoint()
            log = [(name, _copied(path, scratch / name)) for name, path in _under(folder, "log", "log-pending")]
        files = [(database.name, database), *log]
        if (folder / "shelf.sqlite3").is_file():
            files.append(("shelf.sqlite3", copying.sqlite_copied(folder / "shelf.sqlite3", scratch / "shelf.sqlite3")))
        files += [(name, folder / name) for name in _KEYS if with_key and (folder / name).is_file()]
        files += [(name, folder / name) for name in (gone.FILE,) if (folder / name).is_file()]
        # A letter's file may be deleted while it is packed, since somebody took their name off: so these are copied first.
        files += [(name, _copied(path, scratch / name)) for name, path in _under(folder, "letters", "logos") if path.is_file()]  # fmt: skip
        files += list(_under(folder, "records"))
        said = merkle.checkpoint(note) if note else None
        told: dict[str, Any] = {
            "format": _FORMAT, "made": _now(), "postme": __version__, "database": "postgresql" if url else "sqlite", "with_key": with_key,
            "checkpoint": note or "", "key": Notary(folder).verifier if (folder / "log-key").is_file() else "",
        }  # fmt: skip
        manifest = parcel.packed(to, told, files)
        # Beside all backups, so that an older one does not bring back who left since.
        gone.joined(to.parent / gone.FILE, gone.known(folder / gone.FILE))
    warnings = [] if with_key else [
        "The log's key is not in this backup. Keep the file log-key somewhere else: without it the restored site can show all that was published, and publish nothing more."
    ]  # fmt: skip
    return Kept(
        to, told["made"], said.origin if said else "", said.size if said else 0, len(manifest), to.stat().st_size, with_key, told["database"],
        tuple(warnings),
    )  # fmt: skip


def restore(
    file: Path, to: Path, *, url: str | None = None, memory: Path | None = None, seen: Path | None = None, left: Path | None = None,
) -> Kept:  # fmt: skip
    """Restore a backup into a folder that is not there yet, or empty, and check all of it before anything counts.

    Who should be erased by now is erased again: by the day, and by the lists of those who left: that in the backup, that
    beside it, and ``left`` where somebody saved a newer one. ``memory`` is a folder where ``postme verify`` remembers logs, and ``seen`` a file with a signed checkpoint: a backup
    that is older than either is said. Raises WrongUse and KeepingError; then the folder is as it was.
    """
    url = os.environ.get("DATABASE_URL", "") if url is None else url
    if not file.is_file():
        raise WrongUse(
            "There is no such file.", where=str(file), why="There is nothing to restore.", do="Check its name."
        )
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise WrongUse("There is something already.", where=str(to), why="Restoring over a site would mix two, or destroy the newer one.", do="Name a folder that is not there yet, or an empty one.")  # fmt: skip
    to.parent.mkdir(parents=True, exist_ok=True)
    with _scratch(to.parent) as scratch:
        told = _checked(file, parcel.unpacked(file, scratch), scratch, url)
        dump = scratch / "postgresql.dump"
        warnings = [*_keyless(told, scratch), *_older(told, memory, seen)]
        found = [path for path in scratch.rglob("*") if path.is_file()]
        size, count = sum(path.stat().st_size for path in found), len(found)
        for name in ("records", "log-pending"):
            (scratch / name).mkdir(mode=0o700, exist_ok=True)
        if told["database"] == "postgresql":
            copying.put_back(dump, url)
            dump.unlink()
        if to.is_dir():
            to.rmdir()
        scratch.rename(to)
        scratch.mkdir()  # what is cleared away afterwards
    # A server that was named to this function alone is not the one that a store of this process is in.
    here = url == os.environ.get("DATABASE_URL", "")
    if not here:
        warnings.append("Signers who should be erased by now are erased by `python -m postme.website post --once`: run it before the site is opened.")  # fmt: skip
    erased = here and forgetting.again(
        to, gone.known(to / gone.FILE, file.parent / gone.FILE, *([left] if left else []))
    )
    if erased:
        warnings.append(f"{erased:,} signers were erased again: their time was over, or they had left since this backup was made.")  # fmt: skip
    said = merkle.checkpoint(told["checkpoint"]) if told["checkpoint"] else None
    return Kept(to, told["made"], said.origin if said else "", said.size if said else 0, count, size, (to / "log-key").is_file(), told["database"], tuple(warnings))  # fmt: skip


def _checked(file: Path, told: dict[str, Any], folder: Path, url: str) -> dict[str, Any]:
    if told.get("format") != _FORMAT:
        raise KeepingError("This backup is of another kind.", where=str(file), why="This version of postme cannot read it.", do=f"Restore it with postme {told.get('postme', '')}, which made it.")  # fmt: skip
    if (told["database"] == "postgresql") != bool(url):
        raise WrongUse(
            f"This backup holds a {'PostgreSQL' if told['database'] == 'postgresql' else 'SQLite'} database.", where="DATABASE_URL", why="It can only be restored into one of its kind.",
            do="Name an empty PostgreSQL database in DATABASE_URL." if told["database"] == "postgresql" else "Unset DATABASE_URL.",
        )  # fmt: skip
    if told["checkpoint"]:
        try:
            if told["key"]:
                signed_by(told["checkpoint"], told["key"])
            if Tiles(folder).checkpoint() != told["checkpoint"]:
                raise KeepingError("The log in it has another checkpoint than the backup says.", where=str(file), why="Its parts are of different moments.", do="Use another backup.")  # fmt: skip
            Tiles(folder).tree()
        except PostmeError as error:
            raise KeepingError(f"The log in this backup does not hold together: {error.what}", where=str(file), why="What was published could not be proved.", do="Use another backup.") from error  # fmt: skip
    return told


def _keyless(told: dict[str, Any], folder: Path) -> Iterator[str]:
    if told["checkpoint"] and not (folder / "log-key").is_file():
        yield "The log's key is not in this backup. Put the file log-key into the folder, with mode 600, before anything is published."


def _older(told: dict[str, Any], memory: Path | None, seen: Path | None) -> Iterator[str]:
    """Sentences that say so, where a newer checkpoint of the same log was seen somewhere."""
    notes = []
    if memory is not None and told["key"] and (known := Memory(memory).log(told["key"])):
        notes.append(known.note)
    if seen is not None:
        notes.append(_signed(seen, told["key"]))
    mine = merkle.checkpoint(told["checkpoint"]).size if told["checkpoint"] else 0
    newest = max((merkle.checkpoint(note).size for note in notes), default=0)
    if newest > mine:
        yield (
            f"This backup is older than what was published: its log has {mine} entries, and {newest} were seen. Everyone who checks will "
            f"take the log for rewritten once something else is published as entry {mine}. Look for a newer backup first. If there is none, "
            "say in public which entries were lost, and begin a new log under another POSTME_LOG_NAME."
        )  # fmt: skip


def _signed(place: Path, key: str) -> str:
    try:
        note = place.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse("The checkpoint cannot be read.", where=str(place), why="Nothing could be compared with it.", do="Save the text of the site's /log/checkpoint in a file.") from error  # fmt: skip
    if key:
        signed_by(note, key)
    return note


def _under(folder: Path, *names: str) -> Iterator[tuple[str, Path]]:
    for name in names:
        for path in sorted((folder / name).rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield path.relative_to(folder).as_posix(), path


def _copied(path: Path, to: Path) -> Path:
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(path, to)
    return to


@contextlib.contextmanager
def _scratch(beside: Path) -> Iterator[Path]:
    """A private folder on the same disk, gone afterwards; what a killed run left there is cleared by the next."""
    for left in beside.glob(".postme-part-*"):
        if datetime.datetime.now().timestamp() - left.stat().st_mtime > 86_400:
            shutil.rmtree(left, ignore_errors=True)
    try:
        place = Path(tempfile.mkdtemp(dir=beside, prefix=".postme-part-"))
    except OSError as error:
        raise KeepingError(f"The folder cannot be written ({error.strerror or error}).", where=str(beside), why="Nothing was done.", do="Choose another, or check who owns it.") from error  # fmt: skip
    try:
        yield place
    except OSError as error:
        raise KeepingError(f"It could not be finished ({error.strerror or error}).", where=str(beside), why="Nothing that was there is changed.", do="Check that the disk has space: about twice what the site takes.") from error  # fmt: skip
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
