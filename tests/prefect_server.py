"""One real Prefect server for the whole session, started as `python -m workflows.server` starts it.

It keeps its own home. A test's own installation meets it through `at`, which gives the environment of a
child process with the server's port and password. A test that breaks the server mends it again.
"""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from json import loads
from pathlib import Path
from typing import Any

import pytest

from casework.settings import Settings
from workflows import profile
from workflows.prefect_link import answers

#: Generous: a loaded machine may be slow, and no test depends on how slow.
PATIENCE_SECONDS = 180.0


def until(holds: Callable[[], object], *, what: str, seconds: float = PATIENCE_SECONDS) -> Any:
    """Wait until something holds, and answer it; fail saying what never did."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := holds():
            return found
        time.sleep(0.05)
    pytest.fail(f"{what} did not happen within {seconds:g} s")


def a_free_port() -> int:
    """A port nobody listens on just now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Child:
    """A process of ours, and what it said."""

    def __init__(self, arguments: list[str], env: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, *arguments],
                env={**profile.without_prefect(os.environ), **env},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        """Everything it has written."""
        return self.log.read_text(errors="replace")

    def runs(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def kill(self) -> None:
        """kill -9, with everything it started."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """Ask it to stop; answers its exit status."""
        self.process.terminate()
        try:
            return self.process.wait(timeout=PATIENCE_SECONDS)
        finally:
            self.kill()


class PrefectServer:
    """The server, as tests see it."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings.load({"SGO_HOME": str(home), "SGO_PREFECT_PORT": str(a_free_port())})
        self.home = profile.folder(self.settings)
        self.child: Child | None = None

    def start(self, *, wait: bool = True) -> None:
        """Start it, if it does not run, and wait until it answers."""
        if self.child is None or not self.child.runs():
            home = self.settings.home
            env = {"SGO_HOME": str(home), "SGO_PREFECT_PORT": str(self.settings.prefect.port)}
            home.mkdir(parents=True, exist_ok=True)
            self.child = Child(["-m", "workflows.server"], env, home / "server.log")
        if wait:
            until(self._answers, what="The Prefect server's answer")

    def _answers(self) -> bool:
        assert self.child is not None
        if not self.child.runs():
            pytest.fail(f"The Prefect server ended:\n{self.child.said()[-4000:]}")
        return answers(self.settings)

    def kill(self) -> None:
        """kill -9."""
        if self.child is not None:
            self.child.kill()

    def stop(self) -> None:
        """Stop it cleanly."""
        if self.child is not None and self.child.runs():
            self.child.stop()

    def freeze(self) -> None:
        """Let it take connections and answer none, until it is killed."""
        assert self.child is not None
        self.child.process.send_signal(signal.SIGSTOP)

    def at(self, home: Path, **more: str) -> dict[str, str]:
        """The environment of a process whose installation is at `home` and which uses this server."""
        mine = home / "prefect" / "password"
        mine.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        mine.write_text(profile.password(self.settings))
        port = str(self.settings.prefect.port)
        return {"SGO_HOME": str(home), "SGO_PREFECT_PORT": port, "SGO_WEB_PORT": str(a_free_port()), **more}

    def get(self, path: str, *, password: str | None = "", accept: str = "*/*") -> tuple[int, Any]:
        """Status and answer of a GET. `password` empty: the right one; None: none at all."""
        known = profile.password(self.settings) if password == "" else password
        headers = {"Accept": accept}
        if known is not None:
            headers["Authorization"] = "Basic " + b64encode(known.encode()).decode()
        with closing(HTTPConnection("127.0.0.1", self.settings.prefect.port, timeout=30)) as connection:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
        is_json = "json" in (answer.headers.get("Content-Type") or "")
        return answer.status, loads(body) if is_json and body else body

    def run(self, run_id: str) -> dict[str, Any]:
        """A flow run as the server knows it."""
        status, found = self.get(f"/api/flow_runs/{run_id}")
        assert status == 200, (status, found)
        return dict(found)

    def flow_of(self, run: dict[str, Any]) -> str:
        """The name of a run's flow."""
        return str(self.get(f"/api/flows/{run['flow_id']}")[1]["name"])

    def steps_of(self, run: dict[str, Any]) -> list[str]:
        """The names of a run's recorded steps, without what makes them unique."""
        found = self.table("SELECT name FROM task_run WHERE flow_run_id = ?", run["id"])
        return sorted(name.rpartition("-")[0] for (name,) in found)

    def table(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What stands in the server's own database."""
        with closing(sqlite3.connect(f"file:{self.home / 'prefect.db'}?mode=ro", uri=True)) as database:
            return database.execute(statement, values).fetchall()


@pytest.fixture(scope="session")
def one_prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    """The session's server, running or not."""
    server = PrefectServer(tmp_path_factory.mktemp("prefect-server"))
    try:
        yield server
    finally:
        server.kill()


@pytest.fixture
def prefect_server(one_prefect_server: PrefectServer) -> PrefectServer:
    """The session's server, running."""
    one_prefect_server.start()
    return one_prefect_server
