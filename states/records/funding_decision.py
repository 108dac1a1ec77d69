"""The signature and what follows it: decision, notices, conditions, contract (rules R-FIN-7 to R-FIN-14)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from states.money import PoundsAsked
from states.records.assessment import HowClosed
from states.records.base import Record, choice, day, money, text, words, yes_no
from states.records.codes import Method
from states.records.funding import Frequency


class _Signed(Record):
    """What every signature holds, agreed or refused (rules R-FIN-7, R-FIN-11)."""

    shown: str = text("Mark of what you saw", "The mark that stands on the request you read.", longest=64)
    title: str = text("Decision title", longest=200)
    reasons: str = words("Reasons")
    alternatives: str = words("Alternatives considered, and why rejected")
    background_documents: str = words("Background documents")
    officers_consulted: str | None = words("Officers consulted", optional=True)
    equality: str | None = words("Equality and human rights implications (EHRIA)", optional=True)
    interest: str | None = words("Interest declared", "Nothing to declare: leave it empty.", optional=True)


class FundingApproved(_Signed):
    """The decision-maker agrees; lower or different than asked with the reasons (rules R-FIN-7, R-FIN-8)."""

    kind = "funding_approved"
    rule = "R-FIN-7"

    amount: PoundsAsked = money("Amount agreed in pounds")
    frequency: Frequency = choice("How often")
    starts_on: date = day("From, or the day of a single payment")
    ends_on: date | None = day("Until", optional=True)
    effective_from: date = day("Decision effective from")
    purpose: str = words("Purpose")
    budget_code: str = text("Budget code", longest=40)
    method: str = words("How the amount was worked out")
    conditions: str = words("Conditions, until when, and what follows if they are not met", "None: write 'none'.")
    review: str = words("How and when it is reviewed, varied or ended")


class FundingRefused(_Signed):
    """The decision-maker refuses: reasons, and the way to make representations (rules R-FIN-8, A22)."""

    kind = "funding_refused"
    rule = "R-FIN-8"

    instead: str | None = words("What is offered instead", optional=True)


class FundingProposal(Record):
    """The notice of proposed decision: complete, in writing, sent on a day (rules R-SUP-7)."""

    kind = "funding_proposal"
    rule = "R-SUP-7"

    sent_on: date = day("Sent on")
    method: Method = choice("How")
    needs: str = words("What the child and the family need")
    basis: str = words("On what basis financial support is worked out")
    services: str = words("Whether services are proposed, and which")
    proposed_amount: str = words("Amount proposed, how often and for how long")
    conditions: str = words("Conditions proposed", "None: write 'none'.")
    plan: str = words("Draft plan enclosed", "Which version; or why there is none.")
    how_to_answer: str = words("How and to whom representations are made")
    shortened_because: str | None = words(
        "If the time for representations is shorter than usual: consent or urgency", optional=True
    )
    representations_close_on: date | None = day(
        "Representations can be made until", "Empty: the usual number of days.", optional=True
    )


class FundingRepresentations(Record):
    """Representations on the proposal are in, or the time for them is over (rules R-SUP-7)."""

    kind = "funding_representations"
    rule = "R-SUP-7"

    how: HowClosed = choice("How it ended")
    said: str | None = words("What was said", optional=True)
    answer: str | None = words("The answer", optional=True)


class FundingLookedAtAgain(Record):
    """Representations against a refusal go to somebody else, more senior (rules A22)."""

    kind = "funding_looked_at_again"
    rule = "A22"

    representations: str = words("What was said against it")
    new_information: str | None = words("New information", optional=True)


class FundingDecisionNotice(Record):
    """The notice of decision (rules R-SUP-9)."""

    kind = "funding_decision_notice"
    rule = "R-SUP-9"

    sent_on: date = day("Sent on")
    method: Method = choice("How")
    reasons: str = words("Reasons")
    plan_and_monitor: str = words("The plan, and who watches over it")
    how_determined: str = words("How the amount is determined")
    payment: str = words("Amount, how often, for how long, from when, or the day of a single payment")
    conditions: str = words("Conditions, until when, and what follows if they are not met", "None: write 'none'.")
    review: str = words("How it is reviewed, varied and ended")
    responsibilities: str = words("What each side is responsible for")
    charge_warning: str | None = words(
        "If a legal charge is placed: that it is, and that default can cost the home", optional=True
    )


class ConditionsAgreed(Record):
    """The carers agree what they must tell the authority, and when (rules R-MON-5)."""

    kind = "conditions_agreed"
    rule = "R-MON-5"

    agreed_on: date = day("Agreed on")
    tell_at_once: bool = yes_no(
        "Do they agree to tell at once of a move, a death, an end of entitlement, changed means or needs?"
    )
    yearly_statement: bool = yes_no("Do they agree to the annual statement?")
    other: str | None = words("Other conditions agreed", optional=True)


class ContractAsked(Record):
    """A contract is asked for; the carers take their own legal advice (rules R-FIN-9)."""

    kind = "contract_asked"
    rule = "R-FIN-9"

    asked_on: date = day("Duty Solicitor asked on")
    advised_on: date = day("Carers advised to take their own legal advice on")
    what_for: str = words("What the contract has to hold")


class ChargeOutcome(StrEnum):
    """What became of a legal charge on property."""

    PLACED = "placed"
    NOT_NEEDED = "not needed, with Legal's reason on file"
    NOT_PROPERTY = "not about property"


class ContractSigned(Record):
    """The contract is signed (rules R-FIN-9)."""

    kind = "contract_signed"
    rule = "R-FIN-9"

    signed_on: date = day("Signed on")
    advice_given_on: date = day("Carers' own legal advice given on")
    reference: str = text("Legal's reference", longest=60)
    charge: ChargeOutcome = choice("Legal charge")
