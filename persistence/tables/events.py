"""What happened: the chained events, the records filed with them, and who confirmed what."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from persistence.tables.base import Base, Id, Word


class Event(Base):
    """One line of a case's history. Append-only; each carries the hash of the one before (design 5.4)."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("case_id", "seq"),
        Index(None, "bulk_id"),
        Index(None, "recorded_at"),
        Index(None, "recorded_on", "case_id"),
        # Only those that are about another: most are about none.
        Index(
            "ix_event_about_event",
            "about_event",
            sqlite_where=text("about_event IS NOT NULL"),
            postgresql_where=text("about_event IS NOT NULL"),
        ),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"))
    seq: Mapped[int]
    trigger: Mapped[str] = mapped_column(Word)
    nature: Mapped[str] = mapped_column(Word)
    from_state: Mapped[str | None] = mapped_column(Word)
    to_state: Mapped[str] = mapped_column(Word)
    happened_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_on: Mapped[date]  # London date of recorded_at
    decided_by: Mapped[str] = mapped_column(Id)
    recorded_by: Mapped[str] = mapped_column(Id)
    on_behalf_of: Mapped[str | None] = mapped_column(Id)  # whom the decider covered for
    role: Mapped[str] = mapped_column(Word)  # the role the decision was made in
    channel: Mapped[str] = mapped_column(Word)
    os_user: Mapped[str | None] = mapped_column(String(60))
    late_reason: Mapped[str | None] = mapped_column(Text)
    evidence: Mapped[str | None] = mapped_column(Text)
    record_id: Mapped[str | None] = mapped_column(Id)
    record_hash: Mapped[str | None] = mapped_column(String(64))
    policy_sha256: Mapped[str] = mapped_column(String(64))
    bulk_id: Mapped[str | None] = mapped_column(Id)
    about_event: Mapped[str | None] = mapped_column(Id)  # the event this reverses, corrects, confirms, moves
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class Record(Base):
    """What was written down with an event. Append-only: a correction is a new row that supersedes."""

    __tablename__ = "record"
    __table_args__ = (
        Index(None, "case_id", "kind"),
        Index(None, "event_id"),
        Index(
            "ix_record_supersedes",
            "supersedes",
            sqlite_where=text("supersedes IS NOT NULL"),
            postgresql_where=text("supersedes IS NOT NULL"),
        ),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"))
    event_id: Mapped[str] = mapped_column(ForeignKey("event.id"))
    for_event: Mapped[str] = mapped_column(
        Id
    )  # whose content this is: its own event's, or the corrected one's
    kind: Mapped[str] = mapped_column(Word)
    schema_version: Mapped[int]
    data: Mapped[dict[str, Any]]
    happened_on: Mapped[date]
    supersedes: Mapped[str | None] = mapped_column(Id)
    content_hash: Mapped[str] = mapped_column(String(64))


class Confirmation(Base):
    """A decision recorded for someone else: unconfirmed until they say so (practice PR-2)."""

    __tablename__ = "confirmation"
    __table_args__ = (Index(None, "status", "decider_id"),)
    event_id: Mapped[str] = mapped_column(ForeignKey("event.id"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"), index=True)
    decider_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    status: Mapped[str] = mapped_column(Word)  # waiting | confirmed | disputed
    answered_by_event: Mapped[str | None] = mapped_column(Id)
    answered_at: Mapped[datetime | None]


class Flag(Base):
    """A later step whose guards no longer hold after a correction, or an urgent fact out of order.

    A named person looks at it; the state never moves by itself (design 5.5).
    """

    __tablename__ = "flag"
    __table_args__ = (
        Index(None, "case_id", "cleared_by_event"),
        # What stands of a post: somebody's work.
        Index(
            "ix_flag_of_post",
            "owner",
            "case_id",
            sqlite_where=text("cleared_by_event IS NULL"),
            postgresql_where=text("cleared_by_event IS NULL"),
        ),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"))
    event_id: Mapped[str] = mapped_column(Id)  # what raised it
    about_event: Mapped[str | None] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(Word)
    rule: Mapped[str] = mapped_column(Word)
    words: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(Word)
    urgent: Mapped[bool]
    raised_on: Mapped[date]
    cleared_by_event: Mapped[str | None] = mapped_column(Id)
    cleared_on: Mapped[date | None]


class IdempotencyKey(Base):
    """The stored answer to an act: the same key and body give it again, once done (reliability R7)."""

    __tablename__ = "idempotency_key"
    actor_id: Mapped[str] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    result: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class Draft(Base):
    """A form somebody has begun and not yet sent: theirs alone."""

    __tablename__ = "draft"
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"), primary_key=True)
    trigger: Mapped[str] = mapped_column(Word, primary_key=True)
    values: Mapped[dict[str, Any]]
    version: Mapped[int]  # of the case, when it was typed
    kept_at: Mapped[datetime]


class Seal(Base):
    """One night's root over every case's chain head; a copy leaves the database (design 5.4)."""

    __tablename__ = "seal"
    sequence: Mapped[int] = mapped_column(primary_key=True)
    business_date: Mapped[date]
    sealed_at: Mapped[datetime]
    cases: Mapped[int]
    events: Mapped[int]
    access_seq: Mapped[int]  # how far the log of who looked had got, and its hash there
    access_hash: Mapped[str] = mapped_column(String(64))
    previous_root: Mapped[str] = mapped_column(String(64))
    root: Mapped[str] = mapped_column(String(64))


class SealHead(Base):
    """A case's chain head as a seal took it: only the cases that had moved since the seal before.

    Together the seals' heads say how long every case's history was on any sealed night, so that a tail
    cut off or rewritten since is found (reliability R19).
    """

    __tablename__ = "seal_head"
    __table_args__ = (Index(None, "case_id", "seq"),)
    sequence: Mapped[int] = mapped_column(ForeignKey("seal.sequence"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"), primary_key=True)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


class PolicyVersion(Base):
    """A policy in force from a date. Append-only (design 5.7)."""

    __tablename__ = "policy_version"
    sequence: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    from_on: Mapped[date]
    content: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(String(200))
    adopted_by: Mapped[str | None] = mapped_column(Id)
    adopted_at: Mapped[datetime]
