"""Which nights there are, and the replays of past ones: on both databases (reliability R13)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from casework.errors import Unusable
from casework.overnight.night import nights_due, run_due_nights, run_night, watermark
from casework.overnight.night_check import Check
from casework.settings import Settings
from casework.units import open_office
from tests.nights import at_night, left, lines, refs, the_night
from tests.world import START, World

DAY = timedelta(days=1)
#: The children of `world` join on Monday 6 January 2025; the first rating is due on Monday 3 February.
DUE = date(2025, 2, 3)
LATE = date(2025, 2, 4)


@pytest.fixture
def world(five_waiting: World) -> World:
    """Five children who wait for their first rating."""
    return five_waiting


# -- replays --------------------------------------------------------------------------------------------------


def test_a_replay_stores_nothing_and_is_in_the_ledger_as_such(world):
    before = left(world)
    report = run_night(world.office, business_date=LATE, replay=True, now=at_night(LATE, 12))
    assert (report.replay, report.expected, report.examined, report.findings["D-01"]) == (True, 5, 5, 5)
    assert (report.new, report.cleared, report.rungs, report.notices) == (0, 0, 0, 0)
    assert left(world) == before
    assert lines(world) == []
    assert lines(world, "overnight replay") == [("2025-02-04", "completed")]


def test_a_date_before_the_last_live_night_is_a_replay_whatever_is_asked(world):
    the_night(world, LATE + 10 * DAY)
    before = left(world)
    report = the_night(world, LATE, now=at_night(LATE + 10 * DAY, 12))
    assert report.replay
    assert report.findings["D-01"] == 5
    assert left(world) == before


def test_a_date_before_the_installation_is_a_replay(world):
    report = the_night(world, START - DAY, now=at_night(START, 12))
    assert (report.replay, report.expected) == (True, 0)


def test_a_replay_expects_the_cases_that_were_open_on_its_day(world):
    world.do("end", date(2025, 2, 10), "rowan.tm", ref=refs(world)[0])
    world.open_child(date(2025, 2, 12))
    today = at_night(date(2025, 2, 20))
    days = {LATE: 5, date(2025, 2, 10): 5, date(2025, 2, 11): 4, date(2025, 2, 12): 4, date(2025, 2, 13): 5}
    for day, expected in days.items():
        report = run_night(world.office, business_date=day, replay=True, now=today)
        assert (report.expected, report.examined) == (expected, expected)


def test_a_night_to_come_cannot_be_checked(world):
    with pytest.raises(Unusable, match="still to come"):
        run_night(world.office, business_date=LATE, replay=False, now=at_night(LATE - DAY, 23, 59))


# -- which nights -------------------------------------------------------------------------------------------------


def due(world: World, now: datetime) -> list[str]:
    return [day.isoformat() for day in nights_due(world.office, now)]


def test_the_first_night_is_the_one_after_the_installation(county):
    """Adopted on 6 January at noon: due from 02:15 on the 7th."""
    with county.office.reading() as session:
        assert watermark(session) == START
    assert due(county, at_night(START, 23, 59)) == []
    assert due(county, at_night(START + DAY, 2, 14)) == []
    assert due(county, at_night(START + DAY, 2, 15)) == ["2025-01-07"]


def test_before_a_policy_is_adopted_no_night_is_due(database_url, tmp_path):
    with open_office(Settings(home=tmp_path / "home", database_url=database_url)) as office:
        assert nights_due(office, at_night(START)) == []


def test_missed_nights_are_caught_up_in_order_and_not_more_than_the_policy_says(county):
    assert due(county, at_night(START + 3 * DAY)) == ["2025-01-07", "2025-01-08", "2025-01-09"]
    many = due(county, at_night(date(2025, 3, 1)))
    assert (len(many), many[0], many[-1]) == (14, "2025-02-16", "2025-03-01")
    done = run_due_nights(county.office, now=at_night(START + 3 * DAY))
    assert [report.business_date for report in done] == [START + n * DAY for n in (1, 2, 3)]
    assert due(county, at_night(START + 3 * DAY, 12)) == []


def test_the_hour_is_londons_in_summer_and_in_winter(county):
    """The clocks go forward on 30 March 2025 at 01:00 and back on 26 October at 02:00 British time."""
    the_night(county, date(2025, 3, 29))
    assert due(county, datetime(2025, 3, 30, 1, 14, tzinfo=UTC)) == []  # 02:14 summer time
    assert due(county, datetime(2025, 3, 30, 1, 15, tzinfo=UTC)) == ["2025-03-30"]
    the_night(county, date(2025, 10, 25))
    assert due(county, datetime(2025, 10, 26, 1, 15, tzinfo=UTC)) == []  # 01:15 for the second time
    assert due(county, datetime(2025, 10, 26, 2, 15, tzinfo=UTC)) == ["2025-10-26"]


def test_a_clock_that_was_set_back_brings_no_night_back(county):
    the_night(county, LATE)
    assert due(county, at_night(LATE, 0, 15)) == []
    assert due(county, at_night(LATE - 2 * DAY)) == []
    assert run_due_nights(county.office, now=at_night(LATE - 2 * DAY)) == []


def test_a_night_that_was_not_finished_is_due_again(world, monkeypatch):
    class Stopped(BaseException):
        pass

    def chunk(check, ids):
        raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr(Check, "_chunk", chunk)
        with pytest.raises(Stopped):
            the_night(world, START + DAY)
    assert due(world, at_night(START + DAY, 3)) == ["2025-01-07"]


def test_a_caught_up_night_looks_at_its_own_day(world):
    """Late on 4 February, rated on the 6th: the nights of the 5th and of the morning of the 6th find it,
    although they are checked on the 7th. The 6th is also the 31st day on which nothing has happened (D-35)."""
    the_night(world, date(2025, 2, 3))
    for ref in refs(world):
        world.do("rate", date(2025, 2, 6), "rowan.tm", ref=ref)
    done = run_due_nights(world.office, now=at_night(date(2025, 2, 7)))
    assert [(r.business_date.day, r.findings["D-01"], r.new, r.cleared) for r in done] == [
        (4, 5, 5, 0),
        (5, 5, 0, 0),
        (6, 5, 5, 0),
        (7, 0, 0, 10),
    ]


def test_only_a_live_night_moves_the_watermark(world):
    run_night(world.office, business_date=LATE, replay=True, now=at_night(LATE))
    with world.office.reading() as session:
        assert watermark(session) == START
    the_night(world, LATE)
    with world.office.reading() as session:
        assert watermark(session) == LATE
