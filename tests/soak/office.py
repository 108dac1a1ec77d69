"""The county of the long proofs: the tests' own, with a second person for every post that two can fight over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from casework.settings import Settings
from casework.units import open_office
from casework.who.people import add_person, find_team, grant_role
from states.vocabulary import Role
from tests.world import LONG_AGO, START, TEAM, World, furnish, noon

SECOND_MANAGER, SECOND_CHAIR = "rue.tm", "wynn.chair"


def settings(url: str, home: Path) -> Settings:
    """The settings of an office on that database."""
    return Settings(home=home, database_url=url)


@contextmanager
def an_office(url: str, home: Path) -> Iterator[World]:
    """An open office on a migrated, empty database, furnished."""
    with open_office(settings(url, home)) as office:
        now = noon(START)
        world = furnish(office, now=now)
        with office.unit_of_work() as session:
            for handle, name, role, team in (
                (SECOND_MANAGER, "Rue Ambler", Role.TEAM_MANAGER, find_team(session, TEAM)),
                (SECOND_CHAIR, "Wynn Larch", Role.GROUP_CHAIR, None),
            ):
                person = add_person(session, handle=handle, name=name, email=f"{handle}@county.example", now=now)
                grant_role(session, person=person, role=role, from_on=LONG_AGO, now=now, team=team)
                world.ids[handle] = person.id
        yield world
