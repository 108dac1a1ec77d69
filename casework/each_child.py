"""The same thing for many children, each by themselves: a result per child (practice PT-2, PT-19).

Unlike brothers and sisters (`casework.acting.several`) they share no unit of work: one who is refused holds up
nobody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from casework import doing
from casework.acting.commands import Actor, Command, Result
from casework.errors import Conflict, NotFound, Refused, Unusable
from casework.units import Office
from casework.who.access import visible
from casework.who.people import find_person
from persistence.tables import Allocation, Case
from states.records.trajectory import PostOnACase
from states.vocabulary import Unmet


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of it for one child: the act, or everything that stood in its way."""

    ref: str
    result: Result | None = None
    reasons: tuple[Unmet, ...] = ()


def do_each(office: Office, commands: Iterable[Command], *, by: Actor, now: datetime) -> tuple[Answer, ...]:
    """Do an act for each of many children, in the order given. What is refused is answered, not raised."""
    return tuple(_do(office, command, by=by, now=now) for command in commands)


def _do(office: Office, command: Command, *, by: Actor, now: datetime) -> Answer:
    ref = command.ref or ""
    try:
        return Answer(ref=ref, result=doing.perform(office, command, by=by, now=now))
    except Refused as refused:
        return Answer(ref=ref, reasons=tuple(refused.reasons))
    except (NotFound, Conflict, Unusable) as wrong:
        return Answer(ref=ref, reasons=(Unmet("R-SM-1", str(wrong)),))


def commands_for(
    command: Command, refs: Sequence[str], differences: Mapping[str, Mapping[str, Any]]
) -> list[Command]:
    """One command a child, with what differs for each. A reference named twice counts once."""
    return [
        replace(
            command,
            ref=ref,
            record={**command.record, **differences.get(ref, {})},
            key=f"{command.key}:{ref}" if command.key else None,
        )
        for ref in dict.fromkeys(refs)
    ]


def held_by(
    session: Session, person: str, *, by: str, today: date, role: PostOnACase | None = None
) -> list[tuple[str, str]]:
    """(case, post) of every open case on which somebody holds a post, as far as the asker may open it.

    Raises Unusable for a person who does not exist.
    """
    holder = find_person(session, person).id
    post_held = aliased(Allocation)  # `visible` asks about the asker's own posts in the same table
    query = (
        select(Case.ref, post_held.role)
        .join(post_held, post_held.case_id == Case.id)
        .where(
            post_held.person_id == holder,
            post_held.from_on <= today,
            or_(post_held.until_on.is_(None), post_held.until_on > today),
            Case.closed.is_(False),
            visible(session, by, today),
        )
        .order_by(Case.id, post_held.role)
    )
    if role is not None:
        query = query.where(post_held.role == role.value)
    return [(ref, post) for ref, post in session.execute(query)]


def reassignment(
    held: Sequence[tuple[str, str]], *, to: str | None, on: date, no_conflict: bool, handover: str | None
) -> list[Command]:
    """The allocations by which the posts somebody holds pass to somebody else, or fall vacant (PT-19)."""
    record = {"person": to, "no_conflict": no_conflict, "handover": handover}
    given = {name: value for name, value in record.items() if value is not None}
    return [
        Command(trigger="allocate", happened_on=on, ref=ref, record={**given, "role": post}) for ref, post in held
    ]
