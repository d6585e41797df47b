"""Which quote of a holding stands first, and holdings of every shape that was ever published."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest

from postme import holding
from postme.redaction import BLOCK

RUNNING = {
    "before": "On Tuesday the council heard that the Police Department has ",
    "after": " at six places in the village.",
}
# What says more stands before what says less, and each is the stronger for one reason alone.
ORDER = (
    {"id": "approved", "act": "mention", "date": "2020-01-01", "quote": "plate readers"},
    {"id": "paid", "act": "acquire", "date": "2019-01-01", "quote": "plate readers"},
    {"id": "bought", "act": "acquire", "date": "2025-01-02", "quote": "plate readers"},
    {"id": "bought before", "act": "acquire", "date": "2025-01-01", "quote": "plate readers"},
    {"id": "bought some day", "act": "acquire", "date": None, "quote": "plate readers"},
    {"id": "bought, in a table", "act": "acquire", "date": "2026-01-01", "quote": "LPR", "before": "12 . . . . . . . 44 17 $3,100.00 ", "after": " 9 $12,000.00 18"},
    {"id": "used", "act": "use", "date": "2026-01-01", "quote": "plate readers"},
    {"id": "reported", "act": "report", "date": "2026-01-01", "quote": "plate readers"},
    {"id": "ruled", "act": "regulate", "date": "2026-01-01", "quote": "plate readers"},
    {"id": "planned", "act": "propose", "date": "2026-01-01", "quote": "plate readers"},
    {"id": "named", "act": "mention", "date": "2026-11-01", "quote": "plate readers"},
    {"id": "of another version", "act": "hovered over", "date": "2026-12-01", "quote": "plate readers"},
)  # fmt: skip
CONFIRMED = [
    {"act": "mention", "outcome": "approved 5-2", "amount": None, "evidence": "approved"},
    {"act": "acquire", "outcome": None, "amount": 900.0, "evidence": "paid"},
]


def facts(quotes: Sequence[dict[str, Any]], status: str = "present", **more: Any) -> dict[str, Any]:
    return {"status": status, "evidence": [{**RUNNING, **one} for one in quotes], "acts": CONFIRMED, "law_facts": {}, **more}  # fmt: skip


def led(quotes: Sequence[dict[str, Any]], status: str = "present", **more: Any) -> str:
    found = holding.lead(facts(quotes, status, **more))
    assert found
    return str(found["id"])


def test_the_strongest_of_what_is_left_stands_first_wherever_it_stands_in_the_list() -> None:
    left = list(ORDER)
    while left:
        assert led(left) == led(left[::-1]) == left[0]["id"]
        left.pop(0)


def test_any_two_are_told_apart() -> None:
    for (stronger, one), (weaker, other) in permutations(enumerate(ORDER), 2):
        assert led([one, other]) == ORDER[min(stronger, weaker)]["id"]


def test_an_outcome_that_does_not_bear_out_what_is_said_weighs_no_more_than_any_other_word_of_an_editor() -> None:
    put_off = [{"act": "mention", "outcome": "postponed", "amount": None, "evidence": "approved"}, CONFIRMED[1]]
    assert led(ORDER, acts=put_off) == "paid"
    assert led(ORDER, "postponed", acts=put_off) == "approved"


def test_where_a_body_does_not_have_it_the_ask_comes_first() -> None:
    assert led(ORDER, "asked for", acts=[]) == "planned"
    assert led(ORDER, "present", acts=[]) == "bought"


def test_a_fact_that_an_editor_stated_for_the_law_is_an_editors_word() -> None:
    stated = {"council_approved": {"value": False, "evidence": "named", "says": "No vote was taken."}}
    assert led(ORDER, acts=[], law_facts=stated) == "named"


def test_what_is_blacked_out_stands_behind_what_can_be_read() -> None:
    black = {**ORDER[2], "id": "black", "before": f"Seen by {BLOCK * 9} at the "}
    assert led([black, ORDER[4]]) == "bought some day"
    assert led([black, ORDER[6]]) == "black"


def test_nothing_leads_where_nothing_is_quoted() -> None:
    assert holding.lead(facts([])) is None


# -- every shape ------------------------------------------------------------------------------------------------------

OLDER = {
    "title": "Police Department: plate readers", "status": "present", "note": "", "makers": {}, "cannot_show": "",
    "claims": [{"part": "maker", "value": None, "evidence": [], "how": "stated"}], "law_facts": {},
    "acts": [{"act": "acquire", "step": "approved", "date": "2025-03-04", "dated_by": "the record", "amount": 900.0, "file_number": "RCA-1", "evidence": "m1"}],
    "evidence": [{"id": "m1", "sha256": "e3", "record": "Minutes", "page": 1, "act": "acquire", "date": None, "quote": "readers"}],
}  # fmt: skip


def test_what_only_a_program_read_is_no_outcome_and_leads_nothing() -> None:
    told = holding.told(OLDER)
    assert [(one["act"], one["outcome"], one["date"]) for one in told["acts"]] == [("acquire", None, "2025-03-04")]
    guessed = {**OLDER, "evidence": [OLDER["evidence"][0], {**OLDER["evidence"][0], "id": "m2", "date": "2026-01-01"}]}  # type: ignore[index]
    assert holding.lead(guessed)["id"] == "m2"  # type: ignore[index]
    asked = [{**guessed["acts"][0], "outcome": "approved"}]  # type: ignore[index]
    assert holding.lead({**guessed, "acts": asked})["id"] == "m1"  # type: ignore[index]


@pytest.mark.parametrize("lost", ["acts", "claims", "evidence", "law_facts", "makers", "note", "status", "cannot_show", "attributed"])  # fmt: skip
@pytest.mark.parametrize("how", ["left out", "null"])
def test_a_part_that_was_not_there_yet_is_unknown_and_no_error(lost: str, how: str) -> None:
    given = {key: value for key, value in OLDER.items() if key != lost} | ({lost: None} if how == "null" else {})
    told = holding.told(given)
    assert told[lost] in ([], {}, "", 0, "spoken of")
    holding.lead(given)


def test_acts_of_one_word_and_acts_with_all_their_parts_are_both_read() -> None:
    told = holding.told({"acts": ["use", {"act": "acquire", "outcome": "carried 4-3", "evidence": "m1"}]})
    assert [(one["act"], one["outcome"], one["evidence"]) for one in told["acts"]] == [("use", None, ""), ("acquire", "carried 4-3", "m1")]  # fmt: skip


def test_todays_facts_are_left_as_they_are() -> None:
    whole = holding.told(OLDER)
    assert holding.told(whole) == whole
