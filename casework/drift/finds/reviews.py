"""Looked-after reviews, visits and the plan they make: the case system's business, off by default (practice PN-1).

What an import said of them is all there is. Where it said nothing, nothing is late: it is not known.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from casework.drift.as_of import AsOf, Columns
from persistence.tables import Case, Child
from states.stages import WITH_ORDER


def _looked_after(night: AsOf) -> ColumnElement[bool]:
    return and_(
        night.within(Case.id),
        or_(Child.looked_after_ended_on.is_(None), night.to_come(Child.looked_after_ended_on)),
        night.state().not_in([state.name for state in WITH_ORDER]),
    )


def review_overdue(night: AsOf) -> Columns:
    """The review that was announced has gone by; where none was, the last one is too long ago, or the first late."""
    policy = night.policy.reviews
    last_too_old = Child.last_review_on < night.more_than_months_ago(policy.then_months)
    never = Child.looked_after_since < night.more_than_working_days_ago(policy.first_working_days)
    none_announced = and_(
        Child.next_review_on.is_(None), or_(last_too_old, and_(Child.last_review_on.is_(None), never))
    )
    return (
        select(
            Case.id.label("case_id"),
            Child.looked_after_since.label("since"),
            Child.last_review_on.label("last"),
            Child.next_review_on.label("next"),
        )
        .join(Child, Child.case_id == Case.id)
        .where(_looked_after(night), or_(Child.next_review_on < night.day, none_announced))
    )


def review_was_due(night: AsOf, row: Any) -> date:
    """The day of the review that was missed (rules R-LAC-1)."""
    policy = night.policy.reviews
    if row.next is not None:
        announced: date = row.next
        return announced
    if row.last is not None:
        return night.calendar.add_months_by(row.last, policy.then_months)
    return night.calendar.statutory.add_working_days(row.since, policy.first_working_days)


def no_review_dates(night: AsOf) -> Columns:
    """No source has said when a review was or will be."""
    return (
        select(Case.id.label("case_id"), Case.opened_on.label("since"))
        .join(Child, Child.case_id == Case.id)
        .where(
            _looked_after(night),
            Child.next_review_on.is_(None),
            Child.last_review_on.is_(None),
            Child.looked_after_since.is_(None),
        )
    )


def visit_overdue(night: AsOf) -> Columns:
    """Nothing: no source that is read here says when a child was visited."""
    return select(Case.id.label("case_id"), Case.opened_on.label("since")).where(
        night.within(Case.id), Case.ref.is_(None)
    )


def no_visit_dates(night: AsOf) -> Columns:
    """Every looked-after child: visits are not known here."""
    return (
        select(Case.id.label("case_id"), Case.opened_on.label("since"))
        .join(Child, Child.case_id == Case.id)
        .where(_looked_after(night))
    )


def no_plan_by_second_review(night: AsOf) -> Columns:
    """Looked after for longer than it takes to the second review, and no plan for permanence is known."""
    return (
        select(Case.id.label("case_id"), Child.looked_after_since.label("since"))
        .join(Child, Child.case_id == Case.id)
        .where(
            _looked_after(night),
            Child.permanence_plan.is_(None),
            Child.looked_after_since < night.too_long_ago(lambda day: second_review_by(night, day)),
        )
    )


def second_review_by(night: AsOf, start: date) -> date:
    """The latest day of the second review of a child who came into care on a day (rules R-LAC-1)."""
    first = night.calendar.statutory.add_working_days(start, night.policy.reviews.first_working_days)
    return night.calendar.add_months_by(first, night.policy.reviews.second_months)


def plan_was_due(night: AsOf, row: Any) -> date:
    """The latest day of the second review."""
    return second_review_by(night, row.since)


def no_care_date(night: AsOf) -> Columns:
    """No plan is known, nor since when the child has been looked after."""
    return (
        select(Case.id.label("case_id"), Case.opened_on.label("since"))
        .join(Child, Child.case_id == Case.id)
        .where(_looked_after(night), Child.permanence_plan.is_(None), Child.looked_after_since.is_(None))
    )
