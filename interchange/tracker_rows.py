"""The finance tracker as typed rows: what finance keeps of every agreed sum, and its columns (practice PM-5, PM-7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final


class CellKind(StrEnum):
    """What stands in a column: the spreadsheet's own type, never a text that looks like it."""

    TEXT = "text"
    DAY = "date"
    POUNDS = "pounds"
    WHOLE = "whole number"


Value = str | date | Decimal | int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: the field of the row it shows, its heading, its type, and how wide it is in characters."""

    field: str
    heading: str
    kind: CellKind
    width: int


def _columns(*lines: tuple[str, str, CellKind, int]) -> tuple[Column, ...]:
    return tuple(Column(field=field, heading=head, kind=kind, width=width) for field, head, kind, width in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerRow:
    """One agreed sum. References and numbers, no names: the council's own id says to finance whose it is."""

    request: str
    child: str
    council_id: str | None
    carer: str
    children: int
    kind: str
    purpose: str
    status: str
    amount: Decimal
    cycle: str
    starts_on: date | None
    last_day: date | None
    why_it_ends: str | None
    cost_code: str | None
    supplier: str | None
    decided_by: str | None
    decided_on: date | None
    clause: str | None
    contract: str | None
    reviewed_on: date | None
    review_due_on: date | None
    eighteen_on: date | None
    paid_to_date: Decimal
    this_year: Decimal
    next_year: Decimal
    full_year: Decimal


TEXT, DAY, POUNDS, WHOLE = CellKind.TEXT, CellKind.DAY, CellKind.POUNDS, CellKind.WHOLE

COLUMNS: Final = _columns(
    ("request", "Request", TEXT, 15),
    ("child", "Child", TEXT, 15),
    ("council_id", "Council id", TEXT, 12),
    ("carer", "Carer", TEXT, 14),
    ("children", "Children", WHOLE, 9),
    ("kind", "Kind", TEXT, 20),
    ("purpose", "Purpose", TEXT, 28),
    ("status", "Status", TEXT, 20),
    ("amount", "Amount", POUNDS, 13),
    ("cycle", "Paid", TEXT, 14),
    ("starts_on", "Start", DAY, 12),
    ("last_day", "End", DAY, 12),
    ("why_it_ends", "Why it ends", TEXT, 20),
    ("cost_code", "Cost code", TEXT, 12),
    ("supplier", "Supplier number", TEXT, 13),
    ("decided_by", "Decided by", TEXT, 18),
    ("decided_on", "Decided on", DAY, 12),
    ("clause", "Clause", TEXT, 38),
    ("contract", "Contract", TEXT, 20),
    ("reviewed_on", "Last review", DAY, 12),
    ("review_due_on", "Next review", DAY, 12),
    ("eighteen_on", "Eighteenth birthday", DAY, 12),
    ("paid_to_date", "Year to date", POUNDS, 14),
    ("this_year", "Committed this year", POUNDS, 14),
    ("next_year", "Committed next year", POUNDS, 14),
    ("full_year", "Full year", POUNDS, 14),
)
KEY: Final = COLUMNS[0]
TOTALLED: Final = frozenset({"paid_to_date", "this_year", "next_year", "full_year"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerChange:
    """A dated line: what became different of a sum, and who decided it."""

    request: str
    on: date
    what: str
    before: str | None
    after: str | None
    by: str


CHANGE_COLUMNS: Final = _columns(
    ("request", "Request", TEXT, 15),
    ("on", "On", DAY, 12),
    ("what", "What", TEXT, 40),
    ("before", "Before", TEXT, 30),
    ("after", "After", TEXT, 30),
    ("by", "By", TEXT, 22),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetLine:
    """What is committed of one kind against its budget, this year and next. No budget: nobody has entered one."""

    kind: str
    requests: int
    this_year: Decimal
    this_budget: Decimal | None
    next_year: Decimal
    next_budget: Decimal | None

    @property
    def this_left(self) -> Decimal | None:
        """What is left of this year's budget; below nought where it is overspent."""
        return None if self.this_budget is None else self.this_budget - self.this_year

    @property
    def next_left(self) -> Decimal | None:
        """What is left of next year's."""
        return None if self.next_budget is None else self.next_budget - self.next_year


BUDGET_COLUMNS: Final = _columns(
    ("kind", "Kind", TEXT, 30),
    ("requests", "Requests", WHOLE, 10),
    ("this_year", "Committed this year", POUNDS, 16),
    ("this_budget", "Budget this year", POUNDS, 16),
    ("this_left", "Left this year", POUNDS, 16),
    ("next_year", "Committed next year", POUNDS, 16),
    ("next_budget", "Budget next year", POUNDS, 16),
    ("next_left", "Left next year", POUNDS, 16),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracker:
    """The whole tracker on a day."""

    authority: str
    as_at: date
    made_for: str
    year: str
    year_after: str
    rows: tuple[TrackerRow, ...]
    changes: tuple[TrackerChange, ...]
    budget: tuple[BudgetLine, ...]
