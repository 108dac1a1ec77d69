"""Invented histories for tests: cases with chained events and records, as an act would leave them."""

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from persistence.audit import event_hash, genesis_hash, record_hash
from persistence.tables import Case, Event, PolicyVersion, Record, new_id

OPENED = date(2026, 3, 2)
#: The policy that judges these histories; what is in it does not matter here.
POLICY_TEXT = "{}"
POLICY_HASH = sha256(POLICY_TEXT.encode()).hexdigest()


def open_case(session: Session, ref: str) -> Case:
    """A case with its first event, judged by a policy that was adopted."""
    if session.get(PolicyVersion, 1) is None:
        adopted_at = datetime(2026, 3, 2, tzinfo=UTC)
        session.add(
            PolicyVersion(
                sequence=1,
                sha256=POLICY_HASH,
                from_on=OPENED,
                content=POLICY_TEXT,
                file_name="a.toml",
                adopted_at=adopted_at,
            )
        )
    case = Case(
        ref=ref,
        process="case",
        state="COHORT",
        version=1,
        state_since=OPENED,
        state_event_id="",
        opened_on=OPENED,
        source="typed",
        last_seq=0,
        last_event_on=OPENED,
        head_hash=genesis_hash(ref),
    )
    session.add(case)
    session.flush()
    add_event(session, case, trigger="open_case")
    return case


def add_event(session: Session, case: Case, *, data: dict[str, Any] | None = None, **given: Any) -> Event:
    """The next event of a case; with `data`, a record filed with it."""
    seq = case.last_seq + 1
    at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC) + timedelta(days=seq, microseconds=seq)
    fields: dict[str, Any] = {
        "id": new_id(),
        "case_id": case.id,
        "seq": seq,
        "trigger": "set_latest_position",
        "nature": "decision",
        "from_state": case.state,
        "to_state": case.state,
        "happened_on": at.date(),
        "recorded_at": at,
        "recorded_on": at.date(),
        "decided_by": "a" * 32,
        "recorded_by": "b" * 32,
        "role": "team_manager",
        "channel": "page",
        "policy_sha256": POLICY_HASH,
        **given,
    }
    record = None
    if data is not None:
        filed = {
            "id": new_id(),
            "case_id": case.id,
            "event_id": fields["id"],
            "for_event": fields["id"],
            "kind": "latest_position",
            "schema_version": 1,
            "data": data,
            "happened_on": fields["happened_on"],
        }
        record = Record(**filed, content_hash=record_hash(filed))
        fields |= {"record_id": record.id, "record_hash": record.content_hash}
    event = Event(**fields, previous_hash=case.head_hash, hash=event_hash(case.head_hash, fields))
    session.add(event)
    session.flush()
    if record is not None:
        session.add(record)
    case.last_seq, case.head_hash = seq, event.hash
    case.state, case.state_event_id, case.last_event_on = event.to_state, event.id, event.happened_on
    session.flush()
    return event
