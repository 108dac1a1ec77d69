"""How work flows: how long each stage takes, how many go on each month, and when orders are to be expected."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, or_, select
from sqlalchemy.orm import Session, aliased

from casework.boards.narrowing import Wanted
from casework.boards.where import ON_THE_PATHWAY
from casework.who.access import reads_journey, visible
from persistence.tables import Case, Event, Milestone
from states.facts import VOIDING
from states.records.codes import StepName
from states.stages import S

MONTHS = 12
#: What a month is counted by: children who came this far.
REACHED = (S.TRAJECTORY, S.RATIFICATION, S.ASSESSMENT, S.WITH_LEGAL, S.IN_COURT, S.ORDER_MADE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """How long children stayed in a stage that they left in the last twelve months; and who is there now. In days."""

    state: str
    words: str
    left: int
    least: int
    lower: int
    median: int
    upper: int
    slowest: int
    slowest_ref: str
    there_now: int
    longest_now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month, and how many children came to each of the marks in it."""

    first: date
    reached: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    """Three months, and the children whose order is forecast for them. `first` None: the date has passed."""

    first: date | None
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """How work flows among the children whom somebody may open."""

    stages: tuple[Stage, ...]
    months: tuple[Month, ...]
    quarters: tuple[Quarter, ...]
    without_forecast: int
    dates_hidden: int  # whose date for the order the asker does not read (rules 11.1)


def how_it_flows(session: Session, *, by: str, today: date, wanted: Wanted) -> Flow:
    """The last twelve months on a London date; a handful of questions."""
    sees = [visible(session, by, today), *_of_team(wanted)]
    first = first_of_months_ago(today, MONTHS - 1)
    stays: dict[str, list[tuple[int, str]]] = defaultdict(list)
    reached: Counter[tuple[date, str]] = Counter()
    for row in session.execute(_moves(sees, first, today)):
        reached[row.happened_on.replace(day=1), row.to_state] += 1
        if row.entered is not None:
            stays[row.from_state].append(((row.happened_on - row.entered).days, row.ref))
    now: dict[str, list[date]] = defaultdict(list)
    for state, since in session.execute(select(Case.state, Case.state_since).where(*sees, Case.closed.is_(False))):
        now[state].append(since)
    quarters, without, hidden = forecast_orders(session, sees, reads_journey(session, by, today), today)
    return Flow(
        stages=tuple(_stages(stays, now, today)),
        months=tuple(
            Month(first=month, reached={state.name: reached[month, state.name] for state in REACHED})
            for month in (first_of_months_ago(today, back) for back in range(MONTHS - 1, -1, -1))
        ),
        quarters=quarters,
        without_forecast=without,
        dates_hidden=hidden,
    )


def _of_team(wanted: Wanted) -> list[ColumnElement[bool]]:
    return [Case.team_id == wanted.team] if wanted.team else []


def first_of_months_ago(today: date, months: int) -> date:
    """The first day of the month so many months before a date's."""
    number = today.year * 12 + today.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def stands(event: Any) -> ColumnElement[bool]:
    """The condition on an event: it was not taken back, nor does it take another back."""
    void = aliased(Event)
    undone = exists().where(void.case_id == event.case_id, void.about_event == event.id, void.trigger.in_(VOIDING))
    return and_(event.trigger.not_in(VOIDING), ~undone)


def _moves(sees: Iterable[ColumnElement[bool]], since: date, today: date) -> Any:
    """Every move of a child since a date, and when the child had come to where it left from."""
    before = aliased(Event)
    entered = (
        select(before.happened_on)
        .where(
            before.case_id == Event.case_id,
            before.seq < Event.seq,
            before.to_state == Event.from_state,
            or_(before.from_state.is_(None), before.from_state != before.to_state),
        )
        .order_by(before.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(Case.ref, Event.from_state, Event.to_state, Event.happened_on, entered.label("entered"))
        .join(Case, Case.id == Event.case_id)
        .where(
            *sees,
            Event.happened_on >= since,
            Event.happened_on <= today,
            Event.from_state.is_not(None),
            Event.from_state != Event.to_state,
            stands(Event),
        )
    )


def _stages(stays: dict[str, list[tuple[int, str]]], now: dict[str, list[date]], today: date) -> Iterable[Stage]:
    for state in ON_THE_PATHWAY:
        left = sorted(stays.get(state.name, ()))
        there = now.get(state.name, [])
        if not left and not there:
            continue
        days = [one for one, _ in left]
        yield Stage(
            state=state.name,
            words=state.words,
            left=len(days),
            least=days[0] if days else 0,
            lower=quantile(days, 0.25),
            median=quantile(days, 0.5),
            upper=quantile(days, 0.75),
            slowest=days[-1] if days else 0,
            slowest_ref=left[-1][1] if left else "",
            there_now=len(there),
            longest_now=max(((today - one).days for one in there), default=0),
        )


def quantile(ordered: Sequence[int], part: float) -> int:
    """The value below which a part of an ordered list lies, between its neighbours in proportion; 0 of nothing."""
    if not ordered:
        return 0
    at = part * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return round(ordered[low] + (ordered[high] - ordered[low]) * (at - low))


def forecast_orders(
    session: Session, sees: Iterable[ColumnElement[bool]], shown: ColumnElement[bool], today: date
) -> tuple[tuple[Quarter, ...], int, int]:
    """The children whose order is to come, by quarter of its forecast date; how many have no such date.

    And of how many the asker does not read it, for it stands in the trajectory (`shown`; rules 11.1).
    """
    order = aliased(Milestone)
    rows = session.execute(
        select(Case.ref, order.forecast_on, case((shown, 1), else_=0))
        .outerjoin(order, and_(order.case_id == Case.id, order.name == StepName.ORDER.value, order.done_on.is_(None)))
        .where(*sees, Case.closed.is_(False), Case.state.in_([state.name for state in _BEFORE_THE_ORDER]))
        .order_by(order.forecast_on, Case.ref)
    ).all()
    found: dict[date | None, list[str]] = {}
    for ref, on, reads in rows:
        if on is not None and reads:
            first = None if on < today else date(on.year, 3 * ((on.month - 1) // 3) + 1, 1)
            found.setdefault(first, []).append(ref)
    quarters = tuple(Quarter(first=first, refs=tuple(refs)) for first, refs in found.items())
    return quarters, sum(on is None and reads for _, on, reads in rows), sum(not reads for *_, reads in rows)


#: From progress agreed to court: a trajectory has a date for the order.
_BEFORE_THE_ORDER = (
    S.TRAJECTORY, S.FURTHER_WORK, S.KEY_DECISION, S.RATIFICATION, S.ASSESSMENT, S.FINANCIAL_PACKAGE, S.SIGN_OFF,
    S.WITH_LEGAL, S.IN_COURT,
)  # fmt: skip
