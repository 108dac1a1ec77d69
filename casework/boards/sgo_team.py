"""The SGO team's board: per worker the assessments with their week, checks outstanding, court dates, and room (6.2)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from casework import policies
from casework.boards.narrowing import on_day
from casework.who.access import reads_journey, visible
from persistence.tables import Allocation, Case, Deadline, Milestone, Person, Record, RoleGrant
from states.records.codes import StepName
from states.stages import ASSESSING, S
from states.vocabulary import Role

#: An assessment is on somebody's hands from the ratified decision until Legal has the file.
ON_HAND = frozenset(state.name for state in ASSESSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """A child with an assessment worker. `week` of `weeks`: None before it has begun, or once it is done."""

    ref: str
    state: str
    journey_shown: bool  # whether the asker reads colour, checks and planned dates (rules 11.1)
    colour: str | None
    week: int | None
    weeks: int
    target_on: date | None
    checks: tuple[str, ...]  # asked for, and not back
    court_on: date | None
    legal_on: date | None  # when the reports are to be with Legal
    on_hand: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """An assessment worker. `room_from`: from when there is room for one more; None: nobody can say."""

    id: str
    name: str
    assessments: tuple[Assessment, ...]
    on_hand: int
    at_most: int
    room_from: date | None


def team_board(session: Session, *, by: str, today: date) -> tuple[Worker, ...]:
    """Every assessment worker with what they have on hand, as far as the asker may open the children."""
    policy = policies.in_force(session, today).policy.assessment
    role = Role.ASSESSMENT_WORKER.value
    shown = reads_journey(session, by, today)
    held = session.execute(
        select(Allocation.person_id, Case, case((shown, 1), else_=0))
        .join(Case, Case.id == Allocation.case_id)
        .where(visible(session, by, today), Case.closed.is_(False), Allocation.role == role, on_day(today))
        .order_by(Case.id)
    ).all()
    started, targets = _clocks(session, [child.id for _, child, _ in held if child.state in _SHOWN])
    read = [child.id for _, child, reads in held if reads and child.state in _SHOWN]
    checks = _checks(session, read)
    court, legal = _milestones(session, read, today)
    by_worker: dict[str, list[Assessment]] = defaultdict(list)
    for person, child, reads in held:
        if child.state not in _SHOWN:
            continue
        start = started.get(child.id)
        by_worker[person].append(
            Assessment(
                ref=child.ref,
                state=child.state,
                journey_shown=bool(reads),
                colour=child.colour if reads else None,
                week=(today - start).days // 7 + 1 if start and start <= today else None,
                weeks=policy.target_weeks,
                target_on=targets.get(child.id),
                checks=tuple(sorted(checks.get(child.id, ()))),
                court_on=court.get(child.id),
                legal_on=legal.get(child.id),
                on_hand=child.state in ON_HAND,
            )
        )
    granted = select(RoleGrant.person_id).where(
        RoleGrant.role == role, RoleGrant.from_on <= today, func.coalesce(RoleGrant.until_on, today) >= today
    )
    people = select(Person.id, Person.name).where(
        Person.enabled, Person.id.in_({*by_worker, *session.scalars(granted)})
    )
    return tuple(
        _worker(person, name, by_worker.get(person, []), policy.per_worker, today)
        for person, name in session.execute(people.order_by(Person.name, Person.id))
    )


#: What is shown: from progress agreed, when a worker is named, to court.
_SHOWN = ON_HAND | {
    state.name for state in (S.TRAJECTORY, S.FURTHER_WORK, S.KEY_DECISION, S.RATIFICATION, S.WITH_LEGAL, S.IN_COURT)
}


def _worker(person: str, name: str, theirs: list[Assessment], at_most: int, today: date) -> Worker:
    on_hand = [one for one in theirs if one.on_hand]
    theirs.sort(key=lambda one: (not one.on_hand, -(one.week or 0), one.ref))
    return Worker(
        id=person,
        name=name,
        assessments=tuple(theirs),
        on_hand=len(on_hand),
        at_most=at_most,
        room_from=_room_from(on_hand, at_most, today),
    )


def _room_from(on_hand: list[Assessment], at_most: int, today: date) -> date | None:
    """Today while there is room; else the day on which enough of them are to be with Legal."""
    too_many = len(on_hand) - at_most + 1
    if too_many <= 0:
        return today
    ends = sorted(max(end, today) for one in on_hand if (end := one.legal_on or one.target_on) is not None)
    return ends[too_many - 1] if len(ends) >= too_many else None


def _clocks(session: Session, ids: list[int]) -> tuple[dict[int, date], dict[int, date]]:
    """When each running assessment began, and when it is to be done."""
    rows = session.execute(
        select(Deadline.case_id, Deadline.anchor_on, Deadline.due_on).where(
            Deadline.case_id.in_(ids), Deadline.name == "assessment_target", Deadline.closed_as.is_(None)
        )
    ).all()
    return {row.case_id: row.anchor_on for row in rows}, {row.case_id: row.due_on for row in rows if row.due_on}


def _checks(session: Session, ids: list[int]) -> dict[int, set[str]]:
    """What was asked for and is not back, by case."""
    asked: dict[int, set[str]] = defaultdict(set)
    back: dict[int, set[str]] = defaultdict(set)
    query = select(Record.case_id, Record.kind, Record.data).where(
        Record.case_id.in_(ids), Record.kind.in_(("check_requested", "check_received"))
    )
    for case_id, kind, data in session.execute(query):
        which = f"{data.get('check')} ({data.get('on_whom')})"
        (asked if kind == "check_requested" else back)[case_id].add(which)
    return {case_id: which - back[case_id] for case_id, which in asked.items()}


def _milestones(session: Session, ids: list[int], today: date) -> tuple[dict[int, date], dict[int, date]]:
    """The next date in court, and when the reports are to be with Legal, by case."""
    names = (StepName.FIRST_HEARING.value, StepName.ORDER.value, StepName.REPORTS_TO_LEGAL.value)
    court: dict[int, date] = {}
    legal: dict[int, date] = {}
    planned = select(Milestone.case_id, Milestone.name, Milestone.forecast_on).where(
        Milestone.case_id.in_(ids), Milestone.name.in_(names), Milestone.done_on.is_(None)
    )
    for case_id, name, on in session.execute(planned.order_by(Milestone.forecast_on.desc())):
        if name == StepName.REPORTS_TO_LEGAL.value:
            legal[case_id] = on
        elif on >= today:
            court[case_id] = on
    directed = select(Deadline.case_id, func.min(Deadline.due_on)).where(
        Deadline.case_id.in_(ids), Deadline.name == "court_direction", Deadline.closed_as.is_(None)
    )
    for case_id, first in session.execute(directed.group_by(Deadline.case_id)):
        if first is not None:
            court[case_id] = min(first, court.get(case_id, first))
    return court, legal
