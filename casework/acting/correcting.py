"""Putting one record right (design 5.5, rules R-SM-3): what stands against it, and what follows from it.

The wrong record stays, superseded. The state never moves. Deadlines anchored on the record are worked out anew,
later decisions whose conditions no longer hold are flagged for a named person, and whoever decided is told, and may
dispute what now stands in their name (practice PR-2).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acting import deadlines, effects
from casework.acting.filing import references, with_people
from casework.acting.preparing import Prepared
from casework.acting.retelling import Retelling, retelling, row_of
from casework.delivery import outbox
from casework.errors import Refused
from persistence.audit import record_hash
from persistence.tables import Case, Child, Confirmation, Flag, Record, new_id
from states import notices
from states.facts import Entry, Facts
from states.guards.assessment import not_the_author
from states.guards.group import service_speaks_for_itself
from states.records import base
from states.records.keeping import Correction
from states.vocabulary import Party, Role, Transition, Unmet

RULE = "R-SM-3"
NO_LONGER_HOLDS = "no longer holds after a correction"
#: Conditions on the person who decides: they bind whoever corrects the decision too (design 5.8).
ON_THE_PERSON = (not_the_author, service_speaks_for_itself)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """An entry as it should have been: its row, its record, its true date."""

    target: Entry
    row: Transition
    record: base.Record
    on: date


def corrected(session: Session, target: Entry, record: Correction, *, today: date) -> Corrected:
    """The corrected entry. Raises Refused with everything that is wrong with it."""
    row = row_of(target)
    if row is None:
        raise Refused(
            "correct", (Unmet(RULE, "The step by which this was entered is no longer part of the process.", "event"),)
        )
    content = {**target.data, **read_changes(record.changes)}
    given = {name: value for name, value in content.items() if value is not None}  # an emptied field is missing
    data, unknown = with_people(session, row.record, given)
    on = record.happened_on or target.happened_on
    wrong: list[Unmet] = list(unknown)
    if on > today:
        wrong.append(Unmet(RULE, f"It cannot have happened on {on}: that day is still to come.", "happened_on"))
    try:
        new = row.record.model_validate(data)
    except ValidationError as invalid:
        raise Refused("correct", (*base.unmet_fields(invalid, row.record), *wrong)) from None
    wrong.extend(new.missing_on(on))
    if not wrong and on == target.happened_on and new.content() == dict(target.data):
        wrong.append(Unmet(RULE, "This changes nothing: the record already says so.", "changes"))
    if wrong:
        raise Refused("correct", wrong)
    return Corrected(target=target, row=row, record=new, on=on)


def reasons_against(session: Session, prepared: Prepared, facts: Facts, record: Correction) -> tuple[Unmet, ...]:
    """What stands against a correction, beside the conditions in its own row: everything at once."""
    target = next((e for e in facts.entries if e.id == record.event), None)
    if target is None or prepared.case is None or prepared.child is None:
        return ()  # its row's own condition says so
    try:
        right = corrected(session, target, record, today=prepared.today)
    except Refused as refused:
        return refused.reasons
    told = retelling(session, prepared.case, prepared.child, facts.entries)
    return (
        *_leads_elsewhere(told, right),
        *_not_by_this_person(told, right, facts),
        *_keeps_its_author(right, facts),
        *references(session, prepared, right.record, target.trigger, now_names=_newly_named(right)),
    )


def _leads_elsewhere(told: Retelling, right: Corrected) -> tuple[Unmet, ...]:
    """A correction never moves the state: another stage, or another way to withdraw, is another step."""
    if right.row.when is None or right.row.when(told.facts_at(right.target, right.record, on=right.on)):
        return ()
    return (
        Unmet(
            RULE,
            "With this change the step would have led to another state. A correction never moves a case: take the "
            "step back (reverse_last) and do the right one.",
            "changes",
        ),
    )


def _not_by_this_person(told: Retelling, right: Corrected, facts: Facts) -> tuple[Unmet, ...]:
    """Who may not decide it may not rewrite it either (design 5.8)."""
    theirs = told.facts_at(
        right.target, right.record, on=right.on, decided_by=facts.decided_by, acting_for=facts.acting_for
    )
    found = (guard(theirs) for guard in ON_THE_PERSON if guard in right.row.guards)
    return tuple(unmet for unmet in found if unmet is not None)


def _keeps_its_author(right: Corrected, facts: Facts) -> tuple[Unmet, ...]:
    """Who wrote what a request rests on does not decide it, whatever a correction says (rules R-FIN-6)."""
    was = right.target.data.get("author")
    if facts.child is None or was is None or getattr(right.record, "author", None) == was:
        return ()
    words = f"Who wrote it is not corrected, for they may not decide it: let it be written again ({right.row.trigger})."
    return (Unmet("R-FIN-6", words, "changes"),)


def _newly_named(right: Corrected) -> frozenset[str]:
    """The fields in which the corrected record says something else than before."""
    was = right.target.data
    return frozenset(name for name, value in right.record.content().items() if was.get(name) != value)


def superseding(session: Session, case: Case, facts: Facts, record: Correction, event_id: str) -> Record:
    """The record as it is true, in the place of the wrong one, which stays (reliability A.4)."""
    target = next(e for e in facts.entries if e.id == record.event)
    right = corrected(session, target, record, today=facts.today)
    versions = session.scalars(select(Record).where(Record.for_event == target.id)).all()
    superseded = {version.supersedes for version in versions}
    values: dict[str, Any] = {
        "id": new_id(),
        "case_id": case.id,
        "event_id": event_id,
        "for_event": target.id,
        "kind": right.record.kind,
        "schema_version": right.record.schema_version,
        "data": right.record.content(),
        "happened_on": right.on,
        "supersedes": next(version.id for version in versions if version.id not in superseded),
    }
    return Record(**values, content_hash=record_hash(values))


def apply_correction(
    session: Session,
    case: Case,
    child: Child,
    record: Correction,
    facts: Facts,
    *,
    by_event: str,
    now: datetime,
) -> None:
    """Let a correction, whose record is filed, take effect on everything that follows from the record."""
    target = next(e for e in facts.entries if e.id == record.event)
    was = {(event, unmet.rule) for event, unmet in retelling(session, case, child, facts.entries).unmet_from(target)}
    told = retelling(session, case, child)
    effects.rebuild(session, case, child, told.entries, now=now)
    moves = [entry for entry in told.entries if entry.moved]
    if moves:
        case.state_since = moves[-1].happened_on
    _deadlines(told, target.id, facts, by_event=by_event)
    unmet = told.unmet_from(next(e for e in told.entries if e.id == target.id))
    _flags(session, case, facts, was, unmet, by_event=by_event)
    _ask_the_decider(session, case, target, facts, by_event=by_event, now=now)
    session.flush()


def _deadlines(told: Retelling, target: str, facts: Facts, *, by_event: str) -> None:
    steps = told.steps()
    step = next((one for one in steps if one.event_id == target), None)
    entry = next(e for e in told.entries if e.id == target)
    if step is None:
        return
    deadlines.reanchor(told.session, told.case, told.facts_of(entry), step, by_event=by_event, on=facts.on)
    corrections = {event.id for event in told.events.values() if event.trigger == "correct"}
    deadlines.refold(told.session, told.case, steps, changed={target}, corrections=corrections)
    deadlines.recompute_pauses(told.session, told.case, facts.calendar)


def _flags(
    session: Session,
    case: Case,
    facts: Facts,
    was: set[tuple[str, str]],
    unmet: list[tuple[str, Unmet]],
    *,
    by_event: str,
) -> None:
    """Flag what held before and does not hold now, once; clear the flag of what holds again."""
    still = {(event, one.rule) for event, one in unmet}
    open_ones = select(Flag).where(
        Flag.case_id == case.id, Flag.kind == NO_LONGER_HOLDS, Flag.cleared_by_event.is_(None)
    )
    for flag in session.scalars(open_ones):
        if (flag.about_event, flag.rule) not in still:
            flag.cleared_by_event, flag.cleared_on = by_event, facts.today
    for event, one in unmet:
        if (event, one.rule) not in was:
            session.add(
                Flag(
                    id=new_id(),
                    case_id=case.id,
                    event_id=by_event,
                    about_event=event,
                    kind=NO_LONGER_HOLDS,
                    rule=one.rule,
                    words=one.reason,
                    owner=Role.TEAM_MANAGER.value,
                    urgent=False,
                    raised_on=facts.today,
                )
            )


def _ask_the_decider(
    session: Session, case: Case, target: Entry, facts: Facts, *, by_event: str, now: datetime
) -> None:
    """Whoever decided is told when somebody else puts it right, and may confirm or dispute it (PR-2).

    What was confirmed stays so meanwhile; what was disputed waits again, for it says something else now.
    """
    if target.nature != "decision" or target.decided_by in (facts.decided_by, facts.recorded_by):
        return
    asked = session.get(Confirmation, target.id)
    if asked is not None and asked.status == "disputed":
        asked.status, asked.answered_by_event, asked.answered_at = "waiting", None, None
    outbox.queue(
        session,
        occasion=f"event:{by_event}",
        event_id=target.id,
        case_id=case.id,
        recipients=[(target.decided_by, Party.DECIDER.value, notices.DECISION_TO_CONFIRM)],
        now=now,
    )


def read_changes(changes: str | None) -> Mapping[str, Any]:
    """`field=value` a line, or JSON. Raises Refused for what is neither."""
    if not changes:
        return {}
    if changes.lstrip().startswith("{"):
        try:
            found: Mapping[str, Any] = json.loads(changes)
        except json.JSONDecodeError as wrong:
            raise Refused("correct", (Unmet(RULE, f"The changes cannot be read: {wrong}", "changes"),)) from None
        return found
    pairs: dict[str, Any] = {}
    for line in changes.splitlines():
        if not line.strip():
            continue
        name, equals, value = line.partition("=")
        if not equals:
            raise Refused(
                "correct", (Unmet(RULE, f"{line.strip()!r} is not of the form field=value.", "changes"),)
            )
        pairs[name.strip()] = value.strip() or None
    return pairs
