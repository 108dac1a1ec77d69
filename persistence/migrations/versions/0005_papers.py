"""Papers as they were made, and means tests as they were worked out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from persistence.append_only import protect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "funding_paper",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=16), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column("own_template", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_funding_paper_case_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_funding_paper_made_by")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_funding_paper")),
        sa.UniqueConstraint("case_id", "kind", "version", name=op.f("uq_funding_paper_case_id_kind_version")),
    )
    op.create_table(
        "means_test",
        sa.Column("mark", sa.String(length=16), nullable=False),
        sa.Column("household", sa.String(length=40), nullable=False),
        sa.Column("illustration", sa.Boolean(), nullable=False),
        sa.Column("tested_on", sa.Date(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("policy_sha256", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_means_test_made_by")),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_means_test")),
    )
    op.create_index(op.f("ix_means_test_household"), "means_test", ["household"], unique=False)
    for statement in protect(("funding_paper", "means_test"), op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("History is not taken back: restore the backup made before the upgrade.")
