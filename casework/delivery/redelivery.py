"""Messages whose next try is due, those no follow-up sends, and what became of those that went (reliability B.4).

A message that could not leave carries the date of its next try; a deadline's warning, a letter's note to
its printer and a released message have no follow-up that waits to send them. This finds and sends them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from casework.delivery import arrivals, breaker, sending
from casework.delivery.outbox import Status
from casework.following import ledger
from casework.following.ledger import How
from casework.units import Office
from persistence.tables import FollowUp, Outbox

#: The most messages one run hands over; what is left is due again at once.
AT_ONCE = 200
FLOW = "redeliver"


def is_due(office: Office, *, now: datetime) -> bool:
    """Whether `redeliver` has something to do now. Not while the channel rests."""
    with office.reading() as session:
        if breaker.is_paused(session, office.settings.mail.channel, now=now):
            return False
        return _something_waits(session, now) or arrivals.are_due(session, now=now)


def redeliver(
    office: Office,
    *,
    owner: str,
    now: datetime,
    how: How,
    limit: int = AT_ONCE,
    prefect_run_id: str | None = None,
) -> dict[str, int]:
    """Hand over what is due, and ask about what went, at most `limit` messages each; answers counts that are not zero.

    The ledger gets a line where something was done: a look that finds nothing leaves none.
    """
    found = sending.deliver_waiting(office, now=now, limit=limit, owner=owner)
    heard = arrivals.ask(office, now=now, limit=limit)
    counts = dict(Counter(asdict(found)) + Counter(heard))  # adding leaves out what is zero
    if counts.keys() - {"paused", *arrivals.NOTHING_NEW}:
        with office.unit_of_work() as session:
            run_id = ledger.start(session, flow=FLOW, owner=owner, how=how, now=now, prefect_run_id=prefect_run_id)
            ledger.finish(session, run_id, now=now, counts=counts)
    return counts


def _something_waits(session: Session, now: datetime) -> bool:
    open_run = exists().where(FollowUp.id == Outbox.follow_up_id, FollowUp.status.in_(("waiting", "running")))
    due = and_(
        Outbox.status.in_((Status.QUEUED, Status.UNKNOWN)),
        or_(Outbox.next_attempt_at <= now, and_(Outbox.next_attempt_at.is_(None), ~open_run)),
    )
    overdue = and_(Outbox.status == Status.SENDING, Outbox.lease_until <= now)
    return session.scalar(select(Outbox.id).where(or_(due, overdue)).limit(1)) is not None
