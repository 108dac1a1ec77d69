"""Calendar arithmetic (rules R-CLK-1 to R-CLK-9). Examples: the rules' own, or off a wall calendar."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from states.calendar import Calendar, CalendarTooShort, bank_holidays, known_years, london_date
from states.policy import Span, SpanUnit

CALENDAR = Calendar()
CLOSED = replace(
    CALENDAR, closedown_days=frozenset({date(2026, 12, 29), date(2026, 12, 30), date(2026, 12, 31)})
)

DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2090, 12, 31))
WORKING_DAYS = DAYS.map(CALENDAR.next_working_day)
NUMBERS = st.integers(min_value=-120, max_value=120)


# Working days: R-CLK-1, R-CLK-2


def test_twenty_working_days_from_18_december_2026_end_on_20_january_2027():
    assert CALENDAR.add_working_days(date(2026, 12, 18), 20) == date(2027, 1, 20)


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 11, 21), "a Saturday"),
        (date(2026, 11, 22), "a Sunday"),
        (date(2026, 4, 3), "Good Friday"),
        (date(2026, 4, 6), "Easter Monday"),
        (date(2026, 5, 4), "the early May bank holiday"),
        (date(2026, 5, 25), "the spring bank holiday"),
        (date(2026, 8, 31), "the summer bank holiday"),
        (date(2026, 12, 25), "Christmas Day"),
        (date(2026, 12, 28), "the substitute for Boxing Day, a Saturday"),
        (date(2027, 12, 27), "the substitute for Christmas Day, a Saturday"),
        (date(2027, 12, 28), "the substitute for Boxing Day, a Sunday"),
        (date(2028, 1, 3), "the substitute for New Year's Day, a Saturday"),
        (date(2022, 9, 19), "the funeral of Queen Elizabeth II"),
        (date(2023, 5, 8), "the coronation of King Charles III"),
        (date(2020, 5, 8), "the early May bank holiday, moved to VE Day"),
    ],
)
def test_a_day_off_is_no_working_day(day: date, why: str):
    assert not CALENDAR.is_working_day(day), why


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 11, 23),  # a Monday
        date(2026, 12, 24),  # Christmas Eve, a Thursday
        date(2026, 12, 29),  # between Christmas and New Year
        date(2026, 3, 17),  # St Patrick's Day is a bank holiday in Northern Ireland only
        date(2026, 8, 3),  # the Scottish summer bank holiday
        date(2026, 1, 2),  # 2 January, a bank holiday in Scotland only
        date(2020, 5, 4),  # the Monday that gave way to VE Day
    ],
)
def test_a_weekday_that_is_no_english_bank_holiday_is_a_working_day(day: date):
    assert CALENDAR.is_working_day(day)


def test_the_first_day_is_day_zero_even_when_it_is_a_saturday():
    assert CALENDAR.add_working_days(date(2026, 11, 21), 1) == date(2026, 11, 23)
    assert CALENDAR.add_working_days(date(2026, 11, 20), 1) == date(2026, 11, 23)
    assert CALENDAR.add_working_days(date(2026, 11, 23), 1) == date(2026, 11, 24)


def test_no_working_days_added_leave_the_date_as_it_is():
    assert CALENDAR.add_working_days(date(2026, 11, 21), 0) == date(2026, 11, 21)


def test_papers_five_working_days_before_a_meeting_after_easter_are_due_before_it():
    # Meeting on Friday 10 April 2026: 9, 8, 7 April, then Thursday 2 and Wednesday 1 April.
    assert CALENDAR.add_working_days(date(2026, 4, 10), -5) == date(2026, 4, 1)


def test_counting_over_christmas_2026_skips_the_three_days_off():
    # 23 December 2026 is a Wednesday; 25 is Christmas, 28 the substitute day; so 24, 29, 30.
    assert CALENDAR.add_working_days(date(2026, 12, 23), 3) == date(2026, 12, 30)


def test_working_days_between_counts_the_last_day_and_not_the_first():
    assert CALENDAR.working_days_between(date(2026, 11, 20), date(2026, 11, 23)) == 1
    assert CALENDAR.working_days_between(date(2026, 11, 23), date(2026, 11, 23)) == 0
    assert CALENDAR.working_days_between(date(2026, 11, 23), date(2026, 11, 20)) == -1
    assert CALENDAR.working_days_between(date(2026, 12, 18), date(2027, 1, 20)) == 20


def test_a_deadline_on_christmas_day_is_warned_of_on_christmas_eve():
    assert CALENDAR.previous_working_day(date(2026, 12, 25)) == date(2026, 12, 24)
    assert CALENDAR.next_working_day(date(2026, 12, 25)) == date(2026, 12, 29)


def test_a_working_day_is_its_own_next_and_previous_working_day():
    assert CALENDAR.next_working_day(date(2026, 12, 24)) == date(2026, 12, 24)
    assert CALENDAR.previous_working_day(date(2026, 12, 24)) == date(2026, 12, 24)


def test_closedown_days_put_off_a_local_clock_and_not_a_statutory_one():
    assert CLOSED.add_working_days(date(2026, 12, 24), 1) == date(2027, 1, 4)
    assert CLOSED.statutory.add_working_days(date(2026, 12, 24), 1) == date(2026, 12, 29)


def test_a_statutory_deadline_stays_where_the_law_puts_it():
    assert CALENDAR.statutory_due_on(date(2026, 12, 26)) == date(2026, 12, 26)


def test_a_statutory_deadline_is_brought_forward_only_where_the_authority_chose_so():
    eager = replace(CLOSED, statutory_deadlines_roll=True)
    assert eager.statutory_due_on(date(2026, 12, 26)) == date(2026, 12, 24)
    assert eager.statutory_due_on(date(2026, 12, 30)) == date(2026, 12, 30), "a closedown day moves nothing"


@given(day=DAYS, number=NUMBERS.filter(bool))
def test_adding_working_days_never_lands_on_a_day_off(day: date, number: int):
    assert CALENDAR.is_working_day(CALENDAR.add_working_days(day, number))


@given(day=WORKING_DAYS, number=NUMBERS)
def test_from_a_working_day_taking_away_undoes_adding(day: date, number: int):
    assert CALENDAR.add_working_days(CALENDAR.add_working_days(day, number), -number) == day


@given(day=DAYS, later=DAYS, number=NUMBERS.filter(bool))
def test_a_later_start_never_gives_an_earlier_due_date(day: date, later: date, number: int):
    day, later = min(day, later), max(day, later)
    assert CALENDAR.add_working_days(day, number) <= CALENDAR.add_working_days(later, number)


@given(day=DAYS, number=NUMBERS)
def test_one_more_working_day_is_always_later(day: date, number: int):
    assert CALENDAR.add_working_days(day, number) < CALENDAR.add_working_days(day, number + 1)


@given(start=DAYS, days=st.integers(min_value=-400, max_value=400))
def test_the_working_days_between_lead_from_one_day_to_the_other(start: date, days: int):
    end = CALENDAR.next_working_day(start + timedelta(days=days))
    number = CALENDAR.working_days_between(start, end)
    if number:
        assert CALENDAR.add_working_days(start, number) == end
    else:
        assert end == start or not CALENDAR.is_working_day(start)


# Months and weeks: R-CLK-3, R-CLK-4, R-CLK-5


def test_three_months_from_30_november_must_be_done_by_28_february():
    assert CALENDAR.add_months_by(date(2025, 11, 30), 3) == date(2026, 2, 28)
    assert CALENDAR.add_months_by(date(2027, 11, 30), 3) == date(2028, 2, 29)


def test_notice_given_on_30_november_2025_allows_an_application_from_1_march_2026():
    assert CALENDAR.add_months_not_before(date(2025, 11, 30), 3) == date(2026, 3, 1)


def test_where_the_corresponding_date_exists_both_ways_of_adding_months_agree():
    assert CALENDAR.add_months_by(date(2026, 1, 15), 3) == date(2026, 4, 15)
    assert CALENDAR.add_months_not_before(date(2026, 1, 15), 3) == date(2026, 4, 15)


def test_months_counted_back_clip_to_the_end_of_the_month():
    assert CALENDAR.add_months_by(date(2026, 5, 31), -3) == date(2026, 2, 28)


@given(day=DAYS, months=st.integers(min_value=0, max_value=240))
def test_not_before_is_the_same_day_as_must_be_done_by_or_the_first_of_the_next_month(day: date, months: int):
    by, not_before = CALENDAR.add_months_by(day, months), CALENDAR.add_months_not_before(day, months)
    assert not_before == by or (not_before.day == 1 and not_before - by == timedelta(days=1))


def test_twenty_eight_days_have_expired_on_the_29th_day_after_the_reminder():
    # Reminder sent on 1 March 2026: the 28th day is 29 March and must be over (R-REV-4).
    assert CALENDAR.expired_since(date(2026, 3, 1), 28) == date(2026, 3, 30)


def test_26_weeks_beginning_with_the_day_of_issue_end_the_day_before_the_same_weekday():
    # Issued on Monday 5 January 2026: week 26 ends on Sunday 5 July 2026.
    assert CALENDAR.beginning_with_weeks(date(2026, 1, 5), 26) == date(2026, 7, 5)


def test_twelve_weeks_from_a_monday_is_a_monday():
    assert CALENDAR.add_weeks(date(2026, 1, 5), 12) == date(2026, 3, 30)


def test_56_days_after_a_discussion_count_every_day():
    assert CALENDAR.add_days(date(2026, 12, 1), 56) == date(2027, 1, 26)


@pytest.mark.parametrize(
    ("words", "there"),
    [
        ("10 days", date(2026, 12, 10)),
        ("5 working days", date(2026, 12, 7)),
        ("6 weeks", date(2027, 1, 11)),
        ("3 months", date(2027, 2, 28)),
        ("1 year", date(2027, 11, 30)),
    ],
)
def test_a_span_of_the_policy_moves_a_date_by_its_unit(words: str, there: date):
    assert CALENDAR.add(date(2026, 11, 30), Span.parse(words)) == there


def test_a_span_of_months_can_be_a_time_that_must_pass_first():
    assert CALENDAR.add(date(2026, 11, 30), Span(3, SpanUnit.MONTHS), not_before=True) == date(2027, 3, 1)


# Birthdays, R-CLK-7


def test_a_child_is_eighteen_from_the_birthday():
    born = date(2008, 6, 14)
    assert CALENDAR.attains(born, 18) == date(2026, 6, 14)
    assert CALENDAR.age_on(born, date(2026, 6, 13)) == 17
    assert CALENDAR.age_on(born, date(2026, 6, 14)) == 18


def test_a_child_born_on_29_february_is_seventeen_on_1_march_and_twenty_on_29_february():
    born = date(2008, 2, 29)
    assert CALENDAR.attains(born, 18) == date(2026, 3, 1)
    assert CALENDAR.age_on(born, date(2026, 2, 28)) == 17
    assert CALENDAR.attains(born, 20) == date(2028, 2, 29)


def test_an_authority_may_choose_28_february_for_a_leap_birthday():
    other = replace(CALENDAR, leap_birthday="28 February")
    assert other.attains(date(2008, 2, 29), 18) == date(2026, 2, 28)
    assert other.age_on(date(2008, 2, 29), date(2026, 2, 28)) == 18


def test_a_child_reaches_seventeen_and_a_half_six_months_after_the_birthday():
    assert CALENDAR.reaches(date(2009, 3, 10), Span.parse("17y6m")) == date(2026, 9, 10)


def test_a_newborn_is_nought_and_nobody_has_an_age_before_birth():
    assert CALENDAR.age_on(date(2026, 1, 1), date(2026, 1, 1)) == 0
    with pytest.raises(ValueError, match="before the date of birth"):
        CALENDAR.age_on(date(2026, 1, 1), date(2025, 12, 31))


@given(born=DAYS, days=st.integers(min_value=0, max_value=9000))
def test_age_is_the_last_birthday_attained(born: date, days: int):
    on = born + timedelta(days=days)
    age = CALENDAR.age_on(born, on)
    assert CALENDAR.attains(born, age) <= on < CALENDAR.attains(born, age + 1)


# London dates: R-CLK-8


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 1, 15, 23, 59, 59, tzinfo=UTC), date(2026, 1, 15)),  # winter: London is UTC
        (datetime(2026, 7, 15, 22, 59, 59, tzinfo=UTC), date(2026, 7, 15)),  # summer: London is an hour ahead
        (datetime(2026, 7, 15, 23, 0, 0, tzinfo=UTC), date(2026, 7, 16)),
        (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), date(2026, 3, 28)),  # the night the clocks go forward
        (datetime(2026, 3, 29, 23, 30, tzinfo=UTC), date(2026, 3, 30)),
        (datetime(2026, 10, 24, 23, 30, tzinfo=UTC), date(2026, 10, 25)),  # the night they go back
        (datetime(2026, 10, 25, 23, 30, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 7, 16, 4, 0, tzinfo=timezone(timedelta(hours=9))), date(2026, 7, 15)),
    ],
)
def test_an_instant_has_the_date_that_london_has(instant: datetime, day: date):
    """(reliability C49)"""
    assert london_date(instant) == day


@pytest.mark.parametrize(
    ("first", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)]
)
def test_a_change_of_the_clocks_neither_creates_nor_loses_a_day(first: date, hours: int):
    start = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(hours=2)
    seen = [london_date(start + timedelta(minutes=15 * n)) for n in range(4 * 30)]
    assert seen.count(first) == 4 * hours
    assert sorted(set(seen)) == [first - timedelta(days=1), first, first + timedelta(days=1)]


def test_an_instant_without_a_zone_has_no_date():
    with pytest.raises(ValueError, match="time zone"):
        london_date(datetime(2026, 7, 15, 12, 0))  # noqa: DTZ001 - what the refusal is for


# What is known: wrong deadlines are worse than none


def test_a_date_beyond_the_known_bank_holidays_is_refused_in_plain_words():
    beyond = date(known_years("GB-ENG")[1], 12, 30)
    with pytest.raises(CalendarTooShort, match="bank holidays of 2101 are not known"):
        CALENDAR.add_working_days(beyond, 5)


def test_a_region_without_bank_holidays_is_refused():
    with pytest.raises(ValueError, match="GB-XXX is not a region"):
        Calendar(region="GB-XXX").is_working_day(date(2026, 1, 2))


def test_other_regions_have_their_own_bank_holidays():
    assert date(2026, 11, 30) in bank_holidays("GB-SCT", 2026)
    assert date(2026, 11, 30) not in bank_holidays("GB-ENG", 2026)
