"""Whom and which meeting a form offers to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from casework.once import once
from casework.straight import rows
from casework.who.access import too_near_people
from persistence.tables import AccessGrant, Allocation, Case, Cover, Meeting, Person, RoleGrant
from states.permission import TAKEN_BACK_BY, who_may
from states.vocabulary import ALLOCATED, Role, Transition


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciders:
    """(handle, words) of those whose post may decide a step, by name; and of those who held such a post before."""

    now: tuple[tuple[str, str], ...] = ()
    before: tuple[tuple[str, str], ...] = ()


def deciders_of(session: Session, row: Transition, *, ref: str | None, today: date) -> Deciders:
    """Who may have decided a step on a child, or on a request, by a post of theirs or by cover (practice PR-2).

    `ref` None: on any child. Who is kept from the child is nobody's choice (R5, R22). Taking a step back is decided
    by the post that took it, whichever that was: then everybody is offered. A handful of questions.
    """
    if row.trigger == TAKEN_BACK_BY:
        return Deciders(now=to_choose_from(session, today=today).people)
    case = session.scalars(select(Case).where(Case.ref == ref)).one_or_none() if ref is not None else None
    child = session.get_one(Case, case.child_case_id) if case is not None and case.child_case_id else case
    found = _by_grant(session, row, child, today)
    for person, now in _by_allocation(session, row, child, today).items():
        found[person] = found.get(person, False) or now
    for covering, absent, until in session.execute(
        select(Cover.covering_id, Cover.absent_id, Cover.until_on).where(
            Cover.absent_id.in_(found), Cover.from_on <= today, Cover.ended_at.is_(None)
        )
    ).all():
        found[covering] = found.get(covering, False) or (found[absent] and until >= today)
    kept_from: set[str] = set()
    if child is not None:
        kept_from = set(session.scalars(too_near_people(child.id)))
        if child.restricted:
            named = set(session.scalars(select(AccessGrant.person_id).where(AccessGrant.case_id == child.id)))
            kept_from |= set(found) - named
    people = session.execute(
        select(Person.id, Person.handle, Person.name)
        .where(Person.id.in_(set(found) - kept_from), Person.enabled, Person.mailbox.is_(False))
        .order_by(Person.name)
    ).all()
    offered = [(found[one.id], (one.handle, f"{one.name} ({one.handle})")) for one in people]
    return Deciders(
        now=tuple(words for now, words in offered if now), before=tuple(words for now, words in offered if not now)
    )


def _by_grant(session: Session, row: Transition, child: Case | None, today: date) -> dict[str, bool]:
    """By person who has or had one of the posts: whether they have it today."""
    posts = [role.value for role in who_may(row) if role not in ALLOCATED]
    query = select(RoleGrant.person_id, RoleGrant.until_on).where(
        RoleGrant.role.in_(posts), RoleGrant.from_on <= today
    )
    if child is not None and child.team_id is not None:
        own = or_(RoleGrant.team_id.is_(None), RoleGrant.team_id == child.team_id)
        query = query.where(or_(RoleGrant.role != Role.TEAM_MANAGER.value, own))
    found: dict[str, bool] = {}
    for person, until in session.execute(query):
        found[person] = found.get(person, False) or until is None or until >= today
    return found


def _by_allocation(session: Session, row: Transition, child: Case | None, today: date) -> dict[str, bool]:
    """The same of those who work with the child."""
    if child is None:
        return {}
    query = select(Allocation.person_id, Allocation.until_on).where(
        Allocation.case_id == child.id, Allocation.from_on <= today, Allocation.person_id.is_not(None)
    )
    if not row.by_anyone_allocated:
        query = query.where(Allocation.role.in_([role.value for role in row.by & ALLOCATED]))
    found: dict[str, bool] = {}
    for person, until in session.execute(query):
        found[person] = found.get(person, False) or until is None or until > today
    return found
