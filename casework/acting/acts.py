"""The one way a case moves: an act, in one transaction that the entry point opens and commits (design 5.1).

Lock the case · idempotency, version, access · record, roles and guards · state and version · chained event ·
deadlines · outbox and follow-up. Either all of it is there afterwards or none of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from casework.acting import correcting, deadlines, effects, funding_effects, joining, keeping, writing
from casework.acting.commands import Actor, Command, Opened, Result
from casework.acting.filing import OPENING, beyond_the_guards, filed_record, flag_hidden_twins
from casework.acting.preparing import Prepared, facts_of, prepare
from casework.delivery.telling import tell_of_step
from casework.errors import CaseworkError, KeyReused, NotFound, Refused, Unusable
from casework.following.status import Status as FollowUpStatus
from casework.straight import change, outside, put, table_of
from casework.who.access import powers
from persistence.tables import (
    Case,
    Child,
    Confirmation,
    Deadline,
    Event,
    Flag,
    FollowUp,
    IdempotencyKey,
    new_id,
)
from states import engine
from states.calendar import london_date
from states.facts import Facts
from states.pathway import PATHWAY
from states.plain_text import fault_of_name
from states.processes import PROCESSES, state_named
from states.records.keeping import Correction
from states.vocabulary import Nature, Process, Role, Transition, Unmet

LONGEST_KEY = 200


def act(session: Session, command: Command, *, by: Actor, now: datetime) -> Result:
    """Do one act. The caller's unit of work keeps it or drops it whole.

    Raises NotFound (no such case, or not for this person), Conflict (stale version), KeyReused, Refused with
    every reason, Unusable (a person, meeting or case that does not exist).
    """
    if command.key is None:
        return _act(session, command, by=by, now=now)
    if fault := fault_of_name(command.key, longest=LONGEST_KEY):
        raise Unusable(f"The key {fault}.")
    stored = _claim(session, command, command.key, by, now)
    if stored is not None:
        return stored
    try:
        result = _act(session, command, by=by, now=now)
    except CaseworkError:
        _answer(session, by, command.key, None)
        raise
    _answer(session, by, command.key, result)
    return result


def _act(session: Session, command: Command, *, by: Actor, now: datetime) -> Result:
    prepared = prepare(session, command, by=by, now=now)
    result = _carry_out(session, prepared, by=by, now=now)
    session.flush()
    return result


def _claim(session: Session, command: Command, key: str, by: Actor, now: datetime) -> Result | None:
    """Take the key for this act, or answer what came of it before (reliability R7).

    Whoever comes second waits here until the first is through. Somebody whose account was closed since gets
    no answer (R23).
    """
    claim = {"actor_id": by.person_id, "key": key, "body_hash": command.body_hash(), "result": {}, "at": now}
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    taken = session.execute(
        insert(IdempotencyKey).values(claim).on_conflict_do_nothing().returning(IdempotencyKey.key)
    )
    if taken.one_or_none() is not None:
        return None
    there = session.get_one(IdempotencyKey, (by.person_id, key), populate_existing=True)
    if there.body_hash != claim["body_hash"]:
        raise KeyReused(f"The key {key!r} was used before, for something else.")
    if not powers(session, by.person_id, None, london_date(now)).enabled:
        raise NotFound("case", command.ref or "")
    return Result.from_json(there.result)


def _answer(session: Session, by: Actor, key: str, result: Result | None) -> None:
    """Keep what came of the act under its key; a refused one leaves the key free."""
    own = (IdempotencyKey.actor_id == by.person_id, IdempotencyKey.key == key)
    if result is None:
        session.execute(delete(IdempotencyKey).where(*own))
    else:
        session.execute(update(IdempotencyKey).where(*own).values(result=result.as_json()))


def _carry_out(session: Session, prepared: Prepared, *, by: Actor, now: datetime) -> Result:
    command = prepared.command
    record = filed_record(session, prepared)
    facts = facts_of(session, prepared, record)
    reasons = beyond_the_guards(session, prepared, record)
    reasons = (*reasons, *joining.not_by_this_channel(session, prepared, record, by))
    if isinstance(record, Correction):
        reasons = (*reasons, *correcting.reasons_against(session, prepared, facts, record))
    try:
        fired = engine.fire(prepared.process, command.trigger, facts, prepared.permission)
    except engine.NotPermitted as refused:
        more = () if refused.by_whom else reasons  # the wrong person learns who may, not more (rules 0.3)
        raise Refused(command.trigger, (*refused.unmet, *more)) from None
    if reasons:
        raise Refused(command.trigger, reasons)

    event_id = new_id()
    case, child = prepared.case, prepared.child
    if case is None:
        case, child = _new_case(session, prepared, record, fired.to_state, event_id)
    assert child is not None, "a case begins with its child, a request belongs to one"
    if isinstance(record, Correction):
        filed = correcting.superseding(session, case, facts, record, event_id)
    else:
        filed = writing.record_row(case, record, command, event_id)
    event = writing.event_row(
        prepared, case, fired, event_id=event_id, record=record, filed=filed, by=by, now=now
    )
    put(session, event)
    put(session, filed)
    opened = deadlines.write(
        session, case, fired.row, facts, event_id=event.id, to_state=state_named(fired.to_state)
    )
    funding_effects.keep_signature(session, case, event, facts, now=now)
    _move_on(session, case, event)
    entry = writing.entry_of(event, filed, prepared.today)
    flags = write_flags(session, case, event, facts, fired)
    if command.trigger in keeping.STRAIGHTENS:
        keeping.STRAIGHTENS[command.trigger](
            keeping.Straightening(
                session=session,
                case=case,
                child=child,
                entry=entry,
                record=record,
                facts=facts,
                by=by,
                now=now,
                act=act,
            )
        )
    else:
        effects.apply(session, case, child, entry, now=now)
    if command.trigger in effects.MOVES_CLOCKS:
        session.flush()
        deadlines.recompute_pauses(session, case, facts.calendar)
        opened = deadlines.as_they_stand(session, opened)
    if command.trigger == "take_off_agenda":
        _reopen_return(session, case, facts)
    if command.trigger in OPENING:
        flag_hidden_twins(session, prepared, record, case, event.id)
    unconfirmed = _ask_to_confirm(session, case, event, fired.row)
    session.flush()
    joining.tell_the_children(session, case, event, record, by=by, now=now, act=act)
    follow_up_id: str | None = None
    notices: list[str] = []
    if not command.quiet:
        first = command.trigger not in keeping.STRAIGHTENS  # which tell whoever was told before
        follow_up_id, notices = _follow_through(
            session, case, fired, facts, event, opened, now=now, first=first
        )
    return Result(
        ref=case.ref,
        trigger=command.trigger,
        from_state=fired.from_state,
        to_state=fired.to_state,
        event=event.id,
        version=case.version,
        deadlines=tuple(Opened(name=d.name, due=d.due_on, basis=d.basis) for d in opened),
        notices=tuple(notices),
        flags=flags,
        unconfirmed=unconfirmed,
        follow_up=follow_up_id,
    )


# -- writing it down --------------------------------------------------------------------------------------


def _new_case(
    session: Session, prepared: Prepared, record: Any, state: str, event_id: str
) -> tuple[Case, Child]:
    if prepared.child is not None:
        of_child = session.get_one(Case, prepared.child.case_id)
        case = writing.request_row(of_child, state, event_id, prepared.command)
        session.add(case)
        session.flush()
        return case, prepared.child
    case = writing.case_row(record, state, event_id, prepared.command)
    session.add(case)
    session.flush()
    child = Child(case_id=case.id, council_id=record.council_id, unknown=[])
    session.add(child)
    return case, child


def _move_on(session: Session, case: Case, event: Event) -> None:
    """Write what every event changes in the case row; what else the act changes there waits for the flush."""
    after = writing.move_on(case, event)
    change(session, _MOVE_ON, [{"case": case.id, **{f"new_{name}": value for name, value in after.items()}}])
    for name, value in after.items():
        set_committed_value(case, name, value)


_MOVE_ON = (
    update(table_of(Case))
    .where(table_of(Case).c.id == bindparam("case"))
    .values({name: bindparam(f"new_{name}") for name in writing.MOVES_ON})
)


def write_flags(
    session: Session, case: Case, event: Event, facts: Facts, fired: engine.Fired
) -> tuple[Unmet, ...]:
    """What a fact did not meet becomes an urgent flag for a named post (practice PR-1).

    What a decision was cautioned about is flagged too, without urgency; a caution on an act is only said.
    """
    for unmet in fired.flags if fired.row.nature is not Nature.ACT else ():
        session.add(
            Flag(
                id=new_id(),
                case_id=case.id,
                event_id=event.id,
                about_event=event.id,
                kind="fact out of order" if fired.row.nature is Nature.FACT else "worth a look",
                rule=unmet.rule,
                words=unmet.reason,
                owner=Role.TEAM_MANAGER.value,
                urgent=fired.row.nature is Nature.FACT,
                raised_on=facts.today,
            )
        )
    return fired.flags


def _reopen_return(session: Session, case: Case, facts: Facts) -> None:
    """Off the agenda again: the return date that listing had met runs on (design 4.2)."""
    listed = facts.last("list_for_group")
    if listed is not None:
        session.flush()
        deadlines.reopen(session, listed.id)
        deadlines.recompute_pauses(session, case, facts.calendar)


def _ask_to_confirm(session: Session, case: Case, event: Event, row: Transition) -> bool:
    if event.decided_by == event.recorded_by or row.nature is not Nature.DECISION:
        return False
    session.add(
        Confirmation(event_id=event.id, case_id=case.id, decider_id=event.decided_by, status="waiting")
    )
    return True


def _follow_through(
    session: Session,
    case: Case,
    fired: engine.Fired,
    facts: Facts,
    event: Event,
    opened: Sequence[Deadline],
    *,
    now: datetime,
    first: bool,
) -> tuple[str | None, list[str]]:
    if not fired.row.flow:
        return None, []
    follow_up = follow_up_of(session, fired, event, now=now, process=PROCESSES[case.process])
    notices = tell_of_step(
        session,
        case,
        fired.row,
        facts,
        event=event,
        follow_up_id=follow_up.id,
        opened=opened,
        now=now,
        first=first,
    )
    return follow_up.id, notices


def follow_up_of(
    session: Session,
    fired: engine.Fired,
    event: Event,
    *,
    now: datetime,
    events: int = 1,
    process: Process = PATHWAY,
) -> FollowUp:
    """One intention an act, or one for all the events of a bulk act (design 2)."""
    about = event.bulk_id or event.id
    if event.bulk_id is not None:
        there = session.scalars(select(FollowUp).where(FollowUp.about == about)).one_or_none()
        if there is not None:
            there.events += events
            return there
    follow_up = outside(
        FollowUp,
        {
            "id": new_id(),
            "about": about,
            "flow": f"{process.name}.{fired.row.trigger}",
            "to_state": fired.to_state,
            "status": FollowUpStatus.WAITING,
            "events": events,
            "attempts": 0,
            "created_at": now,
        },
    )
    put(session, follow_up)
    return follow_up
