"""How a follow-up stands. By itself, so that an act that leaves one does not load what carries it out."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """How a follow-up stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
