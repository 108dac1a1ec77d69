"""A line of a history as people read it: of a child's case and of a funding request alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the chronology, with both dates (design 5.5)."""

    event: str
    seq: int
    trigger: str
    words: str
    from_state: str | None
    to_state: str
    happened_on: date
    recorded_on: date
    decided_by: str
    recorded_by: str
    on_behalf_of: str | None
    role: str
    confirmation: str
    standing: str  # stands | taken back | corrected
    record: dict[str, Any]
    reason: str | None  # why it was entered late, or why a record was corrected
    evidence: str | None
