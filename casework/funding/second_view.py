"""Who can be asked for a second view, and who cannot yet because their post is too new (rules A5, reliability C13)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from persistence.tables import Case, Person, RoleGrant
from states import asked
from states.calendar import london_date
from states.facts import Facts
from states.funding_stages import F
from states.policy import Policy
from states.vocabulary import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """A Head of Service who may be asked; `from_`: not before; `never`: they gave the post to themselves."""

    name: str
    from_: datetime | None = None
    never: bool = False


def second_viewers(
    session: Session, facts: Facts, case: Case, *, by: str, policy: Policy, now: datetime
) -> tuple[Viewer, ...]:
    """Those who had no part in a request and are outside the child's line, where a second view may be asked for."""
    asks_for_one = F[case.state] is F.SECOND_VIEW or _may_be_disagreed_with(facts, case, policy)
    return tuple(_viewers(session, facts, case, by=by, policy=policy, now=now)) if asks_for_one else ()


def _may_be_disagreed_with(facts: Facts, case: Case, policy: Policy) -> bool:
    heard = asked.recommended(facts)
    with_them = F[case.state] is F.WITH_HEAD_OF_SERVICE and policy.finance.second_view != "off"
    return with_them and heard is not None and heard.supports


def _viewers(
    session: Session, facts: Facts, case: Case, *, by: str, policy: Policy, now: datetime
) -> Iterator[Viewer]:
    today = london_date(now)
    first = asked.dissented(facts)
    apart = {*asked.involved(facts), first.decided_by if first is not None else by}
    holds = (
        RoleGrant.from_on <= today,
        or_(RoleGrant.until_on.is_(None), RoleGrant.until_on >= today),
    )
    in_line = select(RoleGrant.person_id).where(
        RoleGrant.role == Role.TEAM_MANAGER.value,
        or_(RoleGrant.team_id.is_(None), RoleGrant.team_id == case.team_id),
        *holds,
    )
    by_others = or_(RoleGrant.granted_by.is_(None), RoleGrant.granted_by != RoleGrant.person_id)
    query = (
        select(Person.name, func.min(RoleGrant.granted_at).filter(by_others))
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(
            RoleGrant.role == Role.HEAD_OF_SERVICE.value,
            *holds,
            Person.enabled,
            Person.id.not_in(apart),
            Person.id.not_in(in_line),
        )
        .group_by(Person.id, Person.name)
        .order_by(Person.name)
    )
    for name, granted_at in session.execute(query):
        yield _viewer(name, granted_at, policy, now)


def _viewer(name: str, granted_at: datetime | None, policy: Policy, now: datetime) -> Viewer:
    """`granted_at`: when somebody else gave them the post; None where nobody did."""
    if granted_at is None:
        return Viewer(name=name, never=True)
    from_ = granted_at + timedelta(hours=policy.finance.signing_hours_after_grant)
    return Viewer(name=name, from_=from_ if from_ > now else None)
