"""The night over open cases with twenty years of history each, beside a plain scan of the same rows (design 8).

`python -m bench overnight` builds 10,000 cases and then 100,000 on each database (`--children N`: only so many;
`--database NAME`: only on that one), runs two nights at each size and measures the second: a steady-state one, which
finds again what stands. The yardstick is a full scan of the case, deadline and milestone tables by the same driver,
in the same kind of process. Time is the check's own, from the list of open cases to the closed line in the ledger;
memory is the highest the process ever held, imports included. How far it has come goes to standard error.

`python -m bench.overnight night|scan URL HOME [DATE]` is one measurement, in a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bench.caseload import fill
from bench.databases import DATABASES, Postgres, fresh_sqlite
from bench.facts import machine, peak_mb
from bench.history import READY, furnish
from casework.overnight.night import run_night
from casework.settings import Settings
from casework.units import open_office
from persistence.tables import Case, Deadline, Milestone

SIZES, QUICK = (10_000, 100_000), (400, 1_600)
NIGHTS = 2
GOALS = {"times_the_scan": 3.0, "peak_mb": 300.0}
#: What of an hour-long build the clock may not count: the measured night is this many days after the first.
_FIRST_NIGHT = READY + timedelta(days=1)


def run(
    *, quick: bool, children: int | None = None, database: Sequence[str] = DATABASES
) -> dict[str, Any]:
    """Two sizes, or the one given, on these databases."""
    sizes = (children,) if children is not None else QUICK if quick else SIZES
    with tempfile.TemporaryDirectory(prefix="sgo-overnight-") as folder:
        found = {
            name: _on(name, url, Path(folder) / name, sizes) for name, url in _databases(Path(folder), database)
        }
    return {"overnight": found, "goals": GOALS, "machine": machine(), "quick": quick}


@contextmanager
def _postgres() -> Iterator[str]:
    with Postgres.started() as server:
        yield server.fresh("overnight")


def _databases(folder: Path, wanted: Sequence[str]) -> Iterator[tuple[str, str]]:
    if "sqlite" in wanted:
        yield "sqlite", fresh_sqlite(folder / "data")
    if "postgresql" in wanted:
        with _postgres() as url:
            yield "postgresql", url


def _on(name: str, url: str, home: Path, sizes: tuple[int, ...]) -> dict[str, Any]:
    county = furnish(url, home)
    figures: dict[str, Any] = {}
    night, there = _FIRST_NIGHT, 0
    for size in sizes:
        began = time.monotonic()
        there = fill(county, size, there=there, on_progress=partial(_say_built, name, size, began))
        built = time.monotonic() - began
        for number in range(NIGHTS):  # the last one is the steady one
            _say(f"{name}: {size:,} cases, night {number + 1} of {NIGHTS}")
            measured = _measure("night", url, home, night)
            night += timedelta(days=1)
        _say(f"{name}: {size:,} cases, the scan")
        scan = _measure("scan", url, home, night)
        figures[str(size)] = {
            "night": measured,
            "scan": scan,
            "times_the_scan": round(measured["seconds"] / scan["seconds"], 2),
            "us_per_case": round(measured["seconds"] / size * 1e6, 1),
            "built_in_seconds": round(built, 1),
        }
        _say(f"{name}: {size:,} cases: {json.dumps(figures[str(size)])}")  # what is known is kept
    county.office.close()
    if len(sizes) == 1:
        return figures
    small, large = (figures[str(size)] for size in (sizes[0], sizes[-1]))
    figures["times_longer"] = round(large["night"]["seconds"] / small["night"]["seconds"], 2)
    figures["times_larger"] = sizes[-1] / sizes[0]
    figures["mb_more"] = round(large["night"]["peak_mb"] - small["night"]["peak_mb"], 1)
    return figures


def _say_built(name: str, size: int, began: float, there: int) -> None:
    _say(f"{name}: {there:,} of {size:,} cases built in {time.monotonic() - began:.0f} s")


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _measure(what: str, url: str, home: Path, night: date) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.overnight", what, url, str(home), night.isoformat()]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _night(url: str, home: Path, on: date) -> dict[str, Any]:
    now = datetime(on.year, on.month, on.day, 3, tzinfo=UTC)
    with open_office(Settings(home=home, database_url=url)) as office:
        began = time.monotonic()
        report = run_night(office, business_date=on, replay=False, now=now)
        seconds = time.monotonic() - began
    if report.skipped or report.expected != report.examined:
        raise AssertionError(f"{report.skipped} cases could not be checked: this night is no measure.")
    standing = {rule: number for rule, number in report.findings.items() if number}
    return {"seconds": seconds, "examined": report.examined, "standing": standing, "new": report.new}


def _scan(url: str, home: Path) -> dict[str, Any]:
    rows = 0
    with open_office(Settings(home=home, database_url=url)) as office, office.reading() as session:
        began = time.monotonic()
        for table in (Case, Deadline, Milestone):
            found = session.connection().execution_options(yield_per=1_000).execute(select(table.__table__))
            rows += sum(1 for _ in found)
        seconds = time.monotonic() - began
    return {"seconds": seconds, "rows": rows}


def _one(arguments: list[str]) -> None:
    what, url, home, on = arguments
    figures = _night(url, Path(home), date.fromisoformat(on)) if what == "night" else _scan(url, Path(home))
    figures["seconds"] = round(figures["seconds"], 3)
    figures["peak_mb"] = peak_mb()
    print(json.dumps(figures))


if __name__ == "__main__":
    _one(sys.argv[1:])
