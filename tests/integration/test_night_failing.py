"""A night in which a case cannot be checked, a night that is killed, and two at once (reliability R13, R14)."""

import subprocess
import sys
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from casework.errors import Conflict, Unusable
from casework.following import leases
from casework.overnight import night_log
from casework.overnight.night import run_night
from casework.overnight.night_check import Check
from persistence.tables import (
    Case,
    ErrorDetail,
    Finding,
    Lease,
    Night,
    NightSkip,
    Outbox,
    Run,
    Rung,
)
from tests.nights import at_night, left, lines, refs, standing, the_night
from tests.world import World

DAY = timedelta(days=1)
#: The children of `world` join on Monday 6 January 2025; the first rating is due on Monday 3 February.
DUE = date(2025, 2, 3)
LATE = date(2025, 2, 4)


@pytest.fixture
def world(five_waiting: World) -> World:
    """Five children who wait for their first rating."""
    return five_waiting


# -- a case that fails ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [1, 2, 3, 1000])
def test_a_case_that_cannot_be_checked_is_listed_and_stops_nobody(world, chunk):
    poisoned = refs(world)[2]
    report = the_night(world, LATE, crash_case=poisoned, chunk=chunk)
    assert (report.expected, report.examined, report.skipped) == (5, 4, 1)
    assert report.findings["D-01"] == 4
    (listed,) = report.not_checked
    assert listed.ref == poisoned
    with world.office.reading() as session:
        assert "a drill" in session.get_one(ErrorDetail, listed.error_ref).detail
        assert session.scalars(select(NightSkip.business_date)).all() == [LATE]
        row = session.get_one(Night, LATE)
    assert (row.status, row.expected, row.examined, row.skipped) == ("done", 5, 4, 1)
    # Asked again, the night says the same; the next night checks the case with the others.
    assert the_night(world, LATE).not_checked == report.not_checked
    assert the_night(world, LATE + DAY).examined == 5


def test_several_cases_that_fail_alike_are_listed_each_with_one_reference(world, monkeypatch):
    whole = Check._examine
    bad = set(refs(world)[1:4])
    with world.office.reading() as session:
        ids = set(session.scalars(select(Case.id).where(Case.ref.in_(bad))))

    def examine(check, session, some):
        if ids & set(some):
            raise ValueError("cannot be read")
        return whole(check, session, some)

    monkeypatch.setattr(Check, "_examine", examine)
    report = the_night(world, LATE)
    assert (report.expected, report.examined, report.skipped) == (5, 2, 3)
    assert {one.ref for one in report.not_checked} == bad
    assert len({one.error_ref for one in report.not_checked}) == 1


def test_what_was_found_in_a_case_that_is_not_checked_stays_as_it_was(world):
    the_night(world, LATE)
    ref = refs(world)[0]
    world.do("rate", LATE, "rowan.tm", ref=ref)
    report = the_night(world, LATE + DAY, crash_case=ref)
    assert report.cleared == 0
    assert [f.cleared_on for f in standing(world, on=LATE, ref=ref)] == [None]


def test_a_replay_lists_what_it_could_not_check_and_still_stores_nothing(world):
    before = left(world)
    report = run_night(
        world.office, business_date=LATE, replay=True, now=at_night(LATE, 12), crash_case=refs(world)[0]
    )
    assert (report.expected, report.examined, report.skipped) == (5, 4, 1)
    assert left(world) == before


def test_a_database_that_is_away_is_nobodys_fault_and_ends_the_night(world, monkeypatch):
    """A full disk must not be put down to five hundred children one after the other."""
    from sqlalchemy.exc import OperationalError

    def examine(check, session, some):
        raise OperationalError("select", {}, Exception("disk is full"))

    with monkeypatch.context() as patch:
        patch.setattr(Check, "_examine", examine)
        with pytest.raises(OperationalError):
            the_night(world, LATE)
    with world.office.reading() as session:
        assert session.get_one(Night, LATE).status == "running"
        assert session.scalars(select(NightSkip.case_id)).all() == []
    assert lines(world) == [("2025-02-04", "failed")]
    assert the_night(world, LATE, now=at_night(LATE, 3)).examined == 5
    assert lines(world)[-1] == ("2025-02-04", "completed")


# -- one at a time, and taken over ------------------------------------------------------------------------------


def test_a_night_is_not_checked_by_two_at_once(world, monkeypatch):
    whole = Check._chunk
    refused = []

    def chunk(check, ids):
        for day in (LATE, LATE + DAY):  # neither this night nor another
            with pytest.raises(Conflict, match="Another process"):
                the_night(world, day, now=at_night(LATE + DAY, 2, 15) + timedelta(seconds=30))
            refused.append(day)
        return whole(check, ids)

    monkeypatch.setattr(Check, "_chunk", chunk)
    assert the_night(world, LATE, now=at_night(LATE + DAY)).examined == 5
    assert refused == [LATE, LATE + DAY]


def test_a_replay_waits_for_nobody(world, monkeypatch):
    whole, replayed = Check._chunk, []

    def chunk(check, ids):
        if not replayed:
            replayed.append(True)
            report = run_night(world.office, business_date=LATE, replay=True, now=at_night(LATE))
            assert report.examined == 5
        return whole(check, ids)

    monkeypatch.setattr(Check, "_chunk", chunk)
    assert the_night(world, LATE).examined == 5


def test_whoever_was_taken_for_dead_writes_nothing_more(world, monkeypatch):
    """After the second chunk the lease is somebody else's: the runner stops before its third."""
    whole, chunks = Check._chunk, []

    def chunk(check, ids):
        chunks.append(ids)
        if len(chunks) == 3:
            with world.office.unit_of_work() as session:
                session.execute(update(Lease).values(owner="elsewhere:1:x"))
        return whole(check, ids)

    with monkeypatch.context() as patch:
        patch.setattr(Check, "_chunk", chunk)
        with pytest.raises(night_log.Overtaken):
            the_night(world, LATE, chunk=1)
    with world.office.reading() as session:
        assert session.get_one(Night, LATE).status == "running"
        assert len(session.scalars(select(Finding.id)).all()) == 2
        assert session.scalars(select(Lease.owner)).all() == ["elsewhere:1:x"]


@pytest.mark.parametrize("chunks", [0, 2, 4])
def test_a_night_that_was_killed_is_taken_over_and_nothing_is_done_twice(world, chunks):
    url, home = world.office.settings.database_url, world.office.settings.home
    killed = subprocess.run(
        [sys.executable, "-m", "tests.killed_night", str(url), str(home), "2025-01-20",
         at_night(date(2025, 1, 20)).isoformat(), str(chunks)],
        check=False, capture_output=True, timeout=120,
    )  # fmt: skip
    assert killed.returncode == -9, killed.stderr.decode()
    assert lines(world) == [("2025-01-20", "running")]
    with world.office.reading() as session:
        assert session.get_one(Night, date(2025, 1, 20)).examined == chunks
        assert len(session.scalars(select(Rung)).all()) == chunks

    # The process is gone and can be seen to be: nobody waits for its lease to run out.
    report = the_night(world, date(2025, 1, 20), now=at_night(date(2025, 1, 20)) + timedelta(seconds=5))
    assert (report.expected, report.examined) == (5, 5)
    assert lines(world) == [("2025-01-20", "crashed"), ("2025-01-20", "completed")]
    with world.office.reading() as session:
        assert len(session.scalars(select(Rung)).all()) == 5
        assert len(session.scalars(select(Outbox).where(Outbox.occasion.startswith("rung:"))).all()) == 5


def test_a_runner_that_cannot_be_seen_from_here_is_waited_for_until_its_lease_runs_out(world):
    now = at_night(LATE)
    assert leases.take(world.office, "overnight", owner="another-machine:7:x", now=now)
    with pytest.raises(Conflict):
        the_night(world, LATE, now=now + timedelta(seconds=39))
    assert the_night(world, LATE, now=now + timedelta(seconds=41)).examined == 5


# -- the proof that leaves the database ---------------------------------------------------------------------------


def test_each_night_seals_the_histories_and_writes_the_head_outside(world):
    the_night(world, LATE)
    the_night(world, LATE + DAY)
    heads = sorted(path.name for path in world.office.settings.seals_folder.glob("*.json"))
    assert heads == ["2025-02-04.json", "2025-02-05.json"]


def test_a_head_that_cannot_be_written_is_said_and_written_later(world):
    folder = world.office.settings.seals_folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way")
    with pytest.raises(Unusable, match="cannot be written"):
        the_night(world, LATE)
    assert lines(world) == [("2025-02-04", "completed")]  # every child was looked at all the same
    with world.office.reading() as session:
        assert session.scalars(select(Run.error_ref)).one() is not None
    folder.unlink()
    assert the_night(world, LATE).before
    assert [path.name for path in folder.glob("*.json")] == ["2025-02-04.json"]
