"""Which database the store is in, and Django's settings where no website has brought its own.

``DATABASE_URL`` in the environment names a PostgreSQL server; without it the store is an SQLite file in the data folder.
``register`` names that file; the one here is never written.
"""

import os
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from postme.errors import WrongUse

# Writers wait for one another instead of failing half way; readers never wait.
_SQLITE: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 60,
    # What is deleted is overwritten: a name that was taken off a letter stands in no free page of the file.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;",
}


def database(url: str, file: str) -> dict[str, Any]:
    """Django's entry for a database's address; without one, for an SQLite file.

    >>> database("postgresql://clerk:secret@db.example.org/postme", "")["HOST"]
    'db.example.org'
    """
    if not url:
        # Opened anew for each request, it would be half of what a short page costs.
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": file, "CONN_MAX_AGE": 60, "OPTIONS": dict(_SQLITE)}
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql") or not parts.path.strip("/"):
        raise WrongUse(
            "The database's address cannot be used.", where="DATABASE_URL", why="Only SQLite (by no address at all) and PostgreSQL are known.",
            do="Write postgresql://name:password@host:5432/database, or leave it out.",
        )  # fmt: skip
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql", "NAME": unquote(parts.path.lstrip("/")), "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""), "HOST": host, "PORT": str(parts.port or options.pop("port", "")),
        "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "OPTIONS": {"connect_timeout": 10, **options},
    }  # fmt: skip


DATABASES: dict[str, dict[str, Any]] = {"default": database(os.environ.get("DATABASE_URL", ""), ":memory:")}
INSTALLED_APPS = ["postme.keeping.store"]
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
