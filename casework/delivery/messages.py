"""From an outbox row to a message: everything it may say, gathered as plain values (reliability E.2).

The unit of work ends before the message is put into words and sent; nothing of its text is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.delivery import diary
from casework.delivery.recipients import Reader
from casework.settings import Settings
from notifications.calendar_entry import Entry, calendar_file
from notifications.contexts import Mail
from notifications.messages import Message
from notifications.rendering import NotRendered, render
from persistence.tables import Attempt, Case, Child, Meeting, Outbox
from states.notices import NOTICES
from states.policy import Policy


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
    entries: tuple[Entry, ...]
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
            calendar=calendar_file(*self.entries, now=now) if self.entries else None,
            ended=self.ended,
        )


def prepare(session: Session, row: Outbox, reader: Reader, policy: Policy, settings: Settings) -> Prepared:
    """Gather what the message may say: never a name other than the reader's own."""
    case = session.get(Case, row.case_id) if row.case_id is not None else None
    meeting = session.get(Meeting, row.meeting_id) if row.meeting_id is not None else None
    meeting = diary.held_instead(session, meeting) if meeting is not None else None
    restricted = case is not None and case.restricted
    link = link_to(settings, case)
    entries = diary.entries(session, row, case, meeting, settings, link=link) if meeting is not None else ()
    carried = entries if settings.mail.attaches else ()
    return Prepared(
        outbox_id=row.id,
        message_id=row.message_id,
        reader_id=reader.person_id,
        to_address=reader.address,
        from_address=settings.mail.from_address,
        notices=tuple(row.notices),
        entries=carried,
        ended=_ended(session, row),
        mail=Mail(
            greeting_name=reader.name,
            system_name=settings.system_name,
            because=row.because,
            case_ref=case.ref if case else None,
            known_as=_known_as(session, case, policy) if case and not restricted else None,
            link=link if case is not None or meeting is None else diary.address(settings, f"meetings/{meeting.ref}"),
            covering=reader.covering,
            restricted=restricted,
            due_on=row.due_on,
            meeting=diary.seen(session, row, meeting, restricted=restricted) if meeting else None,
            calendar=bool(carried),
            diary_by_hand=bool(entries) and not carried,
        ),
    )


def link_to(settings: Settings, case: Case | None) -> str | None:
    """Where the reader goes: the child's page by its opaque reference, else the start page.

    None where no address of pages is set: a mail never names one that nobody can open.
    """
    return diary.address(settings, f"cases/{case.ref}" if case else "")


def _ended(session: Session, row: Outbox) -> frozenset[str]:
    """What the channel called earlier copies of this message whose end is known."""
    query = select(Attempt.their_id).where(Attempt.outbox_id == row.id, Attempt.their_id.is_not(None))
    return frozenset(one for one in session.scalars(query) if one)


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
