"""A request's documents in the browser: made, kept, read again; and what goes into other systems (practice PR-7)."""

from __future__ import annotations

import io

import pytest
from docx import Document

from documents.papers import PaperKind
from tests.county import ChildAt
from tests.money import ASKS, ASSESSING, Money, with_money
from tests.pages import Pages, Visitor, line

DAY = ASSESSING
pytestmark = pytest.mark.parametrize("templates", ["sqlite"], indirect=True)


@pytest.fixture
def agreed(child_at: ChildAt) -> tuple[Money, str, str]:
    """A child and a grant of theirs that is agreed."""
    world, child = child_at("ASSESSMENT")
    money = with_money(world)
    return money, child, money.agreed(child, "grant", DAY, amount="4500.00")


def at(money: Money, who: str = ASKS) -> Visitor:
    return Pages(money.world).as_(who, on=DAY)


def test_a_paper_is_made_once_for_each_wording_and_every_version_stays(agreed):
    money, _, ref = agreed
    visitor, path = at(money), f"/requests/{ref}/papers"
    assert line(visitor.get(path)).count("not made yet") == len(PaperKind)
    visitor.post(path, 302, kind="agreement")
    again = visitor.send(path, kind="agreement")
    page = visitor.get(again.headers["Location"].split("#")[0])
    assert "nothing has changed since version 1" in line(page)
    money.do("upload_agreement", DAY, ASKS, ref)
    visitor.post(path, 302, kind="one-page")

    file = visitor.client.get(f"{path}/agreement/1.docx")
    assert file.headers["Content-Disposition"] == f'attachment; filename="{ref}-agreement-1.docx"'
    assert "4,500.00" in "".join(t.text or "" for t in Document(io.BytesIO(file.data)).element.body.iter())
    for wrong in ("agreement/2.docx", "diary/1.docx"):
        visitor.get(f"{path}/{wrong}", 404)
    assert line(visitor.get(path)).count("not made yet") == len(PaperKind) - 2


def test_what_a_paper_still_needs_is_said_with_its_rule(agreed):
    money, _, ref = agreed
    page = at(money).post(f"/requests/{ref}/papers", 422, kind="calculation-sheet")

    assert "No means test is recorded on this request (Record a means test). (R-MT-8)" in line(page)
    assert "#calculation-sheet" in page.links
    at(money).post(f"/requests/{ref}/papers", 404, kind="diary")


def test_the_tasks_in_other_systems_are_shown_done_or_whose_they_are(agreed):
    money, child, ref = agreed
    path = f"/requests/{ref}/papers"
    assert line(at(money).get(path)).count("Still to do") == 3
    money.do("upload_agreement", DAY, ASKS, ref, reference="DOC-4711")
    page = line(at(money).get(path))
    assert page.count("Still to do") == 2
    assert "DOC-4711" in page
    other = money.opened(child, "legal_costs", DAY, household="HH-9", purpose_kind="legal costs")
    assert "Nothing to add to other systems yet" in line(at(money).get(f"/requests/{other}/papers"))


def test_only_who_may_open_the_request_reads_its_papers_and_the_sheet_only_who_reads_means_tests(agreed):
    """Rules 11.1: the reviewing officer reads the outcome and no means test; R22: hidden is as if it were not there."""
    money, child, ref = agreed
    other = money.prepared(child, "standard_allowance", DAY, household="HH-9")
    path = f"/requests/{other}/papers"
    at(money, "oda.iro").get(path)
    assert "reads no means test" in line(at(money, "oda.iro").post(path, 422, kind="calculation-sheet"))
    for who in ("nell.sw", "nia.nurse"):
        at(money, who).get(path, 404)
    at(money).get(f"/requests/{child}/papers", 404)
    money.world.do("restrict", DAY, "rowan.tm", ref=child, people=[{"person": "rowan.tm"}])
    at(money).get(f"/requests/{ref}/papers", 404)
    at(money, "rowan.tm").get(f"/requests/{ref}/papers")
