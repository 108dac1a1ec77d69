"""The record of an act: read as its row declares it, with everything that is missing named at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.access import powers
from casework.errors import Refused, Unusable
from casework.people import find_person, find_team
from casework.preparing import Prepared, facts_of
from persistence.tables import Case, Child
from states import engine
from states.pathway import PATHWAY
from states.records import base
from states.vocabulary import Transition, Unmet

OPENING = ("open_case", "bring_forward")


def filed_record(session: Session, prepared: Prepared) -> base.Record:
    """The record as its row declares it. Raises Refused with all that is missing, guards included."""
    command = prepared.command
    row = row_of(prepared)
    if row is None:
        state = prepared.case.state if prepared.case else None
        raise Refused(command.trigger, (engine.not_from_here(PATHWAY, command.trigger, state),))
    data, unknown = with_people(session, row.record, command.record)
    try:
        record = row.record.model_validate(data)
    except ValidationError as wrong:
        missing = base.unmet_fields(wrong, row.record)
        judged = engine.explain(
            PATHWAY, command.trigger, facts_of(session, prepared, None), prepared.permission
        )
        raise Refused(command.trigger, (*judged, *missing, *unknown)) from None
    if unknown:
        raise Refused(command.trigger, unknown)
    return record


def row_of(prepared: Prepared) -> Transition | None:
    state = PATHWAY.states[prepared.case.state] if prepared.case else None
    rows = PATHWAY.rows_for(prepared.command.trigger, state)
    return rows[0] if rows else None


def with_people(
    session: Session, record: type[base.Record], data: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[Unmet, ...]]:
    """The record with people by id: a person may be named by handle. And who is not known."""
    named = dict(data)
    unknown: list[Unmet] = []

    def resolve(value: Any, label: str, name: str) -> Any:
        if not isinstance(value, str) or not value.strip():
            return value
        try:
            return find_person(session, value.strip()).id
        except Unusable as nobody:
            unknown.append(Unmet(record.rule, f"'{label}': {nobody}", name))
            return value

    for seen in record.fields():
        if seen.kind is base.Kind.PERSON and seen.name in named:
            named[seen.name] = resolve(named[seen.name], seen.label, seen.name)
        inner = [f for f in seen.rows if f.kind is base.Kind.PERSON]
        if inner and isinstance(named.get(seen.name), list):
            rows = []
            for row in named[seen.name]:
                typed = dict(row) if isinstance(row, Mapping) else row
                if isinstance(typed, dict):
                    for f in inner:
                        if f.name in typed:
                            typed[f.name] = resolve(typed[f.name], f.label, f"{seen.name}.{f.name}")
                rows.append(typed)
            named[seen.name] = rows
    return named, tuple(unknown)


def beyond_the_guards(session: Session, prepared: Prepared, record: base.Record) -> tuple[Unmet, ...]:
    """Conditions that look at other cases than this one, which a pure guard cannot (practice PT-16)."""
    reasons: list[Unmet] = []
    data: Any = record
    if prepared.command.trigger in OPENING:
        there = session.scalar(
            select(Case.ref)
            .join(Child, Child.case_id == Case.id)
            .where(Child.council_id == data.council_id, Case.closed.is_(False))
        )
        if there is not None:
            reasons.append(Unmet("PT-16", "This child already has an open case.", "council_id"))
    for name in ("sibling", "into", "to_case"):
        ref = getattr(record, name, None)
        if ref is None:
            continue
        other = session.scalars(select(Case).where(Case.ref == ref)).one_or_none()
        visible = (
            other is not None and powers(session, prepared.recorder.person_id, other, prepared.today).sees
        )
        if other is None or not visible:
            reasons.append(Unmet("PT-16", f"There is no case {ref} that you can open.", name))
        elif prepared.case is not None and other.id == prepared.case.id:
            reasons.append(Unmet("PT-16", "That is this case itself.", name))
        elif name == "into" and other.closed:
            reasons.append(
                Unmet("PT-16", f"The case {ref} is closed: it cannot be the one that stays.", name)
            )
    team = getattr(record, "team", None)
    if (
        team
        and prepared.command.trigger in (*OPENING, "update_child")
        and getattr(record, "source", "") == "typed"
    ):
        try:
            find_team(session, team)
        except Unusable as unknown:
            reasons.append(Unmet("R-ELG-4", str(unknown), "team"))
    return tuple(reasons)
