"""The outbox: what is to be said to whom, written in the same unit as the act it follows (design 5.2).

A person is told once about one occasion, whatever they are to the child. Sending is `casework.delivery.sending`.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casework.errors import Unusable
from casework.straight import put_values
from notifications.wording import WHY
from persistence.among import among
from persistence.tables import Attempt, Case, Digest, DigestLine, Event, Outbox, Person, new_id
from states.notices import NOTICES, by_urgency
from states.vocabulary import Delivery, Notice

MAIL = "mail"
BULK, RUNG, DIGEST = "bulk:", "rung:", "digest:"


class Status(StrEnum):
    """How a message stands. The last six end it, `quarantined` until a person releases it.

    A message that is not urgent waits `for the digest`, then shares the fate of the digest it is in.
    """

    QUEUED = "queued"
    FOR_DIGEST = "for the digest"
    IN_DIGEST = "in a digest"
    SENDING = "sending"
    UNKNOWN = "unknown"  # it may have been accepted; tried again with care
    SENT = "sent"
    SUPPRESSED = "suppressed"
    WITHDRAWN = "withdrawn"
    DEAD = "dead"
    NEEDS_A_PERSON = "needs a person"
    QUARANTINED = "quarantined"


#: What became of a try after which the message may have reached somebody.
_MAY_HAVE_ARRIVED = ("started", "sent", "unknown")
#: Statuses of a message that goes out by itself, in which a copy may yet go out.
_OWN_WAY = (Status.QUEUED, Status.SENDING, Status.UNKNOWN, Status.QUARANTINED, Status.NEEDS_A_PERSON)
_OPEN = (*_OWN_WAY, Status.FOR_DIGEST, Status.IN_DIGEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Somebody an earlier message went to, or may have gone to."""

    person_id: str
    because: str
    notices: tuple[str, ...]
    at_once: bool  # it did not wait for their digest


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxLine:
    """One line of `sgo outbox list`: opaque references and the words of the fixed list."""

    id: str
    status: str
    reason: str | None
    recipient: str  # how commands name the person
    because: str
    notices: tuple[str, ...]
    case_ref: str | None
    attempts: int
    unknowns: int
    created_at: datetime
    next_attempt_at: datetime | None
    sent_at: datetime | None
    server_reply: str | None
    told_failed: str | None
    arrival: str | None  # what the channel said became of it, where it says


def queue(
    session: Session,
    *,
    occasion: str,
    recipients: Iterable[tuple[str, str, Notice]],
    now: datetime,
    event_id: str | None = None,
    follow_up_id: str | None = None,
    case_id: int | None = None,
    due_on: date | Mapping[str, date] | None = None,
    meeting_id: str | None = None,
    first: bool = False,
    at_once: Container[str] = (),
    not_before: datetime | None = None,
) -> tuple[str, ...]:
    """Write what is to be said about one occasion: one message a person, with every notice meant for them.

    `occasion` names what happened once and for all: `event:<id>`, `of_rung(…)`, `of_bulk(…)`. `recipients`
    are (person id, the role or party they are told as, notice), the more telling role first. `due_on` is one
    London date, or one for each role or party. A second call
    adds what is new for an unsent message and else changes nothing; `first` says that there was no other, and
    saves the look. People `at_once` do not wait for their digest, whatever the notices say; nothing leaves
    `not_before`. Answers the ids of the messages.
    Raises ValueError for a letter (carers get no mail, design 5.11), a role nobody has words for, and a
    notice that comes after the occasion's message has left.
    """
    meant: dict[str, tuple[str, set[Notice]]] = {}
    for person_id, because, notice in recipients:
        if notice.is_letter:
            raise ValueError(f"{notice.id} is a letter: it is made, not mailed")
        if str(because) not in WHY:
            raise ValueError(f"nobody can be told why they get a message as {because!r}")
        meant.setdefault(person_id, (str(because), set()))[1].add(notice)
    if not meant:
        return ()
    there = {} if first else _messages_about(session, occasion, meant)
    ids: list[str] = []
    new: list[dict[str, Any]] = []
    for person_id, (because, notices) in meant.items():
        if (row := there.get(person_id)) is not None:
            _add(row, notices)
            ids.append(row.id)
            continue
        ids.append(new_id())
        new.append(
            {
                "id": ids[-1],
                "occasion": occasion,
                "event_id": event_id,
                "follow_up_id": follow_up_id,
                "case_id": case_id,
                "recipient_id": person_id,
                "because": because,
                "channel": MAIL,
                "due_on": due_on.get(because) if isinstance(due_on, Mapping) else due_on,
                "meeting_id": meeting_id,
                "message_id": "",  # fixed by the first try, before it is made: the same for every repeat
                "attempts": 0,
                "unknowns": 0,
                "next_attempt_at": not_before,
                "created_at": now,
                **_said(notices, at_once=person_id in at_once),
            }
        )
    put_values(session, Outbox, new)
    return tuple(ids)


def _said(notices: set[Notice], *, at_once: bool) -> dict[str, Any]:
    """What a message says, most urgent first, and how it goes out: now, or in the reader's digest."""
    ordered = by_urgency(notices)
    now = at_once or any(notice.delivery is Delivery.NOW for notice in ordered)
    return {
        "notices": [notice.id for notice in ordered],
        "delivery": (Delivery.NOW if now else Delivery.DIGEST).value,
        "status": (Status.QUEUED if now else Status.FOR_DIGEST).value,
    }


def _messages_about(session: Session, occasion: str, people: Iterable[str]) -> dict[str, Outbox]:
    """These people's messages of an occasion, locked; never those of all others, as of a day's digests."""
    mine = among(Outbox.recipient_id, people)
    query = select(Outbox).where(Outbox.occasion == occasion, Outbox.channel == MAIL, mine)
    return {row.recipient_id: row for row in session.scalars(query.with_for_update())}


def _add(row: Outbox, notices: set[Notice]) -> None:
    known = {NOTICES[notice] for notice in row.notices}
    if notices <= known:
        return
    if row.status not in (Status.QUEUED, Status.FOR_DIGEST) or row.unknowns:
        raise ValueError(f"the message about {row.occasion} has left already")
    said = _said(known | notices, at_once=row.delivery == Delivery.NOW)
    row.notices, row.delivery, row.status = said["notices"], said["delivery"], said["status"]


def withdraw(session: Session, event_id: str, *, reason: str) -> tuple[Told, ...]:
    """Take back what an event has to say: for a reversed or moved act (design 5.5, practice PT-16).

    What has not left is withdrawn, but for a bulk act's joint messages, which speak for other children too.
    Answers everybody an earlier message went to, may have gone to or will go to, once each: they are to be
    told that it no longer holds (`STEP_REVERSED`).
    """
    event = session.get(Event, event_id)
    joint = "" if event is None or event.bulk_id is None else of_bulk(event.bulk_id, event.trigger)
    query = select(Outbox).where(or_(Outbox.event_id == event_id, Outbox.occasion == joint))
    rows = list(session.scalars(query.order_by(Outbox.created_at, Outbox.id).with_for_update()))
    gone = _may_have_arrived(session, [row.id for row in rows])
    told: dict[str, Told] = {}
    for row in rows:
        speaks_for_others = row.occasion == joint
        if row.id in gone or (speaks_for_others and row.status in _OPEN):
            told.setdefault(
                row.recipient_id,
                Told(
                    person_id=row.recipient_id,
                    because=row.because,
                    notices=tuple(row.notices),
                    at_once=row.delivery == Delivery.NOW,
                ),
            )
        if row.status in _OPEN and not speaks_for_others:
            row.status, row.reason = Status.WITHDRAWN, reason[:300]
            row.next_attempt_at = None
    session.flush()
    return tuple(told.values())


def _may_have_arrived(session: Session, ids: Sequence[str]) -> set[str]:
    """Those of these messages that may have reached somebody, by themselves or in a digest."""
    by_itself = select(Attempt.outbox_id).where(
        Attempt.outbox_id.in_(ids), Attempt.outcome.in_(_MAY_HAVE_ARRIVED)
    )
    in_a_digest = (
        select(DigestLine.outbox_id)
        .join(Digest, Digest.id == DigestLine.digest_id)
        .join(Attempt, Attempt.outbox_id == Digest.outbox_id)
        .where(
            DigestLine.outbox_id.in_(ids),
            DigestLine.left_out.is_(None),
            Attempt.outcome.in_(_MAY_HAVE_ARRIVED),
        )
    )
    return {one for one in (*session.scalars(by_itself), *session.scalars(in_a_digest)) if one is not None}


def of_bulk(bulk_id: str, trigger: str) -> str:
    """The occasion of a bulk act: one message a person, whatever the number of children."""
    return f"{BULK}{bulk_id}:{trigger}"


def of_digest(day: date) -> str:
    """The occasion of a date's digest: one a person, by the outbox's unique key."""
    return f"{DIGEST}{day.isoformat()}"


def is_digest(row: Outbox) -> bool:
    """Whether a message is a digest."""
    return row.occasion.startswith(DIGEST)


def of_rung(deadline_id: str, rung: str) -> str:
    """The occasion of a deadline's rung."""
    return f"{RUNG}{deadline_id}:{rung}"


# -- what a person does with it (sgo outbox list|retry|release|hold) --------------------------------------


def list_outbox(
    session: Session, *, statuses: Sequence[str] | None = None, limit: int | None = None
) -> list[OutboxLine]:
    """Messages, newest first; without `statuses`, all that go by themselves and are not finished well.

    Raises Unusable for a status that does not exist.
    """
    if statuses is None:
        statuses = (*_OWN_WAY, Status.DEAD)
    if strange := sorted(set(statuses) - set(Status)):
        raise Unusable(f"There is no status {', '.join(strange)}. There are: {', '.join(Status)}.")
    query = (
        select(Outbox, Person.handle, Case.ref)
        .join(Person, Person.id == Outbox.recipient_id)
        .outerjoin(Case, Case.id == Outbox.case_id)
        .where(Outbox.status.in_(statuses))
        .order_by(Outbox.created_at.desc(), Outbox.id)
        .limit(limit)
    )
    return [_line(row, handle, ref) for row, handle, ref in session.execute(query)]


def retry(session: Session, ids: Sequence[str], *, by: str) -> int:
    """Have failed messages tried again from the start. `by` is the person who says so.

    A message that needs a person may have arrived already: trying it again can make a further copy, and
    that is what the person decides. Answers how many; raises Unusable for one that is in no such state.
    """
    rows = _chosen(session, ids, (Status.DEAD, Status.NEEDS_A_PERSON), "can be tried again")
    for row in rows:
        row.status, row.reason = Status.QUEUED, f"tried again by {by}"
        row.attempts, row.next_attempt_at = 0, None
        row.unknowns = 0
    return len(rows)


def release(session: Session, ids: Sequence[str] | None, *, by: str) -> int:
    """Let quarantined messages go (None: all of them): after a restore, or after `hold`.

    Raises Unusable for one that is not held.
    """
    if ids is None:
        ids = list(session.scalars(select(Outbox.id).where(Outbox.status == Status.QUARANTINED)))
    rows = _chosen(session, ids, (Status.QUARANTINED,), "is held")
    for row in rows:
        row.status = Status.UNKNOWN if row.unknowns else Status.QUEUED
        if row.delivery == Delivery.DIGEST:
            row.status = Status.FOR_DIGEST
        row.reason, row.next_attempt_at = f"released by {by}", None
    return len(rows)


def hold(session: Session, ids: Sequence[str], *, by: str) -> int:
    """Keep messages from going out until somebody releases them. Raises Unusable for one that has gone."""
    rows = _chosen(session, ids, (Status.QUEUED, Status.UNKNOWN, Status.FOR_DIGEST), "waits")
    for row in rows:
        row.status, row.reason, row.next_attempt_at = Status.QUARANTINED, f"held by {by}", None
    return len(rows)


def _chosen(session: Session, ids: Sequence[str], statuses: Sequence[Status], verb: str) -> list[Outbox]:
    query = select(Outbox).where(Outbox.id.in_(ids)).order_by(Outbox.id).with_for_update()
    rows = list(session.scalars(query))
    fit = [row for row in rows if row.status in statuses]
    if wrong := sorted(set(ids) - {row.id for row in fit}):
        raise Unusable(f"No message of these {verb}: {', '.join(wrong)}. Nothing was changed.")
    return fit


def _line(row: Outbox, handle: str, ref: str | None) -> OutboxLine:
    return OutboxLine(
        id=row.id,
        status=row.status,
        reason=row.reason,
        recipient=handle,
        because=row.because,
        notices=tuple(row.notices),
        case_ref=ref,
        attempts=row.attempts,
        unknowns=row.unknowns,
        created_at=row.created_at,
        next_attempt_at=row.next_attempt_at,
        sent_at=row.sent_at,
        server_reply=row.server_reply,
        told_failed=row.told_failed,
        arrival=row.arrival,
    )
