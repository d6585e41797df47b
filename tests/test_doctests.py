"""Every example in a docstring runs and says what it says."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

import postme

PACKAGE = Path(postme.__file__).parent
# By their files: walking the package would import the website, which needs its settings (tests/website/test_examples.py).
MODULES = [
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in sorted(PACKAGE.rglob("*.py"))
    if not {"examples", "website", "migrations"} & {*path.parts} and path.stem != "__main__"
    and (path.parent.name != "store" or path.stem == "__init__")
]  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples_to_run() -> None:
    tried = sum(doctest.testmod(importlib.import_module(name)).attempted for name in MODULES)
    assert tried > 60
