"""The door for every act and every read of a child: one unit of work, and a line in the access log.

Commands, pages, flows and the demo come through here, so that no way in forgets the log (reliability R20).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from casework.acting import acts, previewing, trying
from casework.acting.commands import Actor, Command, Result
from casework.errors import NotFound, Refused
from casework.once import remember
from casework.units import Office
from casework.who import alarms, emergency, interests, pace, taking_out
from casework.who.access import INSTANT
from casework.who.access_log import AccessLog, Look, Taken
from states.calendar import london_date

T = TypeVar("T")
_REF = re.compile(r"[A-Z]{2}-[0-9A-Z]{8}")


def perform(office: Office, command: Command, *, by: Actor, now: datetime) -> Result:
    """Do one act in a unit of its own; a refusal or denial is logged. Raises what `acts.act` raises."""
    return perform_many(
        office, lambda session: acts.act(session, command, by=by, now=now), command, by=by, now=now
    )


def perform_many(
    office: Office, use_case: Callable[[Session], T], command: Command, *, by: Actor, now: datetime
) -> T:
    """Do several acts in one unit, logged under one command."""
    what = f"act:{command.trigger}"
    try:
        done = office.in_one_unit(use_case)
    except NotFound:
        _log(office, command.ref, what, "denied", (), by, now)
        raise
    except Refused as refused:
        rules = tuple(sorted({unmet.rule for unmet in refused.reasons}))
        _log(office, command.ref, what, "refused", rules, by, now)
        raise
    return done  # the event itself is the log of what was done


def read(
    office: Office, ref: str | None, what: str, query: Callable[[Session], T], *, by: Actor, now: datetime
) -> T:
    """Read something of a child. The line in the log is written before the answer is given."""
    try:
        with office.reading() as session:
            session.info[INSTANT] = now
            remember(session)
            found = query(session)
    except NotFound:
        _log(office, ref, f"read:{what}", "denied", (), by, now)
        raise
    _log(office, ref, f"read:{what}", "allowed", (), by, now)
    return found


def read_and_keep(
    office: Office, ref: str, what: str, use_case: Callable[[Session], T], *, by: Actor, now: datetime
) -> T:
    """Read something of a child that is kept as it was shown, such as a paper. The log is written before the answer."""
    try:
        made = office.in_one_unit(use_case)
    except NotFound:
        _log(office, ref, f"read:{what}", "denied", (), by, now)
        raise
    _log(office, ref, f"read:{what}", "allowed", (), by, now)
    return made


def read_of_many(
    office: Office,
    what: str,
    query: Callable[[Session], T],
    refs: Callable[[T], Sequence[str]],
    *,
    by: Actor,
    now: datetime,
) -> T:
    """Read something of many children: a line in the log for each of them before the answer is given."""
    with office.reading() as session:
        remember(session)
        found = query(session)
    seen = [_look(ref, f"read:{what}", "allowed", (), by, now) for ref in (*refs(found), None)]
    AccessLog(office.database).write(seen)
    return found


def search(office: Office, what: str, query: Callable[[Session], T], *, by: Actor, now: datetime) -> T:
    """Read a list that somebody has narrowed or leafs through, as fast as one person may (reliability C48).

    Raises TooFast.
    """
    _at_a_pace(office, pace.Asking.SEARCH, what, by, now)
    return read(office, None, f"{pace.Asking.SEARCH.value} {what}", query, by=by, now=now)


def take_out(
    office: Office,
    what: str,
    query: Callable[[Session], T],
    refs: Callable[[T], Sequence[str]],
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
) -> T:
    """Read a list to take it out as a file: logged as an export, each child and request in it (reliability C7, C48).

    A long one leaves with a reason only, and the information guardian is told. Raises ReasonNeeded where there is none
    that says anything, ListTooLong for one that leaves in parts only, TooFast for whoever takes out more lists than one
    person may.
    """
    _at_a_pace(office, pace.Asking.EXPORT, what, by, now)
    with office.reading() as session:
        found = query(session)
    listed = taking_out.how_many(refs(found))
    if listed > (most := taking_out.at_most(office, now)):
        # In other words than a list that is asked for too fast: those are counted.
        _log(office, None, "read:a list too long to take out", "refused", (taking_out.RULE,), by, now)
        raise taking_out.ListTooLong(listed, most)
    long = listed >= taking_out.long_from(office, now)
    try:
        said = taking_out.reason_given(reason, listed) if long else None
    except taking_out.ReasonNeeded:
        search(office, f"{what} to take out", lambda _: None, by=by, now=now)
        raise
    seen = [
        _look(ref, f"read:{pace.Asking.EXPORT.value} {what}", "allowed", (), by, now) for ref in (*refs(found), None)
    ]
    left = Taken(at=now, person_id=by.person_id, what=what, listed=listed, reason=said)
    AccessLog(office.database).write(seen, taken_out=left)
    if long:
        alarms.after_export(office, person_id=by.person_id, now=now)
    return found


def _at_a_pace(office: Office, asking: pace.Asking, what: str, by: Actor, now: datetime) -> None:
    try:
        pace.keep_to_it(office, asking, person_id=by.person_id, now=now)
    except pace.TooFast:
        _log(office, None, f"read:{asking.value} {what}", "refused", (pace.RULE,), by, now)
        alarms.after_too_fast(office, person_id=by.person_id, now=now)
        raise


def open_in_emergency(office: Office, ref: str, *, reason: str, by: Actor, now: datetime) -> emergency.Opened:
    """Open a record that is not open to this person, for some hours (reliability R35). Every attempt is logged."""
    try:
        found = office.in_one_unit(
            lambda session: emergency.open_record(
                session, ref, reason=reason, by=by.person_id, channel=by.channel, now=now
            )
        )
    except (NotFound, Refused):
        _log(office, ref, "emergency", "denied", ("R35",), by, now)
        raise
    _log(office, ref, "emergency", "allowed", ("R35",), by, now)
    return found


def keep_from(
    office: Office, ref: str, *, who: str, relation: interests.Relation, by: Actor, now: datetime
) -> interests.Interest:
    """Keep somebody from a child they are too near to (reliability C5). Every attempt is logged."""
    try:
        found = office.in_one_unit(
            lambda session: interests.declare(
                session, ref, who=who, relation=relation, by=by.person_id, today=london_date(now), now=now
            )
        )
    except (NotFound, Refused):
        _log(office, ref, "interest", "denied", (), by, now)
        raise
    _log(office, ref, "interest", "allowed", (), by, now)
    return found


def preview(office: Office, command: Command, *, by: Actor, now: datetime) -> previewing.Preview:
    """What a correction would change, with nothing kept (design 5.5). Raises what the act would raise."""

    def look(session: Session) -> previewing.Preview:
        return previewing.preview(session, command, by=by, now=now)

    found = perform_many(office, look, command, by=by, now=now)
    _log(office, command.ref, f"read:preview of {command.trigger}", "allowed", (), by, now)
    return found


def rehearse(office: Office, use_case: Callable[[Session], T]) -> T:
    """Do something in a unit of its own, answer what came of it, and keep nothing of it."""
    return office.in_one_unit(_undone(use_case))


def try_out(office: Office, command: Command, *, by: Actor, now: datetime) -> trying.Tried:
    """What a step would do, with nothing kept. Raises what the act would raise, and logs it alike."""

    def look(session: Session) -> trying.Tried:
        return trying.do_and_look(session, command, by=by, now=now)

    return perform_many(office, _undone(look), command, by=by, now=now)


def _undone(use_case: Callable[[Session], T]) -> Callable[[Session], T]:
    def done_and_undone(session: Session) -> T:
        spot = session.begin_nested()
        try:
            return use_case(session)
        finally:
            spot.rollback()

    return done_and_undone


def _log(
    office: Office, ref: str | None, what: str, outcome: str, rules: tuple[str, ...], by: Actor, now: datetime
) -> None:
    look = _look(ref, what, outcome, rules, by, now)
    AccessLog(office.database).write([look])
    if outcome == "denied":
        alarms.after_denied(office, ref=look.case_ref, person_id=by.person_id, now=now)


def _look(ref: str | None, what: str, outcome: str, rules: tuple[str, ...], by: Actor, now: datetime) -> Look:
    return Look(
        at=now,
        person_id=by.person_id,
        case_ref=ref if ref and _REF.fullmatch(ref) else None,  # never what somebody typed by mistake
        what=what[:64],
        outcome=outcome,
        rules=rules,
        channel=by.channel,
        os_user=by.os_user,
    )
