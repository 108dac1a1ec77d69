"""`python -m persistence.migrations "what changes"`: write the next step from what the models now say.

Compares the models with a fresh database at the last step. Read what it wrote, add triggers for a new
append-only table, append its number to `persistence.schema.HISTORY`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command

from persistence.engine import database_url, sqlite_engine
from persistence.schema import HISTORY, alembic_config, migrate


def write_next(message: str) -> None:
    """Write the file of the next step."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'sgo.db'}"
        if HISTORY:
            migrate(url)
        engine = sqlite_engine(database_url(url))
        with engine.begin() as connection:
            command.revision(
                alembic_config(connection),
                message=message,
                autogenerate=True,
                rev_id=f"{len(HISTORY) + 1:04d}",
            )
        engine.dispose()


if __name__ == "__main__":
    write_next(" ".join(sys.argv[1:]))
