"""An audit that somebody brings is read as strictly as anything from outside; the synthetic one finds its own true rates."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from postme.errors import WrongUse
from postme.office import auditfile, auditreport, whiskers
from postme.office.bias import synthetic

PLACE = {"id": "us/zz/mill_falls", "name": "Mill Falls"}
ENTRY = synthetic.facts(PLACE)


def without(path: list[Any], value: Any = None, *, drop: bool = False) -> bytes:
    audit = copy.deepcopy(ENTRY["audit"])
    at = audit
    for step in path[:-1]:
        at = at[step]
    if drop:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return json.dumps(audit).encode()


def test_the_audit_as_it_was_written_is_taken() -> None:
    assert auditfile.checked(json.dumps(ENTRY["audit"]).encode()) == ENTRY["audit"]


RATE = ["levels", 0, "groups", 0, "false_match"]
WRONG = {
    "no JSON": b"{",
    "no object": b"[]",
    "another format": without(["format"], "postme-audit-9"),
    "an unknown key": without(["owner"], "me"),
    "a missing key": without(["seed"], drop=True),
    "no levels": without(["levels"], []),
    "an infinite number": without(["levels", 0, "scans"], float("inf")),
    "a number that is none": without(["levels", 0, "near"], float("nan")),
    "a text without end": without(["title"], "x" * 5000),
    "more errors than comparisons": without([*RATE, "errors"], 10**9),
    "a rate that is not its counts": without([*RATE, "rate"], 0.5),
    "an interval upside down": without([*RATE, "low"], 0.9),
    "a verdict of their own": without(["levels", 0, "headline", "word"], "fair"),
    "a ratio with a verdict of their own": without(["levels", 0, "ratios", 0, "word"], "unbiased"),
    "a group twice": without(["levels", 0, "groups", 0, "name"], "men, valley people"),
    "a group that does not say whether it is shown": without(["levels", 0, "groups", 0, "shown"], drop=True),
    "something deep": without(["system", "name"], [[[[[[[[[[1]]]]]]]]]]),
    "too large": b" " * (auditfile.LARGEST + 1),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_is_no_audit_is_refused_with_the_place_in_it(name: str) -> None:
    with pytest.raises(WrongUse) as refused:
        auditfile.checked(WRONG[name])
    assert refused.value.why and refused.value.do


def test_the_synthetic_audit_finds_the_rates_it_was_made_with() -> None:
    found = {one["name"]: one["false_match"] for one in ENTRY["audit"]["levels"][0]["groups"]}
    assert len(ENTRY["true"]) == 4
    held = [found[name]["low"] <= true <= found[name]["high"] for name, true in ENTRY["true"].items()]
    assert sum(held) >= 3, "of four intervals of 95 %"
    said = ENTRY["audit"]["levels"][0]["headline"]
    assert (said["worse"], said["better"], said["word"]) == (
        "women, hill people",
        "men, valley people",
        "clear difference",
    )
    assert said["low"] <= 8 <= said["high"]


def test_over_many_seeds_the_intervals_hold_the_true_rates_as_often_as_they_say() -> None:
    held = tried = 0
    for seed in range(20):
        result = synthetic.scores(seed).run(thresholds=[synthetic.THRESHOLD], replicates=10)[0]
        true = {", ".join(group): rate for group, rate in synthetic.TRUE.items()}
        for name, rate in zip(result.names, result.false_match, strict=True):
            own = true[name] if name in true else true[", ".join(reversed(name.split(", ")))]
            held += rate.low <= own <= rate.high
            tried += 1
    assert 0.88 <= held / tried <= 1.0


def test_a_group_without_an_error_is_drawn_as_a_bound_and_a_hidden_one_says_why() -> None:
    groups = [
        {"name": "a <b>", "shown": True, "false_match": {"rate": 1e-4, "low": 5e-5, "high": 2e-4, "errors": 40, "enough": True}},
        {"name": "none", "shown": True, "false_match": {"rate": 0.0, "low": 0.0, "high": 3e-5, "errors": 0, "enough": False}},
        {"name": "few", "shown": True, "false_match": {"rate": 2e-4, "low": 5e-5, "high": 8e-4, "errors": 4, "enough": False}},
        {"name": "x" * 60, "shown": False, "why": "fewer than 10 people"},
    ]  # fmt: skip
    drawn = whiskers.dots(groups, 1e-4, "Rates & more")
    assert drawn.count('class="bound"') == 1 and "at most 30 per million" in drawn
    assert drawn.count("<circle") == 2 and "dot few" in drawn
    assert "not shown: fewer than 10 people" in drawn and "a &lt;b&gt;" in drawn and "Rates &amp; more" in drawn
    assert "style=" not in drawn and "x" * 60 in drawn
    assert whiskers.dots([], 0.1, "t") == ""


def test_numbers_are_written_as_people_read_them() -> None:
    assert auditreport.share(0) == "0 %" and auditreport.share(None) == "–"
    assert auditreport.share(0.0455) == "4.55 %" and auditreport.share(1.2e-5) == "0.00120 %"
    assert auditreport.figure(None) == "cannot be had" and auditreport.figure(12345.6) == "12,346"
    assert [auditreport.shade(x) for x in (0, 5e-7, 5e-6, 5e-3, 0.5)] == [0, 0, 1, 4, 5]
