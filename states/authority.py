"""Delegated authority: who may sign which money, by which clause (rules 7.2, A1 to A5, practice PM-1).

Pure, over the dated policy in force. The guidance contradicts itself: the procedure's text and the prompts on its
form (Appendix D) draw the tiers differently. `finance.tier_source` says which counts; what the other says is
always shown beside it and never silently resolved.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from states.money import shown
from states.policy.sections import FinancePolicy
from states.policy.values import GRANT_TIERS
from states.records.funding import FundingKind
from states.vocabulary import Role, rank

PROCEDURE: Final = "procedure"
APPENDIX_D: Final = "appendix_d"
STRICT_UP: Final = "strict_up"
TIER_SOURCES: Final = (PROCEDURE, APPENDIX_D, STRICT_UP)

#: The guidance's own words, quoted on every decision (SEED 003).
TIERS_CLAUSE = (
    "“be sent to the Head of Service for requests under £10,000, the Assistant Director for requests between £10,000 "
    "- £20,000 and Director for requests over £20,000” (SGO Review Group guidance, financial support)"
)
DMT_CLAUSE = (
    "“Requests for amounts over £10,000 are submitted to DMT for approval” (SGO Review Group guidance, financial "
    "support)"
)
UNDER_CLAUSE = "“Under £20,000 can be signed off by Assistant Director” (SGO Review Group guidance, Appendix D)"
OVER_CLAUSE = "“Over £20,000 to be signed off by Director” (SGO Review Group guidance, Appendix D)"
UNASSIGNED_CLAUSE = (
    "Appendix D gives 20,000 itself to nobody: it goes up to the Director (default; SGO Review Group guidance, "
    "Appendix D)"
)
NEEDS_LED_CLAUSE = (
    "“submitted to the Head of Service and then Assistant Director for a final decision” (SGO Review Group guidance, "
    "financial support; Appendix B)"
)
NO_CLAUSE = "No clause of the guidance says who signs this kind: the post is the authority's own choice (default)"
ANNUAL_CLAUSE = "The authority's own limit for the yearly value of a package: above it the Director decides"

#: Kinds whose signatory depends on the amount alone.
TIERED = frozenset({FundingKind.GRANT, FundingKind.LOAN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """Who must sign at least, what must come before, and by which words of the guidance."""

    post: Role
    dmt: bool
    record_mandatory: bool  # whether an Officer Decision Record must be made (rules A25)
    clause: str
    contradiction: str | None = None  # what the other text says, where it says something else

    @property
    def rank(self) -> int:
        """The rank of the post: a floor, a more senior post may always sign (rules 0.3)."""
        level = rank(self.post)
        assert level is not None
        return level


def is_heard(kind: FundingKind, finance: FinancePolicy) -> bool:
    """Whether a meeting hears this kind before anybody decides it (rules R-FIN-1, R-FIN-2)."""
    return kind is FundingKind.NEEDS_LED_ALLOWANCE or goes_by_amount(kind, finance)


def goes_by_amount(kind: FundingKind, finance: FinancePolicy) -> bool:
    """Whether the grant tiers hold for this kind (practice PM-1)."""
    return kind in TIERED or (kind is FundingKind.SETTLING_IN and finance.settling_in_by == GRANT_TIERS)


def tier_of(kind: FundingKind, amount: Decimal, finance: FinancePolicy) -> Tier:
    """Who signs a request of a kind at an amount of pounds; of an allowance the amount is its yearly value.

    Raises ValueError for an amount that nobody can be asked for.
    """
    if amount <= 0:
        raise ValueError(f"nobody signs an amount of {shown(amount)}")
    if goes_by_amount(kind, finance):
        return _with_contradiction(amount, finance)
    post = _post_of(kind, finance)
    clause = NEEDS_LED_CLAUSE if kind is FundingKind.NEEDS_LED_ALLOWANCE else NO_CLAUSE
    limit = finance.annual_value_director_above
    if kind is FundingKind.NEEDS_LED_ALLOWANCE and limit != "off" and amount > limit:
        post, clause = Role.DIRECTOR, f"{ANNUAL_CLAUSE} ({shown(Decimal(limit))})"
    return Tier(post=post, dmt=False, record_mandatory=_needs_record(post, finance), clause=clause)


def _post_of(kind: FundingKind, finance: FinancePolicy) -> Role:
    match kind:
        case FundingKind.STANDARD_ALLOWANCE:
            return finance.standard_allowance_signed_by
        case FundingKind.NEEDS_LED_ALLOWANCE:
            return finance.needs_led_signed_by
        case FundingKind.LEGAL_COSTS:
            return finance.legal_costs_signed_by
        case _:
            return Role(finance.settling_in_by)


def by_source(source: str, amount: Decimal, finance: FinancePolicy) -> Tier:
    """Who signs an amount by one of the three readings of the guidance (rules R-FIN-3, A1)."""
    if source == APPENDIX_D:
        return _appendix_d(amount, finance)
    up = source == STRICT_UP  # amounts on the boundary go to the higher post
    first, second = finance.head_of_service_below, finance.assistant_director_up_to
    if amount < first:
        post = Role.HEAD_OF_SERVICE
    elif amount < second or (amount == second and not up):
        post = Role.ASSISTANT_DIRECTOR
    else:
        post = Role.DIRECTOR
    dmt = amount > finance.dmt_above or (up and amount == finance.dmt_above)
    clause = f"{TIERS_CLAUSE}; {DMT_CLAUSE}" if dmt else TIERS_CLAUSE
    return Tier(post=post, dmt=dmt, record_mandatory=_needs_record(post, finance), clause=clause)


def _appendix_d(amount: Decimal, finance: FinancePolicy) -> Tier:
    limit = finance.director_above
    if amount < limit:
        post, clause = Role.ASSISTANT_DIRECTOR, UNDER_CLAUSE
    else:
        post, clause = Role.DIRECTOR, UNASSIGNED_CLAUSE if amount == limit else OVER_CLAUSE
    return Tier(post=post, dmt=False, record_mandatory=_needs_record(post, finance), clause=clause)


def _with_contradiction(amount: Decimal, finance: FinancePolicy) -> Tier:
    chosen = by_source(finance.tier_source, amount, finance)
    other = PROCEDURE if finance.tier_source == APPENDIX_D else APPENDIX_D
    differs = by_source(other, amount, finance)
    if (differs.post, differs.dmt) == (chosen.post, chosen.dmt):
        return chosen
    where = "the procedure's text" if other == PROCEDURE else "the form (Appendix D)"
    return Tier(
        post=chosen.post,
        dmt=chosen.dmt,
        record_mandatory=chosen.record_mandatory,
        clause=chosen.clause,
        contradiction=f"For this sum {where} says otherwise: {in_words(differs)}. {differs.clause}",
    )


def in_words(tier: Tier) -> str:
    """A tier in a few words: "Assistant Director, after DMT"."""
    return f"{tier.post.value}, after DMT" if tier.dmt else tier.post.value


def _needs_record(post: Role, finance: FinancePolicy) -> bool:
    level, wanted = rank(post), rank(finance.decision_record_mandatory_for)
    assert level is not None
    assert wanted is not None
    return level >= wanted


def needs_contract(
    kind: FundingKind, amount: Decimal, tied_to: str | None, finance: FinancePolicy
) -> bool:
    """Whether a contract must be signed before anything is paid (rules R-FIN-9, A19)."""
    words = {kind.value, *([tied_to] if tied_to else [])}
    return any(amount >= least for word, least in finance.contract_for.items() if word in words)
