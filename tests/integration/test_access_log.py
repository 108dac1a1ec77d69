"""Who looked is written down before anything is shown, and cannot be unwritten (reliability R20)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from casework.settings import Settings
from casework.units import Office, open_office
from casework.who.access_log import AccessLog, NotLogged
from persistence.engine import Database
from persistence.tables import Access
from persistence.verification import Head, Verification, access_marks, verify_access
from tests.tampering import NIGHT, look, other, tampering_with_the_log, two_sealed_nights


@pytest.fixture
def office(database_url, tmp_path) -> Iterator[Office]:
    with open_office(Settings(home=tmp_path / "home", database_url=database_url)) as opened:
        yield opened


@pytest.fixture
def database(office: Office) -> Database:
    return office.database


@pytest.fixture
def sealed(office) -> Head:
    return two_sealed_nights(office)


def test_who_looked_at_a_child_is_answered(office):
    office.access_log.write([look("SG-1"), look("SG-2")])
    office.access_log.write([look("SG-1")])

    assert [one.case_ref for one in office.access_log.who_looked("SG-1")] == ["SG-1", "SG-1"]
    assert office.access_log.who_looked("SG-1", since=NIGHT + timedelta(seconds=1)) == []
    assert len(office.access_log.looked_at_by("a" * 32)) == 3
    assert office.access_log.who_looked("SG-1")[0] == look("SG-1")


def test_a_read_that_cannot_be_logged_is_refused(sqlite_url, tmp_path):
    with open_office(Settings(home=tmp_path / "home", database_url=sqlite_url)) as office:
        (tmp_path / "database" / "access.db").unlink()

        with pytest.raises(NotLogged, match="cannot be shown"):
            office.access_log.write([look("SG-1")])


def test_looks_of_many_people_at_once_make_one_chain(database):
    log = AccessLog(database)
    with ThreadPoolExecutor(4) as people:
        for done in [people.submit(log.write, [look(f"SG-{number}")] * 3) for number in range(20)]:
            done.result()

    found = Verification()
    with database.reading_access() as session:
        verify_access(session, found)
    assert (found.reads, found.problems) == (60, [])


def checked_log(database: Database, session: Any) -> Verification:
    found = Verification()
    with database.reading() as cases:
        marks = access_marks(cases)
    verify_access(session, found, marks)
    return found


@pytest.mark.parametrize("column", [column.name for column in Access.__table__.columns])
def test_an_edited_look_is_found(database, sealed, column):
    with tampering_with_the_log(database) as session:
        row = session.execute(select(Access.__table__).where(Access.seq == 2)).mappings().one()
        value = other(Access.__table__.c[column], row[column])
        session.execute(update(Access).where(Access.seq == 2).values({column: value}))
        assert not checked_log(database, session).ok


@pytest.mark.parametrize("seq", [1, 2, 3])
def test_a_deleted_look_is_found(database, sealed, seq):
    with tampering_with_the_log(database) as session:
        session.execute(delete(Access).where(Access.seq == seq))
        assert checked_log(database, session).first_bad == f"access {seq}"


def test_a_lost_access_log_is_found_by_the_seals(database, sealed):
    with tampering_with_the_log(database) as session:
        session.execute(delete(Access))
        assert checked_log(database, session).found == 2
