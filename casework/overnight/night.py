"""The night: every open case is looked at once for each business date, and it can be proved (design 5.10).

A *live* night is keyed by its date and there is one at a time: the row in `night` and a lease say so, and a run
that was killed is taken over and begun again, which changes nothing it had done. A date before the last live
night is only ever *replayed*: looked at as it stood, counted and put in the ledger as such; nothing is stored,
nobody is told. `run_due_nights` catches up what was missed, oldest first.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import policies
from casework.digest import building
from casework.drift.as_of import AsOf
from casework.errors import Unusable
from casework.following import leases, ledger
from casework.following.ledger import How
from casework.overnight import night_log
from casework.overnight.night_check import Check
from casework.overnight.night_report import NightReport
from casework.safety import seals
from casework.units import Office
from persistence.tables import Night, PolicyVersion
from states.calendar import Calendar, london_date

#: Cases looked at in one transaction: long enough to be quick, short enough that nobody waits for it.
CHUNK = 1_000


# -- which nights -----------------------------------------------------------------------------------------


def watermark(session: Session) -> date | None:
    """The date of the last live night; before the first, the day of the installation; None before that."""
    last = session.scalar(select(func.max(Night.business_date)).where(Night.status == night_log.DONE))
    if last is not None:
        return last
    adopted = session.scalar(select(func.min(PolicyVersion.adopted_at)))
    return None if adopted is None else london_date(adopted)


def nights_due(office: Office, now: datetime) -> list[date]:
    """The business dates to check, oldest first: those since the watermark whose hour has come in London.

    At most as many as the policy catches up; what lies further back can be replayed. None where a clock was
    set back.
    """
    with office.reading() as session:
        since = watermark(session)
        if since is None:
            return []
        today = london_date(now)
        night = policies.in_force(session, today).policy.night
    begins = datetime.combine(today, night.at.at, tzinfo=ZoneInfo(night.at.zone))
    last = today if now >= begins else today - timedelta(days=1)
    dates = [since + timedelta(days=n) for n in range(1, (last - since).days + 1)]
    return dates[-night.catch_up_nights :]


def run_due_nights(
    office: Office,
    *,
    now: datetime,
    how: How = How.PLAIN,
    prefect_run_id: str | None = None,
    chunk: int = CHUNK,
) -> list[NightReport]:
    """Check every night that is due, day by day in order (rules R-DRF-2), then build today's digests if need be.

    However many nights were missed there is one digest, today's (design 5.10). Raises what `run_night` raises;
    what was done stays done.
    """
    reports = [
        run_night(
            office,
            business_date=day,
            replay=False,
            now=now,
            chunk=chunk,
            how=how,
            prefect_run_id=prefect_run_id,
        )
        for day in nights_due(office, now)
    ]
    if not reports and digests_due(office, now):
        building.build(office, now=now, how=how, prefect_run_id=prefect_run_id)
    return reports


def digests_due(office: Office, now: datetime) -> bool:
    """Whether today's night is done and today's digests are not: whoever built them was stopped."""
    today = london_date(now)
    with office.reading() as session:
        return night_log.done(session, today) is not None and not building.is_built(session, today)


def run_night(
    office: Office,
    *,
    business_date: date,
    replay: bool,
    now: datetime,
    chunk: int = CHUNK,
    crash_case: str | None = None,
    how: How = How.PLAIN,
    prefect_run_id: str | None = None,
) -> NightReport:
    """Check every open case for a London date. A date before the watermark is a replay, whatever is asked.

    A date that was checked before is not checked again: its report comes back, with nothing new. `crash_case`
    is the reference of a case whose check is to fail, for drills. Raises Unusable for a date to come, Conflict
    while another process is at it, Busy.
    """
    if chunk < 1:
        raise Unusable("A chunk has at least one case.")
    if business_date > london_date(now):
        raise Unusable(f"The night of {business_date} is still to come.")
    with office.reading() as session:
        since = watermark(session)
        policy = policies.in_force(session, business_date)
    past = since is not None and business_date < since
    calendar = Calendar.of(policy.policy)
    as_of = AsOf(day=business_date, today=london_date(now), policy=policy.policy, calendar=calendar)
    check = Check(office, as_of, now=now, chunk=chunk, crash_case=crash_case)
    if replay or past:
        return _replayed(check, how, prefect_run_id)
    report = _live(check, policy.sha256, how, prefect_run_id)
    if business_date != london_date(now):
        return report  # a night that was missed: the digest comes with the last of them
    built = building.build(office, now=check.moment, how=how, prefect_run_id=prefect_run_id)
    return replace(report, digests=built.digests)


def _live(check: Check, policy_sha256: str, how: How, prefect_run_id: str | None) -> NightReport:
    """A night that counts: claimed, checked, sealed, and done."""
    office, day = check.office, check.as_of.day
    with office.reading() as session:
        before = night_log.done(session, day)
        head_is_missing = night_log.head_is_missing(session, day)
    if before is None:
        claim = night_log.claim(
            office,
            day,
            policy_sha256=policy_sha256,
            how=how,
            now=check.now,
            prefect_run_id=prefect_run_id,
        )
        if claim is not None:
            return _carried_out(check, claim)
        with office.reading() as session:
            before = night_log.done(session, day)
    if head_is_missing:
        seals.seal(office, day, check.now)
        office.in_one_unit(lambda session: night_log.head_is_there(session, day))
    assert before is not None
    return before


def _carried_out(check: Check, claim: night_log.Claim) -> NightReport:
    office, day = check.office, check.as_of.day
    check.claim = claim
    head_error: Unusable | None = None
    error_ref: str | None = None
    try:
        check.run()
        try:
            seals.seal(office, day, check.moment)
        except (
            Unusable
        ) as error:  # sealed, but the head could not leave the database: the check itself is done
            head_error = error
            error_ref = ledger.error(office, where="seal", exc=error, now=check.moment)
        report = check.report()
        whole = office.in_one_unit(
            lambda session: claim.finish(session, report, check.moment, error_ref=error_ref)
        )
    except night_log.Overtaken:
        raise  # the run that took over has closed this one's line
    except Exception as error:
        ref = ledger.error(office, where="night", exc=error, now=check.moment)
        night_log.failed(office, claim.run_id, error_ref=ref, moment=check.moment)
        raise
    finally:
        night_log.release(office, claim.owner)
    if head_error is not None:
        raise head_error
    return whole


def _replayed(check: Check, how: How, prefect_run_id: str | None) -> NightReport:
    """A look back: counted and put in the ledger as such; nothing else is written."""
    office, day = check.office, check.as_of.day
    owner = leases.owner_of_this_process(check.now)
    with office.unit_of_work() as session:
        run_id = ledger.start(
            session,
            flow=night_log.REPLAY,
            owner=owner,
            how=how,
            now=check.now,
            business_date=day,
            prefect_run_id=prefect_run_id,
        )
    try:
        check.run()
    except Exception as error:
        ref = ledger.error(office, where="night", exc=error, now=check.moment)
        night_log.failed(office, run_id, error_ref=ref, moment=check.moment)
        raise
    report = check.report()
    with office.unit_of_work() as session:
        ledger.finish(session, run_id, now=check.moment, counts=night_log.counts(report))
    return report
