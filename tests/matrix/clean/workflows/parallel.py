"""Activities side by side."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from my_temporal_service.activities.ticket_activities import (
        TicketActivities,
    )
    from my_temporal_service.models.ticket_models import (
        TicketInput,
        TicketRef,
        TicketResult,
    )

STEP = workflow.ActivityConfig(
    start_to_close_timeout=timedelta(seconds=10),
    retry_policy=RetryPolicy(maximum_attempts=5),
)


@workflow.defn
class ParallelWorkflow:
    """Activities side by side."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        refs = [TicketRef(ticket_id=watcher) for watcher in ticket.watchers]
        answers = await asyncio.gather(
            *(
                workflow.execute_activity_method(TicketActivities.write_answer, ref, **STEP)
                for ref in refs
            )
        )
        return TicketResult(ticket_id=ticket.ticket_id, answers=len(answers))
