"""A process that does acts is killed at random, a thousand times: nothing acknowledged is lost, nothing is torn.

`python -m tests.soak.kills URL HOME TIMES SEED` prints `ready` and then the figures as JSON (reliability R1, R2, T3).
It is a process of its own because it forks: the child does acts as fast as it can and acknowledges each through a pipe
when its unit has ended; the parent kills it with -9. Whoever runs this may also crash the database's server meanwhile,
as `soak` does: both wait until it is back.
"""

from __future__ import annotations

import json
import os
import random
import select as polling
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bench.databases import Postgres, fresh_sqlite
from casework.errors import Busy, Refused
from casework.units import NoDatabase, Office, open_office
from persistence.tables import Case, Deadline, Event, FollowUp, Outbox, Record
from persistence.verification import verify
from tests.soak.office import an_office, settings
from tests.world import START, World

T = TypeVar("T")

_ROOT = Path(__file__).parents[2]
CHILDREN = 12
TODAY = START + timedelta(20)
#: The longest a child lives after its first acknowledgement.
_LIFE_SECONDS = 0.15
#: How often it is killed in its first act.
_IN_THE_FIRST = 0.2
_PATIENCE_SECONDS = 120.0

#: What each act leaves, as the process table and the rules say: the deadlines it opens, and whether anybody is told.
LEAVES: dict[str, tuple[frozenset[str], bool]] = {
    "rerate": (frozenset({"rerating"}), True),
    "set_latest_position": (frozenset({"next_step"}), False),
    "list_for_group": (frozenset({"papers"}), True),
    "take_off_agenda": (frozenset(), False),
}


@dataclass
class Figures:
    """What came of it. `events`: what the child left, acknowledged or not."""

    kills: int = 0
    in_the_act: int = 0  # kills that found an act under way
    acknowledged: int = 0
    events: int = 0
    lost: int = 0
    torn: int = 0
    chain_broken: int = 0
    deaths_of_its_own: int = 0  # of the child, because the server went away
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def failed(self) -> bool:
        """Whether anything is not as it must be."""
        return bool(self.lost or self.torn or self.chain_broken or self.failures)

    def as_json(self) -> dict[str, Any]:
        """For the summary."""
        return {**asdict(self), "failures": self.failures[:10], "failed": self.failed}


# -- the child --------------------------------------------------------------------------------------------


def act_until_killed(world: World, refs: list[str], meeting: str, out: int, seed: int) -> None:
    """Do acts on children at random; say before each that it begins, and after each what it left."""
    chance = random.Random(seed)
    while True:
        ref = chance.choice(refs)
        trigger = chance.choice(tuple(LEAVES))
        who, differs = _how(trigger, meeting)
        os.write(out, b"begin\n")
        try:
            result = world.do(trigger, TODAY, who, ref=ref, **differs)
        except Refused:
            os.write(out, b"refused\n")  # on the agenda already, or not on it
            continue
        os.write(out, f"{result.event}\n".encode())


def _how(trigger: str, meeting: str) -> tuple[str, dict[str, Any]]:
    if trigger == "list_for_group":
        return "ash.admin", {"meeting": meeting}
    return ("ash.admin" if trigger == "take_off_agenda" else "rowan.tm"), {}


# -- the parent -------------------------------------------------------------------------------------------


class Killer:
    """Forks, kills, and looks at what is left."""

    def __init__(self, url: str, home: Path, *, seed: int) -> None:
        self._url, self._home = url, home
        self._chance = random.Random(seed)
        self._seen: set[str] = set()
        self._acknowledged: set[str] = set()
        self.figures = Figures()
        with an_office(url, home) as world:
            self._ids = world.ids
            self._refs = [world.child_at("RATED") for _ in range(CHILDREN)]
            self._meeting = world.meeting(TODAY + timedelta(30))
            with world.office.reading() as session:
                self._seen = set(session.scalars(select(Event.id)))

    def run(self, times: int) -> Figures:
        """Kill so many times; the figures."""
        started = time.monotonic()
        for _ in range(times):
            self._one_life()
            self._when_up(self._look)
        self._when_up(self._look_at_the_chain)
        self.figures.seconds = round(time.monotonic() - started, 1)
        return self.figures

    def _one_life(self) -> None:
        read, write = os.pipe()
        seed = self._chance.getrandbits(32)
        child = os.fork()
        if child == 0:
            os.close(read)
            self._live(write, seed)
        os.close(write)
        # Most lives end some time after an act has been acknowledged; some in the very first one.
        said = _heard(read, "begin" if self._chance.random() < _IN_THE_FIRST else None)
        time.sleep(self._chance.uniform(0, _LIFE_SECONDS))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        with os.fdopen(read) as pipe:
            said = (said + pipe.read()).splitlines()
        if os.WIFSIGNALED(status):
            self.figures.kills += 1
            self.figures.in_the_act += bool(said) and said[-1] == "begin"
        else:
            self.figures.deaths_of_its_own += 1
        self._acknowledged |= {line for line in said if len(line) == 32}
        self.figures.acknowledged = len(self._acknowledged)

    def _live(self, out: int, seed: int) -> None:
        """Never comes back."""
        status = 3
        try:
            with self._open() as office:
                act_until_killed(World(office, self._ids), self._refs, self._meeting, out, seed)
        except (DBAPIError, Busy, NoDatabase):
            status = 1  # the server is gone: so are we, and nothing was acknowledged for it
        except BaseException as error:  # noqa: BLE001 - the parent is to read it
            os.write(out, f"failed {type(error).__name__} {error}"[:300].encode())
        finally:
            os._exit(status)

    def _open(self) -> Office:
        return open_office(settings(self._url, self._home))

    def _when_up(self, look: Callable[[Session], T]) -> T:
        end = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                with self._open() as office, office.reading() as session:
                    _until_nobody_else_is_there(session)
                    return look(session)
            except (DBAPIError, NoDatabase):
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    # -- what is left -------------------------------------------------------------------------------------

    def _look(self, session: Session) -> None:
        """Everything that is new since the last kill, and that nothing acknowledged has gone."""
        there = set(session.scalars(select(Event.id)))
        lost = self._acknowledged - there
        self.figures.lost = len(lost)
        for event_id in there - self._seen:
            self._look_at(session, event_id)
        self._seen |= there
        for table, column in ((Record, Record.event_id), (Deadline, Deadline.opened_by_event)):
            strays = session.scalar(select(func.count()).select_from(table).where(column.not_in(select(Event.id))))
            self.figures.torn += bool(strays)
        heads = session.execute(
            select(Case.ref).where(
                Case.last_seq != select(func.max(Event.seq)).where(Event.case_id == Case.id).scalar_subquery()
            )
        ).all()
        self.figures.torn += len(heads)

    def _look_at(self, session: Session, event_id: str) -> None:
        """One new event: its record, its deadlines, its follow-up, its mail are all there."""
        self.figures.events += 1
        event = session.get_one(Event, event_id)
        opens, tells = LEAVES[event.trigger]
        opened = set(session.scalars(select(Deadline.name).where(Deadline.opened_by_event == event_id)))
        records = session.scalars(select(Record.content_hash).where(Record.event_id == event_id)).all()
        mails = session.scalars(select(Outbox.follow_up_id).where(Outbox.event_id == event_id)).all()
        follow_ups = session.scalars(select(FollowUp.id).where(FollowUp.about == event_id)).all()
        whole = (
            opened == opens
            and list(records) == [event.record_hash]
            and bool(mails) == tells
            and (set(mails) == set(follow_ups) if tells else True)
        )
        if not whole:
            self.figures.torn += 1
            self.figures.failures.append(f"{event.trigger} {event_id}: {opened}, {len(mails)} mails")

    def _look_at_the_chain(self, session: Session) -> None:
        self.figures.chain_broken = verify(session).found


def _heard(pipe: int, word: str | None) -> str:
    """What the child says up to a word, or (None) its first acknowledgement; or up to its end."""
    said = ""
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        if not polling.select([pipe], [], [], 1.0)[0]:
            continue
        some = os.read(pipe, 4096).decode()
        said += some
        if not some or any(line == word or (word is None and len(line) == 32) for line in said.splitlines()):
            break
    return said


def _until_nobody_else_is_there(session: Session) -> None:
    """PostgreSQL notices a killed client a moment later: a commit that was under way may still end."""
    if session.get_bind().dialect.name != "postgresql":
        return
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend'"
    )
    end = time.monotonic() + _PATIENCE_SECONDS
    while session.scalar(others):
        if time.monotonic() > end:
            raise RuntimeError("a connection of the killed process is still there")
        session.rollback()  # this unit sees one moment only: a new one
        time.sleep(0.005)
    session.rollback()


def run_kills(
    url: str, home: Path, *, times: int, seed: int, meanwhile: Callable[[], None] | None = None
) -> dict[str, Any]:
    """Kill in a process of its own; `meanwhile` is called over and over until it is through."""
    arguments = [sys.executable, "-m", "tests.soak.kills", url, str(home), str(times), str(seed)]
    with subprocess.Popen(arguments, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as killer:
        assert killer.stdout is not None
        assert killer.stdout.readline() == "ready\n", "the killer could not be set up"
        while meanwhile is not None and killer.poll() is None:
            meanwhile()
        said = killer.stdout.read()
    if killer.returncode:
        raise RuntimeError(f"the killer ended with {killer.returncode}")
    figures: dict[str, Any] = json.loads(said)
    return figures


def soak(*, quick: bool, seed: int) -> dict[str, Any]:
    """A thousand kills on each database; on PostgreSQL the server crashes now and then, too."""
    times = 30 if quick else 1000
    with tempfile.TemporaryDirectory(prefix="sgo-soak-") as folder, Postgres.started() as postgres:
        home = Path(folder)
        chance = random.Random(seed)
        crashes = 0

        def crash() -> None:
            nonlocal crashes
            time.sleep(chance.uniform(2, 5) if quick else chance.uniform(10, 60))
            postgres.crash()
            crashes += 1

        sqlite = run_kills(fresh_sqlite(home / "sqlite"), home / "sqlite", times=times, seed=seed)
        postgresql = run_kills(
            postgres.fresh("soak_kills"), home / "postgresql", times=times, seed=seed, meanwhile=crash
        )
    postgresql["crashes_of_the_server"] = crashes
    return {"sqlite": sqlite, "postgresql": postgresql, "failed": sqlite["failed"] or postgresql["failed"]}


if __name__ == "__main__":
    address, where, kills, chance = sys.argv[1:5]
    killer = Killer(address, Path(where), seed=int(chance))
    print("ready", flush=True)
    print(json.dumps(killer.run(int(kills)).as_json()))
