"""PostgreSQL's own programs for backup and restore. Passwords go by environment, never on a command line."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from casework.errors import Unusable
from casework.settings import Settings
from persistence.engine import database_url


def dump(settings: Settings, file: Path, *, snapshot: str) -> None:
    """Dump the database as the exported snapshot sees it. Raises Unusable, in words."""
    _run(
        settings,
        "pg_dump",
        ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={file}"],
    )
    file.chmod(0o600)


def load(settings: Settings, file: Path) -> None:
    """Load a dump into the empty database, all or nothing. Raises Unusable, in words."""
    _run(
        settings,
        "pg_restore",
        ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", str(file)],
    )


def _run(settings: Settings, name: str, options: list[str]) -> None:
    program = shutil.which(name, path=None if settings.pg_bin is None else str(settings.pg_bin))
    if program is None:
        raise Unusable(
            f"{name} is not on this machine: install PostgreSQL's client programs, "
            "or say in the settings where they are (pg_bin)."
        )
    address = database_url(settings.database_address)
    environment = {**os.environ, "PGCONNECT_TIMEOUT": "10"}
    if address.password is not None:
        environment["PGPASSWORD"] = str(address.password)
    target = address.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    done = subprocess.run(
        [program, f"--dbname={target}", *options],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        # Its first line says what is wrong (another version, no connection) and quotes no row.
        said = done.stderr.strip().splitlines()[:1] or ["it did not say why"]
        raise Unusable(f"{name} did not succeed: {said[0]}")
