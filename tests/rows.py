"""The case database as tests look at it: every row of every table, or the rows of one case."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import event, select

from persistence.tables import Base, Case
from tests.world import World

#: Who looked is written down for refusals too; a test of what an act changes leaves it out.
NOT_COMPARED = frozenset({"access"})
Table = TypeVar("Table", bound=Base)


class Stopped(Exception):
    """A write that a test stops."""


def everything(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, in an order that is always the same."""
    with world.office.reading() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
            if table.name not in NOT_COMPARED
        }


def rows_of(world: World, table: type[Table], ref: str | None = None, **equal: Any) -> list[Table]:
    """The rows of a table, of one case where `ref` names it, with these values."""
    with world.office.reading() as session:
        query = select(table)
        if ref is not None:
            query = query.where(getattr(table, "case_id") == _id_of(world, ref))  # noqa: B009
        for name, value in equal.items():
            query = query.where(getattr(table, name) == value)
        found = list(session.scalars(query))
        session.expunge_all()
        return found


def case_of(world: World, ref: str) -> Case:
    """The row of a case."""
    with world.office.reading() as session:
        case = session.scalars(select(Case).where(Case.ref == ref)).one()
        session.expunge_all()
        return case


def _id_of(world: World, ref: str) -> int:
    return case_of(world, ref).id


@contextmanager
def asked(world: World) -> Iterator[list[str]]:
    """What the reading units inside ask of the database, statement by statement."""
    statements: list[str] = []

    def before(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    engine = world.office.database._reading
    event.listen(engine, "before_cursor_execute", before)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", before)


@contextmanager
def stopping_at(world: World, number: int | None) -> Iterator[list[str]]:
    """Let the n-th statement that writes fail; None: none. Gives the writing statements so far."""
    written: list[str] = []

    def before(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.lstrip().split(" ", 1)[0].upper() in {"INSERT", "UPDATE", "DELETE"}:
            written.append(statement)
            if len(written) == number:
                raise Stopped(statement.split("\n", maxsplit=1)[0])

    engine = world.office.database._writing
    event.listen(engine, "before_cursor_execute", before)
    try:
        yield written
    finally:
        event.remove(engine, "before_cursor_execute", before)


class Queries:
    """How often the database is asked while something is done: `with Queries(world) as queries: …`."""

    def __init__(self, world: World) -> None:
        both = (world.office.database._reading, world.office.database._writing)
        self.engines = {id(engine.pool): engine for engine in both}.values()  # on PostgreSQL they are one
        self.number = 0

    def _count(self, *_asked: Any) -> None:
        self.number += 1

    def __enter__(self) -> Queries:
        for engine in self.engines:
            event.listen(engine, "before_cursor_execute", self._count)
        return self

    def __exit__(self, *_ended: object) -> None:
        for engine in self.engines:
            event.remove(engine, "before_cursor_execute", self._count)
