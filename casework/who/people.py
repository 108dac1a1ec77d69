"""People, the roles they hold, the teams they work in and whom they cover for.

A person may be known without having an account: whoever decides has a name here (practice PR-2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Date,
    bindparam,
    literal_column,
    null,
    or_,
    select,
    type_coerce,
    union,
    union_all,
)
from sqlalchemy.orm import Session

from casework.errors import Unusable
from casework.once import once
from casework.straight import rows
from persistence.tables import Allocation, AskedGrant, Case, Cover, DeclaredInterest, Person, RoleGrant, Team, new_id
from persistence.tables.base import Id
from states.plain_text import fault_of_name, made_alike, what_is_wrong
from states.vocabulary import Role, Service

LONGEST_NAME, LONGEST_ADDRESS, LONGEST_REASON = 120, 254, 200
_HANDLE = re.compile(r"[a-z][a-z0-9.-]{1,58}[a-z0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A role somebody holds on a day; `behalf_of` where they hold it by covering for somebody."""

    role: Role
    team_id: str | None
    service: Service | None
    behalf_of: str | None = None


def a_line(text: str, *, what: str, longest: int) -> str:
    """A name or another single line, without the spaces around it. Raises Unusable, saying `what` is wrong."""
    line = made_alike(text).strip()
    if fault := fault_of_name(line, longest=longest):
        raise Unusable(f"{what} {fault}.")
    return line


_FIND = select(Person).where(or_(Person.handle == bindparam("who"), Person.id == bindparam("who")))


def find_person(session: Session, who: str) -> Person:
    """A person by handle or id. Raises Unusable when nobody is called that."""
    if what_is_wrong(who, one_line=True):
        raise Unusable(f"{who!a} is nobody's name here. See: sgo person list")
    found = session.scalars(_FIND, {"who": who}).one_or_none()
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
    """Make a person known. Raises Unusable for a handle that is taken or cannot be typed, and for a bad name."""
    name = a_line(name, what="The name", longest=LONGEST_NAME)
    if not _HANDLE.fullmatch(handle):
        raise Unusable("A handle is small letters, digits, dots and hyphens, such as 'a.khan'.")
    if session.scalars(select(Person).where(Person.handle == handle)).one_or_none():
        raise Unusable(f"Somebody is already called {handle!r}.")
    _check_address(email, working_days)
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


def _check_address(email: str | None, working_days: str) -> None:
    if email is not None and (len(email) > LONGEST_ADDRESS or what_is_wrong(email, one_line=True)):
        raise Unusable(f"The mail address is too long (at most {LONGEST_ADDRESS}) or holds a sign none may hold.")
    if email is not None and not re.fullmatch(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+", email):
        raise Unusable(f"{email!r} is not one mail address.")
    if not re.fullmatch(r"[1-7]{1,7}", working_days) or len(set(working_days)) != len(working_days):
        raise Unusable("Working days are digits from 1 (Monday) to 7 (Sunday), such as 123.")


def describe_person(person: Person, *, name: str, email: str | None, working_days: str) -> None:
    """Change somebody's name, mail address and working days. Raises Unusable for what cannot be one of them."""
    name = a_line(name, what="The name", longest=LONGEST_NAME)
    _check_address(email, working_days)
    if email != person.email:
        person.email_failed_at = person.email_failure = None
    person.name, person.email, person.working_days = name, email, "".join(sorted(working_days))


def disable_person(session: Session, *, who: str, now: datetime) -> Person:
    """End a person's access from the next request on (reliability R23). Their history stays."""
    person = find_person(session, who)
    person.enabled = False
    person.disabled_at = now
    return person


def add_team(session: Session, *, name: str) -> Team:
    """Make a team known, or find it. Raises Unusable for what cannot be a name."""
    name = a_line(name, what="The team's name", longest=LONGEST_NAME)
    team = session.scalars(select(Team).where(Team.name == name)).one_or_none()
    if team is None:
        team = Team(id=new_id(), name=name)
        session.add(team)
        session.flush()
    return team


_TEAM = select(Team).where(or_(Team.name == bindparam("named"), Team.id == bindparam("named")))


def find_team(session: Session, name: str) -> Team:
    """A team by name or id. Raises Unusable when there is none."""
    if what_is_wrong(name, one_line=True):
        raise Unusable(f"There is no team called {name!a}. See: sgo team list")
    found = session.scalars(_TEAM, {"named": name}).one_or_none()
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
    _check_grant(role, service, from_on, until_on)
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


def ask_for_role(
    session: Session,
    *,
    person: Person,
    role: Role,
    from_on: date,
    now: datetime,
    by: str,
    until_on: date | None = None,
    team: Team | None = None,
    service: Service | None = None,
) -> None:
    """Put a role before a second administrator (reliability C13). Raises Unusable for one that waits already."""
    _check_grant(role, service, from_on, until_on)
    there = session.scalars(
        select(AskedGrant).where(
            AskedGrant.person_id == person.id, AskedGrant.role == role.value, AskedGrant.answer.is_(None)
        )
    )
    if any(one.team_id == (team.id if team else None) for one in there):
        raise Unusable(f"The role {role} for {person.handle} waits for a second administrator already.")
    session.add(
        AskedGrant(
            id=new_id(),
            person_id=person.id,
            role=role.value,
            team_id=team.id if team else None,
            service=service.value if service else None,
            from_on=from_on,
            until_on=until_on,
            asked_by=by,
            asked_at=now,
        )
    )
    session.flush()


def being_set_up(session: Session) -> bool:
    """Whether no child is here yet: then one administrator gives roles alone."""
    return session.scalar(select(Case.id).limit(1)) is None


def _check_grant(role: Role, service: Service | None, from_on: date, until_on: date | None) -> None:
    if role is Role.GROUP_MEMBER and service is None:
        raise Unusable(
            "A member of the Review Group speaks for a service: Fostering, Safeguarding or Virtual School."
        )
    if until_on is not None and until_on < from_on:
        raise Unusable("A role cannot end before it begins.")


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
    reason = a_line(reason, what="The reason", longest=LONGEST_REASON)
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


_ON = bindparam("on", type_=Date)
_COVERS = (
    Cover.covering_id == bindparam("person_id"),
    Cover.from_on <= _ON,
    Cover.until_on >= _ON,
    Cover.ended_at.is_(None),
)
_COVERED_BY = select(Cover.absent_id).where(*_COVERS).order_by(Cover.from_on)
#: A role that is held on a day: the condition on `RoleGrant`, with the named value `on`.
GRANTED = (RoleGrant.from_on <= _ON, or_(RoleGrant.until_on.is_(None), RoleGrant.until_on >= _ON))
_HELD_ON = (
    select(RoleGrant.person_id, RoleGrant.role, RoleGrant.team_id, RoleGrant.service)
    .where(RoleGrant.person_id.in_(bindparam("person_ids", expanding=True)), *GRANTED)
    .order_by(RoleGrant.from_on, RoleGrant.id)
)


@once
def covered_by(session: Session, person_id: str, on: date) -> tuple[str, ...]:
    """The people somebody covers for on a London date."""
    return tuple(rows(session, _COVERED_BY, person_id=person_id, on=on).scalars())


def held_on(session: Session, person_ids: Iterable[str], on: date) -> list[tuple[str, Held]]:
    """(person, role held) for people on a London date, by grant."""
    found = rows(session, _HELD_ON, person_ids=list(person_ids), on=on)
    return [(person_id, _held(role, team_id, service)) for person_id, role, team_id, service in found]


def _held(role: str, team_id: str | None, service: str | None) -> Held:
    return Held(role=Role(role), team_id=team_id, service=Service(service) if service else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posts:
    """What somebody is on a day, by themselves and by covering for others: who holds it, and what."""

    enabled: bool
    held: tuple[tuple[str, Held], ...]
    allocated: tuple[tuple[str, Role], ...]  # on one case
    kept_from: bool = False  # the child is somebody to this person themselves (reliability C5)
    covers: tuple[str, ...] = ()  # the people they cover for, whatever those hold

    def hands(self, person_id: str) -> frozenset[str]:
        """The person themselves and everybody they cover for."""
        return frozenset({person_id, *self.covers})


_WHO = select(
    union(
        select(type_coerce(bindparam("person_id"), Id).label("person_id")), _COVERED_BY.order_by(None)
    ).subquery()
)
_POSTS: CompoundSelect[*tuple[Any, ...]] = union_all(
    select(
        literal_column("'granted'").label("what"),
        RoleGrant.person_id,
        RoleGrant.role,
        RoleGrant.team_id,
        RoleGrant.service,
        RoleGrant.from_on,
        RoleGrant.id,
    ).where(RoleGrant.person_id.in_(_WHO), *GRANTED),
    select(
        literal_column("'allocated'"),
        Allocation.person_id,
        Allocation.role,
        null(),
        null(),
        Allocation.from_on,
        Allocation.id,
    ).where(
        Allocation.case_id == bindparam("case_id"),
        Allocation.person_id.in_(_WHO),
        Allocation.from_on <= _ON,
        or_(Allocation.until_on.is_(None), Allocation.until_on > _ON),
    ),
    select(literal_column("'works here'"), Person.id, null(), null(), null(), null(), Person.id).where(
        Person.id == bindparam("person_id"), Person.enabled
    ),
    select(
        literal_column("'kept from'"), DeclaredInterest.person_id, null(), null(), null(), null(), DeclaredInterest.id
    ).where(
        DeclaredInterest.case_id == bindparam("case_id"),
        DeclaredInterest.person_id == bindparam("person_id"),
        DeclaredInterest.ended_at.is_(None),
    ),
    select(literal_column("'covers'"), Cover.absent_id, null(), null(), null(), Cover.from_on, Cover.id).where(
        *_COVERS
    ),
).order_by("from_on", "id")


@once
def posts_of(session: Session, person_id: str, on: date, *, case_id: int | None) -> Posts:
    """What somebody is on a London date, to one case or (None) to none: asked in one go, in every act."""
    enabled = kept_from = False
    held: list[tuple[str, Held]] = []
    allocated: list[tuple[str, Role]] = []
    covers: list[str] = []
    for what, holder, role, team_id, service, _, _ in rows(
        session, _POSTS, person_id=person_id, case_id=case_id, on=on
    ):
        if what == "granted":
            held.append((holder, _held(role, team_id, service)))
        elif what == "allocated":
            allocated.append((holder, Role(role)))
        elif what == "kept from":
            kept_from = True
        elif what == "covers":
            covers.append(holder)
        else:
            enabled = True
    return Posts(
        enabled=enabled, held=tuple(held), allocated=tuple(allocated), kept_from=kept_from, covers=tuple(covers)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    """A person as `sgo person list` shows them."""

    id: str
    handle: str
    name: str
    email: str | None
    enabled: bool
    working_days: str
    mailbox: bool
    roles: tuple[str, ...]
    waiting: tuple[str, ...] = ()  # roles that wait for a second administrator's word


def list_people(session: Session, *, on: date) -> list[PersonLine]:
    """Everybody, with the roles they hold on a London date."""
    people = session.scalars(select(Person).order_by(Person.handle)).all()
    teams = {team.id: team.name for team in session.scalars(select(Team))}
    roles: dict[str, list[str]] = {}
    for person_id, held in held_on(session, [p.id for p in people], on):
        where = teams.get(held.team_id or "") or (held.service.value if held.service else "")
        roles.setdefault(person_id, []).append(f"{held.role.value} ({where})" if where else held.role.value)
    waiting: dict[str, list[str]] = {}
    for asked in session.scalars(select(AskedGrant).where(AskedGrant.answer.is_(None)).order_by(AskedGrant.asked_at)):
        waiting.setdefault(asked.person_id, []).append(asked.role)
    return [
        PersonLine(
            id=p.id,
            handle=p.handle,
            name=p.name,
            email=p.email,
            enabled=p.enabled,
            working_days=p.working_days,
            mailbox=p.mailbox,
            roles=tuple(roles.get(p.id, ())),
            waiting=tuple(waiting.get(p.id, ())),
        )
        for p in people
    ]
