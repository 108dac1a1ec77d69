"""The assessment, the support plan and what goes with them to Legal (rules 5.9 to 5.11)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from states.records.base import Record, Row, choice, choices, day, person, rows, text, words, yes_no
from states.records.codes import CheckKind, FinancePosition, Method, NeedArea, NoticeExemption, ReportSection


class CheckRequested(Record):
    """A check has been asked for (rules R-ASM-4)."""

    kind = "check_requested"
    rule = "R-ASM-4"

    check: CheckKind = choice("Which check")
    on_whom: str = text("On whom", "A role, such as 'first applicant'.")


class CheckOutcome(StrEnum):
    """What a check showed."""

    CLEAR = "clear"
    TO_DISCUSS = "to be discussed"
    NOT_ACCEPTABLE = "not acceptable"


class CheckReceived(Record):
    """A check has come back."""

    kind = "check_received"
    rule = "R-ASM-4"

    check: CheckKind = choice("Which check")
    on_whom: str = text("On whom", "As it was requested.")
    outcome: CheckOutcome = choice("Outcome")
    dated: date = day("Dated")
    valid_until: date | None = day("Valid until", optional=True)
    note: str | None = words("Note", optional=True)


class Viability(Record):
    """An initial viability assessment of a carer who is not the approved foster carer (rules R-ASM-3)."""

    kind = "viability"
    rule = "R-ASM-3"

    positive: bool = yes_no("Is it positive?")
    summary: str = words("Summary")
    told_how_to_challenge: bool | None = yes_no(
        "If negative: has the person been told how to challenge it?", optional=True
    )


class ViabilityStarted(Record):
    """A viability assessment begins: its days run from here (rules R-ASM-3)."""

    kind = "viability_started"
    rule = "R-ASM-3"

    of_whom: str = text("Of whom", "A role, such as 'second applicant'.")


class MidpointReview(Record):
    """The assessment looked at half way (rules R-ASM-2)."""

    kind = "midpoint_review"
    rule = "R-ASM-2"

    on_course: bool = yes_no("Is the assessment on course?")
    note: str = words("What was agreed")


class FamilyNetworkMeeting(Record):
    """A Family Network Meeting, or the reason why there is none (rules R-ASM-8)."""

    kind = "family_network_meeting"
    rule = "R-ASM-8"

    held: bool = yes_no("Was it held?")
    not_held_reason: str | None = words("If not: why", optional=True)
    attended: str | None = words("Who attended", optional=True)
    family_plan: str | None = words("The family's plan", optional=True)
    contingency_carer: str | None = text("Who would step in", optional=True)


class Genogram(Record):
    """The cultural genogram (rules R-ASM-1)."""

    kind = "genogram"
    rule = "R-ASM-1"

    reference: str = text("Where it is")
    summary: str = words("What it shows for the child's identity")


class SupportNeed(Row):
    """A need and the service that meets it."""

    area: NeedArea = choice("Area")
    need: str = words("Need")
    service: str = words("Service, or why none")
    provider: str = text("By whom")
    frequency: str = text("How often")
    starts: str = text("From when")
    aim: str = words("Aim, and how it is measured")


class SupportPlan(Record):
    """The support plan (rules R-ASM-6)."""

    kind = "support_plan"
    rule = "R-ASM-6"

    needs: tuple[SupportNeed, ...] = rows("Needs and services", at_least=1)
    financial_support: str = words("Financial support")
    family_time: str = words("Family time (contact) and who supports it")
    contingency: str = words("If the guardian can no longer care")
    monitor: str = text("Who monitors the plan", "A named person.")
    review_on: date = day("Plan reviewed by")


class SupportPlanReviewed(Record):
    """The support plan was looked at again after the order (rules R-SUP-10)."""

    kind = "support_plan_reviewed"
    rule = "R-SUP-10"

    outcome: str = words("What was found, and what changes")


class SupportPlanSigned(Record):
    """The support plan is agreed and signed, or the disagreement is recorded (rules R-ASM-6)."""

    kind = "support_plan_signed"
    rule = "R-ASM-6"

    signed: bool = yes_no("Have all signed?")
    signed_by: str = words("Who signed")
    disagreement: str | None = words("If not: the disagreement", optional=True)


class SectionWritten(Row):
    """A prescribed section of the report: written, or not applicable because."""

    section: ReportSection = choice("Section")
    content: str | None = words("Content", optional=True)
    not_applicable_because: str | None = words("Not applicable, because", optional=True)


class Report(Record):
    """The assessment as it goes to the court, section by section (rules R-ASM-5, 5.10)."""

    kind = "report"
    rule = "R-ASM-5"

    author: str = person("Author")
    qualification: str = text("Author's qualification")
    sections: tuple[SectionWritten, ...] = rows("Sections", at_least=1)
    recommends: bool = yes_no("Does it recommend special guardianship?")
    alternative: str | None = words("If not: what instead", optional=True)
    childs_wishes_on: date = day("Child's wishes ascertained on")


class Quality(StrEnum):
    """What a quality check ends in."""

    AGREED = "agreed"
    RETURNED = "returned to the author"


class QualityCheck(Record):
    """A second person reads the report (rules R-ASM-9). Never its author."""

    kind = "quality_check"
    rule = "R-ASM-9"

    outcome: Quality = choice("Outcome")
    comments: str = words("Comments")


class Statement(Record):
    """Why special guardianship is in the child's best interests (rules R-ASM-1)."""

    kind = "statement"
    rule = "R-ASM-1"

    author: str = person("Author")
    statement: str = words("Statement")


class AssessmentComplete(Record):
    """The assessment is complete and goes on to the financial package."""

    kind = "assessment_complete"
    rule = "R-ASM-9"

    summary: str = words("Summary for the file")


class FinancialPosition(Record):
    """What the case knows of the money: where it stands, and the agreement it rests on."""

    kind = "financial_position"
    rule = "PT-9"

    position: FinancePosition = choice("Financial position")
    agreement_ref: str | None = text("Reference of the agreement", optional=True)
    agreed_elsewhere: str | None = words(
        "If it was agreed outside this system: where and when", "Not for a funding request of this system.",
        optional=True,
    )
    elsewhere_prepared_by: str | None = text("Who prepared or recommended it there", optional=True, longest=120)
    elsewhere_decided_by: str | None = text("Who decided it there", optional=True, longest=120)
    note: str | None = words("Note", optional=True)


class PackageAgreed(Record):
    """The money is agreed; notices and filing remain."""

    kind = "package_agreed"
    rule = "PT-9"

    summary: str = words("What was agreed, in plain words")


class ProposalNotice(Record):
    """The notice of proposed decision has been sent (rules R-SUP-7): its sent date starts the clock."""

    kind = "proposal_notice"
    rule = "R-SUP-7"

    sent_on: date = day("Sent on")
    method: Method = choice("How")
    shortened_because: str | None = words(
        "If the time for representations is shorter than usual: consent or urgency", optional=True
    )
    representations_close_on: date | None = day(
        "Representations can be made until", "Empty: the usual number of days.", optional=True
    )


class HowClosed(StrEnum):
    """How the time for representations ended (rules R-SUP-7)."""

    RECEIVED = "representations received"
    SATISFIED = "the person said they are satisfied"
    PERIOD_OVER = "the period is over"


class RepresentationsClosed(Record):
    """Representations are in, or the time for them is over."""

    kind = "representations_closed"
    rule = "R-SUP-7"

    how: HowClosed = choice("How it ended")
    answer: str | None = words("What was said, and the answer", optional=True)


class DecisionNotice(Record):
    """The notice of decision has been sent (rules R-SUP-9)."""

    kind = "decision_notice"
    rule = "R-SUP-9"

    sent_on: date = day("Sent on")
    method: Method = choice("How")


class Submission(Record):
    """Reports and statement go to Legal (rules T16, R-ASM-9)."""

    kind = "submission"
    rule = "T16"

    filing_on: date = day("Planned filing date")
    advice_offered_on: date = day("Independent legal advice offered to the carers on")
    bundle: tuple[str, ...] = choices("What is in the bundle", at_least=1)
    notice_exemption: NoticeExemption | None = choice(
        "If the carers need not give notice of intention: why", optional=True
    )
    note: str | None = words("Note for Legal", optional=True)


class LegalReturns(Record):
    """Legal returns the bundle (practice PT-3)."""

    kind = "legal_returns"
    rule = "PT-3"

    reasons: str = words("What has to be put right")
