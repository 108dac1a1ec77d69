"""The next meetings that hear money, their papers, and the requests that need one (rules R-FIN-2, R-FIN-5, PT-4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acting.funding_effects import ON_AGENDA
from casework.meetings.keeping import PLANNED
from persistence.tables import AgendaItem, Case, FundingRequest, Meeting
from states import authority
from states.calendar import Calendar
from states.funding_stages import F
from states.guards.funding import HEARD_BY
from states.money import PENNY
from states.policy import Policy
from states.policy.recurring import Body
from states.records.funding import FundingKind

_PREPARED = (F.PREPARING.name, F.RETURNED.name)
#: So many meetings of each body are shown.
SHOWN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The meeting on whose agenda a request is."""

    meeting: str
    body: str
    held_on: date
    papers_due_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingAhead:
    """A meeting to come: until when it takes papers, and which requests are on its agenda."""

    ref: str
    held_on: date
    papers_due_on: date | None
    working_days: int | None  # until the papers are due; below nothing: they were
    listed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """One body: its next meetings, and the requests that need one of them and are on no agenda.

    `makes` is the first meeting whose papers are still to come; none: no such meeting is planned.
    """

    body: str
    meetings: tuple[MeetingAhead, ...]
    to_list: tuple[str, ...]
    coming: tuple[str, ...]  # they will need it later on their way
    makes: MeetingAhead | None


def listed_of(session: Session, ids: Sequence[int]) -> dict[int, Listed]:
    """On whose agenda each of these requests is, by its id."""
    query = (
        select(AgendaItem.case_id, Meeting)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .where(AgendaItem.case_id.in_(ids), AgendaItem.status == ON_AGENDA)
        .order_by(Meeting.held_on)
    )
    return {
        case_id: Listed(meeting=one.ref, body=one.body, held_on=one.held_on, papers_due_on=one.papers_due_on)
        for case_id, one in session.execute(query)
    }


def hearings_of(
    session: Session,
    requests: Sequence[tuple[Case, FundingRequest]],
    heard: Mapping[int, Listed],
    policy: Policy,
    today: date,
) -> tuple[Hearing, ...]:
    """Each body that hears money, with what somebody may open of what it hears."""
    calendar = Calendar.of(policy)
    query = (
        select(Meeting)
        .where(
            Meeting.body.in_(list(Body)),
            Meeting.held_on >= today,
            Meeting.status == PLANNED,
            Meeting.event_id.is_(None),
        )
        .order_by(Meeting.held_on, Meeting.ref)
    )
    meetings = list(session.scalars(query))
    on_agenda: dict[str, list[str]] = {}
    for case, _ in requests:
        if case.id in heard:
            on_agenda.setdefault(heard[case.id].meeting, []).append(case.ref)
    found = []
    for body in Body:
        ahead = [_ahead(one, on_agenda, calendar, today) for one in meetings if one.body == body]
        needs = [case.ref for case, _ in requests if HEARD_BY.get(case.state) == body and case.id not in heard]
        coming = [case.ref for case, there in requests if _comes_later(case, there, body, policy)]
        if not (needs or coming or any(one.listed for one in ahead)):
            ahead = ahead[:1]
        found.append(
            Hearing(
                body=body.value,
                meetings=tuple(one for number, one in enumerate(ahead) if number < SHOWN or one.listed),
                to_list=tuple(needs),
                coming=tuple(coming),
                makes=next((one for one in ahead if one.working_days is None or one.working_days >= 0), None),
            )
        )
    return tuple(found)


def _ahead(
    meeting: Meeting, on_agenda: Mapping[str, Sequence[str]], calendar: Calendar, today: date
) -> MeetingAhead:
    papers = meeting.papers_due_on
    return MeetingAhead(
        ref=meeting.ref,
        held_on=meeting.held_on,
        papers_due_on=papers,
        working_days=None if papers is None else calendar.working_days_between(today, papers),
        listed=tuple(on_agenda.get(meeting.ref, ())),
    )


def _comes_later(case: Case, there: FundingRequest, body: Body, policy: Policy) -> bool:
    """Whether a request that is not before a body yet will be (rules R-FIN-1, R-FIN-2, R-FIN-5, A28)."""
    kind = FundingKind(there.kind)
    if body is Body.DMT:
        before = case.state in (*_PREPARED, F.AT_PERMANENCE_PANEL.name)
        return before and authority.tier_of(kind, there.value_pence * PENNY, policy.finance).dmt
    if case.state not in _PREPARED or not authority.is_heard(kind, policy.finance):
        return False
    return (body is Body.REVIEW_GROUP) == (kind is FundingKind.NEEDS_LED_ALLOWANCE)
