"""Local clocks stand still and go on (rules R-CLK-9): worked by hand with the calendar of spring 2025.

The child's decision was ratified on Tuesday 4 March 2025: start within 10 working days (18 March), mid-point after
6 weeks (15 April), target 12 weeks (27 May), ceiling 16 weeks (24 June). Good Friday was 18 April, Easter Monday
21 April.
"""

from datetime import date

import pytest

from casework.errors import Refused
from casework.reading.showing import show_case
from persistence.tables import Deadline, Pause
from tests.county import ChildAt
from tests.rows import rows_of
from tests.world import World

pytestmark = pytest.mark.one_database


def day(month: int, number: int) -> date:
    return date(2025, month, number)


def dates(world: World, ref: str, *names: str) -> list[date | None]:
    """The due dates of the open deadlines of these names."""
    found = {d.name: d.due_on for d in rows_of(world, Deadline, ref) if d.closed_as is None}
    return [found[name] for name in names]


def pause(world: World, ref: str, first: date, last: date | None = None, **more: object) -> None:
    """The clocks stand from a day on, until they are let run again."""
    world.do("pause_clock", first, "ida.saw", ref=ref, **more)  # type: ignore[arg-type]
    if last is not None:
        world.do("resume_clock", last, "ida.saw", ref=ref)


def test_a_pause_gives_back_its_working_days_to_what_is_counted_in_working_days(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")

    pause(world, ref, day(3, 10), day(3, 13))  # Monday to Wednesday: three working days, three days

    assert dates(world, ref, "assessment_start", "assessment_target") == [day(3, 21), day(5, 30)]
    assert dates(world, ref, "assessment_midpoint", "assessment_ceiling") == [day(4, 18), day(6, 27)]


def test_bank_holidays_and_weekends_in_a_pause_are_no_working_days(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")
    world.do("start_viability", day(4, 10), "ida.saw", ref=ref)
    assert dates(world, ref, "viability") == [day(4, 28)]  # 10 working days over Easter

    pause(world, ref, day(4, 17), day(4, 22))  # Maundy Thursday to Tuesday: one working day, five days

    assert dates(world, ref, "viability", "assessment_target") == [day(4, 29), day(6, 1)]


def test_while_the_clocks_stand_still_there_is_no_date_and_nothing_is_overdue(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")

    pause(world, ref, day(3, 10), expected_on=day(3, 20))

    assert dates(world, ref, "assessment_start", "assessment_target") == [None, None]
    with world.office.reading() as session:
        seen = show_case(session, ref, by=world.ids["ida.saw"], today=day(9, 1))
    target = next(d for d in seen.deadlines if d.name == "assessment_target")
    assert (target.due, target.paused, target.overdue) == (None, True, False)
    assert seen.pauses[0] == {
        "reason": "child or carer is ill",
        "from": day(3, 10),
        "expected": day(3, 20),
        "until": None,
    }


def test_law_court_and_the_days_to_look_at_a_child_again_go_on(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")
    world.do("record_notice_of_intention", day(3, 5), "lex.legal", ref=ref)  # they may apply from 5 June
    world.do("record_court_direction", day(3, 5), "lex.legal", ref=ref, comply_by=day(4, 2))
    world.do("set_latest_position", day(3, 5), "sol.sw", ref=ref, by_when=day(3, 19))
    world.do("add_view", day(3, 5), "sol.sw", ref=ref, voice="parent", stance="against")  # 10 working days
    world.do("raise_concern", day(3, 5), "oda.iro", ref=ref)  # 20 working days for the whole way
    world.do("record_proposal_notice", day(3, 5), "ida.saw", ref=ref)  # 28 days to answer, as the notice says
    going_on = (
        "earliest_application",
        "court_direction",
        "next_step",
        "opposition",
        "iro_concern",
        "rerating",
        "representations",
    )
    worked = [day(6, 5), day(4, 2), day(3, 19), day(3, 19), day(4, 2), day(7, 9), day(4, 2)]
    assert dates(world, ref, *going_on) == worked

    pause(world, ref, day(3, 10), expected_on=day(4, 10))
    assert dates(world, ref, *going_on) == worked
    world.do("resume_clock", day(3, 24), "ida.saw", ref=ref)

    assert dates(world, ref, *going_on) == worked
    assert dates(world, ref, "assessment_target") == [day(6, 10)]  # this one did stand for 14 days


def test_pauses_that_overlap_count_once(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")

    world.do("flag_safeguarding", day(3, 10), "sol.sw", ref=ref)
    world.do("pause_clock", day(3, 14), "ida.saw", ref=ref)
    world.do("clear_safeguarding", day(3, 20), "rowan.tm", ref=ref)
    assert dates(world, ref, "assessment_target") == [None]  # the other still stands
    world.do("resume_clock", day(3, 25), "ida.saw", ref=ref)

    # 10 to 24 March: 15 days, 11 of them working days
    assert dates(world, ref, "assessment_target", "assessment_start") == [day(6, 11), day(4, 2)]


def test_letting_the_clocks_run_does_not_clear_a_safeguarding_concern(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")
    world.do("flag_safeguarding", day(3, 10), "sol.sw", ref=ref)

    with pytest.raises(Refused, match="not paused"):
        world.do("resume_clock", day(3, 11), "ida.saw", ref=ref)

    assert dates(world, ref, "assessment_target") == [None]


def test_a_placement_that_ends_stops_the_local_clocks_and_respite_does_not(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")

    world.do("record_placement_change", day(3, 6), "sol.sw", ref=ref, how="respite, hospital or holiday")
    assert dates(world, ref, "assessment_target") == [day(5, 27)]
    assert rows_of(world, Pause, ref) == []

    world.do("record_placement_change", day(3, 10), "sol.sw", ref=ref, how="ended: new carers")
    assert dates(world, ref, "assessment_target") == [None]
    assert dates(world, ref, "rerating_after_change") == [day(3, 24)]  # 10 working days, and these run
    world.do("resume_clock", day(3, 17), "ida.saw", ref=ref)
    assert dates(world, ref, "assessment_target") == [day(6, 3)]


def test_a_deadline_that_is_opened_in_a_pause_stands_from_then(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")
    world.do("pause_clock", day(3, 10), "ida.saw", ref=ref)

    opened = world.do("start_viability", day(3, 17), "ida.saw", ref=ref)
    assert [(d.name, d.due) for d in opened.deadlines] == [("viability", None)]
    world.do("resume_clock", day(3, 20), "ida.saw", ref=ref)

    assert dates(world, ref, "viability") == [day(4, 3)]  # 31 March and three working days


def test_what_was_late_before_the_pause_stays_late(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")

    pause(world, ref, day(3, 19), day(3, 26))  # the start was due on 18 March

    assert dates(world, ref, "assessment_start", "assessment_target") == [day(3, 18), day(6, 3)]


def test_a_pause_written_down_late_counts_from_its_true_day_also_for_what_is_met(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")
    world.do("request_check", day(3, 20), "ida.saw", ref=ref)  # the start, two days late
    (start,) = rows_of(world, Deadline, ref, name="assessment_start")
    assert (start.closed_as, start.due_on) == ("met", day(3, 18))

    pause(world, ref, day(3, 10), today=day(3, 24))  # type: ignore[arg-type]
    world.do("resume_clock", day(3, 13), "ida.saw", ref=ref, today=day(3, 24))

    (start,) = rows_of(world, Deadline, ref, name="assessment_start")
    assert (start.closed_as, start.closed_on, start.due_on) == ("met", day(3, 20), day(3, 21))  # in time after all
    assert dates(world, ref, "assessment_target") == [day(5, 30)]


def test_a_pause_taken_to_the_right_child_gives_nothing_back_here(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")
    right = world.child_at("TRAJECTORY")
    world.do("allocate", day(1, 24), "tam.sgo", ref=right, role="SGO assessment worker", person="ida.saw")
    paused = world.do("pause_clock", day(3, 10), "ida.saw", ref=ref)
    before = dates(world, right, "initial_meeting")
    assert dates(world, ref, "assessment_target") == [None]

    world.do("move_act_to_right_child", day(3, 11), "rowan.tm", ref=ref, event=paused.event, to_case=right)

    assert dates(world, ref, "assessment_target") == [day(5, 27)]
    assert before == [day(2, 14)]
    assert dates(world, right, "initial_meeting") == [day(2, 14)]  # late before anything stood still
