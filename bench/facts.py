"""What a figure means nothing without: the machine, its load, and the versions of the databases."""

from __future__ import annotations

import os
import platform
import sqlite3
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import sqlalchemy


def machine() -> dict[str, Any]:
    """The machine as it is now. `load` is what else ran in the last minute: above 1, figures are worth less."""
    return {
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "system": platform.platform(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "sqlalchemy": sqlalchemy.__version__,
    }


def spread(seconds: list[float]) -> dict[str, float]:
    """Median, 95th percentile and minimum, in milliseconds."""
    return {
        "p50_ms": round(median(seconds) * 1000, 3),
        "p95_ms": round(quantiles(seconds, n=20)[-1] * 1000, 3),
        "min_ms": round(min(seconds) * 1000, 3),
        "times": len(seconds),
    }


def peak_mb() -> float:
    """The most memory this process has held. What `getrusage` says would be that of whoever started it, if more."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    kilobytes = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    return round(kilobytes / 1024, 1)
