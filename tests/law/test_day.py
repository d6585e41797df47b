"""Days as sources tell them: what is told is kept, what is not told decides nothing."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postme.day import UNSEEN, Day, told

dates = st.dates(date(1900, 1, 1), date(2100, 12, 31))
spans = st.tuples(dates, dates).map(lambda pair: Day(min(pair), max(pair)))
days = st.one_of(
    dates.map(lambda day: Day(day, day)),
    spans,
    dates.map(lambda day: Day(day, None)),
    dates.map(lambda day: Day(None, day)),
    st.just(UNSEEN),
)


@pytest.mark.parametrize(
    ("value", "first", "last", "says"),
    [
        (date(2021, 2, 12), date(2021, 2, 12), date(2021, 2, 12), "2021-02-12"),
        ("2021-02-12", date(2021, 2, 12), date(2021, 2, 12), "2021-02-12"),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29), "in 2020-02"),
        ("2021-02", date(2021, 2, 1), date(2021, 2, 28), "in 2021-02"),
        (2022, date(2022, 1, 1), date(2022, 12, 31), "in 2022"),
        ("2022", date(2022, 1, 1), date(2022, 12, 31), "in 2022"),
        ("unknown", None, None, "a day not seen"),
        ({"after": "2020-06-23"}, date(2020, 6, 23), None, "on or after 2020-06-23"),
        ({"by": "2020-06"}, None, date(2020, 6, 30), "by 2020-06-30"),
        ({"after": "2020-06-23", "by": 2020}, date(2020, 6, 23), date(2020, 12, 31), "between 2020-06-23 and 2020-12-31"),
        ({"after": "2020-05-01", "by": "2020-06-30"}, date(2020, 5, 1), date(2020, 6, 30), "between 2020-05-01 and 2020-06-30"),
        ({"by": "unknown"}, None, None, "a day not seen"),
    ],
)  # fmt: skip
def test_a_day_is_what_the_source_told_and_no_more(
    value: Any, first: date | None, last: date | None, says: str
) -> None:
    found = told(value)
    assert (found.first, found.last, str(found)) == (first, last, says)


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ("2021-02-30", "2021-02-28"),
        ("2021-13", "2021-12"),
        ("2021-00", "2021-01"),
        ("0000", "0001"),
        ("21-02-12", "2021-02-12"),
        ("2021-2-12", "2021-02-12"),
        ("2021-02-12 ", "2021-02-12"),
        ("٢٠٢١", "2021"),
        ("soon", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
        (True, 2021),
        ([], "unknown"),
        ({}, {"after": "2021"}),
        ({"before": "2021"}, {"by": "2021"}),
        ({"after": "2021-06-01", "by": "2021-05-31"}, {"after": "2021-06-01", "by": "2021-06-01"}),
        (datetime(2021, 2, 12, 8), date(2021, 2, 12)),
    ],
    ids=str,
)
def test_what_is_no_day_is_refused_and_what_was_meant_is_not(value: Any, good: Any) -> None:
    with pytest.raises(ValueError, match=r"day|month|year"):
        told(value)
    told(good)


@given(dates)
def test_a_day_told_as_it_is_printed_is_the_same_day(day: date) -> None:
    assert told(str(Day(day, day))) == Day(day, day)
    assert told(day).exact == day


@given(dates)
def test_a_month_and_a_year_hold_each_of_their_days_and_no_other(day: date) -> None:
    month, year = told(f"{day:%Y-%m}"), told(f"{day:%Y}")
    assert month.first is not None and month.last is not None and year.first is not None and year.last is not None
    assert year.first <= month.first <= day <= month.last <= year.last
    assert (month.last - month.first).days + 1 == calendar.monthrange(day.year, day.month)[1]
    assert (year.last - year.first).days + 1 == 365 + calendar.isleap(day.year)


@given(days, dates)
def test_a_day_is_reached_exactly_when_every_day_that_it_can_have_been_is(day: Day, on: date) -> None:
    possible = [
        one
        for one in (day.first or on - timedelta(1), on, on + timedelta(1), day.last or on + timedelta(1))
        if (day.first is None or one >= day.first) and (day.last is None or one <= day.last)
    ]
    answers = {one <= on for one in possible}
    assert day.reached(on) is (answers.pop() if len(answers) == 1 else None)


@given(days, dates, dates)
def test_what_was_reached_stays_reached(day: Day, one: date, other: date) -> None:
    order = {False: 0, None: 1, True: 2}
    assert order[day.reached(min(one, other))] <= order[day.reached(max(one, other))]


def test_an_open_end_never_comes_and_an_open_beginning_may_have_been_at_any_time() -> None:
    assert Day(date(2020, 1, 1), None).reached(date(2100, 1, 1)) is None
    assert Day(date(2020, 1, 1), None).reached(date(2019, 12, 31)) is False
    assert Day(None, date(2020, 1, 1)).reached(date(1900, 1, 1)) is None
    assert Day(None, date(2020, 1, 1)).reached(date(2020, 1, 1)) is True
    assert UNSEEN.reached(date(2020, 1, 1)) is None


def test_only_an_exact_day_is_exact_and_only_the_unseen_is_not_known() -> None:
    assert told("2021-02").exact is None and told("2021-02").known
    assert told("2021-02-12").exact == date(2021, 2, 12)
    assert UNSEEN.exact is None and not UNSEEN.known
    assert told({"by": "2021"}).known and told({"by": "2021"}).exact is None
