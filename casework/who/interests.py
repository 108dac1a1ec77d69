"""The register of who is too near to a child to open the record: themselves, a relative, a friend (reliability C5).

For whoever stands in it there is no such record, whatever posts they hold and whomever they cover for, administrators
and auditors not excepted. Anyone may enter themselves for a child whose record they can open, and a manager any
colleague; the information guardian keeps the register, and hears of every attempt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from casework.errors import NotFound, Refused, Unusable
from casework.who.access import open_case_row, powers
from casework.who.people import GRANTED, LONGEST_REASON, a_line, find_person
from casework.who.staffing import require
from persistence.tables import Case, DeclaredInterest, Person, RoleGrant, new_id
from states.vocabulary import RANKS, Role, Unmet

#: Who keeps the register.
REGISTER_KEEPERS = frozenset({Role.GUARDIAN, Role.DIRECTOR})
#: Who enters a colleague for a child whose record they can open.
MAY_ENTER = frozenset(RANKS)
#: Who is told of an attempt: the first of these that somebody holds.
TOLD = (Role.GUARDIAN, Role.DIRECTOR)


class Relation(StrEnum):
    """Who the child is to somebody."""

    SELF = "it is the person's own record"
    RELATIVE = "a relative"
    CARER = "the person is, or wants to be, the carer"
    FRIEND = "a friend or neighbour of the family"
    OTHER = "something else that comes too near"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """One line of the register."""

    id: str
    ref: str
    person: str
    name: str
    relation: str
    declared_by: str
    declared_at: datetime
    ended_at: datetime | None
    ended_because: str | None


def declare(
    session: Session, ref: str, *, who: str, relation: Relation, by: str, today: date, now: datetime
) -> Interest:
    """Keep somebody from a child's record from now on. Twice changes nothing.

    Raises NotFound for a record that is not open to who declares, Refused where they may not declare for others.
    """
    person = find_person(session, who)
    case = _case(session, ref, by=by, today=today)
    mine = powers(session, by, case, today)
    if person.id != by and not (mine.roles & MAY_ENTER or _keeps(session, by, today)):
        posts = ", ".join(role.value for role in sorted(MAY_ENTER | REGISTER_KEEPERS))
        raise Refused("interest", (Unmet("R5", f"You enter yourself; {posts} may enter somebody else."),))
    there = session.scalars(
        select(DeclaredInterest).where(
            DeclaredInterest.case_id == case.id,
            DeclaredInterest.person_id == person.id,
            DeclaredInterest.ended_at.is_(None),
        )
    ).first()
    if there is None:
        there = DeclaredInterest(
            id=new_id(), case_id=case.id, person_id=person.id, relation=relation.value, declared_by=by, declared_at=now
        )
        session.add(there)
        session.flush()
    return _seen(session, there.id)[0]


def end(session: Session, interest_id: str, *, because: str, by: str, today: date, now: datetime) -> Interest:
    """Take somebody out of the register. Raises Refused for who does not keep it, and for one's own line."""
    require(session, by, REGISTER_KEEPERS, today, "register of interests")
    found = session.get(DeclaredInterest, interest_id)
    if found is None or found.ended_at is not None:
        raise NotFound("interest")
    if found.person_id == by:
        raise Refused("interest", (Unmet("R5", "Nobody takes themselves out of the register."),))
    because = a_line(because, what="The reason", longest=LONGEST_REASON)
    if not because:
        raise Unusable("Say why it is no longer so.")
    found.ended_at, found.ended_by, found.ended_because = now, by, because
    session.flush()
    return _seen(session, found.id)[0]


def register(session: Session, *, by: str, today: date) -> list[Interest]:
    """Every line, those that hold first, then the latest. Raises Refused for who does not keep the register."""
    require(session, by, REGISTER_KEEPERS, today, "register of interests")
    return _seen(session)


def near_by_ref(session: Session, ref: str, person_id: str) -> bool:
    """Whether somebody stands in the register for the child of this reference, or of this funding request."""
    case = aliased(Case)
    return bool(
        session.scalar(
            select(
                exists().where(
                    case.ref == ref,
                    DeclaredInterest.case_id == func.coalesce(case.child_case_id, case.id),
                    DeclaredInterest.person_id == person_id,
                    DeclaredInterest.ended_at.is_(None),
                )
            )
        )
    )


def register_keepers(session: Session, on: date) -> list[tuple[str, Role]]:
    """Who is told of what guards information, with the post as which: the guardians, or the Directors."""
    for role in TOLD:
        query = (
            select(RoleGrant.person_id)
            .join(Person, Person.id == RoleGrant.person_id)
            .where(RoleGrant.role == role.value, Person.enabled, *GRANTED)
            .distinct()
        )
        if found := session.scalars(query, {"on": on}).all():
            return [(who, role) for who in found]
    return []


def _keeps(session: Session, by: str, today: date) -> bool:
    return bool(powers(session, by, None, today).posts & REGISTER_KEEPERS)


def _case(session: Session, ref: str, *, by: str, today: date) -> Case:
    """The child's case; the guardian, who opens no record, names one by its reference."""
    if Role.GUARDIAN in powers(session, by, None, today).posts:
        found = session.scalars(select(Case).where(Case.ref == ref, Case.child_case_id.is_(None))).one_or_none()
        if found is None:
            raise NotFound("case", ref)
        return found
    case = open_case_row(session, ref, by=by, today=today)
    if case.child_case_id is not None:
        raise NotFound("case", ref)
    return case


def _seen(session: Session, interest_id: str | None = None) -> list[Interest]:
    declared_by = aliased(Person)
    query = (
        select(DeclaredInterest, Case.ref, Person.handle, Person.name, declared_by.handle.label("entered_by"))
        .join(Case, Case.id == DeclaredInterest.case_id)
        .join(Person, Person.id == DeclaredInterest.person_id)
        .join(declared_by, declared_by.id == DeclaredInterest.declared_by)
        .order_by(
            DeclaredInterest.ended_at.is_not(None), DeclaredInterest.declared_at.desc(), DeclaredInterest.id
        )
    )
    if interest_id is not None:
        query = query.where(DeclaredInterest.id == interest_id)
    return [
        Interest(
            id=one.id,
            ref=ref,
            person=handle,
            name=name,
            relation=one.relation,
            declared_by=entered_by,
            declared_at=one.declared_at,
            ended_at=one.ended_at,
            ended_because=one.ended_because,
        )
        for one, ref, handle, name, entered_by in session.execute(query)
    ]
