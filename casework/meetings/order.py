"""In which order the children of a meeting are heard: as listed, brothers and sisters together (A40)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from persistence.tables import Case, SiblingLink


def siblings_together(session: Session, refs: Sequence[str]) -> list[str]:
    """Brothers and sisters one after the other, where the first of them was listed (A40)."""
    near = linked_among(session, refs)
    order: list[str] = []
    for ref in refs:
        waiting = [ref]
        while waiting:
            nearest = waiting.pop(0)
            if nearest not in order:
                order.append(nearest)
                waiting += sorted(near.get(nearest, ()), key=refs.index)
    return order


def linked_among(session: Session, refs: Sequence[str]) -> dict[str, set[str]]:
    """Which of these children are linked as brothers and sisters, each with the others."""
    ids = dict(session.execute(select(Case.id, Case.ref).where(Case.ref.in_(refs))).all())
    links = session.execute(
        select(SiblingLink.case_id, SiblingLink.sibling_id).where(
            SiblingLink.until_on.is_(None),
            or_(SiblingLink.case_id.in_(ids), SiblingLink.sibling_id.in_(ids)),
        )
    ).all()
    near: dict[str, set[str]] = {}
    for one, other in links:
        if one in ids and other in ids:
            near.setdefault(ids[one], set()).add(ids[other])
            near.setdefault(ids[other], set()).add(ids[one])
    return near
