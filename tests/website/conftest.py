"""The site as its visitors meet it, on the fictional town, each test on a copy of its own.

pytest tests/website                            # on SQLite
pytest tests/website --database=postgresql      # the same tests on a PostgreSQL server of their own
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
import postgres as servers

MILL_FALLS = Path(__file__).parents[2] / "postme/examples/mill-falls"
_FILLED = Path(tempfile.mkdtemp(prefix="postme-site-"))
_OPEN = contextlib.ExitStack()
_NUMBERS = itertools.count(1)

if "django" in sys.modules and "DJANGO_SETTINGS_MODULE" not in os.environ:
    raise pytest.UsageError("tests/website needs a process of its own: pytest tests/website")
os.environ["POSTME_DATA"] = str(_FILLED)
os.environ["DJANGO_SETTINGS_MODULE"] = "postme.website.settings"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="The database that the site is tested on.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Django reads its settings once, so the database is chosen before anything asks for them."""
    if config.getoption("--database") == "postgresql":
        if servers.binaries() is None and not os.environ.get("POSTME_REQUIRE_POSTGRES"):
            pytest.exit("The site was not tested on PostgreSQL: it is not installed here.", returncode=0)
        os.environ["DATABASE_URL"] = _OPEN.enter_context(servers.server())
    import django

    django.setup()


def pytest_unconfigure() -> None:
    if "django.db" in sys.modules:
        from django.db import connections

        connections.close_all()
    _OPEN.close()
    shutil.rmtree(_FILLED, ignore_errors=True)


@pytest.fixture(scope="session")
def filled() -> Path:
    """A data folder with the fictional town, published; all tables of the site, filled."""
    from django.core.management import call_command

    from postme.office import example_town

    call_command("migrate", verbosity=0, interactive=False)
    example_town.fill(_FILLED)
    return _FILLED


@contextlib.contextmanager
def copied_database(data: Path) -> Iterator[None]:
    """Within this the site's database is a copy of the filled one, also for threads that begin meanwhile."""
    from django.db import connection, connections

    own = connection.settings_dict
    before = own["NAME"]
    connections.close_all()
    if connection.vendor == "sqlite":
        own["NAME"] = str(data / "postme.sqlite3")
        try:
            yield
        finally:
            connections.close_all()
            own["NAME"] = before
        return
    import psycopg

    name = f"copy_{next(_NUMBERS)}"
    with psycopg.connect(os.environ["DATABASE_URL"].replace("/postme?", "/postgres?"), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {before}")
        own["NAME"] = name
        try:
            yield
        finally:
            connections.close_all()
            own["NAME"] = before
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def site(filled: Path, tmp_path: Path) -> Iterator[Any]:
    """A visitor's browser without a browser, on a fresh copy of the filled site; ``site.data`` is its folder."""
    from django.db import connections
    from django.test import Client, override_settings

    data = tmp_path / "data"
    connections.close_all()
    shutil.copytree(filled, data)
    with override_settings(DATA=data, ALLOWED_HOSTS=["*"]), copied_database(data):
        client = Client()
        client.data = data  # type: ignore[attr-defined]
        yield client
