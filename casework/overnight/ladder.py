"""The ladders of deadlines: who is told before a date, on it and after it, each rung once (design 5.6, rules 8).

Which rungs are new is asked of the database: for every rung there is a latest date that its deadline's due date,
or its anchor, may have for the rung to be reached. Those dates are worked out once, here, with the calendar; so
a night over a hundred thousand children reads the few deadlines that have something new to say, and no others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, not_, or_, select
from sqlalchemy.orm import Session

from casework import policies
from casework.acting.deadlines import DUES
from casework.delivery.telling import tell_of_deadline
from casework.drift.inherited import went_live
from persistence.among import among
from persistence.tables import Case, Deadline, Rung
from states.calendar import Calendar
from states.policy import Policy
from states.vocabulary import Due, Warn, shift

_AT_ONCE = 1_000
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rungs:
    """What a look at the ladders did."""

    reached: int
    notices: int


def rungs_of(
    due: Due, deadline: Deadline, policy: Policy, calendar: Calendar
) -> list[tuple[str, date, Warn]]:
    """(name, day, warning) of every rung of a deadline, earliest first; none while its clock stands still."""
    if deadline.due_on is None:
        return []
    found = [
        (rung_name(warn, number), _day_of(warn, number, deadline.anchor_on, deadline.due_on, calendar), warn)
        for warn in due.warns
        for number in warn.numbers(policy)
    ]
    return sorted(found, key=lambda rung: rung[1])


def rung_name(warn: Warn, number: int) -> str:
    """What a rung is called, for ever: the notice and how far from the date."""
    return f"{warn.notice.id}{'@' if warn.from_anchor else '+' if warn.after else '-'}{number}"


def _day_of(warn: Warn, number: int, anchor_on: date, due_on: date, calendar: Calendar) -> date:
    if warn.from_anchor:
        return shift(anchor_on, number, warn.unit, calendar=calendar)
    return shift(due_on, number if warn.after else -number, warn.unit, calendar=calendar)


def ring(session: Session, case_ids: Sequence[int], as_of: date, *, now: datetime | None = None) -> Rungs:
    """Reach every rung of these cases' open deadlines that is due as of a London date, each once.

    Where several were passed unseen, as after a late entry, only the last one is said aloud.
    """
    policy = policies.in_force(session, as_of).policy
    calendar = Calendar.of(policy)
    moment = now or datetime(as_of.year, as_of.month, as_of.day, tzinfo=ZoneInfo("Europe/London"))
    due_now = or_(*_conditions(policy, calendar, as_of))
    live_since = went_live(session, as_of)
    reached = notices = 0
    case_ids = _with_requests(session, case_ids)
    for start in range(0, len(case_ids), _AT_ONCE):
        rows = session.scalars(
            select(Deadline)
            .where(
                among(Deadline.case_id, case_ids[start : start + _AT_ONCE]),
                Deadline.closed_as.is_(None),
                Deadline.due_on.is_not(None),
                due_now,
            )
            .order_by(Deadline.case_id, Deadline.id)
        ).all()
        climbed = {
            (row.deadline_id, row.rung)
            for row in session.execute(
                select(Rung.deadline_id, Rung.rung).where(among(Rung.deadline_id, [d.id for d in rows]))
            )
        }
        for deadline in rows:
            new = [
                (name, warn)
                for name, day, warn in rungs_of(DUES[deadline.name], deadline, policy, calendar)
                if day <= as_of and (deadline.id, name) not in climbed
            ]
            for name, _ in new:
                session.add(Rung(deadline_id=deadline.id, rung=name, reached_on=as_of, at=moment))
            reached += len(new)
            if new and not _inherited(deadline, live_since):
                name, warn = new[-1]
                notices += tell_of_deadline(session, deadline, name, warn.notice, on=as_of, now=moment)
    session.flush()
    return Rungs(reached=reached, notices=notices)


def _with_requests(session: Session, case_ids: Sequence[int]) -> list[int]:
    """These cases and their funding requests, whose deadlines are looked at with the child's."""
    found = list(case_ids)
    for start in range(0, len(case_ids), _AT_ONCE):
        theirs = among(Case.child_case_id, case_ids[start : start + _AT_ONCE])
        found += session.scalars(select(Case.id).where(theirs).order_by(Case.id))
    return found


def _inherited(deadline: Deadline, live_since: date | None) -> bool:
    """It was late before the authority went live: nobody gets a mail about that (practice PR-4)."""
    return live_since is not None and deadline.due_on is not None and deadline.due_on < live_since


def _conditions(policy: Policy, calendar: Calendar, as_of: date) -> list[ColumnElement[bool]]:
    """For each kind of rung: the deadlines that have reached it and have not climbed it yet."""
    found: list[ColumnElement[bool]] = []
    for name, due in DUES.items():
        for warn in due.warns:
            for number in warn.numbers(policy):

                def day(from_: date, warn: Warn = warn, number: int = number) -> date:
                    return _day_of(warn, number, from_, from_, calendar)

                counted_from = Deadline.anchor_on if warn.from_anchor else Deadline.due_on
                climbed = exists().where(
                    Rung.deadline_id == Deadline.id, Rung.rung == rung_name(warn, number)
                )
                found.append(and_(Deadline.name == name, counted_from <= _latest(day, as_of), not_(climbed)))
    return found


def _latest(day: Callable[[date], date], as_of: date) -> date:
    """The latest date whose rung lies on or before `as_of`: a later one never has an earlier rung."""
    latest = as_of + (as_of - day(as_of))
    while day(latest) > as_of:
        latest -= _DAY
    while day(latest + _DAY) <= as_of:
        latest += _DAY
    return latest
