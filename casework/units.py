"""The door every entry point comes in by: the settings, the database, and the units of work on it.

Pages, commands, flows and the demo open an `Office`; none of them knows the persistence layer. Only they
open units; an act takes the session and never commits (design 5.1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from casework.errors import Busy, CaseworkError
from casework.settings import Settings
from casework.who.access_log import AccessLog
from casework.who.sign_ins import SignIns
from persistence import damage
from persistence.engine import Database, DatabaseBusy, DatabaseError, database_url, retrying, sqlite_files
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
        return _in_our_words(self.database.writing(), self.database)

    def reading(self) -> AbstractContextManager[Session]:
        """A unit that reads one moment of the database and cannot write."""
        return _in_our_words(self.database.reading(), self.database)

    def in_one_unit(self, use_case: Callable[[Session], T]) -> T:
        """Run a whole use case in one writing unit, again from its start if the database was busy.

        Raises Busy when it never came through; nothing has then been done (reliability A.3 v). Raises NoDatabase,
        in words, for a database that cannot be used any more.
        """

        def once() -> T:
            with self.database.writing() as session:
                return use_case(session)

        try:
            return retrying(once)
        except DatabaseBusy as error:
            raise Busy(_BUSY) from error
        except (DatabaseError, DBAPIError) as error:
            if (words := said_of_database(error, self.database)) is None:
                raise
            raise NoDatabase(words) from error

    @property
    def access_log(self) -> AccessLog:
        """Where every look at a child's record is written down before it is shown."""
        return AccessLog(self.database)

    @property
    def sign_ins(self) -> SignIns:
        """Which browsers are whose."""
        return SignIns(self.database)

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
        case Standing.FOREIGN | Standing.LOST as found:
            raise NoDatabase(_NOT_OURS[found].format(file=_files(settings)[0], log=_files(settings)[-1]))
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
    """Create the database or bring it up to date (`sgo init`). Idempotent.

    Raises NoDatabase, in words: also where a database was and is no more, or a file of another program is there.
    """
    settings.prepare_home()
    found = _standing(settings)
    if found in _NOT_OURS:
        raise NoDatabase(_NOT_OURS[found].format(file=_files(settings)[0], log=_files(settings)[-1]))
    with _unusable_in_words(settings):
        migrate(settings.database_address, access_url=settings.access_url)


def said_of_database(error: BaseException, database: Database | None = None) -> str | None:
    """What can be said to a person of an error of the database itself; None for an error of another kind."""
    if isinstance(error, DatabaseError):
        return str(error)
    return damage.in_words(error, sqlite_files(database.url, database.access_url) if database else ())


_BUSY = "The database is busy with other work; nothing was changed. Please try again in a moment."
_UNREACHABLE = "The database cannot be reached. Is it running, and is its address in the settings right?"
_NOT_OURS = {
    Standing.FOREIGN: (
        "The file {file} is a database of another program: it is left alone. "
        "Name another home folder in SGO_HOME, or move the file away and run: sgo init"
    ),
    Standing.LOST: (
        "The case database {file} is missing or empty, although {log} shows that one was here. "
        "Restore the latest backup into a new home folder: SGO_HOME=FOLDER sgo restore BACKUP. "
        "Only to begin anew with no cases: move {log} away, then run: sgo init"
    ),
}


def _files(settings: Settings) -> tuple[Path, ...]:
    """SQLite's files; none on PostgreSQL."""
    access = settings.access_url
    return sqlite_files(database_url(settings.database_url), database_url(access) if access else None)


def _standing(settings: Settings) -> Standing:
    with _unusable_in_words(settings):
        return standing(settings.database_address, access_url=settings.access_url)


@contextmanager
def _unusable_in_words(settings: Settings) -> Iterator[None]:
    try:
        yield
    except DatabaseBusy as error:
        raise Busy(_BUSY) from error
    except DatabaseError as error:
        raise NoDatabase(str(error)) from error
    except DBAPIError as error:
        words = damage.in_words(error, _files(settings))
        if words is None and not isinstance(error, OperationalError):
            raise
        raise NoDatabase(words or _UNREACHABLE) from error


@contextmanager
def _in_our_words(unit: AbstractContextManager[Session], database: Database) -> Iterator[Session]:
    try:
        with unit as session:
            yield session
    except DatabaseBusy as error:
        raise Busy(_BUSY) from error
    except (DatabaseError, DBAPIError) as error:
        if (words := said_of_database(error, database)) is None:
            raise
        raise NoDatabase(words) from error
