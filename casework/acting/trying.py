"""What a step would do, before it is done: it is done, looked at and undone (design 4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acting import acts
from casework.acting.commands import Actor, Command, Result
from persistence.tables import Outbox, Person
from states.processes import ALL_ROWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a step would do: the result, and who would be told of what."""

    result: Result
    told: tuple[tuple[str, str], ...]  # what the message is about, to whom


def do_and_look(session: Session, command: Command, *, by: Actor, now: datetime) -> Tried:
    """Do one act and look at what came of it; the caller undoes it. Raises what the act itself raises."""
    result = acts.act(session, replace(command, key=None), by=by, now=now)
    rows = session.execute(
        select(Outbox.notices, Person.name)
        .join(Person, Person.id == Outbox.recipient_id)
        .where(Outbox.event_id == result.event)
        .order_by(Person.name)
    )
    told = tuple((_words(notice), name) for notices, name in rows for notice in notices)
    return Tried(result=result, told=told)


def _words(notice: str) -> str:
    known = (n for row in ALL_ROWS for n in row.notices if notice in (n.folder, n.id))
    return next((n.words for n in known), notice)
