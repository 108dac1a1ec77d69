"""The engines of the case database, and the two kinds of unit of work: writing and reading.

Locks, not luck (design 5.2, reliability A.3). On SQLite a writing unit is `BEGIN IMMEDIATE`, so that two
people never read the same row and both decide; a reading unit goes through a second engine that cannot
write and never waits for the writer. On PostgreSQL the case row is locked first. Parameters never reach
a log or a traceback (`hide_parameters`, reliability E.2).
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic_core import from_json  # a history's records are read several times faster with it
from sqlalchemy import Connection, Engine, bindparam, create_engine, event, select, text
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from persistence.tables import Case
from persistence.waiting import BUSY_SECONDS

T = TypeVar("T")

#: How often a whole use case is run before the person is told (reliability A.3 v).
TRIES = 5
#: No new try begins after this long: nobody waits minutes for a click.
PATIENCE_SECONDS = 30.0

#: Serialisation failure, deadlock, lock not available within the time-out.
_TRY_AGAIN = frozenset({"40001", "40P01", "55P03"})
_SQLITE_BUSY, _SQLITE_LOCKED = 5, 6
#: How many rows of an index are looked at to see how they are spread.
_SAMPLE = 1000
_AT_ONCE = 500


class DatabaseError(Exception):
    """The database cannot be used as asked, in words for the person who runs it."""


class DatabaseMissing(DatabaseError):
    """There is no database at that address."""


class DatabaseBusy(DatabaseError):
    """Somebody else held what was needed for too long. Nothing was done; it can be tried again."""


class TransactionLost(DatabaseError):
    """The database gave the transaction up before the commit: nothing of it is kept (reliability R29)."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint moved from the write-ahead log into the database file, in frames."""

    frames: int
    moved: int

    @property
    def complete(self) -> bool:
        """Whether everything in the log had been moved."""
        return self.frames == self.moved


class Database:
    """The case database and the access log beside it.

    On SQLite the access log is a file of its own, `access_url`, by default `access.db` in the same folder;
    on PostgreSQL it is a table of the same database, reached over connections of its own.
    """

    def __init__(
        self,
        *,
        url: URL,
        access_url: URL,
        writing: Engine,
        reading: Engine,
        access: Engine,
        reading_access: Engine,
        checkpoints: bool,
    ) -> None:
        self.url = url
        self.access_url = access_url
        self.checkpoints = checkpoints
        self._writing = writing
        self._reading = reading
        self._access = access
        self._reading_access = reading_access

    @classmethod
    def open(
        cls,
        url: str,
        *,
        access_url: str | None = None,
        checkpoints: bool = False,
        busy_seconds: float = BUSY_SECONDS,
    ) -> Database:
        """Open an existing database. `checkpoints`: this process is the one that may call `checkpoint`.

        Raises DatabaseMissing for a SQLite file that is not there: opening never creates one.
        """
        address = database_url(url)
        access = database_url(access_url) if access_url else default_access_url(address)
        if address.get_backend_name() == "sqlite":
            if not sqlite_path(address).exists():
                raise DatabaseMissing(f"There is no database file {sqlite_path(address)}.")
            writing = sqlite_engine(address, busy_seconds=busy_seconds)
            reading = sqlite_engine(address, busy_seconds=busy_seconds, writes=False)
            log = sqlite_engine(access, busy_seconds=busy_seconds)
            reading_log = sqlite_engine(access, busy_seconds=busy_seconds, writes=False)
        else:
            writing = postgres_engine(address, busy_seconds=busy_seconds)
            # One snapshot for the whole unit, as on SQLite; a read-only one never fails to serialise.
            reading = writing.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            # Its own pool: a thread inside a unit may log a read without waiting for itself.
            log = postgres_engine(access, busy_seconds=busy_seconds, pool_size=2)
            reading_log = log.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        return cls(
            url=address,
            access_url=access,
            writing=writing,
            reading=reading,
            access=log,
            reading_access=reading_log,
            checkpoints=checkpoints,
        )

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.url.get_backend_name()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A unit that commits at its end, or leaves nothing. Raises DatabaseBusy after too long a wait."""
        with _busy_in_words(), Session(self._writing, expire_on_commit=False) as session, session.begin():
            session.connection()  # takes SQLite's write lock here, before anything is read
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A unit that sees one moment of the database, cannot write, and waits for no writer."""
        with _busy_in_words(), Session(self._reading, expire_on_commit=False, autoflush=False) as session:
            yield session
            _end_reading(session)

    @contextmanager
    def access(self) -> Iterator[Session]:
        """A short writing unit on the access log (design 5.4); commits at its end."""
        self._access_log_is_there()
        with _busy_in_words(), Session(self._access, expire_on_commit=False) as session, session.begin():
            session.connection()
            yield session

    @contextmanager
    def reading_access(self) -> Iterator[Session]:
        """A unit that reads one moment of the access log and cannot write."""
        self._access_log_is_there()
        with _busy_in_words(), Session(self._reading_access, expire_on_commit=False, autoflush=False) as session:
            yield session
            _end_reading(session)

    def checkpoint(self) -> Checkpoint | None:
        """Move the write-ahead logs into their files. Only the worker does this (design 5.2); SQLite only.

        The write lock is held meanwhile: SQLite before 3.51.3 can lose data when one connection checkpoints
        in the instant another starts the log afresh (reliability 0.1.9), and under the lock nobody can.
        Answers what was moved of the case database's log; None on PostgreSQL.
        """
        if self.dialect != "sqlite":
            return None
        if not self.checkpoints:
            raise DatabaseError("Only the worker moves the write-ahead log.")
        _checkpoint(self._access)
        return _checkpoint(self._writing)

    def take_stock(self) -> None:
        """Let the database see how its rows are spread, from a sample: without it, it guesses at which index to use.

        Some hundredths of a second. On SQLite only: PostgreSQL sees to it by itself. Raises DatabaseBusy.
        """
        if self.dialect != "sqlite":
            return
        with _busy_in_words(), self._writing.begin() as connection:
            connection.execute(text(f"PRAGMA analysis_limit = {_SAMPLE}"))
            connection.execute(text("ANALYZE"))

    def dispose(self) -> None:
        """Close every connection."""
        for engine in (self._reading, self._writing, self._reading_access, self._access):
            engine.dispose()

    def _access_log_is_there(self) -> None:
        if self.dialect == "sqlite" and not sqlite_path(self.access_url).exists():
            raise DatabaseMissing(f"There is no access log {sqlite_path(self.access_url)}.")


def _end_reading(session: Session) -> None:
    """End a unit that has only read by a commit: after a rollback PostgreSQL's driver forgets what it has prepared."""
    session.expunge_all()  # nothing in it is written
    session.commit()


# -- the two databases ------------------------------------------------------------------------------------


def database_url(url: str | URL) -> URL:
    """The address as SQLAlchemy wants it: `postgres://` and `postgresql://` mean psycopg; SQLite is a file.

    Raises DatabaseError for any other kind of database, and for SQLite in memory, which no second
    connection could see.
    """
    address = make_url(url)
    if address.drivername in {"postgres", "postgresql"}:
        address = address.set(drivername="postgresql+psycopg")
    if address.drivername not in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
        raise DatabaseError(
            f"A database of the kind {address.drivername} is not supported: use sqlite:/// or postgresql://."
        )
    if address.get_backend_name() == "sqlite" and address.database in {None, "", ":memory:"}:
        raise DatabaseError("SQLite needs a file: sqlite:////folder/sgo.db.")
    return address


def sqlite_path(url: URL) -> Path:
    """The file of a SQLite address."""
    return Path(url.database or "")


def default_access_url(url: URL) -> URL:
    """Where the access log is when nobody says: `access.db` beside a SQLite file, else the same database."""
    if url.get_backend_name() != "sqlite":
        return url
    return url.set(database=str(sqlite_path(url).with_name("access.db")))


def sqlite_files(url: URL, access_url: URL | None = None) -> tuple[Path, ...]:
    """The files of the case database and of the access log; none on PostgreSQL."""
    if url.get_backend_name() != "sqlite":
        return ()
    return sqlite_path(url), sqlite_path(access_url or default_access_url(url))


def sqlite_engine(
    url: URL, *, busy_seconds: float = BUSY_SECONDS, writes: bool = True, foreign_keys: bool = True
) -> Engine:
    """A SQLite engine whose transactions begin when we say so: IMMEDIATE to write, deferred to read."""
    engine = create_engine(
        url, hide_parameters=True, json_deserializer=from_json, connect_args={"timeout": busy_seconds}
    )

    def connected(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself (reliability 0.1.1)
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",  # an acknowledged commit survives a power cut (reliability R2)
            f"foreign_keys = {'ON' if foreign_keys else 'OFF'}",
            "recursive_triggers = ON",  # or INSERT OR REPLACE would delete past the append-only triggers
            "wal_autocheckpoint = 0",  # see Database.checkpoint
            "cache_size = -8192",
            "temp_store = MEMORY",  # no temporary file with a child's data in it
            *(() if writes else ("query_only = ON",)),
        ):
            connection.execute(f"PRAGMA {pragma}")

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begin)
    if writes:
        event.listen(engine, "commit", _still_in_transaction)
    return engine


def postgres_engine(url: URL, *, busy_seconds: float = BUSY_SECONDS, pool_size: int = 10) -> Engine:
    """A PostgreSQL engine: READ COMMITTED, where the row lock decides (reliability 0.1.2)."""
    engine = create_engine(
        url,
        hide_parameters=True,
        json_deserializer=from_json,
        isolation_level="READ COMMITTED",
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
    )

    def connected(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {int(busy_seconds * 1000)}")
            cursor.execute("SELECT current_setting('synchronous_commit')")
            if cursor.fetchone()[0] == "off":  # acknowledged means durable (reliability R2)
                cursor.execute("SET synchronous_commit = on")
        connection.commit()

    event.listen(engine, "connect", connected)
    event.listen(engine, "handle_error", _without_values)
    return engine


def _without_values(context: ExceptionContext) -> None:
    """PostgreSQL's errors quote the row that failed; that line goes no further (reliability E.2)."""
    said = getattr(getattr(context.original_exception, "diag", None), "message_primary", None)
    if said:
        context.original_exception.args = (said,)
        if context.sqlalchemy_exception is not None:
            context.sqlalchemy_exception.args = (f"({type(context.original_exception).__name__}) {said}",)


def _still_in_transaction(connection: Connection) -> None:
    """SQLite gives a transaction up by itself on a full disk or an I/O error; the driver's commit would
    then succeed and mean nothing (reliability R29, T8)."""
    driver: Any = connection.connection.dbapi_connection
    if not driver.in_transaction:
        raise TransactionLost("The database gave the change up before it was complete; nothing was kept.")


def _checkpoint(engine: Engine) -> Checkpoint:
    with engine.connect() as holder, holder.begin():
        raw = engine.raw_connection()
        try:
            _busy, frames, moved = raw.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        finally:
            raw.close()
    return Checkpoint(frames=max(frames, 0), moved=max(moved, 0))


# -- waiting and trying again -----------------------------------------------------------------------------


def is_busy(error: DBAPIError) -> bool:
    """Whether the error says "not now": SQLITE_BUSY, a deadlock, a lock or serialisation failure."""
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        # The low byte is the primary code; SQLITE_BUSY_SNAPSHOT and its kin share it.
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in {_SQLITE_BUSY, _SQLITE_LOCKED}
    return getattr(cause, "sqlstate", None) in _TRY_AGAIN


@contextmanager
def _busy_in_words() -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:  # every connection of this process is in use
        raise DatabaseBusy("The database is busy with other work.") from error
    except DBAPIError as error:
        if is_busy(error):
            raise DatabaseBusy("The database is busy with other work.") from error
        raise


def retrying(use_case: Callable[[], T]) -> T:
    """Run a whole use case, its unit of work included, until it is not busy (reliability A.3 v).

    At most TRIES times with growing, random pauses, and no new try after PATIENCE_SECONDS. Never half a use
    case: `use_case` must open its own unit. Raises DatabaseBusy when it never came through.
    """
    started = time.monotonic()
    for attempt in range(1, TRIES + 1):
        try:
            return use_case()
        except DatabaseBusy:
            if attempt == TRIES or time.monotonic() - started > PATIENCE_SECONDS:
                raise
            time.sleep(random.uniform(0.01, 0.05) * 2**attempt)
    raise AssertionError("unreachable")


# -- locks ------------------------------------------------------------------------------------------------


_LOCKED = (
    select(Case)
    .where(Case.ref == bindparam("ref"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def lock_case(session: Session, ref: str) -> Case | None:
    """The case row as it is now, held until the unit ends; None if there is no such reference.

    FOR UPDATE on PostgreSQL; on SQLite the writing unit already holds the one write lock.
    """
    return session.scalars(_LOCKED, {"ref": ref}).one_or_none()


def lock_cases_in_order(session: Session, ids: Collection[int]) -> list[Case]:
    """Several case rows, locked by ascending id so that two bulk acts cannot deadlock (design 5.1)."""
    wanted = sorted(set(ids))
    found: list[Case] = []
    for start in range(0, len(wanted), _AT_ONCE):
        found += session.scalars(
            select(Case)
            .where(Case.id.in_(wanted[start : start + _AT_ONCE]))
            .order_by(Case.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    return found
