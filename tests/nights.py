"""Nights and runs for tests: run one at its hour, ask what it found, count what it left; let a follow-up fail."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from casework.drift.findings import FindingLine, list_findings
from casework.following import follow_up, ledger
from casework.following.follow_up import TRY_AGAIN_AFTER
from casework.following.ledger import How, runs
from casework.overnight.night import run_night
from casework.overnight.night_report import NightReport
from persistence.tables import (
    Case,
    Deadline,
    Event,
    Finding,
    FollowUp,
    Night,
    NightSkip,
    Outbox,
    Rung,
    Seal,
)
from tests.rows import rows_of
from tests.world import World

LONDON = ZoneInfo("Europe/London")
#: What a night may leave behind, beside its line in the ledger.
LEFT = (Case, Deadline, Event, Finding, Night, NightSkip, Outbox, Rung, Seal)


def at_night(day: date, hour: int = 2, minute: int = 15) -> datetime:
    """The instant of a London clock time on a day."""
    return datetime.combine(day, time(hour, minute), tzinfo=LONDON).astimezone(UTC)


def the_night(world: World, day: date, **more: Any) -> NightReport:
    """The live night of a day, at its hour."""
    more.setdefault("now", at_night(day))
    return run_night(world.office, business_date=day, replay=False, **more)


def found(world: World, rule: str, day: date, *, today: date | None = None) -> int:
    """How many cases a rule finds as of a day, looked at on that day or on `today`; nothing is stored."""
    now = at_night(today or day)
    report = run_night(world.office, business_date=day, replay=True, now=now)
    assert report.skipped == 0
    return report.findings[rule]


def standing(world: World, who: str = "tam.sgo", *, on: date, **more: Any) -> list[FindingLine]:
    """The findings somebody sees."""
    with world.office.reading() as session:
        return list_findings(session, by=world.ids[who], today=on, **more)


def left(world: World) -> dict[str, int]:
    """How many rows each table has that a night writes to or could."""
    with world.office.reading() as session:
        return {t.__name__: session.scalar(select(func.count()).select_from(t)) or 0 for t in LEFT}


def refs(world: World) -> list[str]:
    """The references of all cases, in the order they were opened."""
    with world.office.reading() as session:
        return list(session.scalars(select(Case.ref).order_by(Case.id)))


def lines(world: World, flow: str = "overnight") -> list[tuple[str, str]]:
    """(date, state) of the ledger's lines, oldest first."""
    with world.office.reading() as session:
        found = runs(session, flow=flow, limit=1000)
    return [(str(line.business_date), line.state) for line in reversed(found)]


def failed_run(world: World, ref: str, at: datetime) -> str:
    """The last run of the follow-up of a child's first act, which failed for good."""
    event = next(result.event for result in world.results if result.ref == ref)
    [row] = rows_of(world, FollowUp, about=event)
    with world.office.unit_of_work() as session:
        for other in session.query(FollowUp).filter(FollowUp.id != row.id, FollowUp.status == "waiting"):
            other.status = "done"
    run = None
    for _ in range(len(TRY_AGAIN_AFTER) + 1):
        claim = follow_up.claim_next(world.office, owner="here", now=at)
        assert claim is not None
        run = follow_up.begin(world.office, row.id, owner="here", how=How.PLAIN, now=at)
        error = ledger.error(world.office, where="deliver notices", exc=ValueError("Testy McCanary"), now=at)
        follow_up.give_up(world.office, row.id, str(run), error_ref=error, now=at)
        at += timedelta(hours=5)
    return str(run)
