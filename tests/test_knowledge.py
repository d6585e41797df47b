"""The catalogue proves itself: every file is well formed, and its own sentences hit and miss as they say."""

from __future__ import annotations

import pytest

from postme import matching, scan
from postme.catalogue import Catalogue, Example, Technology, Vendor
from postme.keeping import library

ERRORS = library.errors_in()


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return library.load()


@pytest.fixture(scope="module")
def engine(catalogue: Catalogue) -> matching.Engine:
    return matching.best(catalogue)


def entries() -> list[Technology | Vendor]:
    if ERRORS:
        return []
    known = library.load()
    return [*known.technologies.values(), *known.vendors.values()]


def test_every_file_of_the_catalogue_is_well_formed() -> None:
    assert [str(error) for error in ERRORS] == []


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.id)
def test_a_file_finds_its_hits_and_only_them_and_misses_its_misses(
    entry: Technology | Vendor, catalogue: Catalogue, engine: matching.Engine
) -> None:
    wrong = []
    for example in entry.hits:
        found = scan.expected(engine.hits(example.text), catalogue)
        if found != set(example.technologies):
            wrong.append(f"hit {example.text!r}: found {sorted(found)}, expected {sorted(example.technologies)}")
        elif not found:
            wrong.append(f"hit {example.text!r} expects nothing, so it proves nothing")
    for example in entry.misses:
        found = scan.expected(engine.hits(example.text), catalogue)
        if found & set(example.technologies):
            wrong.append(f"miss {example.text!r}: found {sorted(found)}")
    assert wrong == []


def test_examples_are_examples() -> None:
    assert Example("x", ("alpr",)).technologies == ("alpr",)
