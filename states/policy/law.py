"""The numbers of the register that the law sets: an authority may be stricter where it can, never looser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from states.policy.document import Policy
from states.policy.problems import Contradiction
from states.policy.values import Mark


@dataclass(frozen=True, slots=True)
class Law:
    """A number that the law sets: an authority may be stricter where `must` leaves room, never looser."""

    section: str
    key: str
    must: Literal["be", "be at most", "be at least"]
    number: int
    mark: Mark
    rule: str

    def __call__(self, policy: Policy) -> Iterator[Contradiction]:
        section = getattr(policy, self.section)
        value = getattr(section, self.key)
        given = section.origin[self.key].mark
        fits = {
            "be": value == self.number,
            "be at most": value <= self.number,
            "be at least": value >= self.number,
        }
        if not fits[self.must]:
            yield self._broken(f"must {self.must} {self.number}; it says {value}. The law sets it")
        elif value == self.number and given is not self.mark:
            yield self._broken(f"must be marked {self.mark}, for the law sets it; it is marked {given}")
        elif value != self.number and given is self.mark:
            yield self._broken(
                f"is marked {self.mark}, but the law says {self.number}; "
                "a stricter number of your own is marked LP"
            )

    def _broken(self, reason: str) -> Contradiction:
        return Contradiction((self.section, self.key), f"{reason} ({self.rule})")


LAWS = (
    Law("legal", "notice_months", "be", 3, Mark.ACT, "R-LAW-4"),
    Law("court", "care_proceedings_weeks", "be", 26, Mark.ACT, "R-LAW-13"),
    Law("court", "extension_weeks", "be", 8, Mark.ACT, "R-LAW-13"),
    Law("scope", "carer_lived_with_years", "be", 1, Mark.ACT, "R-LAW-3"),
    Law("scope", "ends_at_age", "be", 18, Mark.ACT, "R-LAW-11"),
    Law("reviews", "first_working_days", "be at most", 20, Mark.REG, "R-LAC-1"),
    Law("reviews", "second_months", "be at most", 3, Mark.REG, "R-LAC-1"),
    Law("reviews", "then_months", "be at most", 6, Mark.REG, "R-LAC-1"),
    Law("reviews", "visit_first_weeks", "be at most", 1, Mark.REG, "R-LAC-4"),
    Law("reviews", "visit_weeks", "be at most", 6, Mark.REG, "R-LAC-4"),
    Law("reviews", "visit_then_months", "be at most", 3, Mark.REG, "R-LAC-4"),
    Law("reviews", "iro_dispute_working_days", "be at most", 20, Mark.SG, "R-LAC-6"),
    Law("post_order", "plan_review_months", "be at most", 12, Mark.REG, "R-SUP-10"),
    Law("post_order", "allowance_review_months", "be at most", 12, Mark.REG, "R-REV-1"),
    Law("records", "looked_after_years_from_birth", "be at least", 75, Mark.REG, "R-REC-1"),
    Law("records", "death_before_18_years", "be at least", 15, Mark.REG, "R-REC-1"),
    Law("records", "adoption_years", "be at least", 100, Mark.REG, "R-REC-2"),
)
