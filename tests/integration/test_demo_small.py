"""The small caseload of the demo has money at every desk, so that each page of it has something to show."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from casework.funding.deciding import decide
from casework.funding.requests import list_requests
from casework.funding.tracker import tracker
from casework.reading.money_waiting import money_waiting
from casework.settings import Settings
from casework.units import Office, open_office, prepare_database
from demo.caseload import Caseload, build
from demo.run import POLICY, policy_with_budgets
from persistence.verification import verify

TODAY = date(2026, 3, 10)
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)


#: What is built once is one process's.
@pytest.fixture(scope="module", params=[pytest.param(None, marks=pytest.mark.xdist_group("small"), id="built once")])
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, Caseload]]:
    settings = Settings(home=tmp_path_factory.mktemp("small"))
    prepare_database(settings)
    with open_office(settings) as office:
        yield office, build(office, policy_with_budgets(TODAY, 40), policy_name=POLICY, today=TODAY, children=40)


def test_a_request_stands_at_every_desk_and_each_opens_on_one_page(demo):
    office, caseload = demo
    by = caseload.staff["tam.sgo"]
    with office.reading() as session:
        there = list_requests(session, by=by, today=TODAY, include_closed=True)
        pages = [decide(session, line.ref, by=by, today=TODAY, now=NOW) for line in there]
        assert verify(session).ok
    desks = {
        "PREPARING", "AT_REVIEW_GROUP", "AT_PERMANENCE_PANEL", "AT_DMT", "WITH_HEAD_OF_SERVICE", "SECOND_VIEW",
        "WITH_ASSISTANT_DIRECTOR", "WITH_DIRECTOR", "RETURNED", "APPROVED", "CONTRACT_PENDING", "SIGNED_OFF",
    }  # fmt: skip
    assert {line.state for line in there} >= desks
    assert len(pages) == len(there)
    refused = [line for line in there if not line.agreed and line.state in ("WITH_ASSISTANT_DIRECTOR", "WITH_DIRECTOR")]
    assert len(refused) >= 3  # one of them was refused, and the carers have been heard (A22)


def test_somebody_has_money_to_decide_and_the_tracker_money_to_show(demo):
    office, caseload = demo
    with office.reading() as session:
        for who in ("hana.hos", "hugo.hos", "abel.ad", "dara.director"):
            waits = money_waiting(session, by=caseload.staff[who], today=TODAY).mine
            assert any(one.decides for one in waits), who
        shown = tracker(session, by=caseload.staff["faye.finance"], now=NOW)
    assert len(shown.rows) >= 4
    assert any(row.paid_to_date > 0 for row in shown.rows)
    assert all(line.this_budget and line.next_budget for line in shown.budget)
    assert sum((line.this_year for line in shown.budget), Decimal(0)) > 0
