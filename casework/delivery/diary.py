"""The dates for the diary that a message carries: one entry a meeting, whatever becomes of it (design 5.11).

A meeting on another day goes on with the same entry and a higher SEQUENCE; where children go to another meeting
that there is anyway, the one called off is struck out beside it (practice PT-15).
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from casework.acting.effects_on_meetings import KDD_BODY, REVIEW_BODY
from casework.settings import Settings
from notifications.calendar_entry import Entry
from notifications.contexts import MeetingSeen
from notifications.wording import time_of_day
from persistence.tables import Case, Meeting, Outbox
from states.notices import MEETING_MOVED, NOTICES
from states.notices_funding import NT_17_MOVED
from states.policy.recurring import Body

#: Bodies that meet in a room of the council. Anywhere else may be somebody's home (rules N-7).
_IN_THE_COUNCIL = frozenset({*Body, KDD_BODY})
_TITLES = {KDD_BODY: "Key Decision Discussion (KDD)", REVIEW_BODY: "Review of Arrangements (ROA)"}
_RESTRICTED_TITLE = "Appointment"
_MOVED, _CANCELLED = "moved", "cancelled"
#: Notices of a meeting that takes the place of another.
_OF_A_CHANGE = frozenset({MEETING_MOVED.id, NT_17_MOVED.id})


def address(settings: Settings, path: str) -> str | None:
    """The address of a page; None where no address of pages is set: nobody is sent where nothing is."""
    return None if settings.link_base is None else f"{settings.link_base}/{path}"


def held_instead(session: Session, meeting: Meeting) -> Meeting:
    """The meeting that a moved one has become: a message written before tells the date that counts now."""
    while meeting.status == _MOVED and meeting.instead_id is not None:
        meeting = session.get_one(Meeting, meeting.instead_id)
    return meeting


def seen(session: Session, row: Outbox, meeting: Meeting, *, restricted: bool) -> MeetingSeen:
    """What a mail may say of a meeting."""
    replaced = _called_off_for(session, meeting) if _OF_A_CHANGE.intersection(row.notices) else []
    return MeetingSeen(
        held_on=meeting.held_on,
        starts_at=time_of_day(meeting.starts_at),
        place=None if restricted else _place(meeting),
        cancelled=meeting.status == _CANCELLED,
        instead_of=replaced[0].held_on if replaced else None,
        body=_TITLES.get(meeting.body, meeting.body),
        ref=meeting.ref,
    )


def entries(
    session: Session, row: Outbox, case: Case | None, meeting: Meeting, settings: Settings, *, link: str | None
) -> tuple[Entry, ...]:
    """The entries that a message about a meeting carries, if a notice of the row has a date; `link` is the child's."""
    if not any(NOTICES[notice].dated for notice in row.notices if notice in NOTICES):
        return ()
    about: Iterable[Meeting] = [meeting]
    if _OF_A_CHANGE.intersection(row.notices):
        others = [m for m in _called_off_for(session, meeting) if _uid(m) != _uid(meeting)]
        about = [meeting, *others]
    return tuple(_entry(session, row, case, one, settings, link=link) for one in about)


def _entry(
    session: Session, row: Outbox, case: Case | None, meeting: Meeting, settings: Settings, *, link: str | None
) -> Entry:
    sequence = meeting.calendar_sequence + _earlier(session, row, meeting)
    return entry_of(meeting, case, settings, link=link, sequence=sequence)


def entry_of(meeting: Meeting, case: Case | None, settings: Settings, *, link: str | None, sequence: int) -> Entry:
    """A meeting as a diary shows it; `case` the child whose own it is, `link` that child's page (design 5.11)."""
    restricted = case is not None and case.restricted
    domain = settings.mail.from_address.rpartition("@")[2]
    # One entry for a meeting, however many children are on its agenda; a restricted child's stands alone.
    whose = f"-{case.ref.lower()}" if case is not None and restricted else ""
    return Entry(
        uid=f"meeting-{_uid(meeting)}{whose}@{domain}",
        sequence=sequence,
        title=_RESTRICTED_TITLE if restricted else _TITLES.get(meeting.body, meeting.body),
        held_on=meeting.held_on,
        starts_at=time_of_day(meeting.starts_at),
        place=None if restricted else _place(meeting),
        link=link if restricted else address(settings, f"meetings/{meeting.ref}"),
        cancelled=meeting.status == _CANCELLED,
    )


def _uid(meeting: Meeting) -> str:
    return meeting.calendar_id or meeting.id


def _place(meeting: Meeting) -> str | None:
    return meeting.place if meeting.body in _IN_THE_COUNCIL else None


def _called_off_for(session: Session, meeting: Meeting) -> list[Meeting]:
    """The meetings that this one takes the place of, the last called off first."""
    query = select(Meeting).where(Meeting.instead_id == meeting.id)
    return list(session.scalars(query.order_by(Meeting.called_off_on.desc(), Meeting.held_on.desc(), Meeting.id)))


def _earlier(session: Session, row: Outbox, meeting: Meeting) -> int:
    """How many messages about this entry were written to this person before: SEQUENCE grows with each."""
    same = select(Meeting.id).where(or_(Meeting.id == _uid(meeting), Meeting.calendar_id == _uid(meeting)))
    query = select(func.count()).where(
        Outbox.meeting_id.in_(same),
        Outbox.recipient_id == row.recipient_id,
        Outbox.created_at < row.created_at,
    )
    return session.scalar(query) or 0
