"""A large authority's yearly return taken in, beside the same rows written with nothing else done (design 8).

The return holds a child in each of six ways of being looked after, over and over, as CSV files. Taken in means: read,
every row held against the rules of the return, every child opened as a case with a chained event, a record and its
dates, all in one unit. The yardstick reads the same files with `csv.DictReader` and writes the very rows that the
import left behind with one `executemany` a table, in one transaction, to a database of the same kind and durability.
Both are SQLite on a disk. Memory is the highest the process ever held, imports included.

`python -m bench.importing import|rows HOME RETURN` is one measurement, in a process of its own.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select

from bench.databases import FILE, fresh_sqlite
from bench.facts import machine, peak_mb
from casework.acting.commands import Actor
from casework.importing.imports import import_ssda903
from casework.settings import Settings
from casework.straight import table_of
from casework.units import open_office
from demo.caseload import set_up
from demo.run import POLICY, policy_text
from persistence.tables import (
    Base,
    Case,
    Child,
    Deadline,
    Event,
    FollowUp,
    ImportBatch,
    Person,
    Record,
)
from tests.returns import write_return

SIZE, QUICK = 100_000, 1_000
GOALS = {"times_the_rows": 5.0, "seconds": 60.0, "peak_mb": 300.0}
WHO = "dean.data"
#: The day after the year's end on which the file is taken in.
NOW = datetime(2026, 4, 8, 9, tzinfo=UTC)
#: What an import writes, parents first.
WRITTEN: tuple[type[Base], ...] = (Case, Child, Event, Record, Deadline, FollowUp, ImportBatch)
#: A child's episodes, one way of being looked after each: with kin, fostered, placed and moved, at home, and left.
WAYS = (
    ("{},01/09/2024,S,C2,N1,U1,PR1,,,,,,",),
    ("{},10/05/2025,S,C2,N1,U4,PR4,,,,,,",),
    ("{},10/05/2025,S,C2,N1,U6,PR4,01/09/2025,X1,LAREQ,,,", "{},01/09/2025,P,C2,N1,U3,PR1,,,,,,"),
    ("{},01/04/2025,S,C2,N1,P1,PR0,,,,,,",),
    ("{},02/05/2025,S,V2,N1,U1,PR1,,,,,,",),
    ("{},02/05/2025,S,C2,N1,U1,PR1,01/02/2026,E45,,,,",),
)


def run(*, quick: bool, children: int | None = None) -> dict[str, Any]:
    """Write the return, take it in, and write the same rows by themselves."""
    wanted = children or (QUICK if quick else SIZE)
    with tempfile.TemporaryDirectory(prefix="sgo-import-") as folder:
        home, bare = Path(folder) / "home", Path(folder) / "bare"
        files = _return(Path(folder) / "return", wanted)
        with open_office(Settings(home=home, database_url=fresh_sqlite(home))) as office:
            set_up(office, policy_text(), policy_name=POLICY, today=date(2026, 4, 1))
        taken = _measure("import", home, files)
        _bare(home, bare)
        rows = _measure("rows", bare, files)
    return {
        "import": taken,
        "rows": rows,
        "times_the_rows": round(taken["seconds"] / rows["seconds"], 2),
        "children": wanted,
        "goals": GOALS,
        "machine": machine(),
        "quick": quick,
    }


def _return(folder: Path, children: int) -> Path:
    ids = [f"C{number:06d}" for number in range(children)]
    ways = [(one, WAYS[number % len(WAYS)]) for number, one in enumerate(ids)]
    return write_return(
        folder,
        Header=[f"{one},{1 + number % 2},15/06/{2012 + number % 10},WBRI,UN1,," for number, one in enumerate(ids)],
        Episodes=[episode.format(one) for one, way in ways for episode in way],
        Reviews=[f"{one},15/06/{2012 + number % 10},10/12/2025,PN1" for number, one in enumerate(ids)],
    )


def _measure(what: str, home: Path, files: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.importing", what, str(home), str(files)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _import(home: Path, files: Path) -> dict[str, Any]:
    with open_office(Settings(home=home, database_url=f"sqlite:///{home / FILE}")) as office:
        with office.reading() as session:
            who = session.scalars(select(Person.id).where(Person.handle == WHO)).one()
        began = time.perf_counter()
        report = import_ssda903(office, [files], by=Actor(person_id=who, channel="bench"), now=NOW)
        seconds = time.perf_counter() - began
        with office.reading() as session:
            kept = {
                table.__tablename__: session.scalar(select(func.count()).select_from(table)) for table in WRITTEN
            }
    if report.rejected or not report.created:
        raise AssertionError(f"{len(report.rejected)} rows were left out: this return is no measure.")
    return {"seconds": seconds, "opened": report.created, "rows": report.rows, "kept": kept}


def _bare(home: Path, bare: Path) -> None:
    """A database with everything but what the import wrote; that lies beside it, ready to be written again."""
    url = fresh_sqlite(bare)
    with (
        open_office(Settings(home=home, database_url=f"sqlite:///{home / FILE}")) as full,
        open_office(Settings(home=bare, database_url=url)) as empty,
        full.reading() as there,
        empty.unit_of_work() as here,
    ):
        for table in Base.metadata.sorted_tables:
            if table not in map(table_of, WRITTEN):
                rows = [dict(row) for row in there.connection().execute(select(table)).mappings()]
                if rows:
                    here.connection().execute(table.delete())
                    here.connection().execute(insert(table), rows)


def _rows(bare: Path, files: Path) -> dict[str, Any]:
    full = bare.parent / "home"
    with open_office(Settings(home=full, database_url=f"sqlite:///{full / FILE}")) as office, office.reading() as there:
        connection = there.connection()
        ready = {
            table.name: [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table.name}")]
            for table in map(table_of, WRITTEN)
        }
    with open_office(Settings(home=bare, database_url=f"sqlite:///{bare / FILE}")) as office:
        began = time.perf_counter()
        read = 0
        for path in sorted(files.iterdir()):
            with path.open(encoding="utf-8", newline="") as lines:
                read += sum(1 for _ in csv.DictReader(lines))
        with office.unit_of_work() as session:
            driver: Any = session.connection().connection.dbapi_connection
            for name, rows in ready.items():
                if rows:
                    places = ", ".join("?" * len(rows[0]))
                    driver.executemany(f"INSERT INTO {name} VALUES ({places})", rows)
        seconds = time.perf_counter() - began
    return {"seconds": seconds, "read": read, "written": sum(map(len, ready.values()))}


if __name__ == "__main__":
    _what, _home, _files = sys.argv[1:]
    _figures = (_import if _what == "import" else _rows)(Path(_home), Path(_files))
    print(json.dumps({**_figures, "seconds": round(_figures["seconds"], 3), "peak_mb": peak_mb()}))
