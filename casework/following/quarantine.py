"""After a restore nothing goes out until a person has looked (reliability R26, 0.1.11).

What was sent after the backup stands in it as still to be sent. Messages are released with
`casework.delivery.outbox.release`, the automatic follow-ups that would make more of them with `release_follow_ups`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from casework.delivery import outbox
from casework.following.status import Status
from persistence.tables import FollowUp, Lease, Outbox

#: A follow-up that waits for a person to release it.
HELD = "held"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """How much waits for a person."""

    messages: int
    follow_ups: int


def quarantine(session: Session, *, since: datetime) -> Quarantined:
    """Hold every message and follow-up that has not ended; `since` is when the backup was made.

    One that was being sent, or whose fate was unknown, stays doubtful: released, it is tried with the care
    of a repeat. Leases are dropped: their holders are gone.
    """
    doubtful = Outbox.status.in_([outbox.Status.SENDING, outbox.Status.UNKNOWN])
    open_ = doubtful | Outbox.status.in_([outbox.Status.QUEUED, outbox.Status.FOR_DIGEST])
    unfinished = FollowUp.status.in_([Status.WAITING, Status.RUNNING])
    held = Quarantined(
        messages=_count(session, Outbox, open_), follow_ups=_count(session, FollowUp, unfinished)
    )
    session.execute(update(Outbox).where(doubtful, Outbox.unknowns == 0).values(unknowns=1))
    session.execute(
        update(Outbox)
        .where(open_)
        .values(
            status=outbox.Status.QUARANTINED,
            reason=f"restored from the backup of {since:%Y-%m-%d %H:%M} UTC: it may have gone out since",
            next_attempt_at=None,
            lease_owner=None,
            lease_until=None,
        )
    )
    session.execute(
        update(FollowUp)
        .where(unfinished)
        .values(status=HELD, next_attempt_at=None, lease_owner=None, lease_until=None)
    )
    session.execute(delete(Lease))
    return held


def release_follow_ups(session: Session) -> int:
    """Let the held follow-ups run; how many. A person does this after the messages have been looked at."""
    held = FollowUp.status == HELD
    count = _count(session, FollowUp, held)
    session.execute(update(FollowUp).where(held).values(status=Status.WAITING))
    return count


def _count(session: Session, model: type[Outbox] | type[FollowUp], which: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(model).where(which)) or 0
