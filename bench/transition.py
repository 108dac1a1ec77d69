"""`python -m bench transition`: one whole transition, against the same rows in hand-written SQL, and against DBOS.

What is measured is `casework.acting.acts.act` in a unit of work of its own, as every entry point does it: access,
version, record, guards, new state, chained event, deadlines, milestones, follow-up and outbox rows, commit. The child
has twenty years of history (`bench/history.py`). Three steps one after the other: `proceed_to_kdd` (1 deadline, mail to
one post), `kdd_sgo_appropriate` (2 deadlines opened, 2 met, a long record, mail to eight people),
`roa_ratifies` (4 deadlines).

Yardsticks, on the same database, turn by turn, the first two on a twin with the same history:
- `by_hand`: lock the case, write exactly the rows the act wrote, commit; through the bare driver, statements
  prepared, rows and hashes made before the clock starts (`bench/by_hand.py`). It looks at nothing and judges nothing.
- `by_hand_reading`: the same, and also reads in hand-written SQL what an act must look at before it may write.
- `dbos`: a three-step DBOS workflow on the same PostgreSQL, right after (`bench/dbos_side.py`).

Durability is the same on all sides: SQLite in WAL with synchronous FULL, PostgreSQL with fsync and
synchronous_commit on. `ratio` is the medians' quotient, by hand over ours: 1 would be as fast. Goals (design 8):
0.25 on SQLite, 0.40 on PostgreSQL; three times as fast as DBOS.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from bench import dbos_side
from bench.by_hand import ByHand, PostgresDriver, SqliteDriver
from bench.databases import FILE, Postgres, fresh_sqlite
from bench.facts import machine, spread
from bench.history import READY, County, at, furnish
from casework.acting import acts
from casework.acting.commands import Result

#: (trigger, who, days after the child is ready), in order; the second is an act that sets the meeting's date.
STEPS = (
    ("proceed_to_kdd", "ida.saw", 0),
    ("schedule_kdd", "ida.saw", 1),
    ("kdd_sgo_appropriate", "quin.kdd", 11),
    ("roa_ratifies", "oda.iro", 21),
)
MEASURED = ("proceed_to_kdd", "kdd_sgo_appropriate", "roa_ratifies")
WARM_UP = 5


def run(*, quick: bool) -> dict[str, Any]:
    """The figures on both databases."""
    children = 12 if quick else 150
    with tempfile.TemporaryDirectory(prefix="sgo-bench-") as folder, Postgres.started() as postgres:
        home = Path(folder)
        sqlite = _measure(fresh_sqlite(home), home, lambda: SqliteDriver(str(home / FILE)), children)
        address = postgres.fresh("bench_transition")
        plain = postgres.plain("bench_transition")
        postgresql = _measure(address, home / "pg", lambda: PostgresDriver(plain), children)
        ours_ms = postgresql["all"]["ours_per_transition_ms"]
        return {
            "bench": "transition",
            "machine": {**machine(), "postgresql": postgres.version()},
            "sqlite": sqlite,
            "postgresql": postgresql,
            "dbos": dbos_side.compare(postgres, ours_ms=ours_ms, quick=quick),
        }


def _measure(
    url: str, home: Path, driver: Callable[[], SqliteDriver | PostgresDriver], children: int
) -> dict[str, Any]:
    county = furnish(url, home)
    families = []
    for _ in range(children + WARM_UP):
        with county.office.unit_of_work() as session:
            families.append([county.child(session) for _ in range(3)])
    hand = ByHand(driver())
    times: dict[str, dict[str, list[float]]] = {t: {"ours": [], "by_hand": [], "by_hand_reading": []} for t in MEASURED}
    for number, (ours, twin, reading) in enumerate(families):
        for trigger, who, day in STEPS:
            seconds, result = _act(county, ours, trigger, who, READY + timedelta(day))
            if trigger not in MEASURED:  # prepares the next one, for everybody
                for other in (twin, reading):
                    _act(county, other, trigger, who, READY + timedelta(day))
                continue
            written, read = hand.made_over(result.event, twin), hand.made_over(result.event, reading)
            by_hand = _clocked(lambda w=written: hand.write(w))
            by_hand_reading = _clocked(lambda r=read: hand.read_and_write(r))
            if number >= WARM_UP:
                for side, took in (("ours", seconds), ("by_hand", by_hand), ("by_hand_reading", by_hand_reading)):
                    times[trigger][side].append(took)
        for other in (twin, reading):
            assert hand.twins(ours, other), "the yardstick has not written the same rows"
    county.office.close()
    return {**{t: _compared(sides) for t, sides in times.items()}, "all": _all(times)}


def _act(county: County, ref: str, trigger: str, who: str, on: date) -> tuple[float, Result]:
    command = county.command(ref, trigger, on, **_differs(trigger))
    by, now = county.actor(who), at(on)
    start = time.perf_counter()
    with county.office.unit_of_work() as session:
        result = acts.act(session, command, by=by, now=now)
    return time.perf_counter() - start, result


def _differs(trigger: str) -> dict[str, Any]:
    if trigger == "schedule_kdd":
        return {"chair": "quin.kdd", "legal_adviser": "lex.legal"}
    return {"legal_adviser": "lex.legal"} if trigger == "kdd_sgo_appropriate" else {}


def _clocked(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _compared(sides: dict[str, list[float]]) -> dict[str, Any]:
    return {
        **{side: spread(seconds) for side, seconds in sides.items()},
        "ratio": round(median(sides["by_hand"]) / median(sides["ours"]), 3),
        "ratio_reading": round(median(sides["by_hand_reading"]) / median(sides["ours"]), 3),
    }


def _all(times: dict[str, dict[str, list[float]]]) -> dict[str, Any]:
    """The three steps together: the sum of the medians."""
    total = {side: sum(median(times[t][side]) for t in MEASURED) for side in ("ours", "by_hand", "by_hand_reading")}
    return {
        **{f"{side}_ms": round(seconds * 1000, 3) for side, seconds in total.items()},
        "ours_per_transition_ms": round(total["ours"] * 1000 / len(MEASURED), 3),
        "ratio": round(total["by_hand"] / total["ours"], 3),
        "ratio_reading": round(total["by_hand_reading"] / total["ours"], 3),
    }
