"""The package's laws: every file is well formed, every worked case comes out as written, every feature of the field is used."""

from __future__ import annotations

from pathlib import Path

import pytest

from postme.keeping import laws as kept
from postme.law import Law
from postme.office import counsel
from postme.verdict import Lawbook

BOOK = kept.book()
EVERY = [*BOOK.laws.values(), *counsel.models()]


@pytest.mark.parametrize(
    "path", sorted(kept.FOLDER.rglob("*.yaml")) + sorted(kept.MODELS.rglob("*.yaml")), ids=lambda path: path.stem
)
def test_a_law_file_is_well_formed(path: Path) -> None:
    errors, _ = kept.checked(path)
    assert [str(error) for error in errors] == []


@pytest.mark.parametrize("law", EVERY, ids=lambda law: law.id)
def test_every_worked_case_comes_out_as_written(law: Law) -> None:
    book = Lawbook({**BOOK.laws, law.id: law}.values(), kept.words())
    wrong = [
        f"{case.says} got {got}, not {case.answer}"
        for case in law.cases
        if (got := counsel.worked(case, law, book)) != case.answer
    ]
    assert wrong == []


@pytest.mark.parametrize("law", BOOK.laws.values(), ids=lambda law: law.id)
def test_a_law_has_three_worked_cases_and_says_who_read_it(law: Law) -> None:
    assert len(law.cases) >= 3
    assert law.read.who
    assert law.read.lawyer is None, "no lawyer has signed off any of these files"
    assert law.text_seen or law.unseen, "a law whose text was not read says what was not seen"


@pytest.mark.parametrize(
    "place",
    [
        "us/mn/minneapolis",
        "us/ca/oakland",
        "us/la/new_orleans",
        "us/or/portland",
        "us/ca/san_francisco",
        "us/ny/new_york",
    ],
)
def test_the_best_known_places_have_thirty_worked_cases(place: str) -> None:
    assert sum(len(law.cases) for law in BOOK.laws.values() if law.place.short == place) >= 30


def test_california_s_military_equipment_law_has_thirty_worked_cases() -> None:
    [law] = [law for law in BOOK.laws.values() if law.place.short == "us/ca" and law.subject == "military_equipment"]
    assert len(law.cases) >= 30


def test_a_paraphrase_is_no_long_quotation() -> None:
    for law in EVERY:
        for provision in law.provisions:
            assert len(provision.says) <= 700, f"{law.id}#{provision.id}"


def test_every_source_is_an_address_or_says_where_to_look() -> None:
    for law in EVERY:
        for source in law.sources.values():
            assert (
                source.address.startswith("https://") or source.address.startswith("http://") or " " in source.address
            ), f"{law.id}: {source.address}"
            assert "~" not in source.address
