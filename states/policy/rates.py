"""The rates that change from year to year, as dated tables: an allowance's age bands, benefits (rules 7.4).

A table holds from its day until the day before the next table's. The last one holds on, too, but past the day
for which the authority gave it (`until` in the policy file) it is only a stand-in, and every sheet says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from states.policy.values import Day, Words

_MOST = Decimal(10_000_000)


def exact_number(value: object) -> Decimal:
    """A number of a file as it was written there: `0.80`, `26.05`, `40`. Raises ValueError for anything else."""
    if isinstance(value, Decimal | int | str) and not isinstance(value, bool):
        try:
            number = Decimal(value)
        except ArithmeticError:
            number = Decimal("NaN")
        if number.is_finite() and -_MOST <= number <= _MOST:
            return number.normalize() + 0 if number else Decimal(0)
    raise ValueError("must be a number such as 26.05 without quotes")


def _whole_pence(amount: Decimal) -> Decimal:
    if amount != amount.quantize(Decimal("0.01")):
        raise ValueError("must be an amount in pounds with at most two places")
    return amount


Share = Annotated[Decimal, BeforeValidator(exact_number), Field(ge=0, le=1)]
Factor = Annotated[Decimal, BeforeValidator(exact_number), Field(ge=0, le=10)]
Pence = Annotated[Decimal, BeforeValidator(exact_number), AfterValidator(_whole_pence), Field(ge=0)]
"""An amount in pounds, to the penny, not below nought: exact as the file has it."""


class RateTable(BaseModel):
    """Rates in force from a London date."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    from_on: Day = Field(alias="from")


class Band(BaseModel):
    """One age band of an allowance: from this age until the next band's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    from_age: Annotated[int, Field(strict=True, ge=0, le=17)]
    pounds: Pence


def _bands_climb(bands: tuple[Band, ...]) -> tuple[Band, ...]:
    if bands[0].from_age != 0 or any(low.from_age >= high.from_age for low, high in pairwise(bands)):
        raise ValueError("must begin at from_age = 0 and go up from band to band")
    return bands


class AllowanceTable(RateTable):
    """A fostering allowance by age band, a week or a month (rules 7.4, R-MON-9)."""

    region: Words
    per: Literal["week", "month"]
    bands: Annotated[tuple[Band, ...], Field(min_length=1), AfterValidator(_bands_climb)]

    def band_at(self, age: int) -> Band:
        """The band of an age in whole years."""
        return [band for band in self.bands if band.from_age <= age][-1]


class PersonalAllowances(RateTable):
    """What a household is taken to need to live on, a week: Income Support's personal allowances (R-MT-1)."""

    single_under_25: Pence
    single_from_25: Pence
    couple: Pence
    dependent_child: Pence


class ChildBenefitRates(RateTable):
    """Child Benefit a week: for the eldest or only child, and for each other one (rules 7.4)."""

    eldest: Pence
    others: Pence


T = TypeVar("T", bound=RateTable)


def _in_order(tables: tuple[T, ...]) -> tuple[T, ...]:
    named: dict[str, list[date]] = {}
    for table in tables:
        named.setdefault(str(getattr(table, "region", "")), []).append(table.from_on)
    if any(first >= then for days in named.values() for first, then in pairwise(days)):
        raise ValueError("must have its tables in the order of their dates, each date once")
    return tables


Allowances = Annotated[tuple[AllowanceTable, ...], AfterValidator(_in_order)]
PersonalTables = Annotated[tuple[PersonalAllowances, ...], Field(min_length=1), AfterValidator(_in_order)]
ChildBenefitTables = Annotated[tuple[ChildBenefitRates, ...], Field(min_length=1), AfterValidator(_in_order)]


def table_on(tables: Sequence[T], on: date) -> T | None:
    """The table in force on a London date; None before the first."""
    there = [table for table in tables if table.from_on <= on]
    return there[-1] if there else None

