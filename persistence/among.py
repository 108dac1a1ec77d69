"""A column among many values: one parameter, whatever their number.

`IN` with a placeholder for each value makes another statement for every number of values, which is compiled, sent
and planned anew each time; SQLite takes some thousands of placeholders and no more. Here the statement stays the
same: an array for PostgreSQL, a JSON list for SQLite.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Self

from sqlalchemy import Boolean, ColumnElement, Dialect, Integer, Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


def among(column: ColumnElement[Any] | InstrumentedAttribute[Any], values: Iterable[int | str]) -> ColumnElement[bool]:
    """The condition that a column of whole numbers or text has one of these values; none has, where there are none."""
    type_ = _Numbers() if isinstance(column.type, Integer) else _Words()
    return _Among(column, bindparam(None, list(values), type_=type_, unique=True))


class _List(TypeDecorator[list[Any]]):
    impl = Text
    cache_ok = True
    one: TypeEngine[Any]

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(self.one) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> Any:
        return value if dialect.name == "postgresql" else json.dumps(value)


class _Numbers(_List):
    cache_ok = True
    one = Integer()


class _Words(_List):
    cache_ok = True
    one = Text()


class _Among(FunctionElement[bool]):
    inherit_cache = True
    type = Boolean()

    def self_group(self, *_: Any, **_named: Any) -> Self:
        """As it is: compared with 1, as SQLite has truth written, no index would answer it."""
        return self


@compiles(_Among, "postgresql")
def _an_array(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = element.clauses
    return f"{compiler.process(column, **options)} = ANY ({compiler.process(values, **options)})"


@compiles(_Among, "sqlite")
def _a_json_list(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = element.clauses
    members = func.json_each(values).table_valued("value")
    return compiler.process(column.in_(select(members.c.value)), **options)
