"""A meeting as its page shows it: who is asked, who came, who was told, and what may be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casework.meetings.invited import MEMBERS, invited_to
from casework.meetings.keeping import CALLED_OFF, HELD, PLANNED, MeetingLine, find_meeting, keepers_of, show_meeting
from casework.meetings.money import RequestHeard, requests_heard
from casework.meetings.moving import movers_of
from casework.meetings.pack import READERS
from casework.who.access import powers, visible
from persistence.tables import Case, Event, Meeting, Outbox, Person
from states.calendar import london_date
from states.notices import NOTICES


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldOf:
    """Somebody who was told of a meeting: of what, when; `when` None where it still waits."""

    who: str
    what: str
    when: date | None
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingSeen:
    """One meeting, for one reader."""

    line: MeetingLine
    requests: tuple[RequestHeard, ...]
    chair: str | None
    came: tuple[tuple[str, str | None, str], ...]  # who, for which service, how
    invited: tuple[str, ...]
    child: str | None  # of a child's own meeting: whose
    instead_on: date | None
    instead_of: tuple[tuple[str, date], ...]  # the meetings that this one takes the place of
    told: tuple[ToldOf, ...]
    keeps: bool  # may write down who came
    moves: bool  # may call it off, or let it take place after all
    reads_the_pack: bool
    is_over: bool


def see_meeting(session: Session, ref: str, *, by: str, today: date) -> MeetingSeen:
    """One meeting. Raises NotFound alike for unknown and hidden (R22)."""
    line = show_meeting(session, ref, by=by, today=today)
    meeting = find_meeting(session, ref)
    names = dict(session.execute(select(Person.handle, Person.name)).all())
    by_id = dict(session.execute(select(Person.id, Person.name)).all())
    roles = powers(session, by, None, today).roles
    seats = frozenset(MEMBERS.get(meeting.body, ()))
    own = meeting.event_id is not None
    there = meeting.status not in CALLED_OFF
    return MeetingSeen(
        line=line,
        requests=requests_heard(session, ref, line.requests, by=by, today=today),
        chair=by_id.get(meeting.chair_id or ""),
        came=tuple((names.get(who or "", "–"), service, _how(how, names)) for who, service, how in line.attendance),
        invited=() if own else tuple(sorted(by_id[one] for one in invited_to(session, meeting, today))),
        child=_whose(session, meeting) if own else None,
        instead_on=_on(session, meeting.instead_id),
        instead_of=_instead_of(session, meeting),
        told=_told(session, meeting, by, today),
        keeps=bool(roles & keepers_of(meeting.body)) and there,
        moves=bool(roles & movers_of(meeting.body)) and not own and meeting.held_on >= today and meeting.status != HELD,
        reads_the_pack=bool(roles & (READERS | seats)) or meeting.chair_id == by,
        is_over=meeting.held_on < today or meeting.status not in (PLANNED, *CALLED_OFF),
    )


def _how(how: str, names: Mapping[str, str]) -> str:
    """How somebody took part; in whose place, by name."""
    did, instead, member = how.partition(", for ")
    return f"{did}{instead}{names.get(member, member)}"


def _whose(session: Session, meeting: Meeting) -> str | None:
    return session.scalar(
        select(Case.ref).join(Event, Event.case_id == Case.id).where(Event.id == meeting.event_id)
    )


def _on(session: Session, meeting_id: str | None) -> date | None:
    return session.scalar(select(Meeting.held_on).where(Meeting.id == meeting_id)) if meeting_id else None


def _instead_of(session: Session, meeting: Meeting) -> tuple[tuple[str, date], ...]:
    query = select(Meeting.ref, Meeting.held_on).where(Meeting.instead_id == meeting.id).order_by(Meeting.held_on)
    return tuple((ref, on) for ref, on in session.execute(query))


def _told(session: Session, meeting: Meeting, by: str, today: date) -> tuple[ToldOf, ...]:
    """Who was told of the meeting; of a child by name of whom the reader may not know, nothing (R22)."""
    query = (
        select(Outbox.notices, Outbox.sent_at, Outbox.status, Person.name)
        .join(Person, Person.id == Outbox.recipient_id)
        .outerjoin(Case, Case.id == Outbox.case_id)
        .where(Outbox.meeting_id == meeting.id, or_(Outbox.case_id.is_(None), visible(session, by, today)))
        .order_by(Outbox.created_at, Person.name)
    )
    return tuple(
        ToldOf(
            who=name,
            what=", ".join(NOTICES[notice].words if notice in NOTICES else notice for notice in notices),
            when=london_date(sent_at) if sent_at else None,
            status=status,
        )
        for notices, sent_at, status, name in session.execute(query)
    )
