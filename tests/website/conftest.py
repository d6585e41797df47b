"""The site as its visitors meet it, on the fictional town, each test on a copy of its own."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

MILL_FALLS = Path(__file__).parents[2] / "postme/examples/mill-falls"
_FILLED = Path(tempfile.mkdtemp(prefix="postme-site-"))

if "django" in sys.modules and "DJANGO_SETTINGS_MODULE" not in os.environ:
    raise pytest.UsageError("tests/website needs a process of its own: pytest tests/website")
os.environ["POSTME_DATA"] = str(_FILLED)
os.environ["DJANGO_SETTINGS_MODULE"] = "postme.website.settings"

import django  # noqa: E402

django.setup()


def pytest_sessionfinish() -> None:
    shutil.rmtree(_FILLED, ignore_errors=True)


@pytest.fixture(scope="session")
def filled() -> Path:
    """A data folder with the fictional town, published."""
    from postme.office import example_town

    example_town.fill(_FILLED)
    return _FILLED


@pytest.fixture
def site(filled: Path, tmp_path: Path) -> Iterator[Any]:
    """A visitor's browser without a browser, on a fresh copy of the filled site; ``site.data`` is its folder."""
    from django.db import connection
    from django.test import Client, override_settings

    data = tmp_path / "data"
    connection.close()
    shutil.copytree(filled, data)
    connection.settings_dict["NAME"] = str(data / "postme.sqlite3")
    with override_settings(DATA=data, ALLOWED_HOSTS=["*"]):
        client = Client()
        client.data = data  # type: ignore[attr-defined]
        yield client
    connection.close()
