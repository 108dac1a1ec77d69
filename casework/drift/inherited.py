"""What was late before the authority went live: shown as inherited, told a set number of children a month (PR-4).

The children of the opening backlog are released in an order that is always the same: whoever has something urgent
first, then whose lateness is oldest. From the night of a child's release their inherited findings are told and go
up the ladder like any other.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, and_, case, exists, func, insert, or_, select
from sqlalchemy.orm import Session

from casework import policies
from persistence.tables import BacklogRelease, Case, Finding, PolicyVersion
from states.calendar import Calendar, london_date


def went_live(session: Session, today: date) -> date | None:
    """The day the authority went live: what was late before it is inherited (practice PR-4)."""
    adopted = session.scalar(select(func.min(PolicyVersion.adopted_at)))
    if adopted is None:
        return None
    given = policies.in_force(session, today).policy.night.go_live
    return given if isinstance(given, date) else london_date(adopted)


def told_since(live_since: date | None) -> ColumnElement[date]:
    """Since when a finding is told: the night it was found, or the night its child was released."""
    first: ColumnElement[date] = Finding.first_found_on.expression
    if live_since is None:
        return first
    released = (
        select(BacklogRelease.released_on).where(BacklogRelease.case_id == Finding.case_id).scalar_subquery()
    )
    later = case((released > first, released), else_=first)
    return case((Finding.since >= live_since, first), else_=case((released.is_(None), None), else_=later))


def may_be_told(live_since: date | None, on: date) -> ColumnElement[bool]:
    """The finding is not inherited, or its child has been released by a date."""
    if live_since is None:
        return Finding.id.is_not(None)
    released = exists().where(BacklogRelease.case_id == Finding.case_id, BacklogRelease.released_on <= on)
    return or_(Finding.since >= live_since, released)


def release(session: Session, *, on: date) -> int:
    """Release the next children of the opening backlog, as many as policy allows by a date; how many.

    The first lot with the first night, the next one from that day of the next month, and so on.
    """
    live_since = went_live(session, on)
    if live_since is None or on < live_since:
        return 0
    policy = policies.in_force(session, on).policy
    calendar = Calendar.of(policy)
    months = 1
    while calendar.add_months_by(live_since, months) <= on:
        months += 1
    released = session.scalar(select(func.count()).select_from(BacklogRelease)) or 0
    allowed = months * policy.night.backlog_per_month - released
    if allowed <= 0:
        return 0
    waiting = (
        select(Finding.case_id)
        .join(Case, Case.id == Finding.case_id)
        .where(
            Finding.cleared_on.is_(None),
            Finding.since < live_since,
            and_(Case.closed.is_(False), ~exists().where(BacklogRelease.case_id == Finding.case_id)),
        )
        .group_by(Finding.case_id)
        .order_by(func.min(case((Finding.severity == "urgent", 0), else_=1)), func.min(Finding.since), Finding.case_id)
        .limit(allowed)
    )
    next_ = list(session.scalars(waiting))
    if next_:
        session.execute(insert(BacklogRelease), [{"case_id": one, "released_on": on} for one in next_])
    return len(next_)
