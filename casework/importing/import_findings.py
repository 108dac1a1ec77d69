"""What the files taken in ask of people: one finding an import, not one a child (practice 7).

Nothing is closed because a file is silent, and nothing is guessed: who is missing from the file, who has left
care by it, and what it could not say wait here until somebody has looked. A finding goes away by itself, when a
later file of the same kind names the children, when their cases are closed, or when what was unknown is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from casework.importing.import_report import ImportFinding
from casework.who.access import visible
from persistence.tables import Allocation, Case, Child, Contact, Event, ImportBatch
from states.records.codes import ContactKind
from states.vocabulary import Role

MISSING, LEFT, UNKNOWN = "missing from the file", "left care by the file", "unknown"
#: What the numbers of a batch call them, and what is asked.
_ASKED = (
    ("missing", MISSING, "Children with an open case whom the file does not name: still in care?"),
    ("left", LEFT, "Children with an open case who have left care by the file: what has become of them?"),
)
_AT_ONCE = 500


def import_findings(session: Session, *, by: str, today: date) -> list[ImportFinding]:
    """What each import still asks, newest first, counted over the cases this person may open (R22)."""
    newest: set[tuple[str, Any]] = set()
    found: list[ImportFinding] = []
    query = select(ImportBatch).order_by(ImportBatch.imported_at.desc(), ImportBatch.id)
    for batch in session.scalars(query):
        kind = (batch.kind, batch.summary.get("team"))
        if kind not in newest:  # a later file of the kind has answered the earlier one's questions
            newest.add(kind)
            for name, about, words in _ASKED:
                refs = list(_open(session, batch.summary.get(name, ()), by=by, today=today))
                found += _finding(batch, about, words, refs)
        for field, refs in _unknown(session, batch, by=by, today=today).items():
            words = f"The file could not say: {field.replace('_', ' ')}. Please add it."
            found += _finding(batch, f"{UNKNOWN}: {field}", words, refs)
    return found


def _finding(batch: ImportBatch, about: str, words: str, refs: list[str]) -> list[ImportFinding]:
    if not refs:
        return []
    one = ImportFinding(
        batch=batch.id,
        source=batch.kind,
        business_date=batch.business_date,
        about=about,
        words=words,
        number=len(refs),
        refs=tuple(refs),
    )
    return [one]


def _open(session: Session, case_ids: Iterable[int], *, by: str, today: date) -> Iterator[str]:
    ids = list(case_ids)
    for start in range(0, len(ids), _AT_ONCE):
        some = Case.id.in_(ids[start : start + _AT_ONCE])
        query = select(Case.ref).where(some, Case.closed.is_(False), visible(session, by, today))
        yield from session.scalars(query.order_by(Case.id))


def _unknown(session: Session, batch: ImportBatch, *, by: str, today: date) -> dict[str, list[str]]:
    """By field: the cases this import opened for which nobody has said it since."""
    worker = exists().where(
        Allocation.case_id == Case.id,
        Allocation.role == Role.CHILDS_WORKER.value,
        Allocation.until_on.is_(None),
    )
    carer = exists().where(
        Contact.case_id == Case.id,
        Contact.kind == ContactKind.APPLICANT.value,
        Contact.until_on.is_(None),
    )
    query = (
        select(Case.ref, Child.unknown, worker.label("worker"), carer.label("carer"))
        .join(Event, Event.case_id == Case.id)
        .join(Child, Child.case_id == Case.id)
        .where(Event.bulk_id == batch.id, Event.seq == 1)
        .where(Case.closed.is_(False), visible(session, by, today))
        .order_by(Case.id)
    )
    found: dict[str, list[str]] = {}
    for ref, fields, has_worker, has_carer in session.execute(query):
        answered = {"worker": has_worker, "carer": has_carer}  # by an act, not by a file
        for field in fields:
            if not answered.get(field, False):
                found.setdefault(field, []).append(ref)
    return dict(sorted(found.items()))
