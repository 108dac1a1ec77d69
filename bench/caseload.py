"""A hundred thousand children with twenty years of history, in minutes: a few written by acts, the rest copied in SQL.

A copy has every row of its original that the night reads, under new ids and a reference of its own. Its chain is the
original's and does not verify: nothing here is for a benchmark that reads chains.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Table, text

from bench.history import READY, County
from persistence.tables import (
    Allocation,
    BarrierSeen,
    Case,
    Child,
    Deadline,
    Event,
    LoopStay,
    Milestone,
    Record,
)

ORIGINALS = 20
_AT_ONCE = 5_000
#: The tables of a child that the night reads; what only acts read is left to the originals.
COPIED: tuple[Any, ...] = (Case, Child, Event, Record, Deadline, Milestone, Allocation, BarrierSeen, LoopStay)


def fill(
    county: County, children: int, *, there: int = 0, on_progress: Callable[[int], None] = lambda _: None
) -> int:
    """Bring the county, which has so many, to so many open cases, each with its history; how many it has now.

    `on_progress` is told how many there are, now and then.

    Four of five are in court with every milestone reached: a night finds something in some and nothing in most.
    """
    if there == 0:
        there = min(ORIGINALS, children)
        with county.office.unit_of_work() as session:
            for _ in range(there):
                county.child(session)
    while there < children:
        more = min(there, children - there, _AT_ONCE)
        with county.office.unit_of_work() as session:
            _copy(session.connection(), there, more)
        county.office.database.checkpoint()  # as the worker does: a long log makes every read of it slow
        there += more
        on_progress(there)
    with county.office.unit_of_work() as session:
        if session.get_bind().dialect.name == "postgresql":
            last = "(SELECT max(id) FROM sgo_case)"
            session.execute(text(f"SELECT setval(pg_get_serial_sequence('sgo_case', 'id'), {last})"))
        session.execute(text("UPDATE milestone SET done_on = forecast_on WHERE case_id % 5 <> 0 AND done_on IS NULL"))
        busy = text("UPDATE sgo_case SET state = 'IN_COURT', last_event_on = :ready WHERE id % 5 <> 0")
        session.execute(busy, {"ready": READY.isoformat()})
        session.execute(text("ANALYZE"))
    county.office.database.checkpoint()
    return there


def _copy(connection: Connection, there: int, more: int) -> None:
    """Copy the first cases under ids beyond those that are there."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA cache_size = -1500000"))  # the indexes fit: building is not what is measured
    for mapped in COPIED:
        table: Table = mapped.__table__
        columns = [column.name for column in table.columns]
        values = [_value(table, name, there) for name in columns]
        owner = "id" if mapped is Case else "case_id"
        connection.execute(
            text(
                f"INSERT INTO {table.name} ({', '.join(_quoted(columns))}) SELECT {', '.join(values)} "
                f"FROM {table.name} WHERE {owner} BETWEEN 1 AND :more"
            ),
            {"more": more},
        )


def _quoted(names: list[str]) -> list[str]:
    return [f'"{name}"' for name in names]


def _value(table: Table, name: str, there: int) -> str:
    """A column of a copy: ids are made anew from the copy's own number, everything else is as it was."""
    if table.name == "sgo_case":
        if name == "id":
            return f"id + {there}"
        if name == "ref":
            return f"'SC-' || (id + {there})"
        return f'"{name}"'
    if name == "case_id":
        return f"case_id + {there}"
    ours = {"id", "event_id", "for_event", "record_id", "opened_by_event", "closed_by_event", "supersedes"}
    if name in ours:
        return f'substr("{name}", 1, 20) || (1000000000 + case_id + {there})'
    return f'"{name}"'
