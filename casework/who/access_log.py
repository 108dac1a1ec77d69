"""Who looked at which child: written before the answer goes out, or the answer is refused (R20).

The log is a chain of its own, on SQLite in a file of its own so that a page never waits for the writer
(design 5.4). It holds opaque ids and fixed words only, never what was read (reliability E.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Select, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from casework.errors import CaseworkError
from persistence.audit import access_hash, access_head
from persistence.engine import Database, DatabaseError, retrying
from persistence.tables import Access, TakenOut, new_id

#: Any fixed number: the chain of PostgreSQL's access log grows under this lock.
_CHAIN_LOCK = 7_405_902


class NotLogged(CaseworkError):
    """The access log cannot be written, and so nothing of a child's record may be shown."""

    def __init__(self) -> None:
        super().__init__(
            "This cannot be shown now, because who looks at a record could not be written down. "
            "Please try again, and tell whoever runs the system if it stays so."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One read, or an attempt that was denied or refused. `at` is an aware instant."""

    at: datetime
    person_id: str
    what: str  # read:case, act:rate, list:case
    outcome: str  # allowed | denied | refused
    channel: str
    case_ref: str | None = None
    on_behalf_of: str | None = None
    rules: tuple[str, ...] = ()
    os_user: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A list that left as a file, with what for where somebody had to say it."""

    at: datetime
    person_id: str
    what: str
    listed: int
    reason: str | None


class AccessLog:
    """The log of one installation."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(self, looks: Sequence[Look], *, taken_out: Taken | None = None) -> None:
        """Write down one answer's looks together, in one short transaction, before the answer goes out.

        `taken_out`: what they leave as, where they leave as a file. Raises NotLogged when they cannot be written: the
        caller must then show nothing (reliability R20).
        """
        if not looks:
            return
        try:
            retrying(lambda: self._append(looks, taken_out))
        except (SQLAlchemyError, DatabaseError) as error:
            raise NotLogged from error

    def who_looked(self, ref: str, *, since: datetime | None = None) -> list[Look]:
        """Every look at one child's record, oldest first: "who has seen my file" (reliability E.3.1)."""
        return self._looks(case_ref=ref, since=since)

    def looked_at_by(self, person_id: str, *, since: datetime | None = None) -> list[Look]:
        """Every look by one person, oldest first."""
        return self._looks(person_id=person_id, since=since)

    def of_kind(
        self, what: str, *, outcome: str | None = None, since: datetime, person_id: str | None = None
    ) -> list[Look]:
        """Every look whose words hold `what` (or any), of one outcome and person (or any), newest first."""
        query = select(Access).where(Access.at >= since, Access.what.contains(what, autoescape=True))
        if outcome is not None:
            query = query.where(Access.outcome == outcome)
        if person_id is not None:
            query = query.where(Access.person_id == person_id)
        return self._read(query.order_by(Access.seq.desc()))

    def last_asked(self, person_id: str, what: str, *, since: datetime, at_most: int) -> list[datetime]:
        """When somebody last asked for lists of a kind and was answered, the latest first; no more than so many."""
        query = select(Access.at).where(
            Access.person_id == person_id,
            Access.at > since,
            Access.case_ref.is_(None),
            Access.outcome == "allowed",
            Access.what.startswith(what, autoescape=True),
        )
        with self._database.reading_access() as session:
            return list(session.scalars(query.order_by(Access.at.desc()).limit(at_most)))

    def taken_out(self, *, since: datetime | None = None) -> list[Taken]:
        """Every list that left as a file since an instant, newest first (reliability C7)."""
        query = select(TakenOut).order_by(TakenOut.at.desc(), TakenOut.id)
        if since is not None:
            query = query.where(TakenOut.at >= since)
        with self._database.reading_access() as session:
            return [
                Taken(at=row.at, person_id=row.person_id, what=row.what, listed=row.listed, reason=row.reason)
                for row in session.scalars(query)
            ]

    def _append(self, looks: Sequence[Look], taken_out: Taken | None) -> None:
        with self._database.access() as session:
            if self._database.dialect == "postgresql":
                session.execute(select(func.pg_advisory_xact_lock(_CHAIN_LOCK)))
            head = access_head(session)
            seq, link = head.seq, head.hash
            rows = []
            for look in looks:
                seq += 1
                row = {
                    "seq": seq,
                    "at": look.at,
                    "person_id": look.person_id,
                    "on_behalf_of": look.on_behalf_of,
                    "case_ref": look.case_ref,
                    "what": look.what,
                    "outcome": look.outcome,
                    "rules": list(look.rules),
                    "channel": look.channel,
                    "os_user": look.os_user,
                    "previous_hash": link,
                }
                link = row["hash"] = access_hash(link, row)
                rows.append(row)
            session.execute(insert(Access), rows)
            if taken_out is not None:
                session.add(TakenOut(id=new_id(), **asdict(taken_out)))

    def _looks(self, *, since: datetime | None, **who: str) -> list[Look]:
        query = select(Access).filter_by(**who).order_by(Access.seq)
        if since is not None:
            query = query.where(Access.at >= since)
        return self._read(query)

    def _read(self, query: Select[Access]) -> list[Look]:
        with self._database.reading_access() as session:
            return [
                Look(
                    at=row.at,
                    person_id=row.person_id,
                    what=row.what,
                    outcome=row.outcome,
                    channel=row.channel,
                    case_ref=row.case_ref,
                    on_behalf_of=row.on_behalf_of,
                    rules=tuple(row.rules),
                    os_user=row.os_user,
                )
                for row in session.scalars(query)
            ]
