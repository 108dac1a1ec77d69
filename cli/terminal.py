"""Who is at the terminal, when, and in which installation: what every command begins with."""

from __future__ import annotations

import os
import pwd
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from cli import clock

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from casework.acting.commands import Actor, Command, Result
    from casework.settings import Settings
    from casework.units import Office

T = TypeVar("T")

CHANNEL = "command line"


class Unexpected(Exception):
    """Something nobody foresaw. It stands in full in the case database; only its reference is shown."""

    def __init__(self, words: str) -> None:
        self.words = words
        super().__init__(words)


class Interrupted(Exception):
    """Somebody stopped the command (Ctrl-C). The words say what became of it."""

    def __init__(self, words: str) -> None:
        self.words = words
        super().__init__(words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """An open installation at one instant."""

    office: Office
    now: datetime

    @property
    def today(self) -> date:
        """The London date."""
        from states.calendar import london_date

        return london_date(self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk(Terminal):
    """A terminal with somebody at it. Whatever touches a child goes through the three doors below."""

    actor: Actor

    @property
    def person_id(self) -> str:
        """Who it is."""
        return self.actor.person_id

    def read(self, ref: str | None, what: str, query: Callable[[Session], T]) -> T:
        """Read something of a child, or a list of children; written down before it is shown."""
        from casework import doing

        if ref is None:
            self._say_what_is_missing()
        return doing.read(self.office, ref, what, query, by=self.actor, now=self.now)

    def _say_what_is_missing(self) -> None:
        """Over every list for people: that last night or its digests are missing, should they be (design 5.12)."""
        from casework.following import health
        from cli.options import json_is_asked
        from cli.output import tell

        if not json_is_asked():
            with self.office.reading() as session:
                missing = health.reminder(session, self.now)
            if missing is not None:
                tell(f"NOTE: {missing}")

    def perform(self, command: Command) -> Result:
        """Do one act."""
        from casework import doing

        return doing.perform(self.office, command, by=self.actor, now=self.now)

    def perform_many(self, use_case: Callable[[Session], T], command: Command) -> T:
        """Do several acts in one unit, written down under one command."""
        from casework import doing

        return doing.perform_many(self.office, use_case, command, by=self.actor, now=self.now)

    def try_out(self, use_case: Callable[[Session], T]) -> T:
        """Do something, look at what came of it, and keep nothing: for previews."""
        from casework import doing

        return doing.rehearse(self.office, use_case)


def settings() -> Settings:
    """The settings of this installation. Raises SettingsRefused with everything that is wrong."""
    from casework.settings import Settings as Read

    return Read.load(os.environ)


@contextmanager
def an_office() -> Iterator[Terminal]:
    """The installation, for what touches no child.

    Raises NoDatabase; whatever nobody foresaw comes out as Unexpected, with a reference.
    """
    from casework.units import open_office

    with open_office(settings()) as office:
        here = Terminal(office=office, now=clock.now())
        with _kept_behind_a_reference(here):
            yield here


@contextmanager
def at_desk(person: str | None) -> Iterator[Desk]:
    """The installation with somebody at the terminal: `--as PERSON`, or SGO_PERSON.

    Raises Unusable when nobody is named, or the name is nobody's here.
    """
    from casework.acting.commands import Actor
    from casework.errors import Unusable
    from casework.who.people import find_person

    if not person:
        raise Unusable("Say who you are: --as PERSON, or set SGO_PERSON. See: sgo person list")
    with an_office() as here:
        with here.office.reading() as session:
            person_id = find_person(session, person).id
        actor = Actor(
            person_id=person_id,
            channel=CHANNEL,
            os_user=os_user(),
            signs_money=here.office.settings.cli_decisions,
        )
        yield Desk(office=here.office, now=here.now, actor=actor)


def os_user() -> str:
    """The operating system's name for who runs this: not what a variable of the environment says."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # an account without a name, as in some containers
        return str(os.getuid())


@contextmanager
def _kept_behind_a_reference(here: Terminal) -> Iterator[None]:
    """What goes wrong unforeseen is kept in full in the case database (reliability E.2)."""
    try:
        yield
    except Exception as error:
        if is_foreseen(error):
            raise
        from casework.following import ledger
        from casework.units import NoDatabase, said_of_database

        if (words := said_of_database(error, here.office.database)) is not None:
            raise NoDatabase(words) from error

        try:
            ref = ledger.error(here.office, where="command line", exc=error, now=here.now)
        except Exception:  # noqa: BLE001 - the database itself fails: only the kind of error is told
            raise Unexpected(in_our_words(error)) from None
        raise Unexpected(
            f"Something went wrong that should not have. Please give this reference to whoever runs the system: {ref}"
        ) from None


def is_foreseen(error: BaseException) -> bool:
    """Whether an error has words for people, or belongs to the command line itself."""
    import typer

    from casework.errors import CaseworkError
    from states.policy import PolicyRefused

    known = (
        CaseworkError,
        PolicyRefused,
        Unexpected,
        Interrupted,
        typer.TyperException,
        typer.Exit,
        typer.Abort,
        BrokenPipeError,
    )
    return isinstance(error, known)


def in_our_words(error: BaseException) -> str:
    """What can be said of an error without saying whose data it met: its kind, and the line of our code."""
    root = Path(__file__).parents[1]
    ours = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(root) and ".venv" not in frame.filename
    ]
    at = f" at {Path(ours[-1].filename).relative_to(root)}, line {ours[-1].lineno}" if ours else ""
    return f"Something went wrong that should not have: {type(error).__name__}{at}."
