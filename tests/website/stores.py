"""Stores for single tests: a copy of the filled one, or an empty one, on whichever database the site is tested on."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

_NUMBERS = itertools.count(1)


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
