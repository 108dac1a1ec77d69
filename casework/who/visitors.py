"""Who is at a page: somebody who works here today, with the posts they hold (reliability R23)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casework.who.people import covered_by, held_on
from persistence.tables import Allocation, Person, Team
from states.vocabulary import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who works here, as a page greets them."""

    id: str
    handle: str
    name: str
    posts: tuple[str, ...]
    roles: frozenset[Role] = frozenset()  # every post in their hands, those they cover and are allocated to included


def visitor(session: Session, person_id: str, *, on: date) -> Visitor | None:
    """The person, if they work here; their posts on a London date, those they cover marked so."""
    person = session.get(Person, person_id)
    if person is None or not person.enabled:
        return None
    return replace(_seen(session, [person], on)[0], roles=_in_hand(session, person_id, on))


def _in_hand(session: Session, person_id: str, on: date) -> frozenset[Role]:
    """The posts somebody holds or covers for on a London date, in general or on a child."""
    who = [person_id, *covered_by(session, person_id, on)]
    held = {held.role for _, held in held_on(session, who, on)}
    allocated = session.scalars(
        select(Allocation.role)
        .where(
            Allocation.person_id.in_(who),
            Allocation.from_on <= on,
            or_(Allocation.until_on.is_(None), Allocation.until_on > on),
        )
        .distinct()
    )
    return frozenset(held | {Role(role) for role in allocated})


def visitors(session: Session, *, on: date) -> list[Visitor]:
    """Everybody who works here, by name: for an invented county, where anyone may be tried."""
    people = session.scalars(select(Person).where(Person.enabled, Person.mailbox.is_(False)).order_by(Person.name))
    return _seen(session, list(people), on)


def _seen(session: Session, people: list[Person], on: date) -> list[Visitor]:
    teams = {team.id: team.name for team in session.scalars(select(Team))}
    posts: dict[str, list[str]] = {person.id: [] for person in people}
    for person_id, held in held_on(session, posts, on):
        where = teams.get(held.team_id or "") or (held.service.value if held.service else "")
        words = f"{held.role.value} ({where})" if where else held.role.value
        if words not in posts[person_id]:
            posts[person_id].append(words)
    allocated = session.execute(
        select(Allocation.person_id, Allocation.role)
        .where(Allocation.person_id.in_(posts), Allocation.until_on.is_(None))
        .distinct()
    )
    for person_id, role in allocated:
        if role not in posts[person_id]:
            posts[person_id].append(role)
    if len(people) == 1:
        for absent in covered_by(session, people[0].id, on):
            name = session.scalar(select(Person.name).where(Person.id == absent))
            posts[people[0].id].append(f"covering for {name}")
    return [Visitor(id=p.id, handle=p.handle, name=p.name, posts=tuple(posts[p.id])) for p in people]
