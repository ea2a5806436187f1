"""A step that is started, and cancelled if it takes too long."""

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
class HandleWorkflow:
    """A step that is started, and cancelled if it takes too long."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        step = workflow.start_activity_method(
            TicketActivities.await_answer, TicketRef(ticket_id=ticket.ticket_id), **STEP
        )
        done, _ = await workflow.wait([step], timeout=60)
        if not done:
            step.cancel()
        return TicketResult(ticket_id=ticket.ticket_id)
