"""The policy's values: their kinds, their origin, and the form in which a version is stored."""

from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from states.calendar import Calendar
from states.policy import LocalTime, Mark, Policy, PolicyRefused, Span, SpanUnit, load_policy, policy_values
from states.records.codes import Colour

FILE = Path(__file__).parents[2] / "policies" / "leicestershire.toml"
TEXT = FILE.read_text(encoding="utf-8")
POLICY = load_policy(TEXT, name=FILE.name)


def test_a_value_is_read_as_a_plain_number_and_keeps_its_origin():
    assert POLICY.rating.first_rating_working_days == 20
    origin = POLICY.rating.origin["first_rating_working_days"]
    assert (origin.mark, origin.source, origin.from_date) == (Mark.DEF, "R-ELG-3", date(2026, 1, 1))
    assert POLICY.legal.origin["notice_months"].check == "k"


def test_values_of_other_kinds_are_read_as_what_they_are():
    assert POLICY.rating.colours == ("GREEN", "YELLOW", "AMBER", "RED")
    assert POLICY.group.return_within[Colour.AMBER] == Span(6, SpanUnit.MONTHS)
    assert POLICY.scope.max_age_at_rating == Span(210, SpanUnit.MONTHS)
    assert POLICY.night.at == LocalTime(time(2, 15), "Europe/London")
    assert POLICY.mail.digest_at == time(7, 30)
    assert POLICY.warn.court_direction_working_days == (10, 5, 2)
    assert POLICY.kdd.chair_may_be_in_line is True
    assert [(rung.after, rung.to, rung.urgent_only) for rung in POLICY.night.ladder_working_days] == [
        (0, "owner", False),
        (10, "Team Manager", False),
        (20, "Head of Service", True),
        (30, "Assistant Director", True),
    ]


def test_a_policy_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        POLICY.rating.refresh_months = 3  # type: ignore[misc]
    with pytest.raises(TypeError):
        POLICY.group.return_within[Colour.AMBER] = Span(1, SpanUnit.DAYS)  # type: ignore[index]
    with pytest.raises(TypeError):
        POLICY.rating.origin["refresh_months"] = None  # type: ignore[index]


def test_the_stored_form_gives_the_same_policy_back():
    again = Policy.from_canonical_json(POLICY.canonical_json())
    assert again == POLICY
    assert hash(again) == hash(POLICY)
    assert again.sha256() == POLICY.sha256()


def test_the_order_of_lines_and_the_comments_do_not_change_the_hash():
    first, rest = TEXT[TEXT.index("[authority]") :].split("[calendar]", 1)
    moved = "[calendar]" + rest + "\n# moved to the end\n" + first
    assert load_policy(moved, name="moved.toml").sha256() == POLICY.sha256()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('value = 20, mark = "DEF", source = "R-ELG-3"', 'value = 21, mark = "DEF", source = "R-ELG-3"'),
        ('value = 20, mark = "DEF", source = "R-ELG-3"', 'value = 20, mark = "LP", source = "R-ELG-3"'),
        ('value = 20, mark = "DEF", source = "R-ELG-3"', 'value = 20, mark = "DEF", source = "our plan"'),
        ('source = "R-ELG-3", from = 2026-01-01', 'source = "R-ELG-3", from = 2026-01-02'),
        ('AMBER = "6 months"', 'AMBER = "5 months"'),
    ],
)
def test_a_change_of_a_value_or_of_what_stands_behind_it_changes_the_hash(before: str, after: str):
    assert TEXT.count(before) == 1
    assert load_policy(TEXT.replace(before, after), name="changed.toml").sha256() != POLICY.sha256()


def test_a_stored_version_that_lacks_a_value_says_which():
    stored = POLICY.canonical_json().replace('"refresh_months"', '"refresh_month"')
    with pytest.raises(PolicyRefused, match=r"rating\.refresh_months: is missing"):
        Policy.from_canonical_json(stored)


def test_every_value_is_listed_with_its_place_and_origin():
    listed = {(value.section, value.key): value for value in policy_values(POLICY)}
    assert listed["rating", "refresh_months"].value == 6
    assert listed["legal", "notice_months"].origin.mark is Mark.ACT
    assert next(iter(listed)) == ("authority", "name")


def test_the_calendar_of_a_policy_is_made_once():
    again = load_policy(TEXT, name="again.toml")
    assert Calendar.of(POLICY) is Calendar.of(again)
    assert Calendar.of(POLICY).add_working_days(date(2026, 12, 18), 20) == date(2027, 1, 20)


@pytest.mark.parametrize(
    ("written", "count", "unit", "words"),
    [
        ("6 weeks", 6, SpanUnit.WEEKS, "6 weeks"),
        ("1 week", 1, SpanUnit.WEEKS, "1 week"),
        ("20 working days", 20, SpanUnit.WORKING_DAYS, "20 working days"),
        ("1 working day", 1, SpanUnit.WORKING_DAYS, "1 working day"),
        ("28 days", 28, SpanUnit.DAYS, "28 days"),
        ("12 months", 12, SpanUnit.MONTHS, "12 months"),
        ("2 years", 2, SpanUnit.YEARS, "2 years"),
        ("17y6m", 210, SpanUnit.MONTHS, "17 years 6 months"),
        ("17 years 6 months", 210, SpanUnit.MONTHS, "17 years 6 months"),
    ],
)
def test_a_span_is_written_in_plain_words(written: str, count: int, unit: SpanUnit, words: str):
    span = Span.parse(written)
    assert (span.count, span.unit, str(span)) == (count, unit, words)


@pytest.mark.parametrize(
    "written", ["", "6", "six weeks", "6 fortnights", "-6 weeks", "6.5 weeks", "17y12m", 7, None]
)
def test_a_span_in_other_words_is_refused(written: object):
    with pytest.raises(ValueError, match="a length of time in quotes"):
        Span.parse(written)


@pytest.mark.parametrize(("count", "unit"), [(-1, SpanUnit.DAYS), (1001, SpanUnit.YEARS)])
def test_a_span_below_nothing_or_beyond_a_thousand_years_is_refused(count: int, unit: SpanUnit):
    with pytest.raises(ValueError, match="1000 years"):
        Span(count, unit)


@given(count=st.integers(min_value=0, max_value=1000), unit=st.sampled_from(SpanUnit))
def test_a_span_can_be_read_back_from_its_words(count: int, unit: SpanUnit):
    span = Span(count, unit)
    assert Span.parse(str(span)) == span


def test_spans_of_different_units_can_be_compared_roughly():
    assert (
        Span.parse("6 weeks").rough_days < Span.parse("2 months").rough_days < Span.parse("1 year").rough_days
    )
    assert Span.parse("12 months").rough_days == Span.parse("1 year").rough_days
