"""The desk a flow works at: the open office, who works there, and the crossing into Prefect.

A run started by the worker finds the worker's desk. A scheduled run starts in a process of its own and
opens a desk from the environment. What crosses into Prefect is opaque ids and counts; what goes wrong
crosses as a reference (reliability E.2).
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from casework.following import ledger
from casework.following.leases import owner_of_this_process
from casework.settings import Settings
from casework.units import Office, open_office
from workflows.clock import utc_now

T = TypeVar("T")


class SafeError(Exception):
    """A failure in words that hold nothing personal: which step, and the reference of the full error."""

    def __init__(self, where: str, ref: str) -> None:
        self.where, self.ref = where, ref
        super().__init__(f"{where} failed, reference {ref}")


@dataclass(slots=True)
class Desk:
    """An open office and the name its work is signed with."""

    office: Office
    owner: str
    _at_work: int = 0
    _left_off: float = field(default_factory=time.monotonic)

    async def do(self, where: str, work: Callable[[], T]) -> T:
        """Do a piece of work in a thread; what goes wrong comes out as a SafeError with its reference."""
        failure: BaseException
        self._at_work += 1
        try:
            return await asyncio.to_thread(work)
        except Exception as error:  # noqa: BLE001 - kept in full behind a reference, raised again below
            failure = error
        finally:
            self._at_work -= 1
            self._left_off = time.monotonic()
        try:
            ref = await asyncio.to_thread(lambda: ledger.error(self.office, where=where, exc=failure, now=utc_now()))
        except Exception as error:  # noqa: BLE001 - the database itself is away: only the kinds are told
            ref = f"{type(failure).__name__}, then {type(error).__name__}"
        # Raised where no other error is being handled, so that Prefect finds nothing attached to it.
        raise SafeError(where, ref)

    def seconds_idle(self) -> float:
        """For how long no piece of our own work has been going on: the time Prefect has taken."""
        return 0.0 if self._at_work else time.monotonic() - self._left_off

    def sit_down(self) -> None:
        """Start counting the idle time anew."""
        self._left_off = time.monotonic()


_desk: Desk | None = None


def put_out(desk: Desk | None) -> None:
    """Make this the desk of every flow that runs in this process (None: take it away)."""
    global _desk  # noqa: PLW0603 - a flow takes ids only, so what it works with is the process's
    _desk = desk


def here() -> Desk:
    """The desk of this process; opened from the environment where none has been put out."""
    if _desk is None:
        office = open_office(Settings.load(os.environ))
        put_out(Desk(office=office, owner=owner_of_this_process(utc_now())))
    assert _desk is not None
    return _desk
