"""A meeting cancelled or moved in one act: every child goes along, and nobody is blamed (practice PT-15)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from icalendar import Calendar, Event
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import doing, meetings
from casework.acting.commands import Actor
from casework.delivery.messages import prepare
from casework.delivery.recipients import Reader
from casework.errors import Refused
from casework.meetings import MeetingMove
from casework.overnight import night
from casework.reading.showing import show_case
from persistence.tables import AgendaItem, Deadline, Finding, Meeting, Outbox
from tests.county import ChildAt
from tests.rows import everything, rows_of
from tests.world import START, World, leicestershire, noon

pytestmark = pytest.mark.one_database

#: The child of `child_at("REVIEW_GROUP")` is listed for this Thursday, papers by Thursday the 16th.
JANUARY = date(2025, 1, 23)
#: A day on which the meeting is called off, and the meeting that comes next: its papers are due on the 13th.
CALLED_OFF, FEBRUARY = date(2025, 1, 14), date(2025, 2, 20)
Change = Callable[..., MeetingMove]


def cancelled(ref: str, reason: str = "The building is closed.", instead: str | None = None) -> Change:
    return lambda session, by, now: meetings.cancel_meeting(
        session, ref=ref, instead=instead, reason=reason, by=by, now=now
    )


def moved(ref: str, to: date, reason: str = "The chair is in court.") -> Change:
    return lambda session, by, now: meetings.move_meeting(session, ref=ref, to=to, reason=reason, by=by, now=now)


def put_back(ref: str) -> Change:
    return lambda session, by, now: meetings.put_back(session, ref=ref, reason="A mistake.", by=by, now=now)


def do(world: World, change: Change, on: date = CALLED_OFF, who: str = "ash.admin") -> MeetingMove:
    by = Actor(person_id=world.ids[who], channel="test")

    def use_case(session: Session) -> MeetingMove:
        return change(session, by, noon(on))

    return world.office.in_one_unit(use_case)


def meeting_of(world: World, ref: str) -> str:
    """The meeting whose agenda a child is on."""
    [item] = rows_of(world, AgendaItem, ref, status="listed")
    [meeting] = rows_of(world, Meeting, id=item.meeting_id)
    return meeting.ref


def agenda(world: World, ref: str) -> list[tuple[date, str]]:
    """The meetings a child was or is listed for, and what became of it."""
    days = {meeting.id: meeting.held_on for meeting in rows_of(world, Meeting)}
    return sorted((days[item.meeting_id], item.status) for item in rows_of(world, AgendaItem, ref))


def due(world: World, ref: str, name: str) -> list[date | None]:
    """The open deadlines of a name."""
    return [one.due_on for one in rows_of(world, Deadline, ref, name=name, closed_as=None)]


def diary(world: World, who: str) -> list[Event]:
    """The diary entries that the last message to somebody carries."""
    with world.office.reading() as session:
        query = select(Outbox).where(Outbox.recipient_id == world.ids[who], Outbox.meeting_id.is_not(None))
        row = session.scalars(query.order_by(Outbox.created_at.desc(), Outbox.id).limit(1)).one()
        reader = Reader(person_id=row.recipient_id, name=who, address=f"{who}@county.example", covering=False)
        settings, on = world.office.settings, row.created_at.date()
        message = prepare(session, row, reader, leicestershire(), settings, on=on).written(now=row.created_at)
    assert message.calendar is not None
    return list(Calendar.from_ical(message.calendar).walk("VEVENT"))


def test_a_cancelled_meeting_sends_its_children_to_the_next_one_with_their_papers(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    old, new = meeting_of(world, ref), world.meeting(FEBRUARY)

    done = do(world, cancelled(old))

    assert (done.became, done.instead, done.papers_due_on) == ("cancelled", new, date(2025, 2, 13))
    [went] = done.children
    assert (went.ref, went.papers_were_due, went.papers_due) == (ref, date(2025, 1, 16), date(2025, 2, 13))
    assert agenda(world, ref) == [(JANUARY, "missed: meeting cancelled"), (FEBRUARY, "listed")]
    assert due(world, ref, "papers") == [date(2025, 2, 13)]
    world.hold_group(ref, new, FEBRUARY)
    world.do("group_progresses", FEBRUARY, "wren.chair", ref=ref)
    assert agenda(world, ref) == [(JANUARY, "missed: meeting cancelled"), (FEBRUARY, "heard")]


def test_a_moved_meeting_is_a_new_day_for_the_same_children(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    old = meeting_of(world, ref)

    done = do(world, moved(old, date(2025, 1, 30)))

    # Five working days before Thursday 30 January: Thursday the 23rd.
    assert (done.became, done.instead_on, done.papers_due_on) == ("moved", date(2025, 1, 30), date(2025, 1, 23))
    assert agenda(world, ref) == [(JANUARY, "missed: meeting moved"), (date(2025, 1, 30), "listed")]
    with world.office.reading() as session:
        seen = meetings.show_meeting(session, old, by=world.ids["ash.admin"], today=CALLED_OFF)
    assert (seen.status, seen.instead, seen.because) == ("moved", done.instead, "The chair is in court.")


def test_papers_that_are_in_are_not_asked_for_again(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    world.do("file_papers", date(2025, 1, 13), "rowan.tm", ref=ref)
    world.meeting(FEBRUARY)

    do(world, cancelled(meeting_of(world, ref)))

    assert due(world, ref, "papers") == []


def test_a_child_due_back_at_the_meeting_is_due_back_at_the_one_instead(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    world.hold_group(ref, meeting_of(world, ref), JANUARY)
    world.do("group_defers", JANUARY, "wren.chair", ref=ref, return_on=FEBRUARY.isoformat())
    february, march = world.meeting(FEBRUARY), world.meeting(date(2025, 3, 20))
    on = date(2025, 2, 3)

    done = do(world, cancelled(february), on)

    assert [(w.return_was, w.return_on) for w in done.children] == [(FEBRUARY, date(2025, 3, 20))]
    assert due(world, ref, "return_to_group") == [date(2025, 3, 20)]
    do(world, put_back(february), on)
    assert due(world, ref, "return_to_group") == [FEBRUARY]
    assert march


def test_nobody_is_blamed_by_the_night_for_what_a_cancelled_meeting_missed(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    world.hold_group(ref, meeting_of(world, ref), JANUARY)
    world.do("group_defers", JANUARY, "wren.chair", ref=ref, return_on=FEBRUARY.isoformat())
    february = world.meeting(FEBRUARY)
    world.meeting(date(2025, 3, 20))
    do(world, cancelled(february), date(2025, 2, 19))

    night.run_night(world.office, business_date=date(2025, 2, 24), replay=False, now=noon(date(2025, 2, 24)))

    found = {finding.rule for finding in rows_of(world, Finding, ref)}
    with world.office.reading() as session:
        seen = show_case(session, ref, by=world.ids["tam.sgo"], today=date(2025, 2, 24))
    assert "D-04" not in found
    assert not [d.name for d in seen.deadlines if d.overdue and d.name in ("papers", "return_to_group")]


def test_a_child_not_ratified_has_until_the_meeting_that_takes_place(child_at: ChildAt) -> None:
    world, ref = child_at("RATIFICATION")
    on = START + timedelta(60)
    first, second = world.meeting(on + timedelta(14)), world.meeting(on + timedelta(42))
    world.do("roa_does_not_ratify", on, "oda.iro", ref=ref, meeting=first)
    within_twenty_working_days = due(world, ref, "relist")

    do(world, cancelled(first), on + timedelta(1))

    assert within_twenty_working_days < [on + timedelta(42)]
    assert due(world, ref, "relist") == [on + timedelta(42)]
    assert second


def test_everyone_is_told_once_however_many_children_there_are(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    old = meeting_of(world, ref)
    other = world.child_at("RATED")
    world.do("list_for_group", date(2025, 1, 13), "ash.admin", ref=other, meeting=old)
    world.meeting(FEBRUARY)
    before = {row.id for row in rows_of(world, Outbox)}

    done = do(world, cancelled(old))

    new = [row for row in rows_of(world, Outbox) if row.id not in before]
    assert {w.ref for w in done.children} == {ref, other}
    assert len(new) == len({row.recipient_id for row in new}) == len(done.told)
    # members, chair, Team Manager and the child's workers; the keeper who did it knows.
    assert {"fern.fostering", "wren.chair", "rowan.tm", "sol.sw", "bay.ssw"} <= set(done.told)
    assert "ash.admin" not in done.told
    assert all(row.case_id is None for row in new), "a joint message names no child"


def test_the_diary_entry_follows_the_meeting_wherever_it_goes(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    old = meeting_of(world, ref)
    [told] = diary(world, "fern.fostering")

    do(world, moved(old, date(2025, 1, 30)))
    [again] = diary(world, "fern.fostering")
    do(world, put_back(old), date(2025, 1, 15))
    [back] = diary(world, "fern.fostering")

    assert told["UID"] == again["UID"] == back["UID"]
    assert [entry["DTSTART"].dt.date() for entry in (told, again, back)] == [JANUARY, date(2025, 1, 30), JANUARY]
    assert told["SEQUENCE"] < again["SEQUENCE"] < back["SEQUENCE"]
    assert {entry["STATUS"] for entry in (told, again, back)} == {"CONFIRMED"}


def test_a_meeting_cancelled_for_another_is_struck_out_of_the_diary(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    old = meeting_of(world, ref)
    world.meeting(FEBRUARY)
    [told] = diary(world, "fern.fostering")

    do(world, cancelled(old))

    stands, struck = diary(world, "fern.fostering")
    assert (stands["DTSTART"].dt.date(), stands["STATUS"]) == (FEBRUARY, "CONFIRMED")
    assert (struck["UID"], struck["STATUS"]) == (told["UID"], "CANCELLED")
    assert struck["SEQUENCE"] > told["SEQUENCE"]


def test_there_is_a_way_back_that_leaves_no_trace_of_a_missed_meeting(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    old = meeting_of(world, ref)
    world.meeting(FEBRUARY)
    do(world, cancelled(old))

    done = do(world, put_back(old), date(2025, 1, 15))

    assert [w.ref for w in done.children] == [ref]
    assert agenda(world, ref) == [(JANUARY, "listed"), (FEBRUARY, "put back")]
    assert due(world, ref, "papers") == [date(2025, 1, 16)]
    assert meeting_of(world, ref) == old


def test_a_child_listed_meanwhile_goes_along_when_a_moved_meeting_is_put_back(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    old = meeting_of(world, ref)
    new = do(world, moved(old, date(2025, 1, 30))).instead
    late = world.child_at("RATED")
    assert new is not None
    world.do("list_for_group", CALLED_OFF, "ash.admin", ref=late, meeting=new)

    done = do(world, put_back(old), date(2025, 1, 15))

    assert {w.ref for w in done.children} == {ref, late}
    assert agenda(world, late) == [(JANUARY, "listed"), (date(2025, 1, 30), "missed: meeting cancelled")]


def test_a_preview_shows_it_all_and_changes_nothing(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    old = meeting_of(world, ref)
    world.meeting(FEBRUARY)
    by = Actor(person_id=world.ids["ash.admin"], channel="test")
    before = everything(world)

    shown = doing.rehearse(world.office, lambda session: cancelled(old)(session, by, noon(CALLED_OFF)))

    assert [w.papers_due for w in shown.children] == [date(2025, 2, 13)]
    assert "fern.fostering" in shown.told
    assert everything(world) == before


def test_a_restricted_child_goes_along_unseen_by_who_keeps_the_meeting(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    old = meeting_of(world, ref)
    people = [{"person": who} for who in ("rowan.tm", "sol.sw")]
    world.do("restrict", date(2025, 1, 13), "rowan.tm", ref=ref, people=people)
    world.meeting(FEBRUARY)

    done = do(world, cancelled(old))

    assert done.children == ()
    assert ref not in repr(done)
    assert "sol.sw" not in done.told
    assert agenda(world, ref) == [(JANUARY, "missed: meeting cancelled"), (FEBRUARY, "listed")]


@pytest.mark.parametrize(
    ("who", "words"), [("rowan.tm", "may call a meeting off"), ("sol.sw", "may call a meeting off")]
)
def test_a_meeting_with_all_its_children_is_not_a_team_managers_to_call_off(
    child_at: ChildAt, who: str, words: str
) -> None:
    world, ref = child_at("REVIEW_GROUP")
    world.meeting(FEBRUARY)

    with pytest.raises(Refused, match=words):
        do(world, cancelled(meeting_of(world, ref)), who=who)


def test_what_cannot_be_called_off_is_refused(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    old = meeting_of(world, ref)

    with pytest.raises(Refused, match="no other meeting to hear its children"):
        do(world, cancelled(old))
    with pytest.raises(Refused, match="is past"):
        do(world, moved(old, date(2025, 1, 2)))
    with pytest.raises(Refused, match="is over"):
        do(world, moved(old, date(2025, 2, 6)), JANUARY + timedelta(1))
    with pytest.raises(Refused, match="has not been called off"):
        do(world, put_back(old))
    do(world, moved(old, date(2025, 2, 6)))
    with pytest.raises(Refused, match="called off already"):
        do(world, moved(old, date(2025, 2, 13)))
    with pytest.raises(Refused, match="is past"):
        do(world, put_back(old), JANUARY + timedelta(1))


def test_a_child_cannot_be_sent_to_another_meeting_by_hand(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    old, new = meeting_of(world, ref), world.meeting(FEBRUARY)

    with pytest.raises(Refused, match="has not been called off"):
        world.do("move_with_meeting", CALLED_OFF, "ash.admin", ref=ref, missed=old, meeting=new)
