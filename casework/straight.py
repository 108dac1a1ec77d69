"""Rows straight from and to the database, past the ORM: columns instead of objects, inserted without a flush.

For what every act does. Its statements are made once, at the top of their modules, with named values: making a
statement afresh costs more than running it, and an object whose changes are watched more than the row
(`bench transition`). What an act changes in place, the case and its projections, stays with the ORM.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar, TypeVarTuple, cast

from sqlalchemy import CursorResult, Executable, Insert, Table, insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.sql.selectable import TypedReturnsRows

from persistence.tables import Base

Ts = TypeVarTuple("Ts")
Mapped = TypeVar("Mapped", bound=Base)


def rows(session: Session, statement: TypedReturnsRows[*Ts], **values: Any) -> CursorResult[*Ts]:
    """The rows of a ready-made statement; what the session still holds back is written first."""
    session.flush()
    return session.connection().execute(statement, values)


def change(session: Session, statement: Executable, values: Sequence[dict[str, Any]]) -> None:
    """Run a ready-made UPDATE once for each of these values. No object of these rows may be held meanwhile."""
    if values:
        session.connection().execute(statement, values)


def put(session: Session, *new: Base) -> None:
    """Insert new rows of one table, whose parents are there. They stay outside the session: changed later, they
    are not written again."""
    if new:
        put_values(session, type(new[0]), [values_of(row) for row in new])


def put_values(session: Session, mapped: type[Base], new: Sequence[dict[str, Any]]) -> None:
    """Insert rows given as values by column; columns that every row leaves out get their defaults."""
    if new:
        session.connection().execute(_insert(mapped), new)


def outside(mapped: type[Mapped], values: dict[str, Any]) -> Mapped:
    """A new row that is only ever `put`: its columns are set past the watching that objects of a session need."""
    row = mapped()
    row.__dict__.update(values)
    return row


def values_of(row: Base) -> dict[str, Any]:
    """A new row's columns as they are inserted, defaults included."""
    there = row.__dict__
    return {name: there.get(name, default) for name, default in _defaults(type(row)).items()}


def table_of(mapped: type[Base]) -> Table:
    """The table behind a mapped class."""
    return cast(Table, mapped.__table__)


@cache
def _insert(mapped: type[Base]) -> Insert:
    return insert(table_of(mapped))


@cache
def _defaults(mapped: type[Base]) -> dict[str, Any]:
    return {
        column.name: column.default.arg if isinstance(column.default, ScalarElementColumnDefault) else None
        for column in table_of(mapped).columns
    }
