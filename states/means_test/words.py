"""What the lines of a means test are called, and which income counts (rules R-MT-2, R-MT-3)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Per(StrEnum):
    """How often an amount comes or goes."""

    WEEK = "week"
    FORTNIGHT = "2 weeks"
    FOUR_WEEKS = "4 weeks"
    MONTH = "month"
    YEAR = "year"


#: 52 weeks are 12 months (R-MT-8): by the year every amount is exact, and nothing is divided before the end.
TIMES_A_YEAR: Final = {Per.WEEK: 52, Per.FORTNIGHT: 26, Per.FOUR_WEEKS: 13, Per.MONTH: 12, Per.YEAR: 1}


class Purpose(StrEnum):
    """Whether anything is decided by it: the two are kept apart (R-MT-10)."""

    ILLUSTRATION = "illustration"
    DECISION = "decision"


class MeansTestedBenefit(StrEnum):
    """The benefits that are themselves means-tested (R-MT-4, R-MT-5)."""

    INCOME_SUPPORT = "Income Support"
    JOBSEEKERS = "income-based Jobseeker's Allowance"
    EMPLOYMENT_AND_SUPPORT = "income-related Employment and Support Allowance"
    UNIVERSAL_CREDIT = "Universal Credit"
    PENSION_CREDIT = "Pension Credit guarantee"
    WORKING_TAX_CREDIT = "Working Tax Credit"
    CHILD_TAX_CREDIT = "Child Tax Credit"
    HOUSING_BENEFIT = "Housing Benefit"
    COUNCIL_TAX_REDUCTION = "Council Tax Reduction"


class BesideIncome(StrEnum):
    """Help that lowers rent and council tax: already taken off those lines, and no income (R-MT-3)."""

    HOUSING_BENEFIT = "Housing Benefit"
    COUNCIL_TAX_REDUCTION = "Council Tax Reduction"


class IncomeKind(StrEnum):
    """A line of income (R-MT-2)."""

    PAY = "pay"
    BONUS = "bonus"
    SELF_EMPLOYMENT = "self-employment"
    SICK_OR_PARENT_PAY = "sick, maternity or paternity pay"
    PENSION = "pension"
    INCOME_SUPPORT = "Income Support"
    JOBSEEKERS = "income-based Jobseeker's Allowance"
    EMPLOYMENT_AND_SUPPORT = "income-related Employment and Support Allowance"
    UNIVERSAL_CREDIT = "Universal Credit"
    PENSION_CREDIT = "Pension Credit guarantee"
    WORKING_TAX_CREDIT = "Working Tax Credit"
    CHILD_TAX_CREDIT = "Child Tax Credit"
    JOBSEEKERS_NEW_STYLE = "new style Jobseeker's Allowance"
    EMPLOYMENT_AND_SUPPORT_NEW_STYLE = "new style Employment and Support Allowance"
    CHILD_BENEFIT_OTHERS = "Child Benefit for other children"
    OTHER_BENEFIT = "another benefit"
    INTEREST = "interest"
    BOARDERS = "boarders or lodgers"
    RENT_RECEIVED = "rent received"
    MAINTENANCE_RECEIVED = "maintenance received"
    OTHER_ALLOWANCE = "adoption or special guardianship allowance for another child"
    CHILDS_INCOME = "regular income of the child"
    CHILDS_DISABILITY_BENEFIT = "disability benefit of the child"
    CRIMINAL_INJURIES = "criminal injuries award of the child"
    CHILD_TRUST_FUND = "Child Trust Fund"
    OTHER = "other income"


#: What is never counted, and why (R-MT-2). A child's disability benefit is the policy's choice.
NEVER_COUNTED: Final = {
    IncomeKind.CRIMINAL_INJURIES: "it makes good a harm done to the child",
    IncomeKind.CHILD_TRUST_FUND: "it is kept for the child",
}

#: What is paid for children and so does not end a passport by itself (R-MT-4).
PAID_FOR_CHILDREN: Final = frozenset(
    {
        IncomeKind.CHILD_BENEFIT_OTHERS,
        IncomeKind.CHILD_TAX_CREDIT,
        IncomeKind.CHILDS_DISABILITY_BENEFIT,
        *NEVER_COUNTED,
    }
)


class OutgoingKind(StrEnum):
    """A line of outgoings that is taken into account, without what is spent on the child (R-MT-3)."""

    MORTGAGE = "mortgage and its insurances"
    RENT = "rent after Housing Benefit"
    COUNCIL_TAX = "council tax after reduction"
    HOME_IMPROVEMENT = "essential home improvement loan"
    LOANS = "essential loan repayments"
    CHILDCARE = "childcare"
    TRAVEL = "travel to work"
    MAINTENANCE_PAID = "maintenance or court order paid"
    PENSION_CONTRIBUTIONS = "pension contributions"
    EXCEPTIONAL = "exceptional need"


class Part(StrEnum):
    """What somebody is in the household."""

    CARER = "carer"
    PARTNER = "carer's partner"
    DEPENDENT_CHILD = "dependent child"
    DEPENDENT_ADULT = "dependent adult"
