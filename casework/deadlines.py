"""Deadlines as rows: opened and met by acts, moved by pauses, warned of rung by rung (design 5.6).

Overdue is derived on reading. A row that no longer holds is kept and says why: met, moved on, superseded,
withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import policies
from persistence.tables import Case, Deadline, Pause, Rung, new_id
from states.calendar import Calendar
from states.deadlines import Standing, after_pauses
from states.facts import Facts
from states.pathway import PATHWAY
from states.policy import Policy
from states.vocabulary import Basis, Due, State, Transition, Unit, Warn, due_on, shift

MET, MOVED_ON, SUPERSEDED, WITHDRAWN = "met", "moved on", "superseded", "withdrawn"


def _known() -> dict[str, Due]:
    found: dict[str, Due] = {}
    for row in PATHWAY.rows:
        for due in row.opens:
            there = found.get(due.name)
            # Variants of one deadline differ in anchor and condition only; they live in the same states.
            found[due.name] = due if there is None or not there.warns else there
    return found


#: Every deadline by the name its rows carry.
DUES: dict[str, Due] = _known()


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


def write(
    session: Session, case: Case, row: Transition, facts: Facts, *, event_id: str, to_state: State
) -> list[Deadline]:
    """Meet, close and open the deadlines of a step; answers those it opened."""
    there = list(
        session.scalars(select(Deadline).where(Deadline.case_id == case.id, Deadline.closed_as.is_(None)))
    )
    opening = openings(row, facts)
    met = {d.name: d for d in row.meets} | {d.name: d for choice, d in row.meets_if if choice(facts)}
    new_names = {o.due.name for o in opening if not o.due.many}
    for deadline in there:
        due = DUES.get(deadline.name)
        if deadline.name in met and _is_about(deadline, facts):
            _close(deadline, event_id, MET, facts.on)
        elif deadline.name in new_names:
            _close(deadline, event_id, SUPERSEDED, facts.on)
        elif due is not None and due.while_in is not None and to_state not in due.while_in:
            _close(deadline, event_id, MOVED_ON, facts.on)
    changed = getattr(facts.given, "replaces", None)
    if changed:  # a changed direction supersedes the one it changes (practice PT-14)
        for deadline in there:
            if deadline.about == changed:
                _close(deadline, event_id, SUPERSEDED, facts.on)
    standing = pauses_of(session, case.id) if opening else ()
    opened = rows_of(case.id, opening, facts, event_id=event_id, to_state=to_state, standing=standing)
    session.add_all(opened)
    return opened


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
    return Deadline(
        id=new_id(),
        case_id=case_id,
        name=one.due.name,
        words=one.due.words,
        owner=one.due.owner.value,
        basis=one.due.basis.value,
        rule=one.due.rule,
        unit=unit.value,
        anchor_on=one.anchor_on,
        first_due_on=one.due_on,
        due_on=_moved(one.due.name, one.due_on, unit, facts.on, standing, facts.calendar),
        anchored_to=one.due.anchor,
        about=event_id if one.due.many and one.about is None else one.about,
        opened_on=facts.on,
        opened_by_event=event_id,
    )


def _is_about(deadline: Deadline, facts: Facts) -> bool:
    """A deadline of many is met by the act that names it; any other by its kind alone."""
    due = DUES.get(deadline.name)
    if due is None or not due.many:
        return True
    record: Any = facts.given
    named = getattr(record, "direction", None) or getattr(record, "condition", None)
    return named is None or named == deadline.about


def _close(deadline: Deadline, event_id: str, how: str, on: date) -> None:
    deadline.closed_by_event, deadline.closed_as, deadline.closed_on = event_id, how, on


def _moved(
    name: str, first: date, unit: Unit, opened_on: date, standing: Sequence[Standing], calendar: Calendar
) -> date | None:
    if not DUES[name].pauses:
        return first
    return after_pauses(first, unit, opened_on, tuple(standing), calendar)


def pauses_of(session: Session, case_id: int) -> tuple[Standing, ...]:
    """The stretches in which this case's local clocks stood still."""
    rows = session.execute(
        select(Pause.from_on, Pause.until_on).where(Pause.case_id == case_id).order_by(Pause.from_on)
    )
    return merged(Standing(from_on=row.from_on, until_on=row.until_on) for row in rows)


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
    """Work out every open local deadline afresh from its pauses (rules R-CLK-9); how many moved."""
    standing = pauses_of(session, case.id)
    moved = 0
    for deadline in session.scalars(
        select(Deadline).where(Deadline.case_id == case.id, Deadline.closed_as.is_(None))
    ):
        new = _moved(
            deadline.name, deadline.first_due_on, Unit(deadline.unit), deadline.opened_on, standing, calendar
        )
        if new != deadline.due_on:
            deadline.due_on = new
            moved += 1
    return moved


def take_back(session: Session, event_id: str, *, by_event: str, on: date) -> tuple[int, int]:
    """Undo what an event did to deadlines: (withdrawn, reopened) (design 5.5)."""
    withdrawn = 0
    for deadline in session.scalars(select(Deadline).where(Deadline.opened_by_event == event_id)):
        if deadline.closed_as != WITHDRAWN:
            _close(deadline, by_event, WITHDRAWN, on)
            withdrawn += 1
    return withdrawn, reopen(session, event_id)


def reopen(session: Session, event_id: str) -> int:
    """Open again what an event met or closed."""
    reopened = 0
    for deadline in session.scalars(select(Deadline).where(Deadline.closed_by_event == event_id)):
        if deadline.closed_as != WITHDRAWN:
            deadline.closed_by_event = deadline.closed_as = deadline.closed_on = None
            reopened += 1
    return reopened


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A deadline whose date a correction moves."""

    name: str
    words: str
    was: date | None
    now: date | None


def reanchor(
    session: Session, case: Case, row: Transition, facts: Facts, *, target: str, by_event: str
) -> list[Moved]:
    """After a correction: work out again only what was anchored on the corrected entry (design 5.5).

    The old rows stay, superseded; what the entry had met keeps its new date of meeting.
    """
    old = list(session.scalars(select(Deadline).where(Deadline.opened_by_event == target)))
    standing = pauses_of(session, case.id)
    moved: list[Moved] = []
    fresh = {(o.due.name, o.about): o for o in openings(row, facts)}
    for deadline in old:
        if deadline.closed_as in (SUPERSEDED, WITHDRAWN):
            continue
        about = None if deadline.about == target else deadline.about
        again = fresh.get((deadline.name, about))
        if again is not None and (again.anchor_on, again.due_on) == (
            deadline.anchor_on,
            deadline.first_due_on,
        ):
            continue
        closed = (deadline.closed_by_event, deadline.closed_as, deadline.closed_on)
        was = deadline.due_on
        _close(deadline, by_event, SUPERSEDED, facts.on)
        if again is None:
            moved.append(Moved(name=deadline.name, words=deadline.words, was=was, now=None))
            continue
        new = _row(case.id, again, target, standing, facts)
        new.closed_by_event, new.closed_as, new.closed_on = closed
        session.add(new)
        moved.append(Moved(name=new.name, words=new.words, was=was, now=new.due_on))
    for deadline in session.scalars(
        select(Deadline).where(Deadline.closed_by_event == target, Deadline.closed_as == MET)
    ):
        deadline.closed_on = facts.on
    return moved


# -- the ladder ---------------------------------------------------------------------------------------------


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
    found: list[tuple[str, date, Warn]] = []
    for warn in due.warns:
        for number in warn.numbers(policy):
            if warn.from_anchor:
                day = shift(deadline.anchor_on, number, warn.unit, calendar=calendar)
                name = f"{warn.notice.id}@{number}"
            else:
                day = shift(deadline.due_on, number if warn.after else -number, warn.unit, calendar=calendar)
                name = f"{warn.notice.id}{'+' if warn.after else '-'}{number}"
            found.append((name, day, warn))
    return sorted(found, key=lambda rung: rung[1])


def ring(session: Session, case_ids: Sequence[int], as_of: date, *, now: datetime | None = None) -> Rungs:
    """Reach every rung of these cases' open deadlines that is due as of a London date, each once.

    Where several were passed unseen, as after a late entry, only the last one is said aloud.
    """
    from casework.telling import tell_of_deadline  # telling reads deadlines too

    if not case_ids:
        return Rungs(reached=0, notices=0)
    policy = policies.in_force(session, as_of).policy
    calendar = Calendar.of(policy)
    names = [name for name, due in DUES.items() if due.warns]
    reached = notices = 0
    for start in range(0, len(case_ids), 400):
        some = case_ids[start : start + 400]
        rows = list(
            session.scalars(
                select(Deadline)
                .where(
                    Deadline.case_id.in_(some),
                    Deadline.closed_as.is_(None),
                    Deadline.due_on.is_not(None),
                    Deadline.name.in_(names),
                    Deadline.due_on <= as_of + timedelta(days=_FURTHEST),
                )
                .order_by(Deadline.case_id, Deadline.id)
            )
        )
        climbed = {
            (r.deadline_id, r.rung)
            for r in session.execute(
                select(Rung.deadline_id, Rung.rung).where(Rung.deadline_id.in_([d.id for d in rows]))
            )
        }
        for deadline in rows:
            due_now = [
                rung
                for rung in rungs_of(DUES[deadline.name], deadline, policy, calendar)
                if rung[1] <= as_of and (deadline.id, rung[0]) not in climbed
            ]
            for name, _, _ in due_now:
                session.add(
                    Rung(deadline_id=deadline.id, rung=name, reached_on=as_of, at=now or _midnight(as_of))
                )
                reached += 1
            if due_now:
                name, _, warn = due_now[-1]
                notices += tell_of_deadline(
                    session, deadline, name, warn.notice, on=as_of, now=now or _midnight(as_of)
                )
    session.flush()
    return Rungs(reached=reached, notices=notices)


#: No ladder begins earlier than this before its due date; a wide net, not a rule.
_FURTHEST = 200


def _midnight(day: date) -> datetime:
    from zoneinfo import ZoneInfo

    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Europe/London"))


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
    due = DUES.get(deadline.name)
    opens_a_door = due is not None and due.count.not_before  # nothing is late on the first day it may happen
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
