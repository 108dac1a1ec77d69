"""What a correction would change, before it is done: it is done, looked at and undone (design 5.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acting import acts, deadlines, loading
from casework.acting.commands import Actor, Command
from persistence.tables import Case, Deadline, Flag
from states.vocabulary import Unmet


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a correction would do, before it is done (design 5.5)."""

    changed: tuple[tuple[str, Any, Any], ...]  # field, was, will be
    deadlines: tuple[deadlines.Moved, ...]
    flags: tuple[Unmet, ...]


def preview(session: Session, command: Command, *, by: Actor, now: datetime) -> Preview:
    """What a correction would change: it is done, looked at and undone. Raises what the act itself raises."""
    spot = session.begin_nested()
    try:
        case_id = session.scalar(select(Case.id).where(Case.ref == command.ref))
        before = _deadlines_of(session, case_id)
        content = _content_of(session, case_id, command)
        result = acts.act(session, replace(command, quiet=True, key=None), by=by, now=now)
        flags = session.scalars(select(Flag).where(Flag.event_id == result.event)).all()
        return Preview(
            changed=_differences(content, _content_of(session, case_id, command)),
            deadlines=_moved(before, _deadlines_of(session, case_id), result.event),
            flags=tuple(Unmet(flag.rule, flag.words) for flag in flags),
        )
    finally:
        spot.rollback()


def _content_of(session: Session, case_id: int | None, command: Command) -> dict[str, Any]:
    """What an entry says now, with its date."""
    if case_id is None:
        return {}
    entries = loading.load_entries(session, case_id)
    entry = next((e for e in entries if e.id == command.record.get("event")), None)
    return {} if entry is None else {**entry.data, "happened_on": entry.happened_on}


def _differences(was: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[tuple[str, Any, Any], ...]:
    names = dict.fromkeys([*was, *now])
    return tuple((name, was.get(name), now.get(name)) for name in names if was.get(name) != now.get(name))


def _deadlines_of(session: Session, case_id: int | None) -> dict[str, Deadline]:
    session.flush()
    rows = session.execute(select(Deadline.__table__).where(Deadline.case_id == case_id)).all()
    return {row.id: cast("Deadline", row) for row in rows}


def _moved(
    before: Mapping[str, Deadline], after: Mapping[str, Deadline], by_event: str
) -> tuple[deadlines.Moved, ...]:
    """The deadlines whose day is another than before; those that are new, and those that are gone."""
    moved = []
    for row in after.values():
        old = before.get(row.id)
        if old is not None and row.closed_by_event == by_event and row.closed_as == deadlines.SUPERSEDED:
            continue  # what stands in its place speaks for it
        if old is None:
            old = _replaced(before, after, row, by_event)
        was = old.due_on if old is not None else None
        if was != row.due_on:
            moved.append(deadlines.Moved(name=row.name, words=row.words, was=was, now=row.due_on))
    gone = [
        row
        for row in after.values()
        if row.closed_by_event == by_event and row.closed_as == deadlines.SUPERSEDED
        and not any(_same(row, new) for new in after.values() if new.id not in before)
    ]
    moved.extend(deadlines.Moved(name=row.name, words=row.words, was=row.due_on, now=None) for row in gone)
    return tuple(moved)


def _replaced(
    before: Mapping[str, Deadline], after: Mapping[str, Deadline], new: Deadline, by_event: str
) -> Deadline | None:
    return next(
        (before[row.id] for row in after.values() if row.closed_by_event == by_event and _same(row, new)), None
    )


def _same(one: Deadline, other: Deadline) -> bool:
    return (one.name, one.opened_by_event, one.about) == (other.name, other.opened_by_event, other.about)


