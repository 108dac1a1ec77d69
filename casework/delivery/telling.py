"""Whom a step or a deadline tells: from the roles in the table to people, one message each (rules 8).

A post that nobody holds falls to the child's Team Manager (rules N-6). Whoever typed the step knows it already
and gets no mail about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from casework.delivery.outbox import Told, of_bulk, of_rung, queue
from casework.delivery.recipients import holders_of
from casework.straight import rows
from persistence.tables import Case, Deadline, Event, Meeting, RoleGrant
from states import history, notices
from states.facts import Facts
from states.vocabulary import ALLOCATED, Notice, Party, Role, Transition

Recipient = tuple[str, str, Notice]  # person, the role or party they are told as, what they are told


def tell_of_step(
    session: Session,
    case: Case,
    row: Transition,
    facts: Facts,
    *,
    event: Event,
    follow_up_id: str | None,
    opened: Sequence[Deadline],
    now: datetime,
    first: bool = False,
) -> list[str]:
    """Queue what a step tells; answers the ids of its notices. Part of the act's own unit.

    `first`: nothing has been said about this event yet.
    """
    chosen = [*row.tells, *(notice for choice, notice in row.tells_if if choice(facts))]
    mails = [notice for notice in chosen if not notice.is_letter]
    held = _holders(session, case, mails, facts.today)
    wanted = [
        (who, because, notice)
        for notice in mails
        for who, because in _people(session, held, notice, facts, event)
        if who != event.recorded_by or because == Party.DECIDER.value
    ]
    if event.decided_by != event.recorded_by and row.nature.value == "decision":
        wanted.append((event.decided_by, Party.DECIDER.value, notices.DECISION_TO_CONFIRM))
    occasion = f"event:{event.id}"
    case_id: int | None = case.id
    if event.bulk_id is not None and not case.restricted:  # a restricted child is never one of many (R22)
        occasion, case_id = of_bulk(event.bulk_id, row.trigger), None
    queue(
        session,
        occasion=occasion,
        event_id=event.id,
        follow_up_id=follow_up_id,
        case_id=case_id,
        recipients=wanted,
        now=now,
        due_on=_due(facts, opened),
        meeting_id=_meeting(session, facts, event, mails),
        first=first and event.bulk_id is None,
    )
    return [notice.id for notice in chosen] + (
        [notices.DECISION_TO_CONFIRM.id] if wanted and wanted[-1][1] == Party.DECIDER.value else []
    )


def ask_the_decider(session: Session, event_id: str, *, now: datetime) -> None:
    """Ask for confirmation of a decision whose step says nothing else, because it is overtaken (practice PR-2)."""
    event = session.get_one(Event, event_id)
    queue(
        session,
        occasion=f"event:{event.id}",
        event_id=event.id,
        case_id=event.case_id,
        recipients=[(event.decided_by, Party.DECIDER.value, notices.DECISION_TO_CONFIRM)],
        now=now,
    )


def tell_of_reversal(
    session: Session,
    case: Case,
    told: Iterable[Told],
    *,
    event: Event,
    now: datetime,
) -> int:
    """One correction to everybody an earlier message about the step went to (design 5.5).

    Who was told at once is told at once that it no longer holds; the others read it in their digest.
    """
    everybody = tuple(told)
    recipients: list[Recipient] = [
        (one.person_id, Party.TOLD_BEFORE.value, notices.STEP_REVERSED) for one in everybody
    ]
    return len(
        queue(
            session,
            occasion=f"event:{event.id}",
            event_id=event.id,
            case_id=case.id,
            recipients=recipients,
            now=now,
            at_once={one.person_id for one in everybody if one.at_once},
        )
    )


def tell_of_deadline(
    session: Session, deadline: Deadline, rung: str, notice: Notice, *, on: date, now: datetime
) -> int:
    """Queue the notice of a rung that a deadline has reached; how many messages."""
    case = session.get_one(Case, deadline.case_id)
    if case.closed:
        return 0
    held = _holders(session, case, [notice], on)
    recipients: list[Recipient] = [
        (who, because, notice)
        for role in notice.to
        if isinstance(role, Role)
        for who, because in held[role]
    ]
    return len(
        queue(
            session,
            occasion=of_rung(deadline.id, rung),
            case_id=case.id,
            recipients=recipients,
            now=now,
            due_on=deadline.due_on,
        )
    )


def _due(facts: Facts, opened: Sequence[Deadline]) -> dict[str, date]:
    """By when each role or party must act: the first of the deadlines that are theirs."""
    due: dict[str, date] = {}
    for deadline in opened:
        if deadline.due_on is not None:
            due[deadline.owner] = min(due.get(deadline.owner, deadline.due_on), deadline.due_on)
    as_ = {
        Party.MISSING_SERVICE.value: Role.GROUP_MEMBER.value,
        Party.NEW_HOLDER.value: getattr(facts.given, "role", ""),
    }
    return due | {party: due[role] for party, role in as_.items() if role in due}


def _people(
    session: Session, held: Mapping[Role, list[tuple[str, str]]], notice: Notice, facts: Facts, event: Event
) -> Iterator[tuple[str, str]]:
    for target in notice.to:
        if isinstance(target, Role):
            yield from held[target]
        elif target is Party.DECIDER:
            yield event.decided_by, target.value
        elif target is Party.RECORDER:
            about = session.get(Event, event.about_event) if event.about_event else None
            yield (about or event).recorded_by, target.value
        elif target is Party.NEW_HOLDER:
            named = getattr(facts.record, "person", None)
            if named:
                yield named, target.value
        elif target is Party.MISSING_SERVICE:
            for who in _members_for(session, history.missing_services(facts), facts.today):
                yield who, target.value


def _holders(
    session: Session, case: Case, told: Iterable[Notice], on: date
) -> dict[Role, list[tuple[str, str]]]:
    """Who holds each of the roles that these notices tell: (person, the role they are told as)."""
    roles = {target for notice in told for target in notice.to if isinstance(target, Role)}
    if not roles:
        return {}
    held = holders_of(session, case, roles | {Role.TEAM_MANAGER}, on=on)
    managers = [(who, Role.TEAM_MANAGER.value) for who in held[Role.TEAM_MANAGER]]
    return {
        role: managers if role in ALLOCATED and not held[role] else [(who, role.value) for who in held[role]]
        for role in roles
    }


def _members_for(session: Session, services: Iterable[str], on: date) -> list[str]:
    return sorted(
        set(
            session.scalars(
                select(RoleGrant.person_id).where(
                    RoleGrant.role == Role.GROUP_MEMBER.value,
                    RoleGrant.service.in_(list(services)),
                    RoleGrant.from_on <= on,
                    or_(RoleGrant.until_on.is_(None), RoleGrant.until_on >= on),
                )
            )
        )
    )


def _meeting(session: Session, facts: Facts, event: Event, mails: Iterable[Notice]) -> str | None:
    """The meeting whose date the messages carry as a calendar entry."""
    if not any(notice.dated for notice in mails):
        return None
    named = getattr(facts.given, "meeting", None)
    if named:
        return rows(session, _MEETING_NAMED, ref=named).scalar()
    return rows(session, _MEETING_SET_UP, event_id=event.id).scalar()


_MEETING_NAMED = select(Meeting.id).where(Meeting.ref == bindparam("ref"))
_MEETING_SET_UP = select(Meeting.id).where(Meeting.event_id == bindparam("event_id"))
