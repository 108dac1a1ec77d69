"""What the long-running processes share: stopping when told, and when whoever started them is gone."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING

from casework.errors import Busy, CaseworkError
from casework.settings import Settings

if TYPE_CHECKING:
    from casework.units import Office

#: Set by the supervisor: standard input is a pipe from it, and its end means that the supervisor is gone.
SUPERVISED = "SGO_SUPERVISED"

#: Set by the supervisor where a process tells it by itself when it is ready: the number of a pipe.
READY = "SGO_READY"

#: How long to wait before what died is started again, by how often it died in a row.
START_AGAIN = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0)
#: What lived this long has recovered: its next death counts as the first.
RECOVERED_SECONDS = 120.0

#: How long whoever found the database busy waits before the next try.
BUSY_PAUSE_SECONDS = 1.0

_LOG = logging.getLogger("sgo")


def set_up_logs(level: str) -> None:
    """Our own log lines to standard error. They hold opaque ids, counts and references only (E.2)."""
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr
    )
    _LOG.setLevel(level)


def stop_when_the_supervisor_is_gone() -> None:
    """If a supervisor started this process, end with it, even if it was killed."""
    if os.environ.get(SUPERVISED) != "1":
        return

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="supervisor-watch", daemon=True).start()


def tell_ready() -> None:
    """Tell the supervisor, if there is one, that this process does its work from now on."""
    if (pipe := os.environ.pop(READY, None)) is not None:
        with suppress(OSError):  # it is gone: then this process ends soon
            os.write(int(pipe), b"ready")
            os.close(int(pipe))


def office_when_free(settings: Settings, stop: threading.Event, *, checkpoints: bool = False) -> Office | None:
    """The open office, as soon as the database is not busy with other work; None when told to stop before.

    A long import holds a database for a minute: whoever starts then waits for it and does not die of it.
    """
    from casework.units import open_office

    while not stop.is_set():
        try:
            return open_office(settings, checkpoints=checkpoints)
        except Busy:
            _LOG.info("The database is busy with other work; waiting for it.")
            stop.wait(BUSY_PAUSE_SECONDS)
    return None


def run_until_told(work: Callable[[threading.Event], None], *, log_level: str) -> int:
    """Run `work` in a thread until it returns, handing it the event that SIGTERM and Ctrl-C set.

    In a thread, because Prefect's engine answers SIGTERM itself by crashing the run when it runs in the
    main one; so the run at hand is finished first. Answers the exit status.
    """
    set_up_logs(log_level)
    stop = threading.Event()
    failures: list[BaseException] = []

    def told(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    def run() -> None:
        try:
            work(stop)
        except BaseException as error:  # noqa: BLE001 - a thread's error would otherwise only be printed
            failures.append(error)

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, told)
    stop_when_the_supervisor_is_gone()
    thread = threading.Thread(target=run, name="work")
    thread.start()
    while thread.is_alive():
        thread.join(timeout=0.5)  # a join without an end would not let the signal's handler run
    for failure in failures:
        # An error of ours is in words for people; of any other only the kind is told (reliability E.2).
        words = str(failure) if isinstance(failure, CaseworkError) else type(failure).__name__
        _LOG.error("%s", words)
    return 1 if failures else 0
