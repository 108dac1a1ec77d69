"""Deadlines as rows: opened and met by acts, moved by pauses (design 5.6). Warnings are `casework.overnight.ladder`.

Overdue is derived on reading. A row that no longer holds is kept and says why: met, moved on, superseded,
withdrawn.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, or_, select, update
from sqlalchemy.orm import Session

from casework.straight import change, outside, put, rows, table_of
from persistence.tables import Case, Deadline, Event, Pause, new_id
from states import history
from states.calendar import Calendar
from states.counting import Standing, after_pauses
from states.deadlines import ASSESSMENT_MAY_START
from states.facts import Facts
from states.processes import ALL_ROWS
from states.vocabulary import Basis, Due, State, Transition, Unit, due_on

MET, MOVED_ON, SUPERSEDED, WITHDRAWN = "met", "moved on", "superseded", "withdrawn"


def _known() -> dict[str, Due]:
    found: dict[str, Due] = {}
    for row in ALL_ROWS:
        for due in row.opens:
            there = found.get(due.name)
            # Variants of one deadline differ in anchor and condition only; they live in the same states.
            found[due.name] = due if there is None or not there.warns else there
    return found


#: Every deadline by the name its rows carry.
DUES: dict[str, Due] = _known()

#: Those that say from when something may happen: nothing is late on such a day (rules R-LAW-4).
OPENS_A_DOOR: frozenset[str] = frozenset(name for name, due in DUES.items() if due.count.not_before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A deadline an act opens: which, from when, until when, about what."""

    due: Due
    anchor_on: date
    due_on: date
    about: str | None


def _anchors(due: Due, facts: Facts) -> Iterable[tuple[str | None, date]]:
    """(what it is about, anchor) of every deadline this one opens; the day it happened by default."""
    if due.anchor is None:
        yield None, facts.on
        return
    if due.anchor == ASSESSMENT_MAY_START:
        yield None, history.assessment_may_start(facts)
        return
    record: Any = facts.record
    if due.anchor == "meeting":
        seen = facts.meetings.get(record.meeting)
        if seen is not None:
            yield None, seen.held_on
        return
    if "." in due.anchor:
        rows, field = due.anchor.split(".")
        for number, row in enumerate(getattr(record, rows, ()), start=1):
            yield str(number), getattr(row, field)
        return
    given = getattr(record, due.anchor, None)
    if due.count.unit is Unit.GIVEN and given is None:
        return
    yield None, given or facts.on


def openings(row: Transition, facts: Facts) -> list[Opening]:
    """The deadlines a step opens under these facts (rules R-CLK-2 to R-CLK-4)."""
    found: list[Opening] = []
    for due in row.opens:
        if due.only_if is not None and not due.only_if(facts):
            continue
        calendar = _calendar(facts.calendar, due.basis)
        for about, anchor in _anchors(due, facts):
            when = due_on(due.count, anchor=anchor, policy=facts.policy, calendar=calendar)
            found.append(Opening(due=due, anchor_on=anchor, due_on=when, about=about))
    return found


def _calendar(calendar: Calendar, basis: str) -> Calendar:
    """Local closed days do not extend what the law or the court sets (rules R-CLK-1)."""
    return calendar.statutory if basis in (Basis.STATUTORY, Basis.COURT) else calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one entry of the history does to deadlines, worked out once."""

    event_id: str
    on: date
    to_state: State
    opening: tuple[Opening, ...] = ()
    met: frozenset[str] = frozenset()
    ended: frozenset[str] = frozenset()
    named: str | None = None  # which of many it is about, where the record says so
    replaced: str | None = None  # the court direction that it changes
    reopens: str | None = None  # the listing that it takes back: what that had closed runs on

    def closes(self, deadline: Deadline | Row[*tuple[Any, ...]]) -> str | None:
        """How this step closes a deadline that is open, if it does."""
        due = DUES.get(deadline.name)
        if self.replaced is not None and deadline.about == self.replaced:
            return SUPERSEDED  # by the direction that changes it (practice PT-14)
        if deadline.name in self.met and (
            due is None or not due.many or self.named in (None, deadline.about)
        ):
            return MET
        if any(one.due.name == deadline.name and not one.due.many for one in self.opening):
            return SUPERSEDED
        if deadline.name in self.ended:
            return MOVED_ON
        if due is not None and due.while_in is not None and self.to_state not in due.while_in:
            return MOVED_ON
        return None


#: Fields of records that say which of several deadlines of a name is meant.
_NAMING = ("direction", "condition", "upload")


def step_of(
    row: Transition, facts: Facts, *, event_id: str, to_state: State, reopens: str | None = None
) -> Step:
    """What a step does to deadlines under these facts."""
    record: Any = facts.given
    return Step(
        event_id=event_id,
        on=facts.on,
        to_state=to_state,
        opening=tuple(openings(row, facts)),
        met=frozenset(
            {due.name for due in row.meets} | {due.name for choice, due in row.meets_if if choice(facts)}
        ),
        ended=frozenset(due.name for due in row.ends),
        named=next((v for name in _NAMING if (v := getattr(record, name, None)) is not None), None),
        replaced=getattr(record, "replaces", None),
        reopens=reopens,
    )


def write(
    session: Session, case: Case, row: Transition, facts: Facts, *, event_id: str, to_state: State
) -> list[Deadline]:
    """Meet, close and open the deadlines of a step; answers those it opened."""
    step = step_of(row, facts, event_id=event_id, to_state=to_state)
    there = rows(session, _STILL_OPEN, case_id=case.id).all()
    closing = [(one, step.closes(one)) for one in there]
    change(
        session,
        _CLOSE,
        [{"row": one.id, "event": event_id, "how": how, "on": facts.on} for one, how in closing if how is not None],
    )
    if any(how == MET and (one.due_on is None or facts.on < facts.today) for one, how in closing):
        recompute_pauses(session, case, facts.calendar)  # met before the pauses that are known by now
    pauses = any(one.due.pauses for one in step.opening)
    standing = pauses_of(session, clocks_of(case)) if pauses else ()
    opened = rows_of(case.id, step.opening, facts, event_id=event_id, to_state=to_state, standing=standing)
    put(session, *opened)
    return opened


def close_those(there: Iterable[Deadline], step: Step) -> None:
    """Close those of these rows that are open and that a step meets, moves on from or supersedes."""
    for one in there:
        if one.closed_as is None and (how := step.closes(one)) is not None:
            _close(one, step.event_id, how, step.on)


def as_they_stand(session: Session, opened: Sequence[Deadline]) -> list[Deadline]:
    """The rows of deadlines as they are now, in the same order."""
    ids = [one.id for one in opened]
    there = {one.id: one for one in session.scalars(select(Deadline).where(Deadline.id.in_(ids)))}
    return [there[id_] for id_ in ids]


_STILL_OPEN = select(Deadline.id, Deadline.name, Deadline.about, Deadline.due_on).where(
    Deadline.case_id == bindparam("case_id"), Deadline.closed_as.is_(None)
)
_CLOSE = (
    update(table_of(Deadline))
    .where(table_of(Deadline).c.id == bindparam("row"))
    .values(closed_by_event=bindparam("event"), closed_as=bindparam("how"), closed_on=bindparam("on"))
)


def rows_of(
    case_id: int,
    opening: Iterable[Opening],
    facts: Facts,
    *,
    event_id: str,
    to_state: State,
    standing: Sequence[Standing] = (),
) -> list[Deadline]:
    """The rows of what a step opens, where the state it leads to lets them live; not yet in any session."""
    return [
        _row(case_id, one, event_id, standing, facts)
        for one in opening
        if one.due.while_in is None or to_state in one.due.while_in
    ]


def _row(case_id: int, one: Opening, event_id: str, standing: Sequence[Standing], facts: Facts) -> Deadline:
    unit = one.due.count.unit
    return outside(
        Deadline,
        {
            "id": new_id(),
            "case_id": case_id,
            "name": one.due.name,
            "words": one.due.words,
            "owner": one.due.owner.value,
            "basis": one.due.basis.value,
            "rule": one.due.rule,
            "unit": unit.value,
            "anchor_on": one.anchor_on,
            "first_due_on": one.due_on,
            "due_on": _moved(one.due.name, one.due_on, unit, facts.on, standing, facts.calendar),
            "anchored_to": one.due.anchor,
            "about": event_id if one.due.many and one.about is None else one.about,
            "opened_on": facts.on,
            "opened_by_event": event_id,
        },
    )


def _close(deadline: Deadline, event_id: str, how: str, on: date) -> None:
    deadline.closed_by_event, deadline.closed_as, deadline.closed_on = event_id, how, on


def _moved(
    name: str, first: date, unit: Unit, opened_on: date, standing: Sequence[Standing], calendar: Calendar
) -> date | None:
    if not DUES[name].pauses:
        return first
    return after_pauses(first, unit, opened_on, tuple(standing), calendar)


def clocks_of(case: Case) -> int:
    """Whose pauses stop a case's local clocks: a funding request's stand still with its child's (practice PT-13)."""
    return case.child_case_id or case.id


def pauses_of(session: Session, case_id: int) -> tuple[Standing, ...]:
    """The stretches in which this case's local clocks stood still."""
    paused = rows(session, _PAUSES, case_id=case_id)
    return merged(Standing(from_on=row.from_on, until_on=row.until_on) for row in paused)


_PAUSES = (
    select(Pause.from_on, Pause.until_on)
    .where(Pause.case_id == bindparam("case_id"))
    .order_by(Pause.from_on)
)


def merged(standing: Iterable[Standing]) -> tuple[Standing, ...]:
    """Pauses that overlap count once: time cannot stand still twice."""
    out: list[Standing] = []
    for one in sorted(standing, key=lambda s: s.from_on):
        last = out[-1] if out else None
        if last is not None and (last.until_on is None or one.from_on <= last.until_on):
            until = (
                None if last.until_on is None or one.until_on is None else max(last.until_on, one.until_on)
            )
            out[-1] = replace(last, until_on=until)
        else:
            out.append(one)
    return tuple(out)


def recompute_pauses(session: Session, case: Case, calendar: Calendar) -> int:
    """Work out every local deadline afresh from its pauses (rules R-CLK-9); how many moved.

    A child's funding requests stand still with it. One that is met already has the pauses that lay
    before that: an earlier day written down late still counts.
    """
    standing = pauses_of(session, clocks_of(case))
    moved = 0
    counting = or_(Deadline.closed_as.is_(None), Deadline.closed_as == MET)
    own = or_(Deadline.case_id == case.id, Deadline.case_id.in_(select(Case.id).where(Case.child_case_id == case.id)))
    for deadline in session.scalars(select(Deadline).where(own, counting)):
        new = _moved(
            deadline.name,
            deadline.first_due_on,
            Unit(deadline.unit),
            deadline.opened_on,
            _until(standing, deadline.closed_on),
            calendar,
        )
        if new != deadline.due_on:
            deadline.due_on = new
            moved += 1
    return moved


def _until(standing: Sequence[Standing], closed_on: date | None) -> tuple[Standing, ...]:
    """The pauses as they were when a deadline was closed: one that went on beyond that was open."""
    if closed_on is None:
        return tuple(standing)
    return tuple(
        one if one.until_on is not None and one.until_on <= closed_on else replace(one, until_on=None)
        for one in standing
        if one.from_on <= closed_on
    )


def take_back(session: Session, event_id: str, *, by_event: str, on: date) -> int:
    """Withdraw what an event opened (design 5.5); how many. What it closed is for `refold`."""
    withdrawn = 0
    for deadline in session.scalars(select(Deadline).where(Deadline.opened_by_event == event_id)):
        if deadline.closed_as != WITHDRAWN:
            _close(deadline, by_event, WITHDRAWN, on)
            withdrawn += 1
    return withdrawn


def reopen(session: Session, event_id: str) -> int:
    """Open again what an event met or closed; how many."""
    reopened = 0
    for deadline in session.scalars(select(Deadline).where(Deadline.closed_by_event == event_id)):
        if deadline.closed_as != WITHDRAWN:
            deadline.closed_by_event = deadline.closed_as = deadline.closed_on = None
            reopened += 1
    return reopened


def refold(
    session: Session,
    case: Case,
    steps: Sequence[Step],
    *,
    changed: Collection[str],
    corrections: Collection[str],
) -> None:
    """Close the case's deadlines again as the history that counts now closes them.

    `steps` are its entries from the first to the last; `changed` are those that were corrected or no longer
    count. Only what they had closed, and what is open, is looked at: the rest they cannot have touched.
    Versions that a correction superseded stay as they are.
    """
    place = {step.event_id: number for number, step in enumerate(steps)}
    for deadline in session.scalars(select(Deadline).where(Deadline.case_id == case.id)):
        start = place.get(deadline.opened_by_event)
        untouched = deadline.closed_as is not None and deadline.closed_by_event not in changed
        if start is None or deadline.closed_as == WITHDRAWN or deadline.closed_by_event in corrections or untouched:
            continue
        _fold(deadline, steps[start + 1 :])


def _fold(deadline: Deadline, steps: Iterable[Step]) -> None:
    """Let the steps after the one that opened a deadline close it, or open it again."""
    deadline.closed_by_event = deadline.closed_as = deadline.closed_on = None
    closed: tuple[Step, str] | None = None
    for step in steps:
        if closed is None:
            how = step.closes(deadline)
            closed = (step, how) if how is not None else None
        elif step.reopens == closed[0].event_id:
            closed = None
    if closed is not None:
        _close(deadline, closed[0].event_id, closed[1], closed[0].on)


def as_told(
    case_id: int, told: Sequence[tuple[Step, Facts | None]], standing: Sequence[Standing], calendar: Calendar
) -> list[Deadline]:
    """The deadlines that a history leaves, from its steps alone; rows that stand in no database.

    `told` are the steps in order, with the facts of those that open something.
    """
    steps = [step for step, _ in told]
    found: list[Deadline] = []
    for number, (step, facts) in enumerate(told):
        if facts is None:
            continue
        for deadline in rows_of(case_id, step.opening, facts, event_id=step.event_id, to_state=step.to_state):
            _fold(deadline, steps[number + 1 :])
            deadline.due_on = _moved(
                deadline.name,
                deadline.first_due_on,
                Unit(deadline.unit),
                deadline.opened_on,
                _until(standing, deadline.closed_on),
                calendar,
            )
            found.append(deadline)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A deadline whose date a correction moves."""

    name: str
    words: str
    was: date | None
    now: date | None


def reanchor(
    session: Session,
    case: Case,
    facts: Facts,
    step: Step,
    *,
    by_event: str,
    on: date,
    how: str = SUPERSEDED,
) -> None:
    """Work out again what one entry opens, after the history has changed (design 5.5).

    The old rows stay, superseded by the correction or withdrawn with the step taken back; new ones stand in their
    place. Whether they are still open is for `refold`.
    """
    fresh = {(one.due.name, one.about): one for one in step.opening}
    standing = pauses_of(session, clocks_of(case))
    for deadline in session.scalars(select(Deadline).where(Deadline.opened_by_event == step.event_id)):
        about = None if deadline.about == step.event_id else deadline.about
        if deadline.closed_as == WITHDRAWN or _is_a_dead_version(session, deadline):
            continue
        again = fresh.pop((deadline.name, about), None)
        if again is not None and (again.anchor_on, again.due_on) == (deadline.anchor_on, deadline.first_due_on):
            deadline.opened_on = facts.on
            continue
        _close(deadline, by_event, how, on)
        if again is not None:
            fresh[deadline.name, about] = again
    session.flush()
    session.add_all(
        rows_of(
            case.id, fresh.values(), facts, event_id=step.event_id, to_state=step.to_state, standing=standing
        )
    )
    session.flush()


def _is_a_dead_version(session: Session, deadline: Deadline) -> bool:
    """Whether an earlier correction put another row in the place of this one."""
    if deadline.closed_as != SUPERSEDED or deadline.closed_by_event is None:
        return False
    return session.get_one(Event, deadline.closed_by_event).trigger == "correct"


# -- as people see them -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineSeen:
    """A deadline as people see it on a London date."""

    name: str
    words: str
    owner: str
    basis: str
    rule: str
    due: date | None
    overdue: bool
    paused: bool
    closed_as: str | None
    closed_on: date | None
    late: bool  # met, but after its day: for a statutory one that stays true for ever


def seen(deadline: Deadline, on: date) -> DeadlineSeen:
    """How a deadline stands on a London date; the due day itself is still in time (rules R-CLK-2)."""
    still_open = deadline.closed_as is None
    opens_a_door = deadline.name in OPENS_A_DOOR
    return DeadlineSeen(
        name=deadline.name,
        words=deadline.words,
        owner=deadline.owner,
        basis=deadline.basis,
        rule=deadline.rule,
        due=deadline.due_on,
        overdue=still_open and not opens_a_door and deadline.due_on is not None and on > deadline.due_on,
        paused=still_open and deadline.due_on is None,
        closed_as=deadline.closed_as,
        closed_on=deadline.closed_on,
        late=deadline.closed_as == MET
        and not opens_a_door
        and deadline.due_on is not None
        and deadline.closed_on is not None
        and deadline.closed_on > deadline.due_on,
    )
