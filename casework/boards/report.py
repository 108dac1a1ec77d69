"""The monthly permanence report: opening + joined - left = closing, who moved, who is stuck and why (practice 6.5)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from casework import policies
from casework.acting.deadlines import OPENS_A_DOOR
from casework.boards.flow import Quarter, first_of_months_ago, forecast_orders
from casework.boards.narrowing import NONE, WORKERS, Wanted, on_day
from casework.boards.where import ON_THE_PATHWAY
from casework.drift.as_of import AsOf
from casework.errors import Unusable
from casework.who.access import reads_journey, visible
from persistence.tables import (
    AgendaItem,
    Allocation,
    BarrierSeen,
    Case,
    Child,
    Deadline,
    ImportBatch,
    Meeting,
    Milestone,
    Pause,
    Team,
)
from states.calendar import Calendar
from states.records.codes import Barrier
from states.stages import WITH_ORDER, S

#: A latest position that is older than this is counted as old.
OLD_POSITION = timedelta(days=56)
NO_REASON = "no reason written down"
#: Whose reason a barrier is (practice 6.5).
WHOSE: Mapping[str, str] = {
    Barrier.CARER_UNSURE: "carer", Barrier.CARER_UNWILLING: "carer", Barrier.HEALTH_CARER: "carer",
    Barrier.CHILD_OPPOSED: "child", Barrier.HEALTH_CHILD: "child", Barrier.PARENT_OPPOSED: "birth family",
    Barrier.FAMILY_TIME: "birth family", Barrier.FINANCE: "finance", Barrier.IFA_FEE: "finance",
    Barrier.LEGAL: "court", Barrier.CHECKS: "checks",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One stage or colour over a month: the children behind each figure, by reference."""

    name: str
    words: str
    opening: tuple[str, ...]
    came: tuple[str, ...]
    went: tuple[str, ...]
    closing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A child who is in another stage than a month ago."""

    ref: str
    was: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """A child who was in one stage all month and has a date that has passed; and why, as far as it is written."""

    ref: str
    state: str
    colour: str | None
    since: date
    late: str
    due: date
    why: tuple[str, ...]
    journey_shown: bool  # whether the asker reads colour and reasons (rules 11.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What the figures rest on: so many open children, so many of whom something is not known."""

    children: int
    lacks: tuple[tuple[str, int], ...]
    fed_last: date | None
    fed_first: date | None
    never_fed: int
    imported_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A month, from its first day to its last or to today."""

    first: date
    last: date
    running: bool
    all: Balance
    stages: tuple[Balance, ...]
    colours: tuple[Balance, ...]
    moved: tuple[Moved, ...]
    stuck: tuple[Stuck, ...]
    why: tuple[tuple[str, int], ...]
    quarters: tuple[Quarter, ...]
    without_forecast: int
    dates_hidden: int
    quality: Quality


@dataclass(slots=True)
class _Was:
    """A child at the beginning of a month and at its end: None where not open."""

    ref: str
    state: tuple[str | None, str | None]
    colour: tuple[str | None, str | None]  # both None too where the asker does not read it
    journey_shown: bool = True
    came_and_went: bool = False


@dataclass(slots=True)
class _Rows:
    opening: list[str] = field(default_factory=list)
    came: list[str] = field(default_factory=list)
    went: list[str] = field(default_factory=list)
    closing: list[str] = field(default_factory=list)

    def as_balance(self, name: str, words: str) -> Balance:
        parts = (self.opening, self.came, self.went, self.closing)
        opening, came, went, closing = (tuple(sorted(part)) for part in parts)
        return Balance(name=name, words=words, opening=opening, came=came, went=went, closing=closing)


def monthly(session: Session, *, by: str, today: date, month: date, wanted: Wanted) -> Report:
    """The report on the month of a date, over the children somebody may open. Raises Unusable for one to come."""
    first = month.replace(day=1)
    if first > today:
        raise Unusable("That month is still to come.")
    after = first_of_months_ago(first, -1)
    begins, ends = _as_of(session, first, today), _as_of(session, min(after, today), today)
    sees = [visible(session, by, today), *([Case.team_id == wanted.team] if wanted.team else [])]
    shown = reads_journey(session, by, today)
    children = _children(session, sees, shown, begins, ends, first)
    stuck = _stuck(session, sees, children, begins, ends)
    quarters, without, hidden = forecast_orders(session, sees, shown, today)
    return Report(
        first=first,
        last=min(after - timedelta(days=1), today),
        running=after > today,
        all=_all(children),
        stages=tuple(_by(children, "state", [(s.name, s.words) for s in S if s is not S.ENDED])),
        colours=tuple(_by(children, "colour", _COLOURS)),
        moved=tuple(
            Moved(ref=one.ref, was=one.state[0], now=one.state[1])
            for one in children
            if one.state[0] and one.state[1] and one.state[0] != one.state[1]
        ),
        stuck=stuck,
        why=tuple(Counter(reason for one in stuck for reason in one.why).most_common()),
        quarters=quarters,
        without_forecast=without,
        dates_hidden=hidden,
        quality=_quality(session, sees, shown, today),
    )


_COLOURS = [("GREEN", "Green"), ("YELLOW", "Yellow"), ("AMBER", "Amber"), ("RED", "Red"), (NONE, "No rating")]


def _as_of(session: Session, day: date, today: date) -> AsOf:
    policy = policies.in_force(session, day).policy
    return AsOf(day=day, today=today, policy=policy, calendar=Calendar.of(policy))


def _children(
    session: Session, sees: list[Any], shown: ColumnElement[bool], begins: AsOf, ends: AsOf, first: date
) -> list[_Was]:
    rows = session.execute(
        select(
            Case.ref,
            Case.opened_on,
            begins.state().label("was"),
            begins.colour().label("was_coloured"),
            ends.state().label("now"),
            ends.colour().label("now_coloured"),
            case((shown, 1), else_=0).label("shown"),
        )
        .where(*sees, or_(Case.closed.is_(False), Case.state_since >= first))
        .order_by(Case.ref)
    )
    found = []
    for row in rows:
        was = row.was if row.was != S.ENDED.name else None
        now = row.now if row.now != S.ENDED.name else None
        joined_and_left = row.was is None and row.now == S.ENDED.name
        if was or now or joined_and_left:
            reads = bool(row.shown)
            colours = (
                row.was_coloured or NONE if was and reads else None,
                row.now_coloured or NONE if now and reads else None,
            )
            found.append(
                _Was(
                    ref=row.ref,
                    state=(was, now),
                    colour=colours,
                    journey_shown=reads,
                    came_and_went=joined_and_left,
                )
            )
    return found


def _all(children: Iterable[_Was]) -> Balance:
    rows = _Rows()
    for one in children:
        was, now = one.state
        if was:
            rows.opening.append(one.ref)
        if now:
            rows.closing.append(one.ref)
        if (now and not was) or one.came_and_went:
            rows.came.append(one.ref)
        if (was and not now) or one.came_and_went:
            rows.went.append(one.ref)
    return rows.as_balance("", "All children")


def _by(children: Iterable[_Was], what: str, names: Iterable[tuple[str, str]]) -> Iterable[Balance]:
    rows: dict[str, _Rows] = defaultdict(_Rows)
    for one in children:
        was, now = getattr(one, what)
        if was:
            rows[was].opening.append(one.ref)
        if now:
            rows[now].closing.append(one.ref)
        if was != now:
            if now:
                rows[now].came.append(one.ref)
            if was:
                rows[was].went.append(one.ref)
    return [rows[name].as_balance(name, words) for name, words in names if name in rows]


# -- stuck ------------------------------------------------------------------------------------------------


def _stuck(session: Session, sees: list[Any], children: list[_Was], begins: AsOf, ends: AsOf) -> tuple[Stuck, ...]:
    stayed = {one.ref for one in children if one.state[0] == one.state[1] and one.state[0] in _CAN_BE_STUCK}
    rows = session.execute(
        select(Case.id, Case.ref, Case.state, Case.colour, ends.state_since().label("since"), Deadline)
        .join(Deadline, Deadline.case_id == Case.id)
        .where(*sees, ends.stands(), Deadline.due_on < ends.day, Deadline.name.not_in(OPENS_A_DOOR))
        .order_by(Deadline.due_on.desc(), Deadline.id)  # the one that is longest late stays
    )
    colours = {one.ref: one.colour[1] for one in children}
    states = {one.ref: one.state[1] for one in children}
    read = {one.ref for one in children if one.journey_shown}
    late = {row.id: row for row in rows if row.ref in stayed and row.since < begins.day}
    why = _reasons(session, sorted(one for one, row in late.items() if row.ref in read), begins.day, ends.day)
    found = [
        Stuck(
            ref=row.ref,
            state=states[row.ref] or row.state,
            colour=colours[row.ref],
            since=row.since,
            late=row.Deadline.words,
            due=row.Deadline.due_on,
            why=(tuple(sorted(why.get(row.id, ()))) or (NO_REASON,)) if row.ref in read else (),
            journey_shown=row.ref in read,
        )
        for row in late.values()
    ]
    return tuple(sorted(found, key=lambda one: (one.due, one.ref)))


_CAN_BE_STUCK = frozenset(
    state.name for state in ON_THE_PATHWAY if state not in WITH_ORDER and state is not S.NOT_PROGRESSING
)


def _reasons(session: Session, ids: list[int], first: date, until: date) -> dict[int, set[str]]:
    """Why, as people wrote it down: a date that moved, something in the way, a meeting cancelled, a pause."""
    found: dict[int, set[str]] = defaultdict(set)
    moved = select(Milestone.case_id, Milestone.slip_reason).where(
        Milestone.case_id.in_(ids), Milestone.done_on.is_(None), Milestone.slip_reason.is_not(None)
    )
    for case_id, reason in session.execute(moved):
        found[case_id].add(str(reason))
    barriers = select(BarrierSeen.case_id, BarrierSeen.code).where(
        BarrierSeen.case_id.in_(ids),
        BarrierSeen.seen_on < until,
        or_(BarrierSeen.until_on.is_(None), BarrierSeen.until_on >= until),
    )
    for case_id, code in session.execute(barriers):
        found[case_id].add(WHOSE.get(code, "other"))
    cancelled = (
        select(AgendaItem.case_id)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .where(
            AgendaItem.case_id.in_(ids),
            AgendaItem.status.startswith("missed"),
            Meeting.held_on >= first,
            Meeting.held_on < until,
        )
    )
    for case_id in session.scalars(cancelled):
        found[case_id].add("meeting cancelled")
    paused = select(Pause.case_id).where(
        Pause.case_id.in_(ids), Pause.from_on < until, or_(Pause.until_on.is_(None), Pause.until_on >= until)
    )
    for case_id in session.scalars(paused):
        found[case_id].add("clocks stand still")
    return found


# -- what the figures rest on -----------------------------------------------------------------------------


def _quality(session: Session, sees: list[Any], shown: ColumnElement[bool], today: date) -> Quality:
    worked = select(Allocation.case_id).where(Allocation.role.in_([role.value for role in WORKERS]), on_day(today))
    row = session.execute(
        select(
            func.count().label("children"),
            func.count(Team.id).label("with_team"),
            func.count(Child.date_of_birth).label("born"),
            func.coalesce(func.sum(case((shown & Case.latest_position.is_(None), 1), else_=0)), 0).label("silent"),
            func.min(Child.fed_on).label("first"),
            func.max(Child.fed_on).label("last"),
            func.count(Child.fed_on).label("fed"),
        )
        .select_from(Case)
        .join(Child, Child.case_id == Case.id)
        .outerjoin(Team, Team.id == Case.team_id)
        .where(*sees, Case.closed.is_(False))
    ).one()
    old = (
        select(func.count())
        .select_from(Case)
        .where(*sees, shown, Case.closed.is_(False), Case.position_on < today - OLD_POSITION)
    )
    nobody = select(func.count()).select_from(Case).where(*sees, Case.closed.is_(False), Case.id.not_in(worked))
    unknown = sum(
        bool(one)
        for one in session.scalars(
            select(Child.unknown).join(Case, Case.id == Child.case_id).where(*sees, Case.closed.is_(False))
        )
    )
    lacks = (
        ("without a team", row.children - row.with_team),
        ("without a worker", session.scalar(nobody) or 0),
        ("without a date of birth", row.children - row.born),
        ("of whom the feed did not say something", unknown),
        ("without a latest position", row.silent),
        ("with a latest position older than eight weeks", session.scalar(old) or 0),
    )
    return Quality(
        children=row.children,
        lacks=lacks,
        fed_last=row.last,
        fed_first=row.first,
        never_fed=row.children - row.fed,
        imported_on=session.scalar(select(func.max(ImportBatch.business_date))),
    )
