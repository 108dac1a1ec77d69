"""From the group's agreement to Legal: the child's own dates, allocation, KDD, ROA, assessment (rules 5.4 to 5.9)."""

from __future__ import annotations

from sqlalchemy import and_, exists, func, not_, select, union_all

from casework.drift.as_of import AsOf, Columns
from persistence.tables import Case, Deadline, Event, Milestone, Record
from states.deadlines import ALLOCATION, ASSESSMENT_START, CEILING, KDD, RATIFICATION, TARGET, TRAJECTORY
from states.records.trajectory import InitialMeeting, MeetingOutcome
from states.stages import UNDER_WAY, S


def off_the_trajectory(night: AsOf) -> Columns:
    """The trajectory is long overdue, or the next of its own dates has gone by unmet.

    While the clocks stand still the dates wait with them: on the night after, what has passed is found.
    """
    late = night.overdue_by_more_than(night.policy.night.trajectory_overdue_working_days)
    passed = (
        select(Milestone.case_id.label("case_id"), func.min(Milestone.forecast_on).label("since"))
        .join(Case, Case.id == Milestone.case_id)
        .where(
            night.within(Milestone.case_id, Case.id),
            night.unmet(),
            Milestone.forecast_on < night.day,
            night.is_in(UNDER_WAY | {S.IN_COURT, S.ORDER_MADE}),
            not_(night.paused(Milestone.case_id)),
        )
        .group_by(Milestone.case_id)
    )
    both = union_all(night.overdue(TRAJECTORY.name, before=late), passed).subquery()
    return select(both.c.case_id, func.min(both.c.since).label("since")).group_by(both.c.case_id)


def not_allocated(night: AsOf) -> Columns:
    """Agreed to progress, and no assessment worker in time."""
    return night.overdue(ALLOCATION.name)


def no_kdd(night: AsOf) -> Columns:
    """The KDD is overdue; or the meeting found that the child can progress and nobody has sent them on since."""
    old = night.more_than_working_days_ago(night.policy.kdd.due_working_days)
    can_progress = Record.data["outcome"].as_string() == MeetingOutcome.CAN_PROGRESS.value
    waiting = (
        select(Case.id.label("case_id"), func.max(Record.happened_on).label("since"))
        .join(Record, Record.case_id == Case.id)
        .join(Event, Event.id == Record.for_event)
        .where(
            night.within(Case.id, Record.case_id, Event.case_id),
            Record.kind == InitialMeeting.kind,
            can_progress,
            Record.happened_on < old,
            night.counts(),
            night.is_in({S.TRAJECTORY}),
            not_(night.paused(Case.id)),
        )
        .group_by(Case.id)
    )
    both = union_all(night.overdue(KDD.name), waiting).subquery()
    return select(both.c.case_id, func.min(both.c.since).label("since")).group_by(both.c.case_id)


def not_ratified(night: AsOf) -> Columns:
    """The KDD found guardianship right, and no review has ratified it in time."""
    return night.overdue(RATIFICATION.name)


def assessment_long(night: AsOf) -> Columns:
    """The assessment is past its target; worse where it is past its ceiling too."""
    ceiling = exists().where(
        night.within(Deadline.case_id),
        Deadline.case_id == Case.id,
        Deadline.name == CEILING.name,
        night.stands(),
        Deadline.due_on < night.day,
    )
    target = night.overdue(TARGET.name).subquery()
    return select(target.c.case_id, target.c.since, ceiling.label("urgent")).join(
        Case, and_(night.within(Case.id), Case.id == target.c.case_id)
    )


def assessment_not_begun(night: AsOf) -> Columns:
    """Ratified, and the assessment has not begun in time."""
    return night.overdue(ASSESSMENT_START.name)
