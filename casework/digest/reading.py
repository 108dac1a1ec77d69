"""Digests for people to read: one's own, those of a manager's people, and counts for who runs the system.

What is shown is asked again of the reader's rights now: a line about a child they may not open is not there (R12).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.delivery.messages import digest_mail
from casework.delivery.outbox import Status
from casework.digest.lines import said
from casework.errors import Refused
from casework.policies import in_force
from casework.settings import Settings
from casework.who import staffing
from casework.who.access import powers
from casework.who.patterns import at_work, next_at_work
from casework.who.people import find_person
from notifications.digests import DigestEntry, PageWords, digest_words, headline, in_order, nothing_due, what, when
from notifications.wording import WHY, in_words
from persistence.tables import Case, Digest, DigestDay, DigestLine, Finding, Outbox, Person
from states.calendar import Calendar
from states.vocabulary import RANKS, Role, Unmet

#: Who may read the digests of others, as far as they may open the children in them.
MANAGERS = frozenset({Role.SGO_TEAM, Role.IRO_MANAGER, *RANKS})


@dataclass(frozen=True, slots=True, kw_only=True)
class LineShown:
    """One line of a digest."""

    group: str
    mark: str | None
    words: str
    when: str | None
    ref: str | None
    why: str
    covering: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestShown:
    """A person's digest of a day. `status` is None where there is none, and `words` say why."""

    person: str
    for_day: date
    status: str | None
    words: str
    lines: tuple[LineShown, ...] = ()
    still_open: tuple[str, ...] = ()
    page: PageWords | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamLine:
    """How much one person's digest has about the children its reader may open."""

    person: str
    waits: int
    marked: int
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """A day's digests in numbers: for whoever runs the system, who sees no child."""

    for_day: date
    complete: bool
    digests: int
    lines: int
    left_out: int
    sent: int
    waiting: int
    suppressed: int
    failed: int


def show(
    session: Session, settings: Settings, *, by: str, of: str | None, on: date | None, today: date
) -> DigestShown:
    """A digest: one's own, or of somebody whose children its reader manages. `on` None: the latest.

    Raises Refused for another's digest to who is no manager.
    """
    person = find_person(session, of) if of is not None else session.get_one(Person, by)
    if person.id != by:
        _manages(session, by, today)
    digest = _digest(session, person.id, on)
    if digest is None:
        return _none(session, person, on or today, today)
    lines = _open_to(session, said(session, digest), by, digest.person_id, today)
    own = person.id == by
    mail = digest_mail(
        session,
        digest,
        lines,
        name=person.name,
        policy=in_force(session, today).policy,
        settings=settings,
        on=digest.for_day,
    )
    words = digest_words(mail)
    still_open = mail.still_open if own else ()
    return DigestShown(
        person=person.handle,
        for_day=digest.for_day,
        status=session.get_one(Outbox, digest.outbox_id).status,
        words=headline(mail) if mail.entries or not own else f"{in_words(digest.for_day)}: {nothing_due(mail)}",
        lines=tuple(_shown(entry) for group in in_order(mail.entries).values() for entry in group),
        still_open=still_open,
        page=words.page if own else None,
    )


def team(session: Session, settings: Settings, *, by: str, on: date | None, today: date) -> list[TeamLine]:
    """The digests of a day, as far as they are about children their reader may open. Raises Refused."""
    _manages(session, by, today)
    day = on or session.scalar(select(func.max(Digest.for_day))) or today
    policy = in_force(session, today).policy
    found: list[TeamLine] = []
    digests = select(Digest, Person).join(Person, Person.id == Digest.person_id)
    for digest, person in session.execute(digests.where(Digest.for_day == day).order_by(Person.handle)):
        lines = _open_to(session, said(session, digest), by, digest.person_id, today)
        if not lines:
            continue
        mail = digest_mail(
            session, digest, lines, name=person.name, policy=policy, settings=settings, on=digest.for_day
        )
        found.append(
            TeamLine(
                person=person.handle,
                waits=sum(entry.group.name == "WAITS" for entry in mail.entries),
                marked=sum(entry.mark is not None for entry in mail.entries),
                lines=len(mail.entries),
            )
        )
    return found


def counts(session: Session, *, by: str, today: date, limit: int) -> list[DayCount]:
    """The latest days in numbers. Raises Refused for who does not look after the messages."""
    staffing.require(session, by, staffing.MAIL_KEEPERS, today, "digest list")
    days = session.scalars(
        select(Digest.for_day).group_by(Digest.for_day).order_by(Digest.for_day.desc()).limit(limit)
    ).all()
    return [_counted(session, day) for day in days]


# -- inside -----------------------------------------------------------------------------------------------


def _manages(session: Session, by: str, today: date) -> None:
    if not powers(session, by, None, today).roles & MANAGERS:
        raise Refused("digest show", (Unmet("R21", "Only managers may read the digests of others."),))


def _digest(session: Session, person_id: str, on: date | None) -> Digest | None:
    query = select(Digest).where(Digest.person_id == person_id)
    if on is not None:
        query = query.where(Digest.for_day == on)
    return session.scalars(query.order_by(Digest.for_day.desc()).limit(1)).one_or_none()


def _none(session: Session, person: Person, day: date, today: date) -> DigestShown:
    calendar = Calendar.of(in_force(session, today).policy)
    waiting = session.scalar(
        select(func.count()).where(Outbox.recipient_id == person.id, Outbox.status == Status.FOR_DIGEST)
    )
    if not at_work(person, day, calendar):
        words = f"No digest on {in_words(day)}: not a working day of {person.handle}."
    elif session.get(DigestDay, day) is not None:
        words = f"No digest on {in_words(day)}: {person.handle} had no post, or was away and covered."
    else:
        words = f"The digests of {in_words(day)} have not been made: the night makes them."
    if waiting:
        again = in_words(next_at_work(person, today, calendar))
        words += f" {waiting} {'message waits' if waiting == 1 else 'messages wait'} for the next, from {again}."
    return DigestShown(person=person.handle, for_day=day, status=None, words=words)


def _open_to(
    session: Session, lines: list[DigestLine], by: str, owner: str, today: date
) -> list[DigestLine]:
    """The lines about children that the reader may open; what is about no one child only for its owner."""
    found = []
    for line in lines:
        case_id = (
            session.get_one(Finding, line.finding_id).case_id
            if line.finding_id is not None
            else session.get_one(Outbox, line.outbox_id).case_id
        )
        case = session.get(Case, case_id) if case_id is not None else None
        if powers(session, by, case, today).sees if case is not None else by == owner:
            found.append(line)
    return found


def _shown(entry: DigestEntry) -> LineShown:
    return LineShown(
        group=entry.group.value,
        mark=entry.mark.value if entry.mark else None,
        words=what(entry),
        when=when(entry),
        ref=entry.case_ref,
        why=WHY.get(entry.because, entry.because),
        covering=entry.covering,
    )


def _counted(session: Session, day: date) -> DayCount:
    theirs = select(Digest.id).where(Digest.for_day == day)
    statuses = session.scalars(
        select(Outbox.status).join(Digest, Digest.outbox_id == Outbox.id).where(Digest.for_day == day)
    )
    by_status = Counter(statuses)
    lines = select(func.count()).where(DigestLine.digest_id.in_(theirs))
    ended = {Status.SENT, Status.SUPPRESSED, Status.DEAD, Status.NEEDS_A_PERSON, Status.WITHDRAWN}
    return DayCount(
        for_day=day,
        complete=session.get(DigestDay, day) is not None,
        digests=by_status.total(),
        lines=session.scalar(lines.where(DigestLine.left_out.is_(None))) or 0,
        left_out=session.scalar(lines.where(DigestLine.left_out.is_not(None))) or 0,
        sent=by_status[Status.SENT],
        waiting=sum(number for status, number in by_status.items() if status not in ended),
        suppressed=by_status[Status.SUPPRESSED],
        failed=by_status[Status.DEAD] + by_status[Status.NEEDS_A_PERSON],
    )
