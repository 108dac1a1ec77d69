"""The ledger of automatic work: one row for every run, in our own words, whether or not Prefect saw it.

Managers read it on the Runs page and with `sgo runs`; it holds opaque ids and counts only (reliability
E.2). What went wrong stands in full in `error_detail`, inside the case database, behind a reference.
"""

from __future__ import annotations

import secrets
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from casework.units import Office
from persistence.tables import ErrorDetail, Run, new_id

#: What an error says in full is kept this long (reliability E.2).
DETAIL_KEPT = timedelta(days=30)
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: read aloud without mistakes
_LONGEST_DETAIL = 20_000


class How(StrEnum):
    """By whom a run was carried out: through Prefect, or by the same plain functions without it."""

    PREFECT = "prefect"
    PLAIN = "plain"


class RunState(StrEnum):
    """How a run stands. `crashed`: its process went away in the middle; another run took over."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """One line of `sgo runs`."""

    id: str
    flow: str
    about: str | None
    follow_up_id: str | None
    business_date: date | None
    how: str
    prefect_run_id: str | None
    started_at: datetime
    finished_at: datetime | None
    state: str
    counts: Mapping[str, object]
    error_ref: str | None

    @property
    def seconds(self) -> float | None:
        """How long the run took; None while it runs."""
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None


def start(
    session: Session,
    *,
    flow: str,
    owner: str,
    how: How,
    now: datetime,
    follow_up_id: str | None = None,
    about: str | None = None,
    business_date: date | None = None,
    prefect_run_id: str | None = None,
) -> str:
    """Open a line in the ledger; answers its id. The line is seen once the caller's unit commits."""
    run_id = new_id()
    session.add(
        Run(
            id=run_id,
            flow=flow,
            about=about,
            follow_up_id=follow_up_id,
            business_date=business_date,
            how=how.value,
            prefect_run_id=prefect_run_id,
            owner=owner,
            started_at=now,
            finished_at=None,
            state=RunState.RUNNING.value,
            counts={},
            error_ref=None,
        )
    )
    return run_id


def finish(
    session: Session,
    run_id: str,
    *,
    now: datetime,
    counts: Mapping[str, int],
    state: RunState = RunState.COMPLETED,
    error_ref: str | None = None,
) -> None:
    """Close a line. One that is closed already stays as it is: a run that was taken over says so for ever."""
    session.execute(
        update(Run)
        .where(Run.id == run_id, Run.finished_at.is_(None))
        .values(finished_at=now, state=state.value, counts=dict(counts), error_ref=error_ref)
    )


def close_abandoned(session: Session, follow_up_id: str, *, now: datetime) -> int:
    """Close as `crashed` every open line of a follow-up whose runner is gone; answers how many."""
    abandoned = session.execute(
        update(Run)
        .where(Run.follow_up_id == follow_up_id, Run.finished_at.is_(None))
        .values(finished_at=now, state=RunState.CRASHED.value)
        .returning(Run.id)
    )
    return len(abandoned.all())


def runs(
    session: Session,
    *,
    limit: int = 50,
    since: datetime | None = None,
    flow: str | None = None,
    state: RunState | None = None,
) -> list[RunLine]:
    """The newest lines first, for `sgo runs`."""
    query = select(Run).order_by(Run.started_at.desc(), Run.id).limit(limit)
    if since is not None:
        query = query.where(Run.started_at >= since)
    if flow is not None:
        query = query.where(Run.flow == flow)
    if state is not None:
        query = query.where(Run.state == state.value)
    return [line_of(run) for run in session.scalars(query)]


def line_of(run: Run) -> RunLine:
    """A row of the ledger as it is read."""
    return RunLine(
        id=run.id,
        flow=run.flow,
        about=run.about,
        follow_up_id=run.follow_up_id,
        business_date=run.business_date,
        how=run.how,
        prefect_run_id=run.prefect_run_id,
        started_at=run.started_at,
        finished_at=run.finished_at,
        state=run.state,
        counts=run.counts,
        error_ref=run.error_ref,
    )


def error(office: Office, *, where: str, exc: BaseException, now: datetime) -> str:
    """Keep what went wrong in full inside the case database; answers a reference such as E-7F3K.

    Only the reference may leave: into logs, Prefect, mails and pages (reliability E.2). Written in a unit
    of its own, because the unit that failed is rolled back.
    """
    detail = "".join(traceback.format_exception(exc))[-_LONGEST_DETAIL:]
    with office.unit_of_work() as session:
        ref = _free_reference(session)
        session.add(ErrorDetail(ref=ref, at=now, where=where, detail=detail))
    return ref


def detail_of(session: Session, ref: str) -> str | None:
    """What stands behind a reference, for an administrator; None if there is none, or it has been purged."""
    found = session.get(ErrorDetail, ref)
    return found.detail if found else None


def forget_old_details(session: Session, *, now: datetime) -> int:
    """Purge what errors said in full more than 30 days ago (reliability E.2); answers how many."""
    gone = session.execute(delete(ErrorDetail).where(ErrorDetail.at < now - DETAIL_KEPT).returning(ErrorDetail.ref))
    return len(gone.all())


def _free_reference(session: Session) -> str:
    for length in (4, 4, 4, 6, 8):
        ref = "E-" + "".join(secrets.choice(_ALPHABET) for _ in range(length))
        if session.get(ErrorDetail, ref) is None:
            return ref
    raise RuntimeError("No free error reference was found.")
