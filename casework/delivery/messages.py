"""From an outbox row to a message: everything it may say, gathered as plain values (reliability E.2).

The unit of work ends before the message is put into words and sent; nothing of its text is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.acting.effects import KDD_BODY, REVIEW_BODY
from casework.delivery.recipients import Reader
from casework.settings import Settings
from notifications.calendar_entry import Entry, calendar_file
from notifications.contexts import Mail, MeetingSeen
from notifications.messages import Message
from notifications.rendering import NotRendered, render
from notifications.wording import time_of_day
from persistence.tables import Attempt, Case, Child, Meeting, Outbox
from states.guards.group import REVIEW_GROUP_BODY
from states.notices import NOTICES
from states.policy import Policy

#: Bodies that meet in a room of the council. Anywhere else may be somebody's home (rules N-7).
_IN_THE_COUNCIL = frozenset({REVIEW_GROUP_BODY, KDD_BODY})
_TITLES = {KDD_BODY: "Key Decision Discussion (KDD)", REVIEW_BODY: "Review of Arrangements (ROA)"}
_RESTRICTED_TITLE = "Appointment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A message that only waits for its words."""

    outbox_id: str
    message_id: str
    reader_id: str
    to_address: str
    from_address: str
    notices: tuple[str, ...]
    mail: Mail
    entry: Entry | None
    ended: frozenset[str]

    def written(self, *, now: datetime) -> Message:
        """The message in words. Raises NotRendered."""
        if unknown := [notice for notice in self.notices if notice not in NOTICES]:
            raise NotRendered(f"This version knows no notice {', '.join(unknown)}.")
        return Message(
            id=self.outbox_id,
            message_id=self.message_id,
            to_address=self.to_address,
            from_address=self.from_address,
            from_name=self.mail.system_name,
            rendered=render([NOTICES[notice] for notice in self.notices], self.mail),
            written_at=now,
            calendar=calendar_file(self.entry, now=now) if self.entry else None,
            ended=self.ended,
        )


def prepare(session: Session, row: Outbox, reader: Reader, policy: Policy, settings: Settings) -> Prepared:
    """Gather what the message may say: never a name other than the reader's own."""
    case = session.get(Case, row.case_id) if row.case_id is not None else None
    meeting = session.get(Meeting, row.meeting_id) if row.meeting_id is not None else None
    restricted = case is not None and case.restricted
    entry = _entry(session, row, case, meeting, settings)
    carried = entry if settings.mail.attaches else None
    return Prepared(
        outbox_id=row.id,
        message_id=row.message_id,
        reader_id=reader.person_id,
        to_address=reader.address,
        from_address=settings.mail.from_address,
        notices=tuple(row.notices),
        entry=carried,
        ended=_ended(session, row),
        mail=Mail(
            greeting_name=reader.name,
            system_name=settings.system_name,
            because=row.because,
            case_ref=case.ref if case else None,
            known_as=_known_as(session, case, policy) if case and not restricted else None,
            link=link_to(settings, case),
            covering=reader.covering,
            restricted=restricted,
            due_on=row.due_on,
            meeting=_seen(meeting, restricted=restricted) if meeting else None,
            calendar=carried is not None,
            diary_by_hand=entry is not None and carried is None,
        ),
    )


def link_to(settings: Settings, case: Case | None) -> str | None:
    """Where the reader goes: the child's page by its opaque reference, else the start page.

    None where no address of pages is set: a mail never names one that nobody can open.
    """
    return _address(settings, f"cases/{case.ref}" if case else "")


def _address(settings: Settings, path: str) -> str | None:
    return None if settings.link_base is None else f"{settings.link_base}/{path}"


def _seen(meeting: Meeting, *, restricted: bool) -> MeetingSeen:
    return MeetingSeen(
        held_on=meeting.held_on,
        starts_at=time_of_day(meeting.starts_at),
        place=None if restricted else _place(meeting),
        cancelled=meeting.status == "cancelled",
    )


def _place(meeting: Meeting) -> str | None:
    return meeting.place if meeting.body in _IN_THE_COUNCIL else None


def _entry(
    session: Session, row: Outbox, case: Case | None, meeting: Meeting | None, settings: Settings
) -> Entry | None:
    """The date for the diary, if a notice of the row carries one."""
    dated = any(NOTICES[notice].dated for notice in row.notices if notice in NOTICES)
    if not dated or meeting is None or case is None:
        return None
    domain = settings.mail.from_address.rpartition("@")[2]
    # One entry for a meeting, however many children are on its agenda; a restricted child's stands alone.
    whose = f"-{case.ref.lower()}" if case.restricted else ""
    return Entry(
        uid=f"meeting-{meeting.id}{whose}@{domain}",
        sequence=_earlier(session, row, meeting),
        title=_RESTRICTED_TITLE if case.restricted else _TITLES.get(meeting.body, meeting.body),
        held_on=meeting.held_on,
        starts_at=time_of_day(meeting.starts_at),
        place=None if case.restricted else _place(meeting),
        link=link_to(settings, case) if case.restricted else _address(settings, f"meetings/{meeting.ref}"),
        cancelled=meeting.status == "cancelled",
    )


def _ended(session: Session, row: Outbox) -> frozenset[str]:
    """What the channel called earlier copies of this message whose end is known."""
    query = select(Attempt.their_id).where(Attempt.outbox_id == row.id, Attempt.their_id.is_not(None))
    return frozenset(one for one in session.scalars(query) if one)


def _earlier(session: Session, row: Outbox, meeting: Meeting) -> int:
    """How many messages about this meeting were written to this person before: grows with each move."""
    query = select(func.count()).where(
        Outbox.meeting_id == meeting.id,
        Outbox.recipient_id == row.recipient_id,
        Outbox.created_at < row.created_at,
    )
    return session.scalar(query) or 0


def _known_as(session: Session, case: Case, policy: Policy) -> str | None:
    """Initials or the council's own id, where the authority allows them (practice 5; default no)."""
    child = session.get(Child, case.id)
    if child is None:
        return None
    parts: list[str] = []
    if policy.mail.initials_allowed:
        parts.append("".join(name[0] for name in (child.given_names, child.family_name) if name))
    if policy.mail.council_id_allowed:
        parts.append(child.council_id)
    return ", ".join(part for part in parts if part) or None
