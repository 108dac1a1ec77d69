"""Two processes decide the same thing in the same instant: one wins, the other is told (reliability R4, T5).

Five kinds of race, in turn:
- `first rating`: two Team Managers rate one child, green and red;
- `group`: two chairs decide on one child of the agenda, to progress and to come back later;
- `same form`: two people send a form for the same version of the case;
- `signature`: two Heads of Service decide on one funding request: one agrees, the other refuses, agrees to
  another amount, or returns it with questions;
- `same key`: one person's form arrives twice under one idempotency key (reliability R7).

Each child is raced over once. What counts is what the database holds afterwards, not what the processes say.
"""

from __future__ import annotations

import multiprocessing
import random
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bench.databases import Postgres, fresh_sqlite
from casework.errors import CaseworkError, Conflict, Refused
from casework.units import open_office
from persistence.tables import Case, Event, FollowUp, Outbox, Record
from persistence.verification import verify
from tests.money import Money, with_money
from tests.soak.office import SECOND_CHAIR, SECOND_MANAGER, an_office, settings
from tests.world import CAME, START, TEAM, World

RATING, GROUP, FORM, KEY, MONEY = ("first rating", "group", "same form", "same key", "signature")
#: Raced on in this order.
DATABASES = ("sqlite", "postgresql")
#: The day on which everything is decided.
TODAY = START + timedelta(17)
#: How far apart the two may start, at most: not always in the very same instant.
_JITTER_SECONDS = 0.003
_PATIENCE_SECONDS = 120.0
#: What the second Head of Service does to a request that the first agrees to.
AGAINST: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("head_of_service_refuses", "hugo.hos", {}),
    ("head_of_service_approves", "hugo.hos", {"amount": "900.00"}),
    ("head_of_service_returns", "hugo.hos", {}),
)


@dataclass(frozen=True)
class Race:
    """One child to decide on, and how."""

    kind: str
    ref: str
    version: int
    seq: int
    mark: str = ""  # of a request: what whoever signs has seen
    seq_of_kind: int = 0  # the how manieth of its kind


@dataclass(frozen=True)
class Finish:
    """How one process came out of one race."""

    outcome: str  # done | refused | conflict | failed: and what
    event: str | None
    words: str
    began: float
    ended: float


@dataclass
class Figures:
    """What came of it. `double`: more than one decision. `untold`: the loser got no words."""

    races: int = 0
    contested: int = 0  # in which both were at it in the same moment
    double: int = 0
    undecided: int = 0
    untold: int = 0
    torn: int = 0
    chain_broken: int = 0
    losers: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def failed(self) -> bool:
        """Whether anything is not as it must be."""
        return bool(self.double or self.undecided or self.untold or self.torn or self.chain_broken or self.failures)

    def as_json(self) -> dict[str, Any]:
        """For the summary."""
        return {**asdict(self), "losers": dict(self.losers), "failures": self.failures[:10], "failed": self.failed}


def run_races(url: str, home: Path, *, races: int, seed: int, only: str | None = None) -> Figures:
    """Race on an empty, migrated database, in every kind or `only` in one; the figures."""
    started = time.monotonic()
    with an_office(url, home) as world:
        # One in ten is over the group's decision, which takes many acts to prepare, and one in ten over a signature.
        money = with_money(world)
        kinds = [only or {0: GROUP, 5: MONEY}.get(n % 10, (RATING, FORM, KEY)[n % 3]) for n in range(races)]
        meeting = world.meeting(TODAY)
        world.attend(meeting, TODAY)
        courses = [
            _to_sign(money, n) if kind == MONEY else _prepared(world, kind, meeting) for n, kind in enumerate(kinds)
        ]
        ids = world.ids
    finishes = _run(url, home, courses, ids, seed)
    figures = _judged(url, home, courses, finishes)
    figures.seconds = round(time.monotonic() - started, 1)
    return figures


def _prepared(world: World, kind: str, meeting: str) -> Race:
    if kind == GROUP:
        ref = world.child_at("RATED")
        world.do("list_for_group", START + timedelta(4), "ash.admin", ref=ref, meeting=meeting)
        world.do("file_papers", TODAY - timedelta(9), "rowan.tm", ref=ref)
        for person, service in CAME:
            world.do("add_view", TODAY, person, ref=ref, voice=service.value, view="The placement is settled.")
    else:
        number = f"R{len(world.results)}"
        ref = world.do("open_case", START, "rowan.tm", council_id=number, team=TEAM).ref
        if kind == FORM:
            world.do("rate", START + timedelta(3), "rowan.tm", ref=ref)
    with world.office.reading() as session:
        case = session.execute(select(Case.version, Case.last_seq).where(Case.ref == ref)).one()
    return Race(kind=kind, ref=ref, version=case.version, seq=case.last_seq)


def _to_sign(money: Money, number: int) -> Race:
    """A request of a child outside the pathway, on the desk of the Heads of Service (practice PT-1, PM-4)."""
    world = money.world
    child = world.do("open_case", START, "rowan.tm", council_id=f"M{len(world.results)}", team=TEAM).ref
    world.do("mark_not_applicable", START, "rowan.tm", ref=child)
    ref = money.submitted(child, "legal_costs", TODAY, who="tam.sgo", household=f"HH-{child}")
    seen = money.seen(ref, TODAY)
    with world.office.reading() as session:
        seq = session.execute(select(Case.last_seq).where(Case.ref == ref)).scalar_one()
    return Race(kind=MONEY, ref=ref, version=seen.version, seq=seq, mark=seen.mark, seq_of_kind=number)


# -- two processes ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Course:
    """What one of the two runs."""

    url: str
    home: Path
    ids: dict[str, str]
    races: list[Race]
    side: int
    seed: int


def _run(url: str, home: Path, races: list[Race], ids: dict[str, str], seed: int) -> list[list[Finish]]:
    """The finishes of both processes, race by race."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    runners, pipes = [], []
    for side in (0, 1):
        ours, theirs = context.Pipe(duplex=False)
        course = _Course(url=url, home=home, ids=ids, races=races, side=side, seed=seed)
        runner = context.Process(target=_race, args=(course, barrier, theirs), daemon=True)
        runner.start()
        theirs.close()
        runners.append(runner)
        pipes.append(ours)
    finishes = [pipe.recv() for pipe in pipes]
    for runner in runners:
        runner.join(_PATIENCE_SECONDS)
    return finishes


def _race(course: _Course, barrier: Barrier, answers: Connection) -> None:
    chance = random.Random(course.seed * 2 + course.side)
    finishes = []
    with open_office(settings(course.url, course.home)) as office:
        world = World(office, course.ids)
        for race in course.races:
            barrier.wait(_PATIENCE_SECONDS)
            time.sleep(chance.choice((0.0, chance.uniform(0, _JITTER_SECONDS))))
            finishes.append(_decide(world, race, course.side))
    answers.send(finishes)
    answers.close()


def _decide(world: World, race: Race, side: int) -> Finish:
    began = time.monotonic()
    outcome, event, words = "", None, ""
    try:
        event = _act(world, race, side)
        outcome = "done"
    except Refused as refused:
        outcome, words = "refused", "; ".join(unmet.reason for unmet in refused.reasons)
    except Conflict as conflict:
        outcome, words = "conflict", str(conflict)
    except CaseworkError as error:
        outcome, words = f"failed: {type(error).__name__}", str(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, the summary says it
        outcome, words = f"failed: {type(error).__name__}", str(error)
    return Finish(outcome=outcome, event=event, words=words, began=began, ended=time.monotonic())


def _act(world: World, race: Race, side: int) -> str:
    manager = ("rowan.tm", SECOND_MANAGER)[side]
    colour = {"colour": ("GREEN", "RED")[side]}
    if race.kind == GROUP:
        trigger, chair = (("group_progresses", "wren.chair"), ("group_defers", SECOND_CHAIR))[side]
        return world.do(trigger, TODAY, chair, ref=race.ref).event
    if race.kind == MONEY:
        other = AGAINST[race.seq_of_kind % len(AGAINST)]
        trigger, who, given = (("head_of_service_approves", "hana.hos", {"amount": "950.00"}), other)[side]
        shown = {} if trigger.endswith("_returns") else {"shown": race.mark}
        return world.do(trigger, TODAY, who, ref=race.ref, **shown, **given).event
    if race.kind == KEY:
        return world.do("rate", TODAY, "rowan.tm", ref=race.ref, key=f"form-{race.ref}").event
    if race.kind == FORM:
        return world.do("rerate", TODAY, manager, ref=race.ref, version=race.version, **colour).event
    return world.do("rate", TODAY, manager, ref=race.ref, **colour).event


# -- what the database holds ------------------------------------------------------------------------------


def _judged(url: str, home: Path, races: list[Race], finishes: list[list[Finish]]) -> Figures:
    figures = Figures(races=len(races))
    with open_office(settings(url, home)) as office, office.reading() as session:
        figures.chain_broken = verify(session).found
        for race, *both in zip(races, *finishes, strict=True):
            _judge_one(figures, race, both)
            decided = session.execute(
                select(Event.id, Event.to_state, Event.seq, Event.hash)
                .join(Case, Case.id == Event.case_id)
                .where(Case.ref == race.ref, Event.seq > race.seq)
                .order_by(Event.seq)
            ).all()
            figures.double += len(decided) > 1
            figures.undecided += not decided
            said = {one.event for one in both if one.outcome == "done"}
            if {row.id for row in decided} != said:
                figures.failures.append(f"{race.ref} ({race.kind}): {said} was said, {decided} is there")
            for row in decided:
                figures.torn += not _is_whole(session, race.ref, row)
    return figures


def _judge_one(figures: Figures, race: Race, both: list[Finish]) -> None:
    first, second = both
    figures.contested += first.began < second.ended and second.began < first.ended
    for one in both:
        if one.outcome.startswith("failed"):
            figures.failures.append(f"{race.ref} ({race.kind}): {one.outcome}: {one.words[:200]}")
    winners = [one for one in both if one.outcome == "done"]
    if race.kind == KEY:
        figures.losers["the same answer"] += len(winners) == 2
        return
    for loser in both:
        if loser not in winners:
            figures.losers[loser.outcome] += 1
            figures.untold += len(loser.words.split()) < 5


def _is_whole(session: Any, ref: str, event: Any) -> bool:
    """Whether everything of the decision is there, once: case row, record, follow-up, and mail for it alone."""
    case = session.execute(select(Case.id, Case.state, Case.last_seq, Case.head_hash).where(Case.ref == ref)).one()
    counts = [
        session.scalar(select(func.count()).select_from(table).where(condition))
        for table, condition in ((Record, Record.event_id == event.id), (FollowUp, FollowUp.about == event.id))
    ]
    mails = session.scalar(select(func.count()).select_from(Outbox).where(Outbox.event_id == event.id))
    at_its_end = (case.state, case.last_seq, case.head_hash) == (event.to_state, event.seq, event.hash)
    return at_its_end and counts == [1, 1] and mails > 0


def soak(*, quick: bool, seed: int, on: str | None = None, only: str | None = None) -> dict[str, Any]:
    """Two thousand races on each database, or `on` one: of every kind, or `only` of one."""
    races = 60 if quick else 2000
    found: dict[str, Figures] = {}
    with tempfile.TemporaryDirectory(prefix="sgo-soak-") as folder, Postgres.started() as postgres:
        home = Path(folder)
        for name in DATABASES if on is None else (on,):
            address = fresh_sqlite(home / name) if name == "sqlite" else postgres.fresh("soak_races")
            found[name] = run_races(address, home / name, races=races, seed=seed, only=only)
    return {
        **{name: figures.as_json() for name, figures in found.items()},
        "failed": any(figures.failed for figures in found.values()),
    }
