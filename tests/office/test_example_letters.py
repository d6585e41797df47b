"""Mill Falls is written to: one letter open, one handed over, also after a fill that was killed, and a second fill does nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from postme.keeping.store.ledger import Ledger
from postme.letter import Claim, Kind, State
from postme.office import counsel, example_letters, example_process, example_town, handing, lettersheet
from postme.office.handing import Carrier
from postme.office.letters import Correspondence
from postme.office.signing import Signers

DAY = date(2026, 11, 23)
# A letter cannot be open until a day that is over.
TODAY = datetime.now(UTC).date()
DRAWN = b"%PDF-1.7 (fiction)"


@pytest.fixture(autouse=True)
def story(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    counsel.also_from([example_town.LAWS])
    # What claims rest on is in the town's records, which take half a minute to read; tests/website look at those.
    monkeypatch.setattr(Correspondence, "claim", lambda _self, passage, address: Claim(passage, address))
    monkeypatch.setattr(lettersheet, "pdf", lambda *_arguments, **_more: DRAWN)
    yield
    counsel.also_from([])


def told(folder: Path) -> dict[str, Any]:
    signers = Signers(folder)
    return {
        key: (one.state, len(one.versions), signers.counted(one.slug), [(each.to, each.outcome) for each in one.deliveries])
        for key, one in example_letters.letters(folder).items()
    }  # fmt: skip


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    counsel.also_from([example_town.LAWS])
    example_process.fill(folder, today=DAY)
    return folder


@pytest.fixture
def town(decided: Path, tmp_path: Path) -> Path:
    from django.db import connections

    connections.close_all()
    return Path(shutil.copytree(decided, tmp_path / "data"))


def test_one_letter_is_open_with_a_typo_mended_and_one_was_handed_over_and_answered_once(town: Path) -> None:
    example_letters.fill(town, today=TODAY)
    every = told(town)
    state, versions, counts, _ = every["readers"]
    assert (state, versions) == (State.OPEN, 2)
    assert counts["now"] == {"domain": 4, "coalition": 1, "mail": 20, "paper": 3}
    assert set(counts["earlier"].values()) == {0}
    state, versions, counts, deliveries = every["report"]
    assert (state, versions) == (State.CLOSED, 1)
    assert len(deliveries) == 8
    assert [to for to, outcome in deliveries if outcome] == ["Beatriz Calloway"]
    one = example_letters.letters(town)["report"]
    assert handing.place(town, one.deliveries[0].pdf).read_bytes() == DRAWN
    assert one.coalition.fiction


def test_everybody_in_it_is_marked_as_made_up(town: Path) -> None:
    example_letters.fill(town, today=TODAY)
    signers = Signers(town)
    for one in example_letters.letters(town).values():
        assert all("(fiction)" in each.name for each in one.coalition.members)
        for row in [*signers.listed(one.slug, Kind.ORGANIZATION), *signers.listed(one.slug, Kind.PERSON)]:
            assert row["name"] == "" or "(fiction)" in row["name"] or row["name"].endswith(".")


def test_a_second_fill_adds_nothing_also_on_a_later_day(town: Path) -> None:
    example_letters.fill(town, today=TODAY)
    before, size = told(town), Ledger(town).size()
    example_letters.fill(town, today=TODAY + timedelta(7))
    assert (told(town), Ledger(town).size()) == (before, size)


@pytest.mark.parametrize(("owner", "name", "step"), [(Correspondence, "agree", 2), (Signers, "confirm", 5), (Signers, "confirm", 9), (Correspondence, "change", 0), (Carrier, "deliver", 0), (Correspondence, "answered", 0)])  # fmt: skip
def test_a_fill_that_died_is_completed(town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, step: int) -> None:  # fmt: skip
    done, calls = getattr(owner, name), 0

    def dying(*arguments: Any, **more: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > step:
            raise KeyboardInterrupt
        return done(*arguments, **more)

    with monkeypatch.context() as patched:
        patched.setattr(owner, name, dying)
        with pytest.raises(KeyboardInterrupt):
            example_letters.fill(town, today=TODAY)
    example_letters.fill(town, today=TODAY)
    state, versions, counts, _ = told(town)["readers"]
    assert (state, versions) == (State.OPEN, 2)
    assert counts["now"] == {"domain": 4, "coalition": 1, "mail": 20, "paper": 3}
    assert [to for to, outcome in told(town)["report"][3] if outcome] == ["Beatriz Calloway"]
