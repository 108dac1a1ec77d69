"""From the signature on: notices, contract, tracker and payment, and what the case may do then (rules 7.2)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from casework.errors import Refused
from persistence.tables import FundingRequest
from states.records.funding import PurposeKind
from tests.county import ChildAt
from tests.money import ASKS, ASSESSING, position, rules_of, with_money
from tests.rows import case_of, rows_of
from tests.walks import SIGNED_ELSEWHERE
from tests.world import START

DAY = ASSESSING


def test_nothing_is_payable_before_notice_contract_and_tracker(assessed):
    money, child = assessed
    ref = money.agreed(child, "loan", DAY)
    with pytest.raises(Refused) as early:
        money.do("sign_off", DAY, "cfs.permanence", ref)
    assert {"R-SUP-7", "R-SUP-9", "R-FIN-9", "R-FIN-10"} <= rules_of(early.value)
    # A fact: never refused, flagged as urgent (PR-1).
    paid = money.do("record_payment", DAY, "faye.finance", ref, amount="3000")
    assert {flag.rule for flag in paid.flags} == {"R-SUP-7", "R-SUP-9", "R-FIN-9"}
    money.payable(ref, DAY, contract=True)

    assert money.state(ref, DAY) == "SIGNED_OFF"
    assert money.do("record_payment", DAY, "faye.finance", ref, amount="5000").flags == ()


def test_what_is_paid_over_the_agreement_is_flagged_and_a_new_round_does_not_pay_twice(assessed):
    """8,000 agreed: paid in two parts, then once more, then again after a new round (rules R-FIN-14, PR-1)."""
    money, child = assessed
    ref = money.agreed(child, "grant", DAY, amount="8000")
    money.payable(ref, DAY)

    def pay(amount: str) -> set[str]:
        return {flag.rule for flag in money.do("record_payment", DAY, "faye.finance", ref, amount=amount).flags}

    assert (pay("5000"), pay("3000"), pay("0.01")) == (set(), set(), {"R-FIN-14"})
    money.do("open_new_round", DAY, ASKS, ref)
    money.do("submit_request", DAY, ASKS, ref)
    money.heard(ref, DAY)
    money.signed(ref, DAY)
    money.payable(ref, DAY)
    assert pay("8000") == {"R-FIN-14"}


def test_a_payment_is_written_down_in_every_state_and_judged_by_the_agreement_that_holds(assessed):
    """Before any signature, while a new round is open, and after the request is closed (practice PR-1, R-FIN-14)."""
    money, child = assessed
    given = {"amount": "142.50", "frequency": "each week", "starts_on": DAY.isoformat()}
    ref = money.prepared(child, "standard_allowance", DAY, **given)

    def pay(on: date = DAY) -> set[str]:
        done = money.do("record_payment", on, "faye.finance", ref, amount="142.50")
        assert done.to_state == done.from_state
        return {flag.rule for flag in done.flags}

    assert pay() == {"R-FIN-14"}  # nothing is agreed
    money.do("submit_request", DAY, ASKS, ref)
    money.signed(ref, DAY, **given)
    assert pay() == {"R-SUP-7", "R-SUP-9", "R-MON-5"}  # agreed, and not yet payable
    money.payable(ref, DAY, periodic=True)
    money.do("open_new_round", DAY, ASKS, ref)
    assert pay(DAY + timedelta(days=7)) == set()  # the allowance runs on: two weeks have begun, three may be paid
    assert pay(DAY + timedelta(days=7)) == {"R-FIN-14"}
    assert rows_of(money.world, FundingRequest, ref)[0].paid_on is None  # of the new round nothing is paid


def test_whoever_signs_is_told_that_the_child_may_need_it_no_more_and_decides_all_the_same(assessed):
    """The system closes nothing and refuses nothing for it: a person is asked (practice PR-5)."""
    money, child = assessed
    purposes = (PurposeKind.CARE.value, PurposeKind.BUILDING.value)
    before, after = (money.submitted(child, "standard_allowance", DAY, purpose_kind=kind) for kind in purposes)
    assert money.signed(before, DAY).flags == ()
    money.world.do("record_death", DAY, "sol.sw", ref=child)
    told = money.signed(after, DAY)

    assert [flag.rule for flag in told.flags] == ["PR-5"]
    assert "the child has died" in told.flags[0].reason
    assert money.state(after, DAY) == "APPROVED"


@pytest.mark.parametrize(("signed", "in_time"), [(4, True), (5, False), (6, False)])
def test_a_fee_signed_on_or_after_the_day_of_the_order_is_not_payable_though_the_order_is_learnt_of_later(
    assessed, signed, in_time
):
    """The order is made on the fifth day and written down on the ninth (rules R-MON-2, R-FIN-13)."""
    money, child = assessed
    fee = {"remuneration": "100", "remuneration_because": "Part of the fostering payment; one carer works less."}
    ref = money.submitted(child, "needs_led_allowance", DAY, **fee)
    money.heard(ref, DAY)
    money.do("head_of_service_agrees", DAY, "hana.hos", ref)
    money.do("assistant_director_approves", DAY + timedelta(days=signed), "abel.ad", ref)
    learnt = DAY + timedelta(days=9)
    money.world.do("order_made", DAY + timedelta(days=5), "lex.legal", ref=child, today=learnt)

    with pytest.raises(Refused) as early:  # notices and tracker are still to come
        money.do("sign_off", learnt, "cfs.permanence", ref)
    assert ("R-MON-2" in rules_of(early.value)) is not in_time


@pytest.mark.parametrize(("trigger", "more"), [("end", {}), ("transfer_out", {}), ("merge", {"into": True})])
def test_no_case_is_closed_over_a_request_that_is_still_to_be_decided(assessed, trigger, more):
    """Or it could be signed with nobody watching, and count with none of the child's (practice PT-16, PR-5)."""
    money, child = assessed
    given = {name: money.world.child_at("COHORT") for name in more}
    ref = money.submitted(child, "grant", DAY)
    with pytest.raises(Refused) as left:
        money.world.do(trigger, DAY, "rowan.tm", ref=child, **given)
    assert any(unmet.rule == "PR-5" and ref in unmet.reason for unmet in left.value.reasons)
    money.do("withdraw_request", DAY, ASKS, ref)
    money.world.do(trigger, DAY, "rowan.tm", ref=child, **given)
    with pytest.raises(Refused) as closed:
        money.opened(child, "grant", DAY)
    assert "PR-5" in rules_of(closed.value)


def test_an_allowance_is_paid_a_week_ahead_and_no_more(assessed):
    """142.50 a week from a day: by that day its first week and the next; a third is over (rules R-FIN-14)."""
    money, child = assessed
    given = {"amount": "142.50", "frequency": "each week", "starts_on": DAY.isoformat()}
    ref = money.submitted(child, "standard_allowance", DAY, **given)
    money.signed(ref, DAY, **given)
    money.payable(ref, DAY, periodic=True)

    def pay(amount: str, on: date) -> set[str]:
        return {flag.rule for flag in money.do("record_payment", on, "faye.finance", ref, amount=amount).flags}

    assert (pay("285.00", DAY), pay("142.50", DAY)) == (set(), {"R-FIN-14"})
    assert pay("142.50", DAY + timedelta(days=14)) == set()  # three weeks have begun by then, and four are allowed


def test_regular_money_waits_for_the_conditions(assessed):
    money, child = assessed
    ref = money.agreed(child, "standard_allowance", DAY)
    with pytest.raises(Refused):
        money.payable(ref, DAY)
    assert money.state(ref, DAY) == "APPROVED"
    money.do("agree_conditions", DAY, ASKS, ref)
    money.do("sign_off", DAY, "cfs.permanence", ref)


def test_a_signed_request_lets_the_case_go_on_to_legal_and_an_undecided_one_does_not(child_at: ChildAt):
    world, child = child_at("FINANCIAL_PACKAGE")
    money, on = with_money(world), START + timedelta(121)
    ref = money.submitted(child, "standard_allowance", on)
    with pytest.raises(Refused) as waits:
        world.do("agree_package", on, "ida.saw", ref=child)
    assert rules_of(waits.value) == {"PT-9"}
    money.signed(ref, on)
    world.do("agree_package", on, "ida.saw", ref=child)
    with pytest.raises(Refused) as notices:
        world.do("submit_to_legal", on, "ida.saw", ref=child)
    assert rules_of(notices.value) == {"R-SUP-7", "R-SUP-9"}
    money.do("upload_agreement", on, ASKS, ref)
    for step in ("issue_proposal_notice", "close_funding_representations", "issue_decision_notice"):
        money.do(step, on, ASKS, ref)
    world.do("submit_to_legal", on, "ida.saw", ref=child)

    assert case_of(world, child).state == "WITH_LEGAL"
    assert position(money, child) == ("agreed", ref)


def test_an_agreement_is_named_only_where_it_was_signed_here_or_there_is_evidence(assessed):
    money, child = assessed
    with pytest.raises(Refused) as unknown:
        money.world.do("set_financial_position", DAY, "ida.saw", ref=child, position="agreed", agreement_ref="AG-1")
    assert rules_of(unknown.value) == {"R-FIN-10"}
    money.world.do("set_financial_position", DAY, "ida.saw", ref=child, position="agreed", **SIGNED_ELSEWHERE)
    assert position(money, child) == ("agreed", "AG-1")
