"""Keeping the record straight: taking back, correcting, confirming, moving to the right child (design 5.5).

Each of these is an act like any other, with its own event. What it changes beside that is here. Nothing in the
history is ever edited: what no longer counts is voided by a later event, what was wrong is superseded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import acts, deadlines, effects, loading, outbox, policies
from casework.commands import Actor, Command
from casework.errors import NotFound, Refused
from casework.filing import filed_record, with_people
from casework.preparing import facts_of, prepare
from casework.telling import tell_of_reversal
from persistence.audit import record_hash
from persistence.tables import Case, Child, Confirmation, Event, Flag, FollowUp, Record, new_id
from states import engine
from states.facts import Entry, Facts, live
from states.pathway import PATHWAY
from states.records import base
from states.records.keeping import ActMoved, Confirmed, Correction, Disputed, FlagCleared
from states.vocabulary import Role, Transition, Unmet


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a correction would do, before it is done (design 5.5)."""

    changed: tuple[tuple[str, Any, Any], ...]  # field, was, will be
    deadlines: tuple[deadlines.Moved, ...]
    flags: tuple[Unmet, ...]


# -- taking back ------------------------------------------------------------------------------------------------


def take_back(
    session: Session,
    case: Case,
    child: Child,
    entry: Entry,
    record: base.Record,
    facts: Facts,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """The state is back where it was; deadlines, unsent mail and projections follow (design 5.5)."""
    assert entry.about is not None
    _undo(session, case, entry.about, by_event=entry.id, on=facts.on, now=now)
    _rebuild(session, case, child, now=now)
    _state_since(session, case)


def _state_since(session: Session, case: Case) -> None:
    """The case is again in the state it was in, and has been since it came there."""
    before = [e for e in live(loading.load_entries(session, case.id)) if e.moved]
    case.state_since = before[-1].happened_on if before else case.opened_on


def _undo(session: Session, case: Case, target: str, *, by_event: str, on: date, now: datetime) -> None:
    session.flush()
    deadlines.take_back(session, target, by_event=by_event, on=on)
    told = outbox.withdraw(session, target, reason="the step was taken back")
    waiting = session.scalars(select(FollowUp).where(FollowUp.about == target, FollowUp.status == "waiting"))
    follow_up = waiting.one_or_none()
    confirmation = session.get(Confirmation, target)
    if confirmation is not None and confirmation.status == "waiting":
        confirmation.status, confirmation.answered_by_event, confirmation.answered_at = (
            "withdrawn",
            by_event,
            now,
        )
    for flag in session.scalars(select(Flag).where(Flag.event_id == target, Flag.cleared_by_event.is_(None))):
        flag.cleared_by_event, flag.cleared_on = by_event, on
    event = session.get_one(Event, by_event)
    tell_of_reversal(
        session, case, told, event=event, follow_up_id=follow_up.id if follow_up else None, now=now
    )


def _rebuild(session: Session, case: Case, child: Child, *, now: datetime) -> None:
    session.flush()
    entries = live(loading.load_entries(session, case.id))
    effects.rebuild(session, case, child, entries, now=now)
    policy = policies.in_force(session, case.last_event_on)
    from states.calendar import Calendar

    deadlines.recompute_pauses(session, case, Calendar.of(policy.policy))


# -- correcting ---------------------------------------------------------------------------------------------------


def correct(
    session: Session,
    case: Case,
    child: Child,
    entry: Entry,
    record: base.Record,
    facts: Facts,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Put one record right: a new version that supersedes it; the state never moves (rules R-SM-3)."""
    assert isinstance(record, Correction)
    apply_correction(session, case, child, record, facts, by_event=entry.id, now=now)


def apply_correction(
    session: Session,
    case: Case,
    child: Child,
    record: Correction,
    facts: Facts,
    *,
    by_event: str,
    now: datetime,
) -> Preview:
    """Do a correction and say what it changed. Raises Refused when the corrected record is not complete."""
    target = next(e for e in facts.entries if e.id == record.event)
    row, new, on = corrected(session, target, record)
    was = _unmet_later(session, case, facts, facts.entries, target)
    session.flush()
    entries = live(loading.load_entries(session, case.id))
    effects.rebuild(session, case, child, entries, now=now)
    if case.state_event_id == target.id:
        case.state_since = on
    then = _facts_then(session, case, child, entries, target.id, new, on, facts)
    moved = deadlines.reanchor(session, case, row, then, target=target.id, by_event=by_event)
    deadlines.recompute_pauses(session, case, facts.calendar)
    flags = [
        (event_id, unmet)
        for event_id, unmet in _unmet_later(session, case, facts, entries, target)
        if (event_id, unmet.rule) not in {(e, u.rule) for e, u in was}
    ]
    for event_id, unmet in flags:
        session.add(
            Flag(
                id=new_id(),
                case_id=case.id,
                event_id=by_event,
                about_event=event_id,
                kind="no longer holds after a correction",
                rule=unmet.rule,
                words=unmet.reason,
                owner=Role.TEAM_MANAGER.value,
                urgent=False,
                raised_on=facts.today,
            )
        )
    session.flush()
    before, after = dict(target.data), new.content()
    changed = [(k, before.get(k), after.get(k)) for k in after if before.get(k) != after.get(k)]
    if on != target.happened_on:
        changed.append(("happened_on", target.happened_on, on))
    return Preview(changed=tuple(changed), deadlines=tuple(moved), flags=tuple(u for _, u in flags))


def superseding(session: Session, case: Case, facts: Facts, record: Correction, event_id: str) -> Record:
    """The record as it is true, in the place of the wrong one, which stays (reliability A.4)."""
    target = next(e for e in facts.entries if e.id == record.event)
    _, new, on = corrected(session, target, record)
    versions = session.scalars(select(Record).where(Record.for_event == target.id)).all()
    superseded = {version.supersedes for version in versions}
    values: dict[str, Any] = {
        "id": new_id(),
        "case_id": case.id,
        "event_id": event_id,
        "for_event": target.id,
        "kind": new.kind,
        "schema_version": new.schema_version,
        "data": new.content(),
        "happened_on": on,
        "supersedes": next(version.id for version in versions if version.id not in superseded),
    }
    return Record(**values, content_hash=record_hash(values))


def corrected(session: Session, target: Entry, record: Correction) -> tuple[Transition, base.Record, date]:
    """The corrected entry's row, its record as it should be, and its true date."""
    state = PATHWAY.states[target.from_state] if target.from_state else None
    row = next(r for r in PATHWAY.rows_for(target.trigger, state) if r.record.kind == target.kind)
    changes = read_changes(record.changes)
    data, unknown = with_people(session, row.record, {**target.data, **changes})
    try:
        new = row.record.model_validate(data)
    except ValidationError as wrong:
        raise Refused("correct", (*base.unmet_fields(wrong, row.record), *unknown)) from None
    if unknown:
        raise Refused("correct", unknown)
    return row, new, record.happened_on or target.happened_on


def read_changes(changes: str | None) -> Mapping[str, Any]:
    """`field=value` a line, or JSON. Raises Refused for what is neither."""
    if not changes:
        return {}
    if changes.lstrip().startswith("{"):
        try:
            found = json.loads(changes)
        except json.JSONDecodeError as wrong:
            raise Refused(
                "correct", (Unmet("R-SM-3", f"The changes cannot be read: {wrong}", "changes"),)
            ) from None
        assert isinstance(found, dict)
        return found
    pairs: dict[str, Any] = {}
    for line in changes.splitlines():
        if not line.strip():
            continue
        name, equals, value = line.partition("=")
        if not equals:
            raise Refused(
                "correct", (Unmet("R-SM-3", f"{line.strip()!r} is not of the form field=value.", "changes"),)
            )
        pairs[name.strip()] = value.strip() or None
    return pairs


def _unmet_later(
    session: Session, case: Case, facts: Facts, entries: tuple[Entry, ...], target: Entry
) -> list[tuple[str, Unmet]]:
    """The conditions that the corrected step and the steps after it do not meet, step by step."""
    child = session.get_one(Child, case.id)
    found: list[tuple[str, Unmet]] = []
    for entry in entries:
        if entry.seq < target.seq or (entry.nature != "decision" and entry.id != target.id):
            continue
        state = PATHWAY.states[entry.from_state] if entry.from_state else None
        rows = [r for r in PATHWAY.rows_for(entry.trigger, state) if r.record.kind == entry.kind]
        if not rows:
            continue
        record = rows[0].record.model_validate(entry.data)
        then = _facts_then(session, case, child, entries, entry.id, record, entry.happened_on, facts)
        found.extend((entry.id, unmet) for unmet in engine.replay(PATHWAY, entry.trigger, then))
    return found


def _facts_then(
    session: Session,
    case: Case,
    child: Child,
    entries: tuple[Entry, ...],
    event_id: str,
    record: base.Record,
    on: date,
    facts: Facts,
) -> Facts:
    """The facts as they stood just before an entry, with everything before it as it is known now."""
    event = session.get_one(Event, event_id)
    before = tuple(e for e in entries if e.seq < event.seq)
    head = replace(loading.head_of(case, child), state=event.from_state)
    return loading.facts_for(
        session,
        head=head,
        whole=before,
        record=record,
        on=on,
        today=event.recorded_on,
        decided_by=event.decided_by,
        recorded_by=event.recorded_by,
        policy=policies.by_hash(session, event.policy_sha256),
        case_id=case.id,
        services=facts.deciders_services,
        late_reason=event.late_reason or "recorded",
    )


def preview(session: Session, command: Command, *, by: Actor, now: datetime) -> Preview:
    """What a correction would change; nothing is kept. Raises what the act itself would raise."""
    assert command.ref is not None
    spot = session.begin_nested()
    try:
        prepared = prepare(session, command, by=by, now=now)
        if prepared.case is None or prepared.child is None:
            raise NotFound("case", command.ref)
        record = filed_record(session, prepared)
        facts = facts_of(session, prepared, record)
        missing = engine.explain(PATHWAY, command.trigger, facts, prepared.permission)
        if missing:
            raise Refused(command.trigger, missing)
        assert isinstance(record, Correction)
        result = acts.act(session, replace(command, quiet=True, key=None), by=by, now=now)
        flags = session.scalars(select(Flag).where(Flag.event_id == result.event)).all()
        moved = _moved_by(session, result.event)
        target = next(e for e in facts.entries if e.id == record.event)
        _, new, on = corrected(session, target, record)
        after = new.content()
        changed = [(k, target.data.get(k), after[k]) for k in after if target.data.get(k) != after[k]]
        if on != target.happened_on:
            changed.append(("happened_on", target.happened_on, on))
        return Preview(
            changed=tuple(changed),
            deadlines=moved,
            flags=tuple(Unmet(f.rule, f.words) for f in flags),
        )
    finally:
        spot.rollback()


def _moved_by(session: Session, event_id: str) -> tuple[deadlines.Moved, ...]:
    from persistence.tables import Deadline

    moved = []
    for old in session.scalars(select(Deadline).where(Deadline.closed_by_event == event_id)):
        new = session.scalars(
            select(Deadline).where(
                Deadline.opened_by_event == old.opened_by_event,
                Deadline.name == old.name,
                Deadline.id != old.id,
                Deadline.closed_as.is_distinct_from(deadlines.SUPERSEDED),
            )
        ).first()
        moved.append(
            deadlines.Moved(name=old.name, words=old.words, was=old.due_on, now=new.due_on if new else None)
        )
    return tuple(moved)


# -- confirming ---------------------------------------------------------------------------------------------------


def confirm(
    session: Session,
    case: Case,
    child: Child,
    entry: Entry,
    record: base.Record,
    facts: Facts,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """The decision is theirs (practice PR-2)."""
    assert isinstance(record, Confirmed)
    _answer(session, record.event, "confirmed", entry.id, now)


def dispute(
    session: Session,
    case: Case,
    child: Child,
    entry: Entry,
    record: base.Record,
    facts: Facts,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """The decision is not theirs: an urgent flag for the Team Manager (practice PR-2)."""
    assert isinstance(record, Disputed)
    _answer(session, record.event, "disputed", entry.id, now)
    session.add(
        Flag(
            id=new_id(),
            case_id=case.id,
            event_id=entry.id,
            about_event=record.event,
            kind="disputed decision",
            rule="PR-2",
            words=f"The person in whose name this was recorded disputes it: {record.reason}",
            owner=Role.TEAM_MANAGER.value,
            urgent=True,
            raised_on=facts.today,
        )
    )


def _answer(session: Session, event_id: str, status: str, by_event: str, now: datetime) -> None:
    confirmation = session.get_one(Confirmation, event_id)
    confirmation.status, confirmation.answered_by_event, confirmation.answered_at = status, by_event, now


def clear_flag(
    session: Session,
    case: Case,
    child: Child,
    entry: Entry,
    record: base.Record,
    facts: Facts,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Somebody has looked at a flagged step (design 5.5). Raises Refused for a flag that is not open here."""
    assert isinstance(record, FlagCleared)
    flag = session.get(Flag, record.flag)
    if flag is None or flag.case_id != case.id or flag.cleared_by_event is not None:
        raise Refused(
            "clear_flag", (Unmet("design 5.5", "There is no open flag with this id on the case.", "flag"),)
        )
    flag.cleared_by_event, flag.cleared_on = entry.id, facts.on


# -- the right child ------------------------------------------------------------------------------------------------


def move_to_right_child(
    session: Session,
    case: Case,
    child: Child,
    entry: Entry,
    record: base.Record,
    facts: Facts,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """An act entered on the wrong child: void here, with its mails; done on the right one (practice PT-16).

    Where the act had moved the state, this event carries the case back to the state before it.
    """
    assert isinstance(record, ActMoved)
    target = next(e for e in facts.entries if e.id == record.event)
    event = session.get_one(Event, target.id)
    _undo(session, case, target.id, by_event=entry.id, on=facts.on, now=now)
    _rebuild(session, case, child, now=now)
    if target.moved:
        _state_since(session, case)
    acts.act(
        session,
        Command(
            ref=record.to_case,
            trigger=target.trigger,
            happened_on=target.happened_on,
            record=target.data,
            decided_by=event.decided_by,
            evidence=event.evidence,
            late_reason=event.late_reason or f"First entered on another child: {record.reason}",
        ),
        by=by,
        now=now,
    )


Straighten = Callable[..., None]

#: The acts whose effect is on the record itself.
STRAIGHTENS: dict[str, Straighten] = {
    "reverse_last": take_back,
    "correct": correct,
    "confirm_decision": confirm,
    "dispute_decision": dispute,
    "clear_flag": clear_flag,
    "move_act_to_right_child": move_to_right_child,
}
