"""Stores for single tests: a copy of the filled one, or an empty one, on whichever database the site is tested on."""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

_NUMBERS = itertools.count(1)


def with_tables(folder: Path) -> None:
    """Give the site that this process is turned to its tables, and nothing in them; on SQLite they are made once and copied.

    To make them anew takes seconds each time: places and technologies that a search knows of are entered with them.
    """
    from django.core.management import call_command
    from django.db import connection, connections

    if connection.vendor != "sqlite":
        call_command("migrate", verbosity=0, interactive=False)
        return
    connections.close_all()
    shutil.copy(_empty(), folder / "postme.sqlite3")


@lru_cache(maxsize=1)
def _empty() -> Path:
    from django.core.management import call_command
    from django.test import override_settings

    made = Path(tempfile.mkdtemp(prefix="postme-empty-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    with override_settings(DATA=made), turned_to(made):
        call_command("migrate", verbosity=0, interactive=False)
    return made / "postme.sqlite3"


@contextlib.contextmanager
def turned_to(folder: Path, *, template: str = "template0") -> Iterator[None]:
    """Within this the site's database is another one, also for threads that begin meanwhile.

    On SQLite it is the file in the folder, whatever is in it; on PostgreSQL a new database like ``template``.
    """
    from django.db import connection, connections

    own = connection.settings_dict
    before = own["NAME"]
    connections.close_all()
    if connection.vendor == "sqlite":
        own["NAME"] = str(folder / "postme.sqlite3")
        try:
            yield
        finally:
            connections.close_all()
            own["NAME"] = before
        return
    import psycopg

    name = f"copy_{next(_NUMBERS)}"
    with psycopg.connect(os.environ["DATABASE_URL"].replace("/postme?", "/postgres?"), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        own["NAME"] = name
        try:
            yield
        finally:
            connections.close_all()
            own["NAME"] = before
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")
