"""Eight hundred nights: every date has one finished night whatever happens to the server (reliability R13, R14, R30).

Four stretches of two hundred dates, each with a change of the clock in its middle: two Marches and two Octobers. In
each the server lives a life like any other's: it is killed between two chunks, starts late or days late, is triggered
twice, finds its clock set back by two hours or by days; a case that cannot be checked comes and goes. Children are
rated meanwhile, a rating is taken back, a clock is paused. At the end: as many dates as nights, none missing, none
twice, expected = examined + not checked on every one, every lapse and every step of a ladder once, no mail twice, and
each date told again from what was kept says what its night said.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import func, select

from bench.databases import Postgres, fresh_sqlite
from casework.acting import opening
from casework.drift import history
from casework.errors import CaseworkError, Conflict
from casework.following import leases
from casework.following.ledger import RunState, runs
from casework.overnight import night_log
from casework.overnight.night import nights_due, run_due_nights, run_night
from casework.overnight.night_check import Check
from casework.settings import Settings
from casework.units import open_office
from demo.papers import paper
from persistence.tables import Case, Finding, FindingRung, Night, NightSkip, Outbox, Rung, new_id
from tests.nights import at_night, left
from tests.world import TEAM, World, furnish, noon

DAY = timedelta(days=1)
#: The first date of each stretch; the clocks change on 30 March and 26 October 2025, 29 March and 25 October 2026.
STRETCHES = (date(2024, 12, 20), date(2025, 7, 18), date(2025, 12, 19), date(2026, 7, 17))
NIGHTS, QUICK_NIGHTS, CHILDREN = 200, 20, 9
EVENTS = ("on time", "late", "killed", "twice", "clock back", "again", "down", "poisoned")


class _Killed(BaseException):
    """What no `except Exception` holds up."""


@dataclass
class Figures:
    """What came of it."""

    dates: int = 0
    nights: int = 0
    missing: int = 0
    twice: int = 0
    not_adding_up: int = 0
    not_checked: int = 0
    kills: int = 0
    lapses: int = 0
    lapses_twice: int = 0
    mails: int = 0
    mails_twice: int = 0
    differ_when_told_again: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether anything is not as it must be."""
        wrong = (self.missing, self.twice, self.not_adding_up, self.lapses_twice, self.mails_twice)
        return any(wrong) or bool(self.differ_when_told_again or self.failures)


def soak(*, quick: bool, seed: int) -> dict[str, Any]:
    """All stretches, in turn on SQLite and PostgreSQL."""
    began = time.monotonic()
    found = Figures()
    with Postgres.started() as server, tempfile.TemporaryDirectory(prefix="sgo-nights-") as folder:
        for number, first in enumerate(STRETCHES):
            home = Path(folder) / str(number)
            url = fresh_sqlite(home / "data") if number % 2 == 0 else server.fresh(f"nights_{number}")
            start = _before_the_change(first) if quick else first
            with open_office(Settings(home=home, database_url=url)) as office:
                world = furnish(office, now=noon(start - DAY))
                live(world, start, QUICK_NIGHTS if quick else NIGHTS, seed + number, found)
            print(f"{found.nights} nights", file=sys.stderr, flush=True)
    return {**asdict(found), "seed": seed, "seconds": round(time.monotonic() - began, 1), "failed": found.failed}


def _before_the_change(first: date) -> date:
    """So that a short stretch has the change of the clock in its middle too."""
    return first + (NIGHTS // 2 - QUICK_NIGHTS // 2) * DAY


def live(world: World, first: date, nights: int, seed: int, found: Figures) -> None:
    """One stretch: the children join three weeks before it, and everything happens."""
    life = _Life(world, random.Random(seed), found)
    joined = first - timedelta(days=21)
    records = [paper("open_case", on=joined, council_id=f"N{n}", team=TEAM) for n in range(CHILDREN)]
    with world.office.unit_of_work() as session:
        opening.open_many(session, records, bulk_id=new_id(), by=world.actor("rowan.tm"), now=noon(joined))
    dates = [first + n * DAY for n in range(nights)]
    for day in dates:
        life.night(day)
        life.work(day)
    life.run(at_night(dates[-1], 23))
    _count(world, dates, life, found)


@dataclass
class _Life:
    """A server's life with its clock in our hands."""

    world: World
    chance: random.Random
    found: Figures
    reports: list[date] = field(default_factory=list)

    def run(self, now: datetime, *, crash_case: str | None = None) -> None:
        """The scheduler wakes up: whatever is due is checked."""
        if crash_case is not None:
            for day in nights_due(self.world.office, now):
                self._report(
                    run_night(
                        self.world.office, business_date=day, replay=False, now=now, chunk=2, crash_case=crash_case
                    )
                )
            return
        for report in run_due_nights(self.world.office, now=now, chunk=2):
            self._report(report)

    def _report(self, report: Any) -> None:
        self.reports.append(report.business_date)
        if report.expected != report.examined + report.skipped:
            self.found.not_adding_up += 1
        self.found.not_checked += report.skipped

    def night(self, day: date) -> None:
        """One night of this life; on some days nothing runs at all, and the next run catches up."""
        now = at_night(day)
        match self.chance.choice(EVENTS):
            case "on time":
                self.run(now)
            case "late":
                self.run(now + timedelta(minutes=self.chance.randint(1, 20 * 60)))
            case "killed":
                self._be_killed(now)
                self.run(now + timedelta(minutes=20))
            case "twice":
                self._be_triggered_twice(now)
            case "clock back":
                self.run(now)
                before = len(self.reports)
                for back in (timedelta(hours=2), timedelta(hours=1), 3 * DAY):
                    self.run(now - back)
                self._must(len(self.reports) == before, f"{day}: a clock set back made a night again")
            case "again":
                self.run(now)
                before = left(self.world)
                again = run_night(self.world.office, business_date=day, replay=False, now=now)
                same = (again.new, again.notices, left(self.world)) == (0, 0, before)
                self._must(same, f"{day}: the same night again changed something")
            case "poisoned":
                self.run(now, crash_case=self.chance.choice(self._refs()))
            case _:
                pass

    def _be_killed(self, now: datetime) -> None:
        """The process goes away between two chunks and lets nothing go."""
        if not nights_due(self.world.office, now):
            return
        whole, chunks, count = Check._chunk, self.chance.randint(0, CHILDREN // 2), [0]

        def chunk(check: Check, ids: Any) -> Any:
            if count[0] == chunks:
                raise _Killed
            count[0] += 1
            return whole(check, ids)

        with patch.object(Check, "_chunk", chunk), patch.object(night_log, "release", lambda office, owner: None):
            try:
                self.run(now)
            except _Killed:
                self.found.kills += 1

    def _be_triggered_twice(self, now: datetime) -> None:
        """Another runner holds the night: ours is told, and comes back when it has gone."""
        office, due = self.world.office, nights_due(self.world.office, now)
        leases.take(office, "overnight", owner="another-machine:7:x", now=now)
        try:
            self.run(now)
            self._must(not due, f"{now}: two runners at one night")
        except Conflict:
            pass
        leases.release(office, "overnight", owner="another-machine:7:x")
        self.run(now)
        self.run(now)

    def work(self, day: date) -> None:
        """What people do by day: now and then something that starts or ends a lapse."""
        if self.chance.random() > 0.15:
            return
        ref = self.chance.choice(self._refs())
        act: Callable[[], Any] = self.chance.choice(
            [
                lambda: self.world.do("rate", day, "rowan.tm", ref=ref, today=day),
                lambda: self.world.do("rerate", day, "rowan.tm", ref=ref, today=day),
                lambda: self.world.do("reverse_last", day, "rowan.tm", ref=ref, today=day),
                lambda: self.world.do("pause_clock", day, "rowan.tm", ref=ref, today=day),
                lambda: self.world.do("resume_clock", day, "rowan.tm", ref=ref, today=day),
            ]
        )
        try:
            act()
        except CaseworkError:
            return

    def _refs(self) -> list[str]:
        with self.world.office.reading() as session:
            return list(session.scalars(select(Case.ref).order_by(Case.id)))

    def _must(self, holds: bool, words: str) -> None:
        if not holds:
            self.found.failures.append(words)


def _count(world: World, dates: list[date], life: _Life, found: Figures) -> None:
    with world.office.reading() as session:
        nights = session.scalars(select(Night).order_by(Night.business_date)).all()
        lines = runs(session, flow="overnight", limit=10_000)
        completed = Counter(line.business_date for line in lines if line.state == RunState.COMPLETED)
        mails = Counter(session.execute(select(Outbox.occasion, Outbox.recipient_id)).tuples().all())
        lapses = Counter(session.execute(select(Finding.rule, Finding.case_id, Finding.period)).tuples().all())
        skipped = select(NightSkip.business_date, func.count()).group_by(NightSkip.business_date)
        skips = dict(session.execute(skipped).tuples().all())
        rungs = session.scalar(select(func.count()).select_from(Rung)) or 0
        up = session.scalar(select(func.count()).select_from(FindingRung)) or 0
    there = Counter(night.business_date for night in nights if night.status == "done")
    found.dates += len(dates)
    found.nights += len(there)
    found.missing += len(set(dates) - set(there)) + len(set(dates) - set(completed))
    found.twice += sum(number - 1 for number in completed.values()) + len(life.reports) - len(set(life.reports))
    found.not_adding_up += sum(
        n.expected != n.examined + n.skipped or n.expected != CHILDREN or skips.get(n.business_date, 0) != n.skipped
        for n in nights
    )
    found.lapses += len(lapses)
    found.lapses_twice += sum(number - 1 for number in lapses.values())
    found.mails += sum(mails.values())
    found.mails_twice += sum(number - 1 for number in mails.values())
    if len(dates) > QUICK_NIGHTS and not (rungs and up):
        found.failures.append("no step of any ladder was reached: nothing was proved of them")
    today = dates[-1] + DAY
    with world.office.reading() as session:
        for night in nights:
            if night.skipped:
                continue  # what stands of a child who could not be checked is not in that night's numbers
            told = history.found_on(session, night.business_date, by=world.ids["tam.sgo"], today=today)
            counted = Counter(one.rule for one in told.findings)
            for rule, _, what in history.of_the_authority(session, night.business_date):
                counted[rule] = len(what)  # no child in it: told by the policy of that day (D-40)
            wrote = {rule: number for rule, number in night.summary["findings"].items() if number}
            if not told.kept or counted != wrote:
                found.differ_when_told_again += 1
