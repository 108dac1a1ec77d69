"""Following an act through: what happens after its commit, as plain functions (design 2).

The row in `follow_up` is the only copy of the intention. A worker claims it, runs its three steps and
marks it done; every step may be run twice, by two processes even, and changes nothing the second time.
With Prefect the steps are tasks of a flow (`workflows/case_flows.py`); without it, and for `sgo deliver`,
the same functions are called one after the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from casework.delivery import letters, sending
from casework.following import ledger
from casework.following.leases import is_gone
from casework.following.ledger import How, RunState
from casework.following.status import Status
from casework.overnight import ladder
from casework.units import Office
from persistence.tables import Event, FollowUp
from states.calendar import london_date

#: How long a claim holds without a beat. A dead worker's follow-up is taken over then (reliability R16).
LEASE = timedelta(seconds=120)
#: When a follow-up whose step failed is tried again; after the last of these it waits for a person.
TRY_AGAIN_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A follow-up this process may now carry out."""

    id: str
    flow: str  # case.kdd_sgo_appropriate
    to_state: str | None
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of following one act through: counts only, and a reference if a step failed."""

    counts: Mapping[str, int] = field(default_factory=dict)
    error_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """What a drain did: runs that ended well, runs that failed, and the sum of their counts."""

    done: int
    failed: int
    counts: Mapping[str, int]


class Step(Protocol):
    """One step of following through: idempotent, answers counts only."""

    def __call__(self, office: Office, follow_up_id: str, *, now: datetime) -> dict[str, int]: ...


# -- the steps --------------------------------------------------------------------------------------------


def deliver_notices(office: Office, follow_up_id: str, *, now: datetime) -> dict[str, int]:
    """Send what the act has for people now. What cannot be sent is tried again by itself (rules 8)."""
    return _counts(sending.deliver_waiting(office, now=now, only_follow_up=follow_up_id))


def check_deadlines(office: Office, follow_up_id: str, *, now: datetime) -> dict[str, int]:
    """Reach every rung that is due on the act's own cases, as of today in London (rules R-CLK-8)."""

    def check(session: Session) -> dict[str, int]:
        cases = cases_of(session, follow_up_id)
        return {"cases": len(cases)} | _counts(ladder.ring(session, cases, london_date(now), now=now))

    return office.in_one_unit(check)


def make_documents(office: Office, follow_up_id: str, *, now: datetime) -> dict[str, int]:
    """Make the letters the act's row names (design 5.11: carers get letters, not mails)."""
    return _counts(letters.make_for(office, follow_up_id, now=now))


#: In this order: people are told first.
STEPS: tuple[tuple[str, Step], ...] = (
    ("deliver notices", deliver_notices),
    ("check deadlines", check_deadlines),
    ("make documents", make_documents),
)


def cases_of(session: Session, follow_up_id: str) -> list[int]:
    """The cases a follow-up is about, ascending: one for an act, several for a bulk act."""
    row = session.get(FollowUp, follow_up_id)
    if row is None:
        return []
    query = select(Event.case_id).where(or_(Event.id == row.about, Event.bulk_id == row.about))
    return sorted(set(session.scalars(query)))


# -- claiming and giving back -----------------------------------------------------------------------------


def claim_next(office: Office, *, owner: str, now: datetime) -> Claim | None:
    """The oldest follow-up that waits, or whose holder is overdue, now held by `owner`; None if none.

    Looks with a reading unit first, so that an idle worker never takes SQLite's write lock.
    """
    with office.reading() as session:
        if session.scalar(select(FollowUp.id).where(_to_do(now)).limit(1)) is None:
            return None
    with office.unit_of_work() as session:
        query = (
            select(FollowUp)
            .where(_to_do(now))
            .order_by(FollowUp.created_at, FollowUp.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = session.scalars(query).one_or_none()
        if row is None:
            return None
        if row.status == Status.RUNNING:  # its runner went away
            ledger.close_abandoned(session, row.id, now=now)
        row.status, row.attempts = Status.RUNNING, row.attempts + 1
        row.lease_owner, row.lease_until = owner, now + LEASE
        return Claim(id=row.id, flow=row.flow, to_state=row.to_state, attempts=row.attempts)


def beat(office: Office, follow_up_id: str, *, owner: str, now: datetime) -> bool:
    """Keep a claim. False if it is no longer the owner's."""
    with office.unit_of_work() as session:
        kept = session.execute(
            update(FollowUp).where(_held_by(follow_up_id, owner)).values(lease_until=now + LEASE).returning(FollowUp.id)
        )
        return kept.first() is not None


def put_back(office: Office, follow_up_id: str, *, owner: str, now: datetime) -> None:
    """Let a claim go at once, uncounted: the run was not possible through no fault of the act."""
    with office.unit_of_work() as session:
        ledger.close_abandoned(session, follow_up_id, now=now)
        session.execute(
            update(FollowUp)
            .where(_held_by(follow_up_id, owner))
            .values(
                status=Status.WAITING,
                attempts=FollowUp.attempts - 1,
                lease_owner=None,
                lease_until=None,
            )
        )


def free_what_the_gone_held(office: Office, *, now: datetime) -> int:
    """Let go what processes of this machine held that no longer run; answers how many follow-ups.

    A restarted worker need not wait for the leases of the one that was killed.
    """
    with office.reading() as session:
        held = session.execute(select(FollowUp.id, FollowUp.lease_owner).where(FollowUp.status == Status.RUNNING)).all()
    gone = [follow_up_id for follow_up_id, owner in held if owner and is_gone(owner)]
    if gone:
        with office.unit_of_work() as session:
            session.execute(
                update(FollowUp).where(FollowUp.id.in_(gone), FollowUp.status == Status.RUNNING).values(lease_until=now)
            )
    return len(gone)


# -- one run ----------------------------------------------------------------------------------------------


def begin(
    office: Office,
    follow_up_id: str,
    *,
    owner: str,
    how: How,
    now: datetime,
    prefect_run_id: str | None = None,
) -> str | None:
    """Open the run's line in the ledger; None where there is nothing (more) to follow through."""
    with office.unit_of_work() as session:
        row = session.get(FollowUp, follow_up_id, with_for_update=True)
        if row is None or row.status != Status.RUNNING or row.lease_owner != owner:
            return None
        row.lease_until = now + LEASE
        return ledger.start(
            session,
            flow=row.flow,
            owner=owner,
            how=how,
            now=now,
            follow_up_id=row.id,
            about=row.about,
            prefect_run_id=prefect_run_id,
        )


def finish(office: Office, follow_up_id: str, run_id: str, *, counts: Mapping[str, int], now: datetime) -> None:
    """Mark the follow-up done and close its line, together. Done twice it changes nothing."""
    with office.unit_of_work() as session:
        ledger.finish(session, run_id, now=now, counts=counts)
        session.execute(
            update(FollowUp)
            .where(FollowUp.id == follow_up_id, FollowUp.status.in_([Status.RUNNING, Status.WAITING]))
            .values(
                status=Status.DONE,
                done_at=now,
                lease_owner=None,
                lease_until=None,
                next_attempt_at=None,
                error_ref=None,
            )
        )


def give_up(office: Office, follow_up_id: str, run_id: str, *, error_ref: str, now: datetime) -> None:
    """Close the line of a run whose step failed, and have the follow-up tried again later.

    After the last try it stays `failed`, which `sgo health` reports until a person retries it.
    """
    with office.unit_of_work() as session:
        ledger.finish(session, run_id, now=now, counts={}, state=RunState.FAILED, error_ref=error_ref)
        row = session.get(FollowUp, follow_up_id, with_for_update=True)
        if row is not None and row.status == Status.RUNNING:
            again = row.attempts <= len(TRY_AGAIN_AFTER)
            row.status = Status.WAITING if again else Status.FAILED
            row.next_attempt_at = now + TRY_AGAIN_AFTER[row.attempts - 1] if again else None
            row.lease_owner = row.lease_until = None
            row.error_ref = error_ref


def follow_through(office: Office, follow_up_id: str, *, owner: str, now: datetime, how: How = How.PLAIN) -> Outcome:
    """Carry out one claimed follow-up without Prefect. A step that fails is in the outcome, not raised."""
    run_id = begin(office, follow_up_id, owner=owner, how=how, now=now)
    if run_id is None:
        return Outcome()
    counts: Counter[str] = Counter()
    for name, step in STEPS:
        try:
            counts.update(step(office, follow_up_id, now=now))
        except Exception as error:  # noqa: BLE001 - kept in full under a reference, and tried again
            ref = ledger.error(office, where=name, exc=error, now=now)
            give_up(office, follow_up_id, run_id, error_ref=ref, now=now)
            return Outcome(counts=dict(counts), error_ref=ref)
    finish(office, follow_up_id, run_id, counts=counts, now=now)
    return Outcome(counts=dict(counts))


def drain(
    office: Office,
    *,
    owner: str,
    clock: Callable[[], datetime],
    limit: int | None = None,
) -> Drained:
    """Carry out everything that waits, without Prefect (`sgo deliver`, and the worker when Prefect is away).

    `clock` is read once per run; the entry point hands it in. At most `limit` runs.
    """
    done = failed = 0
    counts: Counter[str] = Counter()
    while limit is None or done + failed < limit:
        now = clock()
        claim = claim_next(office, owner=owner, now=now)
        if claim is None:
            break
        outcome = follow_through(office, claim.id, owner=owner, now=now)
        counts.update(outcome.counts)
        done, failed = (done + 1, failed) if outcome.error_ref is None else (done, failed + 1)
    return Drained(done=done, failed=failed, counts=dict(counts))


def retry(session: Session, follow_up_id: str) -> bool:
    """A person has a failed follow-up tried again from the start; False if it was not failed."""
    again = session.execute(
        update(FollowUp)
        .where(FollowUp.id == follow_up_id, FollowUp.status == Status.FAILED)
        .values(status=Status.WAITING, attempts=0, next_attempt_at=None)
        .returning(FollowUp.id)
    )
    return again.first() is not None


def waiting(session: Session) -> int:
    """How many follow-ups are still to be done or under way."""
    query = select(func.count()).where(FollowUp.status.in_((Status.WAITING, Status.RUNNING)))
    return session.scalar(query) or 0


# -- inside -----------------------------------------------------------------------------------------------


def _to_do(now: datetime) -> ColumnElement[bool]:
    waiting = and_(
        FollowUp.status == Status.WAITING,
        or_(FollowUp.next_attempt_at.is_(None), FollowUp.next_attempt_at <= now),
    )
    overdue = and_(FollowUp.status == Status.RUNNING, FollowUp.lease_until <= now)
    return or_(waiting, overdue)


def _held_by(follow_up_id: str, owner: str) -> ColumnElement[bool]:
    return and_(FollowUp.id == follow_up_id, FollowUp.status == Status.RUNNING, FollowUp.lease_owner == owner)


def _counts(found: object) -> dict[str, int]:
    """The whole numbers of an answer that is not zero, by name; nothing but numbers reaches the ledger."""
    named = (
        found
        if isinstance(found, Mapping)
        else {name: getattr(found, name) for name in getattr(found, "__dataclass_fields__", ())}
    )
    return {str(name): value for name, value in named.items() if type(value) is int and value}
