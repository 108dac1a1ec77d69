"""Entry points come in by one door, which says in words why it stays shut."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, text

from casework.errors import Busy, CaseworkError
from casework.settings import Settings
from casework.units import NoDatabase, Office, open_office, prepare_database
from persistence.engine import DatabaseBusy, lock_case
from persistence.tables import Team, new_id
from tests.histories import open_case


@pytest.fixture
def settings(database_url, tmp_path) -> Settings:
    return Settings(home=tmp_path / "home", database_url=database_url, busy_seconds=0.1)


@pytest.fixture
def office(settings) -> Iterator[Office]:
    with open_office(settings) as opened:
        yield opened


def names(office: Office) -> list[str]:
    with office.reading() as session:
        return list(session.scalars(select(Team.name)))


def test_an_act_in_a_unit_of_work_is_kept(office):
    with office.unit_of_work() as session:
        session.add(Team(id=new_id(), name="North"))

    assert names(office) == ["North"]


def test_a_use_case_is_run_again_in_a_new_unit_when_the_database_was_busy(office, monkeypatch):
    monkeypatch.setattr("persistence.engine.time.sleep", lambda _seconds: None)
    runs = []

    def use_case(session):
        runs.append(session)
        session.add(Team(id=new_id(), name=f"Team {len(runs)}"))
        session.flush()
        if len(runs) < 3:
            raise DatabaseBusy
        return len(runs)

    assert office.in_one_unit(use_case) == 3
    assert names(office) == ["Team 3"]  # nothing is left of the first two
    assert len(set(map(id, runs))) == 3


@pytest.mark.slow
def test_a_case_that_somebody_else_holds_is_said_to_be_busy(office):
    with office.unit_of_work() as session:
        open_case(session, "SG-HELD")
    with office.unit_of_work() as holder:
        lock_case(holder, "SG-HELD")
        with pytest.raises(Busy, match="nothing was changed"):
            office.in_one_unit(lambda session: lock_case(session, "SG-HELD"))
        with pytest.raises(Busy, match="try again"), office.unit_of_work() as second:
            lock_case(second, "SG-HELD")


def test_there_is_no_office_without_a_database(tmp_path):
    settings = Settings(home=tmp_path / "home")

    with pytest.raises(NoDatabase, match=r"There is no database yet\. Run: sgo init"):
        open_office(settings)
    prepare_database(settings)
    prepare_database(settings)
    with open_office(settings) as office:
        assert names(office) == []


def test_a_database_of_another_version_is_not_opened(settings, office, monkeypatch):
    monkeypatch.setattr("persistence.schema.HEAD", "next")
    with pytest.raises(NoDatabase, match=r"earlier version\. Make a backup, then run: sgo init"):
        open_office(settings)
    monkeypatch.undo()
    with office.unit_of_work() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NoDatabase, match="newer version"):
        open_office(settings)
    with pytest.raises(NoDatabase, match="newer version"):
        prepare_database(settings)


def test_a_server_that_does_not_answer_is_said(tmp_path):
    settings = Settings(home=tmp_path / "home", database_url="postgresql://sgo@127.0.0.1:9/sgo")

    for enter in (open_office, prepare_database):
        with pytest.raises(NoDatabase, match="cannot be reached"):
            enter(settings)


def test_what_a_person_reads_is_an_error_of_casework(tmp_path):
    with pytest.raises(CaseworkError):
        open_office(Settings(home=tmp_path / "home"))
