"""Random months of an office: nothing that is to be told is lost, and nothing is told twice (reliability R11, R12).

What may happen stands in `tests/digest_walk.py`: steps, cover, leavers, changed days and posts, restrictions, steps
taken back, nights left out and caught up, processes killed around any unit of work, clocks set back.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from bench.databases import Postgres, fresh_sqlite
from casework.units import open_office
from tests.digest_walk import a_walk
from tests.soak.office import settings

WALKS, QUICK = 100, 4
DAYS = 25


def soak(*, quick: bool, seed: int) -> dict[str, Any]:
    """So many walks on each database; a walk that does not hold is named by its seed."""
    found: dict[str, Counter[str]] = {}
    broken: list[str] = []
    with Postgres.started() as server, tempfile.TemporaryDirectory(prefix="sgo-digests-") as folder:
        home = Path(folder)
        for number in range(QUICK if quick else WALKS):
            for name in ("sqlite", "postgresql"):
                here = home / f"{name}-{number}"
                url = fresh_sqlite(here / "data") if name == "sqlite" else server.fresh(f"digests_{number}")
                counts = found.setdefault(name, Counter())
                counts["walks"] += 1
                with open_office(settings(url, here)) as office:
                    try:
                        counts.update(a_walk(office, seed=seed + number, days=DAYS))
                    except AssertionError as wrong:
                        broken.append(f"{name} {seed + number}")
                        print(f"{name} {seed + number}: {wrong}", file=sys.stderr)
    return {**found, "broken": broken, "failed": bool(broken)}
