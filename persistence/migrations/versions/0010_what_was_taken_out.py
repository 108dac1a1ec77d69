"""Lists that left as a file, with what for; and how often somebody has asked lately is found at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from persistence.append_only import protect

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    if dialect != "postgresql":  # on SQLite the log of who looked is a file of its own
        return
    op.create_index(op.f("ix_access_person_id_at"), "access", ["person_id", "at"], unique=False)
    op.create_table(
        "taken_out",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taken_out")),
    )
    op.create_index(op.f("ix_taken_out_at"), "taken_out", ["at"], unique=False)
    for statement in protect(("taken_out",), dialect):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("History is not taken back: restore the backup made before the upgrade.")
