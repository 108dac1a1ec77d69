"""A child's own trajectory: planned at first, forecast now, done; each time a date moved, and why (rules R-TRJ-3).

And where it leads: by when the order is to be expected once what is late today has moved what hangs on it, and what
it would cost if the next meeting were missed (design 6).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acting import loading
from casework.meetings.coming import Coming, next_meetings
from casework.once import once
from casework.who.access import open_case_row
from persistence.tables import Milestone
from states.facts import Entry, live
from states.records.codes import StepName
from states.records.trajectory import Trajectory
from states.sittings import in_weeks
from states.stages import UNDER_WAY, S


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A date of the trajectory that was moved: on which day, from when to when, and why."""

    on: date
    was: date
    now: date
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneSeen:
    """One milestone. `slip_days` is how far it lies, or was reached, from what was planned at first.

    `forecast` is the date that is written down; `expected` is the same, moved on by what is late before it today.
    """

    step: str
    planned: date
    forecast: date
    expected: date
    done: date | None
    slip_days: int
    late_days: int  # not reached, and its date has passed: by how many days
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AtStake:
    """What missing the next meeting would cost the child."""

    body: str
    held_on: date
    then: date
    days: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """The child's way in dates. The order's are None where no date of it is planned."""

    ref: str
    milestones: tuple[MilestoneSeen, ...]
    order_planned: date | None  # at first
    order_forecast: date | None  # as the trajectory has it now
    order_expected: date | None  # as it must be, with what is late today
    expected_because: str | None  # the milestone that holds it up
    order_on: date | None  # made
    at_stake: AtStake | None


@once
def milestones_of(session: Session, case_id: int) -> tuple[Milestone, ...]:
    """The milestones of a child in their order."""
    return tuple(
        session.scalars(select(Milestone).where(Milestone.case_id == case_id).order_by(Milestone.position))
    )


def trajectory(session: Session, ref: str, *, by: str, today: date) -> Path:
    """The trajectory of a child on a London date. Raises NotFound alike for unknown and hidden (R22)."""
    case = open_case_row(session, ref, by=by, today=today)
    moves = _moves(live(loading.load_entries(session, case.id)))
    rows = milestones_of(session, case.id)
    leads = case.state in _LEADS_TO_AN_ORDER
    as_written = {row.name: (row.done_on or row.forecast_on, None) for row in rows}
    expected = expected_dates(rows, today) if leads else as_written
    milestones = tuple(
        MilestoneSeen(
            step=row.name,
            planned=row.baseline_on,
            forecast=row.forecast_on,
            expected=expected[row.name][0],
            done=row.done_on,
            slip_days=((row.done_on or row.forecast_on) - row.baseline_on).days,
            late_days=0 if row.done_on else max(0, (today - row.forecast_on).days),
            moves=tuple(moves.get(row.name, ())),
        )
        for row in rows
    )
    order = next((one for one in milestones if one.step == StepName.ORDER.value), None)
    to_come = order is not None and order.done is None and leads
    return Path(
        ref=case.ref,
        milestones=milestones,
        order_planned=order.planned if order else None,
        order_forecast=order.forecast if order else None,
        order_expected=order.expected if order is not None and to_come else None,
        expected_because=expected[order.step][1] if order is not None and to_come else None,
        order_on=order.done if order else None,
        at_stake=_at_stake(next_meetings(session, case, today)),
    )


#: Where the dates lead to an order: not once the child is stopped, closed, or back before the group.
_LEADS_TO_AN_ORDER = frozenset(state.name for state in UNDER_WAY | {S.IN_COURT})
#: What every step before it must have been through: once one of these is reached, what was left undone before it
#: holds nothing up any more.
_GATES = frozenset(
    {StepName.KDD.value, StepName.ROA.value, StepName.REPORTS_TO_LEGAL.value, StepName.APPLICATION.value}
)


def expected_dates(rows: Sequence[Milestone], today: date) -> dict[str, tuple[date, str | None]]:
    """By when each step is to be expected on a London date, and which late one moves it; in the steps' order.

    A step that is late by so many days moves all after it by as many; where several are, the one that is latest.
    A step that has been passed over moves nothing: the child has been through a gate after it.
    """
    through = max((number for number, row in enumerate(rows) if row.done_on and row.name in _GATES), default=-1)
    found: dict[str, tuple[date, str | None]] = {}
    carried, because = 0, None
    for number, row in enumerate(rows):
        if row.done_on is not None:
            found[row.name] = (row.done_on, None)
            continue
        late = (today - row.forecast_on).days
        if number > through and late > carried:
            carried, because = late, row.name
        found[row.name] = (date.fromordinal(row.forecast_on.toordinal() + carried), because)
    return found


def _moves(entries: Iterable[Entry]) -> dict[str, list[Move]]:
    planned: dict[str, date] = {}
    moves: dict[str, list[Move]] = {}
    for entry in entries:
        if entry.kind != Trajectory.kind:
            continue
        rows: Sequence[dict[str, Any]] = entry.data["milestones"]
        for row in rows:
            step, on = row["step"], date.fromisoformat(row["planned_on"])
            if step in planned and planned[step] != on:
                move = Move(on=entry.happened_on, was=planned[step], now=on, reason=row.get("slip_reason"))
                moves.setdefault(step, []).append(move)
            planned[step] = on
        planned = {row["step"]: planned[row["step"]] for row in rows}
    return moves


def _at_stake(coming: Iterable[Coming]) -> AtStake | None:
    for one in sorted(coming, key=lambda c: c.held_on or date.max):
        if one.held_on is not None and one.at_stake_days:
            then = date.fromordinal(one.held_on.toordinal() + one.at_stake_days)
            words = (
                f"If the {one.body} of {one.held_on.day} {one.held_on:%B} is missed, the next is on "
                f"{then.day} {then:%B %Y}: that costs {in_weeks(one.at_stake_days)}."
            )
            return AtStake(body=one.body, held_on=one.held_on, then=then, days=one.at_stake_days, words=words)
    return None
