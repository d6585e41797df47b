"""A proposal goes no step without its gate: six towns' own laws, from submission to report, and random people in random order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from postme import ahead, gate, process
from postme.ahead import Ready
from postme.errors import WrongUse
from postme.gate import Town
from postme.keeping import laws
from postme.obligation import Verdict
from postme.office import counsel, example_town
from postme.process import GateShut
from postme.proposal import DEEDS, FOR, Deed, Proposal, Step

D = date
NEW = D(2026, 1, 5)
LATER = D(2030, 1, 1)
SEBASTOPOL = dict.fromkeys(
    (
        "benefits_outweigh_costs",
        "use_policy_guards_rights",
        "no_cheaper_or_milder_means_as_good",
        "no_discrimination_and_no_unequal_burden",
    ),
    True,
)
MILITARY = dict.fromkeys(
    (
        "no_reasonable_alternative",
        "policy_safeguards_rights",
        "reasonably_cost_effective",
        "past_compliance_or_corrected",
    ),
    True,
)


def town(place: str) -> Town:
    return Town.of(place, laws.book())


def proposal(place: str, *technologies: str, **more: Any) -> Proposal:
    return Proposal(place, "police", technologies or ("alpr",), more.pop("acts", ("obtain", "use")), NEW, **more)


def went(one: Proposal, *deeds: Deed) -> Proposal:
    there = town(one.place)
    for deed in deeds:
        one = process.moved(one, deed, there, LATER)
    return one


def missing(one: Proposal, deed: Deed) -> set[str]:
    with pytest.raises(GateShut) as shut:
        process.moved(one, deed, town(one.place), LATER)
    return {found.needs.strip() for found in shut.value.gates}


# --- six towns, each by its own law ----------------------------------------------------------------------------------

HERE = "https://town.example/papers"
OAKLAND = (
    Deed("submit", D(2026, 1, 6)),
    Deed("record", D(2026, 1, 6), fact="chair_told"),
    Deed("publish_report", D(2026, 1, 12), evidence=HERE),
    Deed("publish_policy", D(2026, 1, 12), evidence=HERE),
    Deed("advise", D(2026, 2, 5)),
    Deed("give_notice", D(2026, 2, 16)),
    Deed("hear", D(2026, 3, 17)),
    Deed("approve", D(2026, 3, 17)),
)


def test_oakland_goes_from_submission_to_report_by_its_own_chapter() -> None:
    there = town("us/ca/oakland")
    one = went(proposal("us/ca/oakland"), *OAKLAND, Deed("put_into_use", D(2026, 4, 1)))
    assert process.standing(one, D(2026, 4, 1), there).step is Step.IN_USE
    [report] = [due for due in process.duties(one, D(2027, 3, 1), there) if due.provision == "yearly-report"]
    assert (report.verdict, report.due) == (Verdict.NOT_YET_DUE, D(2027, 3, 15))
    late = process.standing(one, D(2027, 3, 16), there)
    assert late.step is Step.REPORT_DUE
    assert "yearly-report" in {due.provision for due in late.late}
    reported = process.moved(one, Deed("report", D(2027, 3, 16)), there, LATER)
    assert process.standing(reported, D(2027, 3, 17), there).step is Step.REPORTED


@pytest.mark.parametrize("left_out", ["advise", "hear", "give_notice", "publish_report"])
def test_in_oakland_no_approval_stands_where_a_step_was_left_out(left_out: str) -> None:
    there, one = town("us/ca/oakland"), proposal("us/ca/oakland")
    with pytest.raises(GateShut):
        for deed in OAKLAND:
            if deed.kind != left_out:
                one = process.moved(one, deed, there, LATER)
    assert process.standing(one, LATER, there).step not in (Step.APPROVED, Step.APPROVED_WITH_CONDITIONS)


def test_a_hearing_earlier_than_notice_allows_is_refused_with_the_first_day_and_its_clause() -> None:
    one = went(proposal("us/ca/oakland"), *OAKLAND[:6])
    with pytest.raises(GateShut) as shut:
        process.moved(one, Deed("hear", D(2026, 2, 20)), town("us/ca/oakland"), LATER)
    [found] = shut.value.gates
    assert (found.address, found.clause, found.earliest) == (
        "us-ca-oakland-ccops#fifteen-days",
        "9.64.030",
        D(2026, 3, 3),
    )
    assert "The first day that the law allows is 3 March 2026." in str(shut.value)
    assert not re.search(r"\d{4}-\d\d-\d\d", shut.value.what)


def test_the_clerk_sees_beforehand_what_a_hearing_day_asks_for() -> None:
    one = went(proposal("us/ca/oakland"), *OAKLAND[:5])
    today = D(2026, 2, 10)
    asked = {one.provision: one for one in ahead.planned(one, "hear", D(2026, 3, 10), town("us/ca/oakland"), today)}
    assert asked["fifteen-days"].by == D(2026, 2, 23)
    assert not asked["fifteen-days"].too_late
    assert asked["commission-before-council"].done
    too_soon = {one.provision: one for one in ahead.planned(one, "hear", D(2026, 2, 20), town("us/ca/oakland"), today)}
    assert too_soon["fifteen-days"].too_late
    assert too_soon["fifteen-days"].earliest == D(2026, 2, 25)


def test_what_a_council_did_without_a_gate_is_recorded_and_is_no_approval() -> None:
    there = town("us/ca/oakland")
    one = went(proposal("us/ca/oakland"), Deed("submit", D(2026, 1, 6)))
    voted = process.witnessed(one, Deed("approve", D(2026, 1, 20)), there, LATER)
    now = process.standing(voted, D(2026, 1, 21), there)
    assert now.step is Step.GATE_MISSING
    assert {shut.needs for shut in now.shut} >= {"hearing_held", "advisory_reviewed"}


def test_no_vote_lifts_oaklands_ban_on_face_recognition() -> None:
    one = went(proposal("us/ca/oakland", "face_recognition"), *OAKLAND[:-1])
    with pytest.raises(GateShut) as shut:
        process.moved(one, OAKLAND[-1], town("us/ca/oakland"), LATER)
    assert {found.kind for found in shut.value.gates} == {"ban"}


def test_seattle_asks_for_a_community_meeting_and_an_ordinance() -> None:
    one = went(
        proposal("us/wa/seattle"),
        Deed("submit", D(2026, 1, 6)),
        Deed("publish_report", D(2026, 2, 2), evidence=HERE),
    )
    assert missing(one, Deed("approve", D(2026, 5, 4), instrument="resolution")) == {
        "community_meeting_held",
        "instrument",
    }
    done = went(one, Deed("meet_community", D(2026, 3, 3)), Deed("approve", D(2026, 5, 4), instrument="ordinance"))
    assert process.standing(done, D(2026, 5, 5), town("us/wa/seattle")).step is Step.APPROVED


def test_new_york_has_no_vote_but_ninety_days_and_a_time_for_comments() -> None:
    one = went(
        proposal("us/ny/new_york"),
        Deed("record", D(2026, 1, 12), fact="held_before_law", value=False),
        Deed("record", D(2026, 1, 12), fact="proposed_policy_posted"),
        Deed("open_comments", D(2026, 1, 12), until=D(2026, 2, 26)),
        Deed("close_comments", D(2026, 2, 26)),
    )
    assert missing(one, Deed("publish_policy", D(2026, 2, 26), evidence=HERE)) == {"public_comment_taken"}
    one = went(one, Deed("publish_policy", D(2026, 3, 16), evidence=HERE))
    assert "proposed_policy_posted" in missing(one, Deed("put_into_use", D(2026, 4, 10)))
    one = went(one, Deed("record", D(2026, 4, 13), fact="days_posted_before_use", value=91.0))
    used = went(one, Deed("put_into_use", D(2026, 4, 13)))
    assert process.standing(used, D(2026, 4, 13), town("us/ny/new_york")).step is Step.IN_USE


def test_san_diego_asks_for_its_board_and_meetings_in_the_districts() -> None:
    one = proposal("us/ca/san_diego")
    assert missing(one, Deed("submit", D(2026, 1, 6))) == {"impact_report_published"}
    one = went(
        one,
        Deed("publish_report", D(2026, 1, 6), evidence=HERE),
        Deed("submit", D(2026, 1, 7)),
        Deed("publish_policy", D(2026, 1, 8), evidence=HERE),
    )
    assert missing(one, Deed("approve", D(2026, 6, 1))) == {"advisory_reviewed", "community_meeting_held"}
    done = went(
        one, Deed("meet_community", D(2026, 2, 2)), Deed("advise", D(2026, 3, 3)), Deed("approve", D(2026, 6, 1))
    )
    assert process.standing(done, D(2026, 6, 1), town("us/ca/san_diego")).step is Step.APPROVED


def test_sebastopol_asks_for_45_days_30_days_four_findings_and_an_ordinance() -> None:
    there = town("us/ca/sebastopol")
    one = went(
        proposal("us/ca/sebastopol"),
        Deed("publish_report", D(2026, 1, 6), evidence=HERE),
        Deed("publish_policy", D(2026, 1, 6), evidence=HERE),
        Deed("submit", D(2026, 1, 7)),
        Deed("record", D(2026, 1, 20), fact="posted_on_website"),
    )
    assert missing(one, Deed("hear", D(2026, 2, 18))) == {"submitted", "posted_on_website"}
    one = went(one, Deed("hear", D(2026, 2, 24)))
    with pytest.raises(GateShut, match="found that this is not so"):
        process.moved(
            one,
            Deed(
                "approve",
                D(2026, 2, 24),
                findings={**SEBASTOPOL, "benefits_outweigh_costs": False},
                instrument="ordinance",
            ),
            there,
            LATER,
        )
    half = dict.fromkeys(list(SEBASTOPOL)[:3], True)
    assert "finding:no_discrimination_and_no_unequal_burden" in missing(
        one, Deed("approve", D(2026, 2, 24), findings=half, instrument="ordinance")
    )
    done = went(one, Deed("approve", D(2026, 2, 24), findings=SEBASTOPOL, instrument="ordinance"))
    [first] = [due for due in process.duties(done, D(2026, 3, 1), there) if due.provision == "first-report"]
    assert first.due == D(2027, 2, 24)


def test_military_equipment_in_california_goes_by_ab_481() -> None:
    there = town("us/ca/fresno")
    one = went(
        proposal("us/ca/fresno", "mil_armoured_vehicle", "mil_launcher"),
        Deed("publish_policy", D(2026, 1, 12), evidence=HERE),
        Deed("submit", D(2026, 1, 12)),
    )
    assert missing(one, Deed("hear", D(2026, 2, 10))) == {"use_policy_published"}
    one = went(one, Deed("hear", D(2026, 2, 11)))
    vote = Deed(
        "approve",
        D(2026, 2, 11),
        findings=MILITARY,
        instrument="ordinance",
        also=("open_regular_meeting", "by_ordinance"),
    )
    assert missing(one, replace(vote, also=())) == {"open_regular_meeting", "by_ordinance"}
    done = went(one, vote, Deed("put_into_use", D(2026, 2, 12)))
    due = {due.provision: due for due in process.duties(done, D(2026, 12, 1), there)}
    assert due["annual-report"].due == due["yearly-renewal"].due == D(2027, 2, 11)
    assert process.standing(done, D(2027, 2, 12), there).step is Step.REPORT_DUE
    kept = went(done, Deed("report", D(2027, 2, 10)), Deed("renew", D(2027, 2, 11)))
    assert process.standing(kept, D(2027, 2, 12), there).step is Step.RENEWED


def test_each_technology_under_one_policy_must_pass() -> None:
    one = went(proposal("us/ca/oakland", "alpr", "face_recognition"), *OAKLAND[:-1])
    assert missing(one, OAKLAND[-1])


def test_a_town_without_a_law_can_try_the_model_out() -> None:
    model = counsel.law("model-aclu-ccops")
    there = Town.of("us/mn/minneapolis", laws.book(), tries=model, since=D(2026, 1, 1))
    one = proposal("us/mn/minneapolis")
    one = process.moved(one, Deed("submit", D(2026, 1, 6)), there, LATER)
    with pytest.raises(GateShut) as shut:
        process.moved(one, Deed("approve", D(2026, 2, 3)), there, LATER)
    assert {found.law for found in shut.value.gates} == {"model-aclu-ccops"}
    assert not [
        g for g in gate.gates(one, Deed("approve", D(2026, 2, 3)), town(one.place)) if g.law.startswith("model")
    ]


# --- what holds everywhere -------------------------------------------------------------------------------------------


def test_what_nobody_could_read_in_the_law_may_be_taken_as_met_with_a_reason() -> None:
    """A gate found shut may not: only one that nothing shows."""
    one = went(proposal("us/ca/sebastopol"), Deed("submit", D(2026, 1, 7)))
    why = {"us-ca-sebastopol-ccops#approval-to-obtain": "read in the minutes of 2026-02-03"}
    found = gate.gates(
        one, Deed("approve", D(2026, 3, 3), findings={"benefits_outweigh_costs": False}, affirmed=why), town(one.place)
    )
    shut = {g.needs for g in found if not g.open}
    assert "finding:benefits_outweigh_costs" in shut
    assert "hearing_held" not in shut or any(g.needs == "hearing_held" and g.kind == "duty" for g in found)


def test_nothing_is_recorded_before_it_happened() -> None:
    with pytest.raises(WrongUse, match="has not come yet"):
        process.moved(proposal("us/ca/oakland"), Deed("submit", D(2026, 2, 1)), town("us/ca/oakland"), D(2026, 1, 31))


def test_a_step_is_not_recorded_behind_the_last_one() -> None:
    one = went(proposal("us/ca/oakland"), *OAKLAND[:5])
    with pytest.raises(WrongUse, match="lies before 2026-02-05"):
        process.moved(one, Deed("give_notice", D(2026, 2, 4)), town("us/ca/oakland"), LATER)


@pytest.mark.parametrize(
    "fact", ["council_approved", "hearing_held", "advisory_reviewed", "disapproved", "impact_report_published"]
)
def test_a_bare_fact_cannot_stand_for_a_step(fact: str) -> None:
    with pytest.raises(WrongUse, match="step of its own"):
        process.moved(proposal("us/ca/oakland"), Deed("record", NEW, fact=fact), town("us/ca/oakland"), LATER)


def test_what_a_law_asks_of_a_step_stands_beside_it() -> None:
    asked = {stage.kind: stage.clauses for stage in ahead.way(proposal("us/ca/oakland"), NEW, town("us/ca/oakland"))}
    assert asked["give_notice"] == ("us-ca-oakland-ccops#fifteen-days",)
    assert asked["open_comments"] == ()


def test_an_emergency_use_waits_for_no_vote_only_where_the_law_says_so() -> None:
    one = proposal("us/ca/oakland", "drone")
    with pytest.raises(GateShut):  # its chapter's rule for emergencies was not read
        process.moved(one, Deed("exigent_use", D(2026, 1, 6)), town(one.place), LATER)


PLACES = {
    "us/ca/oakland": "alpr", "us/wa/seattle": "alpr", "us/ca/san_diego": "drone", "us/ca/sebastopol": "alpr", "us/ca/fresno": "mil_armoured_vehicle",
    "us/ca/berkeley": "gunshot_detection", "us/oh/yellow_springs": "alpr", "us/mo/st_louis": "alpr",
}  # fmt: skip
_NAMES = sorted({*SEBASTOPOL, *MILITARY, "benefits_outweigh_costs", "civil_rights_safeguarded", "cost_effective"})
_RECORDED = ["posted_on_website", "chair_told", "open_regular_meeting", "findings_made", "warrant", "held_before_law"]


@st.composite
def deeds(draw: st.DrawFn) -> Deed:
    kind = draw(st.sampled_from([*DEEDS, *FOR, "hear", "advise", "give_notice"]))
    return Deed(
        kind, NEW, fact=draw(st.sampled_from(_RECORDED)) if kind == "record" else "",
        findings=draw(st.dictionaries(st.sampled_from(_NAMES), st.booleans(), max_size=9)) if kind in FOR else {},
        conditions=draw(st.sampled_from([(), ("no use at protests",)])), instrument=draw(st.sampled_from(["", "ordinance", "resolution"])),
        also=draw(st.sampled_from([(), ("open_regular_meeting", "by_ordinance")])), until=NEW + timedelta(200),
        evidence=draw(st.sampled_from(["", HERE])),
    )  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    place=st.sampled_from(sorted(PLACES)),
    steps=st.lists(st.tuples(deeds(), st.integers(0, 40), st.booleans()), min_size=3, max_size=25),
)
def test_no_order_of_steps_reaches_approval_without_every_gate_that_the_law_names(
    place: str, steps: list[tuple[Deed, int, bool]]
) -> None:
    """An independent reading: of every approval that was reached, each duty and step is looked for by its day."""
    there, one, day = town(place), proposal(place, PLACES[place]), NEW
    for deed, later, forced in steps:
        day += timedelta(later)
        one = _tried(one, replace(deed, on=day, until=day + timedelta(30)), there, forced)
        now = process.standing(one, day, there)
        if now.step in (Step.APPROVED, Step.APPROVED_WITH_CONDITIONS):
            _approved_by_hand(one, place)


def _tried(one: Proposal, deed: Deed, there: Town, forced: bool) -> Proposal:
    try:
        return (process.witnessed if forced else process.moved)(one, deed, there, LATER)
    except WrongUse:
        return one


def _approved_by_hand(one: Proposal, place: str) -> None:
    vote = next(deed for deed in reversed(one.deeds) if deed.kind in FOR)
    before = list(one.deeds[: one.deeds.index(vote)])
    days = {deed.kind: deed.on for deed in before if not deed.kind.startswith("publish") or deed.evidence}
    own = {deed.fact: deed.on for deed in before if deed.kind == "record" and deed.value is True}
    assert "submit" in days
    if place == "us/ca/oakland":
        assert days["advise"] <= days["hear"] <= vote.on
        assert (
            min(d.on for d in before if d.kind == "give_notice") + timedelta(15) <= days["hear"]
            or days["give_notice"] + timedelta(15) <= days["hear"]
        )
    if place == "us/wa/seattle":
        assert {"publish_report", "meet_community"} <= {*days}
        assert vote.instrument == "ordinance"
    if place == "us/ca/san_diego":
        assert {"advise", "meet_community", "publish_report", "publish_policy"} <= {*days}
    if place == "us/ca/sebastopol":
        assert days["hear"] <= vote.on
        assert own["posted_on_website"] <= days["hear"]
        assert all(vote.findings.get(name) is True for name in SEBASTOPOL)
    if place == "us/ca/fresno":
        assert "publish_policy" in days
        assert all(vote.findings.get(name) is True for name in MILITARY)
        assert vote.instrument == "ordinance"
    if place == "us/mo/st_louis":
        assert {"hear", "close_comments"} <= {*days}


def test_the_days_of_a_clock_over_new_year_and_holidays_are_shown() -> None:
    one = went(
        replace(proposal("us/ca/oakland"), drafted=D(2026, 11, 2)),
        *(replace(d, on=D(2026, 12, 21)) for d in OAKLAND[:6]),
    )
    [found] = [g for g in gate.gates(one, Deed("hear", D(2027, 1, 4)), town(one.place)) if g.needs == "notice_given"]
    assert found.earliest == D(2027, 1, 5)
    assert any("2026-12-20" in line for line in found.working)


# --- a paper stands somewhere ----------------------------------------------------------------------------------------


def test_that_a_paper_is_public_is_shown_by_where_it_stands_and_not_by_a_word() -> None:
    there, one = town("us/ca/san_diego"), proposal("us/ca/san_diego")
    with pytest.raises(WrongUse, match="where the impact report can be read"):
        process.moved(one, Deed("publish_report", D(2026, 1, 6)), there, LATER)
    clicked = replace(one, deeds=(Deed("publish_report", D(2026, 1, 6)),))
    assert missing(clicked, Deed("submit", D(2026, 1, 7))) == {"impact_report_published"}
    stands = replace(one, deeds=(Deed("publish_report", D(2026, 1, 6), evidence=HERE),))
    assert process.moved(stands, Deed("submit", D(2026, 1, 7)), there, LATER).done("submit")


# --- a planned day ---------------------------------------------------------------------------------------------------


FALLS = "us/zz/mill_falls"
START, HEARING, VOTE = D(2026, 1, 12), D(2026, 3, 3), D(2026, 3, 17)
PLANS = {"hear": HEARING, "approve": VOTE}
NOTICE, UNTIL = D(2026, 2, 2), D(2026, 2, 27)


@pytest.fixture
def falls() -> Iterator[Town]:
    """The town of the story, which gives notice twenty-five days ahead and then takes comments for twenty."""
    counsel.also_from([example_town.LAWS])
    yield Town.of(FALLS, laws.book(), tries=counsel.law("model-mill-falls-pilot"), since=D(2025, 5, 1))
    counsel.also_from([])


def noticed(*more: Deed) -> Proposal:
    steps = (
        Deed("submit", START), Deed("publish_report", START, evidence=HERE), Deed("publish_policy", START, evidence=HERE), Deed("advise", D(2026, 1, 26)),
        Deed("give_notice", NOTICE), Deed("open_comments", NOTICE, until=UNTIL), *more,
    )  # fmt: skip
    return Proposal(FALLS, "police", ("alpr",), ("obtain", "use"), START, deeds=steps)


def ready(one: Proposal, kind: str, there: Town, today: date) -> dict[str, tuple[Ready, date | None]]:
    found = ahead.before(one, kind, PLANS[kind], there, today)
    return {f"{each.gate.kind} {each.gate.needs.strip()}": (each.ready, each.by) for each in found}


def test_before_a_planned_vote_a_time_that_still_runs_is_not_done(falls: Town) -> None:
    wait = "wait public_comment_taken"
    # The law's twenty days end on 22 February; the clerk announced 27 February.
    assert ready(noticed(), "approve", falls, D(2026, 2, 10))[wait] == (Ready.IN_TIME, UNTIL)
    assert ready(noticed(), "approve", falls, D(2026, 2, 25))[wait] == (Ready.IN_TIME, UNTIL)
    assert ready(noticed(), "approve", falls, D(2026, 2, 28))[wait] == (Ready.DONE, None)
    closed = noticed(Deed("close_comments", D(2026, 2, 23)))
    assert ready(closed, "approve", falls, D(2026, 2, 24))[wait] == (Ready.DONE, None)
    early = ahead.before(noticed(), "approve", D(2026, 2, 20), falls, D(2026, 2, 10))
    assert [each.ready for each in early if each.gate.kind == "wait"] == [Ready.MISSING]


def test_before_a_planned_hearing_a_notice_is_done_in_time_or_missing_by_what_has_happened(falls: Town) -> None:
    notice, last = "duty notice_given", D(2026, 2, 6)
    assert ready(noticed(), "hear", falls, NOTICE)[notice] == (Ready.DONE, None)
    # Asked as of an earlier day, what came later has not happened.
    assert ready(noticed(), "hear", falls, D(2026, 2, 1))[notice] == (Ready.IN_TIME, last)
    none = replace(noticed(), deeds=noticed().deeds[:4])
    assert ready(none, "hear", falls, last)[notice] == (Ready.IN_TIME, last)
    assert ready(none, "hear", falls, last + timedelta(1))[notice] == (Ready.MISSING, None)


def test_what_only_the_vote_can_settle_is_neither_done_nor_missing_before_it(falls: Town) -> None:
    told = ready(noticed(), "approve", falls, D(2026, 2, 10))
    findings = [state for name, state in told.items() if name.startswith("finding")]
    assert len(findings) == 3
    assert {state for state, _ in findings} == {Ready.IN_TIME}
    assert told["step hearing_held"] == (Ready.IN_TIME, VOTE)


@pytest.mark.parametrize("today", [D(2026, 1, 20), NOTICE, D(2026, 2, 10), D(2026, 2, 25), D(2026, 3, 1)])
@pytest.mark.parametrize("with_notice", [True, False])
def test_a_gate_and_the_duty_behind_it_say_the_same(falls: Town, today: date, with_notice: bool) -> None:
    one = noticed() if with_notice else replace(noticed(), deeds=noticed().deeds[:4])
    due = {each.provision: each for each in process.duties(one, today, falls, PLANS)}
    gates = [each for kind in PLANS for each in ahead.before(one, kind, PLANS[kind], falls, today)]
    seen = set()
    for each in gates:
        for address in (each.gate.address, *each.gate.also):
            duty = due.get(address.partition("#")[2])
            if duty is None or each.gate.kind not in ("duty", "wait") or (each.gate.truth is None and each.ready is Ready.MISSING):  # fmt: skip
                continue
            seen.add(address)
            late = duty.verdict in (Verdict.UNKNOWN, Verdict.BROKEN) and duty.due is not None and duty.due < today
            assert late is (each.ready is Ready.MISSING), (address, each.ready, duty.verdict)
            if each.gate.kind != "wait":
                assert (duty.verdict is Verdict.MET) is (each.ready is Ready.DONE), (address, each.ready, duty.verdict)
    assert f"{MODEL}#twenty-five-days" in seen or not with_notice


MODEL = "model-mill-falls-pilot"


def test_a_time_for_comments_that_is_over_by_the_law_and_still_runs_is_not_late(falls: Town) -> None:
    [duty] = [
        each for each in process.duties(noticed(), D(2026, 2, 25), falls) if each.provision == "time-for-comments"
    ]
    assert (duty.verdict, duty.due) == (Verdict.NOT_YET_DUE, None)
    voted = noticed(Deed("approve", D(2026, 2, 25)))
    [duty] = [each for each in process.duties(voted, D(2026, 2, 26), falls) if each.provision == "time-for-comments"]
    assert duty.verdict is Verdict.UNKNOWN, "after the vote nobody can say that it is still to come"


def test_a_planned_vote_is_no_approval_and_starts_no_clock(falls: Town) -> None:
    due = {each.provision: each for each in process.duties(noticed(), D(2026, 2, 10), falls, PLANS)}
    assert due["yearly-report"].due is None
    assert due["twenty-five-days"].due == D(2026, 2, 6)


# --- in words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["hear", "approve", "put_into_use"])
@pytest.mark.parametrize(
    "place", ["us/ca/oakland", "us/wa/seattle", "us/ca/sebastopol", "us/ca/fresno", "us/ny/new_york"]
)
def test_every_gate_speaks_in_whole_sentences_without_figures_for_days(place: str, kind: str) -> None:
    tech = "mil_armoured_vehicle" if place == "us/ca/fresno" else "alpr"
    for findings in ({}, dict.fromkeys((*SEBASTOPOL, *MILITARY), False)):
        found = gate.gates(proposal(place, tech), Deed(kind, D(2026, 3, 3), findings=findings), town(place))
        assert found
        for each in found:
            for said in filter(None, (each.says, each.missing)):
                assert said[0].isupper() and said.endswith("."), said
                assert "not made" not in said
                assert not re.search(r"\d{4}-\d\d-\d\d", said), said
