"""The transitions as Prefect flows: one named flow per trigger of the process table (design 2).

All share one body, because what follows an act is always the same three steps; the name and the tags tell
an operator what happened. A run takes the id of a follow-up and nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Coroutine
from functools import cache
from typing import Any

from prefect import Flow, flow, tags, task
from prefect.cache_policies import NO_CACHE
from prefect.context import TagsContext
from prefect.runtime import flow_run

from casework.following import follow_up
from casework.following.ledger import How
from workflows import desk
from workflows.clock import utc_now
from workflows.desk import SafeError

Counts = dict[str, int]
CaseFlow = Flow[[str], Coroutine[Any, Any, None]]

__all__ = ["flow_named", "follow_through", "tags", "tags_of"]


@task(name="deliver notices", persist_result=False, retries=0, cache_policy=NO_CACHE)
async def deliver_notices(follow_up_id: str) -> Counts:
    """Render and hand over each notice of the act."""
    return await _step("deliver notices", follow_up.deliver_notices, follow_up_id)


@task(name="check deadlines", persist_result=False, retries=0, cache_policy=NO_CACHE)
async def check_deadlines(follow_up_id: str) -> Counts:
    """Look at the deadlines of the act's own cases."""
    return await _step("check deadlines", follow_up.check_deadlines, follow_up_id)


@task(name="make documents", persist_result=False, retries=0, cache_policy=NO_CACHE)
async def make_documents(follow_up_id: str) -> Counts:
    """Make the letters the act's row names."""
    return await _step("make documents", follow_up.make_documents, follow_up_id)


@flow(name="case", persist_result=False, retries=0, log_prints=False, validate_parameters=False)
async def follow_through(follow_up_id: str) -> None:
    """Follow one act through. Run for a follow-up that is done or held elsewhere, it does nothing."""
    at = desk.here()
    run_id = await at.do(
        "begin",
        lambda: follow_up.begin(
            at.office,
            follow_up_id,
            owner=at.owner,
            how=How.PREFECT,
            now=utc_now(),
            prefect_run_id=flow_run.get_id(),
        ),
    )
    if run_id is None:
        return
    counts: Counter[str] = Counter()
    try:
        # The tags are the run's, not its steps': for a step with tags Prefect's server is asked, in the middle of the
        # run, whether they have a limit, and the run is lost if it is away just then.
        with TagsContext(current_tags=set()):
            for step in (deliver_notices, check_deadlines, make_documents):
                counts.update(await step(follow_up_id))
    except SafeError as error:
        ref = error.ref
        await at.do(
            "give up",
            lambda: follow_up.give_up(at.office, follow_up_id, run_id, error_ref=ref, now=utc_now()),
        )
        raise
    # Before Prefect is told: if it goes away now, the act is done all the same.
    await at.do(
        "finish",
        lambda: follow_up.finish(at.office, follow_up_id, run_id, counts=counts, now=utc_now()),
    )


@cache
def flow_named(name: str) -> CaseFlow:
    """The flow of that name, made when it is first needed: all at once they slowed every start.

    One that no table names any more still runs: no intention is lost.
    """
    return follow_through.with_options(name=name)


def tags_of(name: str, to_state: str | None) -> tuple[str, ...]:
    """What an operator can filter by: the process, and the state the act led to."""
    process, _, _ = name.partition(".")
    return (f"process:{process}", *((f"state:{to_state}",) if to_state else ()))


async def _step(name: str, step: follow_up.Step, follow_up_id: str) -> Counts:
    at = desk.here()
    return await at.do(name, lambda: step(at.office, follow_up_id, now=utc_now()))
