"""Calendar arithmetic: working days, months, birthdays and London dates (rules R-CLK-1 to R-CLK-9).

Everything is a plain London date. Bank holidays come from the pinned library `holidays`; where it
knows nothing, `CalendarTooShort` is raised, for a wrong deadline is worse than none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal, Self
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from states.policy.document import Policy
from states.policy.sections import CalendarPolicy
from states.policy.values import Span, SpanUnit

if TYPE_CHECKING:
    import holidays

LONDON = ZoneInfo("Europe/London")
_DAY = timedelta(days=1)
_SATURDAY = 5


class CalendarTooShort(Exception):
    """A date lies where no bank holidays are known."""


def london_date(now: datetime) -> date:
    """The business date of an instant: its date in London (rules R-CLK-8).

    Raises ValueError for an instant without a time zone, whose date nobody can know.
    """
    if now.tzinfo is None:
        raise ValueError("An instant needs its time zone: pass an aware datetime.")
    return now.astimezone(LONDON).date()


@cache
def known_years(region: str) -> tuple[int, int]:
    """First and last year whose bank holidays the library can give for a region such as "GB-ENG".

    Raises ValueError for a region it does not know.
    """
    known = _library(region, ())
    return known.start_year, known.end_year


@cache
def bank_holidays(region: str, year: int) -> frozenset[date]:
    """The bank holidays of a year, substitute days among them (rules R-CLK-1).

    Raises CalendarTooShort for a year the library does not know.
    """
    first, last = known_years(region)
    if not first <= year <= last:
        raise CalendarTooShort(
            f"The bank holidays of {year} are not known, only those of {first} to {last}. "
            "Please check the date; if it is right, the calendar needs an update to give a deadline."
        )
    return frozenset(_library(region, (year,)))


@cache
def bank_holiday_name(region: str, day: date) -> str | None:
    """What a bank holiday is called; None for any other day. Raises CalendarTooShort."""
    return str(_library(region, (day.year,)).get(day)) if day in bank_holidays(region, day.year) else None


def _library(region: str, years: tuple[int, ...]) -> holidays.HolidayBase:
    import holidays  # an eighth of a command's start, and most commands count no working day

    country, _, part = region.partition("-")
    try:
        return holidays.country_holidays(country, subdiv=part or None, years=years, expand=False)
    except NotImplementedError:
        raise ValueError(f"{region} is not a region whose bank holidays are known") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The calendar of one authority. Made once with `Calendar.of(policy)`.

    Local clocks skip the authority's closedown days; for a statutory clock use `calendar.statutory`,
    which does not (rules R-CLK-1).
    """

    region: str = "GB-ENG"
    closedown_days: frozenset[date] = frozenset()
    leap_birthday: Literal["1 March", "28 February"] = "1 March"
    statutory_deadlines_roll: bool = False

    @classmethod
    def of(cls, policy: Policy) -> Calendar:
        """The calendar a policy sets; the same object for the same numbers."""
        return _calendar_of(policy.calendar)

    @property
    def statutory(self) -> Self:
        """This calendar without the local closedown days, for clocks that the law sets (R-CLK-1)."""
        return replace(self, closedown_days=frozenset()) if self.closedown_days else self

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday, no bank holiday, no closedown day (R-CLK-1). Raises CalendarTooShort."""
        known = bank_holidays(self.region, day.year)
        return day.weekday() < _SATURDAY and day not in known and day not in self.closedown_days

    def is_closed(self, day: date) -> bool:
        """A bank holiday or a closedown day, whatever the weekday: nobody's pattern has it (practice PT-19)."""
        return day in bank_holidays(self.region, day.year) or day in self.closedown_days

    def why_off(self, day: date) -> str | None:
        """What makes a date a day off, in words; None for a working day (R-CLK-1). Raises CalendarTooShort."""
        if (name := bank_holiday_name(self.region, day)) is not None:
            return name
        if day.weekday() >= _SATURDAY:
            return f"a {day:%A}"
        return "a closing day of the authority" if day in self.closedown_days else None

    def next_working_day(self, day: date) -> date:
        """The first working day on or after a date."""
        while not self.is_working_day(day):
            day += _DAY
        return day

    def previous_working_day(self, day: date) -> date:
        """The last working day on or before a date: when to warn of a deadline on a day off (R-CLK-6)."""
        while not self.is_working_day(day):
            day -= _DAY
        return day

    def add_working_days(self, day: date, number: int) -> date:
        """The date so many working days after `day`, which is day 0 (R-CLK-2); a negative number counts back.

        Never a day off, except that adding 0 leaves the date as it is.
        """
        step = _DAY if number > 0 else -_DAY
        left = abs(number)
        while left:
            day += step
            left -= self.is_working_day(day)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after `start` up to and with `end`; negative when `end` comes first.

        For a working day `end`: `add_working_days(start, working_days_between(start, end)) == end`.
        """
        if end < start:
            return -sum(self.is_working_day(end + _DAY * n) for n in range((start - end).days))
        return sum(self.is_working_day(start + _DAY * n) for n in range(1, (end - start).days + 1))

    def add_days(self, day: date, number: int) -> date:
        """The date so many calendar days after `day`, which is day 0 (R-CLK-2)."""
        return day + _DAY * number

    def add_weeks(self, day: date, number: int) -> date:
        """The same weekday so many weeks later (R-CLK-2)."""
        return day + timedelta(weeks=number)

    def add_months_by(self, day: date, number: int) -> date:
        """Where something must be done within so many months: 30 November + 3 is 28 February (R-CLK-4)."""
        return day + relativedelta(months=number)

    def add_months_not_before(self, day: date, number: int) -> date:
        """Where something may not happen for so many months: 30 November + 3 is 1 March (R-CLK-4)."""
        there = day + relativedelta(months=number)
        return there if there.day == day.day else there + _DAY

    def add(self, day: date, span: Span, *, not_before: bool = False) -> date:
        """A date moved on by a span of the policy; months and years as `not_before` says (R-CLK-4)."""
        match span.unit:
            case SpanUnit.DAYS:
                return self.add_days(day, span.count)
            case SpanUnit.WORKING_DAYS:
                return self.add_working_days(day, span.count)
            case SpanUnit.WEEKS:
                return self.add_weeks(day, span.count)
            case SpanUnit.MONTHS | SpanUnit.YEARS:
                months = span.count * (12 if span.unit is SpanUnit.YEARS else 1)
                return (self.add_months_not_before if not_before else self.add_months_by)(day, months)

    def expired_since(self, day: date, number: int) -> date:
        """The first date on which so many days have expired since `day`: the last must be over (R-CLK-5)."""
        return day + _DAY * (number + 1)

    def beginning_with_weeks(self, day: date, number: int) -> date:
        """The last day of a period of weeks that begins with `day`, which is day 1 (R-CLK-3)."""
        return day + timedelta(weeks=number) - _DAY

    def statutory_due_on(self, day: date) -> date:
        """Where a statutory deadline falls: where the law puts it (R-CLK-6).

        An authority may choose to bring one on a day off forward to the working day before; never back.
        """
        return self.statutory.previous_working_day(day) if self.statutory_deadlines_roll else day

    def reaches(self, born: date, age: Span) -> date:
        """The date on which somebody is as old as `age`; born 29 February: as the policy says (R-CLK-7)."""
        return self.add(born, age, not_before=self.leap_birthday == "1 March")

    def attains(self, born: date, years: int) -> date:
        """The birthday on which an age in years is reached, at 00:00 (R-CLK-7)."""
        return self.reaches(born, Span(years, SpanUnit.YEARS))

    def age_on(self, born: date, on: date) -> int:
        """Age in whole years. Raises ValueError for a date before birth."""
        if on < born:
            raise ValueError(f"{on} is before the date of birth.")
        years = on.year - born.year
        return years if self.attains(born, years) <= on else years - 1


@lru_cache(maxsize=32)
def _calendar_of(policy: CalendarPolicy) -> Calendar:
    known_years(policy.region)
    return Calendar(
        region=policy.region,
        closedown_days=frozenset(policy.closedown_days),
        leap_birthday=policy.leap_birthday,
        statutory_deadlines_roll=policy.statutory_deadlines_roll,
    )
