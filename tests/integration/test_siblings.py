"""Brothers and sisters: entered once, decided for each child (practice PR-6, rules R-SM-4)."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from casework.acting.commands import Command, Result
from casework.acting.several import act_for_siblings
from casework.errors import Conflict, NotFound, Refused
from casework.reading.showing import show_case
from demo.papers import paper
from persistence.tables import Event, FollowUp, Outbox, Record, SiblingLink
from tests.county import ChildAt
from tests.rows import case_of, everything, rows_of
from tests.world import START, World, noon

pytestmark = pytest.mark.one_database


def day(days: int) -> date:
    return START + timedelta(days)


def together(
    world: World,
    trigger: str,
    on: date,
    who: str,
    ref: str,
    *also: str,
    differences: Mapping[str, Mapping[str, Any]] | None = None,
    version: int | None = None,
    key: str | None = None,
    **differs: Any,
) -> Sequence[Result]:
    """One act for several children."""
    command = Command(
        trigger=trigger,
        happened_on=on,
        ref=ref,
        record=paper(trigger, on=on, **differs),
        version=version,
        key=key,
    )
    with world.office.unit_of_work() as session:
        return act_for_siblings(
            session, command, also=also, differences=differences or {}, by=world.actor(who), now=noon(on)
        )


@pytest.fixture
def three(child_at: ChildAt) -> tuple[World, str, str, str]:
    """A child with a linked brother and sister, none rated."""
    world, ref = child_at("COHORT")
    brother, sister = world.open_child(day(0)), world.open_child(day(0))
    world.do("link_sibling", day(1), "sol.sw", ref=ref, sibling=brother)
    world.do("link_sibling", day(1), "sol.sw", ref=sister, sibling=ref)  # from either side
    return world, ref, brother, sister


Three = tuple[World, str, str, str]


def test_what_is_entered_once_is_written_for_each_child_with_what_differs(three: Three) -> None:
    world, ref, brother, sister = three

    results = together(
        world, "rate", day(3), "rowan.tm", ref, brother, sister, differences={sister: {"colour": "AMBER"}}
    )

    assert {r.ref for r in results} == {ref, brother, sister}
    assert [case_of(world, r).state for r in (ref, brother, sister)] == ["RATED"] * 3
    assert [case_of(world, r).colour for r in (ref, brother, sister)] == ["GREEN", "GREEN", "AMBER"]
    events = [e for e in rows_of(world, Event) if e.trigger == "rate"]
    assert len({e.case_id for e in events}) == 3
    assert len({e.bulk_id for e in events}) == 1
    assert {r.data["colour"] for r in rows_of(world, Record) if r.event_id in {e.id for e in events}} == {
        "GREEN",
        "AMBER",
    }


def test_it_is_one_follow_up_and_one_mail_a_person(three: Three) -> None:
    world, ref, brother, sister = three

    results = together(world, "rate", day(3), "rowan.tm", ref, brother, sister)

    (bulk,) = {e.bulk_id for e in rows_of(world, Event) if e.trigger == "rate"}
    (follow_up,) = rows_of(world, FollowUp, about=bulk)
    assert follow_up.events == 3
    assert {r.follow_up for r in results} == {follow_up.id}
    mails = rows_of(world, Outbox, follow_up_id=follow_up.id)
    assert sorted(m.recipient_id for m in mails) == sorted([world.ids["sol.sw"], world.ids["bay.ssw"]])


def test_a_rule_against_one_child_stops_all_and_says_which(three: Three) -> None:
    world, ref, brother, sister = three
    world.do("rate", day(2), "rowan.tm", ref=sister)
    before = everything(world)

    with pytest.raises(Refused) as refused:
        together(world, "rate", day(3), "rowan.tm", ref, brother, sister)

    assert everything(world) == before
    assert [r.reason.split(":")[0] for r in refused.value.reasons] == [sister]


def test_only_linked_children_are_chosen_and_no_difference_is_lost(three: Three) -> None:
    world, ref, brother, _ = three
    stranger = world.open_child(day(0))
    before = everything(world)

    with pytest.raises(Refused, match=f"{stranger} is not linked as a brother or sister of {ref}"):
        together(world, "rate", day(3), "rowan.tm", ref, stranger)
    with pytest.raises(Refused, match="what differs for them would be lost"):
        together(world, "rate", day(3), "rowan.tm", ref, differences={brother: {"colour": "RED"}})
    with pytest.raises(NotFound):
        together(world, "rate", day(3), "nell.sw", ref, brother)

    assert everything(world) == before


def test_a_child_chosen_twice_is_done_once_and_the_key_covers_each(three: Three) -> None:
    world, ref, brother, _ = three

    first = together(world, "rate", day(3), "rowan.tm", ref, brother, brother, ref, key="k-1")
    again = together(world, "rate", day(3), "rowan.tm", ref, brother, key="k-1")

    assert len(first) == 2
    assert [(r.event, r.repeated) for r in again] == [(r.event, True) for r in first]


def test_the_version_is_the_first_childs(three: Three) -> None:
    world, ref, brother, _ = three

    with pytest.raises(Conflict):
        together(world, "rate", day(3), "rowan.tm", ref, brother, version=case_of(world, ref).version - 1)
    assert together(world, "rate", day(3), "rowan.tm", ref, brother, version=case_of(world, ref).version)


def test_the_group_hears_them_together_and_decides_for_each(three: Three) -> None:
    world, ref, brother, _ = three
    together(world, "rate", day(3), "rowan.tm", ref, brother)
    meeting = world.meeting(day(17))
    together(world, "list_for_group", day(4), "ash.admin", ref, brother, meeting=meeting)
    for child in (ref, brother):
        world.hold_group(child, meeting, day(17))

    with pytest.raises(Refused, match="say what this means for them"):
        world.do("group_progresses", day(17), "wren.chair", ref=ref)
    world.do("group_progresses", day(17), "wren.chair", ref=ref, sibling_impact="They stay in touch.")
    world.do("group_defers", day(17), "wren.chair", ref=brother, sibling_impact="He waits for his sister.")

    assert (case_of(world, ref).state, case_of(world, brother).state) == ("TRAJECTORY", "DEFERRED")


def test_a_child_leaves_the_group_of_siblings_and_goes_on_alone(three: Three) -> None:
    world, ref, brother, sister = three

    world.do("end_sibling_link", day(5), "sol.sw", ref=brother, sibling=ref)

    with world.office.reading() as session:
        seen = show_case(session, ref, by=world.ids["rowan.tm"], today=day(6))
        theirs = show_case(session, brother, by=world.ids["rowan.tm"], today=day(6))
    assert (seen.siblings, theirs.siblings) == ((sister,), ())
    with pytest.raises(Refused, match="is not linked"):
        together(world, "rate", day(6), "rowan.tm", ref, brother)
    assert together(world, "rate", day(6), "rowan.tm", ref, sister)


def test_a_link_is_made_once_and_ended_once(three: Three) -> None:
    world, ref, brother, _ = three

    for child, other in ((ref, brother), (brother, ref)):
        with pytest.raises(Refused, match="already linked"):
            world.do("link_sibling", day(2), "sol.sw", ref=child, sibling=other)
    world.do("end_sibling_link", day(2), "sol.sw", ref=ref, sibling=brother)
    with pytest.raises(Refused, match="is not linked"):
        world.do("end_sibling_link", day(2), "sol.sw", ref=ref, sibling=brother)

    again = world.do("link_sibling", day(2), "sol.sw", ref=ref, sibling=brother)
    twice = world.do("end_sibling_link", day(2), "sol.sw", ref=ref, sibling=brother)
    world.do("link_sibling", day(2), "sol.sw", ref=ref, sibling=brother)  # on one and the same day

    assert again.event != twice.event
    assert len([x for x in rows_of(world, SiblingLink) if x.until_on is None]) == 2


def test_a_sibling_link_does_not_widen_who_sees_a_child(three: Three) -> None:
    """(reliability C4)"""
    world, _ref, brother, _ = three
    with pytest.raises(NotFound), world.office.reading() as session:
        show_case(session, brother, by=world.ids["ida.saw"], today=day(6))
