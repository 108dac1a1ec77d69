"""When the worker goes on without Prefect, and when it comes back (design 2)."""

import pytest

from workflows.prefect_link import Link, Way


class World:
    """A clock in seconds, and a server that answers or does not."""

    def __init__(self, *, there):
        self.now, self.there, self.asked = 0.0, there, 0

    def probe(self):
        self.asked += 1
        return self.there


@pytest.fixture
def world():
    return World(there=True)


def link(world, patience=120):
    return Link(probe=world.probe, patience=patience, clock=lambda: world.now)


def ways(found, world, *, until, step=1.0):
    """What the link says at each second."""
    said = []
    while world.now <= until:
        said.append(found.way())
        world.now += step
    return said


def test_a_server_that_answers_is_used_at_once(world):
    assert link(world).way() is Way.PREFECT


def test_without_a_server_the_work_waits_for_the_patience_and_then_goes_on_plainly(world):
    world.there = False

    said = ways(link(world, patience=120), world, until=125)

    assert said == [Way.WAIT] * 120 + [Way.PLAIN] * 6


def test_no_patience_means_plainly_at_once(world):
    world.there = False

    assert link(world, patience=0).way() is Way.PLAIN


def test_an_outage_counts_from_its_beginning_though_nothing_ran(world):
    found = link(world, patience=120)
    found.way()
    world.there = False

    said = ways(found, world, until=300)

    # It is looked at every ten seconds, so that an outage is seen at second 10 at the latest.
    assert said[:10] == [Way.PREFECT] * 10
    assert said[10:130] == [Way.WAIT] * 120
    assert set(said[130:]) == {Way.PLAIN}


def test_a_server_that_comes_back_is_used_again(world):
    world.there = False
    found = link(world, patience=5)
    ways(found, world, until=20)
    world.there = True

    said = ways(found, world, until=30)

    assert said[-1] is Way.PREFECT


def test_a_server_that_answers_and_carries_no_run_does_not_count_as_there(world):
    found = link(world, patience=60)
    said = []
    while world.now < 200:
        way = found.way()
        said.append(way)
        if way is Way.PREFECT:
            found.lost()  # it answered, and the run was lost to it all the same
        world.now += 1

    assert said[0] is Way.PREFECT
    assert said.count(Way.PREFECT) < 10  # tried again less and less often
    assert set(said[70:]) == {Way.PLAIN, Way.PREFECT}


def test_a_run_that_comes_through_ends_the_outage(world):
    found = link(world, patience=60)
    found.lost()
    found.lost()
    world.now = 70
    assert found.way() is Way.PREFECT  # a trial
    found.came_through()

    assert set(ways(found, world, until=200)) == {Way.PREFECT}


def test_a_server_that_is_there_is_not_asked_before_every_run(world):
    found = link(world)

    ways(found, world, until=60, step=0.1)

    assert world.asked <= 8
