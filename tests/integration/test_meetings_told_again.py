"""Whatever became of its meetings, a child's history told again leaves the same rows (design 5.5, PT-15)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from casework.reading.showing import show_case
from persistence.verification import verify
from tests.county import ChildAt
from tests.integration.test_meetings_moved import (
    CALLED_OFF,
    FEBRUARY,
    JANUARY,
    cancelled,
    do,
    meeting_of,
    moved,
    put_back,
)
from tests.integration.test_meetings_urgent import FIRST, ON, SECOND, written
from tests.integration.test_projection import told_again
from tests.world import World

pytestmark = pytest.mark.one_database


def told_the_same(world: World, ref: str, today: date) -> None:
    before, after = told_again(world, ref, today)
    assert after[0] == before[0]
    assert after[1] == before[1]
    with world.office.reading() as session:
        assert verify(session).ok


def test_a_listed_child_whose_meeting_was_cancelled_put_back_and_moved(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    old = meeting_of(world, ref)
    world.meeting(FEBRUARY)

    for change in (cancelled(old), put_back(old), moved(old, date(2025, 1, 30))):
        do(world, change)
        told_the_same(world, ref, CALLED_OFF)


def test_a_child_due_back_at_a_meeting_that_was_cancelled_and_put_back(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    world.hold_group(ref, meeting_of(world, ref), JANUARY)
    world.do("group_defers", JANUARY, "wren.chair", ref=ref, return_on=FEBRUARY.isoformat())
    february = world.meeting(FEBRUARY)
    world.meeting(date(2025, 3, 20))
    on = JANUARY + timedelta(4)

    for change in (cancelled(february), put_back(february), cancelled(february)):
        do(world, change, on)
        told_the_same(world, ref, on)


def test_an_urgent_decision_whose_meeting_was_cancelled_and_which_was_noted(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    first, second = world.meeting(FIRST), world.meeting(SECOND)
    written(world, ref)
    world.do("decide_urgently", ON, "wren.chair", ref=ref, meeting=first)
    told_the_same(world, ref, ON)
    do(world, cancelled(first), ON)
    told_the_same(world, ref, ON)
    world.do("note_urgent_decision", SECOND, "ash.admin", ref=ref, meeting=second)
    told_the_same(world, ref, SECOND)


def test_a_past_day_shows_the_agenda_and_the_dates_as_they_were_then(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    world.meeting(FEBRUARY)
    do(world, cancelled(meeting_of(world, ref)))

    with world.office.reading() as session:
        before = show_case(session, ref, by=world.ids["tam.sgo"], today=CALLED_OFF, as_at=CALLED_OFF - timedelta(1))
        after = show_case(session, ref, by=world.ids["tam.sgo"], today=CALLED_OFF, as_at=CALLED_OFF)

    assert [(m["held_on"], m["status"]) for m in before.meetings] == [(JANUARY, "listed")]
    assert [d.due for d in before.deadlines if d.name == "papers" and d.closed_as is None] == [date(2025, 1, 16)]
    assert [(m["held_on"], m["status"]) for m in after.meetings] == [
        (JANUARY, "missed: meeting cancelled"),
        (FEBRUARY, "listed"),
    ]
    assert [d.due for d in after.deadlines if d.name == "papers" and d.closed_as is None] == [date(2025, 2, 13)]
