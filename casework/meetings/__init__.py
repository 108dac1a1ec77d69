"""Meetings of the bodies: calendars, agendas, who came, what was moved, and the pack (practice PT-3, PT-4, PT-15)."""

from casework.meetings.calendars import PlannedDay, Series, Slot, plan_series
from casework.meetings.coming import Coming, meetings_ahead, next_meetings, next_meetings_of
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

__all__ = [
    "BODIES",
    "HOW",
    "KEEPERS",
    "Coming",
    "Item",
    "MeetingLine",
    "PlannedDay",
    "Series",
    "Slot",
    "find_meeting",
    "list_meetings",
    "meetings_ahead",
    "next_meetings",
    "next_meetings_of",
    "plan_meeting",
    "plan_series",
    "record_attendance",
    "set_chair",
    "show_meeting",
]
