"""What `make run`, `make demo` and `make record` do: for each domain, some workflows and their messages."""

import asyncio
from typing import Any

from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import WorkflowHandle


async def until_waiting(workflow: WorkflowHandle[Any, Any]) -> None:
    """Wait until a workflow does nothing but wait, for a timer or a message.

    A message that is sent then takes the same place in its history each time.
    """
    while True:
        description = (await workflow.describe()).raw_description
        if not description.pending_activities and not description.HasField("pending_workflow_task"):
            return
        await asyncio.sleep(0.05)


async def until_called(workflow: WorkflowHandle[Any, Any], step: str) -> None:
    """Wait until a workflow waits for the answer to a step, which should be a slow one."""
    called = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
    while True:
        for activity in (await workflow.describe()).raw_description.pending_activities:
            if (activity.activity_type.name, activity.state) == (step, called):
                return
        await asyncio.sleep(0.05)
