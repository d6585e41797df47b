"""``postme town``: a town's process is opened once, says what it is held against, and refuses what it does not know."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from postme.commands import main
from postme.keeping.store.docket import Docket
from postme.keeping.store.ledger import Ledger


def ran(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["town", *arguments, "--data", str(folder)])


def test_a_town_is_opened_with_the_model_that_it_tries_out_and_its_holidays(tmp_path: Path) -> None:
    told = ran(
        tmp_path,
        "us/mn/minneapolis",
        "--tries",
        "model-aclu-ccops",
        "--since",
        "2026-01-01",
        "--holiday",
        "2026-10-12=Our day",
    )
    assert told.exit_code == 0, told.output
    assert "tries out ACLU model bill" in told.output
    again = ran(tmp_path, "us/mn/minneapolis", "--holiday", "2027-10-11=Our day")
    assert "2026-10-12" in again.output
    row = Docket(Ledger(tmp_path).file).town("us/mn/minneapolis")
    assert (row.tries, row.tries_since) == ("model-aclu-ccops", date(2026, 1, 1))
    assert set(row.holidays) == {date(2026, 10, 12), date(2027, 10, 11)}


def test_a_town_with_an_ordinance_is_held_against_it(tmp_path: Path) -> None:
    told = ran(tmp_path, "us/ca/oakland")
    assert "us-ca-oakland-ccops" in told.output
    assert "us-ca-military-equipment" in told.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["us/mn/minneapols"], "Did you mean us/mn/minneapolis"),
        (["us/mn/minneapolis", "--tries", "model-aclu"], "No law 'model-aclu' is known"),
        (["us/mn/minneapolis", "--holiday", "tomorrow"], "is no holiday"),
        (["us/mn/minneapolis", "--since", "2026-01-01"], "none is named"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_opened(tmp_path: Path, arguments: list[str], said: str) -> None:
    told = ran(tmp_path, *arguments)
    assert told.exit_code == 2
    assert said in told.output
    assert Docket(Ledger(tmp_path).file).towns() == []
