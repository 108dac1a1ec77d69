"""The browser of the tests: an installed Chromium, never a downloaded one."""

import shutil

import pytest

from tests.needs import not_available

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of an installed Chromium. Tests that ask for it carry the mark `browser`."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        not_available("browser", because="no Chromium is installed (apt-get install chromium)")
    return path
