"""What waits on somebody: deadlines of their posts, decisions to confirm, flags; and what they wait for (practice 6).

One answer for the page, and for whoever covers: work of the posts somebody holds on a day, by themselves or by
covering. Nothing of a case they may not open (reliability R22).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import ColumnElement, and_, or_, select, union_all
from sqlalchemy.orm import Session

from casework.acting import effects_on_meetings, funding_effects
from casework.acting.deadlines import OPENS_A_DOOR
from casework.meetings.invited import MEMBERS
from casework.reading.money_waiting import MoneyWaiting, money_waiting
from casework.who.access import powers, visible, visible_requests
from casework.who.people import posts_of
from persistence.tables import AgendaItem, Allocation, Case, Confirmation, Deadline, Event, Flag, Meeting, Person
from states.permission import may_decide
from states.processes import ALL_ROWS, state_named, words_of
from states.stages import S
from states.vocabulary import ALLOCATED, Nature, Role

#: Children and requests that stand on an agenda.
TO_COME = (effects_on_meetings.ON_AGENDA, funding_effects.ON_AGENDA)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing that waits: what, on which child, why on this person, until when, and the step that does it."""

    ref: str
    what: str
    why: str
    state: str
    due: date | None
    late: bool
    basis: str
    step: str | None  # the one step that meets it from here and is theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class ToConfirm:
    """A decision recorded in somebody's name (practice PR-2)."""

    ref: str
    event: str
    words: str
    happened_on: date
    who: str  # who recorded it; for what was sent, who is asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """A flag on a step that somebody in one of their posts should look at."""

    ref: str
    flag: str
    words: str
    rule: str
    urgent: bool
    raised_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MyMeeting:
    """A meeting to come that they chair or sit in, or that one of their children is on."""

    ref: str
    body: str
    held_on: date
    starts_at: str | None
    children: int  # on the agenda, of those they may open
    requests: int  # likewise


@dataclass(frozen=True, slots=True, kw_only=True)
class MyWork:
    """Everything that waits on somebody, and what they sent that waits on others."""

    tasks: tuple[Task, ...]
    confirm: tuple[ToConfirm, ...]
    flags: tuple[Raised, ...]
    sent: tuple[ToConfirm, ...]
    meetings: tuple[MyMeeting, ...]
    money: MoneyWaiting


def my_work(session: Session, *, by: str, today: date) -> MyWork:
    """What waits on a person on a London date, late first."""
    mine = _Posts.of(session, by, today)
    seen = visible(session, by, today)
    both = or_(seen, visible_requests(session, by, today))
    return MyWork(
        tasks=tuple(_tasks(session, mine, seen, today)),
        confirm=tuple(_confirmations(session, both, decider=by)),
        flags=tuple(_flags(session, mine, both)),
        sent=tuple(_confirmations(session, both, recorder=by)),
        meetings=tuple(_meetings(session, by, both, today)),
        money=money_waiting(session, by=by, today=today),
    )


@dataclass(frozen=True, slots=True)
class _Posts:
    """The posts somebody's work comes by on a day."""

    who: frozenset[str]
    anywhere: frozenset[Role]
    by_team: frozenset[tuple[Role, str]]
    on: date

    @classmethod
    def of(cls, session: Session, person_id: str, on: date) -> _Posts:
        posts = posts_of(session, person_id, on, case_id=None)
        held = [one for _, one in posts.held if one.role not in ALLOCATED]
        return cls(
            posts.hands(person_id),
            frozenset(one.role for one in held if one.team_id is None),
            frozenset((one.role, one.team_id) for one in held if one.team_id is not None),
            on,
        )

    def owning(self, row: type[Deadline | Flag], stands: ColumnElement[bool]) -> ColumnElement[bool]:
        """Whether a row that stands is work of the posts: one's own by name, a specialist's anywhere, a team's in it.

        A union, of which an index answers each part: one question with an `or` would read every row there is.
        """
        own = select(row.id).join(Allocation, _same_post(row))
        on_day = or_(Allocation.until_on.is_(None), Allocation.until_on > self.on)
        found = [own.where(stands, Allocation.person_id.in_(self.who), Allocation.from_on <= self.on, on_day)]
        # A request's people are its child's.
        asked = select(row.id).join(Case, Case.id == row.case_id).join(Allocation, _same_post_on_the_child(row))
        found.append(asked.where(stands, Allocation.person_id.in_(self.who), Allocation.from_on <= self.on, on_day))
        if self.anywhere:
            found.append(select(row.id).where(stands, row.owner.in_(sorted(self.anywhere))))
        for role, team in sorted(self.by_team):
            here = select(row.id).join(Case, Case.id == row.case_id)
            found.append(here.where(stands, row.owner == role, Case.team_id == team))
        return row.id.in_(union_all(*found))


def _same_post(row: type[Deadline | Flag]) -> ColumnElement[bool]:
    return and_(Allocation.case_id == row.case_id, Allocation.role == row.owner)


def _same_post_on_the_child(row: type[Deadline | Flag]) -> ColumnElement[bool]:
    return and_(Allocation.case_id == Case.child_case_id, Allocation.role == row.owner)


def _tasks(session: Session, mine: _Posts, seen: ColumnElement[bool], today: date) -> list[Task]:
    found = session.execute(
        select(Case.ref, Case.state, Deadline)
        .join(Deadline, Deadline.case_id == Case.id)
        .where(
            seen,
            Case.closed.is_(False),
            mine.owning(Deadline, and_(Deadline.closed_as.is_(None), Deadline.name.not_in(OPENS_A_DOOR))),
        )
        .order_by(Deadline.due_on.is_(None), Deadline.due_on, Case.ref, Deadline.words)
    )
    return [
        Task(
            ref=ref,
            what=deadline.words,
            why=deadline.owner,
            state=state,
            due=deadline.due_on,
            late=deadline.due_on is not None and deadline.due_on < today,
            basis=deadline.basis,
            step=met_by(deadline.name, state, Role(deadline.owner)),
        )
        for ref, state, deadline in found
    ]


@cache
def met_by(deadline: str, state: str, post: Role) -> str | None:
    """The one step that meets a deadline from a state and is this post's: an act before a decision.

    None where several outcomes would meet it, or where it is for others: a link must not say beforehand how
    somebody is to decide. What takes the child off the pathway meets its dates too, and is no outcome of them.
    """
    here = [row for row in ALL_ROWS if state_named(state) in row.source]
    acts = [
        row
        for row in here
        if row.nature is Nature.ACT
        and deadline in {due.name for due in row.meets}
        and deadline not in {due.name for due in row.opens}  # that only sets another day for it
    ]
    outcomes = [
        row
        for row in here
        if row.nature is not Nature.ACT
        and deadline in {due.name for due in (*row.meets, *(due for _, due in row.meets_if))}
        and row.to not in (S.NOT_APPLICABLE, S.ENDED)
    ]
    found = acts or outcomes
    one = found[0] if len({row.trigger for row in found}) == 1 else None
    return one.trigger if one is not None and may_decide(frozenset({post}), one) else None


def decisions_to_confirm(session: Session, *, by: str, today: date) -> list[ToConfirm]:
    """The decisions recorded in somebody's name that wait for their word (practice PR-2)."""
    return _confirmations(session, visible(session, by, today), decider=by)


def _confirmations(
    session: Session, seen: ColumnElement[bool], *, decider: str | None = None, recorder: str | None = None
) -> list[ToConfirm]:
    other = Event.recorded_by if decider else Confirmation.decider_id
    whose = Confirmation.decider_id == decider if decider else Event.recorded_by == recorder
    rows = session.execute(
        select(Case.ref, Event.id, Event.trigger, Event.happened_on, Person.name)
        .join(Event, Event.case_id == Case.id)
        .join(Confirmation, Confirmation.event_id == Event.id)
        .join(Person, Person.id == other)
        .where(whose, Confirmation.status == "waiting", seen)
        .order_by(Event.recorded_at, Event.id)
    )
    return [
        ToConfirm(ref=ref, event=event, words=step_words(trigger), happened_on=on, who=name)
        for ref, event, trigger, on, name in rows
    ]


@cache
def step_words(trigger: str) -> str:
    """What people call a step."""
    return words_of(trigger)


def _flags(session: Session, mine: _Posts, seen: ColumnElement[bool]) -> list[Raised]:
    rows = session.execute(
        select(Case.ref, Flag)
        .join(Flag, Flag.case_id == Case.id)
        .where(seen, mine.owning(Flag, Flag.cleared_by_event.is_(None)))
        .order_by(Flag.urgent.desc(), Flag.raised_on, Case.ref)
    )
    return [
        Raised(ref=ref, flag=f.id, words=f.words, rule=f.rule, urgent=f.urgent, raised_on=f.raised_on)
        for ref, f in rows
    ]


def _meetings(session: Session, by: str, seen: ColumnElement[bool], today: date) -> list[MyMeeting]:
    """Those they chair or sit in, and those with a child of theirs on the agenda."""
    roles = powers(session, by, None, today).roles
    sits = [body for body, members in MEMBERS.items() if roles & set(members)]
    own = (
        select(AgendaItem.meeting_id)
        .join(Case, Case.id == AgendaItem.case_id)
        .join(Allocation, Allocation.case_id == Case.id)
        .where(Allocation.person_id == by, Allocation.until_on.is_(None), AgendaItem.status == "listed", seen)
    )
    held = and_(Meeting.held_on >= today, Meeting.status == "planned")
    theirs_too = or_(Meeting.chair_id == by, Meeting.body.in_(sits), Meeting.id.in_(own))
    meetings = session.scalars(
        select(Meeting)
        .where(held, Meeting.event_id.is_(None), theirs_too)
        .order_by(Meeting.held_on, Meeting.ref)
    ).all()
    listed = session.execute(
        select(AgendaItem.meeting_id, Case.child_case_id.is_(None))
        .join(Case, Case.id == AgendaItem.case_id)
        .where(AgendaItem.meeting_id.in_([m.id for m in meetings]), AgendaItem.status.in_(TO_COME), seen)
    )
    count = Counter((meeting_id, bool(is_child)) for meeting_id, is_child in listed)
    return [
        MyMeeting(
            ref=m.ref,
            body=m.body,
            held_on=m.held_on,
            starts_at=m.starts_at,
            children=count[m.id, True],
            requests=count[m.id, False],
        )
        for m in meetings
    ]
