"""A household's number is compared without its spelling: capitals, spaces and hyphens split no sum (rules R-FIN-4)."""

from __future__ import annotations

from unicodedata import normalize

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.Column("household_key", sa.String(length=40), nullable=False, server_default="")
    op.add_column("funding_request", key)
    request = sa.table("funding_request", sa.column("household"), sa.column("household_key"))
    connection = op.get_bind()
    for (household,) in connection.execute(sa.select(request.c.household).distinct()).all():
        own = request.update().where(request.c.household == household)
        connection.execute(own.values(household_key=_key(household)))
    op.drop_index("ix_funding_request_household_purpose_kind", table_name="funding_request")
    op.create_index(
        "ix_funding_request_household_key_purpose_kind",
        "funding_request",
        ["household_key", "purpose_kind"],
        unique=False,
    )


def _key(number: str) -> str:
    return "".join(sign for sign in normalize("NFKC", number).casefold() if sign.isalnum()) or number


def downgrade() -> None:
    raise NotImplementedError("History is not taken back: restore the backup made before the upgrade.")
