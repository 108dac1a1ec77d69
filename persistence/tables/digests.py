"""The digest: one a day for each person, and which messages and findings it carries (reliability R11)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from persistence.tables.base import Base, Id


class Digest(Base):
    """One person's digest of one London date. Its text is made when it is sent and never stored."""

    __tablename__ = "digest"
    __table_args__ = (UniqueConstraint("person_id", "for_day"), Index(None, "for_day"))
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    for_day: Mapped[date]
    outbox_id: Mapped[str] = mapped_column(ForeignKey("outbox.id"), unique=True)  # the mail it goes out as
    with_page: Mapped[bool]  # it carries the week's page for a Head of Service (practice PN-2)
    built_at: Mapped[datetime]


class DigestLine(Base):
    """One line of a digest: a message that waited for it, or a finding of the night.

    A message is in one digest at most: the unique key makes "twice" impossible. A finding may be told again.
    """

    __tablename__ = "digest_line"
    __table_args__ = (
        UniqueConstraint("outbox_id"),
        UniqueConstraint("digest_id", "finding_id"),
        Index(None, "finding_id"),
        CheckConstraint("(outbox_id IS NULL) <> (finding_id IS NULL)", name="one_source"),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    digest_id: Mapped[str] = mapped_column(ForeignKey("digest.id"))
    outbox_id: Mapped[str | None] = mapped_column(ForeignKey("outbox.id"))
    finding_id: Mapped[str | None] = mapped_column(ForeignKey("finding.id"))
    because: Mapped[str] = mapped_column(String(200))  # the role or party that made them a reader of it
    behalf_of: Mapped[str | None] = mapped_column(Id)  # whom they cover for
    left_out: Mapped[str | None] = mapped_column(String(300))  # why it was not said after all


class DigestDay(Base):
    """The digests of a date are all built: what a monitor asks for in the morning (design 5.12)."""

    __tablename__ = "digest_day"
    for_day: Mapped[date] = mapped_column(primary_key=True)
    people: Mapped[int]
    lines: Mapped[int]
    built_at: Mapped[datetime]
