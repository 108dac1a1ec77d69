"""What was found on a past night, two nights side by side, and how it goes from night to night (rules R-DRF-3).

A night that was kept is told from what it wrote down. A date without a night is looked at again as it stood, by
today's knowledge; which of the two it was is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from casework import policies
from casework.drift import findings
from casework.drift.as_of import AsOf
from casework.drift.looking import look
from casework.drift.rules import RULES, Severity, in_use
from casework.errors import Unusable
from casework.who.access import visible
from persistence.tables import Case, Finding, FindingChange, FindingRung, Night
from states.calendar import Calendar

_AT_ONCE = 1_000
_T = TypeVar("_T")
DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundThen:
    """One thing that was found on a past date."""

    rule: str
    severity: str
    words: str
    owners: tuple[str, ...]
    ref: str
    since: date
    finding: str | None  # its id, where the night kept it

    @property
    def key(self) -> tuple[str, str, date]:
        """What makes it the same thing on another date."""
        return self.rule, self.ref, self.since


@dataclass(frozen=True, slots=True, kw_only=True)
class LookBack:
    """A past date: what was found, and whether a night had kept it or it was looked at again just now."""

    on: date
    kept: bool
    findings: tuple[FoundThen, ...]


def found_on(session: Session, on: date, *, by: str, today: date) -> LookBack:
    """What was found on a London date in the cases this person may open. Raises Unusable for a date to come."""
    if on > today:
        raise Unusable(f"The night of {on} is still to come.")
    night = session.get(Night, on)
    sees = visible(session, by, today)
    kept = night is not None and night.status == DONE
    there = _kept(session, on, sees) if kept else _again(session, on, sees, today)
    ordered = sorted(there, key=lambda one: (one.severity != Severity.URGENT, one.since, one.ref, one.rule))
    return LookBack(on=on, kept=kept, findings=tuple(ordered))


def _kept(session: Session, on: date, sees: ColumnElement[bool]) -> list[FoundThen]:
    query = (
        select(FindingChange.finding_id, FindingChange.what, FindingChange.severity)
        .join(Finding, Finding.id == FindingChange.finding_id)
        .join(Case, Case.id == Finding.case_id)
        .where(sees, FindingChange.business_date <= on)
        .order_by(FindingChange.business_date)
    )
    last = {row.finding_id: (row.what, row.severity) for row in session.execute(query)}
    standing = {one: severity for one, (what, severity) in last.items() if what != findings.CLEARED}
    columns = (Finding.id, Finding.rule, Finding.since, Case.ref)
    found: list[FoundThen] = []
    for ids in _in_parts(sorted(standing)):
        rows = session.execute(select(*columns).join(Case, Case.id == Finding.case_id).where(Finding.id.in_(ids)))
        found += [_then(r.rule, standing[r.id], r.ref, r.since, finding=r.id) for r in rows]
    return found


def _again(session: Session, on: date, sees: ColumnElement[bool], today: date) -> list[FoundThen]:
    policy = policies.in_force(session, on).policy
    night = AsOf(day=on, today=today, policy=policy, calendar=Calendar.of(policy))
    cases = dict(session.execute(select(Case.id, Case.ref).where(sees, night.open_cases(replay=True))).all())
    found: list[FoundThen] = []
    for ids in _in_parts(sorted(cases)):
        for rule, by_case in look(session, night, in_use(policy), frozenset(ids)).items():
            found += [_then(rule, one.severity, cases[case_id], one.since) for case_id, one in by_case.items()]
    return found


def _then(rule: str, severity: str, ref: str, since: date, *, finding: str | None = None) -> FoundThen:
    words = RULES[rule].words_for(severity) if rule in RULES else ""
    owners = findings.owners_of(rule, severity)
    return FoundThen(
        rule=rule, severity=str(severity), words=words, owners=owners, ref=ref, since=since, finding=finding
    )


def _in_parts(ids: Sequence[_T]) -> Iterable[Sequence[_T]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


# -- two nights ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two nights: what is new on the later one, what is over, what went up or got worse, what is as it was."""

    earlier: date
    later: date
    kept: bool
    new: tuple[FoundThen, ...]
    cleared: tuple[FoundThen, ...]
    escalated: tuple[FoundThen, ...]
    same: tuple[FoundThen, ...]


def compare(session: Session, one: date, other: date, *, by: str, today: date) -> Compared:
    """Two nights side by side, whichever is named first. Raises Unusable for a date to come."""
    earlier, later = sorted((one, other))
    before = found_on(session, earlier, by=by, today=today)
    after = found_on(session, later, by=by, today=today)
    was = {found.key: found for found in before.findings}
    now = {found.key: found for found in after.findings}
    up = _went_up(session, earlier, later)
    both = [found for key, found in now.items() if key in was]
    escalated = [f for f in both if f.finding in up or (f.severity == Severity.URGENT != was[f.key].severity)]
    return Compared(
        earlier=earlier,
        later=later,
        kept=before.kept and after.kept,
        new=tuple(found for key, found in now.items() if key not in was),
        cleared=tuple(found for key, found in was.items() if key not in now),
        escalated=tuple(escalated),
        same=tuple(found for found in both if found not in escalated),
    )


def _went_up(session: Session, after: date, until: date) -> set[str]:
    query = select(FindingRung.finding_id).where(FindingRung.reached_on > after, FindingRung.reached_on <= until)
    return set(session.scalars(query))


# -- night by night --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How it stood after a night, or after the last night of a week; what came and went since the one before."""

    on: date
    findings: Mapping[str, int]  # standing, by rule
    new: int
    cleared: int


def trend(session: Session, *, by: str, today: date, since: date, weekly: bool = False) -> list[Stand]:
    """How many findings stood after each night since a London date, in the cases this person may open."""
    nights = sorted(
        session.scalars(
            select(Night.business_date).where(
                and_(Night.status == DONE, Night.business_date >= since, Night.business_date <= today)
            )
        )
    )
    query = (
        select(FindingChange.business_date, FindingChange.what, Finding.rule, func.count().label("number"))
        .join(Finding, Finding.id == FindingChange.finding_id)
        .join(Case, Case.id == Finding.case_id)
        .where(visible(session, by, today), FindingChange.business_date <= today)
        .group_by(FindingChange.business_date, FindingChange.what, Finding.rule)
        .order_by(FindingChange.business_date)
    )
    changes = session.execute(query).all()
    standing: Counter[str] = Counter()
    place, new, cleared = 0, 0, 0
    stands: list[Stand] = []
    for number, night in enumerate(nights):
        while place < len(changes) and changes[place].business_date <= night:
            row = changes[place]
            place += 1
            came = row.what in (findings.FOUND, findings.AGAIN)
            went = row.what == findings.CLEARED
            standing[row.rule] += row.number * (came - went)
            if row.business_date >= since:
                new, cleared = new + row.number * came, cleared + row.number * went
        last_of_its_week = number + 1 == len(nights) or _week(nights[number + 1]) != _week(night)
        if last_of_its_week or not weekly:
            here = {rule: count for rule, count in sorted(standing.items()) if count}
            stands.append(Stand(on=night, findings=here, new=new, cleared=cleared))
            new = cleared = 0
    return stands


def _week(day: date) -> date:
    return day - timedelta(days=day.weekday())


# -- what cannot be told -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CannotTell:
    """A rule that cannot tell in so many children, because something is not known: one line, not one a child."""

    rule: str
    words: str
    not_known: str
    children: int


def cannot_tell(session: Session, *, by: str, today: date) -> list[CannotTell]:
    """What the rules in use cannot tell today, in the cases this person may open (practice 7)."""
    policy = policies.in_force(session, today).policy
    night = AsOf(day=today, today=today, policy=policy, calendar=Calendar.of(policy))
    sees = visible(session, by, today)
    everything = {"first_case": 0, "last_case": session.scalar(select(func.max(Case.id))) or 0}
    found = []
    for rule in in_use(policy):
        if rule.missing is None:
            continue
        where = rule.missing(night).subquery()
        counted = select(func.count()).select_from(where).join(Case, Case.id == where.c.case_id)
        number = session.execute(counted.where(sees, Case.closed.is_(False)), everything).scalar_one()
        if number:
            found.append(CannotTell(rule=rule.id, words=rule.words, not_known=rule.not_known, children=number))
    return found


def of_the_authority(session: Session, on: date) -> list[tuple[str, str, tuple[str, ...]]]:
    """(rule, words, what) of what is found about the authority itself on a London date: no child in it."""
    policy = policies.in_force(session, on).policy
    night = AsOf(day=on, today=on, policy=policy, calendar=Calendar.of(policy))
    asked = ((rule, rule.of_the_authority(night)) for rule in in_use(policy) if rule.of_the_authority)
    return [(rule.id, rule.words, what) for rule, what in asked if what]
