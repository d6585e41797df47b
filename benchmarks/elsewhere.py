"""The same rows in PostgreSQL: a server of its own for as long as it is needed, filled by COPY from the SQLite file."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import report

_SITE = [report.ROOT / ".venv" / "bin" / "python", "-m", "postme.website"]


@contextlib.contextmanager
def copied(file: Path) -> Iterator[str]:
    """A PostgreSQL server that holds what the SQLite file does: its address."""
    sys.path.insert(0, str(report.ROOT / "tests"))
    import postgres

    if postgres.binaries() is None:
        raise SystemExit("PostgreSQL is not installed here; --without-postgresql measures without it.")
    with postgres.server() as url:
        env = {**os.environ, "DATABASE_URL": url, "POSTME_DATA": str(file.parent)}
        subprocess.run([*_SITE, "migrate", "--noinput", "-v0"], env=env, check=True)
        filled(file, url)
        yield url


def filled(file: Path, url: str) -> None:
    """Copy every table of the store, all or nothing; indexes follow by themselves."""
    import psycopg
    from psycopg import sql

    with contextlib.closing(sqlite3.connect(file)) as store, psycopg.connect(url) as server:
        server.execute("SET timezone = 'UTC'")
        server.execute("SET maintenance_work_mem = '512MB'")
        # What refers to what was checked when the rows were first written.
        server.execute("SET session_replication_role = 'replica'")
        tables = [name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'store\\_%' ESCAPE '\\' AND name NOT LIKE 'store\\_findable\\_index%' ESCAPE '\\'")]  # fmt: skip
        # What migrations wrote by themselves comes with the rest.
        server.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(map(sql.Identifier, tables))))
        # Built once over all rows instead of row by row.
        server.execute("DROP INDEX findable_words")
        for name in tables:
            began = time.monotonic()
            columns = [row[1] for row in store.execute(f"PRAGMA table_info({name})")]
            listed = sql.SQL(", ").join(map(sql.Identifier, columns))
            with server.cursor().copy(sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(name), listed)) as copy:
                for row in store.execute(
                    f"SELECT {', '.join(f'{chr(34)}{one}{chr(34)}' for one in columns)} FROM {name}"
                ):
                    copy.write_row(row)
            if "id" in columns and _counts_itself(server, name):
                server.execute(sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), coalesce(max(id), 0) + 1, false) FROM {}").format(sql.Literal(name), sql.Identifier(name)))  # fmt: skip
            print(f"{name}: copied in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
        server.execute("CREATE INDEX findable_words ON store_findable USING gin (words)")
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("VACUUM ANALYZE")


def _counts_itself(server: object, table: str) -> bool:
    found = server.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table]).fetchone()  # type: ignore[attr-defined]
    return bool(found and found[0])
