"""A live night's hold on its date, and what it writes down about itself (reliability R13, R16).

The lease says who is at it now; the row in `night` says whether the date is done; the ledger tells people. A
runner asks in every chunk whether the night is still its own, in the chunk's own transaction: whoever was
taken for dead and was not finds out before it writes anything.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from casework.drift import findings, inherited
from casework.errors import CaseworkError, Conflict
from casework.following import leases, ledger
from casework.following.ledger import How, RunState
from casework.overnight.night_report import NightReport, NotChecked
from casework.units import Office
from persistence.tables import Case, Lease, Night, NightSkip, Run

RUNNING, DONE = "running", "done"
LEASE, FLOW, REPLAY = "overnight", "overnight", "overnight replay"


class Overtaken(CaseworkError):
    """Another process has taken the night over: this one must stop."""

    def __init__(self) -> None:
        super().__init__("Another process has taken the night over. Nothing of it is lost.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A live night that is ours."""

    business_date: date
    run_id: str
    owner: str

    def still_ours(self, session: Session, moment: datetime) -> None:
        """Keep the night for a while longer, in this unit. Raises Overtaken."""
        lease = session.scalars(select(Lease).where(Lease.name == LEASE).with_for_update()).one_or_none()
        if lease is None or lease.owner != self.owner:
            raise Overtaken
        lease.until, lease.beat_at = moment + leases.LASTS, moment

    def progress(self, session: Session, examined: int) -> None:
        """So many more cases were checked."""
        session.get_one(Night, self.business_date).examined += examined

    def skip(self, session: Session, case_id: int, error_ref: str, moment: datetime) -> None:
        """A case could not be checked, and why."""
        self.still_ours(session, moment)
        session.add(NightSkip(business_date=self.business_date, case_id=case_id, error_ref=error_ref))
        session.get_one(Night, self.business_date).skipped += 1

    def finish(
        self, session: Session, report: NightReport, moment: datetime, *, error_ref: str | None
    ) -> NightReport:
        """The date is done: the row, the watermark and the ledger move together."""
        self.still_ours(session, moment)
        findings.clear_closed(session, on=self.business_date)
        inherited.release(session, on=self.business_date)
        new, cleared = findings.counted(session, self.business_date)
        whole = replace(report, new=new, cleared=cleared)
        row = session.get_one(Night, self.business_date)
        row.status, row.finished_at, row.lease_until = DONE, moment, None
        row.expected, row.examined, row.skipped = whole.expected, whole.examined, whole.skipped
        row.summary = {
            "findings": dict(whole.findings),
            "cannot_tell": dict(whole.missing),
            "new": new,
            "cleared": cleared,
            "rungs": whole.rungs,
            "notices": whole.notices,
            "escalated": whole.escalated,
            "head_error": error_ref,
        }
        ledger.finish(session, self.run_id, now=moment, counts=counts(whole), error_ref=error_ref)
        ledger.forget_old_details(session, now=moment)
        return whole


def done(session: Session, business_date: date) -> NightReport | None:
    """The report of a date that is done, with nothing new; None where it is not."""
    row = session.get(Night, business_date)
    if row is None or row.status != DONE:
        return None
    skipped = session.execute(
        select(Case.ref, NightSkip.error_ref)
        .join(Case, Case.id == NightSkip.case_id)
        .where(NightSkip.business_date == business_date)
        .order_by(Case.id)
    )
    return NightReport(
        business_date=business_date,
        replay=False,
        expected=row.expected,
        examined=row.examined,
        skipped=row.skipped,
        findings=row.summary["findings"],
        missing=row.summary["cannot_tell"],
        before=True,
        not_checked=tuple(NotChecked(ref=ref, error_ref=error) for ref, error in skipped),
    )


def claim(
    office: Office,
    business_date: date,
    *,
    policy_sha256: str,
    how: How,
    now: datetime,
    prefect_run_id: str | None,
) -> Claim | None:
    """Take the night of a date, or take it over from a runner that is gone; None where it is done by now.

    Raises Conflict while another process is at this night or another.
    """
    owner = f"{leases.owner_of_this_process(now)}:{secrets.token_hex(4)}"
    if not leases.take(office, LEASE, owner=owner, now=now):
        raise Conflict(
            "Another process is checking a night at this moment. Please look again in a few minutes."
        )
    try:
        run_id = office.in_one_unit(
            lambda session: _begin(
                session,
                business_date,
                owner=owner,
                policy_sha256=policy_sha256,
                how=how,
                now=now,
                prefect_run_id=prefect_run_id,
            )
        )
    except BaseException:
        release(office, owner)
        raise
    if run_id is None:
        release(office, owner)
        return None
    return Claim(business_date=business_date, run_id=run_id, owner=owner)


def _begin(
    session: Session,
    business_date: date,
    *,
    owner: str,
    policy_sha256: str,
    how: How,
    now: datetime,
    prefect_run_id: str | None,
) -> str | None:
    there = session.get(Night, business_date, with_for_update=True)
    if there is not None and there.status == DONE:
        return None
    if there is not None:  # begun by a runner that went away: from the start again, which repeats nothing
        crashed = {"finished_at": now, "state": RunState.CRASHED.value}
        session.execute(update(Run).where(Run.id == there.run_id, Run.finished_at.is_(None)).values(crashed))
        session.execute(delete(NightSkip).where(NightSkip.business_date == business_date))
        session.delete(there)
        session.flush()
    run_id = ledger.start(
        session,
        flow=FLOW,
        owner=owner,
        how=how,
        now=now,
        business_date=business_date,
        prefect_run_id=prefect_run_id,
    )
    session.add(
        Night(
            business_date=business_date,
            run_id=run_id,
            status=RUNNING,
            owner=owner,
            lease_until=None,
            expected=0,
            examined=0,
            skipped=0,
            summary={},
            policy_sha256=policy_sha256,
            started_at=now,
            finished_at=None,
        )
    )
    return run_id


def failed(office: Office, run_id: str, *, error_ref: str, moment: datetime) -> None:
    """Close the line of a run that could not go on. The night stays to be done."""
    with office.unit_of_work() as session:
        ledger.finish(session, run_id, now=moment, counts={}, state=RunState.FAILED, error_ref=error_ref)


def release(office: Office, owner: str) -> None:
    """Let go of the nights, if they are still ours."""
    leases.release(office, LEASE, owner=owner)


def counts(report: NightReport) -> dict[str, int]:
    """A night's numbers for the ledger."""
    return {
        "expected": report.expected,
        "examined": report.examined,
        "skipped": report.skipped,
        "findings": sum(report.findings.values()),
        "new": report.new,
        "cleared": report.cleared,
        "escalated": report.escalated,
        "rungs": report.rungs,
        "notices": report.notices,
    }


def head_is_missing(session: Session, business_date: date) -> bool:
    """Whether the date was sealed but its head could not be written outside the database."""
    row = session.get(Night, business_date)
    return row is not None and row.status == DONE and row.summary.get("head_error") is not None


def head_is_there(session: Session, business_date: date) -> None:
    """The head has been written after all."""
    row = session.get_one(Night, business_date)
    row.summary = {**row.summary, "head_error": None}
