"""Mill Falls decides: its four proposals stand where the story says, also after a fill that was killed, and a second fill does nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from postme.office import counsel, example_process, example_town
from postme.office.proceedings import Proceedings

DAY = date(2026, 11, 23)
STANDS = {
    "twelve-more-plate-readers": "open for comment",
    "cameras-at-the-bus-station": "report due",
    "a-cell-site-simulator": "rejected",
    "a-drone-over-the-flood": "exigent use",
}


@pytest.fixture(autouse=True)
def story() -> Iterator[None]:
    counsel.also_from([example_town.LAWS])
    yield
    counsel.also_from([])


def told(folder: Path) -> dict[str, Any]:
    work = Proceedings(folder)
    every = work.docket.several(public=None)[0]
    return {one.slug: (work.standing(one, DAY).step.value, len(one.recorded), one.public, one.turn) for one in every}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    counsel.also_from([example_town.LAWS])
    example_process.fill(folder, today=DAY)
    return folder


def test_each_proposal_stands_where_the_story_says_and_no_gate_was_passed_by(town: Path) -> None:
    assert {slug: step for slug, (step, *_) in told(town).items()} == STANDS
    work = Proceedings(town)
    assert not [gate for slug in STANDS for gate in work.standing(work.one(slug), DAY).shut]


def test_a_second_fill_adds_nothing_also_on_a_later_day(town: Path) -> None:
    before, size = told(town), Proceedings(town).ledger.size()
    example_process.fill(town, today=date(2026, 11, 30))
    assert (told(town), Proceedings(town).ledger.size()) == (before, size)


@pytest.mark.parametrize("step", [3, 11, 20])
def test_a_fill_that_died_is_completed(town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    done, calls = Proceedings.record, 0

    def dying(self: Proceedings, *arguments: Any, **more: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > step:
            raise KeyboardInterrupt
        return done(self, *arguments, **more)

    with monkeypatch.context() as patched:
        patched.setattr(Proceedings, "record", dying)
        with pytest.raises(KeyboardInterrupt):
            example_process.fill(tmp_path, today=DAY)
    example_process.fill(tmp_path, today=DAY)
    assert {slug: one[:3] for slug, one in told(tmp_path).items()} == {
        slug: one[:3] for slug, one in told(town).items()
    }
