"""Runs the processes of an installation: starts them, restarts what dies, stops them cleanly (`sgo up`).

Nothing here imports Prefect or opens the database: the first page waits for whatever is loaded here. Each process is
started with `python -m`, writes to a log of its own under SGO_HOME/logs, and ends when the supervisor ends, even if
that was killed. What stands how is in SGO_HOME/status.json, which `sgo health` reads. The pages do not wait for
Prefect (design 2).
"""

from __future__ import annotations

import fcntl
import json
import logging
import logging.handlers
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Any

from casework.errors import Busy, CaseworkError
from casework.settings import Settings
from workflows import process, profile
from workflows.clock import utc_now
from workflows.prefect_link import answers

#: How long a process is given to stop before it is killed: the run at hand is finished first.
STOP_SECONDS = 20.0
#: The same for what others use, when they have stopped.
STOP_USED_SECONDS = 8.0
#: How long a part that gives way waits, at most, for the one it gives way to.
HEAD_START_SECONDS = 5.0
#: How often the parts are looked at; more often until everything is ready for the first time: somebody waits.
_LOOK_SECONDS, _LOOK_AT_START_SECONDS = 0.25, 0.05
_LOG_BYTES, _LOG_FILES = 5_000_000, 4


class AlreadyRunning(CaseworkError):
    """Another supervisor runs this installation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One process of the installation: what to start, and how to see that it answers."""

    name: str
    module: str
    ready: Callable[[], bool] | None = None  # None: it tells by itself (`process.tell_ready`)
    uses: str | None = None  # the part it works with: it is told to stop before that one
    after: str | None = None  # the part it gives way to at the start: people wait for a page, nobody for a worker


@dataclass(slots=True)
class _Running:
    part: Part
    child: subprocess.Popen[bytes] | None = None
    tells: IO[bytes] | None = None  # where the child says that it is ready
    state: str = "waiting"  # waiting | starting | ready | stopped
    since: datetime = field(default_factory=utc_now)
    started: float = 0.0
    start_at: float = 0.0
    deaths: int = 0
    restarts: int = 0

    def becomes(self, state: str) -> None:
        if state != self.state:
            self.state, self.since = state, utc_now()

    def is_ready(self) -> bool:
        """Whether the part answers, or has told that it is ready."""
        return bool(self.tells and self.tells.read()) if self.part.ready is None else self.part.ready()

    def is_gone(self) -> None:
        """The process has ended."""
        self.child = None
        if self.tells is not None:
            self.tells.close()
            self.tells = None


def parts_of(settings: Settings) -> tuple[Part, ...]:
    """The processes of this installation, in the order they are started."""
    at = f"http://{settings.web.host}:{settings.web.port}/sign-in"
    return (
        Part(name="pages", module="web", ready=lambda: _page_answers(at)),
        Part(name="prefect", module="workflows.server", ready=lambda: answers(settings)),
        Part(name="worker", module="workflows.automatic", uses="prefect", after="pages"),
    )


class Supervisor:
    """Keeps the parts running until `stop` is set."""

    def __init__(
        self,
        settings: Settings,
        parts: tuple[Part, ...],
        *,
        stop: threading.Event,
        say: Callable[[str], None],
        start_again: tuple[float, ...] = process.START_AGAIN,
        usable: Callable[[], None] = lambda: None,
    ) -> None:
        """`usable` is asked when a part dies before all were ready: raises, in words, when none of them can run."""
        self._settings, self._stop, self._say, self._start_again = settings, stop, say, start_again
        self._usable = usable
        self._running = [_Running(part) for part in parts]
        self._started_at, self._began = utc_now(), time.monotonic()
        self._logs = settings.home / "logs"
        self._told_ready = False

    def run(self) -> None:
        """Start everything, keep it running, and stop it in the reverse order."""
        self._logs.mkdir(mode=0o700, exist_ok=True)
        with _alone(self._settings.home):
            try:
                while not self._stop.is_set():
                    for one in self._running:
                        self._look_at(one)
                    self._write_status()
                    self._stop.wait(_LOOK_SECONDS if self._told_ready else _LOOK_AT_START_SECONDS)
            finally:
                self._stop_all()
                self._write_status()

    # -- one process --------------------------------------------------------------------------------------

    def _look_at(self, one: _Running) -> None:
        now = time.monotonic()
        if one.child is None:
            if now >= one.start_at and not self._gives_way(one, now):
                self._start(one)
        elif (status := one.child.poll()) is not None:
            self._died(one, status)
        elif one.state == "starting" and one.is_ready():
            one.becomes("ready")
            self._say(f"{one.part.name} is ready")
            if not self._told_ready and all(each.state == "ready" for each in self._running):
                self._told_ready = True
                self._say(f"everything is ready ({(utc_now() - self._started_at).total_seconds():.1f} s)")

    def _gives_way(self, one: _Running, now: float) -> bool:
        """At the first start only, and not for long: a part that never answers holds nothing up."""
        if one.restarts or now >= self._began + HEAD_START_SECONDS:
            return False
        return any(other.part.name == one.part.after and other.state != "ready" for other in self._running)

    def _start(self, one: _Running) -> None:
        ours, theirs = os.pipe()
        os.set_blocking(ours, False)
        one.tells = os.fdopen(ours, "rb")
        try:
            one.child = subprocess.Popen(
                [sys.executable, "-m", one.part.module],
                env={**self._environment(), process.READY: str(theirs)},
                stdin=subprocess.PIPE,  # its end tells the child that we are gone
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(theirs,),
                start_new_session=True,  # a Ctrl-C in the terminal is ours to pass on
            )
        finally:
            os.close(theirs)
        one.started = time.monotonic()
        one.becomes("starting")
        assert one.child.stdout is not None
        threading.Thread(
            target=_copy, args=(one.child.stdout, self._logs / f"{one.part.name}.log"), daemon=True
        ).start()

    def _environment(self) -> dict[str, str]:
        return {
            **profile.without_prefect(os.environ),
            "SGO_HOME": str(self._settings.home),
            "PYTHONUNBUFFERED": "1",
            process.SUPERVISED: "1",
        }

    def _died(self, one: _Running, status: int) -> None:
        assert one.child is not None
        _end_group(one.child)
        one.is_gone()
        if not self._told_ready:
            self._usable()
        lived = time.monotonic() - one.started
        one.deaths = 1 if lived > process.RECOVERED_SECONDS else one.deaths + 1
        pause = self._start_again[min(one.deaths, len(self._start_again)) - 1]
        one.start_at, one.restarts = time.monotonic() + pause, one.restarts + 1
        one.becomes("waiting")
        self._say(
            f"{one.part.name} ended with status {status} and is started again in {pause:g} s;"
            f" see {self._logs / one.part.name}.log"
        )

    def _stop_all(self) -> None:
        used = {one.part.uses for one in self._running}
        last = [one for one in self._running if one.part.name in used]
        self._stop_these([one for one in reversed(self._running) if one not in last], STOP_SECONDS)
        self._stop_these(last, STOP_USED_SECONDS)
        for one in self._running:
            one.becomes("stopped")

    def _stop_these(self, these: list[_Running], seconds: float) -> None:
        children = [(one, one.child) for one in these if one.child is not None]
        for _one, child in children:
            with suppress(ProcessLookupError):
                child.terminate()
        until = time.monotonic() + seconds
        for one, child in children:
            with suppress(subprocess.TimeoutExpired):
                child.wait(timeout=max(0.0, until - time.monotonic()))
            _end_group(child)
            one.is_gone()
            one.becomes("stopped")

    # -- what stands how ----------------------------------------------------------------------------------

    def _write_status(self) -> None:
        status: dict[str, Any] = {
            "supervisor": os.getpid(),
            "started_at": self._started_at.isoformat(timespec="seconds"),
            "looked_at": utc_now().isoformat(timespec="seconds"),
            "ready": all(one.state == "ready" for one in self._running),
            "parts": {
                one.part.name: {
                    "state": one.state,
                    "since": one.since.isoformat(timespec="seconds"),
                    "process": one.child.pid if one.child else None,
                    "restarts": one.restarts,
                }
                for one in self._running
            },
        }
        path = self._settings.home / "status.json"
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(status, indent=1), encoding="utf-8")
        fresh.replace(path)


def up(settings: Settings, *, say: Callable[[str], None]) -> int:
    """Run the installation until Ctrl-C or SIGTERM; `say` gets each line for the person at the terminal.

    Raises NoDatabase when there is no usable database, AlreadyRunning when another supervisor runs it.
    Answers the exit status.
    """
    if settings.embedded_file is not None and not settings.embedded_file.exists():
        _ask_the_database(settings)  # nothing is started, and nothing made, where nobody has set up anything
    stop = threading.Event()
    before = {each: signal.signal(each, lambda _signal, _frame: stop.set()) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        settings.prepare_home()
        usable = partial(_ask_the_database, settings)
        Supervisor(settings, parts_of(settings), stop=stop, say=say, usable=usable).run()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    return 0


# -- inside -----------------------------------------------------------------------------------------------


class _alone:  # noqa: N801 - used like a function: `with _alone(home):`
    """One supervisor for one home: the lock goes with the process, however it ends."""

    def __init__(self, home: Path) -> None:
        self._path = home / "supervisor.lock"

    def __enter__(self) -> None:
        self._file = self._path.open("w")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise AlreadyRunning("This installation is running already.") from error

    def __exit__(self, *_error: object) -> None:
        self._file.close()


def _ask_the_database(settings: Settings) -> None:
    """Raises NoDatabase, in words, when it cannot be used. Loads what the supervisor does not need otherwise."""
    from casework.units import open_office

    with suppress(Busy):
        open_office(settings).close()


def _copy(lines: IO[bytes], path: Path) -> None:
    """Copy what a process says into its log, a moment before each line."""
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=_LOG_FILES, encoding="utf-8")
    with lines:
        for line in lines:
            words = f"{utc_now():%Y-%m-%dT%H:%M:%SZ} {line.decode('utf-8', 'replace').rstrip()}"
            handler.emit(logging.makeLogRecord({"msg": words}))
    handler.close()


def _end_group(child: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a process and of what it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    if child.stdin is not None:
        with suppress(BrokenPipeError):
            child.stdin.close()


def _page_answers(link: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(link, timeout=2):
            return True
    except urllib.error.HTTPError as error:
        with error:
            return True
    except OSError:
        return False
