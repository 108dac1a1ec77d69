"""`python -m bench follow-through`: from an act's commit to its mail at a real SMTP server (design 8).

What is measured is the installation people run: `sgo up` with Prefect's server and the worker as processes of their
own (`bench/installation.py`). The act is `flag_safeguarding`, whose notice goes at once to three people and
waits for no cap. The clock starts when the act's unit has ended, and stops when the server has stored the message.

- `single`: one act after the other, each when the one before is through, after a pause at random. `first_mail` and
  `last_mail` are the act's first and last message.
- `burst`: many acts as fast as they can be done, while the worker is at work. `seconds` runs from the first commit
  until every message is stored and every run is closed.

On both databases, with children who have just joined; `--children N` instead: on children of the invented county with
three years of history each, of which there are N (`bench.county`). `--database NAME`: only on that one. `how` counts
the runs by the way they were carried out: all `prefect`, or the figures say nothing about Prefect. Goals
(design 8): single acts p50 0.5 s and p95 1 s; 200 acts drained within 90 s on SQLite.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update

from bench.county import multiply
from bench.databases import DATABASES, Postgres, fresh_sqlite
from bench.facts import machine, spread
from bench.history import County, furnish
from bench.installation import a_mail_server, until, up
from casework.acting.commands import Command, Result
from casework.doing import perform
from casework.following import follow_up
from casework.settings import Settings
from casework.units import open_office
from demo.county import build_county
from demo.papers import paper
from demo.population import COUNTY
from demo.run import POLICY, policy_text
from persistence.tables import Outbox, Run
from states.stages import S
from tests.smtp_server import SmtpPeer

TRIGGER, WHO = "flag_safeguarding", "sol.sw"
#: The worker looks ten times a second: acts that come at random times meet it at any moment of that.
_PAUSE_SECONDS = 0.3

_numbers = count(200_001)


def run(*, quick: bool, children: int | None = None, database: Sequence[str] = DATABASES) -> dict[str, Any]:
    """The figures on these databases; `children`: on a county of so many."""
    acts_of = (5, 10) if quick else (100, 200)
    figures: dict[str, Any] = {"bench": "follow-through", "children": children, "machine": machine()}
    with tempfile.TemporaryDirectory(prefix="sgo-bench-") as folder:
        if "sqlite" in database:
            home = Path(folder) / "sqlite"
            figures["sqlite"] = _measure("sqlite", fresh_sqlite(home), home, acts_of=acts_of, size=children)
        if "postgresql" in database:
            with Postgres.started() as postgres:
                home = Path(folder) / "postgresql"
                home.mkdir()
                url = postgres.fresh("bench_follow_through")
                figures["machine"]["postgresql"] = postgres.version()
                figures["postgresql"] = _measure("postgresql", url, home, acts_of=acts_of, size=children)
    return figures


def _measure(name: str, url: str, home: Path, *, acts_of: tuple[int, int], size: int | None) -> dict[str, Any]:
    single, burst = acts_of
    wanted = single + burst + 1
    if size is None:
        county = furnish(url, home, now=_now())
        workers: dict[str, str] = {}
    else:
        _say(f"{name}: a county of {size:,} children")
        county, workers = _invented(url, home, size, wanted)
    with county.office, a_mail_server(home) as (peer, mail):
        _say(f"{name}: {wanted} children")
        children = list(workers) or [_child(county) for _ in range(wanted)]
        _say(f"{name}: starting the installation")
        with up(home, {"DATABASE_URL": url, **mail}):
            acts = _Acts(county, peer, workers)
            acts.one(children[0])  # the first run of all makes flow, connections and caches
            _say(f"{name}: {single} acts one by one")
            alone = [acts.one(child) for child in children[1 : single + 1]]
            _say(f"{name}: {burst} acts in a burst")
            together = acts.many(children[single + 1 :])
            how = _how(county)
    return {
        "single": {
            "first_mail": spread([first for first, _ in alone]),
            "last_mail": spread([last for _, last in alone]),
        },
        "burst": together,
        "how": how,
    }


@dataclass
class _Acts:
    """Does acts, and says when their messages were stored."""

    county: County
    peer: SmtpPeer
    workers: Mapping[str, str]  # by child, where it is not the one of whoever has just joined

    def one(self, child: str) -> tuple[float, float]:
        """One act alone: seconds from its commit to its first and to its last message."""
        time.sleep(random.uniform(0, _PAUSE_SECONDS))
        result, committed = self._act(child)
        until(lambda: len(self.peer.stored_at) >= self._messages(), what="The mail of one act")
        stored = self._stored(result)
        until(self._all_closed, what="The end of its run")
        return stored[0] - committed, stored[-1] - committed

    def many(self, children: list[str]) -> dict[str, Any]:
        """Many acts at once."""
        start = time.perf_counter()
        done = [self._act(child) for child in children]
        committing = time.perf_counter() - start
        until(lambda: len(self.peer.stored_at) >= self._messages(), what="The mail of the burst", look=0.05)
        accepted = time.perf_counter() - start
        until(self._all_closed, what="The end of every run", look=0.05)
        seconds = time.perf_counter() - start
        waits = [self._stored(result)[-1] - committed for result, committed in done]
        return {
            "acts": len(done),
            "mails": sum(len(self._stored(result)) for result, _ in done),
            "seconds_committing": round(committing, 2),
            "seconds_to_the_last_mail": round(accepted, 2),
            "seconds": round(seconds, 2),
            "last_mail": spread(waits),
        }

    def _act(self, child: str) -> tuple[Result, float]:
        now = _now()
        command = Command(ref=child, trigger=TRIGGER, happened_on=now.date(), record=paper(TRIGGER, on=now.date()))
        result = perform(self.county.office, command, by=self.county.actor(self.workers.get(child, WHO)), now=now)
        return result, time.perf_counter()

    def _messages(self) -> int:
        with self.county.office.reading() as session:
            return session.scalar(select(func.count()).where(Outbox.follow_up_id.is_not(None))) or 0

    def _stored(self, result: Result) -> list[float]:
        """When an act's messages were stored, in order."""
        with self.county.office.reading() as session:
            ids = set(session.scalars(select(Outbox.message_id).where(Outbox.follow_up_id == result.follow_up)))
        mails = list(zip(self.peer.stored, self.peer.stored_at, strict=False))
        stored = sorted(at for mail, at in mails if mail["Message-ID"] in ids)
        assert len(stored) == len(ids) > 0, "a message is missing, or came twice"
        return stored

    def _all_closed(self) -> bool:
        with self.county.office.reading() as session:
            return follow_up.waiting(session) == 0


def _invented(url: str, home: Path, size: int, wanted: int) -> tuple[County, dict[str, str]]:
    """The invented county of so many, and of `wanted` of its children the worker. What its nights left unsaid stays so.

    Raises ValueError where the county has too few open children.
    """
    office = open_office(Settings(home=home, database_url=url), checkpoints=True)
    there = build_county(office, policy_text(), policy_name=POLICY, now=_now(), children=min(size, COUNTY))
    multiply(office, size)
    refs = [ref for state, found in there.cases.items() if state is not S.ENDED for ref in found]
    workers = {ref: there.teams[ref].worker for ref in refs if there.teams[ref].leaves is None}
    if len(workers) < wanted:
        raise ValueError(f"a county of {size} has {len(workers)} children to act on; {wanted} are needed")
    with office.unit_of_work() as session:
        session.execute(update(Outbox).values(status="suppressed", reason="from before the benchmark"))
    return County(office, dict(there.staff)), dict(list(workers.items())[:wanted])


def _child(county: County) -> str:
    """A child with a social worker, an IRO and a supervising worker, whose opening tells nobody."""
    ref: str | None = None
    now = _now()
    for trigger, record in (
        ("open_case", {"council_id": str(next(_numbers)), "team": "Children in Care North"}),
        ("allocate", {"role": "child's social worker", "person": "sol.sw"}),
        ("allocate", {"role": "independent reviewing officer", "person": "oda.iro"}),
    ):
        command = county.command(ref, trigger, now.date(), quiet=True, **record)
        ref = perform(county.office, command, by=county.actor("rowan.tm"), now=now).ref
    assert ref is not None
    return ref


def _how(county: County) -> dict[str, int]:
    """How many runs were carried out which way, and how they ended."""
    with county.office.reading() as session:
        found = session.execute(select(Run.how, Run.state).where(Run.follow_up_id.is_not(None))).all()
    return dict(Counter(f"{how} {state}" for how, state in found))


def _now() -> datetime:
    return datetime.now(UTC)


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
