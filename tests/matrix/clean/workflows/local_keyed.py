"""A local activity with a key."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from my_temporal_service.activities.ticket_activities import (
        TicketActivities,
    )
    from my_temporal_service.models.ticket_models import (
        Keyed,
        TicketInput,
        TicketResult,
    )


@workflow.defn
class LocalKeyedWorkflow:
    """A local activity with a key."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        return await workflow.execute_local_activity_method(
            TicketActivities.store_ticket,
            Keyed(ticket_id=ticket.ticket_id, idempotency_key=f"{ticket.ticket_id}:store"),
            start_to_close_timeout=timedelta(seconds=1),
            retry_policy=RetryPolicy(maximum_attempts=3),
        )
