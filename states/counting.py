"""How a deadline is counted: its number and unit from an anchor, and what a pause gives back (rules R-CLK).

The catalogues of deadlines, `states/deadlines.py` and `states/deadlines_funding.py`, are written in these words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from states.calendar import Calendar
from states.policy import Policy
from states.vocabulary import Count, Unit

Number = Callable[[Policy], int]
ONE_DAY = timedelta(days=1)


def working_days(number: Number) -> Count:
    """So many working days after the anchor."""
    return Count(unit=Unit.WORKING_DAYS, number=number)


def working_days_before(number: Number) -> Count:
    """So many working days before the anchor."""
    return Count(unit=Unit.WORKING_DAYS, number=number, backwards=True)


def days(number: Number) -> Count:
    """So many calendar days after the anchor."""
    return Count(unit=Unit.DAYS, number=number)


def weeks(number: Number) -> Count:
    """So many weeks after the anchor."""
    return Count(unit=Unit.WEEKS, number=number)


def months(number: Number) -> Count:
    """Must be done by the corresponding date, clipped to the month's end (rules R-CLK-4)."""
    return Count(unit=Unit.MONTHS, number=number)


def not_before_months(number: Number) -> Count:
    """Must not happen before the corresponding date, rolled to the 1st (rules R-CLK-4)."""
    return Count(unit=Unit.MONTHS, number=number, not_before=True)


AS_GIVEN = Count(unit=Unit.GIVEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A stretch in which clocks stood still: from the first day to the day before they went on."""

    from_on: date
    until_on: date | None


def after_pauses(
    first_due: date, unit: Unit, opened_on: date, standing: tuple[Standing, ...], calendar: Calendar
) -> date | None:
    """A due date moved on by the pauses since it was opened, in its own unit; None while one is open.

    Rules R-CLK-9; a pause gives back its actual length, working days for working days: the days on which the
    clock stood, from the first day to the day before it went on. `opened_on` is the day the clock started.
    """
    due = first_due
    for pause in sorted(standing, key=lambda s: s.from_on):
        start = max(pause.from_on, opened_on)
        if start > due:
            continue  # it was late before anything stood still
        if pause.until_on is None:
            return None
        if pause.until_on <= start:
            continue
        if unit is Unit.WORKING_DAYS:
            stood = calendar.working_days_between(start - ONE_DAY, pause.until_on - ONE_DAY)
            due = calendar.add_working_days(due, stood)
        else:
            due += pause.until_on - start
    return due
