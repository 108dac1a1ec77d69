"""Who hears of what the night found, and who does not: on both databases (rules 10, practice PN-2, PR-4)."""

from datetime import date, timedelta

import pytest

from casework.drift.telling import due_to_tell
from casework.who.people import disable_person, find_person, grant_role
from persistence.tables import Finding
from states.vocabulary import Role
from tests.integration.test_night_rules import defer
from tests.nights import the_night
from tests.rows import asked
from tests.world import START, World, noon

pytestmark = pytest.mark.one_database

DAY = timedelta(days=1)
#: A child who joins on Monday 6 January 2025 is to be rated by Monday 3 February.
LATE = date(2025, 2, 4)


def told(world: World, on: date) -> set[tuple[str, str, str]]:
    """(who, rule, why) on a date."""
    handles = {person_id: handle for handle, person_id in world.ids.items()}
    with world.office.reading() as session:
        rules = {finding.id: finding.rule for finding in session.query(Finding)}
        told = [one for part in due_to_tell(session, on) for one in part]
        return {(handles[who], rules[one.finding.id], why) for one in told for who, why in one.people}


def test_the_team_manager_hears_of_a_child_of_their_team(world):
    world.open_child()
    the_night(world, LATE)
    assert told(world, LATE) == {("rowan.tm", "D-01", "Team Manager")}
    assert told(world, LATE - DAY) == set()


def test_whoever_is_allocated_hears_of_their_child_and_the_manager_too(world):
    """The trajectory is due ten working days after Thursday 23 January, on 6 February: ten more, the 20th."""
    world.child_at("TRAJECTORY")
    the_night(world, date(2025, 2, 21))
    heard = {(who, why) for who, rule, why in told(world, date(2025, 2, 21)) if rule == "D-05"}
    assert heard == {("sol.sw", "child's social worker"), ("rowan.tm", "Team Manager")}


def test_where_a_post_on_the_child_is_empty_the_team_manager_hears_alone(world):
    ref = world.child_at("TRAJECTORY")
    role = "child's social worker"
    world.do("allocate", date(2025, 2, 20), "rowan.tm", ref=ref, role=role, person=None)
    the_night(world, date(2025, 2, 21))
    assert {(w, y) for w, r, y in told(world, date(2025, 2, 21)) if r == "D-05"} == {("rowan.tm", "Team Manager")}


def test_however_much_is_found_as_much_is_asked(world):
    """The digests of a night over many children cost a few questions for each few hundred of them."""
    found: list[tuple[int, int]] = []
    for day, children in ((LATE, 1), (LATE + DAY, 3)):
        for _ in range(children):
            world.open_child()
        the_night(world, day)
        with world.office.reading() as session, asked(world) as statements:
            parts = list(due_to_tell(session, day))
            found.append((sum(map(len, parts)), len(statements)))
    assert found == [(1, found[0][1]), (4, found[0][1])]


def test_of_a_restricted_child_only_those_named_hear(world):
    ref = world.open_child()
    people = [{"person": "hana.hos"}, {"person": "imara.tm"}]
    world.do("restrict", START, "rowan.tm", ref=ref, people=[*people, {"person": "rowan.tm"}])
    the_night(world, LATE)
    assert {who for who, _, _ in told(world, LATE)} == {"rowan.tm"}


def test_who_has_left_hears_nothing_and_where_no_manager_is_left_a_head_of_service_does(world):
    world.open_child()
    the_night(world, LATE)
    with world.office.unit_of_work() as session:
        disable_person(session, who="rowan.tm", now=noon(LATE))
    assert told(world, LATE) == {("hana.hos", "D-01", "Head of Service")}


def test_what_has_been_cleared_is_told_to_nobody_any_more(world):
    ref = world.open_child()
    the_night(world, LATE)
    world.do("rate", LATE, "rowan.tm", ref=ref)
    the_night(world, LATE + DAY)
    assert told(world, LATE + DAY) == set()


def test_each_person_hears_of_a_finding_once_whatever_posts_they_hold(world):
    ref = world.child_at("REVIEW_GROUP")
    defer(world, ref, return_on=date(2025, 2, 20))
    with world.office.unit_of_work() as session:
        person = find_person(session, "rowan.tm")
        grant_role(session, person=person, role=Role.GROUP_ADMINISTRATOR, from_on=START, now=noon(START))
    the_night(world, date(2025, 2, 21))
    heard = [(who, why) for who, rule, why in told(world, date(2025, 2, 21)) if rule == "D-04"]
    assert sorted(heard) == [("ash.admin", "group administrator"), ("rowan.tm", "group administrator")]
