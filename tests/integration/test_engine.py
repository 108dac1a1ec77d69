"""Units of work keep everything or nothing, and two people never both get their way."""

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from persistence.engine import (
    Database,
    DatabaseBusy,
    DatabaseError,
    DatabaseMissing,
    TransactionLost,
    lock_case,
    lock_cases_in_order,
    retrying,
)
from persistence.tables import Case, Team, new_id
from tests.histories import open_case

CANARY = "Wrenfield-Canary"


@pytest.fixture
def database(database_url):
    opened = Database.open(database_url, checkpoints=True)
    yield opened
    opened.dispose()


@pytest.fixture
def impatient(database_url):
    opened = Database.open(database_url, busy_seconds=0.1)
    yield opened
    opened.dispose()


def teams(database):
    with database.reading() as session:
        return session.scalars(select(Team.name).order_by(Team.name)).all()


# -- all or nothing ---------------------------------------------------------------------------------------


def test_a_writing_unit_is_kept_at_its_end(database):
    with database.writing() as session:
        session.add_all([Team(id=new_id(), name="North"), Team(id=new_id(), name="South")])

    assert teams(database) == ["North", "South"]


def test_a_writing_unit_that_fails_leaves_nothing(database):
    def fail():
        with database.writing() as session:
            session.add(Team(id=new_id(), name="North"))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert teams(database) == []


def test_what_was_read_can_be_used_after_the_unit(database):
    with database.writing() as session:
        team = Team(id=new_id(), name="North")
        session.add(team)

    assert team.name == "North"


def test_a_commit_that_the_database_gave_up_is_not_acknowledged(sqlite_url):
    database = Database.open(sqlite_url)

    def lose_the_transaction():
        with database.writing() as session:
            session.execute(insert(Team).values(id=new_id(), name="North"))
            # What SQLite does by itself when the disk is full or fails.
            driver: Any = session.connection().connection.driver_connection
            driver.execute("ROLLBACK")

    with pytest.raises(TransactionLost):
        lose_the_transaction()

    assert teams(database) == []
    database.dispose()


def test_a_full_disk_is_an_error_and_the_database_works_when_there_is_room_again(sqlite_url):
    database = Database.open(sqlite_url)

    def fill_the_disk():
        with database.writing() as session:
            session.connection().exec_driver_sql("PRAGMA max_page_count = 1")
            for number in range(2_000):
                session.execute(insert(Team).values(id=new_id(), name=f"Team {number}"))

    with pytest.raises(DBAPIError, match="full"):
        fill_the_disk()
    with database.writing() as session:
        session.connection().exec_driver_sql("PRAGMA max_page_count = 1000000")
        session.add(Team(id=new_id(), name="North"))

    assert teams(database) == ["North"]
    database.dispose()


# -- reading ----------------------------------------------------------------------------------------------


def test_a_reading_unit_cannot_write(database):
    with pytest.raises(DBAPIError), database.reading() as session:
        session.execute(insert(Team).values(id=new_id(), name="North"))


def test_a_reading_unit_cannot_write_the_access_log(database):
    with pytest.raises(DBAPIError), database.reading_access() as session:
        session.execute(text("DELETE FROM access"))


def test_what_somebody_changes_in_a_reading_unit_is_kept_nowhere(database):
    """It ends by a commit, with nothing in it."""
    with database.writing() as session:
        open_case(session, "SG-READ")
    with database.reading() as session:
        case = session.scalars(select(Case)).one()
        case.version = 99

    with database.reading() as session:
        assert session.scalars(select(Case.version)).one() == 1


def test_what_is_read_again_and_again_is_prepared_by_postgresql(postgres_url):
    """Its driver forgets what it has prepared with every rollback: a page would be planned anew each time."""
    database = Database.open(postgres_url)
    asked = select(Team.name).where(Team.id == "none")
    for _ in range(8):
        with database.reading() as session:
            assert session.scalars(asked).all() == []

    with database.reading() as session:
        prepared = session.scalar(text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%team%'"))
    assert prepared == 1
    database.dispose()


def test_a_reading_unit_sees_one_moment_of_the_database(database):
    with database.reading() as session:
        before = session.scalars(select(Team.name)).all()
        with database.writing() as other:
            other.add(Team(id=new_id(), name="North"))
        assert session.scalars(select(Team.name)).all() == before == []

    assert teams(database) == ["North"]


def test_a_reader_does_not_wait_for_the_writer(impatient):
    with impatient.writing() as writer:
        writer.add(Team(id=new_id(), name="North"))
        writer.flush()
        assert teams(impatient) == []


def test_a_look_is_logged_while_somebody_else_writes(impatient):
    with impatient.writing() as writer:
        writer.add(Team(id=new_id(), name="North"))
        writer.flush()
        with impatient.access() as session:
            assert session.execute(text("SELECT count(*) FROM access")).scalar_one() == 0


# -- waiting ----------------------------------------------------------------------------------------------


def test_waiting_too_long_for_a_case_is_said_in_words(impatient):
    with impatient.writing() as session:
        open_case(session, "SG-FIRST")
    with impatient.writing() as holder:
        lock_case(holder, "SG-FIRST")
        with pytest.raises(DatabaseBusy, match="busy with other work"), impatient.writing() as second:
            lock_case(second, "SG-FIRST")


def test_a_use_case_is_run_again_whole_until_it_comes_through(monkeypatch):
    monkeypatch.setattr("persistence.engine.time.sleep", lambda _seconds: None)
    runs = []

    def use_case():
        runs.append("from the start")
        if len(runs) < 3:
            raise DatabaseBusy
        return "done"

    assert retrying(use_case) == "done"
    assert len(runs) == 3


def test_a_use_case_is_tried_five_times_and_then_the_person_is_told(monkeypatch):
    monkeypatch.setattr("persistence.engine.time.sleep", lambda _seconds: None)
    runs = []

    def use_case():
        runs.append("from the start")
        raise DatabaseBusy

    with pytest.raises(DatabaseBusy):
        retrying(use_case)
    assert len(runs) == 5


def test_a_use_case_that_is_wrong_is_not_tried_again():
    runs = []

    def use_case():
        runs.append("from the start")
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        retrying(use_case)
    assert len(runs) == 1


# -- locks ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_of_two_people_who_decide_at_once_one_is_first_and_the_other_is_told(database):
    """Reliability R4, in small: read, look, write, a hundred times over; never both."""
    with database.writing() as session:
        open_case(session, "SG-RACE")
    barrier = threading.Barrier(2)

    def decide(round_: int) -> bool:
        barrier.wait(timeout=60)

        def act() -> bool:
            with database.writing() as session:
                case = lock_case(session, "SG-RACE")
                assert case is not None
                if case.version != round_:
                    return False
                case.version += 1
                return True

        return retrying(act)

    with ThreadPoolExecutor(2) as people:
        for round_ in range(1, 101):
            both = [people.submit(decide, round_) for _ in range(2)]
            assert sorted(one.result() for one in both) == [False, True]


@pytest.mark.slow
def test_two_bulk_acts_on_the_same_children_never_lock_each_other_out(database):
    with database.writing() as session:
        ids = [open_case(session, f"SG-{number}").id for number in range(6)]

    def bulk(wanted: list[int]) -> None:
        for _ in range(20):
            with database.writing() as session:
                for case in lock_cases_in_order(session, wanted):
                    case.version += 1

    with ThreadPoolExecutor(2) as people:
        for one in [people.submit(bulk, ids), people.submit(bulk, ids[::-1])]:
            one.result()
    with database.reading() as session:
        assert session.scalars(select(Case.version)).all() == [41] * 6


def test_a_locked_case_is_read_as_it_is_now(database):
    with database.writing() as session:
        open_case(session, "SG-NOW")
    with database.reading() as session:
        stale = session.scalars(select(Case)).one()
        assert stale.version == 1
    with database.writing() as session:
        session.scalars(select(Case)).one()
        session.execute(text("UPDATE sgo_case SET version = 2"))
        case = lock_case(session, "SG-NOW")
        assert case is not None
        assert case.version == 2


def test_locking_a_case_that_is_not_there_answers_none(database):
    with database.writing() as session:
        assert lock_case(session, "SG-NOBODY") is None
        assert lock_cases_in_order(session, [404]) == []


# -- SQLite's settings and its log ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),  # FULL
        ("foreign_keys", 1),
        ("wal_autocheckpoint", 0),
        ("recursive_triggers", 1),
    ],
)
def test_a_sqlite_connection_keeps_what_it_acknowledged(sqlite_url, pragma, value):
    database = Database.open(sqlite_url)
    for unit in (database.writing, database.reading, database.access):
        with unit() as session:
            assert session.connection().exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == value
    database.dispose()


def test_the_worker_moves_the_log_into_the_file_while_others_read(sqlite_url):
    worker, page = Database.open(sqlite_url, checkpoints=True), Database.open(sqlite_url)
    with worker.writing() as session:
        session.add(Team(id=new_id(), name="North"))
    with page.reading() as session:
        assert session.scalars(select(Team.name)).all() == ["North"]
        moved = worker.checkpoint()
        assert moved is not None
        assert moved.complete
        assert moved.frames > 0

    assert teams(page) == ["North"]
    for database in (worker, page):
        database.dispose()


def test_nobody_but_the_worker_moves_the_log(sqlite_url):
    database = Database.open(sqlite_url)
    with pytest.raises(DatabaseError, match="Only the worker"):
        database.checkpoint()
    database.dispose()


def test_what_the_database_has_seen_of_its_rows_helps_it_choose_an_index(sqlite_url):
    worker, page = Database.open(sqlite_url, checkpoints=True), Database.open(sqlite_url)
    with worker.writing() as session:
        session.add_all(Team(id=new_id(), name=name) for name in ("North", "South"))
    worker.take_stock()
    with page.reading() as session:
        seen = session.execute(text("SELECT stat FROM sqlite_stat1 WHERE tbl = 'team'")).scalars().all()
    assert seen
    assert all(one.startswith("2 ") for one in seen)
    for database in (worker, page):
        database.dispose()


# -- addresses and words ----------------------------------------------------------------------------------


def test_opening_never_creates_a_database(tmp_path):
    with pytest.raises(DatabaseMissing):
        Database.open(f"sqlite:///{tmp_path / 'nobody.db'}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://council.example/sgo"])
def test_a_database_that_cannot_keep_the_promises_is_refused(url):
    with pytest.raises(DatabaseError):
        Database.open(url)


def test_the_error_of_a_statement_does_not_quote_what_was_written(database):
    with database.writing() as session:
        session.add(Team(id=new_id(), name=CANARY))
    with pytest.raises(IntegrityError) as twice, database.writing() as session:
        session.execute(insert(Team).values(id=new_id(), name=CANARY))
    with pytest.raises(IntegrityError) as missing, database.writing() as session:
        session.execute(text("INSERT INTO team (id, name) VALUES (NULL, :name)"), {"name": CANARY})

    for error in (twice.value, missing.value):
        assert CANARY not in str(error)
        assert CANARY not in str(error.orig)


@pytest.mark.slow
def test_a_killed_process_loses_nothing_that_it_acknowledged(tmp_path):
    """Reliability R2, T3: 50 kills with -9 at random moments; the seed makes a failure repeatable."""
    command = [sys.executable, "-m", "tests.kills", str(tmp_path), "50", "20260302"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures = json.loads(done.stdout)

    assert figures["kills"] == 50
    assert figures["acknowledged"] >= 50
    assert (figures["lost"], figures["torn"]) == (0, 0)
