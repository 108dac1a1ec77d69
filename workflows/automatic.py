"""What works by itself, as `sgo up` runs it: the worker and the scheduler, in one process.

Run as `python -m workflows.automatic`. Both need Prefect's client, and loading it takes two seconds of processor and
85 MB: a start on two cores would pay for it while Prefect's own server starts. They share nothing but the open office
and the event that stops them. Where Prefect goes away the scheduler plans anew in its thread and the worker goes on;
where the worker ends the whole process ends, and the supervisor starts both again.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from functools import partial

from casework.loading import loading

with loading():  # a third of this process's start
    from casework.following import leases
    from casework.settings import Settings
    from workflows import process, profile, serve, worker
    from workflows.clock import utc_now
    from workflows.desk import Desk

_LOG = logging.getLogger("sgo")

#: How long the scheduler is waited for when the worker has ended.
_STOP_SECONDS = 18.0


class Readiness:
    """Tells the supervisor when all of these are ready."""

    def __init__(self, *names: str) -> None:
        self._missing, self._lock = set(names), threading.Lock()

    def of(self, name: str) -> None:
        """This one is."""
        with self._lock:
            self._missing.discard(name)
            if not self._missing:
                process.tell_ready()


def work(settings: Settings, stop: threading.Event) -> None:
    """Open the office, work and keep the runs planned until `stop` is set."""
    with loading():
        import prefect.runner  # noqa: F401 - seconds of import, while the server starts

        import workflows.agendas
        import workflows.case_flows
        import workflows.overnight
        import workflows.redeliver  # noqa: F401 - the flows, before there is work to do

    office = process.office_when_free(settings, stop, checkpoints=True)
    if office is None:
        return
    readiness = Readiness("worker", serve.NAME)
    with office:
        at = Desk(office=office, owner=leases.owner_of_this_process(utc_now()))
        planning = threading.Thread(
            target=serve.keep_planned,
            args=(settings, office),
            kwargs={"stop": stop, "owner": at.owner, "ready": partial(readiness.of, serve.NAME)},
            name=serve.NAME,
            daemon=True,
        )
        planning.start()
        try:
            worker.at_the_desk(settings, at, stop=stop, ready=partial(readiness.of, "worker"))
        finally:
            stop.set()
            planning.join(_STOP_SECONDS)
            if planning.is_alive():
                _LOG.warning("The scheduler did not stop in time.")


def main() -> int:
    """The worker and the scheduler of this installation. Stops cleanly on SIGTERM and Ctrl-C, after the run at hand."""
    settings = Settings.load(os.environ)
    profile.apply(settings)
    status = process.run_until_told(partial(work, settings), log_level=settings.log_level)
    if any(thread.name == serve.NAME for thread in threading.enumerate()):
        os._exit(status)  # Prefect's client hangs: it would keep the process, and nobody would start it again
    return status


if __name__ == "__main__":
    sys.exit(main())
