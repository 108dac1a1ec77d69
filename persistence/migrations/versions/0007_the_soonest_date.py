"""The soonest date that stands on each case, and indexes for the pages that people keep open."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from persistence.soonest import soonest_ddl

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BOARD = ["closed", "state", "colour", "team_id", "state_since", "next_due", "restricted", "child_case_id"]


def upgrade() -> None:
    op.add_column("sgo_case", sa.Column("next_due", sa.Date(), nullable=True))
    _only_where("ix_deadline_of_post", "deadline", ["owner", "due_on", "case_id", "name"], "closed_as IS NULL")
    _only_where("ix_flag_of_post", "flag", ["owner", "case_id"], "cleared_by_event IS NULL")
    op.create_index("ix_confirmation_status_decider_id", "confirmation", ["status", "decider_id"], unique=False)
    _instead("allocation", "person_id", ["person_id", "role", "until_on", "from_on", "case_id"])
    _instead("sgo_case", "team_id", ["team_id", "closed"])
    op.drop_index("ix_sgo_case_child_case_id", table_name="sgo_case")
    _only_where("ix_sgo_case_child_case_id", "sgo_case", ["child_case_id"], "child_case_id IS NOT NULL")
    listed = ["closed", "next_due", "restricted", "child_case_id"]
    op.create_index("ix_sgo_case_closed_next_due_restricted_child_case_id", "sgo_case", listed, unique=False)
    op.create_index("ix_sgo_case_board", "sgo_case", _BOARD, unique=False)
    for statement in soonest_ddl(op.get_bind().dialect.name):
        op.execute(statement)


def _instead(table: str, column: str, columns: list[str]) -> None:
    op.drop_index(f"ix_{table}_{column}", table_name=table)
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns, unique=False)


def _only_where(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=False, sqlite_where=condition, postgresql_where=condition)


def downgrade() -> None:
    raise NotImplementedError("History is not taken back: restore the backup made before the upgrade.")
