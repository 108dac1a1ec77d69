"""What happened to children while somebody was writing: the lines of their history after a version (R7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acting import loading
from casework.who.access import visible
from persistence.tables import Case, Person
from states.pathway import PATHWAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One thing that was written down meanwhile."""

    words: str
    on: date
    by: str
    reason: str | None


def happened_since(
    session: Session, versions: Mapping[str, int], *, by: str, today: date
) -> dict[str, tuple[Happened, ...]]:
    """By case: what was written down after the version somebody saw, as far as they may open it."""
    query = select(Case.ref, Case.id).where(Case.ref.in_(versions), visible(session, by, today))
    ids = dict(session.execute(query).all())
    names = dict(session.execute(select(Person.id, Person.name)).all())
    told = loading.load_entries_of(session, list(ids.values()))
    return {
        ref: tuple(
            Happened(
                words=_words(entry.trigger),
                on=entry.happened_on,
                by=names.get(entry.decided_by, ""),
                reason=_said(entry.data),
            )
            for entry in told[case_id]
            if entry.seq > versions[ref]
        )
        for ref, case_id in ids.items()
    }


def _said(data: Mapping[str, Any]) -> str | None:
    return next((data[name] for name in ("position", "reason", "view", "explanation") if data.get(name)), None)


@cache
def _words(trigger: str) -> str:
    return next((row.words for row in PATHWAY.rows if row.trigger == trigger), trigger)
