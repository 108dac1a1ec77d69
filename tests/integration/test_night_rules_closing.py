"""Nothing is closed by the system: the night asks a named person, and goes on asking (rules T23, practice PR-5)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from casework import policies
from casework.reading.queries import list_cases
from persistence.tables import Flag
from tests.nights import found, standing, the_night
from tests.rows import rows_of
from tests.world import POLICY, START, World, leicestershire, noon

DAY = timedelta(days=1)


def around(world: World, last_day: date) -> tuple[int, int]:
    """How many are asked for on the last day on which nothing is to be asked, and on the day after."""
    return found(world, "D-41", last_day), found(world, "D-41", last_day + DAY)


class TestEighteen:
    def test_is_asked_on_the_eighteenth_birthday_and_the_case_stays_open(self, world):
        ref = world.open_child(date_of_birth=date(2007, 3, 14))
        assert around(world, date(2025, 3, 13)) == (0, 1)
        the_night(world, date(2025, 3, 14))
        (asked,) = standing(world, on=date(2025, 3, 14), rule="D-41")
        assert (asked.ref, asked.since, asked.severity) == (ref, date(2025, 3, 14), "warn")
        assert asked.owners == ("Team Manager", "permanence support co-ordinator")
        with world.office.reading() as session:
            assert [line.state for line in list_cases(session, by=world.ids["tam.sgo"], today=START)] == ["COHORT"]

    @pytest.mark.parametrize(
        ("policy_says", "last_day"), [("1 March", date(2026, 2, 28)), ("28 February", date(2026, 2, 27))]
    )
    def test_born_on_29_february_the_policy_says_on_which_day(self, county, policy_says, last_day):
        """R-CLK-7: reached on 1 March in a year without a 29th, unless the authority decides otherwise."""
        policy = leicestershire()
        own = policy.model_copy(
            update={"calendar": policy.calendar.model_copy(update={"leap_birthday": policy_says})}
        )
        with county.office.unit_of_work() as session:
            policies.adopt(session, own, file_name=POLICY.name, from_on=START, by=None, now=noon(START))
        county.open_child(date_of_birth=date(2008, 2, 29))
        assert around(county, last_day) == (0, 1)

    def test_is_urgent_on_the_eleventh_working_day_and_goes_to_a_head_of_service(self, world):
        """Ten working days from Friday 14 March 2025 end on Friday 28 March."""
        world.open_child(date_of_birth=date(2007, 3, 14))
        seen = []
        for day in (date(2025, 3, 28), date(2025, 3, 29)):
            the_night(world, day)
            seen += [(f.severity, "Head of Service" in f.owners) for f in standing(world, on=day, rule="D-41")]
        assert seen == [("warn", False), ("urgent", True)]

    def test_is_over_when_a_person_closes_the_case(self, world):
        ref = world.open_child(date_of_birth=date(2007, 3, 14))
        on = date(2025, 3, 17)
        world.do("end", on, "rowan.tm", ref=ref, why="turned eighteen")
        assert found(world, "D-41", on + DAY) == 0


class TestFacts:
    """A death, a move, leaving care, an order discharged: a fact is written down, and a person is asked."""

    @pytest.mark.parametrize("trigger", ["record_death", "record_move_away", "record_leaving"])
    def test_is_asked_from_the_day_it_is_written_down(self, child_at, trigger):
        world, ref = child_at("RATED")
        on = date(2025, 2, 10)
        assert found(world, "D-41", on) == 0
        world.do(trigger, on, "sol.sw", ref=ref)
        the_night(world, on + DAY)
        (asked,) = standing(world, on=on + DAY, rule="D-41")
        assert (asked.since, asked.severity) == (on, "warn")
        # Ten working days from Monday 10 February end on Monday 24 February.
        the_night(world, date(2025, 2, 25))
        (asked,) = standing(world, on=date(2025, 2, 25), rule="D-41")
        assert asked.severity == "urgent"

    @pytest.mark.parametrize("answer", ["end", "clear_flag"])
    def test_is_over_when_a_person_answers(self, child_at, answer):
        world, ref = child_at("RATED")
        on = date(2025, 2, 10)
        done = world.do("record_leaving", on, "sol.sw", ref=ref, how="adopted")
        assert found(world, "D-41", on + DAY) == 1
        if answer == "end":
            world.do("end", on + DAY, "rowan.tm", ref=ref, why="adopted")
        else:
            (flag,) = [flag for flag in rows_of(world, Flag) if flag.event_id == done.event]
            world.do("clear_flag", on + DAY, "rowan.tm", ref=ref, flag=flag.id, outcome="The order was set aside.")
        assert found(world, "D-41", on + DAY + DAY) == 0
