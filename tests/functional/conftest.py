"""Functional tests: the system as people and scripts meet it, by commands and pages, from outside.

Write one for a whole journey or for a promise of the public interface. They are few and slow.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.commands import Sgo, in_world
from tests.county import FURNISHED, Templates
from tests.world import START, World


@pytest.fixture
def world(_sqlite_children: Templates, tmp_path: Path) -> Iterator[World]:
    """A small county on SQLite: policy and staff, no child yet."""
    with _sqlite_children.world(_sqlite_children.reached(FURNISHED), tmp_path / "home") as county:
        yield county


@pytest.fixture
def sgo(world: World) -> Sgo:
    """The command line in that county, on the Monday the standard child joins."""
    return in_world(world, day=START)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A Chromium without a window, that asks nothing of anybody else."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )
        yield started
        started.close()
