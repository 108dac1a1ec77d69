"""What follows from a try to hand a message over: later again, an end, and who is told (reliability B.4).

Every function changes the row it is given inside the caller's unit and answers how the message is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from casework.delivery import recipients
from casework.delivery.outbox import MAIL, Status, queue
from casework.delivery.recipients import NotSent, Reader
from notifications.channels import Arrival, Blame, CertainFailure
from notifications.rendering import NotRendered
from persistence.tables import Case, Outbox, Person
from states.calendar import Calendar, london_date
from states.notices import MAIL_NOT_DELIVERED, NOTICES
from states.policy import Policy
from states.vocabulary import Delivery, Party

_TEXT = 300
#: What kills no message: the channel is away, or refuses our settings.
OF_THE_CHANNEL = (Blame.CHANNEL, Blame.SETTINGS)


def cleared(row: Outbox) -> None:
    """The channel has no such message: tries whose outcome was unknown have certainly failed."""
    row.attempts += row.unknowns
    row.unknowns = 0


def failed(
    session: Session,
    row: Outbox,
    reader_id: str,
    why: CertainFailure | NotRendered,
    *,
    policy: Policy,
    now: datetime,
) -> str:
    """A try that certainly did not hand the message over: later again, or the end of it."""
    waits = policy.mail.retry_minutes
    row.status = Status.UNKNOWN if row.unknowns else Status.QUEUED
    row.lease_owner = row.lease_until = None
    if isinstance(why, CertainFailure) and why.blame in OF_THE_CHANNEL:
        # A channel that is down kills no message: it rests, and a person is alarmed once.
        row.next_attempt_at = now + timedelta(minutes=waits[0])
        return "failed"
    row.attempts += 1
    if isinstance(why, CertainFailure) and why.permanent and why.address_bad:
        person = session.get_one(Person, reader_id)
        person.email_failed_at, person.email_failure = now, why.detail
        return _dead(session, row, now, "the address was refused", address_of=person)
    if row.attempts > len(waits):
        return _dead(session, row, now, f"refused {row.attempts} times")
    row.next_attempt_at = now + timedelta(minutes=waits[row.attempts - 1])
    return "failed"


def unknown(session: Session, row: Outbox, *, policy: Policy, now: datetime) -> str:
    """A try after which the message may have been accepted: few repeats, then a person decides."""
    row.unknowns += 1
    row.lease_owner = row.lease_until = None
    if row.unknowns > policy.mail.unknown_repeats or row.attempts >= len(policy.mail.retry_minutes):
        row.status, row.next_attempt_at = Status.NEEDS_A_PERSON, None
        row.reason = f"nobody knows whether it arrived, after {row.attempts + row.unknowns} tries"
        _tell_of_failure(session, row, now, f"mail:{row.id}")
        return "needs_a_person"
    row.status = Status.UNKNOWN
    row.next_attempt_at = now + timedelta(minutes=policy.mail.unknown_retry_minutes)
    return "unknown"


def bounced(
    session: Session, row: Outbox, reader_id: str, address: str | None, arrival: Arrival, *, now: datetime
) -> str:
    """The channel took the message, and later said that it did not arrive: the end of it."""
    person = session.get(Person, reader_id)
    if arrival is Arrival.NO_MAILBOX and person is not None and _is_theirs(person, address):
        person.email_failed_at, person.email_failure = now, arrival.value
        return _dead(session, row, now, "the address was refused", address_of=person)
    return _dead(session, row, now, f"it did not arrive: {arrival.value}")


def _is_theirs(person: Person, address: str | None) -> bool:
    """Whether the address is the one the person has now: it may have been mended since."""
    return bool(address and person.email) and str(address).casefold() == str(person.email).casefold()


def not_sent(session: Session, row: Outbox, why: NotSent, *, now: datetime) -> str:
    """The reader is not to have it: record why, and pass it on to whoever holds the post now (rules N-6)."""
    if why.failed:
        return _dead(session, row, now, why.reason, address_of=session.get(Person, why.reader_id))
    row.status, row.reason, row.next_attempt_at = Status.SUPPRESSED, why.reason, None
    if why.pass_on:
        _pass_on(session, row, now)
    return "suppressed"


def tell_stand_ins(
    session: Session, row: Outbox, reader: Reader, *, calendar: Calendar, now: datetime
) -> None:
    """Copy what is urgent to the Team Manager where its reader is not at work (practice PT-19).

    It goes to the reader all the same. Not what only they can answer, nor what is about no one child.
    """
    if row.case_id is None or row.because == Party.STAND_IN or recipients.is_personal(row):
        return
    case = session.get_one(Case, row.case_id)
    have = _have(session, row, Outbox.status != Status.FOR_DIGEST)  # what waits for a digest now goes at once
    have |= recipients.read_for_others(session, row)
    on = london_date(now)
    for person_id in recipients.stand_ins(session, case, reader.person_id, on=on, calendar=calendar):
        if person_id not in have:
            _write(
                session,
                row,
                occasion=row.occasion,
                person_id=person_id,
                because=Party.STAND_IN.value,
                notices=row.notices,
                case_id=row.case_id,
                now=now,
            )


def _have(session: Session, row: Outbox, *which: ColumnElement[bool]) -> set[str]:
    """Who has a message about this occasion."""
    query = select(Outbox.recipient_id).where(Outbox.occasion == row.occasion, Outbox.channel == MAIL, *which)
    return set(session.scalars(query))


def _pass_on(session: Session, row: Outbox, now: datetime) -> None:
    have = _have(session, row)
    for person_id, because in recipients.successors(session, row, on=london_date(now)):
        if person_id not in have:
            _write(
                session,
                row,
                occasion=row.occasion,
                person_id=person_id,
                because=because,
                notices=row.notices,
                case_id=row.case_id,
                now=now,
            )
            row.reason = f"{row.reason}; passed on as {because}"[:_TEXT]


def _dead(
    session: Session, row: Outbox, now: datetime, reason: str, *, address_of: Person | None = None
) -> str:
    """The message is dead, and a named person is told (reliability B.3)."""
    row.status, row.reason, row.next_attempt_at = Status.DEAD, reason[:_TEXT], None
    occasion = f"mail:{row.id}"
    if address_of is not None and address_of.email_failed_at is not None:
        # one message about an address, not one for each mail that could not go there
        occasion = f"address:{address_of.id}:{address_of.email_failed_at:%Y%m%d%H%M%S}"
    _tell_of_failure(session, row, now, occasion)
    return "dead"


def _tell_of_failure(session: Session, row: Outbox, now: datetime, occasion: str) -> None:
    """Queue a message about the failure; who gets it ends by itself (`recipients.to_tell_of_failure`)."""
    whom = recipients.to_tell_of_failure(session, row, on=london_date(now))
    if whom is None:
        row.reason = f"{row.reason}; nobody could be told"[:_TEXT]
        return
    case_id = row.case_id if whom.knows_the_child else None
    _write(
        session,
        row,
        occasion=occasion,
        person_id=whom.person_id,
        because=whom.because,
        notices=[MAIL_NOT_DELIVERED.id],
        case_id=case_id,
        now=now,
    )
    row.told_failed = whom.person_id


def _write(
    session: Session,
    row: Outbox,
    *,
    occasion: str,
    person_id: str,
    because: str,
    notices: Sequence[str],
    case_id: int | None,
    now: datetime,
) -> None:
    """A further message of the same event; delivered in the same round if it can be."""
    same = occasion == row.occasion
    queue(
        session,
        occasion=occasion,
        recipients=[(person_id, because, NOTICES[notice]) for notice in notices],
        now=now,
        event_id=row.event_id,
        follow_up_id=row.follow_up_id,
        case_id=case_id,
        due_on=row.due_on if same else None,
        meeting_id=row.meeting_id if same else None,
        at_once={person_id} if row.delivery == Delivery.NOW else (),
    )
