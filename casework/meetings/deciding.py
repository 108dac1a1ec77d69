"""What is typed at the Review Group's table, written down child by child: the services' views, then the outcome.

Each child is a unit of its own: what is refused for one holds up no other, and of one child all is written or nothing
(practice 6.1). The rules are those of the single acts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from casework import doing
from casework.acting.acts import act
from casework.acting.commands import Actor, Command, Result
from casework.errors import Conflict, NotFound, Refused, Unusable
from casework.meetings.keeping import find_meeting, may_see
from casework.meetings.table import HERE, ON_THE_TABLE, TO_NOTE
from casework.units import Office
from casework.who.access import powers, visible
from persistence.tables import AgendaItem, Attendance, Case, Meeting, Person
from states.calendar import london_date
from states.vocabulary import Unmet


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewTyped:
    """What a service said, as it was typed."""

    service: str
    stance: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowTyped:
    """What was typed about one child. `version` is that of the case when the table was shown."""

    ref: str
    version: int
    views: tuple[ViewTyped, ...]
    outcome: str | None
    record: Mapping[str, Any]
    late_reason: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSaved:
    """What came of it: the acts, or everything that stood in the way; `overtaken` where somebody else was first."""

    ref: str
    results: tuple[Result, ...] = ()
    reasons: tuple[Unmet, ...] = ()
    overtaken: bool = False


def save_row(office: Office, meeting: str, typed: RowTyped, *, by: Actor, now: datetime) -> RowSaved:
    """Write down what was typed about one child at a meeting; what is refused is answered, not raised."""
    last = Command(trigger=typed.outcome or "add_view", happened_on=london_date(now), ref=typed.ref)
    try:
        results = doing.perform_many(
            office, lambda session: _written(session, meeting, typed, by=by, now=now), last, by=by, now=now
        )
    except Refused as refused:
        return RowSaved(ref=typed.ref, reasons=refused.reasons)
    except Conflict as conflict:
        return RowSaved(ref=typed.ref, reasons=(Unmet("R-SM-1", str(conflict)),), overtaken=True)
    except (NotFound, Unusable) as wrong:
        return RowSaved(ref=typed.ref, reasons=(Unmet("R-SM-1", str(wrong)),))
    return RowSaved(ref=typed.ref, results=results)


def _written(session: Session, ref: str, typed: RowTyped, *, by: Actor, now: datetime) -> tuple[Result, ...]:
    meeting, today = find_meeting(session, ref), london_date(now)
    if not may_see(session, meeting, by.person_id, today):
        raise NotFound("meeting", ref)
    _is_on(session, meeting, typed, by=by, today=today)
    commands = [_view(session, meeting, typed, one, by=by, today=today) for one in typed.views]
    if typed.outcome:
        commands.append(_outcome(session, meeting, typed, by=by))
    if not commands:
        raise Unusable("Nothing has been typed about this child.")
    results = []
    for number, command in enumerate(commands):
        results.append(act(session, command(typed.version if number == 0 else None), by=by, now=now))
    return tuple(results)


def _is_on(session: Session, meeting: Meeting, typed: RowTyped, *, by: Actor, today: date) -> None:
    """The child is on this meeting's agenda, and the outcome is one that a group gives. Raises NotFound, Unusable."""
    on_it = exists().where(
        AgendaItem.case_id == Case.id,
        AgendaItem.meeting_id == meeting.id,
        AgendaItem.status.in_((*ON_THE_TABLE, *TO_NOTE)),
    )
    query = select(Case.id).where(Case.ref == typed.ref, on_it, visible(session, by.person_id, today))
    if session.scalar(query) is None:
        raise NotFound("child", typed.ref)
    if typed.outcome and typed.outcome not in HERE:
        raise Unusable(f"{typed.outcome!r} is no outcome of the Review Group.")


@dataclass(frozen=True, slots=True)
class _Ready:
    """A command that still wants the version it is judged by."""

    command: dict[str, Any]

    def __call__(self, version: int | None) -> Command:
        return Command(**self.command, version=version)


def _view(
    session: Session, meeting: Meeting, typed: RowTyped, view: ViewTyped, *, by: Actor, today: date
) -> _Ready:
    """A service's view: its own member's, or written down for the one who came for it (practice PT-4)."""
    speaker = None
    if view.service not in powers(session, by.person_id, None, today).services:
        speaker = session.scalar(
            select(Person.handle)
            .join(Attendance, Attendance.person_id == Person.id)
            .where(
                Attendance.meeting_id == meeting.id,
                Attendance.service == view.service,
                Attendance.how != "apologies",
            )
        )
        if speaker is None:
            words = f"Write down first who came, or wrote, for {view.service}: the view is theirs."
            raise Refused("add_view", (Unmet("R-RG-3", words, f"view.{view.service}"),))
    return _Ready(
        {
            "trigger": "add_view",
            "happened_on": min(meeting.held_on, today),
            "ref": typed.ref,
            "record": {"voice": view.service, "stance": view.stance, "view": view.words},
            "decided_by": speaker,
            "late_reason": typed.late_reason,
            "key": f"{typed.key}:{typed.ref}:{view.service}" if typed.key else None,
        }
    )


def _outcome(session: Session, meeting: Meeting, typed: RowTyped, *, by: Actor) -> _Ready:
    """The group's outcome is the chair's; whoever else writes it down names the chair, who confirms (PR-2)."""
    chair = None
    if meeting.chair_id is not None and meeting.chair_id != by.person_id:
        chair = session.scalar(select(Person.handle).where(Person.id == meeting.chair_id))
    return _Ready(
        {
            "trigger": typed.outcome,
            "happened_on": meeting.held_on,
            "ref": typed.ref,
            "record": dict(typed.record),
            "decided_by": chair,
            "evidence": f"Minutes of {meeting.ref}",
            "late_reason": typed.late_reason,
            "key": f"{typed.key}:{typed.ref}" if typed.key else None,
        }
    )
