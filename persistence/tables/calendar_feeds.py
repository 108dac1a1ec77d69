"""Where people's own diaries fetch their meetings."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from persistence.tables.base import Base


class CalendarFeed(Base):
    """The secret address under which somebody's diary fetches their own meetings: only its fingerprint is kept."""

    __tablename__ = "calendar_feed"
    __table_args__ = (Index(None, "person_id"),)
    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
