"""Meetings ahead: what is on each agenda against the time it has, and which children miss the next one and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from casework import policies
from casework.boards.narrowing import Wanted
from casework.meetings.coming import BEFORE_THE_REVIEW, FOR_THE_GROUP, PREPARING_MONEY, Coming, next_meetings_of
from casework.meetings.keeping import PLANNED
from casework.who.access import reads_journey, visible
from persistence.tables import AgendaItem, Case, Meeting
from states.policy.recurring import Body
from states.stages import S

#: So many meetings of each body are shown.
SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """A meeting to come. `room`: how many more children it has time for; below 0: too many."""

    ref: str
    body: str
    held_on: date
    papers_due_on: date | None
    listed: int
    could_come: int  # not listed yet, and ready for it
    length: int | None  # how many it has time for, by policy
    room: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Misses:
    """A child who misses the next meeting of a body, or puts one at risk: why, and what it costs."""

    ref: str
    state: str
    journey_shown: bool  # whether the asker reads the colour (rules 11.1)
    colour: str | None
    body: str
    missed_on: date | None
    working_days: int | None
    costs_days: int | None
    because: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """The meetings to come, as far as the asker may open the children."""

    sittings: tuple[Sitting, ...]
    misses: tuple[Misses, ...]
    no_meeting: tuple[tuple[str, int], ...]  # (body, children) for whom none is planned


def meetings_to_come(session: Session, *, by: str, today: date, wanted: Wanted) -> Ahead:
    """Agendas and near misses on a London date: a dozen questions for every few hundred children."""
    sees = visible(session, by, today)
    states = FOR_THE_GROUP | BEFORE_THE_REVIEW | PREPARING_MONEY | {S.REVIEW_GROUP.name}
    team = [Case.team_id == wanted.team] if wanted.team else []
    shown = case((reads_journey(session, by, today), 1), else_=0)
    wanted_here = (sees, *team, Case.closed.is_(False), Case.state.in_(states))
    children = session.execute(select(Case, shown).where(*wanted_here).order_by(Case.id)).all()
    coming = next_meetings_of(session, [child for child, _ in children], today)
    ready: Counter[str] = Counter()
    nowhere: Counter[str] = Counter()
    misses: list[Misses] = []
    for child, reads in children:
        for one in coming[child.id]:
            if one.meeting is not None and not one.listed:
                ready[one.meeting] += 1
            if one.held_on is None:
                nowhere[one.body] += 1
            if one.missed_by is not None:
                misses.append(_misses(child, one, reads=bool(reads)))
    misses.sort(key=lambda one: (one.missed_on or date.max, -(one.costs_days or 0), one.ref))
    return Ahead(
        sittings=tuple(_sittings(session, sees, ready, today)),
        misses=tuple(misses),
        no_meeting=tuple(sorted(nowhere.items())),
    )


def _misses(child: Case, one: Coming, *, reads: bool) -> Misses:
    return Misses(
        ref=child.ref,
        state=child.state,
        journey_shown=reads,
        colour=child.colour if reads else None,
        body=one.body,
        missed_on=one.missed_on or one.held_on,
        working_days=one.missed_by,
        costs_days=one.costs_days or one.at_stake_days,
        because="papers are late" if one.listed else one.because,
        words=one.words,
    )


def _sittings(session: Session, sees: ColumnElement[bool], ready: Counter[str], today: date) -> list[Sitting]:
    length = policies.in_force(session, today).policy.meetings.agenda_items
    query = (
        select(Meeting)
        .where(
            Meeting.body.in_(list(Body)),
            Meeting.held_on >= today,
            Meeting.status == PLANNED,
            Meeting.event_id.is_(None),
        )
        .order_by(Meeting.held_on, Meeting.ref)
    )
    shown: Counter[str] = Counter()
    meetings: list[Meeting] = []
    for meeting in session.scalars(query):
        shown[meeting.body] += 1
        if shown[meeting.body] <= SHOWN:
            meetings.append(meeting)
    items = (
        select(AgendaItem.meeting_id, func.count())
        .join(Case, Case.id == AgendaItem.case_id)
        .where(AgendaItem.meeting_id.in_([one.id for one in meetings]), AgendaItem.status == "listed", sees)
        .group_by(AgendaItem.meeting_id)
    )
    listed: dict[str, int] = dict(session.execute(items).all())
    found = []
    for one in meetings:
        time = length.get(Body(one.body))
        there = listed.get(one.id, 0)
        found.append(
            Sitting(
                ref=one.ref,
                body=one.body,
                held_on=one.held_on,
                papers_due_on=one.papers_due_on,
                listed=there,
                could_come=ready[one.ref],
                length=time,
                room=None if time is None else time - there,
            )
        )
    return found
