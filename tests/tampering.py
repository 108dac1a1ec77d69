"""A history worth tampering with, and the hands of somebody with direct SQL who knows the chain."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Date, Integer, delete, select, text, update

from casework.safety import seals
from casework.units import Office
from casework.who.access_log import AccessLog, Look
from persistence.append_only import ACCESS_APPEND_ONLY, APPEND_ONLY, unprotect
from persistence.audit import SealedHead, event_hash, genesis_hash, seal_root
from persistence.engine import Database
from persistence.tables import Case, Event, Record, Seal, SealHead
from persistence.tables.base import Instant
from persistence.verification import Head
from tests.histories import add_event, open_case

MONDAY, TUESDAY = date(2026, 3, 9), date(2026, 3, 10)
NIGHT = datetime(2026, 3, 10, 2, 15, tzinfo=UTC)


def two_sealed_nights(office: Office) -> Head:
    """Three histories with records, two nights sealed, and one more act since. The last night's head."""
    log = AccessLog(office.database)
    with office.unit_of_work() as session:
        cases = [open_case(session, f"SG-{number}") for number in (1, 2, 3)]
        for case in cases:
            add_event(
                session, case, trigger="rate", to_state="RATED", data={"colour": "GREEN", "by": ["a", "b"]}
            )
            add_event(session, case, evidence="Zoë’s minutes", os_user="mo", bulk_id="e" * 32)
    log.write([look("SG-1"), look("SG-2")])
    seals.seal(office, MONDAY, NIGHT - timedelta(days=1))
    with office.unit_of_work() as session:
        for case in session.scalars(select(Case).where(Case.ref != "SG-3").order_by(Case.id)):
            add_event(session, case, data={"position": "settled", "pence": 12_345})
    log.write([look("SG-3")])
    head = seals.seal(office, TUESDAY, NIGHT)
    with office.unit_of_work() as session:
        add_event(
            session, session.scalars(select(Case).where(Case.ref == "SG-2")).one(), late_reason="was away"
        )
    return head


def look(ref: str) -> Look:
    return Look(
        at=NIGHT,
        person_id="a" * 32,
        what="read:case",
        outcome="allowed",
        channel="page",
        case_ref=ref,
        rules=("R22",),
    )


@contextlib.contextmanager
def tampering(database: Database) -> Iterator[Any]:
    """A session that may do anything, and whose doings are undone."""
    with database.writing() as session:
        if database.dialect == "sqlite":
            session.execute(text("PRAGMA defer_foreign_keys = ON"))
            for statement in unprotect(APPEND_ONLY, "sqlite"):
                session.execute(text(statement))
        else:
            session.execute(text("SET LOCAL session_replication_role = replica"))  # no triggers, no keys
        yield session
        session.rollback()


@contextlib.contextmanager
def tampering_with_the_log(database: Database) -> Iterator[Any]:
    with database.access() as session:
        if database.dialect == "sqlite":
            for statement in unprotect(ACCESS_APPEND_ONLY, "sqlite"):
                session.execute(text(statement))
        else:
            session.execute(text("SET LOCAL session_replication_role = replica"))
        yield session
        session.rollback()


def other(column: Any, value: Any) -> Any:
    """Something else that the column could hold."""
    kind = column.type
    if isinstance(kind, Instant):
        return (value or NIGHT) + timedelta(microseconds=1)
    if isinstance(kind, Date):
        return (value or MONDAY) + timedelta(days=1)
    if isinstance(kind, Integer):
        return (value or 0) + 1_000
    if isinstance(kind, JSON):
        return {"colour": "RED"} if isinstance(value, dict) else ["R23"]
    return "forged" if value is None else value[:-1] + ("0" if value[-1] != "0" else "1")


def cut_tail(session: Any, ref: str, upto: int) -> None:
    """Cut a history and make its case agree, as someone who knows the chain would."""
    case = session.scalars(select(Case).where(Case.ref == ref)).one()
    gone = select(Event.id).where(Event.case_id == case.id, Event.seq > upto)
    session.execute(delete(Record).where(Record.event_id.in_(gone)))
    session.execute(delete(Event).where(Event.case_id == case.id, Event.seq > upto))
    last = session.scalars(select(Event).where(Event.case_id == case.id, Event.seq == upto)).one()
    case.last_seq, case.head_hash, case.state = upto, last.hash, last.to_state
    session.flush()


def rewrite(session: Any, ref: str, seq: int, **changes: Any) -> None:
    """Change an event and hash everything after it anew, the case row included."""
    case = session.scalars(select(Case).where(Case.ref == ref)).one()
    link = genesis_hash(ref)
    events = session.execute(
        select(Event.__table__).where(Event.case_id == case.id).order_by(Event.seq)
    ).mappings()
    for row in events.all():
        fields = {**row, **(changes if row["seq"] == seq else {}), "previous_hash": link}
        fields["hash"] = link = event_hash(link, fields)
        session.execute(update(Event).where(Event.id == row["id"]).values(fields))
    case.head_hash = link
    session.flush()


def seal_anew(session: Any) -> None:
    """Make every seal fit what now stands there."""
    root = None
    for old in session.execute(select(Seal.__table__).order_by(Seal.sequence)).mappings().all():
        heads = []
        for head in session.scalars(
            select(SealHead).where(SealHead.sequence == old["sequence"]).order_by(SealHead.case_id)
        ).all():
            kept = session.scalars(
                select(Event)
                .where(Event.case_id == head.case_id, Event.seq <= head.seq)
                .order_by(Event.seq.desc())
                .limit(1)
            ).one()
            session.execute(
                update(SealHead)
                .where(SealHead.sequence == head.sequence, SealHead.case_id == head.case_id)
                .values(seq=kept.seq, hash=kept.hash)
            )
            heads.append(SealedHead(head.case_id, kept.seq, kept.hash))
        fields = {**old, "previous_root": root or old["previous_root"]}
        fields["root"] = root = seal_root(fields, heads)
        session.execute(update(Seal).where(Seal.sequence == old["sequence"]).values(fields))
