"""The migrations make the database the models describe, all or nothing, and history cannot be changed."""

import stat

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from persistence import schema
from persistence.append_only import ACCESS_APPEND_ONLY, APPEND_ONLY
from persistence.audit import AccessHead, seal
from persistence.engine import Database, DatabaseError, default_access_url, sqlite_path
from persistence.schema import (
    HEAD,
    HISTORY,
    Standing,
    alembic_config,
    differences,
    migrate,
    needs_migration,
    schema_version,
    standing,
)
from persistence.tables import (
    AccessBase,
    Acknowledgement,
    Base,
    Event,
    Finding,
    FindingChange,
    FundingPaper,
    FundingSignature,
    MeansTestKept,
    Person,
)
from tests.histories import OPENED, add_event, open_case


@pytest.fixture
def connection(database_url):
    engine = create_engine(database_url)
    with engine.begin() as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def database(database_url):
    opened = Database.open(database_url)
    yield opened
    opened.dispose()


def test_models_and_migrations_describe_the_same_tables(connection):
    assert differences(connection) == []


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE team ADD COLUMN nickname VARCHAR(20)",
        "DROP TABLE rung",
        "DROP INDEX ix_event_bulk_id",
    ],
)
def test_a_forgotten_migration_is_noticed(connection, change):
    connection.execute(text(change))

    assert differences(connection) != []


def test_the_history_in_the_code_is_the_history_of_the_files(connection):
    script = ScriptDirectory.from_config(alembic_config(connection))

    assert [step.revision for step in reversed(list(script.walk_revisions()))] == list(HISTORY)
    assert script.get_heads() == [HEAD] == ["0015"]  # pinned: two people's new steps must not meet unseen


def test_the_access_log_is_a_file_of_its_own_on_sqlite_only(connection):
    here = set(inspect(connection).get_table_names())

    assert set(Base.metadata.tables) <= here
    assert (set(AccessBase.metadata.tables) <= here) == (connection.dialect.name == "postgresql")


# -- standing ---------------------------------------------------------------------------------------------


def test_a_migrated_database_is_current(database_url):
    assert schema_version(database_url) == HEAD
    assert standing(database_url) is Standing.CURRENT
    assert not needs_migration(database_url)


def test_migrating_again_changes_nothing(database_url, database):
    with database.writing() as session:
        open_case(session, "SG-KEPT")

    migrate(database_url)

    with database.reading() as session:
        assert session.execute(text("SELECT ref FROM sgo_case")).scalars().all() == ["SG-KEPT"]


def test_a_database_behind_the_code_needs_migration(database_url, monkeypatch):
    monkeypatch.setattr(schema, "HISTORY", (*HISTORY, "next"))
    monkeypatch.setattr(schema, "HEAD", "next")

    assert standing(database_url) is Standing.BEHIND
    assert needs_migration(database_url)


def test_a_database_of_a_newer_version_is_left_alone(database_url, database):
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    assert standing(database_url) is Standing.AHEAD
    assert not needs_migration(database_url)
    with pytest.raises(DatabaseError, match="newer version"):
        migrate(database_url)


def test_there_is_no_database_where_nobody_made_one(tmp_path):
    url = f"sqlite:///{tmp_path / 'sgo.db'}"

    assert standing(url) is Standing.MISSING
    assert needs_migration(url)
    assert list(tmp_path.iterdir()) == []


def test_a_lost_access_log_is_noticed(sqlite_url):
    sqlite_path(default_access_url(make_url(sqlite_url))).unlink()

    assert standing(sqlite_url) is Standing.BEHIND


def test_a_log_of_who_looked_of_an_older_shape_is_brought_up_to_date(sqlite_url):
    """Version 3 brought what was taken out, which cannot be unwritten, and the index by person and time."""
    engine = create_engine(default_access_url(make_url(sqlite_url)))
    with engine.begin() as log:
        for change in ("DROP TABLE taken_out", "DROP INDEX ix_access_person_id_at", "PRAGMA user_version = 2"):
            log.exec_driver_sql(change)
    assert standing(sqlite_url) is Standing.BEHIND

    migrate(sqlite_url)

    assert standing(sqlite_url) is Standing.CURRENT
    indexes = {index["name"] for index in inspect(engine).get_indexes("access")}
    assert "ix_access_person_id_at" in indexes
    with engine.begin() as log:
        triggers = {name for (name,) in log.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    assert {"taken_out_no_update", "taken_out_no_delete"} <= triggers
    engine.dispose()


def test_a_migration_that_stops_half_way_leaves_nothing(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'sgo.db'}"
    monkeypatch.setattr("alembic.op.create_index", lambda *_a, **_k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        migrate(url)
    monkeypatch.undo()

    engine = create_engine(url)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == []
    engine.dispose()
    migrate(url)
    assert standing(url) is Standing.CURRENT


def test_only_its_owner_can_read_the_database(tmp_path):
    folder = tmp_path / "new"
    migrate(f"sqlite:///{folder / 'sgo.db'}")

    assert {stat.filemode(path.stat().st_mode) for path in folder.iterdir()} == {"-rw-------"}
    assert stat.filemode(folder.stat().st_mode) == "drwx------"


# -- append-only ------------------------------------------------------------------------------------------


@pytest.fixture
def with_rows(database):
    """One row in every append-only table."""
    now = "2026-03-02 09:30:00.000000"
    with database.writing() as session:
        case = open_case(session, "SG-KEPT")
        at = add_event(session, case, data={"position": "settled"}).recorded_at
        seal(session, OPENED, at, access=AccessHead())
        _a_finding_somebody_answers_for(session, case, at)
        _money_somebody_signed(session, case, at)
    with database.access() as session:
        session.execute(
            text(
                "INSERT INTO access (seq, at, person_id, what, outcome, rules, channel, previous_hash, hash)"
                f" VALUES (1, '{now}', 'a', 'read:case', 'allowed', '[]', 'page', '0', '1')"
            )
        )
        session.execute(
            text(f"INSERT INTO taken_out (id, at, person_id, what, listed) VALUES ('t', '{now}', 'a', 'children', 3)")
        )
    return database


def _a_finding_somebody_answers_for(session, case, at):
    days = {"since": OPENED, "first_found_on": OPENED, "last_found_on": OPENED}
    finding = Finding(id="f" * 32, rule="D-01", case_id=case.id, period="x", severity="warn", words="Late", **days)
    person = Person(id="p" * 32, handle="sol.sw", name="Sol", mailbox=False, working_days="12345", created_at=at)
    session.add_all([finding, person])
    session.flush()
    change = {"what": "found", "severity": "warn", "business_date": OPENED}
    session.add(FindingChange(id="g" * 32, finding_id=finding.id, **change))
    said = {"role": "Team Manager", "reason": "Meeting on Monday.", "from_on": OPENED, "until_on": OPENED, "at": at}
    session.add(Acknowledgement(id="h" * 32, finding_id=finding.id, person_id=person.id, **said))


def _money_somebody_signed(session, case, at):
    person, event = "p" * 32, session.scalars(select(Event.id)).first()
    session.add_all(
        [
            FundingSignature(
                event_id=event, case_id=case.id, signed_by=person, agreed=True, clause="x", shown="{}", sha256="x",
                at=at,
            ),
            FundingPaper(
                sequence=1, case_id=case.id, kind="agreement", version=1, mark="x", body=b"x", sha256="x",
                template="x", own_template=False, made_by=person, made_at=at, chain="x",
            ),
            MeansTestKept(
                mark="x", household="H", illustration=True, tested_on=OPENED, content="{}", policy_sha256="x",
                made_by=person, made_at=at,
            ),
        ]
    )  # fmt: skip


@pytest.mark.parametrize("table", APPEND_ONLY + ACCESS_APPEND_ONLY)
@pytest.mark.parametrize("act", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_history_is_neither_changed_nor_deleted(with_rows, table, act):
    model = {**Base.metadata.tables, **AccessBase.metadata.tables}[table]
    column = next(iter(model.primary_key)).name
    unit = with_rows.access if table in ACCESS_APPEND_ONLY else with_rows.writing

    with pytest.raises(DBAPIError, match=f"{table} is append-only"), unit() as session:
        session.execute(text(act.format(table, column, column)))


@pytest.mark.parametrize("table", APPEND_ONLY + ACCESS_APPEND_ONLY)
def test_history_is_not_emptied_in_one_go(postgres_url, table):
    database = Database.open(postgres_url)
    with pytest.raises(DBAPIError, match="append-only"), database.writing() as session:
        session.execute(text(f"TRUNCATE {table} CASCADE"))
    database.dispose()


def test_history_is_not_replaced_by_an_insert(sqlite_url):
    database = Database.open(sqlite_url)
    with database.writing() as session:
        open_case(session, "SG-KEPT")
    with pytest.raises(DBAPIError, match="event is append-only"), database.writing() as session:
        session.execute(text("INSERT OR REPLACE INTO event SELECT * FROM event"))
    database.dispose()
