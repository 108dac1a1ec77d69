"""The night's rules about money, on both sides of their limits (rules 10: D-12, D-14, D-39)."""

from datetime import date, timedelta

import pytest

from casework.who.people import disable_person
from demo.papers import paper
from persistence.tables import Finding
from tests.integration.test_night_rules import around
from tests.money import ASKS, ASSESSING, CHILDS, Money
from tests.nights import found, the_night
from tests.rows import rows_of
from tests.world import noon

#: Wednesday 19 March 2025.
DAY = ASSESSING


class TestStepOverItsTime:
    """The Head of Service has five working days (R-FIN-12): from Wednesday 19 March to Wednesday 26 March."""

    def test_is_found_the_day_after_and_is_the_childs(self, assessed):
        money, child = assessed
        money.submitted(child, "standard_allowance", DAY)
        assert around(money.world, "D-12", date(2025, 3, 26)) == (0, 1)
        the_night(money.world, date(2025, 3, 27))
        assert [row.severity for row in rows_of(money.world, Finding, child, rule="D-12")] == ["warn"]

    def test_the_whole_route_over_its_thirty_days_is_urgent(self, assessed):
        """Returned on 26 March; thirty working days after 19 March, with Easter, is Friday 2 May."""
        money, child = assessed
        ref = money.submitted(child, "standard_allowance", DAY)
        money.do("head_of_service_returns", date(2025, 3, 26), "hana.hos", ref, due_on=date(2025, 6, 2))
        assert around(money.world, "D-12", date(2025, 5, 2)) == (0, 1)
        the_night(money.world, date(2025, 5, 3))
        assert [row.severity for row in rows_of(money.world, Finding, child, rule="D-12")] == ["urgent"]

    def test_waits_while_the_placement_has_ended(self, assessed):
        money, child = assessed
        money.submitted(child, "standard_allowance", DAY)
        money.world.do("record_placement_change", DAY + timedelta(1), "sol.sw", ref=child)
        assert found(money.world, "D-12", date(2025, 4, 30)) == 0


class TestRemunerationNotDecided:
    """The order is expected in less than eight weeks, and the remuneration that is asked for is not signed."""

    @pytest.fixture
    def planned(self, assessed) -> tuple[Money, str, str]:
        """The order is planned for Monday 2 June 2025: eight weeks before is Monday 7 April."""
        money, child = assessed
        rows = [
            row | ({"planned_on": "2025-06-02"} if row["step"] == "final hearing or order" else {})
            for row in paper("record_trajectory", on=DAY)["milestones"]
        ]
        rows = [dict(row, slip_reason="court") for row in rows if row["planned_on"] <= "2025-06-02"]
        money.world.do("record_trajectory", DAY, "sol.sw", ref=child, milestones=rows)
        fee = {"remuneration": "90.00", "remuneration_because": "It was part of the fostering payment."}
        return money, child, money.submitted(child, "standard_allowance", DAY, **fee)

    def test_is_found_when_less_than_eight_weeks_are_left(self, planned):
        assert around(planned[0].world, "D-14", date(2025, 4, 7)) == (0, 1)

    def test_is_over_when_it_is_signed_and_not_while_that_waits_to_be_confirmed(self, planned):
        money, _, ref = planned
        on = date(2025, 4, 7)
        signed = money.do("head_of_service_approves", on, "tam.sgo", ref, decided_by="hana.hos")
        assert found(money.world, "D-14", date(2025, 4, 8)) == 1
        money.do("confirm_decision", on, "hana.hos", ref, event=signed.event)
        assert found(money.world, "D-14", date(2025, 4, 8)) == 0

    def test_is_nothing_where_no_remuneration_is_asked_for(self, planned):
        money, _, ref = planned
        money.do("head_of_service_returns", DAY, "hana.hos", ref)
        plain = {"funding": "standard_allowance", "amount": "142.50", "frequency": "each week"}
        money.do("revise_request", DAY, ASKS, ref, purpose_kind="day-to-day care of the child", **plain)
        assert found(money.world, "D-14", date(2025, 4, 8)) == 0


class TestNoContract:
    """A loan is signed on Wednesday 19 March: thirty working days later is Friday 2 May (D-39)."""

    def test_is_found_when_the_contract_is_not_signed_in_time(self, assessed):
        money, child = assessed
        money.agreed(child, "loan", DAY)
        assert around(money.world, "D-39", date(2025, 5, 2)) == (0, 1)

    def test_is_over_when_it_is_signed(self, assessed):
        money, child = assessed
        ref = money.agreed(child, "loan", DAY)
        money.do("ask_for_contract", DAY, CHILDS, ref)
        money.do("record_contract", date(2025, 5, 6), "lex.legal", ref, charge="placed")
        assert found(money.world, "D-39", date(2025, 5, 7)) == 0

    def test_is_found_at_once_where_money_was_paid_before_it(self, assessed):
        money, child = assessed
        ref = money.agreed(child, "loan", DAY)
        money.do("record_payment", DAY, "faye.finance", ref)
        assert found(money.world, "D-39", DAY + timedelta(1)) == 1

    def test_is_nothing_where_no_contract_is_needed(self, assessed):
        money, child = assessed
        money.agreed(child, "grant", DAY, amount="9999.99")
        assert found(money.world, "D-39", date(2025, 6, 30)) == 0


class TestNobodysTaskOnARequest:
    """A task of a funding request whose post nobody at work holds is the child's to look at (D-36)."""

    def test_is_found_when_the_last_head_of_service_leaves(self, assessed):
        money, child = assessed
        money.submitted(child, "standard_allowance", DAY)
        assert found(money.world, "D-36", DAY) == 0
        with money.world.office.unit_of_work() as session:
            for who in ("hana.hos", "hugo.hos"):
                disable_person(session, who=who, now=noon(DAY))
        the_night(money.world, DAY + timedelta(days=1))
        [finding] = rows_of(money.world, Finding, child, rule="D-36")
        assert finding.cleared_on is None

    def test_a_worker_allocated_to_the_child_has_the_requests_tasks(self, assessed):
        """Returned with questions, it is for the assessment worker to answer."""
        money, child = assessed
        ref = money.submitted(child, "standard_allowance", DAY)
        money.do("head_of_service_returns", DAY, "hana.hos", ref)
        assert found(money.world, "D-36", DAY) == 0
        with money.world.office.unit_of_work() as session:
            disable_person(session, who=ASKS, now=noon(DAY))
        assert found(money.world, "D-36", DAY + timedelta(days=1)) == 1
