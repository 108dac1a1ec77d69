"""What an independent reviewing officer looks at: their children, coming reviews, changed plans, concerns (PT-21).

Whoever manages reviewing officers sees every child's; all others their own, and those they cover.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from casework import policies
from casework.reading.my_work import ToConfirm, decisions_to_confirm, step_words
from casework.who.access import powers, visible
from casework.who.people import posts_of
from persistence.tables import Allocation, Case, Child, Deadline, Event, Record, Team
from states.calendar import Calendar
from states.deadlines import IRO_CONCERN
from states.records.standing import Concern
from states.stages import S
from states.vocabulary import Role

#: How far back "changed plans" looks.
LOOKS_BACK = timedelta(days=28)
#: What changes a child's plan without moving the child.
CHANGES_THE_PLAN = ("record_placement_change", "change_applicants", "record_court_direction", "rerate")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenConcern:
    """A concern that is not settled: its stage, and where its clock stands, in working days (R-LAC-6)."""

    ref: str
    stage: str
    words: str
    raised_on: date
    due: date | None
    day: int
    of: int
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """One child as the reviewing officer sees it."""

    ref: str
    words: str
    since: date
    colour: str | None
    team: str | None
    next_review_on: date | None
    waits: bool  # the review is what the child's plan waits for
    changed: tuple[tuple[date, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewing:
    """Everything of a reviewing officer on one page."""

    children: tuple[Reviewed, ...]  # the next review first
    confirm: tuple[ToConfirm, ...]
    concerns: tuple[OpenConcern, ...]
    everybody: bool  # not only their own


def reviewing(session: Session, *, by: str, today: date) -> Reviewing:
    """What a reviewing officer looks at on a London date; a handful of queries however many children."""
    everybody = Role.IRO_MANAGER in powers(session, by, None, today).roles
    who = posts_of(session, by, today, case_id=None).hands(by)
    mine = (
        exists()
        .where(
            Allocation.case_id == Case.id,
            Allocation.role == Role.IRO.value,
            Allocation.person_id.in_(who),
            Allocation.from_on <= today,
            or_(Allocation.until_on.is_(None), Allocation.until_on > today),
        )
        .correlate_except(Allocation)
    )
    query = (
        select(Case, Child.next_review_on, Team.name)
        .join(Child, Child.case_id == Case.id)
        .outerjoin(Team, Team.id == Case.team_id)
        .where(Case.closed.is_(False), visible(session, by, today))
        .order_by(Child.next_review_on.is_(None), Child.next_review_on, Case.ref)
    )
    found = session.execute(query if everybody else query.where(mine)).all()
    refs = {case.id: case.ref for case, _, _ in found}
    changed = _changed(session, list(refs), today)
    return Reviewing(
        children=tuple(
            Reviewed(
                ref=case.ref,
                words=S[case.state].words,
                since=case.state_since,
                colour=case.colour,
                team=team,
                next_review_on=next_on,
                waits=case.state == S.RATIFICATION.name,
                changed=tuple(changed.get(case.id, ())),
            )
            for case, next_on, team in found
        ),
        confirm=tuple(decisions_to_confirm(session, by=by, today=today)),
        concerns=_concerns(session, refs, today),
        everybody=everybody,
    )


def _changed(session: Session, ids: Sequence[int], today: date) -> dict[int, list[tuple[date, str]]]:
    query = (
        select(Event.case_id, Event.happened_on, Event.trigger)
        .where(
            Event.case_id.in_(ids),
            Event.happened_on >= today - LOOKS_BACK,
            or_(Event.from_state != Event.to_state, Event.trigger.in_(CHANGES_THE_PLAN)),
        )
        .order_by(Event.case_id, Event.seq.desc())
    )
    found: dict[int, list[tuple[date, str]]] = {}
    for case_id, on, trigger in session.execute(query):
        found.setdefault(case_id, []).append((on, step_words(trigger)))
    return found


def _concerns(session: Session, refs: Mapping[int, str], today: date) -> tuple[OpenConcern, ...]:
    policy = policies.in_force(session, today).policy
    calendar = Calendar.of(policy)
    clocks = session.scalars(
        select(Deadline)
        .where(Deadline.case_id.in_(refs), Deadline.name == IRO_CONCERN.name, Deadline.closed_as.is_(None))
        .order_by(Deadline.due_on.is_(None), Deadline.due_on, Deadline.case_id)
    ).all()
    said: dict[int, Record] = {}
    for record in session.scalars(
        select(Record)
        .join(Event, Event.id == Record.event_id)
        .where(Event.case_id.in_([clock.case_id for clock in clocks]), Record.kind == Concern.kind)
        .order_by(Event.case_id, Event.seq)
    ):
        said[record.case_id] = record  # the last one says how far it has gone
    return tuple(
        OpenConcern(
            ref=refs[clock.case_id],
            stage=str(said[clock.case_id].data["stage"]),
            words=str(said[clock.case_id].data["concern"]),
            raised_on=clock.anchor_on,
            due=clock.due_on,
            day=calendar.working_days_between(clock.anchor_on, today),
            of=policy.reviews.iro_dispute_working_days,
            late=clock.due_on is not None and clock.due_on < today,
        )
        for clock in clocks
        if clock.case_id in said
    )
