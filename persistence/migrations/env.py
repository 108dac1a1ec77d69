"""What Alembic runs: our connection, our models, everything in one transaction.

There is no alembic.ini: `persistence.schema` hands the connection over.
"""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.autogenerate.render import _repr_type

from persistence.schema import models_of
from persistence.tables.base import Instant


def plain_types(kind: str, thing: Any, autogen_context: AutogenContext) -> str | Literal[False]:
    """A migration must outlive the class that a column has today: instants are written as what they are."""
    if kind == "type" and isinstance(thing, Instant):
        return str(_repr_type(sa.DateTime(timezone=True), autogen_context))
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=models_of(connection.dialect.name),
    transactional_ddl=True,  # also on SQLite, where our engine begins the transaction: all or nothing
    render_item=plain_types,
)
with context.begin_transaction():
    context.run_migrations()
