"""The ladder of findings: to whom they go up when they stand on, each step once (practice PN-2, rules 10).

Counted in working days from the night a finding was first told. Whoever says "I'm dealing with it" holds the ladder
until the date they gave. What is for information goes up to nobody; only what is urgent passes the Team Manager.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from functools import partial

from sqlalchemy import exists, insert, select
from sqlalchemy.orm import Session

from casework.drift import acknowledging, inherited
from casework.drift.as_of import AsOf
from casework.drift.rules import Severity
from persistence.tables import Finding, FindingRung
from states.vocabulary import Role


def climb(session: Session, cases: Collection[int], night: AsOf) -> int:
    """Let the standing findings of these cases reach the steps that are due by the night's date; how many did."""
    if not cases:
        return 0
    live_since = inherited.went_live(session, night.day)
    since = inherited.told_since(live_since)
    here = frozenset(cases)
    reached = 0
    for rung in night.policy.night.ladder_working_days:
        if not isinstance(rung.to, Role):
            continue  # its owners hear of it from the first night
        too_late = night.too_long_ago(partial(_up, night, rung.after), on=night.day + timedelta(days=1))
        climbed = exists().where(FindingRung.finding_id == Finding.id, FindingRung.rung == rung.to.value)
        query = (
            select(Finding.id, Finding.case_id)
            .where(
                Finding.case_id.between(min(cases), max(cases)),
                Finding.cleared_on.is_(None),
                Finding.severity != Severity.INFO.value,
                since < too_late,
                ~climbed,
                ~acknowledging.holds(night.day),
            )
            .order_by(Finding.id)
        )
        if rung.urgent_only:
            query = query.where(Finding.severity == Severity.URGENT.value)
        new = [
            {"finding_id": row.id, "rung": rung.to.value, "reached_on": night.day}
            for row in session.execute(query)
            if row.case_id in here
        ]
        if new:
            session.execute(insert(FindingRung), new)
        reached += len(new)
    return reached


def _up(night: AsOf, working_days: int, told_since: date) -> date:
    return night.calendar.add_working_days(told_since, working_days)
