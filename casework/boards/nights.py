"""Whether the night looked at everyone: checked, not checked because, found, new, over (rules R-DRF-5).

For somebody who works with children every figure is over the cases they may open; only operators, who see no child,
are shown a night's own totals (reliability R22: a restricted case changes nothing of what others see).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from casework.drift import findings
from casework.drift.rules import RULES, Severity
from casework.overnight.night_log import DONE
from casework.overnight.night_report import NotChecked
from casework.who.access import visible
from persistence.tables import Case, Event, Finding, FindingChange, Night, NightSkip
from states.calendar import london_date


@dataclass(frozen=True, slots=True, kw_only=True)
class OfRule:
    """A rule of the night: so many findings stood after it, of them new; and how many were over."""

    rule: str
    words: str
    standing: int
    urgent: int
    new: int
    over: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NightSeen:
    """A night as somebody may see it. `whole`: an operator's totals, without a child."""

    on: date
    run: str
    started_at: datetime
    finished_at: datetime | None
    whole: bool
    open_cases: int
    checked: int
    not_checked: int
    which: tuple[NotChecked, ...]
    rules: tuple[OfRule, ...]
    policy: str

    @property
    def done(self) -> bool:
        """Whether it came to its end."""
        return self.finished_at is not None

    @property
    def everyone(self) -> bool:
        """Whether it looked at every open case."""
        return self.done and self.checked == self.open_cases

    @property
    def new(self) -> int:
        """Findings that were not there the night before."""
        return sum(one.new for one in self.rules)

    @property
    def over(self) -> int:
        """Findings that had ended."""
        return sum(one.over for one in self.rules)

    @property
    def standing(self) -> int:
        """Findings that stood after it."""
        return sum(one.standing for one in self.rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class NightLine:
    """A night in a list."""

    on: date
    done: bool
    open_cases: int
    checked: int
    not_checked: int
    standing: int
    new: int
    over: int


def nights_kept(session: Session, *, today: date, limit: int = 60) -> list[date]:
    """The dates of the latest nights that are done, the last one first."""
    query = select(Night.business_date).where(Night.status == DONE, Night.business_date <= today)
    return list(session.scalars(query.order_by(Night.business_date.desc()).limit(limit)))


def a_night(session: Session, on: date, *, by: str, today: date, whole: bool) -> NightSeen | None:
    """The night of a date, over the cases somebody may open, or whole; None where there was none."""
    night = session.get(Night, on)
    if night is None:
        return None
    sees: ColumnElement[bool] | None = None
    which: tuple[NotChecked, ...] = ()
    if whole:
        opened, skipped = night.expected, night.skipped
    else:
        sees = visible(session, by, today)
        opened = _then_open(session, [night], sees)[0][on]
        which = _not_checked(session, on, sees)
        skipped = len(which)
    checked = opened - skipped if night.status == DONE else min(night.examined, opened) if whole else 0
    return NightSeen(
        on=on,
        run=night.run_id,
        started_at=night.started_at,
        finished_at=night.finished_at,
        whole=whole,
        open_cases=opened,
        checked=checked,
        not_checked=skipped,
        which=which,
        rules=tuple(_rules(session, on, sees)),
        policy=night.policy_sha256[:12],
    )


def _not_checked(session: Session, on: date, sees: ColumnElement[bool]) -> tuple[NotChecked, ...]:
    rows = session.execute(
        select(Case.ref, NightSkip.error_ref)
        .join(Case, Case.id == NightSkip.case_id)
        .where(sees, NightSkip.business_date == on)
        .order_by(Case.id)
    )
    return tuple(NotChecked(ref=ref, error_ref=error) for ref, error in rows)


def _rules(session: Session, on: date, sees: ColumnElement[bool] | None) -> list[OfRule]:
    """By rule what stood after a night, and what it changed: from the changes that nights wrote down."""
    query = (
        select(
            FindingChange.business_date,
            FindingChange.what,
            FindingChange.severity,
            Finding.rule,
            func.count().label("number"),
        )
        .join(Finding, Finding.id == FindingChange.finding_id)
        .join(Case, Case.id == Finding.case_id)
        .where(FindingChange.business_date <= on, *([] if sees is None else [sees]))
        .group_by(FindingChange.business_date, FindingChange.what, FindingChange.severity, Finding.rule)
    )
    standing: Counter[str] = Counter()
    urgent: Counter[str] = Counter()
    new: Counter[str] = Counter()
    over: Counter[str] = Counter()
    for row in session.execute(query):
        came = row.what in (findings.FOUND, findings.AGAIN)
        gone = row.what == findings.CLEARED
        standing[row.rule] += row.number * (came - gone)
        if row.severity == Severity.URGENT:  # a change of severity is of a finding that stood
            urgent[row.rule] += row.number * (came + (row.what == findings.WORSE) - gone)
        elif row.what == findings.BETTER:
            urgent[row.rule] -= row.number
        if row.business_date == on:
            new[row.rule] += row.number * came
            over[row.rule] += row.number * gone
    seen = sorted(rule for rule in standing if standing[rule] or new[rule] or over[rule])
    return [
        OfRule(
            rule=rule,
            words=RULES[rule].words if rule in RULES else "",
            standing=standing[rule],
            urgent=urgent[rule],
            new=new[rule],
            over=over[rule],
        )
        for rule in seen
    ]


def night_by_night(session: Session, *, by: str, today: date, since: date, whole: bool) -> list[NightLine]:
    """Every night since a date: whether it looked at everyone, what stood after it, what came and went."""
    nights = list(
        session.scalars(
            select(Night)
            .where(Night.business_date >= since, Night.business_date <= today)
            .order_by(Night.business_date)
        )
    )
    if not nights:
        return []
    sees = None if whole else visible(session, by, today)
    changed = _changes(session, sees, today)
    opened, skipped = ({}, {}) if sees is None else _then_open(session, nights, sees)
    lines, standing, place = [], 0, 0
    for night in nights:
        new = over = 0
        while place < len(changed) and changed[place][0] <= night.business_date:
            on, came, gone = changed[place]
            place += 1
            standing += came - gone
            if on == night.business_date:
                new, over = new + came, over + gone
        on = night.business_date
        missed = skipped.get(on, 0) if sees is not None else night.skipped
        there = opened.get(on, 0) if sees is not None else night.expected
        done = night.status == DONE
        lines.append(
            NightLine(
                on=on,
                done=done,
                open_cases=there,
                checked=there - missed if done else 0,
                not_checked=missed,
                standing=standing,
                new=new,
                over=over,
            )
        )
    return lines


def _changes(session: Session, sees: ColumnElement[bool] | None, today: date) -> Sequence[tuple[date, int, int]]:
    """(night, came, went), in the order of the nights."""
    query = (
        select(FindingChange.business_date, FindingChange.what, func.count())
        .join(Finding, Finding.id == FindingChange.finding_id)
        .join(Case, Case.id == Finding.case_id)
        .where(FindingChange.business_date <= today, *([] if sees is None else [sees]))
        .group_by(FindingChange.business_date, FindingChange.what)
        .order_by(FindingChange.business_date)
    )
    return [
        (on, number * (what in (findings.FOUND, findings.AGAIN)), number * (what == findings.CLEARED))
        for on, what, number in session.execute(query)
    ]


def _then_open(
    session: Session, nights: Sequence[Night], sees: ColumnElement[bool]
) -> tuple[Mapping[date, int], Mapping[date, int]]:
    """How many of somebody's cases each night began with, and how many it could not check: two questions for all."""
    opening, closing = aliased(Event), aliased(Event)
    columns = [func.sum(case((_began_with(night, opening, closing), 1), else_=0)) for night in nights]
    counted = session.execute(
        select(*columns)
        .select_from(Case)
        .join(opening, and_(opening.case_id == Case.id, opening.seq == 1))
        .join(closing, closing.id == Case.state_event_id)
        .where(sees)
    ).one()
    opened = {night.business_date: number or 0 for night, number in zip(nights, counted, strict=True)}
    skips = (
        select(NightSkip.business_date, func.count())
        .join(Case, Case.id == NightSkip.case_id)
        .where(sees, NightSkip.business_date >= nights[0].business_date)
        .group_by(NightSkip.business_date)
    )
    return opened, dict(session.execute(skips).all())


def _began_with(night: Night, opening: Any, closing: Any) -> ColumnElement[bool]:
    """A night begins with the cases that were written down by then, opened by its date, and not closed yet."""
    looks_back = night.business_date < london_date(night.started_at)
    by_then = Case.opened_on < night.business_date if looks_back else Case.opened_on <= night.business_date
    there = opening.recorded_at <= night.started_at
    return and_(by_then, there, or_(Case.closed.is_(False), closing.recorded_at > night.started_at))
