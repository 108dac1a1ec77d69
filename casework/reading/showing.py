"""One case as people read it: now, on a past day, or as it was known on one (design 5.5).

Plain frozen values come out, never rows. What the reader may not open is left out, down to the references of
other cases (reliability R22).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import CompoundSelect, and_, bindparam, not_, null, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from casework import policies
from casework.acting import deadlines, loading
from casework.acting.deadlines import DeadlineSeen
from casework.acting.retelling import retelling
from casework.errors import Unusable
from casework.meetings.coming import Coming, next_meetings
from casework.reading.beside import events_of
from casework.reading.hindsight import AsItStood, as_it_stood
from casework.reading.lines import Line
from casework.reading.trajectory import Path, milestones_of, trajectory
from casework.straight import rows
from casework.who.access import open_case_row, powers, siblings_open_to, visible
from casework.who.choosing import handles_by_id
from casework.who.matrix import Data, data_of, data_of_field
from persistence.tables import (
    AgendaItem,
    Allocation,
    Case,
    Child,
    Contact,
    Deadline,
    Event,
    Flag,
    Meeting,
    Pause,
    SiblingLink,
    Team,
)
from states.calendar import Calendar
from states.facts import VOIDING, Entry, live
from states.processes import words_of_move
from states.stages import S


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
    path: Path | None  # of today only: where the trajectory leads
    next_meetings: tuple[Coming, ...]  # of today only: nothing is foretold of a past day
    flags: tuple[dict[str, Any], ...]
    chronology: tuple[Line, ...]
    as_at: date | None = None
    known_at: date | None = None
    age: int | None = None  # in whole years on that day; None where no date of birth can say
    withheld: tuple[str, ...] = ()  # kinds of record that the reader's posts do not read (rules 11.1)
    until: datetime | None = None  # opened in an emergency: to read only, until then (reliability R35)

    @property
    def name(self) -> str:
        """The child's name, as far as it is known here; for pages, never for an address, a title or a mail."""
        return " ".join(part for part in (self.child["given_names"], self.child["family_name"]) if part)

    @property
    def journey_shown(self) -> bool:
        """Whether the reader's posts read colour and latest position: what is empty is empty, not withheld."""
        return Data.JOURNEY.value not in self.withheld

    @property
    def money_shown(self) -> bool:
        """The same of the package and what was decided of money."""
        return Data.MONEY.value not in self.withheld


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

    Raises NotFound, and Unusable for a day on which the case was not here yet.
    """
    case = open_case_row(session, ref, by=by, today=today)
    if case.child_case_id is not None:
        raise Unusable(f"{ref} is a funding request. See: sgo funding show {ref}")
    for asked, words in ((as_at, "As at"), (known_at, "Known at")):
        if asked is not None and asked > today:
            raise Unusable(f"{words} {asked}: that day is still to come: today is {today}. Name a day that has been.")
    child = loading.child_row(session, case.id)
    whole = loading.load_entries(session, case.id, known_at=known_at)
    entries = live(whole)
    if as_at is not None:
        entries = tuple(e for e in entries if e.happened_on <= as_at)
    if not entries:
        raise Unusable(_not_here_yet(session, case, as_at=as_at, known_at=known_at))
    past = as_at is not None or known_at is not None
    on = min(day for day in (as_at, known_at, today) if day is not None)
    look = _Look(
        session=session,
        case=case,
        child=child,
        entries=entries,
        on=on,
        past=past,
        handles=handles_by_id(session),
        hidden=_hidden_cases(session, case, whole, by=by, today=today),
        known_at=known_at,
    )
    told = as_it_stood(entries) if past else _as_it_stands(session, case, child)
    reader = powers(session, by, case, today)
    journey = Data.JOURNEY in reader.reads
    return CaseSeen(
        ref=case.ref,
        version=whole[-1].seq if known_at is not None else case.version,
        state=told.stage,
        words=S[told.stage].words,
        since=told.since,
        closed=told.closed,
        merged_into=None if told.merged_into in look.hidden else told.merged_into,
        merged_from=tuple(
            session.scalars(
                select(Case.ref)
                .where(Case.merged_into == case.ref, visible(session, by, today))
                .order_by(Case.ref)
            )
        ),
        restricted=case.restricted,
        team=told.team,
        colour=told.colour if journey else None,
        child=told.child,
        position=told.position if journey else {},
        money=told.money if Data.MONEY in reader.reads else {},
        people=look.people(told),
        contacts=look.contacts(told),
        siblings=tuple(look.siblings(siblings_open_to(session, ref, by=by, today=today), by=by, today=today)),
        deadlines=look.deadlines(told),
        milestones=_milestones(told) if journey else (),
        pauses=tuple(told.pauses),
        meetings=look.meetings(),
        path=None if past or not journey else trajectory(session, ref, by=by, today=today),
        next_meetings=() if past else next_meetings(session, case, today),
        flags=look.flags(),
        chronology=_chronology(look, whole if as_at is None else entries, reader.reads),
        as_at=as_at,
        known_at=known_at,
        age=_age(told.child["date_of_birth"], on, Calendar.of(policies.in_force(session, on).policy)),
        withheld=tuple(kind.value for kind in Data if kind not in reader.reads),
        until=reader.until,
    )


def _age(born: date | None, on: date, calendar: Calendar) -> int | None:
    return None if born is None or born > on else calendar.age_on(born, on)


def _not_here_yet(session: Session, case: Case, *, as_at: date | None, known_at: date | None) -> str:
    """From which day on there is something to show, for each of the two ways to look back."""
    first = session.execute(
        select(Event.happened_on, Event.recorded_on).where(Event.case_id == case.id).order_by(Event.seq).limit(1)
    ).one()
    words = "The case was not here yet"
    if known_at is not None and known_at < first.recorded_on:
        return f"{words} on {known_at}: it was entered on {first.recorded_on}. Ask for that day or a later one."
    return f"{words} on {as_at or known_at}: it begins on {first.happened_on}. Ask for that day or a later one."


_MEETING = (Meeting.ref, Meeting.body, Meeting.held_on)
_MEETINGS: CompoundSelect[*tuple[Any, ...]] = union_all(
    select(*_MEETING, AgendaItem.status, AgendaItem.event_id, AgendaItem.ended_by_event)
    .join(AgendaItem, AgendaItem.meeting_id == Meeting.id)
    .where(AgendaItem.case_id == bindparam("case_id")),
    select(*_MEETING, Meeting.status, Meeting.event_id, null())
    .join(Event, Event.id == Meeting.event_id)
    .where(Event.case_id == bindparam("case_id")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One look at a case: on which day, at what of its history, and what the reader may not learn."""

    session: Session
    case: Case
    child: Child
    entries: tuple[Entry, ...]
    on: date
    past: bool
    handles: dict[str, str]
    hidden: frozenset[str]
    known_at: date | None = None

    @property
    def events(self) -> set[str]:
        return {entry.id for entry in self.entries}

    def people(self, told: AsItStood) -> tuple[dict[str, Any], ...]:
        return tuple(
            {**held, "person": self.handles.get(held["person"]), "now": self._now(held)} for held in told.people
        )

    def contacts(self, told: AsItStood) -> tuple[dict[str, Any], ...]:
        shown = sorted((c for c in told.contacts if self._now(c)), key=lambda c: (c["kind"], c["name"]))
        return tuple(
            {
                "name": c["name"],
                "kind": c["kind"],
                "relationship": c["relationship"],
                # A protected address is for the letter to that person only (practice PT-20).
                "address": PROTECTED if c["protected"] else c["address"],
                "needs": c["needs"],
            }
            for c in shown
        )

    def _now(self, row: Mapping[str, Any]) -> bool:
        begun: bool = row["from"] <= self.on
        return begun and (row["until"] is None or row["until"] > self.on)

    def deadlines(self, told: AsItStood) -> tuple[DeadlineSeen, ...]:
        """The rows as they are; of a past day, what the history had opened and closed by then."""
        if self.past:
            again = retelling(self.session, self.case, self.child, self.entries)
            calendar = Calendar.of(policies.in_force(self.session, self.on).policy)
            found = deadlines.as_told(self.case.id, again.told(), told.standing, calendar)
        else:
            found = list(self.session.scalars(select(Deadline).where(Deadline.case_id == self.case.id)))
        found.sort(key=lambda d: (d.closed_as is not None, d.due_on is None, d.due_on or date.max, d.name))
        return tuple(deadlines.seen(row, self.on) for row in found)

    def siblings(self, now: list[str], *, by: str, today: date) -> list[str]:
        """Who is linked; of a past day, who was."""
        if not self.past:
            return now
        own = self.case.id
        begun, ended = aliased(Event), aliased(Event)
        links = (
            select(SiblingLink.case_id, SiblingLink.sibling_id)
            .join(begun, begun.id == SiblingLink.event_id)
            .outerjoin(ended, ended.id == SiblingLink.ended_by_event)
            .where(or_(SiblingLink.case_id == own, SiblingLink.sibling_id == own), SiblingLink.from_on <= self.on)
        )
        over = SiblingLink.until_on <= self.on
        if self.known_at is not None:
            links = links.where(begun.recorded_on <= self.known_at)
            over = and_(over, ended.recorded_on <= self.known_at)
        ids = {
            link.sibling_id if link.case_id == own else link.case_id
            for link in self.session.execute(links.where(or_(SiblingLink.until_on.is_(None), not_(over))))
        }
        known = select(Case.ref).where(Case.id.in_(ids), visible(self.session, by, today))
        return sorted(self.session.scalars(known))

    def meetings(self) -> tuple[dict[str, Any], ...]:
        """The child's own meetings and the agendas they are or were on."""
        found = rows(self.session, _MEETINGS, case_id=self.case.id)
        seen = [row for row in found if not self.past or row.event_id in self.events]
        return tuple(
            {
                "ref": row.ref,
                "body": row.body,
                "held_on": row.held_on,
                "status": "listed" if self.past and row.ended_by_event not in (None, *self.events) else row.status,
            }
            for row in sorted(seen, key=lambda row: (row.held_on, row.body, row.status))
        )

    def flags(self) -> tuple[dict[str, Any], ...]:
        """What waits for somebody to look; of a past day, what did."""
        query = select(Flag).where(Flag.case_id == self.case.id)
        if self.past:
            later = or_(Flag.cleared_on.is_(None), Flag.cleared_on > self.on)
            query = query.where(Flag.raised_on <= self.on, later)
        else:
            query = query.where(Flag.cleared_by_event.is_(None))
        ordered = query.order_by(Flag.urgent.desc(), Flag.raised_on, Flag.rule, Flag.words)
        return tuple(
            {
                "flag": flag.id,
                "kind": flag.kind,
                "rule": flag.rule,
                "words": flag.words,
                "urgent": flag.urgent,
                "owner": flag.owner,
            }
            for flag in self.session.scalars(ordered)
        )


def _as_it_stands(session: Session, case: Case, child: Child) -> AsItStood:
    """The case as its rows say."""
    held = session.scalars(
        select(Allocation)
        .where(Allocation.case_id == case.id)
        .order_by(Allocation.role, Allocation.from_on, Allocation.until_on.is_(None))
    )
    contacts = session.scalars(select(Contact).where(Contact.case_id == case.id))
    pauses = session.scalars(select(Pause).where(Pause.case_id == case.id).order_by(Pause.from_on))
    team = session.scalar(select(Team.name).where(Team.id == case.team_id)) if case.team_id else None
    columns = [c.name for c in Child.__table__.columns if c.name != "case_id"]
    return AsItStood(
        stage=case.state,
        since=case.state_since,
        closed=case.closed,
        merged_into=case.merged_into,
        team=team,
        colour=case.colour,
        child={name: getattr(child, name) for name in columns},
        position={
            "position": case.latest_position,
            "on": case.position_on,
            "next_step": case.next_step,
            "who": case.next_step_who,
            "by_when": case.next_step_by,
        },
        money={"position": case.finance_position, "agreement_ref": case.agreement_ref},
        people=[
            {"role": a.role, "person": a.person_id, "from": a.from_on, "until": a.until_on} for a in held
        ],
        contacts=[
            {
                "name": c.name,
                "kind": c.kind,
                "relationship": c.relationship,
                "address": c.address,
                "protected": c.protected,
                "needs": c.needs,
                "from": c.from_on,
                "until": c.until_on,
            }
            for c in contacts
        ],
        pauses=[
            {"reason": p.reason, "from": p.from_on, "expected": p.expected_on, "until": p.until_on} for p in pauses
        ],
        milestones=[
            {
                "step": m.name,
                "planned": m.baseline_on,
                "forecast": m.forecast_on,
                "done": m.done_on,
                "reason": m.slip_reason,
                "owner": m.owner,
            }
            for m in milestones_of(session, case.id)
        ],
    )


def _milestones(told: AsItStood) -> tuple[dict[str, Any], ...]:
    return tuple(
        {
            "step": m["step"],
            "planned": m["planned"],
            "forecast": m["forecast"],
            "done": m["done"],
            "slip_days": ((m["done"] or m["forecast"]) - m["planned"]).days,
            "reason": m["reason"],
            "owner": m["owner"],
        }
        for m in told.milestones
    )


#: The fields of records that name another case.
NAMES_A_CASE = ("sibling", "into", "to_case")
A_HIDDEN_CASE = "a case that is not open to you"
PROTECTED = "protected"


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


def _chronology(look: _Look, entries: Sequence[Entry], reads: frozenset[Data]) -> tuple[Line, ...]:
    more = {row.id: row for row in events_of(look.session, look.case.id)}
    stands = {e.id for e in live(entries)}
    corrected = {e.about for e in entries if e.trigger == "correct"}
    answers = _answers(look, {e.id for e in entries})
    handles = look.handles
    kinds = {e.id: e.kind for e in entries}
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
            on_behalf_of=handles.get(more[e.id].on_behalf_of) if more[e.id].on_behalf_of else None,
            role=e.role,
            confirmation=answers.get(e.id, "own"),
            standing=_standing(e, stands, corrected),
            record=_readable(e, kinds.get(e.about or "", e.kind), look, reads),
            reason=more[e.id].late_reason,
            evidence=more[e.id].evidence,
        )
        for e in entries
    )


def _readable(entry: Entry, kind: str, look: _Look, reads: frozenset[Data]) -> dict[str, Any]:
    """The fields of a record that this reader's posts read (rules 11.1); what puts a record right counts as that one.

    `kind`: of the entry it is about, where it is about one.
    """
    if data_of(kind) not in reads or data_of(entry.kind) not in reads:
        return {}
    return {
        name: _shown(name, value, look.hidden)
        for name, value in entry.data.items()
        if data_of_field(name, entry.kind) in reads
    }


def _answers(look: _Look, known: set[str]) -> dict[str, str]:
    """Whether each decision was confirmed, as far as that was known: an answer that came later is none yet."""
    return {
        one.id: "waiting" if look.past and one.answered_by_event not in (None, *known) else one.confirmation
        for one in events_of(look.session, look.case.id)
        if one.confirmation is not None
    }


def _standing(entry: Entry, stands: set[str], corrected: set[str | None]) -> str:
    if entry.id not in stands and entry.trigger not in VOIDING:
        return "taken back"
    return "corrected" if entry.id in corrected else "stands"


def _shown(name: str, value: Any, hidden: frozenset[str]) -> Any:
    """A field of a record as the chronology shows it: no hidden case, and no protected address (PT-20)."""
    if name in NAMES_A_CASE and value in hidden:
        return A_HIDDEN_CASE
    if isinstance(value, list):
        return [
            {**row, "address": PROTECTED} if isinstance(row, dict) and row.get("protected") else row for row in value
        ]
    return value
