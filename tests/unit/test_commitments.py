"""What an agreed sum comes to in a financial year, by hand (practice PM-5, PM-7)."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from states.commitments import Agreed, FinancialYear

THIS = FinancialYear(2026)


def agreed(amount: str, times: int, start: date, end: date | None = None) -> Agreed:
    return Agreed(amount=Decimal(amount), times_a_year=times, starts_on=start, last_day=end)


@pytest.mark.parametrize(
    ("on", "words"),
    [(date(2026, 3, 31), "2025/26"), (date(2026, 4, 1), "2026/27"), (date(2000, 1, 1), "1999/00")],
)
def test_a_financial_year_begins_on_the_first_of_april(on, words):
    year = FinancialYear.of(on)

    assert str(year) == words
    assert year.first <= on <= year.last
    assert year.last == year.next.first.replace(month=3, day=31)
    assert FinancialYear(2027).days == 366, "29 February 2028 lies in it"


@pytest.mark.parametrize(
    ("sum_", "this", "following", "full"),
    [
        # 100 a week all year: 52 weeks.
        (agreed("100", 52, date(2025, 1, 1)), "5200.00", "5200.00", "5200.00"),
        # 450 a month from 1 October 2026: 182 of 365 days of 5,400.
        (agreed("450", 12, date(2026, 10, 1)), "2692.60", "5400.00", "5400.00"),
        # 73 a week, last day 10 April 2026: 10 of 365 days of 3,796.
        (agreed("73", 52, date(2025, 1, 1), date(2026, 4, 10)), "104.00", "0.00", "3796.00"),
        # Once: whole in the year it is payable.
        (agreed("9999.99", 0, date(2026, 4, 1)), "9999.99", "0.00", "9999.99"),
        (agreed("9999.99", 0, date(2027, 4, 1)), "0.00", "9999.99", "9999.99"),
        # Over before it begins.
        (agreed("100", 52, date(2026, 5, 1), date(2026, 4, 30)), "0.00", "0.00", "5200.00"),
    ],
)
def test_what_falls_in_this_year_and_next(sum_, this, following, full):
    assert sum_.in_year(THIS) == Decimal(this)
    assert sum_.in_year(THIS.next) == Decimal(following)
    assert sum_.full_year == Decimal(full)


def test_the_year_to_date_counts_the_days_up_to_and_with_the_day():
    weekly = agreed("70", 52, date(2026, 4, 1))

    assert weekly.in_year(THIS, until=date(2026, 4, 1)) == Decimal("9.97")  # one of 365 days of 3,640
    assert weekly.in_year(THIS, until=date(2026, 3, 31)) == 0
    assert weekly.in_year(THIS, until=date(2030, 1, 1)) == weekly.in_year(THIS)


def test_altogether_is_the_sum_of_its_years():
    # From 1 April 2026 to 31 March 2028: two whole years.
    assert agreed("10", 52, date(2026, 4, 1), date(2028, 3, 31)).altogether() == Decimal("1040.00")
    assert agreed("500", 0, date(2026, 4, 1)).altogether() == 500
    assert agreed("10", 52, date(2026, 4, 1)).altogether() == 520


@given(
    st.decimals(0, 5000, places=2),
    st.sampled_from([0, 1, 12, 13, 52]),
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(0, 4000),
)
def test_no_year_has_more_than_a_full_year_and_to_date_is_never_more_than_the_year(amount, times, start, days):
    sum_ = agreed(str(amount), times, start, date.fromordinal(start.toordinal() + days))

    for begins in range(2019, 2042):
        year = FinancialYear(begins)
        assert 0 <= sum_.in_year(year, until=start) <= sum_.in_year(year) <= sum_.full_year
