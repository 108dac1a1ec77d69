"""The money desk: what waits for whom and how long, hearings, clocks, reviews, orders that come (practice 6.4).

So many questions of the database whatever the number of requests: each part asks once for all of them. What a person
may not open is in no line and in no number (reliability R22).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Self

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session, aliased

from casework import policies
from casework.acting.loading import load_entries_of
from casework.boards.narrowing import NONE, on_day
from casework.funding.hearings import Hearing, Listed, hearings_of, listed_of
from casework.funding.whom import Awaited, Standing, awaited
from casework.who.access import visible, visible_requests
from persistence.tables import (
    Allocation,
    Case,
    Confirmation,
    Deadline,
    FundingRequest,
    Milestone,
    Person,
    Team,
)
from states import deadlines_funding as due
from states.asked import PER_YEAR
from states.calendar import Calendar
from states.facts import live
from states.funding_stages import DECIDED, UNSIGNED, F
from states.money import PENNY
from states.policy import Policy
from states.records.codes import FinancePosition, StepName
from states.records.funding import Frequency, FundingKind
from states.stages import UNDER_WAY, S
from states.vocabulary import Role, Unit

#: Nothing more is waited for: it is payable, or over.
_DONE = frozenset({F.SIGNED_OFF.name, F.REQUEST_CLOSED.name})
_DECIDED = frozenset(state.name for state in DECIDED)
_WORKERS = (Role.ASSESSMENT_WORKER, Role.CHILDS_WORKER)
#: Clocks that run beside a step: the carers' answer, the contract, what goes into other systems (NT-16 to NT-20).
CLOCKS = frozenset(one.name for one in (due.REPRESENTATIONS, due.CONTRACT, due.UPLOAD, due.TRACKER, due.ANSWERS))
_SETTLED = (FinancePosition.AGREED.value, FinancePosition.NOT_SOUGHT.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which requests somebody asked for. Empty words: all of them."""

    team: str = ""  # its id
    kind: str = ""
    late: bool = False
    finance_only: bool = False  # of children outside the pathway

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """From an address; what is not known is left out."""
        kind = str(given.get("kind", "")).strip()
        return cls(
            team=str(given.get("team", "")).strip()[:60],
            kind=kind if kind in set(FundingKind) else "",
            late=bool(given.get("late")),
            finance_only=bool(given.get("finance_only")),
        )

    def address(self, **differs: Any) -> dict[str, Any]:
        """The words for an address."""
        asked = asdict(replace(self, **differs))
        return {name: "1" if value is True else value for name, value in asked.items() if value}

    def of_team(self) -> list[ColumnElement[bool]]:
        """The condition on `Case`, a child's or a request's, that the team makes."""
        if not self.team:
            return []
        return [Case.team_id.is_(None) if self.team == NONE else Case.team_id == self.team]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A request that waits for somebody. Days are working days, as its turn-round is counted (R-FIN-12)."""

    ref: str
    child: str
    team: str | None
    kind: str
    value: Decimal  # the whole, or a year of it
    periodic: bool
    stands: str
    whom: str
    what: str
    since: date
    working_days: int
    due_on: date | None
    whole_route: bool  # no step has a day yet: that day is the whole route's
    left: int  # working days until that day
    over: int  # working days past that day
    heard: Listed | None
    finance_only: bool
    rounds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A day by which something is to be done on a request."""

    ref: str
    child: str
    words: str
    owner: str
    from_on: date
    due_on: date | None  # none while it stands still
    left: int  # until then, in its own unit; below nothing: past it
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSoon:
    """A child whose order is expected soon and whose money is not agreed (rules D-13)."""

    ref: str
    team: str | None
    order_on: date
    days: int
    position: str | None
    requests: tuple[tuple[str, str], ...]  # reference, where it stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The money desk on a London date, as far as its reader may open the requests."""

    waiting: tuple[Waiting, ...]
    hearings: tuple[Hearing, ...]
    clocks: tuple[Clock, ...]
    reviews: tuple[Clock, ...]
    soon: tuple[OrderSoon, ...]
    weeks: int  # how soon an order is "soon"
    review_weeks: int  # how long before a review the form of the annual statement goes out
    teams: tuple[tuple[str, str], ...]

    @property
    def late(self) -> int:
        """How many wait longer than they should."""
        return sum(1 for one in self.waiting if one.over)


def money_desk(session: Session, *, by: str, today: date, asked: Asked) -> Desk:
    """What somebody asked for on a London date: what is late first, then what is due soonest."""
    policy = policies.in_force(session, today).policy
    sees = visible_requests(session, by, today)
    rows = _rows(session, [sees, *asked.of_team()], asked)
    ids = [row.Case.id for row in rows]
    dues = _open_dues(session, ids)
    wait = [row for row in rows if row.Case.state not in _DONE]
    heard = listed_of(session, [row.Case.id for row in wait])
    waiting = _waiting(session, wait, dues, heard, policy, today)
    waiting.sort(key=lambda one: (-one.over, one.due_on or date.max, one.since, one.ref))
    if asked.late:
        waiting = [one for one in waiting if one.over]
    calendar = Calendar.of(policy)
    clocks = [_clock(row, one, calendar, today) for row in rows for one in dues.get(row.Case.id, ())]
    weeks = policy.night.money_before_order_weeks
    forms_out = calendar.add_weeks(today, policy.post_order.statement_form_weeks_before)
    return Desk(
        waiting=tuple(waiting),
        hearings=hearings_of(session, [(row.Case, row.FundingRequest) for row in wait], heard, policy, today),
        clocks=_sorted(one for one, name in clocks if name in CLOCKS),
        reviews=_sorted(one for one, name in clocks if name == due.REVIEW.name and _near(one, forms_out)),
        soon=tuple(_soon(session, rows, asked, by=by, today=today, weeks=weeks)),
        weeks=weeks,
        review_weeks=policy.post_order.statement_form_weeks_before,
        teams=_teams(session, sees),
    )


def _rows(session: Session, where: list[ColumnElement[bool]], asked: Asked) -> Sequence[Any]:
    child = aliased(Case)
    query = (
        select(
            Case,
            FundingRequest,
            child.ref.label("child"),
            child.state.label("childs_state"),
            Team.name.label("team"),
            Confirmation.status.label("answer"),
        )
        .join(FundingRequest, FundingRequest.case_id == Case.id)
        .join(child, child.id == Case.child_case_id)
        .outerjoin(Team, Team.id == Case.team_id)
        .outerjoin(Confirmation, Confirmation.event_id == FundingRequest.signed_event)
        .where(Case.closed.is_(False), *where)
        .order_by(Case.id)
    )
    if asked.kind:
        query = query.where(FundingRequest.kind == asked.kind)
    if asked.finance_only:
        query = query.where(child.state == S.NOT_APPLICABLE.name)
    return session.execute(query).all()


def _open_dues(session: Session, ids: list[int]) -> dict[int, list[Deadline]]:
    """What is to be done by when on each request, the soonest first; what stands still last."""
    found: dict[int, list[Deadline]] = {}
    query = select(Deadline).where(Deadline.case_id.in_(ids), Deadline.closed_as.is_(None))
    for one in session.scalars(query.order_by(Deadline.due_on.is_(None), Deadline.due_on, Deadline.id)):
        found.setdefault(one.case_id, []).append(one)
    return found


def _waiting(
    session: Session,
    rows: Sequence[Any],
    dues: Mapping[int, list[Deadline]],
    heard: Mapping[int, Listed],
    policy: Policy,
    today: date,
) -> list[Waiting]:
    calendar = Calendar.of(policy)
    workers = _workers(session, {row.Case.child_case_id for row in rows}, today)
    done = _done_in_round(session, [row.Case.id for row in rows if row.Case.state in _DECIDED])
    signers = dict(session.execute(_people([row.FundingRequest.signed_by for row in rows])).all())
    found = []
    for row in rows:
        case, there = row.Case, row.FundingRequest
        said = awaited(
            Standing(
                state=F[case.state],
                kind=FundingKind(there.kind),
                agreed=None if there.agreed_pence is None else there.agreed_pence * PENNY,
                frequency=there.agreed_frequency or there.frequency,
                tied_to=there.tied_to,
                workers=workers.get(case.child_case_id, ()),
                signer=signers.get(there.signed_by) if row.answer == "waiting" else None,
                done=done.get(case.id, frozenset()),
                heard=heard.get(case.id),
            ),
            policy.finance,
            today,
        )
        found.append(_line(row, said, dues.get(case.id, []), heard.get(case.id), calendar, today))
    return found


def _line(
    row: Any, said: Awaited, dues: list[Deadline], heard: Listed | None, calendar: Calendar, today: date
) -> Waiting:
    case, there = row.Case, row.FundingRequest
    steps = [one for one in dues if one.name != due.ROUTE.name]
    step = next((one.due_on for one in steps or dues), None)
    return Waiting(
        ref=case.ref,
        child=row.child,
        team=row.team,
        kind=FundingKind(there.kind).words,
        value=there.value_pence * PENNY,
        periodic=PER_YEAR[Frequency(there.frequency)] > 1,
        stands=F[case.state].words,
        whom=said.whom,
        what=said.what,
        since=case.state_since,
        working_days=calendar.working_days_between(case.state_since, today),
        due_on=step,
        whole_route=step is not None and not steps,
        left=max(0, calendar.working_days_between(today, step)) if step else 0,
        over=calendar.working_days_between(step, today) if step and step < today else 0,
        heard=heard,
        finance_only=row.childs_state == S.NOT_APPLICABLE.name,
        rounds=there.rounds,
    )


def _workers(session: Session, children: set[int], today: date) -> dict[int, tuple[str, ...]]:
    """Who prepares money for each child, by name: the assessment worker first."""
    held = (
        select(Allocation.case_id, Person.name)
        .join(Person, Person.id == Allocation.person_id)
        .where(
            Allocation.case_id.in_(children), Allocation.role.in_([role.value for role in _WORKERS]), on_day(today)
        )
        .order_by(Allocation.role, Person.name)
    )
    found: dict[int, tuple[str, ...]] = {}
    for case_id, name in session.execute(held):
        if name not in found.get(case_id, ()):
            found[case_id] = (*found.get(case_id, ()), name)
    return found


def _people(ids: Sequence[str | None]) -> Any:
    return select(Person.id, Person.name).where(Person.id.in_({one for one in ids if one}))


def _done_in_round(session: Session, ids: list[int]) -> dict[int, frozenset[str]]:
    """The steps taken in this round of each decided request, without what was taken back (reliability R6)."""
    found: dict[int, frozenset[str]] = {}
    for case_id, whole in load_entries_of(session, ids).items():
        steps: list[str] = []
        for entry in live(whole):
            steps = [] if entry.trigger == "open_new_round" else [*steps, entry.trigger]
        found[case_id] = frozenset(steps)
    return found


def _clock(row: Any, one: Deadline, calendar: Calendar, today: date) -> tuple[Clock, str]:
    working = one.unit == Unit.WORKING_DAYS
    left = 0
    if one.due_on is not None:
        left = calendar.working_days_between(today, one.due_on) if working else (one.due_on - today).days
    clock = Clock(
        ref=row.Case.ref,
        child=row.child,
        words=one.words,
        owner=one.owner,
        from_on=one.anchor_on,
        due_on=one.due_on,
        left=left,
        unit="working day" if working else "day",
    )
    return clock, one.name


def _near(one: Clock, until: date) -> bool:
    return one.due_on is not None and one.due_on <= until


def _sorted(clocks: Any) -> tuple[Clock, ...]:
    return tuple(sorted(clocks, key=lambda one: (one.due_on is None, one.due_on or date.max, one.ref)))


def _soon(
    session: Session, rows: Sequence[Any], asked: Asked, *, by: str, today: date, weeks: int
) -> list[OrderSoon]:
    """Children whose order is forecast within so many weeks and whose money is not agreed, or not all of it (D-13)."""
    if asked.kind or asked.finance_only:
        return []
    until = Calendar.of(policies.in_force(session, today).policy).add_weeks(today, weeks)
    states = [state.name for state in UNDER_WAY | {S.IN_COURT}]
    request = aliased(Case)
    undecided = exists().where(
        request.child_case_id == Case.id, request.state.in_([state.name for state in UNSIGNED])
    )
    query = (
        select(Case, Milestone.forecast_on, Team.name)
        .join(Milestone, Milestone.case_id == Case.id)
        .outerjoin(Team, Team.id == Case.team_id)
        .where(
            visible(session, by, today),
            *asked.of_team(),
            Case.closed.is_(False),
            Case.state.in_(states),
            Milestone.name == StepName.ORDER.value,
            Milestone.done_on.is_(None),
            Milestone.forecast_on < until,
            or_(Case.finance_position.is_(None), Case.finance_position.not_in(_SETTLED), undecided),
        )
        .order_by(Milestone.forecast_on, Case.ref)
    )
    theirs: dict[int, list[tuple[str, str]]] = {}
    for row in rows:
        theirs.setdefault(row.Case.child_case_id, []).append((row.Case.ref, F[row.Case.state].words))
    return [
        OrderSoon(
            ref=case.ref,
            team=team,
            order_on=order_on,
            days=(order_on - today).days,
            position="agreed in part" if case.finance_position in _SETTLED else case.finance_position,
            requests=tuple(theirs.get(case.id, ())),
        )
        for case, order_on, team in session.execute(query)
    ]


def _teams(session: Session, sees: ColumnElement[bool]) -> tuple[tuple[str, str], ...]:
    with_requests = select(Case.team_id).where(sees, Case.closed.is_(False))
    query = select(Team.id, Team.name).where(Team.id.in_(with_requests)).order_by(Team.name)
    return tuple((one, name) for one, name in session.execute(query))
