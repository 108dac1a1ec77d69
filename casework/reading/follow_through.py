"""What followed each step of a child by itself: messages with their delivery, and the runs (design 2, practice PT-20).

A run that served many children at once tells only how it went: its counts are theirs too (reliability R22).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.reading.beside import events_of, messages_of
from casework.who.access import open_case_row
from persistence.tables import FollowUp, Run
from states.notices import NOTICES


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message about a step: what, to whom, and how it stands."""

    what: str
    who: str
    how: str  # a mail of its own, or in the daily summary
    status: str
    why: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpRun:
    """One run of the automatic follow-up."""

    state: str
    started_at: datetime
    seconds: float | None
    without_prefect: bool
    counts: Mapping[str, object]
    error_ref: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedThrough:
    """What followed one step by itself. `status` None: nothing was to follow."""

    messages: tuple[Message, ...] = ()
    status: str | None = None
    for_many: bool = False
    runs: tuple[FollowUpRun, ...] = ()


def followed_through(session: Session, ref: str, *, by: str, today: date) -> dict[str, FollowedThrough]:
    """By event, what followed by itself. A handful of queries. Raises NotFound alike for unknown and hidden (R22)."""
    case = open_case_row(session, ref, by=by, today=today)
    events = events_of(session, case.id)
    abouts = {about for event in events for about in (event.id, event.bulk_id) if about}
    rows: dict[str, FollowUp] = {}
    runs: dict[str, list[Run]] = {}
    with_runs = select(FollowUp, Run).outerjoin(Run, Run.follow_up_id == FollowUp.id)
    with_runs = with_runs.where(FollowUp.about.in_(abouts)).order_by(Run.started_at)
    told: Sequence[tuple[FollowUp, Run | None]] = session.execute(with_runs).all()
    for one, run in told:
        rows[one.about] = one
        runs.setdefault(one.id, []).extend([run] if run is not None else [])
    messages = _messages(session, case.id)
    found: dict[str, FollowedThrough] = {}
    for event in events:
        row = rows.get(event.id) or rows.get(event.bulk_id or "")
        many = row is not None and row.events > 1
        if row is None and event.id not in messages:
            continue
        found[event.id] = FollowedThrough(
            messages=tuple(messages.get(event.id, ())),
            status=row.status if row else None,
            for_many=many,
            runs=tuple(_run(run, many) for run in runs.get(row.id, ())) if row else (),
        )
    return found


def _run(run: Run, many: bool) -> FollowUpRun:
    return FollowUpRun(
        state=run.state,
        started_at=run.started_at,
        seconds=(run.finished_at - run.started_at).total_seconds() if run.finished_at else None,
        without_prefect=run.how == "plain",
        counts={} if many else run.counts,
        error_ref=run.error_ref,
    )


def _messages(session: Session, case_id: int) -> dict[str, list[Message]]:
    found: dict[str, list[Message]] = {}
    for row in messages_of(session, case_id):
        if row.event_id is None:
            continue
        found.setdefault(row.event_id, []).append(
            Message(
                what=", ".join(NOTICES[one].words if one in NOTICES else one for one in row.notices),
                who=row.name,
                how="a mail of its own" if row.delivery == "now" else "in the daily summary",
                status=row.status,
                why=row.reason,
                at=row.sent_at,
            )
        )
    return found
