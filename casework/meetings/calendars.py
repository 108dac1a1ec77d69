"""The calendars of the bodies: a whole series planned at once, days off skipped (practice PT-15, R-CLK-1).

The way back: meetings that nobody is listed for are called off together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import policies
from casework.acting.commands import Actor
from casework.errors import Refused, Unusable
from casework.meetings.keeping import (
    CALLED_OFF,
    PLANNED,
    MeetingLine,
    list_meetings,
    may_keep,
    one_at_a_time,
    place_of,
    plan_meeting,
    show_meeting,
    time_of_day,
)
from casework.meetings.moving import MeetingMove, cancel_meeting
from casework.who.people import find_person
from persistence.tables import Meeting
from states.calendar import Calendar, CalendarTooShort, london_date
from states.policy import Policy
from states.policy.recurring import Body, Recurring
from states.sittings import papers_due_on, planned_days
from states.vocabulary import Unmet

#: A calendar is for a year or two, not for ever; further ahead nobody knows the bank holidays.
LONGEST_MONTHS = 24
A_FEW_DAYS = timedelta(days=14)


class Slot(StrEnum):
    """What becomes of one day of a calendar."""

    NEW = "new"
    THERE = "there already"
    SHIFTED = "new, moved off a day off"
    LEFT_OUT = "left out: a day off"
    CALLED_OFF = "was called off: it stays so"


@dataclass(frozen=True, slots=True, kw_only=True)
class Also:
    """Another body's meeting on the same day. `clashes`: what one chair or one room cannot do twice, in words."""

    ref: str
    body: str
    starts_at: str | None
    clashes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDay:
    """One day of a body's calendar: the day by the rule, the day it is held, and its meeting."""

    by_calendar: date
    held_on: date | None
    papers_due_on: date | None
    ref: str | None
    what: Slot
    day_off: str | None = None  # why the day by the calendar is none to meet on
    also: tuple[Also, ...] = ()  # what else is held that day

    @property
    def is_new(self) -> bool:
        """Whether a meeting is planned that was not there."""
        return self.what in (Slot.NEW, Slot.SHIFTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A body's calendar over some months, and the rule it follows."""

    body: str
    rule: str
    days: tuple[PlannedDay, ...]

    @property
    def mark(self) -> str:
        """What was looked at: the days on which meetings are new. Another mark means that it changed since."""
        new = ",".join(str(day.held_on) for day in self.days if day.is_new)
        return sha256(f"{self.body} {new}".encode()).hexdigest()[:16]


def faults_of(
    session: Session,
    *,
    body: str,
    since: date | None,
    until: date | None,
    recurring: str | None,
    chair: str | None,
    starts_at: str | None,
    place: str | None,
    today: date,
) -> tuple[Unmet, ...]:
    """Everything that is wrong with a calendar before a day of it is planned, by field."""
    policy = policies.in_force(session, today).policy
    wrong = []

    def look(field: str, check: Callable[[], object]) -> None:
        try:
            check()
        except Unusable as fault:
            wrong.append(Unmet("PT-15", str(fault), field))

    look("every" if recurring is not None else "body", lambda: _rule(body, recurring, policy, since or today))
    look("starts_at", lambda: time_of_day(starts_at))
    look("place", lambda: place_of(place))
    look("chair", lambda: find_person(session, chair) if chair else None)
    if since is not None:
        if since < today:
            wrong.append(Unmet("PT-15", f"The calendar would begin on {since}, which is past.", "since"))
        look("until", lambda: _last(since, until, policy))
    return tuple(wrong)


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
    calendar = Calendar.of(policy)
    rule = _rule(body, recurring, policy, since)
    last = _last(since, until, policy)
    one_at_a_time(session)
    there = {
        meeting.held_on: meeting
        for meeting in session.scalars(
            select(Meeting)
            .where(Meeting.body == body, Meeting.event_id.is_(None))
            .order_by(Meeting.status.in_(CALLED_OFF).desc(), Meeting.ref)
        )
    }
    others = _others_that_day(session, body, since, last)
    days: list[PlannedDay] = []
    for by_calendar, held_on in planned_days(rule, since, last, policy):
        day_off = None if held_on == by_calendar else calendar.why_off(by_calendar)
        if held_on is None:
            days.append(PlannedDay(
                by_calendar=by_calendar, held_on=None, papers_due_on=None, ref=None, what=Slot.LEFT_OUT, day_off=day_off
            ))  # fmt: skip
            continue
        known = there.get(held_on)
        what = Slot.CALLED_OFF if known is not None and known.status in CALLED_OFF else Slot.THERE
        if known is None:
            what = Slot.NEW if held_on == by_calendar else Slot.SHIFTED
            known = there[held_on] = plan_meeting(
                session,
                body=body,
                held_on=held_on,
                chair=chair,
                starts_at=starts_at,
                place=place,
                by=by,
                today=today,
                now=now,
            )
        days.append(
            PlannedDay(
                by_calendar=by_calendar,
                held_on=held_on,
                papers_due_on=papers_due_on(body, held_on, policy),
                ref=known.ref,
                what=what,
                day_off=day_off,
                also=_also(known, others.get(held_on, ())),
            )
        )
    return Series(body=body, rule=str(rule), days=tuple(days))


def empty_to_come(session: Session, *, body: str, by: str, today: date) -> list[MeetingLine]:
    """The meetings to come of a body on which the reader sees nobody listed: those that can be called off together."""
    lines = list_meetings(session, by=by, today=today, body=body, since=today)
    return [line for line in lines if line.status == PLANNED and not (line.items or line.requests)]


def call_off_together(
    session: Session, refs: Sequence[str], *, reason: str, by: Actor, now: datetime
) -> tuple[MeetingMove, ...]:
    """Call off several meetings that nobody is listed for, all or none: the way back from a calendar (practice PT-15).

    Raises Refused naming each that has somebody listed, or that cannot be called off.
    """
    today = london_date(now)
    lines = [show_meeting(session, ref, by=by.person_id, today=today) for ref in dict.fromkeys(refs)]
    wrong = [
        Unmet("PT-15", f"{line.body}, {line.held_on}: somebody is listed. Cancel it by itself, and see who goes along.")
        for line in lines
        if line.items or line.requests
    ]
    if not lines:
        wrong.append(Unmet("PT-15", "Tick at least one meeting.", "refs"))
    if not reason.strip():
        wrong.append(Unmet("PT-15", "Say why: everyone who is told reads it.", "reason"))
    if wrong:
        raise Refused("meeting", wrong)
    lines.sort(key=lambda line: line.held_on, reverse=True)  # the last first: what follows one is there to be next
    return tuple(cancel_meeting(session, ref=line.ref, instead=None, reason=reason, by=by, now=now) for line in lines)


def _last(since: date, until: date | None, policy: Policy) -> date:
    last = until or Calendar.of(policy).add_months_by(since, policy.meetings.planned_ahead_months)
    if last < since:
        raise Unusable(f"The calendar would end on {last}, before it begins on {since}.")
    try:
        Calendar.of(policy).is_working_day(last + A_FEW_DAYS)
    except CalendarTooShort as unknown:
        raise Unusable(str(unknown)) from None
    if last > Calendar.of(policy).add_months_by(since, LONGEST_MONTHS):
        raise Unusable(f"A calendar is planned for {LONGEST_MONTHS} months at most: it would end on {last}.")
    return last


def _others_that_day(session: Session, body: str, since: date, until: date) -> dict[date, list[Meeting]]:
    """The meetings of other bodies by day; a day off moves a meeting by a few days at most."""
    query = select(Meeting).where(
        Meeting.body.in_([other.value for other in Body if other != body]),
        Meeting.status == PLANNED,
        Meeting.event_id.is_(None),
        Meeting.held_on >= since - A_FEW_DAYS,
        Meeting.held_on <= until + A_FEW_DAYS,
    )
    found: dict[date, list[Meeting]] = {}
    for meeting in session.scalars(query.order_by(Meeting.held_on, Meeting.starts_at, Meeting.ref)):
        found.setdefault(meeting.held_on, []).append(meeting)
    return found


def _also(own: Meeting, others: Sequence[Meeting]) -> tuple[Also, ...]:
    return tuple(
        Also(ref=one.ref, body=one.body, starts_at=one.starts_at, clashes=_clashes(own, one)) for one in others
    )


def _clashes(own: Meeting, other: Meeting) -> tuple[str, ...]:
    """What both need at once. Without a time on both, it may be at once."""
    if own.starts_at and other.starts_at and own.starts_at != other.starts_at:
        return ()
    same = []
    if own.chair_id is not None and own.chair_id == other.chair_id:
        same.append("the same chair")
    if own.place and own.place == other.place:
        same.append("the same place")
    return tuple(same)


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
