"""What is asked for and why: the funding request, the needs-led assessment and the referral (rules 7, Appendix C)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from states.money import Pounds, PoundsAsked
from states.records.base import Record, Row, choice, day, money, number, person, rows, text, words, yes_no


class FundingKind(StrEnum):
    """What may be asked for (practice PM-1). The values are those of a policy file."""

    STANDARD_ALLOWANCE = "standard_allowance"
    NEEDS_LED_ALLOWANCE = "needs_led_allowance"
    GRANT = "grant"
    LOAN = "loan"
    LEGAL_COSTS = "legal_costs"
    SETTLING_IN = "settling_in"

    @property
    def words(self) -> str:
        """As people read it."""
        return _KINDS[self]


_KINDS = {
    FundingKind.STANDARD_ALLOWANCE: "standard means-tested allowance",
    FundingKind.NEEDS_LED_ALLOWANCE: "needs-led allowance",
    FundingKind.GRANT: "grant",
    FundingKind.LOAN: "loan",
    FundingKind.LEGAL_COSTS: "legal costs",
    FundingKind.SETTLING_IN: "settling-in costs",
}
#: Paid again and again; the others once, or in instalments (rules R-MON-3).
ALLOWANCES = frozenset({FundingKind.STANDARD_ALLOWANCE, FundingKind.NEEDS_LED_ALLOWANCE})


class Timing(StrEnum):
    """Whether the money is for the time before the order or after it (rules A18)."""

    PRE_ORDER = "before the order"
    POST_ORDER = "after the order"


class PurposeKind(StrEnum):
    """What the money is for: requests of one household for one purpose are added up (rules R-FIN-4)."""

    CARE = "day-to-day care of the child"
    BUILDING = "building work or adaptation"
    VEHICLE = "vehicle"
    EQUIPMENT = "furniture and equipment"
    THERAPY = "therapy or specialist activity"
    TRAVEL = "travel and family time"
    EDUCATION = "education and training"
    LEGAL = "legal costs"
    OTHER = "something else"


class Frequency(StrEnum):
    """How often the amount is paid."""

    ONCE = "once"
    INSTALMENTS = "in instalments: the amount is the whole"
    WEEKLY = "each week"
    FOUR_WEEKLY = "every four weeks"
    MONTHLY = "each month"
    YEARLY = "each year"


class TiedTo(StrEnum):
    """What the money is tied to: such money needs a contract (rules R-FIN-9)."""

    PROPERTY = "property"
    VEHICLE = "vehicle"


class ChildCovered(Row):
    """A brother or sister whom the same request is for."""

    case: str = text("The sibling's case", "Its reference.")


class FundingAsked(Record):
    """What is asked for: kind, amount, for how long, for which household (rules R-FIN-15)."""

    kind = "funding_asked"
    rule = "R-FIN-15"

    funding: FundingKind = choice("What is asked for")
    timing: Timing = choice("Before or after the order")
    purpose_kind: PurposeKind = choice("Purpose")
    purpose: str = words("What it is for, and how it helps the child")
    amount: PoundsAsked = money("Amount in pounds", "For a grant or loan the whole; for an allowance each time.")
    frequency: Frequency = choice("How often")
    starts_on: date = day("From")
    ends_on: date | None = day("Until", "Empty: until the child's eighteenth birthday.", optional=True)
    household: str = text(
        "Household", "The household's number in the case system, never a name or an address.", longest=40
    )
    payee: str = text("Paid to", "A role and a supplier number, never a name.", longest=120)
    cost_code: str | None = text("Cost code", optional=True, longest=40)
    tied_to: TiedTo | None = choice("If it is tied to something", optional=True)
    siblings: tuple[ChildCovered, ...] = rows("Brothers and sisters it is also for")
    remuneration: Pounds | None = money(
        "Remuneration element within the amount", "The fee part of the fostering payment; only before the order.",
        optional=True,
    )
    remuneration_because: str | None = words(
        "If there is one: why it is necessary for the order, and that it was part of the fostering payment",
        optional=True,
    )
    linked_to: str | None = text(
        "Linked request", "Its reference, where one need leads to two requests.", optional=True, longest=20
    )


class FundingRevised(FundingAsked):
    """The request as it stands now, and why it changed (rules A23)."""

    kind = "funding_revised"

    reason: str = words("What has changed, and why")


class MeansTestDone(Record):
    """A means test of the household: an illustration, or the one that counts (rules R-MT-10)."""

    kind = "means_test_done"
    rule = "R-MT-10"

    illustrative: bool = yes_no("Is it an illustration only?")
    tested_on: date = day("As of")
    weekly_award: Pounds = money("Award each week, per child")
    passported: bool = yes_no("Was there no need to look at income?")
    sheet: str = text(
        "Mark of the calculation sheet",
        "Of the means test. The request's page of means tests works one out and records it by itself.",
        longest=64,
    )
    rates: str = text("Rates used", longest=200)
    explained_on: date | None = day("Explained to the carers on", optional=True)


class Horizon(StrEnum):
    """How far a need is looked at ahead (rules R-NLA-1)."""

    NOW = "now"
    MEDIUM = "medium term"
    LONG = "long term"


class FundingNeed(Row):
    """One need at one horizon: what it is, how carers meet it, what the money adds (rules R-NLA-1)."""

    horizon: Horizon = choice("When")
    need: str = words("The child's need")
    met_by_carers: str = words("How the carers can meet it")
    funding_adds: str = words("How the money would help to meet it")


class NeedsAssessed(Record):
    """The needs-led assessment, Appendix C (rules R-NLA-1)."""

    kind = "needs_assessed"
    rule = "R-NLA-1"

    author: str = person("Worker completing the assessment")
    oversight_reason: str = words("Purpose of, or reason for, management oversight")
    financial_request: str = words("Financial request")
    past_harm: str = words("Past harm, and why the child became looked after")
    identity: str = words("Identity needs, now and in the future, and what they ask of the carers")
    health: str = words("Health needs, now and in the future, and what they ask of the carers")
    education: str = words("Educational needs, now and in the future, and what they ask of the carers")
    development: str = words("Social, emotional and behavioural development")
    family: str = words("Family relationships and family time (contact)")
    carers_part: str = words("What is required from the carers")
    childs_voice: str = words("Child's voice")
    childs_voice_on: date = day("Heard on")
    no_means_test_because: str | None = words("If there is no means test: why", optional=True)
    needs: tuple[FundingNeed, ...] = rows("Needs now, in the medium term and in the long term", at_least=3)
    differences: str | None = words("Where several children are covered: how they differ", optional=True)


class Quote(Row):
    """What a supplier asks for the work."""

    supplier: str = text("Supplier")
    amount: PoundsAsked = money("Amount in pounds")
    dated: date = day("Dated")


class Tenure(StrEnum):
    """How the home is held."""

    OWNED = "owned"
    MORTGAGED = "mortgaged"
    COUNCIL = "rented from a council or housing association"
    PRIVATE = "rented privately"
    NOT_A_HOME = "not about the home"


class FundingReferral(Record):
    """The referral for a grant or loan to CFS Permanence (practice PM-4)."""

    kind = "funding_referral"
    rule = "PM-4"

    author: str = person("Who refers")
    purpose: str = words("Purpose")
    benefit: str = words("Benefit to the child")
    tenure: Tenure = choice("How the home is held")
    quotes: tuple[Quote, ...] = rows("Quotes")
    no_quotes_because: str | None = words("If there are none: why", optional=True)
    alternatives: str = words("Alternatives considered")
    siblings: str | None = words("Brothers and sisters: what it means for them", optional=True)
    repayment: str | None = words("For a loan: how it is to be paid back", optional=True)
    instalments: int | None = number("For a loan: in how many instalments", optional=True, at_least=1)


class FundingAnswered(Record):
    """Questions about a request are answered; it goes back to whoever asked (rules R-FIN-8)."""

    kind = "funding_answered"
    rule = "R-FIN-8"

    answer: str = words("The answers")


class FundingTakenUp(Record):
    """A request is worked on again: returned, or signed and to be changed in a new round (reliability R6)."""

    kind = "funding_taken_up"
    rule = "R6"

    reason: str = words("What has to change, and why")


class FundingWithdrawn(Record):
    """A request is not pursued."""

    kind = "funding_withdrawn"
    rule = "R-FIN-8"

    reason: str = words("Why")
    carers_told: bool = yes_no("Do the carers know?")


class WhyClosed(StrEnum):
    """Why a decided request is closed."""

    REFUSED = "refused, and the time for representations is over"
    PAID = "paid in full"
    ENDED = "payments have ended"
    REPLACED = "replaced by another agreement"


class FundingClosed(Record):
    """A decided request comes to its end (practice PR-5)."""

    kind = "funding_closed"
    rule = "PR-5"

    why: WhyClosed = choice("Why")
    note: str | None = words("Note", optional=True)




class AgreementUploaded(Record):
    """The finance agreement was added to the case system and sent on (rules R-FIN-10, practice PR-7)."""

    kind = "agreement_uploaded"
    rule = "R-FIN-10"

    uploaded_on: date = day("Added to the case system on")
    reference: str = text("Its reference there", longest=120)
    sent_on: date = day("Sent to CFS Permanence on")


class AgreementReceived(Record):
    """CFS Permanence has the agreement (practice PR-7)."""

    kind = "agreement_received"
    rule = "PR-7"

    received_on: date = day("Received on")


class AgreementOnTracker(Record):
    """The agreement stands on the finance tracker, once (rules R-FIN-10)."""

    kind = "agreement_on_tracker"
    rule = "R-FIN-10"

    entered_on: date = day("Entered on")
    supplier_number: str | None = text("Supplier number", optional=True, longest=40)


class FundingSignedOff(Record):
    """Everything that payment waits for is there (rules R-FIN-14)."""

    kind = "funding_signed_off"
    rule = "R-FIN-14"

    pay_from: date = day("Payable from")
    note: str | None = words("Note", optional=True)


class ReviewOutcome(StrEnum):
    """What an annual review of an allowance comes to (rules R-REV-2)."""

    SAME = "stays as it is"
    INCREASE = "to be increased"
    REDUCE = "to be reduced"
    END = "to be ended"
    RESTRUCTURE = "to be paid in another way"


class FundingReviewed(Record):
    """The annual review of an allowance; what has to change, changes in a new round (rules R-REV-1, R-REV-2)."""

    kind = "funding_reviewed"
    rule = "R-REV-1"

    statement_on: date | None = day("Annual statement received on", "None has come: leave it empty.", optional=True)
    outcome: ReviewOutcome = choice("The allowance")
    found: str = words("What was found, and on what figures")


class Payment(Record):
    """Money was paid (rules R-FIN-14)."""

    kind = "payment"
    rule = "R-FIN-14"

    amount: PoundsAsked = money("Amount in pounds")
    reference: str = text("Payment reference", longest=60)


