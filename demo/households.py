"""Invented households for means tests: who lives there, what comes in and what goes out (rules R-MT-1 to R-MT-3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from states.means_test.household import Household

#: Pay and rent of a month, council tax of a year; what else comes in or goes out; whether two look after the child.
_HOMES: Sequence[tuple[str, str, str, dict[str, str], dict[str, str], bool]] = (
    ("1985.40", "640", "1410", {}, {"what": "travel to work", "amount": "18.50", "per": "week"}, False),
    ("2410", "735", "1685", {"what": "bonus", "amount": "300", "per": "year"}, {}, True),
    ("1720.75", "0", "1320", {"what": "pension", "amount": "210", "per": "month"}, {}, False),
    ("2890", "910", "1920", {}, {"what": "childcare", "amount": "55", "per": "week"}, True),
    ("2155", "560", "1540", {}, {"what": "essential loan repayments", "amount": "85", "per": "month"}, True),
)


def household_of(name: str, born: date, *, on: date, number: int, illustration: bool) -> Household:
    """The household that asks with a number, for one child, on a London date: the same each time."""
    pay, rent, tax, income, outgoing, couple = _HOMES[number % len(_HOMES)]
    lives: list[dict[str, Any]] = [{"part": "carer", "born": f"{1964 + number % 17}-04-11"}]
    if couple:
        lives.append({"part": "carer's partner", "born": f"{1962 + number % 19}-09-02"})
    outgoings: list[dict[str, str]] = [
        {"what": "council tax after reduction", "amount": tax, "per": "year"},
        *([{"what": "rent after Housing Benefit", "amount": rent, "per": "month"}] if rent != "0" else []),
        *([outgoing] if outgoing else []),
    ]
    return Household.model_validate(
        {
            "on": on.isoformat(),
            "purpose": "illustration" if illustration else "decision",
            "children": [{"name": name, "born": born.isoformat()}],
            "household": lives,
            "income": [{"what": "pay", "amount": pay, "per": "month"}, *([income] if income else [])],
            "outgoings": outgoings,
            "other_benefits": [],
        }
    )
