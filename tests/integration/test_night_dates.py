"""Sixty dates across both changes of the clock, with everything that goes wrong in a server's life (R13, R30).

Thirty nights around 30 March 2025 and thirty around 26 October 2025, one stretch on each database; `make soak` takes
four stretches of two hundred. The runner is killed between two chunks, starts late or days late, is triggered twice
or three times, and finds its clock set back.
In the end every date has exactly one finished night, whose numbers add up, and looking back at each date says
what its night said.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import func, select

from casework.acting import opening
from casework.errors import Conflict
from casework.following import leases
from casework.following.ledger import RunState, runs
from casework.overnight import night_log
from casework.overnight.night import nights_due, run_due_nights, run_night
from casework.overnight.night_check import Check
from casework.settings import Settings
from casework.units import open_office
from demo.papers import paper
from persistence.tables import Case, Finding, Night, Outbox, Rung, new_id
from tests.nights import at_night
from tests.world import TEAM, World, furnish, noon

DAY = timedelta(days=1)
NIGHTS = 30
#: The first nights of two stretches with a change of the clock in the middle.
SEASONS = {"spring": date(2025, 3, 16), "autumn": date(2025, 10, 12)}
CHILDREN = 7


@pytest.fixture(params=SEASONS, ids=str)
def first(request) -> date:
    return SEASONS[request.param]


@pytest.fixture
def world(database_url, tmp_path, first) -> Iterator[World]:
    """Installed on the day before the first night; the children joined three weeks earlier."""
    with open_office(Settings(home=tmp_path / "home", database_url=database_url)) as office:
        world = furnish(office, now=noon(first - DAY))
        on = first - timedelta(days=21)
        records = [paper("open_case", on=on, council_id=f"N{n}", team=TEAM) for n in range(CHILDREN)]
        with office.unit_of_work() as session:
            opening.open_many(session, records, bulk_id=new_id(), by=world.actor("rowan.tm"), now=noon(on))
        yield world


class Killed(BaseException):
    """What no `except Exception` holds up."""


class Life:
    """A server's life with its clock in our hands."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.chance = world, Random(seed)
        self.reports: list[tuple[date, int]] = []

    def run(self, now: datetime) -> None:
        """The scheduler wakes up: whatever is due is checked."""
        for report in run_due_nights(self.world.office, now=now, chunk=2):
            assert report.expected == report.examined + report.skipped == CHILDREN
            self.reports.append((report.business_date, report.new))

    def be_killed(self, now: datetime) -> None:
        """The process goes away between two chunks and lets nothing go."""
        whole, chunks = Check._chunk, self.chance.randint(0, 3)
        count = [0]

        def chunk(check, ids):
            if count[0] == chunks:
                raise Killed
            count[0] += 1
            return whole(check, ids)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Check, "_chunk", chunk)
            patch.setattr(night_log, "release", lambda office, owner: None)
            if nights_due(self.world.office, now):
                with pytest.raises(Killed):
                    self.run(now)

    def be_triggered_twice(self, now: datetime) -> None:
        """Another runner holds the night: ours is told, and comes back when it has gone."""
        assert leases.take(self.world.office, "overnight", owner="another-machine:7:x", now=now)
        if nights_due(self.world.office, now):
            with pytest.raises(Conflict):
                self.run(now)
        leases.release(self.world.office, "overnight", owner="another-machine:7:x")
        self.run(now)
        self.run(now)

    def have_the_clock_back(self, now: datetime) -> None:
        """The clock is set back by hours or days after the night: nothing is due, nothing is done again."""
        self.run(now)
        before = len(self.reports)
        for back in (timedelta(hours=2), timedelta(hours=1), 3 * DAY):
            self.run(now - back)
        assert len(self.reports) == before

    def night(self, day: date) -> None:
        """One night of this life. Some days nothing runs at all, and the next run catches up."""
        now = at_night(day)
        match self.chance.choice(("on time", "late", "killed", "twice", "clock back", "down", "again")):
            case "on time":
                self.run(now)
            case "late":
                self.run(now + timedelta(minutes=self.chance.randint(1, 20 * 60)))
            case "killed":
                self.be_killed(now)
                if self.chance.random() < 0.5:
                    self.be_killed(now + timedelta(minutes=10))
                self.run(now + timedelta(minutes=20))
            case "twice":
                self.be_triggered_twice(now)
            case "clock back":
                self.have_the_clock_back(now)
            case "again":
                self.run(now)
                again = run_night(self.world.office, business_date=day, replay=False, now=now)
                assert (again.new, again.before) == (0, True)
            case "down":
                pass


def refs(world: World) -> list[str]:
    with world.office.reading() as session:
        return list(session.scalars(select(Case.ref).order_by(Case.id)))


@pytest.mark.slow
@pytest.mark.one_database
def test_every_date_has_one_night_whatever_happens(world, first):
    life = Life(world, seed=first.toordinal())
    dates = [first + n * DAY for n in range(NIGHTS)]
    children = refs(world)
    for number, day in enumerate(dates):
        life.night(day)
        if number in (9, 14):  # somebody is rated, one of them when it is already late
            world.do("rate", day, "rowan.tm", ref=children[number % 3], today=day)
    life.run(at_night(dates[-1], 23))

    with world.office.reading() as session:
        nights = session.scalars(select(Night).order_by(Night.business_date)).all()
        completed = Counter(
            line.business_date
            for line in runs(session, flow="overnight", limit=1000)
            if line.state == RunState.COMPLETED
        )
        unfinished = [
            line for line in runs(session, flow="overnight", limit=1000) if line.state == RunState.RUNNING
        ]
        rungs = session.scalar(select(func.count()).select_from(Rung))
        told = session.scalars(select(Outbox.occasion).where(Outbox.occasion.startswith("rung:"))).all()
        lapses = session.scalars(select(Finding)).all()

    # 0 missing, 0 twice.
    assert [night.business_date for night in nights] == dates
    assert {night.status for night in nights} == {"done"}
    assert completed == Counter(dates)
    assert unfinished == []
    assert [day for day, _ in life.reports] == dates
    assert all(night.expected == night.examined + night.skipped == CHILDREN for night in nights)
    # Each rung and each lapse once, whoever was killed over it. Ten working days before the rating is due the
    # Team Manager hears of all seven; ten working days after of the five who are still not rated, and so does
    # the Head of Service.
    assert rungs == 7 + 5
    assert len(told) == 7 + 5 * 2
    assert sum(new for _, new in life.reports) == len(lapses)
    assert len({(one.rule, one.case_id, one.period) for one in lapses}) == len(lapses)
    # The proof has left the database once a night.
    heads = sorted(path.stem for path in world.office.settings.seals_folder.glob("*.json"))
    assert heads == [day.isoformat() for day in dates]
    # What was found on a date can be found again.
    end = datetime(2025, 12, 1, tzinfo=UTC)
    for night in nights:
        again = run_night(world.office, business_date=night.business_date, replay=True, now=end)
        assert again.findings == night.summary["findings"], night.business_date
    assert sum(night.summary["findings"]["D-01"] for night in nights) > 0
