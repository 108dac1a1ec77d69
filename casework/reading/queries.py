"""What people read: a case, a list, what may be done next, who was told. Only what the reader may open.

Plain frozen values come out, never rows: no session, no effect on loading. Every function that touches a child
asks `casework.who.access` first; the entry point logs the read before it answers (reliability R20).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import case, exists, func, or_, select
from sqlalchemy.orm import Session

from casework import policies
from casework.acting import loading
from casework.acting.deadlines import OPENS_A_DOOR, DeadlineSeen
from casework.acting.joining import NOT_BY_COMMAND_LINE
from casework.acting.preparing import last_row, new_posts
from casework.meetings.coming import Coming, next_meetings_of, soonest_of
from casework.policies import InForce
from casework.reading.beside import events_of, messages_of
from casework.reading.showing import show_case
from casework.who.access import Powers, open_case_row, permission_for, powers, reads_journey, too_near_to, visible
from persistence.tables import AccessGrant, Case, Confirmation, Deadline, Event, Flag, Person, Team
from states import engine, offering
from states.asked import APPROVALS, REFUSALS
from states.facts import Entry, Facts, Head, live
from states.funding import FUNDING
from states.funding_stages import UNDER_DECISION, F
from states.pathway import PATHWAY
from states.processes import PROCESSES, is_request
from states.records import base
from states.stages import S
from states.vocabulary import Nature, Role, State, Transition, Unmet

# -- lists --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A case in a list."""

    ref: str
    state: str
    words: str
    since: date
    colour: str | None
    candidate: bool
    team: str | None
    latest_position: str | None
    next_step: str | None
    next_step_who: str | None
    next_step_by: date | None
    overdue: int
    next_due: date | None
    flags: int
    next_meeting: Coming | None = None  # only where it was asked for: the next one it can make, and what it misses


def list_cases(
    session: Session,
    *,
    by: str,
    today: date,
    state: str | None = None,
    include_closed: bool = False,
    limit: int | None = None,
    with_meetings: bool = False,
) -> list[CaseLine]:
    """The cases this person may open, most urgent first: overdue, then soonest due.

    `with_meetings`: with the next meeting of each, in a few queries for all of them.
    """
    late = (
        select(func.count())
        .where(
            Deadline.case_id == Case.id,
            Deadline.closed_as.is_(None),
            Deadline.due_on < today,
            Deadline.name.not_in(OPENS_A_DOOR),
        )
        .scalar_subquery()
    )
    soonest = (
        select(func.min(Deadline.due_on))
        .where(Deadline.case_id == Case.id, Deadline.closed_as.is_(None))
        .scalar_subquery()
    )
    flags = select(func.count()).where(Flag.case_id == Case.id, Flag.cleared_by_event.is_(None)).scalar_subquery()
    shown = reads_journey(session, by, today)  # colour, latest position and next step are not everybody's (rules 11.1)
    query = (
        select(Case, Team.name, late, soonest, flags, case((shown, 1), else_=0))
        .outerjoin(Team, Team.id == Case.team_id)
        .where(visible(session, by, today))
        .order_by(late.desc(), soonest.is_(None), soonest, Case.id)
    )
    if state is not None:
        query = query.where(Case.state == state)
    if not include_closed:
        query = query.where(Case.closed.is_(False))
    if limit is not None:
        query = query.limit(limit)
    found = session.execute(query).all()
    ahead = next_meetings_of(session, [row[0] for row in found], today) if with_meetings else {}
    return [
        CaseLine(
            ref=row.ref,
            state=row.state,
            words=S[row.state].words,
            since=row.state_since,
            colour=row.colour if reads else None,
            candidate=row.candidate,
            team=team,
            latest_position=row.latest_position if reads else None,
            next_step=row.next_step if reads else None,
            next_step_who=row.next_step_who if reads else None,
            next_step_by=row.next_step_by if reads else None,
            overdue=overdue,
            next_due=due,
            flags=flagged,
            next_meeting=soonest_of(ahead.get(row.id, ())),
        )
        for row, team, overdue, due, flagged, reads in found
    ]


# -- what next --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """A step or act that is possible from here, and what it still needs (design 7: `sgo transitions`)."""

    trigger: str
    words: str
    to: str
    nature: str
    allowed: bool
    missing: tuple[Unmet, ...]
    fields: tuple[base.FieldSeen, ...]
    by: tuple[str, ...]
    idle: bool = False  # there is nothing in the history that it could be about: no concern to clear, say
    out_of_order: bool = False  # a fact that would come from outside the order of the pathway (practice PR-1)
    hints: tuple[Unmet, ...] = ()  # what to think of; it stands in nobody's way (practice PT-8, R-ELG-5)


def next_steps(
    session: Session,
    ref: str,
    *,
    by: str,
    today: date,
    now: datetime | None = None,
    signs_money: bool = True,
) -> tuple[NextStep, ...]:
    """Every step from here, in the table's order, with what is still needed by this person today.

    `now`: the instant, for a funding request: who has a post since less than the policy's hours signs nothing by it
    (reliability C13). `signs_money`: whether money may be signed by this person's channel (design 7).
    """
    steps = _asked_of(session, ref, by, today, now).next_steps()
    if signs_money:
        return steps
    return tuple(
        replace(step, allowed=False, missing=(*step.missing, NOT_BY_COMMAND_LINE)) if step.trigger in _SIGNS else step
        for step in steps
    )


_SIGNS = frozenset({*APPROVALS, *REFUSALS})


def steps_beside(session: Session, ref: str, *, by: str, today: date) -> tuple[NextStep, ...]:
    """What may be opened beside a child: a funding request, with what is still needed by this person today."""
    return _asked_of(session, ref, by, today).steps_beside()


def steps_and_beside(
    session: Session, ref: str, *, by: str, today: date
) -> tuple[tuple[NextStep, ...], tuple[NextStep, ...]]:
    """Both of one child, with one look at it."""
    found = _asked_of(session, ref, by, today)
    return found.next_steps(), found.steps_beside()


def _asked_of(session: Session, ref: str, by: str, today: date, now: datetime | None = None) -> _Asked:
    case = open_case_row(session, ref, by=by, today=today)
    who, policy = powers(session, by, case, today), policies.in_force(session, today)
    return _Asked(session, loading.load(session, case), who, policy, today, now)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A case, and who asks what they may do with it on a day."""

    session: Session
    loaded: loading.Loaded
    who: Powers
    policy: InForce
    today: date
    now: datetime | None = None

    def next_steps(self) -> tuple[NextStep, ...]:
        case, whole = self.loaded.case, self.loaded.whole
        facts = self._facts(
            loading.head_of(case, self.loaded.child), whole, case_id=case.id, child_case_id=case.child_case_id
        )
        permission = permission_for(self.who, self.who, last_row=last_row(whole))
        return tuple(
            _offered(offer, facts, _leads_to(offer.row, facts.last_move(), case.state))
            for offer in engine.offers(PROCESSES[case.process], facts, permission)
        )

    def steps_beside(self) -> tuple[NextStep, ...]:
        case = self.loaded.case
        if case.process != PATHWAY.name:
            return ()
        head = replace(loading.head_of(case, self.loaded.child), ref="", state=None)
        facts = self._facts(head, (), case_id=None, child_case_id=case.id)
        return tuple(
            _step(offer, _leads_to(offer.row, None, case.state))
            for offer in engine.offers(FUNDING, facts, permission_for(self.who, self.who))
        )

    def _facts(self, head: Head, whole: tuple[Entry, ...], *, case_id: int | None, child_case_id: int | None) -> Facts:
        who = self.who
        return loading.facts_for(
            self.session,
            head=head,
            whole=whole,
            record=None,
            on=self.today,
            today=self.today,
            decided_by=who.person_id,
            recorded_by=who.person_id,
            policy=self.policy,
            case_id=case_id,
            child_case_id=child_case_id,
            services=who.services,
            roles=who.roles,
            posts=who.posts,
            new_posts=self._new_posts(),
            recorders_roles=who.roles,
        )

    def _new_posts(self) -> frozenset[Role]:
        """The posts by which this person may not sign yet; asked for only where somebody signs next (C13)."""
        case = self.loaded.case
        if self.now is None or not is_request(case.process) or F[case.state] not in UNDER_DECISION:
            return frozenset()
        return new_posts(self.session, self.who, self.policy.policy, self.now)


def _step(offer: engine.Offer, to: str) -> NextStep:
    return NextStep(
        trigger=offer.row.trigger,
        words=offer.row.words,
        to=to,
        nature=offer.row.nature.value,
        allowed=not offer.missing,
        missing=offer.missing,
        fields=offer.row.record.fields(),
        by=tuple(sorted(role.value for role in offer.row.by)),
        hints=offer.flags if offer.row.nature is not Nature.FACT else (),
    )


def _offered(offer: engine.Offer, facts: Facts, to: str) -> NextStep:
    """A step from where a case is; of a child's, whether it has something to act on and stands in its order."""
    step, state = _step(offer, to), S.__members__.get(facts.head.state or "")
    if state is None:
        return step
    return replace(
        step,
        idle=offering.nothing_to_act_on(step.trigger, facts),
        out_of_order=offering.out_of_its_order(offer.row, state),
    )


def _leads_to(row: Transition, last: Entry | None, state: str) -> str:
    if isinstance(row.to, State):
        return row.to.name
    if row.to.name == "BACK":
        return (last.from_state if last else None) or state
    return state


# -- who was told ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Somebody who was told of something: by a message from here, or by a person (practice PT-20)."""

    what: str
    who: str
    when: date | None
    how: str
    status: str


def _told_in_person(entry: Entry, row: Mapping[str, Any]) -> Told:
    return Told(
        what=entry.trigger,
        who=row["who"],
        when=date.fromisoformat(row["told_on"]),
        how=row["how"],
        status="told",
    )


def who_was_told(session: Session, ref: str, *, by: str, today: date) -> tuple[Told, ...]:
    """For every decision: who was told what, when and how (practice PT-20)."""
    from states.calendar import london_date

    case = open_case_row(session, ref, by=by, today=today)
    words = {event.id: event.trigger for event in events_of(session, case.id)}
    told = [
        Told(
            what=words.get(row.event_id or "", row.occasion.split(":")[0]),
            who=row.handle,
            when=london_date(row.sent_at) if row.sent_at else None,
            how="mail",
            status=row.status,
        )
        for row in messages_of(session, case.id)
    ]
    for entry in live(loading.load_entries(session, case.id)):
        if entry.kind == "told":
            told.append(
                Told(
                    what=entry.data["decision"],
                    who=entry.data["who"],
                    when=date.fromisoformat(entry.data["told_on"]),
                    how=entry.data["how"],
                    status="told",
                )
            )
        told.extend(_told_in_person(entry, row) for row in entry.data.get("told", ()))
    return tuple(told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What a new worker needs on day one (practice PT-19)."""

    ref: str
    state: str
    latest_position: str | None
    next_step: str | None
    next_dates: tuple[DeadlineSeen, ...]
    promises: tuple[str, ...]
    people: tuple[dict[str, Any], ...]
    open_flags: tuple[dict[str, Any], ...]
    actions: tuple[dict[str, Any], ...]


def handover(session: Session, ref: str, *, by: str, today: date) -> Handover:
    """The handover sheet: latest position, next dates, promises made to the carer (practice PT-19)."""
    seen = show_case(session, ref, by=by, today=today)
    entries = [line for line in seen.chronology if line.standing != "taken back"]
    promises = tuple(line.record["handover"] for line in entries if line.record.get("handover"))
    actions = tuple(
        {**action, "from": line.trigger} for line in entries for action in line.record.get("actions", ()) or ()
    )
    return Handover(
        ref=seen.ref,
        state=seen.words,
        latest_position=seen.position.get("position"),
        next_step=seen.position.get("next_step"),
        next_dates=tuple(d for d in seen.deadlines if d.closed_as is None),
        promises=promises,
        people=tuple(p for p in seen.people if p["now"]),
        open_flags=seen.flags,
        actions=actions,
    )


def to_confirm(session: Session, *, by: str) -> list[tuple[str, str, str, date]]:
    """(case, event, trigger, happened on) of every decision that waits for this person (practice PR-2).

    Not of a case that has been restricted to others since (reliability R22), nor for an account that is closed.
    """
    named = exists().where(AccessGrant.case_id == Case.id, AccessGrant.person_id == by)
    rows = session.execute(
        select(Case.ref, Event.id, Event.trigger, Event.happened_on)
        .join(Confirmation, Confirmation.event_id == Event.id)
        .join(Case, Case.id == Event.case_id)
        .join(Person, Person.id == Confirmation.decider_id)
        .where(Confirmation.decider_id == by, Confirmation.status == "waiting", Person.enabled)
        .where(or_(Case.restricted.is_(False), named))
        .where(func.coalesce(Case.child_case_id, Case.id).not_in(too_near_to(by)))
        .order_by(Event.recorded_at, Event.id)
    )
    return [(ref, event, trigger, on) for ref, event, trigger, on in rows]
