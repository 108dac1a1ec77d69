"""Integration tests: our code with a real database, a real mail server, real files.

Write one when the promise is kept by something outside our code: a lock, a unique key, a transaction.
Ask for `database_url`, and the test runs on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.county import ChildAt, Templates
from tests.imported import Files
from tests.money import Money, with_money
from tests.money_desks import Desk, furnish_desks


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


@pytest.fixture
def desk(_sqlite_children: Templates, tmp_path: Path) -> Iterator[Desk]:
    """On SQLite only: the acts themselves run on both databases in test_funding.py."""
    template, (refs, kinds) = _sqlite_children.made(
        "money_desks",
        lambda address: furnish_desks(address, _sqlite_children.home),
        upon=_sqlite_children.reached("ASSESSMENT"),
    )
    with _sqlite_children.world(template, tmp_path / "home") as world:
        yield Desk(Money(world, kinds), refs["child"], refs)
