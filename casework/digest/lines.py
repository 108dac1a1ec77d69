"""From a digest's rows to plain values: what each line says, why, until when, and the way to it.

Nothing of it is stored: a line is worked out when it is said, from the message or the finding it stands for. What was
found and a task in the same matter are one line that says both: one alert for a rule and a child (rules 10).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from casework.delivery.outbox import RUNG
from casework.drift.rules import RULES
from casework.who.access import powers
from notifications.contexts import RESTRICTED_HEADING, MeetingSeen, is_task
from notifications.digests import DigestEntry, Group, Mark
from persistence.tables import Case, Deadline, Digest, DigestLine, Finding, Outbox
from states.notices import NOTICES
from states.vocabulary import Notice

#: How many children are named that still wait from earlier days; the others are counted.
STILL_OPEN = 10
_ID = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What lines need beside their own rows: how a child is shown, and a meeting."""

    known_as: Callable[[Case], str | None]
    link: Callable[[Case], str | None]
    meeting: Callable[[Outbox, bool], MeetingSeen | None]


def said(session: Session, digest: Digest) -> list[DigestLine]:
    """The lines of a digest that are said, in a fixed order."""
    query = select(DigestLine).where(DigestLine.digest_id == digest.id, DigestLine.left_out.is_(None))
    return list(session.scalars(query.order_by(DigestLine.id)))


def entries_of(session: Session, lines: Sequence[DigestLine], *, on: date, seen: Seen) -> list[DigestEntry]:
    """What the lines say as of a London date. A task in the matter of a finding is said in the finding's line."""
    found: dict[str, DigestEntry] = {}
    matters: dict[tuple[int | None, str, str | None], str] = {}  # child, rule, on whose behalf: the line that says it
    for line in lines:
        if line.finding_id is not None:
            finding = session.get_one(Finding, line.finding_id)
            found[line.id] = _of_finding(session, line, finding, seen)
            matters[finding.case_id, finding.rule, line.behalf_of] = line.id
    others: list[DigestEntry] = []
    for line in lines:
        if line.finding_id is not None:
            continue
        row = session.get_one(Outbox, line.outbox_id)
        notices = [NOTICES[notice] for notice in row.notices if notice in NOTICES]
        if not notices:
            continue
        entry = _of_message(session, line, row, notices, on, seen)
        said_in = [matters.get((row.case_id, rule, line.behalf_of)) for rule in sorted(_matters(row.notices))]
        same = next((one for one in said_in if one is not None), None)
        if same is None:
            others.append(entry)
        else:
            found[same] = _both(found[same], entry)
    return [*found.values(), *others]


def _matters(notices: Sequence[str]) -> set[str]:
    """The rules of the night that find missing what a message with these notices, and no others, asks for."""
    return {rule.id for rule in RULES.values() if set(notices) <= {notice.id for notice in rule.same_matter}}


def _both(finding: DigestEntry, task: DigestEntry) -> DigestEntry:
    """One line: what was found, and what is asked of the reader; the worse of the two marks."""
    hidden = task.words == finding.words  # of a restricted child neither is said
    return replace(
        finding,
        also=finding.also if hidden else (*finding.also, task.words),
        due_on=min((day for day in (finding.due_on, task.due_on) if day is not None), default=None),
        mark=min((mark for mark in (finding.mark, task.mark) if mark is not None), key=list(Mark).index, default=None),
    )


def still_open(session: Session, digest: Digest, *, on: date) -> list[str]:
    """The children an earlier digest told of, with something of it still open and late: their references.

    A dated task is said once; that it still waits is said as long as it does, in one sentence.
    """
    told_before = (
        select(DigestLine.outbox_id, DigestLine.finding_id)
        .join(Digest, Digest.id == DigestLine.digest_id)
        .where(
            Digest.person_id == digest.person_id,
            Digest.for_day < digest.for_day,
            DigestLine.left_out.is_(None),
        )
        .subquery()
    )
    owed = or_(
        Deadline.id == func.substr(Outbox.occasion, len(RUNG) + 1, _ID),
        and_(Deadline.opened_by_event == Outbox.event_id, Deadline.owner == Outbox.because),
    )
    tasks = (
        select(Case, Outbox.notices)
        .join(Outbox, Outbox.case_id == Case.id)
        .join(told_before, told_before.c.outbox_id == Outbox.id)
        .join(Deadline, and_(Deadline.case_id == Case.id, owed))
        .where(Deadline.closed_as.is_(None), Deadline.due_on < on)
    )
    found = (
        select(Case, Finding.rule)
        .join(Finding, Finding.case_id == Case.id)
        .join(told_before, told_before.c.finding_id == Finding.id)
        .where(Finding.cleared_on.is_(None))
    )
    lines = said(session, digest)
    findings_now = [session.get_one(Finding, line.finding_id) for line in lines if line.finding_id is not None]
    messages_now = [session.get_one(Outbox, line.outbox_id) for line in lines if line.outbox_id is not None]
    # a matter that has a line today needs no second naming of the child
    matters = {(one.case_id, one.rule) for one in findings_now}
    matters |= {(row.case_id, rule) for row in messages_now if row.case_id for rule in _matters(row.notices)}
    waiting = [(case, _matters(notices)) for case, notices in session.execute(tasks)]
    not_now = found.where(Finding.id.not_in([one.id for one in findings_now]))
    waiting += [(case, {rule}) for case, rule in session.execute(not_now)]
    cases = {case.id: case for case, about in waiting if matters.isdisjoint((case.id, rule) for rule in about)}
    return sorted(
        case.ref for case in cases.values() if powers(session, digest.person_id, case, on).sees
    )


def _of_finding(session: Session, line: DigestLine, finding: Finding, seen: Seen) -> DigestEntry:
    case = session.get_one(Case, finding.case_id)
    urgent = finding.severity == "urgent"
    return DigestEntry(
        group=Group.WAITS,
        words=RESTRICTED_HEADING if case.restricted else finding.words,
        because=line.because,
        case_ref=case.ref,
        known_as=None if case.restricted else seen.known_as(case),
        link=seen.link(case),
        since=finding.since,
        mark=Mark.URGENT if urgent else Mark.ATTENTION,
        covering=line.behalf_of is not None,
    )


def _of_message(
    session: Session, line: DigestLine, row: Outbox, notices: Sequence[Notice], on: date, seen: Seen
) -> DigestEntry:
    case = session.get(Case, row.case_id) if row.case_id is not None else None
    restricted = case is not None and case.restricted
    due_on = _due(session, row)
    asks = any(is_task(notice) for notice in notices)
    place = seen.meeting(row, restricted) if any(n.dated for n in notices) else None
    words = "; ".join(notice.words for notice in notices)
    if place is not None and case is None:  # about a whole meeting, not about one child
        words = f"{words} ({place.body}, {place.ref})"
    return DigestEntry(
        group=_group(row, due_on, on, asks=asks, dated=place is not None),
        words=RESTRICTED_HEADING if restricted else words,
        because=line.because,
        case_ref=case.ref if case else None,
        known_as=seen.known_as(case) if case and not restricted else None,
        link=seen.link(case) if case else None,
        due_on=due_on if asks else None,
        held_on=place.held_on if place and not (asks and due_on) else None,
        starts_at=place.starts_at if place else None,
        place=place.place if place else None,
        cancelled=place.cancelled if place else False,
        mark=Mark.LATE if asks and due_on is not None and due_on < on else None,
        covering=line.behalf_of is not None,
    )


def _group(row: Outbox, due_on: date | None, on: date, *, asks: bool, dated: bool) -> Group:
    """A task waits on its reader; a date, and a warning before one, is coming up; the rest is news."""
    if asks:
        before_its_day = row.occasion.startswith(RUNG) and due_on is not None and due_on > on
        return Group.COMING if before_its_day else Group.WAITS
    return Group.COMING if dated else Group.NEWS


def _due(session: Session, row: Outbox) -> date | None:
    """Until when, as it stands now: a pause may have moved a deadline since its warning was written."""
    if row.occasion.startswith(RUNG):
        deadline = session.get(Deadline, row.occasion.removeprefix(RUNG).partition(":")[0])
        if deadline is not None:
            return deadline.due_on
    return row.due_on
