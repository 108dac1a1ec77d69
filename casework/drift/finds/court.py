"""Money, application, directions and age: what must be ready for the court (rules 5.11)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, case, exists, func, not_, or_, select

from casework.drift.as_of import AsOf, Columns
from persistence.tables import Case, Child, Deadline, Event, Milestone, Record
from states.deadlines import DIRECTION, EARLIEST_APPLICATION
from states.records.assessment import Submission
from states.records.codes import FinancePosition, StepName
from states.stages import RATED_TO_LEGAL, UNDER_WAY, S

_MONEY_IS_FINAL = (FinancePosition.AGREED.value, FinancePosition.NOT_SOUGHT.value)


def money_not_final(night: AsOf) -> Columns:
    """The order is expected in fewer weeks than the money should be settled before it, and it is not."""
    position = night.finance_position()
    return (
        select(Milestone.case_id.label("case_id"), Milestone.forecast_on.label("since"))
        .join(Case, Case.id == Milestone.case_id)
        .where(
            night.within(Milestone.case_id, Case.id),
            Milestone.name == StepName.ORDER.value,
            night.unmet(),
            Milestone.forecast_on < night.within_weeks(night.policy.night.money_before_order_weeks),
            night.is_in(UNDER_WAY | {S.IN_COURT}),
            or_(position.is_(None), position.not_in(_MONEY_IS_FINAL)),
        )
    )


def money_was_due(night: AsOf, row: Any) -> date:
    """The last day on which the order was still far enough away."""
    order_on: date = row.since
    return order_on - timedelta(weeks=night.policy.night.money_before_order_weeks)


def could_be_issued(night: AsOf) -> Columns:
    """With Legal, notice given and over, or not needed, for more than so many weeks: and no application."""
    ago = night.more_than_days_ago(7 * night.policy.night.application_possible_weeks)
    submitted = night.state_since()
    exempt = (
        exists()
        .where(
            night.within(Record.case_id, Event.case_id),
            Record.case_id == Case.id,
            Record.kind == Submission.kind,
            Record.data["notice_exemption"].as_string().is_not(None),
            Event.id == Record.for_event,
            night.counts(),
        )
        .correlate(Case)
    )
    notice = (
        select(Deadline.case_id, func.max(Deadline.due_on).label("over_on"))
        .where(night.within(Deadline.case_id), Deadline.name == EARLIEST_APPLICATION.name, night.stands())
        .group_by(Deadline.case_id)
        .subquery()
    )
    from_ = case((notice.c.over_on > submitted, notice.c.over_on), else_=submitted)
    return (
        select(Case.id.label("case_id"), from_.label("since"))
        .outerjoin(notice, notice.c.case_id == Case.id)
        .where(
            night.within(Case.id),
            night.is_in({S.WITH_LEGAL}),
            submitted < ago,
            or_(notice.c.over_on < ago, and_(notice.c.over_on.is_(None), exempt)),
            not_(night.paused(Case.id)),
        )
    )


def issue_was_due(night: AsOf, row: Any) -> date:
    """The end of the weeks in which the application could have been issued."""
    possible: date = row.since
    return possible + timedelta(weeks=night.policy.night.application_possible_weeks)


def direction_overdue(night: AsOf) -> Columns:
    """A direction of the court was to be complied with by a day that has passed."""
    return night.overdue(DIRECTION.name)


def too_old_to_wait(night: AsOf) -> Columns:
    """Nearly of age, guardianship still planned, and no application."""
    born = night.youngest_of(night.policy.night.no_application_at_age)
    return (
        select(Case.id.label("case_id"), Child.date_of_birth.label("since"))
        .join(Child, Child.case_id == Case.id)
        .where(night.within(Case.id, Child.case_id), Child.date_of_birth <= born, night.is_in(RATED_TO_LEGAL))
    )


def birthday(night: AsOf, row: Any) -> date:
    """The birthday from which it is urgent."""
    return night.calendar.attains(row.since, night.policy.night.no_application_at_age)


def no_date_of_birth(night: AsOf) -> Columns:
    """How old the child is cannot be told."""
    return (
        select(Case.id.label("case_id"), Case.opened_on.label("since"))
        .join(Child, Child.case_id == Case.id)
        .where(night.within(Case.id, Child.case_id), Child.date_of_birth.is_(None), night.is_in(RATED_TO_LEGAL))
    )
