"""One entry of the history, being applied."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from persistence.tables import (
    Case,
    Child,
)
from states.facts import Entry


class Applied:
    """One entry being applied: the rows it may touch."""

    def __init__(self, session: Session, case: Case, child: Child, entry: Entry, now: datetime) -> None:
        self.session, self.case, self.child, self.entry, self.now = session, case, child, entry, now
        self.data: dict[str, Any] = dict(entry.data)

    def day(self, field: str) -> date | None:
        """A date field of the record."""
        value = self.data.get(field)
        return date.fromisoformat(value) if value else None
