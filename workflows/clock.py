"""The clock of what runs by itself. Flows, the worker and the supervisor are entry points (design 5.9).

It is read here and handed down. Apart from the rest, because the supervisor starts others and loads little itself.
"""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)
