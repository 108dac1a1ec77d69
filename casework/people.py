"""People, the roles they hold, the teams they work in and whom they cover for.

A person may be known without having an account: whoever decides has a name here (practice PR-2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casework.errors import Unusable
from persistence.tables import Cover, Person, RoleGrant, Team, new_id
from states.vocabulary import Role, Service

_HANDLE = re.compile(r"[a-z][a-z0-9.-]{1,58}[a-z0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A role somebody holds on a day; `behalf_of` where they hold it by covering for somebody."""

    role: Role
    team_id: str | None
    service: Service | None
    behalf_of: str | None = None


def find_person(session: Session, who: str) -> Person:
    """A person by handle or id. Raises Unusable when nobody is called that."""
    found = session.scalars(select(Person).where(or_(Person.handle == who, Person.id == who))).one_or_none()
    if found is None:
        raise Unusable(f"Nobody here is called {who!r}. See: sgo person list")
    return found


def add_person(
    session: Session,
    *,
    handle: str,
    name: str,
    email: str | None,
    now: datetime,
    working_days: str = "12345",
    mailbox: bool = False,
) -> Person:
    """Make a person known. Raises Unusable for a handle that is taken or cannot be typed."""
    if not _HANDLE.fullmatch(handle):
        raise Unusable("A handle is small letters, digits, dots and hyphens, such as 'a.khan'.")
    if session.scalars(select(Person).where(Person.handle == handle)).one_or_none():
        raise Unusable(f"Somebody is already called {handle!r}.")
    if email is not None and not re.fullmatch(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+", email):
        raise Unusable(f"{email!r} is not one mail address.")
    if not re.fullmatch(r"[1-7]{1,7}", working_days) or len(set(working_days)) != len(working_days):
        raise Unusable("Working days are digits from 1 (Monday) to 7 (Sunday), such as 123.")
    person = Person(
        id=new_id(),
        handle=handle,
        name=name,
        email=email,
        mailbox=mailbox,
        working_days="".join(sorted(working_days)),
        enabled=True,
        created_at=now,
    )
    session.add(person)
    session.flush()
    return person


def disable_person(session: Session, *, who: str, now: datetime) -> Person:
    """End a person's access from the next request on (reliability R23). Their history stays."""
    person = find_person(session, who)
    person.enabled = False
    person.disabled_at = now
    return person


def add_team(session: Session, *, name: str) -> Team:
    """Make a team known, or find it."""
    team = session.scalars(select(Team).where(Team.name == name)).one_or_none()
    if team is None:
        team = Team(id=new_id(), name=name)
        session.add(team)
        session.flush()
    return team


def find_team(session: Session, name: str) -> Team:
    """A team by name or id. Raises Unusable when there is none."""
    found = session.scalars(select(Team).where(or_(Team.name == name, Team.id == name))).one_or_none()
    if found is None:
        raise Unusable(f"There is no team called {name!r}. See: sgo team list")
    return found


def grant_role(
    session: Session,
    *,
    person: Person,
    role: Role,
    from_on: date,
    now: datetime,
    until_on: date | None = None,
    team: Team | None = None,
    service: Service | None = None,
    granted_by: str | None = None,
) -> RoleGrant:
    """Give a role from a day on. A Review Group member speaks for a service (rules R-RG-1)."""
    if role is Role.GROUP_MEMBER and service is None:
        raise Unusable(
            "A member of the Review Group speaks for a service: Fostering, Safeguarding or Virtual School."
        )
    if until_on is not None and until_on < from_on:
        raise Unusable("A role cannot end before it begins.")
    grant = RoleGrant(
        id=new_id(),
        person_id=person.id,
        role=role.value,
        team_id=team.id if team else None,
        service=service.value if service else None,
        from_on=from_on,
        until_on=until_on,
        granted_by=granted_by,
        granted_at=now,
    )
    session.add(grant)
    session.flush()
    return grant


def end_role(session: Session, *, person: Person, role: Role, last_day: date) -> int:
    """End a role after a last day; how many grants ended."""
    grants = session.scalars(
        select(RoleGrant).where(
            RoleGrant.person_id == person.id, RoleGrant.role == role.value, RoleGrant.until_on.is_(None)
        )
    ).all()
    for grant in grants:
        grant.until_on = last_day
    return len(grants)


def add_cover(
    session: Session,
    *,
    absent: Person,
    covering: Person,
    from_on: date,
    until_on: date,
    reason: str,
    recorded_by: str | None,
    now: datetime,
) -> Cover:
    """Somebody stands in for somebody. Single-step: cover is never passed on (C12)."""
    if absent.id == covering.id:
        raise Unusable("Nobody covers for themselves.")
    if until_on < from_on:
        raise Unusable("Cover cannot end before it begins.")
    if not covering.enabled:
        raise Unusable(f"{covering.handle} does not work here any more.")
    cover = Cover(
        id=new_id(),
        absent_id=absent.id,
        covering_id=covering.id,
        from_on=from_on,
        until_on=until_on,
        reason=reason,
        recorded_by=recorded_by,
        recorded_at=now,
    )
    session.add(cover)
    session.flush()
    return cover


def covered_by(session: Session, person_id: str, on: date) -> list[str]:
    """The people somebody covers for on a London date."""
    return list(
        session.scalars(
            select(Cover.absent_id)
            .where(
                Cover.covering_id == person_id,
                Cover.from_on <= on,
                Cover.until_on >= on,
                Cover.ended_at.is_(None),
            )
            .order_by(Cover.from_on)
        )
    )


def held_on(session: Session, person_ids: Iterable[str], on: date) -> list[tuple[str, Held]]:
    """(person, role held) for people on a London date, by grant."""
    grants = session.scalars(
        select(RoleGrant)
        .where(
            RoleGrant.person_id.in_(list(person_ids)),
            RoleGrant.from_on <= on,
            or_(RoleGrant.until_on.is_(None), RoleGrant.until_on >= on),
        )
        .order_by(RoleGrant.from_on, RoleGrant.id)
    )
    return [
        (
            grant.person_id,
            Held(
                role=Role(grant.role),
                team_id=grant.team_id,
                service=Service(grant.service) if grant.service else None,
            ),
        )
        for grant in grants
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    """A person as `sgo person list` shows them."""

    handle: str
    name: str
    email: str | None
    enabled: bool
    working_days: str
    mailbox: bool
    roles: tuple[str, ...]


def list_people(session: Session, *, on: date) -> list[PersonLine]:
    """Everybody, with the roles they hold on a London date."""
    people = session.scalars(select(Person).order_by(Person.handle)).all()
    teams = {team.id: team.name for team in session.scalars(select(Team))}
    roles: dict[str, list[str]] = {}
    for person_id, held in held_on(session, [p.id for p in people], on):
        where = teams.get(held.team_id or "") or (held.service.value if held.service else "")
        roles.setdefault(person_id, []).append(f"{held.role.value} ({where})" if where else held.role.value)
    return [
        PersonLine(
            handle=p.handle,
            name=p.name,
            email=p.email,
            enabled=p.enabled,
            working_days=p.working_days,
            mailbox=p.mailbox,
            roles=tuple(roles.get(p.id, ())),
        )
        for p in people
    ]
