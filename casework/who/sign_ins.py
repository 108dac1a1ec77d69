"""Which browsers are whose, and how often somebody has tried to be somebody (reliability R23, C23, C25).

They lie beside the log of who looked, so that a page never waits for the writer of cases. A browser holds a random
token, we hold its hash. Nobody is ever locked out for good: who fails too often waits, at most a quarter of an hour.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from casework.errors import Busy, CaseworkError
from persistence.engine import Database, DatabaseBusy, DatabaseError, retrying
from persistence.tables import FailedSignIn, SignIn, new_id

T = TypeVar("T")
#: What a sign-in still waits for before it opens anything.
CODE, ENROLMENT = "code", "second factor"
_TOUCH = timedelta(minutes=1)  # a page asked for within it is not noted again
_KEPT, _COUNTED = timedelta(days=30), timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """One sign-in. `waits_for` is None once it opens pages; instants are aware UTC."""

    id: str
    person_id: str
    how: str
    waits_for: str | None
    began_at: datetime
    seen_at: datetime
    proved_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Pace:
    """So many failures in an hour are free; from then on one waits, twice as long each time up to `longest`."""

    free: int
    first: timedelta
    longest: timedelta

    def wait(self, failures: int) -> timedelta:
        """How long after the last failure the next attempt may come."""
        beyond = failures - self.free
        return timedelta(0) if beyond < 0 else min(self.first * 2 ** min(beyond, 20), self.longest)


#: From one address at one account; at one account from anywhere; from one address (a whole office may share it).
HERE = Pace(5, timedelta(seconds=30), timedelta(minutes=15))
ACCOUNT = Pace(20, timedelta(seconds=30), timedelta(minutes=5))
ADDRESS = Pace(60, timedelta(seconds=5), timedelta(minutes=1))


class CannotSignIn(CaseworkError):
    """Sign-ins cannot be kept now, and so nobody can sign in."""


class SignIns:
    """The sign-ins of one installation."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(
        self, person_id: str, *, how: str, address: str, now: datetime, waits_for: str | None = None
    ) -> str:
        """A browser becomes somebody's; answers the token for its cookie, which is kept nowhere else."""
        token = secrets.token_urlsafe(32)

        def write(session: Session) -> None:
            session.execute(delete(SignIn).where(SignIn.seen_at < now - _KEPT))
            session.add(
                SignIn(
                    id=hash_of(token),
                    person_id=person_id,
                    how=how,
                    waits_for=waits_for,
                    address=hash_of(address),
                    began_at=now,
                    seen_at=now,
                    proved_at=now,
                )
            )

        self._write(write)
        return token

    def find(self, token: str) -> Browser | None:
        """The sign-in of a token, ended or not."""
        with self._database.reading_access() as session:
            found = session.get(SignIn, hash_of(token))
            return _browser(found) if found is not None else None

    def seen(self, browser: Browser, *, now: datetime) -> None:
        """Note that a page was asked for; within a minute of the last one nothing is written."""
        if now - browser.seen_at >= _TOUCH:
            self._change(browser.id, seen_at=now)

    def prove(self, browser: Browser, *, now: datetime) -> None:
        """The person has shown again who they are."""
        self._change(browser.id, proved_at=now, seen_at=now)

    def end(self, browser_id: str, *, now: datetime) -> None:
        """Nobody is signed in with it any more. One that has ended stays as it is."""
        self._write(
            lambda session: session.execute(
                update(SignIn).where(SignIn.id == browser_id, SignIn.ended_at.is_(None)).values(ended_at=now)
            )
        )

    def end_all(self, person_id: str, *, now: datetime, but: str | None = None) -> None:
        """End every sign-in of a person, or all but one."""
        self._write(
            lambda session: session.execute(
                update(SignIn)
                .where(SignIn.person_id == person_id, SignIn.ended_at.is_(None), SignIn.id != (but or ""))
                .values(ended_at=now)
            )
        )

    def of(self, person_id: str) -> list[Browser]:
        """A person's sign-ins of the last thirty days, newest first."""
        query = select(SignIn).where(SignIn.person_id == person_id).order_by(SignIn.began_at.desc(), SignIn.id)
        with self._database.reading_access() as session:
            return [_browser(one) for one in session.scalars(query)]

    # -- failures -----------------------------------------------------------------------------------------

    def failed(self, account: str, *, address: str, now: datetime) -> None:
        """Note an attempt that failed, at an account that may or may not exist."""

        def write(session: Session) -> None:
            session.execute(delete(FailedSignIn).where(FailedSignIn.at < now - _KEPT))
            session.add(FailedSignIn(id=new_id(), at=now, account=_account(account), address=hash_of(address)))

        self._write(write)

    def wait(self, account: str, *, person_id: str | None, address: str, now: datetime) -> timedelta:
        """How long the next attempt has to wait; zero when it may come.

        Failures elsewhere do not hold up whoever has signed in from this address before: nobody can keep a
        colleague out by failing in their name.
        """
        here, of = FailedSignIn.address == hash_of(address), FailedSignIn.account == _account(account)
        with self._database.reading_access() as session:
            waits = [_left(session, HERE, now, of, here), _left(session, ADDRESS, now, here)]
            known = person_id is not None and session.scalar(
                select(SignIn.id)
                .where(SignIn.person_id == person_id, SignIn.address == hash_of(address), SignIn.waits_for.is_(None))
                .limit(1)
            )
            if not known:
                waits.append(_left(session, ACCOUNT, now, of))
        return max(waits)

    def forgive(self, account: str, *, address: str) -> None:
        """What failed from here at an account no longer counts: its owner has come in."""
        self._write(
            lambda session: session.execute(
                delete(FailedSignIn).where(
                    FailedSignIn.account == _account(account), FailedSignIn.address == hash_of(address)
                )
            )
        )

    def failures(self, account: str, *, since: datetime) -> int:
        """How many attempts at an account have failed since an instant, wherever they came from."""
        query = select(func.count()).select_from(FailedSignIn)
        with self._database.reading_access() as session:
            return session.scalar(query.where(FailedSignIn.account == _account(account), FailedSignIn.at > since)) or 0

    def _change(self, browser_id: str, **values: object) -> None:
        self._write(lambda session: session.execute(update(SignIn).where(SignIn.id == browser_id).values(**values)))

    def _write(self, change: Callable[[Session], object]) -> None:
        def once() -> None:
            with self._database.access() as session:
                change(session)

        try:
            retrying(once)
        except DatabaseBusy as error:
            raise Busy("The system is busy with other work. Please try again in a moment.") from error
        except (SQLAlchemyError, DatabaseError) as error:
            raise CannotSignIn(
                "Nobody can sign in now, because sign-ins cannot be written down. "
                "Please tell whoever runs the system."
            ) from error


def hash_of(secret: str) -> str:
    """What is kept of a random token or an address."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _account(typed: str) -> str:
    return hash_of(typed.strip().casefold())


def _left(session: Session, pace: Pace, now: datetime, *whose: object) -> timedelta:
    query = select(func.count(), func.max(FailedSignIn.at)).where(FailedSignIn.at > now - _COUNTED, *whose)  # type: ignore[arg-type]
    failures, last = session.execute(query).one()
    return timedelta(0) if not failures else max(timedelta(0), last + pace.wait(failures) - now)


def _browser(row: SignIn) -> Browser:
    return Browser(
        id=row.id,
        person_id=row.person_id,
        how=row.how,
        waits_for=row.waits_for,
        began_at=row.began_at,
        seen_at=row.seen_at,
        proved_at=row.proved_at,
        ended_at=row.ended_at,
    )
