"""A request whose meeting is called off: it goes where the meeting goes, or waits for another (practice PT-15)."""

from __future__ import annotations

from states.facts import Facts
from states.guards.funding import HEARD_BY, LISTED
from states.records.funding_hearing import HearingLost
from states.records.group import MeetingChange, MovedWithMeeting
from states.vocabulary import Unmet

_WENT = ("move_with_meeting", "wait_for_meeting")


def missed_meeting_is_called_off(facts: Facts) -> Unmet | None:
    """Its own meeting is called off, or it comes back to that one (practice PT-15)."""
    record = facts.record
    assert isinstance(record, MovedWithMeeting | HearingLost)
    if isinstance(record, MovedWithMeeting) and record.how is MeetingChange.PUT_BACK:
        last = facts.last(*LISTED, *_WENT)
        came_from = last.data["missed"] if last is not None and last.trigger in _WENT else None
        if came_from != record.meeting:
            return Unmet("PT-15", "The request did not come from that meeting.", "meeting")
        return None
    missed = facts.meetings.get(record.missed)
    if missed is None or not missed.called_off(facts.today):
        return Unmet("PT-15", "That meeting has not been called off.", "missed")
    return None


def request_is_at_the_missed_meeting(facts: Facts) -> Unmet | None:
    """The request is on the agenda of the meeting that is missed, or waits because of it (practice PT-15)."""
    record = facts.record
    assert isinstance(record, MovedWithMeeting | HearingLost)
    listed = facts.listed
    on_it = listed is not None and listed.ref == record.missed and listed.body == HEARD_BY.get(facts.head.state or "")
    waits = listed is None and isinstance(record, MovedWithMeeting) and record.meeting == record.missed
    if on_it or waits:
        return None
    return Unmet("PT-15", "The request is not on the agenda of that meeting.", "missed")
