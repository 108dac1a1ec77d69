"""How long a unit of work waits. Apart from the engines, so that the settings load without them."""

from __future__ import annotations

#: How long a unit waits for somebody else's before it says so.
BUSY_SECONDS = 15.0
