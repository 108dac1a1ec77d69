"""Who may see a child's case and who may do what: the one place every entry point asks (design 5, R21).

Denied by default. Sight is the table in `casework.who.matrix`; power to decide is the process table's `by`, tested
on the person who decides (practice PR-2). A restricted case is there only for the people named (reliability R22).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    bindparam,
    exists,
    false,
    not_,
    or_,
    select,
    true,
    union,
    union_all,
)
from sqlalchemy.orm import Session

from casework.errors import NotFound
from casework.once import once
from casework.straight import rows
from casework.who.matrix import EMERGENCY_READS, NAMED_READS, SIGHT, Data, Scope, reads_of
from casework.who.people import Held, Posts, posts_of
from persistence.tables import (
    AccessGrant,
    Allocation,
    Case,
    Confirmation,
    DeclaredInterest,
    EmergencyAccess,
    SiblingLink,
)
from persistence.tables.base import Instant
from states.permission import floor, may_decide
from states.stages import S
from states.vocabulary import ALLOCATED, Role, Transition, Unmet, rank

#: What the person does in whose name a decision stands, whatever posts they hold by then (practice PR-2).
ANSWERS = frozenset({"confirm_decision", "dispute_decision"})
#: Roles that may write down what somebody else decided (practice PR-2).
MAY_RECORD: frozenset[Role] = frozenset(
    {
        Role.CHILDS_WORKER,
        Role.ASSESSMENT_WORKER,
        Role.SUPERVISING_WORKER,
        Role.IRO,
        Role.IRO_MANAGER,
        Role.TEAM_MANAGER,
        Role.HEAD_OF_SERVICE,
        Role.ASSISTANT_DIRECTOR,
        Role.DIRECTOR,
        Role.SGO_TEAM,
        Role.GROUP_ADMINISTRATOR,
        Role.GROUP_CHAIR,
        Role.KDD_CHAIR,
        Role.LEGAL,
        Role.DATA_MANAGER,
        Role.CO_ORDINATOR,
    }
)
#: The same for funding requests, whose panels CFS Permanence administers (rules 11.1).
MAY_RECORD_MONEY: frozenset[Role] = MAY_RECORD | {Role.CFS_PERMANENCE, Role.PANEL_CHAIR}
_EVERY_STATE = frozenset(state.name for state in S)
#: Roles that open the funding requests of the children they reach (rules 11.1): not who has to do with health,
#: school or safeguarding alone.
SEES_MONEY: frozenset[Role] = frozenset(SIGHT) - {
    Role.VIRTUAL_SCHOOL,
    Role.HEALTH,
    Role.SAFEGUARDING,
    Role.ADMINISTRATOR,
    Role.OPERATOR,
    Role.GUARDIAN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Powers:
    """What somebody is to one case on one day, by themselves and by covering for others."""

    person_id: str
    enabled: bool
    sees: bool
    roles: frozenset[Role] = frozenset()
    allocated: bool = False
    services: frozenset[str] = frozenset()
    posts: frozenset[Role] = frozenset()  # every post in this person's hands, of whatever team
    behalf: Mapping[Role, str] = field(default_factory=dict)  # roles held only by covering, and for whom
    kept_out: bool = False  # the case is restricted, and to others (reliability R22)
    too_near: bool = False  # the child is somebody to them themselves (reliability C5)
    records: frozenset[Role] = frozenset()  # the roles that may write down what somebody else decided here
    reads: frozenset[Data] = frozenset()  # which kinds of record of the case (rules 11.1)
    until: datetime | None = None  # opened in an emergency: to read only, and no longer than this (R35)

    @property
    def may_record(self) -> bool:
        """Whether they may write down what somebody else decided."""
        return self.enabled and self.sees and bool(self.roles & self.records)


@once
def powers(session: Session, person_id: str, case: Case | None, on: date) -> Powers:
    """What a person is to a case on a London date. `case` None: to a case that is still to be opened."""
    child = child_of(session, case)
    posts = posts_of(session, person_id, on, case_id=child.id if child is not None else None)
    return powers_by(session, posts, person_id, case)


def child_of(session: Session, case: Case | None) -> Case | None:
    """The child's case: of a funding request whose it is, else itself. What a child shows, its requests show."""
    if case is None or case.child_case_id is None:
        return case
    return _case_row(session, case.child_case_id)


@once
def _case_row(session: Session, case_id: int) -> Case:
    return session.get_one(Case, case_id)


def powers_by(session: Session, posts: Posts, person_id: str, case: Case | None) -> Powers:
    """What a person is to a case by the posts in their hands."""
    if posts.kept_from:  # whatever they are here, and whomever they cover for: not to this child (reliability C5)
        return Powers(person_id=person_id, enabled=posts.enabled, sees=False, too_near=True)
    roles: dict[Role, str] = {}
    services: set[str] = set()
    for holder, held in posts.held:
        if held.role in ALLOCATED:
            continue  # what somebody may be in general becomes a role only by allocation
        if held.role is Role.TEAM_MANAGER and not _team_fits(held.team_id, case):
            continue
        roles[held.role] = _prefer_self(roles.get(held.role), holder, person_id)
        if held.service is not None:
            services.add(held.service.value)
    for holder, role in posts.allocated:
        roles[role] = _prefer_self(roles.get(role), holder, person_id)
    sees = posts.enabled and _sees(session, case, frozenset(roles), person_id)
    request = case is not None and case.child_case_id is not None
    if posts.enabled and not sees and case is not None and (until := _opened(session, case, person_id)) is not None:
        return Powers(person_id=person_id, enabled=True, sees=True, reads=EMERGENCY_READS, until=until)
    return Powers(
        person_id=person_id,
        enabled=posts.enabled,
        sees=sees,
        roles=frozenset(roles),
        allocated=bool(posts.allocated),
        services=frozenset(services),
        posts=frozenset(held.role for _, held in posts.held),
        behalf={role: holder for role, holder in roles.items() if holder != person_id},
        kept_out=case is not None and case.restricted and not sees,
        records=MAY_RECORD_MONEY if request else MAY_RECORD,
        reads=_reads(case, frozenset(roles)) if sees else frozenset(),
    )


def roles_for_team(session: Session, person_id: str, team_id: str, on: date) -> frozenset[Role]:
    """The roles whose reach takes in a team's children, held on a London date or covered for (rules 11.1).

    A Team Manager's reach is their own team's children; a post that opens every child reaches every team.
    """
    posts = posts_of(session, person_id, on, case_id=None)
    return frozenset(
        held.role
        for _, held in posts.held
        if SIGHT[held.role].scope is Scope.ALL
        or (SIGHT[held.role].scope is Scope.TEAM and held.team_id in (None, team_id))
    )


def _prefer_self(there: str | None, holder: str, person_id: str) -> str:
    return person_id if person_id in (there, holder) else holder


def _team_fits(team_id: str | None, case: Case | None) -> bool:
    return team_id is None or case is None or case.team_id is None or case.team_id == team_id


def _sees(session: Session, case: Case | None, roles: frozenset[Role], person_id: str) -> bool:
    if case is None:
        return bool(roles)
    if case.restricted:
        # Cover does not open a restricted case: the people named were named for a reason (R22).
        return bool(rows(session, _NAMED, case_id=case.child_case_id or case.id, person_id=person_id).scalar())
    if case.child_case_id is not None:
        if any(role in SEES_MONEY for role in roles):
            return True
    elif any(S[case.state] in SIGHT[role].states for role in roles if SIGHT[role].scope is not Scope.NONE):
        return True
    # Somebody in whose name a decision is recorded may look at it until it is confirmed (practice PR-2).
    return bool(rows(session, _ASKED_TO_CONFIRM, case_id=case.id, person_id=person_id).scalar())


def _reads(case: Case | None, roles: frozenset[Role]) -> frozenset[Data]:
    """What the posts that open this case read of it; whom it names reads at least where the child stands."""
    if case is None:
        return reads_of(roles)
    if case.restricted or case.child_case_id is not None:
        opening = roles
    else:
        opening = frozenset(role for role in roles if S[case.state] in SIGHT[role].states)
    found = reads_of(opening)
    return found | NAMED_READS if case.restricted or not found else found


#: The instant of a unit that reads: without one nothing that was opened in an emergency is open (R35: read only).
INSTANT = "instant"


def _opened(session: Session, case: Case, person_id: str) -> datetime | None:
    now = session.info.get(INSTANT)
    if now is None:
        return None
    return session.scalars(_EMERGENCY, {"case_id": case.id, "person_id": person_id, "now": now}).first()


_EMERGENCY = (
    select(EmergencyAccess.until_at)
    .where(
        EmergencyAccess.case_id == bindparam("case_id"),
        EmergencyAccess.person_id == bindparam("person_id"),
        EmergencyAccess.opened_at <= bindparam("now", type_=Instant),
        EmergencyAccess.until_at > bindparam("now", type_=Instant),
    )
    .order_by(EmergencyAccess.until_at.desc())
)
_NAMED = select(
    exists().where(AccessGrant.case_id == bindparam("case_id"), AccessGrant.person_id == bindparam("person_id"))
)
_ASKED_TO_CONFIRM = select(
    exists().where(
        Confirmation.case_id == bindparam("case_id"),
        Confirmation.decider_id == bindparam("person_id"),
        Confirmation.status == "waiting",
    )
)


def permission_for(
    decider: Powers,
    recorder: Powers,
    *,
    last_row: Transition | None = None,
    answering_as: Role | None = None,
) -> Permission:
    """The test of who may do a row: `by` on the decider, write access on the recorder (practice PR-2).

    `last_row` is the row of the step that would be taken back; `answering_as` the role in which the decision was
    made that the decider confirms or disputes.
    """
    return Permission(decider, recorder, last_row, answering_as)


@dataclass(frozen=True, slots=True)
class Permission:
    """Callable on a row: None when allowed, else who may."""

    decider: Powers
    recorder: Powers
    last_row: Transition | None
    answering_as: Role | None = None

    def __call__(self, row: Transition) -> Unmet | None:
        judged = self._judged(row)
        if not self.decider.enabled:
            return Unmet("R23", "The person who is said to have decided does not work here any more.")
        if self.decider.too_near:
            return Unmet("R5", "The person who is said to have decided is too near to this child.", "decided_by")
        if self.decider.kept_out:
            return Unmet(
                "R22",
                "The case is restricted, and the person who is said to have decided may not open it.",
                "decided_by",
            )
        if judged.trigger not in ANSWERS and not self._allows(self.decider.roles, judged):
            return Unmet(judged.rule, f"Only {_posts(judged)} may do this.", "decided_by")
        same = self.decider.person_id == self.recorder.person_id
        if not same and not self.recorder.may_record:
            return Unmet("PR-2", "You may not record decisions of others on this child.")
        return None

    def role_used(self, row: Transition) -> Role:
        """The role in which the decider acts: their own before one they cover, one the row names before another.

        Of several that are senior enough it is the lowest.
        """
        judged = self._judged(row)
        roles = sorted(
            self.decider.roles,
            key=lambda role: (role in self.decider.behalf, role not in judged.by, rank(role) or 0, role),
        )
        if judged.trigger in ANSWERS and self.answering_as is not None:
            return self.answering_as
        return next((role for role in roles if self._allows(frozenset({role}), judged)), roles[0])

    def _judged(self, row: Transition) -> Transition:
        return self.last_row if row.trigger == "reverse_last" and self.last_row is not None else row

    def _allows(self, roles: frozenset[Role], row: Transition) -> bool:
        return may_decide(roles, row, allocated=self.decider.allocated)


def _posts(row: Transition) -> str:
    """Who may decide a row, in words. Only ranked posts have more senior ones (design 5.7)."""
    posts = ", ".join(sorted(role.value for role in row.by))
    if row.by_anyone_allocated:
        posts += ", whoever is allocated to the child"
    return posts if floor(row) is None else f"{posts} (or a more senior post)"


@once
def visible(session: Session, person_id: str, on: date) -> ColumnElement[bool]:
    """The condition on `Case` for lists: only what this person may open (reliability R22)."""
    posts = posts_of(session, person_id, on, case_id=None)
    if not posts.enabled:
        return false()
    if any(_opens_every_child(held) for _, held in posts.held):
        return _not_kept_from(session, person_id, true())
    who = posts.hands(person_id)
    conditions: list[ColumnElement[bool]] = []
    for _, held in posts.held:
        sight = SIGHT[held.role]
        if held.role in ALLOCATED or sight.scope in (Scope.NONE, Scope.OWN):
            continue
        condition: ColumnElement[bool] = Case.state.in_(sorted(s.name for s in sight.states))
        if not _anywhere(held):
            condition = and_(condition, or_(Case.team_id == held.team_id, Case.team_id.is_(None)))
        conditions.append(condition)
    conditions.append(_allocated(who, on))
    conditions.append(
        exists()
        .where(
            Confirmation.case_id == Case.id,
            Confirmation.decider_id == person_id,
            Confirmation.status == "waiting",
        )
        .correlate_except(Confirmation)
    )
    return _not_kept_from(session, person_id, or_(*conditions))


@once
def kept_from(session: Session, person_id: str, on: date) -> tuple[Select[int], ...] | None:
    """The cases that `visible` leaves out for somebody whose post opens every child; None for anybody else.

    For counts over nearly everything there is: whom to leave out is found by an index each, whom to count by none.
    """
    posts = posts_of(session, person_id, on, case_id=None)
    if not posts.enabled or not any(_opens_every_child(held) for _, held in posts.held):
        return None
    requests = select(Case.id).where(Case.child_case_id.is_not(None))
    restricted = select(Case.id).where(
        Case.restricted.is_(True), Case.id.not_in(_exceptions(session, person_id).named)
    )
    return requests, restricted, too_near_to(person_id)


def _opens_every_child(held: Held) -> bool:
    sight = SIGHT[held.role]
    if held.role in ALLOCATED or sight.scope in (Scope.NONE, Scope.OWN):
        return False
    return _anywhere(held) and {state.name for state in sight.states} >= _EVERY_STATE


def _anywhere(held: Held) -> bool:
    """Whether a post reaches beyond one team."""
    return SIGHT[held.role].scope is not Scope.TEAM or held.team_id is None


@once
def reads_journey(session: Session, person_id: str, on: date) -> ColumnElement[bool]:
    """The condition on `Case` for lists of what this person may open: whether colour and latest position are theirs.

    The same as `Powers.reads` says of one case (rules 11.1), for many in one question: a post reads of the children
    that it opens; whoever is named, or only asked to confirm, reads where the child stands (NAMED_READS).
    """
    posts = posts_of(session, person_id, on, case_id=None)
    who = posts.hands(person_id)
    held = [one for _, one in posts.held if one.role not in ALLOCATED]
    opens: list[tuple[bool, ColumnElement[bool]]] = []
    for one in held:
        sight = SIGHT[one.role]
        if sight.states:
            here: ColumnElement[bool] = Case.state.in_(sorted(state.name for state in sight.states))
            if sight.scope is Scope.TEAM and one.team_id is not None:
                here = and_(here, or_(Case.team_id == one.team_id, Case.team_id.is_(None)))
            opens.append((Data.JOURNEY in sight.reads, here))
    if all(reads for reads, _ in opens):
        return true()  # of whatever they may open
    allocated = _allocated(who, on)  # every post that is held by allocation reads it
    by_no_post = not_(or_(*(here for _, here in opens)))
    return or_(Case.restricted, allocated, by_no_post, *(here for reads, here in opens if reads))


def _allocated(who: Collection[str], on: date) -> ColumnElement[bool]:
    """Whether one of these people is allocated to the child on that day."""
    held = exists().where(
        Allocation.case_id == Case.id,
        Allocation.person_id.in_(who),
        Allocation.from_on <= on,
        or_(Allocation.until_on.is_(None), Allocation.until_on > on),
    )
    return held.correlate_except(Allocation)


@dataclass(frozen=True, slots=True)
class _Exceptions:
    """The children who are an exception for somebody: few, so that a list is told which instead of asking of each."""

    named: tuple[int, ...]  # restricted, and they are named for them (reliability R22)
    too_near: tuple[int, ...]  # kept from them because of who they are to them (reliability C5)


_EXCEPTIONS: CompoundSelect[bool, int] = union_all(
    select(true().label("named"), AccessGrant.case_id).where(AccessGrant.person_id == bindparam("person_id")),
    select(false(), DeclaredInterest.case_id).where(
        DeclaredInterest.person_id == bindparam("person_id"), DeclaredInterest.ended_at.is_(None)
    ),
)


@once
def _exceptions(session: Session, person_id: str) -> _Exceptions:
    found = rows(session, _EXCEPTIONS, person_id=person_id).all()
    return _Exceptions(
        named=tuple(case_id for named, case_id in found if named),
        too_near=tuple(case_id for named, case_id in found if not named),
    )


def _not_kept_from(session: Session, person_id: str, reached: ColumnElement[bool]) -> ColumnElement[bool]:
    """A child whom somebody reaches and who is not restricted, or for whom they are named."""
    of = _exceptions(session, person_id)
    opens = and_(Case.restricted.is_(False), reached)
    if of.named:
        opens = or_(opens, and_(Case.restricted.is_(True), Case.id.in_(of.named)))
    if of.too_near:
        opens = and_(opens, Case.id.not_in(of.too_near))
    return and_(Case.child_case_id.is_(None), opens)


def too_near_to(person_id: str) -> Select[int]:
    """The children from whom somebody is kept because of who they are to them (reliability C5)."""
    return select(DeclaredInterest.case_id).where(
        DeclaredInterest.person_id == person_id, DeclaredInterest.ended_at.is_(None)
    )


def too_near_people(case_id: int) -> Select[str]:
    """The people who are kept from a child because of who they are to it (reliability C5)."""
    return select(DeclaredInterest.person_id).where(
        DeclaredInterest.case_id == case_id, DeclaredInterest.ended_at.is_(None)
    )


def not_hidden_from(person_id: str, child: Any = Case) -> ColumnElement[bool]:
    """The condition on a child's `Case`, or an alias of it: not restricted to others, nor near to them (R22, C5).

    Less than that they may open it: a post that reads requests only is told for how many children one is.
    """
    named = child.id.in_(select(AccessGrant.case_id).where(AccessGrant.person_id == person_id))
    return and_(or_(child.restricted.is_(False), named), child.id.not_in(too_near_to(person_id)))


@once
def visible_requests(session: Session, person_id: str, on: date) -> ColumnElement[bool]:
    """The condition on `Case` for lists of funding requests: those of the children this person reaches (rules 11.1)."""
    posts = posts_of(session, person_id, on, case_id=None)
    if not posts.enabled:
        return false()
    who = posts.hands(person_id)
    held = [one for _, one in posts.held if one.role in SEES_MONEY and one.role not in ALLOCATED]
    reached: list[ColumnElement[bool]] = [
        Case.child_case_id.in_(
            select(Allocation.case_id).where(
                Allocation.person_id.in_(who),
                Allocation.from_on <= on,
                or_(Allocation.until_on.is_(None), Allocation.until_on > on),
            )
        ),
        exists()
        .where(
            Confirmation.case_id == Case.id,
            Confirmation.decider_id == person_id,
            Confirmation.status == "waiting",
        )
        .correlate_except(Confirmation),
    ]
    if any(SIGHT[one.role].scope is Scope.ALL for one in held):
        reached.append(Case.restricted.is_(False))
    for one in held:
        if SIGHT[one.role].scope is Scope.TEAM:
            own = or_(Case.team_id == one.team_id, Case.team_id.is_(None)) if one.team_id else Case.id.is_not(None)
            reached.append(own)
    named = Case.child_case_id.in_(select(AccessGrant.case_id).where(AccessGrant.person_id == person_id))
    return and_(
        Case.child_case_id.is_not(None),
        Case.child_case_id.not_in(too_near_to(person_id)),
        or_(and_(Case.restricted.is_(False), or_(*reached)), and_(Case.restricted, named)),
    )


def visible_to_work_on(session: Session, person_id: str, on: date) -> ColumnElement[bool]:
    """The condition on `Case` for lists of work: the children and the funding requests this person may open."""
    return or_(visible(session, person_id, on), visible_requests(session, person_id, on))


@once
def open_case_row(session: Session, ref: str, *, by: str, today: date) -> Case:
    """The case, if this person may open it. Raises NotFound alike for unknown and hidden (R22)."""
    case = session.scalars(_BY_REF, {"ref": ref}).one_or_none()
    if case is None or not powers(session, by, case, today).sees:
        raise NotFound("case", ref)
    return case


_BY_REF = select(Case).where(Case.ref == bindparam("ref"))


def siblings_open_to(session: Session, ref: str, *, by: str, today: date) -> list[str]:
    """The linked brothers and sisters whose case this person may open. Raises NotFound for the case itself."""
    own = open_case_row(session, ref, by=by, today=today).id
    linked = union(
        select(SiblingLink.sibling_id).where(SiblingLink.case_id == own, SiblingLink.until_on.is_(None)),
        select(SiblingLink.case_id).where(SiblingLink.sibling_id == own, SiblingLink.until_on.is_(None)),
    )
    return sorted(session.scalars(select(Case.ref).where(Case.id.in_(linked), visible(session, by, today))))
