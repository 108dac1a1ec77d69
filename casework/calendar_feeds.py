"""Somebody's own meetings as a calendar their diary fetches: an address that is a secret, and can be taken back.

What stands behind it is what a mail may say of a meeting, and no more: no names, no child (design 5.11). Only a
fingerprint of the address is kept, so that nobody can read it out of the database.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, and_, exists, or_, select, update
from sqlalchemy.orm import Session

from casework.delivery import diary
from casework.delivery.messages import link_to
from casework.meetings.invited import MEMBERS
from casework.meetings.keeping import MOVED
from casework.settings import Settings
from casework.who.access import powers, visible
from notifications.calendar_entry import calendar_file
from persistence.tables import AgendaItem, Allocation, CalendarFeed, Case, Event, Meeting, Person
from states.calendar import london_date

#: How far back a diary still shows a meeting that has been.
SHOWN_BACK = timedelta(days=28)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSeen:
    """That somebody has a calendar address, and since when; never the address itself."""

    made_at: datetime


def feed_of(session: Session, person_id: str) -> FeedSeen | None:
    """Whether somebody has a calendar address."""
    made_at = session.scalar(
        select(CalendarFeed.made_at).where(CalendarFeed.person_id == person_id, CalendarFeed.revoked_at.is_(None))
    )
    return FeedSeen(made_at=made_at) if made_at is not None else None


def make_feed(session: Session, person_id: str, *, now: datetime) -> str:
    """A new secret for somebody's calendar address; an earlier one stops working. It is told this once."""
    revoke_feed(session, person_id, now=now)
    token = secrets.token_urlsafe(32)
    session.add(CalendarFeed(fingerprint=_fingerprint(token), person_id=person_id, made_at=now))
    session.flush()
    return token


def revoke_feed(session: Session, person_id: str, *, now: datetime) -> None:
    """The address stops working."""
    session.execute(
        update(CalendarFeed)
        .where(CalendarFeed.person_id == person_id, CalendarFeed.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def whose(session: Session, token: str) -> str | None:
    """Whose calendar a secret opens: somebody who works here and has not taken it back."""
    return session.scalar(
        select(CalendarFeed.person_id)
        .join(Person, Person.id == CalendarFeed.person_id)
        .where(
            CalendarFeed.fingerprint == _fingerprint(token), CalendarFeed.revoked_at.is_(None), Person.enabled
        )
    )


def calendar_of(session: Session, person_id: str, settings: Settings, *, now: datetime) -> bytes:
    """The meetings of a person as an iCalendar file, made at an instant; what was called off stands struck out."""
    found = session.execute(_meetings(session, person_id, london_date(now))).all()
    return calendar_file(
        *(
            diary.entry_of(
                meeting,
                case,
                settings,
                link=link_to(settings, case) if case is not None else None,
                sequence=meeting.calendar_sequence,
            )
            for meeting, case in found
        ),
        now=now,
    )


def _meetings(session: Session, person_id: str, today: date) -> Select[Meeting, Case | None]:
    roles = powers(session, person_id, None, today).roles
    sits = [body for body, members in MEMBERS.items() if roles & set(members)]
    allocated = exists().where(
        Allocation.case_id == Case.id,
        Allocation.person_id == person_id,
        Allocation.from_on <= today,
        or_(Allocation.until_on.is_(None), Allocation.until_on > today),
    )
    seen = visible(session, person_id, today)
    on_it = (
        select(AgendaItem.meeting_id)
        .join(Case, Case.id == AgendaItem.case_id)
        .where(AgendaItem.status == "listed", allocated, seen)
    )
    theirs = or_(Meeting.chair_id == person_id, Meeting.body.in_(sits), Meeting.id.in_(on_it))
    own = and_(Meeting.event_id.is_not(None), or_(Meeting.chair_id == person_id, allocated), seen)
    return (
        select(Meeting, Case)
        .outerjoin(Event, Event.id == Meeting.event_id)
        .outerjoin(Case, Case.id == Event.case_id)
        .where(
            Meeting.held_on >= today - SHOWN_BACK,
            Meeting.status != MOVED,  # it stands on its new day, as the same entry
            or_(own, and_(Meeting.event_id.is_(None), theirs)),
        )
        .order_by(Meeting.held_on, Meeting.ref)
    )


def _fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
