"""The means test worked out, step by step (rules 7.3).

A to G are the letters of the model. Amounts are by the year, where they are exact, and nothing is rounded but the
award (R-MT-8).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, localcontext

from states.calendar import Calendar
from states.means_test.benefits import listed, passport, takes_child_benefit_off, why_not_counted
from states.means_test.checks import still_needed
from states.means_test.household import Household, Sought
from states.means_test.rates import Rates, in_a_year, in_words, used
from states.means_test.result import EXACT, Award, Change, Letter, Line, MeansTest, Step, Used, a, to_the_penny
from states.means_test.words import PAID_FOR_CHILDREN, Part, Per
from states.money import shown
from states.policy import Policy
from states.vocabulary import Unmet

NOTHING = Decimal(0)


class MeansTestRefused(Exception):
    """The means test cannot be worked out. `reasons` lists everything that is wrong or missing."""

    def __init__(self, reasons: tuple[Unmet, ...]) -> None:
        self.reasons = reasons
        super().__init__("; ".join(unmet.reason for unmet in reasons))


def work_out(asked: Household, policy: Policy) -> MeansTest:
    """A means test under the policy in force on its day. Raises MeansTestRefused with everything that is missing."""
    if missing := still_needed(asked, policy):
        raise MeansTestRefused(missing)
    with localcontext(EXACT):
        return _Work(asked, policy, Calendar.of(policy), Rates(policy, asked.on)).result()


@dataclass(frozen=True, slots=True)
class _Work:
    asked: Household
    policy: Policy
    calendar: Calendar
    rates: Rates

    def result(self) -> MeansTest:
        because, about = self._not_tested()
        steps = (self._no_test(because, about),) if because else self._tested()
        contribution = steps[-1].annual
        share = contribution / len(self.asked.children)
        return MeansTest(
            asked=self.asked,
            authority=self.policy.authority.name,
            steps=steps,
            children=tuple(self._award(child, share) for child in self.asked.children),
            not_tested_because=because,
            child_benefit_rule=self._used("child_benefit_deduction"),
            stand_ins=self.rates.stand_ins(),
            policy_sha256=self.policy.sha256(),
        )

    def _used(self, key: str) -> Used:
        return used(self.policy, "means_test", key)

    # --- Whether there is a test at all -------------------------------------------------------------------

    def _not_tested(self) -> tuple[str, tuple[Used, ...]]:
        if until := self._protected_until():
            return (
                f"A former foster carer's means are not tested until {in_words(until)}.",
                (self._used("former_foster_carers"), self._used("former_foster_carer_years")),
            )
        if benefits := passport(self.asked, self.policy.means_test):
            about = (self._used("passport"), self._used("passport_benefits"))
            if self.policy.means_test.passport == "any_receipt":
                return f"The household receives {listed(benefits)}.", about
            for_children = any(line.what in PAID_FOR_CHILDREN for line in self.asked.income if line.amount)
            and_more = " and what is paid for its children" if for_children else ""
            return f"The household lives on {listed(benefits)}{and_more}.", about
        return "", ()

    def _protected_until(self) -> date | None:
        """The last day a former foster carer is not tested (R-MT-11); None where the test is made.

        Before the order there is no last day yet: it is counted as if the order were made on the day itself.
        """
        rule = self.policy.means_test
        if not self.asked.foster_carer or rule.former_foster_carers == "means-tested":
            return None
        made = self.asked.order_made_on or self.asked.on
        until = self.calendar.add_months_by(made, 12 * rule.former_foster_carer_years)
        return until if self.asked.on <= until else None

    def _no_test(self, because: str, about: tuple[Used, ...]) -> Step:
        rule = "R-MT-11" if self._protected_until() else "R-MT-4"
        return Step(
            letter=Letter.CONTRIBUTION,
            title="What the family is expected to contribute",
            words=f"{because} So no means test is made and nothing has to be contributed.",
            rule=rule,
            annual=NOTHING,
            uses=about,
        )

    # --- The household: A to D, and F -------------------------------------------------------------------

    def _tested(self) -> tuple[Step, ...]:
        test = self.policy.means_test
        income, costs = self._income(), self._costs()
        kept = income.annual * test.income_share_kept
        left = max(NOTHING, kept - costs.annual)
        contribution = left * test.contribution_rate
        number = len(self.asked.children)
        return (
            income,
            Step(
                letter=Letter.KEPT,
                title="Income the test looks at",
                words=f"{_percent(test.income_share_kept)} of A. The other {_percent(1 - test.income_share_kept)} is "
                "the family's and is not looked at.",
                rule="R-MT-1",
                annual=kept,
                uses=(self._used("income_share_kept"),),
            ),
            costs,
            Step(
                letter=Letter.DISPOSABLE,
                title="What is left",
                words="B less C." if kept >= costs.annual else "B less C. Here C is more than B, so nothing is left.",
                rule="R-MT-1",
                annual=left,
            ),
            Step(
                letter=Letter.CONTRIBUTION,
                title="What the family is expected to contribute",
                words=f"{_percent(test.contribution_rate)} of D."
                + (f" It is shared equally between the {number} children." if number > 1 else ""),
                rule="R-MT-1" if number == 1 else "R-MT-7",
                annual=contribution,
                uses=(self._used("contribution_rate"),),
            ),
        )

    def _income(self) -> Step:
        lines = []
        for line in self.asked.income:
            why = why_not_counted(line.what, self.policy.means_test)
            words = _capital(line.what) + (f": {line.note}" if line.note else "")
            annual = in_a_year(line.amount, line.per)
            lines.append(Line(words=_every(words, line.amount, line.per), annual=annual, counted=not why, why=why))
        return Step(
            letter=Letter.INCOME,
            title="Income of the household",
            words="Everything that comes in, after tax and National Insurance."
            if lines
            else "No income was given.",
            rule="R-MT-2",
            annual=sum((line.annual for line in lines if line.counted), NOTHING),
            lines=tuple(lines),
            uses=(self._used("child_disability_benefits"),) if any(line.why for line in lines) else (),
        )

    def _costs(self) -> Step:
        outgoings = tuple(
            Line(
                words=_every(_capital(line.what) + (f": {line.note}" if line.note else ""), line.amount, line.per),
                annual=in_a_year(line.amount, line.per),
            )
            for line in self.asked.outgoings
        )
        members, about = self.rates.personal(self.asked, self.calendar)
        factor = self.policy.means_test.core_cost_factor
        living = tuple(
            replace(line, words=f"Living costs: {line.words[0].lower()}{line.words[1:]}", annual=line.annual * factor)
            for line in members
        )
        return Step(
            letter=Letter.COSTS,
            title="Outgoings and living costs",
            words="What the family has to pay, and living costs for everybody at home but the "
            f"{_children(len(self.asked.children))} this is for: {_percent(factor)} of the personal allowances of "
            "Income Support.",
            rule="R-MT-6" if any(m.part is Part.DEPENDENT_CHILD for m in self.asked.household) else "R-MT-3",
            annual=sum((line.annual for line in (*outgoings, *living)), NOTHING),
            lines=(*outgoings, *living),
            uses=(self._used("core_cost_factor"), about),
        )

    # --- Each child: E and G ----------------------------------------------------------------------------

    def _award(self, child: Sought, share: Decimal) -> Award:
        age = self.calendar.age_on(child.born, self.asked.on)
        allowance = self._allowance(child, age)
        award = max(NOTHING, allowance.annual - share)
        weekly, monthly = to_the_penny(a(Per.WEEK, award)), to_the_penny(a(Per.MONTH, award))
        nil = self._nil_because(weekly, allowance.annual, share)
        if nil:
            weekly = monthly = award = NOTHING
        per = Per(self.policy.means_test.paid_per)
        return Award(
            name=child.name,
            age=age,
            band=self.rates.band_words(age),
            steps=(allowance, self._last_step(award, nil)),
            annual=award,
            weekly=weekly,
            monthly=monthly,
            per=per,
            nil_because=nil,
            next_change=self._next_change(child, age, share, per),
            ends_on=self.calendar.attains(child.born, self.policy.scope.ends_at_age),
        )

    def _last_step(self, award: Decimal, nil: str) -> Step:
        shared = len(self.asked.children) > 1
        words = "E less F." if not shared else f"E less this child's share of F, which is F shared by {self._number}."
        return Step(
            letter=Letter.AWARD,
            title="The allowance for this child",
            words=f"{words} {nil or 'Only this figure is rounded, to the nearest penny.'}",
            rule="R-MT-9" if nil else "R-MT-8",
            annual=award,
            uses=(self._used("small_award_below"), self._used("paid_per")) if nil else (self._used("paid_per"),),
        )

    @property
    def _number(self) -> int:
        return len(self.asked.children)

    def _nil_because(self, weekly: Decimal, allowance: Decimal, share: Decimal) -> str:
        smallest = self.policy.means_test.small_award_below
        if allowance <= share and share:
            return "The contribution is as much as the allowance or more, so nothing is paid."
        if weekly < smallest:
            return f"It comes to {shown(weekly)} a week. Less than {shown(smallest)} a week is not paid."
        return ""

    def _allowance(self, child: Sought, age: int) -> Step:
        full, _, about = self.rates.allowance(age)
        lines = [Line(words=f"Fostering allowance for {self.rates.band_words(age)}", annual=full)]
        uses = [about]
        words = "The fostering allowance for the child's age."
        annual = full
        if child.child_benefit is not False:
            taken, why = takes_child_benefit_off(self.asked, self.policy.means_test)
            benefit, rate = self.rates.child_benefit(eldest=self._is_eldest(child))
            words += f" Child Benefit: {why[0].lower()}{why[1:]}"
            uses += [self._used("child_benefit_deduction"), rate]
            annual = max(NOTHING, full - benefit) if taken else full
            lines.append(Line(words="Less Child Benefit for this child", annual=-benefit, counted=taken, why=why))
        return Step(
            letter=Letter.ALLOWANCE,
            title="The most that can be paid for this child",
            words=words,
            rule="R-MT-5" if child.child_benefit is not False else "R-MT-1",
            annual=annual,
            lines=tuple(lines),
            uses=tuple(uses),
        )

    def _is_eldest(self, child: Sought) -> bool:
        """Whether the child is the eldest for whom the household has Child Benefit: of twins the first named."""
        sought = [(one.born, one.name) for one in self.asked.children if one.child_benefit is not False]
        others = [
            member.born
            for member in self.asked.household
            if member.part is Part.DEPENDENT_CHILD and member.child_benefit is not False
        ]
        first = min(sought, key=lambda one: one[0])
        return first == (child.born, child.name) and all(child.born < born for born in others)

    def _next_change(self, child: Sought, age: int, share: Decimal, per: Per) -> Change | None:
        following = self.rates.next_band(age)
        if following is None:
            return None
        allowance = self._allowance(child, following.from_age)
        award = to_the_penny(a(per, max(NOTHING, allowance.annual - share)))
        weekly = to_the_penny(a(Per.WEEK, max(NOTHING, allowance.annual - share)))
        return Change(
            on=self.calendar.attains(child.born, following.from_age),
            age=following.from_age,
            allowance=to_the_penny(a(per, allowance.annual)),
            award=NOTHING if weekly < self.policy.means_test.small_award_below else award,
        )


def _children(number: int) -> str:
    return "child" if number == 1 else "children"


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize() + 0:f}%"


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]


def _every(words: str, amount: Decimal, per: Per) -> str:
    often = f"a {per}" if per in (Per.WEEK, Per.MONTH, Per.YEAR) else f"every {per}"
    return f"{words} ({shown(amount)} {often})"
