"""When somebody works: their own days of the week, without bank holidays and closedown days (practice PT-19)."""

from __future__ import annotations

from datetime import date, timedelta

from persistence.tables import Person
from states.calendar import Calendar

_DAY = timedelta(days=1)
#: Longer than any run of days off that a pattern and the calendar can make together.
_LOOK_AHEAD = 60


def at_work(person: Person, day: date, calendar: Calendar) -> bool:
    """Whether a person's pattern has them at work on a London date."""
    return str(day.isoweekday()) in person.working_days and not calendar.is_closed(day)


def next_at_work(person: Person, day: date, calendar: Calendar) -> date:
    """The first day on or after a London date on which a person works."""
    for ahead in range(_LOOK_AHEAD):
        if at_work(person, day + _DAY * ahead, calendar):
            return day + _DAY * ahead
    return day + _DAY * _LOOK_AHEAD
