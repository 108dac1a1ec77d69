"""The pages about money in a real browser: empty, wrong, full and worked out, wide and narrow; axe finds nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page as Window

from interchange.household import EXAMPLE
from tests.answering import answering
from tests.county import Templates
from tests.desk import desk_template
from tests.functional.test_pages_browser import a_window, faults, go_by, sign_in
from tests.functional.test_pages_meetings_browser import looker
from tests.money import ASSESSING, Money
from tests.world import World, noon
from web.application import create_app

pytestmark = pytest.mark.browser
LATER = ASSESSING + timedelta(12)


@pytest.fixture
def desk(_sqlite_children: Templates, tmp_path: Path) -> Iterator[tuple[World, dict[str, str]]]:
    """A child with a request in each of the places where one can wait."""
    template, there = desk_template(_sqlite_children)
    with _sqlite_children.world(template, tmp_path / "home") as world:
        yield world, there


@pytest.fixture
def address(desk: tuple[World, dict[str, str]]) -> Iterator[str]:
    app = create_app(desk[0].office, now=lambda: noon(LATER), sign_in_as=True)
    with answering(app) as address:
        yield address


def test_every_page_about_money_is_clean_on_a_screen_and_on_a_phone(desk, address, browser, tmp_path):
    _, there = desk
    found: dict[tuple[str, int], list[str]] = {}

    def look(page: Window, name: str, *widths: int) -> None:
        for width in widths or (1100, 320):
            page.set_viewport_size({"width": width, "height": 800})
            found[name, width] = faults(page)

    with a_window(browser) as page:
        sign_in(page, address, "Tam")
        page.goto(f"{address}/money")
        look(page, "desk")
        page.goto(f"{address}/money?kind=needs_led_allowance&late=1")
        look(page, "desk, nothing like that", 320)

        page.goto(f"{address}/money/calculator")
        look(page, "calculator", 320)
        go_by(page.get_by_role("button", name="Work it out", exact=True).last)
        assert page.title().startswith("Error: ")
        look(page, "calculator, errors")
        page.get_by_text("I have the household in a file").click()
        page.set_input_files("#file", str(EXAMPLE))
        go_by(page.get_by_role("button", name="Work it out from the file"))
        page.get_by_role("heading", name="What the allowance comes to").wait_for()
        page.get_by_text("Whose numbers these are").click()
        look(page, "calculator, result")
        go_by(page.get_by_role("button", name="Change the figures"))
        look(page, "calculator, full", 320)

        page.goto(f"{address}/money/tracker")
        with page.expect_download() as taken:
            page.get_by_role("link", name="The tracker as an Excel workbook").click()
        book = tmp_path / "theirs.xlsx"
        taken.value.save_as(book)
        page.set_input_files("#workbook", str(book))
        go_by(page.get_by_role("button", name="Compare"))
        page.get_by_text("no differences").wait_for()
        look(page, "tracker, compared")

        page.goto(f"{address}/requests/{there['answers']}/papers")
        go_by(page.get_by_role("button", name=re.compile("Finance agreement")))
        page.get_by_text("version 1 was made").wait_for()
        go_by(page.get_by_role("button", name=re.compile("Calculation sheet")))
        page.get_by_text("Still needed for this paper").wait_for()
        look(page, "documents, error")
        page.goto(f"{address}/requests/{there['prepared']}/means-test")
        look(page, "means tests", 320)

    assert found == {name: [] for name in found}


def test_putting_a_request_right_is_clean_in_every_state(desk, address, browser):
    """A list of past steps, a correction looked at and refused, what was signed, a step taken back."""
    world, there = desk
    money, day = Money(world), LATER
    found: dict[str, list[str]] = {}
    with a_window(browser) as page:
        look = looker(page, found)
        sign_in(page, address, "Ida")
        at = f"{address}/cases/{there['prepared']}"
        page.goto(f"{at}/catch-up")
        look("past steps, none")
        page.locator("#trigger").select_option("submit_request")
        go_by(page.get_by_role("button", name="Fill it in"))
        look("a past step")
        go_by(page.get_by_role("button", name="Put it on the list"))
        look("a past step, errors")
        for part, value in (("day", day.day), ("month", day.month), ("year", day.year)):
            page.locator(f'[name="happened_on-{part}"]').fill(str(value))
        go_by(page.get_by_role("button", name="Put it on the list"))
        go_by(page.get_by_role("button", name="Look what would happen"))
        look("past steps, looked at")
        first = money.seen(there["prepared"], day).chronology[0].event
        page.goto(f"{at}/correct/{first}")
        look("correct a request")
        go_by(page.get_by_role("button", name="Continue").last)
        look("correct a request, refused")
        page.locator("#why").fill("The minutes say another amount.")
        page.locator("#amount").fill("210")
        go_by(page.get_by_role("button", name="Continue").last)
        page.get_by_role("button", name="Put it right").wait_for()
        look("correct a request, looked at")
        page.goto(f"{at}/step/reverse_last")
        look("take a step back")
        signed = money.seen(there["answers"], day).chronology[0].event
        page.goto(f"{address}/cases/{there['answers']}/correct/{signed}")
        look("correct what was signed")

    assert found == {name: [] for name in found}
    assert len(found) == 2 * 9


def test_a_household_is_worked_out_by_keyboard_without_javascript(address, browser):
    with a_window(browser, java_script_enabled=False) as page:
        sign_in(page, address, "Faye")
        page.goto(f"{address}/money/calculator")
        page.get_by_label("Name", exact=True).first.fill("Robin")
        for name, value in (("day", "1"), ("month", "3"), ("year", "2017")):
            page.locator(f"#children\\.0\\.born-{name}").fill(value)
        page.get_by_label("Who it is").select_option("carer")
        for name, value in (("day", "1"), ("month", "1"), ("year", "1980")):
            page.locator(f"#household\\.0\\.born-{name}").fill(value)
        page.get_by_role("button", name="Add income").focus()
        page.keyboard.press("Enter")
        page.locator("#income\\.1\\.amount").wait_for()
        page.locator("#income\\.1\\.amount").fill("1500")
        page.locator("#income\\.1\\.what").select_option("pay")
        page.locator("#income\\.1\\.per").select_option("month")
        page.locator("#income\\.1\\.amount").press("Enter")
        page.get_by_role("heading", name="What the allowance comes to").wait_for()

        assert page.get_by_text("Illustration only.").is_visible()
        assert page.get_by_text("80% of A.").is_visible()
