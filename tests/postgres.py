"""A PostgreSQL server for tests: started from the installed binaries as an ordinary user, reached by a socket, gone afterwards.

    with postgres.server() as url:      # postgresql:///postme?host=a folder
        ...

Where there are no binaries the test is skipped, unless POSTME_REQUIRE_POSTGRES is set: then it fails.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Speed before safety: what is in it is thrown away.
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "40",
    "shared_buffers": "64MB",
}


def binaries() -> Path | None:
    """The folder that holds ``initdb`` and ``pg_ctl``: the newest of Debian's, else the one on PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    for folder in reversed(versions):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _ordinary() -> dict[str, Any]:
    """Who runs it: PostgreSQL refuses root, so root becomes *postgres* or *nobody*."""
    if os.getuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise RuntimeError("There is no ordinary user to run PostgreSQL as.")


@contextlib.contextmanager
def server() -> Iterator[str]:
    """A new server with an empty database ``postme``: its address, for DATABASE_URL."""
    folder = binaries()
    if folder is None:
        said = "PostgreSQL is not installed here (no initdb in /usr/lib/postgresql or on PATH)."
        pytest.fail(said) if os.environ.get("POSTME_REQUIRE_POSTGRES") else pytest.skip(said)
    # A socket's path may have 107 characters, and an ordinary user must reach it.
    home = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp" if Path("/tmp").is_dir() else None))
    who = _ordinary()
    if who:
        os.chown(home, who["user"], who["group"])
    home.chmod(0o755)
    data = home / "data"
    plain = {"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", ""), "HOME": str(home)}
    run = {"check": True, "capture_output": True, "cwd": home, "env": plain, "timeout": 120, **who}
    try:
        subprocess.run([folder / "initdb", "-D", data, "-U", "postme", "-A", "trust", "-E", "UTF8", "--no-sync"], **run)
        options = " ".join(f"-c {key}='{value}'" for key, value in _SETTINGS.items())
        options += f" -c unix_socket_directories='{home}'"
        # Its own words go into a file: a pipe that the server keeps open would never end.
        started = [folder / "pg_ctl", "-D", data, "-w", "-t", "60", "-l", home / "log", "-o", options, "start"]
        subprocess.run(started, **{**run, "capture_output": False, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL})  # fmt: skip
        try:
            subprocess.run([folder / "createdb", "-h", home, "-U", "postme", "postme"], **run)
            yield f"postgresql://postme@/postme?host={home}"
        finally:
            subprocess.run([folder / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop"], **run)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def instead(url: str) -> Iterator[Any]:
    """Django's default database is that server's within this, in this thread; its tables are made. Django must be set up."""
    from django.core.management import call_command
    from django.db import connections

    from postme.keeping.store.settings import database

    usual = connections["default"]
    kept = connections.databases["default"]
    # Django fills in what an entry leaves out only when it first reads them all.
    connections.databases["default"] = {**kept, "OPTIONS": {}, **database(url, ""), "CONN_MAX_AGE": 0}
    other = connections.create_connection("default")
    connections["default"] = other
    try:
        call_command("migrate", verbosity=0, interactive=False)
        yield other
    finally:
        other.close()
        connections["default"] = usual
        connections.databases["default"] = kept


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A server for the whole run; a test that uses it leaves its tables empty."""
    with server() as url:
        yield url
