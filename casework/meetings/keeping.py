"""Meetings of the bodies: dated, chaired, with the services that came (rules R-RG-1; a meeting is a row)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from casework import policies
from casework.errors import NotFound, Refused, Unusable
from casework.meetings.money import RequestItem, items_of
from casework.who.access import powers, reads_journey, visible
from casework.who.choosing import handles_by_id
from casework.who.people import a_line, find_person
from persistence.tables import AgendaItem, Attendance, Case, Event, Meeting, Person, new_id, new_ref
from states.calendar import london_date
from states.guards.group import REVIEW_GROUP_BODY
from states.plain_text import what_is_wrong
from states.policy.recurring import Body
from states.sittings import papers_due_on
from states.vocabulary import Role, Service, Unmet

BODIES = (REVIEW_GROUP_BODY, "KDD", "ROA", "Initial meeting", "Permanence Panel", "DMT")
KEEPERS = frozenset({Role.GROUP_ADMINISTRATOR, Role.GROUP_CHAIR, Role.SGO_TEAM, Role.TEAM_MANAGER})
#: CFS Permanence administers the bodies that hear money (rules 1.2, R-FIN-2).
_KEEP_MONEY = frozenset({Role.CFS_PERMANENCE, Role.PANEL_CHAIR})
#: Whoever keeps the meetings of any body that has a calendar.
KEEP_CALENDARS = KEEPERS | _KEEP_MONEY
LONGEST_PLACE = 200
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
#: Any fixed number: calendars are filled in under this lock.
_PLANNING = 7_405_904
HOW = ("present", "apologies", "written view")
PLANNED, HELD, CANCELLED, MOVED = "planned", "held", "cancelled", "moved"
#: A meeting that does not take place on its day.
CALLED_OFF = (CANCELLED, MOVED)


def plan_meeting(
    session: Session,
    *,
    body: str,
    held_on: date,
    chair: str | None,
    starts_at: str | None,
    place: str | None,
    by: str,
    today: date,
    now: datetime,
) -> Meeting:
    """Put a meeting on the calendar; its papers are due by policy (rules R-RG-2).

    Raises Refused for who may not, Unusable for a body or chair nobody knows.
    """
    may_keep(session, by, today, body)
    if body not in BODIES:
        raise Unusable(f"There is no body called {body!r}. Bodies: {', '.join(BODIES)}.")
    starts_at, place = time_of_day(starts_at), place_of(place)
    meeting = Meeting(
        id=new_id(),
        ref=new_ref("MT"),
        body=body,
        held_on=held_on,
        starts_at=starts_at,
        place=place,
        chair_id=find_person(session, chair).id if chair else None,
        papers_due_on=papers_due_on(body, held_on, policies.in_force(session, today).policy),
        status=PLANNED,
        created_by=by,
        created_at=now,
    )
    session.add(meeting)
    session.flush()
    return meeting


def time_of_day(words: str | None) -> str | None:
    """A time such as 10:00, or none. Raises Unusable."""
    if words is not None and not _TIME.fullmatch(words):
        raise Unusable(f"{words!a} is not a time of day such as 10:00.")
    return words


def place_of(words: str | None) -> str | None:
    """Where a meeting is held, in one line, or nowhere yet. Raises Unusable."""
    return None if words is None else a_line(words, what="The place", longest=LONGEST_PLACE)


def one_at_a_time(session: Session) -> None:
    """Two who plan at once plan one after the other: on SQLite there is one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_PLANNING)))


def find_meeting(session: Session, ref: str) -> Meeting:
    """A meeting by reference. Raises NotFound."""
    if what_is_wrong(ref, one_line=True):
        raise NotFound("meeting")
    found = session.scalars(select(Meeting).where(Meeting.ref == ref)).one_or_none()
    if found is None:
        raise NotFound("meeting", ref)
    return found


def record_attendance(
    session: Session,
    *,
    ref: str,
    person: str | None,
    service: Service | None,
    how: str,
    by: str,
    today: date,
    now: datetime,
    substitute_for: str | None = None,
) -> Attendance:
    """Who came, for which service (rules R-RG-1). Saying it again changes how; nobody counts twice.

    At the Review Group a member speaks for their service, or a substitute who is named with the member whose place
    they take. Raises Refused for anybody else, who may have come but speaks for no service.
    """
    meeting = kept_meeting(session, ref, by, today)
    may_keep(session, by, today, meeting.body)
    _takes_place(meeting)
    if how not in HOW:
        raise Unusable(f"Attendance is one of: {', '.join(HOW)}.")
    if how == "present" and meeting.held_on > today:
        raise Refused(
            "attend", (Unmet("R-RG-1", f"The meeting is on {meeting.held_on}: nobody has come yet."),)
        )
    who = find_person(session, person).id if person else None
    if who is None and service is None:
        raise Unusable("Say who came, or for which service.")
    there = session.scalars(
        select(Attendance).where(
            Attendance.meeting_id == meeting.id,
            Attendance.person_id == who if who else Attendance.person_id.is_(None),
            Attendance.service == (service.value if service else None),
        )
    ).one_or_none()
    member = find_person(session, substitute_for).id if substitute_for else None
    if service is not None and how != "apologies":
        if who is not None:
            _speaks_for_one_service(session, meeting, who, service)
        if meeting.body == REVIEW_GROUP_BODY:
            _speaks_as_member(session, meeting, who, service, member, how)
    if there is None:
        there = Attendance(
            id=new_id(),
            meeting_id=meeting.id,
            person_id=who,
            service=service.value if service else None,
            how=how,
            recorded_by=by,
            recorded_at=now,
        )
        session.add(there)
    there.how, there.substitute_for, there.recorded_by, there.recorded_at = how, member, by, now
    if meeting.held_on <= today and how == "present":
        meeting.status = HELD
    if who and how == "present" and meeting.chair_id is None:
        roles = powers(session, who, None, today).roles
        if Role.GROUP_CHAIR in roles:
            meeting.chair_id = who
    session.flush()
    return there


def _speaks_for_one_service(session: Session, meeting: Meeting, who: str, service: Service) -> None:
    """A quorum is counted in services: one person cannot be two of them (practice PT-4, C20)."""
    other = session.scalar(
        select(Attendance.service).where(
            Attendance.meeting_id == meeting.id,
            Attendance.person_id == who,
            Attendance.service.is_not(None),
            Attendance.service != service.value,
            Attendance.how != "apologies",
        )
    )
    if other is not None:
        raise Refused(
            "attend", (Unmet("PT-4", f"This person already speaks for {other} at this meeting."),)
        )


def _speaks_as_member(
    session: Session, meeting: Meeting, who: str | None, service: Service, member: str | None, how: str
) -> None:
    """A quorum is counted in services, and a service is heard through its member or whom the member sends (PT-4).

    Members and those who cover for them on the day of the meeting (rules R-RG-1).
    """

    def holds(person: str) -> bool:
        return service.value in powers(session, person, None, meeting.held_on).services

    def handle(person: str) -> str:
        return session.get_one(Person, person).handle

    missing = []
    if who is None and how == "present":
        missing.append(Unmet("R-RG-1", f"Say who was there for {service.value}.", "person"))
    if member is not None and not holds(member):
        missing.append(
            Unmet("R-RG-1", f"{handle(member)} is no member of the group for {service.value}.", "substitute_for")
        )
    if who is not None and member is None and not holds(who):
        missing.append(
            Unmet(
                "PT-4",
                f"{handle(who)} is no member of the group for {service.value}. "
                "If they came in a member's place, name the member: substitute for.",
                "substitute_for",
            )
        )
    if member is not None and member == who:
        missing.append(Unmet("R-RG-1", "Nobody is their own substitute.", "substitute_for"))
    if missing:
        raise Refused("attend", tuple(missing))


def set_chair(session: Session, *, ref: str, chair: str, by: str, today: date) -> Meeting:
    """Name or change who chairs a meeting."""
    meeting = kept_meeting(session, ref, by, today)
    may_keep(session, by, today, meeting.body)
    _takes_place(meeting)
    meeting.chair_id = find_person(session, chair).id
    return meeting


def _takes_place(meeting: Meeting) -> None:
    if meeting.status in CALLED_OFF:
        raise Refused(
            "meeting", (Unmet("PT-15", f"The meeting of {meeting.held_on} has been called off ({meeting.status})."),)
        )


def kept_meeting(session: Session, ref: str, by: str, today: date) -> Meeting:
    """A meeting for somebody who keeps it. Raises NotFound alike for unknown and hidden (R22)."""
    meeting = find_meeting(session, ref)
    if not may_see(session, meeting, by, today):
        raise NotFound("meeting", ref)
    return meeting


def keepers_of(body: str) -> frozenset[Role]:
    """The posts that keep the meetings of a body."""
    return KEEPERS | _KEEP_MONEY if body in (Body.PERMANENCE_PANEL, Body.DMT) else KEEPERS


def may_keep(session: Session, person_id: str, on: date, body: str = REVIEW_GROUP_BODY) -> None:
    """Refuse whoever holds no post that keeps the meetings of a body. Raises Refused."""
    if not powers(session, person_id, None, on).roles & keepers_of(body):
        posts = ", ".join(sorted(role.value for role in keepers_of(body)))
        raise Refused("meeting", (Unmet("R-RG-1", f"Only {posts} may keep meetings."),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A child on an agenda, as far as the reader may open the case."""

    ref: str
    status: str
    state: str
    journey_shown: bool  # whether the reader reads the colour (rules 11.1)
    colour: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingLine:
    """A meeting as `sgo meeting list` and `sgo meeting show` give it."""

    ref: str
    body: str
    held_on: date
    starts_at: str | None
    place: str | None
    chair: str | None
    papers_due_on: date | None
    status: str
    attendance: tuple[tuple[str | None, str | None, str], ...]
    items: tuple[Item, ...]
    instead: str | None = None  # called off: where its children went
    because: str | None = None  # why it was called off
    agenda_on: date | None = None  # the day its agenda went out
    requests: tuple[RequestItem, ...] = ()  # the funding requests on it, as far as the reader may open them


def list_meetings(
    session: Session, *, by: str, today: date, body: str | None = None, since: date | None = None
) -> list[MeetingLine]:
    """Meetings from a London date on, with the items this person may see."""
    query = select(Meeting).order_by(Meeting.held_on, Meeting.ref)
    if body is not None:
        query = query.where(Meeting.body == body)
    if since is not None:
        query = query.where(Meeting.held_on >= since)
    return lines_of(session, _those_seen(session, session.scalars(query).all(), by, today), by=by, today=today)


def show_meeting(session: Session, ref: str, *, by: str, today: date) -> MeetingLine:
    """One meeting, with the items this person may see. Raises NotFound alike for unknown and hidden (R22)."""
    meeting = find_meeting(session, ref)
    if not may_see(session, meeting, by, today):
        raise NotFound("meeting", ref)
    return lines_of(session, [meeting], by=by, today=today)[0]


def lines_of(session: Session, meetings: Sequence[Meeting], *, by: str, today: date) -> list[MeetingLine]:
    """Meetings whom the reader may see, each as a line: a handful of queries however many they are."""
    sees = visible(session, by, today)
    handles = handles_by_id(session)
    ids = [meeting.id for meeting in meetings]
    items: dict[str, list[Item]] = {}
    shown = case((reads_journey(session, by, today), 1), else_=0)
    for meeting_id, ref, status, state, colour, reads in session.execute(
        select(AgendaItem.meeting_id, Case.ref, AgendaItem.status, Case.state, Case.colour, shown)
        .join(Case, Case.id == AgendaItem.case_id)
        .where(AgendaItem.meeting_id.in_(ids), sees)
        .order_by(Case.ref)
    ):
        items.setdefault(meeting_id, []).append(
            Item(ref=ref, status=status, state=state, journey_shown=bool(reads), colour=colour if reads else None)
        )
    money = items_of(session, ids, by=by, today=today)
    came: dict[str, list[tuple[str | None, str | None, str]]] = {}
    for there in session.scalars(
        select(Attendance)
        .where(Attendance.meeting_id.in_(ids))
        .order_by(Attendance.recorded_at, Attendance.service, Attendance.person_id)
    ):
        person = handles.get(there.person_id or "")
        came.setdefault(there.meeting_id, []).append((person, there.service, _how(there, handles)))
    others = {meeting.instead_id for meeting in meetings if meeting.instead_id}
    instead = dict(session.execute(select(Meeting.id, Meeting.ref).where(Meeting.id.in_(others))).all())
    return [
        MeetingLine(
            ref=meeting.ref,
            body=meeting.body,
            held_on=meeting.held_on,
            starts_at=meeting.starts_at,
            place=meeting.place,
            chair=handles.get(meeting.chair_id or ""),
            papers_due_on=meeting.papers_due_on,
            status=meeting.status,
            attendance=tuple(came.get(meeting.id, ())),
            items=tuple(items.get(meeting.id, ())),
            instead=instead.get(meeting.instead_id or ""),
            because=meeting.called_off_because,
            agenda_on=london_date(meeting.agenda_at) if meeting.agenda_at else None,
            requests=money.get(meeting.id, ()),
        )
        for meeting in meetings
    ]


def _those_seen(session: Session, meetings: Sequence[Meeting], by: str, today: date) -> list[Meeting]:
    """What `may_see` answers, for many meetings at once."""
    works_here = powers(session, by, None, today).enabled
    own = [meeting.event_id for meeting in meetings if meeting.event_id is not None]
    open_to = set(
        session.scalars(
            select(Event.id)
            .join(Case, Case.id == Event.case_id)
            .where(Event.id.in_(own), visible(session, by, today))
        )
    )
    return [m for m in meetings if (m.event_id in open_to if m.event_id is not None else works_here)]


def _how(came: Attendance, handles: Mapping[str, str]) -> str:
    """How somebody took part, and in whose place."""
    return f"{came.how}, for {handles.get(came.substitute_for, '?')}" if came.substitute_for else came.how


def may_see(session: Session, meeting: Meeting, by: str, today: date) -> bool:
    """Meetings of a body are for everyone who works here; a child's own only for who may open the child."""
    if meeting.event_id is not None:
        return _own_meeting_visible(session, meeting, by, today)
    return powers(session, by, None, today).enabled


def _own_meeting_visible(session: Session, meeting: Meeting, by: str, today: date) -> bool:
    """A child's own meeting exists only for those who may open the child's case (reliability R22)."""
    case = session.scalars(
        select(Case).join(Event, Event.case_id == Case.id).where(Event.id == meeting.event_id)
    ).one_or_none()
    return case is not None and powers(session, by, case, today).sees
