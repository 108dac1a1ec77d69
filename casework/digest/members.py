"""A digest's lines looked at again in the moment it is sent, and what becomes of them (reliability R11, R12).

Whatever is not said is not lost either: it goes to whoever holds the post now, back to the queue for the digest of
the person it is for again, or stays with the reason why nobody need read it.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casework.delivery import outcomes
from casework.delivery.outbox import Status
from casework.delivery.recipients import NotSent, reader_of
from casework.digest.lines import said
from casework.who.access import powers
from persistence.tables import Case, Digest, DigestLine, Finding, Outbox

#: A message whose digest has not reached its reader, or could not.
_NOT_YET = (Status.IN_DIGEST, Status.DEAD)


def digest_of(session: Session, row: Outbox) -> Digest:
    """The digest that goes out as this message."""
    return session.scalars(select(Digest).where(Digest.outbox_id == row.id)).one()


def look_again(session: Session, row: Outbox, *, on: date, now: datetime) -> None:
    """Leave out of a digest what its reader is not to have on a London date, and pass it on (R12)."""
    digest = digest_of(session, row)
    for line in said(session, digest):
        if line.outbox_id is not None:
            member = session.get_one(Outbox, line.outbox_id, with_for_update=True)
            _message(session, digest, line, member, on=on, now=now)
        else:
            line.left_out = _why_no_finding(session, digest, line, on)
    session.flush()


def _message(
    session: Session, digest: Digest, line: DigestLine, member: Outbox, *, on: date, now: datetime
) -> None:
    if member.status not in _NOT_YET:
        line.left_out = member.reason or str(member.status)
        return
    reader = reader_of(session, member, on=on)
    if isinstance(reader, NotSent) and reader.reader_id == digest.person_id and reader.unreachable:
        return  # the digest itself cannot reach them: its own end says so
    if isinstance(reader, NotSent):
        outcomes.not_sent(session, member, reader, now=now)
        line.left_out = reader.reason
    elif reader.person_id != digest.person_id:  # cover has begun or ended: their next digest has it
        session.delete(line)
        member.status = Status.FOR_DIGEST


def _why_no_finding(session: Session, digest: Digest, line: DigestLine, on: date) -> str | None:
    finding = session.get_one(Finding, line.finding_id)
    if finding.cleared_on is not None:
        return "it has been put right"
    if not powers(session, digest.person_id, session.get_one(Case, finding.case_id), on).sees:
        return "no longer entitled to this child"
    return None


def ended(session: Session, row: Outbox) -> None:
    """A digest's end is its messages' end: sent, dead or suppressed with it (reliability R10)."""
    if row.status not in (Status.SENT, Status.DEAD, Status.SUPPRESSED):
        return
    digest = digest_of(session, row)
    theirs = select(DigestLine.outbox_id).where(
        DigestLine.digest_id == digest.id, DigestLine.left_out.is_(None), DigestLine.outbox_id.is_not(None)
    )
    session.flush()
    session.execute(
        update(Outbox)
        .where(Outbox.id.in_(theirs), Outbox.status.in_(_NOT_YET))
        .values(status=row.status, sent_at=row.sent_at, reason=row.reason, template_version=row.template_version)
        .execution_options(synchronize_session=False)
    )
