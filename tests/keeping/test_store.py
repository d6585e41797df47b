"""The store's tables: a new store is filled at once with what the migrations would have made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from postme.keeping.store import blank

MIGRATE = "import sys; from pathlib import Path; from postme.keeping.store import register; register.migrated(Path(sys.argv[1]))"


def test_the_script_of_empty_tables_is_what_the_migrations_make(tmp_path: Path) -> None:
    made = tmp_path / "postme.sqlite3"
    subprocess.run([sys.executable, "-c", MIGRATE, made], check=True)
    assert blank.script(made) == blank.SCRIPT.read_text("utf-8"), "run: make store"


def test_a_store_filled_by_the_script_gives_the_script_again(tmp_path: Path) -> None:
    made = tmp_path / "postme.sqlite3"
    assert blank.filled(made)
    assert blank.script(made) == blank.SCRIPT.read_text("utf-8")


def test_a_store_that_has_tables_is_left_alone(tmp_path: Path) -> None:
    made = tmp_path / "postme.sqlite3"
    blank.filled(made)
    before = made.read_bytes()
    assert not blank.filled(made)
    assert made.read_bytes() == before
