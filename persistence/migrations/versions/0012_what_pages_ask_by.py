"""Indexes for what a child's page and My work ask by, so that neither grows with the number of children."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _only_where("ix_sgo_case_merged_into", "sgo_case", "merged_into", "merged_into IS NOT NULL")
    _only_where("ix_meeting_of_many", "meeting", "held_on", "event_id IS NULL")
    op.create_index("ix_outbox_case_id", "outbox", ["case_id"], unique=False)


def _only_where(name: str, table: str, column: str, where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, [column], unique=False, sqlite_where=condition, postgresql_where=condition)


def downgrade() -> None:
    raise NotImplementedError("History is not taken back: restore the backup made before the upgrade.")
