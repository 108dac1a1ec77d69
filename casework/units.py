"""The door every entry point comes in by: the settings, the database, and the units of work on it.

Pages, commands, flows and the demo open an `Office`; none of them knows the persistence layer. Only they
open units; an act takes the session and never commits (design 5.1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import TypeVar

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from casework.errors import Busy, CaseworkError
from casework.settings import Settings
from casework.who.access_log import AccessLog
from persistence.engine import Database, DatabaseBusy, DatabaseError, retrying
from persistence.schema import Standing, migrate, standing

T = TypeVar("T")


class NoDatabase(CaseworkError):
    """The database is missing, unreachable, or not of this version. The words say what to do."""


@dataclass(frozen=True, slots=True)
class Office:
    """An open installation. Use as a context manager, or `close()` it."""

    settings: Settings
    database: Database

    def unit_of_work(self) -> AbstractContextManager[Session]:
        """A writing unit: everything in it is kept together at its end, or nothing is. Raises Busy."""
        return _in_our_words(self.database.writing())

    def reading(self) -> AbstractContextManager[Session]:
        """A unit that reads one moment of the database and cannot write."""
        return _in_our_words(self.database.reading())

    def in_one_unit(self, use_case: Callable[[Session], T]) -> T:
        """Run a whole use case in one writing unit, again from its start if the database was busy.

        Raises Busy when it never came through; nothing has then been done (reliability A.3 v).
        """

        def once() -> T:
            with self.database.writing() as session:
                return use_case(session)

        try:
            return retrying(once)
        except DatabaseBusy as error:
            raise Busy(_BUSY) from error

    @property
    def access_log(self) -> AccessLog:
        """Where every look at a child's record is written down before it is shown."""
        return AccessLog(self.database)

    def close(self) -> None:
        """Close every connection."""
        self.database.dispose()

    def __enter__(self) -> Office:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_office(settings: Settings, *, checkpoints: bool = False) -> Office:
    """Open an existing installation. `checkpoints`: only the worker says so (design 5.2).

    Raises NoDatabase, in words, when there is no database, it cannot be reached, or it is of another version.
    """
    settings.prepare_home()
    address = settings.database_address
    match _standing(settings):
        case Standing.MISSING:
            raise NoDatabase("There is no database yet. Run: sgo init")
        case Standing.BEHIND:
            raise NoDatabase("The database is of an earlier version. Make a backup, then run: sgo init")
        case Standing.AHEAD:
            raise NoDatabase("The database was made by a newer version of the system: upgrade the programs.")
        case Standing.CURRENT:
            pass
    database = Database.open(
        address,
        access_url=settings.access_url,
        checkpoints=checkpoints,
        busy_seconds=settings.busy_seconds,
    )
    return Office(settings, database)


def prepare_database(settings: Settings) -> None:
    """Create the database or bring it up to date (`sgo init`). Idempotent. Raises NoDatabase."""
    settings.prepare_home()
    try:
        migrate(settings.database_address, access_url=settings.access_url)
    except DatabaseError as error:
        raise NoDatabase(str(error)) from error
    except OperationalError as error:
        raise NoDatabase(_UNREACHABLE) from error


_BUSY = "The database is busy with other work; nothing was changed. Please try again in a moment."
_UNREACHABLE = "The database cannot be reached. Is it running, and is its address in the settings right?"


def _standing(settings: Settings) -> Standing:
    try:
        return standing(settings.database_address, access_url=settings.access_url)
    except OperationalError as error:
        raise NoDatabase(_UNREACHABLE) from error


@contextmanager
def _in_our_words(unit: AbstractContextManager[Session]) -> Iterator[Session]:
    try:
        with unit as session:
            yield session
    except DatabaseBusy as error:
        raise Busy(_BUSY) from error
