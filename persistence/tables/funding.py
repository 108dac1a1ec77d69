"""What is known of a funding request beside its history: whose it is, what it is worth, what was signed.

A request's own row stands in `sgo_case`, with its process, state, version and chain; `child_case_id` there says whose
it is. The rest is here: a projection of the history, and what was signed, which never changes.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from persistence.tables.base import Base, Id, Word


class FundingRequest(Base):
    """A request as it stands: kind, purpose, household, and money in whole pence."""

    __tablename__ = "funding_request"
    __table_args__ = (Index(None, "household_key", "purpose_kind"),)
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(Word)
    timing: Mapped[str] = mapped_column(Word)
    purpose_kind: Mapped[str] = mapped_column(Word)
    household: Mapped[str] = mapped_column(String(40))  # as it was written
    household_key: Mapped[str] = mapped_column(String(40))  # as it is compared
    frequency: Mapped[str] = mapped_column(Word)
    tied_to: Mapped[str | None] = mapped_column(Word)  # property or vehicle
    asked_pence: Mapped[int] = mapped_column(Integer)  # each time it is paid
    value_pence: Mapped[int] = mapped_column(Integer)  # the highest named in this round: the whole, or a year
    remuneration_pence: Mapped[int] = mapped_column(Integer, default=0)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    rounds: Mapped[int] = mapped_column(default=1)
    submitted_on: Mapped[date | None]  # of this round; empty: an illustration, or being prepared
    decided_on: Mapped[date | None]
    agreed_pence: Mapped[int | None] = mapped_column(Integer)  # of the last signature; each time it is paid
    agreed_frequency: Mapped[str | None] = mapped_column(Word)
    signed_on: Mapped[date | None]
    signed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    signed_event: Mapped[str | None] = mapped_column(Id)
    noticed_on: Mapped[date | None]  # the notice of decision, of this round
    contract_on: Mapped[date | None]
    on_tracker_on: Mapped[date | None]
    paid_on: Mapped[date | None]  # the first payment of this round


class FundingCover(Base):
    """A child whom a request is for: the one it belongs to, and brothers and sisters (practice PR-6)."""

    __tablename__ = "funding_cover"
    __table_args__ = (Index(None, "child_case_id"),)
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"), primary_key=True)
    child_case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"), primary_key=True)


class FundingSignature(Base):
    """What was signed, as it was shown: append-only (reliability R6)."""

    __tablename__ = "funding_signature"
    __table_args__ = (Index(None, "case_id"),)
    event_id: Mapped[str] = mapped_column(ForeignKey("event.id"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"))
    signed_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    agreed: Mapped[bool]
    amount_pence: Mapped[int | None] = mapped_column(Integer)
    clause: Mapped[str] = mapped_column(Text)
    contradiction: Mapped[str | None] = mapped_column(Text)
    shown: Mapped[str] = mapped_column(Text)  # JSON with sorted keys: what stood on the request
    sha256: Mapped[str] = mapped_column(String(64))  # of `shown`; the record holds its beginning as the mark
    at: Mapped[datetime]
