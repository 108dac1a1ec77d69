"""`sgo up` on an existing database, beside Prefect's server alone (design 8).

Both are started several times in turn on the same folder, whose databases are there already. Measured from the start of
the process: until the first page answers, until everything is ready; and until Prefect's server answers by itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from bench.facts import machine
from bench.installation import until
from bench.pages import answers
from casework.settings import Settings
from casework.units import open_office, prepare_database
from demo.caseload import build
from demo.run import POLICY, policy_text
from states.calendar import london_date
from tests.prefect_server import a_free_port
from workflows.prefect_link import answers as prefect_answers
from workflows.profile import without_prefect

TIMES, QUICK_TIMES = 5, 1
GOALS = {"first_page_seconds": 3.0, "everything_times_prefect_alone": 1.3}


def run(*, quick: bool, children: int = 40) -> dict[str, Any]:
    """Start each so many times; medians, and their ratio."""
    with tempfile.TemporaryDirectory(prefix="sgo-start-") as folder:
        home = Path(folder)
        prepare_database(Settings(home=home))
        with open_office(Settings(home=home), checkpoints=True) as office:
            build(office, policy_text(), policy_name=POLICY, today=london_date(datetime.now(UTC)), children=children)
        _everything(home)  # Prefect's own database is there from now on
        alone, first, whole = [], [], []
        for _ in range(QUICK_TIMES if quick else TIMES):
            alone.append(_prefect_alone(home))
            page, everything = _everything(home)
            first.append(page)
            whole.append(everything)
    return {
        "start": {
            "first_page_seconds": round(median(first), 2),
            "everything_seconds": round(median(whole), 2),
            "prefect_alone_seconds": round(median(alone), 2),
            "everything_times_prefect_alone": round(median(whole) / median(alone), 2),
            "times": len(alone),
        },
        "goals": GOALS,
        "machine": machine(),
        "quick": quick,
    }


def _everything(home: Path) -> tuple[float, ...]:
    """Seconds to the first page, and until all is ready."""
    port = a_free_port()
    (home / "status.json").unlink(missing_ok=True)

    def all_ready() -> bool:
        try:
            return bool(json.loads((home / "status.json").read_text(encoding="utf-8"))["ready"])
        except (OSError, ValueError):
            return False

    given = {"SGO_PREFECT_PORT": str(a_free_port()), "SGO_WEB_PORT": str(port)}
    return _seconds(home, ["-m", "cli", "up"], given, (lambda: answers(port), all_ready))


def _prefect_alone(home: Path) -> float:
    prefect = a_free_port()
    given = {"SGO_PREFECT_PORT": str(prefect)}
    settings = Settings.load(given, home=home)
    return _seconds(home, ["-m", "workflows.server"], given, (lambda: prefect_answers(settings),))[0]


def _seconds(
    home: Path, what: list[str], given: dict[str, str], holds: tuple[Callable[[], bool], ...]
) -> tuple[float, ...]:
    """From the start of a process until each of these holds, in turn; then it is stopped."""
    with (home / "start.log").open("ab") as log:
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, *what],
            env={**without_prefect(os.environ), "SGO_HOME": str(home), **given},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            taken = []
            for one in holds:
                until(one, what=" ".join(what), look=0.05)
                taken.append(time.monotonic() - began)
            return tuple(taken)
        finally:
            process.terminate()
            process.wait(60)
