"""How many signatures a second are taken in before the site is full, on SQLite and on PostgreSQL, readers of the counter among the load.

    python benchmarks/signing.py                    # some five minutes
    python benchmarks/signing.py --seconds 3        # a first look

Forms are sent at a constant rate that is raised step by step, and the letter, its list of names and its counter are read
meanwhile, as by people who reload to see it grow.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import commenting
from commenting import Play

# Chosen: 1,500 a minute, a large petition's busiest hour; and four times that.
_AIMS = (25, 100)


def _play(data: Path) -> Play:
    """The letter that is open for signing in the fictional town, in the version that stands."""
    with contextlib.closing(sqlite3.connect(data / "postme.sqlite3")) as store:
        slug, version = store.execute(
            "SELECT l.slug, max(v.number) FROM store_openletter l JOIN store_letterversion v ON v.letter_id = l.id WHERE l.state = 'open' GROUP BY l.slug"
        ).fetchone()

    def form(number: int, mark: str) -> dict[str, str]:
        return {
            "version": str(version),
            "as": "person",
            "name": f"Signer {mark}",
            "shown": ("full", "short", "none")[number % 3],
            "mail": f"signer-{mark}@example.org",
        }

    base = f"/letters/{slug}/"
    return Play(
        "signatures",
        f"{base}sign/",
        form,
        (f"{base}count.json", base, f"{base}count.json", f"{base}signatures/"),
        (10, 25, 50, 75, 100, 125),
        _AIMS,
        "store_signed",
        "mark",
    )


def main() -> None:
    """Fill, send, count, kill, count again."""
    commenting.told_of(_play, "signatures", "signing", __doc__ or "", "the fictional town, one letter open for signing")


if __name__ == "__main__":
    main()
