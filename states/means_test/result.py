"""What comes of a means test: every step, unrounded, with its words, its rule and the policy behind it (R-MT-8)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final, Self

from pydantic import TypeAdapter

from states.means_test.household import Household
from states.means_test.words import TIMES_A_YEAR, Per, Purpose
from states.money import PENNY

#: Enough digits that amounts by the year stay exact through every step, and a half penny is a half penny.
EXACT: Final = Context(prec=60, rounding=ROUND_HALF_UP)


def a(period: Per, annual: Decimal) -> Decimal:
    """An amount by the year as an amount a week or a month, unrounded: 52 weeks are 12 months (R-MT-8)."""
    return EXACT.divide(annual, Decimal(TIMES_A_YEAR[period]))


def to_the_penny(amount: Decimal) -> Decimal:
    """Rounded half-up, as an award is and as figures are shown (R-MT-8)."""
    return amount.quantize(PENNY, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """A policy value that a step used, and whose authority it rests on (rules 0.1)."""

    key: str
    value: str
    mark: str
    check: str | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line below a step: what it is, what it is by the year, and why it is not counted where it is not."""

    words: str
    annual: Decimal
    counted: bool = True
    why: str = ""


class Letter(StrEnum):
    """The steps of the model, by its letters (R-MT-1)."""

    INCOME = "A"
    KEPT = "B"
    COSTS = "C"
    DISPOSABLE = "D"
    ALLOWANCE = "E"
    CONTRIBUTION = "F"
    AWARD = "G"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: its letter, what it is called, how it was worked out in plain words, and what it comes to."""

    letter: Letter
    title: str
    words: str
    rule: str
    annual: Decimal
    lines: tuple[Line, ...] = ()
    uses: tuple[Used, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a birthday will change: from that day on, the allowance of the next age band (R-MT-12)."""

    on: date
    age: int
    allowance: Decimal
    award: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """What one child's support comes to: steps E to G, and the award by the week and by the month, in pence."""

    name: str
    age: int
    band: str
    steps: tuple[Step, ...]
    annual: Decimal
    weekly: Decimal
    monthly: Decimal
    per: Per
    nil_because: str = ""
    next_change: Change | None = None
    ends_on: date

    @property
    def amount(self) -> Decimal:
        """The award as it is paid: by the week or by the month, as the policy says."""
        return self.monthly if self.per is Per.MONTH else self.weekly


@dataclass(frozen=True, slots=True, kw_only=True)
class MeansTest:
    """A means test worked out: what was asked, the household's steps, each child's award, and what to know."""

    asked: Household
    authority: str
    steps: tuple[Step, ...]
    children: tuple[Award, ...]
    not_tested_because: str
    child_benefit_rule: Used
    stand_ins: tuple[str, ...]
    policy_sha256: str

    @property
    def on(self) -> date:
        """The day it was worked out for."""
        return self.asked.on

    @property
    def is_illustration(self) -> bool:
        """Whether it decides nothing (R-MT-10)."""
        return self.asked.purpose is Purpose.ILLUSTRATION

    @property
    def per(self) -> Per:
        """What awards are paid by."""
        return self.children[0].per

    @property
    def total(self) -> Decimal:
        """All children's awards together, as they are paid."""
        return sum((child.amount for child in self.children), Decimal(0))

    @property
    def mark(self) -> str:
        """The mark that a sheet and a record name it by: equal for equal input under an equal policy."""
        return sha256(self.canonical().encode()).hexdigest()[:16]

    def canonical(self) -> str:
        """Everything in one fixed form: what is kept, and what the mark is the hash of."""
        return json.dumps(_plain(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_canonical(cls, text: str) -> Self:
        """The means test that `canonical` wrote. Raises ValueError where it is none."""
        return TypeAdapter(cls).validate_json(text)

    def content(self) -> dict[str, Any]:
        """Everything as JSON can hold it; amounts as text, by the year unrounded, and by week and month beside."""
        content: dict[str, Any] = _plain(self)
        about = {"mark": self.mark, "purpose": self.asked.purpose.value, "on": self.on.isoformat()}
        return content | about | {"per": self.per.value}


def _plain(value: Any) -> Any:
    if isinstance(value, Household):
        return value.content()
    if is_dataclass(value) and not isinstance(value, type):
        plain = {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
        if isinstance(value, Step | Line):
            plain |= {"weekly": str(a(Per.WEEK, value.annual)), "monthly": str(a(Per.MONTH, value.annual))}
        if isinstance(value, Award):
            plain |= {"amount": str(value.amount)}
        return plain
    match value:
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case StrEnum():
            return value.value
        case tuple():
            return [_plain(one) for one in value]
        case Mapping():
            return {key: _plain(one) for key, one in value.items()}
        case _:
            return value
