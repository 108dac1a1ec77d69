"""Handing messages over: at least once, or a named person is told it failed (reliability B.3, B.4).

A message is claimed in one unit, sent outside any, and its outcome recorded in another. Whoever is killed
in between leaves a claim whose outcome nobody knows; only such a message may ever go out twice. Where the
reader is looked up again stands in `casework.delivery.recipients`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, exists, or_, select, update
from sqlalchemy.orm import Session

from casework.delivery import arrivals, breaker, outcomes, recipients
from casework.delivery.channels import channel_of
from casework.delivery.messages import Prepared, prepare
from casework.delivery.outbox import (
    DIGEST,
    OutboxLine,
    Status,
    Told,
    hold,
    is_digest,
    list_outbox,
    queue,
    release,
    retry,
    withdraw,
)
from casework.digest import members
from casework.following.leases import is_gone, owner_of_this_process
from casework.policies import in_force
from casework.units import Office
from notifications.channels import Blame, CertainFailure, Channel, NotThere, Sent, UnknownOutcome
from notifications.messages import message_id
from notifications.rendering import NotRendered
from persistence.tables import Attempt, FollowUp, Outbox, new_id
from states.calendar import Calendar, london_date
from states.notices import NT_32
from states.policy import Policy
from states.vocabulary import Delivery

__all__ = [
    "DeliveryCounts",
    "OutboxLine",
    "Status",
    "Told",
    "channel_of",
    "deliver_one",
    "deliver_waiting",
    "hold",
    "list_outbox",
    "queue",
    "release",
    "retry",
    "withdraw",
]

#: How long a claim holds. Every step of a conversation waits ten seconds at most, so it is long enough.
LEASE = timedelta(seconds=120)
_HOUR = timedelta(hours=1)
_TEXT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryCounts:
    """What one round of delivery did, in messages. `paused` is 1 when the channel rests, else 0."""

    sent: int = 0
    suppressed: int = 0
    failed: int = 0  # certainly not accepted; tried again later
    unknown: int = 0  # perhaps accepted; tried again with care
    dead: int = 0
    needs_a_person: int = 0
    held_back: int = 0  # over the cap of an hour
    paused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """One message that this process may now try to hand over."""

    outbox_id: str
    attempt_id: str
    owner: str
    repeats: bool  # an earlier try may have been accepted
    prepared: Prepared


@dataclass(frozen=True, slots=True)
class _Done:
    """How messages that were taken up are counted, and whether the round is over."""

    count: str
    number: int = 1
    last: bool = False


@dataclass(frozen=True, slots=True)
class _Accepted:
    """The channel has the message; the version of the words it was written in."""

    sent: Sent
    template_version: str


_Outcome = _Accepted | CertainFailure | UnknownOutcome | NotRendered


@dataclass(frozen=True, slots=True)
class _Try:
    """What came of a try; `cleared`: the channel said first that no earlier one was accepted."""

    outcome: _Outcome
    cleared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """What the steps of one round share."""

    office: Office
    channel: Channel
    owner: str
    only_follow_up: str | None
    now: datetime  # when the round began: what is due, and what later times are counted from
    clock: Callable[[], datetime] = field(repr=False)


def deliver_waiting(
    office: Office,
    *,
    now: datetime,
    limit: int | None = None,
    only_follow_up: str | None = None,
    channel: Channel | None = None,
    owner: str | None = None,
) -> DeliveryCounts:
    """Hand over what is due at `now`, at most `limit` messages, of one follow-up or of all.

    `now` is when the round begins; time passes in it. What waits for a digest goes out in one, never by itself.
    Whatever fails is on its row, with when it is tried again; nothing is raised for it. Raises
    Busy when the database could not take what came of a message (it then counts as unknown), and Unusable
    where no policy was ever adopted.
    """
    began = time.monotonic()
    this = _Round(
        office=office,
        channel=channel or channel_of(office.settings),
        owner=owner or owner_of_this_process(now),
        only_follow_up=only_follow_up,
        now=now,
        clock=lambda: now + timedelta(seconds=time.monotonic() - began),
    )
    if not _anything(this):
        return DeliveryCounts()
    counts = Counter(_give_up_on_the_gone(this))
    while limit is None or counts.total() < limit:
        done = _one(this)
        if done is None:
            break
        counts[done.count] += done.number
        if done.last:
            break
    return DeliveryCounts(**counts)


def deliver_one(office: Office, *, now: datetime, channel: Channel | None = None) -> DeliveryCounts:
    """Hand over the one message that is due first, if there is one."""
    return deliver_waiting(office, now=now, limit=1, channel=channel)


# -- one message ------------------------------------------------------------------------------------------


def _one(this: _Round) -> _Done | None:
    claim = this.office.in_one_unit(lambda session: _claim(session, this))
    if not isinstance(claim, _Claim):
        return claim
    tried = _hand_over(claim, this)
    return this.office.in_one_unit(lambda session: _record(session, claim, tried, this))


def _claim(session: Session, this: _Round) -> _Claim | _Done | None:
    """Take the first message that is due, and look its reader up; None when nothing is due."""
    now = this.now
    if breaker.is_paused(session, this.channel.name, now=now):
        return _Done("paused", last=True)
    row = session.scalars(
        select(Outbox)
        .where(*_due(now, this.only_follow_up))
        .order_by(case((Outbox.occasion.startswith(DIGEST), 1), else_=0), Outbox.created_at, Outbox.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        return None
    policy = in_force(session, london_date(now)).policy
    if held := _held_back(session, row, policy, now):
        return _Done("held_back", held)
    attempt = Attempt(
        id=new_id(), outbox_id=row.id, owner=this.owner, started_at=this.clock(), outcome="started"
    )
    session.add(attempt)
    today = london_date(now)
    if is_digest(row):
        members.look_again(session, row, on=today, now=now)
    reader = recipients.reader_of(session, row, on=today)
    if isinstance(reader, recipients.NotSent):
        attempt.outcome, attempt.ended_at, attempt.detail = "suppressed", this.clock(), reader.reason
        count = outcomes.not_sent(session, row, reader, now=now)
        _end_of_digest(session, row)
        return _Done(count)
    attempt.reader_id = reader.person_id
    if reader.covering:
        attempt.detail = f"to whoever covers: {reader.person_id}"
    if not row.attempts and not row.unknowns:
        outcomes.tell_stand_ins(session, row, reader, calendar=Calendar.of(policy), now=now)
    repeats = row.unknowns > 0
    owner = f"{this.owner}#{attempt.id[:8]}"
    row.message_id = row.message_id or message_id(row.id, this.office.settings.mail.from_address)
    row.status, row.next_attempt_at = Status.SENDING, None
    row.lease_owner, row.lease_until = owner, this.clock() + LEASE
    prepared = prepare(session, row, reader, policy, this.office.settings, on=today)
    return _Claim(outbox_id=row.id, attempt_id=attempt.id, owner=owner, repeats=repeats, prepared=prepared)


def _hand_over(claim: _Claim, this: _Round) -> _Try:
    """Put the message into words and give it to the channel, outside any unit."""
    cleared = False
    try:
        message = claim.prepared.written(now=this.clock())
        before = this.channel.accepted_before(message) if claim.repeats else None
        cleared = isinstance(before, NotThere)
        sent = before if isinstance(before, Sent) else this.channel.send(message)
    except (CertainFailure, UnknownOutcome, NotRendered) as outcome:
        return _Try(outcome, cleared)
    return _Try(_Accepted(sent, message.rendered.template_version), cleared)


def _record(session: Session, claim: _Claim, tried: _Try, this: _Round) -> _Done:
    """Write down what came of a try, and count it for or against the channel."""
    done = _written_down(session, claim, tried, this)
    _end_of_digest(session, session.get_one(Outbox, claim.outbox_id))
    return done


def _end_of_digest(session: Session, row: Outbox) -> None:
    if is_digest(row):
        members.ended(session, row)


def _written_down(session: Session, claim: _Claim, tried: _Try, this: _Round) -> _Done:
    now, outcome = this.now, tried.outcome
    policy = in_force(session, london_date(now)).policy
    row = session.get_one(Outbox, claim.outbox_id, with_for_update=True)
    attempt = session.get_one(Attempt, claim.attempt_id)
    attempt.ended_at = this.clock()
    # Not ours any more: withdrawn meanwhile, or the claim ran out and somebody else decides about the row.
    ours = row.status == Status.SENDING and row.lease_owner == claim.owner
    if ours and tried.cleared:
        outcomes.cleared(row)
    match outcome:
        case _Accepted():
            attempt.outcome, attempt.their_id = "sent", outcome.sent.their_id
            breaker.worked(session, this.channel.name)
            if ours or row.status != Status.SENDING:  # what is certain is recorded all the same
                row.status, row.sent_at, row.reason = Status.SENT, attempt.ended_at, None
                row.next_attempt_at = row.lease_owner = row.lease_until = None
                row.server_reply, row.template_version = outcome.sent.reply[:_TEXT], outcome.template_version
                arrivals.await_word(row, outcome.sent.their_id, now=attempt.ended_at)
            return _Done("sent")
        case UnknownOutcome():
            attempt.outcome, attempt.detail = "unknown", outcome.detail
            count = outcomes.unknown(session, row, policy=policy, now=now) if ours else "unknown"
        case _:
            channel_down = isinstance(outcome, CertainFailure) and outcome.blame in outcomes.OF_THE_CHANNEL
            attempt.outcome, attempt.detail = "failed" if channel_down else "refused", str(outcome)[:_TEXT]
            count = "failed"
            if ours:
                reader = claim.prepared.reader_id
                count = outcomes.failed(session, row, reader, outcome, policy=policy, now=now)
    if isinstance(outcome, NotRendered):
        return _Done(count)
    if isinstance(outcome, CertainFailure) and outcome.blame is Blame.ANSWER:
        breaker.worked(session, this.channel.name)
        return _Done(count)
    wrong = outcome.detail if isinstance(outcome, CertainFailure) and outcome.blame is Blame.SETTINGS else None
    return _Done(count, last=breaker.failed(session, this.channel.name, policy=policy, now=now, wrong_settings=wrong))


# -- what is due ------------------------------------------------------------------------------------------


def _anything(this: _Round) -> bool:
    """A look without SQLite's write lock: is anything due, or held by somebody who may be gone?"""
    due = and_(*_due(this.now, this.only_follow_up))
    with this.office.reading() as session:
        query = select(Outbox.id).where(or_(due, Outbox.status == Status.SENDING)).limit(1)
        return session.scalar(query) is not None


def _due(now: datetime, only_follow_up: str | None) -> list[ColumnElement[bool]]:
    conditions = [
        Outbox.status.in_((Status.QUEUED, Status.UNKNOWN)),
        or_(Outbox.next_attempt_at.is_(None), Outbox.next_attempt_at <= now),
    ]
    if only_follow_up is not None:
        return [*conditions, Outbox.follow_up_id == only_follow_up]
    # What an act's own run will send in a moment is left to it; a later try belongs to nobody's run.
    own_run = exists().where(FollowUp.id == Outbox.follow_up_id, FollowUp.status.in_(("waiting", "running")))
    return [*conditions, or_(Outbox.next_attempt_at.is_not(None), ~own_run)]


def _give_up_on_the_gone(this: _Round) -> dict[str, int]:
    """Claims that have run out, or whose process is gone: nobody knows whether those messages left."""

    def give_up(session: Session) -> Counter[str]:
        now = this.now
        counts: Counter[str] = Counter()
        query = select(Outbox).where(Outbox.status == Status.SENDING).with_for_update(skip_locked=True)
        for row in session.scalars(query):
            if row.lease_until is not None and row.lease_until > now and not is_gone(row.lease_owner or ""):
                continue
            session.execute(
                update(Attempt)
                .where(Attempt.outbox_id == row.id, Attempt.outcome == "started")
                .values(outcome="unknown", ended_at=now, detail="the process went away")
            )
            counts[
                outcomes.unknown(session, row, policy=in_force(session, london_date(now)).policy, now=now)
            ] += 1
        return counts

    with this.office.reading() as session:
        if session.scalar(select(Outbox.id).where(Outbox.status == Status.SENDING).limit(1)) is None:
            return {}
    return this.office.in_one_unit(give_up)


def _held_back(session: Session, row: Outbox, policy: Policy, now: datetime) -> int:
    """Hold back what goes over one person's cap of an hour; answers how many messages (reliability B.4.9).

    A safeguarding flag waits for nothing (rules NT-32).
    """
    if NT_32.id in row.notices:
        return 0
    of_the_hour = select(Outbox.sent_at).where(
        Outbox.recipient_id == row.recipient_id,
        Outbox.sent_at > now - _HOUR,
        Outbox.delivery == Delivery.NOW,  # what came in a digest was one mail, the digest's
    )
    sent = [at for at in session.scalars(of_the_hour.order_by(Outbox.sent_at)) if at is not None]
    over = len(sent) - policy.mail.per_person_cap_per_hour
    if over < 0:
        return 0
    waiting = select(Outbox).where(Outbox.recipient_id == row.recipient_id, *_due(now, None))
    held = [
        one
        for one in session.scalars(waiting.with_for_update(skip_locked=True))
        if NT_32.id not in one.notices
    ]
    for one in held:
        one.next_attempt_at = sent[over] + _HOUR
    return len(held)
