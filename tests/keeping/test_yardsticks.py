"""What is known of errors elsewhere: facts with their sources, and a file without one is refused."""

from __future__ import annotations

import csv
import math
import os
import statistics
from pathlib import Path

import pytest

from postme.errors import KnowledgeError
from postme.keeping import yardsticks
from postme.office import yardstick

DATA = os.environ.get("POSTME_TEST_DATA")
ONE = yardsticks.FOLDER / yardsticks.PEOPLE
NIST = yardsticks.FOLDER / yardsticks.NIST


def test_everybody_listed_has_a_place_a_month_an_outcome_and_two_sources() -> None:
    people = yardsticks.misidentified()
    assert len(people) >= 7 and [one.when for one in people] == sorted(one.when for one in people)
    for one in people:
        assert len(one.sources) >= 2 and one.outcome and one.agency
        assert len({source.publisher for source in one.sources}) == len(one.sources), "of two publishers"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("sure: high", "sure: certain"), "does not say how sure"),
        (("when: 2019-02", "when: 2019"), "is no month"),
        (("    agency: Woodbridge Police Department\n", ""), "'agency' is missing"),
        (("https://www.nj.com", "nj.com"), "is no address"),
        (("id: michael-oliver", "id: nijeer-parks"), "stands twice"),
        (("publisher: NJ.com", "publischer: NJ.com"), "'publisher' is missing"),
        (("people:", "people: {}\nmore:"), "'people' is missing|no entry"),
        (("id: misidentified", "id: [misidentified"), "not YAML"),
    ],
)
def test_an_entry_nobody_could_check_is_refused_with_its_line(change: tuple[str, str], says: str) -> None:
    data = ONE.read_text().replace(*change, 1)
    if "people: {}" in data:
        assert yardsticks.people(data.encode(), "a.yaml") == ()
        return
    with pytest.raises(KnowledgeError, match=says) as refused:
        yardsticks.people(data.encode(), "a.yaml")
    assert refused.value.where.startswith("a.yaml:") and refused.value.do


def test_a_person_without_a_source_is_refused() -> None:
    text = ONE.read_text()
    start, end = text.index("    sources:"), text.index("  - id: michael-oliver")
    with pytest.raises(KnowledgeError, match=r"'sources' is missing|no source"):
        yardsticks.people((text[:start] + text[end:]).encode(), "a.yaml")


@pytest.mark.parametrize("change", [("median: 3.37", "median: three"), ("median: 3.37", "median: -1"), ("threshold:", "treshold:")])  # fmt: skip
def test_a_yardstick_without_its_numbers_is_refused(change: tuple[str, str]) -> None:
    with pytest.raises(KnowledgeError):
        yardsticks.yardstick(NIST.read_text().replace(*change, 1).encode(), "a.yaml")


def test_a_value_lies_where_it_lies() -> None:
    says = {value: yardstick.lies("women_men", value).words for value in (0.5, 2.0, 3.37, 5.0, 20.0)}  # type: ignore[union-attr]
    assert [words.split(" of ")[0] for words in says.values()] == ["below the best", "below the median", "at the median", "above the median", "above the worst"]  # fmt: skip
    assert yardstick.lies("no such measure", 1) is None


@pytest.mark.skipif(not DATA, reason="NIST's figures of 2020 are not here")
def test_nist_s_figures_of_2020_show_the_same_direction_by_another_way() -> None:
    with (Path(str(DATA)) / "bias/nist_frvt_2020/frvt_11_gender_race.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["FW_FW"] and row["MW_MW"] and float(row["MW_MW"]) > 0]
    women = [math.sqrt(float(row["FW_FW"]) * float(row["FB_FB"])) for row in rows]
    men = [math.sqrt(float(row["MW_MW"]) * float(row["MB_MB"])) for row in rows]
    ratios = [a / b for a, b in zip(women, men, strict=True) if b > 0]
    assert len(ratios) > 200
    assert 1 < statistics.median(ratios) < 10, "women are matched wrongly more often by most systems of 2020, too"
