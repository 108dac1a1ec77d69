"""Letters to carers: made as documents in the case database, printed and sent by a person (design 5.11).

A letter is written once for each applicant and never again. The address on it is the addressee's own, out
of their own line on the case; nobody else's address or name but the worker's is ever in it (practice PT-20).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from casework.delivery.outbox import queue
from casework.delivery.recipients import holders
from casework.errors import CaseworkError, NotFound
from casework.policies import in_force
from casework.units import Office
from notifications.contexts import (
    DecisionLetter,
    InvitationLetter,
    KddLetter,
    Letter,
    NoticeReceivedLetter,
    OrderLetter,
)
from notifications.rendering import render_letter
from notifications.wording import in_words, on_a_letter, one_line, time_of_day
from persistence.tables import Case, Child, Contact, Document, Event, FollowUp, Person, Record
from states.calendar import Calendar, london_date
from states.notices import LETTER_READY, NOTICES
from states.policy import Policy
from states.processes import ALL_ROWS, rows_for, state_named
from states.records.codes import ContactKind
from states.vocabulary import Anywhere, Notice, Role

MEDIA_TYPE = "text/html; charset=utf-8"
#: Acts after which an earlier act's letter must not go out.
_TAKES_BACK = ("reverse_last", "move_act_to_right_child")
#: Who writes to the carers: the first of these posts that somebody holds.
_WRITERS = (Role.ASSESSMENT_WORKER, Role.CHILDS_WORKER, Role.TEAM_MANAGER)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterLine:
    """A letter as a list shows it: to whom, and what they need to read it (practice PT-20)."""

    id: str
    kind: str
    title: str
    addressee: str | None
    needs: str | None
    made_at: datetime
    sha256: str


def make_for(office: Office, follow_up_id: str, *, now: datetime) -> dict[str, int]:
    """Make the letters of a follow-up's events, and tell the worker that they wait. Counts; idempotent."""

    def make(session: Session) -> int:
        row = session.get(FollowUp, follow_up_id)
        if row is None:
            return 0
        query = select(Event).where(or_(Event.id == row.about, Event.bulk_id == row.about))
        return sum(
            make_for_event(session, event, now=now)
            for event in session.scalars(query.order_by(Event.case_id, Event.seq))
        )

    with office.reading() as session:
        row = session.get(FollowUp, follow_up_id)
        if row is None or not _may_want_letters(row.flow):
            return {"letters": 0}
    return {"letters": office.in_one_unit(make)}


def make_for_event(session: Session, event: Event, *, now: datetime) -> int:
    """Make the letters one event's row names, for each applicant on the day it happened; answers how many."""
    notices = letters_of(event)
    if not notices:
        return 0
    case = session.get_one(Case, event.case_id, with_for_update=True)  # two makers, one after the other
    taken_back = exists().where(Event.about_event == event.id, Event.trigger.in_(_TAKES_BACK))
    if session.scalar(select(taken_back)):
        return 0
    record = _record(session, event)
    if record.get("to_us") is False:  # a notice given to another authority is theirs to acknowledge
        return 0
    made = 0
    for contact in _applicants(session, case.id, event.happened_on):
        for notice in notices:
            made += _make(session, case, event, record, contact=contact, notice=notice, now=now)
    if made:
        _tell_the_writer(session, case, event, now)
    return made


def letters_of(event: Event) -> tuple[Notice, ...]:
    """The letters that an event's row of the process names, whatever the row's other conditions."""
    source = None if event.from_state is None else state_named(event.from_state)
    rows = [
        row
        for row in rows_for(event.trigger, source)
        if isinstance(row.to, Anywhere) or row.to.name == event.to_state
    ]
    named = (notice for row in rows for notice in row.notices if notice.is_letter)
    return tuple(dict.fromkeys(named))


def list_letters(session: Session, case_id: int) -> list[LetterLine]:
    """The letters of a case, newest first."""
    contacts = list(session.scalars(select(Contact).where(Contact.case_id == case_id)))
    query = select(Document).where(Document.case_id == case_id).order_by(Document.made_at.desc(), Document.id)
    return [_line(document, contacts) for document in session.scalars(query) if _is_letter(document)]


def read_letter(session: Session, document_id: str) -> tuple[LetterLine, bytes]:
    """A letter to print, as HTML. The caller has asked whether the reader may see its case.

    Raises NotFound, and CaseworkError when what is stored is not what was made.
    """
    document = session.get(Document, document_id)
    if document is None or not _is_letter(document):
        raise NotFound("letter", document_id)
    if sha256(document.body).hexdigest() != document.sha256:
        raise CaseworkError(f"The letter {document_id} is not what it was when it was made: do not send it.")
    contacts = list(session.scalars(select(Contact).where(Contact.case_id == document.case_id)))
    return _line(document, contacts), document.body


# -- one letter -------------------------------------------------------------------------------------------


def _make(
    session: Session,
    case: Case,
    event: Event,
    record: Mapping[str, Any],
    *,
    contact: Contact,
    notice: Notice,
    now: datetime,
) -> int:
    document_id = _document_id(event.id, notice.id, contact.id)
    if session.get(Document, document_id) is not None:
        return 0
    on = london_date(now)
    policy = in_force(session, on).policy
    writer, post = _writer(session, case, on)
    child = session.get(Child, case.id)
    every = {
        "authority": policy.authority.name,
        "made_on": on_a_letter(on),
        "our_reference": case.ref,
        "addressee": one_line(contact.name),
        "address": tuple(one_line(line) for line in (contact.address or "").splitlines() if line.strip()),
        "child": first_name(child),
        "writer": writer,
        "writer_post": post,
    }
    rendered = render_letter(notice, _words(notice, every, event, record, policy))
    body = rendered.html.encode()
    session.add(
        Document(
            id=document_id,
            case_id=case.id,
            event_id=event.id,
            kind=notice.id,
            title=notice.words,
            media_type=MEDIA_TYPE,
            body=body,
            sha256=sha256(body).hexdigest(),
            made_at=now,
            template_version=rendered.template_version,
        )
    )
    session.flush()
    return 1


def _words(
    notice: Notice, every: Mapping[str, Any], event: Event, record: Mapping[str, Any], policy: Policy
) -> Letter:
    """The words of one letter: what every letter has, and what the event's record says."""
    happened_on = on_a_letter(event.happened_on)
    match notice.folder:
        case "kdd_positive_letter":
            return KddLetter(**every, decided_on=happened_on, notice_months=policy.legal.notice_months)
        case "initial_meeting_invite_letter":
            held_on = _day(record.get("held_on"))
            return InvitationLetter(
                **every,
                held_on=in_words(held_on) if held_on else None,
                starts_at=time_of_day(record.get("starts_at")),
                place=one_line(record.get("place") or "") or None,
            )
        case "notice_acknowledged_letter":
            received = _day(record.get("received_on")) or event.happened_on
            earliest = Calendar.of(policy).add_months_not_before(received, policy.legal.notice_months)
            return NoticeReceivedLetter(
                **every, received_on=on_a_letter(received), earliest_on=on_a_letter(earliest)
            )
        case "order_made_letter":
            return OrderLetter(**every, ordered_on=happened_on)
        case _:
            return DecisionLetter(**every, decided_on=happened_on)


def _record(session: Session, event: Event) -> Mapping[str, Any]:
    """What is written down for an event, with its corrections."""
    rows = list(session.scalars(select(Record).where(Record.for_event == event.id)))
    superseded = {row.supersedes for row in rows}
    return next((row.data for row in rows if row.id not in superseded), {})


def _tell_the_writer(session: Session, case: Case, event: Event, now: datetime) -> None:
    """The note belongs to no run: the act's own has sent its messages by now."""
    on = london_date(now)
    policy = in_force(session, on).policy
    role, people = _who_writes(session, case, on)
    queue(
        session,
        occasion=f"letters:{event.id}",
        recipients=[(person, role, LETTER_READY) for person in people],
        now=now,
        event_id=event.id,
        case_id=case.id,
        due_on=Calendar.of(policy).add_working_days(on, policy.legal.letter_working_days),
    )


def _who_writes(session: Session, case: Case, on: date) -> tuple[Role, list[str]]:
    found = ((role, holders(session, case, role, on=on)) for role in _WRITERS)
    return next(((role, people) for role, people in found if people), (Role.TEAM_MANAGER, []))


def _writer(session: Session, case: Case, on: date) -> tuple[str, str]:
    role, people = _who_writes(session, case, on)
    if not people:
        return "The social work team", "Children and Family Services"
    name = one_line(session.get_one(Person, people[0]).name)
    return name, role.value[0].upper() + role.value[1:]


def _applicants(session: Session, case_id: int, on: date) -> list[Contact]:
    query = select(Contact).where(
        Contact.case_id == case_id,
        Contact.kind == ContactKind.APPLICANT,
        Contact.from_on <= on,
        or_(Contact.until_on.is_(None), Contact.until_on > on),
        Contact.ended_by_event.is_(None),
    )
    return list(session.scalars(query.order_by(Contact.from_on, Contact.id)))


def _may_want_letters(flow: str) -> bool:
    trigger = flow.rpartition(".")[2]
    return any(notice.is_letter for row in ALL_ROWS if row.trigger == trigger for notice in row.notices)


def first_name(child: Child | None) -> str:
    """What a child is called on paper that goes to carers: the first of the given names, or "the child"."""
    names = one_line((child.given_names if child else None) or "").split()
    return names[0] if names else "the child"


def _day(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None


def _document_id(event_id: str, notice_id: str, contact_id: str) -> str:
    """One id for one letter to one person about one event: it cannot be made twice."""
    return sha256(f"{event_id}\0{notice_id}\0{contact_id}".encode()).hexdigest()[:32]


def _is_letter(document: Document) -> bool:
    return document.kind in NOTICES and NOTICES[document.kind].is_letter


def _line(document: Document, contacts: list[Contact]) -> LetterLine:
    to = next(
        (c for c in contacts if _document_id(document.event_id, document.kind, c.id) == document.id), None
    )
    return LetterLine(
        id=document.id,
        kind=document.kind,
        title=document.title,
        addressee=to.name if to else None,
        needs=to.needs if to else None,
        made_at=document.made_at,
        sha256=document.sha256,
    )
