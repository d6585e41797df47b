"""The catalogue proves itself: every file is well formed, and its own sentences hit and miss as they say."""

from __future__ import annotations

import pytest

from postme import matching
from postme.catalogue import Catalogue, Technology, Vendor
from postme.keeping import library
from postme.office import proving

ERRORS = library.errors_in()
CATALOGUE = None if ERRORS else library.load()


@pytest.fixture(scope="module")
def engine() -> matching.Engine:
    assert CATALOGUE is not None
    return matching.best(CATALOGUE)


def entries() -> list[Technology | Vendor]:
    return [*CATALOGUE.technologies.values(), *CATALOGUE.vendors.values()] if CATALOGUE else []


def test_every_file_of_the_catalogue_is_well_formed() -> None:
    assert [str(error) for error in ERRORS] == []


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.id)
def test_a_file_finds_its_hits_and_only_them_and_misses_its_misses(
    entry: Technology | Vendor, engine: matching.Engine
) -> None:
    assert isinstance(CATALOGUE, Catalogue)
    assert proving.unproved(entry, CATALOGUE, engine) == []


def test_a_sentence_that_is_not_judged_as_its_file_says_is_reported(engine: matching.Engine) -> None:
    assert isinstance(CATALOGUE, Catalogue)
    drone = CATALOGUE.technologies["drone"]
    wrong = Technology(
        "drone",
        drone.name,
        drone.kind,
        drone.what,
        drone.cannot_show,
        drone.crosswalk,
        hits=drone.misses[:1],
        misses=drone.hits[:1],
    )
    assert len(proving.unproved(wrong, CATALOGUE, engine)) == 2


def test_every_category_of_the_taxonomy_has_its_file() -> None:
    assert CATALOGUE is not None
    assert len(CATALOGUE.technologies) >= 43
    assert {"surveillance_unspecified", "records_case_management", "mil_other"} <= set(CATALOGUE.technologies)
