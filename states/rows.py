"""Short ways to write a row, so that a table of rows reads like the guidance it comes from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from states.records.base import Record
from states.vocabulary import Anywhere, Nature, Role, State, Transition

NEW_CASE: frozenset[State | None] = frozenset({None})


def _sources(source: State | Iterable[State | None]) -> frozenset[State | None]:
    return frozenset({source}) if isinstance(source, State) else frozenset(source)


def decision(
    trigger: str,
    words: str,
    source: State | Iterable[State | None],
    to: State | Anywhere,
    by: tuple[Role, ...],
    record: type[Record],
    rule: str,
    **more: Any,
) -> Transition:
    """A decision: guarded, by named posts."""
    return Transition(
        trigger=trigger,
        words=words,
        source=_sources(source),
        to=to,
        by=frozenset(by),
        record=record,
        rule=rule,
        **more,
    )


def fact(*args: Any, **more: Any) -> Transition:
    """A fact: never refused for what came before it; anyone allocated may record it (practice PR-1)."""
    return decision(*args, nature=Nature.FACT, by_anyone_allocated=True, **more)


def act(
    trigger: str,
    words: str,
    source: State | Iterable[State | None],
    by: tuple[Role, ...],
    record: type[Record],
    rule: str,
    **more: Any,
) -> Transition:
    """An act that leaves the case where it is."""
    nature = more.pop("nature", Nature.ACT)
    return decision(trigger, words, source, Anywhere.SAME, by, record, rule, nature=nature, **more)
