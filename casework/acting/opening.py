"""Many children who join the cohort at once: the act `open_case` in bulk, for a file that is taken in (design 5.1).

Each child has the same record, guards, event, deadlines and effects as one opened alone (`casework.acting.acts`):
they are judged by the same engine and written by the same functions. What is asked once instead of a thousand
times is who the importer is, which policy is in force and whom a team's news goes to; and rows are inserted
many at a time. A test opens the same children both ways and compares every row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any

from pydantic import ValidationError
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from casework.acting import deadlines, effects, writing
from casework.acting.acts import follow_up_of
from casework.acting.commands import Actor, Command
from casework.acting.filing import beyond_the_guards, filed_record, flag_hidden_twins
from casework.acting.preparing import Prepared, facts_of, prepare
from casework.delivery.telling import tell_of_step
from casework.errors import Refused
from casework.straight import put, table_of, values_of
from persistence import soonest
from persistence.tables import Case, Child, Deadline, Event, Record, new_id
from states import engine
from states.calendar import london_date
from states.facts import Facts
from states.pathway import PATHWAY
from states.records import base
from states.records.opening import ChildOpened
from states.vocabulary import Unmet

OPEN = "open_case"
_NAMING = (base.Kind.PERSON, base.Kind.MEETING)
#: How many children are judged before their rows are written: memory stays flat.
AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A child whom a rule keeps out, with every reason."""

    council_id: str
    reasons: tuple[Unmet, ...]


@dataclass(slots=True, kw_only=True)
class Joined:
    """What came of it: how many cases were opened, and who was left out."""

    opened: int = 0
    left_out: list[LeftOut] = field(default_factory=list)


def open_many(
    session: Session,
    children: Iterable[Mapping[str, Any]],
    *,
    bulk_id: str,
    by: Actor,
    now: datetime,
    on_progress: Callable[[int], None] | None = None,
) -> Joined:
    """Open a case for each of these records, today, in the caller's unit: one follow-up, one mail a person.

    A child whom a guard refuses is left out and said; the others join. Raises NotFound for somebody who may
    open no case at all.
    """
    command = Command(trigger=OPEN, happened_on=london_date(now), bulk_id=bulk_id)
    opening = _Opening(session, prepare(session, command, by=by, now=now), by, now)
    there = iter(children)
    while some := list(islice(there, AT_ONCE)):
        opening.take(some)
        if on_progress is not None:
            on_progress(opening.joined.opened + len(opening.joined.left_out))
    opening.follow_through()
    return opening.joined


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """A child whom nothing keeps out, not yet written down."""

    prepared: Prepared
    record: ChildOpened
    facts: Facts
    fired: engine.Fired
    twin: bool  # the child has another open case, which this person may not know of


@dataclass(frozen=True, slots=True, kw_only=True)
class _First:
    """The first child of a team: its news is the team's."""

    case: Case
    event: Event
    facts: Facts
    fired: engine.Fired
    opened: Sequence[Deadline]


class _Opening:
    """One bulk act under way."""

    def __init__(self, session: Session, prepared: Prepared, by: Actor, now: datetime) -> None:
        if any(seen.kind in _NAMING for seen in ChildOpened.fields()):
            raise TypeError("a record that names people or meetings is filed one at a time (casework.acting.filing)")
        self.session, self.prepared, self.by, self.now = session, prepared, by, now
        # A record that names nobody adds nothing to the facts but itself.
        self._facts = facts_of(session, prepared, None)
        self.joined = Joined()
        self._first: dict[str | None, _First] = {}

    def take(self, some: Sequence[Mapping[str, Any]]) -> None:
        """Judge and write a batch."""
        known = self._have_open_cases(some)
        judged: list[_Judged] = []
        for data in some:
            council_id = str(data.get("council_id"))
            if council_id in known and judged:
                self._write(judged)  # the same child twice: the second is judged by what is there by then
                judged = []
            try:
                judged.append(self._judge(data, known=council_id in known))
                known.add(council_id)
            except Refused as refused:
                self.joined.left_out.append(LeftOut(council_id=council_id, reasons=refused.reasons))
        self._write(judged)

    def _have_open_cases(self, some: Sequence[Mapping[str, Any]]) -> set[str]:
        ids = [str(data.get("council_id")) for data in some]
        query = select(Child.council_id).join(Case, Case.id == Child.case_id)
        return set(self.session.scalars(query.where(Child.council_id.in_(ids), Case.closed.is_(False))))

    def _judge(self, data: Mapping[str, Any], *, known: bool) -> _Judged:
        """Raises Refused with every reason, as `acts.act` does. `known`: there is an open case of this child."""
        prepared = replace(self.prepared, command=replace(self.prepared.command, record=data))
        try:
            record = ChildOpened.model_validate(dict(data))
        except ValidationError:
            filed_record(self.session, prepared)  # says all that is missing, guards included
            raise
        facts = replace(self._facts, given=record)
        look = known or record.source == "typed"  # else there is nothing beyond the guards to look at
        reasons = beyond_the_guards(self.session, prepared, record) if look else ()
        try:
            fired = engine.fire(PATHWAY, OPEN, facts, prepared.permission)
        except engine.NotPermitted as refused:
            more = () if refused.by_whom else reasons
            raise Refused(OPEN, (*refused.unmet, *more)) from None
        if reasons:
            raise Refused(OPEN, reasons)
        return _Judged(prepared=prepared, record=record, facts=facts, fired=fired, twin=known)

    def _write(self, judged: Sequence[_Judged]) -> None:
        if not judged:
            return
        cases = self._cases(judged)
        children: list[Child] = []
        events: list[Event] = []
        records: list[Record] = []
        opened: list[Deadline] = []
        for one, case in zip(judged, cases, strict=True):
            event_id = case.state_event_id
            child = Child(case_id=case.id, council_id=one.record.council_id, unknown=[])
            filed = writing.record_row(case, one.record, one.prepared.command, event_id)
            event = writing.event_row(
                one.prepared,
                case,
                one.fired,
                event_id=event_id,
                record=one.record,
                filed=filed,
                by=self.by,
                now=self.now,
            )
            for name, value in writing.move_on(case, event).items():
                setattr(case, name, value)
            due = deadlines.rows_of(
                case.id,
                deadlines.openings(one.fired.row, one.facts),
                one.facts,
                event_id=event_id,
                to_state=PATHWAY.states[one.fired.to_state],
            )
            entry = writing.entry_of(event, filed, one.prepared.today)
            effects.apply(self.session, case, child, entry, now=self.now)
            children.append(child)
            events.append(event)
            records.append(filed)
            opened += due
            if case.team_id not in self._first:
                self._first[case.team_id] = _First(
                    case=case, event=event, facts=one.facts, fired=one.fired, opened=due
                )
        for rows in (children, events, records, opened):
            put(self.session, *rows)
        self._update(cases)
        for one, case in zip(judged, cases, strict=True):
            if one.twin:
                flag_hidden_twins(self.session, one.prepared, one.record, case, case.state_event_id)
        self.joined.opened += len(cases)

    def _cases(self, judged: Sequence[_Judged]) -> list[Case]:
        """Their case rows, inserted for the ids that the rest is hashed with."""
        cases = [
            writing.case_row(one.record, one.fired.to_state, new_id(), one.prepared.command) for one in judged
        ]
        without_id = [{k: v for k, v in values_of(case).items() if k != "id"} for case in cases]
        table = table_of(Case)
        ids = self.session.scalars(
            insert(table).returning(table.c.id, sort_by_parameter_order=True), without_id
        )
        for case, case_id in zip(cases, ids, strict=True):
            case.id = case_id
        return cases

    def _update(self, cases: Sequence[Case]) -> None:
        """The case rows as the events and their effects leave them."""
        table = table_of(Case)
        names = {column.name for column in table.c} - _FIXED
        statement = (
            update(table)
            .where(table.c.id == bindparam("case_id"))
            .values({name: bindparam(f"new_{name}") for name in names})
        )
        self.session.connection().execute(
            statement,
            [
                {"case_id": case.id, **{f"new_{k}": v for k, v in values_of(case).items() if k in names}}
                for case in cases
            ],
        )

    def follow_through(self) -> None:
        """One follow-up for all of them, and one message a person: each team's from its first child."""
        follow_up_id: str | None = None
        for first in self._first.values():
            if follow_up_id is None:
                follow_up_id = follow_up_of(
                    self.session, first.fired, first.event, now=self.now, events=self.joined.opened
                ).id
            tell_of_step(
                self.session,
                first.case,
                first.fired.row,
                first.facts,
                event=first.event,
                follow_up_id=follow_up_id,
                opened=first.opened,
                now=self.now,
            )


#: What of a case row never changes, or is kept by the database.
_FIXED = frozenset({"id", "ref", "process", soonest.KEPT})
