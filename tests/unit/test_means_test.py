"""The means test, from the rules' own words: each step, each child-benefit rule, passports, birthdays, rounding."""

from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from states.means_test.calculation import MeansTestRefused, work_out
from states.means_test.household import Household
from states.means_test.result import Letter, MeansTest, a
from states.means_test.words import Per
from states.policy import Policy, load_policy

TEXT = (Path(__file__).parents[2] / "policies" / "leicestershire.toml").read_text(encoding="utf-8")
CARER = {"part": "carer", "born": "1980-01-01"}
PARTNER = {"part": "carer's partner", "born": "1980-01-01"}
ROBIN = {"name": "Robin", "born": "2017-03-01"}
ON = "2025-09-01"


@cache
def policy(**changes: str) -> Policy:
    """The shipped policy, with values of the means test as a file would write them."""
    text = TEXT
    for key, value in changes.items():
        [line] = [line for line in text.splitlines() if line.startswith(f"{key} = {{ value = ")]
        mark = line.index(", mark = ")
        text = text.replace(line, f"{key} = {{ value = {value}{line[mark:]}")
    return load_policy(text, name="county.toml")


def worked_out(under: Policy | None = None, **asked: Any) -> MeansTest:
    form = {"on": ON, "purpose": "decision", "children": [ROBIN], "household": [CARER]} | asked
    return work_out(Household.model_validate(form), under or policy())


def line(what: str, amount: Any, per: str = "month") -> dict[str, Any]:
    return {"what": what, "amount": amount, "per": per}


def by_letter(result: MeansTest, child: int = 0) -> dict[str, Decimal]:
    """Every step by the month."""
    steps = (*result.steps, *result.children[child].steps)
    return {step.letter.value: a(Per.MONTH, step.annual) for step in steps}


def refused(**asked: Any) -> list[tuple[str, str | None]]:
    with pytest.raises(MeansTestRefused) as wrong:
        worked_out(**asked)
    return [(unmet.rule, unmet.field) for unmet in wrong.value.reasons]


# --- The model's own example -------------------------------------------------------------------------------

LINCOLNSHIRE = """{ value = [{ from = 2020-04-06, region = "Lincolnshire", per = "month",
 bands = [{ from_age = 0, pounds = 783.49 }] }]"""


def lincolnshire() -> Policy:
    """R-MT-1's example gives C as one figure: with no living costs added, outgoings of 1,100 are C."""
    text = TEXT
    for before, after in (
        ("local_allowance = { value = []", f"local_allowance = {LINCOLNSHIRE}".replace("\n", "")),
        ("core_cost_factor = { value = 1.25", "core_cost_factor = { value = 0"),
        ('child_benefit_deduction = { value = "unless_passported"', 'child_benefit_deduction = { value = "never"'),
        ('paid_per = { value = "week"', 'paid_per = { value = "month"'),
        # Its allowance is of an earlier year than the national minimum that comes with the file.
        ("pounds = 194 }, { from_age = 11, pounds = 220 }, { from_age = 16, pounds = 258", "pounds = 180"),
        ("pounds = 187 }, { from_age = 11, pounds = 213 }, { from_age = 16, pounds = 249", "pounds = 180"),
    ):
        assert before in text, before
        text = text.replace(before, after, 1)
    return load_policy(text, name="lincolnshire.toml")


def test_the_worked_example_of_the_model_comes_out_to_the_penny():
    result = worked_out(
        lincolnshire(), income=[line("pay", 1500)], outgoings=[line("rent after Housing Benefit", 1100)]
    )

    assert by_letter(result) == {
        "A": Decimal(1500),
        "B": Decimal(1200),
        "C": Decimal(1100),
        "D": Decimal(100),
        "F": Decimal(50),
        "E": Decimal("783.49"),
        "G": Decimal("733.49"),
    }
    assert result.children[0].amount == Decimal("733.49")
    assert result.children[0].per is Per.MONTH


def test_a_household_under_the_shipped_policy_by_hand():
    # A 1500 a month; B 80% = 1200. C: rent 300.10, and 125% of 92.05 a week for a single carer from 25:
    # 115.0625 × 52 ÷ 12 = 498.6041666…; together 798.7041666…. D 401.2958333…, F half of it.
    # E 194 less Child Benefit 26.05 a week = 167.95 × 52 ÷ 12 = 727.7833…. G = 527.135416… a month, 121.6466… a week.
    result = worked_out(income=[line("pay", 1500)], outgoings=[line("rent after Housing Benefit", "300.10")])

    steps = by_letter(result)
    assert round(steps["C"], 8) == Decimal("798.70416667")
    assert round(steps["F"], 8) == Decimal("200.64791667")
    assert (result.children[0].monthly, result.children[0].weekly) == (Decimal("527.14"), Decimal("121.65"))
    assert result.children[0].amount == result.children[0].weekly, "the policy pays by the week"


def test_every_step_names_its_rule_and_the_policy_it_used_with_its_authority():
    result = worked_out(income=[line("pay", 1500)])

    uses = {one.key: one for step in (*result.steps, *result.children[0].steps) for one in step.uses}
    assert all(step.rule.startswith("R-MT-") and step.words for step in result.steps)
    assert (uses["means_test.income_share_kept"].value, uses["means_test.income_share_kept"].mark) == ("0.8", "NSG")
    assert (uses["rates.child_benefit"].mark, uses["rates.child_benefit"].check) == ("REG", "k")
    assert "£194.00 a week for ages 5 to 10" in uses["rates.national_minimum_allowance"].value


# --- Passports (R-MT-4), former foster carers (R-MT-11) ----------------------------------------------------


@pytest.mark.parametrize(
    ("income", "rule", "contributes_nothing"),
    [
        ([line("Universal Credit", 900)], "sole_income", True),
        ([line("Universal Credit", 900), line("Child Benefit for other children", 26.05, "week")], "sole_income", True),
        ([line("Universal Credit", 900), line("disability benefit of the child", 400)], "sole_income", True),
        ([line("Universal Credit", 900), line("pay", 800)], "sole_income", False),
        ([line("Universal Credit", 900), line("pay", 800)], "any_receipt", True),
        ([line("Universal Credit", 0), line("pay", 800)], "any_receipt", False),
        ([line("Working Tax Credit", 900)], "sole_income", False),
        ([line("pay", 800)], "any_receipt", False),
        ([], "sole_income", False),
    ],
)
def test_who_lives_on_a_basic_benefit_is_not_tested(income, rule, contributes_nothing):
    result = worked_out(policy(passport=f'"{rule}"'), income=income)

    assert bool(result.not_tested_because) is contributes_nothing
    if contributes_nothing:
        assert [step.letter for step in result.steps] == [Letter.CONTRIBUTION]
        assert result.children[0].weekly == Decimal("194.00"), "the full allowance, and no Child Benefit off"
        assert result.steps[0].rule == "R-MT-4"


@pytest.mark.parametrize(
    ("made", "rule", "protected"),
    [
        (None, "not means-tested", True),
        ("2023-09-01", "not means-tested", True),  # the second anniversary itself
        ("2023-08-31", "not means-tested", False),
        ("2025-06-01", "means-tested", False),
    ],
)
def test_a_former_foster_carer_is_not_tested_for_two_years_if_the_scheme_says_so(made, rule, protected):
    result = worked_out(
        policy(former_foster_carers=f'"{rule}"'),
        income=[line("pay", 4000)],
        foster_carer=True,
        order_made_on=made,
    )

    assert bool(result.not_tested_because) is protected
    assert (result.steps[0].rule == "R-MT-11") is protected
    assert (result.children[0].amount > 0) is protected


# --- Child Benefit (R-MT-5) --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "passported", "other_benefit", "tested_only"),
    [
        ("never", False, False, False),
        ("unless_passported", False, True, True),
        ("unless_any_means_tested_benefit", False, False, True),
        ("always", True, True, True),
    ],
)
def test_each_child_benefit_rule(rule, passported, other_benefit, tested_only):
    under = policy(child_benefit_deduction=f'"{rule}"')
    households = {
        "on Income Support alone": (worked_out(under, income=[line("Income Support", 95, "week")]), passported),
        "working, with Housing Benefit": (
            worked_out(under, income=[line("pay", 500)], other_benefits=["Housing Benefit"]),
            other_benefit,
        ),
        "working, no benefits": (worked_out(under, income=[line("pay", 500)]), tested_only),
    }

    for name, (result, deducted) in households.items():
        allowance = result.children[0].steps[0]
        assert a(Per.WEEK, allowance.annual) == (Decimal("167.95") if deducted else Decimal(194)), name
        assert allowance.rule == "R-MT-5"
        assert result.child_benefit_rule.value == rule, "each award stores the rule it was made under"


def test_child_benefit_is_not_taken_off_where_it_cannot_be_claimed():
    result = worked_out(children=[ROBIN | {"child_benefit": False}], income=[line("pay", 500)])

    assert a(Per.WEEK, result.children[0].steps[0].annual) == Decimal(194)


def test_the_eldest_child_of_the_household_has_the_higher_rate():
    older = {"part": "dependent child", "born": "2014-01-01"}

    def off(**asked: Any) -> Decimal:
        return -a(Per.WEEK, worked_out(income=[line("pay", 500)], **asked).children[0].steps[0].lines[1].annual)

    assert off() == Decimal("26.05")
    assert off(household=[CARER, older]) == Decimal("17.25")
    assert off(household=[CARER, older | {"child_benefit": False}]) == Decimal("26.05")
    assert off(household=[CARER, older | {"born": "2020-01-01"}]) == Decimal("26.05")


def test_twins_have_one_eldest():
    twins = [ROBIN, ROBIN | {"name": "Wren"}]
    result = worked_out(children=twins, income=[line("pay", 500)])

    assert [a(Per.WEEK, child.steps[0].annual) for child in result.children] == [Decimal("167.95"), Decimal("176.75")]


# --- Income and outgoings (R-MT-2, R-MT-3, R-MT-6) ---------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "counted", "under"),
    [
        ("pay", True, {}),
        ("regular income of the child", True, {}),
        ("criminal injuries award of the child", False, {}),
        ("Child Trust Fund", False, {}),
        ("disability benefit of the child", False, {}),
        ("disability benefit of the child", True, {"child_disability_benefits": '"counted"'}),
    ],
)
def test_which_income_counts(what, counted, under):
    result = worked_out(policy(**under), income=[line(what, 100)])

    assert by_letter(result)["A"] == (100 if counted else 0)
    assert bool(result.steps[0].lines[0].why) is not counted, "what is not counted stands there with the reason"


@pytest.mark.parametrize(
    ("amount", "per"), [(120, "week"), (240, "2 weeks"), (480, "4 weeks"), (520, "month"), (6240, "year")]
)
def test_an_amount_counts_alike_however_often_it_comes(amount, per):
    assert by_letter(worked_out(income=[line("pay", amount, per)]))["A"] == 520


def test_living_costs_are_those_of_everybody_but_the_children_support_is_sought_for():
    # 2025/26 a week: couple 144.65, single from 25 92.05, under 25 72.90, dependent child 84.66; times 1.25.
    def living(*household: dict[str, str]) -> Decimal:
        [costs] = [s for s in worked_out(household=list(household)).steps if s.letter is Letter.COSTS]
        return a(Per.WEEK, costs.annual) / Decimal("1.25")

    child = {"part": "dependent child", "born": "2012-01-01"}
    young = {"part": "carer", "born": "2004-01-01"}
    parent = {"part": "dependent adult", "born": "1945-01-01"}
    assert living(CARER) == Decimal("92.05")
    assert living(young) == Decimal("72.90")
    assert living(CARER, PARTNER) == Decimal("144.65")
    assert living(CARER, PARTNER, child, child) == Decimal("144.65") + 2 * Decimal("84.66")
    assert living(CARER, CARER | {"name": "a sister"}) == 2 * Decimal("92.05")
    assert living(CARER, parent) == 2 * Decimal("92.05")


def test_a_dependent_child_raises_the_award():
    pay = {"income": [line("pay", 2500)], "outgoings": [line("rent after Housing Benefit", 700)]}
    alone = worked_out(**pay)
    with_one = worked_out(household=[CARER, {"part": "dependent child", "born": "2019-01-01"}], **pay)

    assert with_one.children[0].weekly > alone.children[0].weekly > 0
    assert by_letter(with_one)["C"] - by_letter(alone)["C"] == a(Per.MONTH, Decimal("84.66") * Decimal("1.25") * 52)


# --- Several children, ages, small awards (R-MT-7, R-MT-9, R-MT-12) -----------------------------------------


def test_two_children_share_the_contribution_equally_and_none_passes_its_share_on():
    wren = {"name": "Wren", "born": "2021-01-01"}
    result = worked_out(children=[ROBIN, wren], income=[line("pay", 600, "week")])
    share = a(Per.WEEK, result.steps[-1].annual) / 2

    allowances = [a(Per.WEEK, child.steps[0].annual) for child in result.children]
    assert allowances == [Decimal("167.95"), Decimal("158.75")]
    for child, allowance in zip(result.children, allowances, strict=True):
        assert a(Per.WEEK, child.annual) == allowance - share
    # Where the share is more than the smaller allowance, the rest of it does not fall on the other child.
    dear = worked_out(children=[ROBIN, wren], income=[line("pay", 960, "week")])
    share = a(Per.WEEK, dear.steps[-1].annual) / 2
    assert Decimal("158.75") < share < Decimal("167.95")
    assert a(Per.WEEK, dear.children[0].annual) == Decimal("167.95") - share
    assert dear.children[1].weekly == 0
    assert dear.children[1].nil_because


@pytest.mark.parametrize(
    ("born", "on", "age", "allowance"),
    [
        ("2022-09-01", "2025-08-31", 2, 170),
        ("2022-09-01", "2025-09-01", 3, 176),
        ("2014-09-02", "2025-09-01", 10, 194),
        ("2014-09-02", "2025-09-02", 11, 220),
        ("2009-09-01", "2025-09-01", 16, 258),
        ("2020-02-29", "2025-02-28", 4, 170),  # born on 29 February: five on 1 March; rates of 2024/25
        ("2020-02-29", "2025-03-01", 5, 187),
    ],
)
def test_the_age_band_changes_on_the_birthday(born, on, age, allowance):
    result = worked_out(policy(child_benefit_deduction='"never"'), children=[ROBIN | {"born": born}], on=on)

    assert result.children[0].age == age
    assert result.children[0].weekly == allowance


def test_the_sheet_says_what_the_next_birthday_will_change():
    result = worked_out(children=[ROBIN | {"born": "2014-09-02"}])
    change = result.children[0].next_change

    assert change is not None
    assert (change.on, change.age, change.award) == (date(2025, 9, 2), 11, Decimal("193.95"))
    assert worked_out(children=[ROBIN | {"born": "2008-09-02"}]).children[0].next_change is None


@pytest.mark.parametrize(("pay", "weekly"), [("561.20", "1.00"), ("561.21", "1.00"), ("561.22", "0")])
def test_an_award_below_one_pound_a_week_is_nil_with_its_reason(pay, weekly):
    # G = 167.95 − (0.4 × pay − 57.53125) a week: 1.00125, 0.99725 and 0.99325, which is 0.99.
    result = worked_out(income=[line("pay", pay, "week")])

    assert result.children[0].weekly == Decimal(weekly)
    assert bool(result.children[0].nil_because) is (weekly == "0")
    assert result.children[0].steps[-1].rule == ("R-MT-9" if weekly == "0" else "R-MT-8")


def test_only_the_award_is_rounded_and_a_half_penny_goes_up():
    # Living costs of a carer under 25 and a child: 125% of 72.90 + 84.66 = 196.95 a week, and 0.02 for travel.
    # 80% of 300 less 196.97 is 43.03; half of it is 21.515; 194 less 21.515 is 172.485.
    result = worked_out(
        policy(child_benefit_deduction='"never"'),
        household=[{"part": "carer", "born": "2004-01-01"}, {"part": "dependent child", "born": "2015-01-01"}],
        income=[line("pay", 300, "week")],
        outgoings=[line("travel to work", "0.02", "week")],
    )

    assert a(Per.WEEK, result.children[0].annual) == Decimal("172.485")
    assert result.children[0].weekly == Decimal("172.49")


# --- Labels and stand-ins (R-MT-10, rules 7.4) --------------------------------------------------------------


def test_an_illustration_says_so_and_differs_from_the_decision_in_its_mark():
    illustration, decision = worked_out(purpose="illustration"), worked_out()

    assert illustration.is_illustration
    assert not decision.is_illustration
    assert illustration.mark != decision.mark
    assert decision.mark == worked_out().mark


def test_a_stand_in_rate_says_so():
    assert any("stands in" in words for words in worked_out().stand_ins)
    later = worked_out(on="2026-09-01").stand_ins
    assert len(later) == 4
    assert all("5 April 2026" in words for words in later[1:])
    assert worked_out(lincolnshire()).stand_ins == ()


@pytest.mark.parametrize(
    ("asked", "rule", "field"),
    [
        ({"household": [{"part": "dependent child", "born": "2015-01-01"}]}, "R-MT-1", "household"),
        ({"household": [CARER, PARTNER, PARTNER]}, "R-MT-1", "household"),
        ({"household": [CARER, CARER, PARTNER]}, "R-MT-1", "household"),
        ({"household": [CARER, {"part": "dependent child", "born": "2005-09-01"}]}, "R-MT-6", "household.1.born"),
        ({"household": [CARER, {"part": "dependent child", "born": "2025-09-02"}]}, "R-MT-6", "household.1.born"),
        ({"household": [{"part": "carer", "born": "2008-01-01"}]}, "R-MT-1", "household.0.born"),
        ({"children": [ROBIN, ROBIN]}, "R-MT-7", "children.1.name"),
        ({"children": [ROBIN | {"born": "2007-09-01"}]}, "R-LAW-11", "children.0.born"),
        ({"children": [ROBIN | {"born": "2025-09-02"}]}, "R-MT-1", "children.0.born"),
        ({"on": "2024-04-07"}, "R-MT-1", "on"),
        ({"order_made_on": "2025-09-02"}, "R-MT-11", "order_made_on"),
    ],
)
def test_what_cannot_be_worked_out_is_refused_with_its_rule_and_field(asked, rule, field):
    assert (rule, field) in refused(**asked)


def test_everything_that_is_wrong_is_said_at_once():
    wrong = refused(
        household=[{"part": "dependent child", "born": "1999-01-01"}], children=[ROBIN, ROBIN], on="2020-01-01"
    )

    assert len(wrong) == 6
    assert {field for _, field in wrong} == {"household", "household.0.born", "children.1.name", "on"}


# --- Whatever the household ---------------------------------------------------------------------------------

pence = st.integers(0, 900_000).map(lambda whole: f"{whole / 100:.2f}")
periods = st.sampled_from([per.value for per in Per])
ORDINARY = ["pay", "pension", "boarders or lodgers", "Universal Credit", "Child Benefit for other children"]
incomes = st.lists(st.builds(line, st.sampled_from(ORDINARY), pence, periods), max_size=4)
outgoings = st.lists(
    st.builds(line, st.sampled_from(["childcare", "travel to work", "rent after Housing Benefit"]), pence, periods),
    max_size=3,
)
dependants = st.lists(
    st.builds(lambda year: {"part": "dependent child", "born": f"{year}-05-05"}, st.integers(2008, 2024)), max_size=3
)
births = st.lists(st.integers(2008, 2024), min_size=1, max_size=4)
households = st.tuples(incomes, outgoings, dependants, births)


def any_household(income: Any, out: Any, others: Any, years: list[int], under: Policy) -> MeansTest:
    children = [{"name": f"Child {n}", "born": f"{year}-10-10"} for n, year in enumerate(years)]
    return worked_out(under, income=income, outgoings=out, household=[CARER, *others], children=children)


@settings(max_examples=40)
@given(
    households,
    st.sampled_from(["never", "always", "unless_passported"]),
    st.builds(line, st.just("pay"), pence, periods),
)
def test_an_award_lies_between_nought_and_the_allowance_and_more_pay_never_raises_it(household, rule, more):
    income, out, others, years = household
    under = policy(child_benefit_deduction=f'"{rule}"')
    before = any_household(income, out, others, years, under)
    after = any_household([*income, more], out, others, years, under)

    for child, then in zip(before.children, after.children, strict=True):
        assert 0 <= child.annual <= child.steps[0].annual <= child.steps[0].lines[0].annual
        assert then.annual <= child.annual
        assert child.weekly == child.weekly.quantize(Decimal("0.01"))
        assert child.nil_because or child.weekly >= 1


@settings(max_examples=40)
@given(incomes, outgoings, births, st.integers(2008, 2024))
def test_one_more_dependant_never_lowers_an_award(income, out, years, born):
    more = [{"part": "dependent child", "born": f"{born}-05-05"}]
    before = any_household(income, out, [], years, policy(child_benefit_deduction='"never"'))
    after = any_household(income, out, more, years, policy(child_benefit_deduction='"never"'))

    assert [child.annual for child in after.children] >= [child.annual for child in before.children]
