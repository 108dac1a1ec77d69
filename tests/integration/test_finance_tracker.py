"""The finance tracker in the browser: the workbook, finance's own held against it, annual reviews (PM-5, PM-7)."""

from __future__ import annotations

import io
from datetime import date, timedelta

import openpyxl
import pytest
from dateutil.relativedelta import relativedelta

from casework.errors import Refused
from casework.funding.desk import Asked, money_desk
from tests.county import ChildAt
from tests.money import ASSESSING, Money, with_money
from tests.pages import Page, Pages, Visitor, line
from tests.queries import counting
from tests.world import noon

DAY = ASSESSING
pytestmark = pytest.mark.parametrize("templates", ["sqlite"], indirect=True)


@pytest.fixture
def paid(child_at: ChildAt) -> tuple[Money, str, str]:
    """A child, an allowance of theirs that is payable, and a grant that is agreed."""
    world, child = child_at("ASSESSMENT")
    money = with_money(world)
    ref = money.agreed(child, "standard_allowance", DAY, household="HH-1")
    money.payable(ref, DAY, periodic=True)
    return money, ref, money.agreed(child, "grant", DAY, amount="4500.00", household="HH-2")


def at(money: Money, who: str = "faye.finance", on: date = DAY) -> Visitor:
    return Pages(money.world).as_(who, on=on)


def compared(visitor: Visitor, book: bytes, status: int = 200, name: str = "theirs.xlsx") -> Page:
    return visitor.post("/money/tracker", status, workbook=(io.BytesIO(book), name))


def test_the_workbook_goes_out_comes_back_changed_and_every_cell_that_differs_is_said(paid):
    money, ref, grant = paid
    visitor = at(money)
    assert "2 agreed sums that you may open" in line(visitor.get("/money/tracker"))
    ours = visitor.client.get("/money/tracker.xlsx")
    assert "finance-tracker-2025-" in ours.headers["Content-Disposition"]
    assert "no differences" in line(compared(visitor, ours.data))

    book = openpyxl.load_workbook(io.BytesIO(ours.data))
    sheet = book["Tracker"]
    rows = {sheet.cell(down, 1).value: down for down in range(6, 9)}
    sheet.cell(rows[ref], 9).value = 150
    sheet.cell(rows[grant], 1).value = "FR-00000000"
    changed = io.BytesIO()
    book.save(changed)
    page = line(compared(visitor, changed.getvalue()))

    assert "3 differences" in page
    assert f"{ref} Tracker I{rows[ref]} Amount £142.50 £150.00 differs" in page
    assert "no agreed request of ours has this reference" in page
    assert "it is missing from the file" in page
    assert "Nothing has been changed" in page
    looks = money.world.office.access_log.of_kind("finance tracker", since=noon(DAY))
    assert {ref, grant} <= {one.case_ref for one in looks}


def test_what_is_no_tracker_is_refused_with_the_reason(paid):
    money, _, _ = paid
    visitor = at(money)

    assert "The workbook cannot be used" in compared(visitor, b"not a workbook", 422, "notes.xlsx").text
    empty = io.BytesIO()
    openpyxl.Workbook().save(empty)
    assert "SHEET-HEADINGS" in compared(visitor, empty.getvalue(), 422).text
    assert "Choose the workbook first" in visitor.post("/money/tracker", 422).text


def test_it_is_for_those_who_keep_it(paid):
    money, ref, _ = paid
    for who, status in (("hana.hos", 200), ("tam.sgo", 200), ("sol.sw", 403), ("wren.chair", 403)):
        page = at(money, who).get("/money/tracker", status)
        assert (ref in page.text) == (status == 200)
    assert "/money/tracker" not in at(money, "sol.sw").get("/money").links


def test_an_allowance_is_reviewed_every_year_and_the_tracker_says_when_last_and_next(paid):
    """R-REV-1, by hand: twelve months from the first payment, then from each review; the form eight weeks before."""
    money, ref, _ = paid
    due = DAY + relativedelta(months=12)
    for on, there in ((due - timedelta(weeks=8, days=1), []), (due - timedelta(weeks=8), [ref])):
        with money.world.office.reading() as session:
            desk = money_desk(session, by=money.world.ids["faye.finance"], today=on, asked=Asked())
        assert [one.ref for one in desk.reviews] == there, on
    assert desk.reviews[0].due_on == due
    early = at(money).get("/money/tracker")
    assert f"next {due.day} {due:%b %Y}" in line(early)

    reviewed = due - timedelta(3)
    money.do("review_allowance", reviewed, "coral.coordinator", ref)
    again = reviewed + relativedelta(months=12)
    page = line(at(money, on=reviewed).get("/money/tracker"))
    assert f"{reviewed.day} {reviewed:%b %Y} next {again.day} {again:%b %Y}" in page
    book = openpyxl.load_workbook(io.BytesIO(at(money, on=reviewed).client.get("/money/tracker.xlsx").data))
    heads = [cell.value for cell in book["Tracker"][5]]
    row = next(row for row in book["Tracker"].iter_rows(min_row=6, values_only=True) if row[0] == ref)
    said = dict(zip(heads, row, strict=True))
    assert (said["Last review"].date(), said["Next review"].date()) == (reviewed, again)
    assert "Reviewed" in [cell.value for cell in book["Changes"]["C"]]


def test_what_is_paid_once_has_no_annual_review(paid):
    """A32: an annual review is of regular money."""
    money, _, grant = paid
    money.payable(grant, DAY)
    with pytest.raises(Refused) as refused:
        money.do("review_allowance", DAY, "coral.coordinator", grant)
    assert [unmet.rule for unmet in refused.value.reasons] == ["R-REV-1"]


def test_it_asks_no_more_for_more_sums(paid):
    money, ref, _ = paid
    visitor = at(money)
    visitor.get("/money/tracker")
    with counting(money.world) as few:
        visitor.get("/money/tracker")
    child = money.seen(ref, DAY).child
    for number in range(3):
        money.agreed(child, "legal_costs", DAY, household=f"HH-3{number}", purpose_kind="legal costs")
    visitor = at(money)
    visitor.get("/money/tracker")
    with counting(money.world) as many:
        visitor.get("/money/tracker")

    assert len(many) == len(few) <= 30
