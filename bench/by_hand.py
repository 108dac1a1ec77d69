"""The yardstick of `bench transition`: the rows of an act, written by hand-written SQL through the bare driver.

`ByHand.write` locks the case, inserts and updates what the act inserted and updated on the child's twin, and
commits: one transaction, prepared statements, rows made ready before the clock starts. It judges nothing.
`ByHand.read_and_write` also reads what an act must look at before it may write: who the person is, the history,
the policy, the open deadlines, whom to tell.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from persistence.tables import new_id

Row = dict[str, Any]

#: What an act inserts, and how its rows are found by the event.
_INSERTED = {
    "event": "SELECT * FROM event WHERE id = ?",
    "record": "SELECT * FROM record WHERE event_id = ?",
    "deadline": "SELECT * FROM deadline WHERE opened_by_event = ?",
    "follow_up": "SELECT * FROM follow_up WHERE about = ?",
    "outbox": "SELECT * FROM outbox WHERE event_id = ?",
}
_COUNTED = ("event", "record", "deadline", "milestone", "outbox")
_CASE = ("state", "version", "state_since", "state_event_id", "last_seq", "last_event_on", "head_hash")
_CHILD = ("last_review_on", "next_review_on")


class Driver(Protocol):
    """The few calls both drivers share. Statements are written with `?`."""

    def begin(self) -> None:
        """Begin a writing transaction."""

    def run(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """Run one statement and fetch what it answers."""

    def run_many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for several rows."""

    def commit(self) -> None:
        """Commit."""

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        """Rows with their column names, outside the clock."""


class SqliteDriver:
    """The standard library's driver, set as the system sets it."""

    lock = ""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "wal_autocheckpoint = 0"):
            self._connection.execute(f"PRAGMA {pragma}")

    def begin(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def run(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        return self._connection.execute(statement, values).fetchall()

    def run_many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        self._connection.executemany(statement, rows)

    def commit(self) -> None:
        self._connection.execute("COMMIT")

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        cursor = self._connection.execute(statement, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


class PostgresDriver:
    """psycopg with every statement prepared on the server from its first use."""

    lock = " FOR UPDATE"

    def __init__(self, address: str) -> None:
        import psycopg
        from psycopg.types.json import Json

        self._json = Json
        self._connection = psycopg.connect(address, prepare_threshold=0)
        self._cursor = self._connection.cursor()
        self._written: dict[str, str] = {}

    def begin(self) -> None:
        """psycopg begins with the first statement."""

    def run(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        cursor = self._cursor.execute(self._ours(statement), values)
        return cursor.fetchall() if cursor.description else []

    def run_many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        self._cursor.executemany(self._ours(statement), rows)

    def commit(self) -> None:
        self._connection.commit()

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        cursor = self._connection.execute(self._ours(statement), values)
        assert cursor.description is not None
        names = [column.name for column in cursor.description]
        found = [
            {name: self._json(v) if isinstance(v, dict | list) else v for name, v in zip(names, row, strict=True)}
            for row in cursor
        ]
        self._connection.commit()
        return found

    def _ours(self, statement: str) -> str:
        if statement not in self._written:
            self._written[statement] = statement.replace("?", "%s")
        return self._written[statement]


@dataclass(frozen=True, slots=True)
class Written:
    """What one act wrote, made over to the child's twin."""

    case_id: int
    version: int
    inserts: list[tuple[str, list[tuple[Any, ...]]]]
    case: tuple[Any, ...]
    child: tuple[Any, ...]
    closed: list[tuple[Any, ...]]
    milestones: list[tuple[Any, ...]]
    actor: str


class ByHand:
    """Writes what acts wrote, without them."""

    def __init__(self, driver: SqliteDriver | PostgresDriver) -> None:
        self._driver = driver

    # -- before the clock ---------------------------------------------------------------------------------

    def made_over(self, event: str, twin: str) -> Written:
        """The rows of the act that left this event, with new ids, for the twin's case."""
        rows = self._driver.rows
        original = rows("SELECT * FROM sgo_case WHERE id = (SELECT case_id FROM event WHERE id = ?)", [event])[0]
        case = rows("SELECT * FROM sgo_case WHERE ref = ?", [twin])[0]
        fresh = {event: new_id(), original["id"]: case["id"]}
        inserts = []
        for table, query in _INSERTED.items():
            found = rows(query, [event])
            for row in found:
                fresh.setdefault(row["id"], new_id())
            over = [self._over(row, fresh, original["id"]) for row in found]
            if over:
                names = ", ".join(over[0])
                marks = ", ".join("?" * len(over[0]))
                inserts.append(
                    (f"INSERT INTO {table} ({names}) VALUES ({marks})", [tuple(row.values()) for row in over])
                )
        closed = rows("SELECT * FROM deadline WHERE closed_by_event = ?", [event])
        done = rows(
            "SELECT name, done_on FROM milestone m WHERE case_id = ? AND done_on IS NOT NULL AND NOT EXISTS "
            "(SELECT 1 FROM milestone t WHERE t.case_id = ? AND t.name = m.name AND t.done_on IS NOT NULL)",
            [original["id"], case["id"]],
        )
        child = rows("SELECT * FROM child WHERE case_id = ?", [original["id"]])[0]
        actor = rows("SELECT recorded_by FROM event WHERE id = ?", [event])[0]["recorded_by"]
        return Written(
            case_id=case["id"],
            version=case["version"],
            inserts=inserts,
            case=tuple(fresh.get(original[name], original[name]) for name in _CASE),
            child=tuple(child[name] for name in _CHILD),
            closed=[(fresh[event], d["closed_as"], d["closed_on"], case["id"], d["name"]) for d in closed],
            milestones=[(m["done_on"], case["id"], m["name"]) for m in done],
            actor=actor,
        )

    @staticmethod
    def _over(row: Row, fresh: dict[Any, Any], case_id: int) -> Row:
        over = {}
        for name, value in row.items():
            if name == "case_id":
                over[name] = fresh[case_id]
            elif name == "occasion":
                kind, _, about = value.partition(":")
                over[name] = f"{kind}:{fresh.get(about, about)}"
            elif isinstance(value, str):
                over[name] = fresh.get(value, value)
            else:
                over[name] = value
        return over

    def twins(self, one: str, other: str) -> bool:
        """Whether two children have as many rows of every kind and stand at the same place."""

        def standing(ref: str) -> list[Any]:
            case = self._driver.rows(f"SELECT id, {', '.join(_CASE[:3])} FROM sgo_case WHERE ref = ?", [ref])[0]
            counts = [
                self._driver.rows(f"SELECT count(*) AS n FROM {table} WHERE case_id = ?", [case["id"]])[0]["n"]
                for table in _COUNTED
            ]
            still_open = "SELECT count(*) AS n FROM deadline WHERE case_id = ? AND closed_as IS NULL"
            done = "SELECT count(*) AS n FROM milestone WHERE case_id = ? AND done_on IS NOT NULL"
            more = [self._driver.rows(query, [case["id"]])[0]["n"] for query in (still_open, done)]
            return [case[name] for name in _CASE[:3]] + counts + more

        return standing(one) == standing(other)

    # -- under the clock ----------------------------------------------------------------------------------

    def write(self, written: Written) -> None:
        """Lock the case, write the rows, commit."""
        self._driver.begin()
        self._lock(written)
        self._write(written)

    def read_and_write(self, written: Written) -> None:
        """The same, and look first at everything an act looks at."""
        self._driver.begin()
        self._lock(written)
        self._read(written)
        self._write(written)

    def _lock(self, written: Written) -> None:
        statement = f"SELECT * FROM sgo_case WHERE id = ?{self._driver.lock}"
        found = self._driver.run(statement, [written.case_id])
        assert len(found) == 1

    def _write(self, written: Written) -> None:
        driver = self._driver
        for statement, rows in written.inserts:
            if len(rows) == 1:
                driver.run(statement, rows[0])
            else:
                driver.run_many(statement, rows)
        if written.closed:
            driver.run_many(
                "UPDATE deadline SET closed_by_event = ?, closed_as = ?, closed_on = ? "
                "WHERE case_id = ? AND name = ? AND closed_as IS NULL",
                written.closed,
            )
        if written.milestones:
            driver.run_many("UPDATE milestone SET done_on = ? WHERE case_id = ? AND name = ?", written.milestones)
        if any(written.child):
            driver.run(
                "UPDATE child SET last_review_on = ?, next_review_on = ? WHERE case_id = ?",
                [*written.child, written.case_id],
            )
        driver.run(
            "UPDATE sgo_case SET state = ?, version = ?, state_since = ?, state_event_id = ?, last_seq = ?, "
            "last_event_on = ?, head_hash = ? WHERE id = ? AND version = ?",
            [*written.case, written.case_id, written.version],
        )
        driver.commit()

    def _read(self, written: Written) -> None:
        run = self._driver.run
        case_id, who = written.case_id, written.actor
        run("SELECT enabled FROM person WHERE id = ?", [who])
        run("SELECT absent_id FROM cover WHERE covering_id = ? AND ended_at IS NULL", [who])
        run("SELECT role, team_id, service, from_on, until_on FROM role_grant WHERE person_id = ?", [who])
        run("SELECT role, person_id, from_on, until_on FROM allocation WHERE case_id = ?", [case_id])
        run("SELECT * FROM child WHERE case_id = ?", [case_id])
        run(
            "SELECT e.*, r.kind, r.data, r.happened_on FROM event e LEFT JOIN record r ON r.event_id = e.id "
            "WHERE e.case_id = ? ORDER BY e.seq",
            [case_id],
        )
        run("SELECT event_id, status FROM confirmation WHERE case_id = ?", [case_id])
        run("SELECT sequence, sha256 FROM policy_version ORDER BY from_on DESC LIMIT 1")
        run("SELECT 1 FROM sibling_link WHERE (case_id = ? OR sibling_id = ?) LIMIT 1", [case_id, case_id])
        run("SELECT * FROM deadline WHERE case_id = ? AND closed_as IS NULL", [case_id])
        run("SELECT from_on, until_on FROM pause WHERE case_id = ?", [case_id])
        run("SELECT * FROM agenda_item WHERE case_id = ? AND status = 'listed'", [case_id])
        run(
            "SELECT g.role, g.team_id, p.id FROM role_grant g JOIN person p ON p.id = g.person_id WHERE p.enabled "
            "AND g.role IN (?, ?, ?)",
            ["Team Manager", "KDD chair", "SGO team"],
        )
