"""Deadlines, held to two other implementations: dateutil's months and numpy's business days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from postme.clock import Calendar, Deadline, counted, series
from postme.errors import WrongUse
from postme.rule import Clock

PLAIN = Calendar()
dates = st.dates(date(1950, 1, 1), date(2080, 12, 31))
counts = st.integers(0, 200)


def due(start: date, calendar: Calendar = PLAIN, **clock: Any) -> date:
    return counted(start, Clock("event", **clock), calendar, "event").day


# --- calendar days, weeks, months, years -----------------------------------------------------------------------------


@given(dates, counts, st.booleans(), st.sampled_from(("days", "weeks", "months", "years")))
def test_periods_end_where_another_implementation_ends_them(start: date, count: int, before: bool, unit: str) -> None:
    step: Any = {unit: -count if before else count}
    assert due(start, count=count, unit=unit, before=before) == start + relativedelta(**step)


@pytest.mark.parametrize(
    ("start", "clock", "end"),
    [
        # Source: counted by hand; the first day is not counted, and a month ends on its last day where it is shorter.
        (date(2024, 1, 31), {"count": 1, "unit": "months"}, date(2024, 2, 29)),
        (date(2023, 1, 31), {"count": 1, "unit": "months"}, date(2023, 2, 28)),
        (date(2023, 1, 28), {"count": 1, "unit": "months"}, date(2023, 2, 28)),
        (date(2023, 8, 31), {"count": 18, "unit": "months"}, date(2025, 2, 28)),
        (date(2023, 3, 31), {"count": 1, "unit": "months", "before": True}, date(2023, 2, 28)),
        (date(2024, 2, 29), {"count": 1, "unit": "years"}, date(2025, 2, 28)),
        (date(2024, 2, 29), {"count": 4, "unit": "years"}, date(2028, 2, 29)),
        (date(2023, 12, 31), {"count": 60, "unit": "days"}, date(2024, 2, 29)),
        (date(2023, 2, 15), {"count": 30, "unit": "days", "before": True}, date(2023, 1, 16)),
        (date(2024, 3, 10), {"count": 2, "unit": "weeks"}, date(2024, 3, 24)),
        (date(2024, 3, 10), {}, date(2024, 3, 10)),
        (date(2024, 3, 10), {"before": True}, date(2024, 3, 10)),
    ],
)
def test_the_ends_of_months_and_of_leap_years(start: date, clock: dict[str, Any], end: date) -> None:
    assert due(start, **clock) == end


def test_a_month_that_is_too_short_is_said_and_one_that_is_not_is_not() -> None:
    short = counted(date(2024, 1, 31), Clock("event", 1, "months"), PLAIN, "event").working[-1]
    whole = counted(date(2024, 1, 29), Clock("event", 1, "months"), PLAIN, "event").working[-1]
    assert "February has no day 31, so its last day counts" in short
    assert whole == "1 month after 2024-01-29 is 2024-02-29 (Thursday)"


# --- business days ---------------------------------------------------------------------------------------------------


@given(dates, st.integers(1, 90), st.booleans(), st.sampled_from((None, "mn", "ca", "la")), st.booleans())
def test_business_days_are_those_of_another_implementation(
    start: date, count: int, before: bool, state: str | None, own: bool
) -> None:
    calendar = Calendar(state, {start + timedelta(3): "the city's day"} if own else {})
    reach = [start + timedelta(offset) for offset in range(-220, 221)]
    rest = [day for day in reach if calendar.holiday(day)]
    # The day of the event is not counted; where it rests, counting goes on from the business day before (or after) it.
    expected = numpy.busday_offset(
        start, -count if before else count, roll="forward" if before else "backward", holidays=rest
    )
    assert due(start, calendar, count=count, unit="business_days", before=before) == expected.astype(date)


@pytest.mark.parametrize(
    ("start", "count", "state", "end", "skipped"),
    [
        (date(2024, 7, 3), 1, None, date(2024, 7, 5), "2024-07-04 (Independence Day)"),
        (date(2021, 12, 30), 1, None, date(2022, 1, 3), "2021-12-31 (New Year's Day (observed))"),
        (date(2021, 7, 2), 1, None, date(2021, 7, 6), "2021-07-05 (Independence Day (observed))"),
        # A state's own holidays: Louisiana's Good Friday of 2024, Massachusetts's Patriots' Day.
        (date(2024, 3, 28), 1, "la", date(2024, 4, 1), "2024-03-29 (Good Friday)"),
        (date(2024, 4, 12), 1, "ma", date(2024, 4, 16), "2024-04-15 (Patriots' Day)"),
    ],
)
def test_holidays_of_the_country_and_of_the_state_are_skipped_and_named(
    start: date, count: int, state: str | None, end: date, skipped: str
) -> None:
    found = counted(start, Clock("event", count, "business_days"), Calendar(state), "event")
    assert found.day == end
    assert skipped in found.working[-1].replace("’", "'")


def test_a_state_s_holiday_is_a_working_day_elsewhere() -> None:
    patriots = date(2024, 4, 15)
    assert Calendar("ma").holiday(patriots) and not Calendar("mn").holiday(patriots)
    assert due(date(2024, 4, 12), Calendar("mn"), count=1, unit="business_days") == patriots


def test_the_city_s_own_holidays_count_and_are_named() -> None:
    eve = date(2024, 12, 24)
    own = Calendar("mn", {eve: "Christmas Eve"})
    assert due(date(2024, 12, 23), Calendar("mn"), count=1, unit="business_days") == eve
    found = counted(date(2024, 12, 23), Clock("event", 1, "business_days"), own, "event")
    assert found.day == date(2024, 12, 26)
    assert "2024-12-24 (Christmas Eve)" in found.working[-1]
    assert "the holidays of MN and 1 of the city's own" in found.working[-2]


def test_an_unknown_state_has_the_federal_holidays() -> None:
    assert Calendar("xx").holiday(date(2024, 7, 4)) and not Calendar("xx").holiday(date(2024, 7, 5))


@given(dates, st.integers(1, 60), st.booleans())
def test_every_day_between_is_either_counted_or_skipped_with_its_reason(start: date, count: int, before: bool) -> None:
    found = counted(start, Clock("event", count, "business_days", before=before), PLAIN, "event")
    skipped = found.working[-1].count("(") - found.working[-1].count("(observed)") if "skipped" in found.working[-1] else 0  # fmt: skip
    assert abs((found.day - start).days) == count + skipped
    assert PLAIN.rests(found.day) is None


def test_calendar_days_do_not_skip_a_weekend_and_a_deadline_on_one_is_not_moved() -> None:
    assert due(date(2024, 3, 1), count=1, unit="days") == date(2024, 3, 2)  # a Saturday
    assert due(date(2024, 3, 1), count=1, unit="business_days") == date(2024, 3, 4)


# --- fixed days, extensions, every year ------------------------------------------------------------------------------


@given(dates, st.integers(0, 24), st.dates(date(2024, 1, 1), date(2024, 12, 31)))
def test_a_fixed_day_is_the_first_such_day_once_the_period_is_over(start: date, months: int, fixed: date) -> None:
    over = start + relativedelta(months=months)
    found = due(start, count=months, unit="months", fixed=f"{fixed:%m-%d}")
    expected = over + relativedelta(month=fixed.month, day=fixed.day)  # the last of February where there is no 29th
    assert found == (expected if expected >= over else over + relativedelta(years=1, month=fixed.month, day=fixed.day))


def test_a_fixed_day_that_the_year_does_not_have_is_said_and_one_that_it_has_is_not() -> None:
    odd = counted(date(2023, 1, 1), Clock("event", fixed="02-29"), PLAIN, "event")
    leap = counted(date(2024, 1, 1), Clock("event", fixed="02-29"), PLAIN, "event")
    assert (odd.day, leap.day) == (date(2023, 2, 28), date(2024, 2, 29))
    assert "2023 has no February 29, so its last day counts" in odd.working[-1]
    assert "no February 29" not in leap.working[-1]


def test_an_extension_moves_no_day_and_is_told() -> None:
    plain = counted(date(2024, 1, 1), Clock("event", 120), PLAIN, "event")
    longer = counted(date(2024, 1, 1), Clock("event", 120, extension=90), PLAIN, "event")
    assert longer.day == plain.day == date(2024, 4, 30)
    assert longer.working == (*plain.working, "it may be extended by up to 90 days, to 2024-07-29 (Monday)")


@given(dates, st.sampled_from((0.25, 0.5, 1, 2)), st.integers(0, 4000))
def test_what_comes_again_comes_at_even_steps_up_to_the_first_after_the_day(
    start: date, every: float, days: int
) -> None:
    clock = Clock("event", 12, "months", every=every)
    first = counted(start, clock, PLAIN, "event")
    until = first.day + timedelta(days)
    found = [one.day for one in series(first, clock, until)]
    assert found == [first.day + relativedelta(months=int(12 * every) * i) for i in range(len(found))]
    assert all(day <= until for day in found[:-1]) and found[-1] > until


def test_a_leap_day_comes_back_after_short_years() -> None:
    clock = Clock("event", every=1)
    found = [one.day for one in series(Deadline(date(2024, 2, 29), ()), clock, date(2028, 1, 1))]
    assert found == [date(2024, 2, 29), date(2025, 2, 28), date(2026, 2, 28), date(2027, 2, 28), date(2028, 2, 29)]


def test_what_comes_once_comes_once_however_late_one_asks() -> None:
    first = Deadline(date(2024, 2, 29), ())
    assert list(series(first, Clock("event"), date(2400, 1, 1))) == [first]
    assert len(list(series(first, Clock("event", every=1), date(2034, 1, 1)))) == 11


# --- the working, and what cannot be counted -------------------------------------------------------------------------


@given(dates, counts, st.sampled_from(("days", "weeks", "months", "years", "business_days")), st.booleans())
def test_the_working_begins_with_the_event_and_ends_with_the_day(
    start: date, count: int, unit: str, before: bool
) -> None:
    found = counted(start, Clock("hearing_held", count, unit, before), PLAIN, "hearing_held")
    assert found.working[0] == f"it starts with hearing held on {start} ({start:%A})"
    assert any(str(found.day) in step for step in found.working)
    assert not count or (" before " if before else " after ") in " ".join(found.working[1:])


@given(dates, dates, st.integers(0, 60), st.sampled_from(("days", "weeks", "months", "years", "business_days")))
def test_a_later_start_is_never_due_earlier(one: date, other: date, count: int, unit: str) -> None:
    assert due(min(one, other), count=count, unit=unit) <= due(max(one, other), count=count, unit=unit)


@pytest.mark.parametrize(
    ("wrong", "good", "says"),
    [
        ({"count": 74_000, "unit": "days"}, {"count": 73_000, "unit": "days"}, "74000 days are more than 200 years"),
        ({"count": 201, "unit": "years"}, {"count": 200, "unit": "years"}, "201 years are more than 200 years"),
        ({"count": 2401, "unit": "months"}, {"count": 2400, "unit": "months"}, "2401 months are more than 200 years"),
        ({"extension": 10**12}, {"extension": 90}, "1000000000000 days are more than 200 years"),
    ],
)
def test_a_period_that_no_law_has_is_refused(wrong: dict[str, Any], good: dict[str, Any], says: str) -> None:
    with pytest.raises(WrongUse) as caught:
        due(date(2024, 1, 1), **wrong)
    assert says in str(caught.value) and "Correct the clock in the law file" in str(caught.value)
    due(date(2024, 1, 1), **good)


@pytest.mark.parametrize(("wrong", "good"), [(date(1, 1, 1), date(1800, 1, 1)), (date(9999, 12, 31), date(2999, 12, 31))])  # fmt: skip
def test_a_day_out_of_all_reach_is_refused(wrong: date, good: date) -> None:
    for clock in (Clock("event", 30), Clock("event", 200, "years"), Clock("event", 200, "years", before=True)):
        with pytest.raises(WrongUse, match="No law here knows that year"):
            counted(wrong, clock, PLAIN, "event")
        counted(good, clock, PLAIN, "event")
    yearly = Clock("event", every=1)
    with pytest.raises(WrongUse, match="No law here knows that year"):
        list(series(Deadline(date(2020, 1, 1), ()), yearly, wrong))
    assert list(series(Deadline(date(2020, 1, 1), ()), yearly, good))


@pytest.mark.parametrize("every", [1e-9, 0.05, 1e300])
def test_what_would_come_again_without_end_or_never_is_refused(every: float) -> None:
    with pytest.raises(WrongUse, match="Nothing comes again every"):
        list(series(Deadline(date(2020, 1, 1), ()), Clock("event", every=every), date(2024, 1, 1)))
    assert len(list(series(Deadline(date(2020, 1, 1), ()), Clock("event", every=1 / 12), date(2020, 12, 31)))) == 13
