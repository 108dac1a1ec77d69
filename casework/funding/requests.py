"""One funding request, and all of them: what is asked, where it stands, who signs it by which clause (rules 7).

What is shown here is what is signed: the mark of it goes into the signature, and anything that changes changes the
mark (reliability R6).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from casework import policies
from casework.acting import deadlines, loading
from casework.acting.deadlines import DeadlineSeen
from casework.errors import NotFound
from casework.funding.counting import Counted, counted_for
from casework.reading.beside import events_of
from casework.reading.lines import Line
from casework.who.access import open_case_row, powers, siblings_open_to, visible_requests
from casework.who.choosing import handles_by_id
from casework.who.matrix import Data, data_of
from persistence.tables import (
    AgendaItem,
    Case,
    Confirmation,
    Deadline,
    Flag,
    FundingCover,
    FundingRequest,
    FundingSignature,
    Meeting,
)
from states import asked
from states.facts import VOIDING, Entry, Facts, live
from states.funding_stages import F
from states.money import PENNY
from states.processes import is_request, words_of_move
from states.records.funding import FundingKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLine:
    """A request in a list; money in pounds."""

    ref: str
    child: str
    kind: str
    words: str  # the kind, as people read it
    purpose: str
    state: str
    stands: str  # the state, as people read it
    since: date
    amount: Decimal
    frequency: str
    value: Decimal  # the whole, or a year of it: the highest named in this round
    agreed: Decimal | None
    signed_on: date | None
    confirmed: bool
    next_due: date | None
    overdue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Who has to sign at least, at which amount, by which words, and what the other text says (rules A1)."""

    post: str
    dmt: bool
    record_mandatory: bool
    counted: Counted
    clause: str
    contradiction: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signature, with what was shown when it was given."""

    event: str
    by: str
    agreed: bool
    amount: Decimal | None
    clause: str
    contradiction: str | None
    mark: str
    sha256: str
    confirmation: str  # own | waiting | confirmed | disputed


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSeen:
    """Everything a page or `sgo funding show` needs."""

    ref: str
    child: str
    covers: tuple[str, ...]  # those of the children it is for whom this person may open
    version: int
    state: str
    stands: str
    since: date
    closed: bool
    restricted: bool
    kind: str
    words: str
    rounds: int
    formal: bool  # no longer an illustration
    asked: dict[str, Any]
    papers: dict[str, Any]
    said: tuple[dict[str, Any], ...]
    mark: str
    authority: Authority
    agreed: Decimal | None
    signatures: tuple[Signed, ...]
    hearings: tuple[dict[str, Any], ...]
    deadlines: tuple[DeadlineSeen, ...]
    flags: tuple[dict[str, Any], ...]
    chronology: tuple[Line, ...]
    frozen: tuple[str, ...]  # entries that a signature rests on: they change in a new round only (reliability R6)


# Made once: made for each look they cost a tenth of a child's page.
_CHILDS = aliased(Case)
_OPEN_DATES = (Deadline.case_id == Case.id, Deadline.closed_as.is_(None))
_SOONEST = select(func.min(Deadline.due_on)).where(*_OPEN_DATES).scalar_subquery()
_LATE = (
    select(func.count())
    .where(*_OPEN_DATES, Deadline.due_on < bindparam("today", type_=Date))
    .select_from(Deadline)
    .scalar_subquery()
)
_LINES = (
    select(
        Case,
        FundingRequest,
        _CHILDS.ref,
        _SOONEST,
        _LATE,
        Confirmation.status,
        func.coalesce(FundingRequest.purpose_kind, ""),
    )
    .join(FundingRequest, FundingRequest.case_id == Case.id)
    .join(_CHILDS, _CHILDS.id == Case.child_case_id)
    .outerjoin(Confirmation, Confirmation.event_id == FundingRequest.signed_event)
    .order_by(_LATE.desc(), _SOONEST.is_(None), _SOONEST, Case.id)
)


def list_requests(
    session: Session,
    *,
    by: str,
    today: date,
    child: str | None = None,
    state: str | None = None,
    include_closed: bool = False,
) -> list[RequestLine]:
    """The funding requests this person may open, overdue ones first. `child`: the reference of one child's case."""
    of_child = open_case_row(session, child, by=by, today=today) if child is not None else None
    if of_child is not None and not loading.requests_of_child(session, of_child.id):
        return []
    query = _LINES.where(visible_requests(session, by, today))
    if of_child is not None:
        query = query.where(
            Case.id.in_(select(FundingCover.case_id).where(FundingCover.child_case_id == of_child.id))
        )
    if state is not None:
        query = query.where(Case.state == state)
    if not include_closed:
        query = query.where(Case.closed.is_(False))
    return [
        RequestLine(
            ref=case.ref,
            child=childs_ref,
            kind=there.kind,
            words=FundingKind(there.kind).words,
            purpose=what_for,
            state=case.state,
            stands=F[case.state].words,
            since=case.state_since,
            amount=there.asked_pence * PENNY,
            frequency=there.frequency,
            value=there.value_pence * PENNY,
            agreed=_pounds(there.agreed_pence),
            signed_on=there.signed_on,
            confirmed=there.signed_on is not None and answer in (None, "confirmed"),
            next_due=due,
            overdue=overdue,
        )
        for case, there, childs_ref, due, overdue, answer, what_for in session.execute(query, {"today": today})
    ]


def show_request(session: Session, ref: str, *, by: str, today: date) -> RequestSeen:
    """One request with everything whoever signs has to see. Raises NotFound, for a child's case too."""
    case = open_case_row(session, ref, by=by, today=today)
    if not is_request(case.process) or case.child_case_id is None:
        raise NotFound("request", ref)
    there = session.get_one(FundingRequest, case.id)
    facts = facts_today(session, case, by=by, today=today)
    shown = asked.as_shown(facts)
    child = session.get_one(Case, case.child_case_id)
    handles = handles_by_id(session)
    covers = _covers(session, case, child, by=by, today=today)
    reader = _reader(session, case, covers, facts.whole, by=by, today=today)
    return RequestSeen(
        ref=case.ref,
        child=child.ref,
        covers=covers,
        version=case.version,
        state=case.state,
        stands=F[case.state].words,
        since=case.state_since,
        closed=case.closed,
        restricted=case.restricted,
        kind=there.kind,
        words=FundingKind(there.kind).words,
        rounds=there.rounds,
        formal=there.submitted_on is not None or asked.may_be_formal(facts),
        asked=reader.plain(shown["asked"]),
        papers={kind: reader.paper(kind, content) for kind, content in shown["papers"].items()},
        said=tuple({**one, "by": handles.get(one["by"], one["by"])} for one in shown["said"]),
        mark=asked.mark_of(facts),
        authority=_authority(facts, counted_for(session, facts, case, by=by, today=today)),
        agreed=_pounds(there.agreed_pence),
        signatures=_signatures(session, case, handles),
        hearings=_hearings(session, case),
        deadlines=_deadlines(session, case, today),
        flags=_flags(session, case),
        chronology=_chronology(session, case, facts.whole, handles, reader.record),
        frozen=tuple(entry.id for entry in facts.entries if asked.is_frozen(facts, entry)),
    )


def facts_today(session: Session, case: Case, *, by: str, today: date) -> Facts:
    """A request's facts as they stand today, nothing being filed: what is shown, and what documents are made of."""
    loaded = loading.load(session, case)
    return loading.facts_for(
        session,
        head=loading.head_of(case, loaded.child),
        whole=loaded.whole,
        record=None,
        on=today,
        today=today,
        decided_by=by,
        recorded_by=by,
        policy=policies.in_force(session, today),
        case_id=case.id,
        child_case_id=case.child_case_id,
    )


def _authority(facts: Facts, counted: Counted) -> Authority:
    tier = asked.tier(facts)
    assert tier is not None, "a request is opened with what is asked"
    return Authority(
        post=tier.post.value,
        dmt=tier.dmt,
        record_mandatory=tier.record_mandatory,
        counted=counted,
        clause=tier.clause,
        contradiction=tier.contradiction,
    )


def _covers(session: Session, case: Case, child: Case, *, by: str, today: date) -> tuple[str, ...]:
    """The children it is for, without a brother or sister who must not show (reliability R22)."""
    query = select(Case.ref).join(FundingCover, FundingCover.child_case_id == Case.id)
    there = session.scalars(query.where(FundingCover.case_id == case.id).order_by(Case.id)).all()
    try:
        known = {child.ref, *siblings_open_to(session, child.ref, by=by, today=today)}
    except NotFound:
        known = {child.ref}
    return tuple(ref for ref in there if ref in known)


def _signatures(session: Session, case: Case, handles: dict[str, str]) -> tuple[Signed, ...]:
    query = (
        select(FundingSignature, Confirmation.status)
        .outerjoin(Confirmation, Confirmation.event_id == FundingSignature.event_id)
        .where(FundingSignature.case_id == case.id)
        .order_by(FundingSignature.at)
    )
    return tuple(
        Signed(
            event=one.event_id,
            by=handles.get(one.signed_by, one.signed_by),
            agreed=one.agreed,
            amount=_pounds(one.amount_pence),
            clause=one.clause,
            contradiction=one.contradiction,
            mark=one.sha256[:16],
            sha256=one.sha256,
            confirmation=status or "own",
        )
        for one, status in session.execute(query)
    )


def _hearings(session: Session, case: Case) -> tuple[dict[str, Any], ...]:
    query = (
        select(Meeting.ref, Meeting.body, Meeting.held_on, AgendaItem.status)
        .join(AgendaItem, AgendaItem.meeting_id == Meeting.id)
        .where(AgendaItem.case_id == case.id)
        .order_by(Meeting.held_on, AgendaItem.id)
    )
    return tuple(
        {"ref": row.ref, "body": row.body, "held_on": row.held_on, "status": row.status}
        for row in session.execute(query)
    )


def _deadlines(session: Session, case: Case, today: date) -> tuple[DeadlineSeen, ...]:
    found = list(session.scalars(select(Deadline).where(Deadline.case_id == case.id)))
    found.sort(key=lambda d: (d.closed_as is not None, d.due_on is None, d.due_on or date.max, d.name))
    return tuple(deadlines.seen(row, today) for row in found)


def _flags(session: Session, case: Case) -> tuple[dict[str, Any], ...]:
    query = select(Flag).where(Flag.case_id == case.id, Flag.cleared_by_event.is_(None))
    return tuple(
        {"flag": f.id, "rule": f.rule, "words": f.words, "urgent": f.urgent, "owner": f.owner}
        for f in session.scalars(query.order_by(Flag.urgent.desc(), Flag.raised_on, Flag.words))
    )


def _chronology(
    session: Session,
    case: Case,
    whole: tuple[Entry, ...],
    handles: dict[str, str],
    shows: Callable[[Entry], dict[str, Any]],
) -> tuple[Line, ...]:
    more = {row.id: row for row in events_of(session, case.id)}
    stands = {entry.id for entry in live(whole)}
    corrected = {entry.about for entry in whole if entry.trigger == "correct"}
    return tuple(
        Line(
            event=e.id,
            seq=e.seq,
            trigger=e.trigger,
            words=words_of_move(e.trigger, e.from_state, e.to_state),
            from_state=e.from_state,
            to_state=e.to_state,
            happened_on=e.happened_on,
            recorded_on=e.recorded_on,
            decided_by=handles.get(e.decided_by, e.decided_by),
            recorded_by=handles.get(e.recorded_by, e.recorded_by),
            on_behalf_of=handles.get(more[e.id].on_behalf_of or ""),
            role=e.role,
            confirmation=more[e.id].confirmation or "own",
            standing=_standing(e, stands, corrected),
            record=shows(e),
            reason=more[e.id].late_reason,
            evidence=more[e.id].evidence,
        )
        for e in whole
    )


def _standing(entry: Entry, stands: set[str], corrected: set[str | None]) -> str:
    if entry.id not in stands and entry.trigger not in VOIDING:
        return "taken back"
    return "corrected" if entry.id in corrected else "stands"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """What somebody may learn of a request: the kinds of record of their posts, and no case that is hidden to them."""

    reads: frozenset[Data]
    covers: tuple[str, ...]
    linked: frozenset[str]  # requests that they may open

    def record(self, entry: Entry) -> dict[str, Any]:
        """What an entry says, as far as this reader's posts read it (rules 11.1)."""
        return self.plain(entry.data) if data_of(entry.kind) in self.reads else {}

    def paper(self, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        """The same of a paper by its record's kind."""
        return content if data_of(kind) in self.reads else {}

    def plain(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """A record without brothers, sisters and requests that must not show (reliability R22)."""
        shown = dict(content)
        if isinstance(shown.get("siblings"), list):
            shown["siblings"] = [row for row in shown["siblings"] if row.get("case") in self.covers]
        if shown.get("linked_to") and shown["linked_to"] not in self.linked:
            shown["linked_to"] = None
        return shown


def _reader(
    session: Session, case: Case, covers: tuple[str, ...], whole: Sequence[Entry], *, by: str, today: date
) -> _Reader:
    named = {str(e.data["linked_to"]) for e in whole if e.data.get("linked_to")}
    linked = select(Case.ref).where(Case.ref.in_(named), visible_requests(session, by, today)) if named else None
    return _Reader(
        reads=powers(session, by, case, today).reads,
        covers=covers,
        linked=frozenset(session.scalars(linked)) if linked is not None else frozenset(),
    )


def _pounds(pence: int | None) -> Decimal | None:
    return None if pence is None else pence * PENNY


