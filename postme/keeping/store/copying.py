"""A copy of the database while it is in use, and back: SQLite by its own backup, PostgreSQL by pg_dump and pg_restore."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from postme.errors import KeepingError, WrongUse


def copied(folder: Path, to: Path, url: str = "") -> Path:
    """Copy the database of a data folder, or of ``url``, into the folder ``to``: the file that holds it."""
    if not url:
        return sqlite_copied(folder / "postme.sqlite3", to / "postme.sqlite3")
    place = to / "postgresql.dump"
    _ran("pg_dump", ["--format=custom", "--no-owner", "--no-privileges", f"--file={place}"], url)
    return place


def sqlite_copied(file: Path, to: Path) -> Path:
    """Copy one SQLite file as it is at one moment, whoever writes to it; the copy is checked."""
    if not file.is_file():
        raise WrongUse(
            "There is no database.",
            where=str(file),
            why="There is nothing to copy.",
            do="Name the data folder of a site.",
        )
    try:
        with (
            contextlib.closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True, timeout=60)) as source,
            contextlib.closing(sqlite3.connect(to)) as target,
        ):
            source.backup(target)
            # One file alone: what stands in the log of the writes would else lie beside it.
            target.execute("PRAGMA journal_mode=DELETE")
            said = target.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        raise KeepingError(f"The database could not be copied ({error}).", where=str(file), why="There is no backup of it.", do="Check the disk; restore the last good backup if it is damaged.") from error  # fmt: skip
    if said != "ok":
        raise KeepingError(f"The database is damaged ({said}).", where=str(file), why="A backup of it would be damaged too.", do="Keep your last backup, and restore it.")  # fmt: skip
    return to


def put_back(dump: Path, url: str) -> None:
    """Restore a dump into an empty PostgreSQL database, all or nothing. Raises WrongUse where it is not empty."""
    count = _ran(
        "psql",
        [
            "--no-psqlrc",
            "--tuples-only",
            "--no-align",
            "--command",
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'",
        ],
        url,
    )
    if count.strip() != "0":
        raise WrongUse(
            "The database is not empty.", where="DATABASE_URL", why="Restoring over it would mix two sites.",
            do="Make an empty one (createdb), and name it in DATABASE_URL.",
        )  # fmt: skip
    _ran("pg_restore", ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", f"--dbname={_without_password(url)[0]}", str(dump)], url, name_it=False)  # fmt: skip


def _without_password(url: str) -> tuple[str, str]:
    """An address that may stand in the list of processes, and the password that may not."""
    parts = urlsplit(url)
    if parts.password is None:
        return url, ""
    user, _, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user.split(':')[0]}@{host}").geturl(), unquote(parts.password)


def _ran(program: str, arguments: list[str], url: str, *, name_it: bool = True) -> str:
    found = shutil.which(program)
    if found is None:
        raise WrongUse(f"The program {program} is not installed.", where="DATABASE_URL", why="A PostgreSQL database is copied by PostgreSQL's own programs.", do="apt-get install postgresql-client, of the server's version or newer.")  # fmt: skip
    address, password = _without_password(url)
    own = {"PGPASSWORD": password} if password else {}
    named = [f"--dbname={address}"] if name_it else []
    done = subprocess.run(
        [found, *named, *arguments],
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        last = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "no reason given")
        raise KeepingError(f"{program} could not do it: {last}", where="DATABASE_URL", why="The database was not copied; nothing in it was changed.", do="Check that the server runs, and that this name may read and write all of the database.")  # fmt: skip
    return done.stdout
