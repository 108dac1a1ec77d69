"""The rates a means test looks up, and where one only stands in for another (rules 7.4, R-MON-9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from states.calendar import Calendar
from states.means_test.household import Household, Member
from states.means_test.result import Line, Used
from states.means_test.words import TIMES_A_YEAR, Part, Per
from states.money import shown
from states.policy import Policy
from states.policy.rates import AllowanceTable, Band, ChildBenefitRates, PersonalAllowances, RateTable, table_on
from states.policy.values import plain

YOUNG = 25
T = TypeVar("T", bound=RateTable)


def in_a_year(amount: Decimal, per: Per) -> Decimal:
    """An amount by the year: exact, as nothing is divided."""
    return amount * TIMES_A_YEAR[per]


def used(policy: Policy, section: str, key: str, value: str | None = None) -> Used:
    """A policy value as a step names it; `value` in words where the whole is a table."""
    part = getattr(policy, section)
    origin = part.origin[key]
    said = plain(getattr(part, key)) if value is None else value
    words = ", ".join(map(str, said)) if isinstance(said, list) else str(said)
    return Used(key=f"{section}.{key}", value=words, mark=str(origin.mark), check=origin.check, source=origin.source)


def in_words(on: date) -> str:
    """A date in words."""
    return f"{on.day} {on:%B %Y}"


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of a day. A day without rates was refused before (`checks.still_needed`)."""

    policy: Policy
    on: date

    @property
    def _local(self) -> AllowanceTable | None:
        return table_on(self.policy.rates.local_allowance, self.on)

    @property
    def _allowance(self) -> AllowanceTable:
        rates = self.policy.rates
        national = [table for table in rates.national_minimum_allowance if table.region == rates.region]
        return self._local or _there(national, self.on)

    @property
    def _allowance_key(self) -> str:
        return "local_allowance" if self._local else "national_minimum_allowance"

    def allowance(self, age: int) -> tuple[Decimal, Band, Used]:
        """The fostering allowance of an age by the year, its band, and where it stands."""
        table = self._allowance
        band = table.band_at(age)
        amount = f"{shown(band.pounds)} a {table.per} for {self.band_words(age)}"
        words = f"{table.region}, from {in_words(table.from_on)}: {amount}"
        about = used(self.policy, "rates", self._allowance_key, words)
        return in_a_year(band.pounds, Per(table.per)), band, about

    def band_words(self, age: int) -> str:
        """The band of an age in words: "ages 5 to 10"."""
        band, following = self._allowance.band_at(age), self.next_band(age)
        last = (following.from_age if following else self.policy.scope.ends_at_age) - 1
        return f"ages {band.from_age} to {last}" if last > band.from_age else f"age {band.from_age}"

    def next_band(self, age: int) -> Band | None:
        """The band that follows; None in the last one."""
        return next((band for band in self._allowance.bands if band.from_age > age), None)

    def personal(self, asked: Household, calendar: Calendar) -> tuple[tuple[Line, ...], Used]:
        """What the household's other members are taken to need, a line each; a couple has one line (R-MT-1, R-MT-6)."""
        table: PersonalAllowances = _there(self.policy.rates.personal_allowances, self.on)
        couple = any(member.part is Part.PARTNER for member in asked.household)
        lines = []
        for member in asked.household:
            if member.part is Part.PARTNER:
                continue
            if couple and member.part is Part.CARER:
                words, weekly = "A couple", table.couple
            elif member.part is Part.DEPENDENT_CHILD:
                words, weekly = "A dependent child", table.dependent_child
            else:
                words, weekly = self._single(member, calendar, table)
            named = f"{words} ({member.name})" if member.name and words != "A couple" else words
            lines.append(Line(words=named, annual=in_a_year(weekly, Per.WEEK)))
        rows = f"from {in_words(table.from_on)}"
        return tuple(lines), used(self.policy, "rates", "personal_allowances", rows)

    def _single(self, member: Member, calendar: Calendar, table: PersonalAllowances) -> tuple[str, Decimal]:
        young = calendar.age_on(member.born, self.on) < YOUNG
        word = f"{'under' if young else 'from'} {YOUNG}"
        return f"A single {member.part} {word}", table.single_under_25 if young else table.single_from_25

    def child_benefit(self, *, eldest: bool) -> tuple[Decimal, Used]:
        """Child Benefit for one child by the year: the eldest or only child's rate, or the others'."""
        table: ChildBenefitRates = _there(self.policy.rates.child_benefit, self.on)
        weekly, which = (
            (table.eldest, "the eldest or only child") if eldest else (table.others, "a child who is not the eldest")
        )
        words = f"from {in_words(table.from_on)}: {shown(weekly)} a week for {which}"
        return in_a_year(weekly, Per.WEEK), used(self.policy, "rates", "child_benefit", words)

    def stand_ins(self) -> tuple[str, ...]:
        """Every rate that only stands in for one that has not been entered, in words for the sheet."""
        found = []
        if self._local is None:
            found.append(
                "The council's own fostering allowance is not entered for this day. The national minimum fostering "
                f"allowance ({self._allowance.region}) stands in for it; the council's own may be higher."
            )
        for key, what in (
            (self._allowance_key, "fostering allowance"),
            ("personal_allowances", "personal allowances"),
            ("child_benefit", "Child Benefit"),
        ):
            until = self.policy.rates.origin[key].until
            if until is not None and self.on > until:
                found.append(
                    f"The rates of {what} were given until {in_words(until)}. No later ones are entered, so those "
                    "stand in for the rates of this day."
                )
        return tuple(found)


def _there(tables: Sequence[T], on: date) -> T:
    table = table_on(tables, on)
    if table is None:
        raise LookupError(f"no rate is known for {on}")
    return table
