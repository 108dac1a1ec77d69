"""`docs/delegated-authority.md`: who decides what at which amount, for each reading of the guidance (rules 7.2, A1)."""

from __future__ import annotations

from decimal import Decimal

from docs.markdown import page, table
from states.authority import TIER_SOURCES, by_source, goes_by_amount, in_words, needs_contract, tier_of
from states.money import PENNY, shown
from states.policy import Policy
from states.policy.sections import FinancePolicy
from states.records.funding import FundingKind

INTRODUCTION = """\
The guidance says in its text who signs a grant or a loan at which amount, and says something else in the prompts of
its form (Appendix D). Which of the two counts is a setting, `finance.tier_source`; what the other says is printed
beside every decision and never silently resolved. The post named is the lowest that may sign: a more senior one
always may. The numbers are those of {authority} (`policies/leicestershire.toml`).

The amount that counts is the highest that was asked for, recommended, looked at by DMT or signed, together with what
the household has asked for the same purpose in the last {months} months. Of an allowance the yearly value counts.
Once a higher amount was named, the request never falls to a lower post."""

READINGS = {
    "procedure": "the procedure's text",
    "appendix_d": "the form's prompts (Appendix D)",
    "strict_up": "the text, with boundary amounts to the higher post",
}


def authority_page(policy: Policy) -> str:
    """The whole page."""
    finance = policy.finance
    lines = [INTRODUCTION.format(authority=policy.authority.name, months=finance.aggregate_months), ""]
    lines += ["## Grants and loans, by amount", ""]
    headings = ("Amount", *(f"{READINGS[source]} (`{source}`)" for source in TIER_SOURCES), "Do they agree?")
    lines += table(headings, [_amount(amount, finance) for amount in boundaries(finance)])
    lines += [f"In force here: `{finance.tier_source}`.", "", "## The other kinds", ""]
    lines += table(("Kind", "Who signs", "By which clause", "A contract is needed"), _kinds(finance))
    lines += ["## The clauses, as they are quoted", ""]
    quoted = {by_source(source, amount, finance).clause for source in TIER_SOURCES for amount in boundaries(finance)}
    lines += [f"- {clause}" for clause in sorted(quoted)]
    return page("Who decides what at which amount", lines)


def boundaries(finance: FinancePolicy) -> list[Decimal]:
    """The amounts around every limit: just below it, on it, just above it."""
    desks = {finance.head_of_service_below, finance.assistant_director_up_to, finance.director_above}
    limits = desks | {finance.dmt_above}
    around = {Decimal(limit) + step for limit in limits for step in (-PENNY, Decimal(0), PENNY)}
    return sorted({PENNY} | around)


def _amount(amount: Decimal, finance: FinancePolicy) -> tuple[str, ...]:
    tiers = [by_source(source, amount, finance) for source in TIER_SOURCES]
    said = [in_words(tier) + ("; decision record mandatory" if tier.record_mandatory else "") for tier in tiers]
    return shown(amount), *said, "yes" if said[0] == said[1] else "no: text and form contradict each other"


def _kinds(finance: FinancePolicy) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for kind in FundingKind:
        if kind.value not in finance.kinds:
            continue
        tiered = goes_by_amount(kind, finance)
        tier = tier_of(kind, Decimal(1), finance)
        who = "by amount, as above" if tiered else in_words(tier)
        found.append((kind.words, who, "" if tiered else tier.clause, _contract(kind, finance)))
    return found


def _contract(kind: FundingKind, finance: FinancePolicy) -> str:
    if needs_contract(kind, PENNY, None, finance):
        return "always"
    least = finance.contract_for.get(kind.value)
    tied = [word for word in sorted(finance.contract_for) if word not in set(FundingKind)]
    said = [f"from {shown(Decimal(least))}"] if least else []
    return ", ".join([*said, *(f"where it is tied to a {word}" for word in tied)]) or "no"
