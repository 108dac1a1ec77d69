"""Looked-after reviews, visits and the plan they make: the case system's business, off by default (practice PN-1).

What an import said of them is all there is. Where it said nothing, nothing is late: it is not known.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, func, not_, or_, select

from casework.drift.as_of import AsOf, Columns
from persistence.tables import Case, Child, Visit
from states.stages import WITH_ORDER
from states.standing import TO_LAST

#: Months of a placement in which visits are as frequent as the law asks at first (rules R-LAC-4).
FIRST_YEAR = 12
_WEEK = 7


def _looked_after(night: AsOf) -> ColumnElement[bool]:
    return and_(
        night.within(Case.id, Child.case_id),
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


def _last_visit(night: AsOf) -> ScalarSelect[date]:
    theirs = and_(night.within(Visit.case_id), Visit.case_id == Case.id)
    return select(func.max(Visit.visited_on)).where(theirs, night.happened(Visit.visited_on)).scalar_subquery()


def _kept_since() -> ScalarSelect[date]:
    """The first visit that is known of any child: before it nobody told this system of visits."""
    return select(func.min(Visit.visited_on)).scalar_subquery()


def _settled(night: AsOf) -> ColumnElement[bool]:
    """Past the first year of a placement that is to last until the child is 18."""
    first_year_over = Child.placement_since < night.more_than_months_ago(FIRST_YEAR)
    return and_(Child.placement_code.in_(sorted(TO_LAST)), first_year_over)


def visit_overdue(night: AsOf) -> Columns:
    """No visit in the first days of a placement, or the last one too long ago for how long it has stood (R-LAC-4)."""
    policy = night.policy.reviews
    last, placed = _last_visit(night), Child.placement_since
    not_in_this_placement = or_(
        and_(last < placed, Child.placement_exact),  # "on or before": the visit may have been in it
        and_(last.is_(None), placed > _kept_since()),
    )
    at_first = and_(placed < night.more_than_days_ago(_WEEK * policy.visit_first_weeks), not_in_this_placement)
    long_ago = case(
        (_settled(night), night.more_than_months_ago(policy.visit_then_months)),
        else_=night.more_than_days_ago(_WEEK * policy.visit_weeks),
    )
    since_then = and_(last < long_ago, or_(placed.is_(None), last >= placed, not_(Child.placement_exact)))
    return (
        select(
            Case.id.label("case_id"),
            placed.label("since"),
            Child.placement_exact.label("exact"),
            last.label("last"),
            case((_settled(night), True), else_=False).label("settled"),
        )
        .join(Child, Child.case_id == Case.id)
        .where(_looked_after(night), or_(at_first, since_then))
    )


def visit_was_due(night: AsOf, row: Any) -> date:
    """The day by which the visit that was missed should have been (rules R-LAC-4)."""
    policy = night.policy.reviews
    last, placed = row.last, row.since
    if last is None or (placed is not None and last < placed and row.exact):
        first: date = placed + timedelta(weeks=policy.visit_first_weeks)
        return first
    if row.settled:
        return night.calendar.add_months_by(last, policy.visit_then_months)
    due: date = last + timedelta(weeks=policy.visit_weeks)
    return due


def no_visit_dates(night: AsOf) -> Columns:
    """Of whom no visit is known, and who was placed before any was told here: it cannot be said."""
    before = or_(Child.placement_since.is_(None), Child.placement_since <= _kept_since(), _kept_since().is_(None))
    return (
        select(Case.id.label("case_id"), Case.opened_on.label("since"))
        .join(Child, Child.case_id == Case.id)
        .where(_looked_after(night), _last_visit(night).is_(None), before)
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
