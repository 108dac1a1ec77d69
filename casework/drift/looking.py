"""Ask the rules of the night of a stretch of cases: the night does, and whoever looks back (design 5.10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from casework.drift.as_of import AsOf
from casework.drift.findings import Lapse
from casework.drift.rules import DriftRule


def look(
    session: Session, night: AsOf, rules: Iterable[DriftRule], cases: frozenset[int]
) -> dict[str, Mapping[int, Lapse]]:
    """What each rule finds in these cases, by rule and case; rules about the authority find nothing in them."""
    chunk = {"first_case": min(cases, default=0), "last_case": max(cases, default=0)}
    return {
        rule.id: {
            row.case_id: _lapse(night, rule, row)
            for row in session.execute(night.asked(rule.find), chunk)
            if row.case_id in cases
        }
        for rule in rules
        if rule.find is not None
    }


def _lapse(night: AsOf, rule: DriftRule, row: Any) -> Lapse:
    severity = rule.severity_of(urgent=bool(getattr(row, "urgent", False)))
    return Lapse(since=rule.since(night, row), severity=severity)


def count_missing(session: Session, night: AsOf, rules: Iterable[DriftRule], cases: frozenset[int]) -> dict[str, int]:
    """In how many of these cases each rule cannot tell, because a date is not known."""
    chunk = {"first_case": min(cases, default=0), "last_case": max(cases, default=0)}
    return {
        rule.id: sum(row.case_id in cases for row in session.execute(night.asked(rule.missing), chunk))
        for rule in rules
        if rule.missing is not None
    }
