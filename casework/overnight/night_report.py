"""What a night did, in numbers that add up (design 7, rules R-DRF-5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class NotChecked:
    """A case the night could not check, and the reference of why (practice 5)."""

    ref: str
    error_ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NightReport:
    """One night. `expected` are the open cases it began with; each was `examined` or is in `not_checked`.

    `findings` are the standing ones of each rule that was asked. `new` and `cleared` count what this night
    changed: nothing in a replay, and nothing where the date had been checked `before`.
    """

    business_date: date
    replay: bool
    expected: int
    examined: int
    skipped: int
    findings: Mapping[str, int] = field(default_factory=dict)
    missing: Mapping[str, int] = field(default_factory=dict)  # children in whom a rule cannot tell
    new: int = 0
    cleared: int = 0
    escalated: int = 0
    digests: int = 0
    rungs: int = 0  # steps of deadlines' ladders reached
    notices: int = 0  # messages queued for them
    seconds: float = 0.0
    before: bool = False
    not_checked: tuple[NotChecked, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The report as stable keys (design 7)."""
        return {
            "business_date": self.business_date.isoformat(),
            "replay": self.replay,
            "expected": self.expected,
            "examined": self.examined,
            "skipped": self.skipped,
            "findings": dict(self.findings),
            "cannot_tell": dict(self.missing),
            "new": self.new,
            "cleared": self.cleared,
            "escalated": self.escalated,
            "digests": self.digests,
            "rungs": self.rungs,
            "notices": self.notices,
            "seconds": self.seconds,
            "checked_before": self.before,
            "not_checked": [{"ref": one.ref, "error": one.error_ref} for one in self.not_checked],
        }
