"""What an entry changes on agendas and in the child's own meetings (design 5.5, practice PT-15)."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import bindparam, select

from casework.acting import effects_on_child as on_child
from casework.acting.applied import Applied
from persistence.tables import (
    AgendaItem,
    Meeting,
    new_id,
    new_ref,
)
from states.records.group import Business, MeetingChange

#: The body a child's own meetings are held by.
KDD_BODY, REVIEW_BODY, INITIAL_BODY = "KDD", "ROA", "Initial meeting"

#: How an item stands on an agenda: to be heard, or an urgent decision to be noted; and what became of it.
ON_AGENDA, TO_NOTE, PUT_BACK = "listed", "to note", "put back"
MISSED = {
    MeetingChange.CANCELLED.value: "missed: meeting cancelled",
    MeetingChange.MOVED.value: "missed: meeting moved",
}



def on_agenda(one: Applied) -> None:
    """The child is on the agenda of the meeting named."""
    leave_agenda(one, "adjourned")
    _put_on_agenda(one, _meeting_named(one, "meeting"), ON_AGENDA)


def moved_with_meeting(one: Applied) -> None:
    """The child's item on the agenda goes where the meeting went, or comes back; what was missed stays to be seen."""
    if one.data["business"] == Business.RETURNS.value:
        return
    status = ON_AGENDA if one.data["business"] == Business.LISTED.value else TO_NOTE
    missed, meeting = _meeting_named(one, "missed"), _meeting_named(one, "meeting")
    back = one.data["how"] == MeetingChange.PUT_BACK.value
    for item in _items(one, missed, status):
        item.status, item.ended_by_event = PUT_BACK if back else MISSED[one.data["how"]], one.entry.id
    again = _items(one, meeting, *MISSED.values()) if back else []
    if again:
        again[-1].status, again[-1].ended_by_event = status, None
        return
    _put_on_agenda(one, meeting, status)


def urgently(one: Applied) -> None:
    """Off the agenda, where it was on one, and on that of the meeting to which it is reported (practice PT-15)."""
    on_child.group_colour(one)
    leave_agenda(one, "decided between meetings")
    _put_on_agenda(one, _meeting_named(one, "meeting"), TO_NOTE)


def noted(one: Applied) -> None:
    """What was only to be noted was noted."""
    for item in one.session.scalars(
        select(AgendaItem).where(AgendaItem.case_id == one.case.id, AgendaItem.status == TO_NOTE)
    ):
        item.status, item.ended_by_event = "noted", one.entry.id


def _meeting_named(one: Applied, field: str) -> Meeting:
    return one.session.scalars(_BY_REF, {"ref": one.data[field]}).one()


_BY_REF = select(Meeting).where(Meeting.ref == bindparam("ref"))


def _items(one: Applied, meeting: Meeting, *statuses: str) -> list[AgendaItem]:
    of_both = (AgendaItem.case_id == one.case.id, AgendaItem.meeting_id == meeting.id)
    return list(one.session.scalars(select(AgendaItem).where(*of_both, AgendaItem.status.in_(statuses))))


def _put_on_agenda(one: Applied, meeting: Meeting, status: str) -> None:
    one.session.add(
        AgendaItem(
            id=new_id(), meeting_id=meeting.id, case_id=one.case.id, status=status, event_id=one.entry.id
        )
    )


def leave_agenda(one: Applied, how: str) -> None:
    """The child is on no agenda any more."""
    for item in one.session.scalars(_LISTED, {"case": one.case.id}):
        if item.event_id != one.entry.id:
            item.status, item.ended_by_event = how, one.entry.id


_LISTED = select(AgendaItem).where(AgendaItem.case_id == bindparam("case"), AgendaItem.status == "listed")


def off_agenda(one: Applied) -> None:
    """The child was taken off the agenda."""
    leave_agenda(one, "taken off")


def own_meeting(body: str, field: str = "held_on") -> Callable[[Applied], None]:
    """A meeting about this child alone, held by a body: set up, or as the record has it now."""

    def set_up(one: Applied) -> None:
        held_on = one.day(field)
        there = one.session.scalars(select(Meeting).where(Meeting.event_id == one.entry.id)).one_or_none()
        if there is not None:  # a rebuild, or a corrected record
            there.held_on = held_on or there.held_on
            there.starts_at, there.place = one.data.get("starts_at"), one.data.get("place")
            there.chair_id = one.data.get("chair") or there.chair_id
            return
        one.session.add(
            Meeting(
                id=new_id(),
                ref=new_ref("MT"),
                body=body,
                held_on=held_on,
                starts_at=one.data.get("starts_at"),
                place=one.data.get("place"),
                chair_id=one.data.get("chair"),
                status="planned",
                event_id=one.entry.id,
                created_by=one.entry.recorded_by,
                created_at=one.now,
            )
        )

    return set_up


def review_date(one: Applied) -> None:
    """When the child is reviewed next."""
    own_meeting(REVIEW_BODY)(one)
    one.child.next_review_on = one.day("held_on")


def reviewed(one: Applied) -> None:
    """The child was reviewed."""
    one.child.last_review_on = one.entry.happened_on
    one.child.next_review_on = one.day("next_review_on")
