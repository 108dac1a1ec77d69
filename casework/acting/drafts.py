"""What somebody has typed and not yet done: kept until they go on or throw it away, and seen by nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from casework.who.access import visible_to_work_on
from persistence.tables import Case
from persistence.tables import Draft as DraftRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A form as it was left."""

    values: dict[str, Any]
    version: int  # of the case, when it was typed
    kept_at: datetime


def keep(
    session: Session,
    *,
    person_id: str,
    ref: str,
    trigger: str,
    values: Mapping[str, Any],
    version: int,
    now: datetime,
) -> None:
    """Keep a form as it stands; one a person, child and step."""
    throw_away(session, person_id, ref, trigger)
    case_id = session.scalar(select(Case.id).where(Case.ref == ref))
    session.add(
        DraftRow(
            person_id=person_id, case_id=case_id, trigger=trigger, values=dict(values), version=version, kept_at=now
        )
    )


def find(session: Session, person_id: str, ref: str, trigger: str) -> Draft | None:
    """The form as it was left, if it was."""
    row = session.scalars(
        select(DraftRow)
        .join(Case, Case.id == DraftRow.case_id)
        .where(DraftRow.person_id == person_id, Case.ref == ref, DraftRow.trigger == trigger)
    ).one_or_none()
    return None if row is None else Draft(values=row.values, version=row.version, kept_at=row.kept_at)


def kept_for(session: Session, person_id: str, trigger: str) -> dict[str, Draft]:
    """By case, what somebody has left at one step, or in one table of many children."""
    rows = session.execute(
        select(Case.ref, DraftRow)
        .join(Case, Case.id == DraftRow.case_id)
        .where(DraftRow.person_id == person_id, DraftRow.trigger == trigger)
    )
    return {ref: Draft(values=row.values, version=row.version, kept_at=row.kept_at) for ref, row in rows}


def kept_by(session: Session, person_id: str, *, today: date) -> list[tuple[str, str, datetime]]:
    """(case, step, when) of every form somebody has left, of children and requests that they may still open."""
    rows = session.execute(
        select(Case.ref, DraftRow.trigger, DraftRow.kept_at)
        .join(Case, Case.id == DraftRow.case_id)
        .where(DraftRow.person_id == person_id, visible_to_work_on(session, person_id, today))
        .order_by(DraftRow.kept_at.desc())
    )
    return [(ref, trigger, at) for ref, trigger, at in rows]


def throw_away(session: Session, person_id: str, ref: str, trigger: str) -> None:
    """It was done, or is not wanted."""
    case_id = select(Case.id).where(Case.ref == ref).scalar_subquery()
    session.execute(
        delete(DraftRow).where(
            DraftRow.person_id == person_id, DraftRow.case_id == case_id, DraftRow.trigger == trigger
        )
    )
