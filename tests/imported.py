"""Files for tests of imports, taken in by somebody on a day, and what stands in the database after it."""


from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from casework.importing.import_findings import import_findings
from casework.importing.import_report import ImportReport
from casework.importing.imports import import_annex_a, import_ssda903
from persistence.tables import (
    Case,
    Child,
    Confirmation,
    Deadline,
    Event,
    FollowUp,
    ImportBatch,
    Outbox,
    Record,
)
from tests.returns import write_return
from tests.world import TEAM, World, noon

#: The day the files are taken in: a Tuesday after the collection year 2024/25 has ended.
TODAY = date(2025, 4, 8)
YEAR_END = date(2025, 3, 31)
SOUTH = "Children in Care South"
TABLES = (Case, Child, Event, Record, Deadline, FollowUp, Outbox, Confirmation, ImportBatch)

# child, start, reason, legal status, need, placement, provider, end, end reason, …
KIN = "K1,01/09/2024,S,C2,N1,U1,PR1,,,,,,"
FOSTERED = "F1,10/05/2024,P,C2,N1,U4,PR4,,,,,,"
AT_HOME = "H1,01/04/2024,L,C2,N1,P1,PR0,,,,,,"
SHORT_BREAKS = "B1,01/06/2024,S,V3,N2,U4,PR1,,,,,,"
LEFT = "L1,02/05/2024,S,C2,N1,U1,PR1,01/02/2025,E45,,,,"
EVERYBODY = (KIN, FOSTERED, AT_HOME, SHORT_BREAKS, LEFT)


class Files:
    """Returns and workbooks of a test, each in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._made = folder, 0

    def a_return(self, *episodes: str, **tables: Any) -> Path:
        """A return with these rows of episodes."""
        self._made += 1
        return write_return(self.folder / f"return-{self._made}", Episodes=list(episodes), **tables)


def take_in(world: World, path: Path, *, who: str = "dean.data", on: date = TODAY, **more: Any) -> ImportReport:
    """Take in a return."""
    return import_ssda903(world.office, [path], by=world.actor(who), now=noon(on), **more)


def everything(world: World) -> dict[str, int]:
    """How many rows each table has: what an import must leave alone when it changes nothing."""
    with world.office.reading() as session:
        return {t.__name__: session.scalar(select(func.count()).select_from(t)) or 0 for t in TABLES}


def children(world: World) -> dict[str, tuple[Case, Child]]:
    """Case and child by the council's id."""
    with world.office.reading() as session:
        rows = session.execute(select(Case, Child).join(Child, Child.case_id == Case.id))
        return {child.council_id: (case, child) for case, child in rows}


def first_ratings(world: World) -> dict[str, date | None]:
    """When each child's first rating is due."""
    with world.office.reading() as session:
        rows = session.execute(
            select(Child.council_id, Deadline.due_on)
            .join(Deadline, Deadline.case_id == Child.case_id)
            .where(Deadline.name == "first_rating", Deadline.closed_as.is_(None))
        )
        return dict(rows.all())


def events_of(world: World, council_id: str) -> list[str]:
    """What has happened to a child."""
    with world.office.reading() as session:
        return list(
            session.scalars(
                select(Event.trigger)
                .join(Child, Child.case_id == Event.case_id)
                .where(Child.council_id == council_id)
                .order_by(Event.seq)
            )
        )


def asked(world: World, who: str = "dean.data", on: date = TODAY) -> dict[str, tuple[str, ...]]:
    """What imports ask of people: the cases by what is asked."""
    with world.office.reading() as session:
        found = import_findings(session, by=world.ids[who], today=on)
        return {one.about: one.refs for one in found}


ON_LIST_8 = {
    "Child Unique ID": "77001",
    "Gender": "f) Female",
    "Date of Birth": date(2015, 6, 15),
    "Date Started to be Looked After": date(2021, 3, 9),
    "Start date of current legal status": date(2022, 1, 17),
    "Child's Legal Status": "C2: Full care order",
    "Date of Latest Statutory Review": date(2025, 2, 11),
    "What is the permanence plan for this child?": "c) SGO/CAO",
    "Start Date of Most Recent Placement": date(2021, 11, 2),
    "Placement Type": "a) U1: Foster placement - relatives - long term",
    "Placement Provider": "PR1",
    "Allocated Team": TEAM,
    "Allocated Worker": "Somebody Else",
}


def annex_a(world: World, path: Path, *, who: str = "dean.data", on: date = TODAY) -> ImportReport:
    """Take in a workbook."""
    return import_annex_a(world.office, path, by=world.actor(who), now=noon(on))
