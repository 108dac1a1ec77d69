"""The ladders of deadlines: the database is asked only for rungs that are new, and misses none (design 5.6)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from casework.acting.deadlines import DUES
from casework.overnight import ladder
from persistence.tables import Case, Deadline, Outbox, Rung
from states.calendar import Calendar
from tests.world import START, World, leicestershire, noon

STATES = ("COHORT", "RATED", "TRAJECTORY", "ASSESSMENT", "WITH_LEGAL", "IN_COURT")


def wanted(world: World, on: date) -> set[tuple[str, str]]:
    """Every rung that a look at every open deadline, one by one, says has been reached by a day."""
    policy = leicestershire()
    calendar = Calendar.of(policy)
    with world.office.reading() as session:
        return {
            (deadline.id, name)
            for deadline in session.scalars(select(Deadline).where(Deadline.closed_as.is_(None)))
            for name, day, _ in ladder.rungs_of(DUES[deadline.name], deadline, policy, calendar)
            if day <= on
        }


def climbed(world: World) -> set[tuple[str, str]]:
    with world.office.reading() as session:
        return {(rung.deadline_id, rung.rung) for rung in session.scalars(select(Rung))}


def ring(world: World, on: date) -> ladder.Rungs:
    with world.office.unit_of_work() as session:
        return ladder.ring(session, session.scalars(select(Case.id)).all(), on, now=noon(on))


@pytest.mark.slow
def test_every_rung_that_is_due_is_reached_on_its_day_and_no_other(world):
    """Children at six states; every day for half a year is compared with a look at each deadline."""
    for state in STATES:
        world.child_at(state)
    reached = 0
    for days in range(200):
        on = START + timedelta(days=days)
        expected = wanted(world, on) | climbed(world)
        reached += ring(world, on).reached
        assert climbed(world) == expected, on
    assert reached == len(climbed(world)) > 10


def test_of_rungs_that_passed_unseen_only_the_last_is_said_aloud(world):
    """First rating due on 3 February 2025: NT-02 on 20 January and, ten working days late, on 17 February."""
    world.open_child()
    found = ring(world, date(2025, 2, 20))
    with world.office.reading() as session:
        told = session.scalars(select(Outbox).where(Outbox.occasion.startswith("rung:"))).all()
    assert found.reached == 2
    assert {tuple(mail.notices) for mail in told} == {("NT-02-LATE",)}


def test_a_rung_is_reached_once(world):
    world.open_child()
    assert ring(world, date(2025, 1, 20)).reached == 1
    assert ring(world, date(2025, 1, 20)) == ladder.Rungs(reached=0, notices=0)


def test_nobody_to_look_at_is_nothing_to_do(world):
    assert ring(world, START) == ladder.Rungs(reached=0, notices=0)


def test_a_date_that_stands_still_rings_nobody(world):
    """The trajectory is due on Thursday 6 February; while the clock stands nobody is told, after it the due
    date has moved on by the seven working days from 3 to 12 February, to Monday 17 February."""
    ref = world.child_at("TRAJECTORY")
    world.do("pause_clock", date(2025, 2, 3), "rowan.tm", ref=ref)
    ring(world, date(2025, 2, 10))
    before = climbed(world)
    with world.office.reading() as session:
        trajectory = session.scalars(select(Deadline.id).where(Deadline.name == "trajectory")).one()
    assert trajectory not in {deadline for deadline, _ in before}
    world.do("resume_clock", date(2025, 2, 12), "rowan.tm", ref=ref)
    ring(world, date(2025, 2, 16))
    assert trajectory not in {deadline for deadline, _ in climbed(world)}
    ring(world, date(2025, 2, 17))
    assert (trajectory, "NT-06-0") in climbed(world)
