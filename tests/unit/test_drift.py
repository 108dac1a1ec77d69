"""The catalogue of the night, and the dates its rules compare with (rules 10, R-CLK-1 to R-CLK-4)."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import operators, visitors

from casework.drift.as_of import AsOf
from casework.drift.rules import CATALOGUE, NOT_YET, RULES, DriftRule, in_use
from notifications.contexts import is_task
from states.calendar import Calendar
from states.policy import Policy
from states.rules import rule_of
from states.vocabulary import Delivery
from tests.world import leicestershire

TESTS = Path(__file__).parents[1] / "integration"
FORBIDDEN = r"interval|julianday|strftime|date_(?!of_birth)|\bage\(|current_|now\(|'\d+ day|_on [+-]"
#: A request and what hangs on it are found by the child they are for; visits also by the first there is of anybody.
NOT_BY_ITS_CHILD = {
    "step_over_its_time": {"deadline"},
    "remuneration_not_decided": {"sgo_case", "funding_request", "confirmation"},
    "no_contract": {"funding_request"},
    "visit_overdue": {"visit"},
    "no_visit_dates": {"visit"},
}
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


#: The catalogue as rules 10 gives it, with practice PN-1: written out from the page, not from the code.
FROM_THE_RULES = {
    "D-01": ("warn", {"Team Manager"}),
    "D-02": ("warn", {"Team Manager"}),
    "D-03": ("warn", {"Team Manager", "Review Group chair"}),
    "D-04": ("urgent", {"group administrator", "Team Manager"}),
    "D-05": ("warn", {"child's social worker", "Team Manager"}),
    "D-06": ("warn", {"SGO team manager"}),
    "D-07": ("warn", {"Review Group chair"}),
    "D-08": ("urgent", {"Head of Service"}),
    "D-09": ("warn", {"Team Manager"}),
    "D-10": ("urgent", {"IRO manager", "Head of Service"}),
    "D-11": ("warn", {"SGO assessment worker"}),
    "D-12": ("warn", {"CFS Permanence", "Head of Service"}),
    "D-14": ("urgent", {"Assistant Director"}),
    "D-39": ("urgent", {"Legal", "finance officer"}),
    "D-13": ("urgent", {"Head of Service", "Legal"}),
    "D-15": ("warn", {"Legal"}),
    "D-16": ("urgent", {"Legal", "Head of Service"}),
    "D-17": ("urgent", {"Head of Service"}),
    "D-18": ("urgent", {"independent reviewing officer", "Team Manager", "Head of Service"}),
    "D-19": ("urgent", {"child's social worker", "Team Manager"}),
    "D-29": ("urgent", {"independent reviewing officer", "Team Manager"}),
    "D-35": ("warn", {"child's social worker", "Team Manager"}),
    "D-36": ("warn", {"Team Manager"}),
    "D-37": ("info", {"the person the decision is recorded for"}),
    "D-38": ("warn", {"SGO team manager"}),
    "D-40": ("warn", {"system administrator"}),
    # Rules 10 end with D-40; practice PR-5 asks for this one.
    "D-41": ("warn", {"Team Manager", "permanence support co-ordinator"}),
}


def test_the_catalogue_is_that_of_the_rules_with_severity_and_owners():
    assert {rule.id: (rule.severity.value, {o.value for o in rule.owners}) for rule in CATALOGUE} == FROM_THE_RULES


def test_a_rule_that_can_get_worse_is_then_urgent_and_goes_to_more_people():
    worse = [rule for rule in CATALOGUE if rule.worse]
    assert {rule.id for rule in worse} == {"D-11", "D-12", "D-41"}
    assert [owner.value for owner in worse[0].owners_for("urgent")] == ["SGO assessment worker", "Head of Service"]
    assert worse[0].words_for("urgent") != worse[0].words_for("warn")


def test_every_number_of_the_rules_is_in_the_catalogue_or_waits_for_something_that_is_named():
    """Rules 10 numbers D-01 to D-40 without a gap; D-41 is ours, for practice PR-5."""
    numbers = {f"D-{number:02}" for number in range(1, 42)}
    assert RULES.keys() | NOT_YET.keys() == numbers
    assert not RULES.keys() & NOT_YET.keys()
    assert all(NOT_YET.values())


def test_every_rule_has_its_line_among_the_rules_of_the_project():
    assert [rule.id for rule in CATALOGUE if rule_of(rule.id) is None] == []


def test_every_rule_has_a_test_of_its_limit():
    """A class `Test…` in the tests of the night's rules names it and calls it on both sides of its limit."""
    source = "".join(path.read_text(encoding="utf-8") for path in TESTS.glob("test_night_rules*.py"))
    tested = set(re.findall(r'(?:around|found|standing_of)\([^)\n]*"(D-\d\d)"', source))
    assert [rule.id for rule in CATALOGUE if rule.id not in tested] == []


def test_what_is_off_by_default_is_what_practice_says():
    """Reviews and visits belong to the case system (PN-1)."""
    used = {rule.id for rule in in_use(leicestershire())}
    assert RULES.keys() - used == {"D-18", "D-19", "D-29"}


def test_every_rule_stands_once_and_says_whose_it_is():
    assert len(RULES) == len(CATALOGUE)
    for rule in CATALOGUE:
        assert re.fullmatch(r"D-\d\d", rule.id)
        assert rule.words
        assert rule.owners
        assert rule.source


@pytest.mark.parametrize("rule", [rule for rule in CATALOGUE if rule.find], ids=lambda rule: rule.id)
@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()], ids=["sqlite", "postgresql"])
@pytest.mark.parametrize("today", [date(2025, 2, 8), date(2025, 3, 1)], ids=["today", "looking back"])
def test_a_rule_is_one_select_over_a_chunk_that_only_compares_dates(rule: DriftRule, dialect, today):
    """No arithmetic of days in SQL (design 5.10), and never the whole table."""
    for find in filter(None, (rule.find, rule.missing)):
        compiled = find(night(date(2025, 2, 8), today=today)).compile(dialect=dialect)
        sql = str(compiled).lower()
        assert {"first_case", "last_case"} <= compiled.params.keys()
        assert sql.startswith("select")
        assert ";" not in sql
        assert not re.search(FORBIDDEN, sql)


@pytest.mark.parametrize("rule", [rule for rule in CATALOGUE if rule.find], ids=lambda rule: rule.id)
def test_a_rule_reads_of_every_table_only_what_is_its_chunks(rule: DriftRule):
    """A range of one table is not concluded for the next (PostgreSQL): unsaid, each chunk reads all of it."""
    for find in filter(None, (rule.find, rule.missing)):
        asked = find(night(date(2025, 2, 8)))
        bounded = {
            one.left.table for one in visitors.iterate(asked) if getattr(one, "operator", None) is operators.between_op
        }
        read = {one.table for one in visitors.iterate(asked) if isinstance(one, Column) and one.table is not None}
        tables = {one for one in read if isinstance(getattr(one, "element", one), Table)}
        of_cases = {one for one in tables if {"case_id", "child_case_id"} & set(one.c.keys())}
        assert {one.name for one in of_cases - bounded} <= NOT_BY_ITS_CHILD.get(find.__name__, set()), find.__name__


def test_a_rule_that_the_policy_switches_off_is_not_asked():
    policy = leicestershire()
    off = policy.night.model_copy(update={"off": ("D-35", "D-18")})
    used = in_use(policy.model_copy(update={"night": off}))
    assert "D-35" not in {rule.id for rule in used}
    assert len(used) == len(CATALOGUE) - 2


def test_the_findings_words_say_nothing_about_a_child():
    for rule in CATALOGUE:
        for severity in ("warn", "urgent"):
            assert 0 < len(rule.words_for(severity)) < 100
            assert "{" not in rule.words_for(severity)


def test_what_a_rule_shares_a_line_with_is_a_task_that_waits_for_the_digest():
    """Rules 10: one alert for a rule and a child, with the task of its matter (docs/decisions/0016)."""
    for rule in CATALOGUE:
        for notice in rule.same_matter:
            assert is_task(notice), (rule.id, notice.id)
            assert notice.delivery is Delivery.DIGEST, (rule.id, notice.id)
