"""Who may do what to which child on which day: posts, teams, allocation, cover (rules 11.1, reliability C3, C8-C12)."""

from datetime import date, timedelta

import pytest

from casework.errors import NotFound, Refused, Unusable
from casework.reading.queries import list_cases, next_steps
from casework.reading.showing import show_case
from casework.who.people import add_cover, add_person, disable_person, end_role, find_person, grant_role
from persistence.tables import Case, Event, Person
from states.vocabulary import Role
from tests.county import ChildAt
from tests.rows import everything, rows_of
from tests.world import LONG_AGO, START, World, noon

pytestmark = pytest.mark.one_database


def day(days: int) -> date:
    return START + timedelta(days)


def cover(world: World, absent: str, covering: str, first: date, last: date) -> None:
    with world.office.unit_of_work() as session:
        add_cover(
            session,
            absent=find_person(session, absent),
            covering=find_person(session, covering),
            from_on=first,
            until_on=last,
            reason="leave",
            recorded_by=None,
            now=noon(first),
        )


def engage(world: World, handle: str, *roles: Role) -> None:
    """Somebody new, with roles since long ago."""
    with world.office.unit_of_work() as session:
        person = add_person(session, handle=handle, name=handle, email=None, now=noon(START))
        for role in roles:
            grant_role(session, person=person, role=role, from_on=LONG_AGO, now=noon(START))
        world.ids[handle] = person.id


def sees(world: World, who: str, ref: str, today: date) -> bool:
    with world.office.reading() as session:
        try:
            show_case(session, ref, by=world.ids[who], today=today)
        except NotFound:
            return False
        return True


# -- posts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["rowan.tm", "hana.hos", "abel.ad", "dara.director"])
def test_a_post_is_a_floor_and_whoever_is_more_senior_may(child_at: ChildAt, who: str) -> None:
    world, ref = child_at("COHORT")

    event = world.do("rate", day(3), who, ref=ref).event

    post = {"rowan.tm": "Team Manager", "hana.hos": "Head of Service", "abel.ad": "Assistant Director"}
    assert rows_of(world, Event, id=event)[0].role == post.get(who, "Director")


@pytest.mark.parametrize("who", ["sol.sw", "wren.chair", "lex.legal", "tam.sgo", "dean.data"])
def test_no_other_post_rates_a_child(child_at: ChildAt, who: str) -> None:
    world, ref = child_at("COHORT")

    with pytest.raises((Refused, NotFound)):  # the chair of the group does not see a child not yet rated
        world.do("rate", day(3), who, ref=ref)


def test_nobody_is_senior_to_a_specialist(child_at: ChildAt) -> None:
    world, ref = child_at("KEY_DECISION")

    for who in ("rowan.tm", "hana.hos", "abel.ad", "dara.director", "wren.chair"):
        with pytest.raises(Refused, match="Only KDD chair may do this"):
            world.do("kdd_sgo_appropriate", day(47), who, ref=ref, legal_adviser="lex.legal")


def test_of_several_posts_the_lowest_that_is_enough_is_written_down(child_at: ChildAt) -> None:
    world, ref = child_at("COHORT")
    engage(world, "sky.acting", Role.ASSISTANT_DIRECTOR, Role.HEAD_OF_SERVICE)

    event = world.do("rate", day(3), "sky.acting", ref=ref).event

    assert rows_of(world, Event, id=event)[0].role == "Head of Service"


def test_a_team_manager_manages_the_children_of_their_own_team_and_of_none(child_at: ChildAt) -> None:
    world, ref = child_at("COHORT")
    assert sees(world, "rowan.tm", ref, day(3))
    assert not sees(world, "imara.tm", ref, day(3))  # of the team in the south
    with pytest.raises(NotFound):
        world.do("rate", day(3), "imara.tm", ref=ref)

    of_no_team = world.open_child(day(1), team=None)

    assert world.do("rate", day(3), "imara.tm", ref=of_no_team).to_state == "RATED"


def test_every_list_shows_exactly_the_children_that_open(child_at: ChildAt) -> None:
    """The rule for lists and the rule for one child are two pieces of code: they must agree (reliability R21)."""
    world, _ = child_at("ASSESSMENT")
    for number, team in enumerate(("Children in Care North", "Children in Care South", None)):
        world.do("open_case", day(1), "tam.sgo", council_id=f"77800{number}", team=team)
    restricted = world.open_child(day(1))
    world.do("restrict", day(2), "rowan.tm", ref=restricted, people=[{"person": "rowan.tm"}, {"person": "sol.sw"}])
    cover(world, "rowan.tm", "nell.sw", day(0), day(200))
    cover(world, "sol.sw", "kit.saw", day(0), day(200))
    with world.office.unit_of_work() as session:
        disable_person(session, who="otto.operator", now=noon(day(5)))
    refs = [c.ref for c in rows_of(world, Case)]

    for who, person_id in world.ids.items():
        with world.office.reading() as session:
            listed = {c.ref for c in list_cases(session, by=person_id, today=day(80), include_closed=True)}
        assert listed == {ref for ref in refs if sees(world, who, ref, day(80))}, who


# -- allocation -------------------------------------------------------------------------------------------


def test_whoever_is_allocated_no_more_is_refused_from_that_day_on(child_at: ChildAt) -> None:
    """(reliability C3)"""
    world, ref = child_at("ASSESSMENT")
    assert sees(world, "ida.saw", ref, day(79))

    world.do("allocate", day(80), "tam.sgo", ref=ref, role="SGO assessment worker", person="kit.saw", handover="None")

    assert not sees(world, "ida.saw", ref, day(80))
    with pytest.raises(NotFound):
        world.do("set_latest_position", day(81), "ida.saw", ref=ref)
    assert world.do("set_latest_position", day(81), "kit.saw", ref=ref).event
    with world.office.reading() as session, pytest.raises(NotFound):
        next_steps(session, ref, by=world.ids["ida.saw"], today=day(81))


def test_what_was_decided_while_allocated_may_be_written_down_later_by_another(child_at: ChildAt) -> None:
    world, ref = child_at("TRAJECTORY")
    for on, who in ((18, "ida.saw"), (30, "kit.saw")):
        world.do("allocate", day(on), "tam.sgo", ref=ref, role="SGO assessment worker", person=who)

    then = world.do("record_initial_meeting", day(29), "kit.saw", ref=ref, decided_by="ida.saw", today=day(31))
    assert rows_of(world, Event, id=then.event)[0].decided_by == world.ids["ida.saw"]
    with pytest.raises(Refused, match="Only SGO assessment worker"):  # not what came after it
        world.do("record_initial_meeting", day(30), "kit.saw", ref=ref, decided_by="ida.saw", today=day(31))


# -- leaving ----------------------------------------------------------------------------------------------


def test_a_closed_account_is_refused_at_the_next_act_and_sees_nothing(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    world.do("set_latest_position", day(5), "sol.sw", ref=ref)
    with world.office.unit_of_work() as session:
        disable_person(session, who="sol.sw", now=noon(day(5)))
    before = everything(world)

    with pytest.raises(NotFound):
        world.do("set_latest_position", day(5), "sol.sw", ref=ref)
    with pytest.raises(Refused, match="does not work here any more"):
        world.do("rerate", day(5), "rowan.tm", ref=ref, decided_by="sol.sw")

    assert everything(world) == before
    assert not sees(world, "sol.sw", ref, day(5))
    with world.office.reading() as session:
        assert list_cases(session, by=world.ids["sol.sw"], today=day(5)) == []


def test_a_post_that_has_ended_decides_nothing_more_but_what_it_decided_may_be_entered(child_at: ChildAt) -> None:
    world, ref = child_at("COHORT")
    with world.office.unit_of_work() as session:
        assert end_role(session, person=find_person(session, "rowan.tm"), role=Role.TEAM_MANAGER, last_day=day(4)) == 1
    assert sees(world, "rowan.tm", ref, day(4))  # the last day
    assert not sees(world, "rowan.tm", ref, day(5))

    with pytest.raises(Refused, match="Only Team Manager"):
        world.do("rate", day(5), "tam.sgo", ref=ref, decided_by="rowan.tm")
    assert world.do("rate", day(4), "tam.sgo", ref=ref, decided_by="rowan.tm", today=day(6)).unconfirmed


# -- cover ------------------------------------------------------------------------------------------------


def test_cover_holds_between_its_days_and_says_for_whom(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    cover(world, "rowan.tm", "nell.sw", day(10), day(12))

    for on, holds in ((9, False), (10, True), (12, True), (13, False)):
        assert sees(world, "nell.sw", ref, day(on)) is holds, on
        if not holds:
            with pytest.raises(NotFound):
                world.do("rerate", day(on), "nell.sw", ref=ref)
    event = world.do("rerate", day(11), "nell.sw", ref=ref).event

    (row,) = rows_of(world, Event, id=event)
    assert (row.decided_by, row.on_behalf_of, row.role) == (
        world.ids["nell.sw"],
        world.ids["rowan.tm"],
        "Team Manager",
    )


def test_cover_is_not_passed_on(child_at: ChildAt) -> None:
    """(reliability C12)"""
    world, ref = child_at("RATED")
    cover(world, "rowan.tm", "nell.sw", day(10), day(20))
    cover(world, "nell.sw", "kit.saw", day(10), day(20))

    assert sees(world, "nell.sw", ref, day(11))
    assert not sees(world, "kit.saw", ref, day(11))
    with pytest.raises(NotFound):
        world.do("rerate", day(11), "kit.saw", ref=ref)


def test_cover_for_oneself_backwards_in_time_or_by_somebody_who_left_is_refused(child_at: ChildAt) -> None:
    world, _ = child_at("RATED")
    with world.office.unit_of_work() as session:
        disable_person(session, who="kit.saw", now=noon(START))

    for absent, covering, first, last in (
        ("rowan.tm", "rowan.tm", day(1), day(2)),
        ("rowan.tm", "nell.sw", day(2), day(1)),
        ("rowan.tm", "kit.saw", day(1), day(2)),
    ):
        with pytest.raises(Unusable):
            cover(world, absent, covering, first, last)


def test_their_own_post_comes_before_one_they_cover(child_at: ChildAt) -> None:
    world, ref = child_at("COHORT")
    cover(world, "rowan.tm", "hana.hos", day(0), day(10))

    event = world.do("rate", day(3), "hana.hos", ref=ref).event

    (row,) = rows_of(world, Event, id=event)
    assert (row.role, row.on_behalf_of) == ("Head of Service", None)


def report_by_ida(child_at: ChildAt) -> tuple[World, str]:
    world, ref = child_at("ASSESSMENT")
    world.do("write_report", day(100), "ida.saw", ref=ref, author="ida.saw")
    return world, ref


def test_the_author_does_not_check_the_report_by_covering_for_the_checker(child_at: ChildAt) -> None:
    world, ref = report_by_ida(child_at)
    cover(world, "tam.sgo", "ida.saw", day(90), day(110))

    with pytest.raises(Refused, match="The author of the report cannot check it"):
        world.do("check_quality", day(101), "ida.saw", ref=ref)


def test_nobody_checks_the_report_by_covering_for_its_author(child_at: ChildAt) -> None:
    world, ref = report_by_ida(child_at)
    cover(world, "ida.saw", "kit.saw", day(90), day(110))

    with pytest.raises(Refused, match="The author of the report cannot check it"):
        world.do("check_quality", day(101), "kit.saw", ref=ref)


def test_whoever_may_check_in_their_own_right_may_also_cover_for_the_author(child_at: ChildAt) -> None:
    world, ref = report_by_ida(child_at)
    cover(world, "ida.saw", "tam.sgo", day(90), day(110))

    event = world.do("check_quality", day(101), "tam.sgo", ref=ref).event

    (row,) = rows_of(world, Event, id=event)
    assert (row.role, row.on_behalf_of) == ("SGO team manager", None)


def test_the_author_does_not_have_their_report_checked_in_another_name(child_at: ChildAt) -> None:
    """A check the author types for the checker counts only once the checker says so (practice PR-2)."""
    world, ref = report_by_ida(child_at)
    check = world.do("check_quality", day(101), "ida.saw", ref=ref, decided_by="tam.sgo").event

    def words() -> str:
        with pytest.raises(Refused) as refused:
            world.do("complete_assessment", day(102), "ida.saw", ref=ref)
        return str(refused.value)

    assert "agreed by somebody other than its author" in words()
    world.do("confirm_decision", day(102), "tam.sgo", ref=ref, event=check)
    assert "agreed by somebody other than its author" not in words()


def test_the_same_person_in_two_posts_is_one_person(child_at: ChildAt) -> None:
    world, ref = report_by_ida(child_at)
    with world.office.unit_of_work() as session:
        grant_role(
            session, person=find_person(session, "ida.saw"), role=Role.SGO_TEAM, from_on=LONG_AGO, now=noon(START)
        )

    with pytest.raises(Refused, match="The author of the report cannot check it"):
        world.do("check_quality", day(101), "ida.saw", ref=ref)


def test_staff_without_any_child_open_none(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")

    for who in ("amy.administrator", "otto.operator", "nell.sw", "per.iro", "kit.saw", "faye.finance"):
        assert not sees(world, who, ref, day(80)), who
    assert len(rows_of(world, Person)) == len(world.ids)
