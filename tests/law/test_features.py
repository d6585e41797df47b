"""Each of the 37 things that laws of this field do: a real law states it with the right kind of rule, and asking gives the right answer.

One test a feature, named after it. Where a feature is only spoken in a law (a clause without a rule), its test says so.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from postme import obligation
from postme.because import Permission, Question
from postme.clock import Calendar
from postme.keeping import laws as kept
from postme.keeping import library
from postme.law import Law, Provision, Sure, built
from postme.obligation import Judged
from postme.office.counsel import stated
from postme.place import placed
from postme.rule import Allow, Approve, Define, Duty, Except, Hidden, Preempt, Prohibit, Remedy, Rule, Status
from postme.verdict import Lawbook, permission

BOOK = kept.book()
FEATURES = tuple(
    """
    actor_scope nested_jurisdictions act_verbs derived_information technology_definition technology_granularity product_vs_function
    exception_purpose exception_unsolicited exception_statutory_duty exception_request_process conditional_permission approval_gate
    instrument_type clocks chained_clocks existing_technology_cutoff exigent_use findings_test report_schedule report_fields
    per_type_inventory controlled_property_rule exclusion_of_evidence remedies temporal_validity amendment_history department_carve_out
    preemption accuracy_threshold warrant_condition outcome_set transparency_without_power sharing_ledger source_conflict name_history
    place_identity
    """.split()  # noqa: SIM905
)
FACE = "face_recognition"


def law(id_: str) -> Law:
    return BOOK.laws[id_]


def clause(address: str) -> Provision:
    """A provision by its address, ``law#provision``."""
    id_, _, own = address.partition("#")
    [found] = [one for one in law(id_).provisions if one.id == own]
    return found


def rule(address: str) -> Rule | None:
    return clause(address).rule


def asked(
    place: str, body: str, act: str, technology: str, on: str, purpose: str | None = None, book: Lawbook = BOOK, **facts: Any
) -> Permission:  # fmt: skip
    known = {key.replace("__", ":"): stated(value) for key, value in facts.items()}
    return permission(Question(place, body, act, technology, date.fromisoformat(on), purpose, known), book)


def answer(*args: Any, **facts: Any) -> str:
    return asked(*args, **facts).answer.value


def due(address: str, body: str, technology: str, on: str, place: str = "", **facts: Any) -> Judged:
    """A duty's verdict on a day. A fact given as a day is true since then."""
    id_, _, own = address.partition("#")
    known = {key: stated(date.fromisoformat(value) if isinstance(value, str) else value) for key, value in facts.items()}  # fmt: skip
    where = place or law(id_).place.short
    question = Question(where, body, "use", technology, date.fromisoformat(on), None, known)
    [found] = [one for one in obligation.judged(question, BOOK, Calendar(placed(where).state), only=own) if one.law == id_]  # fmt: skip
    return found


def verdict(*args: Any, **facts: Any) -> str:
    return due(*args, **facts).verdict.value


def duty(address: str) -> Duty:
    found = rule(address)
    assert isinstance(found, Duty)
    return found


def test_every_feature_has_its_test() -> None:
    assert len(FEATURES) == len(set(FEATURES)) == 37
    assert {name.removeprefix("test_feature_") for name in globals() if name.startswith("test_feature_")} == set(FEATURES)  # fmt: skip


# -- Whom, where, what --------------------------------------------------------------------------------------------------


def test_feature_actor_scope() -> None:
    assert {"city", "contractor"} <= set(law("us-ma-boston-fr").binds)
    assert isinstance(rule("us-ma-boston-fr#boston-official"), Define)
    assert answer("us/ma/boston", "contractor", "use", FACE, "2021-01-10") == "prohibited"
    assert answer("us/ma/boston", "city", "permit_third_party", FACE, "2021-01-10") == "prohibited"
    assert {"hennepin_county_sheriff", "private_business"} <= set(law("us-mn-minneapolis-fr").not_bound)
    assert answer("us/mn/minneapolis", "police", "use", FACE, "2022-01-10") == "prohibited"
    for outside in ("hennepin_county_sheriff", "sheriff", "private_business"):
        assert answer("us/mn/minneapolis", outside, "use", FACE, "2022-01-10") == "no_law_found"


def test_feature_nested_jurisdictions() -> None:
    assert answer("us/wa/county:king", "sheriff", "use", FACE, "2021-06-20") == "prohibited"
    in_town = asked("us/wa/kent", "police", "use", FACE, "2021-06-20")
    assert in_town.answer.value == "no_law_found"
    assert "us-wa-king-county-fr" not in in_town.looked_through
    assert "us-wa-fr" in in_town.looked_through
    assert law("us-ca-bart-ccops").binds == ("bart",)
    assert answer("us/ca", "bart", "obtain", "alpr", "2019-06-01") == "needs_approval"
    assert answer("us/ca/walnut_creek", "police", "obtain", "alpr", "2019-06-01") == "no_law_found"


def test_feature_act_verbs() -> None:
    ban = rule("us-me-state-fr#ban")
    assert isinstance(ban, Prohibit)
    verbs = ("obtain", "retain", "possess", "access", "request", "use")
    assert set(verbs) <= set(ban.scope.acts)
    for verb in verbs:
        assert answer("us/me", "state_police", verb, FACE, "2022-03-01") == "prohibited"
    assert answer("us/me", "state_police", "sell", FACE, "2022-03-01") == "unknown"
    boston = {"us-ma-boston-fr#no-agreements": "contract_third_party", "us-ma-boston-fr#no-permits": "permit_third_party"}  # fmt: skip
    for address, verb in boston.items():
        found = rule(address)
        assert isinstance(found, Prohibit)
        assert found.scope.acts == (verb,)
        assert answer("us/ma/boston", "police", verb, FACE, "2021-01-10") == "prohibited"


def test_feature_derived_information() -> None:
    for address, act in (("no-asking-others", "request"), ("no-results-of-others", "receive_derived")):
        found = rule(f"us-mn-minneapolis-fr#{address}")
        assert isinstance(found, Prohibit)
        assert found.scope.acts == (act,)
        assert answer("us/mn/minneapolis", "police", act, FACE, "2021-06-01") == "prohibited"
        assert answer("us/mn/minneapolis", "sheriff", act, FACE, "2021-06-01") == "no_law_found"


def test_feature_technology_definition() -> None:
    assert isinstance(rule("us-ny-new-york-post-act#surveillance-technology"), Define)
    for name in ("excluded-office", "excluded-parking", "excluded-infrastructure"):
        assert isinstance(rule(f"us-ny-new-york-post-act#{name}"), Except)
    camera = ("us/ny/new_york", "police", "use", "fixed_camera", "2023-01-10")
    new = {"held_before_law": False, "days_posted_before_use": 0}
    assert answer(*camera, **new) == "prohibited"
    assert answer(*camera, **new, only_guards_infrastructure=True) == "allowed"
    # What would cancel an exclusion is the fact itself: a camera that does more than guard is inside again.
    assert answer(*camera, **new, only_guards_infrastructure=False) == "prohibited"
    reader = ("us/ny/new_york", "police", "use", "alpr", "2023-01-10", "parking")
    assert answer(*reader, **new, parking_ticket_device=True) == "allowed"
    assert answer(*reader, **new, parking_ticket_device=False) == "prohibited"


def test_feature_technology_granularity() -> None:
    shop = ("us/or/portland", "place_of_public_accommodation", "use")
    assert answer(*shop, f"{FACE}/one_to_many_search", "2022-01-10") == "prohibited"
    assert answer(*shop, f"{FACE}/one_to_one_verification", "2022-01-10") == "no_law_found"
    assert answer(*shop, f"{FACE}/face_detection_only", "2022-01-10") == "no_law_found"
    at_large = asked(*shop, FACE, "2022-01-10")
    assert at_large.answer.value == "unknown"
    assert f"kind of {FACE}" in at_large.unknown_facts


def test_feature_product_vs_function() -> None:
    each = "us-ny-new-york-post-act#one-policy-each"
    assert duty(each).per == "technology"
    assert verdict(each, "police", "alpr", "2026-03-01", policies_separate=False) == "broken"
    assert verdict(each, "police", "alpr", "2026-03-01") == "unknown"
    assert verdict(each, "police", "alpr", "2025-01-10", policies_separate=False) == "does_not_apply"
    named = "us-ny-new-york-post-act#makers-named"
    assert duty(named).per == "technology"
    assert verdict(named, "police", "alpr", "2026-03-01", maker_withheld=True, reason_published=False) == "broken"
    assert verdict(named, "police", "alpr", "2026-03-01", maker_withheld=True) == "unknown"
    assert verdict(named, "police", "alpr", "2026-03-01", maker_withheld=False) == "does_not_apply"
    # Products are the catalogue's: one is several functions, and one function has several.
    products = [(one["name"], tuple(one["technologies"])) for file in library.sources(cache=None).documents for one in file.get("products", ())]  # fmt: skip
    assert any(len(functions) > 1 for _, functions in products)
    assert sum("alpr" in functions for _, functions in products) > 1


# -- Exceptions ---------------------------------------------------------------------------------------------------------


def test_feature_exception_purpose() -> None:
    assert isinstance(rule("us-wi-madison-fr#victims"), Except)
    for purpose in ("trafficking_victim", "child_exploitation_victim", "missing_child"):
        assert answer("us/wi/madison", "police", "use", FACE, "2022-01-10", purpose, council_approved=True) == "allowed"
    for purpose in (None, "criminal_investigation", "protest_monitoring"):
        assert (
            answer("us/wi/madison", "police", "use", FACE, "2022-01-10", purpose, council_approved=True) == "prohibited"
        )


def test_feature_exception_unsolicited() -> None:
    assert isinstance(rule("us-la-new-orleans-fr#unsolicited-evidence"), Except)
    came = ("us/la/new_orleans", "police", "receive_derived", FACE, "2021-06-01", "evidence_unsolicited")
    clean = {"requested_by_city": False, "generated_by_city": False, "generated_with_city_knowledge": False}
    assert answer(*came, **clean) == "allowed"
    assert answer(*came) == "allowed_if"
    for one in clean:
        assert answer(*came, **{**clean, one: True}) == "prohibited"
    francisco = ("us/ca/san_francisco", "police", "receive_derived", FACE, "2021-06-01", "evidence_unsolicited")
    unasked = {"requested_by_city": False, "received_unintentionally": True}
    assert "log_kept" in asked(*francisco, **unasked).unknown_facts
    assert answer(*francisco, **unasked, log_kept=False) == "prohibited"
    assert verdict("us-ca-san-francisco-fr#log-of-receipt", "police", FACE, "2021-06-01", received_unintentionally=True, log_kept=False) == "broken"  # fmt: skip


def test_feature_exception_statutory_duty() -> None:
    found = rule("us-wa-king-county-fr#child-search")
    assert isinstance(found, Except)
    assert found.if_ is not None
    search = ("us/wa/county:king", "sheriff", "use", FACE, "2021-06-20", "missing_child")
    assert answer(*search) == "allowed_if"
    assert answer(*search, law_requires_it=True) == "allowed"
    assert answer(*search, law_requires_it=False) == "prohibited"
    assert answer(*search[:5], law_requires_it=True) == "prohibited"


def test_feature_exception_request_process() -> None:
    assert clause("us-mn-minneapolis-fr#exemption-procedure").topic == "exemption_process"
    use = ("us/mn/minneapolis", "city_department", "use", FACE, "2022-01-10")
    assert answer(*use) == "prohibited"
    assert answer(*use, exemption_granted=True) == "allowed"
    assert clause("us-ak-anchorage-fr#assembly-permission").topic == "exemption_process"
    north = ("us/ak/anchorage", "police", "use", f"{FACE}/real_time", "2024-01-10")
    assert answer(*north, exemption_granted=True, hearing_held=True) == "allowed"
    assert answer(*north, exemption_granted=True, hearing_held=False) == "prohibited"


def test_feature_conditional_permission() -> None:
    found = rule("us-ca-santa-cruz-fr#ban-until-findings")
    assert isinstance(found, Approve)
    assert len(found.findings) == 3
    use = ("us/ca/santa_cruz", "police", "use", FACE, "2023-06-01")
    lifted = {f"finding__{one}": True for one in found.findings}
    assert answer(*use) == "needs_approval"
    assert answer(*use, council_approved=True) == "needs_approval"
    assert answer(*use, council_approved=True, **lifted) == "allowed"
    for one in lifted:
        assert answer(*use, council_approved=True, **{**lifted, one: False}) == "needs_approval"


# -- Approval -----------------------------------------------------------------------------------------------------------


def test_feature_approval_gate() -> None:
    found = rule("us-ca-oakland-ccops#approval-to-obtain")
    assert isinstance(found, Approve)
    assert (found.by, found.advisory) == ("city_council", "Privacy Advisory Commission")
    assert "advisory_reviewed" in found.steps
    buy = ("us/ca/oakland", "police", "obtain", "alpr", "2023-06-01")
    first = asked(*buy)
    assert first.answer.value == "needs_approval"
    assert "first: review by the Privacy Advisory Commission" in first.conditions
    assert answer(*buy, council_approved=True, advisory_reviewed=True, hearing_held=True) == "allowed"
    assert answer(*buy, council_approved=True, advisory_reviewed=False) == "unknown"


def test_feature_instrument_type() -> None:
    kinds = {
        "us-ca-alameda-fr": "resolution", "us-ms-jackson-fr": "resolution", "us-me-portland-fr": "referendum", "us-wi-milwaukee-fr": "administrative_order",
        "us-ma-brookline-fr": "bylaw", "us-me-state-fr": "statute", "us-mn-minneapolis-fr": "ordinance", "us-1033-programme": "programme_rule",
    }  # fmt: skip
    assert {id_: law(id_).instrument for id_ in kinds} == kinds
    # How hard each is to undo is an event or a clause that speaks; a chief's moratorium gives way to a policy nobody has seen.
    [lock] = [event for event in law("us-me-portland-fr").events if event.id == "lock-ends"]
    assert str(lock.on) == "in 2025-11"
    assert clause("us-ms-jackson-fr#only-a-resolution").topic == "duration"
    until = ("us/wi/milwaukee", "police", "use", FACE, "2026-03-01")
    assert answer(*until) == "prohibited"
    assert answer(*until, formal_policy_complete=True) == "unknown"


def test_feature_findings_test() -> None:
    found = rule("us-ca-berkeley-ccops#approval-to-obtain-and-use")
    assert isinstance(found, Approve)
    assert len(found.findings) == 3
    buy = ("us/ca/berkeley", "police", "obtain", "alpr", "2023-06-01")
    assert [one for one in asked(*buy).conditions if one.startswith("finding: ")] == [f"finding: {one.replace('_', ' ')}" for one in found.findings]  # fmt: skip
    assert answer(*buy, council_approved=True, findings_made=True) == "allowed"
    assert answer(*buy, council_approved=True, findings_made=False) == "unknown"
    made = "us-ca-berkeley-ccops#three-findings"
    assert verdict(made, "police", "alpr", "2023-06-01", findings_made=True) == "met"
    assert verdict(made, "police", "alpr", "2023-06-01", findings_made=False) == "broken"
    assert verdict(made, "police", "alpr", "2023-06-01") == "unknown"
    state = rule("us-ca-military-equipment#trigger-acquire")
    assert isinstance(state, Approve)
    assert len(state.findings) == 4
    arms = ("us/ca/fresno", "police", "obtain", "mil_armoured_vehicle", "2023-06-01")
    assert answer(*arms) == "needs_approval"
    assert answer(*arms, council_approved=True, findings_made=False) == "unknown"


def test_feature_outcome_set() -> None:
    use = ("us/ma/cambridge", "police", "use", "gunshot_detection", "2026-05-01")
    assert clause("us-ma-cambridge-ccops#disapproval").clause == "2.128.060(C)"
    assert answer(*use) == "needs_approval"
    assert answer(*use, council_approved=True, impact_report_published=True) == "allowed"
    assert answer(*use, disapproved=True) == "prohibited"
    # A vote that failed is no disapproval of the law: the item may come back, and be carried.
    readers = ("us/ca/oakland", "police", "obtain", "alpr")
    assert answer(*readers, "2025-10-20", council_approved=False) == "needs_approval"
    assert answer(*readers, "2025-12-10", council_approved=date(2025, 12, 9), advisory_reviewed=True, hearing_held=True) == "allowed"  # fmt: skip
    assert "withdrawn" in next(event.what for event in law("us-la-new-orleans-fr").events if event.id == "live-proposal-withdrawn")  # fmt: skip
    assert law("us-md-baltimore-fr").ends is not None


def test_feature_transparency_without_power() -> None:
    act = law("us-ny-new-york-post-act")
    assert not any(isinstance(one.rule, Approve | Prohibit) for one in act.provisions)
    assert clause("us-ny-new-york-post-act#no-vote").rule is None
    assert isinstance(rule("us-ny-new-york-post-act#publish-before-use"), Allow)
    use = ("us/ny/new_york", "police", "use", "drone", "2023-01-10")
    assert answer(*use) == "allowed_if"
    assert answer(*use, days_posted_before_use=90) == "allowed"
    assert answer(*use, days_posted_before_use=89, held_before_law=False) == "prohibited"
    assert answer("us/ny/new_york", "police", "obtain", "drone", "2023-01-10") == "no_law_found"


def test_feature_department_carve_out() -> None:
    found = rule("us-ca-san-francisco-ccops#police-first")
    assert isinstance(found, Except)
    assert found.scope.bodies == ("police",)
    early = {"less_than_a_year": True}
    assert answer("us/ca/san_francisco", "police", "use", "alpr", "2024-03-04", **early) == "needs_approval"
    assert answer("us/ca/san_francisco", "police", "use", "alpr", "2024-03-05", **early) == "allowed"
    assert answer("us/ca/san_francisco", "city_department", "use", "alpr", "2024-03-05", **early) == "needs_approval"
    late = "us-ca-san-francisco-ccops#police-policy-within-a-year"
    assert due(late, "police", "alpr", "2025-06-01", use_began="2024-04-01").due == date(2025, 4, 1)
    assert verdict(late, "city_department", "alpr", "2025-06-01", use_began="2024-04-01") == "does_not_apply"


def test_feature_exigent_use() -> None:
    found = rule("us-ca-berkeley-ccops#emergency")
    assert isinstance(found, Except)
    use = ("us/ca/berkeley", "police", "use", "alpr", "2023-06-20", "emergency")
    lifted = asked(*use, exigent_circumstances=True)
    assert lifted.answer.value == "allowed"
    assert "30 days" in lifted.conditions[0]
    assert answer(*use, exigent_circumstances=False) == "needs_approval"
    told, papers = "us-ca-berkeley-ccops#tell-the-council", "us-ca-berkeley-ccops#papers-after-emergency"
    began = {"exigent_circumstances": "2023-06-01", "use_began": "2023-06-01", "use_goes_on": True}
    assert due(told, "police", "alpr", "2023-09-15", **began).due == date(2023, 7, 1)
    assert due(papers, "police", "alpr", "2023-09-15", **began).due == date(2023, 8, 30)
    assert verdict(told, "police", "alpr", "2023-09-15", **began, council_told="2023-07-05") == "broken"
    assert verdict(papers, "police", "alpr", "2023-09-15", **{**began, "use_goes_on": False}) == "does_not_apply"


def test_feature_existing_technology_cutoff() -> None:
    submit = "us-ca-sebastopol-ccops#existing-submitted"
    found = duty(submit).clock
    assert found is not None
    assert (found.count, found.unit, found.extension) == (120, "days", 90)
    held = {"held_before_law": True}
    first = due(submit, "city_department", "alpr", "2023-12-01", **held)
    assert first.due == date(2023, 4, 5)
    assert verdict(submit, "city_department", "alpr", "2023-12-01", **held, submitted="2023-06-01") == "unknown"
    assert verdict(submit, "city_department", "alpr", "2023-12-01", **held, submitted="2023-08-01") == "broken"
    stopped = "us-ca-sebastopol-ccops#existing-stopped-in-time"
    late = due(stopped, "city_department", "alpr", "2024-01-10", **held, council_approved=False, submitted="2023-04-01")
    assert late.due == date(2023, 9, 28)
    over = {**held, "time_for_approval_runs": False, "council_approved": False}
    for act in ("use", "share"):
        assert answer("us/ca/sebastopol", "city_department", act, "alpr", "2024-01-10", **over) == "prohibited"
    # San Francisco has no such day: use may go on until the Board acts.
    assert answer("us/ca/san_francisco", "city_department", "use", "alpr", "2024-01-10", **held) == "allowed"


# -- Clocks and reports -------------------------------------------------------------------------------------------------


def test_feature_clocks() -> None:
    heard = {"hearing_held": "2023-03-20"}
    submit = due("us-ca-sebastopol-ccops#forty-five-days", "city_department", "alpr", "2023-06-01", **heard)
    assert submit.due == date(2023, 2, 3)
    posted = due("us-ca-sebastopol-ccops#thirty-days-on-the-web", "city_department", "alpr", "2023-06-01", **heard)
    assert posted.due == date(2023, 2, 18)
    assert posted.working
    state = "us-ca-military-equipment#posted-before-hearing"
    arms = ("police", "mil_armoured_vehicle", "2023-06-01", "us/ca/fresno")
    assert due(state, *arms, **heard).due == date(2023, 2, 18)
    assert verdict(state, *arms, **heard, use_policy_published="2023-02-18") == "met"
    assert verdict(state, *arms, **heard, use_policy_published="2023-02-19") == "broken"
    assert due("us-ca-san-francisco-ccops#first-annual-report", "police", "alpr", "2025-01-10", council_approved="2023-01-10").due == date(2024, 1, 10)  # fmt: skip


def test_feature_chained_clocks() -> None:
    final = duty("us-ny-new-york-post-act#final-policy").clock
    assert final is not None
    assert final.start == "comment-period"
    found = due("us-ny-new-york-post-act#final-policy", "police", "drone", "2024-06-01", proposed_policy_posted="2024-01-10")  # fmt: skip
    assert found.due == date(2024, 4, 9)
    assert sum("45 days after" in line for line in found.working) == 2
    before = due("us-ny-new-york-post-act#post-proposal", "police", "drone", "2024-06-01", use_began="2024-05-01", held_before_law=False)  # fmt: skip
    assert before.due == date(2024, 2, 1)


def test_feature_report_schedule() -> None:
    first = due("us-ca-san-francisco-ccops#first-annual-report", "police", "alpr", "2024-06-01", council_approved="2023-01-10")  # fmt: skip
    assert first.due == date(2024, 1, 10)
    later = due("us-ca-san-francisco-ccops#later-annual-reports", "police", "alpr", "2027-01-10", council_approved="2023-01-10")  # fmt: skip
    assert (later.due, later.next_due) == (date(2026, 11, 1), date(2028, 11, 1))
    cambridge = "us-ma-cambridge-ccops#yearly-report"
    assert due(cambridge, "police", "alpr", "2023-06-01").due == date(2023, 3, 1)
    assert verdict(cambridge, "police", "alpr", "2023-06-01") == "unknown"
    assert verdict(cambridge, "police", "alpr", "2023-06-01", annual_report_published="2023-02-27") == "met"
    assert verdict(cambridge, "police", "alpr", "2023-06-01", annual_report_published=False) == "broken"
    boston = "us-ma-boston-ccops#yearly-report"
    assert due(boston, "police", "alpr", "2025-09-01").due == date(2025, 2, 1)
    late = due(boston, "police", "alpr", "2025-09-01", annual_report_published="2025-07-15")
    assert late.verdict.value == "broken"
    assert "164 days after it was due" in late.because.parts[-1].says
    assert duty(boston).per == "department"


def test_feature_report_fields() -> None:
    report = duty("us-wa-seattle-ccops#impact-report")
    assert len(report.fields) == 11, "the sections; the fifty fields within them are only counted in words"
    assert "fifty fields" in clause("us-wa-seattle-ccops#impact-report").says
    found = due("us-wa-seattle-ccops#impact-report", "police", "alpr", "2023-06-01")
    assert found.verdict.value == "unknown", "that fields are demanded does not show that they were filled in"
    assert found.fields == report.fields


def test_feature_per_type_inventory() -> None:
    policy, report, renewal = (duty(f"us-ca-military-equipment#{one}") for one in ("policy-contents", "annual-report", "yearly-renewal"))  # fmt: skip
    assert {policy.per, report.per, renewal.per} == {"type of equipment"}
    assert {"quantity", "capabilities"} <= set(policy.fields)
    assert any("cost" in field for field in policy.fields)
    arms = ("police", "mil_armoured_vehicle")
    vote = "us-ca-military-equipment#yearly-renewal"
    kept_up = {"council_approved": "2022-05-10", "renewed_this_year": "2024-05-01"}
    assert due(vote, *arms, "2024-06-01", "us/ca/fresno", **kept_up).due == date(2024, 5, 10)
    assert verdict(vote, *arms, "2024-06-01", "us/ca/fresno", **kept_up) == "met"
    assert verdict(vote, *arms, "2025-06-01", "us/ca/fresno", **kept_up) == "unknown"


def test_feature_controlled_property_rule() -> None:
    assert isinstance(rule("us-1033-programme#controlled"), Status)
    assert isinstance(rule("us-1033-programme#leaves-the-list"), Status)

    def controlled(**facts: Any) -> bool | None:
        return asked("us/mn/minneapolis", "police", "possess", "mil_armoured_vehicle", "2024-01-10", **facts).statuses["controlled"]  # fmt: skip

    assert controlled(demil_code="D", aircraft=False) is True
    assert controlled(demil_code="A", aircraft=False) is False
    assert controlled(demil_code="A", aircraft=True) is True
    assert controlled(demil_code="Q", demil_ic=6, aircraft=False) is False
    assert controlled(demil_code="Q", demil_ic=3, aircraft=False) is True
    assert controlled() is None

    def gone(**facts: Any) -> bool | None:
        return asked("us/mn/minneapolis", "police", "possess", "mil_armoured_vehicle", "2024-01-10", aircraft=False, **facts).statuses["may_have_left_the_list"]  # fmt: skip

    assert gone(demil_code="A", year_since_receipt=True) is True
    assert gone(demil_code="Q", demil_ic=6, year_since_receipt=True) is True
    assert gone(demil_code="D", year_since_receipt=True) is False
    assert gone(demil_code="A", year_since_receipt=False) is False


def test_feature_sharing_ledger() -> None:
    ledger = "us-ny-new-york-post-act#immigration-ledger"
    assert duty(ledger).per == "disclosure"
    assert "receiving agency" in duty(ledger).fields
    assert "kind of data" in duty("us-ny-new-york-post-act#receivers-named").fields
    assert verdict(ledger, "police", "alpr", "2026-03-01", immigration_ledger_kept=True) == "met"
    assert verdict(ledger, "police", "alpr", "2026-03-01") == "unknown"
    assert verdict(ledger, "police", "alpr", "2024-03-01") == "does_not_apply"


# -- What follows a breach ----------------------------------------------------------------------------------------------


def remedies(id_: str) -> dict[str, Remedy]:
    return {kind: one.rule for one in law(id_).provisions if isinstance(one.rule, Remedy) for kind in one.rule.kinds}


def test_feature_exclusion_of_evidence() -> None:
    for address in ("us-ct-hamden-fr#no-evidence", "us-wa-bellingham-fr#no-evidence", "us-ma-boston-ccops#suppression"):
        found = rule(address)
        assert isinstance(found, Remedy)
        assert found.kinds == ("suppression",)
    # What others found may not be used either, and asking says so.
    assert answer("us/ct/hamden", "police", "receive_derived", FACE, "2022-01-10") == "prohibited"
    assert answer("us/wa/bellingham", "police", "receive_derived", FACE, "2022-01-10") == "prohibited"


def test_feature_remedies() -> None:
    oregon = remedies("us-or-portland-fr-private")
    assert "USD 1,000 for each day" in oregon["damages"].amount
    assert "attorney_fees" in oregon
    maine = remedies("us-me-portland-fr")
    assert "USD 100" in maine["damages"].amount
    assert "USD 1,000" in maine["damages"].amount
    assert remedies("us-ny-new-york-biometrics")["cure_period"].cure_days == 30
    assert "criminal_penalty" in remedies("us-md-baltimore-fr")
    assert "contracts_void" in remedies("us-ak-matanuska-susitna-alpr")
    assert "discipline" in remedies("us-ca-oakland-ccops")
    assert "whistleblower" in remedies("us-ca-sebastopol-ccops")
    assert remedies("us-wa-kirkland-fr")["discipline"].not_ == ("private_suit",)


# -- Time and power -----------------------------------------------------------------------------------------------------


def test_feature_temporal_validity() -> None:
    shop = ("us/md/baltimore", "private_business", "use", FACE)
    assert answer(*shop, "2021-09-07") == "no_law_found"
    assert answer(*shop, "2021-09-08") == "prohibited"
    assert answer(*shop, "2022-12-30") == "prohibited"
    assert answer(*shop, "2023-01-01") == "no_law_found"
    body = ("us/ca/fresno", "police", "use", f"{FACE}/on_body_camera")
    assert [answer(*body, day) for day in ("2019-12-31", "2020-01-01", "2022-12-31", "2023-01-01")] == ["no_law_found", "prohibited", "prohibited", "no_law_found"]  # fmt: skip
    virginia = ("us/va/norfolk", "police", "use", FACE)
    assert answer(*virginia, "2022-06-30") == "prohibited"
    assert answer(*virginia, "2022-07-01") == "allowed_if"
    assert isinstance(rule("us-va-fr#from-2026-unknown"), Hidden)
    assert answer(*virginia, "2026-07-01") == "unknown"


def test_feature_amendment_history() -> None:
    orleans = law("us-la-new-orleans-fr")
    votes = {event.id: event.vote for event in orleans.events}
    assert votes["guardrails-2022-08"] == "6-0"
    assert votes["amended-2022-07"]
    assert votes["live-proposal-withdrawn"] is None
    ask = ("us/la/new_orleans", "police", "request", FACE)
    assert answer(*ask, "2022-07-20", "violent_crime_listed") == "prohibited"
    assert answer(*ask, "2022-07-21", "violent_crime_listed") == "allowed"
    assert answer(*ask, "2022-08-04", "violent_crime_listed") == "allowed_if"
    assert answer(*ask, "2022-08-04", "violent_crime_listed", concerns_consensual_conduct=False) == "allowed"
    assert answer(*ask, "2022-08-04", "reproductive_health") == "prohibited"
    # What was proposed and withdrawn in 2025 changed nothing.
    assert answer("us/la/new_orleans", "police", "use", f"{FACE}/real_time", "2025-09-01") == "prohibited"


def test_feature_preemption() -> None:
    doubt = rule("us-wi-act-12#doubt")
    assert isinstance(doubt, Preempt)
    assert not doubt.void
    assert doubt.places == ("us/wi/milwaukee",)
    # No council's law of Milwaukee was seen. One that stood there, in the words of Madison's, would be in doubt.
    copied = {
        "id": "us-wi-milwaukee-ccops", "name": "Milwaukee, an ordinance that does not exist", "place": "us/wi/milwaukee", "subject": "community_control", "instrument": "ordinance",
        "what": "An invention.", "text_seen": True, "sure": "text", "read": {"who": "nobody", "on": date(2026, 11, 23), "lawyer": None}, "adopted": {"on": date(2024, 1, 1), "source": ["none"]},
        "binds": ["city"], "technologies": ["surveillance"], "sources": {"none": "no source"}, "cases": [],
        "provisions": [{"id": "approval", "topic": "approval", "says": "Approval first.", "source": ["none"], "approve": {"acts": ["use"], "by": "council"}}],
    }  # fmt: skip
    book = Lawbook([*BOOK.laws.values(), built(copied)], kept.words())
    police = ("us/wi/milwaukee", "police", "use", "gunshot_detection", "2024-05-01", None, book)
    found = asked(*police)
    assert found.answer.value == "unknown"
    assert found.sure in (Sure.LAWYER, Sure.TEXT)
    assert answer("us/wi/milwaukee", "city_department", *police[2:]) == "needs_approval"
    assert answer("us/wi/madison", "police", "use", "gunshot_detection", "2024-05-01", None, book) == "needs_approval"
    # Baltimore could not bind its police, which the state ran: that is said by whom the law does not bind.
    assert "baltimore_police_department" in law("us-md-baltimore-fr").not_bound
    assert clause("us-md-baltimore-fr#police-not-bound").topic == "preemption"
    assert answer("us/md/baltimore", "police", "use", FACE, "2022-01-10") == "no_law_found"
    assert answer("us/md/baltimore", "city_department", "use", FACE, "2022-01-10") == "prohibited"


def test_feature_accuracy_threshold() -> None:
    assert clause("us-va-fr#accuracy").topic == "accuracy"
    buy = ("us/va/norfolk", "police", "obtain", FACE, "2023-01-10")
    assert answer(*buy, nist_true_positive_rate=98, approved_by_purchases_and_supply=True) == "allowed"
    assert answer(*buy, nist_true_positive_rate=97.9, approved_by_purchases_and_supply=True) == "prohibited"
    assert "nist_true_positive_rate" in asked(*buy).unknown_facts


def test_feature_warrant_condition() -> None:
    assert isinstance(rule("us-mt-fr#warrant"), Allow)
    search = ("us/mt/billings", "police", "use", f"{FACE}/one_to_many_search", "2024-01-10")
    assert answer(*search) == "allowed_if"
    assert answer(*search, serious_crime=True, warrant=True) == "allowed"
    assert answer(*search, serious_crime=True, warrant=False, imminent_threat=True) == "allowed"
    assert isinstance(rule("us-co-fr#police-surveillance"), Allow)
    watch = ("us/co/aurora", "police", "use", f"{FACE}/real_time", "2023-01-10")
    papers = {"notice_given": True, "accountability_report_adopted": True}
    for way in ("warrant", "needed_for_leads", "probable_cause"):
        assert answer(*watch, **papers, **{way: True}) == "allowed"
    assert answer(*watch, "missing_person", **papers, court_order=True) == "allowed"
    assert answer(*watch, **papers, court_order=True) == "allowed_if"
    assert answer(*watch, **papers) == "allowed_if"
    assert len(asked(*watch, **papers).unknown_facts) > 2


# -- Sources, names, places ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("id_", "words"), [("us-la-new-orleans-fr", ("4-2", "5-2")), ("us-ma-springfield-fr", ("11-2", "unanimous")), ("us-va-fr", ("2026",))]
)  # fmt: skip
def test_feature_source_conflict(id_: str, words: tuple[str, ...]) -> None:
    said = " ".join(law(id_).conflicts)
    assert [word for word in words if word not in said] == []
    if id_ == "us-va-fr":
        assert answer("us/va/norfolk", "police", "obtain", FACE, "2026-07-02") == "unknown"


def test_feature_name_history() -> None:
    # Names over time are the catalogue's; laws speak of functions, by ids that do not change.
    scanner = library.scanner()
    makers = {vendor.id: vendor for vendor in scanner.catalogue.vendors.values()}
    assert "ShotSpotter Inc" in makers["soundthinking"].names
    assert any("PredPol" in name for name in makers["geolitica"].names)
    assert any("Fusus" in name for name in (*makers["axon"].names, *makers["axon"].products))


def test_feature_place_identity() -> None:
    kansas = asked("us/ks/minneapolis", "police", "use", FACE, "2022-01-10")
    assert kansas.answer.value == "no_law_found"
    assert "us-mn-minneapolis-fr" not in kansas.looked_through
    assert answer("us/mn/minneapolis", "police", "use", FACE, "2022-01-10") == "prohibited"
    assert placed("us/ks/minneapolis").division != placed("us/mn/minneapolis").division
