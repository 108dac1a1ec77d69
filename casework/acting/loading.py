"""From rows to facts: what a guard may know about a case, today, at an earlier state of knowledge, or if.

Reading never runs an effect. The history that counts is the events with the content that is true of each of
them today: a corrected record shows its last correction (design 5.5).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Date, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session, aliased

from casework.once import once
from casework.policies import InForce
from casework.straight import rows
from casework.who.people import GRANTED
from persistence.tables import (
    Attendance,
    Case,
    Child,
    Confirmation,
    Event,
    FundingCover,
    FundingRequest,
    Meeting,
    Person,
    Record,
    RoleGrant,
    SiblingLink,
)
from states.asked import household_key
from states.calendar import Calendar
from states.facts import ChildSeen, Entry, Facts, Head, MeetingSeen, PersonSeen, RequestSeen, live
from states.money import PENNY
from states.policy import Policy
from states.records import base
from states.records.assessment import FinancialPosition
from states.records.closing import Ended, Merged, TransferredOut
from states.records.group import Business
from states.stages import ASSESSING
from states.vocabulary import Role, Service

LISTING = (
    "list_for_group",
    "group_adjourns",
    "carer_declines",
    "return_to_group",
    "roa_does_not_ratify",
    "service_objects",
    "list_request",
    "adjourn_hearing",
)

#: Where a child's steps ask what became of its funding requests (practice PT-9).
JOINED_BY_MONEY = frozenset(state.name for state in ASSESSING)
#: Records whose guards look at the child's requests from any stage.
_ASKS_FOR_REQUESTS = (FinancialPosition, Ended, Merged, TransferredOut)


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


_AT_A_TIME = 500
_TOLD = (
    select(
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
        Confirmation.status,
        Record.for_event,
        Record.kind,
        Record.data,
        Record.happened_on,
    )
    .outerjoin(Record, Record.event_id == Event.id)
    .outerjoin(Confirmation, Confirmation.event_id == Event.id)
)
_HISTORY = _TOLD.where(Event.case_id == bindparam("case_id")).order_by(Event.seq)
_HISTORIES = (
    _TOLD.add_columns(Event.case_id)
    .where(Event.case_id.in_(bindparam("case_ids", expanding=True)))
    .order_by(Event.case_id, Event.seq)
)
_HISTORY_KNOWN_AT = _HISTORY.where(Event.recorded_on <= bindparam("known_at", type_=Date))


def load_entries(session: Session, case_id: int, *, known_at: date | None = None) -> tuple[Entry, ...]:
    """A case's whole history in order; with `known_at`, as it was recorded by that London date."""
    return _history(session, case_id, known_at)


@once
def _history(session: Session, case_id: int, known_at: date | None) -> tuple[Entry, ...]:
    if known_at is None:
        return _entries(rows(session, _HISTORY, case_id=case_id).all())
    return _entries(rows(session, _HISTORY_KNOWN_AT, case_id=case_id, known_at=known_at).all())


def load_entries_of(session: Session, case_ids: Sequence[int]) -> dict[int, tuple[Entry, ...]]:
    """The whole histories of many cases, by case id: one query for each few hundred of them."""
    told: dict[int, list[Any]] = {case_id: [] for case_id in case_ids}
    for first in range(0, len(case_ids), _AT_A_TIME):
        for row in rows(session, _HISTORIES, case_ids=case_ids[first : first + _AT_A_TIME]):
            told[row[17]].append(row[:17])
    return {case_id: _entries(history) for case_id, history in told.items()}


def _entries(history: Sequence[Any]) -> tuple[Entry, ...]:
    # An event shows what is true of it: its own record's content or, the last one winning, a correction's.
    content: dict[str | None, Any] = {row[13]: row[14:17] for row in history}
    entries: dict[str, Entry] = {}
    for row in history:  # by position: by name, the columns of forty events take longer than asking for them
        id_, seq, trigger, nature, left, led_to, on, recorded_on, decider, recorder, role, about, answer, *_ = row
        kind, data, truly_on = content.get(id_, ("", {}, on))
        entries[id_] = Entry(
            id=id_,
            seq=seq,
            trigger=trigger,
            nature=nature,
            from_state=left,
            to_state=led_to,
            happened_on=truly_on,
            recorded_on=recorded_on,
            decided_by=decider,
            recorded_by=recorder,
            role=role,
            confirmed=answer in (None, "confirmed"),
            kind=kind,
            data=data,
            about=about,
        )
    return tuple(entries.values())


@once
def load(session: Session, case: Case) -> Loaded:
    """A case with its child and history."""
    child = child_row(session, case.child_case_id or case.id)
    return Loaded(case=case, child=child, whole=load_entries(session, case.id))


@once
def child_row(session: Session, case_id: int) -> Child:
    """What is on record of the child whose own case this is."""
    return session.get_one(Child, case_id)


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
        lived_with_carers_since=child.placement_since,
        next_review_on=child.next_review_on,
        finance_position=case.finance_position,
        agreement_ref=case.agreement_ref,
    )


def listed_meeting(entries: Sequence[Entry]) -> str | None:
    """The reference of the meeting whose agenda the child is on, or was on last."""
    for entry in reversed(entries):
        if entry.trigger in ("take_off_agenda", "wait_for_meeting"):
            return None
        if entry.trigger in LISTING or _moved_while_listed(entry):
            meeting = entry.data.get("meeting")
            return str(meeting) if meeting else None
    return None


def _moved_while_listed(entry: Entry) -> bool:
    """A child on an agenda went where its meeting went (practice PT-15)."""
    return entry.trigger == "move_with_meeting" and entry.data["business"] == Business.LISTED


_MEETINGS = (
    select(
        Meeting.ref,
        Meeting.body,
        Meeting.held_on,
        Meeting.status,
        Meeting.chair_id,
        Meeting.called_off_on,
        Attendance.service,
        Attendance.how,
    )
    .outerjoin(Attendance, and_(Attendance.meeting_id == Meeting.id, Attendance.service.is_not(None)))
    .where(Meeting.ref.in_(bindparam("refs", expanding=True)))
)


def meetings_seen(session: Session, refs: Iterable[str]) -> dict[str, MeetingSeen]:
    """Meetings by reference, with the services that came or wrote."""
    wanted = {ref for ref in refs if ref}
    if not wanted:
        return {}
    meetings: dict[str, Any] = {}
    came: dict[tuple[str, str | None], set[str]] = {}
    for row in rows(session, _MEETINGS, refs=list(wanted)):
        meetings[row.ref] = row
        if row.service is not None:
            came.setdefault((row.ref, row.how), set()).add(row.service)
    return {
        ref: MeetingSeen(
            ref=ref,
            body=row.body,
            held_on=row.held_on,
            status=row.status,
            chair=row.chair_id,
            called_off_on=row.called_off_on,
            present=frozenset(came.get((ref, "present"), ())),
            written=frozenset(came.get((ref, "written view"), ())),
        )
        for ref, row in meetings.items()
    }


_PEOPLE = (
    select(Person.id, Person.enabled, RoleGrant.role, RoleGrant.service)
    .outerjoin(RoleGrant, and_(RoleGrant.person_id == Person.id, *GRANTED))
    .where(Person.id.in_(bindparam("ids", expanding=True)))
)


def people_seen(session: Session, ids: Iterable[str], on: date) -> dict[str, PersonSeen]:
    """People by id, with the roles they hold on a London date."""
    wanted = {i for i in ids if i}
    if not wanted:
        return {}
    enabled: dict[str, bool] = {}
    roles: dict[str, set[Role]] = {}
    services: dict[str, set[Service]] = {}
    for person_id, works_here, role, service in rows(session, _PEOPLE, ids=list(wanted), on=on):
        enabled[person_id] = works_here
        if role is not None:
            roles.setdefault(person_id, set()).add(Role(role))
        if service:
            services.setdefault(person_id, set()).add(Service(service))
    return {
        person_id: PersonSeen(
            id=person_id,
            enabled=works_here,
            roles=frozenset(roles.get(person_id, ())),
            services=frozenset(services.get(person_id, ())),
        )
        for person_id, works_here in enabled.items()
    }


_OTHER = aliased(Case)
_HAS_SIBLINGS = select(
    exists().where(
        or_(
            and_(SiblingLink.case_id == bindparam("case_id"), SiblingLink.sibling_id == _OTHER.id),
            and_(SiblingLink.sibling_id == bindparam("case_id"), SiblingLink.case_id == _OTHER.id),
        ),
        SiblingLink.until_on.is_(None),
        _OTHER.restricted.is_(False),
    )
)


@once
def has_siblings(session: Session, case_id: int) -> bool:
    """Whether a brother or sister is linked whom one may ask about: a restricted one must not show (R22)."""
    return bool(rows(session, _HAS_SIBLINGS, case_id=case_id).scalar())


_CHILDS = aliased(Case)
_REQUESTS = (
    select(
        FundingRequest.case_id,
        Case.ref,
        Case.state,
        Case.opened_on,
        _CHILDS.ref.label("child"),
        FundingRequest.kind,
        FundingRequest.purpose_kind,
        FundingRequest.household,
        FundingRequest.value_pence,
        FundingRequest.submitted_on,
        FundingRequest.signed_on,
        FundingRequest.noticed_on,
        Confirmation.status,
    )
    .join(Case, Case.id == FundingRequest.case_id)
    .join(_CHILDS, _CHILDS.id == Case.child_case_id)
    .outerjoin(Confirmation, Confirmation.event_id == FundingRequest.signed_event)
    .order_by(FundingRequest.case_id)
)
_COVERS_CHILD = select(FundingCover.case_id).where(FundingCover.child_case_id == bindparam("child_case_id"))
_FOR_CHILD = _REQUESTS.where(FundingRequest.case_id.in_(_COVERS_CHILD))
_OF_HOUSEHOLD = select(FundingRequest.household_key).where(FundingRequest.case_id == bindparam("case_id"))
_COVERED_HERE = select(FundingCover.child_case_id).where(FundingCover.case_id == bindparam("case_id"))
_BESIDE = _REQUESTS.where(
    FundingRequest.case_id != bindparam("case_id"),
    or_(
        FundingRequest.case_id.in_(_COVERS_CHILD),
        FundingRequest.case_id.in_(select(FundingCover.case_id).where(FundingCover.child_case_id.in_(_COVERED_HERE))),
        FundingRequest.household_key.in_(_OF_HOUSEHOLD),
        FundingRequest.household_key == bindparam("household"),
    ),
)
_COVERED = (
    select(FundingCover.case_id, Case.ref)
    .join(Case, Case.id == FundingCover.child_case_id)
    .where(FundingCover.case_id.in_(bindparam("ids", expanding=True)))
)


@once
def requests_of_child(session: Session, child_case_id: int) -> tuple[RequestSeen, ...]:
    """The funding requests for a child, its own and those of a brother or sister that are also for it."""
    return _requests_seen(session, rows(session, _FOR_CHILD, child_case_id=child_case_id).all())


@once
def requests_beside(
    session: Session, case_id: int, child_case_id: int, household: str | None
) -> tuple[RequestSeen, ...]:
    """The other requests of the children a request is for, and of its household (rules R-FIN-4)."""
    key = household_key(household or "")
    found = rows(session, _BESIDE, case_id=case_id, child_case_id=child_case_id, household=key).all()
    return _requests_seen(session, found)


def _requests_seen(session: Session, found: Sequence[Any]) -> tuple[RequestSeen, ...]:
    if not found:
        return ()
    covers: dict[int, set[str]] = {}
    for request_id, ref in rows(session, _COVERED, ids=[row.case_id for row in found]):
        covers.setdefault(request_id, set()).add(ref)
    return tuple(
        RequestSeen(
            ref=row.ref,
            child=row.child,
            covers=frozenset(covers.get(row.case_id, ())),
            kind=row.kind,
            purpose_kind=row.purpose_kind,
            household=row.household,
            value=row.value_pence * PENNY,
            state=row.state,
            opened_on=row.opened_on,
            formal=row.submitted_on is not None,
            signed_on=row.signed_on,
            confirmed=row.status in (None, "confirmed"),
            noticed=row.noticed_on is not None,
        )
        for row in found
    )


@once
def child_seen(session: Session, child_case_id: int) -> ChildSeen:
    """The child a request is for: stage, birth and history as they stand."""
    case, child = session.get_one(Case, child_case_id), child_row(session, child_case_id)
    return ChildSeen(
        ref=case.ref,
        state=case.state,
        entries=live(load_entries(session, child_case_id)),
        date_of_birth=child.date_of_birth,
    )


class Lookups:
    """What the facts of an act say about others: meetings, people, brothers and sisters; asked of the database."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def meetings(self, refs: Iterable[str]) -> dict[str, MeetingSeen]:
        """Meetings by reference."""
        return meetings_seen(self.session, refs)

    def people(self, ids: Iterable[str], on: date) -> dict[str, PersonSeen]:
        """People by id, as of a London date."""
        return people_seen(self.session, ids, on)

    def requests(self, child_case_id: int) -> tuple[RequestSeen, ...]:
        """The funding requests for a child."""
        return requests_of_child(self.session, child_case_id)

    def beside(self, case_id: int, child_case_id: int, household: str | None) -> tuple[RequestSeen, ...]:
        """The other requests of a request's child and household; and of the household it is to have."""
        return requests_beside(self.session, case_id, child_case_id, household)

    def child(self, child_case_id: int) -> ChildSeen:
        """The child a request is for."""
        return child_seen(self.session, child_case_id)

    def has_siblings(self, case_id: int) -> bool:
        """Whether a brother or sister is linked whom one may ask about."""
        return has_siblings(self.session, case_id)


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
    child_case_id: int | None = None,
    services: frozenset[str] = frozenset(),
    roles: frozenset[Role] = frozenset(),
    posts: frozenset[Role] = frozenset(),
    new_posts: frozenset[Role] = frozenset(),
    recorders_roles: frozenset[Role] = frozenset(),
    acting_for: str | None = None,
    late_reason: str | None = None,
    lookups: Lookups | None = None,
) -> Facts:
    """Everything the guards may look at, for an act on a case. `child_case_id`: of a funding request, whose it is."""
    ask = lookups or Lookups(session)
    whose = child_case_id or case_id
    rules = policy.policy if isinstance(policy, InForce) else policy
    entries = live(whole)
    named = [ref for _, ref in record.named(base.Kind.MEETING)] if record else []
    listed = listed_meeting(entries)
    meetings = ask.meetings([*named, *([listed] if listed else [])])
    people = [who for _, who in record.named(base.Kind.PERSON)] if record else []
    requests: tuple[RequestSeen, ...] = ()
    if child_case_id is not None:
        people += [meeting.chair for meeting in meetings.values() if meeting.chair]
        if case_id is not None:
            requests = ask.beside(case_id, child_case_id, getattr(record, "household", None))
    elif case_id is not None and (head.state in JOINED_BY_MONEY or isinstance(record, _ASKS_FOR_REQUESTS)):
        requests = ask.requests(case_id)
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
        people=ask.people(people, on),
        deciders_services=services,
        deciders_roles=roles,
        deciders_posts=posts,
        deciders_new_posts=new_posts,
        recorders_roles=recorders_roles,
        acting_for=acting_for,
        late_reason=late_reason,
        has_siblings=_asks_for_siblings(record) and whose is not None and ask.has_siblings(whose),
        requests=requests,
        child=ask.child(child_case_id) if child_case_id is not None else None,
    )


def _asks_for_siblings(record: base.Record | None) -> bool:
    """Whether a guard or an offer may look at it: every step that is offered, and what is said of them (A40)."""
    return record is None or "sibling_impact" in type(record).model_fields


def unconfirmed(session: Session, case_id: int) -> list[Confirmation]:
    """Decisions on a case that wait for the person in whose name they are recorded (practice PR-2)."""
    return list(
        session.scalars(
            select(Confirmation).where(
                and_(Confirmation.case_id == case_id, Confirmation.status != "confirmed")
            )
        )
    )
