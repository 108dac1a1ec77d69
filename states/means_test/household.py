"""What a means test asks: the household, its income and outgoings, and the children support is sought for."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from states.means_test.words import BesideIncome, IncomeKind, OutgoingKind, Part, Per, Purpose
from states.money import Pounds
from states.records.base import Record, Row, choice, choices, day, money, rows, text, yes_no


class Income(Row):
    """A line of income (R-MT-2)."""

    what: IncomeKind = choice("What it is")
    amount: Pounds = money("How much", "In pounds, after tax, National Insurance and pension.")
    per: Per = choice("How often", "A yearly bonus goes in by the year: a twelfth counts each month.")
    note: str | None = text("Whose, or what it is", optional=True)


class Outgoing(Row):
    """A line of outgoings (R-MT-3)."""

    what: OutgoingKind = choice("What it is", "Without what is spent on the child.")
    amount: Pounds = money("How much", "In pounds.")
    per: Per = choice("How often")
    note: str | None = text("What it is for", optional=True)


class Member(Row):
    """Somebody of the household who is not a child support is sought for (R-MT-1, R-MT-6)."""

    part: Part = choice("Who it is")
    born: date = day("Date of birth")
    name: str | None = text("Name", optional=True)
    child_benefit: bool | None = yes_no(
        "Is Child Benefit paid for them?", "For a dependent child. Yes, if left empty.", optional=True
    )


class Sought(Row):
    """A child for whom support is sought."""

    name: str = text("Name", "As it is to stand on the sheet.", longest=100)
    born: date = day("Date of birth")
    child_benefit: bool | None = yes_no(
        "Is Child Benefit paid for the child, or can it be claimed?",
        "It can be once the child has left care. Yes, if left empty.",
        optional=True,
    )


class Household(Record):
    """The whole form of a means test."""

    kind: ClassVar[str] = "means_test"
    rule: ClassVar[str] = "R-MT-1"

    on: date = day("The day it is worked out for")
    purpose: Purpose = choice("What it is for", "An illustration decides nothing, and says so.")
    children: tuple[Sought, ...] = rows("Children support is sought for", at_least=1)
    household: tuple[Member, ...] = rows("Other people in the household", "The carers first.", at_least=1)
    income: tuple[Income, ...] = rows("Income")
    outgoings: tuple[Outgoing, ...] = rows("Outgoings")
    other_benefits: tuple[BesideIncome, ...] = choices("Help with rent or council tax that is received")
    foster_carer: bool | None = yes_no(
        "Is a carer the child's foster carer until the order?", "No, if left empty.", optional=True
    )
    order_made_on: date | None = day("When the order was made", "If it has been.", optional=True)
