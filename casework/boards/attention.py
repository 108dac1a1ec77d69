"""Needs attention: what the nights found, by rule, team and worker; who is dealing with it; what is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Self

from sqlalchemy import ColumnElement, func, not_, select
from sqlalchemy.orm import Session

from casework.boards.narrowing import NONE, WORKERS, held_by, on_day
from casework.drift import history
from casework.drift.acknowledging import holds
from casework.drift.findings import FindingLine, list_findings
from casework.drift.rules import RULES, Severity
from casework.who.access import visible
from persistence.tables import Acknowledgement, Allocation, Case, Finding, Person, Team

#: How far back "what is over" looks.
OVER_SINCE = timedelta(days=28)
NOBODY, SOMEBODY, BACK = "nobody", "somebody", "back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which findings somebody asked for. Empty words: everything that stands."""

    rule: str = ""
    severity: str = ""
    team: str = ""
    worker: str = ""
    dealing: str = ""  # nobody | somebody | back
    over: bool = False  # what has ended in the last weeks, instead

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """From an address; what is not known is left out."""
        names = ("rule", "severity", "team", "worker", "dealing")
        words = {name: str(given.get(name, "")).strip()[:60] for name in names}
        known = {"rule": frozenset(RULES), "severity": frozenset(Severity), "dealing": {NOBODY, SOMEBODY, BACK}}
        return cls(
            **{name: value for name, value in words.items() if value in known.get(name, {value})},
            over=bool(given.get("over")),
        )

    def address(self, **differs: Any) -> dict[str, Any]:
        """The words for an address."""
        asked = asdict(replace(self, **differs))
        return {name: "1" if value is True else value for name, value in asked.items() if value}

    def conditions(self, today: date) -> list[ColumnElement[bool]]:
        """The conditions on `Finding` and `Case`."""
        found: list[ColumnElement[bool]] = [
            Finding.cleared_on >= today - OVER_SINCE if self.over else Finding.cleared_on.is_(None)
        ]
        if self.rule:
            found.append(Finding.rule == self.rule)
        if self.severity:
            found.append(Finding.severity == self.severity)
        if self.team:
            found.append(Case.team_id.is_(None) if self.team == NONE else Case.team_id == self.team)
        if self.worker:
            found.append(held_by(self.worker, today))
        if self.dealing:
            found.append(holds(today) if self.dealing == SOMEBODY else not_(holds(today)))
        if self.dealing == BACK:
            said = select(Acknowledgement.finding_id)
            found.append(Finding.id.in_(said))
        return found


@dataclass(slots=True)
class Tally:
    """So many findings of one kind."""

    id: str
    words: str
    number: int = 0
    urgent: int = 0
    dealing: int = 0
    since: date | None = None

    def add(self, row: Any) -> None:
        """A group of findings more."""
        self.number += row.number
        self.urgent += row.number if row.severity == Severity.URGENT else 0
        self.dealing += row.number if row.somebody else 0
        self.since = min(filter(None, (self.since, row.since)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """What needs attention in the cases somebody may open: in figures, and a page of it line by line."""

    all: Tally
    children: int
    rules: tuple[Tally, ...]
    teams: tuple[Tally, ...]
    workers: tuple[Tally, ...]
    lines: tuple[FindingLine, ...]
    workers_of: dict[str, str] = field(default_factory=dict)  # by case reference
    cannot_tell: tuple[history.CannotTell, ...] = ()
    authority: tuple[tuple[str, str, tuple[str, ...]], ...] = ()


def needs_attention(
    session: Session, *, by: str, today: date, asked: Asked, limit: int | None = None, offset: int = 0
) -> Attention:
    """What somebody asked for on a London date, urgent first, then the oldest."""
    sees = [visible(session, by, today), *asked.conditions(today)]
    somebody = holds(today).label("somebody")
    columns = (Finding.rule, Finding.severity, Case.team_id, somebody)
    grouped = (
        select(*columns, func.count().label("number"), func.min(Finding.since).label("since"))
        .join(Case, Case.id == Finding.case_id)
        .where(*sees)
        .group_by(*columns)
    )
    everything = Tally("", "")
    rules: dict[str, Tally] = {}
    teams: dict[str, Tally] = {}
    names: dict[str, str] = {NONE: "No team yet", **dict(session.execute(select(Team.id, Team.name)).all())}
    for row in session.execute(grouped):
        everything.add(row)
        words = RULES[row.rule].words if row.rule in RULES else row.rule
        rules.setdefault(row.rule, Tally(row.rule, words)).add(row)
        team = row.team_id or NONE
        teams.setdefault(team, Tally(team, names[team])).add(row)
    children = select(func.count(func.distinct(Finding.case_id))).join(Case, Case.id == Finding.case_id).where(*sees)
    lines = list_findings(
        session,
        by=by,
        today=today,
        include_cleared=True,
        also=asked.conditions(today),
        limit=limit,
        offset=offset,
    )
    plain = asked == Asked()
    return Attention(
        all=everything,
        children=session.scalar(children) or 0,
        rules=tuple(sorted(rules.values(), key=lambda one: (-one.urgent, -one.number, one.id))),
        teams=tuple(sorted(teams.values(), key=lambda one: (one.id == NONE, one.words))),
        workers=tuple(_by_worker(session, sees, today)),
        lines=tuple(lines),
        workers_of=_workers_of(session, [line.ref for line in lines], today),
        cannot_tell=tuple(history.cannot_tell(session, by=by, today=today)) if plain and not offset else (),
        authority=tuple(history.of_the_authority(session, today)) if plain and not offset else (),
    )


def _by_worker(session: Session, sees: list[ColumnElement[bool]], today: date) -> list[Tally]:
    somebody = holds(today).label("somebody")
    held = (
        select(Allocation.case_id, Allocation.person_id)
        .where(Allocation.role.in_([role.value for role in WORKERS]), on_day(today))
        .distinct()
        .subquery()
    )
    columns = (Person.id, Person.name, Finding.severity, somebody)
    query = (
        select(*columns, func.count().label("number"), func.min(Finding.since).label("since"))
        .select_from(Finding)
        .join(Case, Case.id == Finding.case_id)
        .join(held, held.c.case_id == Case.id)
        .join(Person, Person.id == held.c.person_id)
        .where(*sees)
        .group_by(*columns)
        .order_by(Person.name, Person.id)
    )
    found: dict[str, Tally] = {}
    for row in session.execute(query):
        found.setdefault(row.id, Tally(row.id, row.name)).add(row)
    return list(found.values())


def _workers_of(session: Session, refs: list[str], today: date) -> dict[str, str]:
    """Who is at work on each of these children, by reference."""
    held = (
        select(Case.ref, Person.name)
        .join(Allocation, Allocation.case_id == Case.id)
        .join(Person, Person.id == Allocation.person_id)
        .where(Case.ref.in_(set(refs)), Allocation.role.in_([role.value for role in WORKERS]), on_day(today))
        .order_by(Allocation.role, Person.name)
    )
    found: dict[str, list[str]] = {}
    for ref, name in session.execute(held):
        if name not in found.setdefault(ref, []):
            found[ref].append(name)
    return {ref: ", ".join(there) for ref, there in found.items()}


def one_finding(session: Session, finding: str, *, by: str, today: date) -> FindingLine | None:
    """A finding by its id; None where there is none that somebody may open (reliability R22)."""
    lines = list_findings(session, by=by, today=today, include_cleared=True, also=[Finding.id == finding])
    return lines[0] if lines else None
