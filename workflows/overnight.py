"""The overnight check as a flow (design 5.10). What it does, and for which dates, is `casework.overnight.night`'s.

Running it twice for one date changes nothing, and `sgo overnight` runs the same without Prefect.
"""

from __future__ import annotations

from datetime import date

from prefect import flow
from prefect.runtime import flow_run

from casework.delivery import redelivery
from casework.following.ledger import How
from casework.overnight import night
from workflows import desk
from workflows.clock import utc_now
from workflows.desk import Desk


@flow(name="overnight", persist_result=False, retries=0, log_prints=False, validate_parameters=False)
async def overnight(business_date: str | None = None) -> None:
    """Check every open case for a business date (an ISO date), or every night that is due, and make the digests."""
    at = desk.here()
    run_id = flow_run.get_id()
    await at.do("overnight", lambda: _check(at, business_date, run_id))


def _check(at: Desk, business_date: str | None, run_id: str | None) -> None:
    now = utc_now()
    if business_date is None:  # those that were missed first, in order (reliability R13)
        night.run_due_nights(at.office, now=now, how=How.PREFECT, prefect_run_id=run_id)
    else:
        day = date.fromisoformat(business_date)
        night.run_night(at.office, business_date=day, replay=False, now=now, how=How.PREFECT, prefect_run_id=run_id)
    if redelivery.is_due(at.office, now=utc_now()):  # a night after the digests' time: they go at once
        redelivery.redeliver(at.office, owner=at.owner, now=utc_now(), how=How.PREFECT, prefect_run_id=run_id)
