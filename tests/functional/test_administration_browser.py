"""Administration, access and signing in with a password, in a real browser: wide and narrow; axe finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from casework.who.accounts import invite
from tests.answering import answering
from tests.functional.test_pages_browser import a_window, faults, go_by, sign_in
from tests.world import START, World, noon
from web.application import create_app

pytestmark = pytest.mark.browser

LATER = START + timedelta(3)
KEPT_BY_ADMINISTRATORS = (
    "/administration", "/administration/people", "/administration/teams", "/administration/cover",
    "/administration/notices", "/administration/mail", "/policy", "/policy/1", "/account",
"/account/second-factor", "/my-work/calendar",
)  # fmt: skip


@contextmanager
def serving(world: World, *, anyone: bool) -> Iterator[str]:
    app = create_app(world.office, now=lambda: noon(LATER), sign_in_as=anyone)
    with answering(app) as address:
        yield address


def look(page: Page, found: dict[tuple[str, int], list[str]], name: str) -> None:
    for width in (1100, 320):
        page.set_viewport_size({"width": width, "height": 800})
        found[name, width] = faults(page)


def test_every_page_of_administration_and_access_is_clean(world, browser):
    ref = world.open_child()
    found: dict[tuple[str, int], list[str]] = {}
    with serving(world, anyone=True) as address, a_window(browser) as page:
        sign_in(page, address, "Amy")
        for path in KEPT_BY_ADMINISTRATORS:
            answer = page.goto(f"{address}{path}")
            assert answer is not None
            assert answer.status == 200, path
            look(page, found, path)
        page.goto(f"{address}/administration/people")
        go_by(page.get_by_role("button", name="Add"))
        look(page, found, "a person without a name")
        assert page.title().startswith("Error: ")
        page.goto(f"{address}/administration/people")
        go_by(page.locator("a[href^='/administration/people/']").first)
        look(page, found, "one person")
        page.goto(f"{address}/administration/notices")
        go_by(page.locator("a[href^='/administration/notices/']").first)
        look(page, found, "one notice")
        go_by(page.get_by_role("button", name="Sign out"))
        sign_in(page, address, "Gail")
        page.goto(f"{address}/access")
        look(page, found, "/access")
        go_by(page.get_by_role("button", name="Sign out"))
        sign_in(page, address, "Rowan")
        for path in (f"/cases/{ref}/who-looked", f"/emergency?ref={ref}"):
            page.goto(f"{address}{path}")
            look(page, found, path)

    assert found == {name: [] for name in found}


def test_somebody_sets_a_password_and_signs_in_with_it(world, browser):
    """Every page on the way, with what goes wrong on it; and with JavaScript off, by the keyboard's Enter."""
    with world.office.unit_of_work() as session:
        link = invite(
            session,
            who="rowan.tm",
            by=world.ids["amy.administrator"],
            today=LATER,
            now=noon(LATER),
            hours=24,
        )
    found: dict[tuple[str, int], list[str]] = {}
    with serving(world, anyone=False) as address:
        with a_window(browser) as page:
            page.goto(f"{address}/set-password/{link}")
            look(page, found, "set a password")
            page.locator("input[type=password]").first.fill("short")
            with page.expect_navigation():
                page.keyboard.press("Enter")
            look(page, found, "a password too short")
            for field in page.locator("input[type=password]").all():
                field.fill("seven herons over still water")
            with page.expect_navigation():
                page.keyboard.press("Enter")
            look(page, found, "after setting it")
        with a_window(browser, java_script_enabled=False) as page:
            page.goto(f"{address}/sign-in")
            page.locator("input[type=text]").fill("rowan.tm")
            page.locator("input[type=password]").fill("not this one at all")
            page.keyboard.press("Enter")
            page.get_by_text("There is a problem").wait_for()
            page.locator("input[type=password]").fill("seven herons over still water")
            page.keyboard.press("Enter")
            page.wait_for_url("**/my-work")
        with a_window(browser) as page:
            page.goto(f"{address}/sign-in")
            look(page, found, "sign in")
            page.locator("input[type=password]").fill("not this one at all")
            with page.expect_navigation():
                page.keyboard.press("Enter")
            look(page, found, "not signed in")

    assert found == {name: [] for name in found}
