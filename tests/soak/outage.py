"""Everything an installation leans on goes away in turn, and people go on working: nothing is lost, nothing twice.

`python -m tests.soak outage [--minutes N]` (reliability R2, R10, R15, R16). The real Prefect server, the real worker
and a real SMTP server are processes and sockets; all the while somebody does acts by command line, one process each,
and every one of them must succeed. In turn:

1. the worker is killed with -9 in the middle of a flow, and started again;
2. the SMTP server is stopped for a while;
3. Prefect's server is killed with -9 in the middle of a run, stays away for N minutes, and comes back with an empty
   database.

At the end every acknowledged act is in the history and has been followed through: by a completed run in the ledger,
which Prefect knows as completed under the name of its step where Prefect carried it; and each of its messages lies at
the SMTP server once, by Message-ID.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bench.databases import fresh_sqlite
from bench.installation import until
from casework import policies
from casework.acting.commands import Command
from casework.doing import perform
from casework.following import follow_up
from casework.units import open_office
from demo.papers import paper
from persistence.tables import Attempt, Event, FollowUp, Outbox, Run
from persistence.verification import verify
from tests.factories import policy
from tests.prefect_server import Child, PrefectServer
from tests.smtp_server import SmtpPeer, smtp_server
from tests.soak.office import settings
from tests.world import LONG_AGO, TEAM, World, furnish

TRIGGER, WHO = "flag_safeguarding", "sol.sw"
_ROOT = Path(__file__).parents[2]
#: What is left is followed through by then, or never.
_PATIENCE_SECONDS = 1200.0
_TOLD_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """How long everything is away, in seconds, and how many children there are to do an act on."""

    prefect: float
    smtp: float  # 0: it stays
    between: float
    patience: float  # of the worker, before it goes on without Prefect
    children: int


@dataclass(slots=True)
class Acted:
    """What came of the commands: the ids of acknowledged events, and what the others said."""

    events: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def run_outage(url: str, home: Path, server: PrefectServer, lengths: Lengths) -> dict[str, Any]:
    """The whole story on an empty, migrated database. The server runs at the end as at the beginning."""
    now = datetime.now(UTC)
    with open_office(settings(url, home)) as office, smtp_server() as peer:
        world = furnish(office, now=now - timedelta(minutes=1))
        with office.unit_of_work() as session:  # a message that failed is tried again every minute
            often = policy(
                mail={"retry_minutes": (1,) * 15, "unknown_retry_minutes": 1, "per_person_cap_per_hour": 1000}
            )
            policies.adopt(session, often, file_name="often.toml", from_on=LONG_AGO, by=None, now=now)
        refs = [_child(world, number) for number in range(lengths.children)]
        story = _Story(world, url, home=home, server=server, peer=peer, lengths=lengths)
        server.start()
        try:
            return story.told(refs)
        finally:
            story.end()


class _Story:
    def __init__(
        self, world: World, url: str, *, home: Path, server: PrefectServer, peer: SmtpPeer, lengths: Lengths
    ) -> None:
        self._world, self._home, self._server, self._peer, self._lengths = world, home, server, peer, lengths
        self._env = server.at(
            home,
            DATABASE_URL=url,
            SGO_PREFECT_PATIENCE_SECONDS=str(lengths.patience),
            SGO_MAIL_CHANNEL="smtp",
            SGO_MAIL_HOST="127.0.0.1",
            SGO_MAIL_PORT=str(peer.port),
            SGO_MAIL_TLS="none",
        )
        self._workers: list[Child] = []
        self._enough = threading.Event()
        self._acting = threading.Thread()
        self._acted = Acted()
        self._known: dict[str, tuple[str, str]] = {}  # what Prefect knew of runs: name and state
        self._away: list[tuple[datetime, datetime]] = []  # when something was: a run may crash for that alone

    def told(self, refs: list[str]) -> dict[str, Any]:
        """Act, let everything go away in turn, and look at what is left."""
        started = time.monotonic()
        acting = self._acting = threading.Thread(target=self._act_on, args=(refs,))
        (self._home / "linger").touch()
        self._worker("-m", "tests.odd_worker", "lingers")
        acting.start()
        try:
            self._kill_the_worker()
            self._while_people_work(self._lengths.between)
            without_mail = self._stop_the_mail() if self._lengths.smtp else 0
            self._while_people_work(self._lengths.between)
            without_prefect, away = self._lose_prefect()
            self._while_people_work(self._lengths.between)
        finally:
            self._enough.set()
            acting.join()
        until(self._all_is_through, what="Following everything through", seconds=_PATIENCE_SECONDS, look=0.5)
        self._let_prefect_end_what_we_ended()
        return self._found() | {
            "acts_while_smtp_was_away": without_mail,
            "acts_while_prefect_was_away": without_prefect,
            "seconds_smtp_was_away": self._lengths.smtp,
            "seconds_prefect_was_away": round(away, 1),
            "seconds": round(time.monotonic() - started, 1),
        }

    def end(self) -> None:
        """End every process."""
        self._enough.set()
        for worker in self._workers:
            worker.kill()

    # -- what goes away -----------------------------------------------------------------------------------

    def _kill_the_worker(self) -> None:
        until((self._home / "lingering").exists, what="A flow under way", look=0.05)
        self._workers[-1].kill()
        gone = datetime.now(UTC)
        (self._home / "linger").unlink()
        self._worker("-m", "workflows.worker")
        self._away.append((gone, gone))

    def _while_people_work(self, seconds: float) -> int:
        """Let time pass, and at least one act be done; answers how many."""
        before = len(self._acted.seconds)
        time.sleep(seconds)
        until(
            lambda: len(self._acted.seconds) > before or not self._acting.is_alive(),
            what="An act by command line",
            look=0.05,
        )
        return len(self._acted.seconds) - before

    def _stop_the_mail(self) -> int:
        self._peer.stop()
        acts = self._while_people_work(self._lengths.smtp)
        self._peer.start()
        return acts

    def _lose_prefect(self) -> tuple[int, float]:
        """How many acts were done while it was away, and for how many seconds that was."""
        until(lambda: "prefect completed" in self._how(), what="A run by Prefect", look=0.2)
        until(
            lambda: "prefect running" in self._how() or not self._acting.is_alive(),
            what="A run by Prefect under way",
            look=0.01,
        )
        gone, gone_at = time.monotonic(), datetime.now(UTC)
        self._server.kill()
        self._remember()
        acts = self._while_people_work(self._lengths.prefect)
        for file in self._server.home.glob("prefect.db*"):
            file.unlink()
        self._server.start()
        away = time.monotonic() - gone
        before = self._how()["prefect completed"]
        until(
            lambda: self._how()["prefect completed"] > before or not self._acting.is_alive(),
            what="The worker's return to Prefect",
            look=0.2,
        )
        self._away.append((gone_at, datetime.now(UTC)))
        return acts, away

    def _worker(self, *arguments: str) -> None:
        self._workers.append(Child(list(arguments), self._env, self._home / f"worker-{len(self._workers)}.log"))

    def _let_prefect_end_what_we_ended(self) -> None:
        """A run is through for us a moment before Prefect has been told; what it never hears of stays as it is."""
        end = time.monotonic() + _TOLD_SECONDS
        self._remember()
        while time.monotonic() < end and any(state in ("RUNNING", "PENDING") for state in self._states_now()):
            time.sleep(0.2)
            self._remember()

    def _states_now(self) -> list[str]:
        return [state for (state,) in self._server.table("SELECT state_type FROM flow_run")]

    def _remember(self) -> None:
        """What Prefect knows of its runs now; it will forget."""
        rows = self._server.table(
            "SELECT flow_run.id, flow.name, flow_run.state_type FROM flow_run JOIN flow ON flow.id = flow_run.flow_id"
        )
        self._known |= {run_id.replace("-", ""): (name, state) for run_id, name, state in rows}

    # -- people -------------------------------------------------------------------------------------------

    def _act_on(self, refs: list[str]) -> None:
        """One command after the other, until it is enough or every child has had its act."""
        for ref in refs:
            if self._enough.is_set():
                return
            today = datetime.now(UTC).date()
            record = json.dumps(paper(TRIGGER, on=today), default=str)
            began = time.monotonic()
            ended = subprocess.run(
                [sys.executable, "-m", "cli", "trigger", ref, TRIGGER, "--record", "-", "--as", WHO, "--json"],
                cwd=_ROOT,
                env={**os.environ, **self._env},
                input=record,
                capture_output=True,
                text=True,
                check=False,
            )
            self._acted.seconds.append(time.monotonic() - began)
            if ended.returncode:
                self._acted.failures.append(f"{ended.returncode}: {(ended.stdout + ended.stderr)[-300:]}")
            else:
                self._acted.events.append(json.loads(ended.stdout)["event"])

    # -- what is left -------------------------------------------------------------------------------------

    def _all_is_through(self) -> bool:
        with self._world.office.reading() as session:
            unsent = select(Outbox.id).where(Outbox.status.in_(("queued", "sending", "unknown"))).limit(1)
            return follow_up.waiting(session) == 0 and session.scalar(unsent) is None

    def _how(self) -> Counter[str]:
        with self._world.office.reading() as session:
            rows = session.execute(select(Run.how, Run.state).where(Run.follow_up_id.is_not(None))).all()
        return Counter(f"{how} {state}" for how, state in rows)

    def _found(self) -> dict[str, Any]:
        acted = self._acted
        with self._world.office.reading() as session:
            events = set(session.scalars(select(Event.id).where(Event.trigger == TRIGGER)))
            follow_ups = {row.about: row for row in session.scalars(select(FollowUp))}
            runs = list(session.scalars(select(Run).where(Run.follow_up_id.is_not(None))))
            messages = list(session.scalars(select(Outbox)))
            outcomes = Counter(session.scalars(select(Attempt.outcome)))
            broken = verify(session).found
        completed = Counter(run.follow_up_id for run in runs if run.state == "completed")
        by_prefect = [run for run in runs if run.state == "completed" and run.how == "prefect"]
        seen = [self._known.get((run.prefect_run_id or "").replace("-", "")) for run in by_prefect]
        copies = self._peer.copies()
        speaking = {row.event_id for row in messages}
        wrong = {
            "acts_refused": len(acted.failures),
            "acts_lost": len(set(acted.events) - events),
            "acts_not_acknowledged": len(events - set(acted.events)),
            "chain_broken": broken,
            "without_a_completed_run": sum(
                completed[follow_ups[each].id] != 1 if each in follow_ups else 1 for each in events
            ),
            "runs_prefect_does_not_know": sum(
                each is None or each[0] != run.flow for run, each in zip(by_prefect, seen, strict=True)
            ),
            # The run that was ending when Prefect was killed may be finished by us and not by it (design 2).
            "runs_prefect_saw_no_end_of": max(0, sum(each is not None and each[1] != "COMPLETED" for each in seen) - 1),
            "runs_crashed_for_nothing": sum(not self._was_hit(run) for run in runs if run.state == "crashed"),
            "acts_that_told_nobody": len(events - speaking),
            "messages_not_sent": sum(row.status != "sent" for row in messages),
            "messages_lost": sum(copies[row.message_id] == 0 for row in messages),
            "messages_repeated": sum(copies[row.message_id] > 1 for row in messages),
            "messages_of_nobody": len(copies.keys() - {row.message_id for row in messages}),
        }
        return {
            "acts": len(acted.events),
            "slowest_act_seconds": round(max(acted.seconds, default=0.0), 2),
            "runs": dict(self._how()),
            "killed_run": [run.state for run in sorted(runs, key=attrgetter("started_at")) if self._was_killed(run)],
            "messages": len(messages),
            "tries": dict(outcomes),
            **wrong,
            "failures": acted.failures[:10],
            "wrong": {name: number for name, number in wrong.items() if number},
            "failed": not acted.events or any(wrong.values()),
        }

    def _was_hit(self, run: Run) -> bool:
        """Whether something it leant on was away while it was under way."""
        ended = run.finished_at
        return ended is not None and any(run.started_at <= back and ended >= gone for gone, back in self._away)

    def _was_killed(self, run: Run) -> bool:
        """Whether it followed the act through in which the worker was killed."""
        return run.follow_up_id == (self._home / "lingering").read_text()


def _child(world: World, number: int) -> str:
    """A child with a social worker and an IRO, whose opening tells nobody."""
    now = datetime.now(UTC)
    ref: str | None = None
    for trigger, record in (
        ("open_case", {"council_id": f"OUT-{number}", "team": TEAM}),
        ("allocate", {"role": "child's social worker", "person": WHO}),
        ("allocate", {"role": "independent reviewing officer", "person": "oda.iro"}),
    ):
        written = paper(trigger, on=now.date(), **record)
        command = Command(ref=ref, trigger=trigger, happened_on=now.date(), record=written, quiet=True)
        ref = perform(world.office, command, by=world.actor("rowan.tm"), now=now).ref
    assert ref is not None
    return ref


def soak(*, quick: bool, seed: int, minutes: float = 5.0) -> dict[str, Any]:
    """Prefect away for `minutes`, everything else in proportion; `quick` in seconds."""
    lengths = (
        Lengths(prefect=20, smtp=5, between=5, patience=5, children=60)
        if quick
        else Lengths(prefect=60 * minutes, smtp=60, between=30, patience=120, children=600)
    )
    with tempfile.TemporaryDirectory(prefix="sgo-soak-") as folder:
        home = Path(folder) / "home"
        server = PrefectServer(Path(folder) / "server")
        try:
            return run_outage(fresh_sqlite(home), home, server, lengths)
        finally:
            server.kill()
