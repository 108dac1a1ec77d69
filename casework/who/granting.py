"""Roles take two administrators: one asks, another confirms (reliability C13).

Only while an installation is being set up, before its first child, one administrator does it alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from casework.errors import NotFound, Refused
from casework.who import people
from casework.who.staffing import ADMINISTRATORS, require
from persistence.tables import AskedGrant, Person, RoleGrant, Team
from states.vocabulary import Role, Service, Unmet

#: Who confirms beside another administrator: where there is no second one, somebody has to.
SENIOR = frozenset({Role.DIRECTOR, Role.ASSISTANT_DIRECTOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A role that waits for a second person's word."""

    id: str
    person: str
    name: str
    role: str
    where: str | None
    from_on: date
    until_on: date | None
    asked_by: str
    asked_at: datetime


def waiting(session: Session) -> list[Asked]:
    """Every role that waits, the oldest first."""
    who, asker = aliased(Person), aliased(Person)
    query = (
        select(AskedGrant, who.handle, who.name, asker.handle, Team.name)
        .join(who, who.id == AskedGrant.person_id)
        .join(asker, asker.id == AskedGrant.asked_by)
        .outerjoin(Team, Team.id == AskedGrant.team_id)
        .where(AskedGrant.answer.is_(None))
        .order_by(AskedGrant.asked_at, AskedGrant.id)
    )
    return [
        Asked(
            id=one.id,
            person=handle,
            name=name,
            role=one.role,
            where=team or one.service,
            from_on=one.from_on,
            until_on=one.until_on,
            asked_by=asked_by,
            asked_at=one.asked_at,
        )
        for one, handle, name, asked_by, team in session.execute(query)
    ]


def answer(session: Session, asked_id: str, *, confirmed: bool, by: str, today: date, now: datetime) -> None:
    """Confirm or decline a role; who asked may take it back. Raises NotFound where nothing waits.

    Raises Refused for who asked, whom it is for, and who is neither administrator nor senior enough.
    """
    require(session, by, ADMINISTRATORS | SENIOR, today, "role confirm")
    asked = session.get(AskedGrant, asked_id, with_for_update=True)
    if asked is None or asked.answer is not None:
        raise NotFound("role that waits")
    if by == asked.asked_by and confirmed:
        raise Refused("role confirm", (Unmet("C13", "Somebody else than who asked confirms a role."),))
    if by == asked.person_id:
        raise Refused("role confirm", (Unmet("C13", "Nobody confirms a role of their own."),))
    asked.answer, asked.answered_by, asked.answered_at = "confirmed" if confirmed else "declined", by, now
    if confirmed:
        people.grant_role(
            session,
            person=session.get_one(Person, asked.person_id),
            role=Role(asked.role),
            from_on=max(asked.from_on, today),
            until_on=asked.until_on,
            now=now,
            team=session.get(Team, asked.team_id) if asked.team_id else None,
            service=Service(asked.service) if asked.service else None,
            granted_by=asked.asked_by,
        )


def held_now(session: Session, person_id: str, today: date) -> list[tuple[str, str | None, date, date | None]]:
    """(role, team or service, from, last day) of everything somebody holds on or after a London date."""
    query = (
        select(RoleGrant, Team.name)
        .outerjoin(Team, Team.id == RoleGrant.team_id)
        .where(RoleGrant.person_id == person_id)
        .order_by(RoleGrant.from_on, RoleGrant.id)
    )
    return [
        (one.role, team or one.service, one.from_on, one.until_on)
        for one, team in session.execute(query)
        if one.until_on is None or one.until_on >= today
    ]
