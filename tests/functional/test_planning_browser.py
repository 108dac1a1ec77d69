"""Planning a year of meetings, and taking a long list out, in a real browser: clean in every state, wide and narrow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page

from tests.functional.test_child_browser import Look
from tests.functional.test_pages_browser import a_window, go_by, sign_in
from tests.functional.test_pages_meetings_browser import looker, serving
from tests.world import START, World

pytestmark = pytest.mark.browser


def test_planning_a_year_and_taking_a_list_out_are_clean(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Empty, errors, looked at, done, held back: at both widths, 0 faults of WCAG 2.2 AA, and never too wide."""
    monkeypatch.setattr("casework.who.taking_out.long_from", lambda *_: 1)
    world.open_child()
    world.meeting(START + timedelta(days=143), chair="wren.chair")
    found: dict[str, list[str]] = {}
    with serving(world, START) as address, a_window(browser) as page:
        look = looker(page, found)
        sign_in(page, address, "Ash")
        _a_year(page, look, f"{address}/meetings/calendar")
        go_by(page.get_by_role("button", name="Sign out"))
        sign_in(page, address, "Rowan")
        page.goto(f"{address}/children")
        page.get_by_role("link", name="Excel file of this list").click()
        look("take out")
        page.get_by_role("button", name="Take it out").click()
        look("take out, no reason")
        page.locator("#reason").fill("Figures for the quarterly meeting.")
        with page.expect_download():
            page.get_by_role("button", name="Take it out").click()
        for _ in range(59):
            page.request.get(f"{address}/children?late=1")
        page.goto(f"{address}/children?late=1")
        look("too fast")

    assert found == {name: [] for name in found}
    assert len(found) == 2 * 8


def _a_year(page: Page, look: Look, at: str) -> None:
    page.goto(at)
    page.get_by_label("On a weekday of each month").check(force=True)
    go_by(page.get_by_role("button", name="Look at the days").last)
    look("a year, errors")
    page.locator("#body").select_option("Permanence Panel")
    page.locator("#nth").select_option("last")
    page.locator("#weekday").select_option("Thursday")
    page.locator("#chair").select_option("wren.chair")
    go_by(page.get_by_role("button", name="Look at the days").last)
    look("a year, looked at")
    go_by(page.get_by_role("button", name="Plan these"))
    look("a year, planned")
    go_by(page.get_by_role("button", name="Call off those ticked"))
    look("call off, errors")
    page.locator("#ref-1").check(force=True)
    page.locator("#reason").fill("The room is let.")
    go_by(page.get_by_role("button", name="Call off those ticked"))
    look("call off, looked at")
