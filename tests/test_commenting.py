"""People can comment for as long as the law says: what is cut short, opened late or closed early leads to no approval."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from postme import process
from postme.errors import WrongUse
from postme.gate import Town
from postme.keeping import laws
from postme.obligation import Verdict
from postme.office import counsel, example_town
from postme.process import GateShut
from postme.proposal import Deed, Proposal, Step

D = date
HERE = "https://town.example/paper"
FALLS = "us/zz/mill_falls"
START, NOTICE, HEARING, VOTE, LATER = D(2026, 1, 12), D(2026, 2, 2), D(2026, 3, 3), D(2026, 3, 17), D(2030, 1, 1)
# The law counts twenty days from the notice.
LAST = D(2026, 2, 22)
FINDINGS = {"benefits_outweigh_costs": True, "civil_liberties_safeguarded": True, "burden_falls_on_no_group_more": True}  # fmt: skip


@pytest.fixture(scope="module")
def falls() -> Iterator[Town]:
    """The town of the story, whose law asks for twenty days of comments from the notice on."""
    counsel.also_from([example_town.LAWS])
    yield Town.of(FALLS, laws.book(), tries=counsel.law("model-mill-falls-pilot"), since=D(2025, 5, 1))
    counsel.also_from([])


def noticed(*more: Deed) -> Proposal:
    steps = (
        Deed("submit", START), Deed("publish_report", START, evidence=HERE), Deed("publish_policy", START, evidence=HERE), Deed("advise", D(2026, 1, 26)),
        Deed("give_notice", NOTICE), *more,
    )  # fmt: skip
    return Proposal(FALLS, "police", ("alpr",), ("obtain", "use"), START, deeds=steps)


def opened(on: date, until: date) -> Deed:
    return Deed("open_comments", on, until=until)


def closed(on: date) -> Deed:
    return Deed("close_comments", on)


def voted(falls: Town, *comments: Deed) -> tuple[Step, Verdict]:
    """Where a vote of 17 March stands, with these comments before it, and what is said of the time for them."""
    vote = Deed("approve", VOTE, findings=FINDINGS)
    steps = sorted((*comments, Deed("hear", HEARING), vote), key=lambda one: one.on)
    one = noticed(*steps)
    [duty] = [each for each in process.duties(one, VOTE, falls) if each.provision == "time-for-comments"]
    return process.standing(one, VOTE, falls).step, duty.verdict


def test_a_time_that_was_open_for_all_of_it_leads_to_an_approval(falls: Town) -> None:
    assert voted(falls, opened(NOTICE, D(2026, 2, 27)), closed(D(2026, 2, 27))) == (Step.APPROVED, Verdict.MET)
    assert voted(falls, opened(NOTICE, LAST), closed(LAST)) == (Step.APPROVED, Verdict.MET)


@pytest.mark.parametrize(
    "comments",
    [
        (opened(D(2026, 2, 26), D(2026, 2, 26)), closed(D(2026, 2, 26))),  # one day, weeks after the notice
        (opened(NOTICE, LAST), closed(NOTICE)),  # opened and closed on the day of the notice
        (opened(NOTICE, LAST), closed(LAST - timedelta(1))),  # one day short
        (opened(D(2026, 2, 20), D(2026, 3, 11)), closed(D(2026, 3, 11))),  # twenty days, of which the last was cut off
        (opened(NOTICE, D(2026, 2, 8)), closed(D(2026, 2, 8)), opened(D(2026, 2, 16), LAST), closed(LAST)),  # a hole in it
    ],
)  # fmt: skip
def test_a_time_that_was_cut_short_leads_to_no_approval(falls: Town, comments: tuple[Deed, ...]) -> None:
    assert voted(falls, *comments) == (Step.GATE_MISSING, Verdict.BROKEN)


def test_comments_that_were_opened_late_or_anew_count_from_then_on(falls: Town) -> None:
    late = opened(D(2026, 2, 20), D(2026, 3, 12))
    assert voted(falls, late, closed(D(2026, 3, 12))) == (Step.APPROVED, Verdict.MET)
    again = (opened(NOTICE, LAST), closed(D(2026, 2, 8)), opened(D(2026, 2, 9), LAST), closed(LAST))
    assert voted(falls, *again) == (Step.APPROVED, Verdict.MET), "opened anew on the next day, none was lost"


def test_a_time_that_would_be_too_short_is_refused_with_the_day_and_the_clause(falls: Town) -> None:
    with pytest.raises(GateShut, match="until 22 February 2026 at least") as shut:
        process.moved(noticed(), opened(NOTICE, D(2026, 2, 21)), falls, LATER)
    assert "section 3.05" in shut.value.where
    assert process.moved(noticed(), opened(NOTICE, LAST), falls, LATER).done("open_comments")


def test_comments_are_not_closed_before_their_time_and_the_first_day_is_told(falls: Town) -> None:
    one = noticed(opened(NOTICE, D(2026, 2, 27)))
    with pytest.raises(GateShut, match="The first day that the law allows is 22 February 2026") as shut:
        process.moved(one, closed(D(2026, 2, 15)), falls, LATER)
    assert "section 3.05" in shut.value.where
    assert process.moved(one, closed(LAST), falls, LATER).done("close_comments")
    offered = process.next_deeds(one, D(2026, 2, 15), falls)["close_comments"]
    assert [gate.earliest for gate in offered if not gate.open] == [LAST]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 12), st.integers(0, 30)), max_size=8))
def test_no_order_of_opening_and_closing_approves_what_was_not_open_for_twenty_days(
    falls: Town, steps: list[tuple[bool, int, int]]
) -> None:
    """An independent reading: the days on which somebody could comment are counted one by one."""
    one, day, days, running = noticed(Deed("hear", HEARING)), HEARING, set[date](), None
    for opens, later, runs in steps:
        day += timedelta(later)
        deed = opened(day, day + timedelta(runs)) if opens else closed(day)
        for each in (process.moved, process.witnessed):
            try:
                one = each(one, deed, falls, LATER)
                break
            except WrongUse:
                continue
    vote = Deed("approve", day + timedelta(1), findings=FINDINGS)
    one = process.witnessed(one, vote, falls, LATER)
    for number, deed in enumerate(one.deeds):
        if deed.kind not in ("open_comments", "close_comments"):
            continue
        if deed.kind == "open_comments":
            running = deed.until
        following = next((x.on for x in one.deeds[number + 1 :] if x.kind in ("open_comments", "close_comments")), None)
        ends = min(running or deed.on, following or D.max, vote.on - timedelta(1)) if deed.kind == "open_comments" else deed.on - timedelta(1)  # fmt: skip
        days |= {deed.on + timedelta(n) for n in range((ends - deed.on).days + 1)}
    longest = max((n for start in days for n in range(1, 60) if all(start + timedelta(m) in days for m in range(n))), default=0)  # fmt: skip
    if process.standing(one, vote.on, falls).step is Step.APPROVED:
        assert longest >= 20


# --- what goes on after the vote -------------------------------------------------------------------------------------


def in_use(*more: Deed) -> Proposal:
    steps = (opened(NOTICE, LAST), closed(LAST), Deed("hear", HEARING), Deed("approve", VOTE, findings=FINDINGS), Deed("put_into_use", D(2026, 4, 1)))  # fmt: skip
    return noticed(*steps, *more)


@pytest.mark.parametrize("kind", ["hear", "give_notice", "open_comments", "advise"])
def test_what_is_in_use_and_late_stays_so_while_people_are_heard_anew(falls: Town, kind: str) -> None:
    day = D(2028, 1, 10)
    one = process.moved(in_use(), Deed(kind, day, until=day + timedelta(60)), falls, LATER)
    before, after = (process.standing(each, day + timedelta(1), falls) for each in (in_use(), one))
    assert (before.step, before.since) == (after.step, after.since)
    assert after.step is Step.REPORT_DUE


@pytest.mark.parametrize("kind", ["submit", "approve", "reject", "withdraw", "exigent_use", "declare_existing"])
def test_what_was_approved_is_not_put_to_the_vote_again_nor_called_old_or_an_emergency(falls: Town, kind: str) -> None:
    with pytest.raises(GateShut, match="approved it already"):
        process.moved(in_use(), Deed(kind, D(2026, 5, 1), findings=FINDINGS), falls, LATER)
    assert kind not in process.next_deeds(in_use(), D(2026, 5, 1), falls)


def test_a_vote_that_is_refused_names_all_that_is_missing(falls: Town) -> None:
    with pytest.raises(GateShut) as shut:
        process.moved(replace(noticed(), deeds=noticed().deeds[:4]), Deed("approve", VOTE), falls, LATER)
    assert all(gate.missing in shut.value.what for gate in shut.value.gates)
    assert len(shut.value.gates) > 3
