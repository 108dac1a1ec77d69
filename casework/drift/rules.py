"""What the night looks for: one line of the catalogue a rule, each a single `Select` (rules 10, design 5.10).

To add a rule: a function in `casework/drift/finds/` that answers (case, since when) for the night it is given, and a
line below. Its numbers are policy; its dates come from `AsOf`. A rule that the policy lists under `night.off` is not
asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from casework.drift.as_of import AsOf, Columns
from casework.drift.finds import court, group, keeping, money, rating, reviews, under_way
from states import notices as n
from states import notices_funding as money_notices
from states.policy import Policy
from states.vocabulary import Notice, Party, Role


class Severity(StrEnum):
    """How bad it is (rules 10)."""

    INFO = "info"
    WARN = "warn"
    URGENT = "urgent"


#: Which cases of a chunk, and since which date each: `since` tells one lapse from the next.
Find = Callable[[AsOf], Columns]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worse:
    """What a rule says of the cases in which its `Select` answers `urgent`."""

    words: str
    owners: tuple[Role, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftRule:
    """One rule of the night. One finding a rule, case and `since`: the next lapse is a new finding.

    `lapsed` says on which day a case lapsed, where the `Select` can only answer the day from which that is counted.
    `missing` are the cases in which it cannot be told, because a date is not known: they are one line with their
    number, not a finding each. `one_at_a_time`: while a finding stands it is the same lapse, whatever day is
    counted from by now. `same_matter` are the tasks that ask for what the rule misses: a digest says both in one line.
    """

    id: str
    severity: Severity
    owners: tuple[Role | Party, ...]
    words: str  # as people read it (practice 5); nothing about the child
    source: str
    find: Find | None  # None: about the authority, not about a child
    lapsed: Callable[[AsOf, Any], date] | None = None
    worse: Worse | None = None
    missing: Find | None = None
    not_known: str = ""  # what is missing, in words
    one_at_a_time: bool = False
    same_matter: tuple[Notice, ...] = ()
    of_the_authority: Callable[[AsOf], tuple[str, ...]] | None = None

    def since(self, night: AsOf, row: Any) -> date:
        """Since when a case that the `Select` found has lapsed."""
        found: date = self.lapsed(night, row) if self.lapsed is not None else row.since
        return found

    def severity_of(self, *, urgent: bool) -> Severity:
        """How bad a finding is."""
        return Severity.URGENT if urgent and self.worse is not None else self.severity

    def words_for(self, severity: str) -> str:
        """What a finding of a severity says."""
        return self.worse.words if self.worse is not None and severity == Severity.URGENT else self.words

    def owners_for(self, severity: str) -> tuple[Role | Party, ...]:
        """Whose a finding of a severity is."""
        return self.worse.owners if self.worse is not None and severity == Severity.URGENT else self.owners


INFO, WARN, URGENT = Severity.INFO, Severity.WARN, Severity.URGENT
CSW, SAW, TM = Role.CHILDS_WORKER, Role.ASSESSMENT_WORKER, Role.TEAM_MANAGER
HOS, SGO, IRO, LEGAL = Role.HEAD_OF_SERVICE, Role.SGO_TEAM, Role.IRO, Role.LEGAL
CHAIR, CLERK = Role.GROUP_CHAIR, Role.GROUP_ADMINISTRATOR

# fmt: off
CATALOGUE: tuple[DriftRule, ...] = (
    # ── Rated, looked at again, listed ───────────────────────────────────────────────────────────────────────
    DriftRule(id="D-01", severity=WARN, owners=(TM,), find=rating.not_rated,
              words="Not rated, and the first rating is overdue", source="rules 10, R-ELG-3",
              same_matter=(n.NT_01, n.NT_02_DUE, n.NT_02_LATE)),
    DriftRule(id="D-02", severity=WARN, owners=(TM,), find=rating.rating_old,
              words="The rating has not been looked at again in time", source="rules 10, R-RAG-4",
              missing=rating.no_rating_date, not_known="when they were rated",
              same_matter=(n.NT_02_DUE, n.NT_02_LATE)),
    DriftRule(id="D-03", severity=WARN, owners=(TM, CHAIR), find=rating.not_listed, lapsed=rating.listing_was_due,
              words="Rated, and not put on an agenda in time", source="rules 10, PN-3"),
    DriftRule(id="D-07", severity=WARN, owners=(CHAIR,), find=rating.same_barrier, one_at_a_time=True,
              words="The same thing stands in the way time after time", source="rules 10, R-RAG-5"),

    # ── The Review Group ─────────────────────────────────────────────────────────────────────────────────────
    DriftRule(id="D-04", severity=URGENT, owners=(CLERK, TM), find=group.not_relisted,
              words="The date to return to the Review Group has passed: not on an agenda", source="rules 10, R-RG-4",
              same_matter=(n.NT_05,)),
    DriftRule(id="D-08", severity=URGENT, owners=(HOS,), find=group.round_and_round,
              words="Further work goes round and round: a Head of Service must say whether it goes on",
              source="rules 10, R-FW-2"),

    # ── Under way ────────────────────────────────────────────────────────────────────────────────────────────
    DriftRule(id="D-05", severity=WARN, owners=(CSW, TM), find=under_way.off_the_trajectory,
              words="The trajectory is overdue, or one of its dates has passed unmet",
              source="rules 10, R-RG-5, R-TRJ-2", same_matter=(n.NT_06, n.NT_06_LATE)),
    DriftRule(id="D-06", severity=WARN, owners=(SGO,), find=under_way.not_allocated,
              words="Agreed to progress, and no assessment worker yet", source="rules 10, R-ALC-1"),
    DriftRule(id="D-09", severity=WARN, owners=(TM,), find=under_way.no_kdd,
              words="Can progress, and no Key Decision Discussion (KDD) has been held", source="rules 10, R-KDD-1",
              same_matter=(n.KDD_WANTED,)),
    DriftRule(id="D-10", severity=URGENT, owners=(Role.IRO_MANAGER, HOS), find=under_way.not_ratified,
              words="The decision has not been ratified at a review (ROA) in time", source="rules 10, R-ROA-2",
              same_matter=(n.NT_11,)),
    DriftRule(id="D-38", severity=WARN, owners=(SGO,), find=under_way.assessment_not_begun,
              words="Ratified, and the assessment has not begun", source="rules 10"),
    DriftRule(id="D-11", severity=WARN, owners=(SAW,), find=under_way.assessment_long,
              words="The assessment takes longer than its target", source="rules 10, R-ASM-2",
              same_matter=(n.NT_13_WARNING, n.NT_13_TARGET, n.NT_13_CEILING),
              worse=Worse(words="The assessment is past its target, and by now past its ceiling", owners=(SAW, HOS))),

    # ── Money, Legal, court ──────────────────────────────────────────────────────────────────────────────────
    DriftRule(id="D-13", severity=URGENT, owners=(HOS, LEGAL), find=court.money_not_final, one_at_a_time=True,
              lapsed=court.money_was_due, words="The order is near and the money is not final", source="rules 10"),
    DriftRule(id="D-12", severity=WARN, owners=(Role.CFS_PERMANENCE, HOS), find=money.step_over_its_time,
              words="A step of a funding request takes longer than it may", source="rules 10, R-FIN-12",
              same_matter=(money_notices.NT_17_LATE,),
              worse=Worse(words="A funding request is late, and by now over the time for the whole of its way",
                          owners=(Role.CFS_PERMANENCE, HOS))),
    DriftRule(id="D-14", severity=URGENT, owners=(Role.ASSISTANT_DIRECTOR,), find=money.remuneration_not_decided,
              one_at_a_time=True, lapsed=court.money_was_due, source="rules 10, R-FIN-13",
              words="The order is near, and the remuneration that is asked for is not decided"),
    DriftRule(id="D-39", severity=URGENT, owners=(LEGAL, Role.FINANCE), find=money.no_contract,
              lapsed=money.contract_was_due, source="rules 10, R-FIN-9",
              same_matter=(money_notices.NT_20, money_notices.NT_17_LATE),
              words="Money was agreed that needs a contract, and it is not signed: in time, or before a payment"),
    DriftRule(id="D-15", severity=WARN, owners=(LEGAL,), find=court.could_be_issued, lapsed=court.issue_was_due,
              words="The application could have been issued weeks ago", source="rules 10, T17",
              same_matter=(n.NT_15,)),
    DriftRule(id="D-16", severity=URGENT, owners=(LEGAL, HOS), find=court.direction_overdue,
              words="A direction of the court is overdue", source="rules 10, R-CRT-1"),
    DriftRule(id="D-17", severity=URGENT, owners=(HOS,), find=court.too_old_to_wait, lapsed=court.birthday,
              words="Nearly of age, and no application yet", source="rules 10, R-LAW-11",
              missing=court.no_date_of_birth, not_known="when they were born"),

    # ── Reviews and visits: off unless an authority wants them here (practice PN-1) ──────────────────────────
    DriftRule(id="D-18", severity=URGENT, owners=(IRO, TM, HOS), find=reviews.review_overdue,
              lapsed=reviews.review_was_due, words="A looked-after review is overdue, as far as it was imported",
              source="rules 10, R-LAC-1, PN-1", missing=reviews.no_review_dates, not_known="when they are reviewed"),
    DriftRule(id="D-19", severity=URGENT, owners=(CSW, TM), find=reviews.visit_overdue,
              lapsed=reviews.visit_was_due, words="A statutory visit is overdue, as far as visits are recorded here",
              source="rules 10, R-LAC-4, PN-1",
              missing=reviews.no_visit_dates, not_known="when they are visited"),
    DriftRule(id="D-29", severity=URGENT, owners=(IRO, TM), find=reviews.no_plan_by_second_review,
              lapsed=reviews.plan_was_due, words="No plan for permanence by the second review, as far as is imported",
              source="rules 10, PN-1", missing=reviews.no_care_date, not_known="since when they are looked after"),

    # ── Keeping the work alive ───────────────────────────────────────────────────────────────────────────────
    DriftRule(id="D-35", severity=WARN, owners=(CSW, TM), find=keeping.quiet,
              words="Nothing has happened for a while and nothing is planned", source="rules 10"),
    DriftRule(id="D-36", severity=WARN, owners=(TM,), find=keeping.nobodys_task, one_at_a_time=True,
              words="A task is open and nobody at work holds the post it belongs to", source="rules 10, N-6",
              missing=keeping.no_team, not_known="which team they are in"),
    DriftRule(id="D-37", severity=INFO, owners=(Party.DECIDER,), find=keeping.entered_late,
              words="A decision was written down days after it was taken", source="rules 10, R-SM-3"),
    DriftRule(id="D-41", severity=WARN, owners=(TM, Role.CO_ORDINATOR), find=keeping.to_be_closed,
              lapsed=keeping.asked_since, words="Does the case end? It is for a person to say and record",
              source="rules T23, PR-5",
              worse=Worse(words="Whether the case ends was asked, and nobody has said so in time",
                          owners=(TM, Role.CO_ORDINATOR, HOS))),
    DriftRule(id="D-40", severity=WARN, owners=(Role.ADMINISTRATOR,), find=None,
              of_the_authority=keeping.past_their_date,
              words="A value of the policy is past the date it was given for", source="rules 10"),
)
# fmt: on

RULES: dict[str, DriftRule] = {rule.id: rule for rule in CATALOGUE}

#: The rules of the night that are not asked yet, by number, and what they wait for (rules 10).
NOT_YET: Mapping[str, str] = {
    f"D-{number:02}": waits_for
    for waits_for, numbers in (
        ("support after the order", range(20, 28)),
        ("family time", (28,)),
        ("the permanence cohorts", range(30, 35)),
    )
    for number in numbers
}


def in_use(policy: Policy) -> tuple[DriftRule, ...]:
    """The rules the policy has not switched off (practice PN-1)."""
    return tuple(rule for rule in CATALOGUE if rule.id not in policy.night.off)
