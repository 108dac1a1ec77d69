"""Furnished databases, ready made: each test has a clone of its own of what was built once in its process.

`world` is a small county with its policy and staff and no child yet; `room` an office for tests of messages. The
plain way (`tests.world.WAY`) is walked once per process and database, a stage at a time; what is reached at each
stage is kept and cloned: `child_at("ASSESSMENT")` answers an open world and the child's case.
"""

from __future__ import annotations

import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.engine import URL

from casework.acting.opening import open_many
from casework.reading.queries import list_cases
from casework.settings import Settings
from casework.units import Office, open_office
from demo.papers import paper
from persistence.tables import Person, new_id
from tests import mailroom
from tests.databases import CLONE, FILE, Dropping, _address, _run
from tests.mailroom import Mailroom
from tests.world import START, TEAM, WAY, World, furnish, noon

ChildAt = Callable[..., tuple[World, str]]
OpenRoom = Callable[..., Mailroom]
#: A county with policy and staff, without a child.
FURNISHED = "FURNISHED"


@dataclass
class Templates:
    """Databases by what was built in them. `copy` clones one, `address` opens a clone, `drop` takes it away."""

    empty: str
    copy: Callable[[str, str], None]
    drop: Callable[[str], None]
    address: Callable[[str], str]
    home: Path
    built: dict[str, tuple[str, Any]] = field(default_factory=dict)

    def clone(self, state: str) -> str:
        """The name of a fresh clone in which the child is in a state, or FURNISHED."""
        return self.clone_of(self.reached(state))

    def clone_of(self, template: str) -> str:
        """The name of a fresh clone of a template."""
        name = f"sgo_test_{uuid.uuid4().hex}"
        self.copy(template, name)
        return name

    def made(self, what: str, build: Callable[[str], Any], *, upon: str | None = None) -> tuple[str, Any]:
        """The template of a name, and what `build` answered when it built it at an address, the first time."""
        if what not in self.built:
            name = f"sgo_{what.lower()[:30]}_{uuid.uuid4().hex[:8]}"
            self.copy(upon or self.empty, name)
            self.built[what] = name, build(self.address(name))
        return self.built[what]

    @contextmanager
    def world(self, template: str, home: Path) -> Iterator[World]:
        """An open clone of a template that was furnished with policy and staff."""
        name = self.clone_of(template)
        with open_office(Settings(home=home, database_url=self.address(name))) as office:
            yield world_of(office)
        self.drop(name)

    def room(self) -> tuple[str, Mailroom]:
        """The template of an office for messages, and the ids of who and what is in it."""

        def build(address: str) -> Mailroom:
            with mailroom.a_mailroom(address, self.home) as furnished:
                return furnished

        return self.made("room", build)

    def reached(self, state: str) -> str:
        """The template in which the child is in a state; FURNISHED: there is no child."""
        states = [FURNISHED, "COHORT", *(reached for reached, _ in WAY)]
        before = self.reached(states[states.index(state) - 1]) if state != FURNISHED else None

        def build(address: str) -> None:
            with open_office(Settings(home=self.home, database_url=address)) as office:
                if state == FURNISHED:
                    furnish(office, now=noon(START))
                elif state == "COHORT":
                    world_of(office).open_child()
                else:
                    world = world_of(office)
                    dict(WAY)[state](world, the_child(world), START)

        return self.made(state, build, upon=before)[0]


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
def county(templates: Templates, tmp_path: Path) -> Iterator[World]:
    """A small county on both databases: policy and staff, no child yet."""
    with templates.world(templates.reached(FURNISHED), tmp_path / "home") as furnished:
        yield furnished


@pytest.fixture
def world(county: World) -> World:
    """The county, unless a module says what else there is in it."""
    return county


@pytest.fixture
def five_waiting(templates: Templates, tmp_path: Path) -> Iterator[World]:
    """The county with five children who joined on the Monday and wait for their first rating."""

    def build(address: str) -> None:
        records = [paper("open_case", on=START, council_id=f"N{number}", team=TEAM) for number in range(5)]
        with open_office(Settings(home=templates.home, database_url=address)) as office:
            by = world_of(office).actor("rowan.tm")
            with office.unit_of_work() as session:
                open_many(session, records, bulk_id=new_id(), by=by, now=noon(START))

    template, _ = templates.made("five", build, upon=templates.reached(FURNISHED))
    with templates.world(template, tmp_path / "home") as furnished:
        yield furnished


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


@pytest.fixture
def open_room(templates: Templates, tmp_path: Path) -> Iterator[OpenRoom]:
    """Opens an office for tests of messages, with these settings: `open_room(mail=MailSettings(…))`."""
    offices: dict[str, Office] = {}

    def opened(**settings: Any) -> Mailroom:
        template, furnished = templates.room()
        name = templates.clone_of(template)
        offices[name] = mailroom.an_office(templates.address(name), tmp_path, **settings)
        return replace(furnished, office=offices[name], clock=[mailroom.NOW])

    yield opened
    for name, office in offices.items():
        office.close()
        templates.drop(name)


@pytest.fixture
def room(open_room: OpenRoom) -> Mailroom:
    """An office for tests of messages: a policy, a few people, one child."""
    return open_room()


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
    _postgres_template: URL,
    postgres_server: URL,
    postgres_dropping: Dropping,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Templates]:
    names: set[str] = set()

    def copy(source: str, name: str) -> None:
        _run(postgres_server, CLONE, name, source)
        names.add(name)

    def drop(name: str) -> None:
        postgres_dropping.drop(name)
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
