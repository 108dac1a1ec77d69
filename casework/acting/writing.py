"""The rows that an act leaves: the case, the record, the chained event. Nothing here touches the database.

One act (`acting.acts`) and many children who join at once (`acting.opening`) write the same rows, because
they make them here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from casework.acting.commands import Actor, Command
from casework.acting.preparing import Prepared
from casework.straight import outside
from persistence.audit import event_hash, genesis_hash, record_hash
from persistence.tables import Case, Event, Record, new_id, new_ref
from states import engine
from states.facts import Entry, live
from states.funding import FUNDING
from states.pathway import PATHWAY
from states.records import base
from states.records.keeping import Correction
from states.vocabulary import Anywhere, Transition


def case_row(record: Any, state: str, event_id: str, command: Command) -> Case:
    """A case that begins with this act; its chain begins with its own genesis (design 5.4)."""
    ref = new_ref(PATHWAY.letters)
    return Case(
        ref=ref,
        process=PATHWAY.name,
        state=state,
        version=0,
        state_since=command.happened_on,
        state_event_id=event_id,
        opened_on=command.happened_on,
        source=record.source,
        last_seq=0,
        last_event_on=command.happened_on,
        head_hash=genesis_hash(ref),
        closed=False,
        restricted=False,
        candidate=False,
    )


def request_row(of_child: Case, state: str, event_id: str, command: Command) -> Case:
    """A funding request that begins with this act: a reference and a chain of its own, its child's team and doors."""
    ref = new_ref(FUNDING.letters)
    return Case(
        ref=ref,
        process=FUNDING.name,
        child_case_id=of_child.id,
        state=state,
        version=0,
        state_since=command.happened_on,
        state_event_id=event_id,
        opened_on=command.happened_on,
        source="typed",
        team_id=of_child.team_id,
        last_seq=0,
        last_event_on=command.happened_on,
        head_hash=genesis_hash(ref),
        closed=False,
        restricted=of_child.restricted,
        candidate=False,
    )


def record_row(case: Case, record: base.Record, command: Command, event_id: str) -> Record:
    """What was written down with an act, with its hash."""
    values: dict[str, Any] = {
        "id": new_id(),
        "case_id": case.id,
        "event_id": event_id,
        "for_event": event_id,
        "kind": record.kind,
        "schema_version": record.schema_version,
        "data": record.content(),
        "happened_on": command.happened_on,
    }
    return outside(Record, {**values, "content_hash": record_hash(values)})


def event_row(
    prepared: Prepared,
    case: Case,
    fired: engine.Fired,
    *,
    event_id: str,
    record: base.Record,
    filed: Record,
    by: Actor,
    now: datetime,
) -> Event:
    """The event that follows the case's last one in its chain, and vouches for the record filed with it."""
    command = prepared.command
    role = prepared.permission.role_used(fired.row)
    values: dict[str, Any] = {
        "id": event_id,
        "case_id": case.id,
        "seq": case.last_seq + 1,
        "trigger": command.trigger,
        "nature": fired.row.nature.value,
        "from_state": fired.from_state,
        "to_state": fired.to_state,
        "happened_on": command.happened_on,
        "recorded_at": now,
        "recorded_on": prepared.today,
        "decided_by": prepared.decider.person_id,
        "recorded_by": by.person_id,
        "on_behalf_of": prepared.decider.behalf.get(role),
        "role": role.value,
        "channel": by.channel,
        "os_user": by.os_user,
        "late_reason": record.reason if isinstance(record, Correction) else command.late_reason,
        "evidence": command.evidence,
        "record_id": filed.id,
        "record_hash": filed.content_hash,
        "policy_sha256": prepared.policy.sha256,
        "bulk_id": command.bulk_id,
        "about_event": _about(fired.row, record, prepared.whole),
        "previous_hash": case.head_hash,
    }
    return outside(Event, {**values, "hash": event_hash(case.head_hash, values)})


#: The columns of the case row that every event changes.
MOVES_ON = ("version", "last_seq", "head_hash", "last_event_on", "state", "state_since", "state_event_id")


def move_on(case: Case, event: Event) -> dict[str, Any]:
    """The columns of the case row after an event: version, head of its chain, and the state where that changed."""
    moved = event.from_state != event.to_state
    return {
        "version": case.version + 1,
        "last_seq": event.seq,
        "head_hash": event.hash,
        "last_event_on": max(case.last_event_on, event.happened_on),
        "state": event.to_state,
        "state_since": event.happened_on if moved else case.state_since,
        "state_event_id": event.id if moved else case.state_event_id,
    }


def entry_of(event: Event, filed: Record, today: date) -> Entry:
    """The event as the history reads it. A correction has no content of its own."""
    own = filed.for_event == event.id
    return Entry(
        id=event.id,
        seq=event.seq,
        trigger=event.trigger,
        nature=event.nature,
        from_state=event.from_state,
        to_state=event.to_state,
        happened_on=event.happened_on,
        recorded_on=today,
        decided_by=event.decided_by,
        recorded_by=event.recorded_by,
        role=event.role,
        confirmed=event.decided_by == event.recorded_by,
        kind=filed.kind if own else "",
        data=filed.data if own else {},
        about=event.about_event,
    )


def _about(row: Transition, record: base.Record, whole: Sequence[Entry]) -> str | None:
    if row.to is Anywhere.BACK:
        moves = [e for e in live(whole) if e.moved]
        return moves[-1].id if moves else None
    return getattr(record, "event", None)
