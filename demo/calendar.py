"""The demo's meetings: a Review Group every second Thursday of a month, as the county holds them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from casework import meetings
from states.calendar import london_date
from states.vocabulary import Service

LONDON = ZoneInfo("Europe/London")
THURSDAY = 3


def at_noon(day: date) -> datetime:
    """Noon in London on a day: when the demo's people write things down."""
    return datetime.combine(day, time(12), tzinfo=LONDON)


def group_days(first: date, last: date) -> list[date]:
    """Every second Thursday of a month between two London dates."""
    days = []
    month = first.replace(day=1)
    while month <= last:
        thursday = month + timedelta(days=(THURSDAY - month.weekday()) % 7 + 7)
        if first <= thursday <= last:
            days.append(thursday)
        month = (month + timedelta(days=32)).replace(day=1)
    return days


#: So much of a calendar is planned in one go, as people do; more takes several goes.
_AT_ONCE = timedelta(days=700)


def plan_body(
    session: Session, body: str, *, chair: str, starts_at: str, since: date, until: date, keeper: str, now: datetime
) -> dict[date, str]:
    """Put a body's own days on the calendar, as the policy says when it meets; answers day → reference."""
    refs: dict[date, str] = {}
    while since <= until:
        last = min(until, since + _AT_ONCE)
        series = meetings.plan_series(
            session,
            body=body,
            since=since,
            until=last,
            recurring=None,
            chair=chair,
            starts_at=starts_at,
            place="Meeting room 2",
            by=keeper,
            today=london_date(now),
            now=now,
        )
        refs |= {day.held_on: day.ref for day in series.days if day.held_on is not None and day.ref is not None}
        since = last + timedelta(days=1)
    return refs


def hold_meetings(
    session: Session, days: list[date], *, today: date, keeper: str, now: datetime
) -> dict[date, str]:
    """Put the meetings on the calendar, with who came to those that were; answers day → reference."""
    refs: dict[date, str] = {}
    for day in days:
        meeting = meetings.plan_meeting(
            session,
            body="Review Group",
            held_on=day,
            chair="wren.chair",
            starts_at="10:00",
            place="Meeting room 2",
            by=keeper,
            today=today,
            now=now,
        )
        refs[day] = meeting.ref
        if day > today:
            continue
        for handle, service in (
            ("fern.fostering", Service.FOSTERING),
            ("sage.safeguarding", Service.SAFEGUARDING),
            ("vale.school", Service.VIRTUAL_SCHOOL),
        ):
            meetings.record_attendance(
                session,
                ref=meeting.ref,
                person=handle,
                service=service,
                how="present",
                by=keeper,
                today=today,
                now=now,
            )
    return refs
