"""Funding requests: steps over their time, remuneration before the order, contracts (rules R-FIN-12, R-FIN-13).

What is found is the child's: a request has no findings of its own, and whoever may open the child sees them.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select

from casework.drift.as_of import AsOf, Columns
from persistence.tables import Case, Confirmation, Deadline, FundingCover, FundingRequest, Milestone
from states import deadlines_funding as due
from states.funding_stages import SIGNED, UNSIGNED
from states.records.codes import StepName
from states.records.funding import FundingKind
from states.stages import UNDER_WAY, S

_STEPS = (
    due.LISTING,
    due.CHAIR,
    due.HEAD_OF_SERVICE,
    due.SECOND_HEAD_OF_SERVICE,
    due.DMT,
    due.ASSISTANT_DIRECTOR,
    due.DIRECTOR,
    due.ANSWERS,
    due.UPLOAD,
    due.TRACKER,
)


def step_over_its_time(night: AsOf) -> Columns:
    """A step of a child's funding request is overdue; urgent where the whole route is."""
    whole_route = func.max(case((Deadline.name == due.ROUTE.name, 1), else_=0))
    return (
        select(
            Case.child_case_id.label("case_id"),
            func.min(Deadline.due_on).label("since"),
            whole_route.label("urgent"),
        )
        .join(Deadline, Deadline.case_id == Case.id)
        .where(
            night.within(Case.child_case_id),
            Deadline.name.in_([one.name for one in (*_STEPS, due.ROUTE)]),
            night.stands(),
            Deadline.due_on < night.day,
        )
        .group_by(Case.child_case_id)
    )


def remuneration_not_decided(night: AsOf) -> Columns:
    """The order is expected soon, a remuneration element is asked for, and its decision is not final."""
    request = _request()
    wanted = (
        exists()
        .where(
            night.within(FundingCover.child_case_id),
            FundingCover.child_case_id == Milestone.case_id,
            FundingRequest.case_id == FundingCover.case_id,
            FundingRequest.remuneration_pence > 0,
            request.c.id == FundingCover.case_id,
            night.happened(request.c.opened_on),
            or_(request.c.state.in_([state.name for state in UNSIGNED]), _signed_later(night), _unconfirmed(request)),
        )
        .correlate(Milestone)
    )
    return (
        select(Milestone.case_id.label("case_id"), Milestone.forecast_on.label("since"))
        .join(Case, Case.id == Milestone.case_id)
        .where(
            night.within(Milestone.case_id, Case.id),
            Milestone.name == StepName.ORDER.value,
            night.unmet(),
            Milestone.forecast_on < night.within_weeks(night.policy.night.money_before_order_weeks),
            night.is_in(UNDER_WAY | {S.IN_COURT, S.RATIFICATION}),
            wanted,
        )
    )


def _request() -> Any:
    return select(Case.id, Case.state, Case.opened_on).where(Case.child_case_id.is_not(None)).subquery()


def _signed_later(night: AsOf) -> ColumnElement[bool]:
    return and_(FundingRequest.signed_on.is_not(None), night.to_come(FundingRequest.signed_on))


def _unconfirmed(request: Any) -> ColumnElement[bool]:
    """Signed for somebody who has not confirmed it: not final (practice PR-2)."""
    return and_(
        request.c.state.in_([state.name for state in SIGNED]),
        exists().where(Confirmation.event_id == FundingRequest.signed_event, Confirmation.status != "confirmed"),
    )


def no_contract(night: AsOf) -> Columns:
    """A contract is needed and not signed so long after the approval; or something was paid without it."""
    days = night.policy.finance_days.contract
    long_ago = night.too_long_ago(lambda day: night.calendar.add_working_days(day, days))
    paid = and_(FundingRequest.paid_on.is_not(None), night.happened(FundingRequest.paid_on))
    return (
        select(
            Case.child_case_id.label("case_id"),
            func.min(FundingRequest.signed_on).label("since"),
            func.min(case((paid, FundingRequest.paid_on))).label("paid_on"),
        )
        .join(FundingRequest, FundingRequest.case_id == Case.id)
        .where(
            night.within(Case.child_case_id),
            Case.state.in_([state.name for state in SIGNED]),
            or_(FundingRequest.contract_on.is_(None), night.to_come(FundingRequest.contract_on)),
            or_(*_needs_a_contract(night)),
            or_(FundingRequest.signed_on < long_ago, paid),
        )
        .group_by(Case.child_case_id)
    )


def _needs_a_contract(night: AsOf) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for word, least in night.policy.finance.contract_for.items():
        column = FundingRequest.kind if word in set(FundingKind) else FundingRequest.tied_to
        found.append(and_(column == word, FundingRequest.agreed_pence >= least * 100))
    return found or [FundingRequest.case_id.is_(None)]


def contract_was_due(night: AsOf, row: Any) -> date:
    """The last day for the contract; or the day of a payment without one, where that came first."""
    due_on = night.calendar.add_working_days(row.since, night.policy.finance_days.contract)
    return min(due_on, row.paid_on) if row.paid_on is not None else due_on
