"""Who may change who works here: people, roles, teams, cover and policy (reliability C12, C13).

The first person is entered by whoever sets the installation up, and is its administrator. From then on a
named person does it, and nobody gives a role to themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from casework.errors import Refused, Unusable
from casework.who import people
from casework.who.access import powers
from casework.who.people import PersonLine
from persistence.tables import Cover, Person, RoleGrant, Team
from states.vocabulary import RANKS, Role, Service, Unmet, rank

ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
#: Who may put a policy in force: the authority's own decision-makers, and whoever keeps the system.
POLICY_KEEPERS = frozenset({Role.ADMINISTRATOR, *RANKS[1:]})
#: Who may say that somebody stands in for somebody, beside the absent person.
COVER_KEEPERS = frozenset({Role.ADMINISTRATOR, Role.SGO_TEAM, Role.IRO_MANAGER, *RANKS})
#: Who looks after messages that could not be sent.
MAIL_KEEPERS = frozenset({Role.ADMINISTRATOR, Role.OPERATOR, Role.SGO_TEAM})
#: Who reads what was opened in an emergency; all but the auditor say whether it was right (reliability R35).
EMERGENCY_REVIEWERS = frozenset({Role.GUARDIAN, Role.AUDITOR, Role.DIRECTOR})
#: Who reads what a colleague has looked at, what was exported, and who was turned away (reliability E.3.1).
REPORT_READERS = frozenset({Role.GUARDIAN, Role.AUDITOR})
#: Who may see who looked at a child's record, of those who may open it (reliability E.3.1).
ACCESS_READERS = frozenset({Role.AUDITOR, *RANKS})


def require(session: Session, person_id: str, roles: Iterable[Role], today: date, what: str) -> None:
    """Raises Refused unless the person holds one of the roles on a London date."""
    wanted = frozenset(roles)
    held = powers(session, person_id, None, today)
    if not held.enabled:
        raise Refused(what, (Unmet("R23", "You do not work here any more."),))
    if not held.roles & wanted:
        posts = ", ".join(sorted(role.value for role in wanted))
        raise Refused(what, (Unmet("R21", f"Only {posts} may do this."),))


def nobody_yet(session: Session) -> bool:
    """Whether the installation knows no person at all."""
    return session.scalar(select(Person.id).limit(1)) is None


def add(
    session: Session,
    *,
    handle: str,
    name: str,
    email: str | None,
    roles: Iterable[Role],
    team: str | None,
    service: Service | None,
    from_on: date,
    working_days: str,
    mailbox: bool,
    by: str | None,
    today: date,
    now: datetime,
) -> PersonLine:
    """Make a person known, with roles. `by` None: only for the first person, who is the administrator."""
    wanted = tuple(roles)
    if by is not None:
        require(session, by, ADMINISTRATORS, today, "person add")
    elif not nobody_yet(session):
        raise Unusable("Say who you are: --as PERSON, or set SGO_PERSON. Only an administrator adds people.")
    elif Role.ADMINISTRATOR not in wanted:
        raise Unusable(
            f'The first person keeps all others: add somebody with --role "{Role.ADMINISTRATOR}" first.'
        )
    person = people.add_person(
        session,
        handle=handle,
        name=name,
        email=email,
        now=now,
        working_days=working_days,
        mailbox=mailbox,
    )
    for role in wanted:
        _grant(session, person, role, team=team, service=service, from_on=from_on, by=by, now=now)
    return line(session, person, today)


def grant(
    session: Session,
    *,
    who: str,
    role: Role,
    team: str | None,
    service: Service | None,
    from_on: date,
    until_on: date | None,
    by: str,
    today: date,
    now: datetime,
) -> PersonLine:
    """Give a role, or ask a second administrator to confirm it (reliability C13).

    Before the first child is here it is given at once. Raises Refused for who may not, and for one's own roles.
    """
    require(session, by, ADMINISTRATORS, today, "person grant")
    person = people.find_person(session, who)
    if person.id == by:
        raise Refused("person grant", (Unmet("C13", "Nobody gives a role to themselves: ask a colleague."),))
    _grant(
        session, person, role, team=team, service=service, from_on=from_on, until_on=until_on, by=by, now=now
    )
    return line(session, person, today)


def end_role(
    session: Session, *, who: str, role: Role, last_day: date, by: str, today: date
) -> tuple[PersonLine, int]:
    """End a role after its last day; how many grants ended. The last administrator stays."""
    require(session, by, ADMINISTRATORS, today, "person end-role")
    person = people.find_person(session, who)
    if role is Role.ADMINISTRATOR:
        _not_the_last(session, person, today, "person end-role")
    ended = people.end_role(session, person=person, role=role, last_day=last_day)
    if not ended:
        raise Unusable(f"{person.handle} does not hold the role {role}.")
    session.flush()
    return line(session, person, today), ended


def describe(
    session: Session, *, who: str, name: str, email: str | None, working_days: str, by: str, today: date
) -> PersonLine:
    """Change somebody's name, mail address and working days (practice PT-19)."""
    require(session, by, ADMINISTRATORS, today, "person change")
    person = people.find_person(session, who)
    people.describe_person(person, name=name, email=email, working_days=working_days)
    session.flush()
    return line(session, person, today)


def disable(session: Session, *, who: str, by: str, today: date, now: datetime) -> PersonLine:
    """End a person's access from the next request on; the last administrator stays (reliability R23)."""
    require(session, by, ADMINISTRATORS, today, "person disable")
    person = people.find_person(session, who)
    _not_the_last(session, person, today, "person disable")
    people.disable_person(session, who=person.id, now=now)
    session.flush()
    return line(session, person, today)


def enable(session: Session, *, who: str, by: str, today: date) -> PersonLine:
    """Somebody who had left works here again. Sign-ins from before stay ended (reliability R23)."""
    require(session, by, ADMINISTRATORS, today, "person enable")
    person = people.find_person(session, who)
    person.enabled = True
    session.flush()
    return line(session, person, today)


def line(session: Session, person: Person, on: date) -> PersonLine:
    """One person as lists show them."""
    return next(one for one in people.list_people(session, on=on) if one.handle == person.handle)


def _grant(
    session: Session,
    person: Person,
    role: Role,
    *,
    team: str | None,
    service: Service | None,
    from_on: date,
    by: str | None,
    now: datetime,
    until_on: date | None = None,
) -> None:
    its_team = people.find_team(session, team) if team and role is Role.TEAM_MANAGER else None
    its_service = service if role is Role.GROUP_MEMBER else None
    if by is None or people.being_set_up(session):
        people.grant_role(
            session,
            person=person,
            role=role,
            from_on=from_on,
            until_on=until_on,
            now=now,
            team=its_team,
            service=its_service,
            granted_by=by,
        )
    else:
        people.ask_for_role(
            session,
            person=person,
            role=role,
            from_on=from_on,
            until_on=until_on,
            now=now,
            team=its_team,
            service=its_service,
            by=by,
        )


def _not_the_last(session: Session, person: Person, on: date, what: str) -> None:
    others = session.scalar(
        select(Person.id)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(
            Person.id != person.id,
            Person.enabled,
            RoleGrant.role == Role.ADMINISTRATOR.value,
            RoleGrant.from_on <= on,
            or_(RoleGrant.until_on.is_(None), RoleGrant.until_on >= on),
        )
        .limit(1)
    )
    holds = powers(session, person.id, None, on).roles
    if Role.ADMINISTRATOR in holds and others is None:
        words = f"{person.handle} is the only system administrator: name another one first."
        raise Refused(what, (Unmet("C13", words),))


# -- teams ------------------------------------------------------------------------------------------------


def add_team(session: Session, *, name: str, by: str, today: date) -> Team:
    """Make a team known. Raises Unusable where there is one of that name."""
    require(session, by, ADMINISTRATORS, today, "team add")
    if session.scalar(select(Team.id).where(Team.name == name.strip())) is not None:
        raise Unusable(f"There is a team called {name.strip()!r} already.")
    return people.add_team(session, name=name.strip())


def list_teams(session: Session) -> list[str]:
    """The names of all teams."""
    return list(session.scalars(select(Team.name).order_by(Team.name)))


# -- cover ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverLine:
    """Somebody standing in for somebody."""

    id: str
    absent: str
    covering: str
    from_on: date
    until_on: date
    reason: str
    ended: bool


def add_cover(
    session: Session,
    *,
    absent: str,
    covering: str,
    from_on: date,
    until_on: date,
    reason: str,
    by: str,
    today: date,
    now: datetime,
) -> CoverLine:
    """Somebody stands in for somebody. Raises Refused: nobody takes another's powers for themselves (C12)."""
    away, stands_in = people.find_person(session, absent), people.find_person(session, covering)
    _may_keep_cover(session, away, stands_in, by=by, today=today, what="cover add")
    cover = people.add_cover(
        session,
        absent=away,
        covering=stands_in,
        from_on=from_on,
        until_on=until_on,
        reason=reason,
        recorded_by=by,
        now=now,
    )
    return next(one for one in list_cover(session) if one.id == cover.id)


def end_cover(session: Session, *, cover_id: str, by: str, today: date, now: datetime) -> CoverLine:
    """End cover at once. Raises Unusable for one that is not known or has been ended."""
    cover = session.get(Cover, cover_id)
    if cover is None or cover.ended_at is not None:
        raise Unusable(f"There is no cover {cover_id} that could be ended. See: sgo cover list")
    if by != cover.covering_id:  # who stands in may always stop doing so
        away = session.get_one(Person, cover.absent_id)
        stands_in = session.get_one(Person, cover.covering_id)
        _may_keep_cover(session, away, stands_in, by=by, today=today, what="cover end")
    cover.ended_at = now
    session.flush()
    return next(one for one in list_cover(session) if one.id == cover_id)


def lent_by_cover(session: Session, *, absent: str, covering: str, today: date) -> tuple[str, ...]:
    """The posts that decide which cover lends to somebody of a lower rank; none where nobody rises by it.

    No rule sets a floor for who stands in (C12 dates cover and keeps it to one step), so it is said, not refused.
    """
    away, stands_in = people.find_person(session, absent), people.find_person(session, covering)
    held = people.held_on(session, [away.id, stands_in.id], today)  # by themselves: what others lend does not count
    others = {one.role for person_id, one in held if person_id == away.id}
    own = {one.role for person_id, one in held if person_id == stands_in.id}
    if _highest(others) <= _highest(own):
        return ()
    return tuple(sorted(role.value for role in others - own if rank(role) is not None))


def list_cover(session: Session, *, on: date | None = None) -> list[CoverLine]:
    """All cover, newest first; with a London date only what runs on it."""
    absent, covering = aliased(Person), aliased(Person)
    query = (
        select(Cover, absent.handle, covering.handle)
        .join(absent, absent.id == Cover.absent_id)
        .join(covering, covering.id == Cover.covering_id)
        .order_by(Cover.from_on.desc(), Cover.id)
    )
    if on is not None:
        query = query.where(Cover.from_on <= on, Cover.until_on >= on, Cover.ended_at.is_(None))
    return [
        CoverLine(
            id=cover.id,
            absent=away,
            covering=stands_in,
            from_on=cover.from_on,
            until_on=cover.until_on,
            reason=cover.reason,
            ended=cover.ended_at is not None,
        )
        for cover, away, stands_in in session.execute(query)
    ]


def _may_keep_cover(
    session: Session, away: Person, stands_in: Person, *, by: str, today: date, what: str
) -> None:
    if by == away.id:
        return
    if by == stands_in.id:
        raise Refused(what, (Unmet("C12", "Nobody makes themselves somebody's cover."),))
    require(session, by, COVER_KEEPERS, today, what)
    own, others = powers(session, by, None, today).roles, powers(session, away.id, None, today).roles
    if Role.ADMINISTRATOR not in own and _highest(others) > _highest(own):
        words = "Cover for a more senior post is arranged by its holder or an administrator."
        raise Refused(what, (Unmet("C12", words),))


def _highest(roles: Iterable[Role]) -> int:
    return max((r for r in map(rank, roles) if r is not None), default=-1)
