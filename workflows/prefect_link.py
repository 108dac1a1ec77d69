"""Whether our Prefect server can be used, seen from outside. Nothing here imports Prefect.

The server is asked for something that needs its password and its database, so that one which answers but
cannot record a run does not count as there. How long it has been away decides when the worker goes on
without it (design 2).
"""

from __future__ import annotations

import base64
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from casework.settings import Settings
from workflows import profile

_ANSWER_SECONDS = 5.0
#: After a run that Prefect could not carry, the next is tried only after so many seconds, growing.
_TRY_AGAIN = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
#: How often a server that is there is looked at, so that an outage counts from when it began.
_LOOK_EVERY = 10.0


class Way(StrEnum):
    """How follow-ups are carried out just now."""

    PREFECT = "prefect"
    WAIT = "wait"  # Prefect is away, but not yet for long: what waits, waits
    PLAIN = "plain"


def answers(settings: Settings) -> bool:
    """Whether the server answers, knows our password and can read its database. Waits 5 s at most."""
    return ask(settings, "/flows/name/none") in {200, 404}  # it looked for a flow of that name


def ask(settings: Settings, path: str) -> int | None:
    """The status the server answers a GET with; None when it does not answer within 5 s."""
    known = base64.b64encode(profile.password(settings).encode()).decode()
    request = urllib.request.Request(  # noqa: S310 - the address is our own, http on this machine
        profile.api_url(settings) + path, headers={"Authorization": f"Basic {known}"}
    )
    # No proxy of the environment stands between two processes of one machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_ANSWER_SECONDS) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return None


@dataclass(slots=True)
class Link:
    """What the worker knows of Prefect: since when it has been away, and when it is asked again.

    `clock` counts seconds and never goes back; `probe` is `answers`, or a test's word.
    """

    probe: Callable[[], bool]
    patience: float
    clock: Callable[[], float]
    _away_since: float | None = field(init=False)
    _ask_again: float = 0.0
    _try_a_run: bool = False
    _lost_in_a_row: int = 0

    def __post_init__(self) -> None:
        self._away_since = self._ask_again = self.clock()

    def way(self) -> Way:
        """How to carry out the next follow-up. Asks the server when it is time to."""
        if self.clock() >= self._ask_again:
            self._ask()
        if self._away_since is None or self._try_a_run:
            return Way.PREFECT
        return Way.PLAIN if self.clock() - self._away_since >= self.patience else Way.WAIT

    def came_through(self) -> None:
        """A run went through Prefect: it is there."""
        self._away_since, self._lost_in_a_row = None, 0

    def lost(self) -> None:
        """A run was lost to Prefect: it is away, whatever its server answers."""
        if self._away_since is None:
            self._away_since = self.clock()
        self._try_a_run = False
        self._lost_in_a_row += 1
        self._ask_again = self.clock() + self._pause()

    def _ask(self) -> None:
        asked_at = self.clock()
        self._try_a_run = self.probe()
        if not self._try_a_run:
            self._away_since = asked_at if self._away_since is None else self._away_since
        elif self._lost_in_a_row == 0:
            self._away_since = None
        self._ask_again = self.clock() + (_LOOK_EVERY if self._away_since is None else self._pause())

    def _pause(self) -> float:
        return _TRY_AGAIN[min(self._lost_in_a_row, len(_TRY_AGAIN) - 1)]
