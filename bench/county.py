"""A hundred thousand cases: the invented county, told once by acts, and then multiplied row by row.

What is multiplied are whole cases with everything that hangs on them, each with a reference, ids and a chain of
hashes of its own, so that `sgo audit verify` accepts every one. Other benchmarks call `multiply` on whatever cases
their database holds; `python -m bench county --children 100000` says what it costs.
"""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text

from bench.databases import fresh_sqlite
from casework.settings import Settings
from casework.straight import table_of
from casework.units import Office, open_office
from demo.county import build_county
from demo.population import COUNTY
from demo.run import POLICY, policy_text
from persistence.audit import EVENT_FIELDS, RECORD_FIELDS, canonical_json, genesis_hash, hash_of
from persistence.tables import (
    AgendaItem,
    Allocation,
    BarrierSeen,
    Base,
    Case,
    Child,
    Confirmation,
    Contact,
    Deadline,
    Event,
    Finding,
    Flag,
    LoopStay,
    Meeting,
    Milestone,
    Pause,
    Record,
    Rung,
    SiblingLink,
    Visit,
    new_id,
    new_ref,
)
from persistence.verification import verify

#: What hangs on a case, parents first.
OF_A_CASE: tuple[type[Base], ...] = (
    Child, Event, Record, Confirmation, Flag, Allocation, Contact, AgendaItem, Deadline, Pause, Milestone, BarrierSeen,
    LoopStay, Visit, Finding,
)  # fmt: skip
AT_ONCE = 500
_MOVED_AFTER = 5_000
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
_ID = re.compile(r"([0-9a-f]{64}|[0-9a-f]{32}|SG-[0-9A-Z]{8}|MT-[0-9A-Z]{8})")
_CASE_ID = "the case's id"


@dataclass(frozen=True, slots=True)
class _Text:
    """A row's canonical text in pieces: what is made anew for each copy, and what is not."""

    pieces: tuple[str, ...]

    @classmethod
    def of(cls, row: Mapping[str, Any], fields: Sequence[str]) -> _Text:
        kept = {name: row[name] for name in fields if row[name] is not None}
        text = canonical_json(kept)
        before, after = text.split(f'"case_id":{row["case_id"]},', 1)
        return cls((*_ID.split(before), '"case_id":', _CASE_ID, ",", *_ID.split(after)))

    def filled(self, new: Mapping[str, str]) -> str:
        """The text of a copy."""
        return "".join([new.get(piece, piece) for piece in self.pieces])


@dataclass(slots=True)
class _Row:
    """One row of a case, and which of its columns are made anew."""

    values: dict[str, Any]
    anew: tuple[str, ...]
    text: _Text | None = None
    told: bool = False  # its record names something that is made anew


@dataclass(slots=True)
class _Whole:
    """A case with everything that hangs on it, and every id and reference that is its own."""

    case: dict[str, Any]
    rows: dict[str, list[_Row]] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)  # → prefix of the reference, or nothing for an id


def multiply(office: Office, children: int) -> int:
    """Copy the cases of a database, one after the other, until there are so many; how many were added.

    Children that are linked to another, restricted, or with requests for money are not copied. SQLite and PostgreSQL.
    """
    with office.database.writing() as session:
        connection = session.connection()
        there = session.scalar(select(func.count()).where(Case.child_case_id.is_(None))) or 0
        wholes = list(_wholes(connection))
        last = session.scalar(select(func.max(Case.id))) or 0
    added = max(children - there, 0)
    for start in range(0, added, AT_ONCE):
        with office.database.writing() as session:
            batch: dict[str, list[dict[str, Any]]] = {}
            for number in range(start, min(start + AT_ONCE, added)):
                _copy(wholes[number % len(wholes)], last + number + 1, batch)
            for table in (table_of(Case), *map(table_of, (*OF_A_CASE[:3], Meeting, *OF_A_CASE[3:], Rung))):
                if batch.get(table.name):
                    session.connection().execute(insert(table), batch[table.name])
        if office.database.checkpoints and start % _MOVED_AFTER == 0:
            office.database.checkpoint()  # or the log grows to many times the database, and is read through each time
    with office.database.writing() as session:
        if session.get_bind().dialect.name == "postgresql":
            newest = "(SELECT max(id) FROM sgo_case)"
            session.execute(text(f"SELECT setval(pg_get_serial_sequence('sgo_case', 'id'), {newest})"))
    return added


def _wholes(connection: Connection) -> Iterator[_Whole]:
    links = table_of(SiblingLink)
    linked = set(connection.scalars(select(links.c.case_id)))
    case = table_of(Case)
    linked |= set(connection.scalars(select(case.c.child_case_id).where(case.c.child_case_id.is_not(None))))
    wholes = {
        row["id"]: _Whole(case=dict(row))
        for row in connection.execute(select(case).where(case.c.restricted.is_(False))).mappings()
        if row["id"] not in linked and row["child_case_id"] is None
    }
    for mapped in OF_A_CASE:
        table = table_of(mapped)
        order = [table.c.case_id, *([table.c.seq] if "seq" in table.c else [])]
        for row in connection.execute(select(table).order_by(*order)).mappings():
            if row["case_id"] in wholes:
                _belongs(wholes[row["case_id"]], table, dict(row))
    events = {row.values["id"]: one for one in wholes.values() for row in one.rows["event"]}
    for row in connection.execute(select(table_of(Meeting))).mappings():
        if row["event_id"] in events:
            _belongs(events[row["event_id"]], table_of(Meeting), dict(row))
    due = {row.values["id"]: one for one in wholes.values() for row in one.rows.get("deadline", ())}
    for row in connection.execute(select(table_of(Rung))).mappings():
        if row["deadline_id"] in due:
            _belongs(due[row["deadline_id"]], table_of(Rung), dict(row))
    for one in wholes.values():
        one.own[one.case["ref"]] = "SG"
        _prepare(one)
        yield one


def _belongs(whole: _Whole, table: Table, row: dict[str, Any]) -> None:
    whole.rows.setdefault(table.name, []).append(_Row(row, ()))
    if "id" in row:
        whole.own[row["id"]] = ""
    if table.name == "meeting":
        whole.own[row["ref"]] = "MT"


def _prepare(whole: _Whole) -> None:
    """Find in each row what is made anew, once for all copies."""
    for name, rows in whole.rows.items():
        for row in rows:
            row.anew = tuple(c for c, value in row.values.items() if isinstance(value, str) and value in whole.own)
            if name == "event":
                row.text = _Text.of(row.values, EVENT_FIELDS)
            elif name == "record":
                row.text = _Text.of(row.values, RECORD_FIELDS)
                row.told = any(one in whole.own for one in _ID.findall(json.dumps(row.values["data"])))


def _copy(whole: _Whole, case_id: int, batch: dict[str, list[dict[str, Any]]]) -> None:
    """The rows of one more case like this one."""
    new = {old: new_ref(prefix) if prefix else new_id() for old, prefix in whole.own.items()}
    new[_CASE_ID] = str(case_id)
    ref = new[whole.case["ref"]]
    for name, rows in whole.rows.items():
        if name not in ("event", "record"):
            batch.setdefault(name, []).extend(_anew(row, new, case_id) for row in rows)
    batch["child"][-1]["council_id"] = f"9{case_id}"
    for row in whole.rows.get("record", ()):
        assert row.text is not None
        digest = hash_of("record", "", row.text.filled(new))
        new[row.values["content_hash"]] = digest
        record = _anew(row, new, case_id)
        record["content_hash"] = digest
        if row.told:
            record["data"] = json.loads(_filled(json.dumps(row.values["data"]), new))
        batch.setdefault("record", []).append(record)
    head = genesis_hash(ref)
    events = whole.rows["event"]
    new[events[0].values["previous_hash"]] = head
    for row in events:
        assert row.text is not None
        digest = hash_of("event", head, row.text.filled(new))
        event = _anew(row, new, case_id)
        event["previous_hash"], event["hash"] = head, digest
        if event["record_hash"] is not None:
            event["record_hash"] = new[event["record_hash"]]
        new[row.values["hash"]] = head = digest
        batch.setdefault("event", []).append(event)
    batch.setdefault("sgo_case", []).append(
        {
            **whole.case,
            "id": case_id,
            "ref": ref,
            "head_hash": head,
            "state_event_id": new[whole.case["state_event_id"]],
        }
    )


def _anew(row: _Row, new: Mapping[str, str], case_id: int) -> dict[str, Any]:
    values = {**row.values, **{column: new[row.values[column]] for column in row.anew}}
    if "case_id" in values:
        values["case_id"] = case_id
    return values


def _filled(text: str, new: Mapping[str, str]) -> str:
    return "".join([new.get(piece, piece) for piece in _ID.split(text)])


def run(*, quick: bool, children: int = 100_000) -> dict[str, Any]:
    """Build so many cases on SQLite, and check every chain; the figures."""
    wanted = min(2_000, children) if quick else children
    with tempfile.TemporaryDirectory(prefix="sgo-county-") as folder:
        home = Path(folder)
        settings = Settings(home=home, database_url=fresh_sqlite(home / "database"))
        with open_office(settings, checkpoints=True) as office:
            began = time.perf_counter()
            told = 120 if quick else COUNTY
            build_county(office, policy_text(), policy_name=POLICY, now=NOW, children=told)
            by_acts = time.perf_counter()
            added = multiply(office, wanted)
            done = time.perf_counter()
            with office.database.reading() as session:
                proof = verify(session)
            return {
                "children": proof.cases,
                "events": proof.events,
                "told_by_acts_seconds": round(by_acts - began, 1),
                "multiplied": added,
                "multiplied_seconds": round(done - by_acts, 1),
                "cases_a_second": round(added / (done - by_acts)),
                "verified": proof.ok,
                "first_bad": proof.first_bad,
                "verified_seconds": round(time.perf_counter() - done, 1),
            }
