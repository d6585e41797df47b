"""Every example in a docstring runs and says what it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import postme

MODULES = [
    module.name
    for module in pkgutil.walk_packages(postme.__path__, "postme.")
    if ".migrations" not in module.name
    and not module.name.endswith(".__main__")
    and not module.name.startswith(("postme.website", "postme.keeping.store."))
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples_to_run() -> None:
    tried = sum(doctest.testmod(importlib.import_module(name)).attempted for name in MODULES)
    assert tried > 60
