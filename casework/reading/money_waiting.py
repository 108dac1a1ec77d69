"""The funding requests that wait for somebody, late first, and those they sent that wait for others (practice 6).

One answer whatever the post: who prepares, lists, hears, signs, files. Nobody is shown as a signature what they may not
give, having prepared or heard it (R-FIN-6). A few queries for all requests, none for each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from casework import policies
from casework.acting.funding_effects import ON_AGENDA
from casework.who.access import visible_requests
from casework.who.people import posts_of
from persistence.tables import AgendaItem, Allocation, Case, Confirmation, Deadline, Event, FundingRequest, Meeting
from states import asked, authority
from states.funding_stages import UNDER_DECISION, F
from states.funding_waiting import PAPERS, Progress, Waits, waits_for
from states.money import PENNY
from states.policy.sections import FinancePolicy
from states.records.funding import ALLOWANCES, FundingKind
from states.vocabulary import ALLOCATED, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestWaiting:
    """One thing that a request waits for from somebody."""

    ref: str
    child: str
    kind: str
    what: str
    step: str
    decides: bool  # the decision on one page comes first
    why: str
    stands: str
    due: date | None
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSent:
    """A request that somebody sent on, and where it is."""

    ref: str
    child: str
    kind: str
    stands: str
    since: date
    due: date | None
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyWaiting:
    """What waits for somebody, and what they wait for."""

    mine: tuple[RequestWaiting, ...]
    sent: tuple[RequestSent, ...]


@dataclass
class _Known:
    """What the few queries found of one request."""

    case: Case
    there: FundingRequest
    child: str
    due: dict[str, date] = field(default_factory=dict)
    soonest: date | None = None
    done: set[str] = field(default_factory=set)
    opened_by: str = ""
    involved: set[str] = field(default_factory=set)
    sent_by: set[str] = field(default_factory=set)
    hearing: tuple[str | None, date] | None = None  # who chairs it, and when
    confirmed: bool = True

    def waits(self, finance: FinancePolicy) -> tuple[Waits, ...]:
        kind, amount = FundingKind(self.there.kind), (self.there.agreed_pence or 0) * PENNY
        return waits_for(
            Progress(
                state=F[self.case.state],
                done=frozenset(self.done),
                listed=self.hearing is not None,
                confirmed=self.confirmed,
                periodic=kind in ALLOWANCES,
                contract=authority.needs_contract(kind, amount, self.there.tied_to, finance),
            )
        )


def money_waiting(session: Session, *, by: str, today: date) -> MoneyWaiting:
    """The requests that wait for a person on a London date, and those they sent; only what they may open."""
    found = _open_requests(session, by, today)
    if not found:
        return MoneyWaiting(mine=(), sent=())
    _add_dates(session, found)
    _add_history(session, found)
    _add_hearings(session, found)
    posts = _Posts.of(session, by, today)
    finance = policies.in_force(session, today).policy.finance
    mine = [
        _waiting(one, waits, why, today)
        for one in found.values()
        for waits in one.waits(finance)
        if (why := posts.why(waits, one)) is not None
    ]
    theirs = {one.ref for one in mine}
    sent = [
        RequestSent(
            ref=one.case.ref,
            child=one.child,
            kind=FundingKind(one.there.kind).words,
            stands=F[one.case.state].words,
            since=one.case.state_since,
            due=one.soonest,
            late=one.soonest is not None and one.soonest < today,
        )
        for one in found.values()
        if by in one.sent_by and F[one.case.state] in UNDER_DECISION and one.case.ref not in theirs
    ]
    return MoneyWaiting(mine=tuple(sorted(mine, key=_late_first)), sent=tuple(sorted(sent, key=_late_first)))


def _late_first(one: RequestWaiting | RequestSent) -> tuple[date, str]:
    return (one.due or date.max, one.ref)


def _waiting(one: _Known, waits: Waits, why: str, today: date) -> RequestWaiting:
    due = one.hearing[1] if waits.chair and one.hearing else one.due.get(waits.clock or "")
    return RequestWaiting(
        ref=one.case.ref,
        child=one.child,
        kind=FundingKind(one.there.kind).words,
        what=waits.what,
        step=waits.step,
        decides=waits.decides,
        why=why,
        stands=F[one.case.state].words,
        due=due,
        late=due is not None and due < today,
    )


# -- who somebody is ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Posts:
    """The posts in somebody's hands on a day, each with who holds it: themselves, or whom they cover for."""

    who: str
    anywhere: dict[Role, set[str]]
    by_team: dict[tuple[Role, str], set[str]]
    on_child: dict[tuple[int, Role], set[str]]

    @classmethod
    def of(cls, session: Session, person_id: str, on: date) -> _Posts:
        posts = posts_of(session, person_id, on, case_id=None)
        anywhere: dict[Role, set[str]] = defaultdict(set)
        by_team: dict[tuple[Role, str], set[str]] = defaultdict(set)
        on_child: dict[tuple[int, Role], set[str]] = defaultdict(set)
        for holder, held in posts.held:
            if held.role in ALLOCATED:
                continue
            if held.team_id is None:
                anywhere[held.role].add(holder)
            else:
                by_team[held.role, held.team_id].add(holder)
        allocated = select(Allocation.case_id, Allocation.role, Allocation.person_id).where(
            Allocation.person_id.in_(posts.hands(person_id)),
            Allocation.from_on <= on,
            or_(Allocation.until_on.is_(None), Allocation.until_on > on),
        )
        for case_id, role, holder in session.execute(allocated):
            on_child[case_id, Role(role)].add(holder)
        return cls(person_id, anywhere, by_team, on_child)

    def why(self, waits: Waits, one: _Known) -> str | None:
        """By which post it waits for them; None where it waits for somebody else."""
        if waits.chair:
            return "you chair the meeting" if one.hearing and one.hearing[0] == self.who else None
        for role in waits.by:
            holders = self._holders(role, one.case)
            apart = not waits.decides or (self.who not in one.involved and bool(holders - one.involved))
            if holders and apart:
                return role.value
        return None

    def _holders(self, role: Role, case: Case) -> set[str]:
        found = set(self.anywhere.get(role, ()))
        if case.team_id is not None:
            found |= self.by_team.get((role, case.team_id), set())
        return found | self.on_child.get((case.child_case_id or case.id, role), set())


# -- the few queries ----------------------------------------------------------------------------------------------


_CHILDS = aliased(Case)


def _open_requests(session: Session, by: str, today: date) -> dict[int, _Known]:
    answered = func.coalesce(Confirmation.status, "confirmed")
    rows = session.execute(
        select(Case, FundingRequest, _CHILDS.ref, answered)
        .join(FundingRequest, FundingRequest.case_id == Case.id)
        .join(_CHILDS, _CHILDS.id == Case.child_case_id)
        .outerjoin(Confirmation, Confirmation.event_id == FundingRequest.signed_event)
        .where(visible_requests(session, by, today), Case.closed.is_(False), Case.state != F.SIGNED_OFF.name)
        .order_by(Case.id)
    )
    return {
        case.id: _Known(case=case, there=there, child=ref, confirmed=status == "confirmed")
        for case, there, ref, status in rows
    }


def _add_dates(session: Session, found: dict[int, _Known]) -> None:
    rows = session.execute(
        select(Deadline.case_id, Deadline.name, Deadline.due_on)
        .where(Deadline.case_id.in_(found), Deadline.closed_as.is_(None))
        .order_by(Deadline.due_on)
    )
    for case_id, name, due in rows:
        if due is not None:
            found[case_id].due.setdefault(name, due)
            found[case_id].soonest = found[case_id].soonest or due


_TOLD: Collection[str] = {*asked.ROUND_STARTS, *asked.PREPARED, *asked.SPOKE, *PAPERS, "take_up_again"}
_SENT = frozenset({"submit_request", "answer_questions"})


def _add_history(session: Session, found: dict[int, _Known]) -> None:
    """What was done in this round, and by whom; whoever opened the request at first stays its preparer."""
    rows = session.execute(
        select(Event.case_id, Event.trigger, Event.decided_by, Event.recorded_by)
        .where(Event.case_id.in_(found), Event.trigger.in_(_TOLD))
        .order_by(Event.case_id, Event.seq)
    )
    for case_id, trigger, decided_by, recorded_by in rows:
        one = found[case_id]
        if trigger == "open_request":
            one.opened_by = decided_by
        if trigger == "open_new_round":
            one.done.clear()
            one.involved = {one.opened_by}
        one.done.add(trigger)
        if trigger in asked.PREPARED or trigger in asked.SPOKE:
            one.involved.add(decided_by)
        if trigger in _SENT:
            one.sent_by |= {decided_by, recorded_by}


def _add_hearings(session: Session, found: dict[int, _Known]) -> None:
    rows = session.execute(
        select(AgendaItem.case_id, Meeting.chair_id, Meeting.held_on)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .where(AgendaItem.case_id.in_(found), AgendaItem.status == ON_AGENDA, Meeting.status != "cancelled")
        .order_by(Meeting.held_on)
    )
    for case_id, chair, held_on_ in rows:
        found[case_id].hearing = (chair, held_on_)
