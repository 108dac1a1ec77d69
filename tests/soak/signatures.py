"""Two Heads of Service decide on one funding request in the same instant: one signs, the other is told (R4, C17).

Two thousand requests on each database, each raced over once: agreed against refused, against another amount, and
against returned with questions.
"""

from __future__ import annotations

from typing import Any

from tests.soak import races


def soak(*, quick: bool, seed: int, on: str | None = None) -> dict[str, Any]:
    """Two thousand races over one slot on each database, or `on` one."""
    return races.soak(quick=quick, seed=seed, on=on, only=races.MONEY)
