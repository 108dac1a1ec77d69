"""Who hears of what the nights have found, and why: one line a person and finding (rules 10, practice PN-2).

Those whose it is by the catalogue: whoever is allocated to the child, or holds the post for the child's team. A
post that nobody holds falls to the child's Team Manager (rules N-6). With time it goes up the ladder
(`casework.drift.escalation`). Who may not open the case hears nothing (R22).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from casework.drift import acknowledging, inherited
from casework.drift.rules import RULES, Severity
from casework.straight import rows
from casework.who.matrix import SIGHT, Scope
from casework.who.people import GRANTED
from persistence.among import among
from persistence.tables import AccessGrant, Allocation, Case, Event, Finding, FindingRung, Person, RoleGrant
from states.stages import S
from states.vocabulary import ALLOCATED, Nature, Party, Role

_AT_ONCE = 500


class Stands(NamedTuple):
    """A finding that stands: what deciding who hears of it takes, and no more; there may be a great many."""

    id: str
    rule: str
    case_id: int
    severity: str
    since: date


@dataclass(frozen=True, slots=True)
class Telling:
    """A finding that stands, its case, and who is to hear of it because of which post."""

    finding: Stands
    case: Case
    people: tuple[tuple[str, Role | Party], ...]


def due_to_tell(session: Session, on: date) -> Iterator[list[Telling]]:
    """What stands on a London date and is to be told, some hundred cases at a time, in the order of their ids.

    What stands is given for every date; how often a line is repeated is the digest's affair. Left out is what is
    inherited and whose child has not been released yet (practice PR-4), and what somebody is dealing with until a
    date that has not passed. However many findings stand, no more than some hundred are held at once.
    """
    stands = _stands(session, on)
    ids = list(session.scalars(select(Case.id).join(Finding, Finding.case_id == Case.id).where(stands).distinct()))
    posts = _Posts.of(session, on)
    for part in _in_parts(sorted(ids)):
        cases = {case.id: case for case in session.scalars(select(Case).where(among(Case.id, part)))}
        query = (
            select(Finding.id, Finding.rule, Finding.case_id, Finding.severity, Finding.since)
            .join(Case, Case.id == Finding.case_id)
            .where(stands, among(Case.id, part))
            .order_by(Case.id, (Finding.severity != Severity.URGENT.value), Finding.since, Finding.rule)
        )
        found = [(Stands(*row), cases[row.case_id]) for row in session.execute(query) if row.rule in RULES]
        yield _told(session, found, posts.on_cases(session, part, on), on)


def _stands(session: Session, on: date) -> ColumnElement[bool]:
    live_since = inherited.went_live(session, on)
    return and_(
        Finding.first_found_on <= on,
        or_(Finding.cleared_on.is_(None), Finding.cleared_on > on),
        Case.closed.is_(False),
        inherited.may_be_told(live_since, on),
        ~acknowledging.holds(on),
    )


def _told(session: Session, found: Sequence[tuple[Stands, Case]], posts: _Posts, on: date) -> list[Telling]:
    up = _gone_up(session, [finding.id for finding, _ in found], on)
    deciders = _deciders(session, [finding for finding, _ in found if finding.rule in _OF_DECIDERS])
    told = []
    for finding, case in found:
        owners = RULES[finding.rule].owners_for(finding.severity)
        roles = [owner for owner in owners if isinstance(owner, Role)]
        people: dict[str, Role | Party] = dict(posts.told(case, [*roles, *up.get(finding.id, ())]))
        for person_id in deciders.get(finding.id, ()):
            if posts.may_hear(case, person_id):
                people.setdefault(person_id, Party.DECIDER)
        told.append(Telling(finding, case, tuple(sorted(people.items()))))
    return told


#: The rules whose findings are for whoever made the decision.
_OF_DECIDERS = frozenset(rule.id for rule in RULES.values() if Party.DECIDER in rule.owners)


def _gone_up(session: Session, finding_ids: Sequence[str], on: date) -> dict[str, list[Role]]:
    """The posts each of these findings has gone up to by a date, while it stands (practice PN-2)."""
    up: dict[str, list[Role]] = defaultdict(list)
    query = (
        select(FindingRung.finding_id, FindingRung.rung)
        .join(Finding, Finding.id == FindingRung.finding_id)
        .where(among(FindingRung.finding_id, finding_ids), FindingRung.reached_on <= on, Finding.cleared_on.is_(None))
        .order_by(FindingRung.reached_on)
    )
    for finding_id, rung in session.execute(query):
        up[finding_id].append(Role(rung))
    return up


def _deciders(session: Session, findings: Sequence[Stands]) -> dict[str, list[str]]:
    """Who made the decisions that were written down late."""
    found: dict[str, list[str]] = {}
    for finding in findings:
        query = select(Event.decided_by).where(
            Event.case_id == finding.case_id,
            Event.nature == Nature.DECISION.value,
            Event.happened_on == finding.since,
            Event.recorded_on > finding.since,
        )
        found[finding.id] = sorted(set(session.scalars(query)))
    return found


@dataclass(frozen=True, slots=True)
class _Posts:
    """Who holds which post for many cases on one day: a few questions, however many cases there are."""

    granted: dict[Role, list[tuple[str, str | None]]]  # person, and the team for which
    allocated: dict[tuple[int, Role], list[str]]
    named: dict[int, frozenset[str]]  # who may open a restricted case
    mailboxes: frozenset[str]
    enabled: frozenset[str]

    @classmethod
    def of(cls, session: Session, on: date) -> _Posts:
        """Who holds a post that is not for one case."""
        granted: dict[Role, list[tuple[str, str | None]]] = defaultdict(list)
        query = select(RoleGrant.role, RoleGrant.person_id, RoleGrant.team_id).join(
            Person, Person.id == RoleGrant.person_id
        )
        for role, person_id, team_id in rows(session, query.where(Person.enabled, *GRANTED), on=on):
            granted[Role(role)].append((person_id, team_id))
        mailboxes = frozenset(session.scalars(select(Person.id).where(Person.mailbox)))
        enabled = frozenset(session.scalars(select(Person.id).where(Person.enabled)))
        return cls(granted, {}, {}, mailboxes, enabled)

    def on_cases(self, session: Session, ids: Sequence[int], on: date) -> _Posts:
        """The same with who is allocated to these cases, and named on them."""
        allocated: dict[tuple[int, Role], list[str]] = defaultdict(list)
        named: dict[int, set[str]] = defaultdict(set)
        held = select(Allocation.case_id, Allocation.role, Allocation.person_id).join(
            Person, Person.id == Allocation.person_id
        )
        held = held.where(
            Person.enabled,
            among(Allocation.case_id, ids),
            Allocation.from_on <= on,
            or_(Allocation.until_on.is_(None), Allocation.until_on > on),
        )
        for case_id, role, person_id in session.execute(held):
            allocated[case_id, Role(role)].append(person_id)
        may = select(AccessGrant.case_id, AccessGrant.person_id).where(among(AccessGrant.case_id, ids))
        for case_id, person_id in session.execute(may):
            named[case_id].add(person_id)
        return replace(self, allocated=allocated, named={k: frozenset(v) for k, v in named.items()})

    def told(self, case: Case, roles: Iterable[Role]) -> list[tuple[str, Role]]:
        """The people at work who hold these posts for a child, each once, in a fixed order."""
        told: dict[str, Role] = {}
        for role in roles:
            for person_id, as_ in self._holders(case, role):
                told.setdefault(person_id, as_)
        return sorted(told.items())

    def may_hear(self, case: Case, person_id: str) -> bool:
        """Whether somebody at work may hear of a child whom they once decided about (reliability R22)."""
        return person_id in self.enabled and (not case.restricted or person_id in self.named.get(case.id, ()))

    def _holders(self, case: Case, role: Role) -> Iterator[tuple[str, Role]]:
        """Who holds a post; where nobody does the Team Manager, and where there is none a Head of Service (N-6)."""
        for post in dict.fromkeys((role, Role.TEAM_MANAGER, Role.HEAD_OF_SERVICE)):
            found = list(self._open_to(case, post))
            yield from ((person_id, post) for person_id in found)
            if found or (role not in ALLOCATED and role is not Role.TEAM_MANAGER):
                return

    def _open_to(self, case: Case, role: Role) -> Iterator[str]:
        if role in ALLOCATED:
            holders: Iterable[str] = self.allocated.get((case.id, role), ())
        else:
            holders = [
                person_id
                for person_id, team_id in self.granted.get(role, ())
                if role is not Role.TEAM_MANAGER or team_id is None or team_id == case.team_id
            ]
        for person_id in dict.fromkeys(sorted(holders)):
            if case.restricted:
                if person_id in self.named.get(case.id, ()) and person_id not in self.mailboxes:
                    yield person_id
            elif SIGHT[role].scope is not Scope.NONE and S[case.state] in SIGHT[role].states:
                yield person_id


def _in_parts(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]
