"""What runs by the clock: registered with Prefect and run from here, each run in a process of its own.

`sgo up` runs it beside the worker (`workflows.automatic`); by itself: `python -m workflows.serve`. Frequent runs are
planned in UTC, where no hour is missing or doubled; the night at the policy's time in London, never between 01:00 and
02:00 (reliability P10).
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from casework.errors import Busy, CaseworkError
from casework.following import leases
from casework.policies import in_force
from casework.settings import Settings
from casework.units import Office
from states.calendar import london_date
from states.policy import Policy
from workflows import process, profile
from workflows.clock import utc_now
from workflows.prefect_link import answers, ask

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment

_LOG = logging.getLogger("sgo.scheduler")

NAME = "scheduler"
#: The worker redelivers as soon as something is due; this is for the time it may be away.
REDELIVER = "*/15 * * * *"
_NAME_LASTS = timedelta(seconds=40)
_BEAT_SECONDS = 8.0
_LOOK_SECONDS = 1.0
#: How often a server that is away is looked for: at a start, everything else waits for it.
_LOOK_FOR_PREFECT_SECONDS = 0.1
_STOP_SECONDS = 20.0
_CHECK_SECONDS = 30.0


class Unplanned(CaseworkError):
    """The runs could not be planned, or Prefect has forgotten them: start again."""


async def deployments(policy: Policy) -> list[RunnerDeployment]:
    """Every run that is planned, from the policy in force."""
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
    from prefect.schedules import Cron
    from prefect.types.entrypoint import EntrypointType

    from workflows.agendas import agendas
    from workflows.overnight import overnight
    from workflows.redeliver import redeliver

    one_at_a_time = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
    at, morning = policy.night.at, policy.mail.digest_at
    return [
        await flow.ato_deployment(
            name="planned",
            schedule=schedule,
            concurrency_limit=one_at_a_time,
            entrypoint_type=EntrypointType.MODULE_PATH,
            paused=False,
            tags=["planned"],
        )
        for flow, schedule in (
            (overnight, Cron(f"{at.at.minute} {at.at.hour} * * *", timezone=at.zone)),
            (agendas, Cron(f"{morning.minute} {morning.hour} * * *", timezone=at.zone)),
            (redeliver, Cron(REDELIVER, timezone="UTC")),
        )
    ]


class Scheduler:
    """Registers the planned runs and serves them until `stop` is set."""

    def __init__(
        self,
        settings: Settings,
        office: Office,
        *,
        stop: threading.Event,
        owner: str,
        ready: Callable[[], None] = process.tell_ready,
    ) -> None:
        """`ready` is called when the runs are planned."""
        self._settings, self._office, self._stop, self._owner = settings, office, stop, owner
        self._ready = ready
        self._due: dict[str, float] = {}

    async def run(self) -> None:
        """Wait for Prefect, plan, serve. Raises Unplanned when Prefect goes away or forgets the plan."""
        if not await self._until(self._have_the_name, look=_LOOK_SECONDS):
            return
        try:
            if await self._until(partial(answers, self._settings), look=_LOOK_FOR_PREFECT_SECONDS):
                await self._serve()
        finally:
            with suppress(Busy):  # the name runs out by itself
                await asyncio.to_thread(leases.release, self._office, NAME, owner=self._owner)

    async def _serve(self) -> None:
        from prefect.context import AsyncClientContext
        from prefect.runner import Runner

        runner = Runner(name="sgo-scheduler", pause_on_shutdown=True, limit=2)
        async with AsyncClientContext.get_or_create():  # one connection for all: to make one takes as long as to plan
            ids = [await runner.aadd_deployment(each) for each in await deployments(self._policy())]
        serving = asyncio.create_task(runner.start())
        self._ready()
        try:
            while not self._stop.is_set() and not serving.done():
                await asyncio.to_thread(self._have_the_name)
                if self._is_due("check", _CHECK_SECONDS) and await asyncio.to_thread(self._forgotten, ids):
                    raise Unplanned("Prefect no longer knows the planned runs; they are registered anew.")
                await asyncio.wait({serving}, timeout=_LOOK_SECONDS)
            if serving.done():
                raise Unplanned("Prefect went away; the planned runs are registered anew.")
        finally:
            if not serving.done():
                with suppress(Exception):  # it may be gone, and cannot be told to pause the plan
                    await runner.astop()
            await asyncio.wait({serving}, timeout=_STOP_SECONDS)
            if serving.done() and not serving.cancelled():
                serving.exception()  # looked at: what it says is about Prefect's absence

    def _policy(self) -> Policy:
        with self._office.reading() as session:
            return in_force(session, london_date(utc_now())).policy

    def _have_the_name(self) -> bool:
        if not self._is_due("beat", _BEAT_SECONDS):
            return True
        try:
            kept = leases.take(self._office, NAME, owner=self._owner, now=utc_now(), lasts=_NAME_LASTS)
        except Busy:  # a long import, say: the plan stands, and the name is asked for again in a moment
            kept = False
        if not kept:
            self._due.pop("beat")
        return kept

    def _forgotten(self, ids: list[UUID]) -> bool:
        return any(ask(self._settings, f"/deployments/{each}") == 404 for each in ids)

    async def _until(self, holds: Callable[[], bool], *, look: float) -> bool:
        """Ask again and again, every `look` seconds, until it holds or we are told to stop."""
        while not self._stop.is_set():
            if await asyncio.to_thread(holds):
                return True
            await asyncio.sleep(look)
        return False

    def _is_due(self, what: str, every: float) -> bool:
        now = time.monotonic()
        if now < self._due.get(what, 0.0):
            return False
        self._due[what] = now + every
        return True


def keep_planned(
    settings: Settings, office: Office, *, stop: threading.Event, owner: str, ready: Callable[[], None]
) -> None:
    """Plan and serve until `stop` is set, however often Prefect goes away: then plan anew, less and less often."""
    failures = 0
    while not stop.is_set():
        began = time.monotonic()
        try:
            asyncio.run(Scheduler(settings, office, stop=stop, owner=owner, ready=ready).run())
        except BaseException as error:  # noqa: BLE001 - Prefect ends its tasks in many ways; the worker beside goes on
            failures = 1 if time.monotonic() - began > process.RECOVERED_SECONDS else failures + 1
            pause = process.START_AGAIN[min(failures, len(process.START_AGAIN)) - 1]
            words = str(error) if isinstance(error, CaseworkError) else type(error).__name__
            _LOG.warning("The runs are planned anew in %g s: %s", pause, words)
            stop.wait(pause)


def serve(settings: Settings, stop: threading.Event) -> None:
    """Open the office and serve the planned runs until `stop` is set."""
    import prefect.runner  # noqa: F401 - seconds of import, while the server starts

    office = process.office_when_free(settings, stop)
    if office is None:
        return
    with office:
        owner = leases.owner_of_this_process(utc_now())
        asyncio.run(Scheduler(settings, office, stop=stop, owner=owner).run())


def main() -> int:
    """The scheduler of this installation."""
    settings = Settings.load(os.environ)
    profile.apply(settings)
    return process.run_until_told(partial(serve, settings), log_level=settings.log_level)


if __name__ == "__main__":
    sys.exit(main())
