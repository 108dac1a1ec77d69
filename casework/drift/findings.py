"""What the night found, kept: one row a rule, case and lapse, cleared when its condition ends (rules 10).

`since` makes one lapse of it: a due date that was missed, a date of the trajectory that passed, the last day on
which anything happened. The same night twice, or the cases in another order, leaves the same rows (rules R-DRF-1,
reliability R14).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.orm import Session

from casework.drift import acknowledging
from casework.drift.acknowledging import Answer
from casework.drift.inherited import went_live
from casework.drift.rules import RULES, Severity
from casework.who.access import visible
from persistence.among import among
from persistence.tables import BacklogRelease, Case, Finding, FindingChange, FindingRung, new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """What a rule found in a case: since when, and how bad it is."""

    since: date
    severity: Severity


#: What the rules found, by rule and case.
Found = Mapping[str, Mapping[int, Lapse]]
_Key = tuple[str, int, str]

FOUND, AGAIN, CLEARED, BETTER = "found", "found again", "cleared", "not so bad any more"
WORSE = acknowledging.WORSE


def keep(session: Session, cases: Collection[int], found: Found, *, on: date) -> None:
    """Bring the rows of these cases in line with what was found on a business date, and write down each change.

    New lapses are added, those that stand are dated, those that ended are cleared; one that comes back, as when
    a step is reversed, is open again.
    """
    if not cases:
        return
    columns = (Finding.id, Finding.rule, Finding.case_id, Finding.period, Finding.severity)
    rows = session.execute(
        select(*columns).where(Finding.case_id.between(min(cases), max(cases)), Finding.cleared_on.is_(None))
    ).all()
    here = frozenset(cases)
    standing = [row for row in rows if row.case_id in here]
    one_at_a_time = {(row.rule, row.case_id): row.period for row in standing if _lasts(row.rule)}
    wanted: dict[_Key, Lapse] = {
        (rule, case_id, one_at_a_time.get((rule, case_id), lapse.since.isoformat())): lapse
        for rule, by_case in found.items()
        for case_id, lapse in by_case.items()
    }
    there = {(row.rule, row.case_id, row.period): row for row in standing}
    gone = [there[key] for key in sorted(there.keys() - wanted.keys())]
    _set(session, [row.id for row in gone], cleared_on=on)
    _note(session, [(row.id, CLEARED, row.severity) for row in gone], on)
    _set(session, [there[key].id for key in there.keys() & wanted.keys()], last_found_on=on)
    for key in sorted(there.keys() & wanted.keys()):
        row, severity = there[key], wanted[key].severity
        if row.severity != severity:
            _set(session, [row.id], severity=severity.value, words=RULES[row.rule].words_for(severity))
            _note(session, [(row.id, WORSE if severity is Severity.URGENT else BETTER, severity)], on)
    _add(session, {key: wanted[key] for key in wanted.keys() - there.keys()}, on)


def _lasts(rule: str) -> bool:
    return rule in RULES and RULES[rule].one_at_a_time


def _add(session: Session, missing: Mapping[_Key, Lapse], on: date) -> None:
    if not missing:
        return
    cases = {case_id for _, case_id, _ in missing}
    lapsed_before = select(Finding.id, Finding.rule, Finding.case_id, Finding.period).where(
        among(Finding.case_id, cases), Finding.cleared_on.is_not(None)
    )
    cleared = {(row.rule, row.case_id, row.period): row.id for row in session.execute(lapsed_before)}
    for key in sorted(missing.keys() & cleared.keys()):
        severity = missing[key].severity
        words = RULES[key[0]].words_for(severity)
        _set(session, [cleared[key]], cleared_on=None, last_found_on=on, severity=severity.value, words=words)
        _note(session, [(cleared[key], AGAIN, severity)], on)
    fresh = [
        {
            "id": new_id(),
            "rule": rule,
            "case_id": case_id,
            "period": period,
            "severity": lapse.severity.value,
            "words": RULES[rule].words_for(lapse.severity),
            "since": lapse.since,
            "first_found_on": on,
            "last_found_on": on,
            "cleared_on": None,
        }
        for (rule, case_id, period), lapse in sorted(missing.items(), key=lambda one: one[0])
        if (rule, case_id, period) not in cleared
    ]
    if fresh:
        session.execute(insert(Finding), fresh)
        _note(session, [(str(one["id"]), FOUND, str(one["severity"])) for one in fresh], on)


def _set(session: Session, ids: Iterable[str], **values: Any) -> None:
    listed = sorted(ids)
    if listed:
        session.execute(
            update(Finding)
            .where(among(Finding.id, listed))
            .values(**values)
            .execution_options(synchronize_session=False)
        )


def _note(session: Session, changes: Iterable[tuple[str, str, str]], on: date) -> None:
    """Append what became of findings, so that the night can be told again (rules R-DRF-3)."""
    rows = [
        {"id": new_id(), "finding_id": finding, "business_date": on, "what": what, "severity": str(severity)}
        for finding, what, severity in changes
    ]
    if rows:
        session.execute(insert(FindingChange), rows)


def clear_closed(session: Session, *, on: date) -> None:
    """Clear what was found in cases that are closed by now: nobody looks at them any more."""
    standing = select(Finding.id, Finding.severity).join(Case, Case.id == Finding.case_id)
    gone = session.execute(standing.where(Finding.cleared_on.is_(None), Case.closed).order_by(Finding.id)).all()
    _set(session, [row.id for row in gone], cleared_on=on)
    _note(session, ((row.id, CLEARED, row.severity) for row in gone), on)


def counted(session: Session, on: date) -> tuple[int, int]:
    """(new, cleared) of a business date's live night, from the rows: the same however often it was restarted."""
    new = session.scalar(select(func.count()).where(Finding.first_found_on == on))
    cleared = session.scalar(select(func.count()).where(Finding.cleared_on == on))
    return new or 0, cleared or 0


# -- for people -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingLine:
    """One line of `sgo drift list`."""

    id: str
    rule: str
    severity: str
    words: str
    owners: tuple[str, ...]  # the posts it is for
    ref: str
    since: date
    first_found_on: date
    last_found_on: date
    cleared_on: date | None
    inherited: bool  # from before this authority went live (practice PR-4)
    released_on: date | None = None  # inherited, and told since
    went_up_to: tuple[str, ...] = ()  # the posts it has gone up to (practice PN-2)
    dealing: Answer | None = None  # who is dealing with it
    back: bool = False  # somebody was, and their date has passed


def list_findings(
    session: Session,
    *,
    by: str,
    today: date,
    rule: str | None = None,
    ref: str | None = None,
    include_cleared: bool = False,
    also: Sequence[ColumnElement[bool]] = (),
    limit: int | None = None,
    offset: int = 0,
) -> list[FindingLine]:
    """What the nights have found in the cases this person may open: urgent first, then the oldest (R22).

    `also` are further conditions on `Finding` and `Case`.
    """
    query = (
        select(Finding, Case.ref)
        .join(Case, Case.id == Finding.case_id)
        .where(visible(session, by, today), *also)
        .order_by((Finding.severity != "urgent"), Finding.since, Case.ref, Finding.rule)
    )
    if not include_cleared:
        query = query.where(Finding.cleared_on.is_(None))
    if rule is not None:
        query = query.where(Finding.rule == rule)
    if ref is not None:
        query = query.where(Case.ref == ref)
    live_since = went_live(session, today)
    found = session.execute(query.limit(limit).offset(offset)).all()
    ids = [row.id for row, _ in found]
    said = acknowledging.answers(session, ids)
    rungs = select(FindingRung.finding_id, FindingRung.rung).where(FindingRung.finding_id.in_(ids))
    up: dict[str, list[str]] = {}
    for finding_id, rung in session.execute(rungs.order_by(FindingRung.reached_on, FindingRung.rung)):
        up.setdefault(finding_id, []).append(rung)
    releases = select(BacklogRelease.case_id, BacklogRelease.released_on)
    of_these = releases.where(BacklogRelease.case_id.in_({row.case_id for row, _ in found}))
    released: dict[int, date] = dict(session.execute(of_these).all())
    lines = []
    for row, case_ref in found:
        inherited = live_since is not None and row.since < live_since
        answers = said.get(row.id, [])
        dealing = next((one for one in reversed(answers) if one.holds_on(today)), None)
        lines.append(
            FindingLine(
                id=row.id,
                rule=row.rule,
                severity=row.severity,
                words=row.words,
                owners=owners_of(row.rule, row.severity),
                ref=case_ref,
                since=row.since,
                first_found_on=row.first_found_on,
                last_found_on=row.last_found_on,
                cleared_on=row.cleared_on,
                inherited=inherited,
                released_on=released.get(row.case_id) if inherited else None,
                went_up_to=tuple(up.get(row.id, ())),
                dealing=dealing,
                back=bool(answers) and dealing is None and row.cleared_on is None,
            )
        )
    return lines


def owners_of(rule: str, severity: str) -> tuple[str, ...]:
    """The posts that a finding is for, in words."""
    return tuple(owner.value for owner in RULES[rule].owners_for(severity)) if rule in RULES else ()
