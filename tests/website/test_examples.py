"""Every example in a docstring of the website and the store runs; both need Django set up, as here."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import postme.keeping.store
import postme.website

MODULES = [
    module.name
    for package in (postme.website, postme.keeping.store)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if ".migrations" not in module.name and not module.name.endswith((".__main__", ".wsgi"))
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
