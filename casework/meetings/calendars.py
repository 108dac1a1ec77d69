"""The calendars of the bodies: a whole series planned at once, days off skipped (practice PT-15, R-CLK-1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import policies
from casework.errors import Unusable
from casework.meetings.keeping import CALLED_OFF, may_keep, plan_meeting
from persistence.tables import Meeting
from states.calendar import Calendar
from states.policy import Policy
from states.policy.recurring import Body, Recurring
from states.sittings import papers_due_on, planned_days


class Slot(StrEnum):
    """What becomes of one day of a calendar."""

    NEW = "new"
    THERE = "there already"
    SHIFTED = "new, moved off a day off"
    LEFT_OUT = "left out: a day off"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDay:
    """One day of a body's calendar: the day by the rule, the day it is held, and its meeting."""

    by_calendar: date
    held_on: date | None
    papers_due_on: date | None
    ref: str | None
    what: Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A body's calendar over some months, and the rule it follows."""

    body: str
    rule: str
    days: tuple[PlannedDay, ...]


def plan_series(
    session: Session,
    *,
    body: str,
    since: date,
    until: date | None,
    recurring: str | None,
    chair: str | None,
    starts_at: str | None,
    place: str | None,
    by: str,
    today: date,
    now: datetime,
) -> Series:
    """Fill in a body's calendar from one London date to another; run again, it adds only what is missing.

    The rule is the policy's (`meetings.calendars`), or `recurring` in the same words; `until` empty: as far as
    the policy plans ahead. A day on which this body already meets, or met before it was called off, is left
    as it is. Raises Refused for who may not, Unusable for a body without a calendar or a rule nobody can read.
    """
    may_keep(session, by, today, body)
    policy = policies.in_force(session, today).policy
    rule = _rule(body, recurring, policy, since)
    last = until or Calendar.of(policy).add_months_by(since, policy.meetings.planned_ahead_months)
    if last < since:
        raise Unusable(f"The calendar would end on {last}, before it begins on {since}.")
    there = {
        meeting.held_on: meeting.ref
        for meeting in session.scalars(
            select(Meeting)
            .where(Meeting.body == body, Meeting.event_id.is_(None))
            .order_by(Meeting.status.in_(CALLED_OFF).desc(), Meeting.ref)
        )
    }
    days: list[PlannedDay] = []
    for by_calendar, held_on in planned_days(rule, since, last, policy):
        if held_on is None:
            days.append(_day(by_calendar, None, None, None, Slot.LEFT_OUT))
            continue
        ref, what = there.get(held_on), Slot.THERE
        if ref is None:
            what = Slot.NEW if held_on == by_calendar else Slot.SHIFTED
            ref = there[held_on] = plan_meeting(
                session,
                body=body,
                held_on=held_on,
                chair=chair,
                starts_at=starts_at,
                place=place,
                by=by,
                today=today,
                now=now,
            ).ref
        days.append(_day(by_calendar, held_on, papers_due_on(body, held_on, policy), ref, what))
    return Series(body=body, rule=str(rule), days=tuple(days))


def _day(by_calendar: date, held_on: date | None, papers: date | None, ref: str | None, what: Slot) -> PlannedDay:
    return PlannedDay(by_calendar=by_calendar, held_on=held_on, papers_due_on=papers, ref=ref, what=what)


def _rule(body: str, given: str | None, policy: Policy, since: date) -> Recurring:
    if body not in set(Body):
        known = ", ".join(Body)
        raise Unusable(f"{body!r} has no calendar of its own: its meetings are one child's. Bodies with one: {known}.")
    if given is not None:
        try:
            return Recurring.parse(given)
        except ValueError as wrong:
            raise Unusable(f"The calendar {wrong}.") from None
    rule = policy.meetings.calendars.get(Body(body))
    if rule is None and body == Body.REVIEW_GROUP:
        rule = Recurring.like(since, policy.group.meets)  # as often as the policy says, from the first day given
    if rule is None:
        raise Unusable(f"The policy has no calendar for {body} (meetings.calendars): say how often it meets.")
    return rule
