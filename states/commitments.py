"""What an agreed sum comes to in a financial year: pure arithmetic, in pounds and pence (practice PM-5, PM-7).

A full year of an allowance is 52 weeks or 12 months (R-MT-8); of a part of a year as many days count as it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Self

from states.money import PENNY

APRIL = 4
NIL = Decimal("0.00")


@dataclass(frozen=True, slots=True, order=True)
class FinancialYear:
    """A local authority's year, from 1 April to 31 March: `FinancialYear(2026)` begins in April 2026."""

    begins_in: int

    @classmethod
    def of(cls, on: date) -> Self:
        """The year that a London date lies in."""
        return cls(on.year if on.month >= APRIL else on.year - 1)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.begins_in, APRIL, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.next.first - timedelta(days=1)

    @property
    def next(self) -> FinancialYear:
        """The year after it."""
        return FinancialYear(self.begins_in + 1)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def __str__(self) -> str:
        return f"{self.begins_in}/{(self.begins_in + 1) % 100:02}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """A sum that is agreed: `times_a_year` is 0 for one that is paid once. `last_day` may be unknown: it goes on."""

    amount: Decimal
    times_a_year: int
    starts_on: date
    last_day: date | None = None

    @property
    def full_year(self) -> Decimal:
        """What it comes to in a whole year; a single sum comes to itself."""
        return (self.amount * (self.times_a_year or 1)).quantize(PENNY)

    def in_year(self, year: FinancialYear, *, until: date | None = None) -> Decimal:
        """What of it falls in a year, or in the part of it up to and with a date."""
        end = year.last if until is None else min(year.last, until)
        if not self.times_a_year:
            return self.full_year if year.first <= self.starts_on <= end else NIL
        first = max(year.first, self.starts_on)
        last = end if self.last_day is None else min(end, self.last_day)
        days = max(0, (last - first).days + 1)
        return (self.full_year * days / year.days).quantize(PENNY, ROUND_HALF_UP)

    def altogether(self) -> Decimal:
        """What it comes to until its last day, year by year; a full year where it has none."""
        if not self.times_a_year or self.last_day is None:
            return self.full_year
        year, total = FinancialYear.of(self.starts_on), NIL
        while year.first <= self.last_day:
            total += self.in_year(year)
            year = year.next
        return total
