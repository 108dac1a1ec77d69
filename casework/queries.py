"""What people read: a case, a list, what may be done next, who was told. Only what the reader may open.

Plain frozen values come out, never rows: no session, no effect on loading. Every function that touches a child
asks `casework.access` first; the entry point logs the read before it answers (reliability R20).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from casework import deadlines, loading, policies
from casework.access import permission_for, powers, visible
from casework.deadlines import DeadlineSeen
from casework.errors import NotFound, Unusable
from casework.preparing import last_row
from persistence.tables import (
    AccessGrant,
    AgendaItem,
    Allocation,
    Case,
    Child,
    Confirmation,
    Contact,
    Deadline,
    Event,
    Flag,
    Meeting,
    Milestone,
    Outbox,
    Pause,
    Person,
    SiblingLink,
    Team,
)
from states import engine
from states.facts import Entry, live
from states.pathway import PATHWAY
from states.records import base
from states.stages import S
from states.vocabulary import Transition, Unmet


def open_case_row(session: Session, ref: str, *, by: str, today: date) -> Case:
    """The case, if this person may open it. Raises NotFound alike for unknown and hidden (R22)."""
    case = session.scalars(select(Case).where(Case.ref == ref)).one_or_none()
    if case is None or not powers(session, by, case, today).sees:
        raise NotFound("case", ref)
    return case


# -- lists --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A case in a list."""

    ref: str
    state: str
    words: str
    since: date
    colour: str | None
    candidate: bool
    team: str | None
    latest_position: str | None
    next_step: str | None
    next_step_who: str | None
    next_step_by: date | None
    overdue: int
    next_due: date | None
    flags: int


def list_cases(
    session: Session,
    *,
    by: str,
    today: date,
    state: str | None = None,
    include_closed: bool = False,
    limit: int | None = None,
) -> list[CaseLine]:
    """The cases this person may open, most urgent first: overdue, then soonest due."""
    late = (
        select(func.count())
        .where(Deadline.case_id == Case.id, Deadline.closed_as.is_(None), Deadline.due_on < today)
        .scalar_subquery()
    )
    soonest = (
        select(func.min(Deadline.due_on))
        .where(Deadline.case_id == Case.id, Deadline.closed_as.is_(None))
        .scalar_subquery()
    )
    flags = (
        select(func.count()).where(Flag.case_id == Case.id, Flag.cleared_by_event.is_(None)).scalar_subquery()
    )
    query = (
        select(Case, Team.name, late, soonest, flags)
        .outerjoin(Team, Team.id == Case.team_id)
        .where(visible(session, by, today))
        .order_by(late.desc(), soonest.is_(None), soonest, Case.id)
    )
    if state is not None:
        query = query.where(Case.state == state)
    if not include_closed:
        query = query.where(Case.closed.is_(False))
    if limit is not None:
        query = query.limit(limit)
    return [
        CaseLine(
            ref=case.ref,
            state=case.state,
            words=S[case.state].words,
            since=case.state_since,
            colour=case.colour,
            candidate=case.candidate,
            team=team,
            latest_position=case.latest_position,
            next_step=case.next_step,
            next_step_who=case.next_step_who,
            next_step_by=case.next_step_by,
            overdue=overdue,
            next_due=due,
            flags=flagged,
        )
        for case, team, overdue, due, flagged in session.execute(query)
    ]


# -- one case -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the chronology, with both dates (design 5.5)."""

    event: str
    seq: int
    trigger: str
    words: str
    from_state: str | None
    to_state: str
    happened_on: date
    recorded_on: date
    decided_by: str
    recorded_by: str
    on_behalf_of: str | None
    role: str
    confirmation: str
    standing: str  # stands | taken back | corrected
    record: dict[str, Any]
    reason: str | None  # why it was entered late, or why a record was corrected
    evidence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSeen:
    """Everything a case page or `sgo case show` needs."""

    ref: str
    version: int
    state: str
    words: str
    since: date
    closed: bool
    merged_into: str | None
    merged_from: tuple[str, ...]  # the same child's other cases, whose histories stay there (practice PT-16)
    restricted: bool
    team: str | None
    colour: str | None
    child: dict[str, Any]
    position: dict[str, Any]
    money: dict[str, Any]
    people: tuple[dict[str, Any], ...]
    contacts: tuple[dict[str, Any], ...]
    siblings: tuple[str, ...]
    deadlines: tuple[DeadlineSeen, ...]
    milestones: tuple[dict[str, Any], ...]
    pauses: tuple[dict[str, Any], ...]
    meetings: tuple[dict[str, Any], ...]
    flags: tuple[dict[str, Any], ...]
    chronology: tuple[Line, ...]
    as_at: date | None = None
    known_at: date | None = None


def show_case(
    session: Session,
    ref: str,
    *,
    by: str,
    today: date,
    as_at: date | None = None,
    known_at: date | None = None,
) -> CaseSeen:
    """A case. `as_at`: what is true of that London date by today's knowledge; `known_at`: what was recorded then.

    Raises NotFound.
    """
    case = open_case_row(session, ref, by=by, today=today)
    child = session.get_one(Child, case.id)
    whole = loading.load_entries(session, case.id, known_at=known_at)
    entries = live(whole)
    if as_at is not None:
        entries = tuple(e for e in entries if e.happened_on <= as_at)
    if not entries:
        raise Unusable(f"The case was not here yet on {as_at or known_at}.")
    handles = dict(session.execute(select(Person.id, Person.handle)).all())
    hidden = _hidden_cases(session, case, whole, by=by, today=today)
    on = as_at or known_at or today
    state, since = _state_from(entries, case)
    past = as_at is not None or known_at is not None
    return CaseSeen(
        ref=case.ref,
        version=case.version,
        state=state,
        words=S[state].words,
        since=since,
        closed=case.closed,
        merged_into=None if case.merged_into in hidden else case.merged_into,
        merged_from=tuple(
            session.scalars(
                select(Case.ref)
                .where(Case.merged_into == case.ref, visible(session, by, today))
                .order_by(Case.ref)
            )
        ),
        restricted=case.restricted,
        team=session.scalar(select(Team.name).where(Team.id == case.team_id)) if case.team_id else None,
        colour=_colour_from(entries) if past else case.colour,
        child=_child(child),
        position={
            "position": case.latest_position,
            "on": case.position_on,
            "next_step": case.next_step,
            "who": case.next_step_who,
            "by_when": case.next_step_by,
        },
        money={"position": case.finance_position, "agreement_ref": case.agreement_ref},
        people=_people(session, case.id, on, handles),
        contacts=_contacts(session, case.id, on),
        siblings=tuple(siblings_open_to(session, ref, by=by, today=today)),
        deadlines=_deadlines(session, case.id, on, {e.id: e for e in whole}, past=past),
        milestones=_milestones(session, case.id),
        pauses=tuple(
            {"reason": p.reason, "from": p.from_on, "expected": p.expected_on, "until": p.until_on}
            for p in session.scalars(select(Pause).where(Pause.case_id == case.id).order_by(Pause.from_on))
        ),
        meetings=_meetings(session, case.id),
        flags=tuple(
            {
                "flag": f.id,
                "kind": f.kind,
                "rule": f.rule,
                "words": f.words,
                "urgent": f.urgent,
                "owner": f.owner,
            }
            for f in session.scalars(
                select(Flag)
                .where(Flag.case_id == case.id, Flag.cleared_by_event.is_(None))
                .order_by(Flag.urgent.desc(), Flag.raised_on, Flag.rule, Flag.words)
            )
        ),
        chronology=_chronology(session, case, whole if as_at is None else entries, handles, hidden),
        as_at=as_at,
        known_at=known_at,
    )


#: The fields of records that name another case.
NAMES_A_CASE = ("sibling", "into", "to_case")
A_HIDDEN_CASE = "a case that is not open to you"


def _hidden_cases(
    session: Session, case: Case, entries: Sequence[Entry], *, by: str, today: date
) -> frozenset[str]:
    """The cases this history names that the reader may not open: not even their references show (R22)."""
    named = {e.data.get(name) for e in entries for name in NAMES_A_CASE} | {case.merged_into}
    refs = {ref for ref in named if ref is not None}
    if not refs:
        return frozenset()
    there = session.scalars(select(Case.ref).where(Case.ref.in_(refs), visible(session, by, today)))
    return frozenset(refs - set(there))


def _state_from(entries: Sequence[Entry], case: Case) -> tuple[str, date]:
    moves = [e for e in entries if e.moved]
    if not moves:
        return (entries[-1].to_state, entries[-1].happened_on) if entries else (case.state, case.state_since)
    return moves[-1].to_state, moves[-1].happened_on


def _colour_from(entries: Sequence[Entry]) -> str | None:
    coloured = [e.data["colour"] for e in entries if e.data.get("colour")]
    return coloured[-1] if coloured else None


def _child(child: Child) -> dict[str, Any]:
    names = [c.name for c in Child.__table__.columns if c.name != "case_id"]
    return {name: getattr(child, name) for name in names}


def _people(session: Session, case_id: int, on: date, handles: dict[str, str]) -> tuple[dict[str, Any], ...]:
    rows = session.scalars(
        select(Allocation).where(Allocation.case_id == case_id).order_by(Allocation.role, Allocation.from_on)
    )
    return tuple(
        {
            "role": a.role,
            "person": handles.get(a.person_id),
            "from": a.from_on,
            "until": a.until_on,
            "now": a.from_on <= on and (a.until_on is None or a.until_on > on),
        }
        for a in rows
    )


def _contacts(session: Session, case_id: int, on: date) -> tuple[dict[str, Any], ...]:
    rows = session.scalars(
        select(Contact).where(
            Contact.case_id == case_id,
            Contact.from_on <= on,
            or_(Contact.until_on.is_(None), Contact.until_on > on),
        )
        .order_by(Contact.kind, Contact.name)
    )
    return tuple(
        {
            "name": c.name,
            "kind": c.kind,
            "relationship": c.relationship,
            # A protected address is for the letter to that person only (practice PT-20).
            "address": "protected" if c.protected else c.address,
            "needs": c.needs,
        }
        for c in rows
    )


def _deadlines(
    session: Session, case_id: int, on: date, by_event: dict[str, Entry], *, past: bool
) -> tuple[DeadlineSeen, ...]:
    rows = session.scalars(
        select(Deadline)
        .where(Deadline.case_id == case_id)
        .order_by(Deadline.closed_as.is_not(None), Deadline.due_on.is_(None), Deadline.due_on, Deadline.name)
    )
    found = []
    for row in rows:
        opener = by_event.get(row.opened_by_event)
        if past and (opener is None or opener.happened_on > on):
            continue  # it was not there yet on that day, or nobody knew
        found.append(deadlines.seen(row, on))
    return tuple(found)


def _milestones(session: Session, case_id: int) -> tuple[dict[str, Any], ...]:
    rows = session.scalars(select(Milestone).where(Milestone.case_id == case_id).order_by(Milestone.position))
    return tuple(
        {
            "step": m.name,
            "planned": m.baseline_on,
            "forecast": m.forecast_on,
            "done": m.done_on,
            "slip_days": ((m.done_on or m.forecast_on) - m.baseline_on).days,
            "reason": m.slip_reason,
            "owner": m.owner,
        }
        for m in rows
    )


def _meetings(session: Session, case_id: int) -> tuple[dict[str, Any], ...]:
    listed = session.execute(
        select(Meeting.ref, Meeting.body, Meeting.held_on, AgendaItem.status)
        .join(AgendaItem, AgendaItem.meeting_id == Meeting.id)
        .where(AgendaItem.case_id == case_id)
    ).all()
    own = session.execute(
        select(Meeting.ref, Meeting.body, Meeting.held_on, Meeting.status)
        .join(Event, Event.id == Meeting.event_id)
        .where(Event.case_id == case_id)
    ).all()
    rows = sorted([*listed, *own], key=lambda row: row.held_on)
    return tuple({"ref": r.ref, "body": r.body, "held_on": r.held_on, "status": r.status} for r in rows)


def _chronology(
    session: Session, case: Case, entries: Sequence[Entry], handles: dict[str, str], hidden: frozenset[str]
) -> tuple[Line, ...]:
    more = {
        row.id: row
        for row in session.execute(
            select(Event.id, Event.on_behalf_of, Event.evidence, Event.late_reason).where(
                Event.case_id == case.id
            )
        )
    }
    stands = {e.id for e in live(entries)}
    corrected = {e.about for e in entries if e.trigger == "correct"}
    status = dict(
        session.execute(
            select(Confirmation.event_id, Confirmation.status).where(Confirmation.case_id == case.id)
        ).all()
    )
    words = {row.trigger: row.words for row in reversed(PATHWAY.rows)}
    return tuple(
        Line(
            event=e.id,
            seq=e.seq,
            trigger=e.trigger,
            words=words.get(e.trigger, e.trigger),
            from_state=e.from_state,
            to_state=e.to_state,
            happened_on=e.happened_on,
            recorded_on=e.recorded_on,
            decided_by=handles.get(e.decided_by, e.decided_by),
            recorded_by=handles.get(e.recorded_by, e.recorded_by),
            on_behalf_of=handles.get(more[e.id].on_behalf_of) if more[e.id].on_behalf_of else None,
            role=e.role,
            confirmation=status.get(e.id, "own"),
            standing="corrected" if e.id in corrected else ("stands" if _stands(e, stands) else "taken back"),
            record={n: A_HIDDEN_CASE if n in NAMES_A_CASE and v in hidden else v for n, v in e.data.items()},
            reason=more[e.id].late_reason,
            evidence=more[e.id].evidence,
        )
        for e in entries
    )


def _stands(entry: Entry, stands: set[str]) -> bool:
    return entry.id in stands or entry.trigger in ("reverse_last", "move_act_to_right_child")


def siblings_open_to(session: Session, ref: str, *, by: str, today: date) -> list[str]:
    """The linked brothers and sisters whose case this person may open. Raises NotFound for the case itself."""
    open_case_row(session, ref, by=by, today=today)
    known = Case.ref.in_(siblings_of(session, ref))
    return sorted(session.scalars(select(Case.ref).where(known, visible(session, by, today))))


def siblings_of(session: Session, ref: str) -> list[str]:
    """References of the brothers and sisters linked to a case now, whoever may open them."""
    own = session.scalar(select(Case.id).where(Case.ref == ref))
    ids = set(
        session.scalars(
            select(SiblingLink.sibling_id).where(SiblingLink.case_id == own, SiblingLink.until_on.is_(None))
        )
    ) | set(
        session.scalars(
            select(SiblingLink.case_id).where(SiblingLink.sibling_id == own, SiblingLink.until_on.is_(None))
        )
    )
    return sorted(session.scalars(select(Case.ref).where(Case.id.in_(ids))))


# -- what next --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """A step or act that is possible from here, and what it still needs (design 7: `sgo transitions`)."""

    trigger: str
    words: str
    to: str
    nature: str
    allowed: bool
    missing: tuple[Unmet, ...]
    fields: tuple[base.FieldSeen, ...]
    by: tuple[str, ...]


def next_steps(session: Session, ref: str, *, by: str, today: date) -> tuple[NextStep, ...]:
    """Every step from here, in the table's order, with what is still needed by this person today."""
    case = open_case_row(session, ref, by=by, today=today)
    loaded = loading.load(session, case)
    who = powers(session, by, case, today)
    facts = loading.facts_for(
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
        services=who.services,
    )
    permission = permission_for(who, who, last_row=last_row(loaded.whole))
    return tuple(
        NextStep(
            trigger=offer.row.trigger,
            words=offer.row.words,
            to=_leads_to(offer.row, facts.last_move(), case.state),
            nature=offer.row.nature.value,
            allowed=not offer.missing,
            missing=offer.missing,
            fields=offer.row.record.fields(),
            by=tuple(sorted(role.value for role in offer.row.by)),
        )
        for offer in engine.offers(PATHWAY, facts, permission)
    )


def _leads_to(row: Transition, last: Entry | None, state: str) -> str:
    if isinstance(row.to, S):
        return row.to.name
    if row.to.name == "BACK":
        return (last.from_state if last else None) or state
    return state


# -- who was told ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Somebody who was told of something: by a message from here, or by a person (practice PT-20)."""

    what: str
    who: str
    when: date | None
    how: str
    status: str


def _told_in_person(entry: Entry, row: Mapping[str, Any]) -> Told:
    return Told(
        what=entry.trigger,
        who=row["who"],
        when=date.fromisoformat(row["told_on"]),
        how=row["how"],
        status="told",
    )


def who_was_told(session: Session, ref: str, *, by: str, today: date) -> tuple[Told, ...]:
    """For every decision: who was told what, when and how (practice PT-20)."""
    from states.calendar import london_date

    case = open_case_row(session, ref, by=by, today=today)
    words = {e.id: e.trigger for e in session.scalars(select(Event).where(Event.case_id == case.id))}
    mails = session.execute(
        select(Outbox, Person.handle)
        .join(Person, Person.id == Outbox.recipient_id)
        .where(Outbox.case_id == case.id)
        .order_by(Outbox.created_at, Person.handle)
    ).all()
    told = [
        Told(
            what=words.get(row.event_id or "", row.occasion.split(":")[0]),
            who=handle,
            when=london_date(row.sent_at) if row.sent_at else None,
            how="mail",
            status=row.status,
        )
        for row, handle in mails
    ]
    for entry in live(loading.load_entries(session, case.id)):
        if entry.kind == "told":
            told.append(
                Told(
                    what=entry.data["decision"],
                    who=entry.data["who"],
                    when=date.fromisoformat(entry.data["told_on"]),
                    how=entry.data["how"],
                    status="told",
                )
            )
        told.extend(_told_in_person(entry, row) for row in entry.data.get("told", ()))
    return tuple(told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What a new worker needs on day one (practice PT-19)."""

    ref: str
    state: str
    latest_position: str | None
    next_step: str | None
    next_dates: tuple[DeadlineSeen, ...]
    promises: tuple[str, ...]
    people: tuple[dict[str, Any], ...]
    open_flags: tuple[dict[str, Any], ...]
    actions: tuple[dict[str, Any], ...]


def handover(session: Session, ref: str, *, by: str, today: date) -> Handover:
    """The handover sheet: latest position, next dates, promises made to the carer (practice PT-19)."""
    seen = show_case(session, ref, by=by, today=today)
    entries = [line for line in seen.chronology if line.standing != "taken back"]
    promises = tuple(line.record["handover"] for line in entries if line.record.get("handover"))
    actions = tuple(
        {**action, "from": line.trigger}
        for line in entries
        for action in line.record.get("actions", ()) or ()
    )
    return Handover(
        ref=seen.ref,
        state=seen.words,
        latest_position=seen.position["position"],
        next_step=seen.position["next_step"],
        next_dates=tuple(d for d in seen.deadlines if d.closed_as is None),
        promises=promises,
        people=tuple(p for p in seen.people if p["now"]),
        open_flags=seen.flags,
        actions=actions,
    )


def to_confirm(session: Session, *, by: str) -> list[tuple[str, str, str, date]]:
    """(case, event, trigger, happened on) of every decision that waits for this person (practice PR-2).

    Not of a case that has been restricted to others since (reliability R22), nor for an account that is closed.
    """
    named = exists().where(AccessGrant.case_id == Case.id, AccessGrant.person_id == by)
    rows = session.execute(
        select(Case.ref, Event.id, Event.trigger, Event.happened_on)
        .join(Confirmation, Confirmation.event_id == Event.id)
        .join(Case, Case.id == Event.case_id)
        .join(Person, Person.id == Confirmation.decider_id)
        .where(Confirmation.decider_id == by, Confirmation.status == "waiting", Person.enabled)
        .where(or_(Case.restricted.is_(False), named))
        .order_by(Event.recorded_at, Event.id)
    )
    return [(ref, event, trigger, on) for ref, event, trigger, on in rows]
