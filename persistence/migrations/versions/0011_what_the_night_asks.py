"""Indexes for what the night asks of every child: a record of a kind, and what replaces or takes back another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index(op.f("ix_record_case_id"), table_name="record")
    op.create_index(op.f("ix_record_case_id_kind"), "record", ["case_id", "kind"], unique=False)
    _of_the_few("ix_record_supersedes", "record", "supersedes")
    _of_the_few("ix_event_about_event", "event", "about_event")


def downgrade() -> None:
    raise NotImplementedError("History is not taken back: restore the backup made before the upgrade.")


def _of_the_few(name: str, table: str, column: str) -> None:
    """An index of the rows in which a column says something: most say nothing."""
    says_something = sa.text(f"{column} IS NOT NULL")
    op.create_index(
        name, table, [column], unique=False, sqlite_where=says_something, postgresql_where=says_something
    )
