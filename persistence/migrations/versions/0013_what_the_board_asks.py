"""Two indexes say more, for the board: how long each child has been in its state, and who is allocated to it."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _instead("sgo_case", ["state", "closed"], ["state", "closed", "state_since"])
    _instead("allocation", ["case_id"], ["case_id", "role", "until_on", "from_on", "person_id"])


def _instead(table: str, before: list[str], columns: list[str]) -> None:
    op.drop_index(f"ix_{table}_{'_'.join(before)}", table_name=table)
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns, unique=False)


def downgrade() -> None:
    raise NotImplementedError("History is not taken back: restore the backup made before the upgrade.")
