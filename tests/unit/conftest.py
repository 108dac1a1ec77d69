"""Unit tests: one rule, one calculation, one text. No database, no socket, no file of the project's data.

Write one when a function can be called with plain values. Milliseconds each; most tests are these.
"""

from collections.abc import Iterator
from typing import NoReturn

import psycopg
import pytest
from sqlalchemy import Engine

from tests.doors import NotAUnitTest, all_doors_closed


def _refuse(*_args: object, **_kwargs: object) -> NoReturn:
    raise NotAUnitTest("A unit test uses no database: it belongs in tests/integration.")


@pytest.fixture(autouse=True)
def no_database_and_no_socket(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Raise `NotAUnitTest` on a connection, and already where an engine for one is made."""
    monkeypatch.setattr(Engine, "__init__", _refuse)
    monkeypatch.setattr(psycopg.Connection, "connect", _refuse)
    monkeypatch.setattr(psycopg, "connect", _refuse)
    with all_doors_closed():
        yield
