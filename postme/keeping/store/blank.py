"""The store's empty tables as one script, so that a new store need not go through every migration.

    make store        # write blank.sql anew, after a new migration

``tests/keeping/test_store.py`` holds the script equal to what the migrations make.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from pathlib import Path

SCRIPT = Path(__file__).with_name("blank.sql")
# What a full-text index keeps for itself (it makes that anew), and the index: each version of Python dumps it
# in its own way, so it is written by us, last.
_OF_AN_INDEX = re.compile(
    r"""(CREATE TABLE|INSERT INTO) ['"]store_findable_index_|CREATE VIRTUAL TABLE|PRAGMA writable_schema|INSERT INTO sqlite_master"""
)


def filled(file: Path) -> bool:
    """Make the tables of a store that has none yet, all or nothing; whether it had none."""
    with contextlib.closing(sqlite3.connect(file, timeout=60, isolation_level=None)) as store:
        if store.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            return False
        store.execute("PRAGMA journal_mode=WAL")
        store.executescript(SCRIPT.read_text("utf-8"))
    return True


def script(file: Path) -> str:
    """What would make the empty tables of ``file`` again; the day of a migration is the day it is run."""
    with contextlib.closing(sqlite3.connect(file)) as store:
        lines = [line for line in store.iterdump() if not _OF_AN_INDEX.match(line)]
        made = "SELECT sql || ';' FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%' ORDER BY name"
        lines[-1:-1] = [line for (line,) in store.execute(made)]
    day = re.compile(r"'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?'")
    return "\n".join(day.sub("CURRENT_TIMESTAMP", line) for line in lines) + "\n"
