"""The pages of those who meet and decide in a real browser: clean in every state, on a screen and on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Page

from tests.answering import answering
from tests.functional.test_pages_browser import a_window, faults, go_by, sign_in
from tests.world import CAME, START, World, noon
from web.application import create_app

pytestmark = pytest.mark.browser

HELD = START + timedelta(17)
LONG = "The carers want to go ahead, and the school has been asked about support for the autumn. " * 12


@dataclass
class Evening:
    """A meeting of the group with children in every state of the table."""

    world: World
    meeting: str
    ready: str
    late: str
    restricted: str


@pytest.fixture
def evening(world: World) -> Evening:
    meeting = world.meeting(HELD)
    world.meeting(HELD + timedelta(28))
    refs = []
    for number in range(3):
        ref = world.open_child()
        world.do("rate", START + timedelta(3), "rowan.tm", ref=ref, colour=("GREEN", "AMBER", "RED")[number])
        world.do("list_for_group", START + timedelta(4), "ash.admin", ref=ref, meeting=meeting)
        refs.append(ref)
    world.do("set_latest_position", START + timedelta(5), "sol.sw", ref=refs[0], position=LONG, next_step="Ask")
    world.do("link_sibling", START + timedelta(6), "sol.sw", ref=refs[0], sibling=refs[1])
    people = [{"person": who} for who in ("wren.chair", "rowan.tm", "sol.sw")]
    world.do("restrict", START + timedelta(7), "rowan.tm", ref=refs[2], people=people)
    for ref in refs[::2]:
        world.do("file_papers", START + timedelta(8), "rowan.tm", ref=ref)
    world.attend(meeting, HELD)
    world.open_child()
    return Evening(world, meeting, *refs)


def serving(world: World, on: date) -> AbstractContextManager[str]:
    """The pages of a world on a day; the address."""
    return serving_at(world, lambda: on)


@contextmanager
def serving_at(world: World, day: Callable[[], date]) -> Iterator[str]:
    """The pages of a world on a day that a test moves; the address."""
    app = create_app(world.office, now=lambda: noon(day()), sign_in_as=True)
    with answering(app) as address:
        yield address


def test_every_page_of_a_meeting_is_clean_in_every_state(evening: Evening, browser: Browser) -> None:
    """Empty, long, errors, a conflict, refused: at both widths, 0 faults of WCAG 2.2 AA, and never too wide."""
    found: dict[str, list[str]] = {}
    with serving(evening.world, HELD) as address, a_window(browser, viewport={"width": 1100, "height": 800}) as page:
        look = looker(page, found)
        sign_in(page, address, "Wren")
        at = f"{address}/meetings/{evening.meeting}"
        for name, path in (("meetings", f"{address}/meetings"), ("meeting", at), ("minutes", f"{at}/minutes")):
            page.goto(path)
            look(name)
        page.goto(f"{address}/meetings?past=1&body=DMT")
        look("no meetings")
        page.goto(f"{at}/table")
        look("table")
        row = page.locator(f"#row-{evening.ready}")
        row.get_by_label("Outcome").select_option("group_defers")
        go_by(row.get_by_role("button", name="Save this row"))
        look("table with what is needed")
        evening.world.do("set_latest_position", HELD, "sol.sw", ref=evening.ready, position="The aunt is ill.")
        go_by(page.locator(f"#row-{evening.ready}").get_by_role("button", name="Save this row"))
        assert page.get_by_text("The aunt is ill.").first.is_visible()
        look("table overtaken")
        page.goto(f"{at}/move")
        go_by(page.get_by_role("button", name="Continue"))
        look("move refused")
        for what in ("rate", "list", "desk-review"):
            page.goto(f"{address}/grid/{what}")
            look(what)
        page.goto(f"{address}/meetings/MT-00000000")
        look("no such meeting")

    assert found == {name: [] for name in found}
    assert len(found) == 24


def test_an_outcome_is_saved_at_the_table_without_javascript(evening: Evening, browser: Browser) -> None:
    with serving(evening.world, HELD) as address, a_window(browser, java_script_enabled=False) as page:
        sign_in(page, address, "Wren")
        page.goto(f"{address}/meetings/{evening.meeting}/table")
        row = page.locator(f"#row-{evening.ready}")
        for number, (_, service) in enumerate(CAME):
            fields = row.get_by_role("group", name=service.value)
            fields.get_by_label("For special guardianship?").select_option("for")
            fields.get_by_label(f"What {service.value} said").fill(f"Settled and warm {number}.")
        row.get_by_label("Outcome").select_option("group_progresses")
        row.get_by_label("Why", exact=True).fill("All is ready.")
        row.get_by_label("What this means for brothers and sisters").fill("They stay together.")
        page.locator(f"#row-{evening.late}").get_by_label("Why", exact=True).fill("Still typing")
        go_by(row.get_by_role("button", name="Save this row"))

        assert page.locator(f"#row-{evening.ready}").get_by_text("Saved", exact=True).is_visible()
        assert page.locator(f"#row-{evening.late}").get_by_label("Why", exact=True).input_value() == "Still typing"


def test_what_is_typed_at_the_table_is_kept_a_moment_later(evening: Evening, browser: Browser) -> None:
    with serving(evening.world, HELD) as address, a_window(browser) as page:
        sign_in(page, address, "Wren")
        page.goto(f"{address}/meetings/{evening.meeting}/table")
        page.locator(f"#row-{evening.ready}").get_by_label("Why", exact=True).fill("Half a thought")
        page.get_by_text("Kept, for you alone, at").wait_for()
        page.goto(f"{address}/my-work")
        go_by(page.get_by_role("link", name="The table of"))

        assert page.locator(f"#row-{evening.ready}").get_by_label("Why", exact=True).input_value() == "Half a thought"


def looker(page: Page, found: dict[str, list[str]]) -> Callable[[str], None]:
    """Look at the page as it stands, on a screen and on a phone."""

    def look(name: str) -> None:
        for width in (1100, 320):
            page.set_viewport_size({"width": width, "height": 800})
            found[f"{name}, {width} wide"] = faults(page)
        page.set_viewport_size({"width": 1100, "height": 800})

    return look
