"""The chair decides between two meetings, and the next one notes it; late papers (practice PT-4, PT-15)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from casework import meetings
from casework.acting.commands import Actor
from casework.errors import Refused
from persistence.tables import Outbox
from tests.county import ChildAt
from tests.integration.test_meetings_moved import agenda, due, meeting_of
from tests.rows import case_of, rows_of
from tests.world import CAME, START, World, noon

pytestmark = pytest.mark.one_database

#: The Tuesday after the child was rated, and the meetings that follow.
ON, FIRST, SECOND = START + timedelta(8), date(2025, 2, 13), date(2025, 3, 13)


def written(world: World, ref: str, on: date = ON) -> None:
    for person, service in CAME:
        world.do("add_view", on, person, ref=ref, voice=service.value, view="In writing: the placement is settled.")


def test_the_chair_decides_on_written_views_and_the_next_meeting_notes_it(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    first = world.meeting(FIRST)
    written(world, ref)

    done = world.do("decide_urgently", ON, "wren.chair", ref=ref, meeting=first)

    assert done.to_state == "TRAJECTORY"
    # A trajectory within 10 working days, a worker within 5, minutes within 5, noted by the meeting itself.
    assert {d.name: d.due for d in done.deadlines} == {
        "trajectory": date(2025, 1, 28),
        "allocation": date(2025, 1, 21),
        "minutes": date(2025, 1, 21),
        "urgent_noted": FIRST,
        "objection": date(2025, 1, 21),  # the Virtual School has not written
    }
    assert {"NT-04", "URGENT-DECISION", "OBJECTION-WINDOW"} <= set(done.notices)
    assert agenda(world, ref) == [(FIRST, "to note")]

    world.do("note_urgent_decision", FIRST, "ash.admin", ref=ref, meeting=first)

    assert agenda(world, ref) == [(FIRST, "noted")]
    assert due(world, ref, "urgent_noted") == []


def test_without_enough_written_views_or_a_reason_the_chair_waits_for_the_meeting(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    first = world.meeting(FIRST)

    with pytest.raises(Refused, match="2 services must have written"):
        world.do("decide_urgently", ON, "wren.chair", ref=ref, meeting=first)
    written(world, ref)
    with pytest.raises(Refused, match="Why it cannot wait"):
        world.do("decide_urgently", ON, "wren.chair", ref=ref, meeting=first, urgent_because=None)
    with pytest.raises(Refused, match="Only Review Group chair"):
        world.do("decide_urgently", ON, "tam.sgo", ref=ref, meeting=first)
    assert case_of(world, ref).state == "RATED"


def test_it_is_reported_to_the_next_meeting_and_not_to_a_later_one(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    first, second = world.meeting(FIRST), world.meeting(SECOND)
    written(world, ref)

    with pytest.raises(Refused, match=f"It is reported to the next meeting: {first}"):
        world.do("decide_urgently", ON, "wren.chair", ref=ref, meeting=second)


def test_a_listed_child_comes_off_the_agenda_as_decided_between_meetings(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    listed = meeting_of(world, ref)
    written(world, ref)

    world.do("decide_urgently", ON, "wren.chair", ref=ref, meeting=listed)

    held_on = date(2025, 1, 23)
    assert agenda(world, ref) == [(held_on, "decided between meetings"), (held_on, "to note")]
    assert due(world, ref, "papers") == []


def test_what_is_to_be_noted_goes_along_when_the_meeting_is_called_off(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    first, second = world.meeting(FIRST), world.meeting(SECOND)
    written(world, ref)
    world.do("decide_urgently", ON, "wren.chair", ref=ref, meeting=first)
    by = Actor(person_id=world.ids["ash.admin"], channel="test")

    with world.office.unit_of_work() as session:
        meetings.cancel_meeting(session, ref=first, instead=None, reason="Snow.", by=by, now=noon(ON))

    assert agenda(world, ref) == [(FIRST, "missed: meeting cancelled"), (SECOND, "to note")]
    assert due(world, ref, "urgent_noted") == [SECOND]
    with pytest.raises(Refused, match="has been cancelled"):
        world.do("note_urgent_decision", SECOND, "ash.admin", ref=ref, meeting=first)
    world.do("note_urgent_decision", SECOND, "ash.admin", ref=ref, meeting=second)
    assert agenda(world, ref)[-1] == (SECOND, "noted")


def test_an_urgent_decision_taken_back_leaves_nothing_to_note(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    first = world.meeting(FIRST)
    written(world, ref)
    world.do("decide_urgently", ON, "wren.chair", ref=ref, meeting=first)

    world.do("reverse_last", ON + timedelta(1), "wren.chair", ref=ref)

    assert case_of(world, ref).state == "RATED"
    assert agenda(world, ref) == []
    assert due(world, ref, "urgent_noted") == []


def test_the_service_that_had_not_written_is_told_and_may_object(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    first = world.meeting(FIRST)
    written(world, ref)
    world.do("decide_urgently", ON, "wren.chair", ref=ref, meeting=first)

    told = rows_of(world, Outbox, recipient_id=world.ids["vale.school"])
    assert any("OBJECTION-WINDOW" in row.notices for row in told)
    world.do("service_objects", ON + timedelta(3), "vale.school", ref=ref, service="Virtual School", meeting=first)
    assert case_of(world, ref).state == "REVIEW_GROUP"


def test_papers_that_come_late_are_accepted_by_the_chair_alone(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")  # for Thursday 23 January, papers due on the 16th
    listed, on = meeting_of(world, ref), date(2025, 1, 23)
    world.hold_group(ref, listed, on)  # papers filed in time; then replaced late
    world.do("file_papers", date(2025, 1, 20), "rowan.tm", ref=ref, today=on)

    with pytest.raises(Refused, match="the chair must accept them"):
        world.do("group_progresses", on, "wren.chair", ref=ref)
    with pytest.raises(Refused, match="Only Review Group chair"):
        world.do("accept_late_papers", on, "rowan.tm", ref=ref)
    world.do("accept_late_papers", on, "wren.chair", ref=ref)
    world.do("group_progresses", on, "wren.chair", ref=ref)

    assert case_of(world, ref).state == "TRAJECTORY"
