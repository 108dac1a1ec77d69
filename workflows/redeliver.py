"""Messages whose next try is due: the flow that tries them again (reliability B.4).

Back-off is a date on the message's row, never a sleeping Prefect retry (design 2). The worker runs this as
soon as something is due; the scheduler runs it now and then as well, so that mail goes out without a worker.
"""

from __future__ import annotations

from prefect import flow
from prefect.runtime import flow_run

from casework.delivery import redelivery
from casework.following.ledger import How
from workflows import desk
from workflows.clock import utc_now


@flow(name=redelivery.FLOW, persist_result=False, retries=0, log_prints=False, validate_parameters=False)
async def redeliver(limit: int = redelivery.AT_ONCE) -> None:
    """Try every message that is due again, at most `limit`."""
    at = desk.here()
    run_id = flow_run.get_id()
    await at.do(
        "redeliver",
        lambda: redelivery.redeliver(
            at.office,
            owner=at.owner,
            now=utc_now(),
            how=How.PREFECT,
            limit=limit,
            prefect_run_id=run_id,
        ),
    )
