"""The triggers that make history append-only on both databases (design 5.4, reliability E.4).

They stop a mistake, and anyone who does not own the tables. What an owner can still do by dropping them
is found by the chain (`persistence.audit`).
"""

from __future__ import annotations

#: Tables whose rows are never updated or deleted, in the case database.
APPEND_ONLY = (
    "event",
    "record",
    "seal",
    "seal_head",
    "policy_version",
    "finding_change",
    "acknowledgement",
    "funding_signature",
    "funding_paper",
    "means_test",
)
#: And the log of who looked, with what was taken out.
ACCESS_APPEND_ONLY = ("access", "taken_out")

_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION sgo_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


def append_only_ddl(table: str, dialect: str) -> list[str]:
    """The statements that protect one table. On PostgreSQL `append_only_function` comes first."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for act in ("UPDATE", "DELETE")
        ]
    return [
        # For the statement, not the row: emptying the table in one go fires no row trigger.
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION sgo_append_only()"
    ]


def append_only_function(dialect: str) -> list[str]:
    """What the triggers of every table share: a function on PostgreSQL, nothing on SQLite."""
    return [_POSTGRES_FUNCTION] if dialect == "postgresql" else []


def protect(tables: tuple[str, ...], dialect: str) -> list[str]:
    """Every statement that makes these tables append-only."""
    return append_only_function(dialect) + [
        line for table in tables for line in append_only_ddl(table, dialect)
    ]


def unprotect(tables: tuple[str, ...], dialect: str) -> list[str]:
    """The way back, for a migration that must rebuild a table, and for tests that tamper."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER {table}_no_{act}" for table in tables for act in ("update", "delete")]
    return [f"DROP TRIGGER {table}_append_only ON {table}" for table in tables]
