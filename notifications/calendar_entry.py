"""A date for somebody's diary: the only thing ever attached to a mail (design 5.11).

No names, no attendees, nothing about a child: a title from a fixed list, the time, a council's room, and
the link. The same meeting keeps its UID; a later message about it carries a higher SEQUENCE.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from notifications.wording import one_line

if TYPE_CHECKING:
    from icalendar import Event

LONDON = ZoneInfo("Europe/London")
PRODUCT = "-//SGO pathway//EN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A date to keep. `starts_at` is London time such as 10:30; None makes it a whole day."""

    uid: str
    sequence: int
    title: str
    held_on: date
    starts_at: str | None = None
    place: str | None = None
    link: str | None = None
    cancelled: bool = False


def calendar_file(*entries: Entry, now: datetime) -> bytes:
    """The entries as one iCalendar file to publish, made at `now` (an instant, UTC).

    Raises ValueError for a time that is not written as 10:30.
    """
    from icalendar import Calendar, Timezone  # slow to load, and few commands send a date for a diary

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for entry in entries:
        calendar.add_component(_event(entry, now))
    years = [entry.held_on.year for entry in entries if entry.starts_at]
    if years:  # the rules of those years only: the whole table is three kilobytes
        calendar.add_missing_timezones(date(min(years), 1, 1), date(max(years) + 1, 1, 1))
    if not entries:  # a calendar holds something, or some programs refuse it (RFC 5545, 3.4): here where its hours are
        this_year = date(now.year, 1, 1)
        calendar.add_component(
            Timezone.from_tzid(LONDON.key, first_date=this_year, last_date=date(now.year + 1, 1, 1))
        )
    return bytes(calendar.to_ical())


def _event(entry: Entry, now: datetime) -> Event:
    from icalendar import Event as NewEvent

    event = NewEvent()
    event.add("uid", one_line(entry.uid))
    event.add("sequence", entry.sequence)
    event.add("dtstamp", now)
    event.add("summary", one_line(entry.title))
    event.add("class", "PRIVATE")
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE" if entry.starts_at else "TRANSPARENT")
    if entry.starts_at:
        at = time.fromisoformat(entry.starts_at)
        event.add("dtstart", datetime.combine(entry.held_on, at, tzinfo=LONDON))
    else:
        event.add("dtstart", entry.held_on)
    if entry.place:
        event.add("location", one_line(entry.place))
    if entry.link:
        event.add("url", entry.link)
        event.add("description", f"Log in to see more: {entry.link}")
    return event
