"""Who a message reaches, looked at again in the moment it is sent (reliability R12).

Between the act and the mail somebody may have left, gone on leave, lost the child, or been kept from a
restricted one. Not sending is a decision too, and its reason is recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy import ColumnElement, and_, bindparam, exists, or_, select, union
from sqlalchemy.orm import Session

from casework.delivery.outbox import BULK, RUNG, Status, is_digest
from casework.straight import rows
from casework.who.access import child_of, powers, visible, visible_requests
from casework.who.patterns import next_at_work
from casework.who.people import GRANTED
from notifications.contexts import is_task
from persistence.tables import (
    Allocation,
    Attempt,
    Case,
    Cover,
    Deadline,
    Digest,
    DigestLine,
    Event,
    Outbox,
    Person,
    RoleGrant,
)
from states.calendar import Calendar
from states.notices import MAIL_NOT_DELIVERED, MEETING_MOVED, NOTICES
from states.vocabulary import ALLOCATED, Delivery, Party, Role

_ROLES = frozenset(str(role) for role in Role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Whom the message goes to now; `covering` for somebody who is away."""

    person_id: str
    name: str
    address: str
    covering: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Informed:
    """Who is told that a message failed; whether the message may name the child by reference."""

    person_id: str
    because: str
    knows_the_child: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """Why it goes to nobody. `failed`: they should have had it, so somebody must be told."""

    reason: str
    reader_id: str
    failed: bool = False
    pass_on: bool = False  # whoever holds the post now gets it instead (rules N-6)
    unreachable: bool = False  # it is theirs, and cannot be mailed to them


def reader_of(session: Session, row: Outbox, *, on: date) -> Reader | NotSent:
    """Who reads this message on a London date, or why nobody does.

    Where somebody is away, the person who covers gets it in their place, single-step (C12). Not where it is
    a decision to confirm, nor where the child is restricted and whoever covers is not named: then it waits
    in the absent person's mailbox. A restricted child's mail never goes to a shared one (C38).
    """
    person = session.get_one(Person, row.recipient_id)
    case = session.get(Case, row.case_id) if row.case_id is not None else None
    cover = None if is_personal(row) else cover_for(session, person.id, case, on)
    reader = cover or person
    not_sent = partial(NotSent, reader_id=reader.id)
    if _is_overtaken(session, row):
        return not_sent(reason="what it asks for is done, or no longer holds")
    if not reader.enabled:
        return not_sent(reason="the account is closed", pass_on=True)
    if cover is not None and _has_it_already(session, row, cover.id):
        return not_sent(reason="whoever covers has this message already")
    if case is not None and case.restricted and reader.mailbox:
        return not_sent(reason="restricted: never to a shared mailbox", pass_on=True)
    if not _entitled(session, row, reader.id, case, on):
        return not_sent(reason="no longer entitled to this child", pass_on=True)
    if not reader.email:
        urgent = row.delivery == Delivery.NOW and not is_digest(row)
        return not_sent(reason="no mail address is known", failed=urgent, unreachable=True)
    if reader.email_failed_at is not None:
        refused = f"the address was refused on {reader.email_failed_at:%d.%m.%Y}"
        return not_sent(reason=refused, failed=True, unreachable=True)
    return Reader(person_id=reader.id, name=reader.name, address=reader.email, covering=cover is not None)


_HOLDERS = union(
    select(RoleGrant.role, RoleGrant.person_id)
    .join(Person, and_(Person.id == RoleGrant.person_id, Person.enabled))
    .where(
        RoleGrant.role.in_(bindparam("roles", expanding=True)),
        *GRANTED,
        or_(
            RoleGrant.role != Role.TEAM_MANAGER.value,
            RoleGrant.team_id.is_(None),
            RoleGrant.team_id == bindparam("team_id"),
        ),
    ),
    select(Allocation.role, Allocation.person_id)
    .join(Person, and_(Person.id == Allocation.person_id, Person.enabled))
    .where(
        Allocation.case_id == bindparam("case_id"),
        Allocation.from_on <= bindparam("on"),
        or_(Allocation.until_on.is_(None), Allocation.until_on > bindparam("on")),
    ),
)


def holders_of(session: Session, case: Case, roles: Iterable[Role], *, on: date) -> dict[Role, list[str]]:
    """The people at work who hold each of these roles for a child on a London date, by id, in a fixed order."""
    wanted = set(roles)
    case = child_of(session, case) or case  # a funding request's posts are its child's
    granted = [role.value for role in wanted - ALLOCATED]  # an allocated post is held by allocation only
    found = rows(session, _HOLDERS, roles=granted, team_id=case.team_id, case_id=case.id, on=on).all()
    return {role: sorted(person for held, person in found if held == role.value) for role in wanted}


def holders(session: Session, case: Case, role: Role, *, on: date) -> list[str]:
    """The people at work who hold a role for a child on a London date, by id, in a fixed order."""
    return holders_of(session, case, [role], on=on)[role]


def successors(session: Session, row: Outbox, *, on: date) -> list[tuple[str, str]]:
    """Who gets a message whose reader is gone: (person, role). Holders of the post, or the Team Manager."""
    if row.case_id is None or row.because not in _ROLES:
        return []
    case = session.get_one(Case, row.case_id)
    for role in (Role(row.because), Role.TEAM_MANAGER):
        found = [person for person in holders(session, case, role, on=on) if person != row.recipient_id]
        if found:
            return [(person, str(role)) for person in found]
    return []


def cover_for(session: Session, person_id: str, case: Case | None, on: date) -> Person | None:
    """Who stands in for somebody on a London date, for a child (None: for none); single-step (C12)."""
    query = (
        select(Person)
        .join(Cover, Cover.covering_id == Person.id)
        .where(
            Cover.absent_id == person_id,
            Cover.from_on <= on,
            Cover.until_on >= on,
            Cover.ended_at.is_(None),
            Person.enabled,
        )
        .order_by(Cover.from_on.desc(), Cover.id)
    )
    for cover in session.scalars(query):
        if case is None or not case.restricted or powers(session, cover.id, case, on).sees:
            return cover
    return None


def stand_ins(
    session: Session, case: Case, reader_id: str, *, on: date, calendar: Calendar
) -> list[str]:
    """Who takes notice of something urgent while its reader is not at work: the Team Managers (practice PT-19).

    Those who are back at work before the reader is, as of a London date, and may open the case.
    """
    back = next_at_work(session.get_one(Person, reader_id), on, calendar)
    return [
        person_id
        for person_id in holders(session, case, Role.TEAM_MANAGER, on=on)
        if person_id != reader_id
        and next_at_work(session.get_one(Person, person_id), on, calendar) < back
        and powers(session, person_id, case, on).sees
    ]


def to_tell_of_failure(session: Session, row: Outbox, *, on: date) -> Informed | None:
    """Whom to tell that a message failed; never the person who could not be reached.

    The child's Team Manager, else an administrator, who is not told which child. Where the Team Manager
    could not be told either, an administrator; where no administrator could, nobody: it never loops, and
    `sgo health` shows it.
    """
    about_a_failure = row.notices == [MAIL_NOT_DELIVERED.id]
    if row.case_id is not None and not about_a_failure:
        case = session.get_one(Case, row.case_id)
        for person_id in holders(session, case, Role.TEAM_MANAGER, on=on):
            if _reachable(session, person_id, row) and powers(session, person_id, case, on).sees:
                return Informed(person_id=person_id, because=Role.TEAM_MANAGER, knows_the_child=True)
    if about_a_failure and row.because == Role.ADMINISTRATOR:
        return None
    for person_id in _administrators(session, on):
        if _reachable(session, person_id, row):
            return Informed(person_id=person_id, because=Role.ADMINISTRATOR, knows_the_child=False)
    return None


# -- inside -----------------------------------------------------------------------------------------------


def _entitled(session: Session, row: Outbox, person_id: str, case: Case | None, on: date) -> bool:
    """Whether a person may know of the child; of one child at least, where the message is a bulk act's."""
    if case is not None:
        return powers(session, person_id, case, on).sees
    if not row.occasion.startswith(BULK) or set(row.notices) == {MEETING_MOVED.id}:
        return True  # about no child: a failure that an administrator is told of, or a whole meeting
    bulk_id = row.occasion.removeprefix(BULK).partition(":")[0]
    one_of_them = select(Event.id).join(Case, Case.id == Event.case_id).where(Event.bulk_id == bulk_id)
    known = or_(visible(session, person_id, on), visible_requests(session, person_id, on))
    return session.scalar(one_of_them.where(known).limit(1)) is not None


def _is_overtaken(session: Session, row: Outbox) -> bool:
    """Nobody is chased for what is done by the time the mail goes (practice PT-18).

    A deadline's warning when it is closed; a task of a step when every deadline that the step gave its
    reader's post is.
    """
    if row.occasion.startswith(RUNG):
        deadline = row.occasion.removeprefix(RUNG).partition(":")[0]
        return session.scalar(select(Deadline.closed_as).where(Deadline.id == deadline)) is not None
    if row.event_id is None or row.due_on is None or row.delivery == Delivery.NOW:
        return False
    if not all(is_task(NOTICES[notice]) for notice in row.notices if notice in NOTICES):
        return False
    own = select(Deadline.closed_as).where(
        Deadline.opened_by_event == row.event_id, Deadline.owner == row.because
    )
    closed = session.scalars(own).all()
    return bool(closed) and all(as_ is not None for as_ in closed)


def is_personal(row: Outbox) -> bool:
    """Nobody confirms a decision on another person's behalf, nor reads their digest (practice PR-2)."""
    personal = {Party.DECIDER, Party.READER}
    return any(personal & set(NOTICES[notice].to) for notice in row.notices if notice in NOTICES)


def _has_it_already(session: Session, row: Outbox, person_id: str) -> bool:
    """Whether who covers is told of the occasion anyway: by a message of their own, or of another they cover."""
    own = exists().where(
        Outbox.occasion == row.occasion, Outbox.recipient_id == person_id, Outbox.status != "withdrawn"
    )
    if row.status != Status.FOR_DIGEST:
        return bool(session.scalar(select(own))) or person_id in read_for_others(session, row)
    read_for_another = exists().where(
        Outbox.occasion == row.occasion,
        DigestLine.outbox_id == Outbox.id,
        DigestLine.left_out.is_(None),
        Digest.id == DigestLine.digest_id,
        Digest.person_id == person_id,
    )
    return bool(session.scalar(select(or_(own, read_for_another))))


def read_for_others(session: Session, row: Outbox) -> set[str]:
    """Who has been sent the message of somebody else about this occasion, because they cover for them."""
    query = (
        select(Attempt.reader_id)
        .join(Outbox, Outbox.id == Attempt.outbox_id)
        .where(
            Outbox.occasion == row.occasion,
            Outbox.id != row.id,
            Outbox.recipient_id != Attempt.reader_id,
            Attempt.outcome == "sent",
        )
    )
    return {reader for reader in session.scalars(query) if reader is not None}


def _reachable(session: Session, person_id: str, failed: Outbox) -> bool:
    person = session.get_one(Person, person_id)
    usable = person.enabled and person.email is not None and person.email_failed_at is None
    return usable and person_id != failed.recipient_id


def _administrators(session: Session, on: date) -> Iterator[str]:
    query = select(RoleGrant.person_id).where(RoleGrant.role == Role.ADMINISTRATOR, *_held_on(on))
    yield from sorted(set(session.scalars(query)))


def _held_on(on: date) -> list[ColumnElement[bool]]:
    return [RoleGrant.from_on <= on, or_(RoleGrant.until_on.is_(None), RoleGrant.until_on >= on)]
