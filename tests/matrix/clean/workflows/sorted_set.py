"""A set in a fixed order."""

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
class SortedSetWorkflow:
    """A set in a fixed order."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        for watcher in sorted(set(ticket.watchers)):
            ref = TicketRef(ticket_id=watcher)
            await workflow.execute_activity_method(TicketActivities.close_ticket, ref, **STEP)
        return TicketResult(ticket_id=ticket.ticket_id)
