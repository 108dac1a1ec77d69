"""The Key Decision Discussion and its ratification at the Review of Arrangements (rules 5.7, 5.8)."""

from __future__ import annotations

from datetime import date

from states.records.base import Record, Row, choice, choices, day, meeting, person, rows, text, words, yes_no
from states.records.codes import Participation, PermanencePlan, WhyStopped
from states.records.shared import Action, OptionCompared, Told


class KddScheduled(Record):
    """A date for the Key Decision Discussion, best before the child's next ROA (practice PT-8)."""

    kind = "kdd_scheduled"
    rule = "R-KDD-1"

    held_on: date = day("Date")
    starts_at: str | None = text("Time", "Such as 10:30.", optional=True)
    chair: str = person("Chair")
    legal_adviser: str | None = person("Legal adviser", optional=True)


class KeyDecision(Record):
    """The record of the Key Decision Discussion (rules R-KDD-2)."""

    kind = "key_decision"
    rule = "R-KDD-2"

    attended: str = words("Who attended")
    legal_adviser: str | None = person("Legal adviser", optional=True)
    adviser_present: bool = yes_no("Was the legal adviser present?")
    written_advice: str | None = text("Reference of written legal advice", optional=True)
    chair_in_line: bool = yes_no("Is the chair in the child's line of management?")
    options: tuple[OptionCompared, ...] = rows("Options compared", at_least=2)
    legal_analysis: str = words("Threshold and legal analysis")
    childs_wishes: str = words("The child's wishes")
    carers_wishes: str = words("The carers' wishes")
    parents_wishes: str = words("The parents' wishes")
    family_time: str = words("Family time (contact)")
    risks: str = words("Risks")
    support_and_money: str = words("Support and money, in outline")
    bottom_lines: str = words("Bottom lines")
    reasons: str = words("Reasons for the decision")
    actions: tuple[Action, ...] = rows("Actions")


class KeyDecisionFurtherWork(KeyDecision):
    """Further work before a decision (rules T12)."""

    kind = "key_decision_further_work"

    actions: tuple[Action, ...] = rows("Actions with their owners", at_least=1)
    return_on: date = day("Proposed return on")
    longer_reason: str | None = words("If longer than the usual first interval: the reason", optional=True)


class KeyDecisionNotToProgress(KeyDecision):
    """Not special guardianship: another plan for permanence (rules T13, R-NP-1)."""

    kind = "key_decision_not_to_progress"

    stopped: tuple[WhyStopped, ...] = choices("Why not", at_least=1)
    explanation: str = words("In plain words, as the child may one day read it")
    alternative_plan: PermanencePlan = choice("The other plan for permanence")
    alternative_detail: str = words("What will be done to reach it")
    told: tuple[Told, ...] = rows("Who has been told: child, carers, parents, IRO")
    reopen_on: date | None = day("Look again on", "Empty: the usual interval.", optional=True)
    no_reopen_reason: str | None = words("If it should never be looked at again, why", optional=True)


class KddAdjourned(Record):
    """The discussion could not decide (practice PT-3)."""

    kind = "kdd_adjourned"
    rule = "PT-3"

    reason: str = words("Why it was adjourned")
    next_on: date = day("Next date")


class ReviewScheduled(Record):
    """The date of the child's next review, as the IRO's calendar has it (practice PT-8)."""

    kind = "review_scheduled"
    rule = "R-ROA-2"

    held_on: date = day("Date of the review (ROA)")
    starts_at: str | None = text("Time", "Such as 10:30.", optional=True)
    brought_forward: bool = yes_no("Was it brought forward for this decision?")


class ReviewHeld(Record):
    """A review that considered the plan without deciding on ratification (rules R-LAC-2)."""

    kind = "review_held"
    rule = "R-LAC-2"

    considered_plan: bool = yes_no("Did the review consider the plan of special guardianship?")
    participation: Participation = choice("How the child took part")
    note: str = words("What the review said")
    next_review_on: date | None = day("Next review", optional=True)


class Condition(Row):
    """A condition set at ratification."""

    condition: str = words("Condition")
    owner: str = text("Who")
    by_when: date = day("By when")


class Ratification(Record):
    """The review ratifies. *Happened on* is the day the review was actually held (rules T14, R-ROA-3)."""

    kind = "ratification"
    rule = "R-ROA-3"

    review_held: bool = yes_no("Was the review actually held on this day?")
    participation: Participation = choice("How the child took part")
    childs_views: str = words("The child's views at the review")
    parents_views: str = words("The parents' views at the review")
    reasons: str = words("Reasons")
    plan_updated: bool = yes_no("Is the permanence plan now special guardianship?")
    conditions: tuple[Condition, ...] = rows("Conditions")
    next_review_on: date | None = day("Next review", optional=True)


class NotRatified(Record):
    """The review does not ratify: back to the group (rules T15, A6)."""

    kind = "not_ratified"
    rule = "R-ROA-5"

    review_held: bool = yes_no("Was the review actually held on this day?")
    participation: Participation = choice("How the child took part")
    childs_views: str = words("The child's views at the review")
    reasons: str = words("Reasons")
    meeting: str = meeting("Next meeting of the group")
    next_review_on: date | None = day("Next review", optional=True)


class RatificationDeferred(Record):
    """The review considered it and put it off (practice PT-3)."""

    kind = "ratification_deferred"
    rule = "R-ROA-3"

    participation: Participation = choice("How the child took part")
    reasons: str = words("Reasons")
    next_review_on: date = day("Next review")


class Override(Record):
    """A Head of Service goes ahead without ratification; the IRO is told the same day (rules A6)."""

    kind = "override"
    rule = "A6"

    reasons: str = words("Reason for going ahead")
    iro_view: str = words("What the IRO said")


class BackToKdd(Record):
    """The decision must be taken again (practice PT-11)."""

    kind = "back_to_kdd"
    rule = "PT-11"

    reason: str = words("What has happened", "A negative assessment or viability, or a change of applicants.")


class OnCaseSystem(Record):
    """A record was put on the council's case system by a person (practice PR-7, rules R-KDD-5)."""

    kind = "on_case_system"
    rule = "PR-7"

    what: str = text("What was uploaded")
    reference: str = text("Its reference there")
    for_cfs: bool | None = yes_no("Does CFS Permanence need it, too?", optional=True)


class CfsReceived(Record):
    """CFS Permanence has a document that was uploaded for it: they say so themselves (practice PR-7)."""

    kind = "cfs_received"
    rule = "PR-7"

    upload: str = text("Which upload", "The event's id.")
    note: str | None = words("Note", optional=True)


class CfsOnTracker(Record):
    """A document that CFS Permanence has received stands on its tracker (practice PR-7)."""

    kind = "cfs_on_tracker"
    rule = "PR-7"

    upload: str = text("Which upload", "The event's id.")
    row: str | None = text("Its row or reference there", optional=True)


class ConditionMet(Record):
    """A condition of the ratification is met (practice PT-3)."""

    kind = "condition_met"
    rule = "R-ROA-3"

    condition: str = words("Which condition")
    note: str | None = words("Note", optional=True)
