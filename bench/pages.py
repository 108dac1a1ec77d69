"""The pages people keep open all day, over a county of many cases, while a bulk import writes (design 8).

`python -m bench pages --children N` builds the county (the fast way of `bench county`), serves the pages as production
does, in a process of their own on a real port, and asks for four of them as a Head of Service who sees every child:
my work, a child, the list, and the board. First with nobody else at work, then while another process writes units of
500 new cases one after the other. The yardstick, asked in between in the same run, is the sign-in page: everything
but the data.

To build a hundred thousand children takes longer than to ask: with `--home FOLDER` the county is built there and
stays, and the next run with the same folder only asks. (What the import wrote stays too: the figures say how many
children there are.) To look at its pages oneself: `SGO_HOME=FOLDER SGO_WEB_SIGN_IN_AS=true python -m web`.
`--database postgresql` asks the same of a PostgreSQL that goes with the run, so its county is built every time.

`python -m bench.pages write` is the writing process: it finds the county as every process does, by its environment.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bench.county import multiply
from bench.databases import Postgres
from bench.facts import machine, spread
from bench.installation import until
from casework.acting import acts
from casework.acting.commands import Actor, Command
from casework.settings import Settings
from casework.units import open_office, prepare_database
from demo.county import build_county
from demo.papers import paper
from demo.population import COUNTY
from demo.run import POLICY, policy_text
from persistence.tables import Case, Person
from states.calendar import london_date
from tests.prefect_server import a_free_port

SIZE, QUICK = 100_000, 2_000
ROUNDS, QUICK_ROUNDS = 200, 25
AT_ONCE = 500
LOOKS = "hana.hos"
GOALS = {"p95_ms": 50, "board_p95_ms": 200}


def run(
    *,
    quick: bool,
    children: int | None = None,
    home: Path | None = None,
    database: Sequence[str] = ("sqlite",),
) -> dict[str, Any]:
    """Build, serve, ask, and ask again while an import writes; the figures. A county in `home` is used as it is.

    Raises ValueError for a `home` that is to be kept with a PostgreSQL that is not.
    """
    if home is not None and tuple(database) != ("sqlite",):
        raise ValueError("a county is kept on SQLite only")
    wanted = children or (QUICK if quick else SIZE)
    figures: dict[str, Any] = {"goals": GOALS, "machine": machine(), "quick": quick}
    with tempfile.TemporaryDirectory(prefix="sgo-pages-") as folder:
        if "sqlite" in database:
            figures["sqlite"] = _measure(Settings(home=home or Path(folder) / "sqlite"), wanted, quick=quick)
        if "postgresql" in database:
            with Postgres.started() as postgres:
                settings = Settings(home=Path(folder) / "postgresql", database_url=postgres.fresh("bench_pages"))
                figures["machine"]["postgresql"] = postgres.version()
                figures["postgresql"] = _measure(settings, wanted, quick=quick)
    return figures


def _measure(settings: Settings, wanted: int, *, quick: bool) -> dict[str, Any]:
    rounds = QUICK_ROUNDS if quick else ROUNDS
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    began = time.monotonic()
    there = _build(settings, wanted, told=120 if wanted <= QUICK else COUNTY)
    built = time.monotonic() - began
    with _served(settings) as port:
        browser = _Browser(port)
        browser.sign_in(there.who)
        paths = {
            "my work": "/my-work",
            "child": f"/cases/{there.ref}",
            "list": "/children",
            "board": "/overview",
            "nothing but a page": "/sign-in",
        }
        alone = _ask(browser, paths, rounds)
        with _writing(settings) as written:
            busy = _ask(browser, paths, rounds)
            units = written()
    return {
        "pages": {"alone": alone, "while_an_import_writes": busy},
        "units_of_500_written_meanwhile": units,
        "children": there.children,
        "built_in_seconds": round(built, 1),
    }


def _environment(settings: Settings) -> dict[str, str]:
    """Where a process of its own finds the county."""
    return {**os.environ, "SGO_HOME": str(settings.home), "DATABASE_URL": settings.database_url or ""}


@dataclass(frozen=True, slots=True)
class _There:
    """A county to ask about: how many children, one of them, and the id of whoever looks."""

    children: int
    ref: str
    who: str


def _build(settings: Settings, wanted: int, *, told: int) -> _There:
    """The county, unless one is there."""
    prepare_database(settings)
    with open_office(settings, checkpoints=True) as office:
        how_many = select(func.count()).where(Case.child_case_id.is_(None))
        with office.reading() as session:
            there = session.scalars(how_many).one()
        if not there:
            build_county(office, policy_text(), policy_name=POLICY, now=datetime.now(UTC), children=min(told, wanted))
            multiply(office, wanted)
        office.database.take_stock()
        office.database.checkpoint()
        with office.reading() as session:
            return _There(
                children=session.scalars(how_many).one(),
                ref=session.scalars(
                    select(Case.ref).where(Case.state == "ASSESSMENT").order_by(Case.id).limit(1)
                ).one(),
                who=session.scalars(select(Person.id).where(Person.handle == LOOKS)).one(),
            )


@contextmanager
def _served(settings: Settings) -> Iterator[int]:
    port = a_free_port()
    said = (settings.home / "web.log").open("wb")
    given = {**_environment(settings), "SGO_WEB_PORT": str(port), "SGO_WEB_SIGN_IN_AS": "true"}
    process = subprocess.Popen([sys.executable, "-m", "web"], env=given, stdout=said, stderr=subprocess.STDOUT)
    try:
        until(lambda: answers(port), what="The pages answering", look=0.1)
        yield port
    finally:
        process.terminate()
        process.wait(30)
        said.close()


def answers(port: int) -> bool:
    """Whether the first page is there."""
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/sign-in")
        return connection.getresponse().status == 200
    except OSError:
        return False


class _Browser:
    """One browser that keeps its connection and its cookie."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._cookies: dict[str, str] = {}

    def sign_in(self, who: str) -> None:
        page = self._send("GET", "/sign-in")
        token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
        self._send("POST", "/sign-in", urllib.parse.urlencode({"csrf_token": token, "person": who}), status=302)

    def seconds(self, path: str) -> float:
        """How long a page takes, from the first byte asked to the last one read."""
        began = time.perf_counter()
        self._send("GET", path)
        return time.perf_counter() - began

    def _send(self, method: str, path: str, body: str | None = None, *, status: int = 200) -> str:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        words = answer.read().decode()
        if answer.status != status:
            raise AssertionError(f"{path} answered {answer.status}")
        for name, value in answer.getheaders():
            if name.casefold() == "set-cookie":
                cookie, _, content = value.partition(";")[0].partition("=")
                self._cookies[cookie] = content
        return words


def _ask(browser: _Browser, paths: dict[str, str], rounds: int) -> dict[str, dict[str, float]]:
    """Every page in turn, so that what else the machine does falls on all of them alike."""
    for path in paths.values():
        browser.seconds(path)
    taken: dict[str, list[float]] = {name: [] for name in paths}
    for _ in range(rounds):
        for name, path in paths.items():
            taken[name].append(browser.seconds(path))
    return {name: spread(seconds) for name, seconds in taken.items()}


@contextmanager
def _writing(settings: Settings) -> Iterator[Any]:
    """A process that writes one unit after the other, until the block ends; answers how many are done."""
    said = settings.home / "written.log"
    with said.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.pages", "write"], env=_environment(settings), stdout=log
        )
        try:
            until(lambda: said.stat().st_size, what="The import writing", look=0.1)
            yield lambda: len(said.read_bytes().splitlines())
        finally:
            process.terminate()
            process.wait(60)


def _write(settings: Settings) -> None:
    now = datetime.now(UTC)
    on = london_date(now)
    with open_office(settings) as office:
        with office.reading() as session:
            who = session.scalars(select(Person.id).where(Person.handle == LOOKS)).one()
        by = Actor(person_id=who, channel="bench")
        for unit in count():
            with office.unit_of_work() as session:
                for number in range(AT_ONCE):
                    command = Command(
                        trigger="open_case",
                        happened_on=on,
                        record=paper(
                            "open_case", on=on, council_id=f"W{int(now.timestamp())}-{unit}-{number}", team=None
                        ),
                        quiet=True,
                    )
                    acts.act(session, command, by=by, now=now)
                    if number == 0:
                        print(json.dumps({"unit": unit}), flush=True)


if __name__ == "__main__":
    _write(Settings.load(os.environ))
