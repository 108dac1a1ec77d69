"""Children at every state, ready made: a test takes a copy of the database in which one stands where it needs.

The plain way (`tests.world.WAY`) is walked once per process and database, a stage at a time; what is reached at
each stage is kept as a template and cloned. `child_at("ASSESSMENT")` answers an open world and the child's case.
"""

from __future__ import annotations

import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.engine import URL

from casework.reading.queries import list_cases
from casework.settings import Settings
from casework.units import Office, open_office
from persistence.tables import Person
from tests.databases import FILE, _address, _run
from tests.world import START, WAY, World, a_world

ChildAt = Callable[..., tuple[World, str]]


@dataclass
class Templates:
    """Databases by the state that their one child has reached. `copy` clones one, `address` opens a clone."""

    empty: str
    copy: Callable[[str, str], None]
    drop: Callable[[str], None]
    address: Callable[[str], str]
    home: Path
    built: dict[str, str] = field(default_factory=dict)

    def clone(self, state: str) -> str:
        """The name of a fresh clone in which the child is in a state."""
        name = f"sgo_test_{uuid.uuid4().hex}"
        self.copy(self._reached(state), name)
        return name

    def _reached(self, state: str) -> str:
        if state in self.built:
            return self.built[state]
        states = ["COHORT", *(reached for reached, _ in WAY)]
        before = states[states.index(state) - 1] if state != "COHORT" else None
        name = f"sgo_at_{state.lower()}_{uuid.uuid4().hex[:8]}"
        self.copy(self._reached(before) if before else self.empty, name)
        if before is None:
            with a_world(self.address(name), self.home) as world:
                world.open_child()
        else:
            with open_office(Settings(home=self.home, database_url=self.address(name))) as office:
                world = world_of(office)
                dict(WAY)[state](world, the_child(world), START)
        self.built[state] = name
        return name


def world_of(office: Office) -> World:
    """The world of an office that was furnished before."""
    with office.reading() as session:
        ids = dict(session.execute(select(Person.handle, Person.id)).all())
    return World(office, ids)


def the_child(world: World) -> str:
    """The reference of the one child of a template."""
    with world.office.reading() as session:
        lines = list_cases(session, by=world.ids["tam.sgo"], today=START, include_closed=True)
    return lines[0].ref


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def templates(request: pytest.FixtureRequest) -> Templates:
    """The templates of one kind of database; a test that asks for them runs on both."""
    found: Templates = request.getfixturevalue(f"_{request.param}_children")
    return found


@pytest.fixture
def child_at(templates: Templates, tmp_path: Path) -> Iterator[ChildAt]:
    """A world in which one child stands at a state: `world, ref = child_at("RATED")`."""
    offices: dict[str, Office] = {}

    def at(state: str) -> tuple[World, str]:
        name = templates.clone(state)
        home = tmp_path / f"home{len(offices)}"
        offices[name] = open_office(Settings(home=home, database_url=templates.address(name)))
        world = world_of(offices[name])
        return world, the_child(world)

    yield at
    for name, office in offices.items():
        office.close()
        templates.drop(name)


@pytest.fixture(scope="session")
def _sqlite_children(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    folder = tmp_path_factory.mktemp("children")

    def copy(source: str, name: str) -> None:
        there = _sqlite_template if source == "" else folder / source
        for database in there.glob("*.db"):  # what still stands in the log goes into the file
            with closing(sqlite3.connect(database)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copytree(there, folder / name)

    return Templates(
        empty="",
        copy=copy,
        drop=lambda name: shutil.rmtree(folder / name),
        address=lambda name: f"sqlite:///{folder / name / FILE}",
        home=tmp_path_factory.mktemp("home"),
    )


@pytest.fixture(scope="session")
def _postgres_children(
    _postgres_template: URL, postgres_server: URL, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Templates]:
    names: set[str] = set()

    def copy(source: str, name: str) -> None:
        _run(postgres_server, "CREATE DATABASE {} TEMPLATE {}", name, source)
        names.add(name)

    def drop(name: str) -> None:
        _run(postgres_server, "DROP DATABASE {} WITH (FORCE)", name)
        names.discard(name)

    yield Templates(
        empty=str(_postgres_template.database),
        copy=copy,
        drop=drop,
        address=lambda name: _address(postgres_server, name),
        home=tmp_path_factory.mktemp("home"),
    )
    for name in sorted(names):
        drop(name)
