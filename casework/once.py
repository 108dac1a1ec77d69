"""What one look has asked of the database is not asked again within it.

A look is a unit that reads one moment and cannot write, so an answer holds until it ends: a child's page asks at
a dozen places who somebody is to the child, and the database is told once. A unit that writes asks every time, and
so does the night, whose one unit reads more children than a memory should hold.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy.orm import Session

P = ParamSpec("P")
T = TypeVar("T")
_TOLD = "told"


def remember(session: Session) -> None:
    """From here on this unit, which only reads, remembers what it was told. It must have read nothing yet."""
    session.info[_TOLD] = {}


def once(ask: Callable[Concatenate[Session, P], T]) -> Callable[Concatenate[Session, P], T]:
    """A question whose answer a look remembers. Its values are hashable, and nobody changes what it answers."""

    @wraps(ask)
    def asked(session: Session, /, *values: P.args, **named: P.kwargs) -> T:
        told: dict[Hashable, Any] | None = session.info.get(_TOLD)
        if told is None:
            return ask(session, *values, **named)
        question = (ask, values, tuple(named.items()))
        if question not in told:
            told[question] = ask(session, *values, **named)
        return cast("T", told[question])

    return asked
