"""Making the database, bringing it up to date, and knowing whether it is.

Alembic runs from here, with our connection and no file of its own. `HISTORY` is pinned in the code so that
every start can tell in one small read whether the database fits, without loading Alembic.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, MetaData, inspect, text
from sqlalchemy.engine import URL

from persistence.append_only import ACCESS_APPEND_ONLY, protect
from persistence.engine import (
    DatabaseError,
    database_url,
    default_access_url,
    postgres_engine,
    sqlite_engine,
    sqlite_files,
    sqlite_path,
)
from persistence.tables import AccessBase, Base

if TYPE_CHECKING:
    from alembic.config import Config

#: Every step of the case database, oldest first. A test holds this against the files.
HISTORY: tuple[str, ...] = (
    "0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011", "0012",
    "0013", "0014", "0015",
)  # fmt: skip
HEAD = HISTORY[-1]
#: The shape of the access log's own file (SQLite's user_version); on PostgreSQL it moves with the rest.
ACCESS_VERSION = 3

#: Two processes that migrate at once: the second waits. Any fixed number does.
_MIGRATION_LOCK = 7_405_901


class Standing(StrEnum):
    """How a database stands to this version of the code."""

    MISSING = "missing"  # no file, no server database, or nothing of ours in it
    BEHIND = "behind"
    CURRENT = "current"
    AHEAD = "ahead"  # made by a newer version
    FOREIGN = "foreign"  # a SQLite file with tables of another program
    LOST = "lost"  # no case database, but the access log of one


def models_of(dialect: str) -> list[MetaData]:
    """The tables the case database holds: on PostgreSQL the access log lives in it too (design 5.4)."""
    return [Base.metadata] if dialect == "sqlite" else [Base.metadata, AccessBase.metadata]


def migrate(url: str, *, access_url: str | None = None) -> None:
    """Create the database or bring it to HEAD, all or nothing, and the access log with it. Idempotent.

    Raises DatabaseError for a database made by a newer version.
    """
    address = database_url(url)
    if address.get_backend_name() == "sqlite":
        _create_file(sqlite_path(address))
    with _migrating(address) as connection:
        if _standing(connection) is Standing.AHEAD:
            raise DatabaseError(
                "This database was made by a newer version of the system: upgrade the programs."
            )
        _upgrade(connection)
    if address.get_backend_name() == "sqlite":
        _create_access_file(database_url(access_url) if access_url else default_access_url(address))


def schema_version(url: str) -> str | None:
    """The step the database is at; None where there is nothing of ours."""
    address = database_url(url)
    if address.get_backend_name() == "sqlite" and not sqlite_path(address).exists():
        return None
    engine = _engine(address)
    try:
        with engine.connect() as connection:
            return _version(connection)
    finally:
        engine.dispose()


def standing(url: str, *, access_url: str | None = None) -> Standing:
    """How the database stands to this version of the code, its access log included."""
    version = schema_version(url)
    address = database_url(url)
    if version is None:
        access = database_url(access_url) if access_url else None
        return _where_nothing_is(*sqlite_files(address, access))
    if version not in HISTORY:
        return Standing.AHEAD
    if version != HEAD:
        return Standing.BEHIND
    if address.get_backend_name() == "sqlite":
        return _access_standing(database_url(access_url) if access_url else default_access_url(address))
    return Standing.CURRENT


def needs_migration(url: str, *, access_url: str | None = None) -> bool:
    """Whether `migrate` has something to do: the database is missing, or behind the code."""
    return standing(url, access_url=access_url) in {Standing.MISSING, Standing.BEHIND}


def differences(connection: Connection) -> list[object]:
    """What the models and the migrated database do not agree on: nothing, unless a migration is missing."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    context = MigrationContext.configure(connection)
    models: Any = models_of(connection.dialect.name)  # Alembic takes a list, its annotation does not say so
    return list(compare_metadata(context, models))


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration in memory, for this connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


# -- inside -----------------------------------------------------------------------------------------------


def _engine(address: URL) -> Engine:
    # Foreign keys are off while a table is rebuilt, and checked as a whole before the commit.
    if address.get_backend_name() == "sqlite":
        return sqlite_engine(address, foreign_keys=False)
    return postgres_engine(address, pool_size=1)


@contextmanager
def _migrating(address: URL) -> Iterator[Connection]:
    engine = _engine(address)
    try:
        with engine.begin() as connection:  # on SQLite IMMEDIATE: a second migration waits here
            if address.get_backend_name() != "sqlite":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
            yield connection
            if address.get_backend_name() == "sqlite":
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise DatabaseError(f"The migration would leave {len(broken)} rows pointing at nothing.")
    finally:
        engine.dispose()


def _upgrade(connection: Connection) -> None:
    if _standing(connection) is Standing.CURRENT:
        return
    from alembic import command

    command.upgrade(alembic_config(connection), HEAD)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return version


def _standing(connection: Connection) -> Standing:
    version = _version(connection)
    if version is None:
        return Standing.MISSING
    if version == HEAD:
        return Standing.CURRENT
    return Standing.BEHIND if version in HISTORY else Standing.AHEAD


def _where_nothing_is(case_file: Path | None = None, access_file: Path | None = None) -> Standing:
    """No version of ours: nothing was ever here, or something that must not be written over."""
    if case_file is not None and case_file.exists() and case_file.stat().st_size:
        engine = _engine(database_url(f"sqlite:///{case_file}"))
        try:
            if inspect(engine).get_table_names():
                return Standing.FOREIGN
        finally:
            engine.dispose()
    if access_file is not None and access_file.exists() and access_file.stat().st_size:
        return Standing.LOST
    return Standing.MISSING


def _access_standing(address: URL) -> Standing:
    if not sqlite_path(address).exists():
        return Standing.BEHIND
    engine = _engine(address)
    try:
        with engine.connect() as connection:
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    finally:
        engine.dispose()
    if version == ACCESS_VERSION:
        return Standing.CURRENT
    return Standing.AHEAD if version > ACCESS_VERSION else Standing.BEHIND


def _create_access_file(address: URL) -> None:
    """The access log's own file. A change of its shape adds a step here beside ACCESS_VERSION."""
    _create_file(sqlite_path(address))
    engine = _engine(address)
    try:
        with engine.begin() as connection:
            there = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            if there < ACCESS_VERSION:
                AccessBase.metadata.create_all(connection)  # version 2 brought the sign-ins, 3 what was taken out
                for index in AccessBase.metadata.tables["access"].indexes:
                    index.create(connection, checkfirst=True)
                new = ACCESS_APPEND_ONLY if there == 0 else ("taken_out",)
                for statement in protect(new, "sqlite"):
                    connection.exec_driver_sql(statement)
            connection.exec_driver_sql(f"PRAGMA user_version = {ACCESS_VERSION}")
    finally:
        engine.dispose()


def _create_file(path: Path) -> None:
    """An empty file that only its owner can read; SQLite gives its log files the same rights."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
