"""What ran by itself: every run of the ledger that somebody may see, what it did, and trying a failed one again.

Operators see every run and its counts. Others see the runs about children whom they may open, and of the work that is
about nobody in particular (the night, the digests) that it ran, when and how it ended: its counts are of every child
there is, and a restricted one must change nothing of what they see (reliability R22).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from casework.drift.acknowledging import MANAGERS
from casework.errors import NotFound, Refused, Unusable
from casework.following import follow_up
from casework.following.ledger import RunLine, RunState, line_of
from casework.following.status import Status
from casework.overnight import night_log
from casework.reading.my_work import step_words
from casework.who.access import visible
from persistence.tables import Case, ErrorDetail, Event, FollowUp, Outbox, Person, Run
from states.pathway import PATHWAY
from states.vocabulary import Role, Unmet

#: Runs of no child in particular that leave a line on every day, whatever there was to do.
_EVERY_DAY = (night_log.FLOW, night_log.REPLAY, "digest")
WORDS: Mapping[str, str] = {
    night_log.FLOW: "The night's check",
    night_log.REPLAY: "A look back at a night",
    "digest": "The digests of the day",
    "agendas": "Invitations and agendas of meetings",
    "redeliver": "Messages tried again",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSeen:
    """A run as somebody may see it."""

    line: RunLine
    words: str
    refs: tuple[str, ...]  # of the children it was about, as far as they may be opened
    counts: Mapping[str, int]
    try_again: str  # why it is not to be tried again; empty where it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message that a follow-up had to send."""

    who: str
    notices: tuple[str, ...]
    status: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWhole:
    """A run, with everything that is known of it."""

    run: RunSeen
    where: str | None  # which step went wrong
    next_attempt_at: datetime | None
    attempts: int
    others: tuple[RunSeen, ...] = ()  # the other runs of the same follow-up
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Looker:
    """Who looks at runs: an operator, somebody who may try again, or neither."""

    by: str
    today: date
    operator: bool
    manager: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """A page of runs, the newest first, and whether there are more."""

    lines: tuple[RunSeen, ...]
    more: bool
    failed: int  # of the last week
    flows: tuple[tuple[str, str], ...] = field(default=())


def looker(by: str, roles: Collection[Role], today: date) -> Looker:
    """What somebody may see of runs, by the posts in their hands."""
    return Looker(by=by, today=today, operator=Role.OPERATOR in roles, manager=not MANAGERS.isdisjoint(roles))


def list_runs(
    session: Session,
    who: Looker,
    *,
    state: str = "",
    flow: str = "",
    limit: int = 50,
    offset: int = 0,
    since: datetime,
) -> Runs:
    """The runs somebody may see; `since`: from when failed ones are counted."""
    sees = _sees(session, who)
    query = select(Run).where(*sees).order_by(Run.started_at.desc(), Run.id)
    if state:
        query = query.where(Run.state == state)
    if flow:
        query = query.where(Run.flow == flow)
    rows = list(session.scalars(query.limit(limit + 1).offset(offset)))
    bad = select(Run.id).where(*sees, Run.state.in_(_BAD), Run.started_at >= since)
    return Runs(
        lines=_seen(session, who, rows[:limit]),
        more=len(rows) > limit,
        failed=len(session.scalars(bad).all()),
        flows=tuple((name, words_of(name)) for name in (*WORDS, *_case_flows())),
    )


_BAD = (RunState.FAILED.value, RunState.CRASHED.value)


def a_run(session: Session, who: Looker, run_id: str) -> RunWhole:
    """One run with everything that is known of it. Raises NotFound alike for an unknown and a hidden one."""
    row = session.scalars(select(Run).where(Run.id == run_id, *_sees(session, who))).one_or_none()
    if row is None:
        raise NotFound("run", run_id)
    error = session.get(ErrorDetail, row.error_ref) if row.error_ref else None
    intention = session.get(FollowUp, row.follow_up_id) if row.follow_up_id else None
    others: list[Run] = []
    messages: tuple[Message, ...] = ()
    if intention is not None:
        same = select(Run).where(Run.follow_up_id == intention.id, Run.id != row.id).order_by(Run.started_at.desc())
        others = list(session.scalars(same))
        messages = _messages(session, who, intention.id)
    seen = _seen(session, who, [row, *others])
    return RunWhole(
        run=seen[0],
        where=error.where if error else None,
        next_attempt_at=intention.next_attempt_at if intention else None,
        attempts=intention.attempts if intention else 0,
        others=seen[1:],
        messages=messages,
    )


def _messages(session: Session, who: Looker, follow_up_id: str) -> tuple[Message, ...]:
    query = (
        select(Outbox, Person.handle)
        .join(Person, Person.id == Outbox.recipient_id)
        .where(Outbox.follow_up_id == follow_up_id)
        .order_by(Person.handle, Outbox.id)
    )
    if not who.operator:
        query = query.join(Case, Case.id == Outbox.case_id).where(visible(session, who.by, who.today))
    return tuple(
        Message(who=handle, notices=tuple(row.notices), status=row.status, at=row.sent_at or row.created_at)
        for row, handle in session.execute(query)
    )


def try_again(session: Session, who: Looker, run_id: str) -> None:
    """Have a failed follow-up tried again: what was done stays done, and nothing is sent twice (reliability R13).

    Raises NotFound for a run that is not theirs to see, Refused where it is not to be tried again.
    """
    seen = a_run(session, who, run_id)
    if not (who.operator or who.manager):
        words = "Only an operator, or a manager for the children they may open, may have it tried again."
        raise Refused("try again", (Unmet("R21", words),))
    if seen.run.try_again:
        raise Unusable(seen.run.try_again)
    follow_up_id = seen.run.line.follow_up_id
    assert follow_up_id is not None
    if not follow_up.retry(session, follow_up_id):
        raise Unusable("It has been tried again meanwhile.")


def words_of(flow: str) -> str:
    """A flow as people call it: `case.rate` is the follow-up of a step."""
    process, dot, trigger = flow.partition(".")
    return f"Follow-up: {step_words(trigger)}" if dot and process == "case" else WORDS.get(flow, flow)


def _case_flows() -> list[str]:
    return [f"case.{trigger}" for trigger in dict.fromkeys(row.trigger for row in PATHWAY.rows)]


def _sees(session: Session, who: Looker) -> list[ColumnElement[bool]]:
    if who.operator:
        return []
    sees = visible(session, who.by, who.today)
    of_theirs = [
        exists().where(column == Run.about, Case.id == Event.case_id, sees).correlate_except(Event, Case)
        for column in (Event.id, Event.bulk_id)
    ]
    return [or_(Run.flow.in_(_EVERY_DAY), *of_theirs)]


def _seen(session: Session, who: Looker, rows: list[Run]) -> tuple[RunSeen, ...]:
    about = {row.about for row in rows if row.about}
    events = select(Event.id, Event.bulk_id, Case.ref).join(Case, Case.id == Event.case_id)
    if not who.operator:
        events = events.where(visible(session, who.by, who.today))
    refs: dict[str, set[str]] = {}
    # An operator opens no child: only how many there are.
    for event, bulk, ref in session.execute(events.where(or_(Event.id.in_(about), Event.bulk_id.in_(about)))):
        for key in (event, bulk):
            if key in about:
                refs.setdefault(key, set()).add(ref)
    wanted = {row.follow_up_id for row in rows if row.follow_up_id}
    status: dict[str, str] = dict(
        session.execute(select(FollowUp.id, FollowUp.status).where(FollowUp.id.in_(wanted))).all()
    )
    return tuple(
        RunSeen(
            line=line_of(row),
            words=words_of(row.flow),
            refs=() if who.operator else tuple(sorted(refs.get(row.about or "", ()))),
            counts=_counts(who, row, len(refs.get(row.about or "", ()))),
            try_again=_why_not(row, status.get(row.follow_up_id or "")),
        )
        for row in rows
    )


def _counts(who: Looker, row: Run, children: int) -> dict[str, int]:
    if who.operator:
        return {name: number for name, number in row.counts.items() if isinstance(number, int)}
    if row.about is None:
        return {}
    return {"cases": children}


def _why_not(row: Run, status: str | None) -> str:
    if row.state not in _BAD:
        return "It did not fail." if row.state == RunState.COMPLETED else "It is still running."
    if row.follow_up_id is None:
        return "It is not about an act: the night and the digests are taken up again by themselves."
    if status != Status.FAILED:
        return {
            Status.DONE.value: "It was tried again since, and is done.",
            Status.WAITING.value: "It is tried again by itself.",
            Status.RUNNING.value: "It is being tried again at this moment.",
        }.get(status or "", "There is nothing left to try.")
    return ""
