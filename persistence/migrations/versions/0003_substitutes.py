"""At a meeting a substitute may speak for a service: in whose place is written down."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("attendance") as table:
        table.add_column(sa.Column("substitute_for", sa.String(length=32), nullable=True))
        table.create_foreign_key(op.f("fk_attendance_substitute_for"), "person", ["substitute_for"], ["id"])


def downgrade() -> None:
    raise NotImplementedError("History is not taken back: restore the backup made before the upgrade.")
