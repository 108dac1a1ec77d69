"""Everything that hangs on a child's page, and each state of a step's form, in a real browser: axe finds nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from casework.delivery.letters import make_for
from persistence.tables import Event, FollowUp
from tests.functional.test_pages_browser import a_window, go_by, sign_in
from tests.functional.test_pages_meetings_browser import looker, serving
from tests.nights import failed_run
from tests.rows import case_of, rows_of
from tests.world import START, World, noon

pytestmark = pytest.mark.browser

DAY = START + timedelta(64)  # a Tuesday, in the assessment
LONG = "The carers want to go ahead, and the school has been asked about support for the autumn. " * 12
Look = Callable[[str], None]


@pytest.fixture
def child(world: World) -> str:
    """A child in the assessment with a long history, letters, a concern, a date that is late."""
    ref = world.child_at("ASSESSMENT")
    for follow_up in rows_of(world, FollowUp):
        make_for(world.office, follow_up.id, now=noon(START + timedelta(61)))
    world.do("raise_concern", START + timedelta(61), "oda.iro", ref=ref)
    world.do("set_latest_position", START + timedelta(61), "sol.sw", ref=ref, position=LONG, next_step="Ask")
    return ref


def test_every_page_that_hangs_on_a_child_is_clean(world: World, child: str, browser: Browser) -> None:
    """At both widths, 0 faults of WCAG 2.2 AA, and never too wide."""
    found: dict[str, list[str]] = {}
    with serving(world, DAY) as address, a_window(browser) as page:
        look = looker(page, found)
        sign_in(page, address, "Sol")
        _about_the_child(page, look, f"{address}/cases/{child}", world)
        page.goto(f"{address}/my-work/calendar")
        look("diary, none")
        go_by(page.get_by_role("button", name="Make an address"))
        look("diary, an address")
        go_by(page.get_by_role("button", name="Sign out"))
        _other_pages(page, look, address, world, child)

    assert found == {name: [] for name in found}
    assert len(found) == 2 * 24


def _about_the_child(page: Page, look: Look, at: str, world: World) -> None:
    ratified = next(event.id for event in rows_of(world, Event) if event.trigger == "proceed_to_kdd")
    for path in ("", "/sheet", "/documents", "/text", "/options", "/interest", "/catch-up"):
        page.goto(at + path)
        look(path or "child")
    go_by(page.get_by_role("button", name="Fill it in"))
    look("catch-up, nothing chosen")
    for trigger in ("set_latest_position", "record_genogram"):
        page.goto(f"{at}/catch-up/{trigger}")
        go_by(page.get_by_role("button", name="Put it on the list"))
        if trigger == "set_latest_position":
            look("catch-up, a form with errors")
        _fill_in_day(page, "happened_on", START + timedelta(62))
        go_by(page.get_by_role("button", name="Put it on the list"))
    look("catch-up, two steps")
    go_by(page.get_by_role("button", name="Look what would happen"))
    look("catch-up, refused")
    page.goto(f"{at}/correct/{ratified}")
    look("correct")
    go_by(page.get_by_role("button", name="Continue").last)
    look("correct, refused")
    page.locator("#why").fill("The minutes say another day.")
    page.locator('[name="happened_on-day"]').fill(str((START + timedelta(35)).day))
    go_by(page.get_by_role("button", name="Continue").last)
    look("correct, looked at")


def _fill_in_day(page: Page, name: str, on: date) -> None:
    for part, value in (("day", on.day), ("month", on.month), ("year", on.year)):
        page.locator(f'[name="{name}-{part}"]').fill(str(value))


def _fill_in_position(page: Page, position: str) -> None:
    for name, value in (("position", position), ("next_step", "Ask the school"), ("who", "Sol Carrow")):
        page.locator(f'[name="{name}"]').fill(value)
    _fill_in_day(page, "by_when", DAY)


def _other_pages(page: Page, look: Look, address: str, world: World, child: str) -> None:
    run = failed_run(world, child, noon(DAY - timedelta(1)))
    for who, paths in (
        ("Oda", ["/reviews", "/help", f"/help/why?rule={quote('R-ROA-1')}"]),
        ("Per", ["/reviews"]),
        ("Rowan", [f"/runs/{run}", f"/pass-on?from={world.ids['sol.sw']}"]),
    ):
        sign_in(page, address, who)
        for path in paths:
            page.goto(address + path)
            look(f"{who} {path}")
        if who != "Rowan":
            go_by(page.get_by_role("button", name="Sign out"))
    go_by(page.get_by_role("button", name="Pass them on"))
    look("pass on, errors")
    page.locator('[name="chosen"]').first.check(force=True)
    page.locator("#to").select_option("nell.sw")
    page.locator('[name="no_conflict"][value="yes"]').check(force=True)
    go_by(page.get_by_role("button", name="Pass them on"))
    look("passed on")


def test_each_state_of_a_steps_form_is_clean(world: World, child: str, browser: Browser) -> None:
    """Empty, long with rows, with errors, looked at, overtaken, not possible now, not one's own, kept for later."""
    found: dict[str, list[str]] = {}
    with serving(world, DAY) as address, a_window(browser) as page:
        look = looker(page, found)
        at = f"{address}/cases/{child}/step"
        sign_in(page, address, "Sol")
        page.goto(f"{at}/change_applicants")
        look("rows")
        page.goto(f"{at}/set_latest_position")
        look("empty")
        go_by(page.get_by_role("button", name="Continue").last)
        assert page.title().startswith("Error: ")
        look("errors")
        _fill_in_position(page, LONG)
        go_by(page.get_by_role("button", name="Continue").last)
        look("looked at")
        world.do("record_genogram", DAY, "ida.saw", ref=child)
        go_by(page.get_by_role("button", name="Confirm"))
        assert page.get_by_text(LONG[:60]).count()
        look("overtaken")
        page.goto(f"{at}/order_made")
        look("not possible now")
        page.goto(f"{at}/complete_assessment")
        go_by(page.get_by_role("button", name="Continue").last)
        look("not one's own, refused")

    assert found == {name: [] for name in found}
    assert len(found) == 2 * 7


def test_what_is_the_same_for_a_brother_and_what_differs_are_entered_on_one_form(
    world: World, child: str, browser: Browser
) -> None:
    """PR-6: his part of the form opens, takes rows of its own, and what is left empty in it is the same."""
    brother = world.open_child(START)
    world.do("link_sibling", START + timedelta(61), "sol.sw", ref=child, sibling=brother)
    found: dict[str, list[str]] = {}
    with serving(world, DAY) as address, a_window(browser) as page:
        look = looker(page, found)
        at = f"{address}/cases/{child}/step"
        sign_in(page, address, "Sol")
        page.goto(f"{at}/record_family_network_meeting")
        page.get_by_text(f"What is different for {brother}").click()
        look("his part open")
        page.goto(f"{at}/change_applicants")
        page.get_by_text(f"What is different for {brother}").click()
        go_by(page.locator(f'button[value^="add:{brother}."]').first)
        look("a row of his own")
        page.goto(f"{at}/set_latest_position")
        _fill_in_position(page, "Both are well.")
        page.locator(f'[name="also"][value="{brother}"]').check(force=True)
        page.get_by_text(f"What is different for {brother}").click()
        page.locator(f'[name="{brother}.position"]').fill("He has moved school.")
        go_by(page.get_by_role("button", name="Continue").last)
        look("looked at")
        go_by(page.get_by_role("button", name="Change what I wrote"))
        assert page.locator(f'[name="{brother}.position"]').is_visible()  # what has something in it is open
        go_by(page.get_by_role("button", name="Continue").last)
        go_by(page.get_by_role("button", name="Confirm"))
        assert page.get_by_text("Both are well.").count()

    assert found == {name: [] for name in found}
    assert len(found) == 2 * 3
    written = {one: case_of(world, one) for one in (child, brother)}
    assert {one: (case.latest_position, case.next_step) for one, case in written.items()} == {
        child: ("Both are well.", "Ask the school"),
        brother: ("He has moved school.", "Ask the school"),
    }
