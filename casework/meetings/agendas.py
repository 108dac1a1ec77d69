"""What goes out before a meeting, each once: the invitation, the agenda, and what came late (practice PT-4, NT-03).

The days are policy. Somebody is told that an agenda is out and where it is, never what is on it (R-RG-7); the
pack is printed by whoever may. Run again on the same day it sends nothing twice.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casework import policies
from casework.acting.funding_effects import ON_AGENDA as REQUEST_ON_AGENDA
from casework.delivery.outbox import queue
from casework.following import ledger
from casework.following.ledger import How
from casework.meetings.invited import invited_to
from casework.meetings.keeping import PLANNED
from casework.units import Office
from persistence.tables import AgendaItem, Case, Event, Meeting
from states.calendar import Calendar, london_date
from states.notices import MEETING_INVITATION, NT_03_AGENDA, NT_03_SUPPLEMENT
from states.policy.recurring import Body
from states.vocabulary import Notice, Party

FLOW = "agendas"
#: What makes a supplement, when it comes after the agenda went out.
_COMES_LATE = ("file_papers", "accept_late_papers")


@dataclass(frozen=True, slots=True, kw_only=True)
class SentOut:
    """How many meetings had something to send, by kind."""

    invitations: int = 0
    agendas: int = 0
    supplements: int = 0


def send_out(
    office: Office, *, owner: str, now: datetime, how: How, prefect_run_id: str | None = None
) -> dict[str, int]:
    """Send what is due before the meetings to come, in one unit; answers the counts that are not zero.

    The ledger gets a line where something was sent. Raises Busy.
    """

    def once(session: Session) -> dict[str, int]:
        counts = {name: number for name, number in asdict(send_due(session, now=now)).items() if number}
        if counts:
            run = ledger.start(session, flow=FLOW, owner=owner, how=how, now=now, prefect_run_id=prefect_run_id)
            ledger.finish(session, run, now=now, counts=counts)
        return counts

    return office.in_one_unit(once)


def send_due(session: Session, *, now: datetime) -> SentOut:
    """Queue the invitations, agendas and supplements that are due at an instant."""
    today = london_date(now)
    policy = policies.in_force(session, today).policy
    calendar = Calendar.of(policy)
    ahead = policy.meetings
    sent = {"invitations": 0, "agendas": 0, "supplements": 0}
    query = select(Meeting).where(
        Meeting.body.in_(list(Body)),
        Meeting.status == PLANNED,
        Meeting.event_id.is_(None),
        Meeting.held_on >= today,
        Meeting.held_on <= calendar.add_working_days(today, ahead.invitation_working_days_before),
    )
    for meeting in session.scalars(query.order_by(Meeting.held_on, Meeting.ref).with_for_update()):
        agenda_on = calendar.add_working_days(meeting.held_on, -ahead.agenda_working_days_before)
        has_agenda = meeting.body == Body.REVIEW_GROUP or _hears_requests(session, meeting)
        if has_agenda and agenda_on <= today and meeting.agenda_at is None:
            meeting.agenda_at = now
            meeting.invited_at = meeting.invited_at or now  # whoever has the agenda needs no invitation any more
            _tell(session, meeting, NT_03_AGENDA, "agenda", now)
            sent["agendas"] += 1
        elif meeting.invited_at is None:
            meeting.invited_at = now
            _tell(session, meeting, MEETING_INVITATION, "invitation", now)
            sent["invitations"] += 1
        elif meeting.agenda_at is not None and _came_late(session, meeting, meeting.supplement_at or meeting.agenda_at):
            meeting.supplement_at = now
            _tell(session, meeting, NT_03_SUPPLEMENT, f"supplement:{today}", now)
            sent["supplements"] += 1
    session.flush()
    return SentOut(**sent)


def _hears_requests(session: Session, meeting: Meeting) -> bool:
    """Whether a request stands on it that is not restricted: then the panel or DMT has an agenda too."""
    on_it = (
        select(AgendaItem.id)
        .join(Case, Case.id == AgendaItem.case_id)
        .where(
            AgendaItem.meeting_id == meeting.id,
            AgendaItem.status == REQUEST_ON_AGENDA,
            Case.restricted.is_(False),
        )
    )
    return session.scalar(on_it.limit(1)) is not None


def _came_late(session: Session, meeting: Meeting, since: datetime) -> bool:
    """Whether a child or request was listed, or papers came, after an instant; of a restricted child not told (R22)."""
    on_it = (
        select(Event.id)
        .join(AgendaItem, AgendaItem.case_id == Event.case_id)
        .join(Case, Case.id == Event.case_id)
        .where(
            AgendaItem.meeting_id == meeting.id,
            AgendaItem.status.in_(("listed", REQUEST_ON_AGENDA)),
            Case.restricted.is_(False),
            Event.recorded_at > since,
            or_(Event.id == AgendaItem.event_id, Event.trigger.in_(_COMES_LATE)),
        )
    )
    return session.scalar(on_it.limit(1)) is not None


def _tell(session: Session, meeting: Meeting, notice: Notice, what: str, now: datetime) -> None:
    queue(
        session,
        occasion=f"meeting:{meeting.id}:{what}",
        recipients=[
            (person, Party.INVITED.value, notice) for person in invited_to(session, meeting, london_date(now))
        ],
        now=now,
        due_on=meeting.held_on,
        meeting_id=meeting.id,
    )
