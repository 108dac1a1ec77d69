"""What is on record beside each entry of a history: who it was done for, who confirmed it, who was written to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, select
from sqlalchemy.orm import Session

from casework.once import once
from casework.straight import rows
from persistence.tables import Confirmation, Event, Outbox, Person

_CASE: BindParameter[int] = bindparam("case_id")
_EVENTS = (
    select(
        Event.id,
        Event.trigger,
        Event.bulk_id,
        Event.on_behalf_of,
        Event.evidence,
        Event.late_reason,
        Confirmation.status.label("confirmation"),
        Confirmation.answered_by_event,
    )
    .outerjoin(Confirmation, Confirmation.event_id == Event.id)
    .where(Event.case_id == _CASE)
    .order_by(Event.seq)
)
_MESSAGES = (
    select(
        Outbox.event_id,
        Outbox.occasion,
        Outbox.notices,
        Outbox.delivery,
        Outbox.status,
        Outbox.reason,
        Outbox.sent_at,
        Person.handle,
        Person.name,
    )
    .join(Person, Person.id == Outbox.recipient_id)
    .where(Outbox.case_id == _CASE)
    .order_by(Outbox.created_at, Person.handle)
)


@once
def events_of(session: Session, case_id: int) -> tuple[Row[*tuple[Any, ...]], ...]:
    """Of every event of a case, in order: what its entry does not say."""
    return tuple(rows(session, _EVENTS, case_id=case_id))


@once
def messages_of(session: Session, case_id: int) -> tuple[Row[*tuple[Any, ...]], ...]:
    """Every message about a case and to whom, oldest first."""
    return tuple(rows(session, _MESSAGES, case_id=case_id))
