"""Duties: met, broken, unknown, not yet due, does not apply; and what must be true of every such verdict."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postme.because import Question
from postme.condition import Fact
from postme.keeping import laws as kept
from postme.law import built
from postme.obligation import Judged, Verdict, judged
from postme.verdict import Lawbook

WORDS = kept.words()
MET, BROKEN, UNKNOWN, COMING, SILENT = Verdict
REPORT, START = "annual_report_published", "council_approved"
ONCE = {"from": START, "months": 12}
YEARLY = {**ONCE, "every": 1}


def duty(id_: str = "report", clock: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    rule = {"what": "the report", "met_by": REPORT, **({"clock": clock} if clock else {"no_clock": "not seen"}), **more}
    return {"id": id_, "topic": "annual_report", "says": "A report is due.", "source": ["text"], "duty": rule}


def law(*provisions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "us-xx-anytown", "name": "Anytown's law", "place": "us/xx/anytown", "subject": "drone", "instrument": "ordinance",
        "what": "A law.", "text_seen": True, "sure": "text", "read": {"who": "nobody", "on": date(2026, 1, 1), "lawyer": None},
        "adopted": {"on": date(2019, 12, 31), "source": ["text"]}, "binds": ["city"], "technologies": ["drone"],
        "provisions": list(provisions), "sources": {"text": {"at": "the text", "text": True}}, "cases": [], **more,
    }  # fmt: skip


def ask(document: dict[str, Any], on: date, facts: dict[str, Any] | None = None, only: str = "", **more: Any) -> Judged:
    known = {
        key: value if isinstance(value, Fact) else Fact(value=True, on=value) if isinstance(value, date) else Fact(value)
        for key, value in (facts or {}).items()
    }  # fmt: skip
    question = Question(
        **{"place": "us/xx/anytown", "body": "police", "act": "use", "technology": "drone", **more}, on=on, facts=known
    )
    found = judged(question, Lawbook([built(document)], WORDS), only=only)
    assert len(found) == 1
    return found[0]


# --- the five words --------------------------------------------------------------------------------------------------

APPROVED, DUE = date(2023, 1, 10), date(2024, 1, 10)


@pytest.mark.parametrize(
    ("on", "report", "verdict"),
    [
        (date(2023, 6, 1), None, COMING),
        (DUE, None, COMING),  # the day is not over
        (DUE, False, COMING),
        (DUE, DUE, MET),
        (date(2023, 6, 1), date(2023, 5, 1), MET),
        (date(2023, 6, 1), date(2023, 7, 1), COMING),  # known of a later day
        (DUE + timedelta(1), None, UNKNOWN),
        (DUE + timedelta(1), False, BROKEN),
        (DUE + timedelta(1), "unknown", UNKNOWN),
        (DUE + timedelta(1), 0.0, UNKNOWN),
        (DUE + timedelta(1), True, UNKNOWN),  # done, but when?
        (DUE + timedelta(1), DUE, MET),
        (date(2024, 6, 1), DUE + timedelta(1), BROKEN),
        (date(2024, 6, 1), Fact(value=False, on=date(2023, 6, 1)), UNKNOWN),  # too early to show a breach
        (date(2024, 6, 1), Fact(value=False, on=DUE), UNKNOWN),
        (date(2024, 6, 1), Fact(value=False, on=DUE + timedelta(1)), BROKEN),
    ],
)
def test_a_duty_with_a_day_is_judged_by_what_is_shown(on: date, report: Any, verdict: Verdict) -> None:
    facts = {START: APPROVED, **({} if report is None else {REPORT: report})}
    found = ask(law(duty(clock=ONCE)), on, facts)
    assert (found.verdict, found.due) == (verdict, DUE)
    assert bool(found.unknown_facts) is (verdict is UNKNOWN)


@pytest.mark.parametrize(
    ("report", "verdict"),
    [(None, UNKNOWN), (True, MET), (date(2020, 6, 1), MET), (date(2021, 6, 1), UNKNOWN), (False, BROKEN), ("maybe", UNKNOWN)],
)  # fmt: skip
def test_a_duty_without_a_day_is_judged_by_the_bare_fact(report: Any, verdict: Verdict) -> None:
    found = ask(law(duty()), date(2021, 1, 1), {} if report is None else {REPORT: report})
    assert (found.verdict, found.due) == (verdict, None)


def test_a_late_fulfilment_says_by_how_much() -> None:
    found = ask(law(duty(clock=ONCE)), date(2024, 6, 1), {START: APPROVED, REPORT: DUE + timedelta(9)})
    late = [part for part in found.because.parts if part.outcome == "late"]
    assert [part.says for part in late] == ["it was done on 2024-01-19, 9 days after it was due"]
    in_time = ask(law(duty(clock=ONCE)), date(2024, 6, 1), {START: APPROVED, REPORT: DUE})
    assert [part for part in in_time.because.parts if part.outcome == "late"] == []


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        ({}, {"body": "sheriff"}),
        ({}, {"technology": "alpr"}),
        ({"not_bound": ["police"]}, {}),
        ({"outside": ["drone"]}, {}),
        ({"adopted": {"on": date(2024, 6, 2), "source": ["text"]}}, {}),
        ({"ends": date(2024, 6, 1)}, {}),
    ],
)
def test_a_duty_of_another_body_thing_or_time_does_not_apply(change: dict[str, Any], asked: dict[str, str]) -> None:
    facts = {START: APPROVED, REPORT: False}
    found = ask(law(duty(clock=ONCE), **change), date(2024, 6, 1), facts, **asked)
    assert (found.verdict, found.due) == (SILENT, None)
    assert found.because.parts
    assert ask(law(duty(clock=ONCE)), date(2024, 6, 1), facts).verdict is BROKEN


@pytest.mark.parametrize(("exigent", "verdict"), [(True, BROKEN), (False, SILENT), (None, UNKNOWN), ("perhaps", UNKNOWN)])  # fmt: skip
def test_a_duty_under_a_condition_applies_only_where_it_holds(exigent: Any, verdict: Verdict) -> None:
    conditional = law(duty(clock=ONCE, **{"if": {"fact": "exigent_circumstances"}}))
    facts = {START: APPROVED, REPORT: False, **({} if exigent is None else {"exigent_circumstances": exigent})}
    found = ask(conditional, date(2024, 6, 1), facts)
    assert found.verdict is verdict
    assert found.unknown_facts == (("exigent_circumstances",) if verdict is UNKNOWN else ())


def test_a_duty_about_a_kind_is_unknown_where_the_kind_was_not_told() -> None:
    armed = law(duty(clock=ONCE, technologies=["drone/weaponized"]))
    facts = {START: APPROVED, REPORT: False}
    assert ask(armed, date(2024, 6, 1), facts).verdict is UNKNOWN
    assert ask(armed, date(2024, 6, 1), facts, technology="drone/weaponized").verdict is BROKEN


def test_only_the_named_duty_is_judged_and_all_of_them_without_a_name() -> None:
    two = law(duty("one", ONCE), duty("two", ONCE))
    assert ask(two, DUE, {START: APPROVED}, only="two").provision == "two"
    question = Question("us/xx/anytown", "police", "use", "drone", DUE)
    assert [one.provision for one in judged(question, Lawbook([built(two)], WORDS))] == ["one", "two"]


# --- where a clock starts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "verdict"),
    [
        (None, UNKNOWN), (True, UNKNOWN), ("unknown", UNKNOWN), (1.0, UNKNOWN), (False, COMING), (APPROVED, BROKEN),
        (Fact(value=False, on=date(2022, 1, 1)), UNKNOWN), (Fact(value=False, on=date(2024, 6, 1)), COMING),
    ],
)  # fmt: skip
def test_an_unknown_start_gives_unknown_and_one_that_never_was_starts_nothing(start: Any, verdict: Verdict) -> None:
    facts = {REPORT: False, **({} if start is None else {START: start})}
    found = ask(law(duty(clock=ONCE)), date(2024, 6, 1), facts)
    assert found.verdict is verdict
    assert bool(found.unknown_facts) is (verdict is UNKNOWN)


@pytest.mark.parametrize(
    ("on", "verdict"),
    [
        (date(2020, 2, 1), COMING), (date(2020, 12, 1), COMING), (date(2020, 12, 2), UNKNOWN),
        (date(2020, 12, 31), UNKNOWN), (date(2022, 1, 1), UNKNOWN),
    ],
)  # fmt: skip
def test_a_start_known_to_the_month_is_counted_from_its_first_day(on: date, verdict: Verdict) -> None:
    vague = law(duty(clock={"from": "in_force", "years": 1}), adopted={"on": "2019-12", "source": ["text"]})
    exact = law(duty(clock={"from": "in_force", "years": 1}), adopted={"on": date(2019, 12, 1), "source": ["text"]})
    found = ask(vague, on)
    assert found.verdict is verdict is ask(exact, on).verdict
    assert any("the exact day us-xx-anytown was in force (in 2019-12)" in fact for fact in found.unknown_facts)
    assert ("the earliest that can be" in " ".join(found.working)) is (verdict is COMING)


def test_a_start_known_only_by_its_latest_day_may_have_been_long_ago() -> None:
    late = law(duty(clock={"from": "amended", "years": 1}), events=[{"id": "amended", "what": "amended", "on": {"by": "2020-06-01"}}])  # fmt: skip
    early = law(duty(clock={"from": "amended", "years": 1}), events=[{"id": "amended", "what": "amended", "on": {"after": "2020-06-01"}}])  # fmt: skip
    assert ask(late, date(2020, 7, 1)).verdict is UNKNOWN
    assert ask(early, date(2020, 7, 1)).verdict is COMING
    assert ask(early, date(2021, 6, 2)).verdict is UNKNOWN


def test_a_clock_starts_with_the_adoption_the_coming_into_force_an_amendment_or_a_named_day() -> None:
    own = {"adopted": {"on": date(2020, 1, 1), "effective": date(2020, 2, 1), "source": ["text"]},
           "events": [{"id": "amended", "what": "amended", "on": date(2020, 3, 1)}]}  # fmt: skip
    for clock, day in (
        ({"from": "adopted", "days": 10}, date(2020, 1, 11)),
        ({"from": "in_force", "days": 10}, date(2020, 2, 11)),
        ({"from": "amended", "days": 10}, date(2020, 3, 11)),
        ({"fixed": "11-01"}, date(2020, 11, 1)),
        ({"date": date(2020, 5, 5)}, date(2020, 5, 5)),
    ):
        assert ask(law(duty(clock=clock), **own), date(2021, 1, 1)).due == day


def test_a_duty_before_a_hearing_is_due_before_it_and_not_after() -> None:
    posted = law(duty(clock={"before": "hearing_held", "days": 30}))
    hearing = date(2023, 2, 15)
    for report, verdict in ((date(2023, 1, 16), MET), (date(2023, 1, 17), BROKEN), (None, UNKNOWN)):
        facts = {"hearing_held": hearing, **({REPORT: report} if report else {})}
        found = ask(posted, date(2023, 3, 1), facts)
        assert (found.verdict, found.due) == (verdict, date(2023, 1, 16))
    ahead = ask(posted, date(2023, 1, 1), {"hearing_held": hearing})
    assert (ahead.verdict, ahead.next_due) == (COMING, date(2023, 1, 16))


def test_business_days_of_a_duty_are_those_of_the_place_s_state() -> None:
    notice = {"before": "hearing_held", "business_days": 1}
    hearing = {"hearing_held": date(2024, 4, 16)}  # the day before is Patriots' Day in Massachusetts
    for state, day in (("ma", date(2024, 4, 12)), ("mn", date(2024, 4, 15))):
        document = law(duty(clock=notice), place=f"us/{state}/anytown")
        assert ask(document, date(2024, 5, 1), hearing, place=f"us/{state}/anytown").due == day


# --- chains ----------------------------------------------------------------------------------------------------------

CHAIN = law(duty("first", {"from": START, "days": 45}, met_by="use_policy_published"), duty("second", {"from": "first", "days": 45}))  # fmt: skip


@pytest.mark.parametrize(
    ("start", "on", "report", "verdict"),
    [
        (date(2024, 1, 10), date(2024, 4, 9), None, COMING),
        (date(2024, 1, 10), date(2024, 4, 10), None, UNKNOWN),
        (date(2024, 1, 10), date(2024, 4, 10), False, BROKEN),
        (date(2024, 1, 10), date(2024, 4, 10), date(2024, 4, 9), MET),
        (None, date(2024, 4, 10), False, UNKNOWN),
        (False, date(2024, 4, 10), False, COMING),
    ],
)
def test_a_chained_duty_counts_from_the_day_the_other_falls_due(
    start: Any, on: date, report: Any, verdict: Verdict
) -> None:
    given_ = {START: start, REPORT: report}
    facts = {key: value for key, value in given_.items() if value is not None}
    found = ask(CHAIN, on, facts, only="second")
    assert found.verdict is verdict
    if start:
        assert (found.due, len(found.working)) == (date(2024, 4, 9), 4)


def test_a_chain_from_a_month_is_counted_from_its_first_day_and_one_without_a_day_is_unknown() -> None:
    vague = law(duty("first", {"from": "in_force", "days": 10}), duty("second", {"from": "first", "days": 10}), adopted={"on": "2020-01", "source": ["text"]})  # fmt: skip
    assert ask(vague, date(2020, 1, 31), only="second").verdict is UNKNOWN  # it may not be in force yet
    after = law(duty("first", {"from": "in_force", "days": 40}), duty("second", {"from": "first", "days": 10}), adopted={"on": "2020-01", "source": ["text"]})  # fmt: skip
    assert ask(after, date(2020, 2, 20), only="second").verdict is COMING
    assert ask(after, date(2020, 2, 21), only="second").verdict is UNKNOWN
    endless = law(duty("first"), duty("second", {"from": "first", "days": 10}))
    assert "when first falls due" in ask(endless, date(2021, 1, 1), only="second").unknown_facts


def test_a_circle_of_clocks_ends_in_unknown() -> None:
    circle = law(duty("first", {"from": "second", "days": 1}), duty("second", {"from": "first", "days": 1}))
    assert ask(circle, date(2021, 1, 1), only="first").verdict is UNKNOWN


# --- what comes again ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "report", "verdict", "due", "following"),
    [
        (date(2023, 6, 1), None, COMING, date(2024, 1, 10), date(2024, 1, 10)),
        (date(2023, 6, 1), date(2023, 5, 1), MET, date(2024, 1, 10), date(2024, 1, 10)),
        (date(2023, 6, 1), date(2022, 5, 1), COMING, date(2024, 1, 10), date(2024, 1, 10)),  # of another approval
        (date(2024, 6, 1), date(2023, 12, 1), MET, date(2024, 1, 10), date(2025, 1, 10)),
        (date(2024, 6, 1), date(2022, 12, 1), UNKNOWN, date(2024, 1, 10), date(2025, 1, 10)),
        (date(2024, 6, 1), date(2024, 2, 1), BROKEN, date(2024, 1, 10), date(2025, 1, 10)),
        (date(2025, 6, 1), date(2024, 12, 1), MET, date(2025, 1, 10), date(2026, 1, 10)),
        (date(2025, 6, 1), date(2025, 1, 10), MET, date(2025, 1, 10), date(2026, 1, 10)),
        (date(2025, 6, 1), date(2024, 1, 11), UNKNOWN, date(2025, 1, 10), date(2026, 1, 10)),  # perhaps the first one, late
        (date(2025, 6, 1), date(2024, 8, 1), MET, date(2025, 1, 10), date(2026, 1, 10)),
        (date(2025, 6, 1), date(2024, 1, 10), UNKNOWN, date(2025, 1, 10), date(2026, 1, 10)),  # that was the first one
        (date(2025, 6, 1), date(2025, 2, 1), UNKNOWN, date(2025, 1, 10), date(2026, 1, 10)),  # late, or the next one early
        (date(2025, 6, 1), False, BROKEN, date(2025, 1, 10), date(2026, 1, 10)),
        (date(2025, 6, 1), None, UNKNOWN, date(2025, 1, 10), date(2026, 1, 10)),
        (date(2025, 1, 10), date(2023, 12, 1), MET, date(2024, 1, 10), date(2025, 1, 10)),  # the second is due today
    ],
)  # fmt: skip
def test_a_yearly_report_counts_for_the_year_in_which_it_was_made(
    on: date, report: Any, verdict: Verdict, due: date, following: date
) -> None:
    facts = {START: APPROVED, **({} if report is None else {REPORT: report})}
    found = ask(law(duty(clock=YEARLY)), on, facts)
    assert (found.verdict, found.due, found.next_due) == (verdict, due, following)


@pytest.mark.parametrize(
    ("on", "report", "verdict"),
    [
        (date(2024, 6, 1), date(2024, 4, 9), MET),
        (date(2024, 6, 1), date(2024, 5, 9), UNKNOWN),  # was the extension granted?
        (date(2024, 6, 1), date(2024, 5, 11), BROKEN),
        (date(2024, 5, 10), False, UNKNOWN),
        (date(2024, 5, 11), False, BROKEN),
        (date(2024, 6, 1), Fact(value=False, on=date(2024, 5, 1)), UNKNOWN),
    ],
)
def test_within_an_extension_it_is_unknown_whether_it_was_granted(on: date, report: Any, verdict: Verdict) -> None:
    longer = law(duty(clock={"from": START, "days": 90, "extension_days": 30}))
    found = ask(longer, on, {START: date(2024, 1, 11), REPORT: report})
    assert (found.verdict, found.due) == (verdict, date(2024, 4, 10))
    assert found.unknown_facts == (("whether the extension was granted",) if verdict is UNKNOWN else ())


# --- what must be true of every verdict ------------------------------------------------------------------------------

near = st.dates(date(2020, 1, 1), date(2026, 12, 31))
clocks = st.sampled_from((
    None, ONCE, YEARLY, {"from": START, "days": 90, "extension_days": 30}, {"before": "hearing_held", "days": 30},
    {"fixed": "11-01", "from": START, "every": 1}, {"date": date(2023, 5, 1)}, {"from": "in_force", "months": 6, "every": 0.5},
    {"from": "first", "days": 60},
))  # fmt: skip
values = st.one_of(st.booleans(), near, st.builds(Fact, st.booleans(), near), st.just("unknown"))
knowing = st.dictionaries(st.sampled_from((START, REPORT, "hearing_held", "warrant")), values)
guards = st.sampled_from(({}, {"if": {"fact": "warrant"}}, {"if": {"not": {"fact": "warrant"}}}))
adoptions = st.sampled_from((date(2019, 12, 31), "2021-06", "unknown"))


def worlds(clock: Any, guard: Any, adopted: Any) -> dict[str, Any]:
    first = duty("first", ONCE, met_by="use_policy_published")
    return law(first, duty("own", clock, **guard), adopted={"on": adopted, "source": ["text"]})


@given(clocks, guards, adoptions, near, knowing, st.sampled_from((START, REPORT, "hearing_held", "warrant")))
def test_removing_evidence_only_moves_towards_unknown(
    clock: Any, guard: Any, adopted: Any, on: date, facts: dict[str, Any], gone: str
) -> None:
    document = worlds(clock, guard, adopted)
    with_it = ask(document, on, facts, only="own").verdict
    without = ask(document, on, {key: value for key, value in facts.items() if key != gone}, only="own").verdict
    # Before its day a duty that was done already is, without the evidence, a duty whose day has not come.
    assert without in (with_it, UNKNOWN) or (with_it is MET and without is COMING)


@given(clocks, guards, adoptions, near, knowing, st.sampled_from((START, REPORT, "hearing_held", "warrant")), values)
def test_adding_a_fact_never_turns_met_into_broken_or_back(
    clock: Any, guard: Any, adopted: Any, on: date, facts: dict[str, Any], more: str, value: Any
) -> None:
    document = worlds(clock, guard, adopted)
    before = {key: known for key, known in facts.items() if key != more}
    pair = {
        ask(document, on, before, only="own").verdict,
        ask(document, on, {**before, more: value}, only="own").verdict,
    }
    assert pair != {MET, BROKEN}


@given(clocks, near, knowing)
def test_nothing_but_the_fulfilment_s_own_evidence_makes_met_or_broken(
    clock: Any, on: date, facts: dict[str, Any]
) -> None:
    silent = {key: value for key, value in facts.items() if key != REPORT}
    assert ask(worlds(clock, {}, date(2019, 12, 31)), on, silent, only="own").verdict in (UNKNOWN, COMING)


@given(clocks, guards, adoptions, near, knowing)
def test_every_verdict_has_its_address_and_an_unknown_one_what_would_settle_it(
    clock: Any, guard: Any, adopted: Any, on: date, facts: dict[str, Any]
) -> None:
    found = ask(worlds(clock, guard, adopted), on, facts, only="own")
    assert found.because.address == "us-xx-anytown#own"
    assert found.because.outcome == found.verdict.value == found.printed()["verdict"]
    assert found.unknown_facts or found.verdict is not UNKNOWN
    assert found.working or found.due is None


@given(clocks, near, knowing, st.dates(date(2020, 1, 1), date(2020, 12, 31)), st.integers(0, 40))
def test_a_law_not_yet_or_no_longer_in_force_gives_does_not_apply(
    clock: Any, on: date, facts: dict[str, Any], start: date, weeks: int
) -> None:
    end = start + timedelta(weeks=weeks + 1)
    document = law(duty("own", clock if clock != {"from": "first", "days": 60} else ONCE), adopted={"on": start, "source": ["text"]}, ends=end)  # fmt: skip
    found = ask(document, on, facts)
    assert (found.verdict is SILENT) is not (start <= on < end)


@given(st.sampled_from((ONCE, {"from": START, "days": 90, "extension_days": 30})), near, near)
def test_a_day_later_done_is_never_the_better_verdict(clock: Any, start: date, report: date) -> None:
    order = {MET: 0, UNKNOWN: 1, BROKEN: 2}
    asked = date(2030, 1, 1)
    verdicts = [
        ask(law(duty(clock=clock)), asked, {START: start, REPORT: report + timedelta(later)}).verdict
        for later in (0, 1, 30)
    ]
    assert [order[one] for one in verdicts] == sorted(order[one] for one in verdicts)
