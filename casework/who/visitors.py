"""Who is at a page: somebody who works here today, with the posts they hold (reliability R23)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, bindparam, exists, literal, or_, select, union_all
from sqlalchemy.orm import Session

from casework.straight import rows
from casework.who.people import Held, held_on, posts_of
from persistence.tables import Account, Allocation, Person, Team
from states.vocabulary import ALLOCATED, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who works here, as a page greets them."""

    id: str
    handle: str
    name: str
    posts: tuple[str, ...]
    roles: frozenset[Role] = frozenset()  # every post in their hands, those they cover and are allocated to included


_PERSON = (
    select(Person.id, Person.handle, Person.name, Person.disabled_at, Account.valid_from)
    .outerjoin(Account, Account.person_id == Person.id)
    .where(Person.id == bindparam("person_id"), Person.enabled)
)
_ON = bindparam("on", type_=Date)


def _held_by_allocation(role: Role) -> Select[str, str, bool, bool]:
    """Whether people hold a post on any child: found, not counted, since one may hold it on hundreds."""

    def held(*when: ColumnElement[bool]) -> ColumnElement[bool]:
        return exists().where(Allocation.person_id == Person.id, Allocation.role == role.value, *when)

    still, begun = Allocation.until_on.is_(None), Allocation.from_on <= _ON
    is_open = held(still)
    has_begun = or_(held(still, begun), held(Allocation.until_on > _ON, begun))
    return select(
        Person.id.label("person_id"), literal(role.value).label("role"), is_open.label("open"), has_begun.label("begun")
    ).where(Person.id.in_(bindparam("people", expanding=True)), or_(is_open, has_begun))


_ALLOCATED = union_all(*map(_held_by_allocation, sorted(ALLOCATED)))
_NAMES = select(Person.id, Person.name).where(Person.id.in_(bindparam("people", expanding=True)))
_TEAMS = select(Team.id, Team.name)


def visitor(
    session: Session, person_id: str, *, on: date, signed_in_at: datetime | None = None
) -> Visitor | None:
    """The person, if they work here; their posts on a London date, those they cover marked so.

    `signed_in_at`: when their sign-in began; None too where something has ended all of theirs since (R23).
    """
    person = rows(session, _PERSON, person_id=person_id).one_or_none()
    if person is None or not _still_good(person, signed_in_at):
        return None
    posts = posts_of(session, person_id, on, case_id=None)
    hands = posts.hands(person_id)
    allocated = rows(session, _ALLOCATED, people=list(hands), on=on).all()
    own = _words_of(session, [one for holder, one in posts.held if holder == person_id])
    for row in allocated:
        if row.person_id == person_id and row.open and row.role not in own:
            own.append(row.role)
    if posts.covers:
        names = dict(rows(session, _NAMES, people=list(posts.covers)).all())
        own += [f"covering for {names[absent]}" for absent in posts.covers]
    in_hand = {held.role for _, held in posts.held} | {Role(row.role) for row in allocated if row.begun}
    return Visitor(
        id=person.id, handle=person.handle, name=person.name, posts=tuple(own), roles=frozenset(in_hand)
    )


def _still_good(person: Any, signed_in_at: datetime | None) -> bool:
    if signed_in_at is None:
        return True
    if person.disabled_at is not None and signed_in_at <= person.disabled_at:
        return False
    return person.valid_from is None or bool(signed_in_at >= person.valid_from)


def visitors(session: Session, *, on: date) -> list[Visitor]:
    """Everybody who works here, by name: for an invented county, where anyone may be tried."""
    people = session.scalars(
        select(Person).where(Person.enabled, Person.mailbox.is_(False)).order_by(Person.name)
    ).all()
    ids = [person.id for person in people]
    held: dict[str, list[Held]] = {person_id: [] for person_id in ids}
    for person_id, one in held_on(session, ids, on):
        held[person_id].append(one)
    teams = dict(rows(session, _TEAMS).all())
    posts = {person_id: _words(ones, teams) for person_id, ones in held.items()}
    for row in rows(session, _ALLOCATED, people=ids, on=on):
        if row.open and row.role not in posts[row.person_id]:
            posts[row.person_id].append(row.role)
    return [Visitor(id=p.id, handle=p.handle, name=p.name, posts=tuple(posts[p.id])) for p in people]


def _words_of(session: Session, held: Sequence[Held]) -> list[str]:
    teams = dict(rows(session, _TEAMS).all()) if any(one.team_id for one in held) else {}
    return _words(held, teams)


def _words(held: Sequence[Held], teams: dict[str, str]) -> list[str]:
    found: list[str] = []
    for one in held:
        where = teams.get(one.team_id or "") or (one.service.value if one.service else "")
        words = f"{one.role.value} ({where})" if where else one.role.value
        if words not in found:
            found.append(words)
    return found
