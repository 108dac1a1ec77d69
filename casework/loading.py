"""From rows to facts: what a guard may know about a case, today, at an earlier state of knowledge, or if.

Reading never runs an effect. The history that counts is the events with the content that is true of each of
them today: a corrected record shows its last correction (design 5.5).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from casework.people import held_on
from casework.policies import InForce
from persistence.tables import (
    Attendance,
    Case,
    Child,
    Confirmation,
    Event,
    Meeting,
    Person,
    Record,
    SiblingLink,
)
from states.calendar import Calendar
from states.facts import Entry, Facts, Head, MeetingSeen, PersonSeen, live
from states.policy import Policy
from states.records import base
from states.vocabulary import Role, Service

LISTING = (
    "list_for_group",
    "group_adjourns",
    "carer_declines",
    "return_to_group",
    "roa_does_not_ratify",
    "service_objects",
)

_EVENT = (
    Event.id,
    Event.seq,
    Event.trigger,
    Event.nature,
    Event.from_state,
    Event.to_state,
    Event.happened_on,
    Event.recorded_on,
    Event.decided_by,
    Event.recorded_by,
    Event.role,
    Event.about_event,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A case with its whole history."""

    case: Case
    child: Child
    whole: tuple[Entry, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The history that counts."""
        return live(self.whole)


def load_entries(session: Session, case_id: int, *, known_at: date | None = None) -> tuple[Entry, ...]:
    """A case's whole history in order; with `known_at`, as it was recorded by that London date."""
    query = select(*_EVENT).where(Event.case_id == case_id).order_by(Event.seq)
    if known_at is not None:
        query = query.where(Event.recorded_on <= known_at)
    events = session.execute(query).all()
    seq_of = {row.id: row.seq for row in events}
    contents = [
        row
        for row in session.execute(
            select(Record.event_id, Record.for_event, Record.kind, Record.data, Record.happened_on).where(
                Record.case_id == case_id
            )
        )
        if row.event_id in seq_of
    ]
    contents.sort(key=lambda row: seq_of[row.event_id])
    content = {row.for_event: row for row in contents}  # the last correction wins
    answers = {
        row.event_id: row.status
        for row in session.execute(
            select(Confirmation.event_id, Confirmation.status).where(Confirmation.case_id == case_id)
        )
    }
    return tuple(
        Entry(
            id=row.id,
            seq=row.seq,
            trigger=row.trigger,
            nature=row.nature,
            from_state=row.from_state,
            to_state=row.to_state,
            happened_on=content[row.id].happened_on if row.id in content else row.happened_on,
            recorded_on=row.recorded_on,
            decided_by=row.decided_by,
            recorded_by=row.recorded_by,
            role=row.role,
            confirmed=answers.get(row.id, "confirmed") == "confirmed",
            kind=content[row.id].kind if row.id in content else "",
            data=content[row.id].data if row.id in content else {},
            about=row.about_event,
        )
        for row in events
    )


def load(session: Session, case: Case) -> Loaded:
    """A case with its child and history."""
    child = session.get_one(Child, case.id)
    return Loaded(case=case, child=child, whole=load_entries(session, case.id))


def head_of(case: Case, child: Child) -> Head:
    """What guards see of the case row."""
    return Head(
        ref=case.ref,
        state=case.state,
        version=case.version,
        colour=case.colour,
        date_of_birth=child.date_of_birth,
        legal_status=child.legal_status,
        placement_code=child.placement_code,
        kinship=child.kinship,
        next_review_on=child.next_review_on,
        finance_position=case.finance_position,
        agreement_ref=case.agreement_ref,
    )


def listed_meeting(entries: Sequence[Entry]) -> str | None:
    """The reference of the meeting whose agenda the child is on, or was on last."""
    for entry in reversed(entries):
        if entry.trigger == "take_off_agenda":
            return None
        if entry.trigger in LISTING:
            meeting = entry.data.get("meeting")
            return str(meeting) if meeting else None
    return None


def meetings_seen(session: Session, refs: Iterable[str]) -> dict[str, MeetingSeen]:
    """Meetings by reference, with the services that came or wrote."""
    wanted = {ref for ref in refs if ref}
    if not wanted:
        return {}
    meetings = session.scalars(select(Meeting).where(Meeting.ref.in_(wanted))).all()
    here: dict[str, list[tuple[str | None, str]]] = {m.id: [] for m in meetings}
    for meeting_id, service, how in session.execute(
        select(Attendance.meeting_id, Attendance.service, Attendance.how).where(
            Attendance.meeting_id.in_(list(here)), Attendance.service.is_not(None)
        )
    ):
        here[meeting_id].append((service, how))
    return {
        m.ref: MeetingSeen(
            ref=m.ref,
            body=m.body,
            held_on=m.held_on,
            status=m.status,
            chair=m.chair_id,
            present=frozenset(s for s, how in here[m.id] if s and how == "present"),
            written=frozenset(s for s, how in here[m.id] if s and how == "written view"),
        )
        for m in meetings
    }


def people_seen(session: Session, ids: Iterable[str], on: date) -> dict[str, PersonSeen]:
    """People by id, with the roles they hold on a London date."""
    wanted = {i for i in ids if i}
    if not wanted:
        return {}
    roles: dict[str, set[Role]] = {}
    services: dict[str, set[Service]] = {}
    for person_id, held in held_on(session, wanted, on):
        roles.setdefault(person_id, set()).add(held.role)
        if held.service:
            services.setdefault(person_id, set()).add(held.service)
    return {
        row.id: PersonSeen(
            id=row.id,
            enabled=row.enabled,
            roles=frozenset(roles.get(row.id, ())),
            services=frozenset(services.get(row.id, ())),
        )
        for row in session.execute(select(Person.id, Person.enabled).where(Person.id.in_(wanted)))
    }


def has_siblings(session: Session, case_id: int) -> bool:
    """Whether a brother or sister is linked."""
    found = session.scalar(
        select(SiblingLink.id)
        .where(
            or_(SiblingLink.case_id == case_id, SiblingLink.sibling_id == case_id),
            SiblingLink.until_on.is_(None),
        )
        .limit(1)
    )
    return found is not None


def facts_for(
    session: Session,
    *,
    head: Head,
    whole: tuple[Entry, ...],
    record: base.Record | None,
    on: date,
    today: date,
    decided_by: str,
    recorded_by: str,
    policy: InForce | Policy,
    case_id: int | None,
    services: frozenset[str] = frozenset(),
    acting_for: str | None = None,
    late_reason: str | None = None,
) -> Facts:
    """Everything the guards may look at, for an act on a case."""
    rules = policy.policy if isinstance(policy, InForce) else policy
    entries = live(whole)
    named = [ref for _, ref in record.named(base.Kind.MEETING)] if record else []
    listed = listed_meeting(entries)
    meetings = meetings_seen(session, [*named, *([listed] if listed else [])])
    people = [who for _, who in record.named(base.Kind.PERSON)] if record else []
    return Facts(
        head=head,
        entries=entries,
        whole=whole,
        given=record,
        on=on,
        today=today,
        decided_by=decided_by,
        recorded_by=recorded_by,
        policy=rules,
        calendar=Calendar.of(rules),
        listed=meetings.get(listed) if listed else None,
        meetings=meetings,
        people=people_seen(session, people, on),
        deciders_services=services,
        acting_for=acting_for,
        late_reason=late_reason,
        has_siblings=has_siblings(session, case_id) if case_id is not None else False,
    )


def unconfirmed(session: Session, case_id: int) -> list[Confirmation]:
    """Decisions on a case that wait for the person in whose name they are recorded (practice PR-2)."""
    return list(
        session.scalars(
            select(Confirmation).where(
                and_(Confirmation.case_id == case_id, Confirmation.status != "confirmed")
            )
        )
    )
