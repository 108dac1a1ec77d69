"""Meetings of the bodies: calendars, agendas, who came, what was moved, and the pack (practice PT-3, PT-4, PT-15)."""

from casework.meetings.calendars import PlannedDay, Series, Slot, plan_series
from casework.meetings.coming import Coming, next_meetings, next_meetings_of
from casework.meetings.coming_money import meetings_ahead
from casework.meetings.keeping import (
    BODIES,
    HOW,
    KEEPERS,
    Item,
    MeetingLine,
    find_meeting,
    list_meetings,
    plan_meeting,
    record_attendance,
    set_chair,
    show_meeting,
)
from casework.meetings.moving import MeetingMove, Went, cancel_meeting, move_meeting, put_back

__all__ = [
    "BODIES",
    "HOW",
    "KEEPERS",
    "Coming",
    "Item",
    "MeetingLine",
    "MeetingMove",
    "PlannedDay",
    "Series",
    "Slot",
    "Went",
    "cancel_meeting",
    "find_meeting",
    "list_meetings",
    "meetings_ahead",
    "move_meeting",
    "next_meetings",
    "next_meetings_of",
    "plan_meeting",
    "plan_series",
    "put_back",
    "record_attendance",
    "set_chair",
    "show_meeting",
]
