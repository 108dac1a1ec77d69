"""The finance tracker from the requests that are agreed, and theirs held against it (practice PM-5, PM-7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from casework import policies
from casework.acting.loading import load_entries_of
from casework.funding.gathering import TIMES_A_YEAR
from casework.importing.import_report import FileRefused
from casework.who import staffing
from casework.who.access import not_hidden_from, visible_requests
from casework.who.choosing import handles_by_id
from interchange import problems
from interchange.tracker_rows import BudgetLine, Tracker, TrackerChange, TrackerRow
from persistence.tables import Case, Child, Deadline, FundingCover, FundingRequest, FundingSignature, Person
from states.asked import APPROVALS
from states.calendar import Calendar, london_date
from states.commitments import NIL, Agreed, FinancialYear
from states.deadlines_funding import REVIEW
from states.facts import Entry, live
from states.funding_stages import F
from states.money import PENNY, shown
from states.policy import Policy
from states.records.funding import AgreementOnTracker, FundingKind, FundingReviewed, Payment
from states.records.funding_decision import ContractSigned, FundingApproved
from states.vocabulary import Role

if TYPE_CHECKING:
    from interchange.tracker_reading import Reconciliation

READERS = (
    Role.CFS_PERMANENCE,
    Role.FINANCE,
    Role.SGO_TEAM,
    Role.HEAD_OF_SERVICE,
    Role.ASSISTANT_DIRECTOR,
    Role.DIRECTOR,
)


def tracker(session: Session, *, by: str, now: datetime) -> Tracker:
    """Every agreed sum that this person may open, as finance keeps it, with its changes and the budget.

    Raises Refused for somebody who has nothing to do with the tracker.
    """
    today = london_date(now)
    staffing.require(session, by, READERS, today, "funding tracker")
    policy = policies.in_force(session, today).policy
    year = FinancialYear.of(today)
    rows: list[TrackerRow] = []
    changes: list[TrackerChange] = []
    for one in _agreed(session, by=by, today=today):
        line = _Line(one, policy, year, today)
        rows.append(line.row())
        changes.extend(line.changes())
    return Tracker(
        authority=policy.authority.name,
        as_at=today,
        made_for=session.scalar(select(Person.name).where(Person.id == by)) or by,
        year=str(year),
        year_after=str(year.next),
        rows=tuple(rows),
        changes=tuple(sorted(changes, key=lambda change: (change.on, change.request))),
        budget=tuple(_budget(rows, policy, year)),
    )


def reconcile(session: Session, file: Path, *, by: str, now: datetime) -> Reconciliation:
    """Finance's workbook held against ours. Raises FileRefused for a file that cannot be used, Refused."""
    from interchange.tracker_reading import reconcile as reconcile_with  # what reads workbooks is slow to load

    ours = tracker(session, by=by, now=now)
    try:
        return reconcile_with(file, ours.rows)
    except problems.FileRefused as refused:
        raise FileRefused.because("funding tracker reconcile", refused) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    case: Case
    there: FundingRequest
    child_ref: str
    child: Child
    covers: int
    clause: str
    entries: tuple[Entry, ...]
    review_due_on: date | None
    names: dict[str, str]


def _agreed(session: Session, *, by: str, today: date) -> Iterator[_Request]:
    """The requests with a signature that stands, oldest first."""
    names = handles_by_id(session)
    covered = aliased(Case)
    covers = (
        select(func.count())
        .select_from(FundingCover)
        .join(covered, covered.id == FundingCover.child_case_id)
        .where(FundingCover.case_id == Case.id, not_hidden_from(by, covered))
        .scalar_subquery()
    )
    whose = aliased(Case)
    query = (
        select(Case, FundingRequest, whose.ref, Child, covers, FundingSignature.clause)
        .join(FundingRequest, FundingRequest.case_id == Case.id)
        .join(whose, whose.id == Case.child_case_id)
        .join(Child, Child.case_id == whose.id)
        .outerjoin(FundingSignature, FundingSignature.event_id == FundingRequest.signed_event)
        .where(FundingRequest.signed_on.is_not(None), visible_requests(session, by, today))
        .order_by(FundingRequest.signed_on, Case.id)
    )
    rows = session.execute(query).all()
    ids = [row[0].id for row in rows]
    histories, reviews = load_entries_of(session, ids), _reviews(session, ids)
    for case, there, child_ref, child, number, clause in rows:
        yield _Request(
            case=case,
            there=there,
            child_ref=child_ref,
            child=child,
            covers=number,
            clause=clause or "",
            entries=live(histories[case.id]),
            review_due_on=reviews.get(case.id),
            names=names,
        )


def _reviews(session: Session, ids: list[int]) -> dict[int, date]:
    """When the allowance of each of these requests is to be reviewed next (practice PM-5, rules R-REV-1)."""
    query = select(Deadline.case_id, Deadline.due_on).where(
        Deadline.case_id.in_(ids), Deadline.name == REVIEW.name, Deadline.closed_as.is_(None)
    )
    return {case_id: due_on for case_id, due_on in session.execute(query) if due_on is not None}


class _Line:
    """One agreed sum as the tracker shows it."""

    def __init__(self, one: _Request, policy: Policy, year: FinancialYear, today: date) -> None:
        self._one, self._year, self._today = one, year, today
        entry = next(e for e in reversed(one.entries) if e.trigger in APPROVALS)
        self._entry = entry
        self._signed = FundingApproved.model_validate(entry.data)
        born = one.child.date_of_birth
        self._eighteen = Calendar.of(policy).attains(born, policy.scope.ends_at_age) if born else None
        closed = next((e.happened_on for e in reversed(one.entries) if e.to_state == F.REQUEST_CLOSED.name), None)
        self._ended_on = closed if one.case.closed else None

    def row(self) -> TrackerRow:
        """The row."""
        one, signed, there = self._one, self._signed, self._one.there
        last, why = self._end()
        sum_ = Agreed(
            amount=signed.amount,
            times_a_year=TIMES_A_YEAR[signed.frequency],
            starts_on=signed.starts_on,
            last_day=last,
        )
        tracked, reviewed = self._latest(AgreementOnTracker), self._latest(FundingReviewed)
        return TrackerRow(
            request=one.case.ref,
            child=one.child_ref,
            council_id=one.child.council_id,
            carer=there.household,
            children=one.covers,
            kind=FundingKind(there.kind).words,
            purpose=there.purpose_kind,
            status=F[one.case.state].words,
            amount=signed.amount,
            cycle=signed.frequency.value.partition(":")[0],
            starts_on=signed.starts_on,
            last_day=last,
            why_it_ends=why,
            cost_code=signed.budget_code,
            supplier=tracked.data.get("supplier_number") if tracked else None,
            decided_by=self._entry.role,
            decided_on=self._entry.happened_on,
            clause=one.clause,
            contract=self._contract(),
            reviewed_on=reviewed.happened_on if reviewed else None,
            review_due_on=one.review_due_on,
            eighteen_on=self._eighteen,
            paid_to_date=self._paid(),
            this_year=sum_.in_year(self._year),
            next_year=sum_.in_year(self._year.next),
            full_year=sum_.full_year,
        )

    def changes(self) -> Iterator[TrackerChange]:
        """What became different of the sum, round by round, and what was paid."""
        before: FundingApproved | None = None
        for entry in self._one.entries:
            by = self._one.names.get(entry.decided_by, entry.decided_by)
            if entry.trigger in APPROVALS:
                now = FundingApproved.model_validate(entry.data)
                yield self._change(entry, "Agreed" if before is None else "Agreed anew", before, now, by)
                before = now
            elif entry.kind == FundingReviewed.kind:
                came = FundingReviewed.model_validate(entry.data)
                yield TrackerChange(
                    request=self._one.case.ref,
                    on=entry.happened_on,
                    what="Reviewed",
                    before=None,
                    after=came.outcome.value,
                    by=by,
                )
            elif entry.kind == Payment.kind:
                paid = Payment.model_validate(entry.data)
                yield TrackerChange(
                    request=self._one.case.ref,
                    on=entry.happened_on,
                    what="Paid",
                    before=None,
                    after=f"{shown(paid.amount)}, {paid.reference}",
                    by=by,
                )

    def _change(
        self, entry: Entry, what: str, before: FundingApproved | None, now: FundingApproved, by: str
    ) -> TrackerChange:
        return TrackerChange(
            request=self._one.case.ref,
            on=entry.happened_on,
            what=what,
            before=_sum(before) if before else None,
            after=_sum(now),
            by=by,
        )

    def _end(self) -> tuple[date | None, str | None]:
        """The last day, and why it is that one (rules R-MON-4, A37)."""
        birthday = self._eighteen - timedelta(days=1) if self._eighteen else None
        ends: list[tuple[date, str]] = []
        if self._signed.ends_on is not None:
            ends.append((self._signed.ends_on, "as agreed"))
        if birthday is not None and TIMES_A_YEAR[self._signed.frequency]:
            ends.append((birthday, "eighteenth birthday"))
        if self._ended_on is not None and TIMES_A_YEAR[self._signed.frequency]:
            ends.append((self._ended_on, "request closed"))
        return min(ends) if ends else (None, None)

    def _contract(self) -> str:
        signed = self._latest(ContractSigned)
        if signed is not None:
            on = date.fromisoformat(str(signed.data["signed_on"]))
            return f"signed {on.day} {on:%b %Y}"
        return "being made" if self._one.case.state == F.CONTRACT_PENDING.name else "none"

    def _paid(self) -> Decimal:
        """What was paid in the financial year, up to and with today."""
        return sum(
            (
                Payment.model_validate(entry.data).amount
                for entry in self._one.entries
                if entry.kind == Payment.kind and self._year.first <= entry.happened_on <= self._today
            ),
            NIL,
        )

    def _latest(self, kind: Any) -> Entry | None:
        return next((e for e in reversed(self._one.entries) if e.kind == kind.kind), None)


def _sum(record: FundingApproved) -> str:
    return f"{shown(record.amount)} {record.frequency.value.partition(':')[0]}"


def _budget(rows: Iterable[TrackerRow], policy: Policy, year: FinancialYear) -> Iterator[BudgetLine]:
    """Committed against budget by kind, this year and next (practice PM-7)."""
    there = list(rows)
    for kind in FundingKind:
        own = [row for row in there if row.kind == kind.words]
        yield BudgetLine(
            kind=kind.words,
            requests=len(own),
            this_year=sum((row.this_year for row in own), NIL),
            this_budget=_budgeted(policy, kind, year),
            next_year=sum((row.next_year for row in own), NIL),
            next_budget=_budgeted(policy, kind, year.next),
        )


def _budgeted(policy: Policy, kind: FundingKind, year: FinancialYear) -> Decimal | None:
    table = policy.finance.budgets.get(str(year))
    return None if table is None or kind not in table else Decimal(table[kind]).quantize(PENNY)


