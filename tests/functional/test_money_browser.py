"""A needs-led allowance is asked for, heard and signed in a real browser, by the right people, on a screen and a phone.

Every page on the way is looked at on a screen and on a phone. Without JavaScript a request goes the whole way in
`test_pages_journey.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from demo.papers import paper
from persistence.tables import Outbox
from tests.answering import answering
from tests.county import Templates, the_child
from tests.functional.test_pages_browser import a_window, faults, go_by
from tests.functional.test_pages_journey import FIELDS, Journey
from tests.money import ASKS, ASSESSING, GROUP_CHAIR, Money, with_money
from tests.pages import as_form
from tests.rows import case_of, rows_of
from tests.world import World, noon
from web.application import create_app

pytestmark = pytest.mark.browser
DAY = ASSESSING
WIDTHS = (320, 1100)


@pytest.fixture
def assessed(_sqlite_children: Templates, tmp_path: Path) -> Iterator[Money]:
    with _sqlite_children.world(_sqlite_children.reached("ASSESSMENT"), tmp_path / "home") as world:
        yield with_money(world)


@contextmanager
def served(world: World, clock: list[datetime]) -> Iterator[str]:
    """The pages of a world at an instant that the test moves; the address."""
    app = create_app(world.office, now=lambda: clock[0], sign_in_as=True)
    with answering(app) as address:
        yield address


class Asking(Journey):
    """A request's way, told to the browser step by step; every page on it is looked at once."""

    def __init__(self, money: Money, page: Page, address: str, clock: list[datetime]) -> None:
        self.money, self.world, self.page, self.address, self.clock = money, money.world, page, address, clock
        self.ref = the_child(money.world)
        self.seen: dict[str, list[str]] = {}

    def look(self, name: str) -> None:
        for width in WIDTHS:
            if f"{name}, {width} wide" not in self.seen:
                self.page.set_viewport_size({"width": width, "height": 800})
                self.seen[f"{name}, {width} wide"] = faults(self.page)

    def enter(self, who: str, path: str = "/my-work") -> None:
        """Somebody signs in as themselves, and is where they wanted to be."""
        self.page.goto(f"{self.address}/sign-in?next={path}")
        self.page.select_option("#person", value=self.world.ids[who])
        go_by(self.page.get_by_role("button", name="Sign in"))

    def fill(self, trigger: str, name: str = "", **differs: Any) -> None:
        """Fill in the form that is open, and look at what it would do."""
        record = paper(trigger, on=DAY, **differs)
        record.pop("shown", None)
        self._make_room(record)
        kinds = self.page.evaluate(FIELDS)
        for field, value in as_form(record, DAY).items():
            self._fill(field, kinds.get(field, ""), value)
        if name:
            self.look(name)
        go_by(self.page.get_by_role("button", name="Continue").last)
        if name:
            self.look(f"check of {name}")

    def confirm(self) -> None:
        go_by(self.page.get_by_role("button", name="Confirm"))
        assert self.page.get_by_text("is recorded").first.is_visible()

    def follow(self, name: str) -> None:
        go_by(self.page.get_by_role("link", name=name).first)

    def answer(self, name: str) -> None:
        """One of the buttons of the page."""
        go_by(self.page.get_by_role("button", name=name))


def test_a_needs_led_allowance_is_signed_by_the_right_people_in_a_browser(assessed: Money, browser: Browser) -> None:
    clock = [noon(DAY)]
    with served(assessed.world, clock) as address, a_window(browser) as page:
        way = Asking(assessed, page, address, clock)
        _asked_for(way)
        _heard(way)
        _signed(way)

    assert case_of(assessed.world, way.ref).state == "APPROVED"
    assert way.seen == {name: [] for name in way.seen}
    assert len(way.seen) == 14
    told = {notice for row in rows_of(assessed.world, Outbox, way.ref) for notice in row.notices}
    assert {"NT-17-AD", "NT-19"} <= told


def _asked_for(way: Asking) -> None:
    way.enter(ASKS, f"/cases/{way.ref}")
    way.follow("Open a funding request")
    go_by(way.page.get_by_role("button", name="Continue").last)
    way.look("form with errors")
    asked = {"purpose_kind": "therapy or specialist activity", "amount": "260.00", "frequency": "each week"}
    way.fill("open_request", funding="needs_led_allowance", **asked)
    way.confirm()
    way.look("request")
    found = re.search(r"FR-\w{8}", way.page.url)
    assert found is not None
    way.ref = found[0]
    way.money.kinds[way.ref] = {name: asked[name] for name in ("amount", "frequency")}
    way.money.do("record_means_test", DAY, ASKS, way.ref)
    way.money.do("write_needs_assessment", DAY, ASKS, way.ref, author=ASKS)
    way.page.goto(f"{way.address}/my-work")
    way.look("my work")
    way.follow(f"Prepare and submit for {way.ref}")
    way.fill("submit_request")
    way.confirm()


def _heard(way: Asking) -> None:
    way.money.listed(way.ref, DAY)
    way.enter(GROUP_CHAIR)
    way.follow(f"Hear it and recommend for {way.ref}")
    way.answer("Recommend: then with the Head of Service")
    asked = way.money.kinds[way.ref]
    way.fill("chair_recommends", attendance=way.money.attendance(), **asked)
    way.confirm()
    way.enter("hana.hos", f"/requests/{way.ref}/decision")
    way.answer("Agree, and pass on to the Assistant Director")
    way.fill("head_of_service_agrees")
    way.confirm()


def _signed(way: Asking) -> None:
    """From My work in two clicks to the form; the proof comes before the signature counts, and nothing is lost."""
    way.enter("abel.ad")
    way.follow(f"Decide: agree, return or refuse for {way.ref}")
    way.look("decision")
    way.answer("Agree and sign as Assistant Director")
    way.fill("assistant_director_approves", "signature", **way.money.kinds[way.ref])
    way.clock[0] += timedelta(minutes=6)
    way.answer("Confirm")
    assert case_of(way.world, way.ref).state == "WITH_ASSISTANT_DIRECTOR"
    way.answer("It is me")
    way.look("what was typed is kept")
    way.answer("Go on with it")
    assert way.page.get_by_text("is recorded").first.is_visible()
