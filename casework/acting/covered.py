"""The brothers and sisters whom a funding request is also for (rules R-SM-4; reliability R22).

Who is named must be a linked brother or sister whose record the writer may open. Whom the writer may not open stays
on the request: what they cannot see they can neither name nor drop, and nothing tells them that it is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acting.preparing import Prepared
from casework.who.access import siblings_open_to
from persistence.tables import Case, FundingCover
from states.records import base
from states.records.funding import FundingAsked
from states.vocabulary import Unmet

FIELD = "siblings"


def with_those_out_of_sight(
    session: Session, prepared: Prepared, record: type[base.Record], data: Mapping[str, Any]
) -> dict[str, Any]:
    """What is asked anew, with those it is for already whom the writer cannot see."""
    request = prepared.case
    if not issubclass(record, FundingAsked) or request is None or request.child_case_id is None:
        return dict(data)
    named = data.get(FIELD) or ()
    if not isinstance(named, list | tuple):
        return dict(data)  # the record refuses it
    covered = select(Case).join(FundingCover, FundingCover.child_case_id == Case.id)
    others = session.scalars(covered.where(FundingCover.case_id == request.id, Case.id != request.child_case_id))
    open_to_them = _open_to_the_writer(session, prepared)
    hidden = [{"case": other.ref} for other in others if other.ref not in open_to_them]
    return {**data, FIELD: [*named, *hidden]} if hidden else dict(data)


def not_siblings(session: Session, prepared: Prepared, record: FundingAsked) -> Iterator[Unmet]:
    """Those who are named and are no brother or sister that the writer can open; unknown and hidden alike."""
    known = _open_to_the_writer(session, prepared) | _covered_already(session, prepared)
    for row in record.siblings:
        if row.case not in known:
            words = f"There is no brother or sister {row.case} of this child that you can open."
            yield Unmet("R-SM-4", words, FIELD)


def _open_to_the_writer(session: Session, prepared: Prepared) -> set[str]:
    child = _child_of(session, prepared)
    if child is None:
        return set()
    return set(siblings_open_to(session, child.ref, by=prepared.recorder.person_id, today=prepared.today))


def _covered_already(session: Session, prepared: Prepared) -> set[str]:
    if prepared.case is None:
        return set()
    covered = select(Case.ref).join(FundingCover, FundingCover.child_case_id == Case.id)
    return set(session.scalars(covered.where(FundingCover.case_id == prepared.case.id)))


def _child_of(session: Session, prepared: Prepared) -> Case | None:
    request, child = prepared.case, prepared.child
    case_id = request.child_case_id if request is not None else child.case_id if child is not None else None
    return session.get(Case, case_id) if case_id is not None else None
