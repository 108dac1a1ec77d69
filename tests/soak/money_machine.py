"""A funding request and an independent judge walk the same histories: they never disagree (reliability R3, R5, T4)."""

from __future__ import annotations

import time
from typing import Any

from tests.stateful.money_walk import run_money_machine
from tests.stateful.walk import Diverged


def soak(*, quick: bool, seed: int) -> dict[str, Any]:
    """Fifty thousand steps."""
    steps = 5_000 if quick else 50_000
    started = time.monotonic()
    try:
        figures = run_money_machine(steps, seed)
    except Diverged as diverged:
        return {"steps": steps, "seed": seed, "divergences": 1, "history": str(diverged), "failed": True}
    return {**figures, "seed": seed, "seconds": round(time.monotonic() - started, 1), "failed": False}
