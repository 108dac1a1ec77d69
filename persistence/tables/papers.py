"""Papers as they were made, and means tests as they were worked out: never changed, never overwritten."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from persistence.tables.base import Base, Word


class FundingPaper(Base):
    """A version of a paper of a request: its file, the hash of it, and the hash that ties it to the one before.

    `chain` is over every column and the paper before it, whichever request that is of: an edit, a deletion between
    two papers or a swap is found (`persistence.verification`).
    """

    __tablename__ = "funding_paper"
    __table_args__ = (UniqueConstraint("case_id", "kind", "version"),)
    sequence: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"))
    kind: Mapped[str] = mapped_column(Word)
    version: Mapped[int] = mapped_column(Integer)
    mark: Mapped[str] = mapped_column(String(16))  # of what the paper says
    body: Mapped[bytes]
    sha256: Mapped[str] = mapped_column(String(64))  # of `body`
    template: Mapped[str] = mapped_column(String(64))  # the hash of the template it was made with
    own_template: Mapped[bool]
    made_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    chain: Mapped[str] = mapped_column(String(64))


class MeansTestKept(Base):
    """A means test as it was worked out, by its mark; requests name it in their records (rules R-MT-10).

    Several requests may name the same one: brothers and sisters share it (practice PR-6).
    """

    __tablename__ = "means_test"
    __table_args__ = (Index(None, "household"),)
    mark: Mapped[str] = mapped_column(String(16), primary_key=True)
    household: Mapped[str] = mapped_column(String(40))
    illustration: Mapped[bool]
    tested_on: Mapped[date]
    content: Mapped[str] = mapped_column(Text)  # JSON with sorted keys: what the mark is the hash of
    policy_sha256: Mapped[str] = mapped_column(String(64))
    made_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
