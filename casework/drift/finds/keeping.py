"""Silence, tasks that are nobody's, entries made late, values past their date (rules 10)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select, union_all
from sqlalchemy import case as case_
from sqlalchemy.orm import InstrumentedAttribute

from casework.drift.as_of import AsOf, Columns
from persistence.tables import (
    AgendaItem,
    Allocation,
    Case,
    Child,
    Deadline,
    Event,
    Flag,
    Meeting,
    Milestone,
    Person,
    RoleGrant,
)
from states.deadlines import RERATING
from states.policy import policy_values
from states.stages import OPEN, S
from states.vocabulary import ALLOCATED, Nature, Role


def quiet(night: AsOf) -> Columns:
    """Nothing has happened, and nothing is to happen: no deadline, meeting, milestone or end of a pause ahead.

    That a rating will be due for its refresh moves nobody on, so it is no plan. Where the pathway does not
    apply, or was stopped, and a person has said why there is no date to look again, silence was decided
    (rules 0.3); a date to look again that has gone by is not silence.
    """
    long_ago = night.more_than_days_ago(night.policy.night.quiet_case_days)
    of_the_case = and_(night.within(Deadline.case_id), Deadline.case_id == Case.id, night.stands())
    own = (
        select(Event.id)
        .where(night.within(Event.case_id), Event.case_id == Case.id, Event.id == Meeting.event_id)
        .exists()
    )
    planned = and_(Meeting.held_on >= night.day, Meeting.status == "planned")
    ahead = (
        exists().where(of_the_case, Deadline.due_on >= night.day, Deadline.name != RERATING.name),
        exists().where(
            night.within(AgendaItem.case_id),
            AgendaItem.case_id == Case.id,
            AgendaItem.status == "listed",
            Meeting.id == AgendaItem.meeting_id,
            planned,
        ),
        exists().where(planned, own),
        exists().where(
            night.within(Milestone.case_id),
            Milestone.case_id == Case.id,
            night.unmet(),
            Milestone.forecast_on >= night.day,
        ),
        night.paused(Case.id, until_after=True),
    )
    put_aside = night.is_in({S.NOT_APPLICABLE, S.NOT_PROGRESSING})
    return select(Case.id.label("case_id"), night.last_event().label("since")).where(
        night.within(Case.id),
        night.last_event() < long_ago,
        *(not_(one) for one in ahead),
        or_(not_(put_aside), exists().where(of_the_case)),
    )


# -- nobody's task ----------------------------------------------------------------------------------------


def nobodys_task(night: AsOf) -> Columns:
    """An open task whose post nobody at work holds: for this child or its funding requests, or for the child's team.

    Which Team Manager a child without a team has is not a vacancy but not known.
    """
    own = _left_alone(night, Case.id).where(Case.child_case_id.is_(None), night.within(Deadline.case_id))
    both = union_all(own, _left_alone(night, Case.child_case_id)).subquery()
    return select(both.c.case_id, func.min(both.c.since).label("since")).group_by(both.c.case_id)


def _left_alone(night: AsOf, child: InstrumentedAttribute[Any]) -> Columns:
    """The tasks of cases whose child is named by a column: itself, or of a request the child it is for."""
    on_the_child = Deadline.owner.in_([role.value for role in ALLOCATED])
    of_a_team = Deadline.owner == Role.TEAM_MANAGER.value
    return (
        select(child.label("case_id"), Deadline.opened_on.label("since"))
        .join(Deadline, Deadline.case_id == Case.id)
        .where(
            night.within(child),
            night.stands(),
            or_(
                and_(on_the_child, not_(_allocated(night, child))),
                and_(not_(on_the_child), not_(_granted(night)), or_(not_(of_a_team), Case.team_id.is_not(None))),
            ),
        )
    )


def _allocated(night: AsOf, child: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    return exists().where(
        night.within(Allocation.case_id),
        Allocation.case_id == child,
        Allocation.role == Deadline.owner,
        night.happened(Allocation.from_on),
        or_(Allocation.until_on.is_(None), night.to_come(Allocation.until_on)),
        Person.id == Allocation.person_id,
        night.at_work(),
    )


def _granted(night: AsOf) -> ColumnElement[bool]:
    return exists().where(
        RoleGrant.role == Deadline.owner,
        RoleGrant.from_on <= night.day,
        or_(RoleGrant.until_on.is_(None), RoleGrant.until_on >= night.day),
        or_(RoleGrant.role != Role.TEAM_MANAGER.value, RoleGrant.team_id.is_(None), RoleGrant.team_id == Case.team_id),
        Person.id == RoleGrant.person_id,
        night.at_work(),
    )


def no_team(night: AsOf) -> Columns:
    """Nobody has said which team the child is in: whose tasks they are cannot be told."""
    of_a_team = exists().where(
        night.within(Deadline.case_id),
        Deadline.case_id == Case.id,
        Deadline.owner == Role.TEAM_MANAGER.value,
        night.stands(),
    )
    return select(Case.id.label("case_id"), Case.opened_on.label("since")).where(
        night.within(Case.id), Case.team_id.is_(None), of_a_team
    )


# -- entered late -------------------------------------------------------------------------------------------


def entered_late(night: AsOf) -> Columns:
    """A decision was written down lately, more working days after it was taken than is allowed.

    It is shown for as long as an alert lasts: that it was late never ends.
    """
    allowed = night.policy.records.late_entry_working_days
    lately = [night.day - timedelta(days=n) for n in range(night.policy.night.alert_again_days)]
    late = (
        and_(Event.recorded_on == day, Event.happened_on < night.entered_late_before(day, allowed)) for day in lately
    )
    return (
        select(Event.case_id.label("case_id"), func.min(Event.happened_on).label("since"))
        .where(
            Event.recorded_on.in_(lately),
            night.within(Event.case_id),
            Event.nature == Nature.DECISION.value,
            or_(*late),
        )
        .group_by(Event.case_id)
    )


# -- does the case end? ---------------------------------------------------------------------------------------

#: Facts after which a named person says whether the case ends (rules T23).
ENDINGS = ("record_death", "record_move_away", "record_leaving")


def to_be_closed(night: AsOf) -> Columns:
    """The child is eighteen, or a fact was recorded that ends most cases: nobody has closed it, or said why not.

    The system closes nothing (practice PR-5): a person is asked, records `end` or clears the flag the fact raised.
    Somebody who is eighteen has no reason to stay: the case is asked for until it is closed, or somebody deals with
    it until a day. Worse when so many working days have gone by.
    """
    policy = night.policy
    late = night.more_than_working_days_ago(policy.night.not_closed_urgent_working_days)
    of_age, age = night.youngest_of(policy.scope.ends_at_age), policy.scope.ends_at_age
    facts = (
        select(Flag.case_id, func.min(Event.happened_on).label("on"))
        .join(Event, Event.id == Flag.event_id)
        .where(
            night.within(Flag.case_id, Event.case_id),
            Event.trigger.in_(ENDINGS),
            Flag.rule == "PR-1",
            night.happened(Event.happened_on),
            or_(Flag.cleared_on.is_(None), night.to_come(Flag.cleared_on)),
        )
        .group_by(Flag.case_id)
        .subquery()
    )
    asked = facts.c.on
    grown = Child.date_of_birth <= of_age
    return (
        select(
            Case.id.label("case_id"),
            case_((asked.is_not(None), asked), else_=Child.date_of_birth).label("since"),
            or_(asked < late, Child.date_of_birth <= night.youngest_of(age, on=late - timedelta(days=1))).label(
                "urgent"
            ),
        )
        .join(Child, Child.case_id == Case.id)
        .outerjoin(facts, facts.c.case_id == Case.id)
        .where(night.within(Case.id, Child.case_id), night.is_in(OPEN), or_(grown, asked.is_not(None)))
    )


def asked_since(night: AsOf, row: Any) -> date:
    """The day of the fact, or the birthday (R-CLK-7): a date of birth is the only date that old."""
    age = night.policy.scope.ends_at_age
    born_then = row.since <= night.youngest_of(age)
    since: date = night.calendar.attains(row.since, age) if born_then else row.since
    return since


# -- the authority itself -------------------------------------------------------------------------------------


def past_their_date(night: AsOf) -> tuple[str, ...]:
    """The values of the policy that hold until a day that has passed, by name."""
    return tuple(
        f"{value.section}.{value.key}"
        for value in policy_values(night.policy)
        if value.origin.until is not None and value.origin.until < night.day
    )
