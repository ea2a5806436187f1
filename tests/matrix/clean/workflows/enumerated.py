"""Steps with a number."""

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
class EnumeratedWorkflow:
    """Steps with a number."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        for number, watcher in enumerate(ticket.watchers, start=1):
            workflow.logger.info("%d of %d", number, len(ticket.watchers))
            ref = TicketRef(ticket_id=watcher)
            await workflow.execute_activity_method(TicketActivities.close_ticket, ref, **STEP)
        return TicketResult(ticket_id=ticket.ticket_id)
