"""The worker: follows every committed act through, one after the other (design 2).

`sgo up` runs it with the scheduler (`workflows.automatic`); by itself: `python -m workflows.worker`. Runs are Prefect
flows, executed in this process. Where Prefect is away for longer than the patience in the settings, the same plain
functions are called without it. On SQLite there is one worker, and it is the only process that moves the write-ahead
log; on PostgreSQL there may be any number.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from casework.delivery import redelivery
from casework.errors import Busy, Conflict
from casework.following import follow_up, leases
from casework.following.follow_up import Claim
from casework.following.ledger import How
from casework.overnight import night
from casework.settings import Settings
from casework.units import Office
from workflows import desk, process, profile
from workflows.clock import utc_now
from workflows.desk import Desk, SafeError
from workflows.prefect_link import Link, Way, answers

T = TypeVar("T")

_LOG = logging.getLogger("sgo.worker")

#: How often the worker looks for work: commit to mail within half a second (design 8).
LOOK_SECONDS = 0.1
#: How long Prefect may take over a run beyond our own steps, before the run is given up (design 2).
FLOW_LIMIT_SECONDS = 30.0
#: How long the worker's name is held without a beat, and how often it beats.
NAME_LASTS = timedelta(seconds=40)
BEAT_SECONDS = 8.0
#: After a beat that the database was too busy for.
LOOK_AGAIN_SECONDS = 1.0
CHECKPOINT_SECONDS = 10.0
#: How often the database looks at how its rows are spread: an import may have changed it.
STOCK_SECONDS = 1800.0
#: How often it looks for messages to be tried again.
REDELIVER_SECONDS = 2.0
#: How often it looks whether a night was missed.
NIGHT_SECONDS = 300.0
#: A night that was not checked by the scheduler in this time is checked by the worker.
NIGHT_IS_LATE = timedelta(minutes=30)
_STAND_BY_SECONDS = 2.0
_LET_GO_SECONDS = 2.0


class Worker:
    """One worker at its desk. `run` works until `stop` is set, and leaves everything it held."""

    def __init__(
        self, at: Desk, *, link: Link, stop: threading.Event, ready: Callable[[], None] = process.tell_ready
    ) -> None:
        """`ready` is called when the worker has taken its name and follows acts through."""
        self._at, self._link, self._stop, self._ready = at, link, stop, ready
        self._office: Office = at.office
        one = self._office.database.dialect == "sqlite"
        self._name = "worker" if one else f"worker:{at.owner}"
        self._due: dict[str, float] = {"night": time.monotonic() + NIGHT_SECONDS}
        self._client: AsyncExitStack | None = None
        self._night: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Take the worker's name, work until told to stop, and give everything back."""
        if not await self._take_the_name():
            return
        try:
            await self._free_what_the_gone_held()
            self._ready()
            while not self._stop.is_set():
                try:
                    worked = await self._next()
                    await self._look_after()
                except Busy:
                    worked = False  # the database has other work; what waits is still there
                if not worked:
                    await asyncio.sleep(LOOK_SECONDS)
        finally:
            await self._leave()

    # -- what there is to do ------------------------------------------------------------------------------

    async def _next(self) -> bool:
        """Do the next thing there is to do. False if there was nothing, or Prefect is waited for."""
        way = await _in_thread(self._link.way)
        if way is Way.WAIT or (way is Way.PREFECT and not await self._hold_a_client()):
            return False
        return await self._follow_up(way) or await self._redeliver(way)

    async def _follow_up(self, way: Way) -> bool:
        claim = await _in_thread(follow_up.claim_next, self._office, owner=self._at.owner, now=utc_now())
        if claim is None:
            return False
        if way is Way.PLAIN:
            await self._plainly(
                partial(follow_up.follow_through, self._office, claim.id, owner=self._at.owner, now=utc_now()),
                claim,
            )
        else:
            from workflows.case_flows import flow_named, tags, tags_of

            with tags(*tags_of(claim.flow, claim.to_state)):
                carried = await self._through_prefect(flow_named(claim.flow)(claim.id), claim)
            if not carried:
                await _in_thread(follow_up.put_back, self._office, claim.id, owner=self._at.owner, now=utc_now())
        return True

    async def _redeliver(self, way: Way) -> bool:
        if not self._is_due("redeliver", REDELIVER_SECONDS):
            return False
        if not await _in_thread(redelivery.is_due, self._office, now=utc_now()):
            return False
        if way is Way.PLAIN:
            await self._plainly(
                partial(redelivery.redeliver, self._office, owner=self._at.owner, now=utc_now(), how=How.PLAIN)
            )
            return True
        from workflows.redeliver import redeliver

        return await self._through_prefect(redeliver())

    # -- one run ------------------------------------------------------------------------------------------

    async def _plainly(self, work: Callable[[], object], claim: Claim | None = None) -> None:
        running = asyncio.create_task(asyncio.to_thread(work))
        await self._beating(running, claim, limit=None)
        running.result()

    async def _through_prefect(self, run: Coroutine[Any, Any, None], claim: Claim | None = None) -> bool:
        """Whether Prefect carried the run, however the run itself ended."""
        self._at.sit_down()
        running = asyncio.create_task(run)
        if not await self._beating(running, claim, limit=FLOW_LIMIT_SECONDS):
            _LOG.warning("Prefect did not carry a run in time.")
        elif (error := running.exception()) is None or isinstance(error, SafeError):
            self._link.came_through()  # a step that failed is in the ledger, and tried again later
            return True
        else:
            _LOG.warning("Prefect could not carry a run (%s).", type(error).__name__)
        self._link.lost()
        await self._let_the_client_go()
        return False

    async def _beating(self, running: asyncio.Task[T], claim: Claim | None, *, limit: float | None) -> bool:
        """Wait for a run, keeping its claim. False if Prefect has taken longer than `limit` over it."""
        while not running.done():
            await asyncio.wait({running}, timeout=1.0)
            if self._is_due("claim", BEAT_SECONDS):
                await self._beat(claim)
            if limit is not None and not running.done() and self._at.seconds_idle() > limit:
                running.cancel()
                # Prefect's client may go on trying for minutes: it is not waited for.
                await asyncio.wait({running}, timeout=_LET_GO_SECONDS)
                return False
        return True

    async def _hold_a_client(self) -> bool:
        """Keep one connection to Prefect over many runs: a fifth of a run's time was making it anew."""
        if self._client is not None:
            return True
        from prefect.context import AsyncClientContext

        client = AsyncExitStack()
        try:
            async with asyncio.timeout(FLOW_LIMIT_SECONDS):
                await client.enter_async_context(AsyncClientContext.get_or_create())
        except Exception as error:  # noqa: BLE001 - whatever it is, Prefect cannot be used now
            _LOG.warning("Prefect could not be reached (%s).", type(error).__name__)
            self._link.lost()
            return False
        self._client = client
        return True

    async def _let_the_client_go(self) -> None:
        if self._client is not None:
            client, self._client = self._client, None
            with suppress(Exception):
                await client.aclose()

    # -- the worker's name, the log, the end --------------------------------------------------------------

    async def _take_the_name(self) -> bool:
        take = partial(leases.take, self._office, self._name, owner=self._at.owner, lasts=NAME_LASTS)
        while not self._stop.is_set():
            with suppress(Busy):  # a long import, say: asked again in a moment
                if await _in_thread(take, now=utc_now()):
                    return True
            await asyncio.sleep(_STAND_BY_SECONDS)
        return False

    async def _free_what_the_gone_held(self) -> None:
        while not self._stop.is_set():
            with suppress(Busy):
                await _in_thread(follow_up.free_what_the_gone_held, self._office, now=utc_now())
                return
            await self._beat()
            await asyncio.sleep(LOOK_SECONDS)

    async def _look_after(self) -> None:
        if self._is_due("beat", BEAT_SECONDS):
            await self._beat()
        if self._is_due("checkpoint", CHECKPOINT_SECONDS):
            await self._checkpoint()
        if self._is_due("stock", STOCK_SECONDS):
            await self._take_stock()
        if self._is_due("night", NIGHT_SECONDS):
            await self._see_to_the_night()

    async def _see_to_the_night(self) -> None:
        """Check what is due and nobody has checked: the scheduler may be gone, or Prefect (reliability R13)."""
        if self._night is not None and not self._night.done():
            return
        due = await _in_thread(self._nights_wait)
        self._night = asyncio.create_task(asyncio.to_thread(self._check_the_nights)) if due else None

    def _nights_wait(self) -> bool:
        late = utc_now() - NIGHT_IS_LATE
        return bool(night.nights_due(self._office, late)) or night.digests_due(self._office, late)

    def _check_the_nights(self) -> None:
        try:
            night.run_due_nights(self._office, now=utc_now())
        except Conflict:
            return  # somebody is at it
        except Exception as error:  # noqa: BLE001 - kept in the ledger by the night; the next look tries again
            _LOG.warning("The night could not be checked (%s).", type(error).__name__)

    async def _checkpoint(self) -> None:
        try:
            await _in_thread(self._office.database.checkpoint)
        except Exception as error:  # noqa: BLE001 - somebody writes at length: the next time does
            _LOG.warning("The write-ahead log was not moved (%s).", type(error).__name__)

    async def _take_stock(self) -> None:
        try:
            await _in_thread(self._office.database.take_stock)
        except Exception as error:  # noqa: BLE001 - the pages are slower until the next time
            _LOG.warning("The database was not looked over (%s).", type(error).__name__)

    async def _beat(self, claim: Claim | None = None) -> None:
        try:
            await self._say_alive(claim)
        except Busy:  # what is held lasts several beats: the next one comes soon, and no run at hand is left
            self._due["beat"] = self._due["claim"] = time.monotonic() + LOOK_AGAIN_SECONDS

    async def _say_alive(self, claim: Claim | None) -> None:
        if claim is not None:
            await _in_thread(follow_up.beat, self._office, claim.id, owner=self._at.owner, now=utc_now())
        kept = await _in_thread(
            leases.beat,
            self._office,
            self._name,
            owner=self._at.owner,
            now=utc_now(),
            lasts=NAME_LASTS,
        )
        if not kept:
            _LOG.warning("Another worker has taken over; this one stops.")
            self._stop.set()

    async def _leave(self) -> None:
        await self._let_the_client_go()
        with suppress(Busy):  # what is held runs out by itself
            await _in_thread(leases.release, self._office, self._name, owner=self._at.owner)
        await self._checkpoint()

    def _is_due(self, what: str, every: float) -> bool:
        now = time.monotonic()
        if now < self._due.get(what, 0.0):
            return False
        self._due[what] = now + every
        return True


async def _in_thread(work: Callable[..., T], /, *args: object, **kwargs: object) -> T:
    return await asyncio.to_thread(work, *args, **kwargs)


def work(settings: Settings, stop: threading.Event) -> None:
    """Open the office and work until `stop` is set."""
    import workflows.case_flows
    import workflows.redeliver  # noqa: F401 - seconds of Prefect's import, before there is work to do

    office = process.office_when_free(settings, stop, checkpoints=True)
    if office is None:
        return
    with office:
        at = Desk(office=office, owner=leases.owner_of_this_process(utc_now()))
        at_the_desk(settings, at, stop=stop, ready=process.tell_ready)


def at_the_desk(settings: Settings, at: Desk, *, stop: threading.Event, ready: Callable[[], None]) -> None:
    """Work at a desk until `stop` is set."""
    desk.put_out(at)
    link = Link(
        probe=partial(answers, settings),
        patience=settings.prefect.patience_seconds,
        clock=time.monotonic,
    )
    asyncio.run(Worker(at, link=link, stop=stop, ready=ready).run())


def main() -> int:
    """The worker of this installation. Stops cleanly on SIGTERM and Ctrl-C, after the run at hand."""
    settings = Settings.load(os.environ)
    profile.apply(settings)
    return process.run_until_told(partial(work, settings), log_level=settings.log_level)


if __name__ == "__main__":
    sys.exit(main())
