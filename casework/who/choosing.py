"""Whom and which meeting a form offers to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from casework.once import once
from casework.straight import rows
from persistence.tables import Meeting, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Chooseable:
    """(value, words) of everybody who works here, and of every meeting of a body, those to come first."""

    people: tuple[tuple[str, str], ...]
    meetings: tuple[tuple[str, str], ...]


def names_of_people(session: Session) -> dict[str, str]:
    """Everybody's name, by handle and by id: a page says who, whichever way a record names them."""
    people = _everybody(session)
    return {**{p.handle: p.name for p in people}, **{p.id: p.name for p in people}}


def handles_by_id(session: Session) -> dict[str, str]:
    """Everybody's handle, by id: records keep ids, forms offer handles."""
    return {person.id: person.handle for person in _everybody(session)}


_EVERYBODY = select(Person.id, Person.handle, Person.name)


@once
def _everybody(session: Session) -> tuple[Row[str, str, str], ...]:
    return tuple(rows(session, _EVERYBODY))


def to_choose_from(session: Session, *, today: date) -> Chooseable:
    """People by name; the meetings to come, the next one first, then those that were, the last one first."""
    people = session.execute(
        select(Person.handle, Person.name).where(Person.enabled, Person.mailbox.is_(False)).order_by(Person.name)
    )
    planned = session.scalars(
        select(Meeting)
        .where(Meeting.event_id.is_(None), Meeting.status != "cancelled")
        .order_by(Meeting.held_on, Meeting.ref)
    ).all()
    coming = [one for one in planned if one.held_on >= today]
    past = [one for one in reversed(planned) if one.held_on < today]
    return Chooseable(
        people=tuple((handle, f"{name} ({handle})") for handle, name in people),
        meetings=tuple((m.ref, f"{m.body}, {m.held_on.day} {m.held_on:%B %Y}") for m in (*coming, *past)),
    )
