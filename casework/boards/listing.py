"""The list behind a figure: a page of the children somebody asked for, in the order they asked for, or all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from casework.acting.deadlines import OPENS_A_DOOR
from casework.boards.narrowing import WORKERS, Wanted, late, on_day
from casework.who.access import reads_journey, visible
from persistence.tables import Allocation, Case, Deadline, Flag, Person, Team
from states.stages import S
from states.vocabulary import Role

_AT_ONCE = 500


class Order(StrEnum):
    """In which order a list is read."""

    URGENT = "urgent"  # what is due soonest, so what is late first
    LONGEST = "longest"  # the longest where they are
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildLine:
    """A child in a list."""

    ref: str
    state: str
    words: str
    since: date
    days: int
    journey_shown: bool  # whether the asker reads colour, latest position and next step (rules 11.1)
    colour: str | None
    candidate: bool
    team: str | None
    childs_worker: str | None
    assessment_worker: str | None
    latest_position: str | None
    next_step: str | None
    next_step_who: str | None
    next_step_by: date | None
    overdue: int
    next_due: date | None
    next_what: str | None
    flags: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page of a list, and how many children there are in all."""

    lines: tuple[ChildLine, ...]
    total: int


def list_children(
    session: Session,
    *,
    by: str,
    today: date,
    wanted: Wanted,
    order: Order = Order.URGENT,
    limit: int | None = None,
    offset: int = 0,
) -> Listed:
    """The children somebody may open and asked for; ten questions for a page, however long it is."""
    shown = reads_journey(session, by, today)
    conditions = [visible(session, by, today), *wanted.conditions(today)]
    if wanted.colour:
        conditions.append(shown)  # else who is found would say what colour they have
    total = session.scalar(select(func.count()).select_from(Case).where(*conditions)) or 0
    if not total:
        return Listed(lines=(), total=0)
    ids = list(session.scalars(_in_order(order, conditions).limit(limit).offset(offset)))
    lines: dict[int, ChildLine] = {}
    for first in range(0, len(ids), _AT_ONCE):
        lines |= _lines(session, ids[first : first + _AT_ONCE], shown, today)
    return Listed(lines=tuple(lines[one] for one in ids), total=total)


def _in_order(order: Order, conditions: list[ColumnElement[bool]]) -> Select[int]:
    query = select(Case.id).where(*conditions)
    if order is Order.REFERENCE:
        return query.order_by(Case.ref)
    if order is Order.LONGEST:
        return query.order_by(Case.state_since, Case.id)
    return query.order_by(Case.next_due.asc().nulls_last(), Case.id)


def _lines(session: Session, ids: list[int], shown: ColumnElement[bool], today: date) -> dict[int, ChildLine]:
    these = Deadline.case_id.in_(ids)
    number = select(Deadline.case_id, func.count()).where(these, late(today)).group_by(Deadline.case_id)
    overdue: dict[int, int] = dict(session.execute(number).all())
    open_dates = (
        select(Deadline.case_id, Deadline.due_on, Deadline.words)
        .where(these, Deadline.closed_as.is_(None), Deadline.due_on.is_not(None), Deadline.name.not_in(OPENS_A_DOOR))
        .order_by(Deadline.due_on.desc(), Deadline.id.desc())  # the soonest stays
    )
    due = {row.case_id: (row.due_on, row.words) for row in session.execute(open_dates)}
    raised = select(Flag.case_id, func.count()).where(Flag.case_id.in_(ids), Flag.cleared_by_event.is_(None))
    flags: dict[int, int] = dict(session.execute(raised.group_by(Flag.case_id)).all())
    held = (
        select(Allocation.case_id, Allocation.role, Person.name)
        .join(Person, Person.id == Allocation.person_id)
        .where(Allocation.case_id.in_(ids), Allocation.role.in_([role.value for role in WORKERS]), on_day(today))
        .order_by(Allocation.from_on, Allocation.id)
    )
    workers = {(row.case_id, row.role): row.name for row in session.execute(held)}
    found: dict[int, ChildLine] = {}
    rows = session.execute(
        select(*_COLUMNS, Team.name, case((shown, 1), else_=0).label("shown"))
        .outerjoin(Team, Team.id == Case.team_id)
        .where(Case.id.in_(ids))
    )
    for row in rows:
        next_due, what = due.get(row.id, (None, None))
        found[row.id] = ChildLine(
            ref=row.ref,
            state=row.state,
            words=S[row.state].words,
            since=row.state_since,
            days=(today - row.state_since).days,
            journey_shown=bool(row.shown),
            colour=row.colour if row.shown else None,
            candidate=row.candidate,
            team=row.name,
            childs_worker=workers.get((row.id, Role.CHILDS_WORKER.value)),
            assessment_worker=workers.get((row.id, Role.ASSESSMENT_WORKER.value)),
            latest_position=row.latest_position if row.shown else None,
            next_step=row.next_step if row.shown else None,
            next_step_who=row.next_step_who if row.shown else None,
            next_step_by=row.next_step_by if row.shown else None,
            overdue=overdue.get(row.id, 0),
            next_due=next_due,
            next_what=what,
            flags=flags.get(row.id, 0),
        )
    return found


_COLUMNS: tuple[Any, ...] = (
    Case.id, Case.ref, Case.state, Case.state_since, Case.colour, Case.candidate, Case.latest_position,
    Case.next_step, Case.next_step_who, Case.next_step_by,
)  # fmt: skip
