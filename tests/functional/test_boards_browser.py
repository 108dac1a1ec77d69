"""The pages of managers and operators in a real browser: empty and long, wide and narrow; axe finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.answering import answering
from tests.functional.test_pages_browser import a_window, faults, go_by, sign_in
from tests.nights import the_night
from tests.world import START, World, noon
from web.application import create_app

pytestmark = pytest.mark.browser

LATER = START + timedelta(40)
EVERY_PAGE = (
    "/overview", "/overview?as=table", "/children", "/attention", "/attention?over=1",
    "/nights", "/nights/compare", "/nights/trend", "/runs",
    "/overview/flow", "/overview/meetings", "/overview/sgo-team", "/overview/report", "/pass-on",
    "/help", "/help/why?rule=PT-19", "/accessibility", "/privacy",
)  # fmt: skip
#: What operators look at.
WATCHED = ("/nights", "/runs")


@pytest.fixture
def address(world: World) -> Iterator[str]:
    app = create_app(world.office, now=lambda: noon(LATER), sign_in_as=True)
    with answering(app) as address:
        yield address


def a_long_list(world: World) -> None:
    """More children than one page shows, one of them with everything; a night that found them late."""
    rated = world.open_child()
    world.do("rate", START + timedelta(3), "rowan.tm", ref=rated)
    for number in range(52):
        world.do("open_case", START, "rowan.tm", council_id=f"L{number}", quiet=True)
    the_night(world, LATER - timedelta(1))
    the_night(world, LATER)


@pytest.mark.parametrize("full", [False, True], ids=["empty", "long"])
def test_every_page_is_clean_on_a_screen_and_on_a_phone(world, address, browser, full):
    if full:
        a_long_list(world)
    found: dict[tuple[str, str, int], list[str]] = {}
    with a_window(browser) as page:
        for who, paths, widths in (("Hana", EVERY_PAGE, (1100, 320) if full else (320,)), ("Otto", WATCHED, (320,))):
            sign_in(page, address, who)
            for path in paths:
                answer = page.goto(f"{address}{path}")
                assert answer is not None
                assert answer.status == 200, path
                for width in widths:
                    page.set_viewport_size({"width": width, "height": 800})
                    found[who, path, width] = faults(page)
            go_by(page.get_by_role("button", name="Sign out"))
        if full:
            sign_in(page, address, "Rowan")
            page.goto(f"{address}/attention")
            go_by(page.get_by_role("link", name="I'm dealing with it").first)
            found["Rowan", "form", 320] = faults(page)
            go_by(page.get_by_role("button", name="I'm dealing with it"))
            found["Rowan", "errors", 320] = faults(page)
            assert page.title().startswith("Error: ")

    assert found == {name: [] for name in found}
    assert len(found) == len(EVERY_PAGE) * (1 + full) + len(WATCHED) + 2 * full


def test_somebody_deals_with_what_is_late_by_keyboard_without_javascript(world, address, browser):
    world.open_child()
    the_night(world, LATER)
    with a_window(browser, java_script_enabled=False) as page:
        sign_in(page, address, "Rowan")
        page.get_by_role("link", name="Needs attention").first.focus()
        page.keyboard.press("Enter")
        page.get_by_role("link", name="I'm dealing with it").first.focus()
        page.keyboard.press("Enter")
        page.get_by_label("What you are doing about it").focus()
        page.keyboard.type("I ring the team")
        page.get_by_role("button", name="I'm dealing with it").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/attention?done=*")

        assert page.get_by_text("You are dealing with it for").is_visible()
        assert page.get_by_text("I ring the team").is_visible()
