"""Two databases side by side: every row, with random ids and what is hashed from them replaced by what they name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from persistence.tables import Base, Case, Child, Event, Meeting, Person, Team

#: Random, made from random ids, or of the machine and the moment it ran.
LEFT_OUT = frozenset(
    {
        "access", "seal", "seal_head", "run", "lease", "installation", "outbox", "attempt", "night", "rung",
        "document", "error_detail", "follow_up", "channel", "digest", "digest_day", "digest_line",
    }
)  # fmt: skip
NOT_THE_SAME = frozenset(
    {"hash", "previous_hash", "head_hash", "content_hash", "record_hash", "record_id", "finding_id", "shown", "sha256"}
)


def labelled(session: Session, *, leave_out: frozenset[str] = LEFT_OUT) -> dict[str, list[str]]:
    """Every row of every table as text, sorted; an id reads as what it names."""
    names: dict[Any, str] = {}
    names |= {p.id: p.handle for p in session.scalars(select(Person))}
    names |= {t.id: t.name for t in session.scalars(select(Team))}
    cases = dict(session.execute(select(Child.case_id, Child.council_id)).all())
    for case in session.scalars(select(Case).order_by(Case.id)):
        if case.child_case_id is not None:  # a request: the so-manieth of its child
            before = sum(1 for known in cases.values() if known.startswith(f"{cases[case.child_case_id]} request"))
            cases[case.id] = f"{cases[case.child_case_id]} request {before + 1}"
        names[case.ref] = f"case {cases[case.id]}"
    for event in session.scalars(select(Event)):
        names[event.id] = f"{cases[event.case_id]}/{event.seq} {event.trigger}"
    for meeting in session.scalars(select(Meeting)):
        told = f"{meeting.body} {meeting.held_on} {names.get(meeting.event_id or '', '')}"
        names[meeting.id] = names[meeting.ref] = told

    def label(column: str, value: Any) -> Any:
        if column in ("case_id", "sibling_id", "child_case_id"):
            return cases.get(value, value)
        if isinstance(value, str):
            return names.get(value, value)
        if isinstance(value, dict):
            return {key: label("", one) for key, one in sorted(value.items()) if key != "shown"}  # the mark of ids
        if isinstance(value, list):
            return [label("", one) for one in value]
        return value

    return {
        table.name: sorted(
            repr(
                [
                    (column, label(column, value))
                    for column, value in row.items()
                    if column not in NOT_THE_SAME and (column != "id" or table.name in ("meeting", "event"))
                ]
            )
            for row in session.execute(select(table)).mappings()
        )
        for table in Base.metadata.sorted_tables
        if table.name not in leave_out
    }
