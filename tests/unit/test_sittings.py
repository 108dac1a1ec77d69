"""Calendars of the bodies, and which meeting a child makes or misses (practice PT-15, R-CLK-1)."""

from __future__ import annotations

from datetime import date

import pytest

from states.calendar import Calendar
from states.policy import Policy
from states.policy.recurring import Recurring
from states.sittings import Sitting, in_weeks, making, papers_due_on, planned_days
from tests.factories import leicestershire, policy

#: Panels of the winter 2025/26 on Fridays, papers five working days before.
PANELS = tuple(
    Sitting(body="Permanence Panel", held_on=on, ref=ref, papers_due_on=papers)
    for ref, on, papers in (
        ("MT-DEC", date(2025, 12, 12), date(2025, 12, 5)),
        ("MT-JAN", date(2026, 1, 9), date(2026, 1, 2)),
        ("MT-FEB", date(2026, 2, 6), date(2026, 1, 30)),
    )
)


def calendar() -> Calendar:
    return Calendar.of(leicestershire())


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("2nd Thursday of the month", ["2026-01-08", "2026-02-12", "2026-03-12"]),
        ("1st Wednesday of the month", ["2026-01-07", "2026-02-04", "2026-03-04"]),
        ("last Friday of the month", ["2026-01-30", "2026-02-27", "2026-03-27"]),
        ("4th Saturday of the month", ["2026-01-24", "2026-02-28", "2026-03-28"]),
        ("every 4 weeks from 2025-12-11", ["2026-01-08", "2026-02-05", "2026-03-05"]),
        ("every 4 weeks from 2026-02-05", ["2026-02-05", "2026-03-05"]),
    ],
)
def test_a_calendar_gives_the_days_its_words_say(words, days):
    found = Recurring.parse(words).days(date(2026, 1, 1), date(2026, 3, 31))

    assert [str(day) for day in found] == days
    assert str(Recurring.parse(words)) == words


def test_every_week_is_said_in_words_of_its_own():
    rule = Recurring.parse("every week from 2026-01-06")

    assert str(rule) == "every week from 2026-01-06"
    assert [d.day for d in rule.days(date(2026, 1, 7), date(2026, 1, 31))] == [13, 20, 27]


@pytest.mark.parametrize(
    "words",
    [
        "5th Thursday of the month",
        "monthly",
        "every 0 weeks from 2026-01-06",
        "every 2 weeks",
        "every 2 weeks from 2026-02-30",
        "2nd thursday of the month",
        4,
    ],
)
def test_a_calendar_nobody_can_read_is_refused(words):
    with pytest.raises(ValueError, match="2nd Thursday of the month"):
        Recurring.parse(words)


@pytest.mark.parametrize(
    ("first", "often", "words"),
    [
        (date(2026, 1, 8), "monthly", "2nd Thursday of the month"),
        (date(2026, 1, 30), "monthly", "last Friday of the month"),
        (date(2026, 1, 8), "fortnightly", "every 2 weeks from 2026-01-08"),
        (date(2026, 1, 8), "weekly", "every week from 2026-01-08"),
    ],
)
def test_a_first_meeting_and_how_often_make_a_calendar(first, often, words):
    assert str(Recurring.like(first, often)) == words


def held(rules: Policy, words: str, first: date, last: date) -> list[str | None]:
    return [str(day) if day else None for _, day in planned_days(Recurring.parse(words), first, last, rules)]


def test_a_meeting_on_a_bank_holiday_gives_way_as_the_policy_says():
    # Good Friday is 3 April 2026 and Easter Monday the 6th: the next working day is Tuesday the 7th.
    april = (date(2026, 4, 1), date(2026, 4, 30))
    after = policy(meetings={"on_a_day_off": "the working day after"})
    before = policy(meetings={"on_a_day_off": "the working day before"})
    none = policy(meetings={"on_a_day_off": "no meeting"})

    assert held(after, "1st Friday of the month", *april) == ["2026-04-07"]
    assert held(before, "1st Friday of the month", *april) == ["2026-04-02"]
    assert held(none, "1st Friday of the month", *april) == [None]


def test_an_authoritys_own_closing_days_are_days_off_for_its_meetings():
    closed = policy(
        calendar={"closedown_days": (date(2026, 1, 8),)}, meetings={"on_a_day_off": "the working day after"}
    )

    assert held(closed, "2nd Thursday of the month", date(2026, 1, 1), date(2026, 1, 31)) == ["2026-01-09"]


def test_papers_are_due_in_working_days_before_the_meeting():
    # Five working days before Thursday 8 January 2026, over New Year's Day: Wednesday the 31st of December.
    assert papers_due_on("Review Group", date(2026, 1, 8), leicestershire()) == date(2025, 12, 31)
    assert papers_due_on("Permanence Panel", date(2026, 1, 7), leicestershire()) == date(2025, 12, 30)
    assert papers_due_on("KDD", date(2026, 1, 7), leicestershire()) is None


def test_a_child_who_is_ready_two_days_late_misses_the_december_panel_and_waits_four_weeks():
    # Ready on Tuesday 9 December; the papers for the 12th were due on Friday the 5th: two working days.
    made = making(PANELS, ready_on=date(2025, 12, 9), calendar=calendar())

    assert made.makes is not None
    assert made.makes.ref == "MT-JAN"
    assert made.missed is not None
    assert (made.missed.sitting.ref, made.missed.working_days, made.missed.costs_days) == ("MT-DEC", 2, 28)
    assert in_weeks(made.missed.costs_days) == "four weeks"


def test_the_day_papers_are_due_is_still_in_time():
    made = making(PANELS, ready_on=date(2025, 12, 5), calendar=calendar())

    assert made.makes is not None
    assert (made.makes.ref, made.missed, made.at_stake_days) == ("MT-DEC", None, 28)


def test_after_the_last_meeting_on_the_calendar_there_is_none_to_make():
    made = making(PANELS, ready_on=date(2026, 2, 1), calendar=calendar())

    assert (made.makes, made.missed, made.then) == (None, None, None)


@pytest.mark.parametrize(
    ("days", "words"), [(7, "one week"), (28, "four weeks"), (10, "10 days"), (1, "1 day"), (84, "12 weeks")]
)
def test_a_stretch_of_days_is_said_as_people_say_it(days, words):
    assert in_weeks(days) == words
