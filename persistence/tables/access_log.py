"""Who looked at which child, when, why: written before the bytes go out (reliability R20)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from persistence.tables.base import AccessBase, Id, Word


class Access(AccessBase):
    """One read, refusal or denial. Opaque ids only; a second chain of its own."""

    __tablename__ = "access"
    __table_args__ = (Index(None, "case_ref"), Index(None, "person_id"), Index(None, "person_id", "at"))
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    person_id: Mapped[str] = mapped_column(Id)
    on_behalf_of: Mapped[str | None] = mapped_column(Id)
    case_ref: Mapped[str | None] = mapped_column(String(20))
    what: Mapped[str] = mapped_column(Word)  # read:case, act:rate, list:case …
    outcome: Mapped[str] = mapped_column(Word)  # allowed | denied | refused
    rules: Mapped[list[str]]
    channel: Mapped[str] = mapped_column(Word)
    os_user: Mapped[str | None] = mapped_column(String(60))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class TakenOut(AccessBase):
    """A list that left as a file, and what for where it was long (reliability C7). Kept beside the log of who looked.

    The lines of the log are of the same person and instant. The reason stands here and not there, for people write it.
    """

    __tablename__ = "taken_out"
    __table_args__ = (Index(None, "at"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime]
    person_id: Mapped[str] = mapped_column(Id)
    what: Mapped[str] = mapped_column(Word)
    listed: Mapped[int] = mapped_column(Integer)  # how many children or requests
    reason: Mapped[str | None] = mapped_column(String(200))
