"""Keeping the record straight: taking back, correcting, confirming, moving to the right child (design 5.5).

Each of these is an act like any other, with its own event. What it changes beside that is here. Nothing in the
history is ever edited: what no longer counts is voided by a later event, what was wrong is superseded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casework.acting import deadlines, effects
from casework.acting.commands import Actor, Command, Result
from casework.acting.correcting import apply_correction
from casework.acting.retelling import retelling
from casework.delivery import outbox
from casework.delivery.telling import tell_of_reversal
from persistence.tables import Case, Child, Confirmation, Event, Flag, new_id
from states.facts import Entry, Facts
from states.processes import state_named
from states.records import base
from states.records.keeping import ActMoved, Confirmed, Correction, Disputed, FlagCleared
from states.vocabulary import Role

DISPUTED = "disputed decision"


@dataclass(frozen=True, slots=True, kw_only=True)
class Straightening:
    """An act that keeps the record straight, already written down, about to take effect."""

    session: Session
    case: Case
    child: Child
    entry: Entry
    record: base.Record
    facts: Facts
    by: Actor
    now: datetime
    act: Callable[..., Result]  # how the act is done on another child


# -- taking back ------------------------------------------------------------------------------------------


def take_back(one: Straightening) -> None:
    """The state is back where it was; deadlines, unsent mail and projections follow (design 5.5)."""
    assert one.entry.about is not None
    _undo(one, one.entry.about)


def _undo(one: Straightening, target: str) -> None:
    """An entry no longer counts: what it opened, asked, flagged and said is taken back with it."""
    session, by_event, today = one.session, one.entry.id, one.facts.today
    session.flush()
    deadlines.take_back(session, target, by_event=by_event, on=one.facts.on)
    told = outbox.withdraw(session, target, reason="the step was taken back")
    confirmation = session.get(Confirmation, target)
    if confirmation is not None and confirmation.status == "waiting":
        _answer(one, target, "withdrawn")
    about_it = or_(Flag.event_id == target, Flag.about_event == target)
    for flag in session.scalars(select(Flag).where(about_it, Flag.cleared_by_event.is_(None))):
        flag.cleared_by_event, flag.cleared_on = by_event, today
    _tell_again(one, target)
    tell_of_reversal(session, one.case, told, event=session.get_one(Event, by_event), now=one.now)


def _tell_again(one: Straightening, gone: str) -> None:
    """Projections and deadlines as the history without an entry makes them."""
    again = retelling(one.session, one.case, one.child)
    effects.rebuild(one.session, one.case, one.child, again.entries, now=one.now)
    moves = [entry for entry in again.entries if entry.moved]
    one.case.state_since = moves[-1].happened_on if moves else one.case.opened_on
    corrections = {event.id for event in again.events.values() if event.trigger == "correct"}
    steps = again.steps()
    after = {e.id: e for e in again.entries if e.seq > again.events[gone].seq}
    for step in steps:  # what came after in a state that is void may now open what it could not there
        if step.event_id in after and step.opening:
            facts = again.facts_of(after[step.event_id])
            deadlines.reanchor(
                one.session,
                one.case,
                facts,
                step,
                by_event=one.entry.id,
                on=one.facts.on,
                how=deadlines.WITHDRAWN,
            )
    now_in = deadlines.Step(
        event_id=one.entry.id, on=one.facts.on, to_state=state_named(one.case.state)
    )
    deadlines.refold(
        one.session,
        one.case,
        [*steps, now_in],
        changed={gone, one.entry.id},
        corrections=corrections,
    )
    deadlines.recompute_pauses(one.session, one.case, one.facts.calendar)


# -- correcting -------------------------------------------------------------------------------------------


def correct(one: Straightening) -> None:
    """Put one record right: a new version that supersedes it; the state never moves (rules R-SM-3)."""
    assert isinstance(one.record, Correction)
    apply_correction(
        one.session, one.case, one.child, one.record, one.facts, by_event=one.entry.id, now=one.now
    )


# -- confirming -------------------------------------------------------------------------------------------


def confirm(one: Straightening) -> None:
    """The decision is theirs (practice PR-2); had they disputed it before, that is settled."""
    assert isinstance(one.record, Confirmed)
    _answer(one, one.record.event, "confirmed")
    disputed = select(Flag).where(
        Flag.about_event == one.record.event, Flag.kind == DISPUTED, Flag.cleared_by_event.is_(None)
    )
    for flag in one.session.scalars(disputed):
        flag.cleared_by_event, flag.cleared_on = one.entry.id, one.facts.today


def dispute(one: Straightening) -> None:
    """The decision is not theirs: an urgent flag for the Team Manager (practice PR-2)."""
    assert isinstance(one.record, Disputed)
    _answer(one, one.record.event, "disputed")
    one.session.add(
        Flag(
            id=new_id(),
            case_id=one.case.id,
            event_id=one.entry.id,
            about_event=one.record.event,
            kind=DISPUTED,
            rule="PR-2",
            words=f"The person in whose name this was recorded disputes it: {one.record.reason}",
            owner=Role.TEAM_MANAGER.value,
            urgent=True,
            raised_on=one.facts.today,
        )
    )


def _answer(one: Straightening, event_id: str, status: str) -> None:
    asked = one.session.get(Confirmation, event_id)
    if asked is None:  # a decision of one's own that somebody else has corrected
        asked = Confirmation(event_id=event_id, case_id=one.case.id, decider_id=one.facts.decided_by)
        one.session.add(asked)
    asked.status, asked.answered_by_event, asked.answered_at = status, one.entry.id, one.now


def clear_flag(one: Straightening) -> None:
    """Somebody has looked at a flagged step (design 5.5)."""
    assert isinstance(one.record, FlagCleared)
    flag = one.session.get_one(Flag, one.record.flag)
    flag.cleared_by_event, flag.cleared_on = one.entry.id, one.facts.on


# -- the right child --------------------------------------------------------------------------------------


def move_to_right_child(one: Straightening) -> None:
    """An act entered on the wrong child: void here, with its mails; done on the right one (practice PT-16).

    Where the act had moved the state, this event carries the case back to the state before it. The right child's
    own roles and conditions judge it there: whoever decided it must have been able to.
    """
    assert isinstance(one.record, ActMoved)
    moved = one.record.event
    target = next(e for e in one.facts.entries if e.id == moved)
    event = one.session.get_one(Event, target.id)
    _undo(one, target.id)
    one.act(
        one.session,
        Command(
            ref=one.record.to_case,
            trigger=target.trigger,
            happened_on=target.happened_on,
            record=target.data,
            decided_by=event.decided_by,
            evidence=event.evidence,
            late_reason=event.late_reason or f"First entered on another child: {one.record.reason}",
        ),
        by=one.by,
        now=one.now,
    )


#: The acts whose effect is on the record itself.
STRAIGHTENS: dict[str, Callable[[Straightening], None]] = {
    "reverse_last": take_back,
    "correct": correct,
    "confirm_decision": confirm,
    "dispute_decision": dispute,
    "clear_flag": clear_flag,
    "move_act_to_right_child": move_to_right_child,
}
