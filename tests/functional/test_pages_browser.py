"""A child is rated in a real browser, with and without JavaScript, on a screen and on a phone; axe finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page

from demo.papers import paper
from tests.answering import answering
from tests.world import START, World, noon
from web.application import create_app

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
THURSDAY = START + timedelta(3)


@pytest.fixture
def address(world: World) -> Iterator[str]:
    app = create_app(world.office, now=lambda: noon(THURSDAY), sign_in_as=True)
    with answering(app) as address:
        yield address


@contextmanager
def a_window(browser: Browser, **how: Any) -> Iterator[Page]:
    """A window of its own; at its end nothing may have gone wrong in it, and nothing have left the machine."""
    context = browser.new_context(bypass_csp=True, **how)
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    yield page
    context.close()
    assert said == []
    assert [one for one in asked if not one.startswith("http://127.0.0.1:")] == []


def faults(page: Page) -> list[str]:
    """What axe finds wrong with a page, and whether it is wider than its window."""
    if not page.evaluate("!!window.axe"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run({runOnly: rules})", RULES)
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found["violations"]] + (["too wide"] if wide else [])


def go_by(what: Locator) -> None:
    """Press a button or a link and be on the page it leads to: what follows must not read the page that is left."""
    with what.page.expect_navigation():
        what.click()


def sign_in(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/my-work")
    choices = page.locator("#person option").all_inner_texts()
    page.select_option("#person", label=next(one for one in choices if one.startswith(name)))
    go_by(page.get_by_role("button", name="Sign in"))
    page.get_by_role("button", name="Sign out").wait_for()  # a key pressed before that goes to the page that is left


def write_rating(page: Page) -> None:
    given = paper("rate", on=THURSDAY)
    page.get_by_label("Green", exact=True).check()
    page.get_by_label("Why this colour").fill(given["reason"])
    page.get_by_label("What shows that the child and carers are ready, or not").fill(given["readiness"])
    page.get_by_role("group", name="Is the child's view known?").get_by_label("Yes").check()
    page.get_by_role("group", name="Is the carer's view known?").get_by_label("Yes").check()


@pytest.mark.parametrize("width", [1100, 320])
def test_a_child_is_rated_and_every_page_on_the_way_is_clean(world, address, browser, width):
    ref = world.open_child()
    seen: dict[str, list[str]] = {}
    with a_window(browser, viewport={"width": width, "height": 800}) as page:
        sign_in(page, address, "Rowan")
        seen["my work"] = faults(page)
        go_by(page.get_by_role("link", name=f"First RAG rating for {ref}"))
        seen["form"] = faults(page)
        go_by(page.get_by_role("button", name="Continue").last)
        assert page.title().startswith("Error: ")
        seen["errors"] = faults(page)
        write_rating(page)
        go_by(page.get_by_role("button", name="Continue").last)
        seen["check"] = faults(page)
        go_by(page.get_by_role("button", name="Confirm"))
        assert page.get_by_text("Rate is recorded.").is_visible()
        seen["child"] = faults(page)
        go_by(page.get_by_role("link", name="Children").first)
        seen["children"] = faults(page)
        page.goto(f"{address}/cases/SG-00000000")
        seen["not found"] = faults(page)

    assert seen == {name: [] for name in seen}
    assert len(seen) == 7


def test_everything_works_without_javascript(world, address, browser):
    ref = world.open_child()
    with a_window(browser, java_script_enabled=False) as page:
        sign_in(page, address, "Rowan")
        go_by(page.get_by_role("link", name=f"First RAG rating for {ref}"))
        write_rating(page)
        go_by(page.get_by_role("button", name="Continue").last)
        go_by(page.get_by_role("button", name="Confirm"))

        assert page.get_by_text("Rate is recorded.").is_visible()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something has the focus; the page has an end."""
    page.keyboard.press("Tab")
    while not page.evaluate("what => document.activeElement.matches(what)", selector):
        assert page.evaluate("document.activeElement !== document.body"), f"{selector} is nowhere on the way"
        page.keyboard.press("Tab")


def test_the_first_step_is_taken_with_the_keyboard_alone(world, address, browser):
    """From the list to the form, through it and its check, to what has been recorded."""
    ref = world.open_child()
    with a_window(browser) as page:
        sign_in(page, address, "Rowan")
        page.keyboard.press("Tab")

        assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
        page.keyboard.press("Enter")
        tab_to(page, 'a[href$="/step/rate"]')
        page.keyboard.press("Enter")
        page.wait_for_url("**/step/rate")

        assert page.get_by_role("heading", name="Rate", exact=True).is_visible()
        for field, typed in (("colour", " "), ("reason", "Settled."), ("readiness", "Both were asked.")):
            tab_to(page, f'[name="{field}"]')
            page.keyboard.type(typed)
        for field in ("childs_view_known", "carers_view_known"):
            tab_to(page, f'[name="{field}"]')
            page.keyboard.press("Space")
        tab_to(page, 'button[value="look"]')
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Check before you confirm: Rate").wait_for()
        tab_to(page, 'button[value="do"]')
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/cases/{ref}?done=*")

        assert page.get_by_text("Rate is recorded.").is_visible()
