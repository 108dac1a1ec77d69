"""Saying "I am dealing with it": somebody answers for a finding until a date (practice 5, rules 10).

Until that date nobody is told of it and it goes no further up. When the date has passed and the finding still
stands, or it becomes urgent before, it is back. Every answer is kept: who, when, in which post, why, until when.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, exists, func, not_, select
from sqlalchemy.orm import Session

from casework import policies
from casework.drift.rules import RULES
from casework.errors import NotFound, Refused, Unusable
from casework.who.access import open_case_row, powers
from persistence.tables import Acknowledgement, Case, Finding, FindingChange, Person, new_id
from states.vocabulary import RANKS, Role, Unmet

#: Who may answer for a finding on any child they may open, beside those allocated and those whose it is.
MANAGERS = frozenset({*RANKS, Role.SGO_TEAM, Role.IRO_MANAGER})
#: What a night writes down of a finding that has become urgent.
WORSE: Final = "worse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What somebody said to a finding."""

    person: str
    role: str
    reason: str
    from_on: date
    until_on: date
    worse_on: date | None = None  # the night that found it worse since: then the answer holds no more

    def holds_on(self, on: date) -> bool:
        """Whether somebody is dealing with it by this on a date."""
        return self.until_on >= on and (self.worse_on is None or self.worse_on > on)


def holds(on: date) -> ColumnElement[bool]:
    """The condition on `Finding`: somebody is dealing with it on a date, as bad as it is by then."""
    return exists().where(
        Acknowledgement.finding_id == Finding.id,
        Acknowledgement.from_on <= on,
        Acknowledgement.until_on >= on,
        not_(_worse_since(on)),
    )


def _worse_since(on: date) -> ColumnElement[bool]:
    """A night after the answer found it worse: whose it is by now has answered nothing yet."""
    return (
        exists()
        .where(
            FindingChange.finding_id == Acknowledgement.finding_id,
            FindingChange.what == WORSE,
            FindingChange.business_date > Acknowledgement.from_on,
            FindingChange.business_date <= on,
        )
        .correlate(Acknowledgement)
    )


def acknowledge(
    session: Session, finding_id: str, *, by: str, reason: str, until: date, today: date, now: datetime
) -> Answer:
    """Say that one is dealing with a finding until a date: by its id, or as REF:RULE.

    Raises NotFound alike for an unknown finding and one of a child who is not open to them; Refused for somebody
    who is neither allocated nor a manager nor whose it is, without a reason, or for a date that is not to come or
    further ahead than the policy lets it rest.
    """
    finding = _named(session, finding_id)
    if finding is None:
        raise NotFound("finding", finding_id)
    ref = session.scalars(select(Case.ref).where(Case.id == finding.case_id)).one()
    try:
        case = open_case_row(session, ref, by=by, today=today)
    except NotFound:
        raise NotFound("finding", finding_id) from None
    held = powers(session, by, case, today)
    owners = frozenset(RULES[finding.rule].owners_for(finding.severity)) if finding.rule in RULES else frozenset()
    roles = [role for role in held.roles if held.allocated or role in MANAGERS or role in owners]
    unmet = []
    if not roles:
        words = "Only somebody allocated to the child, a manager, or whose task it is may answer for it."
        unmet.append(Unmet("rules 10", words))
    if not reason.strip():
        unmet.append(Unmet("rules 10", "Say what you are doing about it.", "reason"))
    if until <= today:
        unmet.append(Unmet("rules 10", "The date until when must lie ahead.", "until"))
    longest = policies.in_force(session, today).policy.night.dealt_with_days_at_most
    if until > today + timedelta(days=longest):
        last = today + timedelta(days=longest)
        unmet.append(Unmet("rules 10", f"At most {longest} days ahead, to {last}: then say so again.", "until"))
    if unmet:
        raise Refused("drift acknowledge", tuple(unmet))
    if finding.cleared_on is not None:
        raise Unusable(f"The finding has ended by itself on {finding.cleared_on}: there is nothing left to do.")
    row = Acknowledgement(
        id=new_id(),
        finding_id=finding.id,
        person_id=by,
        role=min(roles).value,
        reason=reason.strip(),
        from_on=today,
        until_on=until,
        at=now,
    )
    session.add(row)
    session.flush()
    return answers(session, [finding.id])[finding.id][-1]


def _named(session: Session, named: str) -> Finding | None:
    """A finding by its id; or as REF:RULE the last one of that rule in that case, the standing one first."""
    ref, colon, rule = named.partition(":")
    if not colon:
        return session.get(Finding, named)
    query = (
        select(Finding)
        .join(Case, Case.id == Finding.case_id)
        .where(Case.ref == ref, Finding.rule == rule)
        .order_by(Finding.cleared_on.is_not(None), Finding.since.desc(), Finding.id)
    )
    return session.scalars(query.limit(1)).first()


def answers(session: Session, findings: list[str]) -> dict[str, list[Answer]]:
    """Everything that was said to each of these findings, oldest first."""
    found: dict[str, list[Answer]] = {}
    worse = (
        select(func.min(FindingChange.business_date))
        .where(
            FindingChange.finding_id == Acknowledgement.finding_id,
            FindingChange.what == WORSE,
            FindingChange.business_date > Acknowledgement.from_on,
        )
        .correlate(Acknowledgement)
        .scalar_subquery()
    )
    query = (
        select(Acknowledgement, Person.handle, worse)
        .join(Person, Person.id == Acknowledgement.person_id)
        .where(Acknowledgement.finding_id.in_(findings))
        .order_by(Acknowledgement.at, Acknowledgement.id)
    )
    for row, handle, worse_on in session.execute(query):
        said = Answer(
            person=handle,
            role=row.role,
            reason=row.reason,
            from_on=row.from_on,
            until_on=row.until_on,
            worse_on=worse_on,
        )
        found.setdefault(row.finding_id, []).append(said)
    return found
