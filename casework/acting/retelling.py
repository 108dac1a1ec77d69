"""A case's history told again: the facts as they stood at each entry, and what each did to deadlines.

Taking back, correcting and moving an entry change the past. What followed from it is worked out anew from the
history that counts, with what is known today, under the policy that judged each entry then (reliability R28).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import policies
from casework.acting import deadlines, loading
from casework.who.access import Powers, powers
from persistence.tables import Case, Child, Event
from states import engine
from states.facts import Entry, Facts, live
from states.guards.envelope import after_the_step_before
from states.processes import PROCESSES, rows_for, state_named
from states.records import base
from states.vocabulary import State, Transition, Unmet


@dataclass(frozen=True, slots=True, kw_only=True)
class Retelling:
    """The history that counts of one case, ready to be told again."""

    session: Session
    case: Case
    child: Child
    entries: tuple[Entry, ...]
    events: dict[str, Event]
    _powers: dict[tuple[str, date], Powers] = field(default_factory=dict)

    def facts_at(
        self,
        entry: Entry,
        record: base.Record,
        *,
        on: date | None = None,
        decided_by: str | None = None,
        acting_for: str | None = None,
    ) -> Facts:
        """The facts as they stood just before an entry, with everything before it as it is known now.

        `on` and `decided_by` look at the entry as if it had happened on another day, or been another's.
        """
        event = self.events[entry.id]
        before = tuple(e for e in self.entries if e.seq < entry.seq)
        day = on or entry.happened_on
        decider = self._powers_of(decided_by or entry.decided_by, day)
        recorder = self._powers_of(decided_by or entry.recorded_by, day)
        return loading.facts_for(
            self.session,
            head=replace(loading.head_of(self.case, self.child), state=entry.from_state),
            whole=before,
            record=record,
            on=day,
            today=event.recorded_on,
            decided_by=decider.person_id,
            recorded_by=recorder.person_id,
            policy=policies.by_hash(self.session, event.policy_sha256),
            case_id=self.case.id,
            child_case_id=self.case.child_case_id,
            services=decider.services,
            roles=decider.roles,
            posts=decider.posts,
            recorders_roles=recorder.roles,
            acting_for=acting_for if decided_by else event.on_behalf_of,
            late_reason=event.late_reason or "recorded",
        )

    def facts_of(self, entry: Entry) -> Facts:
        """The facts as they stood at an entry, with what it says itself."""
        row = row_of(entry)
        assert row is not None, "only entries whose step is part of the process are asked about"
        return self.facts_at(entry, row.record.model_validate(entry.data))

    def unmet_from(self, target: Entry) -> list[tuple[str, Unmet]]:
        """The conditions that an entry and the decisions after it do not meet, entry by entry."""
        found: list[tuple[str, Unmet]] = []
        for entry in self.entries:
            if entry.seq < target.seq or (entry.nature != "decision" and entry.id != target.id):
                continue
            row = row_of(entry)
            if row is None:
                continue
            facts = self.facts_of(entry)
            unmet = list(engine.replay(PROCESSES[self.case.process], entry.trigger, facts))
            if entry.nature == "decision" and (early := after_the_step_before(facts)) is not None:
                unmet.append(early)
            found.extend((entry.id, one) for one in unmet)
        return found

    def steps(self) -> list[deadlines.Step]:
        """What each entry does to deadlines, in order, in the state that the case was in by what counts now."""
        return [step for step, _ in self.told()]

    def told(self) -> list[tuple[deadlines.Step, Facts | None]]:
        """Each step with the facts it was judged by, where it does more than move the case on."""
        told: list[tuple[deadlines.Step, Facts | None]] = []
        state: State | None = None
        listed: str | None = None
        for entry in self.entries:
            if entry.moved or state is None:
                state = state_named(entry.to_state)
            row = row_of(entry)
            if row is None:
                continue
            if entry.trigger == "list_for_group":
                listed = entry.id
            reopens = listed if entry.trigger == "take_off_agenda" else None
            told.append(self._step(entry, row, state, reopens))
        return told

    def _step(
        self, entry: Entry, row: Transition, state: State, reopens: str | None
    ) -> tuple[deadlines.Step, Facts | None]:
        if not (row.opens or row.meets or row.meets_if or row.ends):  # it can only move on
            on = entry.happened_on
            return deadlines.Step(event_id=entry.id, on=on, to_state=state, reopens=reopens), None
        facts = self.facts_of(entry)
        return deadlines.step_of(row, facts, event_id=entry.id, to_state=state, reopens=reopens), facts

    def _powers_of(self, person_id: str, on: date) -> Powers:
        if (person_id, on) not in self._powers:
            self._powers[person_id, on] = powers(self.session, person_id, self.case, on)
        return self._powers[person_id, on]


def retelling(session: Session, case: Case, child: Child, entries: Sequence[Entry] | None = None) -> Retelling:
    """The history of a case that counts, as it stands now; `entries` where it has been read before."""
    if entries is None:
        session.flush()
        entries = live(loading.load_entries(session, case.id))
    events = {event.id: event for event in session.scalars(select(Event).where(Event.case_id == case.id))}
    return Retelling(session=session, case=case, child=child, entries=tuple(entries), events=events)


def row_of(entry: Entry) -> Transition | None:
    """The row of the process by which an entry was made; None where the process has it no more."""
    state = state_named(entry.from_state) if entry.from_state else None
    rows = [row for row in rows_for(entry.trigger, state) if row.record.kind == entry.kind]
    reached = [row for row in rows if getattr(row.to, "name", None) == entry.to_state]
    return next(iter([*reached, *rows]), None)
