"""Getting ready to judge an act: lock the case, look at version and access, gather the facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from casework import policies
from casework.acting import loading
from casework.acting.commands import Actor, Command
from casework.errors import Conflict, NotFound, Refused, Unusable
from casework.policies import InForce
from casework.straight import rows
from casework.who.access import ANSWERS, Permission, Powers, permission_for, powers
from casework.who.people import find_person
from persistence.engine import lock_case, lock_cases_in_order
from persistence.tables import Case, Child, FundingRequest, RoleGrant
from states import asked
from states.calendar import london_date
from states.facts import Entry, Facts, Head, live
from states.funding import FUNDING
from states.pathway import PATHWAY
from states.plain_text import made_alike
from states.policy import Policy
from states.processes import PROCESSES, is_request, names_a_request, rows_for, state_named
from states.records import base
from states.vocabulary import RANKS, Process, Role, Transition, Unmet


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A command that has been understood: everything needed to judge it and to write it down."""

    command: Command
    case: Case | None
    child: Child | None
    whole: tuple[Entry, ...]
    policy: InForce
    decider: Powers
    recorder: Powers
    permission: Permission
    today: date
    process: Process
    new_posts: frozenset[Role] = frozenset()  # posts of the decider that are too new to sign with (C13)


_CHILD = select(Child).where(Child.case_id == bindparam("case_id"))


def prepare(session: Session, command: Command, *, by: Actor, now: datetime) -> Prepared:
    """Lock the case, look at version and access, and gather what judges the act.

    Raises NotFound, Conflict, Refused for a day that is a slip of the keyboard, and Unusable where the machine's
    clock has gone back behind the case's last entry.
    """
    command = _with_texts_made_alike(command)
    today = london_date(now)
    case: Case | None = None
    child: Child | None = None
    whole: tuple[Entry, ...] = ()
    process = PATHWAY
    if command.ref is not None:
        case = _lock(session, command.ref)
        process = PROCESSES[case.process]
        recorder = powers(session, by.person_id, None if command.with_meeting else case, today)
        if not recorder.sees:
            raise NotFound("case", command.ref)
        if command.version is not None and command.version != case.version:
            raise Conflict(
                f"Somebody has recorded something since: the case is at version {case.version}, "
                f"not {command.version}. Look again before you go on.",
                current=case.version,
            )
        child = session.scalars(_CHILD, {"case_id": case.child_case_id or case.id}).one()
        whole = loading.load_entries(session, case.id)
        _refuse_a_clock_gone_back(whole, today)
    elif command.about is not None:
        process, of_child = FUNDING, _lock(session, command.about)
        recorder = powers(session, by.person_id, of_child, today)
        if not recorder.sees or is_request(of_child.process):
            raise NotFound("case", command.about)
        child = session.scalars(_CHILD, {"case_id": of_child.id}).one()
    else:
        recorder = powers(session, by.person_id, None, today)
        if not recorder.enabled:
            raise NotFound("case")
    # Nobody held a post in the year 26: who may do this is no answer to a slip of the keyboard.
    if (slip := base.not_a_day_of_ours("'When did it happen?'", command.happened_on)) is not None:
        raise Refused(command.trigger, [Unmet("R-SM-3", slip, "happened_on")])
    who = find_person(session, command.decided_by).id if command.decided_by else by.person_id
    same_day = who == by.person_id and command.happened_on == today
    theirs = case if case is not None or child is None else session.get_one(Case, child.case_id)
    decider = recorder if same_day else powers(session, who, theirs, min(command.happened_on, today))
    policy = policies.in_force(session, min(command.happened_on, today))
    return Prepared(
        command=command,
        case=case,
        child=child,
        whole=whole,
        policy=policy,
        decider=decider,
        recorder=recorder,
        permission=permission_for(
            decider, recorder, last_row=last_row(whole), answering_as=_answering_as(command, whole)
        ),
        today=today,
        process=process,
        new_posts=new_posts(session, decider, policy.policy, now) if command.trigger in _SIGNS else frozenset(),
    )


def new_posts(session: Session, decider: Powers, policy: Policy, now: datetime) -> frozenset[Role]:
    """The ranked posts that a decider, or whom they stand in for, has had for too short a time to sign (C13)."""
    since = now - timedelta(hours=policy.finance.signing_hours_after_grant)
    who = [decider.person_id, *decider.behalf.values()]
    steady = set(rows(session, _STEADY, who=who, since=since, today=london_date(now)).scalars())
    return frozenset(role for role in decider.roles if role in RANKS and role.value not in steady)


_SIGNS = frozenset({*asked.APPROVALS, *asked.REFUSALS})
#: Posts given long enough ago, and by somebody else; who first set the installation up was given theirs by nobody.
_STEADY = select(RoleGrant.role).where(
    RoleGrant.person_id.in_(bindparam("who", expanding=True)),
    RoleGrant.granted_at <= bindparam("since", type_=RoleGrant.granted_at.type),
    or_(RoleGrant.until_on.is_(None), RoleGrant.until_on >= bindparam("today", type_=RoleGrant.until_on.type)),
    or_(RoleGrant.granted_by.is_(None), RoleGrant.granted_by != RoleGrant.person_id),
)


def _lock(session: Session, ref: str) -> Case:
    """The case, held until the unit ends. Of a request its child's first, and then the household's others.

    A request's step may count the household's other requests, and lets the child's case go on: so no two of them
    are decided past each other (reliability R4, rules R-FIN-4). Raises NotFound.
    """
    if names_a_request(ref):
        _lock_beside(session, ref)
    case = lock_case(session, ref)
    if case is None:
        raise NotFound("case", ref)
    return case


def _lock_beside(session: Session, ref: str) -> None:
    """The child of a request and the household's other requests, held until the unit ends. Raises NotFound."""
    request = rows(session, _CHILD_OF, ref=ref).one_or_none()
    if request is None:
        raise NotFound("case", ref)
    lock_cases_in_order(session, [request.child_case_id])
    household = session.scalar(_HOUSEHOLD, {"case_id": request.id})
    session.execute(_OTHERS, {"household": household}).all()


_CHILD_OF = select(Case.id, Case.child_case_id).where(Case.ref == bindparam("ref"))
_HOUSEHOLD = select(FundingRequest.household_key).where(FundingRequest.case_id == bindparam("case_id"))
_OTHERS = (
    select(FundingRequest.case_id)
    .where(FundingRequest.household_key == bindparam("household"))
    .order_by(FundingRequest.case_id)
    .with_for_update()
)


def _with_texts_made_alike(command: Command) -> Command:
    evidence, late_reason = command.evidence, command.late_reason
    if evidence is None and late_reason is None:
        return command
    return replace(
        command,
        evidence=None if evidence is None else made_alike(evidence),
        late_reason=None if late_reason is None else made_alike(late_reason),
    )


def _refuse_a_clock_gone_back(whole: Sequence[Entry], today: date) -> None:
    """Nothing is recorded before what was recorded already: the day of an entry would be a lie (reliability R30)."""
    if whole and (last := max(entry.recorded_on for entry in whole)) > today:
        raise Unusable(
            f"This machine's clock says {today}, but this case has an entry that was recorded on {last}: the clock "
            "is wrong, or was. Nothing was changed. Ask whoever runs the system to set it right; see sgo health."
        )


def last_row(whole: Sequence[Entry]) -> Transition | None:
    """The row of the last step: who may take it back (design 5.5)."""
    moves = [e for e in live(whole) if e.moved]
    if not moves:
        return None
    last = moves[-1]
    state = state_named(last.from_state) if last.from_state else None
    rows = rows_for(last.trigger, state)
    reached = [row for row in rows if getattr(row.to, "name", None) == last.to_state]
    return next(iter([*reached, *rows]), None)


def _answering_as(command: Command, whole: Sequence[Entry]) -> Role | None:
    """The role of the decision that is confirmed or disputed: its decider may hold another post by now."""
    if command.trigger not in ANSWERS:
        return None
    return next((Role(e.role) for e in whole if e.id == command.record.get("event")), None)


def facts_of(
    session: Session, prepared: Prepared, record: base.Record | None, *, lookups: loading.Lookups | None = None
) -> Facts:
    """The facts that judge a prepared command. `lookups`: what others are asked for, where not the database."""
    case, child, command = prepared.case, prepared.child, prepared.command
    head = (
        loading.head_of(case, child) if case is not None and child is not None else Head(ref="", state=None)
    )
    if case is None and child is not None:  # a request that is to be opened
        head = replace(head, date_of_birth=child.date_of_birth)
    return loading.facts_for(
        session,
        head=head,
        whole=prepared.whole,
        record=record,
        on=command.happened_on,
        today=prepared.today,
        decided_by=prepared.decider.person_id,
        recorded_by=prepared.recorder.person_id,
        policy=prepared.policy,
        case_id=case.id if case else None,
        child_case_id=child.case_id if child is not None and is_request(prepared.process.name) else None,
        services=prepared.decider.services,
        roles=prepared.decider.roles,
        posts=prepared.decider.posts,
        new_posts=prepared.new_posts,
        recorders_roles=prepared.recorder.roles,
        acting_for=_acting_for(prepared),
        late_reason=command.late_reason,
        lookups=lookups,
    )


def _acting_for(prepared: Prepared) -> str | None:
    """Whom the decider stands in for here: cover never lets somebody do what both may not (C11)."""
    if not prepared.decider.behalf:
        return None
    state = state_named(prepared.case.state) if prepared.case else None
    rows = rows_for(prepared.command.trigger, state)
    if not rows or prepared.permission(rows[0]) is not None:
        return None
    return prepared.decider.behalf.get(prepared.permission.role_used(rows[0]))
