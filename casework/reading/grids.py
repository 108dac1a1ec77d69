"""Many children at once, as a grid needs them: where each stands, and the day it would usually come back (PT-2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, case, select
from sqlalchemy.orm import Session

from casework import policies
from casework.who.access import reads_journey, visible
from persistence.tables import Case, Deadline, Team
from states.calendar import Calendar
from states.deadlines import FIRST_RATING, RETURN
from states.stages import S


@dataclass(frozen=True, slots=True, kw_only=True)
class GridLine:
    """One child in a grid."""

    ref: str
    version: int
    state: str
    since: date
    journey_shown: bool  # whether the asker reads colour and latest position (rules 11.1)
    colour: str | None
    team: str | None
    position: str | None
    due: date | None  # the date that brings the child here: its first rating, or its return to the group
    usual_return: date | None  # counted from today by the colour's interval: it would tell the colour


def grid_lines(session: Session, *, by: str, today: date, states: Sequence[S]) -> list[GridLine]:
    """The open children in these states whom a person may open, soonest due first. One query, and the policy's."""
    policy = policies.in_force(session, today).policy
    calendar = Calendar.of(policy)
    spans = {str(colour): span for colour, span in policy.group.return_within.items()}
    waits = and_(
        Deadline.case_id == Case.id,
        Deadline.name.in_((FIRST_RATING.name, RETURN.name)),
        Deadline.closed_as.is_(None),
    )
    shown = reads_journey(session, by, today)
    query = (
        select(Case, Team.name, Deadline.due_on, case((shown, 1), else_=0))
        .outerjoin(Team, Team.id == Case.team_id)
        .outerjoin(Deadline, waits)
        .where(
            Case.state.in_([state.name for state in states]), Case.closed.is_(False), visible(session, by, today)
        )
        .order_by(Deadline.due_on.is_(None), Deadline.due_on, Case.ref)
    )
    found: dict[str, GridLine] = {}
    for child, team, due, reads in session.execute(query):
        span = spans.get(child.colour or "") if reads else None
        line = GridLine(
            ref=child.ref,
            version=child.version,
            state=child.state,
            since=child.state_since,
            journey_shown=bool(reads),
            colour=child.colour if reads else None,
            team=team,
            position=child.latest_position if reads else None,
            due=due,
            usual_return=calendar.add(today, span) if span else None,
        )
        found.setdefault(child.ref, line)
    return list(found.values())
