"""What Prefect's server does by itself, created in code at its start (reliability 0.1.4, P4)."""

from __future__ import annotations

from datetime import timedelta

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

ZOMBIES = "Runs that no longer beat have crashed"
#: Three heartbeats may be missed.
SILENCE = timedelta(seconds=90)


def zombies() -> AutomationCore:
    """A run whose process was killed says `Running` for ever; this marks it `Crashed` (measured: 81 s).

    For the eyes of an operator only: our own leases decide who takes over (reliability R16).
    """
    ended = {f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Cancelled", "Crashed")}
    return AutomationCore(
        name=ZOMBIES,
        description="A killed process leaves its run in the state Running.",
        trigger=EventTrigger(
            after={"prefect.flow-run.heartbeat"},
            expect={"prefect.flow-run.heartbeat", *ended},
            match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=SILENCE,
        ),
        actions=[ChangeFlowRunState(state=StateType.CRASHED, message="No heartbeat: the process is gone.")],
    )


async def make_automations() -> None:
    """Create the automation, or bring the one that is there up to date; idempotent."""
    wanted = zombies()
    async with get_client() as client:
        found = await client.read_automations_by_name(ZOMBIES)
        if not found:
            await client.create_automation(wanted)
        for older in found:
            await client.update_automation(older.id, wanted)
