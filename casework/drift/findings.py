"""What the night found, kept: one row a rule, case and lapse, cleared when its condition ends (rules 10).

`since` makes one lapse of it: a due date that was missed, a date of the trajectory that passed, the last day on
which anything happened. The same night twice, or the cases in another order, leaves the same rows (R14).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from casework.drift.rules import RULES
from casework.policies import in_force
from casework.who.access import visible
from persistence.tables import Case, Finding, PolicyVersion, new_id
from states.calendar import london_date

#: What a rule found: since when, by case.
Found = Mapping[str, Mapping[int, date]]
_Key = tuple[str, int, str]


def keep(session: Session, cases: Collection[int], found: Found, *, on: date) -> None:
    """Bring the rows of these cases in line with what was found on a business date.

    New lapses are added, those that stand are dated, those that ended are cleared; one that comes back, as when
    a step is reversed, is open again.
    """
    wanted: dict[_Key, date] = {
        (rule, case_id, since.isoformat()): since
        for rule, by_case in found.items()
        for case_id, since in by_case.items()
    }
    if not cases:
        return
    columns = (Finding.id, Finding.rule, Finding.case_id, Finding.period, Finding.cleared_on)
    rows = session.execute(
        select(*columns).where(Finding.case_id.between(min(cases), max(cases)), Finding.cleared_on.is_(None))
    ).all()
    here = frozenset(cases)
    there = {(row.rule, row.case_id, row.period): row.id for row in rows if row.case_id in here}
    _set(session, [there[key] for key in there.keys() - wanted.keys()], cleared_on=on)
    _set(session, [there[key] for key in there.keys() & wanted.keys()], last_found_on=on)
    _add(session, {key: wanted[key] for key in wanted.keys() - there.keys()}, on)


def _add(session: Session, missing: Mapping[_Key, date], on: date) -> None:
    if not missing:
        return
    lapsed_before = select(Finding.id, Finding.rule, Finding.case_id, Finding.period).where(
        Finding.case_id.in_({case_id for _, case_id, _ in missing}), Finding.cleared_on.is_not(None)
    )
    cleared = {(row.rule, row.case_id, row.period): row.id for row in session.execute(lapsed_before)}
    again = [cleared[key] for key in missing.keys() & cleared.keys()]
    _set(session, again, cleared_on=None, last_found_on=on)
    fresh = [
        {
            "id": new_id(),
            "rule": rule,
            "case_id": case_id,
            "period": period,
            "severity": RULES[rule].severity.value,
            "words": RULES[rule].words,
            "since": since,
            "first_found_on": on,
            "last_found_on": on,
            "cleared_on": None,
        }
        for (rule, case_id, period), since in sorted(missing.items())
        if (rule, case_id, period) not in cleared
    ]
    if fresh:
        session.execute(insert(Finding), fresh)


def _set(session: Session, ids: Iterable[str], **values: Any) -> None:
    listed = sorted(ids)
    if listed:
        session.execute(
            update(Finding)
            .where(Finding.id.in_(listed))
            .values(**values)
            .execution_options(synchronize_session=False)
        )


def clear_closed(session: Session, *, on: date) -> None:
    """Clear what was found in cases that are closed by now: nobody looks at them any more."""
    closed = select(Case.id).where(Case.closed)
    session.execute(
        update(Finding)
        .where(Finding.cleared_on.is_(None), Finding.case_id.in_(closed))
        .values(cleared_on=on)
        .execution_options(synchronize_session=False)
    )


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


def list_findings(
    session: Session,
    *,
    by: str,
    today: date,
    rule: str | None = None,
    ref: str | None = None,
    include_cleared: bool = False,
    limit: int | None = None,
) -> list[FindingLine]:
    """What the nights have found in the cases this person may open: urgent first, then the oldest (R22)."""
    query = (
        select(Finding, Case.ref)
        .join(Case, Case.id == Finding.case_id)
        .where(visible(session, by, today))
        .order_by((Finding.severity != "urgent"), Finding.since, Case.ref, Finding.rule)
    )
    if not include_cleared:
        query = query.where(Finding.cleared_on.is_(None))
    if rule is not None:
        query = query.where(Finding.rule == rule)
    if ref is not None:
        query = query.where(Case.ref == ref)
    live_since = went_live(session, today)
    return [
        FindingLine(
            id=row.id,
            rule=row.rule,
            severity=row.severity,
            words=row.words,
            owners=tuple(role.value for role in RULES[row.rule].owners) if row.rule in RULES else (),
            ref=case_ref,
            since=row.since,
            first_found_on=row.first_found_on,
            last_found_on=row.last_found_on,
            cleared_on=row.cleared_on,
            inherited=live_since is not None and row.since < live_since,
        )
        for row, case_ref in session.execute(query.limit(limit))
    ]


def went_live(session: Session, today: date) -> date | None:
    """The day the authority went live: what was late before it is inherited (practice PR-4)."""
    adopted = session.scalar(select(func.min(PolicyVersion.adopted_at)))
    if adopted is None:
        return None
    given = in_force(session, today).policy.night.go_live
    return given if isinstance(given, date) else london_date(adopted)
