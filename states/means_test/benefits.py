"""Two questions about a household's benefits: is it tested at all, and is Child Benefit taken off (R-MT-4, R-MT-5)."""

from __future__ import annotations

from states.means_test.household import Household
from states.means_test.words import NEVER_COUNTED, PAID_FOR_CHILDREN, IncomeKind, MeansTestedBenefit
from states.policy.sections import MeansTestPolicy


def received(asked: Household) -> frozenset[MeansTestedBenefit]:
    """The means-tested benefits that the household has, as income or beside it."""
    names = {line.what.value for line in asked.income if line.amount} | {one.value for one in asked.other_benefits}
    return frozenset(benefit for benefit in MeansTestedBenefit if benefit.value in names)


def passport(asked: Household, policy: MeansTestPolicy) -> frozenset[MeansTestedBenefit]:
    """The benefits that make a means test unnecessary; none where it is necessary (R-MT-4).

    Under `sole_income` there may be no other income but what is paid for children or is never counted.
    """
    carrying = received(asked) & set(policy.passport_benefits)
    if policy.passport == "any_receipt" or not carrying:
        return carrying
    names = {benefit.value for benefit in carrying}
    others = [line for line in asked.income if line.amount and line.what.value not in names]
    return carrying if all(line.what in PAID_FOR_CHILDREN for line in others) else frozenset()


def takes_child_benefit_off(asked: Household, policy: MeansTestPolicy) -> tuple[bool, str]:
    """Whether the policy's rule takes Child Benefit off the allowance of this household, and why (R-MT-5)."""
    match policy.child_benefit_deduction:
        case "never":
            return False, "This council never takes Child Benefit off."
        case "always":
            return True, "This council always takes Child Benefit off."
        case "unless_passported":
            if passport(asked, policy):
                return False, "It is not taken off, because no means test is needed for this household."
            return True, "It is taken off, because this household's means are tested."
        case "unless_any_means_tested_benefit":
            held = received(asked) & (set(policy.means_tested_benefits) | set(policy.passport_benefits))
            if held:
                return False, f"It is not taken off, because the household receives {listed(held)}."
            return True, "It is taken off, because the household receives no means-tested benefit."


def why_not_counted(what: IncomeKind, policy: MeansTestPolicy) -> str:
    """Why a line of income is left out; empty where it counts (R-MT-2)."""
    if what is IncomeKind.CHILDS_DISABILITY_BENEFIT and policy.child_disability_benefits == "disregarded":
        return "it meets the cost of the child's disability"
    return NEVER_COUNTED.get(what, "")


def listed(benefits: frozenset[MeansTestedBenefit]) -> str:
    """Names of benefits in a sentence, always in one order."""
    *first, last = [benefit.value for benefit in MeansTestedBenefit if benefit in benefits]
    return f"{', '.join(first)} and {last}" if first else last
