"""One child from the cohort to support after the order, by a real browser, each person signing in as themselves.

What moves the child goes through the pages, its form checked and confirmed; what is only gathered on the way is there
already.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from demo.papers import CHECKS, paper
from persistence.tables import Outbox
from tests.functional.test_pages_browser import a_window
from tests.functional.test_pages_meetings_browser import serving_at
from tests.pages import as_form
from tests.rows import case_of, rows_of
from tests.world import START, World

pytestmark = pytest.mark.browser


class Journey:
    """A child's way, told to the browser step by step."""

    def __init__(self, world: World, page: Page, address: str, days: list[date]) -> None:
        self.world, self.page, self.address, self.days = world, page, address, days
        self.ref = world.open_child()

    def as_(self, who: str) -> None:
        """Somebody signs in as themselves, on a day on which every earlier sign-in is over."""
        self.page.goto(f"{self.address}/sign-in")
        self.page.select_option("#person", value=self.world.ids[who])
        self.page.get_by_role("button", name="Sign in").click()

    def step(self, trigger: str, after: int, who: str, **differs: Any) -> None:
        """Fill in a step's form, look at what it would do, confirm it."""
        on = START + timedelta(after)
        self.days[0] = on
        self.as_(who)
        self.page.goto(f"{self.address}/cases/{self.ref}/step/{trigger}")
        record = paper(trigger, on=on, **differs)
        self._make_room(record)
        for name, value in as_form(record, on).items():
            self._fill(name, value)
        self.page.get_by_role("button", name="Continue").last.click()
        self.page.get_by_role("button", name="Confirm").click()
        assert self.page.get_by_text("is recorded").first.is_visible(), trigger

    def _make_room(self, record: dict[str, Any]) -> None:
        """As many rows as the record has, one more with each press."""
        for name, value in record.items():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                while int(self.page.locator(f'[name="{name}-count"]').input_value()) < len(value):
                    self.page.locator(f'button[value="add:{name}"]').click()

    def _fill(self, name: str, value: Any) -> None:
        if name.endswith("-count"):
            return
        field = self.page.locator(f'[name="{name}"]')
        kind = field.first.evaluate("one => one.type || one.tagName")
        if kind in ("radio", "checkbox"):
            for one in value if isinstance(value, list) else [value]:
                self.page.locator(f'[name="{name}"][value="{one}"]').check(force=True)
        elif kind == "select-one":
            field.select_option(value)
        else:
            field.fill("\n".join(value) if isinstance(value, list) else value)

    def meanwhile(self, trigger: str, after: int, who: str, **differs: Any) -> None:
        """What others write down on the way."""
        self.world.do(trigger, START + timedelta(after), who, ref=self.ref, **differs)


def test_a_child_goes_from_the_cohort_to_support_after_the_order_by_the_pages(world: World, browser: Browser) -> None:
    days = [START]
    with serving_at(world, lambda: days[0]) as address, a_window(browser) as page:
        child = Journey(world, page, address, days)
        _to_the_decision(child, world)
        _to_the_order(child)

    assert case_of(world, child.ref).state == "POST_ORDER"
    told = {notice for row in rows_of(world, Outbox, child.ref) for notice in row.notices}
    assert {"NT-04", "NT-06"} <= told


def _to_the_decision(child: Journey, world: World) -> None:
    child.step("rate", 3, "rowan.tm")
    meeting = world.meeting(START + timedelta(17))
    child.step("list_for_group", 4, "ash.admin", meeting=meeting)
    world.hold_group(child.ref, meeting, START + timedelta(17))
    child.step("group_progresses", 17, "wren.chair")
    child.meanwhile("allocate", 18, "tam.sgo", role="SGO assessment worker", person="ida.saw")
    child.meanwhile("invite_to_initial_meeting", 21, "ida.saw")
    child.meanwhile("record_initial_meeting", 29, "ida.saw")
    child.meanwhile("record_trajectory", 30, "sol.sw")
    child.step("proceed_to_kdd", 36, "ida.saw")
    held = START + timedelta(47)
    child.step("schedule_kdd", 37, "ida.saw", held_on=held, chair="quin.kdd", legal_adviser="lex.legal")
    child.step("kdd_sgo_appropriate", 47, "quin.kdd", legal_adviser="lex.legal")
    child.step("roa_ratifies", 57, "oda.iro")


def _to_the_order(child: Journey) -> None:
    child.meanwhile("record_notice_of_intention", 58, "lex.legal")
    for check, on_whom in CHECKS:
        child.meanwhile("request_check", 58, "ida.saw", check=check, on_whom=on_whom)
    for check, on_whom in CHECKS:
        child.meanwhile("receive_check", 100, "ida.saw", check=check, on_whom=on_whom)
    for gathered in ("record_family_network_meeting", "record_genogram", "draft_support_plan", "sign_support_plan"):
        child.meanwhile(gathered, 100, "ida.saw")
    child.meanwhile("write_report", 120, "ida.saw", author="ida.saw")
    child.meanwhile("check_quality", 120, "tam.sgo")
    child.meanwhile("write_statement", 120, "ida.saw", author="ida.saw")
    child.step("complete_assessment", 120, "ida.saw")
    settle = ("set_financial_position", "record_proposal_notice", "close_representations", "record_decision_notice")
    for settled in settle:
        child.meanwhile(settled, 121, "ida.saw")
    child.step("agree_package", 121, "ida.saw")
    child.step("submit_to_legal", 123, "ida.saw")
    child.step("application_issued", 160, "lex.legal")
    child.step("order_made", 250, "lex.legal")
    child.step("activate_support", 252, "coral.coordinator")
