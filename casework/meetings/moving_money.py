"""The funding requests of a meeting that is called off: they move with it, wait for another, or come back (PT-15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from casework.acting.acts import act
from casework.acting.commands import Actor, Command
from casework.acting.effects_on_meetings import MISSED
from casework.acting.funding_effects import ON_AGENDA
from casework.who.access import visible_requests
from persistence.tables import AgendaItem, Case, Meeting, Record
from states.calendar import london_date
from states.funding_stages import HEARD, F
from states.records.group import Business, MeetingChange, MovedWithMeeting

MOVES, WAITS = "move_with_meeting", "wait_for_meeting"
_TO_BE_HEARD = [state.name for state in (*HEARD, F.AT_DMT)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestWent:
    """One funding request of a meeting that was called off, or takes place after all. Papers are due on a day."""

    ref: str
    child: str
    waits: bool  # there is no other meeting: CFS Permanence has the task to find one
    papers_were_due: date | None
    papers_due: date | None


def requests_on(session: Session, meeting: Meeting) -> list[int]:
    """The requests on a meeting's agenda, in the order in which their cases are locked."""
    query = select(AgendaItem.case_id).where(AgendaItem.meeting_id == meeting.id, AgendaItem.status == ON_AGENDA)
    return sorted(session.scalars(query))


def requests_from(session: Session, old: Meeting, now_at: Meeting) -> list[int]:
    """The requests that are at a meeting because another was called off, and may go back to that."""
    query = (
        select(AgendaItem.case_id, Record.data)
        .join(Record, Record.for_event == AgendaItem.event_id)
        .where(
            AgendaItem.meeting_id == now_at.id,
            AgendaItem.status == ON_AGENDA,
            Record.kind == MovedWithMeeting.kind,
        )
    )
    return sorted(case_id for case_id, data in session.execute(query) if data["missed"] == old.ref)


def requests_waiting_since(session: Session, old: Meeting) -> list[int]:
    """The requests that lost this meeting, have no other, and still wait to be heard."""
    elsewhere = aliased(AgendaItem)
    listed = select(elsewhere.case_id).where(elsewhere.status == ON_AGENDA)
    query = (
        select(AgendaItem.case_id)
        .join(Case, Case.id == AgendaItem.case_id)
        .where(
            AgendaItem.meeting_id == old.id,
            AgendaItem.status.in_(MISSED.values()),
            Case.child_case_id.is_not(None),
            Case.state.in_(_TO_BE_HEARD),
            AgendaItem.case_id.not_in(listed),
        )
    )
    return sorted(set(session.scalars(query)))


def take_along(
    session: Session,
    requests: Sequence[int],
    old: Meeting,
    new: Meeting | None,
    how: MeetingChange,
    reason: str,
    *,
    bulk: str,
    by: Actor,
    now: datetime,
) -> tuple[RequestWent, ...]:
    """Each request gets an entry in its history: where it goes, or that it waits; answers those the actor may open."""
    refs = dict(session.execute(select(Case.id, Case.ref).where(Case.id.in_(requests))).all())
    today = london_date(now)
    for case_id in requests:
        record = {"missed": old.ref, "how": how.value, "reason": reason}
        if new is not None:
            record |= {"meeting": new.ref, "business": Business.LISTED.value}
        command = Command(
            trigger=WAITS if new is None else MOVES,
            happened_on=today,
            ref=refs[case_id],
            record=record,
            bulk_id=bulk,
            with_meeting=True,
        )
        act(session, command, by=by, now=now)
    session.flush()
    child = aliased(Case)
    seen = session.execute(
        select(Case.ref, child.ref)
        .join(child, child.id == Case.child_case_id)
        .where(Case.id.in_(requests), visible_requests(session, by.person_id, today))
        .order_by(Case.id)
    )
    return tuple(
        RequestWent(
            ref=ref,
            child=childs,
            waits=new is None,
            papers_were_due=old.papers_due_on if old is not new else None,
            papers_due=new.papers_due_on if new is not None else None,
        )
        for ref, childs in seen
    )
