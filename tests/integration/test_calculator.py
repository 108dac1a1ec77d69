"""The calculator in the browser: the model's own example to the penny, every fault at its field, the sheet, a file."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from casework import policies
from interchange.household import EXAMPLE
from states.means_test.household import Household
from tests.county import FURNISHED, ChildAt, Templates
from tests.integration.test_funding_papers import household
from tests.money import ASKS, ASSESSING, with_money
from tests.pages import Pages, Visitor, line
from tests.unit.test_means_test import lincolnshire
from tests.world import START, World, noon
from web import forms

DAY = ASSESSING
FIELDS = Household.fields()


@pytest.fixture
def world(_sqlite_children: Templates, tmp_path: Path) -> Iterator[World]:
    """On SQLite only: nothing is kept by it."""
    with _sqlite_children.world(_sqlite_children.reached(FURNISHED), tmp_path / "home") as county:
        yield county


def form(asked: dict[str, Any]) -> dict[str, str]:
    """A household as a browser sends it."""
    return dict(forms.as_posted(forms.from_record(asked, FIELDS), FIELDS))


ASKED = {
    "on": "2025-09-01",
    "purpose": "illustration",
    "children": [{"name": "Robin", "born": "2017-03-01"}],
    "household": [{"part": "carer", "born": "1980-01-01"}],
    "income": [{"what": "pay", "amount": "1500", "per": "month"}],
    "outgoings": [{"what": "rent after Housing Benefit", "amount": "1100", "per": "month"}],
}


def at(world: World, who: str = "faye.finance", on: date = START) -> Visitor:
    return Pages(world).as_(who, on=on)


def test_the_models_own_example_comes_out_to_the_penny(world):
    """R-MT-1: A 1,500, B 1,200, C 1,100, D 100, F 50; E 783.49 a month, so G 733.49."""
    with world.office.unit_of_work() as session:
        policies.adopt(
            session, lincolnshire(), file_name="l.toml", from_on=date(2025, 8, 1), by=None, now=noon(START)
        )
    page = line(at(world).post("/money/calculator", **form(ASKED)))

    assert "Robin: £733.49 a month" in page
    for letter, title, month in (
        ("A", "Income of the household", "£1,500.00"),
        ("B", "Income the test looks at", "£1,200.00"),
        ("C", "Outgoings and living costs", "£1,100.00"),
        ("D", "What is left", "£100.00"),
        ("F", "What the family is expected to contribute", "£50.00"),
        ("E", "The most that can be paid for this child", "£783.49"),
        ("G", "The allowance for this child", "£733.49"),
    ):
        step = re.search(rf"{letter} {title}.*?\(R-MT-\d\) £[\d,.]+ (£[\d,.]+) ", page)
        assert step, letter
        assert step[1] == month, letter
    assert "Illustration only" in page


def test_a_rate_that_stands_in_says_so_and_an_illustration_is_apart_from_a_decision(world):
    """R-MT-10; the policy's rates of 2026/27 stand in for those nobody has entered."""
    later = {**ASKED, "on": "2026-09-01", "purpose": "decision"}
    page = line(at(world, on=date(2026, 9, 1)).post("/money/calculator", **form(later)))

    assert "Stand-in: The council's own fostering allowance is not entered" in page
    assert "Illustration only" not in page
    assert "Nothing is kept here. A means test counts once it is kept with a request." in page


def test_unrounded_steps_weeks_and_months_stand_beside_one_another(world):
    """R-MT-8, by hand: 125% of 92.05 a week is 115.0625, and 5,983.25 a year."""
    page = line(at(world).post("/money/calculator", **form(ASKED)))

    assert "£115.06 £498.60 £5,983.25" in page
    assert "52 weeks are 12 months" in page


def test_every_fault_stands_at_its_field_and_what_was_typed_stays(world):
    wrong = {
        **ASKED,
        "children": [{"name": "Robin", "born": "2031-03-01"}, {}],
        "income": [{"what": "pay", "amount": "a lot", "per": "month"}],
        "household": [{"part": "dependent child", "born": "2015-01-01"}],
    }
    page = at(world).post("/money/calculator", 422, **form(wrong))

    assert "#income.0.amount" in page.links
    assert "An amount is written in pounds and pence" in page.text
    assert page.fields["income.0.amount"] == ["a lot"]
    assert page.fields["children-count"] == ["1"]  # the row in which nothing was typed is gone
    right = {**wrong, "income": []}
    page = at(world).post("/money/calculator", 422, **form(right))
    assert {"#household", "#children.0.born-day"} <= set(page.links)
    assert "A household has a carer" in page.text


def test_rows_come_and_go_without_a_script_and_nothing_typed_is_lost(world):
    visitor = at(world)
    empty = visitor.get("/money/calculator")
    assert empty.fields["children-count"] == empty.fields["household-count"] == ["1"]
    assert empty.fields["income-count"] == empty.fields["outgoings-count"] == ["1"]
    more = visitor.post("/money/calculator", action="add:income", **form(ASKED))
    assert more.fields["income-count"] == ["2"]
    assert more.fields["income.0.amount"] == ["1500"]
    fewer = visitor.post("/money/calculator", action="remove:income:0", **form(ASKED))
    assert fewer.fields["income-count"] == ["0"]
    back = visitor.post("/money/calculator", action="change", **form(ASKED))
    assert back.fields["outgoings.0.amount"] == ["1100"]


def test_a_file_is_worked_out_and_a_wrong_one_says_every_line(world):
    visitor = at(world)
    good = (io.BytesIO(EXAMPLE.read_bytes()), "household.toml")
    page = line(visitor.post("/money/calculator", action="file", household=good))
    assert "Wren" in page
    assert "Together £" in page
    bad = EXAMPLE.read_text().replace('part = "carer"', 'part = "boss"').replace("amount = 600", 'amount = "six"')
    page = visitor.post("/money/calculator", 422, action="file", household=(io.BytesIO(bad.encode()), "h.toml"))
    assert "The file cannot be used" in page.text
    assert page.text.count("Line ") == 2
    page = visitor.post("/money/calculator", 422, action="file")
    assert "Choose a file first." in page.text
    assert "[[children]]" in visitor.client.get("/money/calculator/example").get_data(as_text=True)


def test_the_carers_sheet_prints_what_was_shown(world):
    answer = at(world).send("/money/calculator", action="sheet", **form(ASKED))
    words = answer.get_data(as_text=True)

    assert answer.status_code == 200
    assert "How the special guardianship allowance could be worked out" in words
    assert "'sha256-" in answer.headers["Content-Security-Policy"]


def test_it_is_for_those_who_read_means_tests(world):
    for who, status in (("ida.saw", 200), ("rowan.tm", 200), ("fern.fostering", 403), ("oda.iro", 403)):
        at(world, who).get("/money/calculator", status)


@pytest.mark.parametrize("templates", ["sqlite"], indirect=True)
def test_a_means_test_is_kept_with_its_request_and_opens_there_with_every_step(child_at: ChildAt):
    world, child = child_at("ASSESSMENT")
    money = with_money(world)
    ref = money.opened(child, "standard_allowance", DAY)
    sibling = money.opened(child, "standard_allowance", DAY, purpose_kind="travel and family time")
    visitor = at(world, ASKS, DAY)
    empty = visitor.get(f"/requests/{ref}/means-test")
    assert "No means test is recorded" in empty.text
    begun = visitor.get(f"/requests/{ref}/means-test/new")
    asked = household(money, child).content()
    assert begun.fields["children.0.born-year"] == [asked["children"][0]["born"][:4]]  # the child's own birthday

    looked = visitor.post(f"/requests/{ref}/means-test/new", **form(asked))
    assert "Not kept yet" in looked.text
    visitor.post(f"/requests/{ref}/means-test/new", 302, action="keep", **form(asked))
    kept = visitor.get(f"/requests/{ref}/means-test?done=kept")

    assert "as the one that counts" in line(kept)
    assert "A year, unrounded" in kept.text
    [sheet] = [one for one in kept.links if one.endswith("/sheet")]
    assert "was worked out" in visitor.client.get(sheet).get_data(as_text=True)
    again = visitor.get(f"/requests/{ref}/means-test/new")
    assert again.fields["income.0.amount"] == ["3185.40"]
    use = sheet.replace(ref, sibling).replace("/sheet", "/use")
    assert "Kept for another child of the household" in visitor.get(f"/requests/{sibling}/means-test").text
    visitor.post(use, 302)
    assert "as the one that counts" in line(visitor.get(f"/requests/{sibling}/means-test"))
    strange = form({**asked, "children": [{"name": "Ash", "born": "2019-01-01"}]})
    visitor.post(f"/requests/{ref}/means-test/new", 422, action="keep", **strange)  # of no child of this request
    for who, status in (("oda.iro", 422), ("nell.sw", 404), ("faye.finance", 200), ("nia.nurse", 404)):
        at(world, who, DAY).get(f"/requests/{ref}/means-test", status)
    other = world.open_child(DAY, date_of_birth=asked["children"][1]["born"])
    world.do("mark_not_applicable", DAY, "rowan.tm", ref=other)
    beside = money.opened(other, "standard_allowance", DAY, who="sol.sw", household="HH-7")
    mine = money.opened(child, "standard_allowance", DAY, household="HH-7", purpose_kind="vehicle")
    theirs = form({**asked, "income": []})
    at(world, "tam.sgo", DAY).post(f"/requests/{beside}/means-test/new", 302, action="keep", **theirs)
    said = "Kept for another child of the household"
    assert said in at(world, "tam.sgo", DAY).get(f"/requests/{mine}/means-test").text
    world.do("restrict", DAY, "rowan.tm", ref=other, people=[{"person": "rowan.tm"}])
    assert said not in at(world, "tam.sgo", DAY).get(f"/requests/{mine}/means-test").text  # R22
