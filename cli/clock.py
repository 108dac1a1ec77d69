"""The clock of the command line: the only place where `sgo` reads it (design 5.9).

There is no option to set the day: what people record carries the day on which they record it. Tests and the
demo live on other days: with `SGO_TESTING=1`, and only then, `SGO_NOW` (an instant such as
2025-01-06T12:00:00+00:00) is taken instead.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime


def now() -> datetime:
    """This instant, in UTC. Raises Unusable for an `SGO_NOW` that is no instant."""
    said = os.environ.get("SGO_NOW")
    if said and os.environ.get("SGO_TESTING") == "1":
        return _instant(said)
    return datetime.now(UTC)


def _instant(said: str) -> datetime:
    from casework.errors import Unusable

    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        raise Unusable("SGO_NOW must be an instant such as 2025-01-06T12:00:00+00:00.") from None
    if at.tzinfo is None:
        raise Unusable("SGO_NOW needs its time zone, such as 2025-01-06T12:00:00+00:00.")
    return at.astimezone(UTC)
