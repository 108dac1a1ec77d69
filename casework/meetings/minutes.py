"""What came out of a meeting: who came, each child's outcome, and that it has been distributed (R-RG-8, PT-4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acting import loading
from casework.acting.acts import act
from casework.acting.commands import Actor, Command
from casework.errors import CaseworkError, Refused
from casework.meetings.keeping import find_meeting, kept_meeting, may_keep, show_meeting
from casework.meetings.minutes_money import RequestOutcome, outcomes_of
from casework.meetings.table import HERE, WORDS
from casework.who.access import visible
from persistence.tables import AgendaItem, Case, Deadline, Event, Meeting, Person, new_id
from states.calendar import london_date
from states.deadlines import MINUTES
from states.facts import Entry, live
from states.vocabulary import Unmet

HEARD = ("heard", "adjourned", "noted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the meeting decided about one child."""

    ref: str
    outcome: str
    journey_shown: bool  # whether the reader reads what was decided and why, not only that it was (rules 11.1)
    reason: str | None
    return_on: str | None
    actions: tuple[dict[str, str], ...]
    distributed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    """The minutes of a meeting, as far as the reader may open its children and requests."""

    meeting: str
    body: str
    held_on: date
    chair: str | None
    attendance: tuple[tuple[str | None, str | None, str], ...]
    outcomes: tuple[Outcome, ...]
    requests: tuple[RequestOutcome, ...]

    @property
    def read(self) -> tuple[str, ...]:
        """Whose records the minutes show: each reading of them is logged."""
        return (*(one.ref for one in self.outcomes), *(one.ref for one in self.requests))


@dataclass(frozen=True, slots=True, kw_only=True)
class Distributed:
    """What came of distributing the minutes, child by child."""

    ref: str
    done: bool
    why_not: str | None


def minutes_of(session: Session, ref: str, *, by: str, today: date) -> Minutes:
    """The minutes of a meeting that was held. Raises NotFound, and Refused before its day."""
    seen = show_meeting(session, ref, by=by, today=today)
    if seen.held_on > today:
        raise Refused("minutes", (Unmet("R-RG-8", f"The meeting is on {seen.held_on}: there are no minutes yet."),))
    names = dict(session.execute(select(Person.handle, Person.name)).all())
    read = {item.ref: item.journey_shown for item in seen.items if item.status in HEARD}
    return Minutes(
        meeting=seen.ref,
        body=seen.body,
        held_on=seen.held_on,
        chair=names.get(seen.chair or "", seen.chair),
        attendance=tuple((names.get(who or "", who), service, how) for who, service, how in seen.attendance),
        outcomes=_outcomes(session, read, seen.held_on),
        requests=outcomes_of(session, find_meeting(session, ref), by=by, today=today),
    )


def distribute(
    session: Session, ref: str, *, reference: str, sent_to: str, by: Actor, now: datetime
) -> tuple[Distributed, ...]:
    """Write down for every child heard that the decision was distributed; a result for each (R-RG-8).

    Raises NotFound, and Refused for who keeps no meetings.
    """
    today = london_date(now)
    may_keep(session, by.person_id, today)
    meeting = kept_meeting(session, ref, by.person_id, today)
    bulk, done = new_id(), []
    for case_ref in _waiting_for_minutes(session, meeting, by.person_id, today):
        spot = session.begin_nested()
        command = Command(
            trigger="distribute_minutes",
            happened_on=today,
            ref=case_ref,
            record={"reference": reference, "sent_to": sent_to},
            bulk_id=bulk,
        )
        try:
            act(session, command, by=by, now=now)
        except CaseworkError as refused:
            spot.rollback()
            done.append(Distributed(ref=case_ref, done=False, why_not=str(refused)))
        else:
            spot.commit()
            done.append(Distributed(ref=case_ref, done=True, why_not=None))
    return tuple(done)


def _waiting_for_minutes(session: Session, meeting: Meeting, by: str, today: date) -> list[str]:
    """The children the meeting decided about whose decision has not been distributed, in the order of their locks."""
    query = (
        select(Case.ref)
        .join(AgendaItem, AgendaItem.case_id == Case.id)
        .join(Event, Event.id == AgendaItem.ended_by_event)
        .join(Deadline, Deadline.opened_by_event == Event.id)
        .where(
            AgendaItem.meeting_id == meeting.id,
            Deadline.name == MINUTES.name,
            Deadline.closed_as.is_(None),
            visible(session, by, today),
        )
        .order_by(Case.id)
    )
    return list(dict.fromkeys(session.scalars(query)))


def _outcomes(session: Session, read: Mapping[str, bool], held_on: date) -> tuple[Outcome, ...]:
    """What was decided about each child, who is one the reader may open: two queries for all of them.

    `read`: by reference, whether the reader reads more of it than that it was decided.
    """
    ids = dict(session.execute(select(Case.ref, Case.id).where(Case.ref.in_(read))).all())
    told = loading.load_entries_of(session, list(ids.values()))
    found = [_outcome(ref, live(told[ids[ref]]), held_on) for ref in read]
    return tuple(one if read[one.ref] else _withheld(one) for one in found)


def _withheld(one: Outcome) -> Outcome:
    return replace(one, journey_shown=False, reason=None, return_on=None, actions=())


def _outcome(ref: str, entries: Sequence[Entry], held_on: date) -> Outcome:
    decided = next((n for n, e in enumerate(entries) if e.trigger in HERE and e.happened_on >= held_on), None)
    if decided is None:
        return _of(ref, None, False)
    return _of(ref, entries[decided], any(e.trigger == "distribute_minutes" for e in entries[decided + 1 :]))


def _of(ref: str, entry: Entry | None, distributed: bool) -> Outcome:
    record = entry.data if entry is not None else {}
    return Outcome(
        ref=ref,
        journey_shown=True,
        outcome=WORDS[entry.trigger] if entry is not None else "no outcome is on record",
        reason=record.get("reason") or record.get("explanation") or record.get("remarks"),
        return_on=record.get("return_on"),
        actions=tuple(record.get("actions") or ()),
        distributed=distributed,
    )
