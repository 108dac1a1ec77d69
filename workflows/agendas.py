"""Invitations, agendas and supplements before the meetings to come, as a flow (practice PT-4, NT-03).

What goes out and when is `casework.meetings.agendas`'s; run twice it sends nothing twice, and `sgo meeting
send-out` does the same without Prefect.
"""

from __future__ import annotations

from prefect import flow
from prefect.runtime import flow_run

from casework.following.ledger import How
from casework.meetings import agendas as before_meetings
from workflows import desk
from workflows.clock import utc_now


@flow(name=before_meetings.FLOW, persist_result=False, retries=0, log_prints=False, validate_parameters=False)
async def agendas() -> None:
    """Send what is due before the meetings to come."""
    at = desk.here()
    run_id = flow_run.get_id()
    await at.do(
        before_meetings.FLOW,
        lambda: before_meetings.send_out(
            at.office, owner=at.owner, now=utc_now(), how=How.PREFECT, prefect_run_id=run_id
        ),
    )
