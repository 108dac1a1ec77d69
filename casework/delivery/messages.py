"""From an outbox row to a message: everything it may say, gathered as plain values (reliability E.2).

The unit of work ends before the message is put into words and sent; nothing of its text is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.delivery import diary
from casework.delivery.outbox import is_digest
from casework.delivery.recipients import Reader
from casework.digest.lines import STILL_OPEN, Seen, entries_of, said, still_open
from casework.digest.week import page_of
from casework.settings import Settings
from notifications.calendar_entry import Entry, calendar_file
from notifications.contexts import Mail, MeetingSeen
from notifications.digests import DigestMail
from notifications.messages import Message
from notifications.rendering import NotRendered, Rendered, render, render_digest
from persistence.tables import Attempt, Case, Child, Digest, DigestLine, Meeting, Outbox
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
    mail: Mail | DigestMail
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
            rendered=self._rendered(),
            written_at=now,
            calendar=calendar_file(*self.entries, now=now) if self.entries else None,
            ended=self.ended,
        )

    def _rendered(self) -> Rendered:
        if isinstance(self.mail, DigestMail):
            return render_digest(self.mail)
        return render([NOTICES[notice] for notice in self.notices], self.mail)


def prepare(
    session: Session, row: Outbox, reader: Reader, policy: Policy, settings: Settings, *, on: date
) -> Prepared:
    """Gather what the message may say on a London date: never a name other than the reader's own."""
    mail, entries = (
        _digest(session, row, reader, policy, settings, on)
        if is_digest(row)
        else _mail(session, row, reader, policy, settings)
    )
    return Prepared(
        outbox_id=row.id,
        message_id=row.message_id,
        reader_id=reader.person_id,
        to_address=reader.address,
        from_address=settings.mail.from_address,
        notices=tuple(row.notices),
        entries=entries if settings.mail.attaches else (),
        ended=_ended(session, row),
        mail=mail,
    )


def _digest(
    session: Session, row: Outbox, reader: Reader, policy: Policy, settings: Settings, on: date
) -> tuple[DigestMail, tuple[Entry, ...]]:
    digest = session.scalars(select(Digest).where(Digest.outbox_id == row.id)).one()
    lines = said(session, digest)
    entries = tuple(
        entry
        for line in lines
        if line.outbox_id is not None
        for entry in _entries(session, session.get_one(Outbox, line.outbox_id), settings)
    )
    mail = digest_mail(session, digest, lines, name=reader.name, policy=policy, settings=settings, on=on)
    carried = bool(entries) and settings.mail.attaches
    return replace(mail, calendar=carried), tuple({entry.uid: entry for entry in entries}.values())


def digest_mail(
    session: Session,
    digest: Digest,
    lines: Sequence[DigestLine],
    *,
    name: str,
    policy: Policy,
    settings: Settings,
    on: date,
) -> DigestMail:
    """What a digest says on a London date, these of its lines."""
    seen = Seen(
        known_as=lambda case: _known_as(session, case, policy),
        link=lambda case: link_to(settings, case),
        meeting=lambda row, restricted: _meeting_seen(session, row, restricted=restricted),
    )
    open_still = still_open(session, digest, on=on)
    return DigestMail(
        greeting_name=name,
        system_name=settings.system_name,
        for_day=digest.for_day,
        entries=tuple(entries_of(session, lines, on=on, seen=seen)),
        still_open=tuple(open_still[:STILL_OPEN]),
        more_open=max(0, len(open_still) - STILL_OPEN),
        page=page_of(session, digest.person_id, on=digest.for_day) if digest.with_page else None,
    )


def _mail(
    session: Session, row: Outbox, reader: Reader, policy: Policy, settings: Settings
) -> tuple[Mail, tuple[Entry, ...]]:
    case = session.get(Case, row.case_id) if row.case_id is not None else None
    meeting = _meeting(session, row)
    restricted = case is not None and case.restricted
    entries = _entries(session, row, settings)
    mail = Mail(
        greeting_name=reader.name,
        system_name=settings.system_name,
        because=row.because,
        case_ref=case.ref if case else None,
        known_as=_known_as(session, case, policy) if case and not restricted else None,
        link=link_to(settings, case) if case or not meeting else diary.address(settings, f"meetings/{meeting.ref}"),
        covering=reader.covering,
        restricted=restricted,
        due_on=row.due_on,
        meeting=_meeting_seen(session, row, restricted=restricted),
        calendar=bool(entries) and settings.mail.attaches,
        diary_by_hand=bool(entries) and not settings.mail.attaches,
    )
    return mail, entries


def link_to(settings: Settings, case: Case | None) -> str | None:
    """Where the reader goes: the child's page by its opaque reference, else the start page; None without pages."""
    return diary.address(settings, f"cases/{case.ref}" if case else "")


def _entries(session: Session, row: Outbox, settings: Settings) -> tuple[Entry, ...]:
    """The dates for the diary, if a notice of the row carries one."""
    case = session.get(Case, row.case_id) if row.case_id is not None else None
    meeting = _meeting(session, row)
    if meeting is None:
        return ()
    return diary.entries(session, row, case, meeting, settings, link=link_to(settings, case))


def _meeting(session: Session, row: Outbox) -> Meeting | None:
    """The meeting that a message is about, or the one that takes its place by now."""
    meeting = session.get(Meeting, row.meeting_id) if row.meeting_id is not None else None
    return diary.held_instead(session, meeting) if meeting is not None else None


def _meeting_seen(session: Session, row: Outbox, *, restricted: bool) -> MeetingSeen | None:
    meeting = _meeting(session, row)
    return diary.seen(session, row, meeting, restricted=restricted) if meeting is not None else None


def _ended(session: Session, row: Outbox) -> frozenset[str]:
    """What the channel called earlier copies of this message whose end is known."""
    query = select(Attempt.their_id).where(Attempt.outbox_id == row.id, Attempt.their_id.is_not(None))
    return frozenset(one for one in session.scalars(query) if one)


def _known_as(session: Session, case: Case, policy: Policy) -> str | None:
    """Initials or the council's own id, where the authority allows them (practice 5; default no)."""
    child = session.get(Child, case.child_case_id or case.id)
    if child is None:
        return None
    parts: list[str] = []
    if policy.mail.initials_allowed:
        parts.append("".join(name[0] for name in (child.given_names, child.family_name) if name))
    if policy.mail.council_id_allowed:
        parts.append(child.council_id)
    return ", ".join(part for part in parts if part) or None
