"""While people work in the browser, neither the pages' process nor the browser reaches for anybody outside (R25).

Prefect's server and the worker that follows an act through are traced in test_prefect_server.py.
"""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, sync_playwright

from states.calendar import london_date
from tests.functional.test_pages_browser import go_by, sign_in
from tests.functional.test_prefect_server import outside
from tests.needs import not_available
from tests.prefect_server import Child, a_free_port, until
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]

#: A browser that asks its maker for nothing by itself: no updates, no sync, no help with forms, no translations.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--disable-background-networking",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-sync",
    # What it would still ask, whatever it is told not to, it asks at a closed door of this machine.
    "--gaia-url=http://127.0.0.1:9/",
    "--apps-gallery-update-url=http://127.0.0.1:9/",
    "--component-updater=url-source=http://127.0.0.1:9/",
    "--disable-features=AutofillServerCommunication,CertificateTransparencyComponentUpdater,InterestFeedContentSuggestions,"
    "MediaRouter,NetworkTimeServiceQuerying,OptimizationHints,Translate",
)


@pytest.fixture
def traced_pages(world: World, tmp_path: Path) -> Iterator[str]:
    """The pages in a process of their own, as `sgo up` starts it, under strace; its address."""
    if shutil.which("strace") is None:
        not_available("strace", because="strace is not installed")
    settings = world.office.settings
    port = a_free_port()
    env = {
        "SGO_HOME": str(settings.home), "DATABASE_URL": settings.database_url or "", "SGO_WEB_PORT": str(port),
        "SGO_WEB_SIGN_IN_AS": "true",
    }  # fmt: skip
    pages = Child(["-m", "tests.traced", str(tmp_path / "pages"), "web"], env, tmp_path / "pages.log")
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return bool(urllib.request.urlopen(f"{address}/privacy", timeout=5).read())
        except OSError:
            return False

    try:
        until(answers, what="the pages answer")
        yield address
    finally:
        pages.kill()


def test_neither_the_pages_nor_the_browser_reach_for_anybody_outside(
    world: World, traced_pages: str, chromium: str, tmp_path: Path
) -> None:
    """reliability R25: every place of the bar, a step taken through its form, a workbook, a document to print."""
    ref = world.open_child()
    net_log = tmp_path / "net.json"
    arguments = [*QUIET, f"--log-net-log={net_log}"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=arguments)
        _work(started.new_page(), traced_pages, ref)
        started.close()

    asked = _hosts(json.loads(net_log.read_text(encoding="utf-8")))
    assert asked == {"127.0.0.1"}
    said = "".join(file.read_text(errors="replace") for file in tmp_path.glob("pages-*"))
    assert outside(said) == []


def _hosts(net_log: dict[str, Any]) -> set[str]:
    """Every host that the browser asked, or asked the address of, by its own log of the network."""
    hosts: set[str] = set()
    for event in net_log["events"]:
        given = event.get("params", {})
        hosts |= {str(urlsplit(given[name]).hostname) for name in ("url", "host") if "://" in str(given.get(name, ""))}
        hosts |= {given["host"].partition(":")[0] for name in ("host",) if name in given and "://" not in given[name]}
    return hosts - {"None"}


def _work(page: Page, address: str, ref: str) -> None:
    sign_in(page, address, "Rowan")
    bar = page.locator(".govuk-service-navigation__link").evaluate_all("links => links.map(link => link.href)")
    places = [*bar, *(f"{address}/cases/{ref}{part}" for part in ("", "/sheet", "/options", "/text"))]
    for place in places:
        answer = page.goto(place)
        assert answer is not None
        assert answer.status == 200, place
    with page.expect_download():
        page.evaluate("location.href = '/children.xlsx'")
    page.goto(f"{address}/cases/{ref}/step/set_latest_position")
    page.locator('[name="position"]').fill("The aunt has been asked.")
    page.locator('[name="next_step"]').fill("Wait for her answer")
    page.locator('[name="who"]').fill("Sol Carrow")
    on = london_date(datetime.now(UTC)) + timedelta(7)
    for part, value in (("day", on.day), ("month", on.month), ("year", on.year)):
        page.locator(f'[name="by_when-{part}"]').fill(str(value))
    go_by(page.get_by_role("button", name="Continue").last)
    go_by(page.get_by_role("button", name="Confirm"))
    assert page.get_by_text("is recorded").first.is_visible()
