"""Integration tests: our code with a real database, a real mail server, real files.

Write one when the promise is kept by something outside our code: a lock, a unique key, a transaction.
Ask for `database_url`, and the test runs on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.county import ChildAt
from tests.imported import Files
from tests.money import Money, with_money


@pytest.fixture(autouse=True)
def _loggers_that_speak() -> None:
    """A library that sets logging up anew silences the loggers there are; a test hears what is said."""
    for logger in list(logging.root.manager.loggerDict.values()):
        if isinstance(logger, logging.Logger):
            logger.disabled = False


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Returns of this test."""
    return Files(tmp_path)


@pytest.fixture
def assessed(child_at: ChildAt) -> tuple[Money, str]:
    """A ratified child, and the people who hear and sign money."""
    world, child = child_at("ASSESSMENT")
    return with_money(world), child
