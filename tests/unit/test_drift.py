"""The catalogue of the night, and the dates its rules compare with (rules 10, R-CLK-1 to R-CLK-4)."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from casework.drift.as_of import AsOf
from casework.drift.rules import CATALOGUE, RULES, DriftRule, Severity, in_use
from states.calendar import Calendar
from states.policy import Policy
from states.vocabulary import Role
from tests.world import leicestershire

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


def night(day: date, *, today: date | None = None, policy: Policy | None = None) -> AsOf:
    policy = policy or leicestershire()
    return AsOf(day=day, today=today or day, policy=policy, calendar=Calendar.of(policy))


# -- cut-offs ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "day", "late"),
    [
        (date(2025, 2, 6), date(2025, 2, 20), False),  # Thursday: ten working days late to the day
        (date(2025, 2, 6), date(2025, 2, 21), True),
        (date(2025, 4, 10), date(2025, 4, 28), False),  # Good Friday and Easter Monday in between
        (date(2025, 4, 10), date(2025, 4, 29), True),
        (date(2025, 2, 7), date(2025, 2, 21), False),  # Friday, and still so at the weekend
        (date(2025, 2, 7), date(2025, 2, 23), False),
        (date(2025, 2, 7), date(2025, 2, 24), True),
    ],
)
def test_more_than_ten_working_days_late_is_counted_in_working_days(due, day, late):
    assert (due < night(day).overdue_by_more_than(10)) is late


@given(due=DAYS, after=st.integers(0, 60), number=st.integers(1, 20))
def test_the_cut_off_for_working_days_says_what_counting_them_says(due, after, number):
    day = due + timedelta(days=after)
    calendar = Calendar.of(leicestershire())
    counted = calendar.working_days_between(due, day) > number
    assert (due < night(day).overdue_by_more_than(number)) is counted


def test_a_closed_day_of_the_authority_does_not_make_anybody_late():
    policy = leicestershire()
    closed = policy.calendar.model_copy(update={"closedown_days": (date(2025, 2, 21),)})
    policy = policy.model_copy(update={"calendar": closed})
    assert not date(2025, 2, 6) < night(date(2025, 2, 21), policy=policy).overdue_by_more_than(10)
    assert date(2025, 2, 6) < night(date(2025, 2, 24), policy=policy).overdue_by_more_than(10)


@pytest.mark.parametrize(
    ("rated", "last_day"),
    [
        (date(2025, 1, 9), date(2025, 7, 9)),
        (date(2025, 8, 31), date(2026, 2, 28)),  # a month without a 31st ends on its last day (R-CLK-4)
        (date(2025, 8, 29), date(2026, 2, 28)),
        (date(2023, 8, 30), date(2024, 2, 29)),
    ],
)
def test_more_than_six_months_ago_begins_on_the_day_after_the_corresponding_one(rated, last_day):
    assert not rated < night(last_day).more_than_months_ago(6)
    assert rated < night(last_day + timedelta(days=1)).more_than_months_ago(6)


@given(when=DAYS, after=st.integers(0, 800), number=st.integers(1, 24))
def test_the_cut_off_for_months_says_what_adding_them_says(when, after, number):
    day = when + timedelta(days=after)
    over = Calendar.of(leicestershire()).add_months_by(when, number) < day
    assert (when < night(day).more_than_months_ago(number)) is over


def test_more_than_thirty_days_ago_begins_on_the_thirty_first():
    last = date(2025, 1, 9)
    assert not last < night(date(2025, 2, 8)).more_than_days_ago(30)
    assert last < night(date(2025, 2, 9)).more_than_days_ago(30)


def test_a_night_looks_back_when_its_day_is_over():
    assert not night(date(2025, 2, 8)).past
    assert night(date(2025, 2, 8), today=date(2025, 2, 9)).past


# -- the catalogue ------------------------------------------------------------------------------------------


def test_the_rules_of_the_first_release_are_there_with_severity_and_owners():
    assert {rule.id: rule.severity for rule in CATALOGUE} == {
        "D-01": Severity.WARN,
        "D-02": Severity.WARN,
        "D-04": Severity.URGENT,
        "D-05": Severity.WARN,
        "D-35": Severity.WARN,
    }
    assert RULES["D-01"].owners == (Role.TEAM_MANAGER,)
    assert RULES["D-04"].owners == (Role.GROUP_ADMINISTRATOR, Role.TEAM_MANAGER)
    assert RULES["D-05"].owners == (Role.CHILDS_WORKER, Role.TEAM_MANAGER)


def test_every_rule_stands_once_and_says_whose_it_is():
    assert len(RULES) == len(CATALOGUE)
    for rule in CATALOGUE:
        assert re.fullmatch(r"D-\d\d", rule.id)
        assert rule.words
        assert rule.owners
        assert rule.source


@pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.id)
@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()], ids=["sqlite", "postgresql"])
@pytest.mark.parametrize("today", [date(2025, 2, 8), date(2025, 3, 1)], ids=["today", "looking back"])
def test_a_rule_is_one_select_over_a_chunk_that_only_compares_dates(rule: DriftRule, dialect, today):
    """No arithmetic of days in SQL (design 5.10), and never the whole table."""
    compiled = rule.find(night(date(2025, 2, 8), today=today)).compile(dialect=dialect)
    sql = str(compiled).lower()
    assert {"first_case", "last_case"} <= compiled.params.keys()
    assert sql.startswith("select")
    assert ";" not in sql
    assert not re.search(r"interval|julianday|strftime|date_|age\(|current_|now\(|'\d+ day|_on [+-]", sql)


def test_a_rule_that_the_policy_switches_off_is_not_asked():
    policy = leicestershire()
    off = policy.night.model_copy(update={"off": ("D-35", "D-18")})
    used = in_use(policy.model_copy(update={"night": off}))
    assert [rule.id for rule in used] == ["D-01", "D-02", "D-04", "D-05"]


def test_the_findings_words_say_nothing_about_a_child():
    for rule in CATALOGUE:
        assert len(rule.words) < 100
        assert "{" not in rule.words
