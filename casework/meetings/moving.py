"""A meeting cancelled or moved in one act: every child and funding request goes along, nobody is blamed (PT-15).

The old meeting stays, called off, with what was missed; a new day is a new meeting that goes on with the old
one's diary entry. Each child's history says where it went and why, so that its dates follow. There is a way
back. To look before: do it in `doing.rehearse`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from casework import policies
from casework.acting.acts import act
from casework.acting.commands import Actor, Command
from casework.acting.effects_on_meetings import ON_AGENDA, TO_NOTE
from casework.delivery.outbox import of_bulk, queue
from casework.errors import Refused
from casework.meetings import moving_money
from casework.meetings.invited import invited_to
from casework.meetings.keeping import CALLED_OFF, CANCELLED, HELD, MOVED, PLANNED, keepers_of, kept_meeting
from casework.meetings.moving_money import RequestWent
from casework.who.access import powers, visible
from persistence.tables import AgendaItem, Case, Deadline, Event, Meeting, Outbox, Person, Record, new_id, new_ref
from states.calendar import london_date
from states.deadlines import PAPERS, RETURN
from states.guards.group import REVIEW_GROUP_BODY
from states.notices import MEETING_MOVED
from states.records.group import Business, MeetingChange, MovedWithMeeting
from states.sittings import papers_due_on
from states.stages import S
from states.vocabulary import Party, Role, Unmet

TRIGGER = "move_with_meeting"
_WAITING = (S.DEFERRED.name, S.FURTHER_WORK.name)

def movers_of(body: str) -> frozenset[Role]:
    """Who may call off a meeting of a body: a Team Manager keeps meetings, but not other teams' children."""
    return keepers_of(body) - {Role.TEAM_MANAGER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Went:
    """One child that goes along: what for, and the days that change with it."""

    ref: str
    business: str
    papers_were_due: date | None
    papers_due: date | None
    return_was: date | None
    return_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingMove:
    """What calling off a meeting does, or undoing that. Children whom the reader may not see are not named."""

    meeting: str
    held_on: date
    became: str  # cancelled | moved | takes place after all
    instead: str | None
    instead_on: date | None
    papers_due_on: date | None
    children: tuple[Went, ...]
    told: tuple[str, ...]  # the handles of the people, each told once
    requests: tuple[RequestWent, ...] = ()


def move_meeting(
    session: Session,
    *,
    ref: str,
    to: date,
    reason: str,
    by: Actor,
    now: datetime,
    starts_at: str | None = None,
    place: str | None = None,
) -> MeetingMove:
    """Hold a meeting on another day: a London date, with another time or place where these are given.

    Raises Refused for who may not, for one child's own meeting, or one that was held or called off.
    """
    today = london_date(now)
    old = _to_call_off(session, ref, by, today)
    if to < today:
        raise Refused("meeting", (Unmet("PT-15", f"The new day, {to}, is past."),))
    if to == old.held_on and starts_at in (None, old.starts_at) and place in (None, old.place):
        raise Refused("meeting", (Unmet("PT-15", "That is when and where it is held already."),))
    new = Meeting(
        id=new_id(),
        ref=new_ref("MT"),
        body=old.body,
        held_on=to,
        starts_at=starts_at or old.starts_at,
        place=place or old.place,
        chair_id=old.chair_id,
        papers_due_on=papers_due_on(old.body, to, policies.in_force(session, today).policy),
        status=PLANNED,
        calendar_id=old.calendar_id or old.id,
        calendar_sequence=old.calendar_sequence + 1,
        invited_at=old.invited_at,
        created_by=by.person_id,
        created_at=now,
    )
    session.add(new)
    _call_off(session, old, MOVED, new, reason, by, today)
    return _go_along(session, old, new, MeetingChange.MOVED, reason, by, now)


def cancel_meeting(
    session: Session, *, ref: str, instead: str | None, reason: str, by: Actor, now: datetime
) -> MeetingMove:
    """Call a meeting off; its children are heard at the one named, else at the body's next one.

    Raises Refused for who may not, and where children are listed and there is no other meeting to hear them.
    """
    today = london_date(now)
    old = _to_call_off(session, ref, by, today)
    new = kept_meeting(session, instead, by.person_id, today) if instead else _next(session, old, today)
    reasons = []
    if new is not None and (new.body != old.body or new.id == old.id or new.event_id is not None):
        reasons.append(Unmet("PT-15", f"{new.ref} is not another meeting of the {old.body}."))
    if new is not None and (new.status in CALLED_OFF or new.held_on < today):
        reasons.append(Unmet("PT-15", f"The meeting of {new.held_on} is past, or called off itself."))
    if new is None and _there(session, old):
        reasons.append(Unmet("PT-15", "There is no other meeting to hear its children: plan one, or move this one."))
    if reasons:
        raise Refused("meeting", reasons)
    _call_off(session, old, CANCELLED, new, reason, by, today)
    return _go_along(session, old, new, MeetingChange.CANCELLED, reason, by, now)


def put_back(session: Session, *, ref: str, reason: str, by: Actor, now: datetime) -> MeetingMove:
    """Let a meeting take place after all: the way back from `move_meeting` and `cancel_meeting`.

    Children come back who have not been heard or taken off since. Raises Refused once its day is past, or once
    the meeting that took its place was held.
    """
    today = london_date(now)
    old = kept_meeting(session, ref, by.person_id, today)
    _may_move(session, by, today, old.body)
    instead = session.get(Meeting, old.instead_id) if old.instead_id else None
    if old.status not in CALLED_OFF:
        raise Refused("meeting", (Unmet("PT-15", f"The meeting of {old.held_on} has not been called off."),))
    if old.held_on < today:
        raise Refused("meeting", (Unmet("PT-15", f"Its day, {old.held_on}, is past: it cannot take place any more."),))
    if instead is not None and instead.status != PLANNED:
        words = f"The meeting of {instead.held_on} that took its place is {instead.status}."
        raise Refused("meeting", (Unmet("PT-15", words),))
    was_moved, since, bulk = old.status == MOVED, old.called_off_on, new_id()
    old.status, old.instead_id = PLANNED, None
    old.called_off_on = old.called_off_by = old.called_off_because = None
    if instead is None:
        old.calendar_sequence += 1
        waiting = moving_money.requests_waiting_since(session, old)
        return _told_only(session, old, old, MeetingChange.PUT_BACK, reason, by, now, waiting)
    old.calendar_sequence = max(old.calendar_sequence, instead.calendar_sequence if was_moved else 0) + 1
    coming = _came_from(session, old, instead, since)
    money = moving_money.requests_from(session, old, instead)
    done = _go_along(
        session, instead, old, MeetingChange.PUT_BACK, reason, by, now, children=coming, requests=money, bulk=bulk
    )
    if was_moved:  # the day that is given up; whoever was listed for it meanwhile goes along
        _call_off(session, instead, CANCELLED, old, reason, by, today)
        more = _go_along(session, instead, old, MeetingChange.CANCELLED, reason, by, now, bulk=bulk)
        done = _together(done, more)
    return done


# -- the meeting ------------------------------------------------------------------------------------------


def _may_move(session: Session, by: Actor, today: date, body: str) -> None:
    if not powers(session, by.person_id, None, today).roles & movers_of(body):
        posts = ", ".join(sorted(role.value for role in movers_of(body)))
        raise Refused("meeting", (Unmet("PT-15", f"Only {posts} may call a meeting off."),))


def _to_call_off(session: Session, ref: str, by: Actor, today: date) -> Meeting:
    meeting = kept_meeting(session, ref, by.person_id, today)
    _may_move(session, by, today, meeting.body)
    reasons = []
    if meeting.event_id is not None:
        reasons.append(Unmet("PT-15", "This is one child's own meeting: set its date anew on the child's case."))
    if meeting.status == HELD or meeting.held_on < today:
        reasons.append(Unmet("PT-15", f"The meeting of {meeting.held_on} is over."))
    if meeting.status in CALLED_OFF:
        reasons.append(Unmet("PT-15", f"The meeting of {meeting.held_on} has been called off already."))
    if reasons:
        raise Refused("meeting", reasons)
    return meeting


def _call_off(
    session: Session, old: Meeting, how: str, new: Meeting | None, reason: str, by: Actor, today: date
) -> None:
    session.flush()
    old.status, old.instead_id = how, new.id if new else None
    old.called_off_on, old.called_off_by, old.called_off_because = today, by.person_id, reason[:300]
    old.calendar_sequence += 1
    session.flush()


def _next(session: Session, old: Meeting, today: date) -> Meeting | None:
    query = select(Meeting).where(
        Meeting.body == old.body,
        Meeting.status == PLANNED,
        Meeting.event_id.is_(None),
        Meeting.id != old.id,
        Meeting.held_on >= max(old.held_on, today),
    )
    return session.scalars(query.order_by(Meeting.held_on, Meeting.ref).limit(1)).one_or_none()


# -- its children -----------------------------------------------------------------------------------------

_There = tuple[int, Business]  # case, what it is there for


def _there(session: Session, meeting: Meeting) -> list[_There]:
    """The children of a meeting in the order in which their cases are locked: listed, to note, due back."""
    business = {ON_AGENDA: Business.LISTED, TO_NOTE: Business.TO_NOTE}
    items = session.execute(
        select(AgendaItem.case_id, AgendaItem.status).where(
            AgendaItem.meeting_id == meeting.id, AgendaItem.status.in_(business)
        )
    )
    found = [(case_id, business[status]) for case_id, status in items]
    if meeting.body == REVIEW_GROUP_BODY and not _another_that_day(session, meeting):
        found += [(case_id, Business.RETURNS) for case_id in session.scalars(_due_back(meeting.held_on))]
    return sorted(found)


def _another_that_day(session: Session, meeting: Meeting) -> bool:
    """Whether the same body meets on that day all the same: then a date to come back still stands."""
    other = exists().where(
        Meeting.body == meeting.body,
        Meeting.held_on == meeting.held_on,
        Meeting.status == PLANNED,
        Meeting.id != meeting.id,
    )
    return bool(session.scalar(select(other)))


def _due_back(on: date) -> Select[int]:
    return (
        select(Deadline.case_id)
        .join(Case, Case.id == Deadline.case_id)
        .where(
            Deadline.name == RETURN.name,
            Deadline.closed_as.is_(None),
            Deadline.due_on == on,
            Case.state.in_(_WAITING),
            Case.closed.is_(False),
        )
    )


def _came_from(session: Session, old: Meeting, now_at: Meeting, since: date | None) -> list[_There]:
    """The children who are at a meeting because another was called off, and may go back to that."""
    moved = {
        record.for_event: record.data
        for record in session.scalars(
            select(Record).where(Record.kind == MovedWithMeeting.kind, Record.happened_on >= (since or old.held_on))
        )
        if (record.data["missed"], record.data["meeting"]) == (old.ref, now_at.ref)
    }
    at_it = dict(
        session.execute(
            select(AgendaItem.event_id, AgendaItem.case_id).where(
                AgendaItem.meeting_id == now_at.id, AgendaItem.status.in_((ON_AGENDA, TO_NOTE))
            )
        ).all()
    )
    returning = dict(
        session.execute(
            select(Deadline.opened_by_event, Deadline.case_id).where(
                Deadline.name == RETURN.name, Deadline.closed_as.is_(None), Deadline.opened_by_event.in_(moved)
            )
        ).all()
    )
    found = [(case_id, Business(moved[event]["business"])) for event, case_id in at_it.items() if event in moved]
    found += [(case_id, Business.RETURNS) for case_id in returning.values()]
    return sorted(found)


def _go_along(
    session: Session,
    old: Meeting,
    new: Meeting | None,
    how: MeetingChange,
    reason: str,
    by: Actor,
    now: datetime,
    *,
    children: Sequence[_There] | None = None,
    requests: Sequence[int] | None = None,
    bulk: str | None = None,
) -> MeetingMove:
    """Every child and request of the old meeting goes to the new one, each with an entry in its history; all are told.
    """
    requests = moving_money.requests_on(session, old) if requests is None else requests
    if new is None:
        return _told_only(session, old, old, how, reason, by, now, requests)
    children = _there(session, old) if children is None else children
    today, bulk = london_date(now), bulk or new_id()
    before = _days(session, children)
    for case_id, business in children:
        act(
            session,
            Command(
                trigger=TRIGGER,
                happened_on=today,
                ref=session.scalars(select(Case.ref).where(Case.id == case_id)).one(),
                record={
                    "missed": old.ref,
                    "meeting": new.ref,
                    "how": how.value,
                    "business": business.value,
                    "reason": reason,
                },
                bulk_id=bulk,
                with_meeting=True,
            ),
            by=by,
            now=now,
        )
    session.flush()
    money = moving_money.take_along(session, requests, old, new, how, reason, bulk=bulk, by=by, now=now)
    after = _days(session, children)
    _tell_the_invited(session, new, of_bulk(bulk, TRIGGER), by, now)
    seen = set(
        session.scalars(
            select(Case.id).where(
                Case.id.in_([case_id for case_id, _ in children]), visible(session, by.person_id, today)
            )
        )
    )
    refs = dict(session.execute(select(Case.id, Case.ref).where(Case.id.in_(seen))).all())
    return MeetingMove(
        meeting=old.ref if how is not MeetingChange.PUT_BACK else new.ref,
        held_on=old.held_on if how is not MeetingChange.PUT_BACK else new.held_on,
        became=how.value,
        instead=new.ref,
        instead_on=new.held_on,
        papers_due_on=new.papers_due_on,
        children=tuple(
            Went(
                ref=refs[case_id],
                business=business.value,
                papers_were_due=before.get((case_id, PAPERS.name)),
                papers_due=after.get((case_id, PAPERS.name)),
                return_was=before.get((case_id, RETURN.name)),
                return_on=after.get((case_id, RETURN.name)),
            )
            for case_id, business in children
            if case_id in seen
        ),
        told=_told(session, of_bulk(bulk, TRIGGER), bulk, seen),
        requests=money,
    )


def _told_only(
    session: Session,
    old: Meeting,
    shown: Meeting,
    how: MeetingChange,
    reason: str,
    by: Actor,
    now: datetime,
    requests: Sequence[int],
) -> MeetingMove:
    """A meeting without children: everyone invited is told; its requests wait for another, or come back to it."""
    occasion, bulk = f"meeting:{old.id}:{old.calendar_sequence}", new_id()
    back = old if how is MeetingChange.PUT_BACK else None
    money = moving_money.take_along(session, requests, old, back, how, reason, bulk=bulk, by=by, now=now)
    _tell_the_invited(session, shown, occasion, by, now)
    workers = of_bulk(bulk, moving_money.MOVES if back is not None else moving_money.WAITS)
    return MeetingMove(
        meeting=old.ref,
        held_on=old.held_on,
        became=how.value,
        instead=None,
        instead_on=None,
        papers_due_on=old.papers_due_on,
        children=(),
        told=tuple(sorted({*_told(session, occasion), *_told(session, workers)})),
        requests=money,
    )


def _days(session: Session, children: Iterable[_There]) -> dict[tuple[int, str], date | None]:
    """The days that can change: papers and return, by case."""
    query = select(Deadline.case_id, Deadline.name, Deadline.due_on).where(
        Deadline.case_id.in_({case_id for case_id, _ in children}),
        Deadline.name.in_((PAPERS.name, RETURN.name)),
        Deadline.closed_as.is_(None),
    )
    return {(case_id, name): due_on for case_id, name, due_on in session.execute(query)}


def _together(one: MeetingMove, other: MeetingMove) -> MeetingMove:
    return MeetingMove(
        meeting=one.meeting,
        held_on=one.held_on,
        became=one.became,
        instead=one.instead,
        instead_on=one.instead_on,
        papers_due_on=one.papers_due_on,
        children=(*one.children, *other.children),
        told=tuple(dict.fromkeys((*one.told, *other.told))),
        requests=(*one.requests, *other.requests),
    )


def _tell_the_invited(session: Session, meeting: Meeting, occasion: str, by: Actor, now: datetime) -> None:
    """Everyone invited hears it too: with whoever was told as a child's, in one message each."""
    queue(
        session,
        occasion=occasion,
        recipients=[
            (person, Party.INVITED.value, MEETING_MOVED)
            for person in invited_to(session, meeting, london_date(now))
            if person != by.person_id
        ],
        now=now,
        meeting_id=meeting.id,
    )


def _told(session: Session, occasion: str, bulk: str | None = None, seen: Iterable[int] = ()) -> tuple[str, ...]:
    """Who gets the joint message; and who is told by themselves of a restricted child whom the keeper may open."""
    own = and_(Event.bulk_id == bulk, Outbox.case_id.in_(tuple(seen)))
    query = (
        select(Person.handle)
        .join(Outbox, Outbox.recipient_id == Person.id)
        .outerjoin(Event, Event.id == Outbox.event_id)
        .where(or_(Outbox.occasion == occasion, own))
    )
    return tuple(sorted(set(session.scalars(query))))
