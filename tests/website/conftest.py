"""The site as its visitors meet it, on the fictional town, each test on a copy of its own.

pytest tests/website                            # on SQLite
pytest tests/website --database=postgresql      # the same tests on a PostgreSQL server of their own
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import postme

sys.path.insert(0, str(Path(__file__).parents[1]))
import postgres as servers
import stores

MILL_FALLS = Path(__file__).parents[2] / "postme/examples/mill-falls"
_FILLED = Path(tempfile.mkdtemp(prefix="postme-site-"))
_OPEN = contextlib.ExitStack()
# A password is hashed for half a second on purpose; what is tested here is not how long.
_QUICK = ["django.contrib.auth.hashers.MD5PasswordHasher"]

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
    from postme.office import counsel, example_process, example_town

    kept = _KEPT / _version() if "DATABASE_URL" not in os.environ else None
    if kept and kept.is_dir():
        shutil.copytree(kept, _FILLED, dirs_exist_ok=True)
        return _FILLED
    stores.with_tables(_FILLED)
    example_town.fill(_FILLED)
    counsel.also_from([example_town.LAWS])
    example_process.fill(_FILLED)
    counsel.also_from([])
    if kept:
        _keep(kept)
    return _FILLED


# The town takes half a minute to fill and is the same until something that makes it changes.
_KEPT = Path(__file__).parents[2] / "build/test-town"


def _version() -> str:
    package = Path(postme.__file__).parent
    made_by = [
        path
        for path in sorted(package.rglob("*"))
        if path.is_file()
        and path.suffix in (".py", ".yaml", ".sql", ".txt", ".md", ".pdf")
        and not {"website", "commands", "__pycache__"} & {*path.relative_to(package).parts}
    ]
    digest = hashlib.sha256()
    for path in made_by:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _keep(kept: Path) -> None:
    from django.db import connections

    connections.close_all()
    draft = kept.with_name(f".{kept.name}-{os.getpid()}")
    shutil.copytree(_FILLED, draft)
    for old in _KEPT.glob("[0-9a-f]*"):
        shutil.rmtree(old, ignore_errors=True)
    with contextlib.suppress(OSError):  # another run was quicker
        draft.rename(kept)
    shutil.rmtree(draft, ignore_errors=True)


@pytest.fixture
def site(filled: Path, tmp_path: Path) -> Iterator[Any]:
    """A visitor's browser without a browser, on a fresh copy of the filled site; ``site.data`` is its folder."""
    from django.db import connections
    from django.test import Client, override_settings

    data = tmp_path / "data"
    connections.close_all()
    shutil.copytree(filled, data)
    with (
        override_settings(DATA=data, ALLOWED_HOSTS=["*"], PASSWORD_HASHERS=_QUICK),
        stores.turned_to(data, template="postme"),
    ):
        client = Client()
        client.data = data  # type: ignore[attr-defined]
        yield client


@pytest.fixture(autouse=True)
def _made_anew() -> None:
    """No test meets an answer that was made in another."""
    from postme.website.kept import KEPT

    KEPT.clear()
