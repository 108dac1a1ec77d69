"""Two dates: when it happened and when it was written down; several past acts at once (rules R-SM-3, PT-18)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from casework.acting.commands import Command, Result
from casework.acting.several import catch_up
from casework.errors import Conflict, Refused, Unusable
from casework.reading.showing import show_case
from demo.papers import paper
from persistence.tables import Confirmation, Deadline, Event, FollowUp, Outbox
from tests.county import ChildAt
from tests.rows import case_of, everything, rows_of
from tests.world import START, World, _meeting_of, noon

pytestmark = pytest.mark.one_database

LATE = "I was on leave."


def day(days: int) -> date:
    return START + timedelta(days)


def entered(world: World, today: date, who: str, *commands: Command) -> tuple[Result, ...]:
    with world.office.unit_of_work() as session:
        return catch_up(session, commands, by=world.actor(who), now=noon(today))


def past(trigger: str, ref: str, on: date, decided_by: str | None = None, **differs: object) -> Command:
    return Command(
        trigger=trigger,
        happened_on=on,
        ref=ref,
        record=paper(trigger, on=on, **differs),
        decided_by=decided_by,
        late_reason=LATE,
    )


def test_an_act_carries_the_day_it_happened_and_the_day_it_was_written_down(child_at: ChildAt) -> None:
    world, ref = child_at("COHORT")

    event = world.do("rate", day(3), "rowan.tm", ref=ref, today=day(5)).event

    (row,) = rows_of(world, Event, id=event)
    assert (row.happened_on, row.recorded_on) == (day(3), day(5))
    assert case_of(world, ref).state_since == day(3)
    (rerating,) = rows_of(world, Deadline, ref, name="rerating")
    assert rerating.due_on == date(2025, 7, 9)  # six months from when it happened


def test_a_decision_written_down_late_says_why(child_at: ChildAt) -> None:
    """More than five working days: from Thursday 9 January on, Friday 17 January is the first such day."""
    world, ref = child_at("COHORT")

    with pytest.raises(Refused, match="more than 5 working days later: say why"):
        world.do("rate", day(3), "rowan.tm", ref=ref, today=date(2025, 1, 17))
    event = world.do("rate", day(3), "rowan.tm", ref=ref, today=date(2025, 1, 17), late_reason=LATE).event

    assert rows_of(world, Event, id=event)[0].late_reason == LATE


def test_within_the_days_no_reason_is_asked_and_facts_never_need_one(child_at: ChildAt) -> None:
    world, ref = child_at("COHORT")

    world.do("rate", day(3), "rowan.tm", ref=ref, today=date(2025, 1, 16))
    world.do("record_notice_of_intention", day(3), "lex.legal", ref=ref, today=date(2025, 6, 1))


def test_what_is_still_to_come_has_not_happened(child_at: ChildAt) -> None:
    world, ref = child_at("COHORT")
    with pytest.raises(Refused, match="still to come"):
        world.do("rate", day(4), "rowan.tm", ref=ref, today=day(3))


def test_a_decision_does_not_come_before_the_step_that_led_to_it(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")  # rated on 9 January
    with pytest.raises(Refused, match="before the step that led here"):
        world.do("stop", day(2), "hana.hos", ref=ref, today=day(5))


def test_several_past_acts_are_entered_in_order_and_only_the_last_one_speaks(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    meeting = _meeting_of(world, ref)
    world.hold_group(ref, meeting, day(17))

    results = entered(
        world,
        day(40),
        "tam.sgo",
        past("group_progresses", ref, day(17), decided_by="wren.chair"),
        past("allocate", ref, day(20), role="SGO assessment worker", person="ida.saw"),
        past("record_initial_meeting", ref, day(35), decided_by="ida.saw"),
    )

    assert [r.follow_up is not None for r in results] == [False, False, True]
    assert case_of(world, ref).state_since == day(17)
    dates = {d.name: (d.due_on, d.closed_as, d.closed_on) for d in rows_of(world, Deadline, ref)}
    assert dates["allocation"] == (date(2025, 1, 30), "met", day(20))
    assert dates["initial_meeting"] == (date(2025, 2, 14), "met", day(35))
    assert dates["trajectory"] == (date(2025, 2, 6), None, None)
    spoke = {m.event_id for m in rows_of(world, Outbox) if m.notices != ["CONFIRM"]}
    assert spoke & {r.event for r in results} == {results[-1].event}
    assert {f.about for f in rows_of(world, FollowUp)} & {r.event for r in results} == {results[-1].event}


def test_whoever_decided_is_asked_to_confirm_what_was_caught_up_in_their_name(child_at: ChildAt) -> None:
    world, ref = child_at("RATIFICATION")

    results = entered(
        world,
        day(70),
        "sol.sw",
        past("roa_ratifies", ref, day(57), decided_by="oda.iro"),
        past("set_latest_position", ref, day(60)),
    )

    (mail,) = rows_of(world, Outbox, event_id=results[0].event)
    assert (mail.recipient_id, mail.notices) == (world.ids["oda.iro"], ["CONFIRM"])
    (waiting,) = rows_of(world, Confirmation, ref)
    assert waiting.event_id == results[0].event


def test_one_that_is_refused_leaves_none_of_them(child_at: ChildAt) -> None:
    world, ref = child_at("COHORT")
    before = everything(world)

    with pytest.raises(Refused, match="before the step that led here"):
        entered(
            world, day(20), "rowan.tm", past("rate", ref, day(10)), past("stop", ref, day(9), decided_by="hana.hos")
        )

    assert everything(world) == before


def test_they_are_one_childs_and_the_version_is_that_before_the_first(child_at: ChildAt) -> None:
    world, ref = child_at("COHORT")
    other = world.open_child(day(0))
    version = case_of(world, ref).version

    with pytest.raises(Unusable, match="different children"):
        entered(world, day(5), "rowan.tm", past("rate", ref, day(3)), past("rate", other, day(3)))
    commands = [replace(c, version=version) for c in (past("rate", ref, day(3)), past("rerate", ref, day(4)))]
    assert len(entered(world, day(5), "rowan.tm", *commands)) == 2
    with pytest.raises(Conflict):
        entered(world, day(6), "rowan.tm", *commands)


def test_both_dates_stand_in_the_chronology(child_at: ChildAt) -> None:
    world, ref = child_at("COHORT")
    world.do("rate", day(3), "rowan.tm", ref=ref, today=date(2025, 1, 20), late_reason=LATE)

    with world.office.reading() as session:
        line = show_case(session, ref, by=world.ids["rowan.tm"], today=date(2025, 1, 21)).chronology[-1]

    assert (line.trigger, line.happened_on, line.recorded_on, line.reason) == (
        "rate",
        day(3),
        date(2025, 1, 20),
        LATE,
    )
