"""Conditions on every act: its dates and who may record it for whom (rules R-SM-3, practice PR-1, PR-2)."""

from __future__ import annotations

from states.facts import Facts
from states.vocabulary import Unmet


def not_in_the_future(facts: Facts) -> Unmet | None:
    """What has not happened yet cannot be recorded as happened."""
    if facts.on > facts.today:
        return Unmet("R-SM-3", f"It cannot have happened on {facts.on}: that day is still to come.", "happened_on")
    return None


def after_the_step_before(facts: Facts) -> Unmet | None:
    """A decision follows the step that led to it. Facts may come to light in any order (practice PR-1)."""
    before = facts.last_move()
    if before is not None and facts.on < before.happened_on:
        return Unmet(
            "R-SM-3",
            f"It is dated {facts.on}, before the step that led here ({before.happened_on}). "
            "Give the true date, or correct the earlier step.",
            "happened_on",
        )
    return None


def late_entry_explained(facts: Facts) -> Unmet | None:
    """Entering a decision late needs the reason; both dates are kept (rules R-SM-3)."""
    allowed = facts.policy.records.late_entry_working_days
    if facts.calendar.working_days_between(facts.on, facts.today) > allowed and not facts.late_reason:
        return Unmet(
            "R-SM-3",
            f"It happened on {facts.on} and is entered more than {allowed} working days later: say why.",
            "late_reason",
        )
    return None


FOR_DECISIONS = (not_in_the_future, after_the_step_before, late_entry_explained)
FOR_ACTS = (not_in_the_future,)
