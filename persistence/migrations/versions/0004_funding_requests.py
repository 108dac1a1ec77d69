"""Funding requests: whose they are, what they are worth, what was signed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from persistence.append_only import protect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Written out, for SQLite adds a column with its key only like this, and rebuilds the table otherwise.
    op.execute(
        "ALTER TABLE sgo_case ADD COLUMN child_case_id INTEGER "
        "CONSTRAINT fk_sgo_case_child_case_id REFERENCES sgo_case (id)"
    )
    op.create_index(op.f("ix_sgo_case_child_case_id"), "sgo_case", ["child_case_id"], unique=False)
    op.create_table(
        "funding_request",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("timing", sa.String(length=64), nullable=False),
        sa.Column("purpose_kind", sa.String(length=64), nullable=False),
        sa.Column("household", sa.String(length=40), nullable=False),
        sa.Column("frequency", sa.String(length=64), nullable=False),
        sa.Column("tied_to", sa.String(length=64), nullable=True),
        sa.Column("asked_pence", sa.Integer(), nullable=False),
        sa.Column("value_pence", sa.Integer(), nullable=False),
        sa.Column("remuneration_pence", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("agreed_pence", sa.Integer(), nullable=True),
        sa.Column("agreed_frequency", sa.String(length=64), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("signed_by", sa.String(length=32), nullable=True),
        sa.Column("signed_event", sa.String(length=32), nullable=True),
        sa.Column("noticed_on", sa.Date(), nullable=True),
        sa.Column("contract_on", sa.Date(), nullable=True),
        sa.Column("on_tracker_on", sa.Date(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_funding_request_case_id")),
        sa.ForeignKeyConstraint(["signed_by"], ["person.id"], name=op.f("fk_funding_request_signed_by")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_funding_request")),
    )
    op.create_index(
        op.f("ix_funding_request_household_purpose_kind"),
        "funding_request",
        ["household", "purpose_kind"],
        unique=False,
    )
    op.create_table(
        "funding_cover",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("child_case_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_funding_cover_case_id")),
        sa.ForeignKeyConstraint(["child_case_id"], ["sgo_case.id"], name=op.f("fk_funding_cover_child_case_id")),
        sa.PrimaryKeyConstraint("case_id", "child_case_id", name=op.f("pk_funding_cover")),
    )
    op.create_index(op.f("ix_funding_cover_child_case_id"), "funding_cover", ["child_case_id"], unique=False)
    op.create_table(
        "funding_signature",
        sa.Column("event_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("signed_by", sa.String(length=32), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("amount_pence", sa.Integer(), nullable=True),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("contradiction", sa.Text(), nullable=True),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_funding_signature_case_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_funding_signature_event_id")),
        sa.ForeignKeyConstraint(["signed_by"], ["person.id"], name=op.f("fk_funding_signature_signed_by")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_funding_signature")),
    )
    op.create_index(op.f("ix_funding_signature_case_id"), "funding_signature", ["case_id"], unique=False)
    for statement in protect(("funding_signature",), op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("History is not taken back: restore the backup made before the upgrade.")
